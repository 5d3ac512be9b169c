/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sections that are trees of functions, over what was live at the peak:
 *
 *   --tree        who calls whom, down to what allocates
 *   --callers F   from F outwards: who has it called
 *   --callees F   from F inwards: what it calls
 *
 *     TOTAL   SHARE     SELF
 *   13.9 MB  100.0 %     0 B  main  cc1
 *   12.0 MB   86.3 %     0 B    compile_file  cc1
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_tree_append (GString *out, MsReport *report);
/* The value of "tree". */
void ms_report_tree_write (MsJsonWriter *writer, MsReport *report);

/* Finds the functions that @patterns name.  FALSE with one line: one of them names none. */
gboolean ms_report_find_functions (MsReport *report,
                                   const char *const *patterns,
                                   GArray **functions,
                                   GError **error);

/* Of report->callers and report->callees, if there are any. */
void ms_report_butterflies_append (GString *out, MsReport *report);
/* The members "callers" and "callees". */
void ms_report_butterflies_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
