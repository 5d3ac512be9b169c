/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the blocks of a thread to batches of events; what knows nothing of other threads. */
#include "ms-event-stream.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-mappings.h"

/* One record becomes two events at most. */
#define EVENTS_PER_RECORD 2

/* At first: most threads meet a few stacks. */
#define LOG2_STACK_SLOTS 4

/* --- batches -------------------------------------------------------------------------------------- */

static void
note_clear (gpointer data)
{
  MsStreamNote *note = data;

  g_clear_pointer (&note->name, g_free);
  g_clear_pointer (&note->exit_figures, g_free);
  g_clear_pointer (&note->earlier, g_free);
}

MsEventBatch *
ms_event_batch_new (guint capacity)
{
  gsize room = (gsize) capacity + MS_EVENTS_AHEAD;
  MsEventBatch *self = g_malloc (sizeof *self + room * sizeof (MsStreamEvent));

  *self = (MsEventBatch) { .capacity = capacity };
  return self;
}

void
ms_event_batch_reset (MsEventBatch *self)
{
  self->next = NULL;
  self->n = 0;
  self->n_bytes = 0;
  g_clear_pointer (&self->notes, g_array_unref);
  g_clear_pointer (&self->stack_ids, g_array_unref);
}

void
ms_event_batch_free (MsEventBatch *self)
{
  ms_event_batch_reset (self);
  g_free (self);
}

/* --- blocks --------------------------------------------------------------------------------------- */

static void
reader_open (MsEventReader *self)
{
  self->open = TRUE;
  self->buffer = g_byte_array_new ();
  /* Half a megabyte of address space, of which a short thread touches a page. */
  self->ring = g_malloc (sizeof *self->ring);
  trk_address_ring_reset (self->ring);
  ms_key_map_alloc (&self->stack_numbers, LOG2_STACK_SLOTS);
}

void
ms_event_reader_close (MsEventReader *self)
{
  if (self->open)
    ms_key_map_clear (&self->stack_numbers);
  g_clear_pointer (&self->buffer, g_byte_array_unref);
  g_clear_pointer (&self->ring, g_free);
  g_clear_pointer (&self->kept, g_free);
  g_clear_pointer (&self->local_stacks, g_free);
  g_clear_pointer (&self->thread_numbers, g_free);
  g_clear_pointer (&self->untold, g_array_unref);
  self->max_local_stacks = 0;
  self->block = NULL;
  self->open = self->is_resting = FALSE;
}

static void
set_max_local_stacks (MsEventReader *self, guint32 n_stacks)
{
  self->local_stacks = g_renew (guint32, self->local_stacks, n_stacks);
  self->thread_numbers = g_renew (guint32, self->thread_numbers, n_stacks);
  self->max_local_stacks = n_stacks;
}

static guint
count_kept (guint64 n_known, guint64 first_known)
{
  return (guint) MIN (n_known - first_known, TRK_MAX_DISTANCE);
}

/* A program that is watched for a day may have ended a million threads. */
static void
rest (MsEventReader *self)
{
  guint n_kept = count_kept (self->ring->n_known, self->ring->first_known);
  guint32 n_stacks = self->block != NULL ? self->decoder.n_local_stacks : 0;

  self->n_known = self->ring->n_known;
  self->first_known = self->ring->first_known;
  self->kept = g_new (guint64, n_kept);
  for (guint i = 0; i < n_kept; i++)
    self->kept[i] = self->ring->address[(self->n_known - n_kept + i) & (TRK_MAX_DISTANCE - 1)];
  g_clear_pointer (&self->ring, g_free);
  g_clear_pointer (&self->buffer, g_byte_array_unref);
  set_max_local_stacks (self, n_stacks);
  self->is_resting = TRUE;
}

static void
wake (MsEventReader *self)
{
  guint n_kept = count_kept (self->n_known, self->first_known);

  self->ring = g_malloc (sizeof *self->ring);
  trk_address_ring_reset (self->ring);
  self->ring->n_known = self->n_known - n_kept;
  for (guint i = 0; i < n_kept; i++)
    trk_address_ring_push (self->ring, self->kept[i]);
  self->ring->first_known = self->first_known;
  g_clear_pointer (&self->kept, g_free);
  self->buffer = g_byte_array_new ();
  self->decoder.ring = self->ring;
  self->is_resting = FALSE;
}

