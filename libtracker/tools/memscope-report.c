/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope report DIR: reads, asks the model, and prints for a person or (--json) for a program.
 */
#include <gio/gio.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-folder-options.h"
#include "ms-interrupt.h"
#include "ms-report-json.h"
#include "ms-report-text.h"
#include "ms-symbolizer.h"

#define DEFAULT_TOP 10
#define NOT_GIVEN G_MININT

typedef struct {
  gboolean is_json;
  gint top; /* NOT_GIVEN, or a number */
  MsFolderOptions folder;
} Options;

static void
options_clear (Options *options)
{
  ms_folder_options_clear (&options->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "json", 'j', 0, G_OPTION_ARG_NONE, &options->is_json, "print JSON, with every stack", NULL },
    { "top", 't', 0, G_OPTION_ARG_INT, &options->top,
      "only the N stacks with the highest peaks (10; with --json all)", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      ms_command_line_new ("report", "DIR", entries,
                           "Prints what a recorded program did with memory: totals, threads, and "
                           "the call\nstacks with the highest peaks.",
                           "DIR is a recording or the trace folder of one process in it.");

  ms_folder_options_add (&options->folder, context);
  if (!ms_command_line_parse (context, argc, argv))
    return FALSE;
  if (options->top < 0 && options->top != NOT_GIVEN)
    {
      ms_complain ("--top takes a number of stacks, not %d", options->top);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_json_process (MsJsonWriter *writer, MsSelection *selection, guint nth, guint top)
{
  const MsProcess *process = ms_selection_get_process (selection, nth);
  g_autoptr (MsSymbolizer) symbolizer = NULL;
  g_autoptr (MsTrace) trace = NULL;

  if (selection->is_all && process->not_followed != NULL)
    {
      ms_report_json_write_absent (writer, process);
      return TRUE;
    }
  trace = ms_selection_load (selection, nth);
  if (trace == NULL)
    {
      if (selection->is_all)
        ms_report_json_write_absent (writer, process);
      return FALSE;
    }
  symbolizer = ms_symbolizer_new_for_user ();
  ms_report_json_write (writer, trace, MS_NAME_RESOLVER (symbolizer),
                        selection->is_all ? process : NULL, top);
  return TRUE;
}

/* One process: its object.  All of them: {"processes": [object, …]}, where one that cannot be read is
 * in the list by its name alone. */
static int
report_json (MsSelection *selection, guint top)
{
  int status = MS_EXIT_OK;
  g_autoptr (GOutputStream) stream = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  MsJsonWriter *writer = ms_json_writer_new (stream, MS_JSON_PRETTY);
  g_autoptr (GError) error = NULL;

  if (selection->is_all)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_key (writer, "processes");
      ms_json_writer_begin_array (writer);
    }
  for (guint i = 0; i < selection->indices->len; i++)
    if (!write_json_process (writer, selection, i, top))
      status = MS_EXIT_FAILURE;
  if (status != MS_EXIT_OK && !selection->is_all)
    {
      ms_json_writer_free (writer);
      return status;
    }
  if (selection->is_all)
    {
      ms_json_writer_end_array (writer);
      ms_json_writer_end_object (writer);
    }
  if (!ms_json_writer_close (writer, NULL, &error))
    {
      ms_complain ("standard output cannot be written: %s", error->message);
      return MS_EXIT_FAILURE;
    }
  return status;
}

static gboolean
append_text_process (GString *out,
                     const MsTerminal *terminal,
                     MsSelection *selection,
                     guint nth,
                     guint top)
{
  const MsProcess *process = ms_selection_get_process (selection, nth);
  g_autoptr (MsSymbolizer) symbolizer = NULL;
  g_autoptr (MsTrace) trace = NULL;

  if (selection->is_all && process->not_followed != NULL)
    return TRUE; /* the list of processes says why */
  trace = ms_selection_load (selection, nth);
  if (trace == NULL)
    return FALSE;
  if (nth > 0)
    g_string_append_c (out, '\n');
  symbolizer = ms_symbolizer_new_for_user ();
  ms_report_text_trace (out, terminal, trace, MS_NAME_RESOLVER (symbolizer), top);
  ms_report_text_missing (out, terminal, symbolizer);
  return TRUE;
}

static int
report_text (MsSelection *selection, const MsTerminal *terminal, guint top)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean is_good = TRUE;

  if (ms_recording_get_n_processes (selection->recording) > 1)
    ms_report_text_processes (out, terminal, selection->recording,
                              selection->is_all ? G_MAXUINT
                                                : g_array_index (selection->indices, guint, 0),
                              FALSE);
  for (guint i = 0; i < selection->indices->len; i++)
    is_good = append_text_process (out, terminal, selection, i, top) && is_good;
  return ms_terminal_write (out) && is_good ? MS_EXIT_OK : MS_EXIT_FAILURE;
}

int
ms_command_report (int argc, char **argv)
{
  g_auto (Options) options = { .top = NOT_GIVEN };
  g_autoptr (MsSelection) selection = NULL;
  const char *folder;
  MsTerminal terminal;

  if (!parse (&options, &argc, &argv))
    return MS_EXIT_USAGE;
  folder = ms_folder_options_get (&options.folder, "report", &terminal);
  if (folder == NULL)
    return MS_EXIT_USAGE;
  ms_interrupt_begin ();
  selection = ms_selection_open (folder, options.folder.process);
  if (selection == NULL)
    return MS_EXIT_FAILURE;
  if (options.is_json)
    return ms_interrupt_status (
        report_json (selection, options.top < 0 ? G_MAXUINT : (guint) options.top));
  return ms_interrupt_status (
      report_text (selection, &terminal, options.top < 0 ? DEFAULT_TOP : (guint) options.top));
}
