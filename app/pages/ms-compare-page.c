/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-compare-page.h"
#include "ms-chooser.h"
#include "ms-compare-show.h"
#include "ms-difference-plot.h"
#include "ms-end-layout.h"
#include "ms-figures.h"
#include "ms-loader.h"
#include "ms-plot-card.h"
#include "ms-request.h"
#include "ms-saving.h"
#include "ms-status-words.h"
#include "ms-summary-card.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>

#define SPACING_PX 12

struct _MsComparePage {
  AdwBin parent_instance;

  GtkWidget *choices, *halves, *ranges, *recordings, *by, *keep, *open, *sides, *stack, *nothing;
  GtkWidget *totals, *content, *cards[MS_COMPARE_N_FIGURES];
  MsPlotArea *area;
  MsFigureTable *tree_table;
  MsChangeTable *threads, *stacks;
  MsLens *lens;
  MsCompareChoice choice;
  gboolean has_kept;
  gboolean is_outdated; /* what is being compared has grown meanwhile */
  gboolean is_stale;    /* what changed while nobody saw the page is compared when it is shown */
  MsCompareResult *result;
  GCancellable *comparing, *opening; /* while it does */
};

G_DEFINE_FINAL_TYPE (MsComparePage, ms_compare_page, ADW_TYPE_BIN)

/* --- what is shown --- */

static void
show_nothing (MsComparePage *self, const char *title, const char *description)
{
  g_clear_pointer (&self->result, ms_compare_result_free);
  gtk_label_set_text (GTK_LABEL (self->sides), "");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->nothing), title);
  ms_status_words_set (self->nothing, description);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "nothing");
}

static void
show_result (MsComparePage *self)
{
  const MsCompareResult *result = self->result;
  /* Translators: two stretches of time, or names of recordings. */
  g_autofree char *sides =
      g_strdup_printf (_ ("Before: %s   ·   After: %s"), result->before, result->after);

  gtk_label_set_text (GTK_LABEL (self->sides), sides);
  gtk_widget_set_tooltip_text (self->sides, sides);
  ms_compare_show_totals (result, self->cards);
  ms_compare_show_tree (result, 0, self->area);
  ms_compare_show_nodes (result, self->tree_table);
  ms_compare_show_rows (result, MS_COMPARED_THREADS, self->threads);
  ms_compare_show_rows (result, MS_COMPARED_STACKS, self->stacks);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "content");
}

/* Takes @found. */
static void
take_result (MsComparePage *self, MsCompareResult *found)
{
  if (found->other_names != NULL && self->choice.other_names == NULL)
    self->choice.other_names = ms_frame_names_ref (found->other_names);
  g_clear_pointer (&self->result, ms_compare_result_free);
  self->result = found;
  show_result (self);
}

static void compare (MsComparePage *self);

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsComparePage) self = ms_request_ticket_redeem (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsCompareResult) found = ms_compare_load_finish (result, &error);

  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->comparing)
    return;
  g_clear_object (&self->comparing);
  if (found != NULL)
    take_result (self, g_steal_pointer (&found));
  else
    show_nothing (self, _ ("Cannot Be Compared"), error->message);
  if (self->is_outdated)
    compare (self);
}

/* NULL: all that is needed is there; else what is missing, for people. */
static const char *
find_missing (MsComparePage *self, const char **title)
{
  if (self->choice.what == MS_COMPARE_RANGES && !self->has_kept)
    {
      *title = _ ("Keep a Range First");
      return _ ("Select a stretch of time in the strip below, keep it, then select another one.");
    }
  if (self->choice.what == MS_COMPARE_RECORDINGS && self->choice.other == NULL)
    {
      *title = _ ("Open a Second Recording");
      return _ ("It is taken as what was before; this one is what came after.");
    }
  if (self->choice.what != MS_COMPARE_RECORDINGS && ms_lens_awaits_history (self->lens))
    {
      *title = _ ("Reading the Trace");
      return _ ("Reading every event: ranges and filters wait for that");
    }
  *title = _ ("No Figures");
  return ms_lens_get_view (self->lens) == NULL ? ms_lens_get_problem (self->lens) : NULL;
}

