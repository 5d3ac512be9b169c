/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-source-window.h"
#include "ms-display-name.h"
#include "ms-display-units.h"
#include "ms-figures.h"
#include "ms-share-bar.h"
#include "ms-source-opener.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ms-line-totals.h"

/* Longer lines are data, not source. */
#define LINE_CHARS 400

typedef enum { COLUMN_LINE, COLUMN_VALUE, COLUMN_SHARE, COLUMN_TEXT, N_COLUMNS } Column;

struct _MsSourceWindow {
  AdwWindow parent_instance;

  char *file;
  guint line;
  gboolean is_bytes;
  guint64 whole;
  guint64 *totals; /* by line, from 1 */
  double *errors;  /* standard errors of these */
  guint n_lines;
  GtkWidget *toasts, *list;
  guint scroll_tick, n_scroll_frames;
};

G_DEFINE_FINAL_TYPE (MsSourceWindow, ms_source_window, ADW_TYPE_WINDOW)

/* --- cells --- */

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  Column column = GPOINTER_TO_UINT (user_data);
  GtkWidget *cell = column == COLUMN_SHARE ? ms_share_bar_new () : gtk_label_new (NULL);

  if (column != COLUMN_SHARE)
    {
      gtk_label_set_xalign (GTK_LABEL (cell), column == COLUMN_TEXT ? 0 : 1);
      gtk_widget_add_css_class (cell, column == COLUMN_TEXT ? "monospace" : "numeric");
    }
  if (column == COLUMN_LINE)
    gtk_widget_add_css_class (cell, "dim-label");
  gtk_list_item_set_child (item, cell);
}

/* @item's window: factories are told of a column, and there may be several windows. */
static MsSourceWindow *
get_window (GtkListItem *item)
{
  return MS_SOURCE_WINDOW (
      gtk_widget_get_ancestor (gtk_list_item_get_child (item), MS_TYPE_SOURCE_WINDOW));
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  MsSourceWindow *self = get_window (item);
  GtkWidget *cell = gtk_list_item_get_child (item);
  guint line = gtk_list_item_get_position (item) + 1;
  guint64 total = self != NULL ? self->totals[line] : 0;
  double error = self != NULL ? self->errors[line] : 0;
  g_autofree char *text = NULL;

  switch ((Column) GPOINTER_TO_UINT (user_data))
    {
    case COLUMN_LINE:
      text = g_strdup_printf ("%u", line);
      break;
    case COLUMN_VALUE:
      text = total == 0                       ? g_strdup ("")
             : self != NULL && self->is_bytes ? ms_figure_bytes_with_error (total, error)
                                              : ms_figure_count_with_error (total, error);
      break;
    case COLUMN_SHARE:
      ms_share_bar_set_share (MS_SHARE_BAR (cell),
                              total > 0 ? (double) total / (double) self->whole : -1);
      return;
    case COLUMN_TEXT:
    case N_COLUMNS:
    default:
      gtk_label_set_text (GTK_LABEL (cell),
                          gtk_string_object_get_string (gtk_list_item_get_item (item)));
      return;
    }
  gtk_label_set_text (GTK_LABEL (cell), text);
}

/* --- the lines --- */

/* One line of hostile text, tabs as wide as source has them. */
static char *
dup_line (const char *start, gsize n_bytes)
{
  g_autofree char *line = g_strndup (start, n_bytes);
  GString *wide = g_string_new (NULL);
  guint column = 0;

  if (n_bytes > 0 && line[n_bytes - 1] == '\r')
    line[n_bytes - 1] = '\0';
  for (const char *p = line; *p != '\0'; p++)
    if (*p == '\t')
      do
        g_string_append_c (wide, ' ');
      while (++column % 8 != 0);
    else
      {
        g_string_append_c (wide, *p);
        column += (*p & 0xc0) != 0x80;
      }

  char *shown = ms_display_text (wide->str, LINE_CHARS);
  g_string_free (wide, TRUE);
  return shown;
}

static GtkStringList *
new_lines (const char *content)
{
  GtkStringList *lines = gtk_string_list_new (NULL);

  for (const char *at = content; *at != '\0';)
    {
      const char *end = strchr (at, '\n');
      gsize n_bytes = end != NULL ? (gsize) (end - at) : strlen (at);

      gtk_string_list_take (lines, dup_line (at, n_bytes));
      at = end != NULL ? end + 1 : at + n_bytes;
    }
  return lines;
}

static void
count_lines (MsSourceWindow *self, MsMemoryFigures *figures, guint n_lines)
{
  g_autoptr (GArray) totals =
      ms_line_totals_new (figures->names, figures->values, figures->value_errors, self->file);

  self->n_lines = n_lines;
  self->whole = MAX (figures->whole, 1);
  self->is_bytes = ms_memory_measure_is_bytes (figures->measure);
  self->totals = g_new0 (guint64, n_lines + 2);
  self->errors = g_new0 (double, n_lines + 2);
  for (guint i = 0; i < totals->len; i++)
    {
      const MsLineTotals *line = &g_array_index (totals, MsLineTotals, i);

      /* The file may have been shorter when it was compiled. */
      if (line->line <= n_lines)
        {
          self->totals[line->line] = line->total;
          self->errors[line->line] = line->total_error;
        }
    }
}

/* --- the window --- */

