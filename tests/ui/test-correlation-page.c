/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The page of correlations on a trace of which every figure is known. */
#include "ms-correlation-page.h"
#include "ms-correlation-source.h"
#include "ms-plot-menu.h"
#include "ms-timeline-page.h"
#include "ms-timeline-words.h"
#include "ms-window.h"
#include "resource-builder.h"
#include "trace-builder.h"
#include "widget-test.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <string.h>

#define MS(n) ((gint64) (n) *1000000)
#define N_WORKERS 8
#define N_TICKS 30

/* Three seconds.  Worker n uses 5 n % of a core and allocates n MB a second, so that both go together
 * without an exception; the main thread does nothing and is still alive at the end. */
static void
write_trace (const char *folder)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_start (b, 0, 0, -1);
  trace_builder_name (b, 0, 0, "main", -1);
  trace_builder_alloc (b, 0, 10, 0x1000, 8, stack);
  for (guint n = 1; n <= N_WORKERS; n++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", n);

      trace_builder_start (b, n, 100 * n, 0);
      trace_builder_name (b, n, 100 * n + 1, name, -1);
      for (guint tick = 0; tick < N_TICKS; tick++)
        {
          guint64 address = 0x100000 * n + 0x1000 * tick;

          trace_builder_alloc (b, n, (guint64) MS (100 * tick + 50) + n, address, 100000 * n,
                               stack);
          trace_builder_free_block (b, n, (guint64) MS (100 * tick + 60) + n, address);
        }
      trace_builder_exit (b, n, (guint64) MS (2999) + n, (guint64) MS (150) * n);
    }
  trace_builder_free_block (b, 0, (guint64) MS (3000), 0x1000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

static void
write_samples (const char *folder)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (folder, MS (100));
  guint64 cpu_ns = 0;

  for (guint tick = 1; tick <= N_TICKS; tick++)
    {
      cpu_ns += (guint64) MS (10 + tick);
      /* From 1.2 to 1.7 s nobody sampled. */
      if (tick > 12 && tick < 17)
        continue;
      resource_builder_set (b, TRK_PROCESS_CPU_NS, cpu_ns);
      resource_builder_set (b, TRK_PROCESS_READ_CALLS, 20 * tick);
      resource_builder_set (b, TRK_PROCESS_WRITE_CALLS, 0);
      resource_builder_sample (b, TRK_RESOURCE_PROCESS, 1000, "program", MS (100 * tick));
    }
}

typedef struct {
  char *folder;
  MsWindow *window;
  MsCorrelationPage *page;
  MsScatter *scatter;
} Fixture;

static gboolean
is_at_rest (gpointer data)
{
  return !ms_correlation_page_is_busy (data);
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  self->folder = test_folder_new ();
  write_trace (self->folder);
  write_samples (self->folder);
  self->page = MS_CORRELATION_PAGE (
      window_test_open_page (self->folder, "correlation", MS_TYPE_CORRELATION_PAGE));
  self->window = MS_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->page)));
  self->scatter = ms_correlation_page_get_scatter (self->page);
  widget_test_wait (is_at_rest, self->page);
  widget_test_wait_frames (GTK_WIDGET (self->window), 3);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  window_test_close_page (GTK_WIDGET (self->page));
  test_folder_remove (self->folder);
  g_free (self->folder);
}

/* Workers lie on a line; the main thread, whose processor time nobody read, is left out. */
static void
test_threads (Fixture *self, gconstpointer user_data)
{
  const MsScatterData *data = ms_scatter_get_data (self->scatter);

  g_assert_cmpuint (data->n_points, ==, N_WORKERS);
  for (guint i = 0; i < N_WORKERS; i++)
    {
      g_assert_cmpfloat_with_epsilon (data->points[i].x, 5.0 * (i + 1), 0.1);
      g_assert_cmpfloat_with_epsilon (data->points[i].y, 1e6 * (i + 1), 0.01e6);
    }
  g_assert_true (data->has_line);
  g_assert_cmpfloat_with_epsilon (data->slope, 0.2e6, 0.01e6);
  g_assert_cmpfloat (data->x_default, ==, 40);
  g_assert_cmpfloat (data->y_default, ==, 50e6);
}

/* A sample each 0.1 s, and the I/O calls in it; a click makes its time the range. */
static void
test_samples (Fixture *self, gconstpointer user_data)
{
  GtkWidget *samples = widget_test_find (GTK_WIDGET (self->page), GTK_TYPE_TOGGLE_BUTTON);

  samples = gtk_widget_get_next_sibling (samples);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (samples), TRUE);
  widget_test_wait (is_at_rest, self->page);

  const MsScatterData *data = ms_scatter_get_data (self->scatter);
  g_assert_cmpuint (data->n_points, >, N_TICKS - 8);
  g_assert_cmpuint (data->n_points, <, N_TICKS - 2);
  g_assert_false (data->is_path);
  const MsScatterPoint *point = &data->points[10];
  g_assert_null (point->name);
  g_assert_cmpfloat_with_epsilon (point->shade, 20, 0.5);
  g_assert_cmpfloat_with_epsilon (point->y, 36e6, 0.2e6);

  gint64 time_ns = point->time_ns, start_ns, end_ns;
  g_signal_emit_by_name (self->scatter, "point-activated", 10u);
  g_assert_true (ms_focus_get_range (ms_window_get_focus (self->window), &start_ns, &end_ns));
  g_assert_cmpint (start_ns, ==, time_ns);
  g_assert_cmpint (end_ns - start_ns, ==, MS (100));
  widget_test_wait (is_at_rest, self->page);
}

