/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-page.h"
#include "ms-correlation-source.h"
#include "ms-correlation-table.h"
#include "ms-end-layout.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-plot-menu.h"
#include "ms-request.h"
#include "ms-saving.h"
#include "ms-scatter-paint.h"
#include "ms-shared-menu.h"
#include "ms-side-layout.h"
#include "ms-status-words.h"
#include "ms-summary-card.h"
#include "ms-table-window.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* More could not be read through in a popover; the table has all. */
#define MOST_CHOSEN_ROWS 40
#define SIDE_PX 280
#define WIDE_PX 900
#define SPACING_PX 12

struct _MsCorrelationPage {
  AdwBin parent_instance;

  GtkWidget *head, *words, *kinds, *by_sample, *hint, *chosen, *chosen_popover, *chosen_list, *body,
      *cards;
  GtkWidget *pearson, *spearman, *line, *pattern;
  GtkWidget *stack, *scatter, *nothing;
  MsLens *lens;
  MsCorrelationResult *result; /* what is shown; NULL: nothing */
  GCancellable *cancellable;
  gboolean is_stale; /* another document came while nobody looked */
};

G_DEFINE_FINAL_TYPE (MsCorrelationPage, ms_correlation_page, ADW_TYPE_BIN)

static gboolean
is_by_sample (MsCorrelationPage *self)
{
  return ms_focus_get_thread (ms_lens_get_focus (self->lens), NULL)
         || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->by_sample));
}

/* --- figures --- */

static void
show_refusal (MsCorrelationPage *self, const char *refusal)
{
  ms_summary_card_set (MS_SUMMARY_CARD (self->pearson), NULL, ms_language_reason (refusal));
  ms_summary_card_set (MS_SUMMARY_CARD (self->spearman), NULL, ms_language_reason (refusal));
  ms_summary_card_set (MS_SUMMARY_CARD (self->line), NULL, ms_language_reason (refusal));
  gtk_widget_set_tooltip_text (self->pearson, ms_language_reason (refusal));
}

/* "0.63 – 0.78 (95 %) · n = 170, effective 43". */
static char *
describe_interval (const MsCorrelation *correlation)
{
  g_autofree char *n = ms_figure_count (correlation->n);
  g_autofree char *effective = ms_figure_count ((guint64) round (correlation->effective_n));
  g_autofree char *counts =
      fabs (correlation->effective_n - correlation->n) < 0.5
          ? g_strdup_printf (_ ("n = %s"), n)
          /* Translators: points, and how many independent ones they are worth. */
          : g_strdup_printf (_ ("n = %s, effective %s"), n, effective);

  if (!correlation->interval_low.known)
    return g_strdup_printf (_ ("no interval · %s"), counts);

  g_autofree char *low = ms_figure_number (correlation->interval_low.value, 2);
  g_autofree char *high = ms_figure_number (correlation->interval_high.value, 2);
  /* Translators: an interval of confidence, and the points that it is of. */
  return g_strdup_printf (_ ("%s – %s (95 %%) · %s"), low, high, counts);
}

static void
show_correlation (MsCorrelationPage *self)
{
  const MsCorrelation *correlation = &self->result->correlation;

  if (correlation->refusal != NULL)
    {
      show_refusal (self, correlation->refusal);
      return;
    }

  g_autofree char *pearson = ms_figure_number (correlation->pearson, 2);
  g_autofree char *spearman = ms_figure_number (correlation->spearman, 2);
  g_autofree char *interval = describe_interval (correlation);
  g_autofree char *slope = ms_figure_byte_rate (fabs (correlation->slope));
  g_autofree char *signed_slope =
      g_strdup_printf ("%s%s", correlation->slope < 0 ? MS_MINUS : "+", slope);
  ms_summary_card_set (MS_SUMMARY_CARD (self->pearson), pearson, interval);
  gtk_widget_set_tooltip_text (self->pearson,
                               correlation->interval_low.known
                                   ? NULL
                                   : ms_language_reason (correlation->interval_low.reason));
  ms_summary_card_set (MS_SUMMARY_CARD (self->spearman), spearman,
                       _ ("of the ranks: outliers weigh less"));
  ms_summary_card_set (MS_SUMMARY_CARD (self->line), signed_slope,
                       _ ("for each percent of processor"));
}

