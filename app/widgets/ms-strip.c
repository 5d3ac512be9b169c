/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-strip.h"
#include "ms-display-units.h"
#include "ms-figures.h"
#include "ms-plot-description.h"
#include "ms-plot-menu.h"
#include "ms-strip-paint.h"
#include "ms-text.h"
#include "ms-widget-palette.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>

#define NO_CURSOR G_MAXUINT
/* The plot and its margins; the labels above and below add the font's. */
#define PLOT_HEIGHT_PX 54
/* From end to end by arrow keys, and by Page Up and Page Down. */
#define STEPS 50
#define PAGES 10

struct _MsStrip {
  GtkWidget parent_instance;

  MsStripData data;
  guint64 *max, *min, *thread; /* what data borrows */
  MsStripLayout layout;
  GskRenderNode *picture; /* the still part, or NULL */
  guint cursor;           /* bin, or NO_CURSOR */

  MsFocus *focus;       /* or NULL */
  MsStripPart dragging; /* what the drag took; outside: it makes a new range */
  gint64 taken_start_ns, taken_end_ns, taken_at_ns;
  gboolean has_moved;
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

  gint64 start_ns, end_ns;
  if (self->focus != NULL && ms_focus_get_range (self->focus, &start_ns, &end_ns))
    {
      graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

      ms_strip_paint_range (cr, &self->layout, &self->data, &palette, start_ns, end_ns);
      cairo_destroy (cr);
    }
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

/* --- as a file --- */

static void
paint_for_file (GtkWidget *widget, cairo_t *cr, const MsPalette *palette)
{
  MsStrip *self = MS_STRIP (widget);
  MsStripLayout layout = { 0 };
  gint64 start_ns, end_ns;

  ms_color_set_source (cr, palette->surface);
  cairo_paint (cr);
  ms_strip_layout (&layout, &self->data, gtk_widget_get_width (widget),
                   gtk_widget_get_height (widget), get_label_height_px (widget));
  ms_strip_paint (cr, gtk_widget_get_pango_context (widget), &layout, &self->data, palette);
  if (self->focus != NULL && ms_focus_get_range (self->focus, &start_ns, &end_ns))
    ms_strip_paint_range (cr, &layout, &self->data, palette, start_ns, end_ns);
  ms_strip_layout_clear (&layout);
}

static gboolean
get_file_size (GtkWidget *widget, double *width_px, double *height_px)
{
  return MS_STRIP (widget)->data.n_bins > 0;
}

static const MsPlotMenu menu = { "live-memory", paint_for_file, get_file_size };

/* --- reading values --- */

static char *
describe_picture (MsStrip *self)
{
  char *picture = ms_strip_describe (&self->data);
  gint64 start_ns, end_ns;

  if (self->focus == NULL || !ms_focus_get_range (self->focus, &start_ns, &end_ns))
    return picture;

  g_autofree char *range = ms_figure_range (start_ns, end_ns);
  g_autofree char *plain = picture;
  /* Translators: what a picture shows, and the range of time that is chosen in it. */
  return g_strdup_printf (_ ("%s. Chosen: %s"), plain, range);
}

static void
update_description (MsStrip *self)
{
  g_autofree char *picture = describe_picture (self);
  g_autofree char *value = self->cursor != NO_CURSOR && self->data.n_bins > 0
                               ? ms_strip_describe_bin (&self->data, self->cursor)
                               : NULL;

  ms_plot_describe (GTK_WIDGET (self), value, picture);
}

static void
set_cursor (MsStrip *self, guint bin)
{
  if (self->cursor == bin)
    return;
  self->cursor = bin;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- the range --- */

static MsStripPart
find_part (MsStrip *self, double x)
{
  gint64 start_ns, end_ns;

  if (self->focus == NULL || !ms_focus_get_range (self->focus, &start_ns, &end_ns))
    return MS_STRIP_OUTSIDE;
  return ms_strip_layout_find_part (&self->layout, &self->data, start_ns, end_ns, x);
}

/* In either order, cut to the trace.  Nothing is chosen where nothing is between. */
static void
choose_range (MsStrip *self, gint64 from_ns, gint64 to_ns)
{
  gint64 start_ns = CLAMP (MIN (from_ns, to_ns), 0, self->data.duration_ns);
  gint64 end_ns = CLAMP (MAX (from_ns, to_ns), 0, self->data.duration_ns);

  if (start_ns < end_ns)
    ms_focus_set_range (self->focus, start_ns, end_ns);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, gpointer user_data)
{
  MsStrip *self = user_data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->focus == NULL || self->picture == NULL || self->data.duration_ns <= 0)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->dragging = find_part (self, x);
  self->taken_at_ns = ms_strip_layout_get_time (&self->layout, &self->data, x);
  self->has_moved = FALSE;
  ms_focus_get_range (self->focus, &self->taken_start_ns, &self->taken_end_ns);
  ms_focus_begin_gesture (self->focus);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, gpointer user_data)
{
  MsStrip *self = user_data;
  double x, y;

  if (!self->has_moved && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) offset_x, 0))
    return;
  self->has_moved = TRUE;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);

  gint64 at_ns = ms_strip_layout_get_time (&self->layout, &self->data, x + offset_x);
  gint64 length_ns = self->taken_end_ns - self->taken_start_ns;
  switch (self->dragging)
    {
    case MS_STRIP_START_HANDLE:
      choose_range (self, at_ns, self->taken_end_ns);
      break;
    case MS_STRIP_END_HANDLE:
      choose_range (self, self->taken_start_ns, at_ns);
      break;
    case MS_STRIP_INSIDE:
      at_ns = CLAMP (self->taken_start_ns + at_ns - self->taken_at_ns, 0,
                     MAX (self->data.duration_ns - length_ns, 0));
      choose_range (self, at_ns, at_ns + length_ns);
      break;
    case MS_STRIP_OUTSIDE:
    default:
      choose_range (self, self->taken_at_ns, at_ns);
      break;
    }
}

