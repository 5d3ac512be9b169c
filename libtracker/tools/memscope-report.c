/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope report DIR: reads, asks the model, and prints for a person or (--json) for a program.
 *
 *   options ─▶ processes ─▶ for each: its view ─▶ overview or sections ─▶ conditions ─▶ exit status
 */
#include <gio/gio.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-folder-options.h"
#include "ms-interrupt.h"
#include "ms-report-conditions.h"
#include "ms-report-json.h"
#include "ms-report-load.h"
#include "ms-report-sections.h"
#include "ms-report-text.h"
#include "ms-report-tree.h"

#define DEFAULT_TOP 10
#define NOT_GIVEN G_MININT

typedef struct {
  gboolean is_json, has_full_names;
  gint top; /* NOT_GIVEN, or a number */
  gboolean wants[MS_N_REPORT_SECTIONS];
  guint sections; /* a bit for each of those */
  GStrv conditions, callers, callees;
  MsFilterOptions filter;
  MsLeakOptions leaks;
  MsFolderOptions folder;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->conditions);
  g_strfreev (options->callers);
  g_strfreev (options->callees);
  ms_filter_options_clear (&options->filter);
  ms_leak_options_clear (&options->leaks);
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
  ms_command_line_add (context, entries);
}

static gboolean
parse (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "callers", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->callers,
      "who calls this function, by what was live at the peak; may be repeated", "FUNCTION" },
    { "callees", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->callees,
      "likewise what this function calls", "FUNCTION" },
    { "top", 't', 0, G_OPTION_ARG_INT, &options->top,
      "only the N highest of each list (10 stacks; with --json all)", "N" },
    { "full-names", 0, 0, G_OPTION_ARG_NONE, &options->has_full_names,
      "functions with template arguments and parameters, uncut (JSON always)", NULL },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &options->is_json, "print JSON", NULL },
    { "fail-on", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->conditions, MS_CONDITION_OPTION_HELP,
      "CONDITION" },
    { "fetch-symbols", 0, 0, G_OPTION_ARG_NONE, &options->folder.fetch_symbols,
      "fetch missing debug files from DEBUGINFOD_URLS", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "report", "DIR", NULL,
      "Prints what a recorded program did with memory: totals, threads, and the call\n"
      "stacks with the highest peaks; or only the sections that are asked for.",
      "DIR is a recording or the trace folder of one process in it.\n\n"
      "A CONDITION is FIGURE>NUMBER, with >, >=, <, <=, ==, !=, several with commas:\n"
      "'leaked_bytes>1M', 'thread:worker-*.peak_bytes>=64Mi', 'dropped_events!=0'.\n"
      "Figures have the names of the JSON form; a wrong name lists them.\n\n"
      "With --suppressions or --tail, leaked_bytes and leaked_allocations are those\n"
      "that --leaks accuses; without, all that was never freed.  Of a range, and of a process\n"
      "that was killed or still runs, they are what was allocated in it and not freed by its "
      "end.\n\n"
      "Exit status: 0; 1 if a condition holds, or DIR cannot be read; 2 for wrong usage, a\n"
      "process, thread, function or stretch of time that is not in the recording, or a condition "
      "on\n"
      "a figure that was not measured; 130 after Ctrl-C.");

  add_sections (options, context);
  ms_leak_options_add (&options->leaks, context);
  ms_filter_options_add (&options->filter, context);
  ms_command_line_add (context, entries);
  ms_folder_options_add (&options->folder, context);
  if (!ms_command_line_parse (context, argc, argv) || !ms_filter_options_check (&options->filter)
      || !ms_leak_options_check (&options->leaks))
    return FALSE;
  if (options->top <= 0 && options->top != NOT_GIVEN)
    {
      ms_complain ("--top takes a number of stacks from 1 up, not %d", options->top);
      return FALSE;
    }
  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    options->sections |= options->wants[i] ? 1U << i : 0;
  return TRUE;
}

