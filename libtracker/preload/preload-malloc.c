/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The malloc family.
 *
 * Each hook is two functions: a small one that reads the gate and jumps to the real function when the
 * thread is not tracked, and a tracked one, out of line, that it jumps to otherwise.  Both are
 * sibling calls: the tracked one sees the program's own return address (this file is always compiled
 * with -O2, which tests/lint checks).
 *
 *   cost, untracked: one TLS load, one load, one branch (tests/bench: dormant); an allocation compares
 *   the control page's generation too, so that a thread which is not recorded notices when it is to be
 *
 * A free is recorded before the real free, an allocation after the real malloc: with a common clock
 * that orders what different threads do to one address.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "preload-real.h"
#include "trk-hooks.h"

#define HOOK __attribute__ ((visibility ("default")))
#define TRACKED __attribute__ ((noinline))

static inline bool
is_untracked (void)
{
  return TRK_LIKELY (trk_thread_gate.untracked_gate == trk_gate_get ())
         && TRK_LIKELY (!trk_control_has_news ());
}

/* --- malloc ---------------------------------------------------------------------------------- */

HOOK void *
malloc (size_t size)
{
  if (is_untracked ())
    return preload_real.malloc (size);
  return trk_hook_malloc (size, preload_real.malloc);
}

/* --- free ------------------------------------------------------------------------------------ */

static inline void
free_any (void *block)
{
  TrkThreadGate *gate = &trk_thread_gate;
  uint32_t now = trk_gate_get ();

  if (TRK_LIKELY (gate->untracked_free_gate == now))
    preload_real.free (block);
  else if (gate->untracked_gate != now)
    trk_hook_free (block, preload_real.free);
  else
    trk_hook_free_untracked (block, preload_real.free);
}

HOOK void
free (void *block)
{
  free_any (block);
}

HOOK void cfree (void *block);
HOOK void free_sized (void *block, size_t size);
HOOK void free_aligned_sized (void *block, size_t alignment, size_t size);

HOOK void
cfree (void *block)
{
  free_any (block);
}

HOOK void
free_sized (void *block, size_t size)
{
  free_any (block);
}

HOOK void
free_aligned_sized (void *block, size_t alignment, size_t size)
{
  free_any (block);
}

/* --- calloc ---------------------------------------------------------------------------------- */

static TRACKED void *
calloc_tracked (size_t n, size_t size)
{
  TrkUnwindStart start;
  TrkThread *thread;
  void *block;

  TRK_UNWIND_START (&start);
  thread = trk_hook_enter (&start);
  block = preload_real.calloc (n, size);
  if (thread)
    trk_hook_allocated (thread, block, n * size, &start);
  return block;
}

HOOK void *
calloc (size_t n, size_t size)
{
  if (is_untracked ())
    return preload_real.calloc (n, size);
  return calloc_tracked (n, size);
}

/* --- realloc --------------------------------------------------------------------------------- */

static inline void *
realloc_recorded (void *old_block, size_t size, const TrkUnwindStart *start)
{
  TrkThread *thread = old_block ? trk_hook_enter_free (start) : trk_hook_enter (start);
  TrkRealloc realloc;
  uintptr_t old_address = (uintptr_t) old_block; /* the pointer itself dies in realloc */
  void *block;

  if (!thread)
    return preload_real.realloc (old_block, size);
  if (old_address)
    trk_hook_reallocating (thread, old_block, &realloc);
  block = preload_real.realloc (old_block, size);
  if (!old_address)
    trk_hook_allocated (thread, block, size, start);
  else if (block)
    trk_hook_reallocated (thread, (void *) old_address, block, size, &realloc, start);
  else if (size == 0)
    trk_hook_freed (thread, (void *) old_address, &realloc, start); /* realloc (p, 0) frees */
  else
    trk_hook_realloc_failed (thread, (void *) old_address, &realloc);
  return block;
}

static TRACKED void *
realloc_tracked (void *old_block, size_t size)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  return realloc_recorded (old_block, size, &start);
}

HOOK void *
realloc (void *old_block, size_t size)
{
  TrkThreadGate *gate = &trk_thread_gate;
  uint32_t now = trk_gate_get ();

  if (TRK_LIKELY (gate->untracked_gate == now && gate->untracked_free_gate == now))
    return preload_real.realloc (old_block, size);
  return realloc_tracked (old_block, size);
}

static TRACKED void *
reallocarray_tracked (void *old_block, size_t size)
{
  TrkUnwindStart start;

  TRK_UNWIND_START (&start);
  return realloc_recorded (old_block, size, &start);
}

HOOK void *
reallocarray (void *old_block, size_t n, size_t size)
{
  size_t n_bytes;

  if (__builtin_mul_overflow (n, size, &n_bytes))
    {
      errno = ENOMEM;
      return NULL;
    }
  return reallocarray_tracked (old_block, n_bytes);
}

/* --- aligned --------------------------------------------------------------------------------- */

static TRACKED int
posix_memalign_tracked (void **block, size_t alignment, size_t size)
{
  TrkUnwindStart start;
  TrkThread *thread;
  int error;

  TRK_UNWIND_START (&start);
  thread = trk_hook_enter (&start);
  error = preload_real.posix_memalign (block, alignment, size);
  if (thread)
    trk_hook_allocated (thread, error ? NULL : *block, size, &start);
  return error;
}

HOOK int
posix_memalign (void **block, size_t alignment, size_t size)
{
  if (is_untracked ())
    return preload_real.posix_memalign (block, alignment, size);
  return posix_memalign_tracked (block, alignment, size);
}

static TRACKED void *
aligned_tracked (size_t alignment, size_t size, void *(*real) (size_t, size_t))
{
  TrkUnwindStart start;
  TrkThread *thread;
  void *block;

  TRK_UNWIND_START (&start);
  thread = trk_hook_enter (&start);
  block = real (alignment, size);
  if (thread)
    trk_hook_allocated (thread, block, size, &start);
  return block;
}

HOOK void *
aligned_alloc (size_t alignment, size_t size)
{
  if (is_untracked ())
    return preload_real.aligned_alloc (alignment, size);
  return aligned_tracked (alignment, size, preload_real.aligned_alloc);
}

HOOK void *
memalign (size_t alignment, size_t size)
{
  if (is_untracked ())
    return preload_real.memalign (alignment, size);
  return aligned_tracked (alignment, size, preload_real.memalign);
}

static TRACKED void *
paged_tracked (size_t size, void *(*real) (size_t))
{
  TrkUnwindStart start;
  TrkThread *thread;
  void *block;

  TRK_UNWIND_START (&start);
  thread = trk_hook_enter (&start);
  block = real (size);
  if (thread)
    trk_hook_allocated (thread, block, size, &start);
  return block;
}

HOOK void *
valloc (size_t size)
{
  if (is_untracked ())
    return preload_real.valloc (size);
  return paged_tracked (size, preload_real.valloc);
}

HOOK void *
pvalloc (size_t size)
{
  if (is_untracked ())
    return preload_real.pvalloc (size);
  return paged_tracked (size, preload_real.pvalloc);
}
