/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chooses between the processes of a recording: a tree of programs, each with the curve of its live bytes and its peak.
 * Hidden while there is only one.
 *
 * Signal "process-chosen" (guint index).
 */
#pragma once

#include <adwaita.h>
#include "ms-recording.h"

G_BEGIN_DECLS

#define MS_TYPE_PROCESS_BUTTON (ms_process_button_get_type ())
G_DECLARE_FINAL_TYPE (MsProcessButton, ms_process_button, MS, PROCESS_BUTTON, AdwBin)

GtkWidget *ms_process_button_new (void);
/* @recording NULL: nothing. */
void ms_process_button_set_recording (MsProcessButton *self, MsRecording *recording, guint process);
/* An icon instead of the name, as at first: a window can only become as narrow as its header. */
void ms_process_button_set_compact (MsProcessButton *self, gboolean compact);

G_END_DECLS
