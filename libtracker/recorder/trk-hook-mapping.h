/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the preload's mmap family calls; exported and private like trk-hooks.h.
 *
 *   trk_hook_mapping_begin (&call, &start);   notes the time; call.thread NULL: do only the real call
 *   result = real call;
 *   if (call.thread) trk_hook_mapped (&call, …), or another of these, or trk_hook_mapping_abandon ()
 *
 * A range ends when its call begins and begins when its call has returned, so that of two threads
 * that follow each other at one address the first one's end always lies before the second's begin.
 * An untracked thread is let in too: it may end what a tracked one made.  Mappings that the allocator
 * makes inside malloc are the allocator's and not recorded, as its own calls of malloc are not.
 *
 * Any thread, no locks, signal-safe, errno preserved.  Next to a system call the cost is small.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "trk-gate.h"
#include "unwind/trk-unwind.h"

typedef struct {
  TrkThread *thread;
  uint64_t begin_ticks;
} TrkMappingCall;

TRK_PRIVATE void trk_hook_mapping_begin (TrkMappingCall *call, const TrkUnwindStart *start);

/* It failed, or changed nothing.  Leaves the hook, as all that follow do. */
TRK_PRIVATE void trk_hook_mapping_abandon (TrkMappingCall *call);

/* @protection and @flags as of mmap. */
TRK_PRIVATE void trk_hook_mapped (TrkMappingCall *call,
                                  void *address,
                                  size_t n_bytes,
                                  int protection,
                                  int flags,
                                  const TrkUnwindStart *start);
TRK_PRIVATE void trk_hook_unmapped (TrkMappingCall *call, void *address, size_t n_bytes);
/* @flags as of mremap. */
TRK_PRIVATE void trk_hook_remapped (TrkMappingCall *call,
                                    void *old_address,
                                    size_t old_n_bytes,
                                    void *address,
                                    size_t n_bytes,
                                    int flags,
                                    const TrkUnwindStart *start);
TRK_PRIVATE void trk_hook_break_moved (TrkMappingCall *call,
                                       void *old_break,
                                       void *new_break,
                                       const TrkUnwindStart *start);
