/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

/* For a menu button's "realize".  GTK 4.8 leaves the keyboard with an item of a submenu when the menu closes,
 * and no key reaches the window until something else is clicked: the button gets it then. */
void ms_main_menu_realize_cb (GtkMenuButton *button);
