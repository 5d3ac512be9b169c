/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Later figures of a program that runs leave what a person has in hand where it is: the order of threads under the
 * pointer, what is selected, open, zoomed into and scrolled to.
 */
#include "ms-flame-graph.h"
#include "ms-memory-page.h"
#include "ms-memory-table.h"
#include "ms-threads-page.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#define N_THREADS 60
#define N_STACKS 40
#define DEPTH 60

typedef struct {
  char *folders[2];
  MsWindow *window;
  MsLens *lens;
  MsDocument *later;
} Fixture;

/* The thread that has most has least later on, and so have the stacks; the depth of a stack is the same. */
static void
write_folder (const char *folder, gboolean is_later)
{
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint32 stacks[N_STACKS];

  for (guint i = 0; i < N_STACKS; i++)
    {
      guint64 frames[DEPTH];

      for (guint j = 0; j < DEPTH; j++)
        frames[j] = 0x1000 * (guint64) (j + 1) + (j < DEPTH / 2 ? 0x100000 * (guint64) (i + 1) : 0);
      stacks[i] = trace_builder_add_stack (builder, 0, frames, DEPTH);
    }
  for (guint id = 0; id < N_THREADS; id++)
    trace_builder_start (builder, id, id, id == 0 ? -1 : 0);
  for (guint id = 0; id < N_THREADS; id++)
    trace_builder_alloc (builder, id, 10000 + id, 0x100000 * (guint64) (id + 1),
                         1000 * (is_later ? N_THREADS - id : id + 1), stacks[id % N_STACKS]);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
}

static void
set_up (Fixture *self, gconstpointer page)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = NULL;

  for (guint i = 0; i < 2; i++)
    {
      self->folders[i] = test_folder_new ();
      write_folder (self->folders[i], i == 1);
    }
  self->window = window_test_open (self->folders[0]);
  self->lens = ms_window_get_lens (self->window);
  trace = ms_trace_load_full (self->folders[1], MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  self->later = ms_document_new (ms_document_get_recording (ms_window_get_document (self->window)),
                                 0, trace, NULL);
  g_assert_true (ms_window_show_page (self->window, page));
}

static void
tear_down (Fixture *self, gconstpointer page)
{
  widget_test_close (GTK_WINDOW (self->window));
  g_object_unref (self->later);
  for (guint i = 0; i < 2; i++)
    {
      test_folder_remove (self->folders[i]);
      g_free (self->folders[i]);
    }
}

static gboolean
shows_later (gpointer data)
{
  Fixture *self = data;

  return ms_lens_get_document (self->lens) == self->later && !ms_lens_get_busy (self->lens);
}

static void
show_later (Fixture *self)
{
  ms_lens_set_document (self->lens, self->later);
  widget_test_wait (shows_later, self);
  widget_test_wait_frames (GTK_WIDGET (self->window), 5);
}

/* FALSE: this display has no hand. */
static gboolean
point_at (int x, int y)
{
  g_autofree char *command = g_strdup_printf ("xdotool mousemove %d %d", x, y);

  return g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
}

/* --- threads -------------------------------------------------------------------------------------------- */

static guint
get_id (GListModel *rows, guint place)
{
  g_autoptr (MsThreadRow) row = g_list_model_get_item (rows, place);

  return ms_thread_row_get_id (row);
}

static guint
get_selected_id (GtkWidget *view)
{
  GtkSelectionModel *selection = gtk_column_view_get_model (GTK_COLUMN_VIEW (view));
  MsThreadRow *row = gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (selection));

  g_assert_nonnull (row);
  return ms_thread_row_get_id (row);
}

static gboolean
has_most_first (gpointer rows)
{
  return get_id (rows, 0) == N_THREADS - 1;
}

static gboolean
has_least_first (gpointer rows)
{
  return get_id (rows, 0) == 0;
}

typedef struct {
  GtkAdjustment *adjustment;
  double value_px;
} Scrolled;

static gboolean
is_scrolled (gpointer data)
{
  const Scrolled *scrolled = data;

  return ABS (gtk_adjustment_get_value (scrolled->adjustment) - scrolled->value_px) < 1;
}

static void
scroll_to (GtkWidget *view, double value_px)
{
  Scrolled scrolled = { gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view)), value_px };

  gtk_adjustment_set_value (scrolled.adjustment, value_px);
  widget_test_wait_frames (view, 3);
  widget_test_wait (is_scrolled, &scrolled);
}

static void
assert_scrolled (GtkWidget *view, double value_px)
{
  Scrolled scrolled = { gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view)), value_px };

  widget_test_wait (is_scrolled, &scrolled);
  widget_test_wait_frames (view, 3);
  g_assert_cmpfloat (ABS (gtk_adjustment_get_value (scrolled.adjustment) - value_px), <, 1);
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  MsThreadsPage *page =
      MS_THREADS_PAGE (widget_test_find (GTK_WIDGET (self->window), MS_TYPE_THREADS_PAGE));
  GtkWidget *view = widget_test_find (GTK_WIDGET (page), GTK_TYPE_COLUMN_VIEW);
  GListModel *rows = ms_threads_page_get_rows (page);
  graphene_point_t middle;
  gboolean has_hand;

  widget_test_wait (has_most_first, rows);
  widget_test_wait_frames (view, 5);
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)), 12, TRUE);
  g_assert_cmpuint (get_selected_id (view), ==, N_THREADS - 13);
  g_assert_true (gtk_widget_compute_point (view, GTK_WIDGET (self->window),
                                           &GRAPHENE_POINT_INIT (200, 200), &middle));
  has_hand = point_at ((int) middle.x, (int) middle.y);
  widget_test_wait_frames (view, 5);
  scroll_to (view, 150);

  show_later (self);
  assert_scrolled (view, 150);
  g_assert_cmpuint (get_selected_id (view), ==, N_THREADS - 13);
  if (has_hand)
    {
      for (guint i = 0; i < N_THREADS; i++)
        g_assert_cmpuint (get_id (rows, i), ==, N_THREADS - 1 - i);
      /* Below every window. */
      point_at (1599, 1199);
    }
  widget_test_wait (has_least_first, rows);
  g_assert_cmpuint (get_selected_id (view), ==, N_THREADS - 13);
}

