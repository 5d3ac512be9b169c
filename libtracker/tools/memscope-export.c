/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope export DIR: the two JSON files and the dashboard of a process, and their paths on
 * standard output, one a line.
 */
#include <stdio.h>
#include <string.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-export.h"
#include "ms-filter-options.h"
#include "ms-interrupt.h"
#include "ms-selection.h"
#include "ms-symbolizer.h"
#include "ms-terminal-text.h"

typedef struct {
  char *prefix;
  char *output;
  char *process;
  char *format;
  char *language;
  MsExportFiles files;
  MsFilterOptions filter;
  gboolean redact, events;
  GStrv operands;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->prefix);
  g_free (options->output);
  g_free (options->process);
  g_free (options->format);
  g_free (options->language);
  ms_filter_options_clear (&options->filter);
  g_strfreev (options->operands);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
      "where the files go, made if it is not there; without it, the current folder", "OUT" },
    { "prefix", 0, 0, G_OPTION_ARG_FILENAME, &options->prefix,
      "what their names begin with; without it, the program's name", "P" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &options->format,
      "some of html, json, csv, collapsed, speedscope, pprof, perfetto, massif; without it, "
      "html,json",
      "F,…" },
    { "process", 'p', 0, G_OPTION_ARG_STRING, &options->process, MS_SELECTION_OPTION_HELP,
      "PID|NAME|all" },
    { "language", 0, 0, G_OPTION_ARG_STRING, &options->language,
      "of the page, as in \"de\" or \"zh_CN\"; without it, yours, or else English", "L" },
    { "events", 0, 0, G_OPTION_ARG_NONE, &options->events,
      "also every event, one a line: P_events.jsonl", NULL },
    { "redact", 0, 0, G_OPTION_ARG_NONE, &options->redact,
      "without paths, arguments and names of the machine, to send it to somebody", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->operands, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      ms_command_line_new ("export", "DIR", entries,
                           "Writes a process's analysis for people and programs without Memscope:\n"
                           "  P_comprehensive.json      everything, by thread and by stack\n"
                           "  P_resource_rankings.json  the threads in order of each resource\n"
                           "  P_dashboard.html          one page that needs no network\n"
                           "or, with --format, files for other tools; docs/EXPORTS.md has them.",
                           "DIR is a recording or the trace folder of one process in it.  The "
                           "paths of the files\nare printed.");

  ms_filter_options_add_words (&options->filter, context);
  return ms_command_line_parse (context, argc, argv) && ms_filter_options_check (&options->filter);
}

/* FALSE after complaining of a format that there is none of. */
static gboolean
parse_format (Options *options)
{
  g_auto (GStrv) names = NULL;

  options->files = MS_EXPORT_DEFAULT;
  if (options->format == NULL)
    return TRUE;
  options->files = 0;
  names = g_strsplit (options->format, ",", -1);
  for (char **name = names; *name != NULL; name++)
    {
      MsExportFiles files = ms_export_files_from_name (g_strstrip (*name));

      if (files == 0)
        {
          ms_complain ("there is no format \"%s\"; there are %s", *name,
                       ms_export_files_get_names ());
          return FALSE;
        }
      options->files |= files;
    }
  return TRUE;
}

/* FALSE after complaining of a language that the page is not in. */
static gboolean
check_language (Options *options)
{
  g_auto (GStrv) languages = ms_export_dup_languages ();
  g_autofree char *list = g_strjoinv (", ", languages);

  if (options->language == NULL
      || g_strv_contains ((const char *const *) languages, options->language))
    return TRUE;
  ms_complain ("the page is not there in \"%s\"; it is in %s", options->language, list);
  return FALSE;
}

/* How many processes before the @nth have its pid: each image that a process became by exec is one. */
static guint
count_same_pid (MsSelection *selection, guint nth)
{
  gint pid = ms_selection_get_process (selection, nth)->pid;
  guint n = 0;

  for (guint i = 0; i < nth; i++)
    n += ms_selection_get_process (selection, i)->pid == pid;
  return n;
}

/* A program's name, as the name of a file that can be typed. (transfer full) */
static char *
dup_file_name (const char *program)
{
  GString *name = g_string_new (NULL);

  for (const char *p = program; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (name, c == '/' || !g_unichar_isprint (c) ? '_' : c);
    }
  return g_string_free (name, FALSE);
}

