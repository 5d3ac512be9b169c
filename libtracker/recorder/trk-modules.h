/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The mapped objects that call stacks touch, each written once to memscope_modules.bin.
 *
 * A module is looked for when a new stack is defined, by trk-loaded-object.h: that takes no lock of
 * the loader, and it also sees what libc itself loads (NSS, iconv), which no dlopen hook would.
 * Any thread, signal-safe, no allocation.
 */
#pragma once

#include "trk-thread.h"

/* The object that holds @code is ours: its frames are not the program's. */
void trk_modules_set_own (const void *code);
bool trk_modules_is_own (uint64_t address);

/* Writes the modules of these frames that were not written in this generation yet. */
void trk_modules_note_stack (TrkThread *self,
                             const uint64_t *frames,
                             uint32_t depth,
                             uint32_t generation);

/* In a forked child: its folder names its modules anew. */
void trk_modules_reset (void);
