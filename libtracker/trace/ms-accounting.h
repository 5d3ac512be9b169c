/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the matched events add up to: the conventions of ms-types.h in C.
 *
 *   MsMatched ──▶ site of the block ──▶ its thread's tally, its stack's curve, the process's curve
 *
 * Takes batches in order, on whichever thread has the time; ms-trace-build.c turns the sums into the
 * figures that people see.
 */
#pragma once

#include "ms-clock.h"
#include "ms-growth.h"
#include "ms-matched.h"
#include "ms-stack-table.h"
#include "ms-tally.h"

G_BEGIN_DECLS

typedef struct _MsMappings MsMappings;
typedef struct _MsHistoryWriter MsHistoryWriter;

typedef struct {
  MsTally *tallies[MS_N_DOMAINS]; /* NULL: nothing in that domain */
  MsRealloc reallocs[MS_N_DOMAINS];
  guint8 remap_kind;    /* of what its latest mremap took */
  guint32 last_mapping; /* 1 + its number, if its latest call of the mmap family made one */
} MsAccountThread;

typedef struct {
  const MsClock *clock;
  MsStackTable *stacks;
  gint64 span_ns; /* of all bins of a series */
  guint n_bins;
  gboolean is_followed; /* more may come after what is asked for */
  gboolean is_ring;     /* of each thread the last events are there */

  MsAccountThread *threads;
  guint n_threads;
  MsFigure process[MS_N_DOMAINS];
  MsLiveSeries process_series[MS_N_DOMAINS];
  guint n_stacks;
  MsFigure *stack_figures[MS_N_DOMAINS]; /* by stack number; NULL: domain not there */
  GPtrArray *tallies;                    /* of MsTally * */
  MsSite *sites;
  MsSiteVariance *variances; /* of sites; NULL: not sampled, and no ring */
  guint32 n_sites, max_sites;
  GArray *pairings; /* of MsPairing */
  MsKeyMap pairing_numbers;
  MsGrowth growth[MS_N_DOMAINS];
  MsMappings *mappings;     /* NULL: none in the trace */
  MsHistoryWriter *history; /* NULL: nobody wants one */

  guint64 now; /* ticks of the event in hand */
  guint32 bin;
  guint64 next_bin_ticks;
} MsAccounting;

void ms_accounting_init (MsAccounting *self,
                         const MsClock *clock,
                         MsStackTable *stacks,
                         guint n_threads,
                         guint n_bins,
                         gint64 span_ns);
void ms_accounting_clear (MsAccounting *self);

void ms_accounting_take (MsAccounting *self, const MsMatchedBatch *batch);
/* Blocks that grew by realloc, as of now. (transfer full) (element-type MsGrowthChains) */
GArray *ms_accounting_count_growth (const MsAccounting *self, guint domain);

/* The folder grew: there are so many threads now, the stack table has more stacks, and what is to come may be
 * as late as @duration_ns. */
void ms_accounting_renew (MsAccounting *self, guint n_threads, gint64 duration_ns);

/* --- the pieces of that, for ms-mappings.c and ms-forgotten.c ------------------------------------------------------- */

MsTally *ms_accounting_tally (MsAccounting *self, guint32 thread, guint domain);
/* A block without a sampling weight. */
void ms_accounting_count_alloc (MsTally *tally, MsSite *site, guint64 size);
void ms_accounting_change_live (MsAccounting *self, MsSite *site, guint64 bytes, gboolean add);
void ms_accounting_pairing (MsAccounting *self,
                            MsTally *owner,
                            guint32 thread,
                            guint n_frees,
                            guint64 bytes);
void ms_accounting_count_pairing (MsAccounting *self, MsTally *owner, const MsMatched *event);
/* What is in @more, of the same two, beside what is there. */
void ms_accounting_add_pairing (MsAccounting *self, const MsPairing *more);
void ms_accounting_unmatched (MsTally *tally, MsUnmatchedReason reason);

G_END_DECLS
