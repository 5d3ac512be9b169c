/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-input.h"
#include "ms-timeline-private.h"

#include <gdk/gdkkeysyms.h>
#include <math.h>

#define ZOOM_STEP 1.2
#define KEY_ZOOM_STEP 1.5
#define PAN_SHARE 0.08 /* of the window, a step of the wheel */
#define DRAG_THRESHOLD_PX 4.0
#define COMMIT_DELAY_MS 180
/* From end to end of what is seen, by arrow keys; with Control. */
#define KEY_STEPS 50
#define KEY_LEAPS 10

static gint64
get_time_at (MsTimeline *self, double x)
{
  return ms_time_window_get_time (&self->window, &self->layout.plot, x);
}

static gboolean
is_in_plot (MsTimeline *self, double x)
{
  const MsRect *plot = &self->layout.plot;

  return x >= plot->x - MS_HANDLE_REACH_PX && x <= plot->x + plot->width + MS_HANDLE_REACH_PX;
}

static gboolean
find_life_at (MsTimeline *self, double y, guint *index)
{
  return y < self->layout.axis_y
         && ms_timeline_layout_find_life (&self->layout, y + ms_timeline_get_scroll (self), index);
}

/* --- the range --- */

static void
commit_range (MsTimeline *self)
{
  g_clear_handle_id (&self->commit_source, g_source_remove);
  if (self->marks.start_ns != MS_TIME_NONE && self->marks.start_ns < self->marks.end_ns)
    g_signal_emit (self, ms_timeline_signals[MS_TIMELINE_RANGE_SELECTED], 0, self->marks.start_ns,
                   self->marks.end_ns);
}

static gboolean
commit_cb (gpointer user_data)
{
  MsTimeline *self = user_data;

  self->commit_source = 0;
  commit_range (self);
  return G_SOURCE_REMOVE;
}

static void
clear_range (MsTimeline *self)
{
  g_clear_handle_id (&self->commit_source, g_source_remove);
  self->anchor_ns = MS_TIME_NONE;
  if (self->marks.start_ns == MS_TIME_NONE)
    return;
  ms_timeline_clear_range (self);
  g_signal_emit (self, ms_timeline_signals[MS_TIMELINE_RANGE_CLEARED], 0);
}

static void
select_to (MsTimeline *self, gint64 time_ns)
{
  if (time_ns == self->anchor_ns)
    ms_timeline_clear_range (self);
  else
    ms_timeline_set_range (self, MIN (self->anchor_ns, time_ns), MAX (self->anchor_ns, time_ns));
}

/* Takes hold of the end of the range at @x: the other is the anchor. */
static gboolean
grab_handle (MsTimeline *self, double x)
{
  const MsRect *plot = &self->layout.plot;

  if (self->marks.start_ns == MS_TIME_NONE)
    return FALSE;

  double left = ms_time_window_get_x (&self->window, plot, self->marks.start_ns);
  double right = ms_time_window_get_x (&self->window, plot, self->marks.end_ns);
  if (fabs (x - right) <= MS_HANDLE_REACH_PX)
    self->anchor_ns = self->marks.start_ns;
  else if (fabs (x - left) <= MS_HANDLE_REACH_PX)
    self->anchor_ns = self->marks.end_ns;
  else
    return FALSE;
  return TRUE;
}

static gboolean
is_over_handle (MsTimeline *self, double x)
{
  gint64 anchor_ns = self->anchor_ns;
  gboolean over = grab_handle (self, x);

  self->anchor_ns = anchor_ns;
  return over;
}

/* --- pointer --- */

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  MsTimeline *self = user_data;
  guint life = MS_NO_LIFE;

  self->pointer_x = x;
  self->pointer_y = y;
  if (!ms_timeline_ensure_layout (self))
    return;
  self->marks.cursor_ns = is_in_plot (self, x) ? get_time_at (self, x) : MS_TIME_NONE;
  if (!find_life_at (self, y, &life))
    life = MS_NO_LIFE;
  self->marks.life = life;
  self->marks.has_keyboard_row = FALSE;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), is_over_handle (self, x)    ? "col-resize"
                                                      : self->drag == MS_DRAG_PAN ? "grabbing"
                                                                                  : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  MsTimeline *self = user_data;

  self->marks.cursor_ns = MS_TIME_NONE;
  self->marks.life = MS_NO_LIFE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, gpointer user_data)
{
  MsTimeline *self = user_data;
  guint button = gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (gesture));
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  self->drag = MS_DRAG_NOTHING;
  self->has_moved = FALSE;
  self->drag_x = self->drag_start_x = x;
  self->drag_start_y = y;
  if (!ms_timeline_ensure_layout (self) || !is_in_plot (self, x))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->old_start_ns = self->marks.start_ns;
  self->old_end_ns = self->marks.end_ns;
  if (button == GDK_BUTTON_MIDDLE || (state & GDK_SHIFT_MASK) != 0)
    self->drag = MS_DRAG_PAN;
  else
    {
      self->drag = MS_DRAG_SELECT;
      if (!grab_handle (self, x))
        self->anchor_ns = get_time_at (self, x);
    }
}

