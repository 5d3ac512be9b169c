/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-display-name.h"
#include "ms-flame-graph.h"
#include "ms-memory-page-private.h"
#include "ms-picture-dialog.h"
#include "ms-request.h"
#include "ms-saving.h"
#include "ms-short-name.h"
#include "ms-source-opener.h"
#include "ms-source-window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PICTURE_WIDTH_PX 1400

static void
say (MsMemoryPage *self, const char *message)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *text = g_markup_escape_text (message, -1);

  if (overlay != NULL)
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), adw_toast_new (text));
}

/* --- frames --- */

void
ms_memory_page_go_around (MsMemoryPage *self, guint function)
{
  g_free (self->around_label);
  self->around_label =
      g_strdup (ms_frame_names_get_function (self->figures->names, function)->label);
  self->around = function;
  g_object_set (self, "list", ms_memory_list_to_string (MS_MEMORY_LIST_AROUND), NULL);
}

static gboolean
is_filter (MsFocus *focus, const guint *stacks, guint n, const char *label)
{
  guint n_before = 0;
  const guint *before = ms_focus_get_stacks (focus, &n_before);

  if (before == NULL || n_before != n)
    return FALSE;
  /* Two frames of a function have the same label, and may have as many stacks each. */
  return memcmp (before, stacks, n * sizeof *stacks) == 0
         && (n == 1 || g_strcmp0 (ms_focus_get_stacks_label (focus), label) == 0);
}

/* The same once more takes the filter away. */
static void
filter_by (MsMemoryPage *self, const guint *stacks, guint n, const char *label)
{
  MsFocus *focus = ms_lens_get_focus (self->lens);

  if (stacks == NULL || n == 0)
    return;
  if (is_filter (focus, stacks, n, label))
    ms_focus_clear_stack (focus);
  else if (n == 1)
    ms_focus_set_stack (focus, stacks[0]);
  else
    ms_focus_set_stacks (focus, stacks, n, label);
}

void
ms_memory_page_end_choice (MsMemoryPage *self)
{
  if (self->choice_end != 0 && self->lens != NULL)
    ms_focus_end_gesture (ms_lens_get_focus (self->lens));
  g_clear_handle_id (&self->choice_end, g_source_remove);
}

static gboolean
choice_end_cb (gpointer user_data)
{
  MsMemoryPage *self = user_data;

  ms_focus_end_gesture (ms_lens_get_focus (self->lens));
  self->choice_end = 0;
  return G_SOURCE_REMOVE;
}

static void
begin_choice (MsMemoryPage *self, gint node)
{
  int double_click_ms = 400;

  if (self->choice_end != 0 && self->chosen_node == node)
    return;
  ms_memory_page_end_choice (self);
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time",
                &double_click_ms, NULL);
  ms_focus_begin_gesture (ms_lens_get_focus (self->lens));
  self->chosen_node = node;
  self->choice_end = g_timeout_add ((guint) MAX (double_click_ms, 1), choice_end_cb, self);
}

void
ms_memory_page_frame_chosen (MsMemoryPage *self, gint node)
{
  MsCallTree *tree = ms_flame_graph_get_tree (MS_FLAME_GRAPH (self->flame));
  guint n;
  const guint *stacks = ms_call_tree_get_stacks (tree, (guint) node, &n);

  begin_choice (self, node);

  /* The root is everything. */
  if (node == 0)
    {
      ms_focus_clear_stack (ms_lens_get_focus (self->lens));
      return;
    }

  g_autofree char *name = ms_short_name_new (ms_call_tree_get_label (tree, (guint) node));
  g_autofree char *label = ms_display_name (name);
  filter_by (self, stacks, n, label);
}

/* A source file may lie on a disk that sleeps, or a network that is gone: a worker looks. */
typedef struct {
  char *file;       /* NULL: not known */
  char *executable; /* or NULL */
  char **folders;   /* where sources may be, or NULL */
  guint line;
  char *command; /* NULL: it is shown here */
  MsMemoryFigures *figures;
  char *found, *content;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *self = data;

  g_free (self->file);
  g_free (self->executable);
  g_strfreev (self->folders);
  g_free (self->command);
  g_free (self->found);
  g_free (self->content);
  ms_memory_figures_unref (self->figures);
  g_free (self);
}

static void
opening_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Opening *self = task_data;
  GError *error = NULL;

  self->found =
      ms_source_find (self->file, self->executable, (const char *const *) self->folders, &error);
  if (self->found != NULL && self->command == NULL)
    g_file_get_contents (self->found, &self->content, NULL, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* Beside what its lines hold, if no other editor is wanted. */
static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsMemoryPage) self = ms_request_ticket_redeem (user_data);
  GtkRoot *root = self != NULL ? gtk_widget_get_root (GTK_WIDGET (self)) : NULL;
  const Opening *opening = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  /* The window was closed meanwhile. */
  if (root == NULL)
    return;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  if (done && opening->command == NULL)
    gtk_window_present (ms_source_window_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                              opening->figures, opening->found, opening->content,
                                              opening->line));
  else if (done)
    done =
        ms_source_open (GTK_WIDGET (self), opening->command, opening->found, opening->line, &error);
  if (!done)
    say (self, error->message);
}

