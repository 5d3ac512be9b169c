/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The face is painted once into a render node and reused until its size, its data or the style
 * change; the pulse of an alert redraws nothing but two ring nodes above it.
 */
#include "ms-thread-card.h"
#include "ms-card-paint.h"
#include "ms-display-units.h"
#include "ms-plot-menu.h"
#include "ms-text.h"
#include "ms-widget-palette.h"

#define RING_WIDTH_PX 2.0f
#define GLOW_RADIUS_PX 7.0f

struct _MsThreadCard {
  GtkButton parent_instance;

  MsCardItem *item;
  GskRenderNode *face; /* cached picture, or NULL */
  int face_width_px;
  double pulse;
};

G_DEFINE_FINAL_TYPE (MsThreadCard, ms_thread_card, GTK_TYPE_BUTTON)

double
ms_thread_card_get_height_px (GtkWidget *widget, gboolean compact)
{
  static const MsCardData EMPTY = { .name = "" };
  MsCardMetrics metrics;

  ms_card_measure (&metrics, gtk_widget_get_pango_context (widget), &EMPTY);
  return ms_card_height_px (&metrics, compact);
}

/* A card holds about 32 characters of small print: it grows with the user's text size. */
double
ms_thread_card_get_least_width_px (GtkWidget *widget)
{
  double em =
      ms_text_measure_px (gtk_widget_get_pango_context (widget), "0000000000", MS_TEXT_SMALL);

  return em * 3.1 + 2 * MS_CARD_PADDING_PX;
}

static void
lay_out (MsThreadCard *self, MsCardLayout *layout, int width)
{
  const MsCardData *data = ms_card_item_get_data (self->item);
  MsCardMetrics metrics;

  ms_card_measure (&metrics, gtk_widget_get_pango_context (GTK_WIDGET (self)), data);
  ms_card_layout (layout, &metrics, data, width);
}

static void
paint_face (MsThreadCard *self, int width, int height)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  MsCardLayout layout;
  MsPalette palette;

  ms_widget_get_palette (GTK_WIDGET (self), &palette);
  lay_out (self, &layout, width);

  g_clear_pointer (&self->face, gsk_render_node_unref);
  self->face = gsk_cairo_node_new (&bounds);
  self->face_width_px = width;
  cairo_t *cr = gsk_cairo_node_get_draw_context (self->face);
  ms_card_paint (cr, context, &layout, ms_card_item_get_data (self->item), &palette);
  cairo_destroy (cr);
}

/* --- as a file --- */

static void
paint_for_file (GtkWidget *widget, cairo_t *cr, const MsPalette *palette)
{
  MsThreadCard *self = MS_THREAD_CARD (widget);
  MsCardLayout layout;

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  lay_out (self, &layout, gtk_widget_get_width (widget));
  ms_card_paint (cr, gtk_widget_get_pango_context (widget), &layout,
                 ms_card_item_get_data (self->item), palette);
}

static gboolean
get_file_size (GtkWidget *widget, double *width_px, double *height_px)
{
  return MS_THREAD_CARD (widget)->item != NULL;
}

static const MsPlotMenu menu = { "thread", paint_for_file, get_file_size };

/* --- on the screen --- */

static void
snapshot_ring (MsThreadCard *self, GtkSnapshot *snapshot, int width, int height)
{
  const MsCardData *data = ms_card_item_get_data (self->item);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  GskRoundedRect outline;
  MsPalette palette;
  MsColor color;

  ms_widget_get_palette (GTK_WIDGET (self), &palette);
  if (!ms_card_get_ring (data, &palette, &color))
    return;

  gsk_rounded_rect_init_from_rect (&outline, &bounds, MS_THREAD_CARD_RADIUS_PX);
  if (data->alert == MS_ALERT_HIGH)
    {
      GdkRGBA glow = ms_color_to_rgba (ms_color_with_alpha (color, 0.4 * self->pulse));

      gtk_snapshot_append_outset_shadow (snapshot, &outline, &glow, 0, 0, 0, GLOW_RADIUS_PX);
    }

  /* The ring itself never fades away: it is the sign, the pulse only draws the eye. */
  GdkRGBA ring = ms_color_to_rgba (
      data->alert == MS_ALERT_HIGH ? ms_color_with_alpha (color, 0.8 + 0.2 * self->pulse) : color);
  gtk_snapshot_append_border (snapshot, &outline,
                              (float[4]) { RING_WIDTH_PX, RING_WIDTH_PX, RING_WIDTH_PX,
                                           RING_WIDTH_PX },
                              (GdkRGBA[4]) { ring, ring, ring, ring });
}

