/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which processes of a recording a command is about: `--process PID|NAME|all`, by default the one
 * with the highest peak.  Everything that can be wrong with a folder is said here, in one line.
 */
#pragma once

#include "ms-recording.h"

G_BEGIN_DECLS

typedef struct {
  MsRecording *recording;
  GArray *indices; /* of guint: processes of the recording */
  gboolean is_all;
} MsSelection;

/* The text of the option, for --help. */
#define MS_SELECTION_OPTION_HELP \
  "a process of the recording; without it, the one with the highest peak"

/* NULL after complaining, with the exit status in @status: MS_EXIT_USAGE where no process is @process,
 * else MS_EXIT_FAILURE. @process: (nullable): the option's argument. (transfer full) */
MsSelection *ms_selection_open (const char *folder, const char *process, int *status);
void ms_selection_free (MsSelection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSelection, ms_selection_free)

/* NULL after complaining, or when interrupted. (transfer full) */
MsTrace *ms_selection_load (MsSelection *self, guint nth);
/* The same, with what ms_trace_load_full() takes. */
MsTrace *ms_selection_load_full (MsSelection *self, guint nth, MsLoadFlags flags);
/* (transfer none) */
const MsProcess *ms_selection_get_process (MsSelection *self, guint nth);

G_END_DECLS
