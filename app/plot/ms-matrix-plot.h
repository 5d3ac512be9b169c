/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who frees whose memory, as a square of cells, the darker the more bytes:
 *
 *      ingest-0  ·  ▓  ░        a row for the thread that allocated, a column, in the same order, for the
 *       compact  █  ·  ░        one that freed.  The diagonal, what a thread freed of its own, has a grey of
 *        others     ░  ·        its own: it would outshine all that is exchanged.
 *                freed by →
 */
#pragma once

#include "ms-free-matrix.h"
#include "ms-plot-kind.h"
#include "ms-series-line.h"

G_BEGIN_DECLS

typedef struct {
  MsFreeMatrix *matrix; /* owned */
  char **names;         /* owned: of each line, the others' too; fit for display */
  guint n;              /* lines shown: without the others where there are none */
  guint64 highest_exchanged, highest_own;
  double label_px, cell_width_px, cell_height_px, text_px;
} MsMatrixPlot;

extern const MsPlotKind MS_MATRIX_PLOT;

/* Takes both. (transfer full) */
MsMatrixPlot *ms_matrix_plot_new (MsFreeMatrix *matrix, char **names);
MsRect ms_matrix_plot_get_cell (const MsMatrixPlot *self, guint row, guint column);

G_END_DECLS
