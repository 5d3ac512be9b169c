/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the focus does to the window: filters with names, a range everywhere, links of the first sentence. */
#include "ms-card-board.h"
#include "ms-card-paint.h"
#include "ms-figures.h"
#include "ms-focus-words.h"
#include "ms-thread-card.h"
#include "ms-threads-page.h"
#include "ms-verdict-lines.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

/* The button says and shows the focused thread's own peak; one that has none has no button. */
static void
assert_peak_of_thread (MsWindow *window, gint64 peak_of_all_ns)
{
  MsFocus *focus = ms_window_get_focus (window);
  MsThreadRow *row = ms_document_find_row (ms_window_get_document (window), 1);
  gint64 peak_ns = ms_thread_row_get_totals (row)->peak_time_ns, start_ns, end_ns;
  g_autofree char *when = ms_figure_duration (peak_ns);
  g_autofree char *name = g_strdup_printf ("Its peak at %s", when);
  GtkWidget *button = NULL;

  g_assert_cmpint (ABS (peak_ns - peak_of_all_ns), >, 100);
  ms_focus_set_range (focus, 0, 100);
  ms_focus_set_thread (focus, 1);
  button = widget_test_find_button (GTK_WIDGET (window), name);
  g_assert_nonnull (button);
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (button), ms_thread_row_get_name (row)));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.go-to-peak", NULL);
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (start_ns, <=, peak_ns);
  g_assert_cmpint (end_ns, >=, peak_ns);
  g_assert_cmpint (end_ns - start_ns, ==, 100);

  ms_focus_set_thread (focus, WINDOW_TEST_N_WORKERS);
  g_assert_false (gtk_widget_get_visible (button));
}

/* Each filter has a button with its name; back and forward; Escape takes one after the other. */
static void
test_filters (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *widget = GTK_WIDGET (window);
  MsFocus *focus = ms_window_get_focus (window);
  gint64 start_ns, end_ns;

  ms_focus_set_thread (focus, 2);
  ms_focus_set_range (focus, 100, 900);
  ms_focus_set_stacks (focus, (const guint[]) { 0 }, 1, "decode_batch");
  GtkWidget *thread = widget_test_find_button (widget, "Remove filter: thread worker-2");
  GtkWidget *range = widget_test_find_button (widget, "Remove filter: range 100–900\xe2\x80\xafns");
  GtkWidget *stack = widget_test_find_button (widget, "Remove filter: stack decode_batch");
  g_assert_nonnull (thread);
  g_assert_nonnull (stack);
  g_assert_nonnull (range);

  g_signal_emit_by_name (range, "clicked");
  g_assert_false (ms_focus_get_range (focus, NULL, NULL));
  g_assert_true (ms_focus_get_thread (focus, NULL));
  gtk_widget_activate_action (widget, "win.go-back", NULL);
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (end_ns, ==, 900);
  gtk_widget_activate_action (widget, "win.go-forward", NULL);
  g_assert_false (ms_focus_get_range (focus, NULL, NULL));
  gtk_widget_activate_action (widget, "win.go-back", NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (ms_focus_is_clear (focus));
      gtk_widget_activate_action (widget, "win.leave-focus", NULL);
    }
  g_assert_true (ms_focus_is_clear (focus));

  /* To the peak, and there again with the length that was chosen. */
  gint64 peak_ns = ms_document_get_strip (ms_window_get_document (window))->peak_time_ns;
  gtk_widget_activate_action (widget, "win.go-to-peak", NULL);
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (start_ns, <=, peak_ns);
  g_assert_cmpint (end_ns, >=, peak_ns);
  assert_peak_of_thread (window, peak_ns);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static gboolean
has_no_focus (gpointer focus)
{
  return ms_focus_is_clear (focus);
}

/* A key holds a button down for a quarter of a second: what is pressed meanwhile is not forgotten, nor what is pressed
 * while the names of functions arrive. */
static void
test_pills_by_key (void)
{
  static const char *const names[] = { "Remove filter: thread worker-2",
                                       "Remove filter: range 100–900\xe2\x80\xafns",
                                       "Remove filter: stack decode_batch" };
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  MsFocus *focus = ms_window_get_focus (window);

  ms_focus_set_thread (focus, 2);
  ms_focus_set_range (focus, 100, 900);
  ms_focus_set_stacks (focus, (const guint[]) { 0 }, 1, "decode_batch");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GtkWidget *pill = widget_test_find_button (GTK_WIDGET (window), names[i]);

      g_assert_nonnull (pill);
      g_assert_true (gtk_widget_activate (pill));
    }
  g_signal_emit_by_name (ms_window_get_lens (window), "names-changed");
  widget_test_wait (has_no_focus, focus);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_null (widget_test_find_button (GTK_WIDGET (window), names[i]));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static gboolean
has_sentence (gpointer data)
{
  return widget_test_find_label (data, "worker-3 holds") != NULL;
}

/* Above all stands who holds the memory. */
static void
test_verdicts (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  GtkWidget *verdicts = widget_test_find (GTK_WIDGET (window), MS_TYPE_VERDICT_LINES);

  widget_test_wait (has_sentence, verdicts);
  g_assert_true (gtk_widget_get_visible (verdicts));
  GtkWidget *headline =
      widget_test_find_label (verdicts, "50 % of the peak of 60.0\u202fMB, from 0x1000");
  g_assert_nonnull (headline);

  /* Its thread and its place are links. */
  gboolean handled = FALSE;
  guint id = 0;
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (headline)), "href=\"thread:3\""));
  g_signal_emit_by_name (headline, "activate-link", "thread:3", &handled);
  g_assert_true (handled);
  g_assert_true (ms_focus_get_thread (ms_window_get_focus (window), &id));
  g_assert_cmpuint (id, ==, 3);
  g_signal_emit_by_name (headline, "activate-link", "stack:0", &handled);
  g_assert_true (ms_focus_get_stack (ms_window_get_focus (window), &id));
  g_assert_cmpuint (id, ==, 0);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static gboolean
