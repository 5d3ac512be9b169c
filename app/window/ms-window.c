/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-window-private.h"
#include "ms-diagnostics-window.h"
#include "ms-export-actions.h"
#include "ms-feed-bar.h"
#include "ms-focus-actions.h"
#include "ms-focus-bar.h"
#include "ms-load-problem.h"
#include "ms-live-button.h"
#include "ms-memory-page.h"
#include "ms-notes-bar.h"
#include "ms-open-actions.h"
#include "ms-preferences.h"
#include "ms-process-button.h"
#include "ms-recent-traces.h"
#include "ms-request.h"
#include "ms-shared-menu.h"
#include "ms-strip.h"
#include "ms-text-scale.h"
#include "ms-threads-page.h"
#include "ms-window-pages.h"
#include "ms-window-size.h"

#include <glib/gi18n-lib.h>

#define PROGRESS_INTERVAL_MS 60
/* A load that is done before this shows no loading page, which would only flash. */
#define LOADING_PAGE_DELAY_MS 250
#define NARROW_HEADER_PX 560
#define WIDE_HEADER_PX 1320

G_DEFINE_FINAL_TYPE (MsWindow, ms_window, ADW_TYPE_APPLICATION_WINDOW)

static guint state_changed_signal;

/* --- what is shown --- */

/* A narrow header has no room for what is in the menu, too. */
static void
update_header (MsWindow *self)
{
  gboolean wanted = self->state == MS_WINDOW_CONTENT
                    && gtk_widget_get_width (GTK_WIDGET (self)) >= WIDE_HEADER_PX;

  gtk_widget_set_visible (self->export_button, wanted);
  gtk_widget_set_visible (self->record_button, wanted);
  ms_process_button_set_compact (MS_PROCESS_BUTTON (self->process_button),
                                 gtk_widget_get_width (GTK_WIDGET (self)) < NARROW_HEADER_PX);
}

static gboolean
header_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MS_WINDOW (widget)->header_tick = 0;
  update_header (MS_WINDOW (widget));
  return G_SOURCE_REMOVE;
}

/* Not from within an allocation, which has measured the header already. */
static void
ms_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MsWindow *self = MS_WINDOW (widget);

  GTK_WIDGET_CLASS (ms_window_parent_class)->size_allocate (widget, width, height, baseline);
  if (self->header_tick == 0)
    self->header_tick = gtk_widget_add_tick_callback (widget, header_cb, NULL, NULL);
}

static void
set_state (MsWindow *self, MsWindowState state)
{
  static const char *const NAMES[] = { "welcome", "loading", "problem", "content" };

  self->state = state;
  if (state != MS_WINDOW_LOADING)
    gtk_stack_set_visible_child_name (GTK_STACK (self->states), NAMES[state]);
  gtk_stack_set_visible_child (GTK_STACK (self->titles),
                               state == MS_WINDOW_CONTENT
                                   ? self->switcher_title
                                   : gtk_widget_get_first_child (self->titles));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.cancel-load", state == MS_WINDOW_LOADING);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.reload",
                                 self->path != NULL && state != MS_WINDOW_LOADING);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.copy-csv", state == MS_WINDOW_CONTENT);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export", state == MS_WINDOW_CONTENT);
  update_header (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.search", state == MS_WINDOW_CONTENT);
  g_signal_emit (self, state_changed_signal, 0);
}

void
ms_window_set_lens (MsWindow *self, MsLens *lens)
{
  ms_window_watch_lens (self, lens);
  ms_window_pages_set_lens (ADW_VIEW_STACK (self->pages), lens);
  ms_focus_bar_set_lens (MS_FOCUS_BAR (self->bar), lens);
  g_set_object (&self->lens, lens);
}

static void
show_document (MsWindow *self)
{
  MsDocument *document = self->document;
  g_autofree char *title = g_strdup_printf ("%s — Memscope", ms_document_get_title (document));
  g_autoptr (MsLens) lens = ms_preferences_new_lens (self->settings, document, self->focus);

  gtk_window_set_title (GTK_WINDOW (self), title);
  adw_view_switcher_title_set_title (ADW_VIEW_SWITCHER_TITLE (self->switcher_title),
                                     ms_document_get_title (document));
  ms_window_show_document_itself (self);
  ms_window_set_lens (self, lens);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.show-notes",
                                 ms_notes_bar_show (GTK_INFO_BAR (self->notes_bar),
                                                    GTK_LABEL (self->notes_label), document));
}

