/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-change-table.h"
#include "ms-csv.h"
#include "ms-difference-plot.h"
#include "ms-figures.h"
#include "ms-headings.h"
#include "ms-text-scale.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Below this width two columns are left out. */
#define WIDE_PX 560
#define MOST_HEIGHT_PX 420

typedef enum {
  COLUMN_NAME,
  COLUMN_BEFORE,
  COLUMN_AFTER,
  COLUMN_CHANGE,
  COLUMN_PERCENT,
  N_COLUMNS
} Column;

/* --- rows --- */

#define MS_TYPE_CHANGE_ROW (ms_change_row_get_type ())
G_DECLARE_FINAL_TYPE (MsChangeRow, ms_change_row, MS, CHANGE_ROW, GObject)

struct _MsChangeRow {
  GObject parent_instance;

  guint number; /* whoever added it knows */
  char *name, *tooltip;
  MsChange change;
  gboolean is_bytes;
};

G_DEFINE_FINAL_TYPE (MsChangeRow, ms_change_row, G_TYPE_OBJECT)

static void
ms_change_row_finalize (GObject *object)
{
  MsChangeRow *self = MS_CHANGE_ROW (object);

  g_free (self->name);
  g_free (self->tooltip);
  G_OBJECT_CLASS (ms_change_row_parent_class)->finalize (object);
}

static void
ms_change_row_class_init (MsChangeRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_change_row_finalize;
}

static void
ms_change_row_init (MsChangeRow *self)
{
}

/* --- cells --- */

struct _MsChangeTable {
  AdwBin parent_instance;

  GtkWidget *view;
  GListStore *store;
  GtkSortListModel *sorted;
  GtkColumnViewColumn *columns[N_COLUMNS];
  guint fit_source;
};

G_DEFINE_FINAL_TYPE (MsChangeTable, ms_change_table, ADW_TYPE_BIN)

static gboolean
is_significant (const MsChangeRow *row)
{
  return row->change.before == row->change.after || ms_change_is_significant (&row->change);
}

/* Of the change the arrow is the sign, beside the colour. */
static char *
dup_change (const MsChangeRow *row)
{
  g_autofree char *change = ms_difference_format (&row->change, row->is_bytes);
  gint64 difference = ms_change_get_difference (&row->change);

  return g_strconcat (!is_significant (row) || difference == 0 ? ""
                      : difference > 0                         ? "▲ "
                                                               : "▼ ",
                      change, NULL);
}

static char *
dup_cell (const MsChangeRow *row, Column column)
{
  switch (column)
    {
    case COLUMN_NAME:
      return g_strdup (row->name);
    case COLUMN_BEFORE:
      case COLUMN_AFTER: {
        guint64 value = column == COLUMN_BEFORE ? row->change.before : row->change.after;

        return row->is_bytes ? ms_figure_bytes (value) : ms_figure_count (value);
      }
    case COLUMN_CHANGE:
      return dup_change (row);
    case COLUMN_PERCENT:
    case N_COLUMNS:
    default:
      return is_significant (row) ? ms_difference_format_percent (&row->change)
                                  : g_strdup (_ ("not significant"));
    }
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);
  gboolean is_name = GPOINTER_TO_UINT (user_data) == COLUMN_NAME;

  gtk_label_set_xalign (GTK_LABEL (label), is_name ? 0 : 1);
  if (is_name)
    {
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_label_set_width_chars (GTK_LABEL (label), 12);
    }
  else
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const MsChangeRow *row = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  Column column = GPOINTER_TO_UINT (user_data);
  g_autofree char *text = dup_cell (row, column);
  gint64 difference = ms_change_get_difference (&row->change);

  gtk_label_set_text (GTK_LABEL (label), text);
  if (column == COLUMN_NAME)
    gtk_widget_set_tooltip_text (label, row->tooltip != NULL ? row->tooltip : row->name);
  if (column != COLUMN_CHANGE)
    return;
  gtk_widget_remove_css_class (label, "grown");
  gtk_widget_remove_css_class (label, "shrunk");
  if (difference != 0 && is_significant (row))
    gtk_widget_add_css_class (label, difference > 0 ? "grown" : "shrunk");
}

