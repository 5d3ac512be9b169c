/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-figures.h"

#include <glib/gi18n.h>

#include "ms-resource-reason.h"

#define NOT_THEN NC_ ("not measured", "no sample is of this stretch of time")

MsFigureSource
ms_figure_source_find (MsResources *resources, MsResourceTally *tally, guint kind, guint64 id)
{
  MsFigureSource self = { resources, tally, kind, MS_RESOURCE_ALL };

  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);

      if (source->kind != kind || source->n_samples == 0 || (id != G_MAXUINT64 && source->id != id))
        continue;
      self.source = i;
      break;
    }
  return self;
}

gboolean
ms_figure_source_is_there (const MsFigureSource *self)
{
  return self->source != MS_RESOURCE_ALL;
}

static MsMeasured
absent (const MsFigureSource *self, guint field)
{
  if (!ms_figure_source_is_there (self))
    return ms_not_measured (ms_resource_reason_of_kind (self->resources, self->kind, field));
  if (ms_resources_get_figure (self->resources, self->source, field) == NULL)
    return ms_not_measured (ms_resource_reason_of_field (self->resources, self->source, field));
  return ms_not_measured (NOT_THEN);
}

/* NULL unless there is growth. */
static const MsFieldTally *
get_counter (const MsFigureSource *self, guint field)
{
  const MsFieldTally *tally = ms_figure_source_is_there (self)
                                  ? ms_resource_tally_get (self->tally, self->source, field)
                                  : NULL;

  return tally != NULL && tally->covered_ns > 0 ? tally : NULL;
}

MsMeasured
ms_figure_source_growth (const MsFigureSource *self, guint field)
{
  const MsFieldTally *tally = get_counter (self, field);

  return tally != NULL ? ms_measured (tally->growth) : absent (self, field);
}

MsMeasured
ms_figure_source_rate (const MsFigureSource *self, guint field)
{
  const MsFieldTally *tally = get_counter (self, field);

  return tally != NULL ? ms_measured (tally->growth * 1e9 / (double) tally->covered_ns)
                       : absent (self, field);
}

MsMeasured
ms_figure_source_share (const MsFigureSource *self, guint field)
{
  MsMeasured rate = ms_figure_source_rate (self, field);

  rate.value *= 1e-7;
  return rate;
}

MsMeasured
ms_figure_source_level (const MsFigureSource *self, guint field, MsLevelKind kind)
{
  const MsFieldTally *tally = ms_figure_source_is_there (self)
                                  ? ms_resource_tally_get (self->tally, self->source, field)
                                  : NULL;

  if (tally == NULL || tally->n_readings == 0)
    return absent (self, field);
  switch (kind)
    {
    case MS_LEVEL_LEAST:
      return ms_measured (tally->least);
    case MS_LEVEL_MEAN:
      return ms_measured (tally->mean);
    case MS_LEVEL_LAST:
      return ms_measured (tally->last);
    case MS_LEVEL_GREATEST:
    default:
      return ms_measured (tally->greatest);
    }
}

static double
sum_growth (const MsFigureSource *self, guint32 fields)
{
  double sum = 0;

  for (; fields; fields &= fields - 1)
    {
      const MsFieldTally *tally = get_counter (self, (guint) __builtin_ctz (fields));

      sum += tally != NULL ? tally->growth : 0;
    }
  return sum;
}

MsMeasured
ms_figure_source_percent (const MsFigureSource *self, guint32 parts, guint32 rest)
{
  double part = sum_growth (self, parts), whole = part + sum_growth (self, rest);

  if (whole > 0)
    return ms_measured (100 * part / whole);
  return absent (self, (guint) __builtin_ctz (parts));
}

MsMeasured
ms_measured_sum (MsMeasured a, MsMeasured b)
{
  if (!a.known || !b.known)
    return b.known ? b : a;
  return ms_measured (a.value + b.value);
}

MsMeasured
ms_measured_greater (MsMeasured a, MsMeasured b)
{
  if (!a.known || !b.known)
    return b.known ? b : a;
  return a.value >= b.value ? a : b;
}
