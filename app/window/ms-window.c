/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The class: its template, its actions and its life.  What it does is in the files beside it, each of which uses
 * those to its right, and none of which uses this one:
 *
 *   ms-window.c ─▶ -attach, ms-open-actions ─▶ -loading ─▶ -feed ─▶ -content
 *             └──▶ -settings, ms-export-actions, ms-focus-actions ──▶ ┘
 */
#include "ms-window-private.h"
#include "ms-diagnostics-window.h"
#include "ms-export-actions.h"
#include "ms-feed-bar.h"
#include "ms-focus-actions.h"
#include "ms-focus-bar.h"
#include "ms-live-button.h"
#include "ms-memory-page.h"
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

G_DEFINE_FINAL_TYPE (MsWindow, ms_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- its header --- */

static gboolean
header_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  MS_WINDOW (widget)->header_tick = 0;
  ms_window_fit_header (MS_WINDOW (widget));
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
  ms_window_cancel_load (MS_WINDOW (widget));
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
  if (ms_window_show_page (MS_WINDOW (widget), g_variant_get_string (parameter, NULL)))
    ms_window_pages_grab_focus (ADW_VIEW_STACK (MS_WINDOW (widget)->pages));
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
  ms_window_stop_loading (self);
  ms_request_cancel (&self->connecting);
  return GTK_WINDOW_CLASS (ms_window_parent_class)->close_request (window);
}

static void
ms_window_dispose (GObject *object)
{
  MsWindow *self = MS_WINDOW (object);

  ms_window_stop_loading (self);
  ms_request_cancel (&self->connecting);
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
  g_signal_new ("state-changed", MS_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);

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
  gtk_widget_class_install_action (widget_class, "win.mark", NULL, ms_window_mark_action);
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
  g_signal_connect_object (self->pages, "notify::visible-child",
                           G_CALLBACK (ms_window_ask_for_history), self, G_CONNECT_SWAPPED);
  ms_focus_actions_add_mouse (GTK_WIDGET (self), self->focus);
  ms_open_actions_add_drop (GTK_WIDGET (self));
  ms_window_add_live_controls (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.show-notes", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.mark", FALSE);
  ms_window_show_focus (self);
  ms_window_set_feed (self, NULL);
  ms_window_set_state (self, MS_WINDOW_WELCOME);
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
