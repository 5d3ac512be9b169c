/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The history of a trace: all of its matched events in columns, in one file of this machine's own byte
 * order, which is mapped and scanned.
 *
 *   header │ segment ▸ segment ▸ … checkpoint ▸ segment ▸ … │ tables
 *
 *   segment     up to 65 536 events in the order in which they took effect:
 *     of each event        size and what it is (4 bytes), site (4)
 *     of each free         number of the block (4), thread that freed (2 or 4), log2 of the age in ns (1)
 *     of each realloc      number (4) and size (8) of the old block
 *     of each 1024 events  time of the first; the others as differences of ns, 7 bits a byte
 *     of a sampled trace   weight and requested size of each event (4 + 4), half of its block (1; as in
 *                          ms-sampled-curve.h); the size above is weighted
 *   checkpoint  each 64 segments, and at the end: what all sites have summed up to so far
 *   tables      the segments, the checkpoints, the sites, sizes of 1 GiB and more, the domain mapping (whose
 *               blocks are unmapped piece by piece), pairs of threads
 *
 * A free tells its block's site, size and number, so that no scan looks anything up: whether a block is from
 * before a moment is a comparison of two numbers, and every question is one or two streams of 4-byte words.
 * About 14 bytes an event.  Written by ms-history-writer.c, read by ms-history.c, which takes each byte of it
 * as hostile.
 */
#pragma once

#include "ms-folder-digest.h"
#include "ms-types.h"

G_BEGIN_DECLS

#define MS_HISTORY_MAGIC "MSHISTRY"
#define MS_HISTORY_VERSION 2
#define MS_HISTORY_CACHE_KIND "history-2"
#define MS_HISTORY_HEADER_BYTES 4096

#define MS_HISTORY_SEGMENT_EVENTS 65536U
#define MS_HISTORY_GROUP_EVENTS 1024U
#define MS_HISTORY_CHECKPOINT_SEGMENTS 64U
#define MS_HISTORY_GROUPS (MS_HISTORY_SEGMENT_EVENTS / MS_HISTORY_GROUP_EVENTS)
/* A difference of two times of 63 bits. */
#define MS_HISTORY_MAX_TIME_BYTES 9U

/* The word of an event's size. */
#define MS_HISTORY_FREE 0x80000000U
#define MS_HISTORY_FLAG 0x40000000U /* an allocation: by realloc; a free: of a temporary one */
#define MS_HISTORY_SIZE 0x3fffffffU
#define MS_HISTORY_LARGE MS_HISTORY_SIZE /* its size is in the table of large ones */

/* What was requested when that is no less: to be found from the event's weighted bytes. */
#define MS_HISTORY_LARGE_REQUEST G_MAXUINT32

#define MS_HISTORY_NO_BLOCK G_MAXUINT32

enum {
  MS_HISTORY_SAMPLED = 1,
  MS_HISTORY_WIDE_THREADS = 2 /* 4 bytes each */
};

typedef struct {
  guint64 offset, n; /* in the file; of elements */
} MsHistoryTable;

typedef struct {
  guint64 offset; /* of its columns */
  guint64 first_event, first_block;
  gint64 first_ns;
  guint32 n_events, n_frees, n_reallocs, n_time_bytes;
  guint64 flags; /* MS_HISTORY_SAMPLED: it has weights */
  guint64 checksum;
} MsHistorySegment;

typedef struct {
  gint64 first_ns;
  guint64 first_time_byte;
} MsHistoryGroup;

/* What came before segment @segment. */
typedef struct {
  guint64 offset;
  guint32 segment, n_sites;
  guint64 n_pairs;
  guint64 checksum;
} MsHistoryCheckpoint;

typedef struct {
  guint32 thread; /* by index */
  guint32 stack;  /* public number */
  guint32 domain;
} MsHistorySite;

typedef struct {
  guint64 event, bytes;
} MsHistoryLarge;

enum {
  MS_HISTORY_MAPPED = 1,        /* else a piece was unmapped */
  MS_HISTORY_MAPPING_MOVED = 2, /* by mremap */
  MS_HISTORY_MAPPING_ENDS = 4,  /* it was the last piece */
  MS_HISTORY_MAPPING_TEMPORARY = 8
};

