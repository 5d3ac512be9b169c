/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Asks the model for what a timeline shows: live bytes and allocations of a view, and what was sampled of
 * processor, resident memory, I/O, network and GPU.  For a worker: nothing here touches a widget.
 *
 *   whole   the whole trace, coarsely, once a focus
 *   fine    a stretch of it, each time that the window comes to rest
 *
 * Both have the same lanes in the same order.
 */
#pragma once

#include "ms-document.h"
#include "ms-filter.h"
#include "ms-timeline-data.h"

G_BEGIN_DECLS

typedef struct {
  MsDocument *document;
  MsFilter *filter; /* of threads and stacks, without a range; NULL: none */
  gboolean has_thread;
  guint thread; /* whose processor time and I/O are shown; else the process's */
  gint64 from_ns, to_ns;
  guint n_bins;
} MsTimelineQuery;

/* The lanes of a stretch.  NULL with the errors of ms_view_new(). (transfer full) */
MsTimelineData *ms_timeline_source_load (const MsTimelineQuery *query,
                                         GCancellable *cancellable,
                                         GError **error);
/* The lives of all threads, which the document has at hand. */
void ms_timeline_source_add_lives (MsTimelineData *data, MsDocument *document);

G_END_DECLS
