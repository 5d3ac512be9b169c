/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The whole window on traces that the builder writes, and on folders that are none. */
#include "ms-heaviest-stacks.h"
#include "ms-loader.h"
#include "ms-thread-card.h"
#include "ms-thread-columns.h"
#include "ms-threads-csv.h"
#include "ms-threads-page.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <string.h>

static GtkWidget *
find_card (GtkWidget *root, guint id)
{
  if (MS_IS_THREAD_CARD (root))
    return ms_card_item_get_data (ms_thread_card_get_item (MS_THREAD_CARD (root)))->id == id ? root
                                                                                             : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_card (child, id);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_document (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  MsDocument *document = ms_window_get_document (window);

  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_CONTENT);
  g_assert_null (ms_window_get_problem (window));
  g_assert_cmpuint (ms_document_get_rows (document)->len, ==, WINDOW_TEST_N_WORKERS + 1);
  g_assert_cmpuint (ms_document_get_n_tracked (document), ==, WINDOW_TEST_N_WORKERS);
  g_assert_cmpuint (ms_view_get_n_leaking_stacks (ms_lens_get_view (ms_window_get_lens (window)),
                                                  MS_DOMAIN_HEAP),
                    ==, 1);
  /* All were live together at the end of the third's allocation. */
  g_assert_cmpuint (ms_document_get_strip (document)->peak_bytes, ==, 60000064);

  MsThreadRow *row = ms_document_find_row (document, 3);
  g_assert_cmpuint (ms_thread_row_get_totals (row)->peak_bytes, ==, 30000000);
  g_assert_cmpint (ms_thread_row_get_alert (row), ==, MS_ALERT_HIGH);
  g_assert_null (ms_document_find_row (document, 99));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static gboolean
has_one_row (gpointer threads_page)
{
  return g_list_model_get_n_items (ms_threads_page_get_rows (threads_page)) == 1;
}

/* A click on a card filters every page; the pill's button and a second window undo nothing else. */
static void
test_focus_everywhere (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *threads = widget_test_find (GTK_WIDGET (window), MS_TYPE_THREADS_PAGE);
  GListModel *rows = ms_threads_page_get_rows (MS_THREADS_PAGE (threads));
  guint id;

  /* The greatest peak first, the untracked last. */
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, WINDOW_TEST_N_WORKERS + 1);
  for (guint i = 0; i <= WINDOW_TEST_N_WORKERS; i++)
    {
      static const guint ORDER[] = { 3, 2, 1, 0, 4 };
      g_autoptr (MsThreadRow) row = g_list_model_get_item (rows, i);

      g_assert_cmpuint (ms_thread_row_get_id (row), ==, ORDER[i]);
    }

  g_signal_emit_by_name (find_card (GTK_WIDGET (window), 2), "clicked");
  g_assert_true (ms_focus_get_thread (ms_window_get_focus (window), &id));
  g_assert_cmpuint (id, ==, 2);
  widget_test_wait (has_one_row, threads);
  g_autoptr (MsThreadRow) only = g_list_model_get_item (rows, 0);
  g_assert_cmpuint (ms_thread_row_get_id (only), ==, 2);

  GtkWidget *remove =
      widget_test_find_button (GTK_WIDGET (window), "Remove filter: thread worker-2");
  g_assert_nonnull (remove);
  gtk_widget_activate_action (remove, "win.leave-focus", NULL);
  g_assert_false (ms_focus_get_thread (ms_window_get_focus (window), NULL));
  rows = ms_threads_page_get_rows (MS_THREADS_PAGE (threads));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, WINDOW_TEST_N_WORKERS + 1);
  g_assert_null (widget_test_find_button (GTK_WIDGET (window), "Remove filter: thread worker-2"));

  g_assert_true (ms_window_focus_thread (window, "worker-3"));
  g_assert_false (ms_window_focus_thread (window, "nobody"));
  /* Also by number: as tid, else as id. */
  MsThreadRow *row = ms_document_find_row (ms_window_get_document (window), 2);
  g_autofree char *tid = g_strdup_printf ("%d", ms_thread_row_get_tid (row));
  g_assert_true (ms_window_focus_thread (window, tid));
  g_assert_true (ms_focus_get_thread (ms_window_get_focus (window), &id));
  g_assert_cmpuint (id, ==, 2);
  g_assert_true (ms_window_focus_thread (window, "1"));
  g_assert_true (ms_focus_get_thread (ms_window_get_focus (window), &id));
  g_assert_cmpuint (id, ==, 1);
  g_assert_true (ms_window_show_page (window, "threads"));
  g_assert_false (ms_window_show_page (window, "nowhere"));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* Looking for something else while a thread is focused does not take its card away. */
