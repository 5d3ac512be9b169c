/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Watching one running program: through its agent on the session bus, or, without one, through its folder.
 *
 *   ms_tracker_client_connect_async (program, …);              from MsRunningPrograms
 *   MsTrackerClient *client = ms_tracker_client_connect_finish (result, &error);
 *   follower = ms_follower_new (ms_tracker_client_get_folder (client), &error);
 *   g_signal_connect (client, "sample", …);                    10 Hz
 *   ms_tracker_client_set_recording_async (client, FALSE, …);  Stop
 *
 * The folder is the trace's own where it can be read.  In a sandbox, where there is nothing of that name, it is
 * a folder of ours of links to descriptors that the agent gave, and new files come to it by themselves; it
 * goes with the client.  Letting go of the client is detaching: the program runs on and is recorded as before.
 *
 * Everything is asynchronous and lives in the default main context.  If the agent dies while
 * the program lives, "is-on-bus" becomes FALSE, and what can be done through the folder still can; another
 * agent is started from here (ms-agent-program.h), and when it has taken over, it becomes TRUE again.
 */
#pragma once

#include "ms-live-figures.h"
#include "ms-running-programs.h"

G_BEGIN_DECLS

#define MS_TYPE_TRACKER_CLIENT (ms_tracker_client_get_type ())
G_DECLARE_FINAL_TYPE (MsTrackerClient, ms_tracker_client, MS, TRACKER_CLIENT, GObject)

/* Errors are G_IO_ERROR: NOT_FOUND (it has ended), NOT_SUPPORTED (made by a newer version), PERMISSION_DENIED. */
void ms_tracker_client_connect_async (MsRunningProgram *program,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* (transfer full) */
MsTrackerClient *ms_tracker_client_connect_finish (GAsyncResult *result, GError **error);

/* Properties, all readable, with "notify":
 *
 *   pid                    uint
 *   program, command       string
 *   folder                 string    what ms_follower_new() takes; does not change
 *   is-on-bus              boolean
 *   is-recording           boolean   FALSE: dormant
 *   is-pending             boolean   the program has not noticed what was said last; it will when it next allocates
 *   is-suspended           boolean   by a signal or a debugger
 *   thread-rule            string
 *   sampling-rate          double
 *   sample-interval-bytes  uint64
 *   has-ended              boolean
 *   exit-status            int       its exit status, 128 + the signal, or −1: not known
 *
 * Signals:
 *
 *   sample (const MsLiveFigures *)    ten times a second; time_ns is CLOCK_MONOTONIC; valid during the signal
 *   threads-changed ()
 *   files-changed ()                  new files are in the folder
 *   ended ()                          has-ended and exit-status are set; emitted once, when nothing more is added
 *                                     to the folder
 */
guint ms_tracker_client_get_pid (MsTrackerClient *self);
const char *ms_tracker_client_get_program (MsTrackerClient *self);
const char *ms_tracker_client_get_command (MsTrackerClient *self);
const char *ms_tracker_client_get_folder (MsTrackerClient *self);
/* The folder is one of links, which goes with the client. */
gboolean ms_tracker_client_is_mirrored (MsTrackerClient *self);
gboolean ms_tracker_client_is_on_bus (MsTrackerClient *self);
gboolean ms_tracker_client_is_recording (MsTrackerClient *self);
gboolean ms_tracker_client_is_pending (MsTrackerClient *self);
gboolean ms_tracker_client_is_suspended (MsTrackerClient *self);
const char *ms_tracker_client_get_thread_rule (MsTrackerClient *self);
double ms_tracker_client_get_sampling_rate (MsTrackerClient *self);
guint64 ms_tracker_client_get_sample_interval_bytes (MsTrackerClient *self);
gboolean ms_tracker_client_has_ended (MsTrackerClient *self);
gint ms_tracker_client_get_exit_status (MsTrackerClient *self);

/* Changes; all end with ms_tracker_client_change_finish().  G_IO_ERROR_INVALID_ARGUMENT: refused, the
 * recording goes on as before.  Else it was said; if the program has not noticed after two seconds, as it does
 * not allocate just now, "is-pending" is TRUE until it does. */
void ms_tracker_client_set_recording_async (MsTrackerClient *self,
                                            gboolean is_recording,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
/* @rule: as memscope record --threads takes it. */
void ms_tracker_client_set_thread_rule_async (MsTrackerClient *self,
                                              const char *rule,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
/* @rate: above 0, at most 1. @interval_bytes: 0: none; not both. */
void ms_tracker_client_set_sampling_async (MsTrackerClient *self,
                                           double rate,
                                           guint64 interval_bytes,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean ms_tracker_client_change_finish (MsTrackerClient *self,
                                          GAsyncResult *result,
                                          GError **error);

/* Names this instant in the trace.  @is_snapshot: as a point to compare with. */
void ms_tracker_client_mark_async (MsTrackerClient *self,
                                   const char *name,
                                   gboolean is_snapshot,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @time_ns (out): since the start of the trace.  @path (out) (optional) (transfer full) (nullable): of a snapshot, the
 * folder of what was saved, where only the latest events are kept (record --ring). */
gboolean ms_tracker_client_mark_finish (MsTrackerClient *self,
                                        GAsyncResult *result,
                                        gint64 *time_ns,
                                        char **path,
                                        GError **error);

G_END_DECLS
