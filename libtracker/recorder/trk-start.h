/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The beginning of a process's recording by the explicit API, for its first thread and for sessions. */
#pragma once

#include <memscope/tracker.h>

/* The process's recording, started by this call if it is the first; @output_dir and @config as in
 * memscope_init_thread_tracker().  0 or a MemscopeError. */
int trk_start_process (const char *output_dir, const MemscopeSamplingConfig *config);
