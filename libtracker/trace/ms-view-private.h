/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A view on the inside.  What a filter chooses becomes a mark for each site of the history and a stretch of its
 * events; every figure is then a sum over marked sites, or a scan of that stretch.
 *
 *   ms-view.c            what is asked; views of everything
 *   ms-view-choose.c     filter → marks and stretch
 *   ms-view-sums.c       what each site did before a moment, and in the range
 *   ms-view-sampled.c    the same of a sampled trace, with weights
 *   ms-view-totals.c     sites → totals of the process, threads and stacks
 *   ms-view-curve.c      live bytes over time: the scan
 *   ms-view-series.c     … and what is kept of it
 *   ms-view-peak.c       their peak
 *   ms-view-sampled-peak.c  the same of a sampled trace
 *   ms-view-frees.c      who freed whose blocks
 *   ms-view-histograms.c sizes and ages
 *   ms-view-growth.c     chains of reallocs
 *   ms-view-mappings.c   the domain mapping, whose history is a list
 */
#pragma once

#include "ms-estimate.h"
#include "ms-history-run.h"
#include "ms-sampled-curve.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* What one site did; [0]: allocations (flagged: reallocations), [1]: frees of its blocks (temporary). */
typedef struct {
  guint64 bytes[2];
  guint32 n[2], flagged[2];
} MsSiteSums;

/* What totals are made of. */
typedef enum {
  MS_ALLOCATED,
  MS_FREED,
  MS_REALLOCATED,
  MS_TEMPORARY,
  MS_LIVE_AT_START,
  MS_LIVE,
  MS_LEAKED,
  MS_N_FIGURES
} MsFigureKind;

/* Of a site in the range, or of several. */
typedef struct {
  double blocks[MS_N_FIGURES];
  guint64 bytes[MS_N_FIGURES];
} MsSiteFigures;

typedef struct {
  MsSiteFigures figures;
  MsVariance variances[MS_N_FIGURES];
} MsSampledFigures;

/* Being scanned: by bin. */
typedef struct {
  guint64 *max, *min, *allocated;
  guint n_begun; /* bins */
  guint64 live;
} MsViewCurve;

/* What was scanned: max, min and allocated by bin, of all, and of lanes; NULL: not yet. */
typedef struct {
  guint n_bins, n_lanes;
  guint64 *all, *threads, *nothing;
  guint32 *lanes; /* by index of thread; 0: it has nothing */
} MsViewSeries;

typedef struct {
  MsTotals totals;
  MsTotals *threads, *stacks; /* by index, by number */
  guint n_leaking_stacks;
  MsInteraction *interactions; /* NULL: not known yet */
  guint n_interactions;
  guint64 *size_bins, *lifetime_bins;    /* of each thread, then of all; NULL: not known yet */
  double *size_errors, *lifetime_errors; /* likewise; NULL: exact */
  MsGrowthChains *growth;                /* NULL: not known yet */
  guint n_growth;
  guint64 peak_low, peak_high; /* once bounded */
  gboolean bounded;
  MsPeak peak;                   /* thread_bytes NULL: not known yet */
  MsThreadStack **thread_stacks; /* by index; NULL: not known yet */
  guint *n_thread_stacks;
  MsViewSeries series; /* under series_lock */
} MsViewDomain;

struct _MsView {
  GObject parent_instance;

  MsTrace *trace;
  MsFilter *filter; /* NULL: none */
  gboolean filtered;
  gint64 start_ns, end_ns;
  gboolean to_end; /* the moment end_ns is in it */

  MsHistory *history;     /* NULL unless filtered, as all that follows */
  guint64 first, end;     /* events of the range */
  guint64 first_block;    /* born in it, or later */
  guint8 *chosen;         /* by site, and 0 for one that is none: 1 + its domain if it is chosen */
  MsSiteSums *start_sums; /* by site: up to the range, … */
  MsSiteSums *end_sums;   /* …up to its end */
  MsSiteSums *old_frees;  /* in the range, of blocks from before it: [1]; NULL: there are none */
  MsSampledFigures *sampled; /* by site, instead of the three, if the trace is sampled */
  MsSiteFigures *mapped;     /* of the domain mapping, whose history is a list; NULL: it is empty */
  guint32 *mapped_numbers;   /* by site: index into mapped */

  GMutex lock;        /* of what is computed when it is asked for */
  GMutex series_lock; /* of series, which must not wait for a peak */
  MsViewDomain domains[MS_N_DOMAINS];
};

