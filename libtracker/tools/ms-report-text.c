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
 *   Notes                                              what is missing or damaged
 *
 * Everything that came from the traced program is cleaned before it is printed.
 */
#include "ms-report-text.h"

#include <string.h>

#include "ms-estimate-text.h"
#include "ms-report-lines.h"
#include "ms-report-mappings.h"
#include "ms-report-stacks.h"
#include "ms-roles.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

/* What a screen or two can hold; the JSON form has all of them. */
#define MAX_THREAD_ROWS 40U
#define MAX_PROCESS_ROWS 12U
#define MAX_MISSING_LINES 10U
/* Where the terminal sets no limit. */
#define MAX_COMMAND_COLUMNS 200U

static void
append_more (GString *out, guint n, const char *what)
{
  if (n > 0)
    g_string_append_printf (out, "  … and %u more %s (--json has all)\n", n, what);
}

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
    case MS_STATE_KILLED:
    default:
      return exit_status > 128 ? g_strdup_printf ("killed by signal %d (%s)", exit_status - 128,
                                                  g_strsignal (exit_status - 128))
                               : g_strdup ("ended without exit()");
    }
}

static void
append_header (GString *out, const MsTerminal *terminal, MsTrace *trace)
{
  g_autofree char *command = ms_command_to_text (ms_trace_get_arguments (trace));
  g_autofree char *clean =
      ms_terminal_text_clean (command[0] != '\0' ? command : ms_trace_get_program (trace));
  g_autofree char *line =
      ms_terminal_text_shorten (clean, MIN (terminal->width, MAX_COMMAND_COLUMNS));
  g_autofree char *state =
      ms_report_text_state (ms_trace_get_state (trace), ms_trace_get_exit_status (trace));
  g_autofree char *life = ms_format_duration (ms_trace_get_duration_ns (trace));
  gint64 start_us = ms_trace_get_start_wall_us (trace);

  ms_terminal_append (terminal, out, MS_STYLE_BOLD, line);
  g_string_append_printf (out, "\npid %d, %s %s %s", ms_trace_get_pid (trace), state,
                          ms_trace_get_state (trace) == MS_STATE_RUNNING ? "for" : "after", life);
  if (start_us > 0)
    {
      g_autoptr (GDateTime) start = g_date_time_new_from_unix_local (start_us / 1000000);
      g_autofree char *date = start != NULL ? g_date_time_format (start, "%F %T") : NULL;

      if (date != NULL)
        g_string_append_printf (out, ", started %s", date);
    }
  g_string_append_c (out, '\n');
  if (!g_str_equal (ms_trace_get_thread_rule (trace), "all"))
    {
      g_autofree char *rule = ms_terminal_text_clean (ms_trace_get_thread_rule (trace));

      g_string_append_printf (out, "threads recorded from the start: %s\n", rule);
    }
  if (ms_trace_is_sampled (trace))
    g_string_append (out, "Allocations were sampled: figures with ± are estimates, behind it their "
                          "standard error.  A peak that was short may be higher than shown.\n");
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
                  : ms_report_text_state (process->state, process->exit_status);

  ms_table_add (table, style, g_strdup (is_chosen ? "▸" : ""));
  ms_table_add (table, style, g_strdup_printf ("%d", process->pid));
  ms_table_add (table, style,
                g_strdup (process->command != NULL ? process->command : process->program));
  ms_table_add (table, style,
                process->has_totals ? ms_format_bytes (process->peak_bytes) : g_strdup ("–"));
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
    { "", FALSE, FALSE, 0 },    { "PID", TRUE, FALSE, 0 },         { "COMMAND", FALSE, TRUE, 0 },
    { "PEAK", TRUE, FALSE, 0 }, { "ALLOCATIONS", TRUE, FALSE, 2 }, { "LIFE", TRUE, FALSE, 3 },
    { "END", FALSE, FALSE, 1 }, { "FOLDER", FALSE, FALSE, 4 },
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
append_frees (GString *out, const MsTerminal *terminal, const MsTotals *totals)
{
  const struct {
    guint64 n;
    const char *what;
  } kinds[] = {
    { totals->foreign_frees, "of blocks of threads that were not recorded" },
    { totals->inherited_frees, "of blocks from before the fork" },
    { totals->prior_frees, "of blocks from before the recording began" },
    { totals->unmatched_frees, "of blocks that nothing explains" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].n > 0)
      ms_report_figure (out, terminal, "other frees", ms_format_count (kinds[i].n), "%s",
                        kinds[i].what);
}

static void
append_peak (GString *out, const MsTerminal *terminal, const MsTotals *totals)
{
  g_autofree char *error = ms_estimate_text_error_bytes (totals->standard_errors.peak_bytes);
  g_autofree char *time = ms_format_duration (totals->peak_time_ns);

  if (totals->peak_bytes > 0)
    ms_report_figure (out, terminal, "peak", ms_format_bytes (totals->peak_bytes), "%sat %s", error,
                      time);
  else
    ms_report_figure (out, terminal, "peak", ms_format_bytes (0), "%s", "");
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

static void
append_live (GString *out, const MsTerminal *terminal, const MsTotals *totals, gboolean is_running)
{
  const MsStandardErrors *errors = &totals->standard_errors;
  g_autofree char *n = ms_estimate_text_count (totals->live_blocks, errors->live_blocks);
  g_autofree char *error = ms_estimate_text_error_bytes (errors->live_bytes);

  ms_report_figure (out, terminal, is_running ? "live" : "leaked",
                    ms_format_bytes (totals->live_bytes), "%sin %s allocation%s%s", error, n,
                    ms_plural (totals->live_blocks), is_running ? "" : " never freed by the end");
}

static void
append_temporary (GString *out, const MsTerminal *terminal, const MsTotals *totals)
{
  g_autofree char *error =
      ms_estimate_text_error_count (totals->standard_errors.temporary_allocations);
  double share = totals->allocations > 0
                     ? 100.0 * (double) totals->temporary_allocations / (double) totals->allocations
                     : 0;

  ms_report_figure (out, terminal, "temporary", ms_format_count (totals->temporary_allocations),
                    "%sallocation%s freed by the same thread's next operation (%.1f %%)", error,
                    ms_plural (totals->temporary_allocations), share);
}

static void
append_totals (GString *out, const MsTerminal *terminal, MsTrace *trace, MsDomain domain)
{
  const MsTotals *totals = ms_trace_get_totals (trace, domain);

  ms_report_heading (out, terminal, domain_title (domain));
  append_peak (out, terminal, totals);
  append_allocated (out, terminal, totals);
  append_frees (out, terminal, totals);
  append_live (out, terminal, totals, ms_trace_get_state (trace) == MS_STATE_RUNNING);
  append_temporary (out, terminal, totals);
}

static gboolean
is_any_recorded (MsTrace *trace)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_is_tracked (ms_trace_get_thread (trace, i)))
      return TRUE;
  return FALSE;
}

