/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-figure-table.h"
#include "ms-csv.h"

/* A row is a GtkStringObject whose text is never shown; these are its cells. */
#define SHOWN_KEY "shown"
#define EXACT_KEY "exact"

struct _MsFigureTable {
  AdwBin parent_instance;

  GStrv titles;
  guint n_names;
  GListStore *store;
};

G_DEFINE_FINAL_TYPE (MsFigureTable, ms_figure_table, ADW_TYPE_BIN)

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);
  gboolean is_name = GPOINTER_TO_UINT (user_data) != 0;

  gtk_label_set_xalign (GTK_LABEL (label), is_name ? 0 : 1);
  if (is_name)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  else
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GObject *row = gtk_list_item_get_item (item);
  GStrv shown = g_object_get_data (row, SHOWN_KEY);
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *text = shown[GPOINTER_TO_UINT (user_data)];

  gtk_label_set_text (GTK_LABEL (label), text);
  if (gtk_label_get_ellipsize (GTK_LABEL (label)) != PANGO_ELLIPSIZE_NONE)
    gtk_widget_set_tooltip_text (label, text);
}

static void
add_column (MsFigureTable *self, GtkColumnView *view, guint place)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  gboolean is_name = place < self->n_names;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GUINT_TO_POINTER (is_name));
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GUINT_TO_POINTER (place));
  g_autoptr (GtkColumnViewColumn) column =
      gtk_column_view_column_new (self->titles[place], factory);
  gtk_column_view_column_set_expand (column, is_name);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_append_column (view, column);
}

static void
ms_figure_table_finalize (GObject *object)
{
  MsFigureTable *self = MS_FIGURE_TABLE (object);

  g_strfreev (self->titles);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ms_figure_table_parent_class)->finalize (object);
}

static void
ms_figure_table_class_init (MsFigureTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_figure_table_finalize;
}

static void
ms_figure_table_init (MsFigureTable *self)
{
  self->store = g_list_store_new (GTK_TYPE_STRING_OBJECT);
}

GtkWidget *
ms_figure_table_new (const char *label, const char *const *titles, guint n_names)
{
  MsFigureTable *self = g_object_new (MS_TYPE_FIGURE_TABLE, NULL);
  GtkSelectionModel *selection =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->store))));
  GtkWidget *view = gtk_column_view_new (selection);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->titles = g_strdupv ((GStrv) titles);
  self->n_names = n_names;
  for (guint i = 0; titles[i] != NULL; i++)
    add_column (self, GTK_COLUMN_VIEW (view), i);
  gtk_widget_add_css_class (view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 160);
  adw_bin_set_child (ADW_BIN (self), scrolled);
  return GTK_WIDGET (self);
}

void
ms_figure_table_clear (MsFigureTable *self)
{
  g_return_if_fail (MS_IS_FIGURE_TABLE (self));

  g_list_store_remove_all (self->store);
}

void
ms_figure_table_add (MsFigureTable *self, const char *const *shown, const char *const *exact)
{
  g_return_if_fail (MS_IS_FIGURE_TABLE (self));

  g_autoptr (GtkStringObject) row = gtk_string_object_new ("");
  g_object_set_data_full (G_OBJECT (row), SHOWN_KEY, g_strdupv ((GStrv) shown),
                          (GDestroyNotify) g_strfreev);
  g_object_set_data_full (G_OBJECT (row), EXACT_KEY, g_strdupv ((GStrv) exact),
                          (GDestroyNotify) g_strfreev);
  g_list_store_append (self->store, row);
}

guint
ms_figure_table_get_n_rows (MsFigureTable *self)
{
  g_return_val_if_fail (MS_IS_FIGURE_TABLE (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->store));
}

char *
ms_figure_table_to_csv (MsFigureTable *self)
{
  GString *csv = g_string_new (NULL);

  g_return_val_if_fail (MS_IS_FIGURE_TABLE (self), NULL);

  ms_csv_append_row (csv, (const char *const *) self->titles);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->store)); i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (self->store), i);

      ms_csv_append_row (csv, g_object_get_data (row, EXACT_KEY));
    }
  return g_string_free (csv, FALSE);
}