void
ms_window_show_focus (MsWindow *self)
{
  MsThreadRow *row = NULL;
  guint id;

  if (self->document != NULL && ms_focus_get_thread (self->focus, &id))
    row = ms_document_find_row (self->document, id);
  if (row != NULL && ms_thread_row_is_tracked (row))
    {
      const MsCardData *data = ms_card_item_get_data (ms_thread_row_get_card (row));

      ms_strip_set_thread (MS_STRIP (self->strip), data->live, data->n_live, data->role);
    }
  else
    ms_strip_clear_thread (MS_STRIP (self->strip));
  if (self->feed != NULL)
    ms_feed_set_wants_history (self->feed, !ms_focus_is_clear (self->focus));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.leave-focus",
                                 !ms_focus_is_clear (self->focus));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.go-back",
                                 ms_focus_can_go_back (self->focus));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.go-forward",
                                 ms_focus_can_go_forward (self->focus));
}

/* --- loading --- */

/* What was open goes away when the next takes its time: two large traces need not be held at once.
 * A small one is replaced without a flash of nothing. */
static void
close_document (MsWindow *self)
{
  if (self->document == NULL)
    return;
  G_GNUC_UNUSED g_autoptr (MsDocument) document = g_steal_pointer (&self->document);
  ms_window_set_feed (self, NULL);
  ms_focus_reset (self->focus);
  ms_window_set_lens (self, NULL);
  ms_strip_set_process (MS_STRIP (self->strip), NULL);
  ms_process_button_set_recording (MS_PROCESS_BUTTON (self->process_button), NULL, 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.show-notes", FALSE);
  gtk_window_set_title (GTK_WINDOW (self), "Memscope");
}

static void
show_loading_text (MsWindow *self)
{
  g_autofree char *text = ms_loader_dup_description (self->loader);

  if (g_strcmp0 (adw_status_page_get_description (ADW_STATUS_PAGE (self->loading)), text) != 0)
    adw_status_page_set_description (ADW_STATUS_PAGE (self->loading), text);
}

static gboolean
progress_cb (gpointer user_data)
{
  MsWindow *self = user_data;

  if (g_get_monotonic_time () - self->load_start_us > LOADING_PAGE_DELAY_MS * 1000)
    {
      close_document (self);
      gtk_stack_set_visible_child_name (GTK_STACK (self->states), "loading");
    }
  show_loading_text (self);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 ms_loader_get_progress (self->loader));
  return G_SOURCE_CONTINUE;
}

static void
stop_loading (MsWindow *self)
{
  g_clear_handle_id (&self->progress_source, g_source_remove);
  ms_request_cancel (&self->cancellable);
  g_clear_object (&self->loader);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsDocument) document = ms_loader_load_finish (MS_LOADER (source), result, &error);

  /* Another load, or none, is wanted by now. */
  if (MS_LOADER (source) != self->loader)
    return;
  g_autoptr (MsFollower) follower = ms_loader_steal_follower (MS_LOADER (source));
  stop_loading (self);

  if (document != NULL)
    {
      g_autoptr (MsFeed) feed = ms_feed_new (document, follower);

      ms_window_set_feed (self, NULL);
      ms_focus_reset (self->focus);
      g_set_object (&self->document, document);
      show_document (self);
      ms_window_set_feed (self, feed);
      /* What came as descriptors goes with the program. */
      if (self->client == NULL || !ms_tracker_client_is_mirrored (self->client))
        ms_recent_traces_add (self->settings, self->path);
      set_state (self, MS_WINDOW_CONTENT);
      ms_window_attach_if_it_runs (self);
      return;
    }
  close_document (self);
  self->problem_message = g_strdup (error->message);
  ms_load_problem_show (ADW_STATUS_PAGE (self->problem), self->path, error);
  set_state (self, MS_WINDOW_PROBLEM);
}

void
ms_window_show_absence (MsWindow *self, const char *text)
{
  g_free (self->problem_message);
  self->problem_message = g_strdup (text);
  ms_load_problem_show_absence (ADW_STATUS_PAGE (self->problem), text);
  set_state (self, MS_WINDOW_PROBLEM);
}

void
ms_window_start_loading (MsWindow *self, MsLoader *loader)
{
  MsAnalysisSettings analysis;
  g_autofree char *path = g_strdup (ms_loader_get_path (loader));

  if (self->is_closed)
    {
      g_object_unref (loader);
      return;
    }
  stop_loading (self);
  ms_window_set_client (self, NULL);
  g_clear_pointer (&self->problem_message, g_free);
  g_free (self->path);
  self->path = g_steal_pointer (&path);

  ms_preferences_read (self->settings, &analysis, NULL);
  ms_loader_set_settings (loader, &analysis);
  self->loader = loader;
  self->cancellable = g_cancellable_new ();
  self->load_start_us = g_get_monotonic_time ();
  self->progress_source = g_timeout_add (PROGRESS_INTERVAL_MS, progress_cb, self);
  show_loading_text (self);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), 0);
  set_state (self, MS_WINDOW_LOADING);
  ms_loader_load_async (loader, self->cancellable, loaded_cb, g_object_ref (self));
}