/* What most are; a tooltip counts all. */
static void
show_pattern (MsCorrelationPage *self)
{
  g_autoptr (GString) note = g_string_new (NULL);

  if (self->result->points->len == 0)
    {
      ms_summary_card_set (MS_SUMMARY_CARD (self->pattern), NULL,
                           self->result->reason != NULL ? ms_language_reason (self->result->reason)
                                                        : _ ("no processor time is known"));
      return;
    }
  for (guint pattern = 0; pattern < MS_N_PATTERNS; pattern++)
    if (self->result->patterns[pattern] > 0)
      {
        g_autofree char *word = g_utf8_strdown (ms_pattern_get_title (pattern), -1);
        g_autofree char *count = ms_figure_count (self->result->patterns[pattern]);

        g_string_append_printf (note, "%s%s %s", note->len > 0 ? ms_language_get_comma () : "",
                                count, word);
      }

  g_autofree char *same = ms_figure_count (self->result->patterns[self->result->overall]);
  g_autofree char *all = ms_figure_count (self->result->points->len);
  /* Translators: how many of the points of a plot are of the pattern named above. */
  g_autofree char *share = g_strdup_printf (_ ("on average · %s of %s points"), same, all);
  ms_summary_card_set (MS_SUMMARY_CARD (self->pattern),
                       ms_pattern_get_title (self->result->overall), share);
  gtk_widget_set_tooltip_text (self->pattern, note->str);
}

static char *
describe_hint (MsCorrelationPage *self)
{
  guint n_unknown = self->result->n_unknown;
  guint id;

  if (ms_focus_get_thread (ms_lens_get_focus (self->lens), &id))
    {
      MsThreadRow *row = ms_document_find_row (ms_lens_get_document (self->lens), id);

      /* Translators: the name of a thread. */
      return g_strdup_printf (_ ("%s through time; stronger lines are later"),
                              row != NULL ? ms_thread_row_get_name (row) : "");
    }
  if (n_unknown > 0 && self->result->points->len > 0)
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "%u thread is left out: its processor time is not known",
                     "%u threads are left out: their processor time is not known", n_unknown),
        n_unknown);
  return g_strdup (_ ("Drag to choose points, click one to focus it"));
}

static void
show_result (MsCorrelationPage *self)
{
  const MsCorrelation *correlation = &self->result->correlation;
  const MsAnalysisSettings *settings = ms_lens_get_settings (self->lens);
  g_autofree char *hint = describe_hint (self);
  MsScatterData data = {
    .points = (const MsScatterPoint *) (gpointer) self->result->points->data,
    .n_points = self->result->points->len,
    .x_default = settings->pattern_cpu_percent,
    .y_default = settings->pattern_bytes_per_second,
    .is_path = ms_focus_get_thread (ms_lens_get_focus (self->lens), NULL),
    .has_line = correlation->refusal == NULL,
    .slope = correlation->slope,
    .intercept = correlation->intercept,
  };

  ms_scatter_set_data (MS_SCATTER (self->scatter), &data);
  show_correlation (self);
  show_pattern (self);
  gtk_label_set_text (GTK_LABEL (self->hint), hint);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    data.n_points > 0 ? "plot" : "nothing");
  ms_status_words_set (self->nothing, ms_language_reason (self->result->reason));
}

/* --- asking the model --- */

static void
query_free (gpointer data)
{
  MsCorrelationQuery *query = data;

  g_object_unref (query->document);
  g_clear_pointer (&query->filter, ms_filter_unref);
  g_free (query);
}

static MsCorrelationQuery *
query_new (MsCorrelationPage *self)
{
  MsCorrelationQuery *query = g_new0 (MsCorrelationQuery, 1);
  MsFocus *focus = ms_lens_get_focus (self->lens);
  gint64 start_ns, end_ns;
  guint n_stacks;
  const guint *stacks = ms_focus_get_stacks (focus, &n_stacks);

  query->document = g_object_ref (ms_lens_get_document (self->lens));
  query->settings = *ms_lens_get_settings (self->lens);
  query->what = is_by_sample (self) ? MS_CORRELATE_SAMPLES : MS_CORRELATE_THREADS;
  query->has_thread = ms_focus_get_thread (focus, &query->thread);
  if (query->has_thread)
    query->filter = ms_filter_with_threads (NULL, &query->thread, 1);
  if (ms_focus_get_range (focus, &start_ns, &end_ns))
    {
      g_autoptr (MsFilter) before = query->filter;

      query->filter = ms_filter_with_range (before, start_ns, end_ns);
    }
  if (stacks != NULL)
    {
      g_autoptr (MsFilter) before = query->filter;

      query->filter = ms_filter_with_stacks (before, stacks, n_stacks);
    }
  return query;
}

