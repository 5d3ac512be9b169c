/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The section about what the figures mean: who holds the memory, what holds the program up, what is out of
 * the ordinary, where the memory is, whether threads that compute more allocate more, and which threads lead.
 * A report has no samples: what only these could tell is not available, with the reason.
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_verdicts_append (GString *out, MsReport *report);
/* The value of "verdicts": the objects of the same names in the export. */
void ms_report_verdicts_write (MsJsonWriter *writer, MsReport *report);

/* A line below the header, if most of the memory is not in the heap. */
void ms_report_outside_heap_append (GString *out, MsReport *report);

G_END_DECLS
