/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-redaction.h"

GStrv
ms_redaction_dup_arguments (MsTrace *trace, gboolean redact)
{
  const char *const *arguments = ms_trace_get_arguments (trace);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; arguments != NULL && arguments[i] != NULL; i++)
    {
      g_autofree char *word = i == 0 ? g_strdup (MS_REDACTED_PROGRAM)
                                     : g_strdup_printf ("argument-%" G_GSIZE_FORMAT, i);

      g_strv_builder_add (builder, redact ? word : arguments[i]);
    }
  return g_strv_builder_end (builder);
}

static void
rename_all (GArray *devices, const char *kind)
{
  for (guint i = 0; i < devices->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%u", kind, i + 1);

      g_array_index (devices, MsDeviceUse, i).name = g_intern_string (name);
    }
}

void
ms_redaction_apply_to_devices (MsResourceJoin *join)
{
  rename_all (join->disks, "disk");
  rename_all (join->interfaces, "interface");
}

char *
ms_redaction_dup_sentence (const char *text)
{
  g_autoptr (GRegex) path =
      g_regex_new ("(?<![\\w.])~?/[^\\s\"'“”:,;()]+", G_REGEX_OPTIMIZE, 0, NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return g_regex_replace_literal (path, valid, -1, 0, "(path)", 0, NULL);
}
