/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-page.h"
#include "ms-end-layout.h"
#include "ms-figures.h"
#include "ms-growth-list.h"
#include "ms-plot-menu.h"
#include "ms-request.h"
#include "ms-saving.h"
#include "ms-shared-menu.h"
#include "ms-table-window.h"
#include "ms-timeline-source.h"
#include "ms-timeline-table.h"
#include "ms-wrap-layout.h"

#include <glib/gi18n-lib.h>

/* Two bins a pixel on a wide screen. */
#define WHOLE_BINS 4096
#define FINE_BINS 6144
/* A finer picture reaches this far beyond each side of the window, so that a pan begins in it. */
#define FINE_MARGIN 0.5
/* A zoom is over when nothing has moved for so long. */
#define REST_MS 60
#define ZOOM_STEP 1.6

/* One question at a time of each kind; the latest wins. */
typedef struct {
  GCancellable *cancellable;
} Request;

struct _MsTimelinePage {
  AdwBin parent_instance;

  GtkWidget *head, *tools, *hint, *grew, *growth, *timeline;
  MsLens *lens;
  gboolean is_stale;   /* another document came while nobody looked */
  gboolean has_filter; /* filter is what was asked for last */
  MsFilter *filter;    /* NULL: everything */
  Request whole, fine;
  guint rest_source;
  gint64 fine_start_ns, fine_end_ns; /* what was asked for, or is shown; both 0: nothing */
};

G_DEFINE_FINAL_TYPE (MsTimelinePage, ms_timeline_page, ADW_TYPE_BIN)

/* --- asking the model --- */

static void
query_free (gpointer data)
{
  MsTimelineQuery *query = data;

  g_object_unref (query->document);
  g_clear_pointer (&query->filter, ms_filter_unref);
  g_free (query);
}

/* Of the focus all but its range: that is shown among the rest.  NULL: everything. */
static MsFilter *
new_filter (MsFocus *focus)
{
  MsFilter *filter = NULL;
  guint id, n_stacks;
  const guint *stacks = ms_focus_get_stacks (focus, &n_stacks);

  if (ms_focus_get_thread (focus, &id))
    filter = ms_filter_with_threads (NULL, &id, 1);
  if (stacks != NULL)
    {
      g_autoptr (MsFilter) before = filter;

      filter = ms_filter_with_stacks (before, stacks, n_stacks);
    }
  return filter;
}

static MsTimelineQuery *
query_new (MsTimelinePage *self, gint64 from_ns, gint64 to_ns, guint n_bins)
{
  MsTimelineQuery *query = g_new0 (MsTimelineQuery, 1);

  query->document = g_object_ref (ms_lens_get_document (self->lens));
  query->from_ns = from_ns;
  query->to_ns = to_ns;
  query->n_bins = (guint) CLAMP (to_ns - from_ns, 1, n_bins);
  query->has_thread = ms_focus_get_thread (ms_lens_get_focus (self->lens), &query->thread);
  query->filter = self->filter != NULL ? ms_filter_ref (self->filter) : NULL;
  return query;
}

static void
source_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const MsTimelineQuery *query = task_data;
  GError *error = NULL;
  MsTimelineData *data = ms_timeline_source_load (query, cancellable, &error);

  if (data != NULL)
    g_task_return_pointer (task, data, (GDestroyNotify) ms_timeline_data_unref);
  else
    g_task_return_error (task, error);
}

static void
ask (MsTimelinePage *self, Request *request, MsTimelineQuery *query, GAsyncReadyCallback callback)
{
  ms_request_cancel (&request->cancellable);
  request->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task =
      g_task_new (NULL, request->cancellable, callback, ms_request_ticket_new (self));
  g_task_set_task_data (task, query, query_free);
  g_task_run_in_thread (task, source_worker);
}

static void
fine_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsTimelinePage) self = ms_request_ticket_redeem (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTimelineData) data = g_task_propagate_pointer (G_TASK (result), &error);

  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->fine.cancellable)
    return;
  g_clear_object (&self->fine.cancellable);
  /* A trace without a history: the coarse picture is all there is. */
  if (data != NULL)
    ms_timeline_set_fine (MS_TIMELINE (self->timeline), data);
}

/* What is shown is fine enough if it reaches as far as the window, in bins no wider than needed. */
static gboolean
is_fine_enough (MsTimelinePage *self, const MsTimeWindow *window)
{
  gint64 length_ns = window->end_ns - window->start_ns;

  return self->fine_end_ns > 0 && self->fine_start_ns <= window->start_ns
         && self->fine_end_ns >= window->end_ns
         && self->fine_end_ns - self->fine_start_ns <= 4 * length_ns;
}

