/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What loading a folder needs, once or again and again.
 *
 *   folder ─▶ index of blocks ─▶ clock, stacks, modules ─▶ streams ─▶ matcher ─▶ accounting ─▶ trace
 *             read anew each time                          ╰── go on where they were ──╯      a snapshot
 *
 * ms-trace-load.c reads a folder once; ms-follower.c keeps the loader, so that only what was added
 * to the folder is read again.
 */
#pragma once

#include "ms-cache-folder.h"
#include "ms-pipeline.h"
#include "ms-resource-file.h"
#include "ms-trace-private.h"

G_BEGIN_DECLS

typedef struct {
  MsTrace *trace; /* being made */
  MsLoadFlags flags;
  gboolean is_followed;
  int dir_fd;
  gint64 begin_ns; /* CLOCK_MONOTONIC when we began to read */
  MsBlockIndex *index;
  MsClock clock;
  gboolean has_clock;
  MsStackTable stacks; /* of a followed folder; else the trace has it */
  MsAccounting accounting;
  MsPipeline *pipeline;
  MsMatcher matcher;
  gboolean has_matcher;
  MsResourceFile *resources;
  GPtrArray *said;       /* of a followed folder: what the events told so far */
  MsHistory *history;    /* of the cache */
  MsFolderDigest digest; /* when its history was begun */
  GCancellable *cancellable;
  MsProgressFunc progress;
  double fraction_done; /* before the folder was there */
  gpointer user_data;
} MsTraceLoader;

void ms_trace_loader_clear (MsTraceLoader *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsTraceLoader, ms_trace_loader_clear)

/* Opens what @self->dir_fd is to be. */
gboolean ms_trace_loader_open (MsTraceLoader *self, const char *folder, GError **error);
/* From the folder's files to @self->trace, which is new. */
gboolean ms_trace_loader_read (MsTraceLoader *self, GError **error);

void ms_trace_loader_report_progress (MsTraceLoader *self, double fraction);

/* --- ms-trace-loader-match.c ------------------------------------------------------------------------------ */

/* Whatever is there is matched and counted, or what was added since.  FALSE: cancelled. */
gboolean ms_trace_loader_match (MsTraceLoader *self, GError **error);
/* What was counted of a followed folder cannot go on. */
void ms_trace_loader_begin_anew (MsTraceLoader *self);
void ms_trace_loader_clear_matching (MsTraceLoader *self);
/* A history of a folder that changed while it was read is of use now, but has no name in the cache. */
void ms_trace_loader_check_history (MsTraceLoader *self);

/* --- ms-trace-loader-clock.c ------------------------------------------------------------------------------ */

void ms_trace_loader_read_clock (MsTraceLoader *self);
/* The process may have lived on after its last event. */
void ms_trace_loader_extend_duration (MsTraceLoader *self);
/* Up to when all threads' events are there; G_MAXUINT64: all there will ever be. */
guint64 ms_trace_loader_get_last_ticks (const MsTraceLoader *self);

G_END_DECLS
