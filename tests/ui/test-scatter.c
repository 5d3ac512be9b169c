/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The scatter plot: where things lie and what is painted, then the widget driven by keys and pointer. */
#include "ms-figures.h"
#include "ms-scatter-labels.h"
#include "ms-scatter-paint.h"
#include "ms-scatter.h"
#include "widget-test.h"

#include <gdk/gdkkeysyms.h>
#include <math.h>
#include <string.h>

static const MsScatterPoint POINTS[] = {
  { .x = 5, .y = 10e6, .shade = 0, .id = 1, .name = "light" },
  { .x = 20, .y = 30e6, .shade = 50, .id = 2, .name = "middle" },
  { .x = 36, .y = 5e6, .shade = NAN, .id = 3, .name = "busy" },
  { .x = 38, .y = 48e6, .shade = 100, .id = 4, .name = "both" },
};

static MsScatterData
new_data (void)
{
  return (MsScatterData) { .points = POINTS,
                           .n_points = G_N_ELEMENTS (POINTS),
                           .x_default = 40,
                           .y_default = 50e6,
                           .has_line = TRUE,
                           .slope = 1e6,
                           .intercept = 2e6 };
}

/* Ticks are round, start at 0 and reach what is to be shown, and not much more. */
static void
test_axis (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      double most = pow (10, g_test_rand_double_range (-2, 6));
      double length = g_test_rand_double_range (20, 2000);
      MsValueAxis axis;

      ms_value_axis_layout (&axis, most, length, 44);
      g_assert_cmpuint (axis.n_ticks, >=, 2);
      g_assert_cmpfloat (axis.top, >=, most * (1 - 1e-6));
      g_assert_cmpfloat (axis.ticks[0].value, ==, 0);
      g_assert_cmpfloat_with_epsilon (axis.ticks[axis.n_ticks - 1].value, axis.top,
                                      axis.top * 1e-6);
      g_assert_cmpfloat_with_epsilon (axis.ticks[axis.n_ticks - 1].place_px, length, 1e-6);
      g_assert_cmpfloat (axis.ticks[axis.n_ticks - 2].value, <, most);
    }
}

/* The axes end where the points do. */
static void
test_layout (void)
{
  MsScatterData data = new_data ();
  MsScatterLayout layout;

  ms_scatter_layout (&layout, &data, 900, 500, 14, 30);
  g_assert_cmpfloat (layout.x_axis.top, ==, 40);
  g_assert_cmpfloat (layout.y_axis.top, ==, 50);
  g_assert_cmpfloat (layout.shade_top, ==, 100);
  g_assert_true (layout.has_line);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpfloat (layout.line[i].y, >=, layout.plot.y - 0.01);
      g_assert_cmpfloat (layout.line[i].y, <=, layout.plot.y + layout.plot.height + 0.01);
    }
  /* Little, next to nothing, and nothing at all. */
  static const struct {
    double x, y;
    guint n;
    double x_top, y_top;
  } cases[] = { { 3, 2e6, 1, 3, 2 }, { 0.001, 1, 1, 0.4, 0.5 }, { 0, 0, 0, 40, 50 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MsScatterPoint one = { .x = cases[i].x, .y = cases[i].y, .shade = NAN, .name = "one" };
      MsScatterData small = new_data ();
      MsScatterLayout of_small;

      small.points = &one;
      small.n_points = cases[i].n;
      ms_scatter_layout (&of_small, &small, 900, 500, 14, 30);
      g_assert_cmpfloat_with_epsilon (of_small.x_axis.top, cases[i].x_top, 1e-9);
      g_assert_cmpfloat_with_epsilon (of_small.y_axis.top, cases[i].y_top, 1e-9);
      ms_scatter_layout_clear (&of_small);
    }
  guint point;
  g_assert_true (
      ms_scatter_layout_find (&layout, layout.places[2].x + 3, layout.places[2].y - 3, 10, &point));
  g_assert_cmpuint (point, ==, 2);
  g_assert_false (ms_scatter_layout_find (&layout, layout.plot.x, layout.plot.y, 10, &point));
  /* From corner to corner, backwards. */
  g_autoptr (GArray) all =
      ms_scatter_layout_find_in (&layout, (MsRect) { layout.plot.x + layout.plot.width,
                                                     layout.plot.y + layout.plot.height,
                                                     -layout.plot.width, -layout.plot.height });
  g_assert_cmpuint (all->len, ==, G_N_ELEMENTS (POINTS));
  ms_scatter_layout_clear (&layout);

  /* In the units of the user, round in them, and points where they were in bytes. */
  ms_figures_set_byte_units (MS_BYTE_UNITS_BINARY);
  ms_scatter_layout (&layout, &data, 900, 500, 14, 30);
  ms_figures_set_byte_units (MS_BYTE_UNITS_DECIMAL);
  g_assert_cmpfloat (layout.y_axis.top, ==, 50);
  double up = layout.plot.y + layout.plot.height - layout.places[3].y;
  g_assert_cmpfloat_with_epsilon (up, layout.plot.height * 48e6 / (50 * 0x1p20), 1e-6);
  ms_scatter_layout_clear (&layout);

  MsScatterPoint far = { .x = 310, .y = 1.2e9, .shade = NAN, .name = "far" };
  data.points = &far;
  data.n_points = 1;
  ms_scatter_layout (&layout, &data, 900, 500, 14, 30);
  g_assert_cmpfloat (layout.x_axis.top, >=, 310);
  g_assert_cmpfloat (layout.y_axis.top, >=, 1200);
  g_assert_cmpfloat (layout.places[0].x, <=, layout.plot.x + layout.plot.width + 0.01);
  g_assert_cmpfloat (layout.places[0].y, >=, layout.plot.y - 0.01);
  ms_scatter_layout_clear (&layout);

  /* A line that misses the plot is not drawn. */
  data = new_data ();
  data.slope = 0;
  data.intercept = -1;
  ms_scatter_layout (&layout, &data, 900, 500, 14, 30);
  g_assert_false (layout.has_line);
  ms_scatter_layout_clear (&layout);
}

