/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-leaks.h"

#include "ms-estimate-text.h"
#include "ms-json-figures.h"
#include "ms-report-lines.h"
#include "ms-report-stacks.h"
#include "ms-terminal-text.h"

void
ms_report_leaks_append (GString *out, MsReport *report)
{
  const MsTotals *all = ms_view_get_totals (report->view, report->domain);
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, report->domain, MS_FIGURE_LEAKED_BYTES, FALSE, report->top);
  g_autofree char *bytes =
      ms_estimate_text_bytes (all->leaked_bytes, all->standard_errors.live_bytes);
  g_autofree char *blocks =
      ms_estimate_text_count (all->leaked_allocations, all->standard_errors.live_blocks);
  g_autofree char *remark =
      g_strdup_printf ("%s in %s block%s", bytes, blocks, ms_plural (all->leaked_allocations));

  ms_report_heading (out, report->terminal, "Never freed");
  ms_report_remark (out, report->terminal, all->leaked_allocations > 0 ? remark : "nothing");
  for (guint i = 0; i < stacks->len; i++)
    {
      guint stack = g_array_index (stacks, guint, i);
      const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, report->domain);
      g_autofree char *leaked =
          ms_estimate_text_bytes (totals->leaked_bytes, totals->standard_errors.live_bytes);
      g_autofree char *n =
          ms_estimate_text_count (totals->leaked_allocations, totals->standard_errors.live_blocks);
      g_autofree char *title = g_strdup_printf ("%s leaked", leaked);
      g_autofree char *comment =
          g_strdup_printf (" in %s allocation%s", n, ms_plural (totals->leaked_allocations));

      ms_report_stack (out, report, i + 1, title, comment, stack);
    }
}

void
ms_report_leaks_write (MsJsonWriter *writer, MsReport *report)
{
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, report->domain, MS_FIGURE_LEAKED_BYTES, FALSE, report->top);

  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < stacks->len; i++)
    {
      guint stack = g_array_index (stacks, guint, i);
      const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, report->domain);

      ms_json_writer_begin_object (writer);
      ms_json_add_estimate (writer, report->trace, "leaked_bytes", totals->leaked_bytes,
                            totals->standard_errors.live_bytes);
      ms_json_add_estimate (writer, report->trace, "leaked_allocations", totals->leaked_allocations,
                            totals->standard_errors.live_blocks);
      ms_report_frames_write (writer, report, stack);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}
