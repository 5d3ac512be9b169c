/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   sqlite3 :memory:                                   who, how it ended
 *   pid 4711, exited with status 0 after 2.31 s
 *
 *   Heap                                               figures of the main domain
 *     peak        16.3 MB   at 1.20 s
 *     …
 *   Threads                                            a table, highest peak first
 *   Stacks with the highest peak                       frames with file and line
 *   Mappings                                           address space, see ms-report-mappings.c
 *   Resources                                          processor, resident memory, I/O, the machine
 *   Notes                                              what is missing or damaged
 *
 * Everything that came from the traced program is cleaned before it is printed.
 */
#include "ms-report-text.h"

#include <string.h>

#include "ms-estimate-text.h"
#include "ms-known-figure.h"
#include "ms-left-words.h"
#include "ms-report-lines.h"
#include "ms-report-mappings.h"
#include "ms-report-marks.h"
#include "ms-report-resources.h"
#include "ms-report-missing.h"
#include "ms-report-sections.h"
#include "ms-report-stacks.h"
#include "ms-report-threads.h"
#include "ms-report-verdicts.h"
#include "ms-report-tree.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

/* What a screen or two can hold; the JSON form has all of them. */
#define MAX_PROCESS_ROWS 12U
/* Where the terminal sets no limit. */
#define MAX_COMMAND_COLUMNS 200U

/* --- who ------------------------------------------------------------------------------------- */

char *
ms_report_text_state (MsState state, gint exit_status)
{
  switch (state)
    {
    case MS_STATE_RUNNING:
      return g_strdup ("still running");
    case MS_STATE_EXITED:
      return exit_status >= 0 ? g_strdup_printf ("exited with status %d", exit_status)
                              : g_strdup ("exited");
    case MS_STATE_UNKNOWN:
      return g_strdup ("no end recorded; whether it runs cannot be seen from here");
    case MS_STATE_KILLED:
    default:
      return exit_status > 128 ? g_strdup_printf ("killed by signal %d (%s)", exit_status - 128,
                                                  g_strsignal (exit_status - 128))
                               : g_strdup ("ended without exit()");
    }
}

/* Without this line, the figures would be taken for those of the whole.  Which threads' part it is, a note says. */
static void
append_trimmed (GString *out, const MsTerminal *terminal, MsTrace *trace)
{
  gint64 from_ns, to_ns;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  g_autofree char *text = NULL;

  if (!ms_trace_is_part (trace, &from_ns, &to_ns)
      || (from_ns == 0
          && (!ms_trace_ends_early (trace) || ms_trace_was_replaced (trace)))) /* from end to end */
    return;
  from = ms_format_duration (from_ns);
  to = ms_format_duration (to_ns);
  text = g_strdup_printf ("A part of a longer recording: from %s to %s%s", from, to,
                          ms_trace_ends_early (trace) ? "; the process went on" : "");
  ms_report_prose (out, terminal, MS_STYLE_BOLD, 0, text);
}

/* "pid 4711, exited with status 0 after 2.31 s, started 2026-11-23 04:25:50" */
static void
append_life (GString *out, MsReport *report)
{
  MsTrace *trace = report->trace;
  MsState state = ms_trace_get_state (trace);
  g_autofree char *end = ms_report_text_state (state, ms_trace_get_exit_status (trace));
  g_autofree char *life = ms_format_duration (ms_trace_get_duration_ns (trace));
  gint64 start_us = ms_trace_get_start_wall_us (trace);
  g_autoptr (GString) text = g_string_new (NULL);

  if (ms_trace_get_imported_from (trace) != NULL)
    g_string_printf (text, "imported from %s, over %s", ms_trace_get_imported_from (trace), life);
  else if (ms_trace_was_replaced (trace))
    g_string_printf (text, "pid %d, became another program (exec) after %s",
                     ms_trace_get_pid (trace), life);
  else if (state == MS_STATE_UNKNOWN)
    g_string_printf (text, "pid %d, recorded for %s, %s", ms_trace_get_pid (trace), life, end);
  else if (state != MS_STATE_RUNNING && ms_trace_ends_early (trace))
    g_string_printf (text, "pid %d, recorded until %s; it went on", ms_trace_get_pid (trace), life);
  else
    g_string_printf (text, "pid %d, %s %s %s", ms_trace_get_pid (trace), end,
                     state == MS_STATE_RUNNING ? "for" : "after", life);
  if (start_us > 0)
    {
      g_autoptr (GDateTime) start = g_date_time_new_from_unix_local (start_us / 1000000);
      g_autofree char *date = start != NULL ? g_date_time_format (start, "%F %T") : NULL;

      if (date != NULL)
        g_string_append_printf (text, ", started %s", date);
    }
  ms_report_prose (out, report->terminal, MS_STYLE_PLAIN, 0, text->str);
}

