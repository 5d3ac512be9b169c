/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One document after the other in the same window:
 *
 *   MsFeed ──"document"──▶ MsLens ──"document-changed"──▶ pages ──all drawn──▶ ms_feed_go_on()
 */
#include "ms-feed-bar.h"
#include "ms-hold.h"
#include "ms-notes-bar.h"
#include "ms-window-pages.h"
#include "ms-window-private.h"

#include <glib/gi18n-lib.h>

/* How often a window looks whether it shows a document yet, before it asks for the next. */
#define SHOWN_INTERVAL_MS 40

/* The next is read when nobody is busy with this one. */
static gboolean
shown_cb (gpointer user_data)
{
  MsWindow *self = user_data;

  if (self->lens == NULL || self->feed == NULL)
    {
      self->shown_source = 0;
      return G_SOURCE_REMOVE;
    }
  if (!ms_lens_is_waiting (self->lens)
      && (ms_lens_get_busy (self->lens) || ms_window_pages_is_busy (ADW_VIEW_STACK (self->pages))))
    return G_SOURCE_CONTINUE;
  self->shown_source = 0;
  ms_feed_go_on (self->feed);
  return G_SOURCE_REMOVE;
}

static void
next_document_cb (MsWindow *self, MsDocument *document)
{
  if (self->lens == NULL)
    return;
  ms_lens_set_document (self->lens, document);
  if (self->shown_source == 0)
    self->shown_source = g_timeout_add (SHOWN_INTERVAL_MS, shown_cb, self);
}

/* How the program ended is news to whoever watched it. */
static void
say_end (MsWindow *self)
{
  MsTrace *trace = ms_document_get_trace (self->document);
  g_autofree char *end =
      ms_describe_process_end (ms_trace_get_state (trace), ms_trace_get_exit_status (trace));
  /* Translators: a program's name, and how it ended, as "killed by signal 9 (Killed)". */
  g_autofree char *text =
      g_strdup_printf (_ ("%s: %s"), ms_document_get_title (self->document), end);
  g_autofree char *title = g_markup_escape_text (text, -1);

  ms_window_add_toast (self, adw_toast_new (title));
}

static void
feed_changed_cb (MsWindow *self)
{
  MsFeedState state = self->feed != NULL ? ms_feed_get_state (self->feed) : MS_FEED_DONE;
  gboolean is_followed = state == MS_FEED_FOLLOWING || state == MS_FEED_PAUSED;

  gtk_widget_set_visible (self->pause_button, is_followed);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.pause", is_followed);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->pause_button), state == MS_FEED_PAUSED);
  if (self->lens != NULL)
    ms_lens_set_awaits_history (self->lens,
                                self->feed != NULL && ms_feed_can_read_history (self->feed));
  if (self->was_followed && !is_followed && self->document != NULL
      && ms_trace_get_state (ms_document_get_trace (self->document)) != MS_STATE_RUNNING)
    {
      say_end (self);
      ms_notes_bar_show (GTK_INFO_BAR (self->notes_bar), GTK_LABEL (self->notes_label),
                         self->document);
    }
  self->was_followed = is_followed;
}

/* `memscope record --open` holds the program until somebody sees it. */
static gboolean
seen_cb (gpointer data)
{
  MsTrace *trace = data;
  g_autofree char *recording = g_path_get_dirname (ms_trace_get_folder (trace));

  ms_hold_end (recording);
  return G_SOURCE_REMOVE;
}

void
ms_window_set_feed (MsWindow *self, MsFeed *feed)
{
  g_clear_handle_id (&self->shown_source, g_source_remove);
  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_data (self->feed, self);
  self->was_followed = FALSE;
  g_set_object (&self->feed, feed);
  ms_feed_bar_set_feed (MS_FEED_BAR (self->feed_bar), feed);
  if (feed != NULL)
    {
      g_signal_connect_swapped (feed, "document", G_CALLBACK (next_document_cb), self);
      g_signal_connect_swapped (feed, "changed", G_CALLBACK (feed_changed_cb), self);
    }
  feed_changed_cb (self);
  /* After it has been painted. */
  if (feed != NULL
      && ms_trace_get_state (ms_document_get_trace (self->document)) == MS_STATE_RUNNING)
    g_idle_add_full (G_PRIORITY_LOW, seen_cb, g_object_ref (ms_document_get_trace (self->document)),
                     g_object_unref);
}

void
ms_window_pause_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MsWindow *self = MS_WINDOW (widget);

  if (self->feed != NULL)
    ms_feed_set_paused (self->feed, ms_feed_get_state (self->feed) == MS_FEED_FOLLOWING);
}