static void
test_focus_beats_filter (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *search = widget_test_find (GTK_WIDGET (window), GTK_TYPE_SEARCH_ENTRY);

  gtk_editable_set_text (GTK_EDITABLE (search), "WORKER-3");
  g_signal_emit_by_name (search, "search-changed");
  g_assert_nonnull (find_card (GTK_WIDGET (window), 3));
  g_assert_null (find_card (GTK_WIDGET (window), 2));

  ms_focus_set_thread (ms_window_get_focus (window), 2);
  g_assert_nonnull (find_card (GTK_WIDGET (window), 2));
  ms_focus_clear_thread (ms_window_get_focus (window));
  widget_test_wait_frames (GTK_WIDGET (window), 60);
  gtk_editable_set_text (GTK_EDITABLE (search), "worker-3");
  g_signal_emit_by_name (search, "search-changed");
  g_assert_null (find_card (GTK_WIDGET (window), 2));

  /* Enter takes what was found. */
  guint id = 0;
  g_signal_emit_by_name (search, "activate");
  g_assert_true (ms_focus_get_thread (ms_window_get_focus (window), &id));
  g_assert_cmpuint (id, ==, 3);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

/* A click on the heading at @place. */
static void
click_heading (GtkWidget *threads, guint place)
{
  GtkWidget *view = widget_test_find (threads, GTK_TYPE_COLUMN_VIEW);
  GtkWidget *heading = gtk_widget_get_first_child (gtk_widget_get_first_child (view));

  while (place-- > 0)
    heading = gtk_widget_get_next_sibling (heading);

  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (heading);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_GESTURE_CLICK (controller)
          && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
        g_signal_emit_by_name (controller, "released", 1, 1.0, 1.0);
    }
}

static guint
find_column (const char *id)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);

  for (guint i = 0; i < n_columns; i++)
    if (g_str_equal (columns[i].id, id))
      return i;
  g_assert_not_reached ();
}

static void
assert_order (GListModel *rows, const guint *order)
{
  for (guint i = 0; i <= WINDOW_TEST_N_WORKERS; i++)
    {
      g_autoptr (MsThreadRow) row = g_list_model_get_item (rows, i);

      g_assert_cmpuint (ms_thread_row_get_id (row), ==, order[i]);
    }
}

/* Nothing is the end, or never freed, while the program runs. */
static void
test_running_titles (void)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);
  const MsThreadColumn *live = &columns[find_column ("live_bytes")];
  const MsThreadColumn *leaked = &columns[find_column ("leaked_bytes")];

  g_assert_cmpstr (ms_thread_column_get_title (live, FALSE), ==, "Live at end");
  g_assert_cmpstr (ms_thread_column_get_title (live, TRUE), ==, "Live now");
  g_assert_cmpstr (ms_thread_column_get_title (leaked, FALSE), ==, "Leaked");
  g_assert_cmpstr (ms_thread_column_get_title (leaked, TRUE), ==, "In use");
}

