/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The timeline without a display: windows of time, curves with gaps, where things lie, what is painted. */
#include "ms-text.h"
#include "ms-timeline-paint.h"
#include "ms-timeline-words.h"
#include "timeline-example.h"

#include <math.h>
#include <string.h>

/* Whatever is done to a window, it stays in the trace, and zooming keeps its moment in place. */
static void
test_window (void)
{
  for (guint round = 0; round < 500; round++)
    {
      MsTimeWindow window;
      MsRect rect = { 100, 0, g_test_rand_double_range (50, 2000), 10 };

      ms_time_window_init (&window, (gint64) pow (10, g_test_rand_double_range (0, 13)));
      for (guint step = 0; step < 30; step++)
        {
          gint64 at = ms_time_window_get_time (&window, &rect,
                                               g_test_rand_double_range (0, rect.width + 200));
          double x = ms_time_window_get_x (&window, &rect, at);
          gint64 length = window.end_ns - window.start_ns;

          g_assert_cmpfloat (x, >=, rect.x - 0.001);
          g_assert_cmpfloat (x, <=, rect.x + rect.width + 0.001);
          if (g_test_rand_bit ())
            ms_time_window_pan (&window, g_test_rand_int_range (-1000000, 1000000));
          else
            {
              ms_time_window_zoom (&window, at, 0.5);
              gint64 wanted = MAX (length / 2, MIN (MS_TIME_WINDOW_LEAST_NS, window.duration_ns));
              g_assert_cmpint (ABS (window.end_ns - window.start_ns - wanted), <=, 1);
              /* To a nanosecond, which is much where that is all there is. */
              if (window.end_ns - window.start_ns > 1000000)
                g_assert_cmpfloat_with_epsilon (ms_time_window_get_x (&window, &rect, at), x, 0.01);
            }
          g_assert_cmpint (window.start_ns, >=, 0);
          g_assert_cmpint (window.end_ns, <=, window.duration_ns);
          g_assert_cmpint (window.start_ns, <, window.end_ns);
        }
      ms_time_window_zoom (&window, window.start_ns, 1e30);
      g_assert_true (ms_time_window_is_whole (&window));
    }
}

/* Every maximum and minimum survives, a gap stays one, a column has one point of two heights. */
static void
test_curve (void)
{
  for (guint round = 0; round < 300; round++)
    {
      guint n_bins = (guint) g_test_rand_int_range (1, 3000);
      MsRect rect = { 10, 20, g_test_rand_double_range (1, 1500), 100 };
      g_autofree MsCurvePoint *points = g_new (MsCurvePoint, (gsize) rect.width + 1);
      MsTimeWindow window;
      MsCurve curve;
      double greatest = NAN, least = NAN, high = NAN, low = NAN;

      ms_time_window_init (&window, 1000000);
      ms_curve_init (&curve, 0, 1000000, n_bins, TRUE);
      for (guint i = 0; i < n_bins; i++)
        if (g_test_rand_int_range (0, 10) > 0)
          {
            curve.max[i] = g_test_rand_double_range (50, 100);
            curve.min[i] = curve.max[i] - 50;
            greatest = fmax (greatest, curve.max[i]);
            least = fmin (least, curve.min[i]);
          }
      guint n = ms_curve_layout (&curve, NULL, &window, 100, &rect, points);
      g_assert_cmpuint (n, <=, (guint) rect.width);
      for (guint i = 0; i < n; i++)
        {
          g_assert_true (isnan (points[i].y_high) == isnan (points[i].y_low));
          high = fmin (high, points[i].y_high);
          low = fmax (low, points[i].y_low);
          g_assert_false (points[i].y_high > points[i].y_low);
        }
      if (!isnan (greatest))
        {
          g_assert_cmpfloat_with_epsilon (high, 120 - greatest, 1e-6);
          g_assert_cmpfloat_with_epsilon (low, 120 - least, 1e-6);
        }
      ms_curve_clear (&curve);
    }
}

