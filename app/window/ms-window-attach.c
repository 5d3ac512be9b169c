/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window that watches a program: chosen from the list of those that run, connected to, and its folder followed. */
#include "ms-attach-dialog.h"
#include "ms-feed-bar.h"
#include "ms-live-button.h"
#include "ms-window-private.h"

#include <glib/gi18n-lib.h>

static void
say (MsWindow *self, const char *text)
{
  g_autofree char *title = g_markup_escape_text (text, -1);

  if (self->is_closed)
    return;
  ms_window_add_toast (self, adw_toast_new (title));
}

void
ms_window_set_client (MsWindow *self, MsTrackerClient *client)
{
  g_set_object (&self->client, client);
  ms_live_button_set_client (MS_LIVE_BUTTON (self->live_button), client);
  ms_feed_bar_set_client (MS_FEED_BAR (self->feed_bar), client);
}

/* Waits for the first event. */
static void
open_running (MsWindow *self, const char *folder)
{
  MsLoader *loader = ms_loader_new (folder);

  ms_loader_set_waits (loader, TRUE);
  ms_window_start_loading (self, loader);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrackerClient) client = ms_tracker_client_connect_finish (result, &error);

  if (self->is_closed || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (client == NULL)
    {
      say (self, error->message);
      return;
    }
  open_running (self, ms_tracker_client_get_folder (client));
  ms_window_set_client (self, client);
}

static void
chosen_cb (MsWindow *self, MsRunningProgram *program)
{
  ms_tracker_client_connect_async (program, NULL, connected_cb, g_object_ref (self));
}

void
ms_window_attach_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *dialog = ms_attach_dialog_new (GTK_WINDOW (widget));

  g_signal_connect_object (dialog, "chosen", G_CALLBACK (chosen_cb), widget, G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

/* --- by number ------------------------------------------------------------------------------------------ */

typedef struct {
  MsWindow *window;
  MsRunningPrograms *programs;
  guint pid;
} Search;

/* What the registry has is there at once; the bus may know more. */
static void
look (MsRunningPrograms *programs, GParamSpec *pspec, Search *search)
{
  MsRunningProgram *program = ms_running_programs_find (programs, search->pid);

  if (program == NULL && !ms_running_programs_is_ready (programs))
    return;
  g_signal_handlers_disconnect_by_data (programs, search);
  if (program != NULL)
    chosen_cb (search->window, program);
  else
    {
      g_autofree char *text = g_strdup_printf (_ ("No program %u is being recorded"), search->pid);

      say (search->window, text);
    }
  g_object_unref (search->window);
  g_object_unref (search->programs);
  g_free (search);
}

void
ms_window_attach (MsWindow *self, guint pid)
{
  Search *search;

  g_return_if_fail (MS_IS_WINDOW (self));

  search = g_new0 (Search, 1);
  search->window = g_object_ref (self);
  search->programs = ms_running_programs_new ();
  search->pid = pid;
  g_signal_connect (search->programs, "notify::is-ready", G_CALLBACK (look), search);
  look (search->programs, NULL, search);
}

/* --- controls ------------------------------------------------------------------------------------------- */

static void
detach_cb (MsWindow *self)
{
  ms_window_set_client (self, NULL);
  if (self->feed != NULL)
    ms_feed_stop (self->feed);
  say (self, _ ("Detached: the program runs on and is recorded as before"));
}

void
ms_window_add_live_controls (MsWindow *self)
{
  g_signal_connect_object (self->live_button, "said", G_CALLBACK (say), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->live_button, "detach", G_CALLBACK (detach_cb), self,
                           G_CONNECT_SWAPPED);
}
