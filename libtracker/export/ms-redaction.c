/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-redaction.h"

#include <string.h>

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

/* Paths that are known to be some, spaces and all. */
static void
take_out (GString *text, const char *path)
{
  if (path != NULL && strchr (path, '/') != NULL && strlen (path) > 1)
    g_string_replace (text, path, "(path)", 0);
}

char *
ms_redaction_dup_sentence (MsTrace *trace, const char *text)
{
  const char *const *arguments = ms_trace_get_arguments (trace);
  g_autoptr (GRegex) path =
      g_regex_new ("(?<![\\w.])~?/[^\\s\"'“”:,;()]+", G_REGEX_OPTIMIZE, 0, NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *recording = g_path_get_dirname (ms_trace_get_folder (trace));
  g_autoptr (GString) known = g_string_new (valid);

  take_out (known, ms_trace_get_folder (trace));
  take_out (known, recording);
  take_out (known, ms_trace_get_executable (trace));
  for (gsize i = 0; arguments != NULL && arguments[i] != NULL; i++)
    take_out (known, arguments[i]);
  for (guint i = 0; i < ms_trace_get_n_modules (trace); i++)
    take_out (known, ms_trace_get_module (trace, i)->path);
  return g_regex_replace_literal (path, known->str, -1, 0, "(path)", 0, NULL);
}
