/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-stream-writer.h"

#include <string.h>

#include "trk-event-widths.h"

#define SLOTS 4096U
/* The encoder stores whole words. */
#define SLACK_BYTES 8U

typedef struct {
  guint64 address, sequence;
} AddressSlot;

typedef struct {
  guint32 stack, block_number, local;
  gboolean used;
} StackSlot;

struct _MsStreamWriter {
  MsTraceWriter *writer;
  guint32 thread_id;
  gint32 tid;
  guint8 *block;
  guint block_bytes;
  guint32 block_number;
  gboolean is_open;
  TrkDomain domain;
  TrkEventWidths widths;
  TrkEventEncoder encoder;
  AddressSlot addresses[SLOTS];
  StackSlot stacks[SLOTS];
};

MsStreamWriter *
ms_stream_writer_new (MsTraceWriter *writer, guint32 thread_id, gint32 tid, guint block_bytes)
{
  MsStreamWriter *self = g_new0 (MsStreamWriter, 1);

  self->writer = writer;
  self->thread_id = thread_id;
  self->tid = tid;
  self->block_bytes = block_bytes;
  self->block = g_malloc0 (block_bytes + SLACK_BYTES);
  self->widths = trk_event_widths_default ();
  return self;
}

/* A thread that does not fill one block does not deserve a file. */
static void
flush (MsStreamWriter *self, gboolean is_last)
{
  TrkBlockHeader *block = (TrkBlockHeader *) (gpointer) self->block;
  guint32 n_bytes = trk_event_encoder_get_bytes (&self->encoder);
  g_autofree char *name =
      is_last && self->block_number == 0
          ? g_strdup (TRK_POOLED_EVENTS_FILE_NAME)
          : g_strdup_printf ("memscope_thread_%u-%d.bin", self->thread_id, self->tid);

  block->last_ticks = self->encoder.last_ticks;
  block->n_records = trk_event_encoder_get_count (&self->encoder);
  block->flags = is_last ? TRK_BLOCK_FLAG_LAST : 0;
  ms_trace_writer_append_block (self->writer, name, TRK_FILE_EVENTS, block, n_bytes);
  self->widths = trk_event_widths_choose (block, self->block + TRK_BLOCK_HEADER_BYTES, n_bytes);
  self->block_number++;
  self->is_open = FALSE;
}

void
ms_stream_writer_free (MsStreamWriter *self)
{
  if (self->is_open)
    flush (self, TRUE);
  g_free (self->block);
  g_free (self);
}

static void
begin_block (MsStreamWriter *self, guint64 ns)
{
  TrkBlockHeader *block = (TrkBlockHeader *) (gpointer) self->block;

  memset (block, 0, sizeof *block);
  block->type = TRK_BLOCK_EVENTS;
  block->thread_id = self->thread_id;
  block->tid = self->tid;
  block->block_number = self->block_number;
  block->first_ticks = ns;
  block->first_sequence = self->encoder.sequence;
  block->widths = self->widths;
  trk_event_encoder_begin (&self->encoder, self->block + TRK_BLOCK_HEADER_BYTES,
                           self->block_bytes - TRK_BLOCK_HEADER_BYTES, ns, self->widths);
  self->is_open = TRUE;
}

TrkEventEncoder *
ms_stream_writer_prepare (MsStreamWriter *self, guint64 ns, guint n_more_bytes)
{
  if (self->is_open && !trk_event_encoder_has_room_for (&self->encoder, n_more_bytes))
    flush (self, FALSE);
  if (!self->is_open)
    begin_block (self, ns);
  return &self->encoder;
}

guint32
ms_stream_writer_local_stack (MsStreamWriter *self, guint32 stack)
{
  StackSlot *slot = &self->stacks[(stack * 2654435761U) >> 20];

  if (!slot->used || slot->stack != stack || slot->block_number != self->block_number)
    {
      slot->used = TRUE;
      slot->stack = stack;
      slot->block_number = self->block_number;
      slot->local = trk_event_put_stack (&self->encoder, stack);
    }
  return slot->local;
}

void
ms_stream_writer_set_domain (MsStreamWriter *self, TrkDomain domain)
{
  self->domain = domain;
}

/* --- addresses ------------------------------------------------------------------------------------ */

static AddressSlot *
slot_of (MsStreamWriter *self, guint64 address)
{
  return &self->addresses[address * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15) >> 52];
}

/* How many addresses ago @address had a number, or 0; it gets the next one if @remember. */
static guint32
distance_of (MsStreamWriter *self, guint64 address, gboolean remember)
{
  AddressSlot *slot = slot_of (self, address);
  guint64 sequence = self->encoder.sequence, distance = sequence - slot->sequence;
  gboolean is_known = slot->address == address && distance >= 1 && distance <= TRK_MAX_DISTANCE;

  if (remember || !is_known)
    *slot = (AddressSlot) { address, sequence };
  return is_known ? (guint32) distance : 0;
}

void
ms_stream_writer_alloc (MsStreamWriter *self,
                        guint64 ns,
                        guint64 address,
                        guint64 size,
                        guint32 stack)
{
  TrkEventEncoder *encoder = ms_stream_writer_prepare (self, ns, 0);
  guint32 local = ms_stream_writer_local_stack (self, stack);
  guint32 distance = distance_of (self, address, TRUE);

  trk_event_set_domain (encoder, self->domain);
  if (distance != 0)
    trk_event_put_alloc_reuse (encoder, ns, size, local, distance);
  else
    trk_event_put_alloc (encoder, ns, address, size, local);
}

void
ms_stream_writer_free_block (MsStreamWriter *self, guint64 ns, guint64 address)
{
  TrkEventEncoder *encoder = ms_stream_writer_prepare (self, ns, 0);
  guint32 distance = distance_of (self, address, FALSE);

  trk_event_set_domain (encoder, self->domain);
  if (distance != 0)
    trk_event_put_free_distance (encoder, ns, distance);
  else
    trk_event_put_free (encoder, ns, address);
}

void
ms_stream_writer_realloc (MsStreamWriter *self,
                          guint64 begin_ns,
                          guint64 end_ns,
                          guint64 old_address,
                          guint64 address,
                          guint64 size,
                          guint32 stack)
{
  TrkEventEncoder *encoder = ms_stream_writer_prepare (self, begin_ns, 0);
  guint32 local = ms_stream_writer_local_stack (self, stack);

  trk_event_set_domain (encoder, self->domain);
  (void) distance_of (self, address, TRUE);
  trk_event_put_realloc (encoder, begin_ns, end_ns, old_address, address, size, local);
}
