/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-flame-graph.h"
#include "ms-flame-graph-private.h"
#include "ms-flame-marks.h"
#include "ms-widget-palette.h"

#include <glib/gi18n-lib.h>

#define MARGIN_PX 12
/* Without a font at hand. */
#define LEAST_HEIGHT_PX 60
/* A width to count rows at before there is one. */
#define LIKELY_WIDTH_PX 900

G_DEFINE_FINAL_TYPE (MsFlameGraph, ms_flame_graph, GTK_TYPE_WIDGET)

static guint signals[MS_FLAME_GRAPH_N_SIGNALS];

void
ms_flame_graph_emit (MsFlameGraph *self, MsFlameGraphSignal signal, gint node)
{
  if (signal == MS_FLAME_GRAPH_CHOSEN || signal == MS_FLAME_GRAPH_OPENED)
    g_signal_emit (self, signals[signal], 0, node);
  else
    g_signal_emit (self, signals[signal], 0);
}

MsFlameLook
ms_flame_graph_get_look (MsFlameGraph *self)
{
  return (MsFlameLook) { .tree = self->tree,
                         .shades = &self->shades,
                         .is_match = self->is_match,
                         .is_kept = self->is_kept,
                         .is_bytes = self->is_bytes };
}

/* --- the picture --- */

static void
invalidate_picture (MsFlameGraph *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
invalidate_layout (MsFlameGraph *self)
{
  ms_flame_plot_clear (&self->plot);
  self->plot.width_px = 0;
  self->hover = NONE;
  invalidate_picture (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
lay_out (MsFlameGraph *self, int width)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));

  if (self->tree == NULL || (int) self->plot.width_px == width)
    return;
  ms_flame_plot_clear (&self->plot);
  ms_flame_plot_layout (&self->plot, self->tree, 0, self->zoomed, width, ms_flame_row_px (context),
                        self->orientation);
  self->hover = NONE;
  g_clear_pointer (&self->picture, gsk_render_node_unref);
}

double
ms_flame_graph_get_top_px (MsFlameGraph *self)
{
  int height = gtk_widget_get_height (GTK_WIDGET (self));

  return self->orientation == MS_FLAME_ROOT_BELOW ? MAX (height - self->plot.height_px, 0) : 0;
}

static void
paint_picture (MsFlameGraph *self, const MsPalette *palette)
{
  MsFlameLook look = ms_flame_graph_get_look (self);

  self->picture = gsk_cairo_node_new (
      &GRAPHENE_RECT_INIT (0, 0, (float) self->plot.width_px, (float) self->plot.height_px));
  cairo_t *cr = gsk_cairo_node_get_draw_context (self->picture);
  ms_flame_paint (cr, gtk_widget_get_pango_context (GTK_WIDGET (self)), &self->plot, &look, palette,
                  NULL);
  cairo_destroy (cr);
}

static void
append_marks (MsFlameGraph *self, GtkSnapshot *snapshot, const MsPalette *palette)
{
  gint cursor = self->cursor != NONE ? ms_flame_plot_find_node (&self->plot, self->cursor) : NONE;
  cairo_t *cr;

  if (self->hover == NONE && cursor == NONE)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) self->plot.width_px,
                                                                 (float) self->plot.height_px));
  if (self->hover != NONE)
    ms_flame_paint_hover (cr, &self->plot, palette, (guint) self->hover);
  if (cursor != NONE)
    ms_flame_paint_cursor (cr, &self->plot, palette, (guint) cursor);
  cairo_destroy (cr);
}

static void
ms_flame_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsFlameGraph *self = MS_FLAME_GRAPH (widget);
  MsPalette palette;

  lay_out (self, gtk_widget_get_width (widget));
  if (self->tree == NULL || self->plot.n_cells == 0)
    return;
  ms_widget_get_palette (widget, &palette);
  if (self->picture == NULL)
    paint_picture (self, &palette);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (0, (float) ms_flame_graph_get_top_px (self)));
  gtk_snapshot_append_node (snapshot, self->picture);
  append_marks (self, snapshot, &palette);
  gtk_snapshot_restore (snapshot);
}

static GtkSizeRequestMode
ms_flame_graph_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_flame_graph_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  MsFlameGraph *self = MS_FLAME_GRAPH (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 600;
      return;
    }
  /* A scrolled window asks without a width. */
  lay_out (self, for_size > 0                        ? for_size
                 : gtk_widget_get_width (widget) > 0 ? gtk_widget_get_width (widget)
                                                     : LIKELY_WIDTH_PX);
  *minimum = *natural = MAX ((int) self->plot.height_px, LEAST_HEIGHT_PX);
}

