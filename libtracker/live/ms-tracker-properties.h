/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The properties of org.memscope.Tracker1 as a client has them, from the answer to GetAll or from the process
 * itself where there is no agent on the bus.  Whoever answered may have said anything: types are checked,
 * texts are cut and valid UTF-8, numbers are in range.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  gboolean is_known_version;
  guint pid;     /* 0: not said */
  char *program; /* never NULL, as all texts but the folder */
  char *command;
  char *state;
  char *folder; /* NULL: not said, or nothing is there for us */
  gint64 start_wall_us;
  guint n_threads;
  char *rule;
  double sampling_rate; /* above 0, at most 1 */
  guint64 sample_interval_bytes;
  gboolean is_pending; /* the process has not noticed yet */
} MsTrackerProperties;

/* @reply: to GetAll. G_IO_ERROR_INVALID_DATA: nothing that an agent answers. (transfer full) */
MsTrackerProperties *ms_tracker_properties_new (GVariant *reply, GError **error);
/* By /proc and the control page. NULL: it does not run. (transfer full) */
MsTrackerProperties *ms_tracker_properties_read (gint pid, guint64 start_ticks, const char *folder);
void ms_tracker_properties_free (MsTrackerProperties *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTrackerProperties, ms_tracker_properties_free)

#define MS_TRACKER_STATE_ENDED "ended"
/* "recording" or "dormant" */
const char *ms_tracker_state_name (gboolean is_recording);

/* Bytes of /proc/PID/cmdline, words separated by blanks, as text; NULL: it cannot be read. (transfer full) */
char **ms_tracker_dup_command (gint pid);
/* Microseconds since 1970. */
gint64 ms_tracker_start_wall_us (guint64 start_ticks);

/* Both can be looked at, and are not one: what has a number here has it elsewhere as well.  NULL: not known. */
gboolean ms_tracker_folders_differ (const char *a, const char *b);

G_END_DECLS
