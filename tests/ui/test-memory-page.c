/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The page Memory on a trace that the builder writes: by every measure, under the focus, and let go of. */
#include "ms-flame-graph.h"
#include "ms-loader.h"
#include "ms-memory-page.h"
#include "ms-memory-table.h"
#include "ms-plot-card.h"
#include "ms-source-window.h"
#include "name-table.h"
#include "widget-test.h"

#include <string.h>

typedef struct {
  char *folder;
  NameTable *names;
  MsDocument *document;
  MsFocus *focus;
  MsLens *lens;
  GtkWindow *window;
  MsMemoryPage *page;
} Fixture;

/* Two threads.  decode keeps 6000 bytes; copy has 500 once and frees them at once; index 2000, which the
 * other thread frees. */
static char *
new_trace (Fixture *self)
{
  char *folder = test_folder_new ();
  TraceBuilder *builder = trace_builder_new (folder);
  guint32 decode, copy, index;

  self->names = name_table_new ("/usr/bin/victim", 0x400000);
  trace_builder_start (builder, 0, 0, -1);
  trace_builder_start (builder, 1, 10, 0);
  decode = name_table_add_stack (self->names, builder, 0,
                                 "main > run@/src/run.c:12 > decode@/src/decode.c:118");
  copy = name_table_add_stack (self->names, builder, 0, "main > run@/src/run.c:14 > copy");
  index = name_table_add_stack (self->names, builder, 1, "start > index<int>(int)");
  name_table_add_module (self->names, builder);
  trace_builder_alloc (builder, 0, 1000, 0x10000, 6000, decode);
  trace_builder_alloc (builder, 0, 2000, 0x20000, 500, copy);
  trace_builder_free_block (builder, 0, 2100, 0x20000);
  trace_builder_alloc (builder, 1, 3000, 0x30000, 2000, index);
  trace_builder_free_block (builder, 0, 4000, 0x30000);
  trace_builder_alloc (builder, 1, 900000, 0x40000, 8, index);
  trace_builder_free_block (builder, 1, 990000, 0x40000);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace_builder_free (builder);
  return folder;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr (GError) error = NULL;

  self->document = ms_loader_load_finish (MS_LOADER (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
is_idle (gpointer data)
{
  return !ms_memory_page_get_busy (data);
}

static void
wait_for_page (Fixture *self)
{
  widget_test_wait (is_idle, self->page);
  widget_test_wait_frames (GTK_WIDGET (self->page), 3);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = new_trace (self);
  g_autoptr (MsLoader) loader = ms_loader_new (self->folder);

  ms_loader_load_async (loader, NULL, loaded_cb, self);
  while (self->document == NULL)
    g_main_context_iteration (NULL, TRUE);
  self->focus = ms_focus_new ();
  self->lens = ms_lens_new (self->document, self->focus, MS_NAME_RESOLVER (self->names), NULL);
  self->page = g_object_ref_sink (MS_MEMORY_PAGE (ms_memory_page_new ()));
  self->window = widget_test_show (GTK_WIDGET (self->page), GPOINTER_TO_INT (data), 800);
  ms_memory_page_set_lens (self->page, self->lens);
  wait_for_page (self);
}

static gboolean
is_last (gpointer data)
{
  return G_OBJECT (data)->ref_count == 1;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  widget_test_close (self->window);
  ms_memory_page_set_lens (self->page, NULL);
  /* A worker that was cancelled may hold it a moment longer. */
  widget_test_wait (is_last, self->page);
  g_assert_finalize_object (self->page);
  g_assert_finalize_object (self->lens);
  g_assert_finalize_object (self->focus);
  g_object_unref (self->document);
  g_object_unref (self->names);
  test_folder_remove (self->folder);
  g_free (self->folder);
}

static void
choose (Fixture *self, const char *property, const char *value)
{
  g_autofree char *action = g_strdup_printf ("memory.%s", property);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->page), action, "s", value));
  wait_for_page (self);
}