static void
open_frame (MsMemoryPage *self, const MsFrame *frame)
{
  g_autofree char *command =
      self->settings != NULL ? g_settings_get_string (self->settings, "editor-command") : NULL;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, opened_cb, ms_request_ticket_new (self));
  Opening *opening = g_new0 (Opening, 1);

  opening->file = frame != NULL ? g_strdup (frame->file) : NULL;
  opening->executable = g_strdup (ms_trace_get_executable (ms_lens_get_trace (self->lens)));
  opening->folders =
      self->settings != NULL ? g_settings_get_strv (self->settings, "symbol-paths") : NULL;
  opening->line = frame != NULL ? frame->line : 0;
  opening->command = command != NULL && *command != '\0' ? g_steal_pointer (&command) : NULL;
  opening->figures = ms_memory_figures_ref (self->figures);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, opening_worker);
}

void
ms_memory_page_frame_opened (MsMemoryPage *self, gint node)
{
  MsCallTree *tree = ms_flame_graph_get_tree (MS_FLAME_GRAPH (self->flame));
  guint n, frame, function = ms_call_tree_get_node (tree, (guint) node)->function;
  const guint *stacks = ms_call_tree_get_stacks (tree, (guint) node, &n);

  if (function >= MS_FUNCTION_OTHERS || n == 0
      || !ms_memory_figures_find_frame (self->figures,
                                        ms_memory_figures_get_heaviest (self->figures, stacks, n),
                                        function, &frame))
    return;
  open_frame (self, ms_frame_names_get_frame (ms_call_tree_get_names (tree), frame));
}

void
ms_memory_page_row_opened (MsMemoryPage *self, MsMemoryRow *row)
{
  open_frame (self, ms_memory_row_get_frame (row));
}

/* --- actions --- */

static void
zoom_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsFlameGraph *flame = MS_FLAME_GRAPH (MS_MEMORY_PAGE (widget)->flame);

  if (ms_flame_graph_get_cursor (flame) >= 0)
    ms_flame_graph_zoom (flame, (guint) ms_flame_graph_get_cursor (flame));
}

static void
zoom_out_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_flame_graph_zoom_out (MS_FLAME_GRAPH (MS_MEMORY_PAGE (widget)->flame));
}

static void
filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);

  ms_memory_page_frame_chosen (self, ms_flame_graph_get_cursor (MS_FLAME_GRAPH (self->flame)));
}

guint
ms_memory_page_get_cursor_function (MsMemoryPage *self)
{
  MsFlameGraph *flame = MS_FLAME_GRAPH (self->flame);
  gint cursor = ms_flame_graph_get_cursor (flame);

  return cursor > 0
             ? ms_call_tree_get_node (ms_flame_graph_get_tree (flame), (guint) cursor)->function
             : MS_FUNCTION_NONE;
}

static void
around_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);
  guint function = ms_memory_page_get_cursor_function (self);

  if (function < MS_FUNCTION_OTHERS)
    ms_memory_page_go_around (self, function);
}

static void
open_source_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);

  if (ms_memory_page_get_cursor_function (self) < MS_FUNCTION_OTHERS)
    ms_memory_page_frame_opened (self, ms_flame_graph_get_cursor (MS_FLAME_GRAPH (self->flame)));
}

static void
copy_name_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);
  guint function = ms_memory_page_get_cursor_function (self);

  if (function < MS_FUNCTION_OTHERS)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                            ms_frame_names_get_function (self->figures->names, function)->label);
}

/* --- of the selected row --- */

/* (transfer full) */
static MsMemoryRow *
dup_row (GtkWidget *widget)
{
  return ms_memory_table_dup_selected (MS_MEMORY_TABLE (MS_MEMORY_PAGE (widget)->table));
}

/* A function of the flat list is on stacks that the row does not know. */
static void
row_filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);
  g_autoptr (MsMemoryRow) row = dup_row (widget);
  g_autofree guint *on = NULL;
  const guint *stacks;
  guint n = 0;

  if (row == NULL)
    return;
  stacks = ms_memory_row_get_stacks (row, &n);
  if (stacks == NULL && ms_memory_row_get_function (row) < MS_FUNCTION_OTHERS)
    stacks = on =
        ms_memory_figures_dup_stacks_of (self->figures, ms_memory_row_get_function (row), &n);
  filter_by (self, stacks, n, ms_memory_row_get_name (row));
}

static void
row_around_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (MsMemoryRow) row = dup_row (widget);

  if (row != NULL && ms_memory_row_get_function (row) < MS_FUNCTION_OTHERS)
    ms_memory_page_go_around (MS_MEMORY_PAGE (widget), ms_memory_row_get_function (row));
}

