/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-main-menu.h"

static void
closed_cb (GtkPopover *menu, GtkWidget *button)
{
  GtkRoot *root = gtk_widget_get_root (button);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (menu)))
    gtk_widget_grab_focus (button);
}

void
ms_main_menu_realize_cb (GtkMenuButton *button)
{
  GtkPopover *menu = gtk_menu_button_get_popover (button);

  g_signal_handlers_disconnect_by_func (menu, closed_cb, button);
  g_signal_connect_object (menu, "closed", G_CALLBACK (closed_cb), button, 0);
}
