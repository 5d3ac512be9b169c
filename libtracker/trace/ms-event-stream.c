/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-event-stream.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-mappings.h"

#define BATCH_EVENTS 256

static void
note_clear (gpointer data)
{
  MsStreamNote *note = data;

  g_clear_pointer (&note->name, g_free);
}

void
ms_event_stream_init (MsEventStream *self,
                      MsBlockIndex *index,
                      guint thread_index,
                      guint first,
                      guint end)
{
  memset (self, 0, sizeof *self);
  self->index = index;
  self->thread_index = thread_index;
  self->first_block = self->next_block = first;
  self->end_block = end;
  self->first_ticks = g_array_index (index->blocks, MsBlock, first).header.first_ticks;
}

static void
stream_open (MsEventStream *self)
{
  self->open = TRUE;
  self->buffer = g_byte_array_new ();
  self->notes = g_array_new (FALSE, FALSE, sizeof (MsStreamNote));
  g_array_set_clear_func (self->notes, note_clear);
  /* Half a megabyte of address space, of which a short thread touches a page. */
  self->ring = g_malloc (sizeof *self->ring);
  trk_address_ring_reset (self->ring);
}

void
ms_event_stream_close (MsEventStream *self)
{
  g_clear_pointer (&self->buffer, g_byte_array_unref);
  g_clear_pointer (&self->notes, g_array_unref);
  g_clear_pointer (&self->ring, g_free);
  g_clear_pointer (&self->local_stacks, g_free);
  g_clear_pointer (&self->queue, g_free);
  self->head = self->n_queued = self->capacity = self->max_local_stacks = 0;
  self->block = NULL;
}

static void
report_block (MsEventStream *self, const char *what)
{
  ms_diagnostics_add (self->index->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                      ms_block_index_file_of (self->index, self->block),
                      self->block->offset + trk_event_decoder_get_offset (&self->decoder),
                      "%s in block %u of thread %u; the rest of the block was left out.", what,
                      self->block->header.block_number, self->block->header.thread_id);
}

static gboolean
next_block (MsEventStream *self)
{
  if (!self->open)
    stream_open (self);
  while (self->next_block < self->end_block)
    {
      const MsBlock *block = &g_array_index (self->index->blocks, MsBlock, self->next_block++);
      const guint8 *payload = ms_block_index_read (self->index, block, self->buffer);
      guint32 n_stacks = TRK_LOCAL_STACKS_FOR (block->payload_bytes);

      self->block = block;
      memset (&self->decoder, 0, sizeof self->decoder);
      self->n_bytes_read += block->payload_bytes;
      if (payload == NULL)
        {
          report_block (self, "The file no longer has all bytes");
          continue;
        }
      if (n_stacks > self->max_local_stacks)
        {
          self->local_stacks = g_renew (guint32, self->local_stacks, n_stacks);
          self->max_local_stacks = n_stacks;
        }
      if (trk_event_decoder_begin (&self->decoder, &block->header, payload, block->payload_bytes,
                                   self->ring, self->local_stacks, self->max_local_stacks)
          == TRK_DECODE_OK)
        return TRUE;
      report_block (self, "Impossible field widths");
    }
  self->block = NULL;
  return FALSE;
}

static MsStreamEvent *
push_event (MsEventStream *self, guint kind, guint64 ticks, guint64 address)
{
  MsStreamEvent *event;

  if (self->n_queued == self->capacity)
    {
      self->capacity = MAX (BATCH_EVENTS + 8, self->capacity * 2);
      self->queue = g_renew (MsStreamEvent, self->queue, self->capacity);
    }
  event = &self->queue[self->n_queued++];
  self->last_ticks = MAX (self->last_ticks, ticks);
  event->ticks = self->last_ticks;
  event->address = address ? address : 1;
  event->kind = (guint8) kind;
  event->call = TRK_CALL_PLAIN;
  return event;
}

/* A block whose address was lost has a name all the same: its number in its thread. */
static guint64
nameless_address (const MsEventStream *self, guint64 sequence)
{
  return (guint64) 1 << 63 | (guint64) self->thread_index << 36
         | (sequence & (((guint64) 1 << 36) - 1));
}

static void
push_note (MsEventStream *self, const TrkEvent *event)
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
  g_array_append_val (self->notes, note);
  push_event (self, MS_EVENT_NOTE, event->ticks, 0)->address =
      self->n_notes_dropped + self->notes->len - 1;
}

