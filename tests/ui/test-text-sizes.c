/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Remembered sizes of texts are those that a measurement gives: of this font, this style, this resolution. */
#include "ms-text-sizes.h"

#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PangoContext, g_object_unref)

static PangoContext *
new_context (double size_px)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  PangoFontDescription *font = pango_font_description_from_string ("Sans");

  pango_font_description_set_absolute_size (font, size_px * PANGO_SCALE);
  pango_context_set_font_description (context, font);
  pango_font_description_free (font);
  return context;
}

static void
test_remembered (void)
{
  g_autoptr (PangoContext) context = new_context (14);
  double width = 0, height = 0;

  g_assert_false (ms_text_sizes_find (context, "21.1 MB", MS_TEXT_BODY, &width));
  double measured = ms_text_measure_px (context, "21.1 MB", MS_TEXT_BODY);
  g_assert_true (ms_text_sizes_find (context, "21.1 MB", MS_TEXT_BODY, &width));
  g_assert_cmpfloat (measured, ==, width);
  g_assert_cmpfloat (measured, ==, ms_text_measure_px (context, "21.1 MB", MS_TEXT_BODY));

  /* Neither another style's nor the height of a line. */
  g_assert_cmpfloat (ms_text_measure_px (context, "21.1 MB", MS_TEXT_FIGURE), >, measured);
  g_assert_false (ms_text_sizes_find (context, NULL, MS_TEXT_BODY, &height));
  height = ms_text_line_height_px (context, MS_TEXT_BODY);
  g_assert_cmpfloat (height, ==, ms_text_line_height_px (context, MS_TEXT_BODY));
  g_assert_cmpfloat (height, >=, 14);
}

/* Two widgets have two contexts: what is of one font serves both. */
static void
test_same_font (void)
{
  g_autoptr (PangoContext) one = new_context (14), other = new_context (14);
  double width = 0;

  double measured = ms_text_measure_px (one, "allocs", MS_TEXT_SMALL);
  g_assert_true (ms_text_sizes_find (other, "allocs", MS_TEXT_SMALL, &width));
  g_assert_cmpfloat (width, ==, measured);
}

static void
test_other_font (void)
{
  g_autoptr (PangoContext) small = new_context (10), large = new_context (20);

  double narrow = ms_text_measure_px (small, "ingest-1", MS_TEXT_BODY);
  double wide = ms_text_measure_px (large, "ingest-1", MS_TEXT_BODY);
  g_assert_cmpfloat (wide, >, 1.8 * narrow);
  g_assert_cmpfloat (ms_text_measure_px (small, "ingest-1", MS_TEXT_BODY), ==, narrow);

  /* The same context after somebody chose larger text, and after its resolution changed. */
  PangoFontDescription *font =
      pango_font_description_copy (pango_context_get_font_description (large));
  pango_context_set_font_description (small, font);
  g_assert_cmpfloat (ms_text_measure_px (small, "ingest-1", MS_TEXT_BODY), ==, wide);
  pango_font_description_set_size (font, 12 * PANGO_SCALE);
  pango_context_set_font_description (small, font);
  pango_font_description_free (font);
  pango_cairo_context_set_resolution (small, 96);
  narrow = ms_text_measure_px (small, "ingest-1", MS_TEXT_BODY);
  pango_cairo_context_set_resolution (small, 192);
  g_assert_cmpfloat (ms_text_measure_px (small, "ingest-1", MS_TEXT_BODY), >, 1.8 * narrow);
}

static void
test_bounded (void)
{
  g_autoptr (PangoContext) context = new_context (14);
  g_autofree char *long_name = g_strnfill (5000, 'x');

  for (guint i = 0; i < MS_TEXT_SIZES_MOST + 100; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "thread-%u", i);
      ms_text_sizes_remember (context, name, MS_TEXT_BODY, i);
      g_assert_cmpuint (ms_text_sizes_get_n (), <=, MS_TEXT_SIZES_MOST);
    }

  /* A long text is not taken for another that begins alike. */
  double whole = ms_text_measure_px (context, long_name, MS_TEXT_BODY);
  long_name[strlen (long_name) / 2] = '\0';
  g_assert_cmpfloat (ms_text_measure_px (context, long_name, MS_TEXT_BODY), <, 0.6 * whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-sizes/remembered", test_remembered);
  g_test_add_func ("/text-sizes/same-font", test_same_font);
  g_test_add_func ("/text-sizes/other-font", test_other_font);
  g_test_add_func ("/text-sizes/bounded", test_bounded);
  return g_test_run ();
}
