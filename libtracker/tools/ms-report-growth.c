/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-growth.h"

#include "ms-report-lines.h"
#include "ms-report-stacks.h"
#include "ms-terminal-text.h"

void
ms_report_growth_append (GString *out, MsReport *report)
{
  guint n_chains = 0;
  const MsGrowthChains *chains =
      ms_view_get_growth_chains (report->view, report->domain, &n_chains);

  ms_report_heading (out, report->terminal, "Blocks that grew again and again");
  if (ms_trace_why_no_growth_chains (report->trace) != NULL)
    {
      g_autofree char *remark =
          g_strdup_printf ("not available: %s", ms_trace_why_no_growth_chains (report->trace));

      ms_report_remark (out, report->terminal, remark);
      return;
    }
  if (n_chains == 0)
    ms_report_remark (out, report->terminal, "there were none");
  for (guint i = 0; i < MIN (n_chains, report->top); i++)
    {
      const MsGrowthChains *it = &chains[i];
      g_autofree char *copied = ms_format_bytes (it->copied_bytes);
      g_autofree char *growths = ms_format_count (it->growths);
      g_autofree char *blocks = ms_format_count (it->chains);
      g_autofree char *longest = ms_format_count (it->longest_chain);
      g_autofree char *first = ms_format_bytes (it->first_bytes);
      g_autofree char *final = ms_format_bytes (it->final_bytes);
      g_autofree char *title = g_strdup_printf ("up to %s copied", copied);
      g_autofree char *comment =
          g_strdup_printf (" in %s growths of %s block%s, the longest of %s; from %s to %s",
                           growths, blocks, ms_plural (it->chains), longest, first, final);

      ms_report_stack (out, report, i + 1, title, comment, it->stack);
    }
  ms_report_more (out, report->terminal, n_chains - MIN (n_chains, report->top), "stack");
}

void
ms_report_growth_write (MsJsonWriter *writer, MsReport *report)
{
  guint n_chains = 0;
  const MsGrowthChains *chains =
      ms_view_get_growth_chains (report->view, report->domain, &n_chains);

  if (ms_trace_why_no_growth_chains (report->trace) != NULL)
    {
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_chains, report->top); i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "blocks", chains[i].chains);
      ms_json_writer_add_uint (writer, "growths", chains[i].growths);
      ms_json_writer_add_uint (writer, "longest_chain", chains[i].longest_chain);
      ms_json_writer_add_uint (writer, "copied_bytes", chains[i].copied_bytes);
      ms_json_writer_add_uint (writer, "first_bytes", chains[i].first_bytes);
      ms_json_writer_add_uint (writer, "final_bytes", chains[i].final_bytes);
      ms_report_frames_write (writer, report, chains[i].stack);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}
