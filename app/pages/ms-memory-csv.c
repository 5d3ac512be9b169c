/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-csv.h"
#include "ms-csv.h"

static void
append_row (GString *csv, GtkTreeListRow *tree_row, MsMemoryList list)
{
  g_autoptr (MsMemoryRow) row = gtk_tree_list_row_get_item (tree_row);
  g_autofree char *name = ms_memory_row_dup_full_name (row);
  /* Functions are in many places, and there are thousands of them. */
  const MsFrame *frame = list != MS_MEMORY_LIST_FUNCTIONS ? ms_memory_row_get_frame (row) : NULL;
  const MsMemoryRowFigures *figures = ms_memory_row_get_figures (row);
  g_autofree char *depth = g_strdup_printf ("%u", gtk_tree_list_row_get_depth (tree_row));
  g_autofree char *line =
      frame != NULL && frame->line > 0 ? g_strdup_printf ("%u", frame->line) : g_strdup ("");
  g_autofree char *first =
      figures != NULL ? g_strdup_printf ("%" G_GUINT64_FORMAT, figures->value) : g_strdup ("");
  g_autofree char *second =
      figures != NULL ? g_strdup_printf ("%" G_GUINT64_FORMAT, figures->calls) : g_strdup ("");
  const char *file = frame != NULL && frame->file != NULL ? frame->file : "";
  const char *module = frame == NULL           ? ms_memory_row_get_place (row)
                       : frame->module != NULL ? frame->module
                                               : "";

  ms_csv_append_row (csv, (const char *const[]) { depth, name, file, line, module, first, second,
                                                  NULL });
}

char *
ms_memory_rows_to_csv (GListModel *rows, MsMemoryList list, MsMemoryMeasure measure)
{
  /* In order of MsMemoryMeasure; not translated: programs read them. */
  static const char *const VALUES[MS_N_MEASURES] = { "bytes_at_peak", "allocated_bytes",
                                                     "allocations", "leaked_bytes",
                                                     "temporary_allocations" };
  GString *csv = g_string_new (NULL);

  ms_csv_append_row (csv,
                     (const char *const[]) {
                         "depth", "function", "file", "line", "module", VALUES[measure],
                         list == MS_MEMORY_LIST_FUNCTIONS ? "with_callees" : "allocations", NULL });
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GtkTreeListRow) tree_row = g_list_model_get_item (rows, i);

      append_row (csv, tree_row, list);
    }
  return g_string_free (csv, FALSE);
}