static void
source_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  MsCorrelationResult *result = ms_correlation_source_load (task_data, cancellable, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) ms_correlation_result_free);
  else
    g_task_return_error (task, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsCorrelationPage) self = ms_request_ticket_redeem (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsCorrelationResult) found = g_task_propagate_pointer (G_TASK (result), &error);

  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  if (found == NULL)
    {
      show_refusal (self, error->message);
      ms_summary_card_set (MS_SUMMARY_CARD (self->pattern), NULL, error->message);
      return;
    }
  g_clear_pointer (&self->result, ms_correlation_result_free);
  self->result = g_steal_pointer (&found);
  show_result (self);
}

/* What is shown stays until the answer is there. */
static void
ask (MsCorrelationPage *self)
{
  ms_request_cancel (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task =
      g_task_new (NULL, self->cancellable, loaded_cb, ms_request_ticket_new (self));
  g_task_set_task_data (task, query_new (self), query_free);
  g_task_run_in_thread (task, source_worker);
}

/* Not for a page that nobody sees. */
static void
document_changed_cb (MsCorrelationPage *self)
{
  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->is_stale)
    ask (self);
}

static void
focus_changed_cb (MsCorrelationPage *self)
{
  gtk_widget_set_sensitive (self->kinds,
                            !ms_focus_get_thread (ms_lens_get_focus (self->lens), NULL));
  document_changed_cb (self);
}

static void
kind_toggled_cb (MsCorrelationPage *self)
{
  if (self->lens != NULL)
    ask (self);
}

/* --- points --- */

static void
activate_point (MsCorrelationPage *self, const MsScatterPoint *point)
{
  MsFocus *focus = ms_lens_get_focus (self->lens);

  if (point->name != NULL)
    ms_focus_set_thread (focus, point->id);
  else
    ms_focus_set_range (focus, point->time_ns, point->time_ns + MAX (self->result->sample_ns, 1));
}

static void
point_activated_cb (MsCorrelationPage *self, guint index)
{
  if (self->lens != NULL && self->result != NULL && index < self->result->points->len)
    activate_point (self, &g_array_index (self->result->points, MsScatterPoint, index));
}

static void
chosen_activated_cb (MsCorrelationPage *self, GtkListBoxRow *row)
{
  guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "point"));

  gtk_popover_popdown (GTK_POPOVER (self->chosen_popover));
  point_activated_cb (self, index);
}

static GtkWidget *
new_chosen_row (const MsScatterPoint *point, guint index)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *text = ms_scatter_describe_point (point);
  g_autofree char *title = g_markup_escape_text (text, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "point", GUINT_TO_POINTER (index));
  return row;
}

static void
chosen_changed_cb (MsCorrelationPage *self)
{
  GtkWidget *row;
  guint n;
  const guint *chosen = ms_scatter_get_chosen (MS_SCATTER (self->scatter), &n);

  while ((row = gtk_widget_get_first_child (self->chosen_list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->chosen_list), row);
  gtk_widget_set_visible (self->chosen, n > 0);
  if (n == 0 || self->result == NULL)
    return;

  g_autofree char *label =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u chosen", "%u chosen", n), n);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->chosen), label);
  for (guint i = 0; i < MIN (n, MOST_CHOSEN_ROWS); i++)
    if (chosen[i] < self->result->points->len)
      gtk_list_box_append (GTK_LIST_BOX (self->chosen_list),
                           new_chosen_row (&g_array_index (self->result->points, MsScatterPoint,
                                                           chosen[i]),
                                           chosen[i]));
}

/* --- the table --- */

/* (nullable) */
static char *
to_csv (MsCorrelationPage *self)
{
  return self->result != NULL
             ? ms_correlation_to_csv (self->result, ms_lens_get_settings (self->lens))
             : NULL;
}

static GtkWidget *
make_table (GtkWidget *page, char **note, char **csv)
{
  MsCorrelationPage *self = MS_CORRELATION_PAGE (page);

  if (self->result == NULL)
    return NULL;
  *note = ms_scatter_describe (ms_scatter_get_data (MS_SCATTER (self->scatter)));
  *csv = to_csv (self);
  return ms_correlation_table_new (self->result, ms_lens_get_settings (self->lens));
}

static void
table_clicked_cb (MsCorrelationPage *self)
{
  GtkWindow *window = ms_table_window_new (GTK_WIDGET (self), _ ("Correlation as a Table"),
                                           "correlation", make_table);

  if (window != NULL)
    gtk_window_present (window);
}

static void
copy_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *csv = to_csv (MS_CORRELATION_PAGE (widget));

  if (csv != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), csv);
}

