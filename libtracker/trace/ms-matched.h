/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the matcher found out about each event, in the order in which it takes effect, for whoever counts:
 *
 *   streams ──▶ matcher ──▶ batch of MsMatched ──▶ accounting ──▶ tallies, sites, curves
 *                                                 (another thread)
 *
 * A record can be counted without the matcher's tables and without what other records say about the
 * same block, so that the two work at the same time.
 */
#pragma once

#include "ms-event-stream.h"

G_BEGIN_DECLS

typedef enum {
  MS_MATCHED_ALLOC,
  MS_MATCHED_FREE,
  MS_MATCHED_UNMATCHED, /* a free of nothing: @detail says of what */
  MS_MATCHED_SITE,      /* @site is new: @stack of @thread in @domain */
  MS_MATCHED_NOTE       /* SKIPPED, EARLIER, MAP, UNMAP, REMAP: @number in the batch's notes */
} MsMatchedKind;

enum {
  MS_MATCHED_REALLOC = 1,   /* by a realloc of a block; a FREE only if its allocation may follow */
  MS_MATCHED_TEMPORARY = 2, /* FREE: by its thread's next operation */
  MS_MATCHED_MOVED = 4,     /* FREE: of a block that came out of a realloc */
  MS_MATCHED_SAMPLED = 8,   /* weights count: some thread has been sampled */
  MS_MATCHED_UNSEEN = 16    /* FREE: by nobody that is known, as its address was handed out again */
};

/* Whose block a free freed that matches none. */
typedef enum {
  MS_UNMATCHED_UNKNOWN,
  MS_UNMATCHED_UNKEPT,    /* one that sampling left out: a deallocation */
  MS_UNMATCHED_UNSURE,    /* that, or another one: what @number says */
  MS_UNMATCHED_INHERITED, /* see MsTotals for these */
  MS_UNMATCHED_FOREIGN,
  MS_UNMATCHED_PRIOR
} MsUnmatchedReason;

typedef struct {
  guint64 ticks;
  guint64 bytes; /* ALLOC, FREE: requested, times the sampling weight */
  union {
    guint64 size;        /* ALLOC: requested bytes */
    guint64 birth_ticks; /* FREE: of the block */
  };
  guint32 site : 29;  /* ALLOC, FREE, SITE: of the block */
  guint32 halves : 2; /* as in MsLiveBlock */
  guint32 thread;     /* whose event it is */
  guint32
      number; /* ALLOC, FREE: of the block; SITE: the stack's id in the file; NOTE; UNMATCHED, if not sure: a
                     reason */
  float weight;
  guint8 kind;
  guint8 domain;
  guint8 flags;
  guint8 detail; /* UNMATCHED, NOTE: MsUnmatchedReason if nothing is there */
} MsMatched;

#define MS_MATCHED_PER_BATCH 8192
/* So far ahead of a record that is filled in, lines are fetched: a batch ends in room for it. */
#define MS_MATCHED_AHEAD 16

typedef struct {
  guint n;
  MsMatched events[MS_MATCHED_PER_BATCH + MS_MATCHED_AHEAD];
  GArray *notes; /* of TrkEvent */
} MsMatchedBatch;

G_END_DECLS
