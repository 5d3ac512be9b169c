/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* GOption does the parsing; this gives it our names, our statuses and our one line. */
#include "ms-command-line.h"

#include <stdio.h>

#include "ms-terminal-text.h"

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
    g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  return context;
}

gboolean
ms_command_line_parse (GOptionContext *context, int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

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