/* Every row says its figure again; what is selected stays. */
static void
units_changed_cb (MsSourceWindow *self)
{
  GtkSelectionModel *selection = gtk_column_view_get_model (GTK_COLUMN_VIEW (self->list));
  GListModel *lines = gtk_single_selection_get_model (GTK_SINGLE_SELECTION (selection));

  g_list_model_items_changed (lines, 0, self->n_lines, self->n_lines);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsSourceWindow *self = MS_SOURCE_WINDOW (widget);
  g_autoptr (GError) error = NULL;

  if (ms_source_open (widget, NULL, self->file, self->line, &error))
    return;

  g_autofree char *text = g_markup_escape_text (error->message, -1);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), adw_toast_new (text));
}

/* Rows have their heights after some frames; the line is not at the edge then. */
static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MsSourceWindow *self = MS_SOURCE_WINDOW (widget);
  GtkWidget *view = gtk_widget_get_last_child (self->list);

  if (--self->n_scroll_frames > 0)
    return G_SOURCE_CONTINUE;
  self->scroll_tick = 0;
  if (view != NULL && self->line > 0 && self->line <= self->n_lines)
    gtk_widget_activate_action (view, "list.scroll-to-item", "u",
                                MIN (self->line + 8, self->n_lines) - 1);
  return G_SOURCE_REMOVE;
}

static void
ms_source_window_dispose (GObject *object)
{
  MsSourceWindow *self = MS_SOURCE_WINDOW (object);

  if (self->scroll_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->scroll_tick);
  self->scroll_tick = 0;
  G_OBJECT_CLASS (ms_source_window_parent_class)->dispose (object);
}

static void
ms_source_window_finalize (GObject *object)
{
  MsSourceWindow *self = MS_SOURCE_WINDOW (object);

  g_free (self->file);
  g_free (self->totals);
  g_free (self->errors);
  G_OBJECT_CLASS (ms_source_window_parent_class)->finalize (object);
}

static void
ms_source_window_class_init (MsSourceWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_source_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = ms_source_window_finalize;
  gtk_widget_class_install_action (widget_class, "source.open", NULL, open_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ms_source_window_init (MsSourceWindow *self)
{
}

static void
add_columns (GtkColumnView *view)
{
  const char *const TITLES[N_COLUMNS] = { _ ("Line"), _ ("Held"), _ ("Share"), _ ("Source") };

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

      g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GUINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GUINT_TO_POINTER (i));
      g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (TITLES[i], factory);
      gtk_column_view_column_set_expand (column, i == COLUMN_TEXT);
      gtk_column_view_append_column (view, column);
    }
}

static GtkWidget *
new_header (const char *file)
{
  GtkWidget *header = adw_header_bar_new (), *button = gtk_button_new (),
            *words = gtk_label_new_with_mnemonic (_ ("_Open in Editor"));
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *title = ms_display_name (base);
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *subtitle = ms_display_name (folder);

  /* A label of the button's own would be read with its underscore. */
  gtk_button_set_child (GTK_BUTTON (button), words);
  gtk_widget_add_css_class (button, "text-button");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Open in Editor"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "source.open");
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), button);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new (title, subtitle));
  return header;
}

GtkWindow *
ms_source_window_new (GtkWindow *parent,
                      MsMemoryFigures *figures,
                      const char *file,
                      const char *content,
                      guint line)
{
  MsSourceWindow *self =
      g_object_new (MS_TYPE_SOURCE_WINDOW, "transient-for", parent, "default-width", 900,
                    "default-height", 640, "destroy-with-parent", TRUE, NULL);
  GtkStringList *lines = new_lines (content);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *scrolled = gtk_scrolled_window_new ();
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *title = ms_display_name (base);

  self->file = g_strdup (file);
  self->line = line;
  count_lines (self, figures, g_list_model_get_n_items (G_LIST_MODEL (lines)));
  gtk_window_set_title (GTK_WINDOW (self), title);

  g_autoptr (GtkSingleSelection) selection = gtk_single_selection_new (G_LIST_MODEL (lines));
  self->list = gtk_column_view_new (NULL);
  gtk_widget_add_css_class (self->list, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  add_columns (GTK_COLUMN_VIEW (self->list));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (box), new_header (file));
  gtk_box_append (GTK_BOX (box), scrolled);
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), box);
  adw_window_set_content (ADW_WINDOW (self), self->toasts);

  /* Now that cells find their window. */
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->list),
                             GTK_SELECTION_MODEL (g_steal_pointer (&selection)));
  if (line > 0 && line <= self->n_lines)
    gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (gtk_column_view_get_model (
                                           GTK_COLUMN_VIEW (self->list))),
                                       line - 1);
  ms_display_units_watch (self, G_CALLBACK (units_changed_cb));
  self->n_scroll_frames = 4;
  self->scroll_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), scroll_cb, NULL, NULL);
  return GTK_WINDOW (self);
}

guint
ms_source_window_get_line (MsSourceWindow *self)
{
  GtkSelectionModel *model;

  g_return_val_if_fail (MS_IS_SOURCE_WINDOW (self), 0);

  model = gtk_column_view_get_model (GTK_COLUMN_VIEW (self->list));
  return gtk_single_selection_get_selected (GTK_SINGLE_SELECTION (model)) + 1;
}

guint
ms_source_window_get_n_lines (MsSourceWindow *self)
{
  g_return_val_if_fail (MS_IS_SOURCE_WINDOW (self), 0);

  return self->n_lines;
}

guint64
ms_source_window_get_total (MsSourceWindow *self, guint line)
{
  g_return_val_if_fail (MS_IS_SOURCE_WINDOW (self) && line <= self->n_lines, 0);

  return self->totals[line];
}
