/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* How many bins a histogram of sizes, and one of ages, has. */
#define MS_SIZE_BINS 65
#define MS_LIFETIME_BINS 65

/* One thread of a trace.  Immutable once the trace is loaded; may be read from any thread. */
#define MS_TYPE_THREAD (ms_thread_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsThread, ms_thread, MS, THREAD, GObject)

/* Creation order in the process, main = 0: what links, selection and filters use.  Of a thread without events, which
 * nobody counted, 1 000 000 000 or more. */
MS_API guint ms_thread_get_id (MsThread *self);
/* The kernel's number, which may be reused; 0 if unknown. */
MS_API gint ms_thread_get_tid (MsThread *self);
/* The last name it had; "thread ID" if it never had one. (transfer none) */
MS_API const char *ms_thread_get_name (MsThread *self);
/* Every name it had, in order. (transfer none) (array length=n_spans) */
MS_API const MsNameSpan *ms_thread_get_names (MsThread *self, guint *n_spans);
/* Its allocations were recorded, at some time at least.  Of one that was not, all figures of memory are 0 and mean
 * nothing. */
MS_API gboolean ms_thread_is_tracked (MsThread *self);
/* FALSE: it is in no file of events, and known from samples of resources: it never allocated, or not while it was
 * recorded.  The former where it is tracked; then its figures of memory are 0 and mean it. */
MS_API gboolean ms_thread_has_events (MsThread *self);
/* When it was created; of a thread without events, up to a tick of the samples earlier. */
MS_API gint64 ms_thread_get_start_ns (MsThread *self);
/* From when on its events are there: its start, but for a thread of a ring whose first ones were overwritten. */
MS_API gint64 ms_thread_get_kept_from_ns (MsThread *self);
/* When it exited; MS_TIME_NONE while alive or if the process ended first. */
MS_API gint64 ms_thread_get_end_ns (MsThread *self);
/* Processor time at exit as the thread itself read it, ns; -1: not measured. */
MS_API gint64 ms_thread_get_cpu_ns (MsThread *self);

/* What the thread read of itself at its end: counters over its life as the trace has it, for threads shorter
 * than a tick too, and without the recorder's own reads and writes.  A source of totals that are exact. */
typedef enum {
  MS_EXIT_MINOR_FAULTS,          /* page faults that needed no disk */
  MS_EXIT_MAJOR_FAULTS,          /* those that waited for one */
  MS_EXIT_VOLUNTARY_SWITCHES,    /* times that it gave its processor up to wait */
  MS_EXIT_INVOLUNTARY_SWITCHES,  /* times that it was made to give way */
  MS_EXIT_RUN_QUEUE_WAIT_NS,     /* ready to run, and no processor free */
  MS_EXIT_RUNS,                  /* times that it got a processor */
  MS_EXIT_READ_CALLS,            /* as /proc/…/io counts: read and its kin, not recv */
  MS_EXIT_WRITE_CALLS,           /* likewise */
  MS_EXIT_READ_BYTES,            /* by those calls, from wherever */
  MS_EXIT_WRITTEN_BYTES,         /* likewise */
  MS_EXIT_DISK_READ_BYTES,       /* that a disk had to deliver */
  MS_EXIT_DISK_WRITTEN_BYTES,    /* that a disk is to take */
  MS_EXIT_SOCKET_RECEIVED_BYTES, /* on sockets of any family, by either kind of call */
  MS_EXIT_SOCKET_SENT_BYTES,     /* likewise */
  MS_N_EXIT_FIGURES              /* how many there are */
} MsExitFigure;

/* All of them. */
typedef struct {
  /* Bit n: figure n was measured.  The switches and faults of every thread that ended; what its schedstat and io
   * say only of one that lived for a tenth of a second. */
  guint32 known;
  guint64 values[MS_N_EXIT_FIGURES]; /* by MsExitFigure */
} MsExitFigures;

/* NULL: it did not end, or not in a way that let it say so, or the trace is older than these figures.
 * (transfer none) (nullable) */
MS_API const MsExitFigures *ms_thread_get_exit_figures (MsThread *self);
/* One of them.  FALSE: not measured. */
MS_API gboolean ms_thread_get_exit_figure (MsThread *self, MsExitFigure figure, guint64 *value);

/* The thread that created it, if known. */
MS_API gboolean ms_thread_get_parent (MsThread *self, guint *parent_id);
/* Address of the function it began in; 0: unknown. */
MS_API guint64 ms_thread_get_start_routine (MsThread *self);
/* What it allocated, whoever freed it, and the frees that it made. (transfer none) */
MS_API const MsTotals *ms_thread_get_totals (MsThread *self, MsDomain domain);

/* Allocations by size: bin 0 counts size 0, bin b the sizes from 2^(b-1) to 2^b − 1.  Of a sampled
 * trace an estimate from those kept, as MsTotals explains.  NULL if it made none. (transfer none) (array fixed-size=MS_SIZE_BINS) */
MS_API const guint64 *ms_thread_get_size_histogram (MsThread *self, MsDomain domain);

/* Frees of its blocks, by anyone, by the age of the block: bin 0 counts less than 1 ns, bin b the ages from
 * 2^(b-1) to 2^b − 1 ns.  Ages are differences of ticks times the clock's mean slope.  Of a sampled trace
 * an estimate, likewise.  None in the domain mapping.  NULL if it made none. (transfer none) (array
 * fixed-size=MS_LIFETIME_BINS) */
MS_API const guint64 *ms_thread_get_lifetime_histogram (MsThread *self, MsDomain domain);

/* The standard error of each bin; NULL: all are exact, as they are unless the trace was sampled.  Bins are
 * sums over different blocks: variances of several add up. (transfer none) (nullable) */
MS_API const double *ms_thread_get_size_histogram_errors (MsThread *self, MsDomain domain);
MS_API const double *ms_thread_get_lifetime_histogram_errors (MsThread *self, MsDomain domain);

G_END_DECLS
