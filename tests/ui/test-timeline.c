/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The timeline as a person drives it: keys, pointer, wheel; and what it says of itself. */
#include "ms-timeline.h"
#include "timeline-example.h"
#include "widget-test.h"

#include <gdk/gdkkeysyms.h>
#include <math.h>

typedef struct {
  GtkWindow *window;
  MsTimeline *timeline;
  GtkWidget *scrolled;
  MsTimelineData *data;
  guint n_moved, n_cleared, n_selected, life;
  gint64 start_ns, end_ns;
} Fixture;

static void
moved_cb (Fixture *self)
{
  self->n_moved++;
}

static void
cleared_cb (Fixture *self)
{
  self->n_cleared++;
}

static void
selected_cb (MsTimeline *timeline, gint64 start_ns, gint64 end_ns, Fixture *self)
{
  self->n_selected++;
  self->start_ns = start_ns;
  self->end_ns = end_ns;
}

static void
life_cb (MsTimeline *timeline, guint id, Fixture *self)
{
  self->life = id;
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  GtkWidget *widget = ms_timeline_new ();

  self->timeline = MS_TIMELINE (widget);
  self->life = G_MAXUINT;
  self->data = example_timeline_new (60);
  g_object_ref_sink (widget);
  g_signal_connect_swapped (widget, "window-changed", G_CALLBACK (moved_cb), self);
  g_signal_connect_swapped (widget, "range-cleared", G_CALLBACK (cleared_cb), self);
  g_signal_connect (widget, "range-selected", G_CALLBACK (selected_cb), self);
  g_signal_connect (widget, "life-activated", G_CALLBACK (life_cb), self);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), widget);
  self->window = widget_test_show (self->scrolled, 1000, 500);
  ms_timeline_set_data (self->timeline, self->data);
  gtk_widget_grab_focus (widget);
  widget_test_wait_frames (widget, 2);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  ms_timeline_data_unref (self->data);
  widget_test_close (self->window);
  g_assert_finalize_object (self->timeline);
}

static GtkEventController *
find_controller (Fixture *self, GType type, guint button)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (GTK_WIDGET (self->timeline));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (all, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type)
          && (button == 0
              || gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == button))
        return controller;
    }
  g_assert_not_reached ();
}

static gboolean
press (Fixture *self, guint keyval, GdkModifierType state)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (find_controller (self, GTK_TYPE_EVENT_CONTROLLER_KEY, 0), "key-pressed",
                         keyval, 0, state, &handled);
  return handled;
}

static void
drag (Fixture *self, guint button, double from_x, double to_x, double y)
{
  GtkEventController *gesture = find_controller (self, GTK_TYPE_GESTURE_DRAG, button);

  g_signal_emit_by_name (gesture, "drag-begin", from_x, y);
  for (double share = 0.25; share <= 1; share += 0.25)
    g_signal_emit_by_name (gesture, "drag-update", (to_x - from_x) * share, 0.0);
  g_signal_emit_by_name (gesture, "drag-end", to_x - from_x, 0.0);
}

static void
move_pointer (Fixture *self, double x, double y)
{
  g_signal_emit_by_name (find_controller (self, GTK_TYPE_EVENT_CONTROLLER_MOTION, 0), "motion", x,
                         y);
}

static gboolean
turn_wheel (Fixture *self, double dx, double dy)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (find_controller (self, GTK_TYPE_EVENT_CONTROLLER_SCROLL, 0), "scroll", dx,
                         dy, &handled);
  return handled;
}

static gint64
get_length (Fixture *self)
{
  const MsTimeWindow *window = ms_timeline_get_window (self->timeline);

  return window->end_ns - window->start_ns;
}

static gboolean
has_selected (gpointer data)
{
  return ((Fixture *) data)->n_selected > 0;
}

static void
test_keys_move (Fixture *self, gconstpointer user_data)
{
  g_assert_cmpint (ms_timeline_get_cursor (self->timeline), ==, MS_TIME_NONE);
  g_assert_true (press (self, GDK_KEY_p, 0));
  g_assert_cmpint (ms_timeline_get_cursor (self->timeline), ==, EXAMPLE_DURATION / 2);
  g_assert_true (press (self, GDK_KEY_Right, 0));
  gint64 right = ms_timeline_get_cursor (self->timeline);
  g_assert_cmpint (right, ==, EXAMPLE_DURATION / 2 + EXAMPLE_DURATION / 50);
  g_assert_true (press (self, GDK_KEY_Left, GDK_CONTROL_MASK));
  g_assert_cmpint (ms_timeline_get_cursor (self->timeline), <, EXAMPLE_DURATION / 2);
  press (self, GDK_KEY_Home, 0);
  g_assert_cmpint (ms_timeline_get_cursor (self->timeline), ==, 0);
  press (self, GDK_KEY_End, 0);
  g_assert_cmpint (ms_timeline_get_cursor (self->timeline), ==, EXAMPLE_DURATION);
  g_assert_cmpuint (self->n_moved, ==, 0);
  /* Keys of the window are the window's. */
  g_assert_false (press (self, GDK_KEY_Escape, 0));
  g_assert_false (press (self, GDK_KEY_1, GDK_ALT_MASK));
}

