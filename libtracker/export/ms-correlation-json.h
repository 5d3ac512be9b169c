/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Do threads that compute more allocate more?  A point a thread of which the processor time is known, the
 * correlation of all of them, and the line through them; or why nothing can be said.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-json-writer.h"
#include "ms-resource-join.h"

G_BEGIN_DECLS

/* A member "correlation_metrics" with at most @most points; the correlation is of all threads of @view, over what it
 * shows of their lives.  "over_time" in it is of samples in the view's range: of the process, and of those of the
 * threads with the highest peaks.  @join: of @view.  @settings NULL: the defaults. */
void ms_correlation_json_add (MsJsonWriter *writer,
                              MsView *view,
                              MsDomain domain,
                              const MsResourceJoin *join,
                              const MsAnalysisSettings *settings,
                              guint most);

G_END_DECLS
