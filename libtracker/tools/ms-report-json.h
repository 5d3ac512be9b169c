/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine's form of `memscope report`; its keys are a contract. */
#pragma once

#include "ms-json-writer.h"
#include "ms-name-resolver.h"
#include "ms-recording.h"

G_BEGIN_DECLS

/* One object for @trace.  The top level is its main domain; "heap", "declared" and "mapping" are objects of
 * the same shape for the others that it has.  @process: (nullable): adds who it was, for a list of
 * several. */
void ms_report_json_write (MsJsonWriter *writer,
                           MsTrace *trace,
                           MsNameResolver *resolver,
                           const MsProcess *process,
                           guint top);

/* The object of a process without a trace: who it was, and why. */
void ms_report_json_write_absent (MsJsonWriter *writer, const MsProcess *process);

G_END_DECLS
