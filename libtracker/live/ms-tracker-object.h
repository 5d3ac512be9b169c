/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One recorded process on the session bus, with a connection of its own: the path is the same for all.
 *
 *   client ── call ──▶ [filter: at most 64 at once] ──▶ [same user?] ──▶ answer
 *   subscriber ◀── Sample, ThreadsChanged, FilesAdded ── tick (), if the bus has taken what came before, and it reads
 *
 * What is asked for is answered from the trace folder, the control page and /proc at that moment.  Nothing
 * here waits for the process: a change is written, and its answer looked for every few milliseconds.
 *
 * Lives in the thread-default main context of who makes it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _MsTrackerObject MsTrackerObject;

/* NULL: its folder cannot be opened. (transfer full) */
MsTrackerObject *ms_tracker_object_new (const char *folder, gint pid, guint64 start_ticks);
void ms_tracker_object_free (MsTrackerObject *self);

/* Goes to the bus at @address, if it is on none. */
void ms_tracker_object_join (MsTrackerObject *self, const char *address);

/* Ten times a second. */
void ms_tracker_object_tick (MsTrackerObject *self);

/* Its process has ended; @wait_status: as of waitpid (2), −1: not known. */
void ms_tracker_object_end (MsTrackerObject *self, int wait_status);
/* It has, and nothing more will be written into its folder, or that has taken too long.  @is_crowded: others wait for
 * its place on the bus. */
gboolean ms_tracker_object_is_over (MsTrackerObject *self, gboolean is_crowded);

/* It has ended, and somebody who watches has asked for files a moment ago, or has not had the time to.  Not for
 * ever: who only stays subscribed keeps nothing. */
gboolean ms_tracker_object_is_being_read (MsTrackerObject *self);
/* The bus has taken what was sent. */
gboolean ms_tracker_object_is_idle (MsTrackerObject *self);

G_END_DECLS
