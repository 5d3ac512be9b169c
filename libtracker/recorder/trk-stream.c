/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-stream.h"

#include <errno.h>
#include <string.h>

#include "trk-checksum.h"
#include "trk-clock.h"
#include "trk-control.h"
#include "trk-earlier-encoder.h"
#include "trk-event-tally.h"
#include "trk-event-widths.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-ring.h"
#include "trk-stack-codec.h"
#include "trk-system.h"
#include "trk-window.h"

#define SLACK_BYTES 8U /* a compact record is stored as eight bytes whatever its length */

static TrkFileHeader
make_file_header (TrkFileKind kind)
{
  TrkFileHeader header = {
    .version_major = TRK_VERSION_MAJOR,
    .version_minor = TRK_VERSION_MINOR,
    .header_size = sizeof header,
    .kind = (uint16_t) kind,
  };

  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, trk_process.trace_id, sizeof header.trace_id);
  return header;
}

int
trk_stream_create_file (const char *path, TrkFileKind kind)
{
  TrkFileHeader header = make_file_header (kind);
  int fd = trk_system_create (path, 0666), error;

  if (fd < 0)
    return fd;
  error = trk_system_write_all (fd, &header, sizeof header);
  trk_system_close (fd);
  if (error < 0)
    trk_system_unlink (path); /* or blocks would follow that no header explains */
  return error;
}

static int
append (const char *path, TrkFileKind kind, const TrkBlockHeader *block, bool create)
{
  int fd = trk_system_open_append (path), error;

  if (fd == -ENOENT && create)
    {
      error = trk_stream_create_file (path, kind);
      if (error < 0 && error != -EEXIST)
        return error;
      fd = trk_system_open_append (path);
    }
  if (fd < 0)
    return fd;
  error = trk_system_write_all (fd, block, sizeof *block + block->payload_bytes);
  trk_system_close (fd);
  return error;
}

int
trk_stream_append (TrkThread *self, TrkFileKind kind, const TrkBlockHeader *block, bool create)
{
  uint64_t signals;
  int error = 0;

  if (!trk_process_begin_calls ())
    return -EPERM;
  signals = trk_system_block_signals ();
  /* A child that a signal handler forked comes back to its parent's hook: the block is the parent's. */
  if (self->process == trk_process.pid)
    error = append (self->path, kind, block, create);
  trk_system_restore_signals (signals);
  trk_process_end_calls ();
  return error;
}

static void
begin_block (TrkBlockHeader *block, TrkThread *self, TrkBlockType type, uint32_t number)
{
  memset (block, 0, sizeof *block);
  block->magic = TRK_BLOCK_MAGIC;
  block->header_size = sizeof *block;
  block->type = (uint8_t) type;
  block->clock = (uint8_t) trk_clock.kind;
  block->tick_shift = trk_clock.tick_shift;
  __atomic_store_n (&block->thread_id, self->id, __ATOMIC_RELAXED);
  block->tid = self->tid;
  __atomic_store_n (&block->block_number, number, __ATOMIC_RELAXED);
  trk_clock_get_pair (&block->open_pair_ticks, &block->open_pair_ns);
}

static void
seal_block (TrkBlockHeader *block, uint32_t payload_bytes, uint32_t n_records, uint64_t last_ticks)
{
  trk_clock_get_pair (&block->seal_pair_ticks, &block->seal_pair_ns);
  block->last_ticks = last_ticks;
  block->n_records = n_records;
  block->payload_bytes = payload_bytes;
  block->checksum = 0;
  block->checksum = trk_block_checksum (block, block + 1, payload_bytes);
}

/* --- events ---------------------------------------------------------------------------------- */

/* In a ring each block stands for itself: those before may be gone, and with them its addresses and names. */
static void
put_earlier (TrkThread *self, uint64_t ticks)
{
  memset (&self->addresses, 0, sizeof self->addresses);
  if (self->event_block_number == 0)
    return;
  self->earlier.age_ticks = ticks > self->start_ticks ? ticks - self->start_ticks : 0;
  self->earlier.tracked = self->tracked;
  trk_event_put_earlier (&self->encoder, &self->earlier);
  trk_event_put_thread_name (&self->encoder, self->encoder.last_ticks, self->name,
                             strlen (self->name));
}

