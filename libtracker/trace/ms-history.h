/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A history that can be asked: the columns of ms-history-format.h, mapped and checked.
 *
 * An *event* is named by its number in the order in which all of them took effect; a stretch of time becomes
 * a stretch of such numbers once, by ms_history_find_time(), and then every question is a scan.  Immutable;
 * may be used from any thread.
 */
#pragma once

#include "ms-history-format.h"

G_BEGIN_DECLS

typedef struct _MsHistory MsHistory;

/* What a trace must be for a history to be its. */
typedef struct {
  guint n_threads, n_stacks;
  gint64 duration_ns;
} MsHistoryShape;

/* Maps the file of @fd, which stays the caller's.  NULL with G_IO_ERROR_INVALID_DATA if it is not a whole
 * history of the folder with @digest; @verify: reads all of it to see whether its checksums are right.
 * (transfer full) */
MsHistory *ms_history_open (int fd, const MsFolderDigest *digest, gboolean verify, GError **error);
/* The one in the user's cache; one that is not right is removed from it. (transfer full) */
MsHistory *ms_history_open_cached (const MsFolderDigest *digest, GError **error);
/* Whether its threads and stacks are those of a trace. */
gboolean ms_history_fits (const MsHistory *self, const MsHistoryShape *shape);
MsHistory *ms_history_ref (MsHistory *self);
void ms_history_unref (MsHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsHistory, ms_history_unref)

typedef struct {
  guint32 n_events, n_frees, n_reallocs;
  guint64 first_event, first_block;
  const guint32 *sizes, *sites;
  const guint32 *births;
  const guint16 *threads;      /* NULL: they are wide */
  const guint32 *wide_threads; /* NULL: they are not */
  const guint8 *ages;
  const guint32 *old_blocks;
  const guint64 *old_bytes;
  const MsHistoryGroup *groups;
  const guint8 *times;
  guint32 n_time_bytes;
  const float *weights; /* NULL: all are 1 */
  const guint32 *requested;
  const guint8 *halves; /* of all sorts, as nobody has checked them */
} MsHistoryColumns;

typedef struct {
  guint32 n_sites;
  guint64 n_pairs;
  const guint64 *allocated_bytes, *freed_bytes;
  const guint32 *allocations, *frees, *temporary, *reallocations;
  const guint64 *pair_frees, *pair_bytes;
} MsHistorySums;

guint64 ms_history_get_n_events (const MsHistory *self);
gboolean ms_history_is_sampled (const MsHistory *self);
guint ms_history_get_n_segments (const MsHistory *self);
/* The one that event @event is in; the number of segments for one after the last. */
guint ms_history_find_segment (const MsHistory *self, guint64 event);
guint64 ms_history_get_first_event (const MsHistory *self, guint segment);
void ms_history_get_columns (const MsHistory *self, guint segment, MsHistoryColumns *columns);

/* What came before segment @segment, which is a multiple of MS_HISTORY_CHECKPOINT_SEGMENTS or the number
 * of segments.  FALSE: there is none (@segment is 0, or the trace is sampled). */
gboolean ms_history_get_sums (const MsHistory *self, guint segment, MsHistorySums *sums);

guint32 ms_history_get_n_sites (const MsHistory *self);
const MsHistorySite *ms_history_get_sites (const MsHistory *self);
const MsHistoryMapping *ms_history_get_mappings (const MsHistory *self, guint64 *n);
const MsHistoryPair *ms_history_get_pairs (const MsHistory *self, guint64 *n);

/* Of an event whose size is MS_HISTORY_LARGE. */
guint64 ms_history_find_large (const MsHistory *self, guint64 event);

/* The first event at @ns or later. */
guint64 ms_history_find_time (const MsHistory *self, gint64 ns);
gint64 ms_history_get_time (const MsHistory *self, guint64 event);
/* Blocks that were born before @event. */
guint64 ms_history_count_blocks (const MsHistory *self, guint64 event);

static inline guint64
ms_history_bytes (const MsHistory *self, const MsHistoryColumns *columns, guint32 at)
{
  guint32 size = columns->sizes[at] & MS_HISTORY_SIZE;

  return G_LIKELY (size != MS_HISTORY_LARGE)
             ? size
             : ms_history_find_large (self, columns->first_event + at);
}

/* Of a damaged file too one that can be reckoned with. */
static inline double
ms_history_weight (const MsHistoryColumns *columns, guint32 at)
{
  float weight = columns->weights ? columns->weights[at] : 1;

  return weight >= 1 ? MIN (weight, 1e10F) : 1;
}

/* What the program asked for, where a sampled trace has it weighted. */
static inline guint64
ms_history_requested (const MsHistory *self, const MsHistoryColumns *columns, guint32 at)
{
  if (columns->requested == NULL)
    return ms_history_bytes (self, columns, at);
  if (G_LIKELY (columns->requested[at] != MS_HISTORY_LARGE_REQUEST))
    return columns->requested[at];
  return (guint64) MIN ((double) ms_history_bytes (self, columns, at)
                            / ms_history_weight (columns, at),
                        0x1p62);
}

static inline guint32
ms_history_free_thread (const MsHistoryColumns *columns, guint32 at)
{
  return columns->threads ? columns->threads[at] : columns->wide_threads[at];
}

G_END_DECLS