/* --- order --- */

static gint
compare_numbers (double a, double b)
{
  return a < b ? -1 : a > b;
}

static double
get_percent (const MsChangeRow *row)
{
  double percent;

  if (ms_change_get_percent (&row->change, &percent))
    return percent;
  return row->change.after > 0 ? G_MAXDOUBLE : 0;
}

static gint
compare_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const MsChangeRow *x = a, *y = b;

  switch ((Column) GPOINTER_TO_UINT (user_data))
    {
    case COLUMN_NAME:
      return g_utf8_collate (x->name, y->name);
    case COLUMN_BEFORE:
      return x->change.before < y->change.before ? -1 : x->change.before > y->change.before;
    case COLUMN_AFTER:
      return x->change.after < y->change.after ? -1 : x->change.after > y->change.after;
    case COLUMN_CHANGE: /* the greatest, whichever way */
      return ms_change_compare (&y->change, &x->change);
    case COLUMN_PERCENT:
    case N_COLUMNS:
    default:
      return compare_numbers (get_percent (x), get_percent (y));
    }
}

/* --- width --- */

static gboolean
is_wide_enough (MsChangeTable *self, int width)
{
  return width >= WIDE_PX * ms_text_scale_get (GTK_WIDGET (self));
}

static gboolean
fit_cb (gpointer data)
{
  MsChangeTable *self = data;
  gboolean is_wide = is_wide_enough (self, gtk_widget_get_width (GTK_WIDGET (self)));

  self->fit_source = 0;
  gtk_column_view_column_set_visible (self->columns[COLUMN_BEFORE], is_wide);
  gtk_column_view_column_set_visible (self->columns[COLUMN_AFTER], is_wide);
  return G_SOURCE_REMOVE;
}

/* Columns cannot come and go while they are given their places. */
static void
ms_change_table_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MsChangeTable *self = MS_CHANGE_TABLE (widget);

  GTK_WIDGET_CLASS (ms_change_table_parent_class)->size_allocate (widget, width, height, baseline);
  if (self->fit_source == 0
      && is_wide_enough (self, width)
             != gtk_column_view_column_get_visible (self->columns[COLUMN_BEFORE]))
    self->fit_source = g_idle_add (fit_cb, self);
}

/* --- the widget --- */

static guint activated_signal;

static void
activate_cb (MsChangeTable *self, guint position)
{
  g_autoptr (MsChangeRow) row = g_list_model_get_item (G_LIST_MODEL (self->sorted), position);

  if (row != NULL)
    g_signal_emit (self, activated_signal, 0, row->number);
}

static void
ms_change_table_dispose (GObject *object)
{
  MsChangeTable *self = MS_CHANGE_TABLE (object);

  g_clear_handle_id (&self->fit_source, g_source_remove);
  g_clear_object (&self->store);
  g_clear_object (&self->sorted);
  G_OBJECT_CLASS (ms_change_table_parent_class)->dispose (object);
}

static void
ms_change_table_class_init (MsChangeTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_change_table_dispose;
  GTK_WIDGET_CLASS (klass)->size_allocate = ms_change_table_size_allocate;
  activated_signal = g_signal_new ("activated", MS_TYPE_CHANGE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ms_change_table_init (MsChangeTable *self)
{
  self->store = g_list_store_new (MS_TYPE_CHANGE_ROW);
}

static void
add_column (MsChangeTable *self, Column column, const char *title)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSorter) sorter =
      GTK_SORTER (gtk_custom_sorter_new (compare_cb, GUINT_TO_POINTER (column), NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GUINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GUINT_TO_POINTER (column));
  g_autoptr (GtkColumnViewColumn) view_column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_expand (view_column, column == COLUMN_NAME);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), view_column);
  self->columns[column] = view_column;
}

