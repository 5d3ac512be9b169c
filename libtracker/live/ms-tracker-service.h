/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Shows the processes of an agent to whoever wants to watch them: in the registry, and on the session bus
 * (org.memscope.Tracker1.xml).  Everything happens on a thread of its own, that nobody waits for; a process
 * shorter than a tick costs an entry in a list.
 *
 *   add()     ─▶  a tenth of a second later, if it still runs: a link in the registry; a connection and a name
 *   remove()  ─▶  Ended; when its folder has been closed, the name goes
 *
 * What can go wrong here (no bus, a bus that is gone, no room for the registry) is no error: the recording
 * goes on, and what comes back is used again.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* As many are shown on the bus at a time; others wait for their turn, and are in the registry. */
#define MS_MAX_TRACKED_PROCESSES 64

typedef struct _MsTrackerService MsTrackerService;

/* (transfer full) */
MsTrackerService *ms_tracker_service_new (void);
/* Gives up everything; no signal is sent for those that run on. */
void ms_tracker_service_free (MsTrackerService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTrackerService, ms_tracker_service_free)

/* @folder: its trace folder, from the root. @start_ticks 0: nobody knows which process that is, and it is not
 * shown. */
void ms_tracker_service_add (MsTrackerService *self,
                             const char *folder,
                             gint pid,
                             guint64 start_ticks);

/* Its process has ended, or goes on without being recorded. @wait_status: as of waitpid (2), or −1: not known. */
void ms_tracker_service_remove (MsTrackerService *self, const char *folder, int wait_status);

G_END_DECLS