void
ms_window_open (MsWindow *self, const char *path)
{
  g_return_if_fail (MS_IS_WINDOW (self));

  ms_window_start_loading (self, ms_loader_new (path));
}

static void
process_chosen_cb (MsWindow *self, guint process)
{
  if (self->document == NULL || ms_document_get_process (self->document) == process)
    return;

  g_autoptr (MsRecording) recording = g_object_ref (ms_document_get_recording (self->document));
  ms_window_start_loading (self, ms_loader_new_for_process (recording, process));
}

/* --- actions --- */

static void
reload_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsWindow *self = MS_WINDOW (widget);

  if (self->path != NULL)
    {
      g_autofree char *path = g_strdup (self->path);

      ms_window_open (self, path);
    }
}

static void
cancel_load_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsWindow *self = MS_WINDOW (widget);

  stop_loading (self);
  ms_window_set_client (self, NULL);
  close_document (self);
  set_state (self, MS_WINDOW_WELCOME);
}

static void
show_notes_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsWindow *self = MS_WINDOW (widget);

  if (self->document == NULL)
    return;

  g_autoptr (GPtrArray) notes = ms_document_get_diagnostics (self->document);
  gtk_window_present (ms_diagnostics_window_new (GTK_WINDOW (self), notes));
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_window_pages_start_search (ADW_VIEW_STACK (MS_WINDOW (widget)->pages));
}

static void
copy_csv_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsWindow *self = MS_WINDOW (widget);

  if (ms_window_pages_copy_table (ADW_VIEW_STACK (self->pages)))
    return;

  guint n_rows = ms_threads_page_copy_csv (MS_THREADS_PAGE (self->threads));
  g_autofree char *text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u thread copied",
                                                        "%u threads copied", n_rows),
                                           n_rows);

  ms_window_add_toast (self, adw_toast_new (text));
}

static void
preferences_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (
      ms_preferences_window_new (GTK_WINDOW (widget), MS_WINDOW (widget)->settings));
}

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_window_show_page (MS_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
notes_bar_close_cb (MsWindow *self)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->notes_bar), FALSE);
}

/* --- the widget --- */

static gboolean
ms_window_close_request (GtkWindow *window)
{
  MsWindow *self = MS_WINDOW (window);

  ms_window_size_save (window, self->settings);
  /* A load holds the window until its end, which for one that waits may be never. */
  self->is_closed = TRUE;
  stop_loading (self);
  return GTK_WINDOW_CLASS (ms_window_parent_class)->close_request (window);
}

static void
ms_window_dispose (GObject *object)
{
  MsWindow *self = MS_WINDOW (object);

  stop_loading (self);
  if (self->feed != NULL)
    ms_window_set_feed (self, NULL);
  if (self->header_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->header_tick);
  self->header_tick = 0;
  if (self->focus != NULL)
    g_signal_handlers_disconnect_by_data (self->focus, self);
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  g_clear_object (&self->lens);
  g_clear_object (&self->focus);
  g_clear_object (&self->document);
  g_clear_object (&self->client);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ms_window_parent_class)->dispose (object);
}

static void
ms_window_finalize (GObject *object)
{
  MsWindow *self = MS_WINDOW (object);

  g_free (self->path);
  g_free (self->problem_message);
  G_OBJECT_CLASS (ms_window_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, MsWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, titles);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, switcher_title);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, process_button);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, export_button);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, pause_button);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, live_button);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, states);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, welcome_open);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, recent);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, record_button);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, loading);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, problem);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, bar);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, feed_bar);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, notes_bar);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, notes_label);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, memory);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, threads);
  gtk_widget_class_bind_template_child (widget_class, MsWindow, strip);
  gtk_widget_class_bind_template_callback (widget_class, process_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, notes_bar_close_cb);
  gtk_widget_class_bind_template_callback (widget_class, ms_main_menu_realize_cb);
  gtk_widget_class_bind_template_callback (widget_class, ms_shared_menu_cb);
}