static void
ms_flame_graph_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MsFlameGraph *self = MS_FLAME_GRAPH (widget);

  lay_out (self, width);
  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
ms_flame_graph_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ms_flame_graph_parent_class)->css_changed (widget, change);
  invalidate_layout (MS_FLAME_GRAPH (widget));
}

/* --- zoom --- */

guint
ms_flame_graph_get_zoomed (MsFlameGraph *self)
{
  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), 0);

  return self->zoomed;
}

void
ms_flame_graph_zoom (MsFlameGraph *self, guint node)
{
  g_return_if_fail (MS_IS_FLAME_GRAPH (self));

  if (self->tree == NULL || node == self->zoomed || node >= ms_call_tree_get_n_nodes (self->tree))
    return;
  self->zoomed = node;
  invalidate_layout (self);
  ms_flame_graph_emit (self, MS_FLAME_GRAPH_ZOOMED, NONE);
}

void
ms_flame_graph_zoom_out (MsFlameGraph *self)
{
  g_return_if_fail (MS_IS_FLAME_GRAPH (self));

  if (self->tree == NULL || self->zoomed == 0)
    return;

  gint parent = ms_call_tree_get_node (self->tree, self->zoomed)->parent;
  /* A single callee is as wide as its caller: out means to where something is seen again. */
  while (parent > 0
         && ms_call_tree_get_total (self->tree, (guint) parent, 0)
                == ms_call_tree_get_total (self->tree, self->zoomed, 0))
    parent = ms_call_tree_get_node (self->tree, (guint) parent)->parent;
  ms_flame_graph_zoom (self, (guint) MAX (parent, 0));
}

/* --- what is shown --- */

MsCallTree *
ms_flame_graph_get_tree (MsFlameGraph *self)
{
  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), NULL);

  return self->tree;
}

static void
update_kept (MsFlameGraph *self)
{
  g_clear_pointer (&self->is_kept, g_free);
  if (self->tree != NULL && self->kept != NULL)
    self->is_kept = ms_flame_find_kept (self->tree, (const guint *) (gpointer) self->kept->data,
                                        self->kept->len);
}

static guint
update_matches (MsFlameGraph *self)
{
  guint n_found = 0;

  g_clear_pointer (&self->is_match, g_free);
  if (self->tree != NULL && self->needle != NULL)
    self->is_match =
        ms_flame_find_matches (ms_call_tree_get_names (self->tree), self->needle, &n_found);
  return n_found;
}

void
ms_flame_graph_set_tree (MsFlameGraph *self, MsCallTree *tree, gboolean is_bytes)
{
  g_autoptr (MsCallTree) before = NULL;
  gint zoomed = 0, cursor = NONE;

  g_return_if_fail (MS_IS_FLAME_GRAPH (self));

  before = g_steal_pointer (&self->tree);
  if (tree != NULL)
    self->tree = ms_call_tree_ref (tree);
  if (before != NULL && tree != NULL)
    {
      zoomed = ms_flame_find_same (tree, before, self->zoomed);
      cursor =
          self->cursor != NONE ? ms_flame_find_same (tree, before, (guint) self->cursor) : NONE;
    }
  self->zoomed = (guint) MAX (zoomed, 0);
  self->cursor = cursor;
  self->is_bytes = is_bytes;
  ms_module_shades_clear (&self->shades);
  if (tree != NULL)
    ms_module_shades_init (&self->shades, tree, 0);
  update_kept (self);
  update_matches (self);
  invalidate_layout (self);
  lay_out (self, gtk_widget_get_width (GTK_WIDGET (self)));
  if (before == NULL || zoomed < 0)
    ms_flame_graph_emit (self, MS_FLAME_GRAPH_ZOOMED, NONE);
  ms_flame_graph_say_reading (self);
}

void
ms_flame_graph_set_orientation (MsFlameGraph *self, MsFlameOrientation orientation)
{
  g_return_if_fail (MS_IS_FLAME_GRAPH (self));

  if (self->orientation == orientation)
    return;
  self->orientation = orientation;
  invalidate_layout (self);
}

void
ms_flame_graph_set_kept (MsFlameGraph *self, const guint *stacks, guint n)
{
  g_return_if_fail (MS_IS_FLAME_GRAPH (self));

  if (stacks == NULL && self->kept == NULL)
    return;
  g_clear_pointer (&self->kept, g_array_unref);
  if (stacks != NULL)
    {
      self->kept = g_array_new (FALSE, FALSE, sizeof (guint));
      g_array_append_vals (self->kept, stacks, n);
    }
  update_kept (self);
  invalidate_picture (self);
}

