/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Paint functions on image and recording surfaces.  Fonts differ between machines, so the pictures
 * are asked what must be true in any font: what is inside what, which colour lies where, that text
 * can be read.
 */
#include "ms-card-paint.h"
#include "ms-role-look.h"
#include "ms-strip-paint.h"
#include "ms-text.h"

#include <math.h>
#include <string.h>

#define CARD_WIDTH 280
#define N_BINS 64

static guint64 series[N_BINS];

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

static MsCardData
new_card (void)
{
  for (guint i = 0; i < N_BINS; i++)
    series[i] = i * 1000;
  return (MsCardData) { .id = 1,
                        .tid = 48121,
                        .name = "ingest-1",
                        .tracked = TRUE,
                        .role = MS_ROLE_MEMORY_INTENSIVE,
                        .alert = MS_ALERT_HIGH,
                        .alert_bytes = 20000000,
                        .peak_bytes = 21100000,
                        .allocations = 944,
                        .allocated_bytes_per_second = 24.2e6,
                        .cpu_percent = -1,
                        .io_operations = -1,
                        .live = series,
                        .n_live = N_BINS };
}

static void
lay_out (MsCardLayout *layout, PangoContext *context, const MsCardData *data, double width)
{
  MsCardMetrics metrics;

  ms_card_measure (&metrics, context, data);
  ms_card_layout (layout, &metrics, data, width);
}

/* The share of pixels in @rect that differ from @ground by more than noise. */
static double
inked_share (cairo_surface_t *surface, const MsRect *rect, guint32 ground)
{
  const guint8 *pixels = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  guint n_inked = 0, n_all = 0;

  for (int y = (int) ceil (rect->y); y < (int) (rect->y + rect->height); y++)
    for (int x = (int) ceil (rect->x); x < (int) (rect->x + rect->width); x++)
      {
        guint32 pixel;

        memcpy (&pixel, pixels + y * stride + x * 4, sizeof pixel);
        n_inked += (pixel & 0xffffff) != (ground & 0xffffff);
        n_all++;
      }
  return n_all > 0 ? (double) n_inked / n_all : 0;
}

static cairo_surface_t *
paint_card (const MsCardLayout *layout,
            PangoContext *context,
            const MsCardData *data,
            const MsPalette *palette)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) layout->width_px,
                                                         (int) ceil (layout->height_px));
  cairo_t *cr = cairo_create (surface);

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  ms_card_paint (cr, context, layout, data, palette);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static guint32
to_pixel (MsColor color)
{
  return (guint32) (color.red * 255 + 0.5) << 16 | (guint32) (color.green * 255 + 0.5) << 8
         | (guint32) (color.blue * 255 + 0.5);
}

static void
test_card_parts (void)
{
  PangoContext *context = new_context (15);
  MsCardData data = new_card ();

  for (guint dark = 0; dark < 2; dark++)
    {
      MsPalette palette;
      MsCardLayout layout;

      ms_palette_init (&palette, dark == 1, FALSE);
      lay_out (&layout, context, &data, CARD_WIDTH);
      cairo_surface_t *surface = paint_card (&layout, context, &data, &palette);
      guint32 ground = to_pixel (palette.surface);

      g_assert_cmpfloat (inked_share (surface, &layout.glyph, ground), >, 0.2);
      g_assert_cmpfloat (inked_share (surface, &layout.alert_mark, ground), >, 0.1);
      g_assert_cmpfloat (inked_share (surface, &layout.tid, ground), >, 0.1);
      g_assert_cmpfloat (inked_share (surface, &layout.pill, ground), >, 0.8);
      /* A straight slope from nothing to the peak covers half of its box. */
      double spark = inked_share (surface, &layout.spark, ground);
      g_assert_cmpfloat (spark, >, 0.45);
      g_assert_cmpfloat (spark, <, 0.6);
      cairo_surface_destroy (surface);
    }
  g_object_unref (context);
}

