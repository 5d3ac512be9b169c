/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-reason.h"

#include <glib/gi18n.h>

const char *
ms_resource_reason_explain (guint reason)
{
  static const char *const reasons[] = {
    NC_ ("not measured", "no sample has it"),
    NC_ ("not measured", "it was not read yet"),
    NC_ ("not measured", "this system does not have it"),
    NC_ ("not measured", "reading it is not permitted"),
    NC_ ("not measured", "it had ended before it was read"),
    NC_ ("not measured", "what was read makes no sense"),
    NC_ ("not measured", "there were too many open files to read it"),
    NC_ ("not measured", "it can only be seen from another namespace"),
    NC_ ("not measured", "its counter ran backwards"),
    NC_ ("not measured", "it could not be read"),
  };

  return reasons[reason < G_N_ELEMENTS (reasons) ? reason : G_N_ELEMENTS (reasons) - 1];
}

const char *
ms_resource_reason_of_field (MsResources *resources, guint source, guint field)
{
  return ms_resource_reason_explain (ms_resources_get_source (resources, source)->reasons[field]);
}

const char *
ms_resource_reason_of_kind (MsResources *resources, guint kind, guint field)
{
  guint source;

  if (resources == NULL)
    return MS_NO_SAMPLES;
  for (source = 0; source < ms_resources_get_n_sources (resources); source++)
    {
      const MsResourceSource *found = ms_resources_get_source (resources, source);

      if (found->kind == kind && found->reasons[field] != 0)
        return ms_resource_reason_explain (found->reasons[field]);
    }
  return ms_resource_reason_explain (0);
}
