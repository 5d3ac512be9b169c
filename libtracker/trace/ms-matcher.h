/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Merges the streams of all threads in order of time and matches every free with its allocation.
 *
 *   stream 0 ──▶┐ heap by      live tables, one a domain
 *   stream 1 ──▶┼ (ticks, ─▶   alloc: insert     ─▶ batches of MsMatched ──▶ whoever counts
 *   stream 2 ──▶┘ thread)      free:  look up
 *
 * The recorder stamps a free before the real free and an allocation after the real malloc, so that
 * this order is true for each address as far as the clocks agree; ms-order.h has the rest.  What an
 * event means depends on all events before it, so that this part is one thread's; reading before it and
 * counting behind it are others'.
 */
#pragma once

#include "ms-clock.h"
#include "ms-live-table.h"
#include "ms-matched.h"
#include "ms-order.h"
#include "ms-types.h"

G_BEGIN_DECLS

/* A thread got a name. */
typedef struct {
  guint64 ticks;
  char *name; /* valid UTF-8 */
} MsNameChange;

typedef struct {
  guint32 id;
  gint tid;
  MsEventStream stream;
  guint32 *sites[MS_N_DOMAINS]; /* by the thread's number of the stack; MS_NO_SITE: none yet */
  guint32 n_sites[MS_N_DOMAINS];
  GArray *names; /* of MsNameChange */
  guint64 start_ticks, end_ticks;
  gboolean is_vacant; /* of no thread, and free for another, or that of all that were forgotten */
  gboolean has_start, has_end, has_parent;
  gboolean has_gap;   /* something is missing right before the event in hand */
  gboolean is_partly; /* of a ring: what it did before kept_ticks is gone, but for its counts */
  guint64 kept_ticks;
  guint32 parent_id;
  guint64 start_routine;
  gint64 cpu_ns; /* −1: unknown */
  TrkExitFigures exit_figures;
  gboolean recorded, tracking, paused; /* it has events; at its end; not all the time */
  gboolean sampled;                    /* it draws, if only with certainty by now */
  double rate;                         /* sampling in force */
  guint64 interval_bytes;
  double rest_bytes;  /* of the last weighted size, not yet counted */
  guint64 n_weighed;  /* blocks */
  guint64 last_alloc; /* address, if its latest operation was an allocation */
  guint8 last_domain;
  gboolean reallocating; /* the free in hand is a realloc's */
} MsThreadLife;

#define MS_NO_SITE G_MAXUINT32
#define MS_NO_PLACE G_MAXUINT32

/* The id of all that were forgotten, where one stands for a thread. */
#define MS_FORGOTTEN_ID G_MAXUINT32

typedef struct {
  gboolean forked, some_untracked, began_late;
  gboolean was_off; /* for a time no thread was recorded */
  gboolean is_ring; /* of each thread the last events are there */
  double sampling_rate;
  guint64 sample_interval_bytes;
  guint64 last_ticks;   /* what is later is left out */
  gboolean is_followed; /* …for now: run () is to be called again, after renew () */
} MsMatcherOptions;

typedef struct {
  guint64 ticks;
  guint32 id;     /* of the thread: decides between equal times */
  guint32 thread; /* its place */
} MsHeapEntry;

/* Takes a batch that is full, NULL at first, or the last one (@more FALSE), and lends an empty one. */
typedef struct {
  MsMatchedBatch *(*take) (gpointer data, MsMatchedBatch *batch, gboolean more);
  gpointer data;
} MsMatchedSink;

/* TrkDropReason, and 0 for one that is not known here. */
#define MS_N_DROP_REASONS (TRK_DROP_UNKEPT + 1)

struct _MsMatcher {
  MsMatcherOptions options;
  MsClock *clock;
  MsBlockIndex *index;
  const MsMatchedSink *sink;
  MsMatchedBatch *out; /* being filled */

  GPtrArray *diagnostics; /* borrowed */
  MsThreadLife *threads;  /* in the order in which they were met: that of their ids at first */
  guint n_threads;
  MsKeyMap thread_numbers; /* id → place; filled by renew () */
  GArray *free_places;     /* of guint32: of threads that were forgotten */
  guint32 forgotten;       /* the place of all of these; MS_NO_PLACE: there are none */
  guint64 n_forgotten, n_forgotten_bytes; /* bytes: of their blocks, none of which is to grow */
  GByteArray *forgotten_ids;              /* a bit for each id */
  const MsEventSource *source;
  MsHeapEntry *heap;
  guint n_heap;