/* What it is stands in the notes, at the end of a long report. */
static void
append_damage (GString *out, const MsTerminal *terminal, MsTrace *trace)
{
  guint n = ms_known_figure_count_damage (trace);
  g_autofree char *text = g_strdup_printf (
      "Damaged: %u place%s could not be read (see Notes). Figures are of the rest.", n,
      n == 1 ? "" : "s");

  if (n > 0)
    ms_report_prose (out, terminal, MS_STYLE_RED, 0, text);
}

/* As with a part: the figures of what happened when are those of a stretch. */
static void
append_ring (GString *out, const MsTerminal *terminal, MsTrace *trace)
{
  g_autofree char *size = ms_format_bytes (ms_trace_get_ring_bytes (trace));
  g_autofree char *kept =
      ms_format_duration (ms_trace_get_duration_ns (trace) - ms_trace_get_kept_from_ns (trace));
  const char *why = ms_trace_why_no_live (trace);
  g_autoptr (GString) text = g_string_new ("A flight recorder, ");

  g_string_append_printf (text, "%s a thread: ", size);
  if (why == NULL)
    g_string_append (text, "nothing was written over, all events are there.");
  else if (ms_trace_is_part (trace, NULL, NULL))
    g_string_append_printf (text, "what it kept; live, leaked and peak bytes are %s.", why);
  else
    g_string_append_printf (text,
                            "the last %s are kept. Allocations, frees and bytes of threads were "
                            "counted from their start; live, leaked and peak bytes are %s.",
                            kept, why);
  ms_report_prose (out, terminal, MS_STYLE_BOLD, 0, text->str);
}

static void
append_header (GString *out, MsReport *report)
{
  const MsTerminal *terminal = report->terminal;
  MsTrace *trace = report->trace;
  g_autofree char *command = ms_command_to_text (ms_trace_get_arguments (trace));
  g_autofree char *clean =
      ms_terminal_text_clean (command[0] != '\0' ? command : ms_trace_get_program (trace));
  g_autofree char *line =
      ms_terminal_text_shorten (clean, MIN (terminal->width, MAX_COMMAND_COLUMNS));

  ms_terminal_append (terminal, out, MS_STYLE_BOLD, line);
  g_string_append_c (out, '\n');
  append_life (out, report);
  if (!g_str_equal (ms_trace_get_thread_rule (trace), "all"))
    {
      g_autofree char *rule =
          g_strconcat ("threads recorded from the start: ", ms_trace_get_thread_rule (trace), NULL);

      ms_report_prose (out, terminal, MS_STYLE_PLAIN, 0, rule);
    }
  append_trimmed (out, terminal, trace);
  if (ms_trace_get_ring_bytes (trace) > 0)
    append_ring (out, terminal, trace);
  append_damage (out, terminal, trace);
  if (report->part != NULL)
    {
      g_autofree char *part = g_strconcat ("Only ", report->part, NULL);

      ms_report_prose (out, terminal, MS_STYLE_BOLD, 0, part);
    }
  if (ms_trace_is_sampled (trace))
    ms_report_prose (out, terminal, MS_STYLE_PLAIN, 0,
                     "Allocations were sampled: figures with ± are estimates, behind it their "
                     "standard error. A peak that was short may be higher than shown.");
}

static int
compare_peaks (gconstpointer a, gconstpointer b, gpointer data)
{
  const MsProcess *x = ms_recording_get_process (data, *(const guint *) a);
  const MsProcess *y = ms_recording_get_process (data, *(const guint *) b);

  if (x->peak_bytes != y->peak_bytes)
    return x->peak_bytes > y->peak_bytes ? -1 : 1;
  return *(const guint *) a < *(const guint *) b ? -1 : 1;
}

