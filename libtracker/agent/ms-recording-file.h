/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_recording.json: the process tree of a recording, written at the start, while processes
 * end, and at the end.  It is a list for people and for quick opening; the folders are the truth.
 */
#pragma once

#include "ms-closer.h"

G_BEGIN_DECLS

typedef struct _MsRecordingFile MsRecordingFile;

/* @folder: absolute path of the recording. (transfer full) */
MsRecordingFile *ms_recording_file_new (const char *folder, char *const *command);
void ms_recording_file_free (MsRecordingFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsRecordingFile, ms_recording_file_free)

const char *ms_recording_file_get_folder (MsRecordingFile *self);

/* The main program was started, and ended. */
void ms_recording_file_set_main (MsRecordingFile *self, gint pid);
void ms_recording_file_set_end (MsRecordingFile *self, int wait_status);

/* Adds a process, or replaces what was said of its folder before.  Takes @summary. */
void ms_recording_file_put (MsRecordingFile *self, MsTraceSummary *summary);

/* In order of their start. (transfer none) (element-type MsTraceSummary) */
GPtrArray *ms_recording_file_get_processes (MsRecordingFile *self);

gboolean ms_recording_file_save (MsRecordingFile *self, GError **error);

/* Saves if something changed and if the time that saving took is small against the time since: with
 * thousands of processes the list is long, and it is written again only as it doubles. */
void ms_recording_file_save_if_due (MsRecordingFile *self);

G_END_DECLS