  MsLiveTable live[MS_N_DOMAINS];
  GArray *site_threads; /* of guint32: whose each site is; MS_NO_PLACE: it is a free one */
  GArray *free_sites;   /* of guint32: numbers to be used again */
  MsEarlyFrees early;

  guint64 now; /* ticks of the event in hand */
  guint64 look_ahead_ticks, error_ticks;
  gboolean sampled;
  guint32 n_blocks; /* allocated so far, modulo 2^32 */

  guint n_rules;     /* set while the program ran */
  guint n_samplings; /* likewise */
  double said_rate;  /* what the last one said was set */
  guint64 said_interval_bytes;
  guint64 n_events, n_dropped, n_repaired, n_unrepaired;
  guint64 n_dropped_for[MS_N_DROP_REASONS]; /* by TrkDropReason */
  guint64 n_looked_at;                      /* events, in searches for misplaced ones */
  guint64 n_vain_events;                    /* of these, for frees that were nowhere */
};

/* Threads and their streams come from the event blocks of @index.  @source and @sink outlive it, as do
 * @diagnostics. */
void ms_matcher_init (MsMatcher *self,
                      MsBlockIndex *index,
                      MsClock *clock,
                      GPtrArray *diagnostics,
                      const MsMatcherOptions *options,
                      const MsEventSource *source,
                      const MsMatchedSink *sink);
/* Nobody may be reading its streams any more. */
void ms_matcher_clear (MsMatcher *self);

/* The folder grew, and @index was read anew.  Threads keep their places; new ones come behind, or where one was that
 * was forgotten.  FALSE: one of these went on, and all has to begin anew. */
gboolean ms_matcher_renew (MsMatcher *self, MsBlockIndex *index, const MsMatcherOptions *options);

/* Called with the bytes read so far. */
typedef void (*MsMatcherProgress) (guint64 n_bytes, gpointer user_data);

/* FALSE: cancelled. */
gboolean ms_matcher_run (MsMatcher *self,
                         GCancellable *cancellable,
                         MsMatcherProgress progress,
                         gpointer user_data,
                         GError **error);

/* Says what was met in streams that were not read to their end.  Nobody may be reading. */
void ms_matcher_report (MsMatcher *self);

/* --- for ms-forgotten.c, while nobody reads or counts ----------------------------------------------- */

/* The place of those that are forgotten. */
guint32 ms_matcher_begin_forgetting (MsMatcher *self);
/* Gives the @chosen places, one byte each, to threads to come.  Their sites are that of the whole by now. */
void ms_matcher_forget (MsMatcher *self, const guint8 *chosen);

/* --- what one event does; ms-matcher-apply.c and ms-matcher-notes.c --------------------------------- */

typedef enum {
  MS_FREE_NEXT,      /* the thread's next recorded event */
  MS_FREE_TEMPORARY, /* the same, and the recorder says that it was the next operation too */
  MS_FREE_LATE,      /* applied out of its turn */
  MS_FREE_UNSEEN     /* likewise: it is in no stream */
} MsFreeOrder;

void ms_matcher_alloc (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event);
/* FALSE: nothing is live at @address. */
gboolean ms_matcher_free (MsMatcher *self,
                          MsThreadLife *thread,
                          guint64 address,
                          guint domain,
                          MsFreeOrder order);
void ms_matcher_unmatched (MsMatcher *self, MsThreadLife *thread, guint domain, gboolean foreign);
/* The number of a stack of @thread in @domain, said to who counts if it is new. */
guint32 ms_matcher_site (MsMatcher *self, MsThreadLife *thread, guint domain, guint32 stack);
MsUnmatchedReason ms_matcher_reason (const MsMatcher *self,
                                     const MsThreadLife *thread,
                                     gboolean foreign);
/* Of frees that sampling only counted. */
MsUnmatchedReason ms_matcher_reason_of_skipped (const MsMatcher *self, const MsThreadLife *thread);
void ms_matcher_note (MsMatcher *self, MsThreadLife *thread, const MsStreamNote *note);

/* The next record to fill in. */
MsMatched *ms_matcher_flush (MsMatcher *self);

static inline MsMatched *
ms_matcher_emit (MsMatcher *self)
{
  if (G_UNLIKELY (self->out->n == MS_MATCHED_PER_BATCH))
    return ms_matcher_flush (self);
  /* The batch was read on another processor, which has its lines. */
  __builtin_prefetch (&self->out->events[self->out->n + MS_MATCHED_AHEAD], 1);
  return &self->out->events[self->out->n++];
}

G_END_DECLS