static void
drag_end_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, gpointer user_data)
{
  MsStrip *self = user_data;

  if (self->focus == NULL)
    return;
  if (!self->has_moved && self->dragging == MS_STRIP_OUTSIDE)
    ms_focus_clear_range (self->focus);
  ms_focus_end_gesture (self->focus);
}

/* From the cursor to the range's other end, or to the trace's. */
static void
put_end_at_cursor (MsStrip *self, gboolean is_start)
{
  gint64 start_ns = 0, end_ns = self->data.duration_ns, at_ns;

  if (self->focus == NULL || self->cursor == NO_CURSOR)
    return;
  ms_focus_get_range (self->focus, &start_ns, &end_ns);
  at_ns = ms_strip_get_bin_time_ns (&self->data, self->cursor);
  if (is_start)
    choose_range (self, at_ns, at_ns < end_ns ? end_ns : self->data.duration_ns);
  else
    choose_range (self, at_ns > start_ns ? start_ns : 0, at_ns);
}

static gboolean
change_range_by_key (MsStrip *self, guint keyval)
{
  switch (keyval)
    {
    case GDK_KEY_bracketleft:
      put_end_at_cursor (self, TRUE);
      return TRUE;
    case GDK_KEY_bracketright:
      put_end_at_cursor (self, FALSE);
      return TRUE;
    case GDK_KEY_BackSpace:
    case GDK_KEY_Delete:
      if (self->focus != NULL)
        ms_focus_clear_range (self->focus);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
focus_changed_cb (MsStrip *self)
{
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
units_changed_cb (MsStrip *self)
{
  update_description (self);
  invalidate (self);
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  MsStrip *self = user_data;

  if (self->data.n_bins == 0 || self->picture == NULL)
    return;
  set_cursor (self, ms_strip_layout_get_bin (&self->layout, &self->data, x));

  MsStripPart part = find_part (self, x);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), part == MS_STRIP_OUTSIDE  ? "crosshair"
                                                      : part == MS_STRIP_INSIDE ? "grab"
                                                                                : "col-resize");
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  set_cursor (user_data, NO_CURSOR);
}

/* Arrow keys walk as those of a scale do, with Shift pixel by pixel; Home, End, and P for the peak. */
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

  double steps = (state & GDK_SHIFT_MASK) != 0 ? plot_px : STEPS;
  guint step = (guint) MAX (n_bins / steps, 1), page = MAX (n_bins / PAGES, 1);
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
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      at = at > page ? at - page : 0;
      break;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      at = MIN (at + page, n_bins - 1);
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
      return change_range_by_key (self, keyval) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
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
ms_strip_dispose (GObject *object)
{
  MsStrip *self = MS_STRIP (object);

  if (self->focus != NULL)
    g_signal_handlers_disconnect_by_data (self->focus, self);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ms_strip_parent_class)->dispose (object);
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

  G_OBJECT_CLASS (klass)->dispose = ms_strip_dispose;
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
  ms_plot_menu_add (widget, &menu);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Live memory over the whole trace"), -1);
  ms_display_units_watch (self, G_CALLBACK (units_changed_cb));

  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (widget, controller);

  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

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
ms_strip_set_focus (MsStrip *self, MsFocus *focus)
{
  g_return_if_fail (MS_IS_STRIP (self));
  g_return_if_fail (self->focus == NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_swapped (focus, "changed", G_CALLBACK (focus_changed_cb), self);
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