guint
ms_flame_graph_search (MsFlameGraph *self, const char *needle, const gboolean **is_match)
{
  guint n_found;

  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), 0);

  g_free (self->needle);
  self->needle = g_strdup (needle);
  n_found = update_matches (self);
  invalidate_picture (self);
  if (is_match != NULL)
    *is_match = self->is_match;
  return n_found;
}

gint
ms_flame_graph_get_cursor (MsFlameGraph *self)
{
  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), NONE);

  return self->cursor;
}

void
ms_flame_graph_set_menu (MsFlameGraph *self, GMenuModel *menu)
{
  g_return_if_fail (MS_IS_FLAME_GRAPH (self));

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  if (menu == NULL)
    return;
  self->menu = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}

const MsModuleShades *
ms_flame_graph_get_shades (MsFlameGraph *self)
{
  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), NULL);

  return self->tree != NULL ? &self->shades : NULL;
}

double
ms_flame_graph_paint (MsFlameGraph *self, cairo_t *cr, const MsPalette *palette, double width_px)
{
  PangoContext *context;
  MsFlameLook look = ms_flame_graph_get_look (self);
  MsFlamePlot plot;

  g_return_val_if_fail (MS_IS_FLAME_GRAPH (self), 0);

  if (self->tree == NULL)
    return 0;
  context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  ms_flame_plot_layout (&plot, self->tree, 0, self->zoomed, width_px - 2 * MARGIN_PX,
                        ms_flame_row_px (context), self->orientation);
  double legend = ms_flame_legend_height_px (context, &self->shades, plot.width_px);
  double height = plot.height_px + legend + 3 * MARGIN_PX;
  if (cr != NULL)
    {
      ms_color_set_source (cr, palette->surface);
      cairo_paint (cr);
      cairo_translate (cr, MARGIN_PX, MARGIN_PX);
      ms_flame_paint (cr, context, &plot, &look, palette, NULL);
      ms_flame_paint_legend (cr, context, &self->shades, palette, 0, plot.height_px + MARGIN_PX,
                             plot.width_px);
    }
  ms_flame_plot_clear (&plot);
  return height;
}

/* --- the widget --- */

static void
ms_flame_graph_dispose (GObject *object)
{
  MsFlameGraph *self = MS_FLAME_GRAPH (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  G_OBJECT_CLASS (ms_flame_graph_parent_class)->dispose (object);
}

static void
ms_flame_graph_finalize (GObject *object)
{
  MsFlameGraph *self = MS_FLAME_GRAPH (object);

  g_clear_pointer (&self->tree, ms_call_tree_unref);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  g_clear_pointer (&self->kept, g_array_unref);
  ms_module_shades_clear (&self->shades);
  ms_flame_plot_clear (&self->plot);
  g_free (self->is_match);
  g_free (self->is_kept);
  g_free (self->needle);
  G_OBJECT_CLASS (ms_flame_graph_parent_class)->finalize (object);
}

static void
ms_flame_graph_class_init (MsFlameGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_flame_graph_dispose;
  G_OBJECT_CLASS (klass)->finalize = ms_flame_graph_finalize;
  widget_class->snapshot = ms_flame_graph_snapshot;
  widget_class->get_request_mode = ms_flame_graph_get_request_mode;
  widget_class->measure = ms_flame_graph_measure;
  widget_class->size_allocate = ms_flame_graph_size_allocate;
  widget_class->css_changed = ms_flame_graph_css_changed;
  gtk_widget_class_set_css_name (widget_class, "flamegraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  signals[MS_FLAME_GRAPH_CHOSEN] = g_signal_new ("chosen", MS_TYPE_FLAME_GRAPH, G_SIGNAL_RUN_LAST,
                                                 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[MS_FLAME_GRAPH_OPENED] = g_signal_new ("opened", MS_TYPE_FLAME_GRAPH, G_SIGNAL_RUN_LAST,
                                                 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[MS_FLAME_GRAPH_READING] = g_signal_new ("reading", MS_TYPE_FLAME_GRAPH, G_SIGNAL_RUN_LAST,
                                                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MS_FLAME_GRAPH_ZOOMED] = g_signal_new ("zoomed", MS_TYPE_FLAME_GRAPH, G_SIGNAL_RUN_LAST,
                                                 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ms_flame_graph_init (MsFlameGraph *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->cursor = self->hover = NONE;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Flame graph"), -1);
  ms_flame_graph_add_controllers (self);
}

GtkWidget *
ms_flame_graph_new (void)
{
  return g_object_new (MS_TYPE_FLAME_GRAPH, NULL);
}
