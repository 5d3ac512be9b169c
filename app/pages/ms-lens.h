/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A trace seen through the current focus: what every page shows comes from here.
 *
 *   MsDocument ─┐                       ┌─▶ view           an MsView of thread, range and stacks
 *               ├─▶ MsLens ─"changed"──▶├─▶ frame names    of all call stacks of the trace
 *   MsFocus ────┘                       └─▶ settings       thresholds of the analysis
 *
 * Views are built on a worker.  While one is being built the one before stays, so that a page never goes
 * blank under a drag; the latest focus wins.  A page asks a view on its own workers wherever ms-view.h
 * says that it scans, and shows its rows dimmed or unchanged meanwhile.
 *
 * The window makes one for each trace that it shows, gives it to its pages, and takes it away (NULL) before
 * the trace goes.  A later document of the same process (a program that runs, or one whose history has been read
 * meanwhile) takes the place of the one before: all that is above is of the same document at any time.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-document.h"
#include "ms-focus.h"
#include "ms-frame-names.h"
#include "ms-view.h"

G_BEGIN_DECLS

#define MS_TYPE_LENS (ms_lens_get_type ())
G_DECLARE_FINAL_TYPE (MsLens, ms_lens, MS, LENS, GObject)

/* @resolver NULL: the user's symbols, as the command line finds them.  @settings NULL: the defaults. */
MsLens *ms_lens_new (MsDocument *document,
                     MsFocus *focus,
                     MsNameResolver *resolver,
                     const MsAnalysisSettings *settings);

/* @document: a later one of the same process.  It is shown when what the focus asks of it has been built; of several
 * that come meanwhile only the last.  Signals "document-changed", then "changed". */
void ms_lens_set_document (MsLens *self, MsDocument *document);
/* Parts of a trace without a history cannot be shown.  TRUE: a document that has one will come, so that what is shown
 * stays until then, busy; FALSE: the problem is said.  Documents without one that come meanwhile are not shown. */
void ms_lens_set_awaits_history (MsLens *self, gboolean awaits);
/* One will come, and what is shown now has none. */
gboolean ms_lens_awaits_history (MsLens *self);
/* It does now: nothing else will come of what is there. */
gboolean ms_lens_is_waiting (MsLens *self);

/* (transfer none) */
MsDocument *ms_lens_get_document (MsLens *self);
MsTrace *ms_lens_get_trace (MsLens *self);
/* The domain that pages show, and its focus. */
MsDomain ms_lens_get_domain (MsLens *self);
MsFocus *ms_lens_get_focus (MsLens *self);

/* What is looked at, and of everything; the latter is there at once.  The first is the last one that was
 * built, or NULL where the focus has none: then ms_lens_get_problem() says why.  Signal "changed" when it
 * is another one.  (transfer none) (nullable) */
MsView *ms_lens_get_view (MsLens *self);
MsView *ms_lens_get_whole_view (MsLens *self);
/* The same without its thread: what a page shows that has all threads side by side.  NULL as above. */
MsView *ms_lens_get_all_threads_view (MsLens *self);
/* All threads in that view, in order of id: their figures, roles, alerts, scores and cards.
 * (transfer none) (element-type MsThreadRow) (nullable) */
GPtrArray *ms_lens_get_rows (MsLens *self);
/* What was sampled in its range. (transfer none) (nullable): as the view */
const MsResourceJoin *ms_lens_get_resources (MsLens *self);
/* NULL: there is no such thread, or no view. (transfer none) (nullable) */
MsThreadRow *ms_lens_find_row (MsLens *self, guint id);
/* Property "busy": the view is not yet that of the focus. */
gboolean ms_lens_get_busy (MsLens *self);
/* One sentence for people: why there is no view of this focus.  (transfer none) (nullable) */
const char *ms_lens_get_problem (MsLens *self);

/* Looks up names without waiting: ms_name_resolver_lookup_stack(), and the rest of ms-name-resolver.h.
 * (transfer none) */
MsNameResolver *ms_lens_get_resolver (MsLens *self);
/* Of all stacks: addresses at first (NULL for a moment), names once they are known.  Signal
 * "names-changed" for either. (transfer none) (nullable) */
MsFrameNames *ms_lens_get_frame_names (MsLens *self);
/* Whether these are names, and not addresses while names are looked up. */
gboolean ms_lens_has_names (MsLens *self);
/* "decode_batch (queue.c:118)", as ms_frame_names_find_site() has it; fit for display.  An address while
 * the name is not known. (transfer full) */
char *ms_lens_dup_site (MsLens *self, guint stack);

/* Thresholds, for all of analysis/.  The document's rows were made with those that the
 * lens begins with; when they are others, rows are made again: "changed". (transfer none) */
const MsAnalysisSettings *ms_lens_get_settings (MsLens *self);
void ms_lens_set_settings (MsLens *self, const MsAnalysisSettings *settings);

G_END_DECLS
