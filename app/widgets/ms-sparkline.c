/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-sparkline.h"
#include "ms-text-scale.h"
#include "ms-series-line.h"
#include "ms-widget-palette.h"

#define WIDTH_PX 90
#define HEIGHT_PX 26
#define LINE_PX 1.3

struct _MsSparkline {
  GtkWidget parent_instance;

  guint64 *bins;
  guint n_bins;
  guint64 top;
};

G_DEFINE_FINAL_TYPE (MsSparkline, ms_sparkline, GTK_TYPE_WIDGET)

static void
ms_sparkline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsSparkline *self = MS_SPARKLINE (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  MsRect rect = { LINE_PX, LINE_PX, width - 2 * LINE_PX, height - 2 * LINE_PX };
  MsPalette palette;

  if (self->n_bins == 0 || rect.width < 2 || rect.height < 2)
    return;
  ms_widget_get_palette (widget, &palette);

  g_autofree MsPoint *points = g_new (MsPoint, ms_series_line_max_points (self->n_bins, &rect));
  guint n =
      ms_series_line_layout (self->bins, NULL, self->n_bins, MAX (self->top, 1), &rect, points);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  ms_series_line_path (cr, points, n, &rect, TRUE);
  ms_color_set_source (cr, ms_color_with_alpha (palette.text, 0.12));
  cairo_fill (cr);
  ms_series_line_path (cr, points, n, &rect, FALSE);
  ms_color_set_source (cr, palette.dim_text);
  cairo_set_line_width (cr, LINE_PX);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
ms_sparkline_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  double scale = ms_text_scale_get (widget);

  *minimum = *natural =
      (int) (scale * (orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH_PX : HEIGHT_PX));
}

static void
ms_sparkline_finalize (GObject *object)
{
  g_free (MS_SPARKLINE (object)->bins);
  G_OBJECT_CLASS (ms_sparkline_parent_class)->finalize (object);
}

static void
ms_sparkline_class_init (MsSparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ms_sparkline_finalize;
  widget_class->snapshot = ms_sparkline_snapshot;
  widget_class->measure = ms_sparkline_measure;
  gtk_widget_class_set_css_name (widget_class, "sparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
ms_sparkline_init (MsSparkline *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
ms_sparkline_new (void)
{
  return g_object_new (MS_TYPE_SPARKLINE, NULL);
}

void
ms_sparkline_set_bins (MsSparkline *self, const guint64 *bins, guint n_bins)
{
  g_return_if_fail (MS_IS_SPARKLINE (self));

  g_free (self->bins);
  self->bins = g_memdup2 (bins, n_bins * sizeof *bins);
  self->n_bins = n_bins;
  self->top = 0;
  for (guint i = 0; i < n_bins; i++)
    self->top = MAX (self->top, bins[i]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
ms_sparkline_get_n_bins (MsSparkline *self)
{
  g_return_val_if_fail (MS_IS_SPARKLINE (self), 0);

  return self->n_bins;
}