/* What is shown stays until the answer is there. */
static void
compare (MsComparePage *self)
{
  const char *title, *missing;

  ms_request_cancel (&self->comparing);
  self->is_outdated = FALSE;
  gtk_widget_set_visible (self->keep, self->choice.what == MS_COMPARE_RANGES);
  gtk_widget_set_visible (self->open, self->choice.what == MS_COMPARE_RECORDINGS);
  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->lens == NULL || self->opening != NULL || self->is_stale)
    return;
  missing = find_missing (self, &title);
  if (missing != NULL)
    {
      show_nothing (self, title, missing);
      return;
    }
  /* Of two recordings only names agree, and these are there soon. */
  if (ms_lens_get_frame_names (self->lens) == NULL
      || (self->choice.what == MS_COMPARE_RECORDINGS && !ms_lens_has_names (self->lens)))
    return;
  self->comparing = g_cancellable_new ();
  ms_compare_load_async (self->lens, &self->choice, self->comparing, compared_cb,
                         ms_request_ticket_new (self));
}

/* A program that is watched may change it faster than two views of it are made: they come to an end first. */
static void
lens_changed_cb (MsComparePage *self)
{
  if (self->comparing != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->is_outdated = TRUE;
  else
    compare (self);
}

static void
ms_compare_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ms_compare_page_parent_class)->map (widget);
  if (MS_COMPARE_PAGE (widget)->is_stale)
    compare (MS_COMPARE_PAGE (widget));
}

/* --- the other recording --- */

static void
forget_other (MsComparePage *self)
{
  g_clear_object (&self->choice.other);
  g_clear_pointer (&self->choice.other_names, ms_frame_names_unref);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsComparePage) self = ms_request_ticket_redeem (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsDocument) document = ms_loader_load_finish (MS_LOADER (source), result, &error);

  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->opening)
    return;
  g_clear_object (&self->opening);
  if (document == NULL)
    {
      show_nothing (self, _ ("Cannot Be Opened"), error->message);
      return;
    }
  forget_other (self);
  self->choice.other = g_steal_pointer (&document);
  compare (self);
}

void
ms_compare_page_open (MsComparePage *self, const char *path)
{
  g_autoptr (MsLoader) loader = NULL;

  g_return_if_fail (MS_IS_COMPARE_PAGE (self));

  ms_request_cancel (&self->opening);
  ms_compare_page_set_what (self, MS_COMPARE_RECORDINGS);
  ms_request_cancel (&self->comparing);
  self->opening = g_cancellable_new ();
  loader = ms_loader_new (path);
  if (self->lens != NULL)
    ms_loader_set_settings (loader, ms_lens_get_settings (self->lens));
  show_nothing (self, _ ("Opening…"), path);
  ms_loader_load_async (loader, self->opening, opened_cb, ms_request_ticket_new (self));
}

static void
folder_chosen_cb (GtkWidget *page, GFile *folder, GtkFileChooser *chooser, gpointer user_data)
{
  g_autofree char *path = g_file_get_path (folder);

  if (path != NULL)
    ms_compare_page_open (MS_COMPARE_PAGE (page), path);
}

static void
open_clicked_cb (MsComparePage *self)
{
  GtkWidget *page = GTK_WIDGET (self);

  ms_chooser_ask (ms_chooser_new (page, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                  _ ("Open a Second Recording"), _ ("_Open")),
                  page, folder_chosen_cb, NULL, NULL);
}

/* --- the picture --- */

/* Into a function; out by a function above it. */
static void
cell_activated_cb (MsComparePage *self, guint item)
{
  const MsDifferencePlot *plot = ms_plot_area_get_plot (self->area);

  if (self->result == NULL || plot == NULL || item >= plot->n_cells || plot->cells[item].node < 0)
    return;
  ms_compare_show_tree (self->result, (guint) plot->cells[item].node, self->area);
}

/* --- choices --- */