/* What follows is not the rest's next operation, but some later one. */
static void
report_block (MsEventReader *self, const char *what)
{
  self->expected_number = G_MAXUINT64;
  if (self->diagnostics == NULL)
    self->diagnostics = ms_diagnostics_new ();
  ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                      ms_block_index_file_of (self->index, self->block),
                      self->block->offset + trk_event_decoder_get_offset (&self->decoder),
                      "%s in block %u of thread %u; the rest of the block was left out.", what,
                      self->block->header.block_number, self->block->header.thread_id);
}

static gboolean
next_block (MsEventReader *self, MsEventBatch *batch)
{
  while (self->next_block < self->end_block)
    {
      const MsBlock *block = &g_array_index (self->index->blocks, MsBlock, self->next_block++);
      const guint8 *payload = ms_block_index_read (self->index, block, self->buffer);
      guint32 n_stacks = TRK_LOCAL_STACKS_FOR (block->payload_bytes);

      self->block = block;
      self->next_number = block->header.block_number + 1;
      self->n_thread_numbers = 0;
      memset (&self->decoder, 0, sizeof self->decoder);
      batch->n_bytes += block->payload_bytes;
      if (payload == NULL)
        {
          report_block (self, "The file no longer has all bytes");
          self->block = NULL;
          continue;
        }
      if (n_stacks > self->max_local_stacks)
        set_max_local_stacks (self, n_stacks);
      if (trk_event_decoder_begin (&self->decoder, &block->header, payload, block->payload_bytes,
                                   self->ring, self->local_stacks, self->max_local_stacks)
          == TRK_DECODE_OK)
        return TRUE;
      report_block (self, "Impossible field widths");
      self->block = NULL;
    }
  return FALSE; /* there may be more of the last one, one day */
}

/* Its exit is a record of whole bytes: nothing can follow it in the last one. */
static gboolean
is_at_end_of (const MsEventReader *self, const MsBlock *block)
{
  return block->payload_bytes == self->decoder.n_bytes
         && self->decoder.n_bits_read == self->decoder.n_bytes * 8;
}

void
ms_event_reader_renew (MsEventReader *self, MsBlockIndex *index, guint first, guint end)
{
  const MsBlock *same = NULL;
  const guint8 *payload;
  guint i;

  self->index = index;
  self->first_block = first;
  self->end_block = end;
  for (i = first; i < end; i++)
    {
      const MsBlock *block = &g_array_index (index->blocks, MsBlock, i);

      if (block->header.block_number >= self->next_number)
        break;
      if (self->block != NULL && block->header.block_number + 1 == self->next_number)
        same = block;
    }
  self->next_block = i;
  self->block = NULL;
  if (self->is_resting && i == end && (same == NULL || is_at_end_of (self, same)))
    {
      self->block = same;
      return;
    }
  if (self->is_resting)
    wake (self);
  if (same == NULL || same->payload_bytes < self->decoder.n_bytes)
    return;
  payload = ms_block_index_read (index, same, self->buffer);
  if (payload == NULL)
    return;
  if (TRK_LOCAL_STACKS_FOR (same->payload_bytes) > self->max_local_stacks)
    set_max_local_stacks (self, TRK_LOCAL_STACKS_FOR (same->payload_bytes));
  self->decoder.payload = payload;
  self->decoder.n_bytes = same->payload_bytes;
  self->decoder.local_stacks = self->local_stacks;
  self->decoder.max_local_stacks = self->max_local_stacks;
  self->block = same;
}

/* --- records -------------------------------------------------------------------------------------- */

/* The thread's number of a stack. */
static guint32
number_of_stack (MsEventReader *self, MsEventBatch *batch, guint32 id)
{
  guint32 number = ms_key_map_get (&self->stack_numbers, id);

  if (number != MS_KEY_MAP_NONE)
    return number;
  number = self->stack_numbers.n_used;
  ms_key_map_insert (&self->stack_numbers, id, number);
  if (batch->stack_ids == NULL)
    batch->stack_ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (batch->stack_ids, id);
  return number;
}

static MsStreamEvent *
push_event (MsEventReader *self, MsEventBatch *batch, guint kind, guint64 ticks, guint64 address)
{
  MsStreamEvent *event = &batch->events[batch->n++];

  self->last_ticks = MAX (self->last_ticks, ticks);
  event->ticks = self->last_ticks;
  event->address = address ? address : 1;
  event->kind = (guint8) kind;
  event->domain = 0;
  event->call = TRK_CALL_PLAIN;
  return event;
}