static void
ask_fine (MsTimelinePage *self)
{
  const MsTimeWindow *window = ms_timeline_get_window (MS_TIMELINE (self->timeline));
  gint64 length_ns = window->end_ns - window->start_ns;
  gint64 margin_ns = (gint64) ((double) length_ns * FINE_MARGIN);

  if (self->lens == NULL || length_ns > window->duration_ns * 3 / 4
      || is_fine_enough (self, window))
    return;
  self->fine_start_ns = MAX (window->start_ns - margin_ns, 0);
  self->fine_end_ns = MIN (window->end_ns + margin_ns, window->duration_ns);
  ask (self, &self->fine, query_new (self, self->fine_start_ns, self->fine_end_ns, FINE_BINS),
       fine_loaded_cb);
}

static gboolean
rest_cb (gpointer user_data)
{
  MsTimelinePage *self = user_data;

  self->rest_source = 0;
  ask_fine (self);
  return G_SOURCE_REMOVE;
}

static void
window_changed_cb (MsTimelinePage *self)
{
  g_clear_handle_id (&self->rest_source, g_source_remove);
  self->rest_source = g_timeout_add (REST_MS, rest_cb, self);
}

/* Of a flight recorder most of the run may be gone: what is left fills the page, and the rest is a zoom away.  While
 * the program runs what is kept moves on. */
static void
show_kept (MsTimelinePage *self)
{
  MsTrace *trace = ms_lens_get_trace (self->lens);
  gint64 kept_from_ns = ms_trace_get_kept_from_ns (trace);
  gint64 duration_ns = ms_trace_get_duration_ns (trace);

  if (kept_from_ns > 0 && kept_from_ns < duration_ns
      && ms_trace_get_state (trace) != MS_STATE_RUNNING
      && !ms_focus_get_range (ms_lens_get_focus (self->lens), NULL, NULL))
    ms_timeline_set_window (MS_TIMELINE (self->timeline), kept_from_ns, duration_ns);
}

static void
whole_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsTimelinePage) self = ms_request_ticket_redeem (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTimelineData) data = g_task_propagate_pointer (G_TASK (result), &error);
  gboolean is_first;

  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->whole.cancellable)
    return;
  g_clear_object (&self->whole.cancellable);
  if (data == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->hint), error->message);
      return;
    }
  is_first = ms_timeline_get_data (MS_TIMELINE (self->timeline)) == NULL;
  ms_timeline_source_add_lives (data, ms_lens_get_document (self->lens));
  ms_timeline_set_data (MS_TIMELINE (self->timeline), data);
  if (is_first)
    show_kept (self);
  ask_fine (self);
}

static void
ask_whole (MsTimelinePage *self)
{
  MsTrace *trace = ms_lens_get_trace (self->lens);
  gint64 duration_ns = MAX (ms_trace_get_duration_ns (trace), 1);

  ms_request_cancel (&self->fine.cancellable);
  self->fine_start_ns = self->fine_end_ns = 0;
  ask (self, &self->whole, query_new (self, 0, duration_ns, WHOLE_BINS), whole_loaded_cb);
}

/* --- focus --- */

static void
update_range (MsTimelinePage *self)
{
  gint64 start_ns, end_ns;
  gboolean has_range =
      self->lens != NULL && ms_focus_get_range (ms_lens_get_focus (self->lens), &start_ns, &end_ns);

  gtk_widget_set_visible (self->grew, has_range);
  if (!has_range)
    {
      ms_timeline_clear_range (MS_TIMELINE (self->timeline));
      gtk_label_set_text (GTK_LABEL (self->hint), _ ("Drag to select a range, scroll to zoom"));
      return;
    }
  ms_timeline_set_range (MS_TIMELINE (self->timeline), start_ns, end_ns);
  /* Chosen elsewhere: it is seen here, whatever was looked at. */
  const MsTimeWindow *window = ms_timeline_get_window (MS_TIMELINE (self->timeline));
  if (end_ns <= window->start_ns || start_ns >= window->end_ns)
    ms_timeline_set_window (MS_TIMELINE (self->timeline), start_ns - (end_ns - start_ns) / 2,
                            end_ns + (end_ns - start_ns) / 2);

  g_autofree char *length = ms_figure_duration (end_ns - start_ns);
  /* Translators: the length of the selected range. */
  g_autofree char *text = g_strdup_printf (_ ("%s selected"), length);
  gtk_label_set_text (GTK_LABEL (self->hint), text);
}

