/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The section about sizes and ages of blocks:
 *
 *   16–31 B      1 203  ██████████████▌             41.2 %
 *   32–63 B        812  █████████▊                  27.8 %
 *
 * Bins are powers of two, as the model has them.
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-report.h"

G_BEGIN_DECLS

void ms_report_histogram_append (GString *out, MsReport *report);
/* The value of "histogram". */
void ms_report_histogram_write (MsJsonWriter *writer, MsReport *report);

G_END_DECLS