/* A block whose address was lost has a name all the same: its number in its thread. */
static guint64
nameless_address (const MsEventReader *self, guint64 sequence)
{
  return (guint64) 1 << 63 | (guint64) self->thread_index << 36
         | (sequence & (((guint64) 1 << 36) - 1));
}

static void
push_note (MsEventReader *self, MsEventBatch *batch, const TrkEvent *event)
{
  MsStreamNote note = { .event = *event };

  if (event->kind == TRK_EVENT_THREAD_NAME)
    {
      note.name = ms_text_from_bytes (event->u.name.bytes, event->u.name.n_bytes);
      note.event.u.name.bytes = NULL;
    }
  else if (event->kind == TRK_EVENT_RULE)
    {
      note.name = ms_text_from_bytes (event->u.rule.bytes, event->u.rule.n_bytes);
      note.event.u.rule.bytes = NULL;
    }
  else if (event->kind == TRK_EVENT_THREAD_EXIT)
    {
      self->has_exited = TRUE;
      note.exit_figures = g_new0 (TrkExitFigures, 1);
      trk_exit_figures_get (note.exit_figures, event->u.exit.figures, event->u.exit.n_figures);
      note.event.u.exit.figures = NULL;
    }
  else if (event->kind == TRK_EVENT_EARLIER)
    {
      note.earlier = g_new0 (TrkEarlier, 1);
      if (!trk_earlier_get (note.earlier, event->u.rule.bytes, event->u.rule.n_bytes))
        g_clear_pointer (&note.earlier, g_free);
      note.event.u.rule.bytes = NULL;
    }
  else if (event->kind == TRK_EVENT_MAP)
    {
      note.event.stack = number_of_stack (self, batch, event->stack);
    }
  if (batch->notes == NULL)
    {
      batch->notes = g_array_new (FALSE, FALSE, sizeof (MsStreamNote));
      g_array_set_clear_func (batch->notes, note_clear);
    }
  g_array_append_val (batch->notes, note);
  push_event (self, batch, MS_EVENT_NOTE, event->ticks, 0)->address = batch->notes->len - 1;
}

/* Blocks before this one are missing or could not be read: what the thread did last is not known. */
static void
push_gap (MsEventReader *self, MsEventBatch *batch)
{
  TrkEvent gap = { .kind = TRK_EVENT_DROPPED, .ticks = self->block->header.first_ticks };

  push_note (self, batch, &gap);
}

/* A call that ends something and begins something comes as two notes, as a realloc as two events: other
 * threads may map the old addresses before the new ones are there. */
static void
push_mapping (MsEventReader *self, MsEventBatch *batch, const TrkEvent *event)
{
  TrkEvent begin = *event, end = *event;

  end.ticks = event->end_ticks;
  if (event->kind == TRK_EVENT_REMAP)
    {
      end.kind = TRK_EVENT_MAP;
      end.u.mapping.kind = MS_MAPPING_OF_REMAP;
      push_note (self, batch, &begin);
    }
  else if (event->kind == TRK_EVENT_MAP && (event->u.mapping.flags & TRK_MAPPING_REPLACES))
    {
      begin.kind = TRK_EVENT_UNMAP;
      push_note (self, batch, &begin);
    }
  push_note (self, batch, &end);
}

static void
push_decoded (MsEventReader *self, MsEventBatch *batch, const TrkEvent *event)
{
  MsStreamEvent *pushed;
  guint64 address = event->address;

  switch (event->kind)
    {
    case TRK_EVENT_ALLOC:
      if (!event->address_known)
        address = nameless_address (self, event->sequence);
      pushed =
          push_event (self, batch,
                      event->call == TRK_CALL_REALLOC ? MS_EVENT_REALLOC_ALLOC : MS_EVENT_ALLOC,
                      event->ticks, address);
      pushed->stack = number_of_stack (self, batch, event->stack);
      break;
    case TRK_EVENT_FREE:
    case TRK_EVENT_FOREIGN_FREE:
      if (!event->address_known)
        address = nameless_address (self, event->origin);
      pushed = push_event (self, batch,
                           event->kind == TRK_EVENT_FREE ? MS_EVENT_FREE : MS_EVENT_FOREIGN_FREE,
                           event->ticks, address);
      break;
    case TRK_EVENT_REALLOC:
      pushed = push_event (self, batch, MS_EVENT_REALLOC_FREE, event->ticks, event->old_address);
      pushed->domain = event->domain;
      pushed = push_event (self, batch, MS_EVENT_REALLOC_ALLOC, event->end_ticks, address);
      pushed->stack = number_of_stack (self, batch, event->stack);
      break;
    case TRK_EVENT_MAP:
    case TRK_EVENT_UNMAP:
    case TRK_EVENT_REMAP:
      push_mapping (self, batch, event);
      return;
    default:
      push_note (self, batch, event);
      return;
    }
  pushed->domain = event->domain;
  pushed->call = event->call;
  pushed->size = event->size;
}

