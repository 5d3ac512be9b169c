/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The section about threads: one row each, highest peak first. */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_threads_append (GString *out, MsReport *report);
/* The value of "threads" of @domain. */
void ms_report_threads_write (MsJsonWriter *writer, MsReport *report, MsDomain domain);

G_END_DECLS
