/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The plots of the page Memory without a display: flame graphs of random stacks, histograms and the matrix
 * of threads.  Fonts differ between machines: the pictures are asked what must be true in any.
 */
#include "ms-flame-paint.h"
#include "ms-histogram-plot.h"
#include "ms-matrix-plot.h"
#include "ms-picture-file.h"
#include "stack-case.h"

#include <math.h>
#include <string.h>

#define ROW_PX 20

static PangoContext *
new_context (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  PangoFontDescription *font = pango_font_description_from_string ("Sans");

  pango_font_description_set_absolute_size (font, 14 * PANGO_SCALE);
  pango_context_set_font_description (context, font);
  pango_font_description_free (font);
  return context;
}

/* --- flame graphs --- */

/* Each cell stands on its parent, none on another, and what one points at is what one finds. */
static void
check_cells (const MsFlamePlot *plot)
{
  for (guint i = 0; i < plot->n_cells; i++)
    {
      const MsFlameCell *cell = &plot->cells[i];
      const MsFlameCell *below = cell->parent >= 0 ? &plot->cells[cell->parent] : NULL;

      g_assert_cmpuint (cell->row, <, plot->n_rows);
      g_assert_cmpfloat (cell->rect.x, >=, 0);
      g_assert_cmpfloat (cell->rect.x + cell->rect.width, <=, plot->width_px + 1e-6);
      g_assert_cmpfloat (cell->rect.y, >=, 0);
      g_assert_cmpfloat (cell->rect.y + cell->rect.height, <=, plot->height_px);
      g_assert_cmpint (i == 0, ==, below == NULL);
      if (below != NULL)
        {
          g_assert_cmpuint (cell->row, ==, below->row + 1);
          g_assert_cmpfloat (cell->rect.x, >=, below->rect.x - 1e-6);
          g_assert_cmpfloat (cell->rect.x + cell->rect.width, <=,
                             below->rect.x + below->rect.width + 1e-6);
        }
      if (i > 0 && plot->cells[i - 1].row == cell->row)
        g_assert_cmpfloat (cell->rect.x, >=,
                           plot->cells[i - 1].rect.x + plot->cells[i - 1].rect.width - 1e-6);
      g_assert_cmpint (ms_flame_plot_find (plot, cell->rect.x + cell->rect.width / 2,
                                           cell->rect.y + cell->rect.height / 2),
                       ==, (gint) i);
      if (cell->node >= 0)
        g_assert_cmpint (ms_flame_plot_find_node (plot, cell->node), ==, (gint) i);
    }
  g_assert_cmpint (ms_flame_plot_find (plot, -1, 5), ==, -1);
  g_assert_cmpint (ms_flame_plot_find (plot, plot->width_px + 1, 5), ==, -1);
  g_assert_cmpint (ms_flame_plot_find (plot, 5, plot->height_px), ==, -1);
}

/* From any cell the callers lead to the root, and a callee's caller is where one came from. */
static void
check_steps (const MsFlamePlot *plot)
{
  for (guint i = 0; i < plot->n_cells; i++)
    {
      guint callee = ms_flame_plot_walk (plot, i, MS_FLAME_CALLEE), at = i;
      guint left = ms_flame_plot_walk (plot, i, MS_FLAME_LEFT);

      if (callee != i)
        g_assert_cmpuint (ms_flame_plot_walk (plot, callee, MS_FLAME_CALLER), ==, i);
      if (left != i)
        g_assert_cmpuint (ms_flame_plot_walk (plot, left, MS_FLAME_RIGHT), ==, i);
      else
        g_assert_cmpuint (ms_flame_plot_walk (plot, i, MS_FLAME_ROW_START), ==, i);
      g_assert_cmpuint (plot->cells[ms_flame_plot_walk (plot, i, MS_FLAME_ROW_END)].row, ==,
                        plot->cells[i].row);
      for (guint n = 0; n < plot->cells[i].row; n++)
        at = ms_flame_plot_walk (plot, at, MS_FLAME_CALLER);
      g_assert_cmpuint (at, ==, 0);
    }
}

