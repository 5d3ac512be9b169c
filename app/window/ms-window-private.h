/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a window consists of, for the files that it is written in: ms-window.c loads and shows,
 * ms-window-feed.c replaces what is shown by what comes after, ms-window-attach.c watches a program that runs,
 * ms-window-settings.c does what is changed in Preferences.
 */
#pragma once

#include "ms-feed.h"
#include "ms-main-menu.h"
#include "ms-loader.h"
#include "ms-tracker-client.h"
#include "ms-window.h"

G_BEGIN_DECLS

struct _MsWindow {
  AdwApplicationWindow parent_instance;

  GtkWidget *toasts, *titles, *switcher_title, *process_button, *export_button, *pause_button,
      *live_button;
  GtkWidget *states, *welcome_open, *recent, *record_button, *loading, *progress, *problem;
  GtkWidget *bar, *feed_bar, *notes_bar, *notes_label;
  GtkWidget *pages, *threads, *memory, *strip;

  GSettings *settings;
  MsFocus *focus;
  MsDocument *document;
  MsLens *lens;            /* NULL: no document */
  MsFeed *feed;            /* what comes after the document; NULL: no document */
  MsTrackerClient *client; /* of the program that is watched; NULL: none, or its folder alone */
  gboolean was_followed;
  guint shown_source;
  char *path; /* what was opened last, also if it failed */

  MsWindowState state;
  char *problem_message;
  MsLoader *loader; /* while loading */
  GCancellable *cancellable;
  guint progress_source;
  gint64 load_start_us;
  guint header_tick;
  gboolean is_closed; /* and held by somebody who was asked, and may answer yet */
};

/* Takes @loader, for nothing if the window is closed. */
void ms_window_start_loading (MsWindow *self, MsLoader *loader);
/* Every page sees the trace through the same lens; NULL: there is none. */
void ms_window_set_lens (MsWindow *self, MsLens *lens);
/* The focus, where the window itself shows it. */
void ms_window_show_focus (MsWindow *self);
/* Where the document says more than its lens does to every page. */
void ms_window_show_document_itself (MsWindow *self);
/* Before it becomes self->lens: its documents are the window's.  NULL: none. */
void ms_window_watch_lens (MsWindow *self, MsLens *lens);
/* What comes after the document; NULL: nothing. */
void ms_window_set_feed (MsWindow *self, MsFeed *feed);
/* Of a program that was asked for: on the page of a window that shows nothing. */
void ms_window_show_absence (MsWindow *self, const char *text);
/* "win.pause". */
void ms_window_pause_action (GtkWidget *widget, const char *name, GVariant *parameter);

/* From now on; of none, nothing. */
void ms_window_follow_settings (MsWindow *self);

/* --- ms-window-attach.c --------------------------------------------------------------------------------- */

/* NULL: none. */
void ms_window_set_client (MsWindow *self, MsTrackerClient *client);
void ms_window_add_live_controls (MsWindow *self);
/* From inside a sandbox it is not seen whether the process of an open folder runs: if the session bus knows it, it
 * is watched from now on as one that was chosen from the list. */
void ms_window_attach_if_it_runs (MsWindow *self);
/* "win.attach". */
void ms_window_attach_action (GtkWidget *widget, const char *name, GVariant *parameter);

G_END_DECLS
