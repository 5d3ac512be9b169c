/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How well a stretch of time was sampled: the ticks that were missed, and what was never to be had.
 *
 *   ticks      o  o  o  .  .  o  o  o      the process's samples; where two are further apart than 1.5 ticks,
 *   gaps               └────┘              those between them were missed: nobody woke up, or looked
 *
 *   collector  GPU: not measured, this system does not have it
 *              I/O of threads: of 3 of 4; it had ended before it was read
 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

/* A time without samples. */
typedef struct {
  gint64 start_ns, end_ns; /* of the samples around it, or where the stretch begins or ends */
  guint64 n_missed;
} MsSampleGap;

typedef struct {
  const char *name;  /* "gpu_nvidia"; static */
  const char *label; /* for people: "GPU (NVIDIA)"; static */
  guint n_sources;   /* that the recording knows of: threads, disks, … */
  guint n_measured;  /* of these, those with samples */
  /* Why the others, or there is none, were not measured: static; NULL: all were. */
  const char *reason;
} MsCollector;

/* How much of a stretch was sampled, and what it cost.  The arrays belong to it. */
typedef struct {
  gboolean has_samples;
  gint64 interval_ns; /* that samples were meant to be apart; 0: unknown, and no gap is known */
  guint64 n_samples;  /* of the process in the stretch */
  guint64 n_missed;
  GArray *gaps;       /* of MsSampleGap, longest first */
  GArray *collectors; /* of MsCollector: over the whole recording, whatever the stretch */
} MsResourceCoverage;

/* Of @view's range. (transfer full) */
MS_API MsResourceCoverage *ms_resource_coverage_new (MsView *view);
MS_API void ms_resource_coverage_free (MsResourceCoverage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceCoverage, ms_resource_coverage_free)

G_END_DECLS
