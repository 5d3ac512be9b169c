/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-matrix.h"

#include "ms-free-matrix.h"
#include "ms-json-figures.h"
#include "ms-report-lines.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

#define MOST_LINES 40U
#define PIPED_WIDTH 200U
#define LABEL_WIDTH 18U
#define CELL_WIDTH 12U /* with its gap */
#define MOST_NAME 10U  /* columns of a name in a title */

static char *
dup_name (MsReport *report, const MsFreeMatrix *matrix, guint line)
{
  MsThread *thread;

  if (line == matrix->n_lines)
    return g_strdup ("others");
  thread = ms_trace_find_thread (report->trace, matrix->ids[line]);
  return g_strdup_printf ("%u %s", matrix->ids[line],
                          thread != NULL ? ms_thread_get_name (thread) : "");
}

/* The table holds its columns by reference, so that they live here. */
static void
append_table (GString *out, MsReport *report, const MsFreeMatrix *matrix)
{
  guint n_columns = matrix->n_lines + 2;
  g_autofree MsColumn *columns = g_new0 (MsColumn, n_columns);
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  MsTable *table;

  columns[0] = (MsColumn) { "ALLOCATED BY ↓  FREED BY →", FALSE, TRUE, 0 };
  for (guint i = 0; i <= matrix->n_lines; i++)
    {
      g_autofree char *name = dup_name (report, matrix, i);
      g_autofree char *clean = ms_terminal_text_clean (name);

      g_ptr_array_add (titles, ms_terminal_text_shorten (clean, MOST_NAME));
      columns[i + 1] = (MsColumn) { g_ptr_array_index (titles, i), TRUE, FALSE, 0 };
    }
  table = ms_table_new (columns, n_columns);
  for (guint row = 0; row <= matrix->n_lines; row++)
    {
      ms_table_add (table, MS_STYLE_PLAIN, dup_name (report, matrix, row));
      for (guint column = 0; column <= matrix->n_lines; column++)
        {
          guint64 bytes = ms_free_matrix_get (matrix, row, column);

          ms_table_add (table, row == column ? MS_STYLE_DIM : MS_STYLE_PLAIN,
                        bytes > 0 ? ms_format_bytes (bytes) : g_strdup ("–"));
        }
    }
  ms_table_print (table, report->terminal, out);
  ms_table_free (table);
}

void
ms_report_matrix_append (GString *out, MsReport *report)
{
  guint width = report->terminal->width == G_MAXUINT ? PIPED_WIDTH : report->terminal->width;
  guint most = width > LABEL_WIDTH + 2 * CELL_WIDTH ? (width - LABEL_WIDTH) / CELL_WIDTH - 1 : 1;
  g_autoptr (MsFreeMatrix) matrix =
      ms_free_matrix_new (report->view, report->domain, MIN (most, MIN (report->top, MOST_LINES)));

  ms_report_heading (out, report->terminal, "Who frees whose blocks (bytes freed)");
  if (matrix == NULL)
    ms_report_remark (out, report->terminal, "no thread freed blocks of another");
  else
    append_table (out, report, matrix);
}

void
ms_report_matrix_write (MsJsonWriter *writer, MsReport *report)
{
  guint n_pairs = 0;
  const MsInteraction *pairs = ms_view_get_interactions (report->view, report->domain, &n_pairs);

  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_pairs, report->top); i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_set_style (writer, MS_JSON_COMPACT);
      ms_json_writer_add_uint (writer, "alloc_thread", pairs[i].alloc_thread);
      ms_json_writer_add_uint (writer, "free_thread", pairs[i].free_thread);
      ms_json_add_estimate (writer, report->trace, "frees", pairs[i].frees,
                            pairs[i].frees_standard_error);
      ms_json_add_estimate (writer, report->trace, "bytes", pairs[i].bytes,
                            pairs[i].bytes_standard_error);
      ms_json_writer_end_object (writer);
      ms_json_writer_set_style (writer, MS_JSON_PRETTY);
    }
  ms_json_writer_end_array (writer);
}
