/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window that watches a program: chosen from the list of those that run, connected to, and its folder followed. */
#include "ms-attach-dialog.h"
#include "ms-live-button.h"
#include "ms-request.h"
#include "ms-window-private.h"

#include <glib/gi18n-lib.h>

/* The bus has the trace's own beginning, the registry that of the process. */
#define SAME_START_US (2 * G_USEC_PER_SEC)
/* A toast that can be pressed stays so long. */
#define OPEN_SECONDS 10

static void
say (MsWindow *self, const char *text)
{
  g_autofree char *title = g_markup_escape_text (text, -1);

  if (self->is_closed)
    return;
  ms_window_add_toast (self, adw_toast_new (title));
}

/* Waits for the first event. */
static void
open_running (MsWindow *self, const char *folder)
{
  MsLoader *loader = ms_loader_new (folder);

  ms_loader_set_waits (loader, TRUE);
  ms_window_start_loading (self, loader);
}

/* From here to the answer; what is opened meanwhile is wanted more. (transfer none) */
static GCancellable *
start_connecting (MsWindow *self)
{
  ms_request_cancel (&self->connecting);
  self->connecting = g_cancellable_new ();
  return self->connecting;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrackerClient) client = ms_tracker_client_connect_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->connecting);
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
  if (self->is_closed)
    return;
  ms_tracker_client_connect_async (program, start_connecting (self), connected_cb,
                                   g_object_ref (self));
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
  MsTrace *trace; /* whose process is looked for; NULL: any of that number */
  GCancellable *cancellable;
} Search;

/* Its folder is still shown, maybe read anew by now, and the program is not another one that has the number by now. */
static gboolean
is_program_of_trace (Search *search, MsRunningProgram *program)
{
  gint64 start_us = ms_running_program_get_start_time (program);
  MsDocument *shown = search->window->document;

  return shown != NULL
         && g_str_equal (ms_trace_get_folder (ms_document_get_trace (shown)),
                         ms_trace_get_folder (search->trace))
         && start_us > 0
         && ABS (start_us - ms_trace_get_start_wall_us (search->trace)) <= SAME_START_US;
}

static void
finish_search (Search *search, MsRunningProgram *program)
{
  if (g_cancellable_is_cancelled (search->cancellable))
    return;
  g_clear_object (&search->window->connecting);
  if (program != NULL && (search->trace == NULL || is_program_of_trace (search, program)))
    chosen_cb (search->window, program);
  else if (search->trace == NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("No program %u is being recorded"), search->pid);

      if (search->window->state == MS_WINDOW_CONTENT || search->window->state == MS_WINDOW_LOADING)
        say (search->window, text);
      else
        ms_window_show_absence (search->window, text);
    }
}

/* What the registry has is there at once; the bus may know more. */
static void
look (MsRunningPrograms *programs, GParamSpec *pspec, Search *search)
{
  MsRunningProgram *program = ms_running_programs_find (programs, search->pid);

  if (program == NULL && !ms_running_programs_is_ready (programs))
    return;
  g_signal_handlers_disconnect_by_data (programs, search);
  finish_search (search, program);
  g_clear_object (&search->trace);
  g_object_unref (search->cancellable);
  g_object_unref (search->window);
  g_object_unref (search->programs);
  g_free (search);
}

static void
start_search (MsWindow *self, guint pid, MsTrace *trace)
{
  Search *search = g_new0 (Search, 1);

  search->window = g_object_ref (self);
  search->programs = ms_running_programs_new ();
  search->pid = pid;
  g_set_object (&search->trace, trace);
  search->cancellable = g_object_ref (start_connecting (self));
  g_signal_connect (search->programs, "notify::is-ready", G_CALLBACK (look), search);
  look (search->programs, NULL, search);
}

void
ms_window_attach (MsWindow *self, guint pid)
{
  g_return_if_fail (MS_IS_WINDOW (self));

  start_search (self, pid, NULL);
}

/* From inside a sandbox it is not seen whether the process of an open folder runs: if the session bus knows it, it
 * is watched from now on as one that was chosen from the list. */
static void
attach_if_it_runs_cb (MsWindow *self)
{
  MsTrace *trace = self->state == MS_WINDOW_CONTENT ? ms_document_get_trace (self->document) : NULL;

  if (trace != NULL && self->client == NULL && self->connecting == NULL
      && ms_trace_get_state (trace) == MS_STATE_UNKNOWN)
    start_search (self, (guint) ms_trace_get_pid (trace), trace);
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
ms_window_mark_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_live_button_start_mark (MS_LIVE_BUTTON (MS_WINDOW (widget)->live_button));
}

/* The program is watched here: what was saved of it has a window of its own. */
static void
open_snapshot_cb (AdwToast *toast, MsWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  MsWindow *window = ms_window_new (ADW_APPLICATION (application), self->settings);

  ms_window_open (window, g_object_get_data (G_OBJECT (toast), "folder"));
  gtk_window_present (GTK_WINDOW (window));
}

static void
saved_cb (MsWindow *self, const char *folder)
{
  AdwToast *toast;

  if (self->is_closed)
    return;
  toast = adw_toast_new (_ ("Snapshot saved"));
  g_object_set_data_full (G_OBJECT (toast), "folder", g_strdup (folder), g_free);
  adw_toast_set_button_label (toast, _ ("Open"));
  adw_toast_set_timeout (toast, OPEN_SECONDS);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (open_snapshot_cb), self, 0);
  ms_window_add_toast (self, toast);
}

void
ms_window_add_live_controls (MsWindow *self)
{
  g_signal_connect (self, "state-changed", G_CALLBACK (attach_if_it_runs_cb), NULL);
  g_signal_connect_object (self->live_button, "said", G_CALLBACK (say), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->live_button, "saved", G_CALLBACK (saved_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->live_button, "detach", G_CALLBACK (detach_cb), self,
                           G_CONNECT_SWAPPED);
}