static void
test_curve_gap_and_fine (void)
{
  MsCurve whole, fine;
  double high, low;
  guint bin;

  ms_curve_init (&whole, 0, 1000, 10, FALSE);
  ms_curve_cover (&whole, 0, 300, 5);
  ms_curve_cover (&whole, 500, 1000, 7);
  g_assert_true (ms_curve_get_range (&whole, NULL, 0, 1000, &high, &low));
  g_assert_cmpfloat (high, ==, 7);
  g_assert_cmpfloat (low, ==, 5);
  g_assert_false (ms_curve_get_range (&whole, NULL, 300, 500, &high, &low));
  g_assert_true (isnan (high));
  /* The fine one where it reaches, and only there. */
  ms_curve_init (&fine, 200, 400, 100, FALSE);
  ms_curve_cover (&fine, 300, 301, 9);
  g_assert_true (ms_curve_get_range (&whole, &fine, 300, 302, &high, &low));
  g_assert_cmpfloat (high, ==, 9);
  g_assert_false (ms_curve_get_range (&whole, &fine, 250, 252, &high, &low));
  g_assert_true (ms_curve_get_range (&whole, &fine, 190, 210, &high, &low));
  g_assert_cmpfloat (high, ==, 5);
  g_assert_cmpint (ms_curve_get_bin_ns (&whole, &fine, 300, 302), ==, 2);
  g_assert_cmpint (ms_curve_get_bin_ns (&whole, &fine, 190, 210), ==, 100);
  g_assert_cmpint (ms_curve_get_bin_ns (&whole, NULL, 0, 1000), ==, 100);
  g_assert_true (ms_curve_find_bin (&whole, 1000, &bin));
  g_assert_cmpuint (bin, ==, 9);
  g_assert_false (ms_curve_find_bin (&whole, 1001, &bin));
  ms_curve_clear (&whole);
  ms_curve_clear (&fine);
}

static PangoContext *
new_context (double size)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  PangoFontDescription *font = pango_font_description_from_string ("Sans");

  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_context_set_font_description (context, font);
  pango_font_description_free (font);
  return context;
}

/* Lanes and threads follow each other without overlap at any width; what is absent is low. */
static void
test_layout (void)
{
  PangoContext *context = new_context (15);

  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (MsTimelineData) data =
          example_timeline_new ((guint) g_test_rand_int_range (1, 400));
      MsTimelineMetrics metrics;
      MsTimelineLayout layout;
      MsTimeWindow window;
      double bottom = 0;
      guint index, first, end;

      ms_time_window_init (&window, data->duration_ns);
      ms_timeline_measure (&metrics, context, data);
      ms_timeline_layout (&layout, data, NULL, &window, &metrics,
                          g_test_rand_double_range (240, 2000),
                          g_test_rand_double_range (160, 900));
      for (guint i = 0; i < layout.n_lanes; i++)
        {
          const MsLaneLayout *row = &layout.lanes[i];

          g_assert_cmpfloat (row->row.y, >=, bottom);
          bottom = row->row.y + row->row.height;
          g_assert_cmpfloat (row->plot.y, >=, row->row.y);
          g_assert_cmpfloat (row->plot.y + row->plot.height, <=, bottom);
          g_assert_cmpfloat (row->plot.x + row->plot.width, <=, layout.width_px);
          if (row->lane->absence != NULL)
            g_assert_cmpfloat (row->plot.height, <, 40);
          else
            g_assert_cmpfloat (row->plot.height, >=, 12);
        }
      g_assert_cmpfloat (layout.lives.y, >=, bottom);
      for (guint i = 0; i < data->lives->len; i++)
        {
          MsRect bar;

          g_assert_true (ms_timeline_layout_get_life (&layout, data, i, &bar));
          g_assert_cmpfloat (bar.width, >=, 1);
          g_assert_cmpfloat (bar.x, >=, layout.lives.x - 0.001);
          g_assert_cmpfloat (bar.x + bar.width, <=, layout.lives.x + layout.lives.width + 0.001);
          g_assert_cmpfloat (bar.y + bar.height, <=, layout.content_px);
          g_assert_true (ms_timeline_layout_find_life (&layout, bar.y + bar.height / 2, &index));
          g_assert_cmpuint (index, ==, i);
        }
      ms_timeline_layout_get_visible_lives (&layout, layout.lives.y,
                                            layout.lives.y + 10 * layout.life_height_px, &first,
                                            &end);
      g_assert_cmpuint (first, ==, 0);
      g_assert_cmpuint (end, ==, MIN (10, data->lives->len));
      ms_timeline_layout_clear (&layout);
    }
  g_object_unref (context);
}

/* The name of an instant lies above that of the peak, and not on it. */
static void
test_instants (void)
{
  PangoContext *context = new_context (15);

  for (double width = 300; width < 2000; width += 100)
    {
      g_autoptr (MsTimelineData) data = example_timeline_new (4);
      MsTimelineMetrics metrics;
      MsTimelineLayout layout;
      MsTimeWindow window;

      g_array_set_size (data->instants, 0);
      ms_timeline_data_add_instant (data, data->duration_ns / 2, "Threads: even");
      ms_time_window_init (&window, data->duration_ns);
      ms_timeline_measure (&metrics, context, data);
      ms_timeline_layout (&layout, data, NULL, &window, &metrics, width, 900);
      g_assert_cmpfloat (layout.lanes[0].plot.y - metrics.small_line_px - 1, >=,
                         1 + metrics.small_line_px);
      ms_timeline_layout_clear (&layout);
    }
  g_object_unref (context);
}

