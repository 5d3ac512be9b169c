/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-table.h"
#include "ms-column-order.h"
#include "ms-figures.h"
#include "ms-headings.h"
#include "ms-memory-csv.h"
#include "ms-memory-list.h"
#include "ms-memory-place.h"
#include "ms-memory-words.h"
#include "ms-share-bar.h"
#include "ms-text-scale.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Below these widths the columns that say least are left out. */
#define PLACE_FROM_PX 560
#define CALLS_FROM_PX 480
#define SHARE_FROM_PX 400
#define NAME_CHARS 14
#define PLACE_CHARS 22

typedef enum {
  COLUMN_NAME,
  COLUMN_PLACE,
  COLUMN_VALUE,
  COLUMN_SHARE,
  COLUMN_CALLS,
  N_COLUMNS
} Column;

struct _MsMemoryTable {
  AdwBin parent_instance;

  GtkWidget *view;
  GtkColumnViewColumn *columns[N_COLUMNS];
  MsMemoryFigures *figures; /* NULL: nothing */
  MsMemoryList list;
  GListModel *rows;       /* the outermost of the tree's */
  GtkTreeListModel *tree; /* of MsMemoryRow */
  MsMemoryOrder order;
  MsMemoryPlace *place; /* where somebody was in the rows before; NULL: nowhere */
  guint place_tick, n_place_frames;
  guint fit_source;
  GtkWidget *menu; /* NULL: none */
};

G_DEFINE_FINAL_TYPE (MsMemoryTable, ms_memory_table, ADW_TYPE_BIN)

static guint opened_signal;

/* --- cells --- */

static MsMemoryRow *
get_row (GtkListItem *item)
{
  return gtk_tree_list_row_get_item (gtk_list_item_get_item (item));
}

static void
popup_menu (MsMemoryTable *self, GtkWidget *from, double x, double y)
{
  double own_x, own_y;

  if (self->menu == NULL
      || !gtk_widget_translate_coordinates (from, GTK_WIDGET (self), x, y, &own_x, &own_y))
    return;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle) { (int) own_x, (int) own_y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
menu_pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  GtkListItem *item = user_data;
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  MsMemoryTable *self = MS_MEMORY_TABLE (gtk_widget_get_ancestor (cell, MS_TYPE_MEMORY_TABLE));

  if (self == NULL)
    return;
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view)),
                                   gtk_list_item_get_position (item), TRUE);
  popup_menu (self, cell, x, y);
}

static void
name_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *expander = gtk_tree_expander_new (), *label = gtk_label_new (NULL);
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (menu_pressed_cb), item);
  gtk_widget_add_controller (expander, GTK_EVENT_CONTROLLER (click));

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), NAME_CHARS);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), label);
  gtk_list_item_set_child (item, expander);
}

static void
name_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  g_autoptr (MsMemoryRow) row = get_row (item);
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  GtkWidget *label = gtk_tree_expander_get_child (expander);
  g_autofree char *full = ms_memory_row_dup_full_name (row);

  gtk_tree_expander_set_list_row (expander, gtk_list_item_get_item (item));
  ms_memory_show_name (GTK_LABEL (label), row, ms_memory_row_get_figures (row) != NULL);
  gtk_widget_set_tooltip_text (label, full);
}

static void
name_unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

static void
label_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);

  if (GPOINTER_TO_UINT (user_data) == COLUMN_PLACE)
    {
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_max_width_chars (GTK_LABEL (label), PLACE_CHARS);
      gtk_widget_add_css_class (label, "dim-label");
    }
  else
    {
      gtk_label_set_xalign (GTK_LABEL (label), 1);
      gtk_widget_add_css_class (label, "numeric");
    }
  gtk_list_item_set_child (item, label);
}

static char *
dup_cell (MsMemoryTable *self, MsMemoryRow *row, Column column)
{
  gboolean is_bytes = ms_memory_measure_is_bytes (self->figures->measure);
  const MsMemoryRowFigures *figures = ms_memory_row_get_figures (row);

  if (column == COLUMN_PLACE)
    return g_strdup (ms_memory_row_get_place (row));
  if (figures == NULL)
    return g_strdup ("");
  if (column == COLUMN_VALUE)
    return is_bytes ? ms_figure_bytes_with_error (figures->value, figures->value_error)
                    : ms_figure_count_with_error (figures->value, figures->value_error);
  /* Of functions the second figure is what they allocate with all that they call. */
  return is_bytes && self->list == MS_MEMORY_LIST_FUNCTIONS
             ? ms_figure_bytes_with_error (figures->calls, figures->calls_error)
             : ms_figure_count_with_error (figures->calls, figures->calls_error);
}

