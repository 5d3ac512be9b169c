/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-threads-page.h"
#include "ms-card-paint.h"
#include "ms-end-layout.h"
#include "ms-headings.h"
#include "ms-heaviest-stacks.h"
#include "ms-held-order.h"
#include "ms-leaks.h"
#include "ms-role-glyph.h"
#include "ms-saving.h"
#include "ms-score-words.h"
#include "ms-thread-columns.h"
#include "ms-threads-csv.h"

#include <glib/gi18n-lib.h>

/* The kernel's names of threads have 15 bytes at most. */
#define NAME_WIDTH_CHARS 15

struct _MsThreadsPage {
  AdwBin parent_instance;

  GtkWidget *head, *search, *stack, *view, *heaviest, *formula;
  GListStore *store; /* of MsThreadRow */
  GtkFilter *filter;
  GtkSortListModel *sorted;
  const MsThreadColumn *sort_column; /* of the last click on a heading */
  GtkSortType sort_order;
  MsHeldOrder *held_order;
  gboolean is_later_document; /* comes with the next "changed" */
  gboolean is_stale;          /* what changed while nobody saw the page */
  guint top_tick, n_top_frames;
  char *needle; /* what is searched for, casefolded */

  MsLens *lens;   /* or NULL */
  MsFocus *focus; /* the lens's */
};

G_DEFINE_FINAL_TYPE (MsThreadsPage, ms_threads_page, ADW_TYPE_BIN)

/* --- cells --- */

static void
label_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  const MsThreadColumn *column = user_data;
  GtkWidget *label = gtk_label_new (NULL);

  if (ms_thread_column_is_numeric (column))
    {
      gtk_label_set_xalign (GTK_LABEL (label), 1);
      gtk_widget_add_css_class (label, "numeric");
    }
  else
    {
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      if (column->kind == MS_VALUE_TEXT)
        {
          gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
          gtk_label_set_width_chars (GTK_LABEL (label), NAME_WIDTH_CHARS);
        }
    }
  gtk_list_item_set_child (list_item, label);
}