static void
ms_thread_card_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsThreadCard *self = MS_THREAD_CARD (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  if (self->item == NULL || width <= 0 || height <= 0)
    return;
  if (self->face == NULL || self->face_width_px != width)
    paint_face (self, width, height);
  snapshot_ring (self, snapshot, width, height);
  gtk_snapshot_append_node (snapshot, self->face);
}

static void
ms_thread_card_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  MsThreadCard *self = MS_THREAD_CARD (widget);
  gboolean compact = self->item != NULL && !ms_card_item_get_data (self->item)->tracked;

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = (int) ms_thread_card_get_height_px (widget, compact);
  else
    {
      /* A window narrower than a card squeezes it; the layout leaves figures out. */
      *minimum = 1;
      *natural = (int) ms_thread_card_get_least_width_px (widget);
    }
}

static void
ms_thread_card_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  MsThreadCard *self = MS_THREAD_CARD (widget);

  GTK_WIDGET_CLASS (ms_thread_card_parent_class)->css_changed (widget, change);
  g_clear_pointer (&self->face, gsk_render_node_unref);
  gtk_widget_queue_draw (widget);
}

static void
ms_thread_card_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  MsThreadCard *self = MS_THREAD_CARD (widget);

  GTK_WIDGET_CLASS (ms_thread_card_parent_class)->system_setting_changed (widget, setting);
  g_clear_pointer (&self->face, gsk_render_node_unref);
  gtk_widget_queue_resize (widget);
}

/* Only over what needs words: a tooltip covers the card below, and often the plot of this one. */
static gboolean
ms_thread_card_query_tooltip (GtkWidget *widget,
                              int x,
                              int y,
                              gboolean keyboard_tooltip,
                              GtkTooltip *tooltip)
{
  MsThreadCard *self = MS_THREAD_CARD (widget);

  MsCardLayout layout;
  MsRect part;

  if (self->item == NULL || keyboard_tooltip)
    return FALSE;

  lay_out (self, &layout, gtk_widget_get_width (widget));
  g_autofree char *text =
      ms_card_explain_at (ms_card_item_get_data (self->item), gtk_widget_get_pango_context (widget),
                          &layout, x, y, &part);
  if (text == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { (int) part.x, (int) part.y, (int) part.width,
                                                       (int) part.height });
  return TRUE;
}

/* Also when its figures are to be read in other units. */
static void
show_item (MsThreadCard *self)
{
  g_autofree char *description = ms_card_describe (ms_card_item_get_data (self->item));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, description,
                                  -1);
  g_clear_pointer (&self->face, gsk_render_node_unref);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
ms_thread_card_dispose (GObject *object)
{
  MsThreadCard *self = MS_THREAD_CARD (object);

  g_clear_object (&self->item);
  g_clear_pointer (&self->face, gsk_render_node_unref);
  G_OBJECT_CLASS (ms_thread_card_parent_class)->dispose (object);
}

static void
ms_thread_card_class_init (MsThreadCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_thread_card_dispose;
  widget_class->snapshot = ms_thread_card_snapshot;
  widget_class->measure = ms_thread_card_measure;
  widget_class->css_changed = ms_thread_card_css_changed;
  widget_class->system_setting_changed = ms_thread_card_system_setting_changed;
  widget_class->query_tooltip = ms_thread_card_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "threadcard");
}

