/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What comes after the first document of a window: better ones, or later ones.
 *
 *   trace that has ended    figures ──▶ the same with its history                          ──▶ nothing more
 *   program that runs       as of 1.0 s ──▶ as of 1.3 s ──▶ … ──▶ ended, with its history  ──▶ nothing more
 *
 * Each is read on a worker and given out by the signal "document"; the next is read only after ms_feed_go_on(),
 * by which the window says that it shows the one before, and not before a pause of twice the time that one took: a
 * large trace makes fewer documents, never a queue of them.
 *
 * A part of a trace can only be shown of one with a history, for which every event is read.  Of a program that runs
 * such documents are made while somebody looks at a part, and one for each pause.
 */
#pragma once

#include "ms-document.h"
#include "ms-follower.h"

G_BEGIN_DECLS

typedef enum {
  MS_FEED_DONE,    /* nothing more will come */
  MS_FEED_READING, /* the history, of a trace that has ended */
  MS_FEED_FOLLOWING,
  MS_FEED_PAUSED
} MsFeedState;

#define MS_TYPE_FEED (ms_feed_get_type ())
G_DECLARE_FINAL_TYPE (MsFeed, ms_feed, MS, FEED, GObject)

/* @document: the first.  @follower: that read it, of a program that runs, else NULL; nobody else uses it from now
 * on.  Begins at once. */
MsFeed *ms_feed_new (MsDocument *document, MsFollower *follower);

/* Signal "changed" when it is another one. */
MsFeedState ms_feed_get_state (MsFeed *self);
/* The last. (transfer none) */
MsDocument *ms_feed_get_document (MsFeed *self);
/* Of the history that is being read; 0 to 1. */
double ms_feed_get_progress (MsFeed *self);
/* Whether a document with a history will come, if somebody looks at a part. */
gboolean ms_feed_can_read_history (MsFeed *self);
/* One sentence: why nothing more comes; NULL: there is nothing more. (transfer none) (nullable) */
const char *ms_feed_get_problem (MsFeed *self);

/* The last document is shown. */
void ms_feed_go_on (MsFeed *self);
/* A part is looked at, or no longer. */
void ms_feed_set_wants_history (MsFeed *self, gboolean wants);
/* Of a program that runs: what is shown stays as it is. */
void ms_feed_set_paused (MsFeed *self, gboolean paused);
/* Of later documents. */
void ms_feed_set_settings (MsFeed *self, const MsAnalysisSettings *settings);
/* Nothing more shall come by itself; a history still does, if somebody looks at a part. */
void ms_feed_stop (MsFeed *self);

G_END_DECLS
