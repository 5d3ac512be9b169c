/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The events of one thread in order, out of its blocks, a few thousand at a time.
 *
 *   blocks ──▶ MsEventReader ──▶ batch ▸ batch ▸ batch ──▶ MsEventStream ──▶ matcher
 *              (on any thread, one at a time)              (on the matcher's)
 *
 * What the matcher sees a hundred million times is 32 bytes; what happens rarely (names, sampling,
 * drops) is a note beside.  A realloc comes as two events, since other threads may get the old
 * block's address before the new block exists.  Stacks are numbered in the order in which the thread
 * met them, so that what is known of one is found by an index.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-key-map.h"
#include "trk-earlier.h"
#include "trk-event-run.h"
#include "trk-exit-figures.h"

G_BEGIN_DECLS

typedef enum {
  MS_EVENT_ALLOC = TRK_BRIEF_ALLOC,
  MS_EVENT_FREE = TRK_BRIEF_FREE,
  MS_EVENT_FOREIGN_FREE,
  MS_EVENT_REALLOC_FREE,  /* the old block of a realloc */
  MS_EVENT_REALLOC_ALLOC, /* the new one */
  MS_EVENT_NOTE,          /* address: number of the note in its batch */
  MS_EVENT_APPLIED        /* a free that was applied before its turn */
} MsEventKind;

/* As the decoder fills them in; @kind is any of MsEventKind, @stack the thread's number of the stack, see
 * ms_event_stream_get_stack_id(). */
typedef TrkBriefEvent MsStreamEvent;

typedef struct {
  TrkEvent event;               /* without the name's bytes; stack: the thread's number of it */
  char *name;                   /* THREAD_NAME, RULE: valid UTF-8 */
  TrkExitFigures *exit_figures; /* THREAD_EXIT */
  TrkEarlier *earlier;          /* EARLIER */
} MsStreamNote;

/* So far ahead of the event that is looked at, lines may be fetched. */
#define MS_EVENTS_AHEAD 48

typedef struct _MsEventBatch MsEventBatch;
struct _MsEventBatch {
  MsEventBatch *next;
  GArray *notes;     /* of MsStreamNote; NULL: none */
  GArray *stack_ids; /* of guint32: ids in the file of the stacks met first here; NULL: none */
  guint64 n_bytes;   /* read for it */
  guint n, capacity;
  MsStreamEvent events[]; /* and room for MS_EVENTS_AHEAD */
};

MsEventBatch *ms_event_batch_new (guint capacity);
/* Empties it for the next use. */
void ms_event_batch_reset (MsEventBatch *self);
void ms_event_batch_free (MsEventBatch *self);

/* --- reading -------------------------------------------------------------------------------------- */

typedef struct {
  MsBlockIndex *index;
  guint thread_index;
  guint first_block, next_block, end_block; /* into index->blocks */
  guint32 next_number;                      /* the least that the next block may have */
  gboolean open;
  gboolean has_exited; /* the thread told of its end; what follows, if anything, is the process's */
  gboolean
      is_resting;     /* and nothing new has come since: no more is kept than going on would need */
  guint64 last_ticks; /* of the latest event decoded: time never falls */
  guint64 expected_number; /* of the block that goes on where the latest one ended */

  const MsBlock *block; /* being decoded */
  GByteArray *buffer;
  TrkAddressRing *ring; /* NULL while resting, when @kept are its latest addresses */
  guint64 *kept;
  guint64 n_known, first_known; /* of the ring while resting */
  guint32 *local_stacks;        /* of the block: ids in the file */
  guint32 *thread_numbers;      /* of the same: the thread's numbers, of so many */
  guint32 n_thread_numbers, max_local_stacks;
  MsKeyMap stack_numbers; /* id in the file → the thread's number */
  GArray *untold; /* ids of stacks for which no batch with an event has come yet; NULL: none */
  TrkEventDecoder decoder;
  GPtrArray *diagnostics; /* of MsDiagnostic, in order; NULL: none */
} MsEventReader;

/* Fills @batch, which is empty, or as much of it as there is.  FALSE: there was nothing left. */
gboolean ms_event_reader_read (MsEventReader *self, MsEventBatch *batch);
void ms_event_reader_close (MsEventReader *self);

/* The folder grew, and [@first, @end) of @index, which was read anew, are the thread's blocks now: goes on
 * where it was, even in the middle of a block that was a window then. */
void ms_event_reader_renew (MsEventReader *self, MsBlockIndex *index, guint first, guint end);

/* --- taking --------------------------------------------------------------------------------------- */

typedef struct _MsEventStream MsEventStream;

/* The next batch of the stream, or NULL at its end; the old ones go back by the second.  NULL functions:
 * batches are read when they are needed. */
typedef struct {
  MsEventBatch *(*take) (gpointer data, MsEventStream *stream);
  void (*give_back) (gpointer data, MsEventBatch *batch);
  gpointer data;
} MsEventSource;

struct _MsEventStream {
  MsEventReader reader;
  const MsEventSource *source;
  guint64 first_ticks; /* of the first block */
  guint n_per_batch;
  gboolean begun, ended; /* it was asked for events; it has no more than those taken */

  MsEventBatch *current, *last; /* taken: a list */
  guint at;                     /* in the current one */
  GArray *stack_ids;            /* of guint32 */
  guint64 n_bytes_read;         /* for the batches taken */

  /* Of the source, under its lock. */
  MsEventBatch *ready, *last_ready;
  guint n_ready;
  gboolean is_reading, is_wanted, is_read;
};

/* Blocks [@first, @end) of @index, all of one thread.  @source may be NULL. */
void ms_event_stream_init (MsEventStream *self,
                           MsBlockIndex *index,
                           guint thread_index,
                           guint first,
                           guint end,
                           const MsEventSource *source);

/* Gives back the buffers; what was decoded is gone.  Nobody may be reading. */
void ms_event_stream_close (MsEventStream *self);

/* See ms_event_reader_renew().  Nobody may be reading. */
void ms_event_stream_renew (MsEventStream *self, MsBlockIndex *index, guint first, guint end);

/* Adds what reading met to @diagnostics. */
void ms_event_stream_report (MsEventStream *self, GPtrArray *diagnostics);

/* No event that is still to come is before this.  Nobody may be reading. */
guint64 ms_event_stream_get_floor_ticks (const MsEventStream *self);

MsStreamEvent *ms_event_stream_peek_beyond (MsEventStream *self, guint ahead);

/* The event @ahead of the next one, or NULL.  Those of the current batch, in which the next one lies, stay
 * where they are until the next one is no longer in it. */
static inline MsStreamEvent *
ms_event_stream_peek (MsEventStream *self, guint ahead)
{
  if (G_LIKELY (self->current != NULL && self->at + ahead < self->current->n))
    return &self->current->events[self->at + ahead];
  return ms_event_stream_peek_beyond (self, ahead);
}

static inline void
ms_event_stream_advance (MsEventStream *self)
{
  self->at++;
}

/* What @event, of the kind NOTE, has to say. */
const MsStreamNote *ms_event_stream_get_note (const MsEventStream *self,
                                              const MsStreamEvent *event);

/* Of @number of the thread, met in a batch that was taken. */
static inline guint32
ms_event_stream_get_stack_id (const MsEventStream *self, guint32 number)
{
  return g_array_index (self->stack_ids, guint32, number);
}

/* When the last record of @block happened, for a window that is still open. */
guint64 ms_event_reader_scan_last_ticks (MsBlockIndex *index, const MsBlock *block);

G_END_DECLS
