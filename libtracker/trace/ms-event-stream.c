/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The matcher's end of a thread's events: a list of batches, of which the first is being taken. */
#include "ms-event-stream.h"

#include <string.h>

#include "ms-diagnostic.h"

#define N_PER_BATCH 1024

void
ms_event_stream_init (MsEventStream *self,
                      MsBlockIndex *index,
                      guint thread_index,
                      guint first,
                      guint end,
                      const MsEventSource *source)
{
  memset (self, 0, sizeof *self);
  self->reader = (MsEventReader) { .index = index,
                                   .thread_index = thread_index,
                                   .first_block = first,
                                   .next_block = first,
                                   .end_block = end };
  self->source = source;
  self->first_ticks = g_array_index (index->blocks, MsBlock, first).header.first_ticks;
}

static void
give_back (MsEventStream *self, MsEventBatch *batch)
{
  if (self->source != NULL)
    self->source->give_back (self->source->data, batch);
  else
    ms_event_batch_free (batch);
}

static void
give_back_list (MsEventStream *self, MsEventBatch *first)
{
  while (first != NULL)
    {
      MsEventBatch *next = first->next;

      give_back (self, first);
      first = next;
    }
}

void
ms_event_stream_report (MsEventStream *self, GPtrArray *diagnostics)
{
  GPtrArray *met = self->reader.diagnostics;

  for (guint i = 0; met != NULL && i < met->len; i++)
    {
      const MsDiagnostic *d = g_ptr_array_index (met, i);

      ms_diagnostics_add (diagnostics, d->level, d->file, d->offset, "%s", d->message);
    }
  g_clear_pointer (&self->reader.diagnostics, g_ptr_array_unref);
}

void
ms_event_stream_close (MsEventStream *self)
{
  ms_event_reader_close (&self->reader);
  give_back_list (self, self->current);
  give_back_list (self, self->ready);
  self->current = self->last = self->ready = self->last_ready = NULL;
  g_clear_pointer (&self->stack_ids, g_array_unref);
  g_clear_pointer (&self->reader.diagnostics, g_ptr_array_unref);
  self->ended = TRUE;
}

void
ms_event_stream_renew (MsEventStream *self, MsBlockIndex *index, guint first, guint end)
{
  ms_event_reader_renew (&self->reader, index, first, end);
  self->ended = self->is_read = FALSE;
}

guint64
ms_event_stream_get_floor_ticks (const MsEventStream *self)
{
  guint at = self->at;

  for (const MsEventBatch *batch = self->current; batch != NULL; batch = batch->next)
    {
      if (at < batch->n)
        return batch->events[at].ticks;
      at -= batch->n;
    }
  if (self->ready != NULL)
    return self->ready->events[0].ticks;
  return self->begun ? self->reader.last_ticks : self->first_ticks;
}

static MsEventBatch *
read_now (MsEventStream *self)
{
  MsEventBatch *batch = ms_event_batch_new (N_PER_BATCH);

  if (ms_event_reader_read (&self->reader, batch))
    return batch;
  ms_event_batch_free (batch);
  return NULL;
}

/* Adds one more batch to those taken. */
static gboolean
take_batch (MsEventStream *self)
{
  MsEventBatch *batch;

  if (self->ended)
    return FALSE;
  if (!self->begun)
    self->stack_ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->begun = TRUE;
  batch = self->source ? self->source->take (self->source->data, self) : read_now (self);
  if (batch == NULL)
    {
      self->ended = TRUE;
      return FALSE;
    }
  if (batch->stack_ids != NULL)
    g_array_append_vals (self->stack_ids, batch->stack_ids->data, batch->stack_ids->len);
  self->n_bytes_read += batch->n_bytes;
  if (self->last != NULL)
    self->last->next = batch;
  else
    self->current = batch;
  self->last = batch;
  return TRUE;
}

MsStreamEvent *
ms_event_stream_peek_beyond (MsEventStream *self, guint ahead)
{
  MsEventBatch *batch;
  guint i;

  /* What was taken of the first is done with, whoever looks however far. */
  while (self->current != NULL && self->at >= self->current->n)
    {
      batch = self->current;
      self->at -= batch->n;
      self->current = batch->next;
      if (self->current == NULL)
        self->last = NULL;
      give_back (self, batch);
    }
  if (self->current == NULL && !take_batch (self))
    return NULL;
  i = self->at + ahead;
  for (batch = self->current; i >= batch->n; batch = batch->next)
    {
      i -= batch->n;
      if (batch->next == NULL && !take_batch (self))
        return NULL;
    }
  return &batch->events[i];
}

const MsStreamNote *
ms_event_stream_get_note (const MsEventStream *self, const MsStreamEvent *event)
{
  const MsEventBatch *batch = self->current;

  while (event < batch->events || event >= batch->events + batch->n)
    batch = batch->next;
  return &g_array_index (batch->notes, MsStreamNote, event->address);
}
