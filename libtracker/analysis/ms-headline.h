/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first sentence about a recording: who holds the memory at its peak, from where, and who frees it.
 *
 *   "ingest-1 holds 62 % of the peak of 48.0 MB, from decode_batch (queue.c:118), freed by compact."
 *
 * Of a view of one thread: "compact holds 22.0 MB at its peak, from …".
 *
 * The thread is the one with the most bytes live at the process's peak.  The call stack is, of those at which
 * it allocated, the one with the most bytes live then, but no more than the thread allocated there (what
 * each thread had of one stack at that moment is not known).  The freeing thread is named if it frees at
 * least half of what is freed of that thread's bytes.
 */
#pragma once

#include "ms-frame-names.h"
#include "ms-sentence.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* The one sentence and what it is made of. */
typedef struct {
  guint thread_id;
  guint64 bytes;              /* of the thread, at the process's peak */
  guint64 peak_bytes;         /* of the process */
  double percent;             /* the one of the other */
  gint64 time_ns;             /* of the peak */
  gint stack;                 /* -1: not known */
  gint free_thread_id;        /* -1: it frees its own, or several do */
  char *thread_name;          /* and its tid where others have the same; hostile */
  char *site;                 /* "decode_batch (queue.c:118)", or NULL */
  char *free_thread_name;     /* or NULL */
  char *text;                 /* the sentence, in English */
  gboolean of_one_thread;     /* of a view of it alone, whose peak is its own */
  double peak_standard_error; /* 0 unless sampled */
} MsHeadline;

/* NULL: nothing was allocated, or it was cancelled. (transfer full) (nullable) */
MS_API MsHeadline *ms_headline_new (MsView *view,
                                    MsDomain domain,
                                    MsFrameNames *names,
                                    GCancellable *cancellable);
/* The sentence in @language, with @thread, @site and @free_thread where its names are: an application puts marks
 * there and then makes links of them.  Those that the headline does not have are not used. (transfer full) */
MS_API char *ms_headline_write (const MsHeadline *self,
                                const MsLanguage *language,
                                const char *thread,
                                const char *site,
                                const char *free_thread);
MS_API void ms_headline_free (MsHeadline *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsHeadline, ms_headline_free)

G_END_DECLS