static void
set_css_class (GtkWidget *widget, const char *css_class, gboolean wanted)
{
  if (wanted)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

static void
label_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  const MsThreadColumn *column = user_data;
  MsThreadRow *row = gtk_list_item_get_item (list_item);
  GtkWidget *label = gtk_list_item_get_child (list_item);
  g_autofree char *text = ms_thread_column_format (column, row);

  gtk_label_set_text (GTK_LABEL (label), text);
  g_autofree char *reason = ms_thread_column_explain (column, row);

  set_css_class (label, "dim-label", !ms_thread_column_has_value (column, row));
  gtk_widget_set_tooltip_text (label, column->kind == MS_VALUE_TEXT ? text : reason);
  /* The error of an estimate, which a cell has no room for, is heard with it. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  reason != NULL ? reason : "", -1);
  if (column->kind == MS_VALUE_ALERT)
    {
      MsAlert alert = ms_thread_row_get_alert (row);

      set_css_class (label, "alert-high", alert == MS_ALERT_HIGH);
      set_css_class (label, "alert-medium", alert == MS_ALERT_MEDIUM);
      set_css_class (label, "dim-label", alert == MS_ALERT_NORMAL);

      g_autofree char *why =
          ms_card_explain_alert (ms_card_item_get_data (ms_thread_row_get_card (row)));
      gtk_widget_set_tooltip_text (label, why);
    }
}

static void
role_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), ms_role_glyph_new (MS_ROLE_LIGHTWEIGHT));
  gtk_box_append (GTK_BOX (box), gtk_label_new (NULL));
  gtk_list_item_set_child (list_item, box);
}

static void
role_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  const MsThreadColumn *column = user_data;
  MsThreadRow *row = gtk_list_item_get_item (list_item);
  GtkWidget *glyph = gtk_widget_get_first_child (gtk_list_item_get_child (list_item));
  GtkWidget *label = gtk_widget_get_next_sibling (glyph);
  g_autofree char *text = ms_thread_column_format (column, row);

  gtk_widget_set_visible (glyph, ms_thread_row_is_tracked (row));
  ms_role_glyph_set_role (MS_ROLE_GLYPH (glyph), ms_thread_row_get_role (row));
  gtk_label_set_text (GTK_LABEL (label), text);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return ms_thread_column_compare (user_data, MS_THREAD_ROW ((gpointer) a),
                                   MS_THREAD_ROW ((gpointer) b));
}

static GtkColumnViewColumn *
new_column (const MsThreadColumn *column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  gboolean role = column->kind == MS_VALUE_ROLE;
  gpointer data = (gpointer) column;

  g_signal_connect (factory, "setup", G_CALLBACK (role ? role_setup_cb : label_setup_cb), data);
  g_signal_connect (factory, "bind", G_CALLBACK (role ? role_bind_cb : label_bind_cb), data);

  GtkColumnViewColumn *view_column =
      gtk_column_view_column_new (ms_thread_column_get_title (column, FALSE), factory);
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare_cb, data, NULL));
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  if (column->kind == MS_VALUE_TEXT)
    gtk_column_view_column_set_expand (view_column, TRUE);
  return view_column;
}

/* --- order --- */

/* The order of a column that was not the order before: the most first, names from A to Z. */
static GtkSortType
get_first_order (const MsThreadColumn *column)
{
  switch (column->kind)
    {
    case MS_VALUE_TEXT:
    case MS_VALUE_NUMBER:
    case MS_VALUE_ROLE:
      return GTK_SORT_ASCENDING;
    case MS_VALUE_ALERT:
    case MS_VALUE_COUNT:
    case MS_VALUE_BYTES:
    case MS_VALUE_RATE:
    case MS_VALUE_DURATION:
    case MS_VALUE_PERCENT:
    case MS_VALUE_MEASURED_COUNT:
    default:
      return GTK_SORT_DESCENDING;
    }
}

static void
sort_by (MsThreadsPage *self, guint place, GtkSortType order)
{
  GtkColumnView *view = GTK_COLUMN_VIEW (self->view);
  g_autoptr (GtkColumnViewColumn) column =
      g_list_model_get_item (gtk_column_view_get_columns (view), place);
  guint n_columns;

  ms_held_order_release (self->held_order);
  self->sort_column = &ms_thread_columns_get (&n_columns)[place];
  self->sort_order = order;
  /* GTK 4.8 leaves the arrow of the column before where it was, unless that is cleared first. */
  gtk_column_view_sort_by_column (view, NULL, GTK_SORT_ASCENDING);
  gtk_column_view_sort_by_column (view, column, order);
}

static void
heading_activated_cb (guint place, gpointer user_data)
{
  MsThreadsPage *self = user_data;
  guint n_columns;
  const MsThreadColumn *column = &ms_thread_columns_get (&n_columns)[place];

  if (column != self->sort_column)
    sort_by (self, place, get_first_order (column));
  else
    sort_by (self, place,
             self->sort_order == GTK_SORT_ASCENDING ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

/* What has no figures is last, whichever way the figures go. */
static int
compare_tracked_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return ms_thread_row_is_tracked (MS_THREAD_ROW ((gpointer) b))
         - ms_thread_row_is_tracked (MS_THREAD_ROW ((gpointer) a));
}

/* A list keeps the row in place that was on top, wherever that row went.  Its rows have their new
 * places only after a frame. */
static gboolean
top_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsThreadsPage *self = MS_THREADS_PAGE (widget);
  GtkWidget *list = gtk_widget_get_last_child (self->view);

  if (g_list_model_get_n_items (G_LIST_MODEL (self->sorted)) > 0)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", 0u);
  gtk_adjustment_set_value (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view)), 0);
  if (--self->n_top_frames > 0)
    return G_SOURCE_CONTINUE;
  self->top_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
