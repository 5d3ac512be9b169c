/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A differential flame graph: where its boxes are, how they are walked, what they look like and say. */
#include "ms-difference-plot.h"
#include "ms-module-shades.h"
#include "stack-case.h"

#include <math.h>
#include <string.h>

#define WIDTH_PX 400
#define HEIGHT_PX 200

/* Two stretches of one trace: main > parse only in the first, main > grow only in the second, main > same in
 * both. */
typedef struct {
  StackCase stacks;
  MsTrace *trace; /* with its history */
  MsDifferenceTree *tree;
  MsDifferencePlot *plot;
  PangoContext *context;
} Fixture;

static MsView *
new_view (Fixture *self, gint64 start_ns, gint64 end_ns)
{
  g_autoptr (MsFilter) filter = ms_filter_with_range (NULL, start_ns, end_ns);
  g_autoptr (GError) error = NULL;
  MsView *view = ms_view_new (self->trace, filter, NULL, &error);

  g_assert_no_error (error);
  return view;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  PangoFontMap *map = pango_cairo_font_map_get_default ();
  guint nth = 0;

  stack_case_set_up (&self->stacks, data);
  for (guint i = 0; i < 50; i++)
    stack_case_add (&self->stacks, "main > parse", nth++);
  for (guint i = 0; i < 100; i++)
    stack_case_add (&self->stacks, "main > same", nth++);
  for (guint i = 0; i < 100; i++)
    stack_case_add (&self->stacks, "main > same", nth++);
  for (guint i = 0; i < 100; i++)
    stack_case_add (&self->stacks, "main > grow", nth++);
  stack_case_load (&self->stacks);

  self->trace = ms_trace_load_full (self->stacks.trace_fixture.folder, MS_LOAD_HISTORY, NULL, NULL,
                                    NULL, NULL);
  g_assert_nonnull (self->trace);

  /* About where the second hundred of the same begins. */
  gint64 end_ns = ms_trace_get_duration_ns (self->trace);
  gint64 middle_ns = (gint64) ((double) end_ns * 150 / 350);
  g_autoptr (MsView) first = new_view (self, 0, middle_ns);
  g_autoptr (MsView) second = new_view (self, middle_ns, end_ns + 1);
  MsComparisonSide before = { first, self->stacks.names }, after = { second, self->stacks.names };
  g_autoptr (MsComparison) comparison =
      ms_comparison_new (&before, &after, MS_DOMAIN_HEAP, MS_COMPARE_BY_FUNCTIONS, NULL, NULL);
  self->tree = ms_difference_tree_new (comparison, MS_FIGURE_ALLOCATED_BYTES);
  self->plot = ms_difference_plot_new (self->tree, TRUE, 0);
  self->context = pango_font_map_create_context (map);
  MS_DIFFERENCE_PLOT.lay_out (self->plot, self->context, WIDTH_PX, HEIGHT_PX);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  MS_DIFFERENCE_PLOT.free (self->plot);
  ms_difference_tree_unref (self->tree);
  g_object_unref (self->context);
  g_object_unref (self->trace);
  stack_case_tear_down (&self->stacks, data);
}

static void
test_layout (Fixture *self, gconstpointer data)
{
  const MsDifferencePlot *plot = self->plot;
  double right = 0;

  /* All, main, and three of which the widths add up to that of main. */
  g_assert_cmpuint (plot->n_rows, ==, 3);
  g_assert_cmpuint (plot->n_cells, ==, 5);
  g_assert_cmpfloat_with_epsilon (plot->cells[0].rect.width, WIDTH_PX, 1e-9);
  for (guint i = plot->rows[2]; i < plot->n_cells; i++)
    {
      g_assert_cmpfloat_with_epsilon (plot->cells[i].rect.x, right, 1e-6);
      right += plot->cells[i].rect.width;
      g_assert_cmpint (MS_DIFFERENCE_PLOT.find (self->plot, plot->cells[i].rect.x + 1,
                                                2.5 * plot->row_px),
                       ==, (gint) i);
    }
  g_assert_cmpfloat_with_epsilon (right, WIDTH_PX, 1e-6);
  g_assert_cmpint (MS_DIFFERENCE_PLOT.find (self->plot, 5, 3.5 * plot->row_px), ==, -1);
  g_assert_cmpfloat (MS_DIFFERENCE_PLOT.get_height_px (self->plot, self->context, WIDTH_PX), >,
                     3 * plot->row_px);
}

/* What is zoomed into is as wide as the picture, and so is what leads back out. */
static void
test_zoom (Fixture *self, gconstpointer data)
{
  MsDifferencePlot *zoomed = ms_difference_plot_new (self->tree, TRUE, 3);

  MS_DIFFERENCE_PLOT.lay_out (zoomed, self->context, WIDTH_PX, HEIGHT_PX);
  g_assert_cmpuint (zoomed->n_cells, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpfloat_with_epsilon (zoomed->cells[i].rect.width, WIDTH_PX, 1e-9);
      g_assert_cmpint (zoomed->cells[i].parent, ==, (gint) i - 1);
    }
  g_assert_cmpint (zoomed->cells[2].node, ==, 3);
  g_assert_cmpint (MS_DIFFERENCE_PLOT.find (zoomed, 5, 1.5 * zoomed->row_px), ==, 1);

  /* What was read in a wider picture is not there any more. */
  g_autofree char *words = MS_DIFFERENCE_PLOT.describe_item (zoomed, 4);
  g_assert_cmpstr (words, ==, "");
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (zoomed, 4, 1, 0), ==, 0);
  MS_DIFFERENCE_PLOT.free (zoomed);
}

