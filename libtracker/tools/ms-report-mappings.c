/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   Mappings (address space from mmap, brk and thread stacks; no part of the heap)
 *     mapped peak   29.4 MB  at 4.80 ms
 *     …
 *   MADE OF          AT PEAK  MAPPED  MAPPINGS  STILL MAPPED
 *   Threads by what they mapped
 *   Stacks that had most mapped
 */
#include "ms-report-mappings.h"

#include "ms-mapping-names.h"
#include "ms-report-lines.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

#define MAX_THREAD_ROWS 12U

static void
append_totals (GString *out, MsReport *report)
{
  const MsTerminal *terminal = report->terminal;
  const MsTotals *totals = ms_view_get_totals (report->view, MS_DOMAIN_MAPPING);
  const MsPeak *peak = ms_report_get_peak (report, MS_DOMAIN_MAPPING);
  guint64 peak_bytes = peak != NULL ? peak->bytes : 0;
  g_autofree char *time = ms_format_duration (peak != NULL ? peak->time_ns : MS_TIME_NONE);
  g_autofree char *mappings = ms_format_count (totals->allocations);
  g_autofree char *remaps = ms_format_count (totals->reallocations);
  g_autofree char *live = ms_format_count (totals->live_blocks);
  guint64 others = totals->foreign_frees + totals->inherited_frees + totals->prior_frees
                   + totals->unmatched_frees;

  ms_report_heading (out, terminal, "Mappings (address space; not part of the heap)");
  ms_report_figure (out, terminal, "mapped peak", ms_format_bytes (peak_bytes), "%s%s",
                    peak_bytes > 0 ? "at " : "", peak_bytes > 0 ? time : "");
  ms_report_figure (out, terminal, "mapped", ms_format_bytes (totals->allocated_bytes),
                    "in %s mapping%s, %s of them by mremap", mappings,
                    ms_plural (totals->allocations), remaps);
  ms_report_figure (out, terminal, "unmapped", ms_format_count (totals->deallocations),
                    "mapping%s, to %s last byte", ms_plural (totals->deallocations),
                    totals->deallocations == 1 ? "its" : "their");
  if (others > 0)
    ms_report_figure (out, terminal, "other", ms_format_count (others),
                      "unmap%s of what was not recorded", ms_plural (others));
  ms_report_figure (out, terminal, "temporary", ms_format_count (totals->temporary_allocations),
                    "mapping%s ended by the same thread's next call",
                    ms_plural (totals->temporary_allocations));
  ms_report_figure (out, terminal, "left", ms_format_bytes (totals->live_bytes),
                    "in %s mapping%s%s", live, ms_plural (totals->live_blocks),
                    ms_trace_get_state (report->trace) == MS_STATE_RUNNING
                            || ms_trace_get_state (report->trace) == MS_STATE_UNKNOWN
                        ? ""
                        : " still mapped at the end");
}

static void
append_kinds (GString *out, MsReport *report)
{
  static const MsColumn columns[] = {
    { "MADE OF", FALSE, FALSE, 0 },     { "AT THE PEAK", TRUE, FALSE, 0 },
    { "MAPPED", TRUE, FALSE, 1 },       { "MAPPINGS", TRUE, FALSE, 2 },
    { "STILL MAPPED", TRUE, FALSE, 3 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));

  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    {
      const MsMappingTotals *totals = ms_trace_get_mapping_totals (report->trace, k);

      if (totals->mappings == 0)
        continue;
      ms_table_add (table, MS_STYLE_PLAIN, g_strdup (ms_mapping_kind_get_name (k)));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_bytes (totals->bytes_at_process_peak));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_bytes (totals->mapped_bytes));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_count (totals->mappings));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_bytes (totals->live_bytes));
    }
  g_string_append_c (out, '\n');
  ms_table_print (table, report->terminal, out);
}