/* The lines of the table as it is shown, without the heading. */
static GStrv
dup_lines (Fixture *self)
{
  guint n_rows;
  g_autofree char *csv = ms_memory_page_to_csv (self->page, &n_rows);
  GStrv lines = g_strsplit (csv, "\r\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, n_rows + 2);
  g_free (lines[0]);
  memmove (lines, lines + 1, (n_rows + 2) * sizeof *lines);
  g_free (lines[n_rows]); /* after the last line end */
  lines[n_rows] = NULL;
  return lines;
}

static void
assert_lines (Fixture *self, const char *const *wanted)
{
  g_auto (GStrv) lines = dup_lines (self);

  for (guint i = 0; wanted[i] != NULL || lines[i] != NULL; i++)
    g_assert_cmpstr (lines[i], ==, wanted[i]);
}

/* The four lists that a person starts from. */
static void
test_lists (Fixture *self, gconstpointer data)
{
  assert_lines (self, (const char *const[]) { "0,decode,/src/decode.c,118,victim,6000,1",
                                              "0,index<int>(int),,,victim,2000,2", NULL });
  choose (self, "measure", "allocated");
  assert_lines (self, (const char *const[]) { "0,decode,/src/decode.c,118,victim,6000,1",
                                              "0,index<int>(int),,,victim,2008,2",
                                              "0,copy,,,victim,500,1", NULL });
  choose (self, "measure", "count");
  assert_lines (self, (const char *const[]) { "0,index<int>(int),,,victim,2,2",
                                              "0,decode,/src/decode.c,118,victim,1,1",
                                              "0,copy,,,victim,1,1", NULL });
  choose (self, "measure", "temporary");
  g_auto (GStrv) temporary = dup_lines (self);
  g_assert_true (g_str_has_prefix (temporary[0], "0,copy") || g_strv_length (temporary) > 1);
  choose (self, "measure", "leaked");
  assert_lines (self, (const char *const[]) { "0,decode,/src/decode.c,118,victim,6000,1", NULL });
  g_assert_nonnull (
      widget_test_find_label (GTK_WIDGET (self->page), "is accused: it was never freed."));
}

static void
test_trees (Fixture *self, gconstpointer data)
{
  choose (self, "list", "functions");
  assert_lines (self, (const char *const[]) { "0,decode,,,victim,6000,6000",
                                              "0,index<int>(int),,,victim,2000,2000",
                                              "0,run,,,victim,0,6000", "0,main,,,victim,0,6000",
                                              "0,start,,,victim,0,2000", NULL });
  choose (self, "list", "top-down");
  assert_lines (self, (const char *const[]) { "0,main,,,victim,6000,1", "0,start,,,victim,2000,2",
                                              NULL });
  choose (self, "list", "bottom-up");
  g_auto (GStrv) lines = dup_lines (self);
  g_assert_true (g_str_has_prefix (lines[0], "0,decode,/src/decode.c,118,"));
  g_assert_true (g_str_has_prefix (lines[1], "0,index<int>(int),"));
  for (guint i = 0; i < 3; i++)
    {
      static const char *const SHAPES[] = { "callers", "icicle", "flame" };

      choose (self, "shape", SHAPES[i]);
      g_assert_nonnull (ms_flame_graph_get_tree (
          MS_FLAME_GRAPH (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_FLAME_GRAPH))));
    }
}

static gint
find_node (MsFlameGraph *graph, const char *label)
{
  MsCallTree *tree = ms_flame_graph_get_tree (graph);

  for (guint i = 0; i < ms_call_tree_get_n_nodes (tree); i++)
    if (g_str_equal (ms_call_tree_get_label (tree, i), label))
      return (gint) i;
  g_assert_not_reached ();
}

static GtkColumnView *
find_table (Fixture *self)
{
  GtkWidget *table = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_MEMORY_TABLE);

  return GTK_COLUMN_VIEW (widget_test_find (table, GTK_TYPE_COLUMN_VIEW));
}

static void
sort_by (Fixture *self, guint place, GtkSortType order)
{
  GtkColumnView *view = find_table (self);
  g_autoptr (GtkColumnViewColumn) column =
      g_list_model_get_item (gtk_column_view_get_columns (view), place);

  gtk_column_view_sort_by_column (view, column, order);
}

