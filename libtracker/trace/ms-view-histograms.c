/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sizes of what was allocated in a range and ages of what was freed: one scan for all threads.
 *
 * Of a sampled trace each event adds its weight, and in order, as sums of broken numbers depend on it;
 * else whoever is free takes a piece and counts.
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <math.h>

G_STATIC_ASSERT (MS_SIZE_BINS == MS_LIFETIME_BINS);

#define N_BINS MS_SIZE_BINS

static guint
log2_bin (guint64 n)
{
  return n ? 64U - (guint) __builtin_clzll (n) : 0;
}

/* An event of a chosen block. */
typedef struct {
  gboolean is_free;
  gsize bin; /* of its thread's */
  double weight;
} Entry;

typedef void (*TakeFunc) (const Entry *entry, guint worker, gpointer data);

/* Inlined with @take, which would cost more as a call than all the rest. */
static inline __attribute__ ((always_inline)) void
walk (const MsView *view,
      const guint8 *marks,
      guint piece,
      TakeFunc take,
      guint worker,
      gpointer data)
{
  const MsHistory *history = view->history;
  const MsHistorySite *sites = ms_history_get_sites (history);
  guint32 n_sites = ms_history_get_n_sites (history), k;
  const MsHistoryColumns *columns;
  MsStretch stretch;

  ms_history_get_stretch (history, view->first, view->end, piece, &stretch);
  columns = &stretch.columns;
  k = ms_stretch_count_frees_before (&stretch);
  for (guint32 i = stretch.from; i < stretch.to; i++)
    {
      Entry entry = { .is_free = (columns->sizes[i] & MS_HISTORY_FREE) != 0, .weight = 1 };
      guint32 site = ms_view_site_of (columns, i, n_sites), free = k;
      guint bin;

      if (entry.is_free && k++ >= columns->n_frees)
        break;
      if (!marks[site])
        continue;
      if (entry.is_free)
        bin = MIN (columns->ages[free], N_BINS - 1);
      else
        bin = log2_bin (ms_history_requested (history, columns, i));
      entry.bin = (gsize) sites[site].thread * N_BINS + bin;
      if (columns->weights != NULL)
        entry.weight = ms_history_weight (columns, i);
      take (&entry, worker, data);
    }
}

/* --- counts ---------------------------------------------------------------------------------------- */

typedef struct {
  const MsView *view;
  const guint8 *marks;
  guint n_threads;
  guint64 **sizes, **ages; /* by worker; of each thread */
} Counts;

static inline void
count (const Entry *entry, guint worker, gpointer data)
{
  Counts *self = data;

  if (self->sizes[worker] == NULL)
    {
      self->sizes[worker] = g_new0 (guint64, (gsize) (self->n_threads + 1) * N_BINS);
      self->ages[worker] = g_new0 (guint64, (gsize) (self->n_threads + 1) * N_BINS);
    }
  (entry->is_free ? self->ages : self->sizes)[worker][entry->bin]++;
}

static void
count_piece (guint piece, guint worker, gpointer data)
{
  const Counts *self = data;

  walk (self->view, self->marks, piece, count, worker, data);
}

/* Of each thread, and behind them of all; joins what the workers have. */
static guint64 *
join (guint64 **by_worker, guint n_workers, guint n_threads)
{
  guint64 *bins = g_new0 (guint64, (gsize) (n_threads + 1) * N_BINS);

  for (guint w = 0; w < n_workers; w++)
    {
      for (gsize i = 0; by_worker[w] != NULL && i < (gsize) n_threads * N_BINS; i++)
        bins[i] += by_worker[w][i];
      g_free (by_worker[w]);
    }
  for (gsize i = 0; i < (gsize) n_threads * N_BINS; i++)
    bins[(gsize) n_threads * N_BINS + i % N_BINS] += bins[i];
  return bins;
}

/* --- estimates ------------------------------------------------------------------------------------- */

typedef struct {
  double blocks, variance;
} Estimate;

typedef struct {
  Estimate *sizes, *ages; /* of each thread */
} Estimates;

static inline void
estimate (const Entry *entry, guint worker, gpointer data)
{
  Estimates *self = data;
  Estimate *bin = &(entry->is_free ? self->ages : self->sizes)[entry->bin];

  (void) worker;
  bin->blocks += entry->weight;
  bin->variance += ms_variance_of (entry->weight, 0).blocks;
}

/* Rounded by thread, as the whole trace's are. */
static guint64 *
round_all (const Estimate *estimates, guint n_threads, double **errors)
{
  gsize n = (gsize) n_threads * N_BINS;
  guint64 *bins = g_new0 (guint64, n + N_BINS);
  double *all;

  *errors = g_new0 (double, n + N_BINS);
  all = *errors + n;
  for (gsize i = 0; i < n; i++)
    {
      bins[i] = ms_estimate_round (estimates[i].blocks);
      bins[n + i % N_BINS] += bins[i];
      (*errors)[i] = sqrt (estimates[i].variance);
      all[i % N_BINS] = hypot (all[i % N_BINS], (*errors)[i]);
    }
  return bins;
}

static void
scan_estimates (MsView *self, const guint8 *marks, MsViewDomain *of_domain)
{
  guint n_threads = self->trace->threads->len;
  guint n = ms_history_count_pieces (self->history, self->first, self->end);
  g_autofree Estimate *sizes = g_new0 (Estimate, (gsize) (n_threads + 1) * N_BINS);
  g_autofree Estimate *ages = g_new0 (Estimate, (gsize) (n_threads + 1) * N_BINS);
  Estimates estimates = { sizes, ages };

  for (guint i = 0; i < n; i++)
    walk (self, marks, i, estimate, 0, &estimates);
  of_domain->size_bins = round_all (sizes, n_threads, &of_domain->size_errors);
  of_domain->lifetime_bins = round_all (ages, n_threads, &of_domain->lifetime_errors);
}

/* --- all -------------------------------------------------------------------------------------------- */

typedef struct {
  const MsView *view;
  guint64 *sizes;
} MappingSizes;

static void
count_mapping (gint64 ns, guint64 bytes, gboolean made, guint32 site, gpointer data)
{
  MappingSizes *self = data;
  guint thread = ms_history_get_sites (self->view->history)[site].thread;

  if (made && ns >= self->view->start_ns)
    self->sizes[(gsize) thread * N_BINS + log2_bin (bytes)]++;
}

void
ms_view_scan_histograms (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  guint n_workers = ms_history_get_n_workers (), n_threads = self->trace->threads->len;
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, NULL);
  g_autofree guint64 **sizes = g_new0 (guint64 *, n_workers);
  g_autofree guint64 **ages = g_new0 (guint64 *, n_workers);

  if (domain != MS_DOMAIN_MAPPING && ms_history_is_sampled (self->history))
    {
      scan_estimates (self, marks, of_domain);
      return;
    }
  if (domain == MS_DOMAIN_MAPPING)
    {
      MappingSizes mappings = { self, g_new0 (guint64, (gsize) (n_threads + 1) * N_BINS) };

      ms_view_walk_mappings (self, marks, count_mapping, &mappings);
      sizes[0] = mappings.sizes;
    }
  else
    {
      Counts counts = { self, marks, n_threads, sizes, ages };

      ms_history_run (ms_history_count_pieces (self->history, self->first, self->end), count_piece,
                      &counts, NULL, NULL);
    }
  of_domain->size_bins = join (sizes, n_workers, n_threads);
  of_domain->lifetime_bins = join (ages, n_workers, n_threads);
}