/* What was not recorded is said first thing in the next block. */
static void
put_pending (TrkThread *self)
{
  if (trk_ring_is_on ())
    put_earlier (self, self->encoder.last_ticks);
  if (self->sampled)
    trk_event_put_sampling (&self->encoder, self->sampler.rate_q32, self->sampler.interval_bytes);
  if (self->dropped)
    {
      trk_event_put_dropped (&self->encoder, self->dropped, self->drop_reason);
      /* The lost block may have been the one that had it. */
      trk_event_put_thread_name (&self->encoder, self->encoder.last_ticks, self->name,
                                 strlen (self->name));
    }
  self->dropped_told = self->dropped;
  self->dropped = 0;
}

void
trk_stream_open (TrkThread *self, uint64_t ticks)
{
  TrkBlockHeader *block;

  block = self->block = (TrkBlockHeader *) self->window.bytes;
  begin_block (block, self, TRK_BLOCK_EVENTS, self->event_block_number);
  self->block_serial++;
  self->skipped_told = (TrkSkipped) { 0, 0, 0 };
  block->first_ticks = ticks;
  block->first_sequence = self->encoder.sequence;
  block->widths = self->widths;
  trk_event_encoder_begin (&self->encoder, (uint8_t *) (block + 1),
                           TRK_EVENT_WINDOW_BYTES - sizeof *block - SLACK_BYTES, ticks,
                           self->widths);
  put_pending (self);
  trk_stream_commit (self);
}

void
trk_stream_put_skipped (TrkThread *self)
{
  TrkSkipped *told = &self->skipped_told;

  /* Nothing skipped is worth saying too: what was kept last stands for itself alone. */
  if (!self->sampled)
    return;
  trk_event_put_skipped (&self->encoder, self->skipped.allocations, self->skipped.bytes,
                         self->skipped.frees);
  told->allocations += self->skipped.allocations;
  told->bytes += self->skipped.bytes;
  told->frees += self->skipped.frees;
  self->skipped = (TrkSkipped) { 0, 0, 0 };
}

void
trk_stream_count_unkept (TrkThread *self)
{
  TrkPoolHeader *header = trk_pool_get_header ();

  trk_stream_reserve (self, self->encoder.last_ticks);
  trk_event_put_dropped (&self->encoder, 1, TRK_DROP_UNKEPT);
  trk_stream_commit (self);
  if (header)
    __atomic_fetch_add (&header->dropped_events, 1, __ATOMIC_RELAXED);
}

/* The file system refused the block: what only it told is to be told by the next. */
static void
keep_counts (TrkThread *self, uint64_t n_events, int error)
{
  self->dropped += n_events + self->dropped_told;
  self->drop_reason = TRK_DROP_NO_SPACE;
  self->skipped.allocations += self->skipped_told.allocations;
  self->skipped.bytes += self->skipped_told.bytes;
  self->skipped.frees += self->skipped_told.frees;
  trk_pool_count_failed_write (n_events, error);
}

static void
get_own_file (const TrkThread *self, char path[TRK_PATH_BYTES])
{
  char name[64] = "memscope_thread_", digits[16];
  const uint32_t numbers[2] = { self->id, (uint32_t) self->tid };
  size_t length = strlen (name);

  for (unsigned i = 0; i < 2; i++)
    {
      uint32_t number = numbers[i];
      unsigned n = 0;

      do
        digits[n++] = (char) ('0' + number % 10);
      while ((number /= 10) > 0);
      while (n > 0)
        name[length++] = digits[--n];
      name[length++] = i == 0 ? '-' : '.';
    }
  memcpy (name + length, "bin", 4);
  trk_process_get_file (name, path);
}

/* No more events come into the open block.  Returns the length of its payload. */
static uint32_t
finish_events (TrkThread *self, uint8_t flags)
{
  TrkBlockHeader *block = self->block;
  uint32_t payload_bytes;

  trk_stream_put_skipped (self);
  trk_stream_commit (self);
  payload_bytes = trk_event_encoder_get_bytes (&self->encoder);
  if (!(flags & TRK_BLOCK_FLAG_LAST))
    self->widths = trk_event_widths_choose (block, (uint8_t *) (block + 1), payload_bytes);
  block->flags = flags;
  return payload_bytes;
}

/* Seals the open block and writes it to the thread's own file, or to the pooled one if the thread
 * ends, or pauses, before its first window was full.  The window is empty afterwards. */
