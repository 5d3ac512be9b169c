/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-page.h"
#include "ms-figures.h"
#include "ms-flame-legend.h"
#include "ms-memory-cards.h"
#include "ms-memory-page-private.h"
#include "ms-memory-words.h"
#include "ms-request.h"
#include "ms-shared-menu.h"
#include "ms-side-layout.h"
#include "ms-status-words.h"

#include <glib/gi18n-lib.h>

#define SIDE_PX 300
#define WIDE_PX 1000
#define SPACING_PX 12
#define LEAST_TABLE_PX 208

enum { PROP_0, PROP_MEASURE, PROP_SHAPE, PROP_LIST, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (MsMemoryPage, ms_memory_page, ADW_TYPE_BIN)

static void reload (MsMemoryPage *self);

/* --- the picture --- */

static MsCallTree *
get_picture_tree (MsMemoryPage *self)
{
  if (self->figures == NULL)
    return NULL;
  return self->shape == MS_MEMORY_SHAPE_CALLERS ? self->figures->whole_bottom_up
                                                : self->figures->whole_top_down;
}

static void
update_kept (MsMemoryPage *self)
{
  guint n = 0;
  const guint *stacks =
      self->lens != NULL ? ms_focus_get_stacks (ms_lens_get_focus (self->lens), &n) : NULL;

  ms_flame_graph_set_kept (MS_FLAME_GRAPH (self->flame), stacks, n);
}

static const gboolean *
update_search (MsMemoryPage *self)
{
  const char *needle = gtk_editable_get_text (GTK_EDITABLE (self->search));
  const gboolean *is_match = NULL;
  guint n = ms_flame_graph_search (MS_FLAME_GRAPH (self->flame), needle, &is_match);

  gtk_widget_set_visible (self->found, self->figures != NULL && is_match != NULL);
  if (self->figures == NULL || is_match == NULL)
    return NULL;

  guint64 sum = ms_functions_get_total (self->figures->names, self->figures->values, is_match);
  g_autofree char *share =
      ms_figure_percent (100.0 * (double) sum / (double) MAX (self->figures->whole, 1));
  g_autofree char *text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u function · %s", "%u functions · %s", n), n,
                       share);
  gtk_label_set_text (GTK_LABEL (self->found), text);
  return is_match;
}

static void
reading_cb (MsMemoryPage *self)
{
  g_autofree char *reading = ms_flame_graph_dup_reading (MS_FLAME_GRAPH (self->flame));

  gtk_label_set_text (GTK_LABEL (self->reading), reading);
}

static void
flame_changed_cb (MsMemoryPage *self)
{
  reading_cb (self);
  ms_memory_page_update_actions (self);
}

static void
zoomed_cb (MsMemoryPage *self)
{
  flame_changed_cb (self);
  ms_memory_page_show_root (self);
}

static void
show_picture (MsMemoryPage *self)
{
  gboolean is_bytes = ms_memory_measure_is_bytes (self->measure);

  ms_memory_page_keep_root (self);
  ms_flame_graph_set_orientation (MS_FLAME_GRAPH (self->flame), self->shape == MS_MEMORY_SHAPE_FLAME
                                                                    ? MS_FLAME_ROOT_BELOW
                                                                    : MS_FLAME_ROOT_ABOVE);
  update_kept (self);
  ms_flame_graph_set_tree (MS_FLAME_GRAPH (self->flame), get_picture_tree (self), is_bytes);
  ms_flame_legend_update (MS_FLAME_LEGEND (self->legend));
  flame_changed_cb (self);
}

/* --- the lists --- */

/* Within what is shown. */
static gboolean
was_killed (MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);

  return ms_trace_get_state (trace) == MS_STATE_KILLED
         && ms_view_get_end_ns (view) >= ms_trace_get_duration_ns (trace);
}

static void
update_note (MsMemoryPage *self)
{
  g_autofree char *note = NULL;

  if (self->figures != NULL && self->figures->leaks != NULL)
    note = ms_memory_leak_note_new (self->figures->leaks, self->figures->ends_early,
                                    was_killed (self->figures->view));
  else if (self->figures != NULL && self->measure == MS_MEASURE_TEMPORARY)
    note = g_strdup (_ ("Freed by the very next call of the thread that allocated them: a buffer "
                        "on the stack or one that is kept would do."));
  else if (self->list == MS_MEMORY_LIST_AROUND && self->around == MS_FUNCTION_NONE)
    note = g_strdup (_ ("Select a function in the picture or in another list first."));
  gtk_widget_set_visible (self->note, note != NULL);
  gtk_label_set_text (GTK_LABEL (self->note), note != NULL ? note : "");
}

