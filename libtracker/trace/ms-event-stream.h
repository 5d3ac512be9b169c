/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The events of one thread in order, out of its blocks, decoded a few hundred at a time.
 *
 * What the matcher sees a hundred million times is 32 bytes; what happens rarely (names, sampling,
 * drops) is a note beside.  A realloc comes as two events, since other threads may get the old
 * block's address before the new block exists.
 */
#pragma once

#include "ms-block-index.h"
#include "trk-event-decoder.h"

G_BEGIN_DECLS

typedef enum {
  MS_EVENT_ALLOC,
  MS_EVENT_FREE,
  MS_EVENT_FOREIGN_FREE,
  MS_EVENT_REALLOC_FREE,  /* the old block of a realloc */
  MS_EVENT_REALLOC_ALLOC, /* the new one */
  MS_EVENT_NOTE,          /* address: number of the note in its stream */
  MS_EVENT_APPLIED        /* a free that was applied before its turn */
} MsEventKind;

typedef struct {
  guint64 ticks;
  guint64 address; /* never 0 */
  guint64 size;
  guint32 stack; /* id in the file */
  guint8 kind;
  guint8 domain;
  guint8 call; /* TrkSampledCall */
} MsStreamEvent;

typedef struct {
  TrkEvent event; /* without the name's bytes */
  char *name;     /* THREAD_NAME, RULE: valid UTF-8 */
} MsStreamNote;

typedef struct {
  MsBlockIndex *index;
  guint thread_index;
  guint first_block, next_block, end_block; /* into index->blocks */
  gboolean open;
  guint64 first_ticks; /* of the first block */
  guint64 last_ticks;  /* of the latest event decoded: time never falls */

  MsStreamEvent *queue;
  guint head, n_queued, capacity; /* queued: [head, n_queued) */
  GArray *notes;                  /* of MsStreamNote */
  guint64 n_notes_dropped;        /* from their front */

  const MsBlock *block; /* being decoded */
  GByteArray *buffer;
  TrkAddressRing *ring;
  guint32 *local_stacks;
  guint32 max_local_stacks;
  TrkEventDecoder decoder;
  guint64 n_bytes_read;
} MsEventStream;

/* Blocks [@first, @end) of @index, all of one thread. */
void ms_event_stream_init (MsEventStream *self,
                           MsBlockIndex *index,
                           guint thread_index,
                           guint first,
                           guint end);

/* Gives back the buffers; what was decoded is gone. */
void ms_event_stream_close (MsEventStream *self);

/* Decodes until the event @ahead of the next one is queued.  FALSE if the thread has no more. */
gboolean ms_event_stream_fill (MsEventStream *self, guint ahead);

/* The event @ahead of the next one, or NULL.  Valid until the next call. */
static inline MsStreamEvent *
ms_event_stream_peek (MsEventStream *self, guint ahead)
{
  if (G_UNLIKELY (ahead >= self->n_queued - self->head) && !ms_event_stream_fill (self, ahead))
    return NULL;
  return &self->queue[self->head + ahead];
}

static inline void
ms_event_stream_advance (MsEventStream *self)
{
  self->head++;
}

/* What @event, of the kind NOTE, has to say.  Valid until the next call. */
static inline const MsStreamNote *
ms_event_stream_get_note (const MsEventStream *self, const MsStreamEvent *event)
{
  return &g_array_index (self->notes, MsStreamNote, event->address - self->n_notes_dropped);
}

/* When the last record of @block happened, for a window that is still open. */
guint64 ms_event_stream_scan_last_ticks (MsBlockIndex *index, const MsBlock *block);

G_END_DECLS
