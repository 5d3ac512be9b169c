/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From the ticks of a trace to nanoseconds since its start.
 *
 *        ns │          ╱─ knots: pairs (ticks, CLOCK_MONOTONIC ns) read together by the recorder when it
 *           │      ·──·   opens and seals blocks; straight lines between them, the mean slope outside
 *           │  ·──·
 *           └────────── ticks
 *
 * Pairs too close together are not used: the two clocks are not read at the same instant, and over
 * a microsecond that error would be a slope.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 ticks;
  gint64 ns;
} MsClockPair;

typedef struct {
  gboolean identity;  /* ticks are nanoseconds of CLOCK_MONOTONIC */
  gint64 start_ns;    /* CLOCK_MONOTONIC of the trace's time 0 */
  GArray *knots;      /* of MsClockPair, both rising; not when identity */
  double ns_per_tick; /* mean */
  gboolean jumped;    /* the slope of a part differs much from the mean */
  gboolean guessed;   /* no two pairs far enough apart */
} MsClock;

/* @pairs: of MsClockPair in any order, sorted here.  @start_ns 0: unknown, the earliest pair's. */
void ms_clock_init (MsClock *self, gboolean identity, gint64 start_ns, GArray *pairs);
void ms_clock_clear (MsClock *self);

/* ns since the start of the trace, never negative, never falling when @ticks rises. */
gint64 ms_clock_to_ns (const MsClock *self, guint64 ticks);
/* The same, for ticks that rise from call to call; *@near, 0 at first, is where the last one was found. */
gint64 ms_clock_to_ns_near (const MsClock *self, guint *near, guint64 ticks);
/* The least ticks whose time is about @ns. */
guint64 ms_clock_to_ticks (const MsClock *self, gint64 ns);

G_END_DECLS
