/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-record-summary.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "ms-estimate-text.h"
#include "ms-terminal-text.h"

#define MAX_NOT_FOLLOWED 3U

/* What is to be said of blocks that were never freed: only those of a process that came to its end are leaked. */
typedef enum {
  KIND_LEAKED,
  KIND_KILLED,
  KIND_REPLACED,
  KIND_RUNNING,
  N_KINDS,
} Kind;

typedef struct {
  guint n_processes;
  guint64 bytes, blocks;
  double bytes_error, blocks_error; /* where sampled */
} Left;

typedef struct {
  const MsTraceSummary *top; /* the process with the highest peak; NULL: none has a trace */
  const char *load_error;    /* the first, of n_unread processes */
  const char *thread_rule;
  guint n_traces, n_unread, n_running;
  guint64 allocations, n_threads, n_tracked, n_events, dropped_events;
  double allocations_error; /* where sampled */
  Left left[N_KINDS];
  gboolean is_sampled; /* any of them */
  gboolean is_ring;
} Sums;

static Kind
kind_of (const MsTraceSummary *process)
{
  if (process->was_replaced)
    return KIND_REPLACED;
  if (process->state == MS_STATE_KILLED)
    return KIND_KILLED;
  return process->state == MS_STATE_RUNNING || process->ends_early ? KIND_RUNNING : KIND_LEAKED;
}

/* What one process's sample left out says nothing of another's. */
static void
add_left (Left *self, const MsTotals *totals)
{
  self->n_processes++;
  self->bytes += totals->leaked_bytes;
  self->blocks += totals->leaked_allocations;
  self->bytes_error = hypot (self->bytes_error, totals->standard_errors.leaked_bytes);
  self->blocks_error = hypot (self->blocks_error, totals->standard_errors.leaked_blocks);
}

static Sums
sum_up (GPtrArray *processes)
{
  Sums sums = { 0 };

  for (guint i = 0; i < processes->len; i++)
    {
      const MsTraceSummary *process = g_ptr_array_index (processes, i);

      if (process->load_error && sums.n_unread++ == 0)
        sums.load_error = process->load_error;
      sums.dropped_events += process->dropped_events;
      if (!process->has_totals)
        continue;
      sums.n_traces++;
      sums.n_running += process->state == MS_STATE_RUNNING;
      sums.thread_rule = process->thread_rule;
      sums.allocations += process->totals.allocations;
      sums.n_threads += process->n_threads;
      sums.n_tracked += process->n_tracked_threads;
      sums.n_events += process->n_events;
      sums.is_sampled |= process->is_sampled;
      sums.is_ring |= process->is_ring;
      sums.allocations_error =
          hypot (sums.allocations_error, process->totals.standard_errors.allocations);
      add_left (&sums.left[kind_of (process)], &process->totals);
      if (!sums.top || process->totals.peak_bytes > sums.top->totals.peak_bytes)
        sums.top = process;
    }
  return sums;
}

static char *
format_end (int wait_status)
{
  const char *name;

  if (!WIFSIGNALED (wait_status))
    return g_strdup_printf ("exit status %d", WEXITSTATUS (wait_status));
  name = sigabbrev_np (WTERMSIG (wait_status));
  return name ? g_strdup_printf ("killed by SIG%s", name)
              : g_strdup_printf ("killed by signal %d", WTERMSIG (wait_status));
}