/* Figures begin with the most; what has none stays last; the first row is the one that is seen. */
static void
test_sort (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *threads = widget_test_find (GTK_WIDGET (window), MS_TYPE_THREADS_PAGE);
  GListModel *rows = ms_threads_page_get_rows (MS_THREADS_PAGE (threads));
  GtkWidget *view = widget_test_find (threads, GTK_TYPE_COLUMN_VIEW);
  GtkAdjustment *vertical = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));

  ms_window_show_page (window, "threads");
  click_heading (threads, find_column ("allocated_bytes"));
  assert_order (rows, (const guint[]) { 3, 2, 1, 0, 4 });
  click_heading (threads, find_column ("allocated_bytes"));
  assert_order (rows, (const guint[]) { 0, 1, 2, 3, 4 });
  click_heading (threads, find_column ("peak_bytes"));
  assert_order (rows, (const guint[]) { 3, 2, 1, 0, 4 });
  click_heading (threads, find_column ("tid"));
  click_heading (threads, find_column ("tid"));
  assert_order (rows, (const guint[]) { 3, 2, 1, 0, 4 });

  /* A window that shows few rows, scrolled down. */
  gtk_window_set_default_size (GTK_WINDOW (window), 700, 330);
  widget_test_wait_frames (GTK_WIDGET (window), 6);
  g_assert_cmpfloat (gtk_adjustment_get_value (vertical), ==, 0);
  gtk_adjustment_set_value (vertical, 1000);
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  g_assert_cmpfloat (gtk_adjustment_get_value (vertical), >, 0);
  click_heading (threads, find_column ("peak_bytes"));
  widget_test_wait_frames (GTK_WIDGET (window), 6);
  g_assert_cmpfloat (gtk_adjustment_get_value (vertical), ==, 0);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static void
test_csv (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *threads = widget_test_find (GTK_WIDGET (window), MS_TYPE_THREADS_PAGE);
  g_autofree char *csv = ms_threads_to_csv (ms_threads_page_get_rows (MS_THREADS_PAGE (threads)));
  g_auto (GStrv) lines = g_strsplit (csv, "\r\n", -1);
  guint n_columns;

  ms_thread_columns_get (&n_columns);
  g_assert_cmpuint (g_strv_length (lines), ==,
                    WINDOW_TEST_N_WORKERS + 3); /* heading, threads, "" at the end */
  g_auto (GStrv) titles = g_strsplit (lines[0], ",", -1);
  g_assert_cmpuint (g_strv_length (titles), ==, n_columns);
  g_assert_true (g_str_has_prefix (lines[1], "3,worker-3,"));
  g_assert_nonnull (strstr (lines[1], ",high,30000000,0,1,1,30000000,"));
  /* The hostile name: no formula, its line break shown as what cannot be shown, quotes doubled. */
  g_assert_nonnull (strstr (csv, "1,\"'=1+<b>\xef\xbf\xbd\"\"x\"\"\","));
  /* What was not recorded is empty, not 0. */
  g_assert_true (g_str_has_prefix (lines[5], "4,worker-4,"));
  g_assert_nonnull (strstr (lines[5], ",,,,,,,,,,"));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static gboolean
is_of_worker_2 (gpointer data)
{
  return widget_test_find_label (data, "of worker-2") != NULL;
}

static gboolean
is_hidden (gpointer data)
{
  return !gtk_widget_get_visible (data);
}

static gboolean
has_names (gpointer data)
{
  return widget_test_find_label (data, "0x1000") != NULL;
}

/* The stacks are those of the focused thread; their names come from a worker. */
static void
test_heaviest_stacks (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *heaviest = widget_test_find (GTK_WIDGET (window), MS_TYPE_HEAVIEST_STACKS);

  ms_window_show_page (window, "threads");
  g_assert_nonnull (widget_test_find_label (heaviest, "60.0\xe2\x80\xafMB"));
  ms_focus_set_thread (ms_window_get_focus (window), 2);
  widget_test_wait (is_of_worker_2, heaviest);
  g_assert_nonnull (widget_test_find_label (heaviest, "20.0\xe2\x80\xafMB"));
  g_assert_null (widget_test_find_label (heaviest, "60.0\xe2\x80\xafMB"));
  widget_test_wait (has_names, heaviest);
  /* Not tracked: there is nothing to say. */
  ms_focus_set_thread (ms_window_get_focus (window), WINDOW_TEST_N_WORKERS);
  widget_test_wait (is_hidden, heaviest);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static const char *
get_problem_title (MsWindow *window)
{
  GtkWidget *stack = widget_test_find (GTK_WIDGET (window), GTK_TYPE_STACK);

  /* The first stack is the header's; the pages' is the one that has the problem. */
  for (GtkWidget *at = stack; at != NULL;)
    {
      if (GTK_IS_STACK (at) && gtk_stack_get_child_by_name (GTK_STACK (at), "problem") != NULL)
        return adw_status_page_get_title (
            ADW_STATUS_PAGE (gtk_stack_get_visible_child (GTK_STACK (at))));
      at = at == stack
               ? gtk_widget_get_next_sibling (gtk_widget_get_ancestor (stack, ADW_TYPE_HEADER_BAR))
               : gtk_widget_get_next_sibling (at);
    }
  return NULL;
}

static void
check_problem (const char *path, const char *title)
{
  MsWindow *window = window_test_open (path);

  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_PROBLEM);
  g_assert_nonnull (ms_window_get_problem (window));
  g_assert_null (ms_window_get_document (window));
  g_assert_cmpstr (get_problem_title (window), ==, title);
  widget_test_close (GTK_WINDOW (window));
}

static void
test_problems (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *file = g_build_filename (folder, "notes.txt", NULL);
  g_autofree char *missing = g_build_filename (folder, "<missing & gone>", NULL);

  check_problem (folder, "Not a Trace Folder");
  g_assert_true (g_file_set_contents (file, "no trace", -1, NULL));
  check_problem (folder, "Not a Trace Folder");
  check_problem (file, "Not a Trace Folder");
  check_problem (missing, "Folder Not Found");
  test_folder_remove (folder);
}

static void
test_foreign_version (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autofree char *manifest = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (manifest, &text, NULL, NULL));
  char *version = strstr (text, "\"version\"");
  g_assert_nonnull (version);
  version = strchr (version, '1');
  *version = '9';
  g_assert_true (g_file_set_contents (manifest, text, -1, NULL));
  check_problem (folder, "Made by a Newer Version");
  test_folder_remove (folder);
}