/* Zeros would be taken for measurements. */
static void
append_no_thread (GString *out, MsTrace *trace)
{
  g_autofree char *rule = ms_terminal_text_clean (ms_trace_get_thread_rule (trace));

  if (g_str_equal (rule, "all"))
    g_string_append (out, "\nNo thread was recorded.\n");
  else
    g_string_append_printf (out, "\nNothing was recorded: no thread matched the rule '%s'%s.\n",
                            rule,
                            strstr (rule, "start:") != NULL
                                ? " (is there a function of that name in its symbols?)"
                                : "");
}

/* --- threads --------------------------------------------------------------------------------- */

static MsStyle
style_of_alert (MsAlert alert)
{
  return alert == MS_ALERT_HIGH     ? MS_STYLE_RED
         : alert == MS_ALERT_MEDIUM ? MS_STYLE_YELLOW
                                    : MS_STYLE_PLAIN;
}

static char *
dup_role (MsTrace *trace, MsThread *thread)
{
  return g_strdelimit (g_strdup (ms_role_to_string (ms_role_of_thread (trace, thread, NULL, NULL))),
                       "_", ' ');
}

/* From PEAK to LIVE. */
#define N_THREAD_FIGURES 6

static void
add_thread_figures (MsTable *table, const MsTotals *totals)
{
  const MsStandardErrors *errors = &totals->standard_errors;

  ms_table_add (table, MS_STYLE_PLAIN,
                ms_estimate_text_bytes (totals->peak_bytes, errors->peak_bytes));
  ms_table_add (table, MS_STYLE_PLAIN,
                ms_estimate_text_bytes (totals->allocated_bytes, errors->allocated_bytes));
  ms_table_add (table, MS_STYLE_PLAIN,
                ms_estimate_text_count (totals->allocations, errors->allocations));
  ms_table_add (table, MS_STYLE_PLAIN,
                ms_estimate_text_count (totals->deallocations, errors->deallocations));
  ms_table_add (table, MS_STYLE_PLAIN,
                ms_estimate_text_count (totals->temporary_allocations,
                                        errors->temporary_allocations));
  ms_table_add (table, MS_STYLE_PLAIN,
                ms_estimate_text_bytes (totals->live_bytes, errors->live_bytes));
}