/* Zoomed in, the cursor is never lost out of sight. */
static void
test_keys_zoom (Fixture *self, gconstpointer user_data)
{
  press (self, GDK_KEY_p, 0);
  for (guint i = 0; i < 6; i++)
    press (self, GDK_KEY_plus, GDK_SHIFT_MASK);
  g_assert_cmpuint (self->n_moved, ==, 6);
  g_assert_cmpint (get_length (self), <, EXAMPLE_DURATION / 10);

  const MsTimeWindow *window = ms_timeline_get_window (self->timeline);
  for (guint i = 0; i < 100; i++)
    {
      press (self, GDK_KEY_Right, GDK_CONTROL_MASK);
      g_assert_cmpint (ms_timeline_get_cursor (self->timeline), <=, window->end_ns);
      g_assert_cmpint (ms_timeline_get_cursor (self->timeline), >=, window->start_ns);
    }
  press (self, GDK_KEY_0, 0);
  g_assert_cmpint (get_length (self), ==, EXAMPLE_DURATION);
}

static void
test_keys_select (Fixture *self, gconstpointer user_data)
{
  press (self, GDK_KEY_p, 0);
  for (guint i = 0; i < 10; i++)
    press (self, GDK_KEY_Right, GDK_SHIFT_MASK | GDK_CONTROL_MASK);
  widget_test_wait (has_selected, self);
  /* Ten presses are one range. */
  g_assert_cmpuint (self->n_selected, ==, 1);
  g_assert_cmpint (self->start_ns, ==, EXAMPLE_DURATION / 2);
  g_assert_cmpint (self->end_ns, ==, ms_timeline_get_cursor (self->timeline));

  press (self, GDK_KEY_Delete, 0);
  g_assert_cmpuint (self->n_cleared, ==, 1);
  press (self, GDK_KEY_Delete, 0);
  g_assert_cmpuint (self->n_cleared, ==, 1);
}

static void
test_keys_threads (Fixture *self, gconstpointer user_data)
{
  GtkAdjustment *vertical =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));

  g_assert_cmpfloat (gtk_adjustment_get_upper (vertical), >,
                     gtk_adjustment_get_page_size (vertical));
  g_assert_false (press (self, GDK_KEY_Return, 0));
  for (guint i = 0; i < 55; i++)
    press (self, GDK_KEY_Down, 0);
  g_assert_cmpfloat (gtk_adjustment_get_value (vertical), >, 0);
  g_assert_true (press (self, GDK_KEY_Return, 0));
  g_assert_cmpuint (self->life, ==, 54);
}

static void
test_drag_selects (Fixture *self, gconstpointer user_data)
{
  drag (self, GDK_BUTTON_PRIMARY, 400, 600, 60);
  g_assert_cmpuint (self->n_selected, ==, 1);
  gint64 start = self->start_ns, end = self->end_ns;
  g_assert_cmpint (start, >, 0);
  g_assert_cmpint (end, >, start);
  g_assert_cmpint (get_length (self), ==, EXAMPLE_DURATION);

  /* Its end is a handle; the start stays. */
  drag (self, GDK_BUTTON_PRIMARY, 601, 700, 60);
  g_assert_cmpuint (self->n_selected, ==, 2);
  g_assert_cmpint (self->start_ns, ==, start);
  g_assert_cmpint (self->end_ns, >, end);
  /* Over the other end it turns round. */
  drag (self, GDK_BUTTON_PRIMARY, 700, 300, 60);
  g_assert_cmpint (self->end_ns, ==, start);
  g_assert_cmpint (self->start_ns, <, start);

  /* A click is no drag; a double click clears. */
  drag (self, GDK_BUTTON_PRIMARY, 500, 502, 60);
  g_assert_cmpuint (self->n_selected, ==, 3);
  g_signal_emit_by_name (find_controller (self, GTK_TYPE_GESTURE_CLICK, 0), "pressed", 2, 500.0,
                         60.0);
  g_assert_cmpuint (self->n_cleared, ==, 1);
  /* Nothing begins among the labels. */
  drag (self, GDK_BUTTON_PRIMARY, 30, 500, 60);
  g_assert_cmpuint (self->n_selected, ==, 3);
}

