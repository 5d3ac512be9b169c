/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A window that follows a program: a folder that is written step by step, a real program that is killed, and hundreds
 * of documents in one window.
 */
#include "ms-feed.h"
#include "ms-figures.h"
#include "ms-focus-bar.h"
#include "ms-loader.h"
#include "ms-running-programs.h"
#include "ms-timeline-page.h"
#include "ms-window.h"
#include "named-process.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define N_DOCUMENTS 300

static const char *memscope, *victim;

/* --- a folder that grows -------------------------------------------------------------------------------- */

/* @n allocations by three threads at two stacks; the stack of the first thread allocates only from the second
 * half on, so that the number of the other moves. */
static void
write_folder (const char *folder, guint n, TraceBuilderEnd end)
{
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 early[] = { 0x1000, 0x2000 }, late[] = { 0x3000 };
  guint32 stacks[2];

  stacks[0] = trace_builder_add_stack (builder, 0, late, 1);
  stacks[1] = trace_builder_add_stack (builder, 0, early, 2);
  for (guint id = 0; id < 3; id++)
    trace_builder_start (builder, id, 100 + id, id == 0 ? -1 : 0);
  for (guint i = 0; i < n; i++)
    trace_builder_alloc (builder, i % 3, 1000000 * (guint64) (i + 1), 0x10000 + 64 * (guint64) i,
                         50, stacks[i >= 200 && i % 3 == 0 ? 0 : 1]);
  trace_builder_finish (builder, end);
  if (end == TRACE_BUILDER_KILLED)
    name_this_process (folder, NAMED_RIGHT);
}

typedef struct {
  MsWindow *window;
  guint64 n_events;
} Expected;

static MsTrace *
get_trace (MsWindow *window)
{
  return ms_document_get_trace (ms_window_get_document (window));
}

static gboolean
has_events (gpointer data)
{
  const Expected *expected = data;

  return ms_trace_get_n_events (get_trace (expected->window)) >= expected->n_events
         && !ms_lens_get_busy (ms_window_get_lens (expected->window));
}

static gboolean
has_history (gpointer data)
{
  return ms_trace_has_history (get_trace (data));
}

static gboolean
is_settled (gpointer data)
{
  MsTrace *trace = get_trace (data);

  return ms_trace_get_state (trace) != MS_STATE_RUNNING && ms_trace_has_history (trace)
         && !ms_lens_get_busy (ms_window_get_lens (data));
}

static gboolean
is_hidden (gpointer data)
{
  return !gtk_widget_get_visible (data);
}

/* While it is paused nobody reads the folder, which the builder writes anew. */
static void
grow (MsWindow *window, const char *folder, guint n, TraceBuilderEnd end)
{
  Expected expected = { window, n };

  gtk_widget_activate_action (GTK_WIDGET (window), "win.pause", NULL);
  widget_test_wait (has_history, window);
  write_folder (folder, n, end);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.pause", NULL);
  widget_test_wait (has_events, &expected);
}