/* A heading that is clicked sorts; what is below a row, too; the order outlives the figures. */
static void
test_sort (Fixture *self, gconstpointer data)
{
  choose (self, "measure", "allocated");
  sort_by (self, 2, GTK_SORT_ASCENDING);
  assert_lines (self, (const char *const[]) { "0,copy,,,victim,500,1",
                                              "0,index<int>(int),,,victim,2008,2",
                                              "0,decode,/src/decode.c,118,victim,6000,1", NULL });
  sort_by (self, 0, GTK_SORT_DESCENDING);
  assert_lines (self, (const char *const[]) { "0,index<int>(int),,,victim,2008,2",
                                              "0,decode,/src/decode.c,118,victim,6000,1",
                                              "0,copy,,,victim,500,1", NULL });
  choose (self, "measure", "count");
  assert_lines (self, (const char *const[]) { "0,index<int>(int),,,victim,2,2",
                                              "0,decode,/src/decode.c,118,victim,1,1",
                                              "0,copy,,,victim,1,1", NULL });
  sort_by (self, 4, GTK_SORT_ASCENDING);
  choose (self, "measure", "allocated");
  choose (self, "list", "top-down");
  assert_lines (self, (const char *const[]) { "0,main,,,victim,6500,2", "0,start,,,victim,2008,2",
                                              NULL });
  sort_by (self, 2, GTK_SORT_ASCENDING);
  GtkTreeListModel *tree = GTK_TREE_LIST_MODEL (ms_memory_table_get_rows (
      MS_MEMORY_TABLE (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_MEMORY_TABLE))));
  while (TRUE)
    {
      guint n = g_list_model_get_n_items (G_LIST_MODEL (tree));

      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (tree)); i++)
        {
          g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (tree, i);

          gtk_tree_list_row_set_expanded (row, TRUE);
        }
      if (n == g_list_model_get_n_items (G_LIST_MODEL (tree)))
        break;
    }
  g_auto (GStrv) lines = dup_lines (self);
  guint decode = 0, copy = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (strstr (lines[i], "decode") != NULL)
        decode = i;
      if (strstr (lines[i], "copy") != NULL)
        copy = i;
    }
  g_assert_cmpuint (copy, >, 0);
  g_assert_cmpuint (copy, <, decode);
}

/* The first click of two is taken back, and nobody goes back to it. */
static void
test_double_click (Fixture *self, gconstpointer data)
{
  MsFlameGraph *graph =
      MS_FLAME_GRAPH (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_FLAME_GRAPH));
  guint n;

  ms_focus_set_thread (self->focus, 0);
  wait_for_page (self);
  g_signal_emit_by_name (graph, "chosen", find_node (graph, "run"));
  g_assert_nonnull (ms_focus_get_stacks (self->focus, &n));
  g_signal_emit_by_name (graph, "chosen", find_node (graph, "run"));
  g_assert_null (ms_focus_get_stacks (self->focus, &n));
  g_assert_true (ms_focus_get_thread (self->focus, &n));
  ms_focus_go_back (self->focus);
  g_assert_false (ms_focus_get_thread (self->focus, &n));
  g_assert_false (ms_focus_can_go_back (self->focus));
  wait_for_page (self);
}

/* A click on a frame filters the lists; the picture keeps its frames; the same once more undoes it. */
static void
test_filter (Fixture *self, gconstpointer data)
{
  MsFlameGraph *graph =
      MS_FLAME_GRAPH (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_FLAME_GRAPH));
  guint n_nodes, n, stack;

  choose (self, "measure", "allocated");
  n_nodes = ms_call_tree_get_n_nodes (ms_flame_graph_get_tree (graph));
  g_signal_emit_by_name (graph, "chosen", find_node (graph, "run"));
  g_assert_nonnull (ms_focus_get_stacks (self->focus, &n));
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (ms_focus_get_stacks_label (self->focus), ==, "run");
  wait_for_page (self);
  assert_lines (self, (const char *const[]) { "0,decode,/src/decode.c,118,victim,6000,1",
                                              "0,copy,,,victim,500,1", NULL });
  g_assert_cmpuint (ms_call_tree_get_n_nodes (ms_flame_graph_get_tree (graph)), ==, n_nodes);

  g_signal_emit_by_name (graph, "chosen", find_node (graph, "run"));
  g_assert_null (ms_focus_get_stacks (self->focus, &n));
  g_signal_emit_by_name (graph, "chosen", find_node (graph, "copy"));
  g_assert_true (ms_focus_get_stack (self->focus, &stack));
  g_signal_emit_by_name (graph, "chosen", find_node (graph, "copy"));
  g_assert_null (ms_focus_get_stacks (self->focus, &n));
  g_signal_emit_by_name (graph, "chosen", find_node (graph, "copy"));
  g_signal_emit_by_name (graph, "chosen", 0);
  g_assert_null (ms_focus_get_stacks (self->focus, &n));

  /* Of one thread. */
  ms_focus_set_thread (self->focus, 1);
  wait_for_page (self);
  assert_lines (self, (const char *const[]) { "0,index<int>(int),,,victim,2008,2", NULL });
  ms_focus_set_range (self->focus, 1, 2);
  wait_for_page (self);
  GtkWidget *title = widget_test_find_label (GTK_WIDGET (self->page), "Nothing Was Allocated Here");
  g_assert_true (gtk_widget_get_mapped (title));
  assert_lines (self, (const char *const[]) { NULL });
}

