/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The section about blocks that realloc made larger again and again: where reserving would have saved copies. */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_growth_append (GString *out, MsReport *report);
/* The value of "growth". */
void ms_report_growth_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