/* A second folder while the first is still loading: the second wins, whatever arrives first. */
static void
test_last_open_wins (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autofree char *nothing = test_folder_new ();
  MsWindow *window = ms_window_new (NULL, NULL);

  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < 20; i++)
    {
      ms_window_open (window, nothing);
      ms_window_open (window, folder);
    }
  widget_test_wait (window_test_is_settled, window);
  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_CONTENT);
  ms_window_open (window, nothing);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.cancel-load", NULL);
  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_WELCOME);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
  test_folder_remove (nothing);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* Closing a window lets its trace go, once workers have seen that nobody asks any more. */
static void
test_closing_frees (void)
{
  g_autofree char *folder = window_test_new_trace ();

  for (guint i = 0; i < 3; i++)
    {
      MsWindow *window = window_test_open (folder);
      MsDocument *document = ms_window_get_document (window);
      MsTrace *trace = ms_document_get_trace (document);

      ms_focus_set_thread (ms_window_get_focus (window), 1);
      widget_test_wait_frames (GTK_WIDGET (window), 2);
      g_object_add_weak_pointer (G_OBJECT (document), (gpointer *) &document);
      g_object_add_weak_pointer (G_OBJECT (trace), (gpointer *) &trace);
      widget_test_close (GTK_WINDOW (window));
      g_assert_null (document);
      widget_test_wait (is_null, &trace);
    }
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/window/document", test_document);
  g_test_add_func ("/window/focus-everywhere", test_focus_everywhere);
  g_test_add_func ("/window/focus-beats-filter", test_focus_beats_filter);
  g_test_add_func ("/window/running-titles", test_running_titles);
  g_test_add_func ("/window/sort", test_sort);
  g_test_add_func ("/window/csv", test_csv);
  g_test_add_func ("/window/heaviest-stacks", test_heaviest_stacks);
  g_test_add_func ("/window/problems", test_problems);
  g_test_add_func ("/window/foreign-version", test_foreign_version);
  g_test_add_func ("/window/last-open-wins", test_last_open_wins);
  g_test_add_func ("/window/closing-frees", test_closing_frees);
  return g_test_run ();
}
