/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who frees whose blocks, as a square table of bytes: a row for the thread that allocated, a column for the
 * one that freed.
 *
 *                  main   ingest   others      Only threads that take part in an exchange have a line of
 *        main        ·      2 MB        0      their own, those with most bytes first and at most so many;
 *      ingest     8 MB         ·     1 kB      the last line is all others together.  The diagonal is what
 *      others        0         0        ·      a thread freed of its own.
 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  guint n_lines;  /* rows, and columns, of threads; there is one more, for the others */
  guint n_others; /* threads in it */
  guint *ids;     /* of threads, by line */
  guint64 *cells; /* (n_lines + 1)²: [allocated by × (n_lines + 1) + freed by] */
} MsFreeMatrix;

/* NULL: no thread freed blocks of another. (transfer full) */
MS_API MsFreeMatrix *ms_free_matrix_new (MsView *view, MsDomain domain, guint most_lines);
MS_API void ms_free_matrix_free (MsFreeMatrix *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsFreeMatrix, ms_free_matrix_free)

static inline guint64
ms_free_matrix_get (const MsFreeMatrix *self, guint row, guint column)
{
  return self->cells[(gsize) row * (self->n_lines + 1) + column];
}

G_END_DECLS