/* Ages tell the youngest blocks from leaks. */
static gboolean
needs_history (const Options *options, GPtrArray *conditions)
{
  gboolean wants_leaks = FALSE;

  for (guint i = 0; i < conditions->len; i++)
    wants_leaks |= ((const MsCondition *) g_ptr_array_index (conditions, i))->figure->source
                   == MS_SOURCE_LEAKS;
  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    wants_leaks |= options->wants[i] && g_str_equal (ms_report_sections[i].name, "leaks");
  return options->leaks.settings.leak_tail_limit_ns > 0
         && (wants_leaks || ms_leak_options_is_set (&options->leaks));
}

/* --- one process after another --------------------------------------------------------------- */

typedef struct {
  const Options *options;
  GPtrArray *conditions;
  MsSelection *selection;
  const MsTerminal *terminal;
  GString *out;         /* a person's */
  MsJsonWriter *writer; /* a program's; NULL for a person's */
  guint n_shown, n_left_out;
  GError *left_out; /* why the first was */
  int status;
} Run;

static void
run_clear (Run *self)
{
  g_clear_error (&self->left_out);
  g_clear_pointer (&self->writer, ms_json_writer_free);
  if (self->out != NULL)
    g_string_free (self->out, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
note_status (Run *self, int status)
{
  self->status = MAX (self->status, status);
}

/* The process cannot be read, or nothing in it fits.  Of all processes some need not fit. */
static void
leave_out (Run *self, const MsProcess *process, GError *error)
{
  if (self->writer != NULL && self->selection->is_all)
    ms_report_json_write_absent (self->writer, process);
  if (error == NULL)
    note_status (self, MS_EXIT_FAILURE); /* said already */
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)
           && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        ms_complain ("%s", error->message);
      note_status (self, MS_EXIT_FAILURE);
    }
  else if (self->n_left_out++ == 0)
    self->left_out = g_error_copy (error);
}

static void
show (Run *self, MsReport *report, const MsProcess *process)
{
  guint sections = self->options->sections;

  if (self->writer != NULL)
    {
      ms_report_json_write (self->writer, report, self->selection->is_all ? process : NULL,
                            sections);
      return;
    }
  if (self->n_shown > 0)
    g_string_append_c (self->out, '\n');
  ms_report_text_append (self->out, report, sections);
}

static void
check (Run *self, MsReport *report, const MsProcess *process)
{
  g_autofree char *where =
      self->selection->is_all ? g_strdup_printf ("%s (%d)", process->program, process->pid) : NULL;

  note_status (self, ms_report_conditions_check (self->conditions, report, where));
}

static gboolean
find_functions (const Options *options, MsReport *report, GError **error)
{
  return ms_report_find_functions (report, (const char *const *) options->callers, &report->callers,
                                   error)
         && ms_report_find_functions (report, (const char *const *) options->callees,
                                      &report->callees, error);
}

static void
run_process (Run *self, guint nth)
{
  const MsProcess *process = ms_selection_get_process (self->selection, nth);
  gint top = self->options->top;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsReport) report = NULL;

  if (self->selection->is_all && process->not_followed != NULL)
    {
      if (self->writer != NULL)
        ms_report_json_write_absent (self->writer, process);
      return; /* for a person, the list of processes says why */
    }
  report = ms_report_load (self->selection, nth, needs_history (self->options, self->conditions),
                           &self->options->filter, &error);
  if (report == NULL)
    {
      leave_out (self, process, error);
      return;
    }
  report->terminal = self->terminal;
  report->leak_options = &self->options->leaks;
  report->top = top >= 0 ? (guint) top : self->writer != NULL ? G_MAXUINT : DEFAULT_TOP;
  report->top_is_set = top >= 0;
  report->is_full = self->options->sections != 0 || self->options->callers != NULL
                    || self->options->callees != NULL;
  if (!find_functions (self->options, report, &error))
    {
      leave_out (self, process, error);
      return;
    }
  show (self, report, process);
  check (self, report, process);
  self->n_shown++;
}

