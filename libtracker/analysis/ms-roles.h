/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What kind of thread is it, and should somebody look at it?  The first rule that matches decides.
 * A figure that was not measured never matches a rule.  So far that is so for processor time and
 * I/O: roles and alerts rest on memory alone.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

typedef enum {
  MS_ROLE_MEMORY_INTENSIVE,
  MS_ROLE_CPU_INTENSIVE,
  MS_ROLE_IO_INTENSIVE,
  MS_ROLE_BALANCED,
  MS_ROLE_LIGHTWEIGHT,
  MS_N_ROLES
} MsRole;

typedef enum { MS_ALERT_NORMAL, MS_ALERT_MEDIUM, MS_ALERT_HIGH } MsAlert;

/* Every threshold of the rules.  1 MB is 10⁶ bytes. */
typedef struct {
  guint64 memory_peak_bytes;       /* 18 MB: memory intensive above this… */
  guint64 memory_allocations;      /* 1 200: …and above this */
  double cpu_percent;              /* 25 */
  guint64 io_operations;           /* 2 000 */
  guint64 balanced_allocations;    /* 1 000: at least */
  guint64 alert_high_bytes;        /* 20 MB */
  guint64 alert_medium_bytes;      /* 15 MB */
  double alert_high_cpu_percent;   /* 30 */
  double alert_medium_cpu_percent; /* 20 */
} MsThresholds;

MS_API void ms_thresholds_init (MsThresholds *self);

/* @domain: the trace's main domain.  @thresholds NULL: the defaults. */
MS_API MsRole ms_role_of_thread (MsTrace *trace, MsThread *thread, const MsThresholds *thresholds);
MS_API MsAlert ms_alert_of_thread (MsTrace *trace,
                                   MsThread *thread,
                                   const MsThresholds *thresholds);

/* "memory_intensive", …: the contract of report --json. */
MS_API const char *ms_role_to_string (MsRole role);
MS_API const char *ms_alert_to_string (MsAlert alert);

/* Bytes a second over the thread's life, 0 for a life of no length. */
MS_API double ms_thread_allocation_rate (MsTrace *trace, MsThread *thread);

G_END_DECLS