/* In order of their start, or (@most) those with the highest peaks. */
static GArray *
list_processes (MsRecording *recording, guint most)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n = ms_recording_get_n_processes (recording);

  for (guint i = 0; i < n; i++)
    g_array_append_val (order, i);
  if (most == G_MAXUINT)
    return order;
  g_array_sort_with_data (order, compare_peaks, recording);
  g_array_set_size (order, MIN (n, most));
  return order;
}

static void
add_process (MsTable *table, const MsProcess *process, gboolean is_chosen)
{
  MsStyle style = is_chosen ? MS_STYLE_BOLD : MS_STYLE_PLAIN;
  char *folder = process->folder != NULL ? g_path_get_basename (process->folder) : g_strdup ("");
  char *end = process->not_followed != NULL
                  ? g_strdup_printf ("not followed: %s", process->not_followed)
              : process->was_replaced ? g_strdup ("became another program (exec)")
              : process->is_cut && process->state == MS_STATE_EXITED
                  ? g_strdup ("it went on")
                  : ms_report_text_state (process->state, process->exit_status);

  ms_table_add (table, style, g_strdup (is_chosen ? "▸" : ""));
  ms_table_add (table, style, g_strdup_printf ("%d", process->pid));
  ms_table_add (table, style,
                g_strdup (process->command != NULL ? process->command : process->program));
  ms_table_add (table, style,
                process->has_totals && process->has_peak
                    ? ms_estimate_text_bytes (process->peak_bytes, process->peak_standard_error)
                    : g_strdup ("–"));
  ms_table_add (table, style,
                process->mapped_peak_bytes > 0 ? ms_format_bytes (process->mapped_peak_bytes)
                                               : g_strdup ("–"));
  ms_table_add (table, style,
                process->has_totals ? ms_format_count (process->allocations) : g_strdup ("–"));
  ms_table_add (table, style,
                process->not_followed != NULL && process->duration_ns == 0
                    ? g_strdup ("–")
                    : ms_format_duration (process->duration_ns));
  ms_table_add (table, style, end);
  ms_table_add (table, style, folder);
}