/* Runs cover the row without overlap, and neighbours differ. */
static void
test_heat (void)
{
  g_autoptr (MsTimelineData) data = example_timeline_new (1);
  const MsLane *lane = ms_timeline_data_find_lane (data, "cores");
  const MsCurve *curve = &g_array_index (lane->series, MsLaneSeries, 3).curve;
  MsHeatRun runs[601];
  MsTimeWindow window;
  double right = 50;

  ms_time_window_init (&window, data->duration_ns);
  guint n = ms_heat_layout (curve, NULL, &window, 100, 50, 600, runs);
  g_assert_cmpuint (n, >, MS_HEAT_SHADES);
  g_assert_cmpuint (n, <, 3 * MS_HEAT_SHADES);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpfloat_with_epsilon (runs[i].x, right, 1e-6);
      right = runs[i].x + runs[i].width;
      if (i > 0)
        g_assert_cmpuint (runs[i].shade, !=, runs[i - 1].shade);
    }
  g_assert_cmpfloat_with_epsilon (right, 650, 1e-6);
}

typedef struct {
  MsTimelineData *data;
  MsTimelineLayout layout;
  MsTimeWindow window;
  PangoContext *context;
  MsPalette palette;
  cairo_surface_t *surface;
} Picture;

static void
paint (Picture *self, const MsTimelineMarks *marks, int width, int height, double scroll)
{
  MsTimelineMetrics metrics;

  ms_timeline_measure (&metrics, self->context, self->data);
  ms_timeline_layout (&self->layout, self->data, NULL, &self->window, &metrics, width, height);
  self->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (self->surface);
  ms_color_set_source (cr, self->palette.surface);
  cairo_paint (cr);
  ms_timeline_paint (cr, self->context, &self->layout, self->data, marks, &self->palette, scroll);
  ms_timeline_paint_marks (cr, self->context, &self->layout, self->data, marks, &self->palette,
                           scroll);
  cairo_destroy (cr);
  cairo_surface_flush (self->surface);
}

static double
inked_share (const Picture *self, MsRect rect)
{
  const guint8 *pixels = cairo_image_surface_get_data (self->surface);
  int stride = cairo_image_surface_get_stride (self->surface);
  guint n_inked = 0, n_all = 0;
  guint32 ground, pixel;

  memcpy (&ground, pixels, sizeof ground);
  for (int y = (int) ceil (rect.y); y < (int) (rect.y + rect.height); y++)
    for (int x = (int) ceil (rect.x); x < (int) (rect.x + rect.width); x++, n_all++)
      {
        memcpy (&pixel, pixels + y * stride + x * 4, sizeof pixel);
        n_inked += (pixel & 0xffffff) != (ground & 0xffffff);
      }
  return n_all > 0 ? (double) n_inked / n_all : 0;
}

static void
picture_clear (Picture *self)
{
  ms_timeline_layout_clear (&self->layout);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
}

static void
test_picture (void)
{
  g_autoptr (MsTimelineData) data = example_timeline_new (12);
  Picture picture = { .data = data, .context = new_context (15) };
  MsTimelineMarks marks;

  for (guint scheme = 0; scheme < 4; scheme++)
    {
      ms_palette_init (&picture.palette, scheme & 1, (scheme & 2) != 0);
      ms_time_window_init (&picture.window, data->duration_ns);
      ms_timeline_marks_init (&marks);
      paint (&picture, &marks, 1200, 900, 0);

      const MsRect *live = &picture.layout.lanes[0].plot;
      const MsRect *cores = &picture.layout.lanes[1].plot;
      const MsRect *io = &picture.layout.lanes[2].plot;
      MsRect gap = { io->x + io->width * 0.26, io->y, io->width * 0.22, io->height - 2 };
      /* A triangle is half of its box: filled, or (high contrast) an outline. */
      if (picture.palette.high_contrast)
        g_assert_cmpfloat (inked_share (&picture, *live), <, 0.2);
      else
        g_assert_cmpfloat (inked_share (&picture, *live), >, 0.45);
      g_assert_cmpfloat (inked_share (&picture, *live), <, 0.65);
      g_assert_cmpfloat (inked_share (&picture, *live), >, 0.01);
      g_assert_cmpfloat (inked_share (&picture, *cores), >, 0.7);
      g_assert_cmpfloat (inked_share (&picture, gap), ==, 0);
      g_assert_cmpfloat (inked_share (&picture, picture.layout.lives), >, 0.4);
      picture_clear (&picture);

      /* A selection tints every row between its ends. */
      marks.start_ns = 12 * EXAMPLE_SECOND;
      marks.end_ns = 18 * EXAMPLE_SECOND;
      marks.cursor_ns = 15 * EXAMPLE_SECOND;
      paint (&picture, &marks, 1200, 900, 0);
      io = &picture.layout.lanes[2].plot;
      gap = (MsRect) { io->x + io->width * 0.31, io->y, io->width * 0.12, io->height - 2 };
      g_assert_cmpfloat (inked_share (&picture, gap), ==, 1);
      picture_clear (&picture);
    }
  g_object_unref (picture.context);
}

