/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program of this user's that is being recorded just now, as a list of them shows it.  It comes from the
 * session bus (a name org.memscope.Process.p<PID>), from the registry (ms-registry.h), or from both: then
 * it has a bus name and a folder.
 *
 * Made by MsRunningPrograms; what changes is told by "notify".  Every text is valid UTF-8 and otherwise as
 * hostile as any text of a traced program.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MS_TYPE_RUNNING_PROGRAM (ms_running_program_get_type ())
G_DECLARE_FINAL_TYPE (MsRunningProgram, ms_running_program, MS, RUNNING_PROGRAM, GObject)

/* Properties, all readable: pid (uint), program, command, state (string), folder (string), bus-name (string),
 * n-threads (uint), resident-bytes (uint64), start-time (int64), is-suspended (boolean). */

guint ms_running_program_get_pid (MsRunningProgram *self);
/* Last part of the path that was typed. */
const char *ms_running_program_get_program (MsRunningProgram *self);
/* With its arguments, separated by blanks; cut at 1 000 characters. */
const char *ms_running_program_get_command (MsRunningProgram *self);
/* "recording", "dormant", or "" before it is known. */
const char *ms_running_program_get_state (MsRunningProgram *self);
/* Of the trace folder, from the root, in the file system's encoding; NULL: only the bus knows it, as in a
 * sandbox. */
const char *ms_running_program_get_folder (MsRunningProgram *self);
/* NULL: there is no session bus, or no agent on it. */
const char *ms_running_program_get_bus_name (MsRunningProgram *self);
/* 0: not known. */
guint ms_running_program_get_n_threads (MsRunningProgram *self);
/* 0: not known. */
guint64 ms_running_program_get_resident_bytes (MsRunningProgram *self);
/* When the process began, microseconds since 1970; 0: not known. */
gint64 ms_running_program_get_start_time (MsRunningProgram *self);
/* It stands still: a signal or a debugger stopped it. */
gboolean ms_running_program_is_suspended (MsRunningProgram *self);

G_END_DECLS