static void
test_growing_folder (void)
{
  g_autofree char *folder = test_folder_new ();
  guint id = 0, stack = 0, depth;
  gint64 start_ns, end_ns;

  write_folder (folder, 100, TRACE_BUILDER_KILLED);
  MsWindow *window = window_test_open (folder);
  MsLens *lens = ms_window_get_lens (window);
  MsFocus *focus = ms_window_get_focus (window);
  GtkWidget *pause = widget_test_find_button (GTK_WIDGET (window), "Pause");

  g_assert_cmpint (ms_trace_get_state (get_trace (window)), ==, MS_STATE_RUNNING);
  g_assert_true (gtk_widget_get_visible (pause));
  g_assert_true (ms_window_show_page (window, "timeline"));
  ms_focus_set_thread (focus, 1);
  ms_focus_set_range (focus, 1000000, 50500000);
  ms_focus_set_stack (focus, 0);

  grow (window, folder, 200, TRACE_BUILDER_KILLED);
  grow (window, folder, 400, TRACE_BUILDER_KILLED);
  /* The lens is the same, and so is what is looked at, under the stack's new number. */
  g_assert_true (ms_window_get_lens (window) == lens);
  g_assert_true (ms_focus_get_thread (focus, &id));
  g_assert_cmpuint (id, ==, 1);
  g_assert_true (ms_focus_get_range (focus, &start_ns, &end_ns));
  g_assert_cmpint (end_ns, ==, 50500000);
  g_assert_true (ms_focus_get_stack (focus, &stack));
  g_assert_cmpuint (ms_trace_get_stack_frames (get_trace (window), stack, &depth, NULL)[0], ==,
                    0x1000);
  g_assert_cmpuint (depth, ==, 2);
  /* Made in 1–50.5 ms by thread 1: numbers 1, 4, … 49. */
  g_assert_cmpuint (ms_view_get_totals (ms_lens_get_view (lens), MS_DOMAIN_HEAP)->allocations, ==,
                    17);
  g_assert_cmpuint (ms_view_get_totals (ms_lens_get_whole_view (lens), MS_DOMAIN_HEAP)->allocations,
                    ==, 400);

  /* So does the line of pills: of all that there is by now. */
  GtkWidget *bar = widget_test_find (GTK_WIDGET (window), MS_TYPE_FOCUS_BAR);
  g_autofree char *whole = ms_figure_duration (ms_trace_get_duration_ns (get_trace (window)));
  g_autofree char *of = g_strdup_printf ("of %s", whole);
  g_assert_nonnull (widget_test_find_label (bar, of));

  grow (window, folder, 500, TRACE_BUILDER_CLOSED);
  widget_test_wait (is_settled, window);
  widget_test_wait (is_hidden, pause);
  g_assert_true (ms_window_get_lens (window) == lens);
  g_assert_true (ms_focus_get_range (focus, NULL, NULL));
  g_assert_cmpuint (ms_view_get_totals (ms_lens_get_whole_view (lens), MS_DOMAIN_HEAP)->allocations,
                    ==, 500);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (folder);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(MsDocument **) data = ms_loader_load_finish (MS_LOADER (source), result, NULL);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

/* Of a folder that is opened by its path what runs is read once: who follows it goes on from there. */
static void
test_read_once (void)
{
  g_autofree char *folder = test_folder_new ();

  write_folder (folder, 100, TRACE_BUILDER_KILLED);
  g_autoptr (MsLoader) loader = ms_loader_new (folder);
  MsDocument *document = NULL;

  ms_loader_load_async (loader, NULL, loaded_cb, &document);
  widget_test_wait (is_set, &document);
  g_autoptr (MsFollower) follower = ms_loader_steal_follower (loader);
  g_assert_nonnull (follower);
  g_assert_null (ms_recording_steal_follower (ms_document_get_recording (document),
                                              ms_document_get_process (document)));
  g_object_unref (document);
  test_folder_remove (folder);
}

static void
got_document_cb (MsFeed *feed, MsDocument *document, MsDocument **got)
{
  g_set_object (got, document);
}

static gboolean
has_problem (gpointer feed)
{
  return ms_feed_get_problem (feed) != NULL && ms_feed_get_state (feed) == MS_FEED_DONE;
}

/* As a window does that looks at a part, and no longer. */
static void
look_at_part (MsFeed *feed, WidgetTestCondition condition, gpointer data)
{
  ms_feed_set_wants_history (feed, TRUE);
  widget_test_wait (condition, data);
  ms_feed_set_wants_history (feed, FALSE);
}

/* Of a program that nobody watches any more the history is read when somebody looks at a part.  Once that has worked,
 * why it did not before is of no interest. */
static void
test_problem_is_over (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *away = g_strconcat (folder, ".away", NULL);

  write_folder (folder, 100, TRACE_BUILDER_KILLED);
  g_autoptr (MsLoader) loader = ms_loader_new (folder);
  MsDocument *document = NULL, *got = NULL;

  ms_loader_load_async (loader, NULL, loaded_cb, &document);
  widget_test_wait (is_set, &document);
  g_autoptr (MsFollower) follower = ms_loader_steal_follower (loader);
  g_autoptr (MsFeed) feed = ms_feed_new (document, follower);
  ms_feed_stop (feed);
  g_signal_connect (feed, "document", G_CALLBACK (got_document_cb), &got);
  g_assert_cmpint (g_rename (folder, away), ==, 0);
  look_at_part (feed, has_problem, feed);
  look_at_part (feed, has_problem, feed);
  g_assert_null (got);

  g_assert_cmpint (g_rename (away, folder), ==, 0);
  look_at_part (feed, is_set, &got);
  g_assert_null (ms_feed_get_problem (feed));
  ms_feed_go_on (feed);
  g_assert_cmpint (ms_feed_get_state (feed), ==, MS_FEED_DONE);
  g_assert_null (ms_feed_get_problem (feed));
  g_object_unref (got);
  g_object_unref (document);
  test_folder_remove (folder);
}

/* --- a real one ----------------------------------------------------------------------------------------- */

static void
assert_same_figures (MsTrace *shown, MsTrace *afresh)
{
  g_assert_cmpuint (ms_trace_get_n_events (shown), ==, ms_trace_get_n_events (afresh));
  g_assert_cmpuint (ms_trace_get_n_threads (shown), ==, ms_trace_get_n_threads (afresh));
  g_assert_cmpint (ms_trace_get_exit_status (shown), ==, ms_trace_get_exit_status (afresh));
  g_assert_cmpmem (ms_trace_get_totals (shown, MS_DOMAIN_HEAP), sizeof (MsTotals),
                   ms_trace_get_totals (afresh, MS_DOMAIN_HEAP), sizeof (MsTotals));
  for (guint i = 0; i < ms_trace_get_n_threads (shown); i++)
    g_assert_cmpmem (ms_thread_get_totals (ms_trace_get_thread (shown, i), MS_DOMAIN_HEAP),
                     sizeof (MsTotals),
                     ms_thread_get_totals (ms_trace_get_thread (afresh, i), MS_DOMAIN_HEAP),
                     sizeof (MsTotals));
}

/* The folder is there once something was recorded. */
static gboolean
has_opened (gpointer data)
{
  MsWindow *window = data;

  if (ms_window_get_state (window) == MS_WINDOW_PROBLEM)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.reload", NULL);
  return ms_window_get_document (window) != NULL;
}

static gboolean
says_pause (gpointer window)
{
  return widget_test_find_label (window, "Paused: the program runs on") != NULL;
}

static gboolean
says_paused_end (gpointer window)
{
  return widget_test_find_label (window, "Paused: the program has ended") != NULL;
}

static void
test_killed_program (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *recording = g_build_filename (output, "r", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) recorder =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                        &error, memscope, "record", "-o", recording, "--", victim, NULL);
  MsWindow *window = ms_window_new (NULL, NULL);

  g_assert_no_error (error);
  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, recording);
  widget_test_wait (has_opened, window);
  g_assert_cmpint (ms_trace_get_state (get_trace (window)), ==, MS_STATE_RUNNING);

  for (guint i = 0; i < 4; i++)
    {
      Expected more = { window, ms_trace_get_n_events (get_trace (window)) + 1 };

      widget_test_wait (has_events, &more);
    }
  /* Afterwards it may be hidden already, and is not found. */
  GtkWidget *pause = widget_test_find_button (GTK_WIDGET (window), "Pause");
  g_assert_nonnull (pause);
  /* What ends while it is paused is told, and shown when it is wanted. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.pause", NULL);
  g_assert_true (says_pause (window));
  g_assert_false (says_paused_end (window));
  kill (ms_trace_get_pid (get_trace (window)), SIGKILL);
  widget_test_wait (says_paused_end, window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.pause", NULL);
  widget_test_wait (is_settled, window);
  g_assert_true (g_subprocess_wait (recorder, NULL, NULL));
  widget_test_wait (is_hidden, pause);
  g_assert_cmpint (ms_trace_get_state (get_trace (window)), ==, MS_STATE_KILLED);
  g_assert_cmpint (ms_trace_get_exit_status (get_trace (window)), ==, 128 + SIGKILL);
  g_assert_nonnull (widget_test_find_label (GTK_WIDGET (window), "killed by signal 9"));

  g_autoptr (MsTrace) afresh = ms_trace_load_full (ms_trace_get_folder (get_trace (window)),
                                                   MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_same_figures (get_trace (window), afresh);
  widget_test_close (GTK_WINDOW (window));
  test_folder_remove (output);
}

/* --- by its number -------------------------------------------------------------------------------------- */

