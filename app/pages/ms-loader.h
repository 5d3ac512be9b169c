/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Loads a recording, or another process of one, on a worker thread.  One loader loads once.
 *
 * What it loads is for the first paint: where the trace has a summary its figures alone, as its history takes
 * seconds; of a program that runs what is there by now.  MsFeed goes on from there.
 */
#pragma once

#include "ms-document.h"
#include "ms-follower.h"

G_BEGIN_DECLS

#define MS_TYPE_LOADER (ms_loader_get_type ())
G_DECLARE_FINAL_TYPE (MsLoader, ms_loader, MS, LOADER, GObject)

/* The process with the highest peak in the recording or trace folder @path. */
MsLoader *ms_loader_new (const char *path);
MsLoader *ms_loader_new_for_process (MsRecording *recording, guint process);

/* Before it loads; else the defaults. */
void ms_loader_set_settings (MsLoader *self, const MsAnalysisSettings *settings);
/* The path is the trace folder of a program that runs and may have recorded nothing yet: until it has. */
void ms_loader_set_waits (MsLoader *self, gboolean waits);
const char *ms_loader_get_path (MsLoader *self);

void ms_loader_load_async (MsLoader *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* (transfer full): or NULL with MS_ERROR or G_IO_ERROR_CANCELLED. */
MsDocument *ms_loader_load_finish (MsLoader *self, GAsyncResult *result, GError **error);

/* After that, of a program that runs: what goes on reading. (transfer full) (nullable) */
MsFollower *ms_loader_steal_follower (MsLoader *self);

/* For a page that says what is being read, in markup: the path and, once that is known, what can be said before
 * the events are read: "make · 16 threads · 100 000 000 events · … · peak: computing…".  May be asked at any
 * time. (transfer full) */
char *ms_loader_dup_description (MsLoader *self);

/* 0 to 1; may be asked at any time from any thread. */
double ms_loader_get_progress (MsLoader *self);

G_END_DECLS
