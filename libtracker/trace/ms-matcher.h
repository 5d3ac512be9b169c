/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Merges the streams of all threads in order of time and matches every free with its allocation.
 *
 *   stream 0 ──▶┐ heap by      live tables, one a domain
 *   stream 1 ──▶┼ (ticks, ─▶   alloc: insert     ─▶ tallies, sites, figures, series
 *   stream 2 ──▶┘ thread)      free:  look up
 *
 * The recorder stamps a free before the real free and an allocation after the real malloc, so that
 * this order is true for each address as far as the clocks agree; ms-order.h has the rest.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-clock.h"
#include "ms-event-stream.h"
#include "ms-growth.h"
#include "ms-key-map.h"
#include "ms-live-table.h"
#include "ms-order.h"
#include "ms-stack-table.h"
#include "ms-tally.h"

G_BEGIN_DECLS

typedef struct {
  guint32 id;
  gint tid;
  MsEventStream stream;
  MsTally *tallies[MS_N_DOMAINS]; /* NULL: nothing in that domain */
  GArray *names;                  /* of MsNameSpan */
  guint64 start_ticks, end_ticks;
  gboolean has_start, has_end, has_parent;
  guint32 parent_id;
  guint64 start_routine;
  gint64 cpu_ns;                       /* −1: unknown */
  gboolean recorded, tracking, paused; /* it has events; at its end; not all the time */
  gboolean sampled;                    /* it draws, if only with certainty by now */
  double rate;                         /* sampling in force */
  guint64 interval_bytes;
  double rest_bytes;  /* of the last weighted size, not yet counted */
  guint64 n_weighed;  /* blocks */
  guint64 last_alloc; /* address, if its latest operation was an allocation */
  guint8 last_domain;
  guint8 remap_kind; /* of what its latest mremap took */
  MsRealloc reallocs[MS_N_DOMAINS];
  gboolean reallocating; /* the free in hand is a realloc's */
  guint32 last_mapping;  /* 1 + its number, if its latest call of the mmap family made one */
} MsThreadLife;

typedef struct {
  gboolean forked, some_untracked, began_late;
  gboolean was_off; /* for a time no thread was recorded */
  double sampling_rate;
  guint64 sample_interval_bytes;
  guint n_bins; /* stored bins of the process's series */
  gint64 duration_ns;
  guint64 last_ticks; /* what is later is left out */
} MsMatcherOptions;

typedef struct {
  guint64 ticks;
  guint32 thread;
} MsHeapEntry;

typedef struct _MsMappings MsMappings;

/* TrkDropReason, and 0 for one that is not known here. */
#define MS_N_DROP_REASONS (TRK_DROP_UNKEPT + 1)

struct _MsMatcher {
  MsMatcherOptions options;
  MsClock *clock;
  MsStackTable *stacks;
  MsBlockIndex *index;
  GCancellable *cancellable;

  MsThreadLife *threads;
  guint n_threads;
  MsHeapEntry *heap;
  guint n_heap;

  MsLiveTable live[MS_N_DOMAINS];
  MsFigure process[MS_N_DOMAINS];
  MsLiveSeries process_series[MS_N_DOMAINS];
  MsFigure *stack_figures[MS_N_DOMAINS]; /* by stack number; NULL: domain not there */
  GPtrArray *tallies;                    /* of MsTally * */
  GPtrArray *sites;                      /* of MsSite * */
  MsKeyMap site_numbers;
  GArray *pairings; /* of MsPairing */
  MsKeyMap pairing_numbers;
  MsEarlyFrees early;
  MsGrowth growth[MS_N_DOMAINS];
  MsMappings *mappings; /* NULL: none in the trace */

  guint64 now; /* ticks of the event in hand */
  guint32 bin;
  guint64 next_bin_ticks;
  guint64 look_ahead_ticks, error_ticks;
  gboolean sampled;

  guint n_rules;     /* set while the program ran */
  guint n_samplings; /* likewise */
  double said_rate;  /* what the last one said was set */
  guint64 said_interval_bytes;
  guint64 n_events, n_dropped, n_repaired, n_unrepaired;
  guint64 n_dropped_for[MS_N_DROP_REASONS]; /* by TrkDropReason */
  guint64 n_looked_at;                      /* events, in searches for misplaced ones */
  guint64 n_vain_events;                    /* of these, for frees that were nowhere */
};

/* Threads and their streams come from the event blocks of @index. */
void ms_matcher_init (MsMatcher *self,
                      MsBlockIndex *index,
                      MsClock *clock,
                      MsStackTable *stacks,
                      const MsMatcherOptions *options);
void ms_matcher_clear (MsMatcher *self);

/* Called with the bytes read so far. */
typedef void (*MsMatcherProgress) (guint64 n_bytes, gpointer user_data);

/* FALSE: cancelled. */
gboolean ms_matcher_run (MsMatcher *self,
                         GCancellable *cancellable,
                         MsMatcherProgress progress,
                         gpointer user_data,
                         GError **error);

static inline MsSite *
ms_matcher_site (const MsMatcher *self, guint32 site)
{
  return g_ptr_array_index (self->sites, site);
}

/* ms-accounting.c: what one event does to the counters.  First the pieces of that. */
MsTally *ms_account_tally (MsMatcher *self, MsThreadLife *thread, guint domain);
guint32 ms_account_site (MsMatcher *self, MsTally *tally, guint32 stack_id);
/* A block without a sampling weight. */
void ms_account_count_alloc (MsTally *tally, MsSite *site, guint64 size);
void ms_account_change_live (MsMatcher *self, MsSite *site, guint64 bytes, gboolean add);
void ms_account_pairing (MsMatcher *self,
                         MsTally *owner,
                         guint32 thread,
                         guint n_frees,
                         guint64 bytes);

void ms_account_alloc (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event);
typedef enum {
  MS_FREE_NEXT,      /* the thread's next recorded event */
  MS_FREE_TEMPORARY, /* the same, and the recorder says that it was the next operation too */
  MS_FREE_LATE       /* applied out of its turn */
} MsFreeOrder;

/* FALSE: nothing is live at @address. */
gboolean ms_account_free (MsMatcher *self,
                          MsThreadLife *thread,
                          guint64 address,
                          guint domain,
                          MsFreeOrder order);
void ms_account_unmatched (MsMatcher *self, MsThreadLife *thread, guint domain, gboolean foreign);
void ms_account_note (MsMatcher *self, MsThreadLife *thread, const MsStreamNote *note);
/* After the last event. */
void ms_account_finish (MsMatcher *self);

G_END_DECLS
