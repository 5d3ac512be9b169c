/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A sampled recording in the window: what is estimated is shown as that, with its standard error. */
#include "ms-figures.h"
#include "ms-flame-graph.h"
#include "ms-memory-page.h"
#include "ms-overview-page.h"
#include "ms-thread-columns.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

#define MS_NS 1000000

/* Of main's allocations eight were kept, each for ten; of other's, none. */
static char *
new_trace (void)
{
  char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (builder, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_start (builder, 0, 0, -1);
  trace_builder_sampling (builder, 0, 0.1, 0);
  for (guint i = 0; i < 8; i++)
    trace_builder_alloc (builder, 0, (i + 1) * MS_NS, 0x10000 * (i + 1), 1000, stack);
  trace_builder_skipped (builder, 0, 72, 72000, 0);
  trace_builder_start (builder, 1, 10 * MS_NS, 0);
  trace_builder_sampling (builder, 1, 0.1, 0);
  trace_builder_skipped (builder, 1, 5, 5000, 5);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  return folder;
}

static gboolean
has_error (gpointer page)
{
  GtkWidget *label = widget_test_find_label (page, "± ");

  return label != NULL && gtk_widget_get_mapped (label);
}

static gboolean
has_about (gpointer window)
{
  return widget_test_find_label (window, "about ") != NULL;
}

static const MsThreadColumn *
find_column (const char *id)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);

  for (guint i = 0; i < n_columns; i++)
    if (g_str_equal (columns[i].id, id))
      return &columns[i];
  g_assert_not_reached ();
}

static void
assert_rows (MsDocument *document)
{
  MsThreadRow *kept = g_ptr_array_index (ms_document_get_rows (document), 0);
  MsThreadRow *missed = g_ptr_array_index (ms_document_get_rows (document), 1);
  const MsThreadColumn *peak = find_column ("peak_bytes");
  const MsThreadColumn *allocations = find_column ("allocations");
  g_autofree char *shown = ms_thread_column_format (peak, kept);
  g_autofree char *error = ms_thread_column_explain (peak, kept);
  g_autofree char *exact = ms_thread_column_format (allocations, kept);
  g_autofree char *why_exact = ms_thread_column_explain (allocations, kept);
  g_autofree char *nothing = ms_thread_column_format (peak, missed);
  g_autofree char *why_nothing = ms_thread_column_explain (peak, missed);

  g_assert_true (g_str_has_prefix (shown, "≈"));
  g_assert_nonnull (strstr (error, " ± "));
  g_assert_true (g_str_has_suffix (error, ", estimated from a sample"));
  /* What was skipped was counted. */
  g_assert_cmpstr (exact, ==, "80");
  g_assert_null (why_exact);
  g_assert_cmpstr (nothing, ==,
                   "≈\xe2\x80\xaf"
                   "0\xe2\x80\xaf"
                   "B");
  g_assert_cmpstr (why_nothing, ==, "nothing that was sampled was live");
}

static void
test_overview (void)
{
  g_autofree char *folder = new_trace ();
  GtkWidget *page = window_test_open_page (folder, "overview", MS_TYPE_OVERVIEW_PAGE);
  MsDocument *document = ms_window_get_document (MS_WINDOW (gtk_widget_get_root (page)));

  widget_test_wait (has_error, page);
  g_assert_nonnull (widget_test_find_label (page, "≈"));
  g_assert_nonnull (widget_test_find_label (page, ", reached at "));
  g_assert_cmpfloat (ms_document_get_strip (document)->peak_standard_error, >, 0);
  assert_rows (document);
  /* The process's, for the list of processes, and the sentence above the pages. */
  g_assert_cmpfloat (ms_recording_get_process (ms_document_get_recording (document), 0)
                         ->peak_standard_error,
                     >, 1000);
  widget_test_wait (has_about, gtk_widget_get_root (page));
  window_test_close_page (page);
  test_folder_remove (folder);
}

static gboolean
has_tree (gpointer page)
{
  MsFlameGraph *flame = MS_FLAME_GRAPH (widget_test_find (page, MS_TYPE_FLAME_GRAPH));

  return ms_flame_graph_get_tree (flame) != NULL && has_error (page);
}

/* The table's cells and what is said of the picture. */
static void
test_memory (void)
{
  g_autofree char *folder = new_trace ();
  GtkWidget *page = window_test_open_page (folder, "memory", MS_TYPE_MEMORY_PAGE);
  GtkWidget *flame = widget_test_find (page, MS_TYPE_FLAME_GRAPH);

  widget_test_wait (has_tree, page);
  MsCallTree *tree = ms_flame_graph_get_tree (MS_FLAME_GRAPH (flame));
  g_autofree char *reading = ms_flame_graph_dup_reading (MS_FLAME_GRAPH (flame));
  g_autofree char *error =
      ms_figure_bytes ((guint64) (ms_call_tree_get_total_error (tree, 0, 0) + 0.5));

  g_assert_cmpfloat (ms_call_tree_get_total_error (tree, 0, 0), >, 1000);
  g_assert_nonnull (strstr (reading, error));
  g_assert_nonnull (widget_test_find_label (page, error));
  window_test_close_page (page);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/sampled-pages/overview", test_overview);
  g_test_add_func ("/sampled-pages/memory", test_memory);
  return g_test_run ();
}
