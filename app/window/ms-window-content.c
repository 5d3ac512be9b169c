/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a window shows: the state it is in, and while it has a document the lens that all pages look through and the
 * client of a program that is watched.  Every other file of the window uses this one; it uses none of them.
 */
#include "ms-feed-bar.h"
#include "ms-focus-bar.h"
#include "ms-live-button.h"
#include "ms-notes-bar.h"
#include "ms-preferences.h"
#include "ms-process-button.h"
#include "ms-strip.h"
#include "ms-window-pages.h"
#include "ms-window-private.h"

#define NARROW_HEADER_PX 560
#define ROOMY_HEADER_PX 1180
#define WIDE_HEADER_PX 1320

/* --- the state --- */

void
ms_window_fit_header (MsWindow *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  gboolean wanted = self->state == MS_WINDOW_CONTENT && width >= WIDE_HEADER_PX;

  gtk_widget_set_visible (self->export_button, wanted);
  /* Whoever watches a program needs the room for that. */
  gtk_widget_set_visible (self->record_button, wanted && self->client == NULL);
  ms_process_button_set_compact (MS_PROCESS_BUTTON (self->process_button),
                                 width < NARROW_HEADER_PX);
  ms_live_button_set_compact (MS_LIVE_BUTTON (self->live_button),
                              width < (gtk_widget_get_visible (self->process_button)
                                           ? WIDE_HEADER_PX
                                           : ROOMY_HEADER_PX));
}

void
ms_window_set_state (MsWindow *self, MsWindowState state)
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
  ms_window_fit_header (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.search", state == MS_WINDOW_CONTENT);
  g_signal_emit_by_name (self, "state-changed");
}

/* --- the document --- */

/* What is looked at may be a part, and what is compared always is two. */
void
ms_window_ask_for_history (MsWindow *self)
{
  const char *page = adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->pages));

  if (self->feed != NULL)
    ms_feed_set_wants_history (self->feed, !ms_focus_is_clear (self->focus)
                                               || g_strcmp0 (page, "compare") == 0);
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
  ms_window_ask_for_history (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.leave-focus",
                                 !ms_focus_is_clear (self->focus));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.go-back",
                                 ms_focus_can_go_back (self->focus));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.go-forward",
                                 ms_focus_can_go_forward (self->focus));
}

/* Where the document says more than its lens does to every page. */
static void
show_document_itself (MsWindow *self)
{
  MsDocument *document = self->document;
  MsProcessButton *button = MS_PROCESS_BUTTON (self->process_button);

  ms_process_button_set_recording (button, ms_document_get_recording (document),
                                   ms_document_get_process (document));
  ms_strip_set_process (MS_STRIP (self->strip), ms_document_get_strip (document));
  ms_live_button_set_is_ring (MS_LIVE_BUTTON (self->live_button),
                              ms_trace_get_ring_bytes (ms_document_get_trace (document)) > 0);
  ms_window_show_focus (self);
}

static void
document_changed_cb (MsWindow *self, MsLens *lens)
{
  g_set_object (&self->document, ms_lens_get_document (lens));
  show_document_itself (self);
}

/* Before it becomes self->lens: its documents are the window's.  NULL: none. */
static void
watch_lens (MsWindow *self, MsLens *lens)
{
  if (self->lens != NULL)
    g_signal_handlers_disconnect_by_data (self->lens, self);
  if (lens != NULL)
    {
      g_signal_connect_swapped (lens, "document-changed", G_CALLBACK (document_changed_cb), self);
      ms_lens_set_awaits_history (lens,
                                  self->feed != NULL && ms_feed_can_read_history (self->feed));
    }
}

void
ms_window_set_lens (MsWindow *self, MsLens *lens)
{
  watch_lens (self, lens);
  ms_window_pages_set_lens (ADW_VIEW_STACK (self->pages), lens);
  ms_focus_bar_set_lens (MS_FOCUS_BAR (self->bar), lens);
  g_set_object (&self->lens, lens);
}

void
ms_window_show_document (MsWindow *self)
{
  MsDocument *document = self->document;
  g_autofree char *title = g_strdup_printf ("%s — Memscope", ms_document_get_title (document));
  g_autoptr (MsLens) lens = ms_preferences_new_lens (self->settings, document, self->focus);

  gtk_window_set_title (GTK_WINDOW (self), title);
  adw_view_switcher_title_set_title (ADW_VIEW_SWITCHER_TITLE (self->switcher_title),
                                     ms_document_get_title (document));
  show_document_itself (self);
  ms_window_set_lens (self, lens);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.show-notes",
                                 ms_notes_bar_show (GTK_INFO_BAR (self->notes_bar),
                                                    GTK_LABEL (self->notes_label), document));
}

void
ms_window_set_client (MsWindow *self, MsTrackerClient *client)
{
  g_set_object (&self->client, client);
  ms_live_button_set_client (MS_LIVE_BUTTON (self->live_button), client);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.mark", client != NULL);
  ms_window_fit_header (self);
  ms_feed_bar_set_client (MS_FEED_BAR (self->feed_bar), client);
}

/* --- for everybody --- */

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

char *
ms_window_dup_page_names (MsWindow *self)
{
  g_autoptr (GtkSelectionModel) pages = adw_view_stack_get_pages (ADW_VIEW_STACK (self->pages));
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
    {
      g_autoptr (AdwViewStackPage) page = g_list_model_get_item (G_LIST_MODEL (pages), i);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                              adw_view_stack_page_get_name (page));
    }
  return g_string_free (names, FALSE);
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