static void
test_flame_plot (void)
{
  GRand *random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 40; round++)
    {
      StackCase self = { 0 };
      MsFlamePlot plot;

      stack_case_set_up (&self, NULL);
      stack_case_make_random (&self, random, (guint) g_rand_int_range (random, 1, 60),
                              (guint) g_rand_int_range (random, 1, 7),
                              (guint) g_rand_int_range (random, 1, 20));
      g_autoptr (MsCallTree) tree =
          ms_call_tree_new (self.names, MS_CALL_TREE_TOP_DOWN, stack_case_columns (&self), 1);
      guint zoomed = (guint) g_rand_int_range (random, 0, (gint) ms_call_tree_get_n_nodes (tree));
      double width = g_rand_double_range (random, 20, 900);
      MsFlameOrientation orientation = round % 2 == 0 ? MS_FLAME_ROOT_BELOW : MS_FLAME_ROOT_ABOVE;

      ms_flame_plot_layout (&plot, tree, 0, zoomed, width, ROW_PX, orientation);
      g_assert_cmpint (plot.n_cells > 0, ==, ms_call_tree_get_total (tree, zoomed, 0) > 0);
      if (plot.n_cells > 0)
        {
          gint cell = ms_flame_plot_find_node (&plot, (gint) zoomed);

          g_assert_cmpuint (plot.n_ancestors, ==, ms_call_tree_get_node (tree, zoomed)->depth);
          g_assert_cmpfloat (fabs (plot.cells[cell].rect.width - width), <, 1e-6);
          /* The root is where its name says. */
          g_assert_cmpfloat (plot.cells[0].rect.y, ==,
                             orientation == MS_FLAME_ROOT_ABOVE ? 0 : plot.height_px - ROW_PX);
        }
      check_cells (&plot);
      check_steps (&plot);
      ms_flame_plot_clear (&plot);
      stack_case_tear_down (&self, NULL);
    }
  g_rand_free (random);
}

typedef struct {
  StackCase stacks;
  MsCallTree *tree;
  MsModuleShades shades;
  MsFlamePlot plot;
  PangoContext *context;
} Flame;

static void
flame_set_up (Flame *self, gconstpointer data)
{
  stack_case_set_up (&self->stacks, data);
  stack_case_add (&self->stacks, "main > parse > std::vector<int, std::allocator<int> >::grow", 0);
  stack_case_add (&self->stacks, "main > parse > copy", 1);
  stack_case_add (&self->stacks, "main > <b>&amp; hostile\x1b[31m", 2);
  stack_case_load (&self->stacks);
  for (guint s = 0; s < self->stacks.n_stacks; s++)
    self->stacks.columns[0][s] = g_strv_length (g_ptr_array_index (self->stacks.lines, s)) * 1000;
  self->tree = ms_call_tree_new (self->stacks.names, MS_CALL_TREE_TOP_DOWN,
                                 stack_case_columns (&self->stacks), 1);
  ms_module_shades_init (&self->shades, self->tree, 0);
  self->context = new_context ();
  ms_flame_plot_layout (&self->plot, self->tree, 0, 0, 500, ms_flame_row_px (self->context),
                        MS_FLAME_ROOT_BELOW);
}

static void
flame_tear_down (Flame *self, gconstpointer data)
{
  ms_flame_plot_clear (&self->plot);
  ms_module_shades_clear (&self->shades);
  ms_call_tree_unref (self->tree);
  g_object_unref (self->context);
  stack_case_tear_down (&self->stacks, data);
}

static gint
find_cell (const Flame *self, const char *label)
{
  for (guint i = 0; i < self->plot.n_cells; i++)
    if (self->plot.cells[i].node >= 0
        && g_str_equal (ms_call_tree_get_label (self->tree, (guint) self->plot.cells[i].node),
                        label))
      return (gint) i;
  g_assert_not_reached ();
}

static guint32
pixel_at (cairo_surface_t *surface, double x, double y)
{
  guint32 pixel;

  memcpy (&pixel,
          cairo_image_surface_get_data (surface)
              + (int) y * cairo_image_surface_get_stride (surface) + (int) x * 4,
          sizeof pixel);
  return pixel & 0xffffff;
}

/* At the right end of a box there is no text: its own colour. */
static guint32
ground_of_cell (const Flame *self, cairo_surface_t *surface, gint cell)
{
  const MsRect *rect = &self->plot.cells[cell].rect;

  return pixel_at (surface, rect->x + 2, rect->y + 2);
}