static void
save_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  char *csv = to_csv (MS_CORRELATION_PAGE (widget));

  if (csv != NULL)
    ms_saving_ask_for_table (widget, "correlation", csv);
}

static void
save_picture_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_plot_menu_save_picture (MS_CORRELATION_PAGE (widget)->scatter);
}

/* --- the page --- */

static void
ms_correlation_page_map (GtkWidget *widget)
{
  MsCorrelationPage *self = MS_CORRELATION_PAGE (widget);

  GTK_WIDGET_CLASS (ms_correlation_page_parent_class)->map (widget);
  if (self->is_stale && self->lens != NULL)
    document_changed_cb (self);
}

static void
ms_correlation_page_dispose (GObject *object)
{
  MsCorrelationPage *self = MS_CORRELATION_PAGE (object);

  if (self->scatter != NULL)
    ms_correlation_page_set_lens (self, NULL);
  G_OBJECT_CLASS (ms_correlation_page_parent_class)->dispose (object);
}

static void
ms_correlation_page_class_init (MsCorrelationPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_correlation_page_dispose;
  widget_class->map = ms_correlation_page_map;
  g_type_ensure (MS_TYPE_SCATTER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-correlation-page.ui");
  gtk_widget_class_install_action (widget_class, "correlation.copy-csv", NULL, copy_csv_action);
  gtk_widget_class_install_action (widget_class, "correlation.save-csv", NULL, save_csv_action);
  gtk_widget_class_install_action (widget_class, "correlation.save-picture", NULL,
                                   save_picture_action);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, head);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, words);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, kinds);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, by_sample);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, hint);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, chosen);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, chosen_popover);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, chosen_list);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, body);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, cards);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, scatter);
  gtk_widget_class_bind_template_child (widget_class, MsCorrelationPage, nothing);
  gtk_widget_class_bind_template_callback (widget_class, kind_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, point_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, chosen_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, chosen_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, table_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, ms_shared_menu_cb);
}

static GtkWidget *
add_card (MsCorrelationPage *self, const char *title)
{
  GtkWidget *card = ms_summary_card_new (title);

  gtk_widget_set_size_request (card, 150, -1);
  gtk_box_append (GTK_BOX (self->cards), card);
  return card;
}

static void
ms_correlation_page_init (MsCorrelationPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->head, ms_end_layout_new (SPACING_PX));
  gtk_widget_set_layout_manager (self->words, ms_wrap_layout_new (6, FALSE));
  ms_end_layout_let_labels_shrink (self->kinds);
  gtk_widget_set_layout_manager (self->body, ms_side_layout_new (SIDE_PX, WIDE_PX, SPACING_PX));
  gtk_widget_set_layout_manager (self->cards, ms_wrap_layout_new (SPACING_PX, TRUE));
  self->pearson = add_card (self, _ ("Pearson r"));
  self->spearman = add_card (self, _ ("Spearman ρ"));
  self->line = add_card (self, _ ("Trend"));
  self->pattern = add_card (self, _ ("Pattern"));
}

GtkWidget *
ms_correlation_page_new (void)
{
  return g_object_new (MS_TYPE_CORRELATION_PAGE, NULL);
}

void
ms_correlation_page_set_lens (MsCorrelationPage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_CORRELATION_PAGE (self));

  if (self->lens == lens)
    return;
  ms_request_cancel (&self->cancellable);
  if (self->lens != NULL)
    {
      g_signal_handlers_disconnect_by_data (ms_lens_get_focus (self->lens), self);
      g_signal_handlers_disconnect_by_data (self->lens, self);
    }
  self->is_stale = FALSE;
  g_set_object (&self->lens, lens);
  ms_scatter_set_data (MS_SCATTER (self->scatter), NULL);
  g_clear_pointer (&self->result, ms_correlation_result_free);
  if (lens == NULL)
    return;
  g_signal_connect_swapped (ms_lens_get_focus (lens), "changed", G_CALLBACK (focus_changed_cb),
                            self);
  g_signal_connect_swapped (lens, "document-changed", G_CALLBACK (document_changed_cb), self);
  focus_changed_cb (self);
}

MsScatter *
ms_correlation_page_get_scatter (MsCorrelationPage *self)
{
  g_return_val_if_fail (MS_IS_CORRELATION_PAGE (self), NULL);

  return MS_SCATTER (self->scatter);
}

gboolean
ms_correlation_page_is_busy (MsCorrelationPage *self)
{
  g_return_val_if_fail (MS_IS_CORRELATION_PAGE (self), FALSE);

  return self->cancellable != NULL;
}