/* Whatever the size: no ink outside. */
static void
test_picture (void)
{
  MsScatterData data = new_data ();
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());

  for (guint scheme = 0; scheme < 4; scheme++)
    for (int width = 280; width < 1400; width += 370)
      {
        MsScatterMarks marks = { .point = 3 };
        MsScatterLayout layout;
        MsPalette palette;
        double line_px, label_px, x, y, w, h;

        ms_palette_init (&palette, scheme & 1, (scheme & 2) != 0);
        data.is_path = scheme == 1;
        ms_scatter_measure (context, &data, &line_px, &label_px);
        ms_scatter_layout (&layout, &data, width, 400, line_px, label_px);
        cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
        cairo_t *cr = cairo_create (surface);
        ms_scatter_paint (cr, context, &layout, &data, &palette);
        ms_scatter_paint_marks (cr, context, &layout, &data, &marks, &palette);
        cairo_destroy (cr);
        cairo_recording_surface_ink_extents (surface, &x, &y, &w, &h);
        g_assert_cmpfloat (x, >=, 0);
        g_assert_cmpfloat (y, >=, 0);
        g_assert_cmpfloat (x + w, <=, width + 1);
        g_assert_cmpfloat (y + h, <=, 401);
        cairo_surface_destroy (surface);
        ms_scatter_layout_clear (&layout);
      }
  g_object_unref (context);
}

