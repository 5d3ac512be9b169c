/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* GOption does the parsing; this gives it our names, our statuses and our one line. */
#include "ms-command-line.h"

#include <stdio.h>
#include <string.h>

#include "ms-terminal-text.h"

/* Of the one command that a process runs: every option's name, and whether it takes a value.  GOption
 * drops the value of one that takes none, so `--threads=server` would be the list of all threads. */
static GHashTable *takes_value;

void
ms_complain (const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  text = ms_terminal_text_clean (message);
  g_printerr ("memscope: %s\n", text);
}

GOptionContext *
ms_command_line_new (const char *name,
                     const char *parameters,
                     const GOptionEntry *entries,
                     const char *summary,
                     const char *description)
{
  GOptionContext *context = g_option_context_new (parameters);
  g_autofree char *program = g_strconcat ("memscope ", name, NULL);

  g_set_prgname (program);
  if (entries != NULL)
    ms_command_line_add (context, entries);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  return context;
}

void
ms_command_line_add (GOptionContext *context, const GOptionEntry *entries)
{
  if (takes_value == NULL)
    takes_value = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_hash_table_insert (takes_value, g_strdup (entries[i].long_name),
                         GINT_TO_POINTER (entries[i].arg != G_OPTION_ARG_NONE));
  g_option_context_add_main_entries (context, entries, NULL);
}

/* "; did you mean --thread server?" for --threads=server. (transfer full) */
static char *
suggest (const char *name, const char *value)
{
  gsize length = strlen (name);
  g_autofree char *singular =
      length > 0 && name[length - 1] == 's' ? g_strndup (name, length - 1) : g_strdup ("");

  return GPOINTER_TO_INT (g_hash_table_lookup (takes_value, singular))
             ? g_strdup_printf ("; did you mean --%s %s?", singular, value)
             : g_strdup ("");
}

/* Behind "--" there are folders only. */
static gboolean
refuse_values (int argc, char *const *argv)
{
  for (int i = 1; i < argc && takes_value != NULL && !g_str_equal (argv[i], "--"); i++)
    {
      const char *equals = strchr (argv[i], '=');
      g_autofree char *name = equals != NULL && g_str_has_prefix (argv[i], "--")
                                  ? g_strndup (argv[i] + 2, (gsize) (equals - argv[i] - 2))
                                  : NULL;
      gpointer has_value = NULL;
      g_autofree char *suggestion = NULL;

      if (name == NULL || !g_hash_table_lookup_extended (takes_value, name, NULL, &has_value)
          || GPOINTER_TO_INT (has_value))
        continue;
      suggestion = suggest (name, equals + 1);
      ms_complain ("--%s takes no value%s (see %s --help)", name, suggestion, g_get_prgname ());
      return FALSE;
    }
  return TRUE;
}

gboolean
ms_command_line_parse (GOptionContext *context, int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  if (!refuse_values (*argc, *argv))
    return FALSE;
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  ms_complain ("%s (see %s --help)", error->message, g_get_prgname ());
  return FALSE;
}

const char *
ms_command_line_one_folder (const char *name, char **operands)
{
  if (operands == NULL || operands[0] == NULL)
    ms_complain ("%s needs a recording or a trace folder (see memscope %s --help)", name, name);
  else if (operands[1] != NULL)
    ms_complain ("%s takes one folder, and \"%s\" is one too many (see memscope %s --help)", name,
                 operands[1], name);
  else
    return operands[0];
  return NULL;
}