/* With --process all, what fits in some of the processes need not fit in others. */
static void
run_processes (Run *self)
{
  for (guint i = 0; i < self->selection->indices->len; i++)
    if (ms_interrupt_status (MS_EXIT_OK) == MS_EXIT_OK)
      run_process (self, i);
  if (self->n_left_out == 0)
    return;
  if (self->n_shown == 0)
    note_status (self, MS_EXIT_USAGE);
  if (self->n_shown > 0)
    ms_complain ("%u process%s left out: %s", self->n_left_out,
                 self->n_left_out == 1 ? " is" : "es are", self->left_out->message);
  else
    ms_complain ("%s", self->left_out->message);
}

/* One process: its object.  All of them: {"processes": [object, …]}, where one that cannot be read, or in
 * which nothing fits, is in the list by its name alone. */
static int
report_json (Run *self)
{
  g_autoptr (GOutputStream) stream = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  gboolean is_all = self->selection->is_all;
  g_autoptr (GError) error = NULL;

  self->writer = ms_json_writer_new (stream, MS_JSON_PRETTY);
  if (is_all)
    {
      ms_json_writer_begin_object (self->writer);
      ms_json_writer_key (self->writer, "processes");
      ms_json_writer_begin_array (self->writer);
    }
  run_processes (self);
  if (self->n_shown == 0 && !is_all)
    return self->status;
  if (is_all)
    {
      ms_json_writer_end_array (self->writer);
      ms_json_writer_end_object (self->writer);
    }
  if (!ms_json_writer_close (g_steal_pointer (&self->writer), NULL, &error))
    {
      ms_complain ("standard output cannot be written: %s", error->message);
      note_status (self, MS_EXIT_FAILURE);
    }
  return self->status;
}

static int
report_text (Run *self)
{
  MsSelection *selection = self->selection;

  self->out = g_string_new (NULL);
  if (ms_recording_get_n_processes (selection->recording) > 1)
    ms_report_text_processes (self->out, self->terminal, selection->recording,
                              selection->is_all ? G_MAXUINT
                                                : g_array_index (selection->indices, guint, 0),
                              FALSE);
  run_processes (self);
  if (self->n_shown == 0 && self->status != MS_EXIT_OK)
    return self->status; /* a list by itself is no report */
  if (ms_interrupt_status (MS_EXIT_OK) == MS_EXIT_OK && !ms_terminal_write (self->out))
    note_status (self, MS_EXIT_FAILURE);
  return self->status;
}

int
ms_command_report (int argc, char **argv)
{
  g_auto (Options) options = { .top = NOT_GIVEN };
  g_auto (Run) run = { .options = &options };
  g_autoptr (MsSelection) selection = NULL;
  g_autoptr (GPtrArray) conditions = NULL;
  g_autoptr (GError) error = NULL;
  const char *folder;
  MsTerminal terminal;
  int status;

  if (!parse (&options, &argc, &argv))
    return MS_EXIT_USAGE;
  folder = ms_folder_options_get (&options.folder, "report", &terminal);
  if (folder == NULL)
    return MS_EXIT_USAGE;
  conditions = ms_conditions_parse ((const char *const *) options.conditions, FALSE, &error);
  if (conditions == NULL)
    {
      ms_complain ("%s", error->message);
      return MS_EXIT_USAGE;
    }
  ms_interrupt_begin ();
  selection = ms_selection_open (folder, options.folder.process, &status);
  if (selection == NULL)
    return status;
  terminal.has_full_names = options.has_full_names;
  run.conditions = conditions;
  run.selection = selection;
  run.terminal = &terminal;
  return ms_interrupt_status (options.is_json ? report_json (&run) : report_text (&run));
}