static gboolean
overlap (const MsRect *a, const MsRect *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

/* Names lie within the plot, over no point and over no other name; where there is room, all are there. */
static void
test_labels (void)
{
  MsScatterPoint points[MS_SCATTER_MOST_LABELS];
  double widths[MS_SCATTER_MOST_LABELS];
  MsRect labels[MS_SCATTER_MOST_LABELS];
  guint n_shown = 0;

  for (guint round = 0; round < 500; round++)
    {
      guint n = (guint) g_test_rand_int_range (1, MS_SCATTER_MOST_LABELS + 1);
      /* Half of them with a line that rises through all of the plot. */
      MsScatterData data = { points, n, 40, 50e6, FALSE, round % 2 == 0, 1e6, 2e6 };
      MsScatterLayout layout;

      for (guint i = 0; i < n; i++)
        {
          points[i] = (MsScatterPoint) { .x = g_test_rand_double_range (0, 40),
                                         .y = g_test_rand_double_range (0, 50e6) };
          widths[i] = g_test_rand_int_range (0, 4) == 0 ? 0 : g_test_rand_double_range (10, 150);
        }
      ms_scatter_layout (&layout, &data, 700, 400, 14, 30);
      ms_scatter_labels_layout (&layout, widths, 14, labels);
      for (guint i = 0; i < n; i++)
        {
          if (widths[i] == 0)
            g_assert_cmpfloat (labels[i].width, ==, 0);
          if (labels[i].width <= 0)
            continue;
          n_shown++;
          g_assert_cmpfloat (labels[i].width, ==, widths[i]);
          g_assert_cmpfloat (labels[i].x, >=, layout.plot.x);
          g_assert_cmpfloat (labels[i].y, >=, layout.plot.y);
          g_assert_cmpfloat (labels[i].x + widths[i], <=, layout.plot.x + layout.plot.width);
          g_assert_cmpfloat (labels[i].y + 14, <=, layout.plot.y + layout.plot.height);
          for (guint step = 0; layout.has_line && step <= 1000; step++)
            {
              double share = step / 1000.0;
              double x = layout.line[0].x + share * (layout.line[1].x - layout.line[0].x);
              double y = layout.line[0].y + share * (layout.line[1].y - layout.line[0].y);

              g_assert_false (overlap (&labels[i], &(MsRect) { x, y, 0.001, 0.001 }));
            }
          for (guint k = 0; k < n; k++)
            {
              MsRect point = { layout.places[k].x - 4, layout.places[k].y - 4, 8, 8 };

              g_assert_false (overlap (&labels[i], &point));
              g_assert_true (k == i || labels[k].width <= 0 || !overlap (&labels[i], &labels[k]));
            }
        }
      ms_scatter_layout_clear (&layout);
    }
  g_assert_cmpuint (n_shown, >, 500);

  MsScatterData data = new_data ();
  MsScatterLayout layout;
  data.has_line = FALSE;
  ms_scatter_layout (&layout, &data, 700, 400, 14, 30);
  for (guint i = 0; i < G_N_ELEMENTS (POINTS); i++)
    widths[i] = 60;
  ms_scatter_labels_layout (&layout, widths, 14, labels);
  for (guint i = 0; i < G_N_ELEMENTS (POINTS); i++)
    g_assert_cmpfloat (labels[i].width, ==, 60);
  /* At the right edge it stands on the other side. */
  g_assert_cmpfloat (labels[0].x, >, layout.places[0].x);
  g_assert_cmpfloat (labels[3].x, <, layout.places[3].x);
  ms_scatter_layout_clear (&layout);
}

/* The way through time joins the points, and nothing else. */
static void
test_path (void)
{
  MsScatterData data = new_data ();
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  guint n_inked[2] = { 0, 0 };
  MsPalette palette;

  ms_palette_init (&palette, FALSE, FALSE);
  data.has_line = FALSE;
  for (guint with_path = 0; with_path < 2; with_path++)
    {
      MsScatterLayout layout;
      double line_px, label_px;

      data.is_path = with_path == 1;
      ms_scatter_measure (context, &data, &line_px, &label_px);
      ms_scatter_layout (&layout, &data, 800, 500, line_px, label_px);
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 800, 500);
      cairo_t *cr = cairo_create (surface);
      ms_scatter_paint (cr, context, &layout, &data, &palette);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      /* Above the topmost point there are axes and their names, with or without a path. */
      const guint8 *pixels = cairo_image_surface_get_data (surface);
      int stride = cairo_image_surface_get_stride (surface);
      for (int y = 0; y < (int) layout.places[3].y - 8; y++)
        for (int x = 0; x < 800; x++)
          n_inked[with_path] += pixels[y * stride + x * 4 + 3] != 0;
      cairo_surface_destroy (surface);
      ms_scatter_layout_clear (&layout);
    }
  g_assert_cmpuint (n_inked[0], >, 100);
  g_assert_cmpuint (n_inked[1], ==, n_inked[0]);
  g_object_unref (context);
}

