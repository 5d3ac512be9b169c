/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the events of a stretch and of some threads, as the matcher has put and paired them.
 *
 *   before the stretch   allocations and frees only change what is live; mappings, which are rare, are
 *                        written as they were
 *   at its beginning     what is live is written as allocated 1 ns before
 *   in it                allocations by the chosen threads; frees of chosen blocks by whichever thread, one
 *                        that was not chosen as one that is not recorded
 *
 * Addresses are new ones.  What one thread's order says is kept: an event that was left out and kept its
 * neighbours from being "allocated and freed at once" leaves a record of 0 dropped events.
 */
#pragma once

#include "ms-block-slots.h"
#include "ms-matcher.h"
#include "ms-stream-writer.h"
#include "ms-trim-private.h"

G_BEGIN_DECLS

typedef struct {
  gint64 ns;
  guint64 address;
  gboolean is_waiting;
  guint8 domain;
} MsTrimRealloc;

typedef struct {
  MsStreamWriter *stream; /* NULL: nothing of it yet */
  MsThread *thread;
  gboolean is_chosen;
  guint n_names_written;
  gboolean started, ended;
  guint64
      last_alloc; /* number + 1 of the block that its latest record allocated; 0: it did something else */
  gboolean has_unmatched;
  guint64 n_unmatched[MS_N_DOMAINS]
                     [2]; /* to be written; [1]: as of a thread that is not recorded */
  MsTrimRealloc realloc;  /* its old block is freed; the new one may follow */
  TrkEvent remap;         /* its old part ended; the new one follows */
  gint64 remap_ns;
  gboolean has_remap;
  gint64 replaces_ns; /* when a mapping that replaces others began */
  double rate;        /* of sampling, as was written last */
  guint64 interval_bytes;
} MsTrimThread;

typedef struct {
  guint32 thread; /* index */
  guint32 stack;  /* id in the old trace */
} MsTrimSite;

/* A block that is live and will be, or was, written. */
typedef struct {
  guint32 thread, number;
  guint64 size;
  guint32 stack;
  float weight;
  guint8 domain;
} MsTrimBlock;

typedef struct {
  MsTrace *trace;
  MsTraceWriter *writer;
  MsNameResolver *resolver; /* or NULL */
  MsTrimTables tables;
  MsMatcher *matcher;
  const MsClock *clock;
  MsTrimFacts facts;
  gboolean begun; /* the stretch */
  MsTrimThread *threads;
  guint n_threads;
  GArray *sites;  /* of MsTrimSite */
  GArray *blocks; /* of MsTrimBlock, by slot */
  MsBlockSlots slots;
  guint64 n_unmatched;
  gint64 last_ns; /* of the latest event of any thread */
  guint32 last_thread;
} MsTrimEvents;

/* @self->trace, writer, matcher, clock and facts are set. */
void ms_trim_events_init (MsTrimEvents *self);
void ms_trim_events_clear (MsTrimEvents *self);

void ms_trim_events_take (MsTrimEvents *self, const MsMatched *event, const TrkEvent *note);
/* After the last one: writes what is still to be, and the ends of threads. */
void ms_trim_events_end (MsTrimEvents *self);

G_END_DECLS