static void
append_threads (GString *out, const MsTerminal *terminal, MsTrace *trace, MsDomain domain)
{
  static const MsColumn columns[] = {
    { "ID", TRUE, FALSE, 0 },    { "TID", TRUE, FALSE, 7 },       { "NAME", FALSE, TRUE, 0 },
    { "PEAK", TRUE, FALSE, 0 },  { "ALLOCATED", TRUE, FALSE, 3 }, { "ALLOCATIONS", TRUE, FALSE, 1 },
    { "FREES", TRUE, FALSE, 4 }, { "TEMPORARY", TRUE, FALSE, 6 }, { "LIVE", TRUE, FALSE, 5 },
    { "ROLE", FALSE, FALSE, 2 }, { "ALERT", FALSE, FALSE, 2 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GArray) order = ms_report_threads (trace, domain);
  g_autofree char *heading = g_strdup_printf ("Threads (%u)", order->len);

  for (guint i = 0; i < MIN (order->len, MAX_THREAD_ROWS); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, g_array_index (order, guint, i));
      const MsTotals *totals = ms_thread_get_totals (thread, domain);
      MsAlert alert = ms_alert_of_thread (trace, thread, NULL, NULL);
      gboolean is_tracked = ms_thread_is_tracked (thread);
      MsStyle style = is_tracked ? MS_STYLE_PLAIN : MS_STYLE_DIM;

      ms_table_add (table, style, g_strdup_printf ("%u", ms_thread_get_id (thread)));
      ms_table_add (table, style, g_strdup_printf ("%d", ms_thread_get_tid (thread)));
      ms_table_add (table, style, g_strdup (ms_thread_get_name (thread)));
      if (is_tracked)
        add_thread_figures (table, totals);
      else
        for (guint n = 0; n < N_THREAD_FIGURES; n++)
          ms_table_add (table, style, g_strdup ("–"));
      ms_table_add (table, style,
                    is_tracked ? dup_role (trace, thread) : g_strdup ("not recorded"));
      ms_table_add (table, is_tracked ? style_of_alert (alert) : style,
                    g_strdup (is_tracked ? ms_alert_to_string (alert) : "–"));
    }
  ms_report_heading (out, terminal, heading);
  ms_table_print (table, terminal, out);
  append_more (out, order->len - MIN (order->len, MAX_THREAD_ROWS), "threads");
}

/* --- stacks ---------------------------------------------------------------------------------- */

static void
append_stack (GString *out,
              const MsTerminal *terminal,
              MsTrace *trace,
              MsNameResolver *resolver,
              guint stack,
              MsDomain domain,
              guint rank)
{
  const MsTotals *totals = ms_trace_get_stack_totals (trace, stack, domain);
  const MsStandardErrors *errors = &totals->standard_errors;
  g_autofree char *peak = ms_estimate_text_bytes (totals->peak_bytes, errors->peak_bytes);
  g_autofree char *allocated =
      ms_estimate_text_bytes (totals->allocated_bytes, errors->allocated_bytes);
  g_autofree char *leaked = ms_estimate_text_bytes (totals->leaked_bytes, errors->live_bytes);
  g_autofree char *allocations = ms_estimate_text_count (totals->allocations, errors->allocations);
  g_autofree char *title = g_strdup_printf ("%3u. %s peak", rank, peak);
  g_autofree char *comment = g_strdup_printf (", %s in %s allocation%s%s%s", allocated, allocations,
                                              totals->allocations == 1 ? "" : "s",
                                              totals->leaked_bytes > 0 ? ", leaked " : "",
                                              totals->leaked_bytes > 0 ? leaked : "");
  g_autofree char *shown =
      ms_terminal_text_shorten (comment, terminal->width - ms_terminal_text_width (title));

  ms_terminal_append (terminal, out, MS_STYLE_BOLD, title);
  g_string_append_printf (out, "%s\n", shown);
  ms_report_frames (out, terminal, trace, resolver, stack);
}