static void
append_peak (GString *text, const Sums *sums)
{
  const MsTraceSummary *top = sums->top;
  g_autofree char *peak =
      ms_estimate_text_bytes (top->totals.peak_bytes, top->totals.standard_errors.peak_bytes);
  g_autofree char *program = ms_terminal_text_clean (top->program);

  if (sums->is_ring)
    {
      g_string_append (text, "  peak    not available in ring mode\n");
      return;
    }
  g_string_append_printf (text, "  peak    %s", peak);
  /* Each process has a clock of its own, which begins when it does. */
  if (sums->n_traces > 1)
    g_string_append_printf (text, " in %s (pid %d), the highest of %u processes", program, top->pid,
                            sums->n_traces);
  if (top->totals.peak_time_ns != MS_TIME_NONE)
    {
      g_autofree char *when = ms_format_duration (top->totals.peak_time_ns);

      if (sums->n_traces > 1)
        g_string_append_printf (text, ", %s after it started", when);
      else
        g_string_append_printf (text, " at %s", when);
    }
  if (top->top_thread_id >= 0)
    {
      g_autofree char *name = ms_terminal_text_clean (top->top_thread_name);
      g_autofree char *bytes =
          ms_estimate_text_bytes (top->top_thread_peak_bytes, top->top_thread_peak_standard_error);

      g_string_append_printf (text, "; highest thread: %s (id %d), %s", name, top->top_thread_id,
                              bytes);
    }
  g_string_append_c (text, '\n');
  if (top->mapped_peak_bytes > 0)
    {
      g_autofree char *mapped = ms_format_bytes (top->mapped_peak_bytes);

      g_string_append_printf (text, "  mapped  %s at most: address space, apart from the heap%s\n",
                              mapped,
                              top->mapped_peak_bytes > top->totals.peak_bytes ? ", and more than it"
                                                                              : "");
    }
}

/* A line for each kind, of which a process is: sums of different kinds would have no name. */
static void
append_left (GString *text, const Sums *sums)
{
  static const struct {
    const char *word, *comment;
  } kinds[N_KINDS] = {
    [KIND_LEAKED] = { "leaked", " never freed by the end" },
    [KIND_KILLED] = { "in use", ", not freed when killed" },
    [KIND_REPLACED] = { "in use", ", not freed when another program took its place" },
    [KIND_RUNNING] = { "live  ", ", of programs that still run" },
  };

  for (guint k = 0; k < N_KINDS; k++)
    {
      const Left *left = &sums->left[k];
      g_autofree char *bytes = ms_estimate_text_bytes (left->bytes, left->bytes_error);
      g_autofree char *blocks = ms_estimate_text_count (left->blocks, left->blocks_error);
      g_autofree char *of = g_strdup_printf (" of %u process%s", left->n_processes,
                                             left->n_processes == 1 ? "" : "es");

      if (left->n_processes == 0
          || (left->blocks == 0 && k != KIND_LEAKED && left->n_processes < sums->n_traces))
        continue;
      g_string_append_printf (text, "  %s  %s in %s block%s%s%s%s\n", kinds[k].word, bytes, blocks,
                              left->blocks == 1 ? "" : "s", sums->n_traces > 1 ? of : "",
                              kinds[k].comment,
                              k == KIND_LEAKED && left->blocks > 0
                                  ? "; memscope report --leaks says where"
                                  : "");
    }
}

static void
append_counts (GString *text, const Sums *sums)
{
  g_autofree char *allocations =
      ms_estimate_text_count (sums->allocations, sums->allocations_error);
  g_autofree char *events = ms_format_count (sums->n_events);
  g_autofree char *dropped = ms_format_count (sums->dropped_events);
  g_autofree char *threads = ms_format_count (sums->n_tracked);

  g_string_append_printf (text, "  events  %s allocation%s by %s thread%s", allocations,
                          ms_plural (sums->allocations), threads, ms_plural (sums->n_tracked));
  if (sums->n_tracked < sums->n_threads)
    g_string_append_printf (text, " (%" G_GUINT64_FORMAT " other%s not tracked)",
                            sums->n_threads - sums->n_tracked,
                            sums->n_threads - sums->n_tracked == 1 ? " was" : "s were");
  if (sums->n_traces > 1)
    g_string_append_printf (text, " of %u processes", sums->n_traces);
  g_string_append_printf (text, "; %s event%s%s, %s dropped\n", events, ms_plural (sums->n_events),
                          sums->is_ring ? ", the last of each thread" : "", dropped);
  if (sums->is_ring)
    {
      g_string_append (text, "  leaked  not available in ring mode\n");
      return;
    }
  append_left (text, sums);
}

