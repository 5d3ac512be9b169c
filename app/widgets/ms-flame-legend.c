/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-flame-legend.h"
#include "ms-display-name.h"
#include "ms-widget-palette.h"

#include <glib/gi18n-lib.h>

struct _MsFlameLegend {
  GtkWidget parent_instance;

  MsFlameGraph *graph; /* not owned; NULL once it is gone */
};

G_DEFINE_FINAL_TYPE (MsFlameLegend, ms_flame_legend, GTK_TYPE_WIDGET)

static const MsModuleShades *
get_shades (MsFlameLegend *self)
{
  return self->graph != NULL ? ms_flame_graph_get_shades (self->graph) : NULL;
}

static void
ms_flame_legend_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsFlameLegend *self = MS_FLAME_LEGEND (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const MsModuleShades *shades = get_shades (self);
  MsPalette palette;

  if (shades == NULL || width <= 0 || height <= 0)
    return;
  ms_widget_get_palette (widget, &palette);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  ms_flame_paint_legend (cr, gtk_widget_get_pango_context (widget), shades, &palette, 0, 0, width);
  cairo_destroy (cr);
}

static GtkSizeRequestMode
ms_flame_legend_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_flame_legend_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  const MsModuleShades *shades = get_shades (MS_FLAME_LEGEND (widget));

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = 100, *natural = 400;
  else
    *minimum = *natural =
        shades != NULL ? (int) ms_flame_legend_height_px (gtk_widget_get_pango_context (widget),
                                                          shades, for_size > 0 ? for_size : 400)
                       : 0;
}

static void
graph_gone_cb (gpointer user_data, GObject *graph)
{
  ((MsFlameLegend *) user_data)->graph = NULL;
}

static void
ms_flame_legend_dispose (GObject *object)
{
  MsFlameLegend *self = MS_FLAME_LEGEND (object);

  if (self->graph != NULL)
    g_object_weak_unref (G_OBJECT (self->graph), graph_gone_cb, self);
  self->graph = NULL;
  G_OBJECT_CLASS (ms_flame_legend_parent_class)->dispose (object);
}

static void
ms_flame_legend_class_init (MsFlameLegendClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_flame_legend_dispose;
  widget_class->snapshot = ms_flame_legend_snapshot;
  widget_class->get_request_mode = ms_flame_legend_get_request_mode;
  widget_class->measure = ms_flame_legend_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
ms_flame_legend_init (MsFlameLegend *self)
{
}

GtkWidget *
ms_flame_legend_new (MsFlameGraph *graph)
{
  MsFlameLegend *self = g_object_new (MS_TYPE_FLAME_LEGEND, NULL);

  self->graph = graph;
  g_object_weak_ref (G_OBJECT (graph), graph_gone_cb, self);
  return GTK_WIDGET (self);
}

void
ms_flame_legend_update (MsFlameLegend *self)
{
  const MsModuleShades *shades;
  GString *text = g_string_new (_ ("Modules, the most frequent first: "));
  gboolean is_first = TRUE;

  g_return_if_fail (MS_IS_FLAME_LEGEND (self));

  shades = get_shades (self);
  for (guint i = 0; shades != NULL && i < MS_N_MODULE_SHADES; i++)
    if (shades->modules[i] != NULL)
      {
        g_autofree char *name = ms_display_name (shades->modules[i]);

        g_string_append_printf (text, "%s%s", is_first ? "" : ", ", name);
        is_first = FALSE;
      }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text->str,
                                  -1);
  g_string_free (text, TRUE);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