static void
test_search (Fixture *self, gconstpointer data)
{
  GtkWidget *search = widget_test_find (GTK_WIDGET (self->page), GTK_TYPE_SEARCH_ENTRY);

  choose (self, "measure", "allocated");
  gtk_editable_set_text (GTK_EDITABLE (search), "RUN");
  g_signal_emit_by_name (search, "search-changed");
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (self->page), "1 function · 76.4"));
  assert_lines (self, (const char *const[]) { "0,decode,/src/decode.c,118,victim,6000,1",
                                              "0,copy,,,victim,500,1", NULL });
  g_signal_emit_by_name (search, "stop-search");
  g_signal_emit_by_name (search, "search-changed");
  g_auto (GStrv) lines = dup_lines (self);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
}

static void
press (gpointer widget, guint keyval)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);
      gboolean handled;

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &handled);
    }
}

static void
test_around (Fixture *self, gconstpointer data)
{
  MsFlameGraph *graph =
      MS_FLAME_GRAPH (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_FLAME_GRAPH));

  choose (self, "list", "around");
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (self->page), "Select a function"));
  choose (self, "list", "stacks");
  gtk_widget_grab_focus (GTK_WIDGET (graph));
  for (guint i = 0; i < 4 && ms_flame_graph_get_cursor (graph) != find_node (graph, "run"); i++)
    press (graph, GDK_KEY_Up);
  g_assert_cmpint (ms_flame_graph_get_cursor (graph), ==, find_node (graph, "run"));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->page), "memory.around", NULL));
  wait_for_page (self);
  g_auto (GStrv) lines = dup_lines (self);
  /* Both are open. */
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_true (g_str_has_prefix (lines[1], "1,main,"));
  g_assert_true (g_str_has_prefix (lines[3], "1,decode,"));
}

static void
assert_selected (MsMemoryTable *table, const char *name)
{
  g_autoptr (MsMemoryRow) row = ms_memory_table_dup_selected (table);

  g_assert_nonnull (row);
  g_assert_cmpstr (ms_memory_row_get_name (row), ==, name);
}

/* Of the table: rows open with Right, close with Left, and filter by what they stand for. */
static void
test_rows (Fixture *self, gconstpointer data)
{
  MsMemoryTable *table =
      MS_MEMORY_TABLE (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_MEMORY_TABLE));
  GtkWidget *view = widget_test_find (GTK_WIDGET (table), GTK_TYPE_COLUMN_VIEW);
  guint n, stack;

  choose (self, "list", "top-down");
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)), 0, TRUE);
  assert_selected (table, "main");
  press (view, GDK_KEY_Right);
  g_assert_cmpuint (g_list_model_get_n_items (ms_memory_table_get_rows (table)), ==, 3);
  press (view, GDK_KEY_Left);
  g_assert_cmpuint (g_list_model_get_n_items (ms_memory_table_get_rows (table)), ==, 2);

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->page), "memory.row-filter", NULL));
  g_assert_true (ms_focus_get_stack (self->focus, &stack));
  wait_for_page (self);
  ms_focus_clear (self->focus);
  wait_for_page (self);
  choose (self, "measure", "allocated");
  choose (self, "list", "functions");
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)), 3, TRUE);
  assert_selected (table, "run");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->page), "memory.row-filter", NULL));
  g_assert_nonnull (ms_focus_get_stacks (self->focus, &n));
  g_assert_cmpuint (n, ==, 2);
  wait_for_page (self);
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)), 0, TRUE);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->page), "memory.row-around", NULL));
  wait_for_page (self);
  g_auto (GStrv) lines = dup_lines (self);
  g_assert_true (g_str_has_prefix (lines[0], "0,decode,"));
}

static void
test_cards (Fixture *self, gconstpointer data)
{
  static const char *const TITLES[] = { "Sizes", "Lifetimes", "Who Frees Whose Memory" };

  for (guint i = 0; i < G_N_ELEMENTS (TITLES); i++)
    {
      GtkWidget *label = widget_test_find_label (GTK_WIDGET (self->page), TITLES[i]);

      g_assert_nonnull (label);
      g_assert_true (gtk_widget_get_mapped (label));
    }
  g_assert_nonnull (
      widget_test_find_label (GTK_WIDGET (self->page), "freed 2.00\xe2\x80\xafkB of"));
}

/* --- the source --- */

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static GtkWindow *
find_source_window (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (MS_IS_SOURCE_WINDOW (window))
        return window;
    }
  return NULL;
}

