/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-threads-csv.h"
#include "ms-csv.h"
#include "ms-thread-columns.h"

static void
append_value (GString *csv, const MsThreadColumn *column, MsThreadRow *row)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (!ms_thread_column_has_value (column, row))
    return;
  switch (column->kind)
    {
    case MS_VALUE_TEXT:
      ms_csv_append_text (csv, column->get_text (row));
      break;
    case MS_VALUE_ROLE:
      g_string_append (csv, ms_role_to_string (ms_thread_row_get_role (row)));
      break;
    case MS_VALUE_ALERT:
      g_string_append (csv, ms_alert_to_string (ms_thread_row_get_alert (row)));
      break;
    case MS_VALUE_PERCENT:
    case MS_VALUE_MEASURED_COUNT:
      g_string_append (csv, g_ascii_formatd (number, sizeof number, "%.10g",
                                             column->get_measured (row).value));
      break;
    case MS_VALUE_NUMBER:
    case MS_VALUE_COUNT:
    case MS_VALUE_BYTES:
    case MS_VALUE_RATE:
    case MS_VALUE_DURATION:
    default:
      g_string_append_printf (csv, "%" G_GUINT64_FORMAT, column->get_number (row));
      break;
    }
}

char *
ms_threads_to_csv (GListModel *rows)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);
  GString *csv = g_string_new (NULL);

  for (guint c = 0; c < n_columns; c++)
    g_string_append_printf (csv, "%s%s", c > 0 ? "," : "", columns[c].id);
  g_string_append (csv, "\r\n");
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (MsThreadRow) row = g_list_model_get_item (rows, i);

      for (guint c = 0; c < n_columns; c++)
        {
          if (c > 0)
            g_string_append_c (csv, ',');
          append_value (csv, &columns[c], row);
        }
      g_string_append (csv, "\r\n");
    }
  return g_string_free (csv, FALSE);
}