/* As many as there are of the common records.  FALSE: there is none here. */
static gboolean
run_block (MsEventReader *self, MsEventBatch *batch)
{
  gsize n;

  trk_event_decoder_run_stacks (&self->decoder);
  for (; self->n_thread_numbers < self->decoder.n_local_stacks; self->n_thread_numbers++)
    self->thread_numbers[self->n_thread_numbers] =
        number_of_stack (self, batch, self->local_stacks[self->n_thread_numbers]);
  n = trk_event_decoder_run (&self->decoder, self->thread_numbers, self->last_ticks,
                             &batch->events[batch->n],
                             batch->capacity - batch->n - (EVENTS_PER_RECORD - 1));
  if (n == 0)
    return FALSE;
  batch->n += (guint) n;
  self->last_ticks = batch->events[batch->n - 1].ticks;
  return TRUE;
}

gboolean
ms_event_reader_read (MsEventReader *self, MsEventBatch *batch)
{
  if (!self->open)
    reader_open (self);
  if (self->is_resting)
    return FALSE;
  batch->stack_ids = g_steal_pointer (&self->untold);
  while (batch->n + EVENTS_PER_RECORD <= batch->capacity)
    {
      TrkEvent event;
      TrkDecodeStatus status = TRK_DECODE_END;
      guint32 n_bits;

      if (self->block != NULL && run_block (self, batch))
        continue;
      n_bits = self->decoder.n_bits_read;
      if (self->block != NULL)
        status = trk_event_decoder_next (&self->decoder, &event);
      if (status == TRK_DECODE_OK)
        {
          push_decoded (self, batch, &event);
          continue;
        }
      if (status == TRK_DECODE_DAMAGED)
        report_block (self, "An unreadable record");
      else if (status == TRK_DECODE_UNKNOWN)
        report_block (self, "A record that this program does not know");
      if (status == TRK_DECODE_END)
        self->decoder.n_bits_read = n_bits; /* the end may be elsewhere when the block has grown */
      else
        self->block = NULL;
      if (!next_block (self, batch))
        break;
      if (self->block->header.block_number != self->expected_number)
        push_gap (self, batch);
      self->expected_number = (guint64) self->block->header.block_number + 1;
    }
  if (batch->n > 0)
    return TRUE;
  /* Nobody takes this batch: another stream may be the next to use it. */
  self->untold = g_steal_pointer (&batch->stack_ids);
  ms_event_batch_reset (batch);
  if (self->has_exited)
    rest (self);
  return FALSE;
}

guint64
ms_event_reader_scan_last_ticks (MsBlockIndex *index, const MsBlock *block)
{
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  g_autofree TrkAddressRing *ring = g_malloc (sizeof *ring);
  guint32 n_stacks = TRK_LOCAL_STACKS_FOR (block->payload_bytes);
  g_autofree guint32 *local_stacks = g_new (guint32, n_stacks);
  const guint8 *payload = ms_block_index_read (index, block, buffer);
  guint64 last_ticks = block->header.first_ticks;
  TrkEventDecoder decoder;
  TrkEvent event;

  trk_address_ring_reset (ring);
  if (payload == NULL
      || trk_event_decoder_begin (&decoder, &block->header, payload, block->payload_bytes, ring,
                                  local_stacks, n_stacks)
             != TRK_DECODE_OK)
    return last_ticks;
  while (trk_event_decoder_next (&decoder, &event) == TRK_DECODE_OK)
    last_ticks = MAX (last_ticks, event.end_ticks);
  return last_ticks;
}