static gboolean
has_document (gpointer window)
{
  return ms_window_get_document (window) != NULL;
}

typedef struct {
  const char *recording;
  guint pid; /* 0: not seen yet */
} Listed;

/* Others may be recorded at the same time. */
static gboolean
is_listed (gpointer data)
{
  Listed *self = data;
  g_autoptr (MsRunningPrograms) programs = ms_running_programs_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (programs)); i++)
    {
      g_autoptr (MsRunningProgram) program = g_list_model_get_item (G_LIST_MODEL (programs), i);
      const char *folder = ms_running_program_get_folder (program);
      g_autofree char *recording = folder != NULL ? g_path_get_dirname (folder) : NULL;

      if (g_strcmp0 (recording, self->recording) == 0)
        self->pid = ms_running_program_get_pid (program);
    }
  return self->pid != 0;
}

static void
window_gone_cb (gpointer window, GObject *object)
{
  *(MsWindow **) window = NULL;
}

static gboolean
is_null (gpointer window)
{
  return *(MsWindow **) window == NULL;
}

/* Without a bus, from the registry.  How long it takes from the pick to figures on the screen is told, and not held
 * against a machine that may be busy. */
static void
test_attached_program (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *recording = g_build_filename (output, "r", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) recorder =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                        &error, memscope, "record", "-o", recording, "--", victim, NULL);
  MsWindow *window = ms_window_new (NULL, NULL);
  Listed listed = { recording, 0 };
  gint64 start_us;
  guint pid;

  g_assert_no_error (error);
  gtk_window_present (GTK_WINDOW (window));
  widget_test_wait (is_listed, &listed);
  pid = listed.pid;
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  start_us = g_get_monotonic_time ();
  ms_window_attach (window, pid);
  widget_test_wait (has_document, window);
  widget_test_wait_frames (GTK_WIDGET (window), 1);
  g_test_message ("%.0f ms from the pick to the first figures",
                  (double) (g_get_monotonic_time () - start_us) / 1e3);
  g_assert_cmpint (ms_trace_get_state (get_trace (window)), ==, MS_STATE_RUNNING);
  g_assert_cmpint (ms_trace_get_pid (get_trace (window)), ==, (gint) pid);
  for (guint i = 0; i < 2; i++)
    {
      Expected more = { window, ms_trace_get_n_events (get_trace (window)) + 1 };

      widget_test_wait (has_events, &more);
    }
  /* The window goes; the program stays, and is recorded. */
  widget_test_close (GTK_WINDOW (window));
  /* One that goes before it is connected: whoever answers finds nobody. */
  window = ms_window_new (NULL, NULL);
  gtk_window_present (GTK_WINDOW (window));
  g_object_weak_ref (G_OBJECT (window), window_gone_cb, &window);
  ms_window_attach (window, pid);
  gtk_window_destroy (GTK_WINDOW (window));
  widget_test_wait (is_null, &window);
  g_assert_cmpint (kill ((pid_t) pid, 0), ==, 0);
  kill ((pid_t) pid, SIGKILL);
  g_assert_true (g_subprocess_wait (recorder, NULL, NULL));
  test_folder_remove (output);
}