/* FALSE with an error: there is no history, or it was cancelled. */
gboolean ms_view_choose (MsView *self, GCancellable *cancellable, GError **error);

/* --- ms-view-sums.c, ms-view-sampled.c --- */

/* Of a sampled trace in sampled, else in the three sums. */
gboolean ms_view_sum_sites (MsView *self, GCancellable *cancellable, GError **error);
gboolean ms_view_sum_sampled_sites (MsView *self, GCancellable *cancellable, GError **error);
/* All sites' sums before @event. (transfer full) */
MsSiteSums *ms_view_sums_before (const MsView *self, guint64 event);
void ms_view_get_site_figures (const MsView *self, guint32 site, MsSiteFigures *figures);

/* --- ms-view-mappings.c --- */

void ms_view_sum_mappings (MsView *self);
/* Pieces of chosen mappings that went in the range; threads by index. */
typedef void (*MsViewUnmap) (guint owner, guint freer, gboolean ends, guint64 bytes, gpointer data);
void ms_view_walk_unmaps (const MsView *self, MsViewUnmap function, gpointer data);
/* Changes up to the range's end, of marked sites. */
typedef void (*MsViewChange) (gint64 ns, guint64 bytes, gboolean made, guint32 site, gpointer data);
void ms_view_walk_mappings (const MsView *self,
                            const guint8 *marks,
                            MsViewChange function,
                            gpointer data);

/* --- ms-view-totals.c --- */

void ms_view_fill_totals (MsView *self);
/* The deallocations of threads, which need to know who freed. */
void ms_view_fill_frees_made (MsView *self, MsDomain domain);
const MsThreadStack *ms_view_list_thread_stacks (MsView *self,
                                                 guint thread,
                                                 MsDomain domain,
                                                 guint *n_stacks);

/* --- ms-view-curve.c; curves: as begun, 0 --- */

void ms_view_scan_curve (const MsView *self, const guint8 *marks, guint n_bins, MsViewCurve *curve);
void ms_view_scan_mapping_curve (const MsView *self,
                                 const guint8 *marks,
                                 guint n_bins,
                                 MsViewCurve *curve);
/* Several at once: @lanes: by site, and 0 for one that is none; what curve 0 gets has no meaning. */
void ms_view_scan_curves (const MsView *self,
                          const guint16 *lanes,
                          guint n_lanes,
                          guint n_bins,
                          MsViewCurve *curves);
/* How many bins a lane of that takes while it runs, at most. */
gsize ms_view_count_curve_bins (const MsView *self, guint n_bins);

/* --- ms-view-series.c --- */

/* Of a filtered view; max, min and allocated may be NULL. */
void ms_view_get_series (MsView *self,
                         MsThread *thread,
                         MsDomain domain,
                         guint n_bins,
                         guint64 *max,
                         guint64 *min,
                         guint64 *allocated);
void ms_view_series_clear (MsViewSeries *self);

/* --- of a filtered view, locked --- */

void ms_view_scan_interactions (MsView *self, MsDomain domain);
void ms_view_scan_histograms (MsView *self, MsDomain domain);
void ms_view_scan_growth (MsView *self, MsDomain domain);
void ms_view_bound_peak (MsView *self, MsDomain domain);
/* What was live at the peak, of whom; errors NULL: exact. */
typedef struct {
  guint64 *threads, *stacks;
  double *thread_errors, *stack_errors;
} MsViewPeakParts;
/* Fills @peak but for its arrays, and @parts. */
gboolean ms_view_find_sampled_peak (const MsView *self,
                                    MsDomain domain,
                                    MsPeak *peak,
                                    MsViewPeakParts *parts,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean ms_view_scan_peak (MsView *self,
                            MsDomain domain,
                            GCancellable *cancellable,
                            GError **error);

/* A mark for each site, and 0 for one that is none: 1 if it is chosen, of @domain, and of the thread @thread if that
 * is not NULL. (transfer full) */
guint8 *ms_view_mark_sites (const MsView *self, MsDomain domain, MsThread *thread);
/* Whether few of the range's events are of marked sites. */
gboolean ms_view_is_sparse (const MsView *self, const guint8 *marks);
guint ms_view_index_of_thread (const MsView *self, MsThread *thread);
guint ms_view_index_of_id (const MsView *self, guint id);

static inline guint32
ms_view_site_of (const MsHistoryColumns *columns, guint32 at, guint32 n_sites)
{
  return MIN (columns->sites[at], n_sites);
}

G_END_DECLS