static void
drag_update_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, gpointer user_data)
{
  MsTimeline *self = user_data;

  if (self->drag == MS_DRAG_NOTHING || !ms_timeline_ensure_layout (self)
      || (!self->has_moved && fabs (offset_x) < DRAG_THRESHOLD_PX))
    return;
  self->has_moved = TRUE;

  double x = self->drag_start_x + offset_x;
  if (self->drag == MS_DRAG_SELECT)
    select_to (self, get_time_at (self, x));
  else
    {
      double ns_per_px =
          (double) (self->window.end_ns - self->window.start_ns) / MAX (self->layout.plot.width, 1);

      ms_time_window_pan (&self->window, (gint64) ((self->drag_x - x) * ns_per_px));
      self->drag_x = x;
      ms_timeline_window_moved (self);
    }
}

static void
drag_end_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, gpointer user_data)
{
  MsTimeline *self = user_data;
  gboolean was_select = self->drag == MS_DRAG_SELECT;
  guint index;

  self->drag = MS_DRAG_NOTHING;
  if (!was_select || !ms_timeline_ensure_layout (self))
    return;
  if (self->has_moved)
    {
      if (self->marks.start_ns != MS_TIME_NONE)
        commit_range (self);
      else if (self->old_start_ns != MS_TIME_NONE)
        g_signal_emit (self, ms_timeline_signals[MS_TIMELINE_RANGE_CLEARED], 0);
      return;
    }
  if (find_life_at (self, self->drag_start_y, &index))
    g_signal_emit (self, ms_timeline_signals[MS_TIMELINE_LIFE_ACTIVATED], 0,
                   g_array_index (self->data->lives, MsLife, index).id);
}

/* Taken away by something else: as if it had not begun. */
static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  MsTimeline *self = user_data;

  if (self->drag == MS_DRAG_SELECT)
    ms_timeline_set_range (self, self->old_start_ns, self->old_end_ns);
  self->drag = MS_DRAG_NOTHING;
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  MsTimeline *self = user_data;

  if (n_press == 2 && ms_timeline_ensure_layout (self) && is_in_plot (self, x))
    clear_range (self);
}

/* --- wheel and touch --- */