static void
ms_thread_card_init (MsThreadCard *self)
{
  /* GtkButton lays out a child that a card has not. */
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  gtk_widget_add_css_class (GTK_WIDGET (self), "activatable");
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  ms_plot_menu_add (GTK_WIDGET (self), &menu);
  self->pulse = 1;
}

GtkWidget *
ms_thread_card_new (MsCardItem *item)
{
  MsThreadCard *self = g_object_new (MS_TYPE_THREAD_CARD, NULL);

  ms_thread_card_set_item (self, item);
  ms_display_units_watch (self, G_CALLBACK (show_item));
  return GTK_WIDGET (self);
}

MsCardItem *
ms_thread_card_get_item (MsThreadCard *self)
{
  g_return_val_if_fail (MS_IS_THREAD_CARD (self), NULL);

  return self->item;
}

void
ms_thread_card_set_item (MsThreadCard *self, MsCardItem *item)
{
  g_return_if_fail (MS_IS_THREAD_CARD (self));
  g_return_if_fail (MS_IS_CARD_ITEM (item));

  if (g_set_object (&self->item, item))
    show_item (self);
}
void
ms_thread_card_set_pulse (MsThreadCard *self, double pulse)
{
  g_return_if_fail (MS_IS_THREAD_CARD (self));

  if (self->pulse == pulse)
    return;
  self->pulse = pulse;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Cards are translucent in the dark: a lifted one brings the window's colour to hide its neighbours. */
static void
snapshot_ground (GtkWidget *card,
                 GtkSnapshot *snapshot,
                 const GskRoundedRect *outline,
                 const MsPalette *palette,
                 double lift)
{
  GdkRGBA ground;

  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (card), "window_bg_color",
                                       &ground))
    ground = ms_color_to_rgba (palette->surface);
  ground.alpha *= (float) lift;
  gtk_snapshot_push_rounded_clip (snapshot, outline);
  gtk_snapshot_append_color (snapshot, &ground, &outline->bounds);
  gtk_snapshot_pop (snapshot);
}

void
ms_thread_card_snapshot_lifted (MsThreadCard *self,
                                GtkWidget *board,
                                GtkSnapshot *snapshot,
                                double lift,
                                double opacity)
{
  GtkWidget *card = GTK_WIDGET (self);
  graphene_rect_t bounds;
  GskRoundedRect outline;
  MsPalette palette;

  g_return_if_fail (MS_IS_THREAD_CARD (self));

  if (!gtk_widget_compute_bounds (card, board, &bounds))
    return;

  double scale = 1 + (MS_THREAD_CARD_LIFTED_SCALE - 1) * lift;
  GdkRGBA shadow = { 0, 0, 0, (float) (0.35 * lift) };
  ms_widget_get_palette (card, &palette);
  GdkRGBA ring = ms_color_to_rgba (ms_color_with_alpha (palette.accent, lift));

  gsk_rounded_rect_init_from_rect (&outline, &bounds, (float) (MS_THREAD_CARD_RADIUS_PX * scale));
  gtk_snapshot_append_outset_shadow (snapshot, &outline, &shadow, 0, (float) (8 * lift), 0,
                                     (float) (24 * lift));
  snapshot_ground (card, snapshot, &outline, &palette, lift);

  gtk_snapshot_push_opacity (snapshot, opacity);
  gtk_widget_snapshot_child (board, card, snapshot);
  gtk_snapshot_pop (snapshot);

  /* Outside of the alert's ring, so that both can be seen. */
  gsk_rounded_rect_shrink (&outline, -RING_WIDTH_PX, -RING_WIDTH_PX, -RING_WIDTH_PX,
                           -RING_WIDTH_PX);
  gtk_snapshot_append_border (snapshot, &outline,
                              (float[4]) { RING_WIDTH_PX, RING_WIDTH_PX, RING_WIDTH_PX,
                                           RING_WIDTH_PX },
                              (GdkRGBA[4]) { ring, ring, ring, ring });
}
