/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every sampled field over a stretch of time: what it grew by as a counter, between which values it lay as
 * a level.  One pass over the samples for all of them.
 *
 *   range          ├──────────────────────┤
 *   readings   o        o        o            o        a counter: the first and the last step count as far as
 *                   └ growth, in so much time ┘        they lie in the range
 *
 * Of threads and of the process what is known beside the samples is in it (ms-edge-readings.h).
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

typedef struct {
  double growth;          /* in the range; 0 unless covered_ns > 0 */
  gint64 covered_ns;      /* of the range, by steps between readings */
  double peak_per_second; /* between two readings, half a tick apart or more; negative: none */
  guint n_readings;       /* in the range, or those on both sides of it */
  double least, greatest, mean, last;
  gint64 last_ns; /* of the latest reading that counts */
  /* Of the steps since the last that the peak was looked for in. */
  gint64 pending_ns, pending_to_ns;
  double pending_growth;
} MsFieldTally;

typedef struct _MsResourceTally MsResourceTally;

/* MS_TIME_NONE: without a bound.  (transfer full) */
MsResourceTally *ms_resource_tally_new (MsTrace *trace, gint64 from_ns, gint64 to_ns);
void ms_resource_tally_free (MsResourceTally *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceTally, ms_resource_tally_free)

/* NULL: the field of the source, or of the thread by index, has no reading near the range. */
const MsFieldTally *ms_resource_tally_get (MsResourceTally *self, guint source, guint field);
const MsFieldTally *ms_resource_tally_get_thread (MsResourceTally *self, guint index, guint field);

G_END_DECLS
