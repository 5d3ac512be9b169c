/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The samples joined with a view of their trace: what each thread, the process and the machine did in the
 * time that the view is of.  Reports, exports and pages ask this and hand its parts on to roles, scores,
 * bottlenecks and correlations.
 *
 * There is one for every trace: without samples it has what threads read themselves as they ended, and of all
 * else the reason why there is nothing.
 */
#pragma once

#include "ms-resources.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* One device of several; what does not apply to its kind is not measured. */
typedef struct {
  guint source;     /* as for ms_resource_series_get() */
  guint number;     /* of a processor or GPU; local port of a connection */
  const char *name; /* the resources' */
  MsMeasured busy_percent;
  MsMeasured read_bytes_per_second;    /* disk: read; interface: received */
  MsMeasured written_bytes_per_second; /* disk: written; interface: sent */
  MsMeasured memory_used_bytes, memory_total_bytes;
} MsDeviceUse;

/* Everything that was sampled, joined with the trace.  All of it belongs to it. */
typedef struct {
  MsTrace *trace;
  gboolean has_samples;
  guint n_threads;
  MsThreadResources *threads; /* by index of thread */
  MsProcessResources process;
  MsProcessResources process_at_end; /* levels as they were last; the rest as in process */
  MsSystemResources system;
  GArray *processors; /* of MsDeviceUse, as the next three */
  GArray *disks;      /* those that hardware stands behind, where that is known of any */
  GArray *interfaces; /* without loopback */
  GArray *gpus;
} MsResourceJoin;

/* Over the view's range; the view's threads and stacks choose nothing here.  One pass over the samples.
 * (transfer full) */
MS_API MsResourceJoin *ms_resource_join_new (MsView *view);
MS_API void ms_resource_join_free (MsResourceJoin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceJoin, ms_resource_join_free)

G_END_DECLS
