/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Do threads that compute more allocate more?  A point a thread of which the processor time is known, the
 * correlation of all of them, and the line through them; or why nothing can be said.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-json-writer.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* A member "correlation_metrics" with at most @most points; the correlation is of all.  @settings NULL:
 * the defaults. */
void ms_correlation_json_add (MsJsonWriter *writer,
                              MsTrace *trace,
                              const MsAnalysisSettings *settings,
                              guint most);

G_END_DECLS