static void
label_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  MsMemoryTable *self = MS_MEMORY_TABLE (gtk_widget_get_ancestor (label, MS_TYPE_MEMORY_TABLE));
  g_autoptr (MsMemoryRow) row = get_row (item);
  Column column = GPOINTER_TO_UINT (user_data);

  if (self == NULL || self->figures == NULL)
    return;

  g_autofree char *text = dup_cell (self, row, column);
  gtk_label_set_text (GTK_LABEL (label), text);
  if (column == COLUMN_PLACE)
    {
      const MsFrame *frame =
          self->list == MS_MEMORY_LIST_STACKS ? ms_memory_row_get_frame (row) : NULL;
      g_autofree char *file = frame != NULL && frame->file != NULL && frame->line > 0
                                  ? g_strdup_printf ("%s:%u", frame->file, frame->line)
                                  : NULL;

      gtk_widget_set_tooltip_text (label, file != NULL ? file : text);
    }
}

static void
share_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, ms_share_bar_new ());
}

static void
share_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  g_autoptr (MsMemoryRow) row = get_row (item);
  gboolean has_value = ms_memory_row_get_figures (row) != NULL;

  ms_share_bar_set_share (MS_SHARE_BAR (gtk_list_item_get_child (item)),
                          has_value ? ms_memory_row_get_share (row) : -1);
}

/* --- columns --- */

static void
add_column (MsMemoryTable *self, Column column, const char *title)
{
  static const struct {
    void (*setup) (GtkSignalListItemFactory *, GtkListItem *, gpointer);
    void (*bind) (GtkSignalListItemFactory *, GtkListItem *, gpointer);
  } CALLS[N_COLUMNS] = {
    [COLUMN_NAME] = { name_setup_cb, name_bind_cb },
    [COLUMN_PLACE] = { label_setup_cb, label_bind_cb },
    [COLUMN_VALUE] = { label_setup_cb, label_bind_cb },
    [COLUMN_SHARE] = { share_setup_cb, share_bind_cb },
    [COLUMN_CALLS] = { label_setup_cb, label_bind_cb },
  };
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (CALLS[column].setup), GUINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (CALLS[column].bind), GUINT_TO_POINTER (column));
  if (column == COLUMN_NAME)
    g_signal_connect (factory, "unbind", G_CALLBACK (name_unbind_cb), NULL);
  self->columns[column] = gtk_column_view_column_new (title, factory);
  g_autoptr (GtkSorter) sorter = ms_column_order_new_sorter (column);
  gtk_column_view_column_set_sorter (self->columns[column], sorter);
  gtk_column_view_column_set_expand (self->columns[column], column == COLUMN_NAME);
  gtk_column_view_column_set_resizable (self->columns[column], TRUE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), self->columns[column]);
}

static void
update_titles (MsMemoryTable *self)
{
  gboolean of_functions = self->list == MS_MEMORY_LIST_FUNCTIONS;
  gtk_column_view_column_set_title (self->columns[COLUMN_NAME], self->list == MS_MEMORY_LIST_STACKS
                                                                    ? _ ("Allocated by")
                                                                    : _ ("Function"));
  gtk_column_view_column_set_title (self->columns[COLUMN_PLACE], self->list == MS_MEMORY_LIST_STACKS
                                                                     ? _ ("Source")
                                                                     : _ ("Module"));
  gtk_column_view_column_set_title (self->columns[COLUMN_VALUE],
                                    ms_memory_value_title (self->figures->measure,
                                                           self->figures->ends_early));
  gtk_column_view_column_set_title (self->columns[COLUMN_CALLS],
                                    /* Translators: what a function allocates with all it calls. */
                                    of_functions ? _ ("With callees") : _ ("Allocations"));
}

static gboolean
fit_cb (gpointer user_data)
{
  MsMemoryTable *self = user_data;
  int width = (int) (gtk_widget_get_width (GTK_WIDGET (self)) / ms_text_scale_get (user_data));
  gboolean counts_calls = self->figures == NULL || self->figures->measure != MS_MEASURE_COUNT
                          || self->list == MS_MEMORY_LIST_FUNCTIONS;

  self->fit_source = 0;
  if (width <= 0)
    return G_SOURCE_REMOVE;
  gtk_column_view_column_set_visible (self->columns[COLUMN_PLACE], width >= PLACE_FROM_PX);
  gtk_column_view_column_set_visible (self->columns[COLUMN_SHARE], width >= SHARE_FROM_PX);
  gtk_column_view_column_set_visible (self->columns[COLUMN_CALLS],
                                      width >= CALLS_FROM_PX && counts_calls);
  return G_SOURCE_REMOVE;
}

static void
fit_columns (MsMemoryTable *self)
{
  if (self->fit_source == 0)
    self->fit_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, fit_cb, self, NULL);
}

