/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope trim DIR -o OUT: a smaller trace to send to somebody; all of the work is ms_trace_trim()'s.
 */
#include <gio/gio.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-filter-options.h"
#include "ms-folder-options.h"
#include "ms-symbolizer.h"
#include "ms-terminal-text.h"
#include "ms-trim.h"

typedef struct {
  MsFolderOptions folder;
  MsFilterOptions filter;
  gboolean redact, force;
  char *out;
} Options;

static void
options_clear (Options *options)
{
  ms_folder_options_clear (&options->folder);
  ms_filter_options_clear (&options->filter);
  g_free (options->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->out, "the trace folder to write", "OUT" },
    { "range", 'r', 0, G_OPTION_ARG_STRING, &options->filter.range,
      "only this stretch of time: 1.5s..3s, 200ms.., ..12us, 1s..+50ms", "A..B" },
    { "thread", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->filter.threads,
      "only what this thread allocated: a name, with * and ?, or an id; may be repeated",
      "NAME|ID" },
    { "redact", 0, 0, G_OPTION_ARG_NONE, &options->redact,
      "replace paths, arguments and the machine's name; names of functions, source files and "
      "threads, and build-ids, stay",
      NULL },
    { "force", 0, 0, G_OPTION_ARG_NONE, &options->force, "replace a trace folder OUT", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "trim", "DIR", entries,
      "Writes a part of a recording as a trace of its own, which opens like any other: smaller, "
      "to send\nto somebody.",
      "Times stay those of the whole recording.  What lived when the part begins is in it as "
      "allocated\nright before, so that live bytes and peaks are right.  Names of functions are "
      "looked up now and\nput into it: whoever opens it needs neither the programs nor their debug "
      "files.");

  ms_folder_options_add (&options->folder, context);
  if (!ms_command_line_parse (context, argc, argv))
    return FALSE;
  if (options->out == NULL || *options->out == '\0')
    {
      ms_complain ("trim needs -o OUT, the folder to write");
      return FALSE;
    }
  return ms_filter_options_check (&options->filter);
}

/* "trimmed/: 1.2 MB, of 96 MB" is for people to know whether it can be sent. */
static void
say_result (const char *out, const MsTrimResult *result)
{
  g_autofree char *clean = ms_terminal_text_clean (out);
  g_autofree char *bytes = ms_format_bytes (result->n_bytes);
  g_autofree char *prior = ms_format_bytes (result->n_prior_bytes);

  g_print ("%s  %s", clean, bytes);
  if (result->n_prior_blocks > 0)
    g_print (", with %" G_GUINT64_FORMAT " block%s (%s) that lived at its beginning",
             result->n_prior_blocks, result->n_prior_blocks == 1 ? "" : "s", prior);
  g_print ("\n");
}

static int
trim (const Options *options, MsTrace *trace)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *ignored = NULL;
  g_autoptr (MsFilter) filter =
      ms_filter_options_apply (&options->filter, trace, NULL, &ignored, &error);
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new_for_user ();
  MsTrimOptions how = { .filter = filter,
                        .names = MS_NAME_RESOLVER (symbolizer),
                        .redact = options->redact,
                        .replace = options->force };
  MsTrimResult result;

  if (filter == NULL)
    {
      ms_complain ("%s", error->message);
      return MS_EXIT_USAGE;
    }
  if (!ms_trace_trim (trace, &how, options->out, &result, NULL, NULL, NULL, &error))
    {
      ms_complain ("%s%s", error->message,
                   g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS) && !options->force
                       ? "; --force replaces a trace folder"
                       : "");
      return MS_EXIT_FAILURE;
    }
  say_result (options->out, &result);
  return MS_EXIT_OK;
}

int
ms_command_trim (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (MsSelection) selection = NULL;
  g_autoptr (MsTrace) trace = NULL;
  const char *folder;
  MsTerminal terminal;
  int status;

  if (!parse (&options, &argc, &argv))
    return MS_EXIT_USAGE;
  folder = ms_folder_options_get (&options.folder, "trim", &terminal);
  if (folder == NULL)
    return MS_EXIT_USAGE;
  selection = ms_selection_open (folder, options.folder.process, &status);
  if (selection == NULL)
    return status;
  if (selection->is_all)
    {
      ms_complain ("trim writes one process: name it with --process PID");
      return MS_EXIT_USAGE;
    }
  trace = ms_selection_load (selection, 0);
  return trace != NULL ? trim (&options, trace) : MS_EXIT_FAILURE;
}
