/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "replay-checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "trk-event-stack.h"
#include "trk-stacks.h"

#define MAX_STACKS 32768U
#define MAX_FRAME_WORDS (1U << 21)
#define TABLE_ENTRIES (MAX_STACKS * 4)
#define PAYLOAD_BYTES 4096U

typedef struct {
  uint64_t hash;
  uint32_t first_frame, depth;
  bool truncated;
} Known;

struct _ReplayChecker {
  TrkThread thread; /* first: the table is handed it */
  uint64_t n_captures, n_walks;
  uint32_t n_known, n_frames;
  Known known[MAX_STACKS]; /* by id; 0 is none */
  uint32_t table[TABLE_ENTRIES];
  uint32_t ids[PAYLOAD_BYTES]; /* by local number in the block */
  uint8_t payload[PAYLOAD_BYTES + 8];
  uint64_t frames[MAX_FRAME_WORDS];
};

/* What the real ones belong to is not here. */
TrkProcess trk_process;

static void
fail (const char *what)
{
  fprintf (stderr, "replay-checker: %s\n", what);
  abort ();
}

static void
begin_block (ReplayChecker *self)
{
  self->thread.block_serial++;
  trk_event_encoder_begin (&self->thread.encoder, self->payload, PAYLOAD_BYTES, 0,
                           self->thread.widths);
}

static void
begin_anew (ReplayChecker *self)
{
  memset (self->thread.stack_cache, 0, sizeof self->thread.stack_cache);
  trk_replay_clear (&self->thread.replay, atomic_load (&trk_process.generation));
  memset (self->table, 0, sizeof self->table);
  self->n_known = self->n_frames = 0;
  begin_block (self);
}

ReplayChecker *
replay_checker_new (unsigned stack_depth)
{
  ReplayChecker *self = mmap (NULL, sizeof *self, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (self == MAP_FAILED)
    return NULL;
  self->thread.stack_depth = stack_depth;
  begin_anew (self);
  return self;
}

void
replay_checker_free (ReplayChecker *self)
{
  munmap (self, sizeof *self);
}

void
replay_checker_next_block (ReplayChecker *self)
{
  begin_block (self);
}

void
replay_checker_forget (void)
{
  trk_unwind_forget ();
  atomic_fetch_add (&trk_process.generation, 1);
}

uint64_t
replay_checker_get_captures (const ReplayChecker *self)
{
  return self->n_captures;
}

uint64_t
replay_checker_get_walks (const ReplayChecker *self)
{
  return self->n_walks;
}

/* --- instead of trk-stacks.c --------------------------------------------------------------------- */

uint64_t
trk_stacks_hash (const uint64_t *frames, uint32_t depth, bool truncated, uint32_t generation)
{
  uint64_t hash = (2ULL * generation + truncated + 1) * 0xcbf29ce484222325ULL;

  for (uint32_t i = 0; i < depth; i++)
    {
      hash = (hash ^ frames[i]) * 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 31;
    }
  return hash | 1;
}

uint32_t
trk_stacks_intern (TrkThread *thread, uint64_t hash, uint32_t depth, bool truncated)
{
  ReplayChecker *self = (ReplayChecker *) thread;
  uint32_t at = (uint32_t) (hash >> 20) % TABLE_ENTRIES;

  for (; self->table[at]; at = (at + 1) % TABLE_ENTRIES)
    {
      const Known *known = &self->known[self->table[at]];

      if (known->hash == hash && known->depth == depth && known->truncated == truncated
          && memcmp (&self->frames[known->first_frame], thread->frames, depth * sizeof (uint64_t))
                 == 0)
        return self->table[at];
    }
  if (self->n_known + 1 >= MAX_STACKS || self->n_frames + depth > MAX_FRAME_WORDS)
    fail ("the table of stacks is full");
  memcpy (&self->frames[self->n_frames], thread->frames, depth * sizeof (uint64_t));
  self->known[++self->n_known] = (Known) { hash, self->n_frames, depth, truncated };
  self->n_frames += depth;
  self->table[at] = self->n_known;
  return self->n_known;
}

/* --- an event ------------------------------------------------------------------------------------- */

static uint32_t
read_stack_record (const uint8_t *record, const uint8_t *end)
{
  uint64_t id = 0;

  if (record[0] != (TRK_OP_STACK << 2 | TRK_KIND_OTHER))
    fail ("another record than that of a stack");
  for (unsigned i = 1; record + i < end; i++)
    id |= (uint64_t) (record[i] & 0x7f) << 7 * (i - 1);
  return (uint32_t) id;
}

ReplayStack
replay_checker_capture (ReplayChecker *self, const TrkUnwindStart *start)
{
  TrkEventEncoder *encoder = &self->thread.encoder;
  const uint8_t *before, *end;
  const Known *known;
  uint32_t local, n_stacks;

  if (self->n_known > MAX_STACKS - 2 || self->n_frames > MAX_FRAME_WORDS - TRK_MAX_STACK_DEPTH)
    begin_anew (self);
  if (!trk_event_encoder_has_room (encoder))
    begin_block (self);
  before = encoder->payload + trk_event_encoder_get_bytes (encoder);
  n_stacks = encoder->n_local_stacks;
  self->n_captures++;
  memset (self->thread.frames, 0, self->thread.stack_depth * sizeof (uint64_t));

  local = trk_event_stack_capture (&self->thread, start);
  self->n_walks += self->thread.frames[0] != 0;
  end = encoder->payload + trk_event_encoder_get_bytes (encoder);
  if (end != before)
    {
      if (local != n_stacks)
        fail ("a record of another stack than the event's");
      self->ids[local] = read_stack_record (before, end);
    }
  if (local >= encoder->n_local_stacks)
    fail ("a stack that the block does not have");
  if (self->ids[local] == 0 || self->ids[local] > self->n_known)
    fail ("a stack that was never defined");
  known = &self->known[self->ids[local]];
  return (ReplayStack) { &self->frames[known->first_frame], known->depth, known->truncated };
}
