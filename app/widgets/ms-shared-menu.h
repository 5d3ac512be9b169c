/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Menus that all windows show together.  GTK 4.8 never gives back a reference that a popover took of each
 * section of its menu, so a menu of each window's own would outlive the window.  The first window's is
 * kept and shown by all that follow; what is in such a menu never changes.
 *
 * In a template, the name being the menu's id:
 *
 *   <binding name="menu-model">
 *     <closure type="GMenuModel" function="ms_shared_menu_cb">
 *       <constant>sort_menu</constant>
 *       <constant type="gchararray">sort_menu</constant>
 *     </closure>
 *   </binding>
 */
#pragma once

#include <gtk/gtk.h>

/* The first @own that came with this name. (transfer none) */
GMenuModel *ms_shared_menu_get (const char *name, GMenuModel *own);
/* The same, for templates. (transfer full) */
GMenuModel *ms_shared_menu_cb (GtkWidget *widget, GMenuModel *own, const char *name);
