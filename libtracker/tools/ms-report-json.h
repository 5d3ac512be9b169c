/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine's form of `memscope report`; its keys are a contract. */
#pragma once

#include "ms-json-writer.h"
#include "ms-recording.h"
#include "ms-report.h"

G_BEGIN_DECLS

/* One object for @report.  Its top level is the trace's main domain.  Without @sections, "heap",
 * "declared" and "mapping" are objects of the same shape for the other domains that it has; with some (a bit
 * for each of ms_report_sections), these are members of their names instead of "threads" and "stacks".
 * @process: (nullable): adds who it was, for a list of several. */
void ms_report_json_write (MsJsonWriter *writer,
                           MsReport *report,
                           const MsProcess *process,
                           guint sections);

/* The object of one domain. */
void ms_report_json_domain (MsJsonWriter *writer, MsReport *report, MsDomain domain);

/* The object of a process without a trace: who it was, and why. */
void ms_report_json_write_absent (MsJsonWriter *writer, const MsProcess *process);

G_END_DECLS
