/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a lens builds on a worker: the views of its focus and the rows of all threads in them, and with them, where the
 * document is another one, everything that goes with a document.
 */
#pragma once

#include "ms-document.h"
#include "ms-focus.h"
#include "ms-frame-names.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* What a worker is to build, and what it built. */
typedef struct {
  MsTrace *trace;
  MsFilter *filter, *wide_filter; /* NULL: everything */
  MsAnalysisSettings settings;
  MsView *view, *wide;
  GPtrArray *rows;                       /* of wide; given where they are there already */
  const MsResourceJoin *whole_resources; /* the document's */
  MsResourceJoin *part;                  /* made with the rows of a part */
  MsDocument *document;                  /* holds whole_resources */
  MsTrace *before;  /* of a next document: whose stacks the focus names; NULL: it names none */
  guint *stack_map; /* from that one; or NULL */
  MsView *whole;    /* of a next document */
  gboolean is_next;
  MsNameResolver *resolver; /* NULL: addresses */
  MsFrameNames *names;      /* of a next document */
  char *problem;            /* there is no view of it */
} MsLensView;

void ms_lens_view_free (gpointer data);
/* FALSE: it was cancelled, or (not of a next document) cannot be. */
gboolean ms_lens_view_build (MsLensView *building, GCancellable *cancellable, GError **error);

/* NULL: everything. (transfer full) (nullable) */
MsFilter *ms_lens_view_new_filter (MsFocus *focus, gboolean of_all_threads);

G_END_DECLS
