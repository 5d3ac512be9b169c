/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The points of the correlation in figures: a row each. */
#pragma once

#include "ms-correlation-source.h"
#include "ms-text-table.h"

G_BEGIN_DECLS

/* (transfer floating) */
GtkWidget *ms_correlation_table_new (const MsCorrelationResult *result,
                                     const MsAnalysisSettings *settings);
/* Exact, in units of the headings. */
char *ms_correlation_to_csv (const MsCorrelationResult *result, const MsAnalysisSettings *settings);

G_END_DECLS