void
ms_compare_page_keep_range (MsComparePage *self)
{
  MsView *view;

  g_return_if_fail (MS_IS_COMPARE_PAGE (self));

  view = self->lens != NULL ? ms_lens_get_view (self->lens) : NULL;
  if (view == NULL)
    return;
  self->choice.kept_start_ns = ms_view_get_start_ns (view);
  self->choice.kept_end_ns = ms_view_get_end_ns (view);
  self->has_kept = TRUE;
  g_autofree char *range = ms_figure_range (self->choice.kept_start_ns, self->choice.kept_end_ns);
  /* Translators: a stretch of time. */
  g_autofree char *tooltip = g_strdup_printf (_ ("Kept: %s"), range);
  gtk_widget_set_tooltip_text (self->keep, tooltip);
  compare (self);
}

static void
keep_clicked_cb (MsComparePage *self)
{
  ms_compare_page_keep_range (self);
}

static void
what_toggled_cb (MsComparePage *self)
{
  MsCompareWhat what =
      gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->ranges))       ? MS_COMPARE_RANGES
      : gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->recordings)) ? MS_COMPARE_RECORDINGS
                                                                            : MS_COMPARE_HALVES;

  /* One is switched off and another on. */
  if (what == self->choice.what)
    return;
  self->choice.what = what;
  compare (self);
}

static void
by_selected_cb (MsComparePage *self)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->by));

  if (selected >= MS_COMPARE_N_FIGURES || self->choice.figure == MS_COMPARE_FIGURES[selected])
    return;
  self->choice.figure = MS_COMPARE_FIGURES[selected];
  compare (self);
}

static void
swap_toggled_cb (MsComparePage *self, GtkToggleButton *button)
{
  self->choice.is_swapped = gtk_toggle_button_get_active (button);
  compare (self);
}

void
ms_compare_page_set_what (MsComparePage *self, MsCompareWhat what)
{
  g_return_if_fail (MS_IS_COMPARE_PAGE (self));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (what == MS_COMPARE_RANGES ? self->ranges
                                                   : what == MS_COMPARE_RECORDINGS
                                                       ? self->recordings
                                                       : self->halves),
                                TRUE);
}

/* Both tables, one below the other. */
static char *
to_csv (MsComparePage *self)
{
  g_autofree char *threads = ms_change_table_to_csv (self->threads);
  g_autofree char *stacks = ms_change_table_to_csv (self->stacks);

  return g_strconcat (threads, "\r\n", stacks, NULL);
}

static void
copy_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsComparePage *self = MS_COMPARE_PAGE (widget);
  g_autofree char *both = to_csv (self);

  if (self->result != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), both);
}

static void
save_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsComparePage *self = MS_COMPARE_PAGE (widget);

  if (self->result != NULL)
    ms_saving_ask_for_table (widget, "differences", to_csv (self));
}

/* --- the page --- */

static void
ms_compare_page_dispose (GObject *object)
{
  MsComparePage *self = MS_COMPARE_PAGE (object);

  if (self->stack != NULL)
    ms_compare_page_set_lens (self, NULL);
  ms_request_cancel (&self->opening);
  forget_other (self);
  G_OBJECT_CLASS (ms_compare_page_parent_class)->dispose (object);
}

static void
ms_compare_page_class_init (MsComparePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_compare_page_dispose;
  widget_class->map = ms_compare_page_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-compare-page.ui");
  gtk_widget_class_install_action (widget_class, "compare.copy-csv", NULL, copy_csv_action);
  gtk_widget_class_install_action (widget_class, "compare.save-csv", NULL, save_csv_action);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, choices);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, halves);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, ranges);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, recordings);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, by);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, keep);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, open);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, sides);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, stack);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, nothing);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, totals);
  gtk_widget_class_bind_template_child (widget_class, MsComparePage, content);
  gtk_widget_class_bind_template_callback (widget_class, what_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, by_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, swap_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, keep_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_clicked_cb);
}

static void
add_cards (MsComparePage *self)
{
  gtk_widget_set_layout_manager (self->totals, ms_wrap_layout_new (SPACING_PX, TRUE));
  for (guint i = 0; i < MS_COMPARE_N_FIGURES; i++)
    {
      self->cards[i] = ms_summary_card_new (ms_compare_figure_title (MS_COMPARE_FIGURES[i], TRUE));
      gtk_box_append (GTK_BOX (self->totals), self->cards[i]);
    }
}

