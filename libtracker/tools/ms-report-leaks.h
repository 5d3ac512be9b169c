/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The section about what was never freed, by call stack. */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_leaks_append (GString *out, MsReport *report);
/* The value of "leaks". */
void ms_report_leaks_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