static void
show_focus (MsTimelinePage *self)
{
  guint id;

  update_range (self);
  if (ms_focus_get_thread (ms_lens_get_focus (self->lens), &id))
    ms_timeline_set_focused (MS_TIMELINE (self->timeline), id);
  else
    ms_timeline_clear_focused (MS_TIMELINE (self->timeline));
}

/* What is shown stays until the answer is there; nobody asks for a page that nobody sees. */
static void
document_changed_cb (MsTimelinePage *self)
{
  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->is_stale)
    ask_whole (self);
}

/* Another range is no reason to ask again. */
static void
filter_changed_cb (MsTimelinePage *self)
{
  g_autoptr (MsFilter) filter = new_filter (ms_lens_get_focus (self->lens));

  show_focus (self);
  if (self->has_filter && ms_filter_equal (self->filter, filter))
    return;
  g_clear_pointer (&self->filter, ms_filter_unref);
  self->filter = g_steal_pointer (&filter);
  self->has_filter = TRUE;
  document_changed_cb (self);
}

static void
range_selected_cb (MsTimelinePage *self, gint64 start_ns, gint64 end_ns)
{
  if (self->lens != NULL)
    ms_focus_set_range (ms_lens_get_focus (self->lens), start_ns, end_ns);
}

static void
range_cleared_cb (MsTimelinePage *self)
{
  if (self->lens != NULL)
    ms_focus_clear_range (ms_lens_get_focus (self->lens));
}

/* A second click leaves the thread again. */
static void
life_activated_cb (MsTimelinePage *self, guint id)
{
  guint focused;

  if (self->lens == NULL)
    return;

  MsFocus *focus = ms_lens_get_focus (self->lens);
  if (ms_focus_get_thread (focus, &focused) && focused == id)
    ms_focus_clear_thread (focus);
  else
    ms_focus_set_thread (focus, id);
}

/* --- buttons --- */

static void
zoom_out_clicked_cb (MsTimelinePage *self)
{
  ms_timeline_zoom (MS_TIMELINE (self->timeline), ZOOM_STEP);
}

static void
zoom_in_clicked_cb (MsTimelinePage *self)
{
  ms_timeline_zoom (MS_TIMELINE (self->timeline), 1 / ZOOM_STEP);
}

/* The range, if one is selected and not shown as large as it can be; else everything. */
static void
fit_clicked_cb (MsTimelinePage *self)
{
  const MsTimeWindow *window = ms_timeline_get_window (MS_TIMELINE (self->timeline));
  gint64 start_ns, end_ns;

  if (self->lens != NULL && ms_focus_get_range (ms_lens_get_focus (self->lens), &start_ns, &end_ns)
      && (window->start_ns != start_ns || window->end_ns != end_ns))
    ms_timeline_set_window (MS_TIMELINE (self->timeline), start_ns, end_ns);
  else
    ms_timeline_set_window (MS_TIMELINE (self->timeline), 0, window->duration_ns);
}

/* (nullable) */
static char *
to_csv (MsTimelinePage *self)
{
  MsTimeline *timeline = MS_TIMELINE (self->timeline);
  MsTimelineData *data = ms_timeline_get_data (timeline);

  return data != NULL ? ms_timeline_to_csv (data, ms_timeline_get_fine (timeline),
                                            ms_timeline_get_window (timeline))
                      : NULL;
}

static GtkWidget *
make_table (GtkWidget *page, char **note, char **csv)
{
  MsTimelinePage *self = MS_TIMELINE_PAGE (page);
  MsTimeline *timeline = MS_TIMELINE (self->timeline);
  MsTimelineData *data = ms_timeline_get_data (timeline);

  if (data == NULL)
    return NULL;
  *note = ms_timeline_dup_description (timeline);
  *csv = to_csv (self);
  return ms_timeline_table_new (data, ms_timeline_get_fine (timeline),
                                ms_timeline_get_window (timeline));
}

static void
table_clicked_cb (MsTimelinePage *self)
{
  GtkWindow *window =
      ms_table_window_new (GTK_WIDGET (self), _ ("Timeline as a Table"), "timeline", make_table);

  if (window != NULL)
    gtk_window_present (window);
}

static void
copy_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *csv = to_csv (MS_TIMELINE_PAGE (widget));

  if (csv != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), csv);
}

static void
save_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  char *csv = to_csv (MS_TIMELINE_PAGE (widget));

  if (csv != NULL)
    ms_saving_ask_for_table (widget, "timeline", csv);
}

static void
save_picture_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_plot_menu_save_picture (MS_TIMELINE_PAGE (widget)->timeline);
}