static cairo_surface_t *
paint_flame (const Flame *self, const MsFlameLook *look, const MsPalette *palette)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, 500, (int) ceil (self->plot.height_px));
  cairo_t *cr = cairo_create (surface);

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  ms_flame_paint (cr, self->context, &self->plot, look, palette, NULL);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* A match, a faded frame and a plain one have colours of their own in every scheme. */
static void
test_flame_picture (Flame *self, gconstpointer data)
{
  guint n = ms_frame_names_get_n_functions (self->stacks.names);
  g_autofree gboolean *is_match = g_new0 (gboolean, n);
  g_autofree gboolean *is_kept = g_new0 (gboolean, ms_call_tree_get_n_nodes (self->tree));
  gint copy = find_cell (self, "copy"), parse = find_cell (self, "parse");
  gint grow = find_cell (self, "std::vector<int, std::allocator<int> >::grow");

  is_match[stack_case_find (&self->stacks, "copy")] = TRUE;
  for (guint i = 0; i < ms_call_tree_get_n_nodes (self->tree); i++)
    is_kept[i] = i != (guint) self->plot.cells[grow].node;
  for (guint scheme = 0; scheme < 4; scheme++)
    {
      MsFlameLook look = { .tree = self->tree,
                           .shades = &self->shades,
                           .is_match = is_match,
                           .is_kept = is_kept,
                           .is_bytes = TRUE };
      MsPalette palette;

      ms_palette_init (&palette, scheme % 2 == 1, scheme / 2 == 1);
      cairo_surface_t *surface = paint_flame (self, &look, &palette);
      guint32 plain = ground_of_cell (self, surface, parse);
      g_assert_cmphex (ground_of_cell (self, surface, copy), !=, plain);
      g_assert_cmphex (ground_of_cell (self, surface, grow), !=, plain);
      cairo_surface_destroy (surface);
    }
}

static void
test_flame_words (Flame *self, gconstpointer data)
{
  MsFlameLook look = { .tree = self->tree, .shades = &self->shades, .is_bytes = TRUE };
  g_autofree char *all = ms_flame_describe (&look);
  gint grow = find_cell (self, "std::vector<int, std::allocator<int> >::grow");
  g_autofree char *label = ms_flame_dup_label (&self->plot, &look, (guint) grow);
  g_autofree char *figures = ms_flame_describe_cell (&self->plot, &look, (guint) grow);
  g_autofree char *root = ms_flame_dup_label (&self->plot, &look, 0);

  g_assert_cmpstr (label, ==, "std::vector<>::grow");
  g_assert_cmpstr (root, ==, "All: 8.00\xe2\x80\xafkB");
  g_assert_true (g_str_has_prefix (figures, "3.00\xe2\x80\xafkB (3\xe2\x80\xaf"
                                            "000\xe2\x80\xaf"
                                            "B) · 37.5"));
  g_assert_nonnull (strstr (figures, "1 call stack"));
  g_assert_nonnull (strstr (all, "75.0\xe2\x80\xaf% of it through parse"));
  for (guint i = 0; i < self->plot.n_cells; i++)
    {
      g_autofree char *shown = ms_flame_dup_label (&self->plot, &look, i);

      g_assert_null (strchr (shown, 0x1b));
      g_assert_true (g_utf8_validate (shown, -1, NULL));
    }
}

static void
test_shades_are_read (void)
{
  for (guint dark = 0; dark < 2; dark++)
    {
      MsPalette palette;

      ms_palette_init (&palette, dark == 1, FALSE);
      for (guint shade = 0; shade < MS_N_MODULE_SHADES; shade++)
        {
          MsColor ground = ms_module_shade_get_color (shade, &palette);
          MsColor faded = ms_color_over (ms_color_with_alpha (ground, 0.3), palette.surface);

          g_assert_cmpfloat (ms_color_contrast (ms_color_get_ink (ground), ground), >=, 4.5);
          g_assert_cmpfloat (ms_color_contrast (ms_color_get_ink (faded), faded), >=, 4.5);
          for (guint other = 0; other < shade; other++)
            g_assert_cmpfloat (ms_color_contrast (ms_module_shade_get_color (other, &palette),
                                                  ground),
                               >, 1.02);
        }
      g_assert_cmpfloat (ms_color_contrast (ms_color_get_ink (palette.accent), palette.accent), >=,
                         4.5);
    }
}