static void
flush_events (TrkThread *self, uint8_t flags)
{
  TrkBlockHeader *block = self->block;
  uint32_t payload_bytes = finish_events (self, flags);
  bool own = self->has_own_file || flags == 0;
  int error;

  seal_block (block, payload_bytes, trk_event_encoder_get_count (&self->encoder),
              self->encoder.last_ticks);
  if (own)
    get_own_file (self, self->path);
  else
    trk_process_get_file (TRK_POOLED_EVENTS_FILE_NAME, self->path);
  error = trk_stream_append (self, TRK_FILE_EVENTS, block, own);
  if (error < 0)
    {
      keep_counts (self, block->n_records, error);
    }
  else
    {
      self->has_own_file |= own;
      self->event_block_number++;
    }
  __atomic_store_n (&self->window.state->committed, 0, __ATOMIC_RELEASE);
}

/* In a ring: the block is finished, counted, and stays where it is. */
static void
keep_events (TrkThread *self, uint8_t flags)
{
  TrkBlockHeader *block = self->block;
  uint32_t payload_bytes = finish_events (self, flags);

  trk_event_tally_add (self->earlier.counts, block->widths, (uint8_t *) (block + 1), payload_bytes);
  self->event_block_number++;
}

static void
turn_ring (TrkThread *self, uint64_t ticks)
{
  TrkQuiet quiet = trk_ring_begin_quiet ();

  keep_events (self, 0);
  trk_ring_turn (self, quiet);
  trk_stream_open (self, ticks);
  trk_ring_end_quiet (quiet);
}

/* The agent seals the block: a checksum is no work for the program's thread. */
static void
post_events (TrkThread *self)
{
  TrkBlockHeader *block = self->block;

  (void) finish_events (self, 0);
  trk_clock_get_pair (&block->seal_pair_ticks, &block->seal_pair_ns);
  block->last_ticks = self->encoder.last_ticks;
  block->n_records = trk_event_encoder_get_count (&self->encoder);
  self->has_own_file = true;
  trk_window_post (self);
}

void
trk_stream_put_unknown_free (TrkThread *self, uint64_t ticks, uint64_t address)
{
  /* The allocation that this thread is likely to make there next may name it by this free. */
  trk_address_cache_put (&self->addresses, address, self->encoder.sequence);
  trk_event_put_free (&self->encoder, ticks, address);
}

void
trk_stream_turn (TrkThread *self, uint64_t ticks)
{
  if (trk_ring_is_on ())
    {
      turn_ring (self, ticks);
    }
  else
    {
      if (trk_window_claim_next (self))
        post_events (self);
      else
        flush_events (self, 0);
      trk_stream_open (self, ticks);
    }
  if (TRK_UNLIKELY (trk_control_has_news ()))
    trk_control_look ();
}

/* --- stacks ---------------------------------------------------------------------------------- */

static TrkBlockHeader *
get_stack_block (TrkThread *self)
{
  return (TrkBlockHeader *) ((uint8_t *) self->lane + TRK_LANE_HEADER_BYTES);
}

/* False if the file system refused the block.  It stays where it is then: later events refer to it. */
static bool
flush_stacks (TrkThread *self)
{
  TrkBlockHeader *block = get_stack_block (self);
  int error;

  if (self->n_stacks_in_block == 0)
    return true;
  seal_block (block, (uint32_t) (self->stack_cursor - (uint8_t *) (block + 1)),
              self->n_stacks_in_block, block->first_ticks);
  trk_process_get_file (TRK_STACKS_FILE_NAME, self->path);
  error = trk_stream_append (self, TRK_FILE_STACKS, block, false);
  if (error < 0)
    {
      trk_pool_count_failed_write (0, error);
      return false;
    }
  self->stack_block_number++;
  self->n_stacks_in_block = 0;
  self->stack_cursor = NULL;
  __atomic_store_n (&self->lane->stacks.committed, 0, __ATOMIC_RELEASE);
  return true;
}

static void
open_stack_block (TrkThread *self)
{
  TrkBlockHeader *block = get_stack_block (self);

  begin_block (block, self, TRK_BLOCK_STACKS, self->stack_block_number);
  block->first_ticks = block->open_pair_ticks;
  self->stack_cursor = (uint8_t *) (block + 1);
  self->previous_depth = 0;
}

