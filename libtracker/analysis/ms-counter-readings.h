/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The readings of one source, one after the other, as *steps*: what a field was and became, and when.
 *
 *   time      0.10   0.20   0.30   0.50           a step is the stretch between two readings of a field;
 *   counter   120    150    –      200            what a counter rose by in it, it rose evenly
 *             └─ 30 ─┘└──── 50 ────┘
 *
 * There is no step over something that was said to be absent.  A counter that became smaller has one that
 * whoever counts leaves out (after < before); a level may fall.
 */
#pragma once

#include "ms-resource-samples.h"

G_BEGIN_DECLS

typedef struct {
  guint32 seen; /* fields that had a reading */
  gint64 last_ns[MS_RESOURCE_FIELDS];
  guint64 last[MS_RESOURCE_FIELDS];
} MsCounterReadings;

typedef struct {
  gint64 from_ns, to_ns;
  guint64 before, after;
} MsCounterStep;

/* Takes @field of @sample.  FALSE: it is not there, or there is no step to it. */
gboolean ms_counter_readings_take (MsCounterReadings *self,
                                   const MsResourceSample *sample,
                                   guint field,
                                   MsCounterStep *step);

/* The part of the step that lies in [@from_ns, @to_ns]: 0 to 1. */
double ms_counter_step_share (const MsCounterStep *self, gint64 from_ns, gint64 to_ns);

G_END_DECLS