static void
test_walk (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 0, 0, 1), ==, 1);
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 1, 0, 1), ==, 2);
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 2, 1, 0), ==, 3);
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 4, 1, 0), ==, 4);
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 4, 0, 1), ==, 4);
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 4, 0, -1), ==, 1);
  g_assert_cmpuint (MS_DIFFERENCE_PLOT.walk (self->plot, 4, -5, -5), ==, 0);
}

static void
test_words (Fixture *self, gconstpointer data)
{
  gboolean has_gone = FALSE, has_new = FALSE;

  for (guint i = 0; i < self->plot->n_cells; i++)
    {
      g_autofree char *words = MS_DIFFERENCE_PLOT.describe_item (self->plot, i);

      has_gone = has_gone || strstr (words, "parse: 500\u202fB → 0\u202fB, −500\u202fB (gone)");
      has_new = has_new || strstr (words, "grow: 0\u202fB → 1.00\u202fkB, +1.00\u202fkB (new)");
    }
  g_assert_true (has_gone);
  g_assert_true (has_new);
}

/* Steps differ in what they look like, texts can be read on all of them. */
static void
test_steps (Fixture *self, gconstpointer data)
{
  static const struct {
    guint64 before, after;
    double error;
    MsDifference difference;
  } cases[] = {
    { 0, 10, 0, MS_DIFFERENCE_NEW },     { 10, 0, 0, MS_DIFFERENCE_GONE },
    { 10, 20, 0, MS_DIFFERENCE_TWICE },  { 20, 10, 0, MS_DIFFERENCE_HALF },
    { 10, 12, 0, MS_DIFFERENCE_MORE },   { 12, 10, 0, MS_DIFFERENCE_LESS },
    { 100, 105, 0, MS_DIFFERENCE_SAME }, { 0, 0, 0, MS_DIFFERENCE_SAME },
    { 10, 30, 15, MS_DIFFERENCE_SAME },  { 10, 30, NAN, MS_DIFFERENCE_SAME },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MsChange change = { cases[i].before, cases[i].after, cases[i].error };

      g_assert_cmpint (ms_difference_of (&change), ==, cases[i].difference);
    }
  for (guint look = 0; look < 4; look++)
    {
      MsPalette palette;

      ms_palette_init (&palette, look & 1, look & 2);
      for (MsDifference step = 0; step < MS_N_DIFFERENCES; step++)
        {
          MsColor ground = ms_difference_get_color (step, &palette);

          g_assert_cmpfloat (ms_color_contrast (ms_color_get_ink (ground), ground), >=, 4.5);
        }
    }
}

static guint32
pixel_at (cairo_surface_t *surface, double x, double y)
{
  guint32 pixel;

  memcpy (&pixel,
          cairo_image_surface_get_data (surface)
              + (int) y * cairo_image_surface_get_stride (surface) + 4 * (int) x,
          sizeof pixel);
  return pixel;
}

/* What went is blue, what came is red, and what stayed is neither. */
static void
test_picture (Fixture *self, gconstpointer data)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH_PX, HEIGHT_PX);
  cairo_t *cr = cairo_create (surface);
  MsPalette palette;

  ms_palette_init (&palette, FALSE, FALSE);
  MS_DIFFERENCE_PLOT.paint (self->plot, cr, self->context, &palette);
  cairo_surface_flush (surface);
  for (guint i = self->plot->rows[2]; i < self->plot->n_cells; i++)
    {
      const MsDifferenceCell *cell = &self->plot->cells[i];
      const MsDifferenceNode *node = ms_difference_tree_get_node (self->tree, (guint) cell->node);
      guint32 pixel = pixel_at (surface, cell->rect.x + 1, cell->rect.y + 2);
      int red = (int) (pixel >> 16 & 0xff), blue = (int) (pixel & 0xff);

      if (strcmp (node->label, "grow") == 0)
        g_assert_cmpint (red, >, blue + 60);
      else if (strcmp (node->label, "parse") == 0)
        g_assert_cmpint (blue, >, red + 60);
      else
        g_assert_cmpint (ABS (red - blue), <, 8);
    }
  MS_DIFFERENCE_PLOT.paint_item (self->plot, cr, &palette, 2);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/difference-plot/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("layout", test_layout);
  ADD ("zoom", test_zoom);
  ADD ("walk", test_walk);
  ADD ("words", test_words);
  ADD ("steps", test_steps);
  ADD ("picture", test_picture);
  return g_test_run ();
}