/* The line is selected, and each line has what its stacks hold; a file that is not there opens nothing. */
static void
test_source_window (Fixture *self, gconstpointer data)
{
  MsFlameGraph *graph =
      MS_FLAME_GRAPH (widget_test_find (GTK_WIDGET (self->page), MS_TYPE_FLAME_GRAPH));

  choose (self, "measure", "allocated");
  g_signal_emit_by_name (graph, "opened", find_node (graph, "decode"));
  g_assert_null (find_source_window ());

  g_autoptr (MsMemoryFigures) figures = g_new0 (MsMemoryFigures, 1);
  guint n = ms_trace_get_n_stacks (ms_document_get_trace (self->document));
  g_atomic_ref_count_init (&figures->n_refs);
  figures->names = ms_frame_names_ref (ms_lens_get_frame_names (self->lens));
  figures->values = g_new0 (guint64, n + 1);
  for (guint s = 0; s < n; s++)
    figures->whole += figures->values[s] = 100 * (s + 1);
  GtkWindow *window = ms_source_window_new (self->window, figures, "/src/run.c",
                                            "1\n2\r\n\t\xff\x1b\n4\n5\n6\n7\n8\n9\n10\n11\n"
                                            "call ();\n13\nno newline",
                                            12);
  MsSourceWindow *source = MS_SOURCE_WINDOW (window);
  gtk_window_present (window);
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  g_assert_cmpuint (ms_source_window_get_n_lines (source), ==, 14);
  g_assert_cmpuint (ms_source_window_get_line (source), ==, 12);
  for (guint s = 0; s < n; s++)
    {
      g_autofree char *site = ms_lens_dup_site (self->lens, s);

      if (g_str_has_prefix (site, "decode") || g_str_has_prefix (site, "copy"))
        g_assert_cmpuint (ms_source_window_get_total (source, *site == 'd' ? 12 : 14), ==,
                          figures->values[s]);
    }
  g_assert_cmpuint (ms_source_window_get_total (source, 12), >, 0);
  g_assert_cmpuint (ms_source_window_get_total (source, 14), >, 0);
  g_assert_cmpuint (ms_source_window_get_total (source, 13), ==, 0);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), "call ();"));
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  gtk_window_destroy (window);
  widget_test_wait (is_gone, &window);
}

/* Less room than before takes from the top of the picture, not its root. */
static void
test_root_stays (Fixture *self, gconstpointer data)
{
  GtkWidget *flame = widget_test_find (GTK_WIDGET (self->page), MS_TYPE_FLAME_GRAPH);
  GtkScrolledWindow *scrolled =
      GTK_SCROLLED_WINDOW (gtk_widget_get_ancestor (flame, GTK_TYPE_SCROLLED_WINDOW));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (scrolled);

  gtk_scrolled_window_set_min_content_height (scrolled, 30);
  gtk_scrolled_window_set_max_content_height (scrolled, 40);
  widget_test_wait_frames (GTK_WIDGET (self->page), 6);
  double hidden_px =
      gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  g_assert_cmpfloat (hidden_px, >, 10);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment), hidden_px, 1);

  /* What somebody looks at stays as well: as far from the root. */
  gtk_adjustment_set_value (adjustment, hidden_px - 8);
  gtk_scrolled_window_set_max_content_height (scrolled, 50);
  gtk_scrolled_window_set_min_content_height (scrolled, 50);
  widget_test_wait_frames (GTK_WIDGET (self->page), 6);
  hidden_px = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment), hidden_px - 8, 1);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add ("/memory-page/lists", Fixture, GINT_TO_POINTER (1200), set_up, test_lists, tear_down);
  g_test_add ("/memory-page/trees", Fixture, GINT_TO_POINTER (1200), set_up, test_trees, tear_down);
  g_test_add ("/memory-page/sort", Fixture, GINT_TO_POINTER (1200), set_up, test_sort, tear_down);
  g_test_add ("/memory-page/double-click", Fixture, GINT_TO_POINTER (900), set_up,
              test_double_click, tear_down);
  g_test_add ("/memory-page/filter", Fixture, GINT_TO_POINTER (900), set_up, test_filter,
              tear_down);
  g_test_add ("/memory-page/search", Fixture, GINT_TO_POINTER (400), set_up, test_search,
              tear_down);
  g_test_add ("/memory-page/around", Fixture, GINT_TO_POINTER (1200), set_up, test_around,
              tear_down);
  g_test_add ("/memory-page/root-stays", Fixture, GINT_TO_POINTER (1200), set_up, test_root_stays,
              tear_down);
  g_test_add ("/memory-page/rows", Fixture, GINT_TO_POINTER (1200), set_up, test_rows, tear_down);
  g_test_add ("/memory-page/cards", Fixture, GINT_TO_POINTER (1200), set_up, test_cards, tear_down);
  g_test_add ("/memory-page/source-window", Fixture, GINT_TO_POINTER (1200), set_up,
              test_source_window, tear_down);
  return g_test_run ();
}