bool
trk_stream_define_stack (TrkThread *self,
                         uint32_t id,
                         uint32_t generation,
                         const uint64_t *frames,
                         uint32_t depth,
                         bool truncated)
{
  uint8_t *end = (uint8_t *) get_stack_block (self) + TRK_STACK_WINDOW_BYTES;

  if (self->stack_cursor && (size_t) (end - self->stack_cursor) < TRK_STACK_RECORD_MAX_BYTES (depth)
      && !flush_stacks (self))
    return false;
  if (!self->stack_cursor)
    open_stack_block (self);

  self->stack_cursor =
      trk_stack_encode (self->stack_cursor, self->previous_frames, self->previous_depth, id,
                        generation, frames, depth, truncated);
  memcpy (self->previous_frames, frames, depth * sizeof *frames);
  self->previous_depth = depth;
  self->n_stacks_in_block++;
  __atomic_store_n (&self->lane->stacks.committed,
                    (uint32_t) (self->stack_cursor - (uint8_t *) get_stack_block (self)),
                    __ATOMIC_RELEASE);
  return true;
}

void
trk_stream_hand_over (TrkThread *self, uint64_t ticks)
{
  (void) flush_stacks (self);
  if (trk_ring_is_on ())
    return;
  flush_events (self, TRK_BLOCK_FLAG_POOLED);
  trk_stream_open (self, ticks);
}

void
trk_stream_close (TrkThread *self, bool last)
{
  TrkQuiet quiet;

  (void) flush_stacks (self);
  if (!trk_ring_is_on ())
    {
      flush_events (self, last ? TRK_BLOCK_FLAG_LAST : 0);
      return;
    }
  quiet = trk_ring_begin_quiet ();
  keep_events (self, last ? TRK_BLOCK_FLAG_LAST : 0);
  trk_ring_tell_of_end (self);
  trk_ring_end (self);
  trk_ring_end_quiet (quiet);
}

/* --- broken hooks ---------------------------------------------------------------------------- */

void
trk_stream_put_reentered (TrkThread *self, TrkThreadGate *gate)
{
  uint32_t n_events = gate->reentered;
  TrkPoolHeader *header = trk_pool_get_header ();

  trk_event_put_dropped (&self->encoder, n_events, TRK_DROP_REENTERED);
  gate->reentered -= n_events; /* a handler may have added some meanwhile */
  if (header)
    __atomic_fetch_add (&header->dropped_events, n_events, __ATOMIC_RELAXED);
}

/* What a lane has committed is whole; whether the block is still to be written its number tells. */
static void
mend_stacks (TrkThread *self)
{
  TrkBlockHeader *block = get_stack_block (self);
  uint32_t committed = self->lane->stacks.committed;

  if (committed > sizeof *block && block->block_number == self->stack_block_number)
    {
      self->stack_cursor = (uint8_t *) block + committed;
      self->n_stacks_in_block += self->n_stacks_in_block == 0;
      (void) flush_stacks (self);
    }
  self->stack_cursor = NULL;
  self->n_stacks_in_block = 0;
  __atomic_store_n (&self->lane->stacks.committed, 0, __ATOMIC_RELEASE);
}

void
trk_stream_mend (TrkThread *self, uint64_t ticks)
{
  uint32_t committed;
  bool has_events;

  mend_stacks (self);
  trk_window_mend (self);
  committed = self->window.state->committed;
  has_events = self->block == (TrkBlockHeader *) self->window.bytes
               && committed > TRK_BLOCK_HEADER_BYTES * 8
               && self->block->block_number == self->event_block_number;
  memset (&self->addresses, 0, sizeof self->addresses);
  memset (self->stack_cache, 0, sizeof self->stack_cache);
  trk_replay_clear (&self->replay, self->replay.generation);
  if (has_events)
    {
      trk_event_encoder_cut (&self->encoder, committed - TRK_BLOCK_HEADER_BYTES * 8);
      self->skipped = (TrkSkipped) { 0, 0, 0 };
      if (trk_ring_is_on ())
        {
          turn_ring (self, ticks);
          return;
        }
      flush_events (self, 0);
    }
  /* So that no reader takes the new header for that of a block of the old length. */
  __atomic_store_n (&self->window.state->committed, 0, __ATOMIC_RELEASE);
  trk_stream_open (self, ticks);
}