/* A call that ends something and begins something comes as two notes, as a realloc as two events: other
 * threads may map the old addresses before the new ones are there. */
static void
push_mapping (MsEventStream *self, const TrkEvent *event)
{
  TrkEvent begin = *event, end = *event;

  end.ticks = event->end_ticks;
  if (event->kind == TRK_EVENT_REMAP)
    {
      end.kind = TRK_EVENT_MAP;
      end.u.mapping.kind = MS_MAPPING_OF_REMAP;
      push_note (self, &begin);
    }
  else if (event->kind == TRK_EVENT_MAP && (event->u.mapping.flags & TRK_MAPPING_REPLACES))
    {
      begin.kind = TRK_EVENT_UNMAP;
      push_note (self, &begin);
    }
  push_note (self, &end);
}

static void
push_decoded (MsEventStream *self, const TrkEvent *event)
{
  MsStreamEvent *pushed;
  guint64 address = event->address;

  switch (event->kind)
    {
    case TRK_EVENT_ALLOC:
      if (!event->address_known)
        address = nameless_address (self, event->sequence);
      pushed =
          push_event (self,
                      event->call == TRK_CALL_REALLOC ? MS_EVENT_REALLOC_ALLOC : MS_EVENT_ALLOC,
                      event->ticks, address);
      break;
    case TRK_EVENT_FREE:
    case TRK_EVENT_FOREIGN_FREE:
      if (!event->address_known)
        address = nameless_address (self, event->origin);
      pushed =
          push_event (self, event->kind == TRK_EVENT_FREE ? MS_EVENT_FREE : MS_EVENT_FOREIGN_FREE,
                      event->ticks, address);
      break;
    case TRK_EVENT_REALLOC:
      pushed = push_event (self, MS_EVENT_REALLOC_FREE, event->ticks, event->old_address);
      pushed->domain = event->domain;
      pushed = push_event (self, MS_EVENT_REALLOC_ALLOC, event->end_ticks, address);
      break;
    case TRK_EVENT_MAP:
    case TRK_EVENT_UNMAP:
    case TRK_EVENT_REMAP:
      push_mapping (self, event);
      return;
    default:
      push_note (self, event);
      return;
    }
  pushed->domain = event->domain;
  pushed->call = event->call;
  pushed->size = event->size;
  pushed->stack = event->stack;
}

/* The notes before those that are queued are done with. */
static void
drop_notes (MsEventStream *self)
{
  guint n_done = self->notes->len;

  for (guint i = self->head; i < self->n_queued; i++)
    if (self->queue[i].kind == MS_EVENT_NOTE)
      {
        n_done = (guint) (self->queue[i].address - self->n_notes_dropped);
        break;
      }
  if (n_done == 0)
    return;
  g_array_remove_range (self->notes, 0, n_done);
  self->n_notes_dropped += n_done;
}

/* Makes room at the front when at least as much was taken as is left.  Whoever looks far ahead leaves
 * something again and again: without this the queue would become the whole stream. */
static void
queue_compact (MsEventStream *self)
{
  guint n_left = self->n_queued - self->head;

  if (self->head == 0 || self->head < n_left)
    return;
  drop_notes (self);
  memmove (self->queue, self->queue + self->head, n_left * sizeof *self->queue);
  self->head = 0;
  self->n_queued = n_left;
}

gboolean
ms_event_stream_fill (MsEventStream *self, guint ahead)
{
  guint wanted;

  queue_compact (self);
  wanted = ahead + 1 > BATCH_EVENTS ? ahead + 1 : BATCH_EVENTS;
  while (self->n_queued - self->head < wanted)
    {
      TrkEvent event;
      TrkDecodeStatus status = TRK_DECODE_END;

      if (self->block != NULL)
        status = trk_event_decoder_next (&self->decoder, &event);
      if (status == TRK_DECODE_OK)
        {
          push_decoded (self, &event);
          continue;
        }
      if (status == TRK_DECODE_DAMAGED)
        report_block (self, "An unreadable record");
      else if (status == TRK_DECODE_UNKNOWN)
        report_block (self, "A record that this program does not know");
      if (!next_block (self))
        break;
    }
  return self->n_queued - self->head > ahead;
}

guint64
ms_event_stream_scan_last_ticks (MsBlockIndex *index, const MsBlock *block)
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
