/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the figures come from that conditions of `memscope report --fail-on` are held against. */
#pragma once

#include "ms-condition.h"
#include "ms-report.h"

G_BEGIN_DECLS

/* Complains of those that are met.  @where: (nullable): which process.  Returns the exit status. */
int ms_report_conditions_check (GPtrArray *conditions, MsReport *report, const char *where);

G_END_DECLS