static void
forget_around (MsMemoryPage *self)
{
  ms_request_cancel (&self->around_cancellable);
  g_clear_pointer (&self->around_trees, ms_memory_around_free);
}

static void
show_list (MsMemoryPage *self, const gboolean *is_match)
{
  ms_memory_table_show (MS_MEMORY_TABLE (self->table), self->figures, self->list,
                        self->around_trees, is_match);
  update_note (self);
}

static void
around_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsMemoryPage) self = user_data;
  MsMemoryAround *around = ms_memory_figures_go_around_finish (result);

  /* Another function is looked at by now, or none. */
  if (g_task_get_cancellable (G_TASK (result)) != self->around_cancellable || around == NULL)
    {
      g_clear_pointer (&around, ms_memory_around_free);
      return;
    }
  g_clear_object (&self->around_cancellable);
  self->around_trees = around;
  show_list (self, NULL);
}

/* The list as it is now, and what is around a function once a worker has it. */
static void
update_list (MsMemoryPage *self, const gboolean *is_match)
{
  show_list (self, is_match);
  if (self->list != MS_MEMORY_LIST_AROUND || self->around == MS_FUNCTION_NONE
      || self->figures == NULL || self->around_trees != NULL || self->around_cancellable != NULL)
    return;
  self->around_cancellable = g_cancellable_new ();
  ms_memory_figures_go_around_async (self->figures, self->around, self->around_cancellable,
                                     around_cb, g_object_ref (self));
}

static void
search_changed_cb (MsMemoryPage *self)
{
  const gboolean *is_match = update_search (self);

  if (self->list == MS_MEMORY_LIST_STACKS || self->list == MS_MEMORY_LIST_FUNCTIONS)
    show_list (self, is_match);
}

static void
stop_search_cb (MsMemoryPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (self->flame);
}

/* Numbers of functions are those of the names at hand. */
static void
find_around (MsMemoryPage *self)
{
  MsFrameNames *names = self->figures->names;

  self->around = MS_FUNCTION_NONE;
  for (guint i = 0; self->around_label != NULL && i < ms_frame_names_get_n_functions (names); i++)
    if (g_str_equal (ms_frame_names_get_function (names, i)->label, self->around_label))
      {
        self->around = i;
        return;
      }
}

/* FALSE of what --resources-only made. */
static gboolean
has_memory (MsMemoryPage *self)
{
  MsDocument *document = self->lens != NULL ? ms_lens_get_document (self->lens) : NULL;
  MsTrace *trace = document != NULL ? ms_document_get_trace (document) : NULL;

  return trace == NULL || ms_document_get_n_tracked (document) > 0
         || ms_trace_has_domain (trace, ms_trace_get_main_domain (trace));
}

static gboolean
is_hidden (MsMemoryPage *self)
{
  return ms_memory_is_hidden (self->lens != NULL ? ms_lens_get_trace (self->lens) : NULL,
                              self->measure);
}

static const char *
get_empty_words (MsMemoryPage *self)
{
  if (!has_memory (self))
    return _ ("no thread was tracked");
  if (is_hidden (self))
    return _ ("not available in ring mode");
  return self->figures != NULL && self->figures->leaks != NULL
             ? gtk_label_get_text (GTK_LABEL (self->note))
             : NULL;
}

static void
show_figures (MsMemoryPage *self)
{
  gboolean is_recorded = has_memory (self) && !is_hidden (self);
  gboolean is_empty = self->figures == NULL || self->figures->n_stacks == 0;

  if (self->figures != NULL)
    find_around (self);
  forget_around (self);
  show_picture (self);
  update_list (self, update_search (self));
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty),
                             !is_recorded
                                 ? _ ("Not available")
                                 : ms_memory_empty_title (self->measure,
                                                          self->figures != NULL
                                                              && self->figures->ends_early));
  ms_status_words_set (self->empty, get_empty_words (self));
  gtk_widget_set_visible (self->empty, self->figures != NULL && is_empty);
  gtk_widget_set_visible (self->flame_card, !is_empty);
  gtk_widget_set_visible (self->table_card, !is_empty);
  gtk_widget_set_visible (self->lists, !is_empty);
}

