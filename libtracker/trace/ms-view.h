/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a trace has to say about a part of itself: of a stretch of time, some threads, some stacks.
 *
 * Reports, exports and pages ask a view and never compute the same figure a second time.  A view of
 * everything (no filter, or one that leaves nothing out) is a cheap wrapper around the trace's own
 * figures and costs nothing; one of a part is computed from the trace's history, for which the trace must
 * have been loaded with ms_trace_load_full().
 *
 * What the figures mean in a range [from, to), for the *chosen* blocks, those that the filter's threads
 * allocated at the filter's stacks:
 *
 *   allocations, allocated_bytes, reallocations   of chosen blocks, made in the range
 *   temporary_allocations                         found to be temporary in it, that is, freed in it
 *   deallocations, freed_bytes_of_own             frees made in it, of chosen blocks from whenever;
 *                                                 deallocations of a thread are the frees it made
 *   live_bytes, live_blocks                       chosen blocks live at its end
 *   live_bytes_at_start, live_blocks_at_start     live at its start
 *   leaked_bytes, leaked_allocations              allocated in it and still live at its end
 *   peak                                          most bytes of chosen blocks live at one moment of it,
 *                                                 those from before included: ms_view_find_peak()
 *   foreign, inherited, prior, unmatched frees    0 in a filtered view: they are frees of no known block
 *
 * The totals of a filtered view do not have peak_bytes, peak_time_ns and bytes_at_process_peak (0,
 * MS_TIME_NONE, 0): ask ms_view_find_peak().  Of a sampled trace all is weighted, with standard errors as
 * in MsTotals; but allocations, allocated_bytes and deallocations of a filtered view are estimates from the
 * blocks that were kept, even where the whole trace's are exact.
 *
 * A view is immutable and may be asked from any thread.  What takes a scan is computed when it is first
 * asked for, and kept.
 */
#pragma once

#include "ms-filter.h"
#include "ms-trace.h"

G_BEGIN_DECLS

#define MS_TYPE_VIEW (ms_view_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsView, ms_view, MS, VIEW, GObject)

/* @filter NULL: everything.  A range is cut to the trace; one that ends with the trace, or later, has its
 * last moment too.  Blocks for up to 0.1 s on a large trace.  NULL with G_IO_ERROR_CANCELLED,
 * G_IO_ERROR_INVALID_ARGUMENT (the range is empty or lies outside the trace), or G_IO_ERROR_NOT_SUPPORTED
 * (the trace has no history; the message says why). (transfer full) */
MS_API MsView *ms_view_new (MsTrace *trace,
                            MsFilter *filter,
                            GCancellable *cancellable,
                            GError **error);

/* (transfer none) */
MS_API MsTrace *ms_view_get_trace (MsView *self);
/* As given; NULL: none. (transfer none) (nullable) */
MS_API MsFilter *ms_view_get_filter (MsView *self);
/* FALSE: these are the trace's own figures. */
MS_API gboolean ms_view_is_filtered (MsView *self);
/* The range, cut to the trace: from 0 to its duration if there is none. */
MS_API gint64 ms_view_get_start_ns (MsView *self);
MS_API gint64 ms_view_get_end_ns (MsView *self);

/* --- totals --- */

/* (transfer none) */
MS_API const MsTotals *ms_view_get_totals (MsView *self, MsDomain domain);
/* @index: as for ms_trace_get_thread(). (transfer none) */
MS_API const MsTotals *ms_view_get_thread_totals (MsView *self, guint index, MsDomain domain);
/* (transfer none) */
MS_API const MsTotals *ms_view_get_stack_totals (MsView *self, guint stack, MsDomain domain);
/* Of how many stacks leaked_bytes is not 0; at once. */
MS_API guint ms_view_get_n_leaking_stacks (MsView *self, MsDomain domain);
/* The stacks at which @thread allocated or has blocks in this view, most allocated bytes first.
 * (transfer none) (array length=n_stacks) */
MS_API const MsThreadStack *ms_view_get_thread_stacks (MsView *self,
                                                       MsThread *thread,
                                                       MsDomain domain,
                                                       guint *n_stacks);

/* --- over time --- */

/* Live bytes over the view's range in @n_bins equal stretches, as ms_trace_get_live_series(): of all
 * chosen blocks (@thread NULL), or of those of one thread. */
MS_API void ms_view_get_live_series (MsView *self,
                                     MsThread *thread,
                                     MsDomain domain,
                                     guint n_bins,
                                     guint64 *max,
                                     guint64 *min);