scroll_to_top (MsThreadsPage *self)
{
  self->n_top_frames = 2;
  if (self->top_tick == 0)
    self->top_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), top_cb, NULL, NULL);
}

static void
add_columns (MsThreadsPage *self)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);

  for (guint i = 0; i < n_columns; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = new_column (&columns[i]);

      gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), column);
      if (g_str_equal (columns[i].id, "peak_bytes"))
        sort_by (self, i, GTK_SORT_DESCENDING);
    }
}

/* GTK 4.8 aligns every heading left and offers no property for it.  Numbers want theirs above them,
 * and the arrow of the sort order, whose room is kept, on the other side. */
static void
set_up_headings (MsThreadsPage *self)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);
  GtkWidget *header = gtk_widget_get_first_child (self->view);
  GtkWidget *heading = header != NULL ? gtk_widget_get_first_child (header) : NULL;

  for (guint i = 0; i < n_columns && heading != NULL; i++)
    {
      GtkWidget *content = gtk_widget_get_first_child (heading);

      if (content != NULL && ms_thread_column_is_numeric (&columns[i]))
        {
          gtk_widget_set_halign (content, GTK_ALIGN_END);
          if (GTK_IS_BOX (content))
            gtk_box_reorder_child_after (GTK_BOX (content), gtk_widget_get_first_child (content),
                                         gtk_widget_get_last_child (content));
        }
      heading = gtk_widget_get_next_sibling (heading);
    }
  ms_headings_set_up (GTK_COLUMN_VIEW (self->view), heading_activated_cb, self);
}

static void
update_titles (MsThreadsPage *self)
{
  guint n_columns;
  const MsThreadColumn *columns = ms_thread_columns_get (&n_columns);
  GListModel *view_columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (self->view));
  gboolean ends_early = self->lens != NULL && ms_leaks_are_in_use (ms_lens_get_trace (self->lens));

  for (guint i = 0; i < n_columns; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (view_columns, i);

      gtk_column_view_column_set_title (column,
                                        ms_thread_column_get_title (&columns[i], ends_early));
    }
}

/* --- filter --- */

static gboolean
filter_cb (gpointer item, gpointer user_data)
{
  MsThreadsPage *self = user_data;
  guint id;

  if (self->focus != NULL && ms_focus_get_thread (self->focus, &id)
      && ms_thread_row_get_id (item) != id)
    return FALSE;
  return ms_thread_row_matches (item, self->needle);
}

static void
items_changed_cb (MsThreadsPage *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->sorted)) == 0;

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    empty && self->lens != NULL ? "nothing" : "table");
}

static void
filter_changed_cb (MsThreadsPage *self)
{
  g_free (self->needle);
  self->needle = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
stop_search_cb (MsThreadsPage *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search)) == '\0' && self->focus != NULL)
    ms_focus_clear_thread (self->focus);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (self->view);
}

static GtkSingleSelection *
get_selection (MsThreadsPage *self)
{
  return GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view)));
}

static void
select_thread (MsThreadsPage *self, guint id)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->sorted)); i++)
    {
      g_autoptr (MsThreadRow) row = g_list_model_get_item (G_LIST_MODEL (self->sorted), i);

      if (ms_thread_row_get_id (row) == id)
        {
          gtk_single_selection_set_selected (get_selection (self), i);
          return;
        }
    }
}

