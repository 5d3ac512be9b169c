/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The popover is there only while it is open: a board has a card for each of a thousand threads.
 */
#include "ms-plot-menu.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>

#define KIND_KEY "ms-plot-menu"
#define POPOVER_KEY "ms-plot-menu-popover"

/* NULL: there is nothing to paint. */
static const MsPlotMenu *
find_size (GtkWidget *plot, double *width_px, double *height_px)
{
  const MsPlotMenu *kind = g_object_get_data (G_OBJECT (plot), KIND_KEY);

  g_return_val_if_fail (kind != NULL, NULL);

  *width_px = gtk_widget_get_width (plot);
  *height_px = gtk_widget_get_height (plot);
  if (*width_px <= 0 || *height_px <= 0)
    return NULL;
  return kind->get_size == NULL || kind->get_size (plot, width_px, height_px) ? kind : NULL;
}

void
ms_plot_menu_save_picture (GtkWidget *plot)
{
  double width_px, height_px;
  const MsPlotMenu *kind = find_size (plot, &width_px, &height_px);

  if (kind != NULL)
    ms_picture_dialog_show (plot, kind->name, width_px, height_px, kind->paint);
}

void
ms_plot_menu_write_picture (GtkWidget *plot, GFile *file)
{
  double width_px, height_px;
  const MsPlotMenu *kind = find_size (plot, &width_px, &height_px);

  if (kind != NULL)
    ms_picture_dialog_write (plot, file, width_px, height_px, kind->paint);
}

static void
save_picture_cb (GSimpleAction *action, GVariant *parameter, gpointer plot)
{
  ms_plot_menu_save_picture (plot);
}

/* --- the popover --- */

static gboolean
remove_popover (gpointer plot)
{
  GtkWidget *popover = g_object_steal_data (plot, POPOVER_KEY);

  if (popover != NULL)
    gtk_widget_unparent (popover);
  g_object_unref (plot);
  return G_SOURCE_REMOVE;
}

/* Its action is yet to be activated. */
static void
closed_cb (GtkWidget *plot)
{
  g_idle_add (remove_popover, g_object_ref (plot));
}

static void
destroy_cb (GtkWidget *plot)
{
  GtkWidget *popover = g_object_steal_data (G_OBJECT (plot), POPOVER_KEY);

  if (popover != NULL)
    gtk_widget_unparent (popover);
}

static void
popup (GtkWidget *plot, double x, double y)
{
  g_autoptr (GMenu) model = g_menu_new ();
  GtkWidget *popover;

  if (g_object_get_data (G_OBJECT (plot), POPOVER_KEY) != NULL)
    return;
  g_menu_append (model, _ ("Save _Picture…"), "plot.save-picture");
  popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (model));
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_widget_set_parent (popover, plot);
  g_object_set_data (G_OBJECT (plot), POPOVER_KEY, popover);
  g_signal_connect_swapped (popover, "closed", G_CALLBACK (closed_cb), plot);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer plot)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  popup (plot, x, y);
}

static void
long_pressed_cb (GtkGestureLongPress *gesture, double x, double y, gpointer plot)
{
  popup (plot, x, y);
}

static gboolean
menu_key_cb (GtkWidget *plot, GVariant *arguments, gpointer user_data)
{
  popup (plot, gtk_widget_get_width (plot) / 2.0, gtk_widget_get_height (plot) / 2.0);
  return TRUE;
}

void
ms_plot_menu_add (GtkWidget *plot, const MsPlotMenu *kind)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) save = g_simple_action_new ("save-picture", NULL);
  GtkGesture *click = gtk_gesture_click_new (), *press = gtk_gesture_long_press_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  g_object_set_data (G_OBJECT (plot), KIND_KEY, (gpointer) kind);
  g_signal_connect (save, "activate", G_CALLBACK (save_picture_cb), plot);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (save));
  gtk_widget_insert_action_group (plot, "plot", G_ACTION_GROUP (group));

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), plot);
  gtk_widget_add_controller (plot, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect (press, "pressed", G_CALLBACK (long_pressed_cb), plot);
  gtk_widget_add_controller (plot, GTK_EVENT_CONTROLLER (press));

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_alternative_trigger_new (gtk_keyval_trigger_new (GDK_KEY_Menu, 0),
                                                     gtk_keyval_trigger_new (GDK_KEY_F10,
                                                                             GDK_SHIFT_MASK)),
                        gtk_callback_action_new (menu_key_cb, NULL, NULL)));
  gtk_widget_add_controller (plot, keys);
  g_signal_connect (plot, "destroy", G_CALLBACK (destroy_cb), NULL);
}