static void
test_words (void)
{
  MsScatterData data = new_data ();
  g_autofree char *measured = ms_scatter_describe_point (&POINTS[1]);
  g_autofree char *unknown = ms_scatter_describe_point (&POINTS[2]);
  g_autofree char *all = ms_scatter_describe (&data);

  g_assert_cmpstr (measured, ==,
                   "middle: 20.0\xe2\x80\xaf% processor, 30.0\xe2\x80\xafMB/s, 50 I/O calls");
  g_assert_null (strstr (unknown, "I/O"));
  g_assert_true (g_str_has_prefix (all, "4 points; processor up to 38.0"));
}

static void
activated_cb (MsScatter *scatter, guint index, guint *activated)
{
  *activated = index;
}

static GtkEventController *
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller;
    }
  g_assert_not_reached ();
}

static gboolean
press (GtkWidget *widget, guint keyval)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         keyval, 0, 0, &handled);
  return handled;
}

static void
drag (GtkWidget *widget, double x, double y, double width, double height)
{
  GtkEventController *gesture = find_controller (widget, GTK_TYPE_GESTURE_DRAG);

  g_signal_emit_by_name (gesture, "drag-begin", x, y);
  g_signal_emit_by_name (gesture, "drag-update", width / 2, height / 2);
  g_signal_emit_by_name (gesture, "drag-update", width, height);
  g_signal_emit_by_name (gesture, "drag-end", width, height);
}

static void
test_widget (void)
{
  GtkWidget *scatter = ms_scatter_new ();
  GtkWindow *window = widget_test_show (scatter, 800, 500);
  MsScatterData data = new_data ();
  guint activated = MS_NO_POINT, n;

  g_signal_connect (scatter, "point-activated", G_CALLBACK (activated_cb), &activated);
  g_assert_false (press (scatter, GDK_KEY_Right));
  ms_scatter_set_data (MS_SCATTER (scatter), &data);
  widget_test_wait_frames (scatter, 2);
  cairo_surface_t *picture = widget_test_picture (scatter);
  g_assert_cmpuint (widget_test_count_ink (picture), >, 2000);
  cairo_surface_destroy (picture);

  /* By processor time: the third; by rate the last. */
  for (guint i = 0; i < 3; i++)
    g_assert_true (press (scatter, GDK_KEY_Right));
  press (scatter, GDK_KEY_Return);
  g_assert_cmpuint (activated, ==, 2);
  press (scatter, GDK_KEY_Up);
  press (scatter, GDK_KEY_Return);
  g_assert_cmpuint (activated, ==, 0);
  press (scatter, GDK_KEY_End);
  press (scatter, GDK_KEY_space);
  g_assert_cmpuint (*ms_scatter_get_chosen (MS_SCATTER (scatter), &n), ==, 3);
  g_assert_cmpuint (n, ==, 1);
  press (scatter, GDK_KEY_space);
  ms_scatter_get_chosen (MS_SCATTER (scatter), &n);
  g_assert_cmpuint (n, ==, 0);

  drag (scatter, 5, 5, 790, 490);
  ms_scatter_get_chosen (MS_SCATTER (scatter), &n);
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (POINTS));
  press (scatter, GDK_KEY_Delete);
  ms_scatter_get_chosen (MS_SCATTER (scatter), &n);
  g_assert_cmpuint (n, ==, 0);
  /* A click where there is nothing. */
  activated = MS_NO_POINT;
  drag (scatter, 5, 5, 0, 0);
  g_assert_cmpuint (activated, ==, MS_NO_POINT);

  gtk_test_accessible_assert_role (scatter, GTK_ACCESSIBLE_ROLE_IMG);
  g_object_ref (scatter);
  widget_test_close (window);
  g_assert_finalize_object (scatter);
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/scatter/axis", test_axis);
  g_test_add_func ("/scatter/layout", test_layout);
  g_test_add_func ("/scatter/labels", test_labels);
  g_test_add_func ("/scatter/picture", test_picture);
  g_test_add_func ("/scatter/path", test_path);
  g_test_add_func ("/scatter/words", test_words);
  g_test_add_func ("/scatter/widget", test_widget);
  return g_test_run ();
}
