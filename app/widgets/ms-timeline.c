/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline.h"
#include "ms-plot-menu.h"
#include "ms-timeline-input.h"
#include "ms-timeline-private.h"
#include "ms-timeline-words.h"
#include "ms-widget-palette.h"

#include <glib/gi18n-lib.h>

#define LEAST_WIDTH_PX 240
#define LEAST_HEIGHT_PX 160
#define NATURAL_HEIGHT_PX 520

enum { PROP_0, PROP_HADJUSTMENT, PROP_VADJUSTMENT, PROP_HSCROLL_POLICY, PROP_VSCROLL_POLICY };

G_DEFINE_FINAL_TYPE_WITH_CODE (MsTimeline,
                               ms_timeline,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

guint ms_timeline_signals[MS_TIMELINE_N_SIGNALS];

/* --- what is drawn --- */

void
ms_timeline_invalidate (MsTimeline *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  ms_timeline_layout_clear (&self->layout);
  self->has_layout = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The picture alone: what lies where stays. */
static void
repaint (MsTimeline *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
configure_adjustment (MsTimeline *self)
{
  double page = self->layout.axis_y;
  double upper = MAX (self->layout.content_px, page);

  if (self->vertical == NULL)
    return;
  gtk_adjustment_configure (self->vertical,
                            CLAMP (gtk_adjustment_get_value (self->vertical), 0, upper - page), 0,
                            upper, self->layout.life_height_px * 3, page * 0.9, page);
}

gboolean
ms_timeline_ensure_layout (MsTimeline *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  MsTimelineMetrics metrics;

  if (self->data == NULL || width <= 0 || height <= 0)
    return FALSE;
  if (self->has_layout)
    return TRUE;
  ms_timeline_measure (&metrics, gtk_widget_get_pango_context (widget), self->data);
  ms_timeline_layout (&self->layout, self->data, self->fine, &self->window, &metrics, width,
                      height);
  self->has_layout = TRUE;
  return TRUE;
}

double
ms_timeline_get_scroll (MsTimeline *self)
{
  return self->vertical != NULL ? gtk_adjustment_get_value (self->vertical) : 0;
}

static void
ms_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MsTimeline *self = MS_TIMELINE (widget);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  MsPalette palette;

  if (!ms_timeline_ensure_layout (self))
    return;
  ms_widget_get_palette (widget, &palette);
  if (self->picture == NULL)
    {
      self->picture = gsk_cairo_node_new (&bounds);
      cairo_t *cr = gsk_cairo_node_get_draw_context (self->picture);
      ms_timeline_paint (cr, context, &self->layout, self->data, &self->marks, &palette,
                         ms_timeline_get_scroll (self));
      cairo_destroy (cr);
    }
  gtk_snapshot_append_node (snapshot, self->picture);

  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  ms_timeline_paint_marks (cr, context, &self->layout, self->data, &self->marks, &palette,
                           ms_timeline_get_scroll (self));
  cairo_destroy (cr);
}

static void
ms_timeline_measure_widget (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = LEAST_WIDTH_PX, *natural = 900;
  else
    *minimum = LEAST_HEIGHT_PX, *natural = NATURAL_HEIGHT_PX;
}

static void
ms_timeline_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MsTimeline *self = MS_TIMELINE (widget);

  ms_timeline_invalidate (self);
  if (ms_timeline_ensure_layout (self))
    configure_adjustment (self);
}

static void
ms_timeline_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (ms_timeline_parent_class)->css_changed (widget, change);
  gtk_widget_queue_allocate (widget);
  ms_timeline_invalidate (MS_TIMELINE (widget));
}

/* --- as a file --- */

/* Down to the last thread, as far as a picture goes; what is scrolled out of sight is in it. */
#define LARGEST_FILE_PX 8000

static gboolean
get_file_size (GtkWidget *widget, double *width_px, double *height_px)
{
  MsTimeline *self = MS_TIMELINE (widget);

  if (!ms_timeline_ensure_layout (self))
    return FALSE;
  *height_px += MAX (self->layout.content_px - self->layout.axis_y, 0);
  *height_px = MIN (*height_px, LARGEST_FILE_PX);
  return TRUE;
}

static void
paint_for_file (GtkWidget *widget, cairo_t *cr, const MsPalette *palette)
{
  MsTimeline *self = MS_TIMELINE (widget);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  double width_px = gtk_widget_get_width (widget), height_px = gtk_widget_get_height (widget);
  MsTimelineLayout layout = { 0 };
  MsTimelineMetrics metrics;

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  if (!get_file_size (widget, &width_px, &height_px))
    return;
  ms_timeline_measure (&metrics, context, self->data);
  ms_timeline_layout (&layout, self->data, self->fine, &self->window, &metrics, width_px,
                      height_px);
  ms_timeline_paint (cr, context, &layout, self->data, &self->marks, palette, 0);
  ms_timeline_layout_clear (&layout);
}

