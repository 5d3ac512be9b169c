/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-strip.h"
#include "ms-strip-paint.h"
#include "ms-text.h"
#include "ms-widget-palette.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>

#define NO_CURSOR G_MAXUINT
/* The plot and its margins; the labels above and below add the font's. */
#define PLOT_HEIGHT_PX 54

struct _MsStrip {
  GtkWidget parent_instance;

  MsStripData data;
  guint64 *max, *min, *thread; /* what data borrows */
  MsStripLayout layout;
  GskRenderNode *picture; /* the still part, or NULL */
  guint cursor;           /* bin, or NO_CURSOR */
};

G_DEFINE_FINAL_TYPE (MsStrip, ms_strip, GTK_TYPE_WIDGET)

static double
get_label_height_px (GtkWidget *widget)
{
  return ms_text_line_height_px (gtk_widget_get_pango_context (widget), MS_TEXT_SMALL);
}

static void
invalidate (MsStrip *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
paint_picture (MsStrip *self, const MsPalette *palette, int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);

  ms_strip_layout_clear (&self->layout);
  ms_strip_layout (&self->layout, &self->data, width, height, get_label_height_px (widget));
  self->picture = gsk_cairo_node_new (&bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (self->picture);
  ms_strip_paint (cr, gtk_widget_get_pango_context (widget), &self->layout, &self->data, palette);
  cairo_destroy (cr);
}

static void
ms_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsStrip *self = MS_STRIP (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  MsPalette palette;

  if (self->data.n_bins == 0 || width <= 0 || height <= 0)
    return;
  ms_widget_get_palette (widget, &palette);
  if (self->picture == NULL)
    paint_picture (self, &palette, width, height);
  gtk_snapshot_append_node (snapshot, self->picture);

  if (self->cursor != NO_CURSOR)
    {
      graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

      ms_strip_paint_cursor (cr, gtk_widget_get_pango_context (widget), &self->layout, &self->data,
                             &palette, self->cursor);
      cairo_destroy (cr);
    }
}

static void
ms_strip_measure (GtkWidget *widget,
                  GtkOrientation orientation,
                  int for_size,
                  int *minimum,
                  int *natural,
                  int *minimum_baseline,
                  int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = 120, *natural = 600;
  else
    *minimum = *natural = PLOT_HEIGHT_PX + 2 * (int) get_label_height_px (widget);
}

static void
ms_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  invalidate (MS_STRIP (widget));
}

static void
ms_strip_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ms_strip_parent_class)->css_changed (widget, change);
  invalidate (MS_STRIP (widget));
}

/* --- reading values --- */

static void
update_description (MsStrip *self)
{
  g_autofree char *picture = ms_strip_describe (&self->data);

  if (self->cursor != NO_CURSOR && self->data.n_bins > 0)
    {
      g_autofree char *value = ms_strip_describe_bin (&self->data, self->cursor);
      g_autofree char *both = g_strdup_printf ("%s. %s", value, picture);

      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      both, -1);
      return;
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  picture, -1);
}

static void
set_cursor (MsStrip *self, guint bin)
{
  if (self->cursor == bin)
    return;
  self->cursor = bin;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  MsStrip *self = user_data;

  if (self->data.n_bins > 0 && self->picture != NULL)
    set_cursor (self, ms_strip_layout_get_bin (&self->layout, &self->data, x));
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  set_cursor (user_data, NO_CURSOR);
}

/* Arrow keys walk pixel by pixel, with Shift in tens; Home, End, and P for the peak. */
static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  MsStrip *self = user_data;
  guint n_bins = self->data.n_bins;
  double plot_px = MAX (self->layout.plot.width, 1);

  if (n_bins == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;

  guint step = (guint) MAX (n_bins / plot_px, 1) * ((state & GDK_SHIFT_MASK) != 0 ? 10 : 1);
  guint at = self->cursor != NO_CURSOR ? self->cursor : 0;
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      at = at > step ? at - step : 0;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      at = self->cursor == NO_CURSOR ? 0 : MIN (at + step, n_bins - 1);
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      at = 0;
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      at = n_bins - 1;
      break;
    case GDK_KEY_p:
      at = ms_strip_layout_get_bin (&self->layout, &self->data, self->layout.peak.x);
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  set_cursor (self, at);
  update_description (self);
  return GDK_EVENT_STOP;
}

static void
focus_left_cb (GtkEventControllerFocus *controller, gpointer user_data)
{
  MsStrip *self = user_data;

  set_cursor (self, NO_CURSOR);
  update_description (self);
}

/* --- the widget --- */

static void
clear_process (MsStrip *self)
{
  g_clear_pointer (&self->max, g_free);
  g_clear_pointer (&self->min, g_free);
  g_clear_pointer (&self->thread, g_free);
  ms_strip_layout_clear (&self->layout);
  self->data = (MsStripData) { .peak_time_ns = MS_TIME_NONE };
  self->cursor = NO_CURSOR;
}

static void
ms_strip_finalize (GObject *object)
{
  MsStrip *self = MS_STRIP (object);

  clear_process (self);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  G_OBJECT_CLASS (ms_strip_parent_class)->finalize (object);
}

static void
ms_strip_class_init (MsStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ms_strip_finalize;
  widget_class->snapshot = ms_strip_snapshot;
  widget_class->measure = ms_strip_measure;
  widget_class->size_allocate = ms_strip_size_allocate;
  widget_class->css_changed = ms_strip_css_changed;
  gtk_widget_class_set_css_name (widget_class, "tracestrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ms_strip_init (MsStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller = gtk_event_controller_motion_new ();

  clear_process (self);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Live memory over the whole trace"), -1);

  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "leave", G_CALLBACK (focus_left_cb), self);
  gtk_widget_add_controller (widget, controller);
}

GtkWidget *
ms_strip_new (void)
{
  return g_object_new (MS_TYPE_STRIP, NULL);
}

void
ms_strip_set_process (MsStrip *self, const MsStripData *data)
{
  g_return_if_fail (MS_IS_STRIP (self));

  clear_process (self);
  if (data != NULL)
    {
      self->data = *data;
      self->data.thread = NULL;
      self->data.n_thread_bins = 0;
      self->data.max = self->max = g_memdup2 (data->max, data->n_bins * sizeof *data->max);
      self->data.min = self->min =
          data->min != NULL ? g_memdup2 (data->min, data->n_bins * sizeof *data->min) : NULL;
    }
  update_description (self);
  invalidate (self);
}

void
ms_strip_set_thread (MsStrip *self, const guint64 *live, guint n_bins, MsRole role)
{
  g_return_if_fail (MS_IS_STRIP (self));

  g_free (self->thread);
  self->data.thread = self->thread = g_memdup2 (live, n_bins * sizeof *live);
  self->data.n_thread_bins = n_bins;
  self->data.thread_role = role;
  invalidate (self);
}

void
ms_strip_clear_thread (MsStrip *self)
{
  g_return_if_fail (MS_IS_STRIP (self));

  g_clear_pointer (&self->thread, g_free);
  self->data.thread = NULL;
  self->data.n_thread_bins = 0;
  invalidate (self);
}