static void
row_open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (MsMemoryRow) row = dup_row (widget);

  if (row != NULL)
    ms_memory_page_row_opened (MS_MEMORY_PAGE (widget), row);
}

static void
row_copy_name_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);
  g_autoptr (MsMemoryRow) row = dup_row (widget);
  guint function = row != NULL ? ms_memory_row_get_function (row) : MS_FUNCTION_NONE;

  if (function < MS_FUNCTION_OTHERS)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                            ms_frame_names_get_function (self->figures->names, function)->label);
}

/* --- of the page --- */

char *
ms_memory_page_to_csv (MsMemoryPage *self, guint *n_rows)
{
  GListModel *rows;

  g_return_val_if_fail (MS_IS_MEMORY_PAGE (self), NULL);

  rows = ms_memory_table_get_rows (MS_MEMORY_TABLE (self->table));
  *n_rows = rows != NULL ? g_list_model_get_n_items (rows) : 0;
  return ms_memory_table_to_csv (MS_MEMORY_TABLE (self->table));
}

static void
copy_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  guint n_rows;
  g_autofree char *csv = ms_memory_page_to_csv (MS_MEMORY_PAGE (widget), &n_rows);
  g_autofree char *text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u row copied", "%u rows copied", n_rows),
                       n_rows);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), csv);
  say (MS_MEMORY_PAGE (widget), text);
}

static void
save_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);
  guint n_rows;
  char *csv = ms_memory_page_to_csv (self, &n_rows);

  ms_saving_ask_for_table (widget, ms_memory_list_to_string (self->list), csv);
}

static void
paint_picture (GtkWidget *plot, cairo_t *cr, const MsPalette *palette)
{
  ms_flame_graph_paint (MS_FLAME_GRAPH (plot), cr, palette, PICTURE_WIDTH_PX);
}

static void
save_picture_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (widget);
  MsPalette palette;

  if (ms_flame_graph_get_tree (MS_FLAME_GRAPH (self->flame)) == NULL)
    return;
  ms_palette_init (&palette, FALSE, FALSE);
  ms_picture_dialog_show (self->flame, "flame-graph", PICTURE_WIDTH_PX,
                          ms_flame_graph_paint (MS_FLAME_GRAPH (self->flame), NULL, &palette,
                                                PICTURE_WIDTH_PX),
                          paint_picture);
}

void
ms_memory_page_update_actions (MsMemoryPage *self)
{
  MsFlameGraph *flame = MS_FLAME_GRAPH (self->flame);
  gint cursor = ms_flame_graph_get_cursor (flame);
  gboolean on_frame = cursor > 0 && ms_flame_graph_get_tree (flame) != NULL;
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "memory.zoom-out", ms_flame_graph_get_zoomed (flame) > 0);
  gtk_widget_action_set_enabled (widget, "memory.zoom-in",
                                 cursor >= 0
                                     && (guint) cursor != ms_flame_graph_get_zoomed (flame));
  gtk_widget_action_set_enabled (widget, "memory.filter", cursor >= 0);
  gtk_widget_action_set_enabled (widget, "memory.around", on_frame);
  gtk_widget_action_set_enabled (widget, "memory.open-source", on_frame);
  gtk_widget_action_set_enabled (widget, "memory.copy-name", on_frame);
}

void
ms_memory_page_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_property_action (widget_class, "memory.measure", "measure");
  gtk_widget_class_install_property_action (widget_class, "memory.shape", "shape");
  gtk_widget_class_install_property_action (widget_class, "memory.list", "list");
  gtk_widget_class_install_action (widget_class, "memory.zoom-in", NULL, zoom_in_action);
  gtk_widget_class_install_action (widget_class, "memory.zoom-out", NULL, zoom_out_action);
  gtk_widget_class_install_action (widget_class, "memory.filter", NULL, filter_action);
  gtk_widget_class_install_action (widget_class, "memory.around", NULL, around_action);
  gtk_widget_class_install_action (widget_class, "memory.open-source", NULL, open_source_action);
  gtk_widget_class_install_action (widget_class, "memory.copy-name", NULL, copy_name_action);
  gtk_widget_class_install_action (widget_class, "memory.row-filter", NULL, row_filter_action);
  gtk_widget_class_install_action (widget_class, "memory.row-around", NULL, row_around_action);
  gtk_widget_class_install_action (widget_class, "memory.row-open", NULL, row_open_action);
  gtk_widget_class_install_action (widget_class, "memory.row-copy-name", NULL,
                                   row_copy_name_action);
  gtk_widget_class_install_action (widget_class, "memory.copy-csv", NULL, copy_csv_action);
  gtk_widget_class_install_action (widget_class, "memory.save-csv", NULL, save_csv_action);
  gtk_widget_class_install_action (widget_class, "memory.save-picture", NULL, save_picture_action);
}
