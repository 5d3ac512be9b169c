/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A window shows one recording: welcome → loading → its pages, or a status page that says what is
 * wrong.  It owns the MsFocus that its pages share.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_WINDOW (ms_window_get_type ())
G_DECLARE_FINAL_TYPE (MsWindow, ms_window, MS, WINDOW, AdwApplicationWindow)

typedef enum {
  MS_WINDOW_WELCOME,
  MS_WINDOW_LOADING,
  MS_WINDOW_PROBLEM,
  MS_WINDOW_CONTENT
} MsWindowState;

/* @settings: (nullable): where the window's size is kept. */
MsWindow *ms_window_new (AdwApplication *application, GSettings *settings);

/* Opens the recording or trace folder @path, in place of what is open.  Emits "state-changed". */
void ms_window_open (MsWindow *self, const char *path);
/* Watches the program with this number, which is being recorded just now; a toast says if there is none. */
void ms_window_attach (MsWindow *self, guint pid);
MsWindowState ms_window_get_state (MsWindow *self);
/* What is wrong in MS_WINDOW_PROBLEM, else NULL. */
const char *ms_window_get_problem (MsWindow *self);
/* NULL but in MS_WINDOW_CONTENT. */
MsDocument *ms_window_get_document (MsWindow *self);
MsFocus *ms_window_get_focus (MsWindow *self);
/* What its pages look through; NULL without a document. */
MsLens *ms_window_get_lens (MsWindow *self);

/* Takes @toast. */
void ms_window_add_toast (MsWindow *self, AdwToast *toast);
/* FALSE if there is no page @name. */
gboolean ms_window_show_page (MsWindow *self, const char *name);
/* What these names are: "overview, threads, …". (transfer full) */
char *ms_window_dup_page_names (MsWindow *self);
/* Focuses the first thread whose name, else tid, else id is @words; FALSE if there is none. */
gboolean ms_window_focus_thread (MsWindow *self, const char *words);

/* Whether the page that is shown still looks for what it shows. */
gboolean ms_window_get_busy (MsWindow *self);

G_END_DECLS
