/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Series of a filtered view, kept as they were scanned:
 *
 *   of each domain    n_bins │ all: max, min, allocated │ of each thread that did something: likewise
 *
 * A page asks for the live and the allocated bytes, and then for each thread in turn: the first is one scan,
 * the second another one, of all threads.  Series of another number of bins take the place of these.
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <string.h>

/* Of a scan of all threads at once, each 32 bytes while it runs; a program with more threads gets theirs by a
 * scan each. */
#define MAX_BINS_AT_ONCE (1U << 19)

void
ms_view_series_clear (MsViewSeries *self)
{
  g_free (self->all);
  g_free (self->threads);
  g_free (self->nothing);
  g_free (self->lanes);
  *self = (MsViewSeries) { 0 };
}

/* @values: 3 × @n_bins of them, 0. */
static MsViewCurve
begin_curve (guint64 *values, guint n_bins)
{
  return (MsViewCurve) { values, values + n_bins, values + (gsize) 2 * n_bins, 0, 0 };
}

/* (transfer full) */
static guint64 *
scan_one (MsView *self, MsThread *thread, MsDomain domain, guint n_bins)
{
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, thread);
  guint64 *values = g_new0 (guint64, (gsize) 3 * n_bins);
  MsViewCurve curve = begin_curve (values, n_bins);

  if (domain == MS_DOMAIN_MAPPING)
    ms_view_scan_mapping_curve (self, marks, n_bins, &curve);
  else
    ms_view_scan_curve (self, marks, n_bins, &curve);
  return values;
}

/* Numbers from 1 on those threads that something chosen is of. */
static guint
number_lanes (const MsView *self, MsDomain domain, guint32 *lanes)
{
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n = ms_history_get_n_sites (self->history);
  guint n_lanes = 1;

  for (guint32 i = 0; i < n; i++)
    if (self->chosen[i] == 1 + domain && lanes[sites[i].thread] == 0)
      lanes[sites[i].thread] = n_lanes++;
  return n_lanes;
}

static void
scan_threads (MsView *self, MsDomain domain, guint n_lanes, MsViewSeries *series)
{
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n = ms_history_get_n_sites (self->history);
  g_autofree guint16 *of_sites = g_new0 (guint16, n + 1);
  g_autofree MsViewCurve *curves = g_new (MsViewCurve, n_lanes);
  gsize n_values = (gsize) 3 * series->n_bins;

  for (guint32 i = 0; i < n; i++)
    if (self->chosen[i] == 1 + domain)
      of_sites[i] = (guint16) series->lanes[sites[i].thread];
  series->threads = g_new0 (guint64, n_lanes * n_values);
  for (guint lane = 0; lane < n_lanes; lane++)
    curves[lane] = begin_curve (series->threads + lane * n_values, series->n_bins);
  ms_view_scan_curves (self, of_sites, n_lanes, series->n_bins, curves);
}

/* Locked.  NULL: too many threads to do them at once. */
static const guint64 *
find_thread (MsView *self, guint index, MsDomain domain, MsViewSeries *series)
{
  gsize n_bins_a_lane = ms_view_count_curve_bins (self, series->n_bins);

  if (series->lanes == NULL)
    {
      series->lanes = g_new0 (guint32, self->trace->threads->len + 1);
      series->n_lanes = number_lanes (self, domain, series->lanes);
    }
  if (series->n_lanes > MIN (MAX_BINS_AT_ONCE / n_bins_a_lane, G_MAXUINT16))
    return NULL;
  if (series->lanes[index] == 0)
    {
      if (series->nothing == NULL)
        series->nothing = g_new0 (guint64, (gsize) 3 * series->n_bins);
      return series->nothing;
    }
  if (series->n_lanes == 2)
    {
      /* Whatever there is, is this thread's. */
      if (series->all == NULL)
        series->all = scan_one (self, NULL, domain, series->n_bins);
      return series->all;
    }
  if (series->threads == NULL)
    scan_threads (self, domain, series->n_lanes, series);
  return series->threads + (gsize) series->lanes[index] * 3 * series->n_bins;
}

static void
copy_live (guint64 *max, guint64 *min, const guint64 *values, guint n_bins)
{
  if (max != NULL)
    memcpy (max, values, n_bins * sizeof *max);
  if (min != NULL)
    memcpy (min, values + n_bins, n_bins * sizeof *min);
}

/* Nobody knows what was live. */
static void
clear_live (guint64 *max, guint64 *min, guint n_bins)
{
  if (max != NULL)
    memset (max, 0, n_bins * sizeof *max);
  if (min != NULL)
    memset (min, 0, n_bins * sizeof *min);
}

void
ms_view_get_series (MsView *self,
                    MsThread *thread,
                    MsDomain domain,
                    guint n_bins,
                    guint64 *max,
                    guint64 *min,
                    guint64 *allocated)
{
  MsViewSeries *series = &self->domains[domain].series;
  guint index = thread ? ms_view_index_of_thread (self, thread) : 0;
  g_autofree guint64 *own = NULL;
  const guint64 *values;

  g_return_if_fail (index != G_MAXUINT);
  if (n_bins == 0)
    return;
  g_mutex_lock (&self->series_lock);
  if (series->n_bins != n_bins)
    ms_view_series_clear (series);
  series->n_bins = n_bins;
  if (thread == NULL && series->all == NULL)
    series->all = scan_one (self, NULL, domain, n_bins);
  values = series->all;
  if (thread != NULL)
    values = domain == MS_DOMAIN_MAPPING ? NULL : find_thread (self, index, domain, series);
  if (values == NULL)
    values = own = scan_one (self, thread, domain, n_bins);
  if (ms_trace_why_no_live (self->trace) != NULL)
    clear_live (max, min, n_bins);
  else
    copy_live (max, min, values, n_bins);
  if (allocated != NULL)
    memcpy (allocated, values + (gsize) 2 * n_bins, n_bins * sizeof *allocated);
  g_mutex_unlock (&self->series_lock);
}