static void
add_picture (MsComparePage *self)
{
  const char *titles[] = { _ ("Function"), _ ("Called by"), _ ("Before"), _ ("After"),
                           _ ("Change"),   _ ("In words"),  NULL };

  self->area =
      MS_PLOT_AREA (ms_plot_area_new (&MS_DIFFERENCE_PLOT, _ ("Differential flame graph")));
  g_signal_connect_swapped (self->area, "activated", G_CALLBACK (cell_activated_cb), self);
  self->tree_table =
      MS_FIGURE_TABLE (ms_figure_table_new (_ ("Functions and what changed"), titles, 2));
  gtk_widget_set_size_request (GTK_WIDGET (self->tree_table), -1, 320);
  gtk_box_append (GTK_BOX (self->content),
                  ms_plot_card_new (_ ("Where it changed: as wide as the greater of before and "
                                       "after"),
                                    "difference", self->area, self->tree_table));
}

/* To where what changed can be looked into. */
static void
go_to_row (MsComparePage *self, MsComparedKind kind, guint row)
{
  if (self->result == NULL || self->lens == NULL)
    return;
  if (ms_compare_focus_row (self->result, kind, row, self->lens))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "memory");
  else
    ms_saving_say_failed (GTK_WIDGET (self), _ ("This is in the other recording alone"));
}

static void
thread_activated_cb (MsComparePage *self, guint row)
{
  go_to_row (self, MS_COMPARED_THREADS, row);
}

static void
stack_activated_cb (MsComparePage *self, guint row)
{
  go_to_row (self, MS_COMPARED_STACKS, row);
}

static MsChangeTable *
add_table (MsComparePage *self, const char *title)
{
  GtkWidget *table = ms_change_table_new (title);

  gtk_widget_add_css_class (table, "card");
  gtk_widget_set_overflow (table, GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (self->content), table);
  return MS_CHANGE_TABLE (table);
}

static void
ms_compare_page_init (MsComparePage *self)
{
  const char *names[MS_COMPARE_N_FIGURES + 1] = { NULL };

  self->choice.figure = MS_COMPARE_FIGURES[0];
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->choices, ms_wrap_layout_new (SPACING_PX, FALSE));
  ms_end_layout_let_labels_shrink (self->choices);
  for (guint i = 0; i < MS_COMPARE_N_FIGURES; i++)
    names[i] = ms_compare_figure_title (MS_COMPARE_FIGURES[i], TRUE);
  g_autoptr (GtkStringList) list = gtk_string_list_new (names);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->by), G_LIST_MODEL (list));
  add_cards (self);
  add_picture (self);
  self->threads = add_table (self, _ ("Thread"));
  self->stacks = add_table (self, _ ("Call stack, by who allocates"));
  g_signal_connect_swapped (self->threads, "activated", G_CALLBACK (thread_activated_cb), self);
  g_signal_connect_swapped (self->stacks, "activated", G_CALLBACK (stack_activated_cb), self);
}

GtkWidget *
ms_compare_page_new (void)
{
  return g_object_new (MS_TYPE_COMPARE_PAGE, NULL);
}

void
ms_compare_page_set_lens (MsComparePage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_COMPARE_PAGE (self));

  if (self->lens == lens)
    return;
  ms_request_cancel (&self->comparing);
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  g_set_object (&self->lens, lens);
  ms_plot_area_set_plot (self->area, NULL);
  g_clear_pointer (&self->result, ms_compare_result_free);
  self->has_kept = FALSE; /* it was of the other trace */
  if (lens == NULL)
    return;
  g_signal_connect_swapped (lens, "changed", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (lens, "names-changed", G_CALLBACK (compare), self);
  compare (self);
}

gboolean
ms_compare_page_is_busy (MsComparePage *self)
{
  g_return_val_if_fail (MS_IS_COMPARE_PAGE (self), FALSE);

  return self->comparing != NULL || self->opening != NULL
         || (self->lens != NULL && !ms_lens_has_names (self->lens));
}

const MsCompareResult *
ms_compare_page_get_result (MsComparePage *self)
{
  g_return_val_if_fail (MS_IS_COMPARE_PAGE (self), NULL);

  return self->result;
}
