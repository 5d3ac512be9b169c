/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The immutable trace.  ms-trace-load.c reads and matches, ms-trace-build.c turns the matcher's
 * counters into this, ms-trace.c answers questions.
 */
#pragma once

#include "ms-accounting.h"
#include "ms-history.h"
#include "ms-live-series.h"
#include "ms-manifest.h"
#include "ms-matcher.h"
#include "ms-module-table.h"
#include "ms-stack-table.h"
#include "ms-thread-private.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef struct {
  MsTotals totals;
  MsLiveSeries series;
  MsTotals *stack_totals; /* by stack, n_stacks */
  guint n_leaking_stacks; /* of which something was never freed */
  GArray *interactions;   /* of MsInteraction */
  GArray *growth;         /* of MsGrowthChains */
  guint64 size_bins[MS_SIZE_BINS], lifetime_bins[MS_LIFETIME_BINS];
  MsBinErrors *bin_errors; /* NULL: they are exact */
} MsTraceDomain;

struct _MsTrace {
  GObject parent_instance;

  char *folder;
  guint8 trace_id[16];
  MsManifest manifest;
  char *program, *executable;
  char **arguments; /* valid UTF-8 */
  MsState state;
  gint exit_status;
  gint pid;
  gint64 duration_ns;
  guint64 n_events, dropped_events;
  GArray *losses; /* of MsLoss: the dropped ones by reason */
  gboolean sampled, pool_is_gone;
  gboolean is_cut_ring;                  /* a ring that has written over events */
  gint64 kept_from_ns;                   /* of a ring: from then on everything is there */
  guint64 n_forgotten_threads;           /* that ended, and of which nothing is left but the sums */
  TrkCounts gone[TRK_N_COUNTED_DOMAINS]; /* likewise: counted, and not there any more */
  GPtrArray *diagnostics;

  guint n_bins;                         /* stored bins of each series */
  MsTraceDomain *domains[MS_N_DOMAINS]; /* NULL: nothing there */
  MsMappingTotals mappings[MS_N_MAPPING_KINDS];
  guint8 *stack_mapping_kinds; /* by stack; NULL: no mappings */
  MsDomain main_domain;
  GPtrArray *threads; /* of MsThread, by id */
  MsThreadDomain
      *forgotten[MS_N_DOMAINS]; /* sums of threads that a follower forgot; NULL: nothing there */
  guint32 *stacks;              /* number in stack_table of each public stack */
  guint n_stacks;
  MsStackTable stack_table;
  MsModuleTable module_table;
  MsResources *resources; /* NULL: nothing was sampled */
  GArray *marks;          /* of MsMark, by time; NULL: none */
  MsHistory *history;     /* NULL: none was wanted, or it could not be kept */
};

/* Without anything in it. (transfer full) */
MsTrace *ms_trace_new (const char *folder);
/* Takes @history, which may be NULL; FALSE if it is not of this trace. */
gboolean ms_trace_adopt_history (MsTrace *self, MsHistory *history);
/* Takes the curves out of @accounting, unless it is followed. */
void ms_trace_build (MsTrace *self, const MsMatcher *matcher, MsAccounting *accounting);
/* Program, arguments, pid and state, from the manifest and the pool. */
void ms_trace_describe_process (MsTrace *self, const MsBlockIndex *index);

/* Most bytes first: the order of public lists. */
int ms_interaction_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