static const MsPlotMenu menu = { "timeline", paint_for_file, get_file_size };

/* --- in words --- */

char *
ms_timeline_dup_description (MsTimeline *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE (self), NULL);

  if (self->data == NULL)
    return g_strdup ("");
  return ms_timeline_describe (self->data, self->fine, &self->window);
}

void
ms_timeline_update_description (MsTimeline *self)
{
  g_autofree char *picture = ms_timeline_dup_description (self);
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->marks.cursor_ns != MS_TIME_NONE && ms_timeline_ensure_layout (self))
    {
      gint64 column_ns = MAX ((gint64) ((double) (self->window.end_ns - self->window.start_ns)
                                        / MAX (self->layout.plot.width, 1)),
                              1);
      g_autofree char *time =
          ms_time_axis_format (self->marks.cursor_ns, self->layout.axis.step_ns / 100,
                               self->window.end_ns);
      g_autofree char *values =
          ms_timeline_describe_time (self->data, self->fine, self->marks.cursor_ns,
                                     self->marks.cursor_ns + column_ns);

      g_string_append_printf (text, "%s: %s. ", time, values);
    }
  if (self->marks.has_keyboard_row && self->data != NULL
      && self->marks.life < self->data->lives->len)
    {
      const MsLife *life = &g_array_index (self->data->lives, MsLife, self->marks.life);
      gint64 at_ns = self->marks.cursor_ns != MS_TIME_NONE ? self->marks.cursor_ns : life->start_ns;
      g_autofree char *reading = ms_life_read (life, at_ns, at_ns + 1);

      g_string_append_printf (text, "%s. ", reading);
    }
  g_string_append (text, picture);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
}

/* --- scrolling --- */

static void
scrolled_cb (MsTimeline *self)
{
  repaint (self);
}

static void
set_vertical (MsTimeline *self, GtkAdjustment *adjustment)
{
  if (self->vertical != NULL)
    g_signal_handlers_disconnect_by_data (self->vertical, self);
  g_set_object (&self->vertical, adjustment);
  if (adjustment != NULL)
    {
      g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self);
      if (ms_timeline_ensure_layout (self))
        configure_adjustment (self);
    }
}

static void
ms_timeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MsTimeline *self = MS_TIMELINE (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->horizontal);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->vertical);
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, GTK_SCROLL_MINIMUM);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_timeline_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MsTimeline *self = MS_TIMELINE (object);

  switch (id)
    {
    case PROP_HADJUSTMENT: /* kept for whoever asks: time is panned, not scrolled */
      g_set_object (&self->horizontal, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      set_vertical (self, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* --- the widget --- */

static void
ms_timeline_dispose (GObject *object)
{
  MsTimeline *self = MS_TIMELINE (object);

  g_clear_handle_id (&self->commit_source, g_source_remove);
  set_vertical (self, NULL);
  g_clear_object (&self->horizontal);
  g_clear_pointer (&self->data, ms_timeline_data_unref);
  g_clear_pointer (&self->fine, ms_timeline_data_unref);
  ms_timeline_layout_clear (&self->layout);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  G_OBJECT_CLASS (ms_timeline_parent_class)->dispose (object);
}

static guint
add_signal (const char *name, guint n_parameters, ...)
{
  va_list types;

  va_start (types, n_parameters);
  guint id = g_signal_new_valist (name, MS_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL,
                                  G_TYPE_NONE, n_parameters, types);
  va_end (types);
  return id;
}

static void
ms_timeline_class_init (MsTimelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ms_timeline_dispose;
  object_class->get_property = ms_timeline_get_property;
  object_class->set_property = ms_timeline_set_property;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");

  widget_class->snapshot = ms_timeline_snapshot;
  widget_class->measure = ms_timeline_measure_widget;
  widget_class->size_allocate = ms_timeline_size_allocate;
  widget_class->css_changed = ms_timeline_css_changed;
  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  ms_timeline_signals[MS_TIMELINE_WINDOW_CHANGED] = add_signal ("window-changed", 0);
  ms_timeline_signals[MS_TIMELINE_RANGE_SELECTED] =
      add_signal ("range-selected", 2, G_TYPE_INT64, G_TYPE_INT64);
  ms_timeline_signals[MS_TIMELINE_RANGE_CLEARED] = add_signal ("range-cleared", 0);
  ms_timeline_signals[MS_TIMELINE_LIFE_ACTIVATED] = add_signal ("life-activated", 1, G_TYPE_UINT);
}

static void
ms_timeline_init (MsTimeline *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Timeline"), -1);
  ms_timeline_marks_init (&self->marks);
  ms_time_window_init (&self->window, 1);
  ms_plot_menu_add (GTK_WIDGET (self), &menu);
  ms_timeline_add_input (self);
}

GtkWidget *
ms_timeline_new (void)
{
  return g_object_new (MS_TYPE_TIMELINE, NULL);
}

/* Of a program that runs: all of it is still all of it, and what ends with it goes on with it. */
static void
extend_window (MsTimeWindow *window, gint64 duration_ns)
{
  MsTimeWindow before = *window;
  gint64 by_ns = before.end_ns == before.duration_ns ? duration_ns - before.duration_ns : 0;

  ms_time_window_init (window, duration_ns);
  if (!ms_time_window_is_whole (&before))
    ms_time_window_set (window, before.start_ns + by_ns, before.end_ns + by_ns);
}

void
ms_timeline_set_data (MsTimeline *self, MsTimelineData *data)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  gboolean same_trace = self->data != NULL && data != NULL;
  ms_timeline_invalidate (self);
  g_clear_pointer (&self->fine, ms_timeline_data_unref);
  g_clear_pointer (&self->data, ms_timeline_data_unref);
  self->data = data != NULL ? ms_timeline_data_ref (data) : NULL;
  if (same_trace)
    extend_window (&self->window, data->duration_ns);
  else
    {
      ms_time_window_init (&self->window, data != NULL ? data->duration_ns : 1);
      self->marks.cursor_ns = MS_TIME_NONE;
      self->marks.life = MS_NO_LIFE;
      self->marks.has_keyboard_row = FALSE;
    }
  if (ms_timeline_ensure_layout (self))
    configure_adjustment (self);
  ms_timeline_update_description (self);
}

void
ms_timeline_set_fine (MsTimeline *self, MsTimelineData *fine)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  if (self->data == NULL && fine != NULL)
    return;
  ms_timeline_invalidate (self);
  g_clear_pointer (&self->fine, ms_timeline_data_unref);
  self->fine = fine != NULL ? ms_timeline_data_ref (fine) : NULL;
  ms_timeline_update_description (self);
}

MsTimelineData *
ms_timeline_get_data (MsTimeline *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE (self), NULL);

  return self->data;
}