typedef struct {
  MsWindow *window;
  guint n; /* references to it */
} Held;

static gboolean
is_held_by_no_more (gpointer data)
{
  const Held *held = data;

  return G_OBJECT (held->window)->ref_count <= held->n;
}

/* What was asked of a program holds the window until the answer. */
static void
test_overtaken_program (void)
{
  g_autofree char *output = test_folder_new ();
  g_autofree char *recording = g_build_filename (output, "r", NULL);
  g_autofree char *before = window_test_new_trace (), *after = window_test_new_trace ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) recorder =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                        &error, memscope, "record", "-o", recording, "--", victim, NULL);
  MsWindow *window = window_test_open (before);
  Held held = { window, G_OBJECT (window)->ref_count };
  Listed listed = { recording, 0 };
  guint pid;

  g_assert_no_error (error);
  widget_test_wait (is_listed, &listed);
  pid = listed.pid;
  ms_window_attach (window, pid);
  g_assert_false (is_held_by_no_more (&held));
  ms_window_open (window, after);
  widget_test_wait (is_held_by_no_more, &held);
  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_CONTENT);
  g_assert_cmpstr (ms_trace_get_folder (get_trace (window)), ==, after);

  /* Asked once more, nobody overtakes it. */
  ms_window_attach (window, pid);
  widget_test_wait (is_held_by_no_more, &held);
  g_assert_cmpint (ms_trace_get_pid (get_trace (window)), ==, (gint) pid);
  widget_test_close (GTK_WINDOW (window));
  kill ((pid_t) pid, SIGKILL);
  g_assert_true (g_subprocess_wait (recorder, NULL, NULL));
  test_folder_remove (output);
  test_folder_remove (before);
  test_folder_remove (after);
}

