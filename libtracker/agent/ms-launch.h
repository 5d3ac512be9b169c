/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Starts a program under the recorder such that it cannot tell: same standard streams, same signal
 * mask and dispositions, same process group and terminal, same limits, no descriptor of ours, and
 * the environment that it would have had, but for LD_PRELOAD and MEMSCOPE_*.
 */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "ms-record-options.h"

G_BEGIN_DECLS

#define MS_PRELOAD_NAME "libmemscope-preload.so"

#define MS_LAUNCH_ERROR (ms_launch_error_quark ())
GQuark ms_launch_error_quark (void);

/* Where libmemscope-preload.so is: in MEMSCOPE_LIBDIR, beside this executable's build, or where it was
 * installed.  NULL with a line that says where it was looked for. (transfer full) */
char *ms_launch_find_preload (GError **error);

/* The demonstration's program, found in the same ways. (transfer full) */
char *ms_launch_find_demo (GError **error);

/* The environment for the recorded program, from the caller's own.  @pool_folder: NULL if pools lie in
 * the trace folders. (transfer full) */
char **ms_launch_build_environment (const MsRecordOptions *options,
                                    const char *preload,
                                    const char *absolute_folder,
                                    const char *pool_folder);

/* What this process was started with, to be handed on; taken before anything is changed. */
typedef struct {
  sigset_t mask;
  struct sigaction child_action;     /* of SIGCHLD: ignoring it would lose exit statuses */
  struct sigaction file_size_action; /* of SIGXFSZ: it would kill the closer */
} MsSignalState;

/* Remembers the state, then blocks what the waiting loop reads from a signalfd. */
void ms_signal_state_enter (MsSignalState *self, const sigset_t *blocked);

/* Runs @path with @arguments; returns the child's pid, or -1 with the reason if it could not be
 * executed. */
pid_t ms_launch_start (const char *path,
                       char *const *arguments,
                       char *const *environment,
                       const MsSignalState *state,
                       GError **error);

/* Ends this process as the one with @wait_status ended, so that a shell sees the same: exits, or
 * dies by the same signal without a core file of its own. */
G_NORETURN void ms_launch_end_like (int wait_status);

G_END_DECLS