static void
append_threads (GString *out, MsReport *report)
{
  const MsColumn columns[] = {
    { "ID", TRUE, FALSE, 0 },
    { "NAME", FALSE, TRUE, 0 },
    { ms_view_is_filtered (report->view) ? "AT PEAK" : "MAPPED PEAK", TRUE, FALSE, 0 },
    { "MAPPED", TRUE, FALSE, 1 },
    { "MAPPINGS", TRUE, FALSE, 2 },
    { "STILL MAPPED", TRUE, FALSE, 3 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GArray) order =
      ms_report_order_threads (report, MS_DOMAIN_MAPPING, MS_FIGURE_PEAK_BYTES, TRUE);
  guint n_more = 0;

  for (guint i = 0; i < order->len; i++)
    {
      guint index = g_array_index (order, guint, i);
      MsThread *thread = ms_trace_get_thread (report->trace, index);
      const MsTotals *totals = ms_view_get_thread_totals (report->view, index, MS_DOMAIN_MAPPING);

      if (totals->allocations == 0)
        continue;
      if (i >= MAX_THREAD_ROWS)
        {
          n_more++;
          continue;
        }
      ms_table_add (table, MS_STYLE_PLAIN, g_strdup_printf ("%u", ms_thread_get_id (thread)));
      ms_table_add (table, MS_STYLE_PLAIN, g_strdup (ms_thread_get_name (thread)));
      ms_table_add (table, MS_STYLE_PLAIN,
                    ms_format_bytes (ms_report_thread_figure (report, index, MS_DOMAIN_MAPPING,
                                                              MS_FIGURE_PEAK_BYTES)));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_bytes (totals->allocated_bytes));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_count (totals->allocations));
      ms_table_add (table, MS_STYLE_PLAIN, ms_format_bytes (totals->live_bytes));
    }
  ms_report_heading (out, report->terminal, "Threads by what they mapped");
  ms_table_print (table, report->terminal, out);
  ms_report_more (out, report->terminal, n_more, "thread");
}

static void
append_stack (GString *out, MsReport *report, guint stack, guint rank)
{
  const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, MS_DOMAIN_MAPPING);
  g_autofree char *peak = ms_format_bytes (
      ms_report_stack_figure (report, stack, MS_DOMAIN_MAPPING, MS_FIGURE_PEAK_BYTES));
  g_autofree char *mapped = ms_format_bytes (totals->allocated_bytes);
  g_autofree char *mappings = ms_format_count (totals->allocations);
  g_autofree char *live = ms_format_bytes (totals->live_bytes);
  g_autofree char *kinds =
      ms_mapping_kinds_to_string (ms_trace_get_stack_mapping_kinds (report->trace, stack));
  g_autofree char *title =
      g_strdup_printf ("%s %s", peak,
                       ms_view_is_filtered (report->view) ? "at the peak" : "mapped at once");
  g_autofree char *comment = g_strdup_printf (", %s in %s mapping%s, %s%s%s", mapped, mappings,
                                              ms_plural (totals->allocations), kinds,
                                              totals->live_bytes > 0 ? ", still mapped " : "",
                                              totals->live_bytes > 0 ? live : "");

  ms_report_stack (out, report, rank, title, comment, stack);
}

static void
append_stacks (GString *out, MsReport *report)
{
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, MS_DOMAIN_MAPPING, MS_FIGURE_PEAK_BYTES, TRUE, report->top);

  if (stacks->len == 0)
    return;
  ms_report_heading (out, report->terminal, "Stacks that had most mapped");
  for (guint i = 0; i < stacks->len; i++)
    append_stack (out, report, g_array_index (stacks, guint, i), i + 1);
}

void
ms_report_mappings_append (GString *out, MsReport *report)
{
  append_totals (out, report);
  if (!ms_view_is_filtered (report->view))
    append_kinds (out, report); /* counted for the whole recording only */
  append_threads (out, report);
  append_stacks (out, report);
}
