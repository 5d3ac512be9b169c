/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a recording does not say, and why.  An export writes null for such a figure and this reason
 * once; it never writes a stand-in.
 */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

typedef enum {
  MS_NOT_MEASURED_MEMORY,     /* allocations */
  MS_NOT_MEASURED_LIVE,       /* live, leaked and peak bytes */
  MS_NOT_MEASURED_CPU,        /* processor share of a thread */
  MS_NOT_MEASURED_SYSTEM_CPU, /* cores, load */
  MS_NOT_MEASURED_IO,
  MS_NOT_MEASURED_NETWORK,
  MS_NOT_MEASURED_GPU,
  MS_NOT_MEASURED_TIMELINE,    /* resource samples over time */
  MS_NOT_MEASURED_CORRELATION, /* of samples; that of threads is there */
  MS_NOT_MEASURED_CPU_EFFICIENCY,
  MS_N_NOT_MEASURED
} MsNotMeasured;

/* One sentence without its full stop; NULL: the recording says it. */
const char *ms_not_measured_reason (MsExportView *view, MsNotMeasured what);

/* An object of every key that the recording does not say, with its reason. */
void ms_not_measured_write_all (MsJsonWriter *writer, MsExportView *view);

G_END_DECLS