/* With several processes their pid tells the files apart, and a number those of one pid. */
static char *
dup_prefix (const Options *options, MsSelection *selection, guint nth, MsTrace *trace)
{
  g_autofree char *name = NULL;
  g_autofree char *number = NULL;
  guint n_before;

  if (!selection->is_all)
    return g_strdup (options->prefix);
  name = dup_file_name (ms_trace_get_program (trace));
  n_before = count_same_pid (selection, nth);
  number = n_before > 0 ? g_strdup_printf ("-%u", n_before + 1) : g_strdup ("");
  return g_strdup_printf ("%s-%d%s", options->prefix != NULL ? options->prefix : name,
                          ms_selection_get_process (selection, nth)->pid, number);
}

/* What the options choose, into @wish, with the words for it in @part.  FALSE with one line. */
static gboolean
choose_part (const Options *options,
             MsTrace *trace,
             MsExportOptions *wish,
             char **part,
             GError **error)
{
  g_autoptr (MsFrameNames) names = NULL;

  if (ms_filter_options_is_empty (&options->filter))
    return TRUE;
  if (ms_filter_options_has_names (&options->filter))
    {
      names = ms_frame_names_new (trace, wish->resolver, ms_interrupt_get_cancellable (), error);
      if (names == NULL)
        return FALSE;
    }
  wish->filter = ms_filter_options_apply (&options->filter, trace, names, part, error);
  wish->part = *part;
  return wish->filter != NULL;
}

static gboolean
export_process (const Options *options, MsSelection *selection, guint nth)
{
  /* With the history: the ages of blocks tell a leak from what is at hand as the program ends. */
  g_autoptr (MsTrace) trace = ms_selection_load_full (selection, nth, MS_LOAD_HISTORY);
  g_autoptr (MsSymbolizer) symbolizer = NULL;
  g_autoptr (GPtrArray) written = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *part = NULL;
  MsExportOptions export_options;
  gboolean is_good;

  if (trace == NULL)
    return FALSE;
  symbolizer = ms_symbolizer_new_for_user ();
  prefix = dup_prefix (options, selection, nth, trace);
  ms_export_options_init (&export_options);
  export_options.output_folder = options->output;
  export_options.prefix = prefix;
  export_options.files = options->files | (options->events ? MS_EXPORT_EVENTS : 0);
  export_options.resolver = MS_NAME_RESOLVER (symbolizer);
  export_options.redact = options->redact;
  export_options.language = options->language;
  is_good = choose_part (options, trace, &export_options, &part, &error)
            && ms_export_trace (trace, &export_options, NULL, &written, &error);
  g_clear_pointer (&export_options.filter, ms_filter_unref);
  for (guint i = 0; written != NULL && i < written->len; i++)
    {
      g_autofree char *shown = ms_terminal_text_clean (g_ptr_array_index (written, i));

      g_print ("%s\n", shown);
    }
  if (!is_good)
    ms_complain ("%s", error->message);
  return is_good;
}

int
ms_command_export (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (MsSelection) selection = NULL;
  gboolean is_good = TRUE;
  const char *folder;
  int status;

  if (!parse (&options, &argc, &argv) || !parse_format (&options) || !check_language (&options))
    return MS_EXIT_USAGE;
  folder = ms_command_line_one_folder ("export", options.operands);
  if (folder == NULL)
    return MS_EXIT_USAGE;
  if (options.prefix != NULL && (options.prefix[0] == '\0' || strchr (options.prefix, '/') != NULL))
    {
      ms_complain ("--prefix is the beginning of a file name, not \"%s\"; the folder is --output",
                   options.prefix);
      return MS_EXIT_USAGE;
    }
  selection = ms_selection_open (folder, options.process, &status);
  if (selection == NULL)
    return status;
  for (guint i = 0; i < selection->indices->len; i++)
    if (!selection->is_all || ms_selection_get_process (selection, i)->not_followed == NULL)
      is_good = export_process (&options, selection, i) && is_good;
  if (fflush (stdout) != 0 || ferror (stdout))
    {
      ms_complain ("standard output cannot be written; the files are complete");
      is_good = FALSE;
    }
  return is_good ? MS_EXIT_OK : MS_EXIT_FAILURE;
}