has_no_allocations (gpointer data)
{
  MsThreadRow *row = ms_lens_find_row (data, 3);

  return row != NULL && ms_thread_row_get_totals (row)->allocations == 0;
}

/* A range filters the cards, the table and the figures above, each thread's peak among them. */
static void
test_range (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  MsLens *lens = ms_window_get_lens (window);
  GtkWidget *threads = widget_test_find (GTK_WIDGET (window), MS_TYPE_THREADS_PAGE);

  /* Before the third begins: two blocks are live, and its own is not there yet. */
  ms_focus_set_range (ms_window_get_focus (window), 0, 5500);
  widget_test_wait (has_no_allocations, lens);
  g_assert_cmpuint (ms_thread_row_get_totals (ms_lens_find_row (lens, 3))->peak_bytes, ==, 0);
  g_assert_cmpuint (ms_thread_row_get_totals (ms_lens_find_row (lens, 2))->peak_bytes, ==,
                    20000000);
  g_assert_cmpint (ms_thread_row_get_alert (ms_lens_find_row (lens, 3)), ==, MS_ALERT_NORMAL);
  GListModel *rows = ms_threads_page_get_rows (MS_THREADS_PAGE (threads));
  g_autoptr (MsThreadRow) first = g_list_model_get_item (rows, 0);
  g_assert_cmpuint (ms_thread_row_get_id (first), ==, 2);
  g_assert_true (ms_lens_find_row (lens, 2) == first);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), "5.5"
                                                                 "\xe2\x80\xaf"
                                                                 "µs"));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static guint
count_cards (GtkWidget *root)
{
  guint n = MS_IS_THREAD_CARD (root);

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_cards (child);
  return n;
}

/* Three threads of two names: one card for each name, which says so; a focused thread has its own. */
static void
test_grouping (void)
{
  g_autofree char *folder = test_folder_new ();
  TraceBuilder *builder = trace_builder_new (folder);

  for (guint id = 0; id < 3; id++)
    {
      trace_builder_start (builder, id, 1000 * id, id == 0 ? -1 : 0);
      trace_builder_name (builder, id, 1000 * id + 1, id == 0 ? "main" : "pool", -1);
      trace_builder_alloc (builder, id, 1000 * id + 2, 0x10000 * (id + 1), 1000 * (id + 1), 0);
    }
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace_builder_free (builder);

  MsWindow *window = window_test_open (folder);
  GtkWidget *board = widget_test_find (GTK_WIDGET (window), MS_TYPE_CARD_BOARD);
  GtkWidget *button =
      widget_test_find_button (GTK_WIDGET (window), "Group threads with the same name");
  g_assert_cmpuint (count_cards (board), ==, 3);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  g_assert_cmpuint (count_cards (board), ==, 2);

  /* One card for both, with the figures of both. */
  GtkWidget *first = ms_card_board_get_first_card (MS_CARD_BOARD (board));
  const MsCardData *data = ms_card_item_get_data (ms_thread_card_get_item (MS_THREAD_CARD (first)));
  g_assert_cmpuint (data->id, ==, 2);
  g_assert_cmpuint (data->n_same, ==, 2);
  g_autofree char *words = ms_card_describe (data);
  g_assert_true (g_str_has_prefix (words, "pool, 2 threads together"));
  g_assert_nonnull (strstr (words, "at most 5.00\u202fkB"));
  g_assert_cmpuint (data->peak_bytes, ==, 5000);
  g_assert_cmpuint (data->allocations, ==, 2);
  g_assert_cmpuint (data->live[data->n_live - 1], ==, 5000);

  ms_focus_set_thread (ms_window_get_focus (window), 1);
  g_assert_nonnull (ms_card_board_get_card (MS_CARD_BOARD (board), 1));
  ms_focus_clear (ms_window_get_focus (window));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), FALSE);
  g_assert_cmpuint (count_cards (board), ==, 3);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static gboolean