MsTimelineData *
ms_timeline_get_fine (MsTimeline *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE (self), NULL);

  return self->fine;
}

void
ms_timeline_set_range (MsTimeline *self, gint64 start_ns, gint64 end_ns)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  self->marks.start_ns = start_ns;
  self->marks.end_ns = end_ns;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ms_timeline_clear_range (MsTimeline *self)
{
  ms_timeline_set_range (self, MS_TIME_NONE, MS_TIME_NONE);
}

void
ms_timeline_set_focused (MsTimeline *self, guint id)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  self->marks.has_focus = TRUE;
  self->marks.focused_id = id;
  repaint (self);
}

void
ms_timeline_clear_focused (MsTimeline *self)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  self->marks.has_focus = FALSE;
  repaint (self);
}

const MsTimeWindow *
ms_timeline_get_window (MsTimeline *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE (self), NULL);

  return &self->window;
}

void
ms_timeline_window_moved (MsTimeline *self)
{
  ms_timeline_invalidate (self);
  g_signal_emit (self, ms_timeline_signals[MS_TIMELINE_WINDOW_CHANGED], 0);
}

void
ms_timeline_set_window (MsTimeline *self, gint64 start_ns, gint64 end_ns)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  ms_time_window_set (&self->window, start_ns, end_ns);
  ms_timeline_window_moved (self);
}

void
ms_timeline_zoom (MsTimeline *self, double factor)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  gint64 at_ns = self->marks.cursor_ns;
  if (at_ns == MS_TIME_NONE || at_ns < self->window.start_ns || at_ns > self->window.end_ns)
    at_ns = self->window.start_ns + (self->window.end_ns - self->window.start_ns) / 2;
  ms_time_window_zoom (&self->window, at_ns, factor);
  ms_timeline_window_moved (self);
}

void
ms_timeline_move_cursor (MsTimeline *self, gint64 time_ns)
{
  MsTimeWindow before = self->window;

  self->marks.cursor_ns = CLAMP (time_ns, 0, self->window.duration_ns);
  ms_time_window_reveal (&self->window, self->marks.cursor_ns);
  if (before.start_ns != self->window.start_ns)
    ms_timeline_window_moved (self);
  ms_timeline_update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ms_timeline_show_peak (MsTimeline *self)
{
  g_return_if_fail (MS_IS_TIMELINE (self));

  if (self->data == NULL || self->data->peak_time_ns == MS_TIME_NONE)
    return;
  if (self->vertical != NULL)
    gtk_adjustment_set_value (self->vertical, 0);
  ms_timeline_move_cursor (self, self->data->peak_time_ns);
}

gint64
ms_timeline_get_cursor (MsTimeline *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE (self), MS_TIME_NONE);

  return self->marks.cursor_ns;
}
