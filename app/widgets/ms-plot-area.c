/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-plot-area.h"
#include "ms-plot-description.h"
#include "ms-widget-palette.h"

#include <gdk/gdkkeysyms.h>

struct _MsPlotArea {
  GtkWidget parent_instance;

  const MsPlotKind *kind;
  gpointer plot;          /* NULL: nothing */
  GskRenderNode *picture; /* the still part, or NULL */
  gint item;              /* read; -1: none */
};

G_DEFINE_FINAL_TYPE (MsPlotArea, ms_plot_area, GTK_TYPE_WIDGET)

static guint reading_signal, activated_signal;

static void
invalidate (MsPlotArea *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
paint_picture (MsPlotArea *self, const MsPalette *palette, int width, int height)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));

  self->kind->lay_out (self->plot, context, width, height);
  self->picture = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_t *cr = gsk_cairo_node_get_draw_context (self->picture);
  self->kind->paint (self->plot, cr, context, palette);
  cairo_destroy (cr);
}

static void
ms_plot_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsPlotArea *self = MS_PLOT_AREA (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  MsPalette palette;

  if (self->plot == NULL || width <= 0 || height <= 0)
    return;
  ms_widget_get_palette (widget, &palette);
  if (self->picture == NULL)
    paint_picture (self, &palette, width, height);
  gtk_snapshot_append_node (snapshot, self->picture);
  if (self->item < 0)
    return;

  cairo_t *cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (-2, -2, width + 4, height + 4));
  self->kind->paint_item (self->plot, cr, &palette, (guint) self->item);
  cairo_destroy (cr);
}

static GtkSizeRequestMode
ms_plot_area_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ms_plot_area_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  MsPlotArea *self = MS_PLOT_AREA (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 280;
      return;
    }
  *minimum = *natural =
      self->plot != NULL
          ? (int) self->kind->get_height_px (self->plot, gtk_widget_get_pango_context (widget),
                                             for_size >= 0 ? for_size : 280)
          : 0;
}

static void
ms_plot_area_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  invalidate (MS_PLOT_AREA (widget));
}

static void
ms_plot_area_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ms_plot_area_parent_class)->css_changed (widget, change);
  invalidate (MS_PLOT_AREA (widget));
}

/* --- reading values --- */

char *
ms_plot_area_dup_reading (MsPlotArea *self)
{
  g_return_val_if_fail (MS_IS_PLOT_AREA (self), NULL);

  if (self->plot == NULL)
    return g_strdup ("");
  if (self->item >= 0)
    return self->kind->describe_item (self->plot, (guint) self->item);
  return self->kind->describe (self->plot);
}

static void
update_description (MsPlotArea *self)
{
  g_autofree char *picture = self->plot != NULL ? self->kind->describe (self->plot) : g_strdup ("");
  g_autofree char *item =
      self->item >= 0 ? self->kind->describe_item (self->plot, (guint) self->item) : NULL;

  ms_plot_describe (GTK_WIDGET (self), item, picture);
}

static void
read_item (MsPlotArea *self, gint item)
{
  if (self->item == item)
    return;
  self->item = item;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, reading_signal, 0);
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  MsPlotArea *self = user_data;

  if (self->plot != NULL && self->picture != NULL)
    read_item (self, self->kind->find (self->plot, x, y));
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  read_item (user_data, -1);
}

/* Whether anybody wanted it. */
static gboolean
activate_item (MsPlotArea *self)
{
  if (self->item < 0 || !g_signal_has_handler_pending (self, activated_signal, 0, FALSE))
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, activated_signal, 0, (guint) self->item);
  return GDK_EVENT_STOP;
}

static void
released_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  MsPlotArea *self = user_data;

  motion_cb (NULL, x, y, self);
  activate_item (self);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  MsPlotArea *self = user_data;
  gint columns = 0, rows = 0, page = (state & GDK_SHIFT_MASK) != 0 ? 10 : 1;
  guint n = self->plot != NULL ? self->kind->get_n_items (self->plot) : 0;

  if (n == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      columns = -page;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      columns = page;
      break;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      rows = -page;
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      rows = page;
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      columns = rows = -(gint) n;
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      columns = rows = (gint) n;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      return activate_item (self);
    default:
      return GDK_EVENT_PROPAGATE;
    }
  /* The first key only shows where the cursor is. */
  read_item (self, self->item < 0
                       ? 0
                       : (gint) self->kind->walk (self->plot, (guint) self->item, columns, rows));
  update_description (self);
  return GDK_EVENT_STOP;
}

static void
focus_left_cb (GtkEventControllerFocus *controller, gpointer user_data)
{
  read_item (user_data, -1);
  update_description (user_data);
}

/* --- the widget --- */

static void
clear_plot (MsPlotArea *self)
{
  if (self->plot != NULL)
    self->kind->free (self->plot);
  self->plot = NULL;
}

static void
ms_plot_area_finalize (GObject *object)
{
  MsPlotArea *self = MS_PLOT_AREA (object);

  clear_plot (self);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  G_OBJECT_CLASS (ms_plot_area_parent_class)->finalize (object);
}

static void
ms_plot_area_class_init (MsPlotAreaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ms_plot_area_finalize;
  widget_class->snapshot = ms_plot_area_snapshot;
  widget_class->get_request_mode = ms_plot_area_get_request_mode;
  widget_class->measure = ms_plot_area_measure;
  widget_class->size_allocate = ms_plot_area_size_allocate;
  widget_class->css_changed = ms_plot_area_css_changed;
  gtk_widget_class_set_css_name (widget_class, "plotarea");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  reading_signal = g_signal_new ("reading", MS_TYPE_PLOT_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  activated_signal = g_signal_new ("activated", MS_TYPE_PLOT_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ms_plot_area_init (MsPlotArea *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller = gtk_event_controller_motion_new ();

  self->item = -1;
  gtk_widget_set_focusable (widget, TRUE);
  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (widget, controller);

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "leave", G_CALLBACK (focus_left_cb), self);
  gtk_widget_add_controller (widget, controller);
}

GtkWidget *
ms_plot_area_new (const MsPlotKind *kind, const char *label)
{
  MsPlotArea *self = g_object_new (MS_TYPE_PLOT_AREA, NULL);

  self->kind = kind;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (self);
}

void
ms_plot_area_set_plot (MsPlotArea *self, gpointer plot)
{
  g_return_if_fail (MS_IS_PLOT_AREA (self));

  clear_plot (self);
  self->plot = plot;
  self->item = -1;
  update_description (self);
  invalidate (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_signal_emit (self, reading_signal, 0);
}

gpointer
ms_plot_area_get_plot (MsPlotArea *self)
{
  g_return_val_if_fail (MS_IS_PLOT_AREA (self), NULL);

  return self->plot;
}

gint
ms_plot_area_get_item (MsPlotArea *self)
{
  g_return_val_if_fail (MS_IS_PLOT_AREA (self), -1);

  return self->item;
}

void
ms_plot_area_paint (MsPlotArea *self, cairo_t *cr, const MsPalette *palette)
{
  g_return_if_fail (MS_IS_PLOT_AREA (self));

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  if (self->plot != NULL)
    self->kind->paint (self->plot, cr, gtk_widget_get_pango_context (GTK_WIDGET (self)), palette);
}
