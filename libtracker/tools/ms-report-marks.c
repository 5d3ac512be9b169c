/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-marks.h"

#include "ms-report-lines.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

/* A screen; the JSON form has all of them. */
#define MAX_ROWS 40U

static gboolean
is_in_part (MsReport *report, const MsMark *mark)
{
  return !ms_view_is_filtered (report->view)
         || (mark->time_ns >= ms_view_get_start_ns (report->view)
             && mark->time_ns <= ms_view_get_end_ns (report->view));
}

void
ms_report_marks_append (GString *out, MsReport *report)
{
  static const MsColumn columns[] = { { "", TRUE, FALSE, 0 },
                                      { "", FALSE, FALSE, 0 },
                                      { "", FALSE, TRUE, 0 } };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  guint n_marks, n_shown = 0, n_left = 0;
  const MsMark *marks = ms_trace_get_marks (report->trace, &n_marks);

  for (guint i = 0; i < n_marks; i++)
    if (is_in_part (report, &marks[i]) && n_shown < MAX_ROWS)
      {
        ms_table_add (table, MS_STYLE_PLAIN, ms_format_duration (marks[i].time_ns));
        ms_table_add (table, MS_STYLE_DIM, g_strdup (ms_mark_kind_to_string (marks[i].kind)));
        ms_table_add (table, MS_STYLE_PLAIN, g_strdup (marks[i].name));
        n_shown++;
      }
    else
      n_left += is_in_part (report, &marks[i]);
  if (n_shown == 0)
    return;
  ms_report_heading (out, report->terminal, "Marks");
  ms_table_print (table, report->terminal, out);
  if (n_left > 0)
    g_string_append_printf (out, "  and %u more\n", n_left);
}
