/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sizes of what was allocated in a range and ages of what was freed: one scan for all threads. */
#include "ms-trace-private.h"
#include "ms-view-private.h"

typedef struct {
  const MsView *view;
  const guint8 *marks;
  guint64 **sizes, **ages; /* by worker; of each thread */
} Scan;

static guint
log2_bin (guint64 n)
{
  return n ? 64U - (guint) __builtin_clzll (n) : 0;
}

static void
scan (guint piece, guint worker, gpointer data)
{
  Scan *self = data;
  const MsHistory *history = self->view->history;
  const MsHistorySite *sites = ms_history_get_sites (history);
  guint32 n_sites = ms_history_get_n_sites (history), k;
  guint n_threads = self->view->trace->threads->len;
  const MsHistoryColumns *columns;
  MsStretch stretch;

  if (self->sizes[worker] == NULL)
    {
      self->sizes[worker] = g_new0 (guint64, (gsize) (n_threads + 1) * MS_SIZE_BINS);
      self->ages[worker] = g_new0 (guint64, (gsize) (n_threads + 1) * MS_LIFETIME_BINS);
    }
  ms_history_get_stretch (history, self->view->first, self->view->end, piece, &stretch);
  columns = &stretch.columns;
  k = ms_stretch_count_frees_before (&stretch);
  for (guint32 i = stretch.from; i < stretch.to; i++)
    {
      gboolean is_free = (columns->sizes[i] & MS_HISTORY_FREE) != 0;
      guint32 site = ms_view_site_of (columns, i, n_sites), free = k;

      if (is_free && k++ >= columns->n_frees)
        break;
      if (!self->marks[site])
        continue;
      if (is_free)
        self->ages[worker][(gsize) sites[site].thread * MS_LIFETIME_BINS
                           + MIN (columns->ages[free], MS_LIFETIME_BINS - 1)]++;
      else
        self->sizes[worker]
                   [(gsize) sites[site].thread * MS_SIZE_BINS
                    + log2_bin (columns->requested ? columns->requested[i]
                                                   : ms_history_bytes (history, columns, i))]++;
    }
}

/* Of each thread, and behind them of all; joins what the workers have. */
static guint64 *
join (guint64 **by_worker, guint n_workers, guint n_threads, guint n_bins)
{
  guint64 *bins = g_new0 (guint64, (gsize) (n_threads + 1) * n_bins);

  for (guint w = 0; w < n_workers; w++)
    {
      for (gsize i = 0; by_worker[w] != NULL && i < (gsize) n_threads * n_bins; i++)
        bins[i] += by_worker[w][i];
      g_free (by_worker[w]);
    }
  for (gsize i = 0; i < (gsize) n_threads * n_bins; i++)
    bins[(gsize) n_threads * n_bins + i % n_bins] += bins[i];
  return bins;
}

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
    self->sizes[(gsize) thread * MS_SIZE_BINS + log2_bin (bytes)]++;
}

void
ms_view_scan_histograms (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  guint n_workers = ms_history_get_n_workers (), n_threads = self->trace->threads->len;
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, NULL);
  g_autofree guint64 **sizes = g_new0 (guint64 *, n_workers);
  g_autofree guint64 **ages = g_new0 (guint64 *, n_workers);

  if (domain == MS_DOMAIN_MAPPING)
    {
      MappingSizes mappings = { self, g_new0 (guint64, (gsize) (n_threads + 1) * MS_SIZE_BINS) };

      ms_view_walk_mappings (self, marks, count_mapping, &mappings);
      sizes[0] = mappings.sizes;
    }
  else
    {
      Scan work = { self, marks, sizes, ages };

      ms_history_run (ms_history_count_pieces (self->history, self->first, self->end), scan, &work,
                      NULL, NULL);
    }
  of_domain->size_bins = join (sizes, n_workers, n_threads, MS_SIZE_BINS);
  of_domain->lifetime_bins = join (ages, n_workers, n_threads, MS_LIFETIME_BINS);
}
