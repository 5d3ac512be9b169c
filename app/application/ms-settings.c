/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-settings.h"

GSettings *
ms_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  GSettingsSchema *schema =
      source != NULL ? g_settings_schema_source_lookup (source, MS_APP_ID, TRUE) : NULL;

  if (schema == NULL)
    return NULL;

  GSettings *settings = g_settings_new_full (schema, NULL, NULL);
  g_settings_schema_unref (schema);
  return settings;
}
