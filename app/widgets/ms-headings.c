/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-headings.h"

#include <gdk/gdkkeysyms.h>

#define KEY "ms-headings"

typedef struct {
  GtkColumnView *view; /* borrowed: what this belongs to */
  MsHeadingActivated activated;
  gpointer data;
  gint sorted; /* the place that was activated last; −1: none yet */
  GtkSortType order;
} Headings;

static GtkWidget *
get_header (GtkColumnView *view)
{
  return gtk_widget_get_first_child (GTK_WIDGET (view));
}

GtkWidget *
ms_headings_get (GtkColumnView *view, guint place)
{
  GtkWidget *header = get_header (view);
  GtkWidget *heading = header != NULL ? gtk_widget_get_first_child (header) : NULL;

  while (heading != NULL && place-- > 0)
    heading = gtk_widget_get_next_sibling (heading);
  return heading;
}

static guint
find_place (GtkWidget *heading)
{
  guint place = 0;

  while ((heading = gtk_widget_get_prev_sibling (heading)) != NULL)
    place++;
  return place;
}

static gboolean
activate (Headings *self, guint place)
{
  g_autoptr (GtkColumnViewColumn) column =
      g_list_model_get_item (gtk_column_view_get_columns (self->view), place);

  if (column == NULL || gtk_column_view_column_get_sorter (column) == NULL)
    return FALSE;
  if (self->activated != NULL)
    {
      self->activated (place, self->data);
      return TRUE;
    }
  if (self->sorted == (gint) place)
    self->order = self->order == GTK_SORT_ASCENDING ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING;
  else
    self->order = place == 0 ? GTK_SORT_ASCENDING : GTK_SORT_DESCENDING;
  self->sorted = (gint) place;
  /* GTK 4.8 leaves the arrow of the column before where it was, unless that is cleared first. */
  gtk_column_view_sort_by_column (self->view, NULL, GTK_SORT_ASCENDING);
  gtk_column_view_sort_by_column (self->view, column, self->order);
  return TRUE;
}

/* Tab comes to one of them: of twenty, each with a stop of its own, nobody would get to the rows. */
static void
take_stop (GtkWidget *heading)
{
  for (GtkWidget *other = gtk_widget_get_first_child (gtk_widget_get_parent (heading));
       other != NULL; other = gtk_widget_get_next_sibling (other))
    gtk_widget_set_focusable (other, other == heading);
}

static void
hidden_cb (GtkWidget *heading)
{
  if (!gtk_widget_get_visible (heading) && gtk_widget_get_focusable (heading))
    take_stop (gtk_widget_get_first_child (gtk_widget_get_parent (heading)));
}

static GtkWidget *
find_next (GtkWidget *heading, gboolean is_forward)
{
  do
    heading =
        is_forward ? gtk_widget_get_next_sibling (heading) : gtk_widget_get_prev_sibling (heading);
  while (heading != NULL && !gtk_widget_get_visible (heading));
  return heading;
}

static GtkWidget *
find_last (GtkWidget *heading, gboolean is_forward)
{
  for (GtkWidget *next = heading; next != NULL; next = find_next (next, is_forward))
    heading = next;
  return heading;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  GtkWidget *heading = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));
  gboolean rtl = gtk_widget_get_direction (heading) == GTK_TEXT_DIR_RTL;
  GtkWidget *next;

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
    case GDK_KEY_space:
      return activate (user_data, find_place (heading));
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      next = find_next (heading, rtl);
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      next = find_next (heading, !rtl);
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      next = find_last (heading, FALSE);
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      next = find_last (heading, TRUE);
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  if (next != NULL && next != heading)
    {
      take_stop (next);
      gtk_widget_grab_focus (next);
    }
  return GDK_EVENT_STOP;
}

/* GTK's own answer to a click always begins with the least. */
static void
released_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  GtkWidget *heading = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));

  if (activate (user_data, find_place (heading)))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

void
ms_headings_set_up (GtkColumnView *view, MsHeadingActivated activated, gpointer data)
{
  Headings *self = g_new0 (Headings, 1);
  GtkWidget *header = get_header (view);

  *self = (Headings) { .view = view, .activated = activated, .data = data, .sorted = -1 };
  g_object_set_data_full (G_OBJECT (view), KEY, self, g_free);
  if (header == NULL || ms_headings_get (view, 0) == NULL)
    return;
  gtk_widget_set_can_focus (header, TRUE);
  for (GtkWidget *heading = ms_headings_get (view, 0); heading != NULL;
       heading = gtk_widget_get_next_sibling (heading))
    {
      GtkEventController *keys = gtk_event_controller_key_new ();
      GtkGesture *click = gtk_gesture_click_new ();

      g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
      gtk_widget_add_controller (heading, keys);
      gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
      g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
      gtk_widget_add_controller (heading, GTK_EVENT_CONTROLLER (click));
      g_signal_connect (heading, "notify::visible", G_CALLBACK (hidden_cb), NULL);
    }
  take_stop (ms_headings_get (view, 0));
}