/* Where a wheel scrolls: over labels and threads, if there is more than is seen. */
static gboolean
is_over_list (MsTimeline *self)
{
  double y = self->pointer_y + ms_timeline_get_scroll (self);

  if (self->layout.content_px <= self->layout.axis_y || self->pointer_y > self->layout.axis_y)
    return FALSE;
  return self->pointer_x < self->layout.plot.x
         || (self->layout.n_lives > 0 && y >= self->layout.lives_label_y);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  MsTimeline *self = user_data;
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gint64 length_ns = self->window.end_ns - self->window.start_ns;

  if (!ms_timeline_ensure_layout (self))
    return GDK_EVENT_PROPAGATE;
  if ((state & GDK_SHIFT_MASK) != 0 || fabs (dx) > fabs (dy))
    {
      double by = fabs (dx) > fabs (dy) ? dx : dy;

      ms_time_window_pan (&self->window, (gint64) (by * PAN_SHARE * (double) length_ns));
    }
  else if ((state & GDK_CONTROL_MASK) == 0 && is_over_list (self))
    return GDK_EVENT_PROPAGATE;
  else
    ms_time_window_zoom (&self->window, get_time_at (self, self->pointer_x), pow (ZOOM_STEP, dy));
  ms_timeline_window_moved (self);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  MsTimeline *self = user_data;

  self->pinch_scale = 1;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, gpointer user_data)
{
  MsTimeline *self = user_data;
  double x, y;

  if (!ms_timeline_ensure_layout (self) || scale <= 0
      || !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  ms_time_window_zoom (&self->window, get_time_at (self, x), self->pinch_scale / scale);
  self->pinch_scale = scale;
  ms_timeline_window_moved (self);
}

/* --- keys --- */

/* Moves the cursor; with Shift the range goes with it. */
static void
go_to (MsTimeline *self, gint64 time_ns, gboolean selects)
{
  gint64 from_ns = self->marks.cursor_ns != MS_TIME_NONE ? self->marks.cursor_ns : time_ns;

  time_ns = CLAMP (time_ns, 0, self->window.duration_ns);
  if (selects)
    {
      gboolean has_range = self->marks.start_ns != MS_TIME_NONE;

      /* Goes on with a range that ends at the cursor, else begins one here. */
      if (has_range && from_ns == self->marks.start_ns)
        self->anchor_ns = self->marks.end_ns;
      else if (has_range && from_ns == self->marks.end_ns)
        self->anchor_ns = self->marks.start_ns;
      else
        self->anchor_ns = from_ns;
      select_to (self, time_ns);
      g_clear_handle_id (&self->commit_source, g_source_remove);
      self->commit_source = g_timeout_add (COMMIT_DELAY_MS, commit_cb, self);
    }
  ms_timeline_move_cursor (self, time_ns);
}

/* To the row before or after, which is scrolled into sight. */
static void
move_row (MsTimeline *self, int by)
{
  guint n_lives = self->layout.n_lives;

  if (n_lives == 0)
    return;
  if (!self->marks.has_keyboard_row || self->marks.life >= n_lives)
    self->marks.life = by > 0 ? 0 : n_lives - 1;
  else
    self->marks.life = (guint) CLAMP ((int) self->marks.life + by, 0, (int) n_lives - 1);
  self->marks.has_keyboard_row = TRUE;
  if (self->vertical != NULL)
    {
      double top = self->layout.lives.y + self->marks.life * self->layout.life_height_px;

      gtk_adjustment_clamp_page (self->vertical, top - self->layout.life_height_px,
                                 top + 2 * self->layout.life_height_px);
    }
  ms_timeline_update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
activate_row (MsTimeline *self)
{
  if (!self->marks.has_keyboard_row || self->marks.life >= self->data->lives->len)
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, ms_timeline_signals[MS_TIMELINE_LIFE_ACTIVATED], 0,
                 g_array_index (self->data->lives, MsLife, self->marks.life).id);
  return GDK_EVENT_STOP;
}

static void
scroll_page (MsTimeline *self, int by)
{
  if (self->vertical != NULL)
    gtk_adjustment_set_value (self->vertical,
                              gtk_adjustment_get_value (self->vertical)
                                  + by * gtk_adjustment_get_page_increment (self->vertical));
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  MsTimeline *self = user_data;
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;

  if ((state & GDK_ALT_MASK) != 0 || !ms_timeline_ensure_layout (self))
    return GDK_EVENT_PROPAGATE;

  gint64 seen_ns = self->window.end_ns - self->window.start_ns;
  gint64 step_ns = MAX (seen_ns / ((state & GDK_CONTROL_MASK) != 0 ? KEY_LEAPS : KEY_STEPS), 1);
  gint64 at_ns =
      self->marks.cursor_ns != MS_TIME_NONE ? self->marks.cursor_ns : self->window.start_ns;
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      go_to (self, at_ns - step_ns, shift);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      go_to (self, at_ns + step_ns, shift);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      go_to (self, 0, shift);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      go_to (self, self->window.duration_ns, shift);
      return GDK_EVENT_STOP;
    case GDK_KEY_p:
    case GDK_KEY_P:
      ms_timeline_show_peak (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      ms_timeline_zoom (self, 1 / KEY_ZOOM_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      ms_timeline_zoom (self, KEY_ZOOM_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      ms_timeline_set_window (self, 0, self->window.duration_ns);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      move_row (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      move_row (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up:
      scroll_page (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Down:
      scroll_page (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      return activate_row (self);
    case GDK_KEY_Delete:
    case GDK_KEY_BackSpace:
      clear_range (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* --- all together --- */

static void
add_drag (MsTimeline *self, guint button)
{
  GtkGesture *gesture = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), button);
  g_signal_connect (gesture, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (gesture, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (gesture, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (gesture, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (gesture));
}

void
ms_timeline_add_input (MsTimeline *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller = gtk_event_controller_motion_new ();

  self->anchor_ns = MS_TIME_NONE;
  g_signal_connect (controller, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (controller, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (widget, controller);

  add_drag (self, GDK_BUTTON_PRIMARY);
  add_drag (self, GDK_BUTTON_MIDDLE);

  GtkGesture *gesture = gtk_gesture_click_new ();
  g_signal_connect (gesture, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));

  gesture = gtk_gesture_zoom_new ();
  g_signal_connect (gesture, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (gesture, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
}
