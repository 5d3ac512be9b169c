/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread's windows: opening a block, committing events, and handing full blocks to the files.
 *
 *   reserve   trk_stream_reserve()   there is room for one event; a full block is turned over first
 *   fill      trk_event_put_*()      into the encoder
 *   commit    trk_stream_commit()    one store of the new length, last
 *
 * A SIGKILL between fill and commit loses an event whose call has not returned; after commit it loses
 * nothing, because the window belongs to the kernel.  While a block is written to its file the window
 * still holds it, and the block's number tells the reader that the two are one.
 * A full block goes to the agent, if there is one and a window to go on in (trk-window.h); else the thread
 * writes it.  Called by the owning thread only; no locks; system calls only where the thread writes.
 */
#pragma once

#include "trk-thread.h"

/* Opens the first event block.  @ticks: time base. */
void trk_stream_open (TrkThread *self, uint64_t ticks);

/* Has the open block written, by the agent or here, and opens the next. */
__attribute__ ((noinline, cold)) void trk_stream_turn (TrkThread *self, uint64_t ticks);

/* Seals and writes what there is so far; the stream goes on. */
void trk_stream_hand_over (TrkThread *self, uint64_t ticks);

/* Seals and writes everything; nothing is open afterwards.  @last: the thread is done. */
void trk_stream_close (TrkThread *self, bool last);

static inline void
trk_stream_reserve (TrkThread *self, uint64_t ticks)
{
  if (TRK_UNLIKELY (!trk_event_encoder_has_room (&self->encoder)))
    trk_stream_turn (self, ticks);
}

static inline void
trk_stream_commit (TrkThread *self)
{
  __atomic_store_n (&self->window.state->committed,
                    TRK_BLOCK_HEADER_BYTES * 8 + self->encoder.n_bits, __ATOMIC_RELEASE);
}

/* The block is another thread's, or an old one. */
TRK_PRIVATE __attribute__ ((noinline)) void trk_stream_put_unknown_free (TrkThread *self,
                                                                         uint64_t ticks,
                                                                         uint64_t address);

/* A free that the caller has reserved room for, and commits. */
static inline void
trk_stream_put_free (TrkThread *self, uint64_t ticks, uint64_t address)
{
  uint32_t distance = trk_address_cache_find (&self->addresses, address, self->encoder.sequence);

  if (TRK_LIKELY (distance))
    trk_event_put_free_distance (&self->encoder, ticks, distance);
  else
    trk_stream_put_unknown_free (self, ticks, address);
}

/* Likewise, an allocation. */
static inline void
trk_stream_put_alloc (TrkThread *self,
                      uint64_t ticks,
                      uint64_t address,
                      uint64_t size,
                      uint32_t local_stack)
{
  uint32_t distance = trk_address_cache_put (&self->addresses, address, self->encoder.sequence);

  if (distance)
    trk_event_put_alloc_reuse (&self->encoder, ticks, size, local_stack, distance);
  else
    trk_event_put_alloc (&self->encoder, ticks, address, size, local_stack);
}

/* The events that signal handlers made while the thread was in a hook. */
__attribute__ ((noinline, cold)) void trk_stream_put_reentered (TrkThread *self,
                                                                TrkThreadGate *gate);

/* A hook was broken off anywhere in here: goes back to what is committed, and on in a new block. */
void trk_stream_mend (TrkThread *self, uint64_t ticks);

/* Says exactly what sampling let pass since the last time.  The caller has reserved and commits. */
void trk_stream_put_skipped (TrkThread *self);

/* An allocation that was drawn and could not be kept, as its free would be missed. */
void trk_stream_count_unkept (TrkThread *self);

/* Appends the definition of a stack to the thread's stack window, flushing that when it is full.  False:
 * it is full and cannot be flushed. */
bool trk_stream_define_stack (TrkThread *self,
                              uint32_t id,
                              uint32_t generation,
                              const uint64_t *frames,
                              uint32_t depth,
                              bool truncated);

/* Writes a new file that has only its header.  0 or a negative errno. */
int trk_stream_create_file (const char *path, TrkFileKind kind);

/* Appends one block to the file that @self->path names.  0 or a negative errno.  No signal handler
 * comes between: it could fork with our descriptor open, or jump away and leave it so. */
int trk_stream_append (TrkThread *self, TrkFileKind kind, const TrkBlockHeader *block, bool create);
