/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was sampled beside the heap, in the range that the report is of:
 *
 *   Resources
 *     CPU time        1.24 s   31.0 % of one core, 95.0 % at most
 *     resident        12.3 MB  at most; 9.1 MB anonymous, 3.2 MB of files, 0 B shared
 *     …
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_resources_append (GString *out, MsReport *report);
/* The value that is due. */
void ms_report_resources_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