/* --- memory --------------------------------------------------------------------------------------------- */

static GtkTreeListRow *
get_tree_row (MsMemoryTable *table, guint place)
{
  return gtk_tree_list_model_get_row (GTK_TREE_LIST_MODEL (ms_memory_table_get_rows (table)),
                                      place);
}

static char *
dup_name (MsMemoryTable *table, guint place)
{
  g_autoptr (GtkTreeListRow) tree_row = get_tree_row (table, place);
  g_autoptr (MsMemoryRow) row = gtk_tree_list_row_get_item (tree_row);

  return ms_memory_row_dup_full_name (row);
}

/* How many rows are open, the outermost first. */
static guint
count_open (MsMemoryTable *table)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (ms_memory_table_get_rows (table)); i++)
    {
      g_autoptr (GtkTreeListRow) row = get_tree_row (table, i);

      n += gtk_tree_list_row_get_expanded (row);
    }
  return n;
}

static gboolean
has_rows (gpointer table)
{
  GListModel *rows = ms_memory_table_get_rows (table);

  return rows != NULL && g_list_model_get_n_items (rows) > 0;
}

typedef struct {
  MsMemoryPage *page;
  MsCallTree *before;
  MsFlameGraph *flame;
} Picture;

static gboolean
is_another (gpointer data)
{
  const Picture *picture = data;

  return ms_flame_graph_get_tree (picture->flame) != picture->before
         && !ms_memory_page_get_busy (picture->page);
}

static void
test_memory (Fixture *self, gconstpointer data)
{
  MsMemoryPage *page =
      MS_MEMORY_PAGE (widget_test_find (GTK_WIDGET (self->window), MS_TYPE_MEMORY_PAGE));
  MsMemoryTable *table =
      MS_MEMORY_TABLE (widget_test_find (GTK_WIDGET (page), MS_TYPE_MEMORY_TABLE));
  GtkWidget *view = widget_test_find (GTK_WIDGET (table), GTK_TYPE_COLUMN_VIEW);
  Picture picture = { page, NULL, NULL };
  GtkWidget *scrolled;
  g_autofree char *selected = NULL, *now = NULL;
  guint n_open;

  gtk_widget_activate_action (GTK_WIDGET (page), "memory.list", "s", "top-down");
  widget_test_wait (has_rows, table);
  picture.flame = MS_FLAME_GRAPH (widget_test_find (GTK_WIDGET (page), MS_TYPE_FLAME_GRAPH));
  picture.before = ms_flame_graph_get_tree (picture.flame);
  widget_test_wait_frames (view, 5);

  /* The outer half of all stacks is the same. */
  for (guint i = 0; i < DEPTH / 2; i++)
    {
      g_autoptr (GtkTreeListRow) row = get_tree_row (table, i);

      g_assert_nonnull (row);
      gtk_tree_list_row_set_expanded (row, TRUE);
    }
  n_open = count_open (table);
  g_assert_cmpuint (n_open, >=, DEPTH / 2);
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)), 20, TRUE);
  selected = dup_name (table, 20);
  widget_test_wait_frames (view, 5);
  scroll_to (view, 300);
  ms_flame_graph_zoom (picture.flame, 3);
  widget_test_wait_frames (view, 5);
  scrolled = gtk_widget_get_ancestor (GTK_WIDGET (picture.flame), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *flame_scroll =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  double flame_px =
      gtk_adjustment_get_upper (flame_scroll) - gtk_adjustment_get_page_size (flame_scroll) - 60;
  g_assert_cmpfloat (flame_px, >, 0);
  gtk_adjustment_set_value (flame_scroll, flame_px);

  show_later (self);
  widget_test_wait (is_another, &picture);
  assert_scrolled (view, 300);
  g_assert_cmpuint (count_open (table), ==, n_open);
  g_autoptr (MsMemoryRow) row = ms_memory_table_dup_selected (table);
  g_assert_nonnull (row);
  now = ms_memory_row_dup_full_name (row);
  g_assert_cmpstr (now, ==, selected);
  g_assert_cmpuint (ms_flame_graph_get_zoomed (picture.flame), ==, 3);
  widget_test_wait_frames (view, 5);
  g_assert_cmpfloat (ABS (gtk_adjustment_get_value (flame_scroll) - flame_px), <, 2);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add ("/live/place/threads", Fixture, "threads", set_up, test_threads, tear_down);
  g_test_add ("/live/place/memory", Fixture, "memory", set_up, test_memory, tear_down);
  return g_test_run ();
}