static void
test_drag_pans (Fixture *self, gconstpointer user_data)
{
  ms_timeline_set_window (self->timeline, 10 * EXAMPLE_SECOND, 20 * EXAMPLE_SECOND);
  drag (self, GDK_BUTTON_MIDDLE, 600, 500, 60);

  const MsTimeWindow *window = ms_timeline_get_window (self->timeline);
  g_assert_cmpint (window->start_ns, >, 10 * EXAMPLE_SECOND);
  g_assert_cmpint (ABS (get_length (self) - 10 * EXAMPLE_SECOND), <=, 1);
  g_assert_cmpuint (self->n_selected, ==, 0);
}

static void
test_wheel (Fixture *self, gconstpointer user_data)
{
  move_pointer (self, 600, 60);
  gint64 at = ms_timeline_get_cursor (self->timeline);
  g_assert_true (turn_wheel (self, 0, -1));
  g_assert_cmpint (get_length (self), <, EXAMPLE_DURATION);
  /* What is under the pointer stays there. */
  move_pointer (self, 600, 60);
  g_assert_cmpint (ABS (ms_timeline_get_cursor (self->timeline) - at), <, EXAMPLE_SECOND / 100);
  gint64 before = ms_timeline_get_window (self->timeline)->start_ns;
  g_assert_true (turn_wheel (self, 1, 0));
  g_assert_cmpint (ms_timeline_get_window (self->timeline)->start_ns, >, before);
  /* Over labels it is the scrolled window's. */
  move_pointer (self, 30, 60);
  g_assert_false (turn_wheel (self, 0, 1));
}

static void
test_fine_and_focus (Fixture *self, gconstpointer user_data)
{
  g_autoptr (MsTimelineData) fine = ms_timeline_data_new (EXAMPLE_DURATION);
  MsLane *lane = ms_timeline_data_add_lane (fine, "io", "I/O", MS_LANE_CURVES, MS_UNIT_RATE,
                                            MS_ROLE_IO_INTENSIVE);
  MsCurve *curve = &ms_lane_add_series (lane, NULL)->curve;

  ms_curve_init (curve, 10 * EXAMPLE_SECOND, 20 * EXAMPLE_SECOND, 500, FALSE);
  ms_curve_cover (curve, 12 * EXAMPLE_SECOND, 18 * EXAMPLE_SECOND, 123);
  ms_timeline_set_window (self->timeline, 11 * EXAMPLE_SECOND, 19 * EXAMPLE_SECOND);
  g_autofree char *before = ms_timeline_dup_description (self->timeline);
  g_assert_nonnull (strstr (before, "I/O: not measured here"));
  ms_timeline_set_fine (self->timeline, fine);
  g_autofree char *after = ms_timeline_dup_description (self->timeline);
  g_assert_nonnull (strstr (after, "I/O: max 123/s"));

  widget_test_wait_frames (GTK_WIDGET (self->timeline), 2);
  cairo_surface_t *picture = widget_test_picture (GTK_WIDGET (self->timeline));
  guint all = widget_test_count_ink (picture);
  cairo_surface_destroy (picture);
  g_assert_cmpuint (all, >, 10000);
  ms_timeline_set_focused (self->timeline, 2);
  ms_timeline_set_data (self->timeline, NULL);
  widget_test_wait_frames (GTK_WIDGET (self->timeline), 2);
  picture = widget_test_picture (GTK_WIDGET (self->timeline));
  g_assert_cmpuint (widget_test_count_ink (picture), ==, 0);
  cairo_surface_destroy (picture);
}

static void
test_accessible (Fixture *self, gconstpointer user_data)
{
  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (self->timeline)), ==,
                   GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (self->timeline, GTK_ACCESSIBLE_PROPERTY_LABEL, "Timeline");
  press (self, GDK_KEY_p, 0);
  g_autofree char *picture = ms_timeline_dup_description (self->timeline);
  g_assert_nonnull (strstr (picture, "Live memory: max 182"));
  g_autofree char *said =
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (self->timeline),
                                          GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "");
  g_assert_nonnull (strstr (said, "20.00"));
  g_assert_nonnull (strstr (said, "Cores mean 62.5"));
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
#define ADD(name, function) \
  g_test_add ("/timeline/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("keys-move", test_keys_move);
  ADD ("keys-zoom", test_keys_zoom);
  ADD ("keys-select", test_keys_select);
  ADD ("keys-threads", test_keys_threads);
  ADD ("drag-selects", test_drag_selects);
  ADD ("drag-pans", test_drag_pans);
  ADD ("wheel", test_wheel);
  ADD ("fine-and-focus", test_fine_and_focus);
  ADD ("accessible", test_accessible);
  return g_test_run ();
}
