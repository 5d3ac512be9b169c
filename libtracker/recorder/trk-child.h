/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Programs that the program starts: which of them cannot be followed, and the note that says so.
 *
 * The note is a folder of the recording like any other process's, with a manifest that has
 * "not_followed" and no events, so that the process tree is complete.  Who has no way to the recording
 * any more, in a sandbox, leaves the note in its own pool instead, and the closer makes the folder.
 * May run in the child of a vfork and in signal handlers: no allocation, no locks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-gate.h"

#define TRK_NO_NOTE UINT32_MAX

/* Why @path, as seen from @folder_fd (or AT_FDCWD), cannot be followed; NULL if it can, or if this process
 * is not recorded either.  @preload: our entry in the LD_PRELOAD that it is given, up to a colon, a space
 * or the end; NULL if it is not there. */
TRK_PRIVATE const char *trk_hook_child_refusal (int folder_fd,
                                                const char *path,
                                                const char *preload);

/* Writes the note for process @pid, started by us; 0: the calling process itself, about to exec.  Returns
 * what trk_hook_child_withdraw() takes it back by. */
TRK_PRIVATE uint32_t trk_hook_child_note (int32_t pid, const char *path, const char *reason);

/* The exec failed. */
TRK_PRIVATE void trk_hook_child_withdraw (uint32_t note, const char *path);
