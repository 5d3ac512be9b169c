/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a window consists of, for the files that it is written in; ms-window.c says which uses which. */
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
  MsLens *lens;             /* NULL: no document */
  MsFeed *feed;             /* what comes after the document; NULL: no document */
  MsTrackerClient *client;  /* of the program that is watched; NULL: none, or its folder alone */
  GCancellable *connecting; /* while a program is looked for, or asked; else NULL */
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

/* --- ms-window-content.c -------------------------------------------------------------------------------- */

/* Emits "state-changed". */
void ms_window_set_state (MsWindow *self, MsWindowState state);
/* A narrow header has no room for what is in the menu, too. */
void ms_window_fit_header (MsWindow *self);
/* self->document, through a lens of its own. */
void ms_window_show_document (MsWindow *self);
/* Every page sees the trace through the same lens; NULL: there is none. */
void ms_window_set_lens (MsWindow *self, MsLens *lens);
/* The focus, where the window itself shows it. */
void ms_window_show_focus (MsWindow *self);
/* Whenever the focus or the page is another one. */
void ms_window_ask_for_history (MsWindow *self);
/* NULL: none. */
void ms_window_set_client (MsWindow *self, MsTrackerClient *client);

/* --- ms-window-feed.c ----------------------------------------------------------------------------------- */

/* What comes after the document; NULL: nothing. */
void ms_window_set_feed (MsWindow *self, MsFeed *feed);
/* "win.pause". */
void ms_window_pause_action (GtkWidget *widget, const char *name, GVariant *parameter);

/* --- ms-window-loading.c -------------------------------------------------------------------------------- */

/* Takes @loader, for nothing if the window is closed.  Ends what was wanted before: another load, or a program that has
 * not answered yet. */
void ms_window_start_loading (MsWindow *self, MsLoader *loader);
/* What was shown before stays. */
void ms_window_stop_loading (MsWindow *self);
/* Nothing is shown then, nor watched. */
void ms_window_cancel_load (MsWindow *self);
/* Of a program that was asked for: on the page of a window that shows nothing. */
void ms_window_show_absence (MsWindow *self, const char *text);

/* --- ms-window-settings.c ------------------------------------------------------------------------------- */

/* From now on; of none, nothing. */
void ms_window_follow_settings (MsWindow *self);

/* --- ms-window-attach.c --------------------------------------------------------------------------------- */

void ms_window_add_live_controls (MsWindow *self);
/* "win.attach", "win.mark". */
void ms_window_attach_action (GtkWidget *widget, const char *name, GVariant *parameter);
void ms_window_mark_action (GtkWidget *widget, const char *name, GVariant *parameter);

G_END_DECLS
