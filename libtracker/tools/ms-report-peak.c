/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shares of threads, and of stacks, add up to the peak: all of it was live at the same moment. */
#include "ms-report-peak.h"

#include "ms-estimate-text.h"
#include "ms-json-figures.h"
#include "ms-report-lines.h"
#include "ms-report-stacks.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

#define MAX_ROWS 40U

static char *
dup_share (guint64 bytes, const double *errors, guint index)
{
  return ms_estimate_text_bytes (bytes, errors ? errors[index] : 0);
}

static void
append_threads (GString *out, MsReport *report, const MsPeak *peak)
{
  static const MsColumn columns[] = {
    { "ID", TRUE, FALSE, 0 },
    { "NAME", FALSE, TRUE, 0 },
    { "AT THE PEAK", TRUE, FALSE, 0 },
    { "SHARE", TRUE, FALSE, 1 },
  };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GArray) order =
      ms_report_order_threads (report, report->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK, FALSE);
  guint n_shown = MIN (order->len, report->top_is_set ? report->top : MIN (report->top, MAX_ROWS));

  for (guint i = 0; i < n_shown; i++)
    {
      guint index = g_array_index (order, guint, i);
      MsThread *thread = ms_trace_get_thread (report->trace, index);

      ms_table_add (table, MS_STYLE_PLAIN, g_strdup_printf ("%u", ms_thread_get_id (thread)));
      ms_table_add (table, MS_STYLE_PLAIN, g_strdup (ms_thread_get_name (thread)));
      ms_table_add (table, MS_STYLE_PLAIN,
                    dup_share (peak->thread_bytes[index], peak->thread_errors, index));
      ms_table_add (table, MS_STYLE_PLAIN,
                    ms_format_share (peak->thread_bytes[index], peak->bytes));
    }
  ms_table_print (table, report->terminal, out);
  ms_report_more (out, report->terminal, order->len - n_shown, "thread");
}

void
ms_report_peak_append (GString *out, MsReport *report)
{
  const MsPeak *peak = ms_report_get_peak (report, report->domain);
  g_autoptr (GArray) stacks = NULL;
  g_autofree char *bytes = NULL;
  g_autofree char *time = NULL;
  g_autofree char *heading = NULL;

  if (ms_trace_why_no_live (report->trace) != NULL)
    {
      ms_report_heading (out, report->terminal, "Live at the peak");
      ms_report_remark (out, report->terminal, ms_trace_why_no_live (report->trace));
    }
  if (peak == NULL)
    return; /* cancelled */
  bytes = ms_estimate_text_bytes (peak->bytes, peak->standard_error);
  time = ms_format_duration (peak->time_ns);
  heading = g_strdup_printf ("Live at the peak of %s, at %s", bytes, time);
  ms_report_heading (out, report->terminal, peak->bytes > 0 ? heading : "Live at the peak");
  if (peak->bytes == 0)
    {
      ms_report_remark (out, report->terminal, "nothing was live at any time");
      return;
    }
  append_threads (out, report, peak);
  stacks = ms_report_order_stacks (report, report->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK, FALSE,
                                   report->top);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < stacks->len; i++)
    {
      guint stack = g_array_index (stacks, guint, i);
      g_autofree char *title = dup_share (peak->stack_bytes[stack], peak->stack_errors, stack);
      g_autofree char *share = ms_format_share (peak->stack_bytes[stack], peak->bytes);
      g_autofree char *comment = g_strdup_printf (" at the peak, %s", share);

      ms_report_stack (out, report, i + 1, title, comment, stack);
    }
}

static void
write_threads (MsJsonWriter *writer, MsReport *report, const MsPeak *peak)
{
  g_autoptr (GArray) order =
      ms_report_order_threads (report, report->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK, FALSE);

  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (order->len, report->top); i++)
    {
      guint index = g_array_index (order, guint, i);
      MsThread *thread = ms_trace_get_thread (report->trace, index);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "id", ms_thread_get_id (thread));
      ms_json_writer_add_string (writer, "name", ms_thread_get_name (thread));
      ms_json_add_estimate (writer, report->trace, "bytes", peak->thread_bytes[index],
                            peak->thread_errors ? peak->thread_errors[index] : 0);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_report_peak_write (MsJsonWriter *writer, MsReport *report)
{
  const MsPeak *peak = ms_report_get_peak (report, report->domain);
  g_autoptr (GArray) stacks = NULL;

  if (peak == NULL)
    {
      ms_json_writer_null (writer);
      return;
    }
  stacks = ms_report_order_stacks (report, report->domain, MS_FIGURE_BYTES_AT_PROCESS_PEAK, FALSE,
                                   report->top);
  ms_json_writer_begin_object (writer);
  ms_json_add_estimate (writer, report->trace, "bytes", peak->bytes, peak->standard_error);
  ms_json_writer_add_time (writer, "time_ns", peak->time_ns);
  write_threads (writer, report, peak);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < stacks->len; i++)
    {
      guint stack = g_array_index (stacks, guint, i);

      ms_json_writer_begin_object (writer);
      ms_json_add_estimate (writer, report->trace, "bytes", peak->stack_bytes[stack],
                            peak->stack_errors ? peak->stack_errors[stack] : 0);
      ms_report_frames_write (writer, report, stack);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}