static void
append_notes (GString *text, const Sums *sums)
{
  g_autofree char *reason = ms_terminal_text_clean (sums->load_error ? sums->load_error : "");

  if (sums->n_unread > 0)
    g_string_append_printf (text, "  note    %u other process%s could not be read: %s\n",
                            sums->n_unread, sums->n_unread == 1 ? "" : "es", reason);
}

/* "2 programs: hi-static (it is statically linked), hi-asan (…)"; a few. */
static void
append_not_followed (GString *text, GPtrArray *processes, const char *folder)
{
  guint n = 0, n_shown = 0;
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < processes->len; i++)
    {
      const MsTraceSummary *process = g_ptr_array_index (processes, i);
      g_autofree char *program = NULL;
      g_autofree char *reason = NULL;

      if (!process->not_followed || n++ >= MAX_NOT_FOLLOWED)
        continue;
      program = ms_terminal_text_clean (process->program);
      reason = ms_terminal_text_clean (process->not_followed);
      g_string_append_printf (names, "%s%s (%s)", n_shown++ ? ", " : "", program, reason);
    }
  if (n == 0)
    return;
  g_string_append_printf (text, "  note    %u program%s not followed: %s", n,
                          n == 1 ? " was" : "s were", names->str);
  if (n > n_shown)
    g_string_append_printf (text, " and %u more: memscope info %s lists them", n - n_shown, folder);
  g_string_append_c (text, '\n');
}

/* Nothing was recorded, or what was cannot be read now, or no thread was to be recorded. */
static void
append_absence (GString *text, const Sums *sums)
{
  g_autofree char *rule = ms_terminal_text_clean (sums->thread_rule ? sums->thread_rule : "all");
  g_autofree char *dropped = ms_format_count (sums->dropped_events);
  g_autofree char *reason = NULL;

  if (sums->load_error)
    reason = ms_terminal_text_clean (sums->load_error);
  else if (sums->dropped_events > 0)
    reason = g_strdup ("every event was lost; memscope info says why");
  else if (sums->top && g_str_equal (rule, "none"))
    reason = g_strdup ("no allocations were to be recorded");
  else if (sums->top && !g_str_equal (rule, "all"))
    reason = g_strdup_printf ("no thread matched the rule '%s'%s", rule,
                              strstr (rule, "start:") ? " (is there a function of that name in its "
                                                        "symbols?)"
                                                      : "");
  else
    reason = g_strdup ("no event was recorded");
  g_string_append_printf (text,
                          "  peak    not available: %s\n"
                          "  events  %s, %s dropped\n"
                          "  leaked  not available\n",
                          reason, sums->load_error ? "not available" : "none", dropped);
}

char *
ms_record_summary_format (const char *folder,
                          GPtrArray *processes,
                          gint64 duration_ns,
                          int wait_status)
{
  GString *text = g_string_new (NULL);
  g_autofree char *shown = ms_terminal_text_clean (folder);
  g_autofree char *quoted = g_shell_quote (folder);
  Sums sums = sum_up (processes);
  g_autofree char *end = format_end (wait_status);
  /* Of one process its own, as a report has it: the other one has starting and waiting in it. */
  g_autofree char *duration = ms_format_duration (
      sums.n_traces == 1 && sums.n_running == 0 ? sums.top->duration_ns : duration_ns);
  g_autofree char *of_all =
      sums.n_traces > 1 ? g_strdup_printf (" with all %u processes", sums.n_traces) : g_strdup ("");
  gboolean plain = strspn (folder, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789/._-+,:@%")
                   == strlen (folder);

  g_string_append_printf (text, "memscope: recorded into %s\n", shown);
  g_string_append_printf (text, "  time    %s%s, %s%s\n", duration, of_all, end,
                          sums.is_sampled ? "; sampled: figures are estimates" : "");
  if (sums.n_tracked > 0)
    {
      append_peak (text, &sums);
      append_counts (text, &sums);
      append_notes (text, &sums);
    }
  else
    {
      append_absence (text, &sums);
    }
  append_not_followed (text, processes, plain ? folder : quoted);
  g_string_append_printf (text, "  next    memscope open %s   (or: memscope report %s)\n",
                          plain ? folder : quoted, plain ? folder : quoted);
  return g_string_free (text, FALSE);
}