static void
test_card_quiet (void)
{
  PangoContext *context = new_context (15);
  MsCardData data = new_card ();
  MsCardLayout alarmed, quiet;
  MsPalette palette;

  ms_palette_init (&palette, FALSE, FALSE);
  lay_out (&alarmed, context, &data, CARD_WIDTH);
  data.alert = MS_ALERT_NORMAL;
  memset (series, 0, sizeof series);
  lay_out (&quiet, context, &data, CARD_WIDTH);
  cairo_surface_t *surface = paint_card (&quiet, context, &data, &palette);
  guint32 ground = to_pixel (palette.surface);

  g_assert_cmpfloat (inked_share (surface, &alarmed.alert_mark, ground), ==, 0);
  /* Nothing but the baseline. */
  g_assert_cmpfloat (inked_share (surface, &quiet.spark, ground), <, 0.05);
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

/* Whatever the width, the size of the font and the data: no ink outside the card. */
static void
test_card_contains_its_ink (void)
{
  for (guint round = 0; round < 120; round++)
    {
      PangoContext *context = new_context (g_test_rand_int_range (9, 31));
      g_autofree char *name = g_strnfill ((gsize) g_test_rand_int_range (1, 120), 'W');
      MsCardData data = new_card ();
      MsCardLayout layout;
      MsPalette palette;
      double x, y, width, height;

      data.name = name;
      data.tracked = g_test_rand_int_range (0, 4) > 0;
      data.role = (MsRole) g_test_rand_int_range (0, MS_N_ROLES);
      data.allocations = (guint64) 1 << g_test_rand_int_range (0, 50);
      data.peak_bytes = (guint64) 1 << g_test_rand_int_range (0, 50);
      data.cpu_percent = g_test_rand_bit () ? 99.9 : -1;
      ms_palette_init (&palette, g_test_rand_bit (), g_test_rand_bit ());
      lay_out (&layout, context, &data, g_test_rand_double_range (180, 700));

      cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      cairo_t *cr = cairo_create (surface);
      ms_card_paint (cr, context, &layout, &data, &palette);
      cairo_destroy (cr);
      cairo_recording_surface_ink_extents (surface, &x, &y, &width, &height);
      g_assert_cmpfloat (y, >=, -1);
      g_assert_cmpfloat (y + height, <=, layout.height_px + 1);
      g_assert_cmpfloat (x, >=, 0);
      /* A single figure may be wider than a card of 180 pixels in a font of 30. */
      if (layout.width_px > 420)
        g_assert_cmpfloat (x + width, <=, layout.width_px);
      cairo_surface_destroy (surface);
      g_object_unref (context);
    }
}

static void
test_contrast (void)
{
  for (guint dark = 0; dark < 2; dark++)
    {
      MsPalette palette;

      ms_palette_init (&palette, dark == 1, FALSE);
      g_assert_cmpfloat (ms_color_contrast (palette.text, palette.surface), >=, 7);
      g_assert_cmpfloat (ms_color_contrast (ms_color_over (palette.dim_text, palette.surface),
                                            palette.surface),
                         >=, 4.5);
      g_assert_cmpfloat (ms_color_contrast (palette.alert_high, palette.surface), >=, 3);
      g_assert_cmpfloat (ms_color_contrast (palette.alert_medium, palette.surface), >=, 3);
      for (guint role = 0; role < MS_N_ROLES; role++)
        {
          MsColor tint = ms_color_over (ms_color_with_alpha (palette.role[role], palette.tint),
                                        palette.surface);

          g_assert_cmpfloat (ms_color_contrast (palette.role[role], palette.surface), >=, 3);
          g_assert_cmpfloat (ms_color_contrast (palette.role_text[role], tint), >=, 4.5);
        }
    }
}

/* Roles differ without their colours. */
static void
test_glyphs_differ (void)
{
  guint8 drawn[MS_N_ROLES][32 * 32];

  for (guint role = 0; role < MS_N_ROLES; role++)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 32, 32);
      cairo_t *cr = cairo_create (surface);
      guint n_different = 0;

      ms_role_paint_glyph (cr, role, 0, 0, 32);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      for (int y = 0; y < 32; y++)
        memcpy (drawn[role] + y * 32,
                cairo_image_surface_get_data (surface)
                    + y * cairo_image_surface_get_stride (surface),
                32);
      for (guint other = 0; other < role; other++)
        {
          n_different = 0;
          for (guint i = 0; i < sizeof drawn[role]; i++)
            n_different += ABS (drawn[role][i] - drawn[other][i]) > 128;
          g_assert_cmpuint (n_different, >, 60);
        }
      cairo_surface_destroy (surface);
    }
}