static void
ms_memory_table_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *child = adw_bin_get_child (ADW_BIN (widget));

  gtk_widget_size_allocate (child, &(GtkAllocation) { 0, 0, width, height }, baseline);
  if (MS_MEMORY_TABLE (widget)->menu != NULL)
    gtk_popover_present (GTK_POPOVER (MS_MEMORY_TABLE (widget)->menu));
  fit_columns (MS_MEMORY_TABLE (widget));
}

static void
ms_memory_table_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  gtk_widget_measure (adw_bin_get_child (ADW_BIN (widget)), orientation, for_size, minimum, natural,
                      NULL, NULL);
}

/* --- rows --- */

static GListModel *
create_children_cb (gpointer item, gpointer user_data)
{
  return ms_memory_row_get_children (item);
}

static void
activate_cb (MsMemoryTable *self, guint position)
{
  g_autoptr (GtkTreeListRow) tree_row = gtk_tree_list_model_get_row (self->tree, position);
  g_autoptr (MsMemoryRow) row = tree_row != NULL ? gtk_tree_list_row_get_item (tree_row) : NULL;

  if (row != NULL)
    g_signal_emit (self, opened_signal, 0, row);
}

static GtkTreeListRow *
get_selected_row (MsMemoryTable *self)
{
  GtkSelectionModel *model = gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view));

  return model != NULL ? gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (model))
                       : NULL;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  MsMemoryTable *self = user_data;
  GtkTreeListRow *row = get_selected_row (self);
  gboolean opens = keyval == GDK_KEY_Right || keyval == GDK_KEY_KP_Right;
  gboolean closes = keyval == GDK_KEY_Left || keyval == GDK_KEY_KP_Left;

  if (row == NULL)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Menu || (keyval == GDK_KEY_F10 && (state & GDK_SHIFT_MASK) != 0))
    {
      GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

      popup_menu (self, focus != NULL ? focus : self->view, 24, 24);
      return GDK_EVENT_STOP;
    }
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0
      || (!(opens && gtk_tree_list_row_is_expandable (row)) && !closes))
    return GDK_EVENT_PROPAGATE;
  gtk_tree_list_row_set_expanded (row, opens);
  return GDK_EVENT_STOP;
}

/* What is around a function is open: else there is nothing to see. */
static void
open_first_rows (MsMemoryTable *self)
{
  guint n = self->list == MS_MEMORY_LIST_AROUND ? 2 : 0;

  for (guint i = n; i > 0; i--)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (self->tree, i - 1);

      if (row != NULL)
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
}

/* Before rows go that others take the place of. */
static void
remember_place (MsMemoryTable *self)
{
  GtkSelectionModel *model = gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view));
  GtkAdjustment *vertical = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view));

  /* What is around a function is not there for a moment. */
  if (model == NULL || g_list_model_get_n_items (G_LIST_MODEL (self->tree)) == 0)
    return;
  g_clear_pointer (&self->place, ms_memory_place_free);
  self->place =
      ms_memory_place_new (self->tree,
                           gtk_single_selection_get_selected (GTK_SINGLE_SELECTION (model)),
                           gtk_adjustment_get_value (vertical));
}

/* The list has its height only after a frame. */
static gboolean
place_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsMemoryTable *self = MS_MEMORY_TABLE (widget);

  if (self->place != NULL)
    gtk_adjustment_set_value (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view)),
                              ms_memory_place_get_top_px (self->place));
  if (self->place != NULL && --self->n_place_frames > 0)
    return G_SOURCE_CONTINUE;
  self->place_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
show_rows (MsMemoryTable *self, GListModel *rows)
{
  g_autoptr (GtkSingleSelection) selection = NULL;
  guint selected = GTK_INVALID_LIST_POSITION;

  ms_memory_rows_sort (rows, self->order);
  g_set_object (&self->rows, rows);
  self->tree = gtk_tree_list_model_new (rows, FALSE, FALSE, create_children_cb, NULL, NULL);
  if (self->place != NULL)
    selected = ms_memory_place_restore (self->place, self->tree);
  else
    open_first_rows (self);
  selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->tree)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_selected (selection, selected);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view), GTK_SELECTION_MODEL (selection));
  self->n_place_frames = 2;
  if (self->place != NULL && self->place_tick == 0)
    self->place_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), place_cb, NULL, NULL);
}

/* A heading was clicked. */
static void
sorter_changed_cb (MsMemoryTable *self)
{
  static const MsMemoryKey KEYS[N_COLUMNS] = { MS_MEMORY_BY_NAME, MS_MEMORY_BY_PLACE,
                                               MS_MEMORY_BY_VALUE, MS_MEMORY_BY_VALUE,
                                               MS_MEMORY_BY_CALLS };
  g_autoptr (GListModel) rows = NULL;
  gint column = ms_column_order_find (GTK_COLUMN_VIEW (self->view), &self->order.ascending);

  self->order.key = column >= 0 ? KEYS[column] : MS_MEMORY_BY_VALUE;
  self->order.ascending = self->order.ascending && column >= 0;
  if (self->rows == NULL)
    return;
  remember_place (self);
  rows = g_object_ref (self->rows);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view), NULL);
  g_clear_object (&self->tree);
  show_rows (self, g_steal_pointer (&rows));
}

