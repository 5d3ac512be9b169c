/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Programs that the program starts: which of them cannot be followed, and the note that says so.
 *
 * The note is a folder of the recording like any other process's, with a manifest that has
 * "not_followed" and no events, so that the process tree is complete.  May run in the child of a vfork
 * and in signal handlers: no allocation, no locks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-gate.h"

/* Why @path cannot be followed, NULL if it can or if this process is not recorded either.
 * @has_preload: our entry is in the environment that it is given. */
TRK_PRIVATE const char *trk_hook_child_refusal (const char *path, bool has_preload);

/* Writes the note for process @pid, started by us; 0: the calling process itself, about to exec. */
TRK_PRIVATE void trk_hook_child_note (int32_t pid, const char *path, const char *reason);
