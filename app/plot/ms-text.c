/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-text.h"
#include "ms-text-sizes.h"

const MsTextStyle MS_TEXT_BODY = { 1.0, PANGO_WEIGHT_NORMAL };
const MsTextStyle MS_TEXT_NAME = { 1.0, PANGO_WEIGHT_SEMIBOLD };
const MsTextStyle MS_TEXT_SMALL = { 0.86, PANGO_WEIGHT_NORMAL };
const MsTextStyle MS_TEXT_SMALL_STRONG = { 0.86, PANGO_WEIGHT_BOLD };
const MsTextStyle MS_TEXT_FIGURE = { 1.5, PANGO_WEIGHT_HEAVY };

static PangoLayout *
new_line (PangoContext *context, const char *text, MsTextStyle style)
{
  PangoLayout *layout = pango_layout_new (context);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (style.scale));
  pango_attr_list_insert (attributes, pango_attr_weight_new (style.weight));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  /* In a picture time and bytes run from left to right in every language, and so does what is beside
   * them: a sign or a per cent sign stays on its side of the number. */
  pango_context_set_base_dir (context, PANGO_DIRECTION_LTR);
  pango_layout_set_auto_dir (layout, FALSE);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static double
line_width_px (PangoLayout *layout)
{
  int width, height;

  pango_layout_get_size (layout, &width, &height);
  return (double) width / PANGO_SCALE;
}

double
ms_text_measure_px (PangoContext *context, const char *text, MsTextStyle style)
{
  double width_px;

  if (ms_text_sizes_find (context, text, style, &width_px))
    return width_px;

  g_autoptr (PangoLayout) layout = new_line (context, text, style);
  width_px = line_width_px (layout);
  ms_text_sizes_remember (context, text, style, width_px);
  return width_px;
}

double
ms_text_line_height_px (PangoContext *context, MsTextStyle style)
{
  double height_px;
  int width, height;

  if (ms_text_sizes_find (context, NULL, style, &height_px))
    return height_px;

  g_autoptr (PangoLayout) layout = new_line (context, "0g", style);
  pango_layout_get_pixel_size (layout, &width, &height);
  ms_text_sizes_remember (context, NULL, style, height);
  return height;
}

double
ms_text_paint (cairo_t *cr,
               PangoContext *context,
               const char *text,
               MsTextStyle style,
               MsColor color,
               double x_px,
               double y_px,
               double max_width_px)
{
  g_autoptr (PangoLayout) layout = new_line (context, text, style);

  if (max_width_px >= 0)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, (int) (max_width_px * PANGO_SCALE));
    }
  ms_color_set_source (cr, color);
  cairo_move_to (cr, x_px, y_px);
  pango_cairo_show_layout (cr, layout);
  return line_width_px (layout);
}

double
ms_text_paint_right (cairo_t *cr,
                     PangoContext *context,
                     const char *text,
                     MsTextStyle style,
                     MsColor color,
                     double right_px,
                     double y_px)
{
  double width = ms_text_measure_px (context, text, style);

  ms_text_paint (cr, context, text, style, color, right_px - width, y_px, -1);
  return width;
}