/* Other rows of the same threads, before somebody sees or takes them. */
static void
update_rows (MsThreadsPage *self)
{
  if (!self->is_stale)
    return;

  GPtrArray *rows = self->lens != NULL ? ms_lens_get_rows (self->lens) : NULL;
  MsThreadRow *selected = gtk_single_selection_get_selected_item (get_selection (self));
  guint id = selected != NULL ? ms_thread_row_get_id (selected) : 0;
  /* Who chose a part of the trace wants it in order. */
  if (self->is_later_document)
    ms_held_order_keep (self->held_order, G_LIST_MODEL (self->sorted));
  else
    ms_held_order_release (self->held_order);
  self->is_later_document = FALSE;
  g_list_store_splice (self->store, 0, g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       rows != NULL ? rows->pdata : NULL, rows != NULL ? rows->len : 0);
  if (selected != NULL)
    select_thread (self, id);
  ms_heaviest_stacks_show (MS_HEAVIEST_STACKS (self->heaviest), self->lens);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  items_changed_cb (self);
  self->is_stale = FALSE;
}

/* Filling a table takes longer than a frame: not one that nobody sees. */
static void
lens_changed_cb (MsThreadsPage *self)
{
  self->is_stale = TRUE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) || self->lens == NULL)
    update_rows (self);
}

static void
document_changed_cb (MsThreadsPage *self)
{
  self->is_later_document = TRUE;
}

static void
focus_changed_cb (MsThreadsPage *self)
{
  if (!(self->is_stale |= !gtk_widget_get_mapped (GTK_WIDGET (self))))
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

/* The formula, with the numbers of the selected thread in it, as it opens. */
static void
formula_shown_cb (MsThreadsPage *self)
{
  MsThreadRow *row = gtk_single_selection_get_selected_item (get_selection (self));
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->sorted));
  g_autoptr (MsThreadRow) first =
      row == NULL && n_rows > 0 ? g_list_model_get_item (G_LIST_MODEL (self->sorted), 0) : NULL;
  g_autofree char *text = ms_score_words (row != NULL ? row : first);

  gtk_label_set_markup (GTK_LABEL (self->formula), text);
}

static void
row_activated_cb (MsThreadsPage *self, guint position)
{
  g_autoptr (MsThreadRow) row = g_list_model_get_item (G_LIST_MODEL (self->sorted), position);

  if (row != NULL && self->focus != NULL)
    ms_focus_set_thread (self->focus, ms_thread_row_get_id (row));
}

/* --- the widget --- */

static void
ms_threads_page_map (GtkWidget *widget)
{
  update_rows (MS_THREADS_PAGE (widget));
  GTK_WIDGET_CLASS (ms_threads_page_parent_class)->map (widget);
}

static void
forget_lens (MsThreadsPage *self)
{
  if (self->lens == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->lens, self);
  g_signal_handlers_disconnect_by_data (self->focus, self);
  self->focus = NULL;
  g_clear_object (&self->lens);
}

static void
ms_threads_page_dispose (GObject *object)
{
  MsThreadsPage *self = MS_THREADS_PAGE (object);

  if (self->top_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->top_tick);
  self->top_tick = 0;
  if (self->sorted != NULL)
    g_signal_handlers_disconnect_by_data (self->sorted, self);
  forget_lens (self);
  g_clear_object (&self->sorted);
  g_clear_object (&self->held_order);
  g_clear_object (&self->filter);
  g_clear_object (&self->store);
  g_clear_pointer (&self->needle, g_free);
  G_OBJECT_CLASS (ms_threads_page_parent_class)->dispose (object);
}

static void
save_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GListModel *rows = ms_threads_page_get_rows (MS_THREADS_PAGE (widget));

  ms_saving_ask_for_table (widget, "threads", ms_threads_to_csv (rows));
}

