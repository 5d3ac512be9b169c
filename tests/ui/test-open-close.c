/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two hundred traces opened in a row in one window, each looked at on another page with a thread in focus:
 * none of them outlives its successor, and what is in use of the heap does not grow.  And a window for each
 * of some, which goes with its trace and with all that it had.
 *
 * Pages and GTK fill caches on the way, so what counts is the second hundred against the first.  In use
 * are blocks, not what malloc keeps: fragments do not count.  Where another malloc is underneath, as in a
 * sanitizer's build, there is no figure, and only the traces are counted.
 */
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <malloc.h>

#define N_ROUNDS 200
#define N_WINDOWS 42           /* six for each page */
#define MOST_GROWTH_BYTES 4000 /* of the heap, for each trace */
/* For each window; caches still move by some kB, a window's menus alone are 50 kB. */
#define MOST_WINDOW_GROWTH_BYTES 20000

static guint n_traces; /* that are alive */

static void
trace_gone_cb (gpointer data, GObject *where_it_was)
{
  n_traces--;
}

static gboolean
is_at_rest (gpointer window)
{
  return window_test_is_settled (window) && !ms_window_get_busy (window);
}

static gboolean
is_not_busy (gpointer window)
{
  return !ms_window_get_busy (window);
}

static gboolean
are_few (gpointer data)
{
  return n_traces <= GPOINTER_TO_UINT (data);
}

static void
look_around (MsWindow *window, guint round)
{
  static const char *const PAGES[] = { "overview", "threads", "timeline", "correlation",
                                       "memory",   "system",  "compare" };

  g_assert_cmpint (ms_window_get_state (window), ==, MS_WINDOW_CONTENT);
  n_traces++;
  g_object_weak_ref (G_OBJECT (ms_document_get_trace (ms_window_get_document (window))),
                     trace_gone_cb, NULL);
  ms_focus_set_thread (ms_window_get_focus (window), 1 + round % 3);
  ms_window_show_page (window, PAGES[round % G_N_ELEMENTS (PAGES)]);
  widget_test_wait (is_not_busy, window);
  widget_test_wait_frames (GTK_WIDGET (window), 2);
}

/* @in_use after each of @n_rounds, each of which may leave @most_bytes in the second half. */
static void
expect_flat (const guint64 *in_use, guint n_rounds, gint64 most_bytes)
{
  gint64 growth = (gint64) in_use[n_rounds - 1] - (gint64) in_use[n_rounds / 2 - 1];

  g_test_message ("%" G_GUINT64_FORMAT " bytes in use after %u rounds, %" G_GINT64_FORMAT
                  " more after %u",
                  in_use[n_rounds / 2 - 1], n_rounds / 2, growth, n_rounds);
  g_assert_cmpint (growth, <, n_rounds / 2 * most_bytes);
}

static void
test_one_window (void)
{
  g_autofree char *folder = window_test_new_trace ();
  MsWindow *window = window_test_open (folder);
  guint64 in_use[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      ms_window_open (window, folder);
      widget_test_wait (is_at_rest, window);
      look_around (window, i);
      /* The one that is shown; the last may still be in a worker's hands. */
      widget_test_wait (are_few, GUINT_TO_POINTER (1));
      in_use[i] = mallinfo2 ().uordblks;
    }
  widget_test_close (GTK_WINDOW (window));
  widget_test_wait (are_few, GUINT_TO_POINTER (0));
  expect_flat (in_use, N_ROUNDS, MOST_GROWTH_BYTES);
  test_folder_remove (folder);
}

static void
test_a_window_each (void)
{
  g_autofree char *folder = window_test_new_trace ();
  guint64 in_use[N_WINDOWS];

  for (guint i = 0; i < N_WINDOWS; i++)
    {
      MsWindow *window = window_test_open (folder);

      look_around (window, i);
      widget_test_close (GTK_WINDOW (window)); /* waits until it is finalized */
      widget_test_wait (are_few, GUINT_TO_POINTER (0));
      in_use[i] = mallinfo2 ().uordblks;
    }
  expect_flat (in_use, N_WINDOWS, MOST_WINDOW_GROWTH_BYTES);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/open-close/one-window", test_one_window);
  g_test_add_func ("/open-close/a-window-each", test_a_window_each);
  return g_test_run ();
}