/* A click on a thread focuses it, and what is shown then is its own way: here, nobody sampled it. */
static void
test_focus (Fixture *self, gconstpointer user_data)
{
  MsFocus *focus = ms_window_get_focus (self->window);
  guint id;

  g_signal_emit_by_name (self->scatter, "point-activated", 1u);
  g_assert_true (ms_focus_get_thread (focus, &id));
  g_assert_cmpuint (id, ==, 2);
  widget_test_wait (is_at_rest, self->page);
  g_assert_true (ms_scatter_get_data (self->scatter)->is_path);
  ms_focus_clear (focus);
  widget_test_wait (is_at_rest, self->page);
  g_assert_cmpuint (ms_scatter_get_data (self->scatter)->n_points, ==, N_WORKERS);

  /* A shorter stretch leaves those out that lived longer than it: means over a part need samples. */
  ms_focus_set_range (focus, MS (1000), MS (2000));
  widget_test_wait (is_at_rest, self->page);
  for (guint i = 0; i < ms_scatter_get_data (self->scatter)->n_points; i++)
    g_assert_cmpfloat_with_epsilon (ms_scatter_get_data (self->scatter)->points[i].y,
                                    1e6 * ms_scatter_get_data (self->scatter)->points[i].id,
                                    0.01e6);
}

/* The timeline of the same trace: what was sampled has lanes. */
static void
test_timeline (Fixture *self, gconstpointer user_data)
{
  GtkWidget *page = widget_test_find (GTK_WIDGET (self->window), MS_TYPE_TIMELINE_PAGE);
  MsTimeline *timeline = ms_timeline_page_get_timeline (MS_TIMELINE_PAGE (page));

  ms_window_show_page (self->window, "timeline");
  while (ms_timeline_page_is_busy (MS_TIMELINE_PAGE (page)))
    g_main_context_iteration (NULL, TRUE);
  MsTimelineData *data = ms_timeline_get_data (timeline);
  const MsLane *cpu = ms_timeline_data_find_lane (data, "cpu");
  const MsLane *io = ms_timeline_data_find_lane (data, "io");
  double high, low;

  g_assert_null (cpu->absence);
  g_assert_true (ms_curve_get_range (&g_array_index (cpu->series, MsLaneSeries, 0).curve, NULL,
                                     MS (1010), MS (1090), &high, &low));
  g_assert_cmpfloat_with_epsilon (high, 21, 0.1);
  g_assert_cmpfloat_with_epsilon (low, 21, 0.1);
  g_assert_true (ms_curve_get_range (&g_array_index (io->series, MsLaneSeries, 0).curve, NULL,
                                     MS (1000), MS (2000), &high, &low));
  g_assert_cmpfloat_with_epsilon (high, 200, 1);
  /* What nobody sampled is a gap. */
  g_assert_false (ms_curve_get_range (&g_array_index (io->series, MsLaneSeries, 0).curve, NULL,
                                      MS (1300), MS (1600), &high, &low));
}

/* The points exactly, and as a picture. */
static void
test_saved (Fixture *self, gconstpointer user_data)
{
  const MsScatterData *data = ms_scatter_get_data (self->scatter);
  g_autofree char *png = g_build_filename (self->folder, "points.png", NULL);
  g_autoptr (GError) error = NULL;

  gtk_widget_activate_action (GTK_WIDGET (self->page), "correlation.copy-csv", NULL);
  GdkContentProvider *content =
      gdk_clipboard_get_content (gtk_widget_get_clipboard (GTK_WIDGET (self->page)));
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (content, &value, &error));
  g_assert_no_error (error);
  g_auto (GStrv) lines = g_strsplit (g_value_get_string (&value), "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, data->n_points + 2);
  g_assert_cmpstr (lines[0], ==,
                   "thread_id,name,cpu_percent,allocated_bytes_per_second,io_calls,pattern");
  for (guint i = 0; i < data->n_points; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i + 1], ",", -1);

      g_assert_cmpstr (cells[1], ==, data->points[i].name);
      g_assert_cmpfloat_with_epsilon (g_ascii_strtod (cells[2], NULL), data->points[i].x, 1e-6);
      g_assert_cmpfloat_with_epsilon (g_ascii_strtod (cells[3], NULL), data->points[i].y, 1);
    }

  g_autoptr (GFile) file = g_file_new_for_path (png);
  ms_plot_menu_write_picture (GTK_WIDGET (self->scatter), file);
  widget_test_wait_for_file (png);
  cairo_surface_t *picture = cairo_image_surface_create_from_png (png);
  g_assert_cmpuint (widget_test_count_ink (picture), >, 500);
  cairo_surface_destroy (picture);
  g_remove (png);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
#define ADD(name, function) \
  g_test_add ("/correlation-page/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("threads", test_threads);
  ADD ("samples", test_samples);
  ADD ("saved", test_saved);
  ADD ("focus", test_focus);
  ADD ("timeline", test_timeline);
  return g_test_run ();
}
