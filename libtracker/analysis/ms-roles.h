/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What kind of thread is it, and should somebody look at it?  The first rule that matches decides.
 * A figure that was not measured never matches a rule.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-resources.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* What a thread mostly does: the first of these that it meets the thresholds of. */
typedef enum {
  MS_ROLE_MEMORY_INTENSIVE,
  MS_ROLE_CPU_INTENSIVE,
  MS_ROLE_IO_INTENSIVE,
  MS_ROLE_BALANCED,
  MS_ROLE_LIGHTWEIGHT,
  MS_N_ROLES
} MsRole;

/* How much attention a thread asks for, the least first. */
typedef enum { MS_ALERT_NORMAL, MS_ALERT_MEDIUM, MS_ALERT_HIGH } MsAlert;

/* Of figures from anywhere: a whole trace, or a range of one.  @resources NULL: nothing but memory was
 * measured.  @settings NULL: the defaults. */
MS_API MsRole ms_role_get (const MsTotals *totals,
                           const MsThreadResources *resources,
                           const MsAnalysisSettings *settings);
MS_API MsAlert ms_alert_get (const MsTotals *totals,
                             const MsThreadResources *resources,
                             const MsAnalysisSettings *settings);

/* Over the whole trace, in its main domain. */
MS_API MsRole ms_role_of_thread (MsTrace *trace,
                                 MsThread *thread,
                                 const MsThreadResources *resources,
                                 const MsAnalysisSettings *settings);
MS_API MsAlert ms_alert_of_thread (MsTrace *trace,
                                   MsThread *thread,
                                   const MsThreadResources *resources,
                                   const MsAnalysisSettings *settings);

/* "memory_intensive", …: the contract of report --json. */
MS_API const char *ms_role_to_string (MsRole role);
MS_API const char *ms_alert_to_string (MsAlert alert);

/* Bytes a second over the thread's life, 0 for a life of no length. */
MS_API double ms_thread_allocation_rate (MsTrace *trace, MsThread *thread);

G_END_DECLS
