/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The instants that somebody marked while the program ran:
 *
 *   Marks
 *     1.20 s   mark         before the import
 *     3.41 s   thread-rule  worker-*
 */
#pragma once

#include "ms-report.h"

G_BEGIN_DECLS

/* Nothing where there are none. */
void ms_report_marks_append (GString *out, MsReport *report);

G_END_DECLS