static void
paint_cb (cairo_t *cr, gpointer user_data)
{
  Flame *self = user_data;
  MsFlameLook look = { .tree = self->tree, .shades = &self->shades, .is_bytes = TRUE };
  MsPalette palette;

  ms_palette_init (&palette, FALSE, FALSE);
  ms_flame_paint (cr, self->context, &self->plot, &look, &palette, NULL);
}

static void
test_picture_files (Flame *self, gconstpointer data)
{
  cairo_surface_t *picture = ms_picture_record (500, self->plot.height_px, paint_cb, self);
  static const char *const NAMES[] = { "flame.png", "flame.SVG" };
  static const char *const STARTS[] = { "\x89PNG", "<?xml" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autoptr (GBytes) content = ms_picture_encode (picture, NAMES[i], &error);
      gsize n_bytes;

      g_assert_no_error (error);
      const char *start = g_bytes_get_data (content, &n_bytes);
      g_assert_cmpuint (n_bytes, >, 1000);
      g_assert_cmpint (strncmp (start, STARTS[i], strlen (STARTS[i])), ==, 0);
    }
  g_assert_null (ms_picture_encode (picture, "flame.gif", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  cairo_surface_destroy (picture);
}

/* --- histograms --- */

static void
assert_ink_inside (const MsPlotKind *kind, gpointer plot, double width)
{
  PangoContext *context = new_context ();
  double height = kind->get_height_px (plot, context, width), x, y, ink_width, ink_height;
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  MsPalette palette;

  ms_palette_init (&palette, FALSE, FALSE);
  kind->lay_out (plot, context, width, height);
  kind->paint (plot, cr, context, &palette);
  for (guint i = 0; i < kind->get_n_items (plot); i++)
    kind->paint_item (plot, cr, &palette, i);
  cairo_destroy (cr);
  cairo_recording_surface_ink_extents (surface, &x, &y, &ink_width, &ink_height);
  g_assert_cmpfloat (x, >=, -2);
  g_assert_cmpfloat (y, >=, -2);
  g_assert_cmpfloat (x + ink_width, <=, width + 2);
  g_assert_cmpfloat (y + ink_height, <=, height + 2);
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

static void
test_histogram (void)
{
  guint64 bins[MS_HISTOGRAM_BINS] = { 0 };
  PangoContext *context = new_context ();

  bins[4] = 100;
  bins[5] = 300;
  bins[11] = 1;
  MsHistogramPlot *plot = ms_histogram_plot_new (bins, FALSE);
  g_autofree char *all = MS_HISTOGRAM_PLOT.describe (plot);
  g_autofree char *first = MS_HISTOGRAM_PLOT.describe_item (plot, 0);

  g_assert_cmpuint (plot->n, ==, 8);
  g_assert_cmpstr (all, ==,
                   "Most: 16\xe2\x80\xaf"
                   "B to 31\xe2\x80\xaf"
                   "B, 74.8\xe2\x80\xaf%");
  g_assert_cmpstr (first, ==,
                   "8\xe2\x80\xaf"
                   "B to 15\xe2\x80\xaf"
                   "B: 100 (24.9\xe2\x80\xaf%)");
  assert_ink_inside (&MS_HISTOGRAM_PLOT, plot, 276);
  assert_ink_inside (&MS_HISTOGRAM_PLOT, plot, 130);

  MS_HISTOGRAM_PLOT.lay_out (plot, context, 276, 120);
  MsRect highest = ms_histogram_plot_get_bar (plot, 1), rare = ms_histogram_plot_get_bar (plot, 7);
  g_assert_cmpfloat (highest.height, ==, plot->plot.height);
  /* One of 401 is still seen. */
  g_assert_cmpfloat (rare.height, >=, 1);
  g_assert_cmpfloat (ms_histogram_plot_get_bar (plot, 3).height, ==, 0);
  for (guint i = 0; i < plot->n; i++)
    {
      MsRect bar = ms_histogram_plot_get_bar (plot, i);

      g_assert_cmpint (MS_HISTOGRAM_PLOT.find (plot, bar.x + bar.width / 2, 10), ==, (gint) i);
    }
  g_assert_cmpuint (MS_HISTOGRAM_PLOT.walk (plot, 0, -1, 0), ==, 0);
  g_assert_cmpuint (MS_HISTOGRAM_PLOT.walk (plot, 7, 1, 0), ==, 7);
  MS_HISTOGRAM_PLOT.free (plot);

  plot = ms_histogram_plot_new (NULL, TRUE);
  g_assert_cmpuint (MS_HISTOGRAM_PLOT.get_n_items (plot), ==, 0);
  assert_ink_inside (&MS_HISTOGRAM_PLOT, plot, 276);
  MS_HISTOGRAM_PLOT.free (plot);
  g_object_unref (context);
}

/* All that a bin may be: the last one's bound is the largest number. */
static void
test_histogram_bounds (void)
{
  guint64 lowest, highest, before = 0;

  for (guint bin = 1; bin < MS_HISTOGRAM_BINS; bin++)
    {
      ms_histogram_get_bounds (bin, &lowest, &highest);
      g_assert_cmpuint (lowest, ==, before + 1);
      before = highest;
    }
  g_assert_cmpuint (before, ==, G_MAXUINT64);
}

/* --- the matrix --- */

static void
test_matrix (void)
{
  MsFreeMatrix *matrix = g_new0 (MsFreeMatrix, 1);
  PangoContext *context = new_context ();
  char **names = g_new0 (char *, 4);

  matrix->n_lines = 2;
  matrix->n_others = 5;
  matrix->ids = g_new0 (guint, 3);
  matrix->cells = g_new0 (guint64, 9);
  matrix->cells[0 * 3 + 1] = 8000000; /* the first's, by the second */
  matrix->cells[2 * 3 + 2] = 900000000;
  names[0] = g_strdup ("ingest");
  names[1] = g_strdup ("compact, with a name that is far too long for the side of a page");
  names[2] = g_strdup ("5 others");
  MsMatrixPlot *plot = ms_matrix_plot_new (matrix, names);
  g_autofree char *most = MS_MATRIX_PLOT.describe (plot);
  g_autofree char *own = MS_MATRIX_PLOT.describe_item (plot, 8);

  g_assert_cmpuint (MS_MATRIX_PLOT.get_n_items (plot), ==, 9);
  g_assert_true (g_str_has_prefix (most, "Most: compact"));
  g_assert_true (g_str_has_suffix (most, "freed 8.00\xe2\x80\xafMB of ingest"));
  g_assert_cmpstr (own, ==, "5 others freed 900\xe2\x80\xafMB of its own");
  assert_ink_inside (&MS_MATRIX_PLOT, plot, 276);
  assert_ink_inside (&MS_MATRIX_PLOT, plot, 130);
  MS_MATRIX_PLOT.lay_out (plot, context, 276, 0);
  for (guint item = 0; item < 9; item++)
    {
      MsRect cell = ms_matrix_plot_get_cell (plot, item / 3, item % 3);

      g_assert_cmpint (MS_MATRIX_PLOT.find (plot, cell.x + 1, cell.y + 1), ==, (gint) item);
    }
  g_assert_cmpint (MS_MATRIX_PLOT.find (plot, 1, 1), ==, -1);
  g_assert_cmpuint (MS_MATRIX_PLOT.walk (plot, 4, 1, -1), ==, 2);
  g_assert_cmpuint (MS_MATRIX_PLOT.walk (plot, 2, 1, -1), ==, 2);
  MS_MATRIX_PLOT.free (plot);
  g_object_unref (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-plots/flame-plot", test_flame_plot);
  g_test_add ("/memory-plots/flame-picture", Flame, NULL, flame_set_up, test_flame_picture,
              flame_tear_down);
  g_test_add ("/memory-plots/flame-words", Flame, NULL, flame_set_up, test_flame_words,
              flame_tear_down);
  g_test_add ("/memory-plots/picture-files", Flame, NULL, flame_set_up, test_picture_files,
              flame_tear_down);
  g_test_add_func ("/memory-plots/shades-are-read", test_shades_are_read);
  g_test_add_func ("/memory-plots/histogram", test_histogram);
  g_test_add_func ("/memory-plots/histogram-bounds", test_histogram_bounds);
  g_test_add_func ("/memory-plots/matrix", test_matrix);
  return g_test_run ();
}