void
ms_report_text_processes (GString *out,
                          const MsTerminal *terminal,
                          MsRecording *recording,
                          guint chosen,
                          gboolean is_full)
{
  static const MsColumn columns[] = {
    { "", FALSE, FALSE, 0 },    { "PID", TRUE, FALSE, 0 },    { "COMMAND", FALSE, TRUE, 0 },
    { "PEAK", TRUE, FALSE, 0 }, { "MAPPED", TRUE, FALSE, 1 }, { "ALLOCATIONS", TRUE, FALSE, 2 },
    { "LIFE", TRUE, FALSE, 3 }, { "END", FALSE, FALSE, 1 },   { "FOLDER", FALSE, FALSE, 4 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GArray) order = list_processes (recording, is_full ? G_MAXUINT : MAX_PROCESS_ROWS);
  guint n = ms_recording_get_n_processes (recording);
  g_autofree char *heading = g_strdup_printf ("Processes (%u)", n);

  for (guint i = 0; i < order->len; i++)
    {
      guint index = g_array_index (order, guint, i);

      add_process (table, ms_recording_get_process (recording, index), index == chosen);
    }
  ms_terminal_append (terminal, out, MS_STYLE_BOLD, heading);
  g_string_append_c (out, '\n');
  ms_table_print (table, terminal, out);
  if (order->len < n)
    g_string_append_printf (out, "  … and %u with lower peaks (memscope info lists all)\n",
                            n - order->len);
  g_string_append_c (out, '\n');
}

/* --- figures --------------------------------------------------------------------------------- */

static const char *
domain_title (MsDomain domain)
{
  switch (domain)
    {
    case MS_DOMAIN_DECLARED:
      return "Declared (by the program itself)";
    case MS_DOMAIN_HEAP:
    default: /* mappings have a section of their own */
      return "Heap";
    }
}

/* Frees that a leak must not be read into, only where there are any. */
static void
append_frees (GString *out, const MsTerminal *terminal, const MsTotals *totals, gboolean is_ring)
{
  const struct {
    guint64 n;
    const char *what;
  } kinds[] = {
    { totals->foreign_frees, "of blocks of threads that were not recorded" },
    { totals->inherited_frees, "of blocks from before the fork" },
    { totals->prior_frees, is_ring ? "of these of blocks from before what is kept"
                                   : "of blocks from before the recording began" },
    { totals->unmatched_frees, "of blocks that nothing explains" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].n > 0)
      ms_report_figure (out, terminal, "other frees", ms_format_count (kinds[i].n), "%s",
                        kinds[i].what);
}

static void
append_peak (GString *out, MsReport *report, MsDomain domain)
{
  const MsPeak *peak = ms_report_get_peak (report, domain);
  g_autofree char *error = NULL;
  g_autofree char *time = NULL;

  if (ms_trace_why_no_live (report->trace) != NULL)
    ms_report_figure (out, report->terminal, "peak", g_strdup ("–"), "%s",
                      ms_trace_why_no_live (report->trace));
  if (peak == NULL)
    return; /* cancelled: nothing of this will be seen */
  error = ms_estimate_text_error_bytes (peak->standard_error);
  time = ms_format_duration (peak->time_ns);
  if (peak->bytes > 0)
    ms_report_figure (out, report->terminal, "peak", ms_format_bytes (peak->bytes), "%sat %s",
                      error, time);
  else
    ms_report_figure (out, report->terminal, "peak", ms_format_bytes (0), "%s", "");
}

static void
append_allocated (GString *out, const MsTerminal *terminal, const MsTotals *totals)
{
  const MsStandardErrors *errors = &totals->standard_errors;
  g_autofree char *n = ms_estimate_text_count (totals->allocations, errors->allocations);
  g_autofree char *reallocs = ms_estimate_text_count (totals->reallocations, errors->reallocations);
  g_autofree char *error = ms_estimate_text_error_bytes (errors->allocated_bytes);
  g_autofree char *freed_error = ms_estimate_text_error_count (errors->deallocations);

  ms_report_figure (out, terminal, "allocated", ms_format_bytes (totals->allocated_bytes),
                    "%sin %s allocation%s, %s of them by realloc", error, n,
                    ms_plural (totals->allocations), reallocs);
  ms_report_figure (out, terminal, "freed", ms_format_count (totals->deallocations),
                    "%sdeallocation%s", freed_error, ms_plural (totals->deallocations));
}

/* ", 8.94 kB of it the C library's": nothing that the program could do about. (transfer full) */
static char *
dup_of_libraries (MsReport *report, MsDomain domain)
{
  const MsLeakReport *leaks = domain == report->domain ? ms_report_get_all_leaks (report) : NULL;
  g_autofree char *bytes = NULL;

  if (leaks == NULL || leaks->libraries.blocks == 0)
    return g_strdup ("");
  bytes = ms_estimate_text_bytes (leaks->libraries.bytes, leaks->libraries.bytes_standard_error);
  return g_strdup_printf (", %s of it the C library's own", bytes);
}

static void
append_live (GString *out, MsReport *report, MsDomain domain)
{
  const MsTotals *totals = ms_view_get_totals (report->view, domain);
  const MsStandardErrors *errors = &totals->standard_errors;
  MsLeftKind kind = ms_left_get_kind (report->view);
  gboolean has_list = totals->live_blocks > 0 && domain == report->domain
                      && (kind == MS_LEFT_LEAKED || kind == MS_LEFT_KILLED);
  g_autofree char *n = ms_estimate_text_count (totals->live_blocks, errors->live_blocks);
  g_autofree char *error = ms_estimate_text_error_bytes (errors->live_bytes);
  g_autofree char *libraries =
      kind == MS_LEFT_LEAKED ? dup_of_libraries (report, domain) : g_strdup ("");
  g_autofree char *missed =
      totals->live_blocks == 0 ? ms_estimate_text_none (report->trace) : g_strdup ("");

  ms_report_figure (out, report->terminal,
                    kind == MS_LEFT_RUNNING || kind == MS_LEFT_UNKNOWN ? "live"
                                                                       : ms_left_get_word (kind),
                    ms_format_bytes (totals->live_bytes), "%sin %s allocation%s%s%s%s%s", error, n,
                    ms_plural (totals->live_blocks),
                    kind == MS_LEFT_LEAKED     ? " never freed by the end"
                    : kind == MS_LEFT_KILLED   ? " not freed when it was killed"
                    : kind == MS_LEFT_REPLACED ? " not freed when another program took its place"
                                               : "",
                    libraries, missed, has_list ? "; --leaks says where" : "");
}

static void
append_temporary (GString *out, const MsTerminal *terminal, const MsTotals *totals)
{
  g_autofree char *error =
      ms_estimate_text_error_count (totals->standard_errors.temporary_allocations);
  g_autofree char *share = ms_format_share (totals->temporary_allocations, totals->allocations);

  ms_report_figure (out, terminal, "temporary", ms_format_count (totals->temporary_allocations),
                    "%sallocation%s (%s) that their thread freed next", error,
                    ms_plural (totals->temporary_allocations), share);
}

/* Of a part of the recording there is something before and after it. */
static void
append_live_in_part (GString *out, const MsTerminal *terminal, const MsTotals *totals)
{
  const MsStandardErrors *errors = &totals->standard_errors;
  g_autofree char *n_left =
      ms_estimate_text_count (totals->leaked_allocations, errors->leaked_blocks);
  g_autofree char *left_error = ms_estimate_text_error_bytes (errors->leaked_bytes);
  g_autofree char *n_live = ms_estimate_text_count (totals->live_blocks, errors->live_blocks);
  g_autofree char *error = ms_estimate_text_error_bytes (errors->live_bytes);

  ms_report_figure (out, terminal, "left", ms_format_bytes (totals->leaked_bytes),
                    "%sin %s of these allocations, live at the end of this part", left_error,
                    n_left);
  ms_report_figure (out, terminal, "live", ms_format_bytes (totals->live_bytes),
                    "%sin %s allocation%s at the end of this part", error, n_live,
                    ms_plural (totals->live_blocks));
}

static void
append_totals (GString *out, MsReport *report, MsDomain domain)
{
  const MsTerminal *terminal = report->terminal;
  const MsTotals *totals = ms_view_get_totals (report->view, domain);
  gboolean has_live = ms_trace_why_no_live (report->trace) == NULL;

  ms_report_heading (out, terminal, domain_title (domain));
  if (ms_view_is_filtered (report->view) && has_live)
    ms_report_figure (out, terminal, "at first", ms_format_bytes (totals->live_bytes_at_start),
                      "live at the start of this part");
  append_peak (out, report, domain);
  append_allocated (out, terminal, totals);
  append_frees (out, terminal, totals, !has_live);
  if (!has_live)
    ms_report_figure (out, terminal, "leaked", g_strdup ("–"), "%s",
                      ms_trace_why_no_live (report->trace));
  else if (ms_view_is_filtered (report->view))
    append_live_in_part (out, terminal, totals);
  else
    append_live (out, report, domain);
  append_temporary (out, terminal, totals);
}

/* Zeros would be taken for measurements. */
static void
append_no_thread (GString *out, MsTrace *trace)
{
  g_autofree char *rule = ms_terminal_text_clean (ms_trace_get_thread_rule (trace));

  if (g_str_equal (rule, "all"))
    g_string_append (out, "\nNo thread was recorded.\n");
  else if (g_str_equal (rule, "none"))
    g_string_append (
        out, "\nNo allocations were to be recorded: what memory was used for is not available.\n");
  else
    g_string_append_printf (out, "\nNothing was recorded: no thread matched the rule '%s'%s.\n",
                            rule,
                            strstr (rule, "start:") != NULL
                                ? " (is there a function of that name in its symbols?)"
                                : "");
}

/* --- notes ----------------------------------------------------------------------------------- */

static void
append_note (GString *out, const MsTerminal *terminal, MsStyle style, const char *text)
{
  ms_report_prose (out, terminal, style, 2, text);
}

void
ms_report_text_diagnostic (GString *out, const MsTerminal *terminal, const MsDiagnostic *diagnostic)
{
  g_autofree char *text =
      diagnostic->file == NULL ? g_strdup (diagnostic->message)
      : diagnostic->offset == 0
          ? g_strdup_printf ("%s: %s", diagnostic->file, diagnostic->message)
          : g_strdup_printf ("%s, byte %" G_GUINT64_FORMAT ": %s", diagnostic->file,
                             diagnostic->offset, diagnostic->message);

  append_note (out, terminal,
               diagnostic->level == MS_DIAGNOSTIC_DAMAGE    ? MS_STYLE_RED
               : diagnostic->level == MS_DIAGNOSTIC_WARNING ? MS_STYLE_YELLOW
                                                            : MS_STYLE_PLAIN,
               text);
}

/* Stacks that end early: to be known wherever stacks are shown in full. */
static void
append_truncated (GString *out, const MsTerminal *terminal, MsTrace *trace)
{
  guint64 truncated = ms_trace_get_truncated_stacks (trace);
  guint64 deep = ms_trace_get_deep_stacks (trace);

  if (deep > 0)
    {
      g_autofree char *n = ms_format_count (deep);
      g_autofree char *text =
          g_strdup_printf ("%s call stack%s at the depth of %u; --stack-depth sets it", n,
                           deep == 1 ? " ends" : "s end", ms_trace_get_stack_depth (trace));

      append_note (out, terminal, MS_STYLE_PLAIN, text);
    }
  if (truncated > deep)
    {
      g_autofree char *n = ms_format_count (truncated - deep);
      g_autofree char *text =
          g_strdup_printf ("%s call stack%s early, at a frame that could not be "
                           "unwound",
                           n, truncated - deep == 1 ? " ends" : "s end");

      append_note (out, terminal, MS_STYLE_PLAIN, text);
    }
}

/* The overview has all of them, sections by themselves only what casts doubt on them. */
static void
append_notes (GString *out, MsReport *report, MsDiagnosticLevel least)
{
  const MsTerminal *terminal = report->terminal;
  GPtrArray *diagnostics = ms_trace_get_diagnostics (report->trace);
  gboolean says_truncated =
      least == MS_DIAGNOSTIC_INFO && ms_trace_get_truncated_stacks (report->trace) > 0;
  guint n_wanted = 0;

  for (guint i = 0; i < diagnostics->len; i++)
    n_wanted += ((const MsDiagnostic *) g_ptr_array_index (diagnostics, i))->level >= least;
  if (n_wanted == 0 && !says_truncated)
    return;
  ms_report_heading (out, terminal, "Notes");
  if (says_truncated)
    append_truncated (out, terminal, report->trace);
  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (diagnostic->level >= least)
        ms_report_text_diagnostic (out, terminal, diagnostic);
    }
}