GtkWidget *
ms_change_table_new (const char *title)
{
  MsChangeTable *self = g_object_new (MS_TYPE_CHANGE_TABLE, NULL);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->view = gtk_column_view_new (NULL);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (activate_cb), self);
  add_column (self, COLUMN_NAME, title);
  add_column (self, COLUMN_BEFORE, _ ("Before"));
  add_column (self, COLUMN_AFTER, _ ("After"));
  add_column (self, COLUMN_CHANGE, _ ("Change"));
  add_column (self, COLUMN_PERCENT, _ ("Percent"));
  self->sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->store)),
                                          g_object_ref (gtk_column_view_get_sorter (
                                              GTK_COLUMN_VIEW (self->view))));
  g_autoptr (GtkSingleSelection) selection =
      gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->sorted)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view), GTK_SELECTION_MODEL (selection));
  ms_headings_set_up (GTK_COLUMN_VIEW (self->view), NULL, NULL);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), self->columns[COLUMN_CHANGE],
                                  GTK_SORT_DESCENDING);
  gtk_widget_add_css_class (self->view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), MOST_HEIGHT_PX);
  adw_bin_set_child (ADW_BIN (self), scrolled);
  return GTK_WIDGET (self);
}

void
ms_change_table_clear (MsChangeTable *self)
{
  g_return_if_fail (MS_IS_CHANGE_TABLE (self));

  g_list_store_remove_all (self->store);
}

void
ms_change_table_add (MsChangeTable *self,
                     guint number,
                     const char *name,
                     const char *tooltip,
                     const MsChange *change,
                     gboolean is_bytes)
{
  g_autoptr (MsChangeRow) row = NULL;

  g_return_if_fail (MS_IS_CHANGE_TABLE (self));

  row = g_object_new (MS_TYPE_CHANGE_ROW, NULL);
  row->number = number;
  row->name = g_strdup (name);
  row->tooltip = g_strdup (tooltip);
  row->change = *change;
  row->is_bytes = is_bytes;
  g_list_store_append (self->store, row);
}

guint
ms_change_table_get_n_rows (MsChangeTable *self)
{
  g_return_val_if_fail (MS_IS_CHANGE_TABLE (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->store));
}

const char *
ms_change_table_get_name_at (MsChangeTable *self, guint position)
{
  g_return_val_if_fail (MS_IS_CHANGE_TABLE (self), NULL);

  g_autoptr (MsChangeRow) row = g_list_model_get_item (G_LIST_MODEL (self->sorted), position);
  return row != NULL ? row->name : NULL;
}

char *
ms_change_table_to_csv (MsChangeTable *self)
{
  GString *csv = g_string_new (NULL);
  const char *titles[] = { gtk_column_view_column_get_title (self->columns[COLUMN_NAME]),
                           "before",
                           "after",
                           "change",
                           "significant",
                           NULL };

  g_return_val_if_fail (MS_IS_CHANGE_TABLE (self), NULL);

  ms_csv_append_row (csv, titles);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->sorted)); i++)
    {
      g_autoptr (MsChangeRow) row = g_list_model_get_item (G_LIST_MODEL (self->sorted), i);
      g_autofree char *before = g_strdup_printf ("%" G_GUINT64_FORMAT, row->change.before);
      g_autofree char *after = g_strdup_printf ("%" G_GUINT64_FORMAT, row->change.after);
      g_autofree char *change =
          g_strdup_printf ("%" G_GINT64_FORMAT, ms_change_get_difference (&row->change));
      const char *cells[] = { row->tooltip != NULL ? row->tooltip : row->name,
                              before,
                              after,
                              change,
                              is_significant (row) ? "1" : "0",
                              NULL };

      ms_csv_append_row (csv, cells);
    }
  return g_string_free (csv, FALSE);
}