static void
test_card_words (void)
{
  MsCardData data = new_card ();
  g_autofree char *described = ms_card_describe (&data);

  g_assert_true (g_str_has_prefix (described, "ingest-1"));
  g_assert_true (g_str_has_suffix (described, "high alert: peak above 20.0\xe2\x80\xafMB"));
  g_assert_nonnull (strstr (described, "Memory intensive"));
  g_assert_null (strstr (described, "±"));

  /* Of a sample, who hears it is told the error, which a card has no room for. */
  data.peak_standard_error = 2810000;
  g_autofree char *estimated = ms_card_describe (&data);
  g_assert_nonnull (strstr (estimated, " ± 2.81\xe2\x80\xafMB"));
  data.peak_standard_error = 0;

  /* What it never freed is said beside that, and where nothing else is to be said. */
  data.never_freed_bytes = 6000000;
  g_autofree char *leaking = ms_card_explain_alert (&data);
  data.alert = MS_ALERT_NORMAL;
  g_autofree char *only_leaking = ms_card_explain_alert (&data);
  data.never_freed_bytes = 0;
  g_autofree char *nothing = ms_card_explain_alert (&data);
  g_assert_cmpstr (leaking, ==,
                   "high alert: peak above 20.0\xe2\x80\xafMB, 6.00\xe2\x80\xafMB leaked");
  g_assert_cmpstr (only_leaking, ==, "6.00\xe2\x80\xafMB leaked");
  g_assert_null (nothing);
}

static char *
explain_middle (const MsCardData *data, PangoContext *context, const MsRect *rect)
{
  MsCardLayout layout;
  MsRect part;

  lay_out (&layout, context, data, CARD_WIDTH);
  return ms_card_explain_at (data, context, &layout, rect->x + rect->width / 2,
                             rect->y + rect->height / 2, &part);
}

/* The pointer is told only what cannot be seen: nothing over the plot. */
static void
test_card_parts_explained (void)
{
  PangoContext *context = new_context (14);
  MsCardData data = new_card ();
  MsCardLayout layout;

  lay_out (&layout, context, &data, CARD_WIDTH);
  g_assert_null (explain_middle (&data, context, &layout.spark));
  g_assert_null (explain_middle (&data, context, &layout.peak));
  g_assert_null (explain_middle (&data, context, &layout.name));
  g_assert_null (explain_middle (&data, context, &layout.figures[MS_CARD_ALLOCATIONS]));

  g_autofree char *cpu = explain_middle (&data, context, &layout.figures[MS_CARD_CPU]);
  g_assert_true (g_str_has_prefix (cpu, "CPU: not available"));
  g_autofree char *alert = explain_middle (&data, context, &layout.alert_mark);
  g_assert_nonnull (strstr (alert, "peak above"));
  data.cpu_percent = 12;
  g_assert_null (explain_middle (&data, context, &layout.figures[MS_CARD_CPU]));

  data.name = "a name that is far too long for any card of this width";
  g_autofree char *name = explain_middle (&data, context, &layout.name);
  g_assert_cmpstr (name, ==, data.name);
  g_object_unref (context);
}

