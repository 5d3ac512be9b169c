/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A recording: one or several trace folders, as `memscope record` leaves them.  A trace folder by
 * itself opens as a recording of one process.
 */
#pragma once

#include "ms-follower.h"
#include "ms-trace.h"

G_BEGIN_DECLS

#define MS_TYPE_RECORDING (ms_recording_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsRecording, ms_recording, MS, RECORDING, GObject)

/* One process of a recording, as its list of processes has it. */
typedef struct {
  char *folder;         /* full path of the trace folder */
  gint pid, parent_pid; /* in its own pid namespace */
  char *program;        /* base name of what was typed, valid UTF-8 */
  char *executable;     /* base name of the file that ran, valid UTF-8, or NULL */
  char *command;        /* whole command line for people, valid UTF-8 */
  MsState state;        /* whether it runs, or how it ended */
  gint exit_status;     /* as ms_trace_get_exit_status() */
  gint64 start_wall_us; /* microseconds since 1970; 0: unknown */
  gint64 duration_ns;   /* of its life */
  /* From the summary that the closer wrote, else by loading: */
  gboolean has_totals;
  guint64 peak_bytes;         /* of its heap, or of what it declared */
  guint64 allocations;        /* how many it made there */
  char *not_followed;         /* why this child has no trace, or NULL */
  guint64 mapped_peak_bytes;  /* address space that it mapped, at most; 0: none, or not recorded */
  gboolean has_peak;          /* not of a ring, see ms_trace_why_no_live() */
  gboolean is_cut;            /* it has ended, later than what was recorded of it */
  gboolean was_replaced;      /* by exec: another program took its place */
  double peak_standard_error; /* of the peak; 0: it is exact */
} MsProcess;

/* Reads the process list of @path, which is a recording, a trace folder, the manifest of one of the two, or a file
 * that ms_trace_load() opens.  A folder of traces without a list is a recording if their names say so.  Where a process has no summary its trace is loaded to get one.  Errors as
 * ms_trace_load(). (transfer full) */
MS_API MsRecording *ms_recording_open (const char *path, GCancellable *cancellable, GError **error);

/* The one process of a trace folder that was read already, as the trace has it. (transfer full) */
MS_API MsRecording *ms_recording_new_for_trace (MsTrace *trace);

/* As it was given to ms_recording_open(). */
MS_API const char *ms_recording_get_path (MsRecording *self);
/* How many processes it has, followed or not. */
MS_API guint ms_recording_get_n_processes (MsRecording *self);
/* A process, in order of their start. (transfer none) */
MS_API const MsProcess *ms_recording_get_process (MsRecording *self, guint index);
/* Index of the process with the highest peak; of those with the same one, the one that lived longest. */
MS_API guint ms_recording_get_main_process (MsRecording *self);
/* Who has read process @index while the recording was opened, and goes on from there: of the running process with the
 * highest peak, once.  NULL: nobody. (transfer full) (nullable) */
MS_API MsFollower *ms_recording_steal_follower (MsRecording *self, guint index);
/* By pid (which may have run several programs: the one with the highest peak), by program name or by
 * the name of its folder; FALSE if none or (name) several match, with @error. */
MS_API gboolean ms_recording_find_process (MsRecording *self,
                                           const char *pid_or_name,
                                           guint *index,
                                           GError **error);
/* What a person should know about it, beside what each trace says. (transfer none) (element-type MsDiagnostic) */
MS_API GPtrArray *ms_recording_get_diagnostics (MsRecording *self);

/* The words of a command as a person would type them: quoted where needed. (transfer full) */
MS_API char *ms_command_to_text (const char *const *arguments);

G_END_DECLS