static void
ms_threads_page_class_init (MsThreadsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_threads_page_dispose;
  widget_class->map = ms_threads_page_map;
  g_type_ensure (MS_TYPE_HEAVIEST_STACKS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-threads-page.ui");
  gtk_widget_class_install_action (widget_class, "threads.save-csv", NULL, save_csv_action);
  gtk_widget_class_bind_template_child (widget_class, MsThreadsPage, head);
  gtk_widget_class_bind_template_child (widget_class, MsThreadsPage, search);
  gtk_widget_class_bind_template_child (widget_class, MsThreadsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MsThreadsPage, view);
  gtk_widget_class_bind_template_child (widget_class, MsThreadsPage, heaviest);
  gtk_widget_class_bind_template_child (widget_class, MsThreadsPage, formula);
  gtk_widget_class_bind_template_callback (widget_class, formula_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
ms_threads_page_init (MsThreadsPage *self)
{
  GtkColumnView *view;

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->head, ms_end_layout_new (8));
  self->needle = g_strdup ("");
  self->store = g_list_store_new (MS_TYPE_THREAD_ROW);
  self->filter = GTK_FILTER (gtk_custom_filter_new (filter_cb, self, NULL));

  view = GTK_COLUMN_VIEW (self->view);
  GtkFilterListModel *filtered =
      gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->store)),
                                 g_object_ref (self->filter));
  GtkMultiSorter *sorter = gtk_multi_sorter_new ();
  self->held_order = ms_held_order_new (self->view);
  gtk_multi_sorter_append (sorter, GTK_SORTER (g_object_ref (self->held_order)));
  gtk_multi_sorter_append (sorter,
                           GTK_SORTER (gtk_custom_sorter_new (compare_tracked_cb, NULL, NULL)));
  gtk_multi_sorter_append (sorter, g_object_ref (gtk_column_view_get_sorter (view)));
  self->sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), GTK_SORTER (sorter));
  g_signal_connect_swapped (self->sorted, "items-changed", G_CALLBACK (items_changed_cb), self);

  g_autoptr (GtkSingleSelection) selection =
      gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->sorted)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_column_view_set_model (view, GTK_SELECTION_MODEL (selection));
  add_columns (self);
  set_up_headings (self);
  g_signal_connect_object (gtk_column_view_get_sorter (view), "changed", G_CALLBACK (scroll_to_top),
                           self, G_CONNECT_SWAPPED);
}

GtkWidget *
ms_threads_page_new (void)
{
  return g_object_new (MS_TYPE_THREADS_PAGE, NULL);
}

static void
names_changed_cb (MsThreadsPage *self)
{
  if (!self->is_stale)
    ms_heaviest_stacks_show (MS_HEAVIEST_STACKS (self->heaviest), self->lens);
}

void
ms_threads_page_set_lens (MsThreadsPage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_THREADS_PAGE (self));

  if (self->lens == lens)
    return;
  forget_lens (self);
  lens_changed_cb (self); /* nothing of another trace stays, also where nobody sees it */
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  if (lens != NULL)
    {
      self->lens = g_object_ref (lens);
      self->focus = ms_lens_get_focus (lens);
      g_signal_connect_swapped (lens, "document-changed", G_CALLBACK (document_changed_cb), self);
      g_signal_connect_swapped (lens, "changed", G_CALLBACK (lens_changed_cb), self);
      g_signal_connect_swapped (lens, "names-changed", G_CALLBACK (names_changed_cb), self);
      g_signal_connect_swapped (self->focus, "changed", G_CALLBACK (focus_changed_cb), self);
    }
  update_titles (self);
  lens_changed_cb (self);
  scroll_to_top (self);
}

void
ms_threads_page_start_search (MsThreadsPage *self)
{
  g_return_if_fail (MS_IS_THREADS_PAGE (self));

  gtk_widget_grab_focus (self->search);
}

GListModel *
ms_threads_page_get_rows (MsThreadsPage *self)
{
  g_return_val_if_fail (MS_IS_THREADS_PAGE (self), NULL);

  update_rows (self);
  return G_LIST_MODEL (self->sorted);
}

guint
ms_threads_page_copy_csv (MsThreadsPage *self)
{
  GListModel *rows = ms_threads_page_get_rows (self);
  g_autofree char *csv = ms_threads_to_csv (rows);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), csv);
  return g_list_model_get_n_items (rows);
}