static void
test_strip_picture (void)
{
  PangoContext *context = new_context (14);
  MsStripData data = { .duration_ns = G_GINT64_CONSTANT (40000000000),
                       .max = series,
                       .n_bins = N_BINS,
                       .peak_bytes = (N_BINS - 1) * 1000,
                       .peak_time_ns = G_GINT64_CONSTANT (39900000000) };
  MsStripLayout layout;
  MsPalette palette;
  double x, y, width, height;

  new_card (); /* fills the series */
  ms_palette_init (&palette, FALSE, FALSE);
  ms_strip_layout (&layout, &data, 600, 84, 14);
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  ms_strip_paint (cr, context, &layout, &data, &palette);
  for (guint bin = 0; bin < N_BINS; bin++)
    ms_strip_paint_cursor (cr, context, &layout, &data, &palette, bin);
  cairo_destroy (cr);
  /* Labels at both ends and the peak's at the very end stay inside. */
  cairo_recording_surface_ink_extents (surface, &x, &y, &width, &height);
  g_assert_cmpfloat (x, >=, 0);
  g_assert_cmpfloat (y, >=, 0);
  g_assert_cmpfloat (x + width, <=, 600);
  g_assert_cmpfloat (y + height, <=, 84);
  cairo_surface_destroy (surface);

  g_autofree char *words = ms_strip_describe (&data);
  g_assert_nonnull (strstr (words, "39.9"));
  ms_strip_layout_clear (&layout);
  g_object_unref (context);
}

/* While the program goes on, a thread that has ended is no alarm any more: no ring, no colour. */
static void
test_ended_card (void)
{
  PangoContext *context = new_context (15);
  MsCardData data = new_card (), ended = new_card ();
  MsCardLayout layout;
  MsPalette palette;
  MsColor ring;

  ended.has_ended = TRUE;
  ms_palette_init (&palette, FALSE, FALSE);
  g_assert_true (ms_card_get_ring (&data, &palette, &ring));
  g_assert_false (ms_card_get_ring (&ended, &palette, &ring));

  lay_out (&layout, context, &data, 300);
  cairo_surface_t *before = paint_card (&layout, context, &data, &palette);
  cairo_surface_t *after = paint_card (&layout, context, &ended, &palette);
  guint32 ground = to_pixel (palette.surface), red = to_pixel (palette.alert_high);
  guint n_before = 0, n_after = 0;
  for (int y = (int) layout.alert_mark.y; y < layout.alert_mark.y + layout.alert_mark.height; y++)
    for (int x = (int) layout.alert_mark.x; x < layout.alert_mark.x + layout.alert_mark.width; x++)
      {
        guint32 pixel;
        gsize at = (gsize) (y * cairo_image_surface_get_stride (before) + 4 * x);

        memcpy (&pixel, cairo_image_surface_get_data (before) + at, sizeof pixel);
        n_before += (pixel & 0xffffff) == red;
        memcpy (&pixel, cairo_image_surface_get_data (after) + at, sizeof pixel);
        n_after += (pixel & 0xffffff) == red;
      }
  g_assert_cmpuint (n_before, >, 10);
  g_assert_cmpuint (n_after, ==, 0);
  /* What it held can still be read. */
  g_assert_cmpfloat (inked_share (after, &layout.alert_mark, ground), >, 0.1);

  g_autofree char *words = ms_card_describe (&ended), *running = ms_card_describe (&data);
  g_assert_nonnull (strstr (words, ", ended, high alert"));
  g_assert_null (strstr (running, "ended"));
  cairo_surface_destroy (before);
  cairo_surface_destroy (after);
  g_object_unref (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pictures/card-parts", test_card_parts);
  g_test_add_func ("/pictures/card-quiet", test_card_quiet);
  g_test_add_func ("/pictures/card-contains-its-ink", test_card_contains_its_ink);
  g_test_add_func ("/pictures/contrast", test_contrast);
  g_test_add_func ("/pictures/glyphs-differ", test_glyphs_differ);
  g_test_add_func ("/pictures/card-words", test_card_words);
  g_test_add_func ("/pictures/card-parts-explained", test_card_parts_explained);
  g_test_add_func ("/pictures/strip", test_strip_picture);
  g_test_add_func ("/pictures/ended-card", test_ended_card);
  return g_test_run ();
}
