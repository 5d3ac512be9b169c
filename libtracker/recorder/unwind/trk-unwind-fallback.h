/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walks that need more registers than sp and bp, by libunwind: its own interpreter of unwind
 * information, over an address space of ours.
 *
 *   libunwind ──find_proc_info──▶ _dl_find_object: no loader lock, no file, no cache
 *             ──access_mem──────▶ memory that was found readable, else an error
 *             ──access_reg──────▶ the registers as they are here, inside the hook
 *
 * So the walk begins in our own frames and counts from where it reaches the hook's caller.  About
 * 100 times the cost of trk_unwind; for the dynamic linker's trampolines and hand-written assembly.
 */
#pragma once

#include "trk-unwind.h"

#ifndef TRK_UNWIND_FALLBACK
#define TRK_UNWIND_FALLBACK 0 /* built without libunwind's headers */
#endif

#if TRK_UNWIND_FALLBACK
/* Loads the library if it is there. Once, from trk_unwind_init. */
void trk_unwind_fallback_init (void);

/* As trk_unwind. Returns 0, and leaves @truncated alone, if it cannot do it: no library, or a stack
 * that may be too small. */
unsigned trk_unwind_fallback (const TrkUnwindStart *start,
                              uint64_t *frames,
                              unsigned max,
                              bool *truncated);

/* Is any thread in the library?  Its own calls of mmap come from there. */
bool trk_unwind_fallback_is_active (void);
#else
static inline void
trk_unwind_fallback_init (void)
{
}

static inline unsigned
trk_unwind_fallback (const TrkUnwindStart *start, uint64_t *frames, unsigned max, bool *truncated)
{
  return 0;
}

static inline bool
trk_unwind_fallback_is_active (void)
{
  return false;
}
#endif