static gboolean
shows_problem (gpointer window)
{
  return ms_window_get_state (window) == MS_WINDOW_PROBLEM;
}

/* Asked for by its number on the command line: an empty window would not say that it is not there. */
static void
test_no_such_program (void)
{
  MsWindow *window = ms_window_new (NULL, NULL);

  gtk_window_present (GTK_WINDOW (window));
  ms_window_attach (window, 1U << 30);
  widget_test_wait (shows_problem, window);
  g_assert_nonnull (strstr (ms_window_get_problem (window), "1073741824"));
  widget_test_close (GTK_WINDOW (window));
}

/* --- hundreds ------------------------------------------------------------------------------------------- */

typedef struct {
  MsLens *lens;
  MsDocument *document;
} Wanted;

static gboolean
is_shown (gpointer data)
{
  const Wanted *wanted = data;

  return ms_lens_get_document (wanted->lens) == wanted->document
         && !ms_lens_get_busy (wanted->lens);
}

/* Pages that nobody looks at may keep what they showed last. */
#define MOST_ALIVE 6

static void
gone_cb (gpointer data, GObject *object)
{
  g_atomic_int_add ((gint *) data, -1);
}

static gboolean
are_few (gpointer data)
{
  return g_atomic_int_get ((gint *) data) <= MOST_ALIVE;
}

static gboolean
are_none (gpointer data)
{
  return g_atomic_int_get ((gint *) data) == 0;
}

/* Each goes when the next is there, with its trace. */
static void
test_hundreds (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  MsLens *lens = ms_window_get_lens (window);
  g_autoptr (MsRecording) recording =
      g_object_ref (ms_document_get_recording (ms_window_get_document (window)));
  static const char *const PAGES[] = { "overview", "threads", "timeline", "correlation", "memory" };
  gint n_alive = 0;

  ms_focus_set_thread (ms_window_get_focus (window), 2);
  for (guint i = 0; i < N_DOCUMENTS; i++)
    {
      g_autoptr (MsTrace) trace =
          ms_trace_load_full (folder, MS_LOAD_HISTORY, NULL, NULL, NULL, NULL);
      g_autoptr (MsDocument) document = ms_document_new (recording, 0, trace, NULL);
      Wanted wanted = { lens, document };

      g_atomic_int_inc (&n_alive);
      g_object_weak_ref (G_OBJECT (trace), gone_cb, &n_alive);
      g_assert_true (ms_window_show_page (window, PAGES[i % G_N_ELEMENTS (PAGES)]));
      ms_lens_set_document (lens, document);
      widget_test_wait (is_shown, &wanted);
      widget_test_wait (are_few, &n_alive);
    }
  widget_test_close (GTK_WINDOW (window));
  widget_test_wait (are_none, &n_alive);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_assert_cmpint (argc, ==, 3);
  memscope = argv[1];
  victim = argv[2];
  g_test_add_func ("/live/read-once", test_read_once);
  g_test_add_func ("/live/problem-is-over", test_problem_is_over);
  g_test_add_func ("/live/growing-folder", test_growing_folder);
  g_test_add_func ("/live/killed-program", test_killed_program);
  g_test_add_func ("/live/attached-program", test_attached_program);
  g_test_add_func ("/live/overtaken-program", test_overtaken_program);
  g_test_add_func ("/live/no-such-program", test_no_such_program);
  g_test_add_func ("/live/hundreds", test_hundreds);
  return g_test_run ();
}
