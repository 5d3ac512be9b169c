/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A flight recorder in the window: counts are shown, and what was live is said not to be known, on every page. */
#include "ms-memory-page.h"
#include "ms-overview-page.h"
#include "ms-timeline-page.h"
#include "ms-window.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <string.h>

#define MS_NS 1000000
#define SENTENCE "not available in ring mode"

/* 1 000 B for 7 of 10 ms, which a recording of all events would have as its peak. */
static char *
new_trace (void)
{
  char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (builder, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_set_ring (builder, 65536);
  trace_builder_start (builder, 0, 0, -1);
  trace_builder_name (builder, 0, 0, "main", -1);
  trace_builder_alloc (builder, 0, 1 * MS_NS, 0x10000, 1000, stack);
  trace_builder_free_block (builder, 0, 8 * MS_NS, 0x10000);
  trace_builder_alloc (builder, 0, 10 * MS_NS, 0x30000, 8, stack);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  return folder;
}

static gboolean
says_it (gpointer page)
{
  GtkWidget *label = widget_test_find_label (page, SENTENCE);

  return label != NULL && gtk_widget_get_mapped (label);
}

/* @data: the page's name; the sentence is in a label that is seen. */
static void
test_labels (gconstpointer data)
{
  const char *name = data;
  g_autofree char *folder = new_trace ();
  GType type = strcmp (name, "memory") == 0 ? MS_TYPE_MEMORY_PAGE : MS_TYPE_OVERVIEW_PAGE;
  GtkWidget *page = window_test_open_page (folder, name, type);

  if (type == MS_TYPE_MEMORY_PAGE)
    g_object_set (page, "measure", "peak", NULL);
  widget_test_wait (says_it, page);
  if (type == MS_TYPE_OVERVIEW_PAGE) /* what happened is there */
    g_assert_nonnull (widget_test_find_label (page, "1.01"));
  window_test_close_page (page);
  test_folder_remove (folder);
}

/* The same, of which the second half is kept: a thread that ended at 5 ms is the first that is left of those. */
static char *
new_half (void)
{
  char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (builder, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_set_ring (builder, 65536);
  trace_builder_start (builder, 0, 0, -1);
  trace_builder_start (builder, 1, 1 * MS_NS, 0);
  trace_builder_exit (builder, 1, 5 * MS_NS, 0);
  trace_builder_alloc (builder, 0, 10 * MS_NS, 0x30000, 8, stack);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  return folder;
}

static gboolean
is_at_rest (gpointer page)
{
  return !ms_timeline_page_is_busy (page);
}

static void
test_timeline (void)
{
  g_autofree char *folder = new_trace ();
  GtkWidget *page = window_test_open_page (folder, "timeline", MS_TYPE_TIMELINE_PAGE);
  g_autofree char *words = NULL;

  widget_test_wait (is_at_rest, page);
  words = ms_timeline_dup_description (ms_timeline_page_get_timeline (MS_TIMELINE_PAGE (page)));
  g_assert_nonnull (strstr (words, "Live memory, " SENTENCE "."));
  g_assert_null (strstr (words, "peak"));
  window_test_close_page (page);
  test_folder_remove (folder);
}

static gboolean
is_memory_at_rest (gpointer page)
{
  return !ms_memory_page_get_busy (page);
}

/* It opens on what is known, and an ordinary trace after it on what was there before. */
static void
test_memory_measure (void)
{
  g_autofree char *folder = new_trace (), *ordinary = window_test_new_trace ();
  GtkWidget *page = window_test_open_page (folder, "memory", MS_TYPE_MEMORY_PAGE);
  MsWindow *window = MS_WINDOW (gtk_widget_get_root (page));
  g_autofree char *measure = NULL, *later = NULL;

  widget_test_wait (is_memory_at_rest, page);
  g_object_get (page, "measure", &measure, NULL);
  g_assert_cmpstr (measure, ==, "allocated");
  g_assert_false (says_it (page));

  ms_window_open (window, ordinary);
  widget_test_wait (window_test_is_settled, window);
  widget_test_wait (is_memory_at_rest, page);
  g_object_get (page, "measure", &later, NULL);
  g_assert_cmpstr (later, ==, "peak");
  window_test_close_page (page);
  test_folder_remove (folder);
  test_folder_remove (ordinary);
}

/* What `memscope snapshot` leaves says so of itself: the program went on. */
static void
test_cut (void)
{
  g_autofree char *folder = new_trace ();
  g_autofree char *path = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (MsRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  text[strlen (text) - strlen (strrchr (text, '}'))] = '\0';
  g_autofree char *cut = g_strconcat (text, ",\"stopped_before_end\":true}", NULL);
  g_assert_true (g_file_set_contents (path, cut, -1, NULL));

  GtkWidget *page = window_test_open_page (folder, "memory", MS_TYPE_MEMORY_PAGE);
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (page));
  widget_test_wait (is_memory_at_rest, page);
  g_assert_nonnull (widget_test_find_label (window, "recorded until 10.0\u202fms; it went on"));
  g_assert_null (widget_test_find_label (window, "finished"));
  window_test_close_page (page);

  /* A list of recordings has the same. */
  recording = ms_recording_open (folder, NULL, &error);
  g_assert_no_error (error);
  const MsProcess *process = ms_recording_get_process (recording, 0);
  g_autofree char *words = ms_describe_recording_end (process->state, process->exit_status,
                                                      process->is_cut, process->duration_ns);
  g_assert_cmpstr (words, ==, "recorded until 10.0\u202fms; it went on");
  test_folder_remove (folder);
}

/* The page opens on what is kept. */
static void
test_timeline_window (void)
{
  g_autofree char *folder = new_half ();
  GtkWidget *page = window_test_open_page (folder, "timeline", MS_TYPE_TIMELINE_PAGE);
  MsTimeline *timeline = ms_timeline_page_get_timeline (MS_TIMELINE_PAGE (page));
  const MsTimeWindow *window;

  widget_test_wait (is_at_rest, page);
  window = ms_timeline_get_window (timeline);
  g_assert_cmpint (window->start_ns, ==, 5 * MS_NS);
  g_assert_cmpint (window->end_ns, ==, window->duration_ns);
  g_assert_cmpint (window->duration_ns, ==, 10 * MS_NS);
  window_test_close_page (page);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_data_func ("/ring-pages/overview", "overview", test_labels);
  g_test_add_data_func ("/ring-pages/memory", "memory", test_labels);
  g_test_add_func ("/ring-pages/timeline", test_timeline);
  g_test_add_func ("/ring-pages/cut", test_cut);
  g_test_add_func ("/ring-pages/memory-measure", test_memory_measure);
  g_test_add_func ("/ring-pages/timeline-window", test_timeline_window);
  return g_test_run ();
}
