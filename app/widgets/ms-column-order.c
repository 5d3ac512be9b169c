/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-column-order.h"

/* Of the main thread: while ms_column_order_find() asks, the first column that was asked. */
static gint asked = -1;

static gint
compare_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  if (asked < 0)
    asked = GPOINTER_TO_INT (user_data);
  return -1;
}

GtkSorter *
ms_column_order_new_sorter (guint column)
{
  return GTK_SORTER (gtk_custom_sorter_new (compare_cb, GUINT_TO_POINTER (column), NULL));
}

gint
ms_column_order_find (GtkColumnView *view, gboolean *ascending)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (view);

  asked = -1;
  /* Any two that are not the same, which are equal without being compared. */
  *ascending = gtk_sorter_compare (sorter, view, sorter) == GTK_ORDERING_SMALLER;
  return asked;
}