static void
append_stacks (GString *out,
               const MsTerminal *terminal,
               MsTrace *trace,
               MsNameResolver *resolver,
               MsDomain domain,
               guint top)
{
  g_autoptr (GArray) stacks = ms_report_stacks (trace, domain, top);

  if (stacks->len == 0)
    return;
  ms_report_heading (out, terminal, "Stacks with the highest peak");
  for (guint i = 0; i < stacks->len; i++)
    append_stack (out, terminal, trace, resolver, g_array_index (stacks, guint, i), domain, i + 1);
}

/* --- notes ----------------------------------------------------------------------------------- */

static void
append_note (GString *out, const MsTerminal *terminal, MsStyle style, const char *text)
{
  g_autofree char *clean = ms_terminal_text_clean (text);

  g_string_append (out, "  ");
  ms_terminal_append (terminal, out, style, clean);
  g_string_append_c (out, '\n');
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

static void
append_notes (GString *out, const MsTerminal *terminal, MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);
  guint64 truncated = ms_trace_get_truncated_stacks (trace);
  guint64 deep = ms_trace_get_deep_stacks (trace);

  if (diagnostics->len == 0 && truncated == 0)
    return;
  ms_report_heading (out, terminal, "Notes");
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
  for (guint i = 0; i < diagnostics->len; i++)
    ms_report_text_diagnostic (out, terminal, g_ptr_array_index (diagnostics, i));
}

void
ms_report_text_missing (GString *out, const MsTerminal *terminal, MsSymbolizer *symbolizer)
{
  g_autoptr (GArray) missing = ms_symbolizer_get_missing (symbolizer);

  if (missing->len == 0)
    return;
  ms_report_heading (out, terminal, "Missing symbols");
  for (guint i = 0; i < MIN (missing->len, MAX_MISSING_LINES); i++)
    {
      const MsMissingSymbols *entry = &g_array_index (missing, MsMissingSymbols, i);
      g_autofree char *advice = ms_missing_symbols_dup_advice (entry);
      g_autofree char *text =
          g_strdup_printf ("%s: %s%s%s", entry->path, entry->reason, advice != NULL ? "; " : "",
                           advice != NULL ? advice : "");

      append_note (out, terminal, MS_STYLE_DIM, text);
    }
  if (missing->len > MAX_MISSING_LINES)
    g_string_append_printf (out, "  … and %u more\n", missing->len - MAX_MISSING_LINES);
  g_string_append (out, "  Debug symbols installed later count too: names are looked up for each "
                        "report.\n");
}

void
ms_report_text_trace (GString *out,
                      const MsTerminal *terminal,
                      MsTrace *trace,
                      MsNameResolver *resolver,
                      guint top)
{
  MsDomain main_domain = ms_trace_get_main_domain (trace);

  append_header (out, terminal, trace);
  if (is_any_recorded (trace))
    append_totals (out, terminal, trace, main_domain);
  else
    append_no_thread (out, trace);
  if (main_domain != MS_DOMAIN_DECLARED && ms_trace_has_domain (trace, MS_DOMAIN_DECLARED))
    append_totals (out, terminal, trace, MS_DOMAIN_DECLARED);
  append_threads (out, terminal, trace, main_domain);
  append_stacks (out, terminal, trace, resolver, main_domain, top);
  if (ms_trace_has_domain (trace, MS_DOMAIN_MAPPING))
    ms_report_mappings (out, terminal, trace, resolver, top);
  append_notes (out, terminal, trace);
}
