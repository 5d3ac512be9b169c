/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-share-bar.h"
#include "ms-figures.h"
#include "ms-text.h"
#include "ms-widget-palette.h"

#define BAR_WIDTH_PX 64
#define BAR_HEIGHT_PX 8
#define GAP_PX 8
/* The widest figure that there can be. */
#define WIDEST "100.0" MS_THIN_SPACE "%"

struct _MsShareBar {
  GtkWidget parent_instance;

  double share; /* < 0: none */
};

G_DEFINE_FINAL_TYPE (MsShareBar, ms_share_bar, GTK_TYPE_WIDGET)

static void
ms_share_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsShareBar *self = MS_SHARE_BAR (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  float top = (float) (height - BAR_HEIGHT_PX) / 2;
  MsPalette palette;

  if (self->share < 0)
    return;
  ms_widget_get_palette (widget, &palette);

  /* A track, so that a bar is seen as a part of something. */
  GdkRGBA track = ms_color_to_rgba (ms_color_with_alpha (palette.text, 0.08));
  GdkRGBA bar = ms_color_to_rgba (
      palette.high_contrast ? palette.text : ms_color_with_alpha (palette.accent, 0.75));
  gtk_snapshot_append_color (snapshot, &track,
                             &GRAPHENE_RECT_INIT (0, top, BAR_WIDTH_PX, BAR_HEIGHT_PX));
  if (self->share > 0)
    gtk_snapshot_append_color (snapshot, &bar,
                               &GRAPHENE_RECT_INIT (0, top,
                                                    (float) MAX (BAR_WIDTH_PX
                                                                     * MIN (self->share, 1),
                                                                 1),
                                                    BAR_HEIGHT_PX));

  PangoContext *context = gtk_widget_get_pango_context (widget);
  g_autofree char *figure = ms_figure_percent (100 * self->share);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  ms_text_paint_right (cr, context, figure, MS_TEXT_BODY, palette.text, width,
                       (height - ms_text_line_height_px (context, MS_TEXT_BODY)) / 2);
  cairo_destroy (cr);
}

static void
ms_share_bar_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural =
        BAR_WIDTH_PX + GAP_PX + (int) ms_text_measure_px (context, WIDEST, MS_TEXT_BODY) + 1;
  else
    *minimum = *natural = (int) ms_text_line_height_px (context, MS_TEXT_BODY);
}

static void
ms_share_bar_class_init (MsShareBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = ms_share_bar_snapshot;
  widget_class->measure = ms_share_bar_measure;
  gtk_widget_class_set_css_name (widget_class, "sharebar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
ms_share_bar_init (MsShareBar *self)
{
  self->share = -1;
}

GtkWidget *
ms_share_bar_new (void)
{
  return g_object_new (MS_TYPE_SHARE_BAR, NULL);
}

void
ms_share_bar_set_share (MsShareBar *self, double share)
{
  g_autofree char *figure = share >= 0 ? ms_figure_percent (100 * share) : g_strdup ("");

  g_return_if_fail (MS_IS_SHARE_BAR (self));

  self->share = share;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, figure, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
