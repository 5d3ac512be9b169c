/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-text-table.h"

struct _MsTextTable {
  GtkWidget parent_instance;

  GtkWidget *scrolled;
  GListStore *rows; /* of GtkStringList: the cells of a row */
  guint n_columns;
};

G_DEFINE_FINAL_TYPE (MsTextTable, ms_text_table, GTK_TYPE_WIDGET)

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), GPOINTER_TO_UINT (user_data) == 0 ? 0 : 1);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkStringList *cells = gtk_list_item_get_item (item);

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      gtk_string_list_get_string (cells, GPOINTER_TO_UINT (user_data)));
}

static void
ms_text_table_dispose (GObject *object)
{
  MsTextTable *self = MS_TEXT_TABLE (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->rows);
  G_OBJECT_CLASS (ms_text_table_parent_class)->dispose (object);
}

static void
ms_text_table_class_init (MsTextTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_text_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
ms_text_table_init (MsTextTable *self)
{
  self->rows = g_list_store_new (GTK_TYPE_STRING_LIST);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

GtkWidget *
ms_text_table_new (const char *const *titles)
{
  MsTextTable *self = g_object_new (MS_TYPE_TEXT_TABLE, NULL);
  GtkSelectionModel *selection =
      GTK_SELECTION_MODEL (gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows))));
  GtkWidget *view = gtk_column_view_new (selection);

  self->n_columns = g_strv_length ((char **) titles);
  for (guint i = 0; i < self->n_columns; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

      g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GUINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GUINT_TO_POINTER (i));
      g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (titles[i], factory);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_column_set_expand (column, i == 0);
      gtk_column_view_append_column (GTK_COLUMN_VIEW (view), column);
    }
  gtk_widget_add_css_class (view, "data-table");
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), view);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

void
ms_text_table_add_row (MsTextTable *self, const char *const *cells)
{
  g_return_if_fail (MS_IS_TEXT_TABLE (self));

  g_autoptr (GtkStringList) row = gtk_string_list_new (cells);
  g_list_store_append (self->rows, row);
}

guint
ms_text_table_get_n_rows (MsTextTable *self)
{
  g_return_val_if_fail (MS_IS_TEXT_TABLE (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->rows));
}

const char *
ms_text_table_get_cell (MsTextTable *self, guint row, guint column)
{
  g_return_val_if_fail (MS_IS_TEXT_TABLE (self), NULL);

  g_autoptr (GtkStringList) cells = g_list_model_get_item (G_LIST_MODEL (self->rows), row);
  return cells != NULL ? gtk_string_list_get_string (cells, column) : NULL;
}
