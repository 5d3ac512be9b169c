/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The end of a report: whose functions have no names, why, and what would help. */
#pragma once

#include "ms-report.h"

G_BEGIN_DECLS

/* Objects whose names could not be had for what was printed so far; nothing if there are none. */
void ms_report_missing_append (GString *out, MsReport *report);

G_END_DECLS
