/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "window-test.h"
#include "trace-builder.h"
#include "widget-test.h"

/* A process with a main thread and workers; worker n holds n × 10 MB, the last is not tracked. */
char *
window_test_new_trace (void)
{
  char *folder = test_folder_new ();
  TraceBuilder *builder = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (builder, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_start (builder, 0, 0, -1);
  trace_builder_name (builder, 0, 0, "main", -1);
  trace_builder_alloc (builder, 0, 1000, 0x10000, 64, stack);
  for (guint worker = 1; worker <= WINDOW_TEST_N_WORKERS; worker++)
    {
      g_autofree char *name =
          worker == 1 ? g_strdup (WINDOW_TEST_HOSTILE_NAME) : g_strdup_printf ("worker-%u", worker);
      guint64 ticks = 2000 * worker;

      trace_builder_start (builder, worker, ticks, 0);
      trace_builder_name (builder, worker, ticks + 1, name, -1);
      if (worker == WINDOW_TEST_N_WORKERS)
        {
          trace_builder_tracking (builder, worker, ticks + 2, FALSE);
          continue;
        }
      trace_builder_alloc (builder, worker, ticks + 10, 0x100000 * worker, 10000000 * worker,
                           stack);
      trace_builder_free_block (builder, worker, 1000000, 0x100000 * worker);
    }
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace_builder_free (builder);
  return folder;
}

gboolean
window_test_is_settled (gpointer data)
{
  MsWindowState state = ms_window_get_state (data);

  return state == MS_WINDOW_CONTENT || state == MS_WINDOW_PROBLEM;
}

MsWindow *
window_test_open (const char *folder)
{
  MsWindow *window = ms_window_new (NULL, NULL);

  gtk_window_present (GTK_WINDOW (window));
  ms_window_open (window, folder);
  widget_test_wait (window_test_is_settled, window);
  widget_test_wait_frames (GTK_WIDGET (window), 3);
  return window;
}

GtkWidget *
window_test_open_page (const char *folder, const char *page, GType type)
{
  MsWindow *window = window_test_open (folder);

  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_CONTENT);
  g_assert_true (ms_window_show_page (window, page));
  GtkWidget *widget = widget_test_find (GTK_WIDGET (window), type);
  g_assert_nonnull (widget);
  return widget;
}

void
window_test_close_page (GtkWidget *page)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (page));

  g_object_add_weak_pointer (G_OBJECT (page), (gpointer *) &page);
  widget_test_close (window);
  g_assert_null (page);
}
