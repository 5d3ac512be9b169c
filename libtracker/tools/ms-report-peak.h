/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The section about the peak: what was live at that moment, by thread and by call stack. */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_peak_append (GString *out, MsReport *report);
/* The value of "peak". */
void ms_report_peak_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