MS_API void ms_view_get_allocated_series (MsView *self,
                                          MsThread *thread,
                                          MsDomain domain,
                                          guint n_bins,
                                          guint64 *bytes);

/* The highest simultaneous live bytes, and what was live then. */
typedef struct {
  guint64 bytes;
  double standard_error; /* 0 unless sampled */
  gint64 time_ns;        /* when it was reached first; MS_TIME_NONE if bytes is 0 */
  guint n_threads, n_stacks;
  const guint64 *thread_bytes; /* by index of thread; sum: bytes */
  const guint64 *stack_bytes;  /* by stack; sum: bytes */
  const double *thread_errors; /* standard errors of these; NULL: they are exact */
  const double *stack_errors;
} MsPeak;

/* Bounds of the peak, at once.  They are equal when it is known: in a view of everything, or once
 * ms_view_find_peak() has found it.  Of a sampled trace there are none, so that it is found now, and its
 * standard error is there. */
MS_API void ms_view_get_peak (MsView *self, MsDomain domain, guint64 *low, guint64 *high);

/* The exact peak, or of a sampled trace an estimate that is not above the truth on average, with its standard
 * error: see MsTotals and docs/DASHBOARD.md.  Blocks for up to 2 s on a large trace; NULL with
 * G_IO_ERROR_CANCELLED. (transfer none) */
MS_API const MsPeak *ms_view_find_peak (MsView *self,
                                        MsDomain domain,
                                        GCancellable *cancellable,
                                        GError **error);

/* --- who frees, how large, how long, how often moved --- */

/* Frees in the range, of chosen blocks, by other threads than the allocating one; most bytes first.
 * (transfer none) (array length=n_interactions) */
MS_API const MsInteraction *ms_view_get_interactions (MsView *self,
                                                      MsDomain domain,
                                                      guint *n_interactions);
/* Allocations in the range by size; bins as for ms_thread_get_size_histogram().  @thread NULL: of all
 * chosen blocks.  NULL if there are none. (transfer none) (array fixed-size=MS_SIZE_BINS) */
MS_API const guint64 *ms_view_get_size_histogram (MsView *self, MsThread *thread, MsDomain domain);
/* Frees in the range by the age of the block; bins as for ms_thread_get_lifetime_histogram().  @thread: that
 * allocated.  NULL if there are none. (transfer none) (array fixed-size=MS_LIFETIME_BINS) */
MS_API const guint64 *ms_view_get_lifetime_histogram (MsView *self,
                                                      MsThread *thread,
                                                      MsDomain domain);
/* As ms_thread_get_size_histogram_errors(). (transfer none) (nullable) */
MS_API const double *ms_view_get_size_histogram_errors (MsView *self,
                                                        MsThread *thread,
                                                        MsDomain domain);
MS_API const double *ms_view_get_lifetime_histogram_errors (MsView *self,
                                                            MsThread *thread,
                                                            MsDomain domain);
/* Of chosen blocks, growths in the range.  Most bytes copied first; none if ms_trace_why_no_growth_chains()
 * says why. (transfer none) (array
 * length=n_chains) */
MS_API const MsGrowthChains *ms_view_get_growth_chains (MsView *self,
                                                        MsDomain domain,
                                                        guint *n_chains);

/* --- one by one --- */

/* An allocation, or the free of a chosen block, of whatever domain but mapping. */
typedef struct {
  guint64 number; /* in the order in which all events of the trace took effect */
  gint64 time_ns;
  gboolean is_free, is_realloc; /* realloc: the allocation of one */
  gboolean is_temporary;        /* a free: of a temporary allocation */
  gboolean has_old_block;       /* of a realloc: it is known which it was of */
  guint thread, owner;          /* by index: that made the event; that allocated the block */
  guint stack;                  /* that allocated it */
  MsDomain domain;
  guint64 bytes; /* requested */
  double weight; /* 1, but in a sampled trace */
  guint64 block; /* number of the allocation among all */
  guint64 old_block, old_bytes;
} MsViewEvent;

/* FALSE: enough. */
typedef gboolean (*MsViewEventFunc) (const MsViewEvent *event, gpointer user_data);

/* Calls @func for each of the view's events in order, and keeps none of them.  FALSE with
 * G_IO_ERROR_NOT_SUPPORTED (the trace has no history) or G_IO_ERROR_CANCELLED. */
MS_API gboolean ms_view_foreach_event (MsView *self,
                                       MsViewEventFunc func,
                                       gpointer user_data,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
