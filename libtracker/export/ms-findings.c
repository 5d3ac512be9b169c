/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-findings.h"

#include "ms-short-text.h"

#define LEAST_BYTES 1000000u
#define LEAST_ALLOCATIONS 10000u
#define SITE_CHARS 100

static void
finding_free (gpointer data)
{
  MsFinding *finding = data;

  g_free (finding->text);
  g_free (finding);
}

/* Decimal units without the locale's comma: the text goes into files that are compared. */
static char *
format_bytes (guint64 bytes)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double value = (double) bytes;
  guint unit = 0;

  while (value >= 999.95 && unit + 1 < G_N_ELEMENTS (units))
    {
      value /= 1000;
      unit++;
    }
  g_ascii_formatd (text, sizeof text, unit == 0 ? "%.0f" : "%.1f", value);
  return g_strdup_printf ("%s %s", text, units[unit]);
}

static guint
percent_of (guint64 part, guint64 whole)
{
  return (guint) (100.0 * (double) part / (double) whole + 0.5);
}

static MsFinding *
add_finding (GPtrArray *findings, const char *code, char *text, const char *recommendation)
{
  MsFinding *finding = g_new0 (MsFinding, 1);

  finding->code = code;
  finding->thread_id = finding->stack = -1;
  finding->text = text;
  finding->recommendation = recommendation;
  g_ptr_array_add (findings, finding);
  return finding;
}

static void
set_figures (MsFinding *finding,
             const char *part_name,
             guint64 part,
             const char *whole_name,
             guint64 whole)
{
  finding->part_name = part_name;
  finding->part = part;
  finding->whole_name = whole_name;
  finding->whole = whole;
}

static void
find_heavy_thread (MsExportView *view, GPtrArray *findings)
{
  guint64 peak = view->totals->peak_bytes;

  for (guint i = 0; i < view->threads->len && view->n_tracked > 1; i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);
      guint64 part = t->totals->bytes_at_process_peak;
      g_autofree char *bytes = NULL;
      MsFinding *finding;

      if (peak < LEAST_BYTES || part < peak - part)
        continue;
      bytes = format_bytes (part);
      finding =
          add_finding (findings, "thread_dominates_peak",
                       g_strdup_printf ("Thread %s held %s of the memory at the peak, %u %% of it.",
                                        ms_thread_get_name (t->thread), bytes,
                                        percent_of (part, peak)),
                       "Look at what it keeps: the process's peak falls with its own.");
      finding->thread_id = (gint) t->id;
      set_figures (finding, "bytes_at_process_peak", part, "peak_bytes", peak);
      return;
    }
}

static char *
site_of (MsExportView *view, guint stack)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (view->names, stack, &depth, NULL);

  return ms_short_text_new (depth > 0 ? ms_frame_names_get_label (view->names, frames[0])
                                      : "unknown",
                            SITE_CHARS);
}

static const MsExportStack *
heaviest_stack (MsExportView *view, MsStackMetric metric)
{
  const MsExportStack *heaviest = NULL;

  for (guint i = 0; i < view->stacks->len; i++)
    {
      const MsExportStack *s = &g_array_index (view->stacks, MsExportStack, i);

      if (!heaviest
          || ms_stack_metric_get (s->totals, metric)
                 > ms_stack_metric_get (heaviest->totals, metric))
        heaviest = s;
    }
  return heaviest;
}

static void
find_heavy_stack (MsExportView *view, GPtrArray *findings)
{
  const MsExportStack *s = heaviest_stack (view, MS_STACK_PEAK);
  guint64 peak = view->totals->peak_bytes;
  g_autofree char *bytes = NULL;
  g_autofree char *site = NULL;
  MsFinding *finding;

  if (!s || peak < LEAST_BYTES || s->totals->bytes_at_process_peak < peak / 4)
    return;
  site = site_of (view, s->stack);
  bytes = format_bytes (s->totals->bytes_at_process_peak);
  finding =
      add_finding (findings, "stack_dominates_peak",
                   g_strdup_printf ("One call stack, from %s, held %s at the peak, %u %% of it.",
                                    site, bytes,
                                    percent_of (s->totals->bytes_at_process_peak, peak)),
                   "Smaller or shorter-lived blocks there lower the peak most.");
  finding->stack = (gint) s->stack;
  set_figures (finding, "bytes_at_process_peak", s->totals->bytes_at_process_peak, "peak_bytes",
               peak);
}

static void
find_leak (MsExportView *view, GPtrArray *findings)
{
  const MsTotals *t = view->totals;
  const MsExportStack *s = heaviest_stack (view, MS_STACK_LEAKED);
  g_autofree char *bytes = NULL;
  g_autofree char *site = NULL;
  MsFinding *finding;

  /* Blocks of a running program are live, not leaked. */
  if (!s || ms_trace_get_state (view->trace) == MS_STATE_RUNNING || t->leaked_bytes < LEAST_BYTES
      || t->leaked_bytes < t->peak_bytes / 10)
    return;
  site = site_of (view, s->stack);
  bytes = format_bytes (t->leaked_bytes);
  finding = add_finding (
      findings, "never_freed",
      g_strdup_printf ("%s were never freed, most of them from %s.", bytes, site),
      "Harmless if they are meant to last to the end; a leak if there is one for each request.");
  finding->stack = (gint) s->stack;
  set_figures (finding, "leaked_bytes", t->leaked_bytes, "peak_bytes", t->peak_bytes);
}

static void
find_temporary (MsExportView *view, GPtrArray *findings)
{
  const MsTotals *t = view->totals;
  const MsExportStack *s = heaviest_stack (view, MS_STACK_TEMPORARY);
  g_autofree char *site = NULL;
  MsFinding *finding;

  if (!s || t->allocations < LEAST_ALLOCATIONS || t->temporary_allocations < t->allocations / 2)
    return;
  site = site_of (view, s->stack);
  finding = add_finding (
      findings, "temporary_allocations",
      g_strdup_printf ("%u %% of the allocations were freed at once, most often those from %s.",
                       percent_of (t->temporary_allocations, t->allocations), site),
      "A buffer that is kept and used again, or one on the stack, saves these calls.");
  finding->stack = (gint) s->stack;
  set_figures (finding, "temporary_allocations", t->temporary_allocations, "allocations",
               t->allocations);
}

GPtrArray *
ms_findings_new (MsExportView *view)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func (finding_free);

  find_heavy_thread (view, findings);
  find_heavy_stack (view, findings);
  find_leak (view, findings);
  find_temporary (view, findings);
  return findings;
}
