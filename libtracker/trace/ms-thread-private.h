/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include "ms-live-series.h"
#include "ms-trace.h"
#include "trk-exit-figures.h"

G_BEGIN_DECLS

/* The two are one structure: the model's name for it and the file's. */
G_STATIC_ASSERT (sizeof (MsExitFigures) == sizeof (TrkExitFigures));
G_STATIC_ASSERT (G_STRUCT_OFFSET (MsExitFigures, values)
                 == G_STRUCT_OFFSET (TrkExitFigures, values));
G_STATIC_ASSERT ((int) MS_EXIT_RUN_QUEUE_WAIT_NS == (int) TRK_EXIT_RUN_QUEUE_WAIT_NS);
G_STATIC_ASSERT ((int) MS_EXIT_READ_CALLS == (int) TRK_EXIT_READ_CALLS);
G_STATIC_ASSERT ((int) MS_EXIT_SOCKET_SENT_BYTES == (int) TRK_EXIT_SOCKET_SENT_BYTES);

/* Standard errors of the bins of a sampled trace. */
typedef struct {
  double sizes[MS_SIZE_BINS], lifetimes[MS_LIFETIME_BINS];
} MsBinErrors;

/* What a thread has in a domain in which it did something. */
typedef struct {
  MsTotals totals;
  MsLiveSeries series;
  guint64 size_bins[MS_SIZE_BINS], lifetime_bins[MS_LIFETIME_BINS];
  MsBinErrors *bin_errors; /* NULL: they are exact */
  guint64 frees_made;      /* matched or not */
  MsThreadStack *stacks;
  guint n_stacks;
} MsThreadDomain;

void ms_thread_domain_free (MsThreadDomain *self);

struct _MsThread {
  GObject parent_instance;

  guint id;
  gint tid;
  char *name;    /* when it never had one; else NULL */
  GArray *names; /* of MsNameSpan */
  gboolean tracked;
  gboolean is_sampled_only; /* ms-sampled-threads.h */
  gint64 start_ns, end_ns, cpu_ns;
  gboolean is_partly;  /* in a ring: what was before kept_from_ns is gone */
  gint64 kept_from_ns; /* start_ns where all is there */
  MsExitFigures exit_figures;
  gboolean has_parent;
  guint parent_id;
  guint64 start_routine;
  char *event_file; /* where its events are; NULL: in a window, not yet in a file */
  guint32 n_event_blocks;
  guint64 event_digest;
  MsThreadDomain *domains[MS_N_DOMAINS]; /* NULL: nothing there */
};

extern const MsTotals ms_no_totals;

G_END_DECLS
