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
#include "ms-report-sections.h"
#include "ms-report-text.h"

#define DEFAULT_TOP 10
#define NOT_GIVEN G_MININT

typedef struct {
  gboolean is_json;
  gint top; /* NOT_GIVEN, or a number */
  gboolean wants[MS_N_REPORT_SECTIONS];
  guint sections; /* a bit for each of those */
  MsFolderOptions folder;
} Options;

static void
options_clear (Options *options)
{
  ms_folder_options_clear (&options->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_sections (Options *options, GOptionContext *context)
{
  GOptionEntry entries[MS_N_REPORT_SECTIONS + 1] = { 0 };

  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    entries[i] = (GOptionEntry) { .long_name = ms_report_sections[i].name,
                                  .arg = G_OPTION_ARG_NONE,
                                  .arg_data = &options->wants[i],
                                  .description = ms_report_sections[i].help };
  g_option_context_add_main_entries (context, entries, NULL);
}

static gboolean
parse (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "top", 't', 0, G_OPTION_ARG_INT, &options->top,
      "only the N highest of each list (10 stacks; with --json all)", "N" },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &options->is_json, "print JSON", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      ms_command_line_new ("report", "DIR", NULL,
                           "Prints what a recorded program did with memory: totals, threads, and "
                           "the call\nstacks with the highest peaks; or only the sections that "
                           "are asked for.",
                           "DIR is a recording or the trace folder of one process in it.");

  add_sections (options, context);
  g_option_context_add_main_entries (context, entries, NULL);
  ms_folder_options_add (&options->folder, context);
  if (!ms_command_line_parse (context, argc, argv))
    return FALSE;
  if (options->top < 0 && options->top != NOT_GIVEN)
    {
      ms_complain ("--top takes a number of stacks, not %d", options->top);
      return FALSE;
    }
  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    options->sections |= options->wants[i] ? 1U << i : 0;
  return TRUE;
}

/* Of the process that is the @nth chosen one; NULL after complaining.  @terminal NULL: for JSON. */
static MsReport *
load_report (const Options *options, MsSelection *selection, guint nth, const MsTerminal *terminal)
{
  guint most = terminal != NULL ? DEFAULT_TOP : G_MAXUINT;
  g_autoptr (MsTrace) trace = ms_selection_load (selection, nth);
  g_autoptr (MsView) view = NULL;

  if (trace == NULL)
    return NULL;
  view = ms_view_new (trace, NULL, ms_interrupt_get_cancellable (), NULL);
  if (view == NULL)
    return NULL; /* cancelled */
  return ms_report_new (view, terminal, options->top < 0 ? most : (guint) options->top,
                        options->sections != 0);
}

static gboolean
write_json_process (MsJsonWriter *writer, const Options *options, MsSelection *selection, guint nth)
{
  const MsProcess *process = ms_selection_get_process (selection, nth);
  g_autoptr (MsReport) report = NULL;

  if (selection->is_all && process->not_followed != NULL)
    {
      ms_report_json_write_absent (writer, process);
      return TRUE;
    }
  report = load_report (options, selection, nth, NULL);
  if (report == NULL)
    {
      if (selection->is_all)
        ms_report_json_write_absent (writer, process);
      return FALSE;
    }
  ms_report_json_write (writer, report, selection->is_all ? process : NULL, options->sections);
  return TRUE;
}

/* One process: its object.  All of them: {"processes": [object, …]}, where one that cannot be read is
 * in the list by its name alone. */
static int
report_json (const Options *options, MsSelection *selection)
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
    if (!write_json_process (writer, options, selection, i))
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
                     const Options *options,
                     MsSelection *selection,
                     guint nth)
{
  const MsProcess *process = ms_selection_get_process (selection, nth);
  g_autoptr (MsReport) report = NULL;

  if (selection->is_all && process->not_followed != NULL)
    return TRUE; /* the list of processes says why */
  report = load_report (options, selection, nth, terminal);
  if (report == NULL)
    return FALSE;
  if (nth > 0)
    g_string_append_c (out, '\n');
  ms_report_text_append (out, report, options->sections);
  return TRUE;
}

static int
report_text (const Options *options, MsSelection *selection, const MsTerminal *terminal)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean is_good = TRUE;

  if (ms_recording_get_n_processes (selection->recording) > 1)
    ms_report_text_processes (out, terminal, selection->recording,
                              selection->is_all ? G_MAXUINT
                                                : g_array_index (selection->indices, guint, 0),
                              FALSE);
  for (guint i = 0; i < selection->indices->len; i++)
    is_good = append_text_process (out, terminal, options, selection, i) && is_good;
  if (ms_interrupt_status (MS_EXIT_OK) != MS_EXIT_OK)
    return MS_EXIT_FAILURE;
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
  return ms_interrupt_status (options.is_json ? report_json (&options, selection)
                                              : report_text (&options, selection, &terminal));
}