typedef struct {
  gint64 ns, birth_ns;
  guint64 bytes;
  guint32 site, thread; /* thread: that unmapped */
  guint64 flags;
} MsHistoryMapping;

/* Who freed whose blocks. */
typedef struct {
  guint32 owner, freer, domain; /* threads by index */
} MsHistoryPair;

typedef struct {
  char magic[8];
  guint32 version, header_bytes;
  guint64 file_bytes;
  MsFolderDigest digest;
  guint32 flags, n_threads, n_stacks, reserved;
  guint64 n_events, n_blocks;
  gint64 duration_ns;
  MsHistoryTable segments, checkpoints, sites, large, mappings, pairs;
  guint64 tables_checksum; /* over all of them, in this order */
  guint64 checksum;        /* of the header up to here */
} MsHistoryHeader;

G_STATIC_ASSERT (sizeof (MsHistoryHeader) <= MS_HISTORY_HEADER_BYTES);

/* Where the columns of a segment begin, from its offset on, and where it ends; each 8-aligned. */
typedef struct {
  guint64 sizes, sites, births, threads, ages, old_blocks, old_bytes, groups, times, weights,
      requested, halves, end;
} MsHistoryLayout;

static inline MsHistoryLayout
ms_history_layout (const MsHistorySegment *segment, guint32 flags)
{
  guint64 n = segment->n_events, n_frees = segment->n_frees, n_reallocs = segment->n_reallocs,
          at = 0;
  guint64 n_groups = (n + MS_HISTORY_GROUP_EVENTS - 1) / MS_HISTORY_GROUP_EVENTS;
  guint64 n_sampled = segment->flags & MS_HISTORY_SAMPLED ? n : 0;
  guint thread_bytes = flags & MS_HISTORY_WIDE_THREADS ? 4 : 2;
  MsHistoryLayout layout;

#define PLACE(column, n_bytes) \
  layout.column = at; \
  at = (at + (n_bytes) + 7) & ~(guint64) 7
  PLACE (sizes, n * 4);
  PLACE (sites, n * 4);
  PLACE (births, n_frees * 4);
  PLACE (threads, n_frees * thread_bytes);
  PLACE (ages, n_frees);
  PLACE (old_blocks, n_reallocs * 4);
  PLACE (old_bytes, n_reallocs * 8);
  PLACE (groups, n_groups * sizeof (MsHistoryGroup));
  PLACE (times, segment->n_time_bytes);
  PLACE (weights, n_sampled * 4);
  PLACE (requested, n_sampled * 4);
  PLACE (halves, n_sampled);
#undef PLACE
  layout.end = at;
  return layout;
}

/* The sums of a checkpoint: columns likewise. */
typedef struct {
  guint64 allocated_bytes, freed_bytes;                 /* 8 bytes a site */
  guint64 allocations, frees, temporary, reallocations; /* 4 */
  guint64 pair_frees, pair_bytes;                       /* 8 bytes a pair */
  guint64 end;
} MsHistorySumsLayout;

static inline MsHistorySumsLayout
ms_history_sums_layout (const MsHistoryCheckpoint *checkpoint)
{
  guint64 n = checkpoint->n_sites, four = (n * 4 + 7) & ~(guint64) 7;
  MsHistorySumsLayout layout = { .freed_bytes = n * 8, .allocations = n * 16 };

  layout.frees = layout.allocations + four;
  layout.temporary = layout.frees + four;
  layout.reallocations = layout.temporary + four;
  layout.pair_frees = layout.reallocations + four;
  layout.pair_bytes = layout.pair_frees + checkpoint->n_pairs * 8;
  layout.end = layout.pair_bytes + checkpoint->n_pairs * 8;
  return layout;
}

/* Finds what a disk did to a column; no match for somebody who means harm, against whom the reader checks
 * each number before it uses it.  Of several columns one after the other, with what it gave last as @seed,
 * and 0 for the first. */
guint64 ms_history_checksum (guint64 seed, const void *bytes, gsize n);

G_END_DECLS