/* --- figures --- */

gboolean
ms_memory_page_get_busy (MsMemoryPage *self)
{
  g_return_val_if_fail (MS_IS_MEMORY_PAGE (self), FALSE);

  return self->cancellable != NULL || self->around_cancellable != NULL
         || (self->lens != NULL
             && (ms_lens_get_busy (self->lens) || !ms_lens_has_names (self->lens)));
}

static void
figures_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsMemoryPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsMemoryFigures) figures = ms_memory_figures_load_finish (result, &error);

  /* Others are wanted by now, or none. */
  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  if (figures == NULL)
    {
      ms_status_words_set (self->nothing, error->message);
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "nothing");
      return;
    }
  g_clear_pointer (&self->figures, ms_memory_figures_unref);
  self->figures = g_steal_pointer (&figures);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "content");
  show_figures (self);
}

/* What was shown stays until the new is there. */
static void
reload (MsMemoryPage *self)
{
  ms_request_cancel (&self->cancellable);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->is_mapped_stale = TRUE;
      return;
    }
  self->is_mapped_stale = FALSE;
  if (self->lens == NULL || ms_lens_get_frame_names (self->lens) == NULL)
    return;
  if (ms_lens_get_view (self->lens) == NULL)
    {
      ms_status_words_set (self->nothing, ms_lens_get_problem (self->lens));
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "nothing");
      return;
    }
  self->cancellable = g_cancellable_new ();
  ms_memory_figures_load_async (self->lens, self->measure, self->cancellable, figures_loaded_cb,
                                g_object_ref (self));
}

static void
lens_changed_cb (MsMemoryPage *self)
{
  reload (self);
  /* A view scans when it is asked: not for a page that nobody sees. */
  if (self->lens == NULL || !self->is_mapped_stale)
    ms_memory_cards_show (MS_MEMORY_CARDS (self->cards), self->lens);
}

static void
ms_memory_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ms_memory_page_parent_class)->map (widget);
  if (MS_MEMORY_PAGE (widget)->is_mapped_stale)
    lens_changed_cb (MS_MEMORY_PAGE (widget));
}

/* --- the widget --- */

/* As somebody chose, or what a ring knows instead. */
static void
show_measure (MsMemoryPage *self)
{
  self->measure = self->chosen_measure;
  if (is_hidden (self))
    self->measure = MS_MEASURE_ALLOCATED;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEASURE]);
}

static void
ms_memory_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (object);

  switch (id)
    {
    case PROP_MEASURE:
      g_value_set_string (value, ms_memory_measure_to_string (self->measure));
      break;
    case PROP_SHAPE:
      g_value_set_string (value, ms_memory_shape_to_string (self->shape));
      break;
    case PROP_LIST:
      g_value_set_string (value, ms_memory_list_to_string (self->list));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_memory_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (object);

  switch (id)
    {
    case PROP_MEASURE:
      self->measure = self->chosen_measure =
          ms_memory_measure_from_string (g_value_get_string (value));
      reload (self);
      break;
    case PROP_SHAPE:
      self->shape = ms_memory_shape_from_string (g_value_get_string (value));
      show_picture (self);
      ms_memory_page_show_root (self);
      break;
    case PROP_LIST:
      self->list = ms_memory_list_from_string (g_value_get_string (value));
      if (self->list == MS_MEMORY_LIST_AROUND && self->around == MS_FUNCTION_NONE
          && ms_memory_page_get_cursor_function (self) < MS_FUNCTION_OTHERS)
        ms_memory_page_go_around (self, ms_memory_page_get_cursor_function (self));
      else
        {
          forget_around (self);
          update_list (self, update_search (self));
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_memory_page_dispose (GObject *object)
{
  MsMemoryPage *self = MS_MEMORY_PAGE (object);

  ms_memory_page_end_choice (self);
  ms_request_cancel (&self->cancellable);
  if (self->root_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->root_tick);
  self->root_tick = 0;
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  g_clear_object (&self->lens);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->figures, ms_memory_figures_unref);
  g_clear_pointer (&self->around_label, g_free);
  forget_around (self);
  G_OBJECT_CLASS (ms_memory_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, nothing);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, body);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, main);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, side);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, choices);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, lists);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, flame_card);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, flame_scrolled);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, reading);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, search);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, found);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, table_card);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, note);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, empty);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, frame_menu);
  gtk_widget_class_bind_template_child (widget_class, MsMemoryPage, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, ms_shared_menu_cb);
}

