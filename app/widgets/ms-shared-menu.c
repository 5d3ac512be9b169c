/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-shared-menu.h"

GMenuModel *
ms_shared_menu_get (const char *name, GMenuModel *own)
{
  static GHashTable *menus; /* by name, for as long as the program runs */

  if (menus == NULL)
    menus = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  GMenuModel *first = g_hash_table_lookup (menus, name);
  if (first != NULL)
    return first;
  g_hash_table_insert (menus, g_strdup (name), g_object_ref (own));
  return own;
}

GMenuModel *
ms_shared_menu_cb (GtkWidget *widget, GMenuModel *own, const char *name)
{
  return g_object_ref (ms_shared_menu_get (name, own));
}