static void
ms_window_class_init (MsWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ms_window_dispose;
  object_class->finalize = ms_window_finalize;
  widget_class->size_allocate = ms_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = ms_window_close_request;
  state_changed_signal = g_signal_new ("state-changed", MS_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (MS_TYPE_FEED_BAR);
  g_type_ensure (MS_TYPE_FOCUS_BAR);
  g_type_ensure (MS_TYPE_LIVE_BUTTON);
  g_type_ensure (MS_TYPE_PROCESS_BUTTON);
  g_type_ensure (MS_TYPE_RECENT_TRACES);
  ms_window_pages_ensure_types ();
  g_type_ensure (MS_TYPE_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/memscope/Memscope/ui/ms-window.ui");
  bind_children (widget_class);

  ms_open_actions_install (widget_class);
  gtk_widget_class_install_action (widget_class, "win.reload", NULL, reload_action);
  gtk_widget_class_install_action (widget_class, "win.cancel-load", NULL, cancel_load_action);
  gtk_widget_class_install_action (widget_class, "win.attach", NULL, ms_window_attach_action);
  gtk_widget_class_install_action (widget_class, "win.pause", NULL, ms_window_pause_action);
  ms_focus_actions_install (widget_class);
  ms_export_actions_install (widget_class);
  gtk_widget_class_install_action (widget_class, "win.show-notes", NULL, show_notes_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.copy-csv", NULL, copy_csv_action);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences_action);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page_action);
}

static void
ms_window_init (MsWindow *self)
{
  self->focus = ms_focus_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ms_window_pages_fit_switchers (GTK_WIDGET (self));
  ms_text_scale_mark (GTK_WIDGET (self));
  ms_strip_set_focus (MS_STRIP (self->strip), self->focus);
  g_signal_connect_swapped (self->focus, "changed", G_CALLBACK (ms_window_show_focus), self);
  ms_focus_actions_add_mouse (GTK_WIDGET (self), self->focus);
  ms_open_actions_add_drop (GTK_WIDGET (self));
  ms_window_add_live_controls (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.show-notes", FALSE);
  ms_window_show_focus (self);
  ms_window_set_feed (self, NULL);
  set_state (self, MS_WINDOW_WELCOME);
}

MsWindow *
ms_window_new (AdwApplication *application, GSettings *settings)
{
  MsWindow *self = g_object_new (MS_TYPE_WINDOW, "application", application, "default-width", 1200,
                                 "default-height", 800, NULL);

  g_set_object (&self->settings, settings);
  ms_memory_page_set_settings (MS_MEMORY_PAGE (self->memory), settings);
  ms_recent_traces_set_settings (MS_RECENT_TRACES (self->recent), settings);
  ms_window_follow_settings (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.preferences", settings != NULL);
  ms_window_size_restore (GTK_WINDOW (self), settings);
  return self;
}

MsWindowState
ms_window_get_state (MsWindow *self)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), MS_WINDOW_WELCOME);

  return self->state;
}

const char *
ms_window_get_problem (MsWindow *self)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), NULL);

  return self->state == MS_WINDOW_PROBLEM ? self->problem_message : NULL;
}

MsDocument *
ms_window_get_document (MsWindow *self)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), NULL);

  return self->state == MS_WINDOW_CONTENT ? self->document : NULL;
}

MsFocus *
ms_window_get_focus (MsWindow *self)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), NULL);

  return self->focus;
}

MsLens *
ms_window_get_lens (MsWindow *self)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), NULL);

  return self->lens;
}

void
ms_window_add_toast (MsWindow *self, AdwToast *toast)
{
  g_return_if_fail (MS_IS_WINDOW (self));

  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

gboolean
ms_window_show_page (MsWindow *self, const char *name)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), FALSE);

  if (adw_view_stack_get_child_by_name (ADW_VIEW_STACK (self->pages), name) == NULL)
    return FALSE;
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages), name);
  return TRUE;
}

gboolean
ms_window_focus_thread (MsWindow *self, const char *words)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), FALSE);

  MsThreadRow *row =
      self->document != NULL ? ms_document_find_row_by_words (self->document, words) : NULL;
  if (row == NULL)
    return FALSE;
  ms_focus_set_thread (self->focus, ms_thread_row_get_id (row));
  return TRUE;
}

gboolean
ms_window_get_busy (MsWindow *self)
{
  g_return_val_if_fail (MS_IS_WINDOW (self), FALSE);

  /* A program that is followed never comes to rest; the history of one that has ended does. */
  return self->state == MS_WINDOW_CONTENT
         && (ms_window_pages_is_busy (ADW_VIEW_STACK (self->pages))
             || (self->lens != NULL && ms_lens_get_busy (self->lens))
             || (self->feed != NULL && ms_feed_get_state (self->feed) == MS_FEED_READING));
}