static void
ms_memory_page_class_init (MsMemoryPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = ms_memory_page_dispose;
  object_class->get_property = ms_memory_page_get_property;
  object_class->set_property = ms_memory_page_set_property;
  widget_class->map = ms_memory_page_map;
  properties[PROP_MEASURE] = g_param_spec_string ("measure", NULL, NULL, "peak", flags);
  properties[PROP_SHAPE] = g_param_spec_string ("shape", NULL, NULL, "flame", flags);
  properties[PROP_LIST] = g_param_spec_string ("list", NULL, NULL, "stacks", flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-memory-page.ui");
  bind_children (widget_class);
  ms_memory_page_install_actions (widget_class);
}

static void
ms_memory_page_init (MsMemoryPage *self)
{
  self->around = MS_FUNCTION_NONE;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->body, ms_side_layout_new (SIDE_PX, WIDE_PX, SPACING_PX));
  ms_memory_choices_fill (self->choices);
  ms_memory_choices_fill_lists (self->lists);

  self->flame = ms_flame_graph_new ();
  ms_flame_graph_set_menu (MS_FLAME_GRAPH (self->flame),
                           ms_shared_menu_get ("frame_menu", self->frame_menu));
  g_signal_connect_swapped (self->flame, "reading", G_CALLBACK (flame_changed_cb), self);
  g_signal_connect_swapped (self->flame, "zoomed", G_CALLBACK (zoomed_cb), self);
  g_signal_connect_swapped (self->flame, "chosen", G_CALLBACK (ms_memory_page_frame_chosen), self);
  g_signal_connect_swapped (self->flame, "opened", G_CALLBACK (ms_memory_page_frame_opened), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->flame_scrolled), self->flame);
  ms_memory_page_watch_root (self);

  self->legend = ms_flame_legend_new (MS_FLAME_GRAPH (self->flame));
  gtk_box_append (GTK_BOX (self->flame_card), self->legend);

  self->table = ms_memory_table_new ();
  gtk_widget_set_vexpand (self->table, TRUE);
  gtk_widget_set_size_request (self->table, -1, LEAST_TABLE_PX);
  ms_memory_table_set_menu (MS_MEMORY_TABLE (self->table),
                            ms_shared_menu_get ("row_menu", self->row_menu));
  g_signal_connect_swapped (self->table, "opened", G_CALLBACK (ms_memory_page_row_opened), self);
  gtk_box_append (GTK_BOX (self->table_card), self->table);

  self->cards = ms_memory_cards_new ();
  gtk_box_append (GTK_BOX (self->side), self->cards);
  ms_memory_page_update_actions (self);
}

GtkWidget *
ms_memory_page_new (void)
{
  return g_object_new (MS_TYPE_MEMORY_PAGE, NULL);
}

void
ms_memory_page_set_lens (MsMemoryPage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_MEMORY_PAGE (self));

  if (self->lens == lens)
    return;
  ms_memory_page_end_choice (self);
  ms_request_cancel (&self->cancellable);
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  g_set_object (&self->lens, lens);
  g_clear_pointer (&self->figures, ms_memory_figures_unref);
  g_clear_pointer (&self->around_label, g_free);
  self->around = MS_FUNCTION_NONE;
  show_measure (self);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  show_figures (self);
  if (lens != NULL)
    {
      g_signal_connect_swapped (lens, "changed", G_CALLBACK (lens_changed_cb), self);
      g_signal_connect_swapped (lens, "names-changed", G_CALLBACK (reload), self);
    }
  lens_changed_cb (self);
}

void
ms_memory_page_set_settings (MsMemoryPage *self, GSettings *settings)
{
  g_return_if_fail (MS_IS_MEMORY_PAGE (self));

  g_set_object (&self->settings, settings);
}

void
ms_memory_page_start_search (MsMemoryPage *self)
{
  g_return_if_fail (MS_IS_MEMORY_PAGE (self));

  gtk_widget_grab_focus (self->search);
}
