/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a document comes into a window, and leaves it: one load at a time, which anything else that is opened ends. */
#include "ms-load-problem.h"
#include "ms-preferences.h"
#include "ms-process-button.h"
#include "ms-recent-traces.h"
#include "ms-request.h"
#include "ms-strip.h"
#include "ms-window-private.h"

#define PROGRESS_INTERVAL_MS 60
/* A load that is done before this shows no loading page, which would only flash. */
#define LOADING_PAGE_DELAY_MS 250

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

void
ms_window_stop_loading (MsWindow *self)
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
  ms_window_stop_loading (self);

  if (document != NULL)
    {
      g_autoptr (MsFeed) feed = ms_feed_new (document, follower);

      ms_window_set_feed (self, NULL);
      ms_focus_reset (self->focus);
      g_set_object (&self->document, document);
      ms_window_show_document (self);
      ms_window_set_feed (self, feed);
      /* What came as descriptors goes with the program. */
      if (self->client == NULL || !ms_tracker_client_is_mirrored (self->client))
        ms_recent_traces_add (self->settings, self->path);
      ms_window_set_state (self, MS_WINDOW_CONTENT);
      return;
    }
  close_document (self);
  self->problem_message = g_strdup (error->message);
  ms_load_problem_show (ADW_STATUS_PAGE (self->problem), self->path, error);
  ms_window_set_state (self, MS_WINDOW_PROBLEM);
}

void
ms_window_show_absence (MsWindow *self, const char *text)
{
  g_free (self->problem_message);
  self->problem_message = g_strdup (text);
  ms_load_problem_show_absence (ADW_STATUS_PAGE (self->problem), text);
  ms_window_set_state (self, MS_WINDOW_PROBLEM);
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
  ms_window_stop_loading (self);
  ms_request_cancel (&self->connecting);
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
  ms_window_set_state (self, MS_WINDOW_LOADING);
  ms_loader_load_async (loader, self->cancellable, loaded_cb, g_object_ref (self));
}

void
ms_window_open (MsWindow *self, const char *path)
{
  g_return_if_fail (MS_IS_WINDOW (self));

  ms_window_start_loading (self, ms_loader_new (path));
}

void
ms_window_cancel_load (MsWindow *self)
{
  ms_window_stop_loading (self);
  ms_request_cancel (&self->connecting);
  ms_window_set_client (self, NULL);
  close_document (self);
  ms_window_set_state (self, MS_WINDOW_WELCOME);
}