/* No ink under the axis, whatever is scrolled; the axis stays. */
static void
test_picture_scrolled (void)
{
  g_autoptr (MsTimelineData) data = example_timeline_new (300);
  Picture picture = { .data = data, .context = new_context (14) };
  MsTimelineMarks marks;

  ms_palette_init (&picture.palette, FALSE, FALSE);
  ms_time_window_init (&picture.window, data->duration_ns);
  ms_timeline_marks_init (&marks);
  for (double scroll = 0; scroll < 3000; scroll += 700)
    for (int width = 300; width <= 1500; width += 600)
      {
        paint (&picture, &marks, width, 400, scroll);
        g_assert_cmpfloat (picture.layout.content_px, >, 3000);
        MsRect axis = { 0, picture.layout.axis_y + 1, width, 400 - picture.layout.axis_y - 1 };
        double share = inked_share (&picture, axis);
        g_assert_cmpfloat (share, >, 0.001);
        g_assert_cmpfloat (share, <, 0.3);
        picture_clear (&picture);
      }
  g_object_unref (picture.context);
}

static void
test_words (void)
{
  g_autoptr (MsTimelineData) data = example_timeline_new (2);
  MsTimeWindow window;

  ms_time_window_init (&window, data->duration_ns);
  g_autofree char *picture = ms_timeline_describe (data, NULL, &window);
  g_assert_nonnull (strstr (picture, "Live memory: max 182\xe2\x80\xafMB"));
  g_assert_nonnull (strstr (picture, "4 cores, at most 100.0\xe2\x80\xaf%"));
  g_assert_nonnull (strstr (picture, "GPU: not available, the machine has no GPU."));
  g_assert_nonnull (strstr (picture, "2 threads."));

  /* In the gap of the I/O lane, at a quarter of the ramp. */
  g_autofree char *then =
      ms_timeline_describe_time (data, NULL, 15 * EXAMPLE_SECOND, 15 * EXAMPLE_SECOND + 1);
  g_assert_nonnull (strstr (then, "Live memory 68.1\xe2\x80\xafMB – 136\xe2\x80\xafMB"));
  g_assert_nonnull (strstr (then, "max 75.0\xe2\x80\xaf%"));
  g_assert_nonnull (strstr (then, "I/O not measured"));
}

/* The same bytes in a shorter stretch are a higher rate. */
static void
test_words_of_rate (void)
{
  g_autoptr (MsTimelineData) data = ms_timeline_data_new (10 * EXAMPLE_SECOND);
  MsLane *lane = ms_timeline_data_add_lane (data, "rate", "Allocation rate", MS_LANE_CURVES,
                                            MS_UNIT_BYTE_RATE, MS_ROLE_MEMORY_INTENSIVE);
  MsCurve *curve = &ms_lane_add_series (lane, NULL)->curve;
  MsTimeWindow window;

  ms_curve_init (curve, 0, data->duration_ns, 200, FALSE);
  ms_curve_cover (curve, 0, data->duration_ns, 98.2e6);
  ms_time_window_init (&window, data->duration_ns);
  g_autofree char *words = ms_lane_summarize (lane, NULL, 0, &window);
  g_assert_cmpstr (words, ==, "max 98.2\xe2\x80\xafMB/s over 50.0\xe2\x80\xafms");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline-plot/window", test_window);
  g_test_add_func ("/timeline-plot/curve", test_curve);
  g_test_add_func ("/timeline-plot/curve-gap-and-fine", test_curve_gap_and_fine);
  g_test_add_func ("/timeline-plot/layout", test_layout);
  g_test_add_func ("/timeline-plot/instants", test_instants);
  g_test_add_func ("/timeline-plot/heat", test_heat);
  g_test_add_func ("/timeline-plot/picture", test_picture);
  g_test_add_func ("/timeline-plot/picture-scrolled", test_picture_scrolled);
  g_test_add_func ("/timeline-plot/words", test_words);
  g_test_add_func ("/timeline-plot/words-of-rate", test_words_of_rate);
  return g_test_run ();
}
