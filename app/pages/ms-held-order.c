/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-held-order.h"

struct _MsHeldOrder {
  GtkSorter parent_instance;

  GHashTable *places; /* thread id to place + 1; NULL: none is held */
  gboolean is_pointed_at;
};

G_DEFINE_FINAL_TYPE (MsHeldOrder, ms_held_order, GTK_TYPE_SORTER)

/* The greatest number: of a thread that was not there. */
static guint
get_place (MsHeldOrder *self, gpointer row)
{
  guint id = ms_thread_row_get_id (row);

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->places, GUINT_TO_POINTER (id))) - 1;
}

static GtkOrdering
ms_held_order_compare (GtkSorter *sorter, gpointer a, gpointer b)
{
  MsHeldOrder *self = MS_HELD_ORDER (sorter);
  guint place_a, place_b;

  if (self->places == NULL)
    return GTK_ORDERING_EQUAL;
  place_a = get_place (self, a);
  place_b = get_place (self, b);
  return gtk_ordering_from_cmpfunc ((place_a > place_b) - (place_a < place_b));
}

/* Also while nothing is held: a sorter that says it has no order is not asked again. */
static GtkSorterOrder
ms_held_order_get_order (GtkSorter *sorter)
{
  return GTK_SORTER_ORDER_PARTIAL;
}

static void
ms_held_order_finalize (GObject *object)
{
  g_clear_pointer (&MS_HELD_ORDER (object)->places, g_hash_table_unref);
  G_OBJECT_CLASS (ms_held_order_parent_class)->finalize (object);
}

static void
ms_held_order_class_init (MsHeldOrderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_held_order_finalize;
  GTK_SORTER_CLASS (klass)->compare = ms_held_order_compare;
  GTK_SORTER_CLASS (klass)->get_order = ms_held_order_get_order;
}

static void
ms_held_order_init (MsHeldOrder *self)
{
}

static void
pointed_at_cb (MsHeldOrder *self, GParamSpec *pspec, GtkEventControllerMotion *motion)
{
  self->is_pointed_at = gtk_event_controller_motion_contains_pointer (motion);
  if (!self->is_pointed_at)
    ms_held_order_release (self);
}

MsHeldOrder *
ms_held_order_new (GtkWidget *view)
{
  MsHeldOrder *self = g_object_new (MS_TYPE_HELD_ORDER, NULL);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  g_signal_connect_object (motion, "notify::contains-pointer", G_CALLBACK (pointed_at_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (view, motion);
  return self;
}

void
ms_held_order_keep (MsHeldOrder *self, GListModel *rows)
{
  g_return_if_fail (MS_IS_HELD_ORDER (self));

  g_clear_pointer (&self->places, g_hash_table_unref);
  if (!self->is_pointed_at)
    return;
  self->places = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (MsThreadRow) row = g_list_model_get_item (rows, i);

      g_hash_table_insert (self->places, GUINT_TO_POINTER (ms_thread_row_get_id (row)),
                           GUINT_TO_POINTER (i + 1));
    }
}

void
ms_held_order_release (MsHeldOrder *self)
{
  g_return_if_fail (MS_IS_HELD_ORDER (self));

  if (self->places == NULL)
    return;
  g_clear_pointer (&self->places, g_hash_table_unref);
  gtk_sorter_changed (GTK_SORTER (self), GTK_SORTER_CHANGE_DIFFERENT);
}