/* Only an open list is worth its computing. */
static void
grew_shown_cb (MsTimelinePage *self)
{
  ms_growth_list_set_lens (MS_GROWTH_LIST (self->growth), self->lens);
}

static void
grew_closed_cb (MsTimelinePage *self)
{
  ms_growth_list_set_lens (MS_GROWTH_LIST (self->growth), NULL);
}

/* --- the page --- */

static void
ms_timeline_page_map (GtkWidget *widget)
{
  MsTimelinePage *self = MS_TIMELINE_PAGE (widget);

  GTK_WIDGET_CLASS (ms_timeline_page_parent_class)->map (widget);
  if (self->is_stale && self->lens != NULL)
    document_changed_cb (self);
}

static void
ms_timeline_page_dispose (GObject *object)
{
  MsTimelinePage *self = MS_TIMELINE_PAGE (object);

  if (self->timeline != NULL)
    ms_timeline_page_set_lens (self, NULL);
  /* A zoom of a page without a lens. */
  g_clear_handle_id (&self->rest_source, g_source_remove);
  G_OBJECT_CLASS (ms_timeline_page_parent_class)->dispose (object);
}

static void
ms_timeline_page_class_init (MsTimelinePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ms_timeline_page_dispose;
  widget_class->map = ms_timeline_page_map;
  g_type_ensure (MS_TYPE_TIMELINE);
  g_type_ensure (MS_TYPE_GROWTH_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-timeline-page.ui");
  gtk_widget_class_install_action (widget_class, "timeline.copy-csv", NULL, copy_csv_action);
  gtk_widget_class_install_action (widget_class, "timeline.save-csv", NULL, save_csv_action);
  gtk_widget_class_install_action (widget_class, "timeline.save-picture", NULL,
                                   save_picture_action);
  gtk_widget_class_bind_template_child (widget_class, MsTimelinePage, hint);
  gtk_widget_class_bind_template_child (widget_class, MsTimelinePage, head);
  gtk_widget_class_bind_template_child (widget_class, MsTimelinePage, tools);
  gtk_widget_class_bind_template_child (widget_class, MsTimelinePage, grew);
  gtk_widget_class_bind_template_child (widget_class, MsTimelinePage, growth);
  gtk_widget_class_bind_template_child (widget_class, MsTimelinePage, timeline);
  gtk_widget_class_bind_template_callback (widget_class, window_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, range_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, range_cleared_cb);
  gtk_widget_class_bind_template_callback (widget_class, life_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_in_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_out_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, fit_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, table_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, grew_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, grew_closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, ms_shared_menu_cb);
}

static void
ms_timeline_page_init (MsTimelinePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->head, ms_end_layout_new (6));
  gtk_widget_set_layout_manager (self->tools, ms_wrap_layout_new (6, FALSE));
  ms_end_layout_let_labels_shrink (self->tools);
}

GtkWidget *
ms_timeline_page_new (void)
{
  return g_object_new (MS_TYPE_TIMELINE_PAGE, NULL);
}

void
ms_timeline_page_set_lens (MsTimelinePage *self, MsLens *lens)
{
  g_return_if_fail (MS_IS_TIMELINE_PAGE (self));

  if (self->lens == lens)
    return;
  g_clear_handle_id (&self->rest_source, g_source_remove);
  ms_request_cancel (&self->whole.cancellable);
  ms_request_cancel (&self->fine.cancellable);
  if (self->lens != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->lens, self);
      g_signal_handlers_disconnect_by_data (ms_lens_get_focus (self->lens), self);
    }
  self->is_stale = FALSE;
  ms_growth_list_set_lens (MS_GROWTH_LIST (self->growth), NULL);
  g_set_object (&self->lens, lens);
  g_clear_pointer (&self->filter, ms_filter_unref);
  self->has_filter = FALSE;
  ms_timeline_set_data (MS_TIMELINE (self->timeline), NULL);
  update_range (self);
  if (lens == NULL)
    return;
  g_signal_connect_swapped (ms_lens_get_focus (lens), "changed", G_CALLBACK (filter_changed_cb),
                            self);
  g_signal_connect_swapped (lens, "document-changed", G_CALLBACK (document_changed_cb), self);
  filter_changed_cb (self);
}

MsTimeline *
ms_timeline_page_get_timeline (MsTimelinePage *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE_PAGE (self), NULL);

  return MS_TIMELINE (self->timeline);
}

gboolean
ms_timeline_page_is_busy (MsTimelinePage *self)
{
  g_return_val_if_fail (MS_IS_TIMELINE_PAGE (self), FALSE);

  return self->whole.cancellable != NULL || self->fine.cancellable != NULL
         || self->rest_source != 0;
}