is_said (gpointer data)
{
  return widget_test_find_label (data, "is written") != NULL
         || widget_test_find_label (data, "are written") != NULL;
}

/* A worker writes, and a toast says so with a button that opens it. */
static void
test_export (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autofree char *output = test_folder_new ();
  g_autofree char *target = g_strdup_printf ("html,json:%s", output);
  MsWindow *window = window_test_open (folder);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export", "s", target);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), "Exporting"));
  widget_test_wait (is_said, window);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), "3 files are written"));

  const char *program =
      ms_trace_get_program (ms_document_get_trace (ms_window_get_document (window)));
  g_autofree char *name = g_strconcat (program, "_dashboard.html", NULL);
  g_autofree char *page = g_build_filename (output, name, NULL);
  g_assert_true (g_file_test (page, G_FILE_TEST_IS_REGULAR));

  /* Closing a window in the middle leaves nothing behind but whole files. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.export", "s", target);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
  test_folder_remove (output);
}

/* Who asks for another export gets that one: the first, which is given up, does not take it along. */
static void
test_export_again (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autofree char *output = test_folder_new ();
  g_autofree char *target = g_strdup_printf ("html,json:%s", output);
  MsWindow *window = window_test_open (folder);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export", "s", target);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.export", "s", target);
  widget_test_wait (is_said, window);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), "3 files are written"));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
  test_folder_remove (output);
}

/* Whoever was asked when the window was there may answer when it no longer is. */
static void
test_answers_after_closing (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = g_object_ref (window_test_open (folder));

  gtk_window_close (GTK_WINDOW (window));
  ms_window_open (window, folder);
  g_assert_cmpint (ms_window_get_state (window), !=, MS_WINDOW_LOADING);
  g_assert_finalize_object (window);
  test_folder_remove (folder);
}

/* A page that has no search of its own gives way to the table of threads. */
static void
test_search (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);

  ms_window_show_page (window, "timeline");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.search", NULL);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  g_assert_nonnull (gtk_widget_get_ancestor (focus, MS_TYPE_THREADS_PAGE));
  g_assert_true (
      gtk_widget_get_child_visible (gtk_widget_get_ancestor (focus, MS_TYPE_THREADS_PAGE)));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static char *
find_exported (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, "_comprehensive.json"))
      return g_build_filename (folder, name, NULL);
  return NULL;
}

static gboolean
is_exported (gpointer data)
{
  g_autofree char *path = find_exported (data);

  return path != NULL;
}

/* What is in focus alone, and under its name. */
static void
test_export_part (void)
{
  g_autofree char *folder = window_test_new_trace ();
  g_autofree char *output = test_folder_new ();
  g_autofree char *target = g_strdup_printf ("json:%s", output);
  g_autofree char *text = NULL;
  MsWindow *window = window_test_open (folder);
  MsLens *lens = ms_window_get_lens (window);

  g_assert_null (ms_focus_dup_words (lens));
  ms_focus_set_thread (ms_window_get_focus (window), 3);
  ms_focus_set_range (ms_window_get_focus (window), 0, 5500);
  g_autofree char *part = ms_focus_dup_words (lens);
  g_assert_cmpstr (part, ==, "worker-3, 0.0–5.5\u202fµs");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.export", "s", target);
  widget_test_wait (is_exported, output);
  g_autofree char *path = find_exported (output);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, part));
  g_assert_nonnull (strstr (text, "\"allocations\": 0"));
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
  test_folder_remove (output);
}

/* On one page: the numbers of GTK 4.8's further pages warn of their width. */
static void
test_shortcuts (void)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/org/memscope/Memscope/gtk/help-overlay.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "help_overlay"));

  gtk_window_present (window);
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  g_assert_nonnull (
      widget_test_find_label (GTK_WIDGET (window), "Back to what was focused before"));
  gtk_window_destroy (window);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/window-focus/filters", test_filters);
  g_test_add_func ("/window-focus/pills-by-key", test_pills_by_key);
  g_test_add_func ("/window-focus/verdicts", test_verdicts);
  g_test_add_func ("/window-focus/range", test_range);
  g_test_add_func ("/window-focus/grouping", test_grouping);
  g_test_add_func ("/window-focus/export", test_export);
  g_test_add_func ("/window-focus/export-again", test_export_again);
  g_test_add_func ("/window-focus/answers-after-closing", test_answers_after_closing);
  g_test_add_func ("/window-focus/search", test_search);
  g_test_add_func ("/window-focus/export-part", test_export_part);
  g_test_add_func ("/window-focus/shortcuts", test_shortcuts);
  return g_test_run ();
}
