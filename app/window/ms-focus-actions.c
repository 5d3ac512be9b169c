/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-focus-actions.h"
#include "ms-window.h"

#include <gdk/gdkkeysyms.h>

#define BACK_BUTTON 8
#define FORWARD_BUTTON 9
/* How much of the trace is shown around the peak where no range is chosen. */
#define PEAK_SHARE 10

static void
leave_focus_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsFocus *focus = ms_window_get_focus (MS_WINDOW (widget));
  guint n;

  if (ms_focus_get_thread (focus, NULL))
    ms_focus_clear_thread (focus);
  else if (ms_focus_get_stacks (focus, &n) != NULL)
    ms_focus_clear_stack (focus);
  else
    ms_focus_clear_range (focus);
}

static void
remove_filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsFocus *focus = ms_window_get_focus (MS_WINDOW (widget));
  const char *filter = g_variant_get_string (parameter, NULL);

  if (g_str_equal (filter, "thread"))
    ms_focus_clear_thread (focus);
  else if (g_str_equal (filter, "range"))
    ms_focus_clear_range (focus);
  else if (g_str_equal (filter, "stack"))
    ms_focus_clear_stack (focus);
}

static void
go_back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_focus_go_back (ms_window_get_focus (MS_WINDOW (widget)));
}

static void
go_forward_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_focus_go_forward (ms_window_get_focus (MS_WINDOW (widget)));
}

/* As long as the range was, else a part of the trace; the peak, of the focused thread if there is one, in its middle, if
 * the ends allow. */
static void
go_to_peak_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsFocus *focus = ms_window_get_focus (MS_WINDOW (widget));
  MsDocument *document = ms_window_get_document (MS_WINDOW (widget));
  MsThreadRow *row = NULL;
  gint64 start_ns, end_ns, length_ns, peak_ns, duration_ns;
  guint id;

  if (document == NULL)
    return;
  if (ms_focus_get_thread (focus, &id))
    row = ms_document_find_row (document, id);
  peak_ns = ms_document_get_peak_time_ns (document, row);
  duration_ns = ms_document_get_strip (document)->duration_ns;
  if (peak_ns == MS_TIME_NONE || duration_ns < PEAK_SHARE)
    return;
  length_ns = duration_ns / PEAK_SHARE;
  if (ms_focus_get_range (focus, &start_ns, &end_ns))
    length_ns = MIN (end_ns - start_ns, duration_ns);
  start_ns = CLAMP (peak_ns - length_ns / 2, 0, duration_ns - length_ns);
  ms_focus_set_range (focus, start_ns, start_ns + MAX (length_ns, 1));
}

void
ms_focus_actions_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.leave-focus", NULL, leave_focus_action);
  gtk_widget_class_install_action (window_class, "win.remove-filter", "s", remove_filter_action);
  gtk_widget_class_install_action (window_class, "win.go-back", NULL, go_back_action);
  gtk_widget_class_install_action (window_class, "win.go-forward", NULL, go_forward_action);
  gtk_widget_class_install_action (window_class, "win.go-to-peak", NULL, go_to_peak_action);
  /* Here and not among the application's: an entry or a popover takes Escape first. */
  gtk_widget_class_add_binding_action (window_class, GDK_KEY_Escape, 0, "win.leave-focus", NULL);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (button != BACK_BUTTON && button != FORWARD_BUTTON)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  if (button == BACK_BUTTON)
    ms_focus_go_back (user_data);
  else
    ms_focus_go_forward (user_data);
}

void
ms_focus_actions_add_mouse (GtkWidget *window, MsFocus *focus)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), focus, 0);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (click));
}
