/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Work on a history, cut into pieces, on a few threads at once.
 *
 * Pieces are numbered and taken in that order by whoever is free; what a worker has added up is joined
 * afterwards.  Sums of whole numbers do not depend on who took what, and only such are formed here: results are
 * the same for any number of workers.
 */
#pragma once

#include "ms-history.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/* @worker: from 0 to ms_history_get_n_workers() − 1; two of them never run with the same number at once. */
typedef void (*MsHistoryWork) (guint piece, guint worker, gpointer data);

/* The caller works too.  FALSE: cancelled, so that not all pieces were done. */
gboolean ms_history_run (guint n_pieces,
                         MsHistoryWork work,
                         gpointer data,
                         GCancellable *cancellable,
                         GError **error);

guint ms_history_get_n_workers (void);
/* For tests and measurements; 0: as many as are of use here. */
void ms_history_set_n_workers (guint n);

/* Of one segment the events that lie in a stretch of the trace. */
typedef struct {
  MsHistoryColumns columns;
  guint32 from, to; /* within the columns */
} MsStretch;

/* Segments that events [@first, @end) touch. */
guint ms_history_count_pieces (const MsHistory *self, guint64 first, guint64 end);
/* @piece: from 0 on. */
void ms_history_get_stretch (const MsHistory *self,
                             guint64 first,
                             guint64 end,
                             guint piece,
                             MsStretch *stretch);
/* The processor's own prefetcher stops at the end of each 4 KiB page, and a scan then waits longer than it works:
 * so a scan asks for the words of so many events at once, so many events ahead. */
#define MS_STRETCH_FETCH_EVENTS 64U
#define MS_STRETCH_FETCH_AHEAD 2048U

/* For a scan that has come to event @at of a column; beyond the column's end nothing happens.  Always inline, as
 * gcc leaves out calls of a function that does no more than prefetch. */
static inline __attribute__ ((always_inline)) void
ms_stretch_look_ahead (const guint32 *column, guint32 at)
{
  const char *ahead = (const char *) (column + at + MS_STRETCH_FETCH_AHEAD);

  if (at % MS_STRETCH_FETCH_EVENTS == 0)
    for (guint line = 0; line < MS_STRETCH_FETCH_EVENTS * sizeof *column; line += 64)
      __builtin_prefetch (ahead + line);
}

/* Frees of the segment before the stretch. */
guint32 ms_stretch_count_frees_before (const MsStretch *self);

/* A free of a marked site: its number among the events, and among the frees, of the segment. */
typedef struct {
  guint32 at, free;
} MsMarkedFree;

#define MS_STRETCH_BLOCK 1024U

/* Lists those of the next MS_STRETCH_BLOCK events from *@at on, which moves on, as does *@free.  Without a
 * branch that depends on an event: every second one is a free, and what a filter chooses is as irregular.
 * FALSE: the stretch has ended, and nothing was listed. */
gboolean ms_stretch_list_frees (const MsStretch *self,
                                const guint8 *marks,
                                guint32 n_sites,
                                guint32 *at,
                                guint32 *free,
                                MsMarkedFree list[MS_STRETCH_BLOCK + 1],
                                guint *n);

G_END_DECLS