void
ms_memory_table_show (MsMemoryTable *self,
                      MsMemoryFigures *figures,
                      MsMemoryList list,
                      const MsMemoryAround *around,
                      const gboolean *is_match)
{
  g_return_if_fail (MS_IS_MEMORY_TABLE (self));

  if (figures != NULL)
    ms_memory_figures_ref (figures);
  if (self->tree != NULL && figures != NULL && list == self->list
      && figures->measure == self->figures->measure)
    remember_place (self);
  else
    g_clear_pointer (&self->place, ms_memory_place_free);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view), NULL);
  g_clear_object (&self->tree);
  g_clear_object (&self->rows);
  g_clear_pointer (&self->figures, ms_memory_figures_unref);
  self->figures = figures;
  self->list = list;
  if (figures == NULL)
    return;

  update_titles (self);
  fit_columns (self);
  show_rows (self, ms_memory_rows_new (figures, list, around, is_match));
}

MsMemoryRow *
ms_memory_table_dup_selected (MsMemoryTable *self)
{
  GtkTreeListRow *tree_row;

  g_return_val_if_fail (MS_IS_MEMORY_TABLE (self), NULL);

  tree_row = get_selected_row (self);
  return tree_row != NULL ? gtk_tree_list_row_get_item (tree_row) : NULL;
}

void
ms_memory_table_set_menu (MsMemoryTable *self, GMenuModel *menu)
{
  g_return_if_fail (MS_IS_MEMORY_TABLE (self));

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  if (menu == NULL)
    return;
  self->menu = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}

GListModel *
ms_memory_table_get_rows (MsMemoryTable *self)
{
  g_return_val_if_fail (MS_IS_MEMORY_TABLE (self), NULL);

  return G_LIST_MODEL (self->tree);
}

char *
ms_memory_table_to_csv (MsMemoryTable *self)
{
  g_return_val_if_fail (MS_IS_MEMORY_TABLE (self), NULL);

  return self->figures != NULL
             ? ms_memory_rows_to_csv (G_LIST_MODEL (self->tree), self->list, self->figures->measure)
             : g_strdup ("");
}

/* --- the widget --- */

static void
ms_memory_table_dispose (GObject *object)
{
  MsMemoryTable *self = MS_MEMORY_TABLE (object);

  g_clear_handle_id (&self->fit_source, g_source_remove);
  if (self->place_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->place_tick);
  self->place_tick = 0;
  g_clear_pointer (&self->place, ms_memory_place_free);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_clear_object (&self->columns[i]);
  g_clear_object (&self->tree);
  g_clear_object (&self->rows);
  g_clear_pointer (&self->figures, ms_memory_figures_unref);
  G_OBJECT_CLASS (ms_memory_table_parent_class)->dispose (object);
}

static void
ms_memory_table_class_init (MsMemoryTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_memory_table_dispose;
  GTK_WIDGET_CLASS (klass)->size_allocate = ms_memory_table_size_allocate;
  GTK_WIDGET_CLASS (klass)->measure = ms_memory_table_measure;
  opened_signal = g_signal_new ("opened", MS_TYPE_MEMORY_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, MS_TYPE_MEMORY_ROW);
}

static void
ms_memory_table_init (MsMemoryTable *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  /* A layout manager would not say how wide it is. */
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);
  self->view = gtk_column_view_new (NULL);
  gtk_widget_add_css_class (self->view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Allocations"), -1);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (activate_cb), self);
  add_column (self, COLUMN_NAME, _ ("Function"));
  add_column (self, COLUMN_PLACE, _ ("Source"));
  add_column (self, COLUMN_VALUE, _ ("Bytes"));
  add_column (self, COLUMN_SHARE, _ ("Share"));
  add_column (self, COLUMN_CALLS, _ ("Allocations"));
  ms_headings_set_up (GTK_COLUMN_VIEW (self->view), NULL, NULL);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), self->columns[COLUMN_VALUE],
                                  GTK_SORT_DESCENDING);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)), "changed",
                           G_CALLBACK (sorter_changed_cb), self, G_CONNECT_SWAPPED);
  /* Before the list, which would go sideways. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (self->view, keys);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  adw_bin_set_child (ADW_BIN (self), scrolled);
}

GtkWidget *
ms_memory_table_new (void)
{
  return g_object_new (MS_TYPE_MEMORY_TABLE, NULL);
}
