/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The section about who frees whose blocks:
 *
 *   FREED BY →        0 main  1 ingest  3 writer  others
 *   0 main            12.0 MB        –   3.10 MB       –
 *   1 ingest          4.10 MB  1.20 MB         –       –
 *
 * A row a thread that allocated, a column a thread that freed, the bytes where they meet.  Threads with
 * little traffic are summed up when there are too many for the terminal.
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_matrix_append (GString *out, MsReport *report);
/* The value of "matrix". */
void ms_report_matrix_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