static void
append_overview (GString *out, MsReport *report)
{
  if (ms_report_has_threads (report))
    ms_report_outside_heap_append (out, report);
  if (ms_report_has_threads (report))
    append_totals (out, report, report->domain);
  else
    append_no_thread (out, report->trace);
  if (report->domain != MS_DOMAIN_DECLARED
      && ms_trace_has_domain (report->trace, MS_DOMAIN_DECLARED))
    append_totals (out, report, MS_DOMAIN_DECLARED);
  ms_report_threads_append (out, report);
  ms_report_stacks_append (out, report);
  if (ms_trace_has_domain (report->trace, MS_DOMAIN_MAPPING))
    ms_report_mappings_append (out, report);
  ms_report_resources_append (out, report);
  ms_report_marks_append (out, report);
}

/* A filter by names looks many more of them up than are shown; without stacks they explain nothing. */
static gboolean
shows_stacks (MsReport *report, guint sections)
{
  gboolean shows = sections == 0; /* the overview, or a function's callers */

  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    shows |= (sections & 1U << i) != 0 && ms_report_sections[i].has_stacks;
  return shows;
}

void
ms_report_text_append (GString *out, MsReport *report, guint sections)
{
  append_header (out, report);
  if (!report->is_full)
    append_overview (out, report);
  else if (!ms_report_has_threads (report))
    {
      append_no_thread (out, report->trace);
      sections &= ms_report_sections_without_heap ();
    }
  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    if ((sections & 1U << i) != 0)
      ms_report_sections[i].append (out, report);
  if (ms_report_has_threads (report))
    ms_report_butterflies_append (out, report);
  append_notes (out, report, !report->is_full ? MS_DIAGNOSTIC_INFO : MS_DIAGNOSTIC_WARNING);
  if (shows_stacks (report, sections))
    ms_report_missing_append (out, report);
}
