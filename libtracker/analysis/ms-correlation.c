/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ms-roles.h"
#include "ms-statistics.h"

/* Which encloses 95 % of a normal distribution. */
#define Z95 1.959963984540054

/* A figure's mean, and its values less it on a scale on which the largest is 1: squares of no finite
 * value then overflow or vanish. */
typedef struct {
  double mean, scale;
  double *values;
} Centred;

static Centred
centre (const double *values, guint n)
{
  Centred self = { .values = g_new (double, n) };

  for (guint i = 0; i < n; i++)
    self.mean += values[i] / n;
  for (guint i = 0; i < n; i++)
    {
      self.values[i] = values[i] / 2 - self.mean / 2;
      self.scale = MAX (self.scale, fabs (self.values[i]));
    }
  for (guint i = 0; i < n; i++)
    self.values[i] /= self.scale;
  return self;
}

static double
product (const Centred *a, const Centred *b, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += a->values[i] * b->values[i];
  return sum;
}

static double
pearson (const Centred *x, const Centred *y, guint n)
{
  double r = product (x, y, n) / sqrt (product (x, x, n) * product (y, y, n));

  return CLAMP (r, -1.0, 1.0);
}

static double
spearman (const double *x, const double *y, guint n)
{
  g_autofree double *ranks_x = g_new (double, n);
  g_autofree double *ranks_y = g_new (double, n);
  Centred a, b;
  double rho;

  ms_ranks (x, n, ranks_x);
  ms_ranks (y, n, ranks_y);
  a = centre (ranks_x, n);
  b = centre (ranks_y, n);
  rho = pearson (&a, &b, n);
  g_free (a.values);
  g_free (b.values);
  return rho;
}

static gboolean
is_finite (const double *values, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return FALSE;
  return TRUE;
}

static gboolean
varies (const double *values, guint n)
{
  for (guint i = 1; i < n; i++)
    if (values[i] < values[0] || values[i] > values[0])
      return TRUE;
  return FALSE;
}

static const char *
find_refusal (const double *x, const double *y, guint n)
{
  if (n < MS_CORRELATION_MIN_POINTS)
    return NC_ ("not measured", "fewer than eight points");
  if (!is_finite (x, n) || !is_finite (y, n))
    return NC_ ("not measured", "a value is not finite");
  if (!varies (x, n))
    return NC_ ("not measured", "the first figure does not vary");
  if (!varies (y, n))
    return NC_ ("not measured", "the second figure does not vary");
  return NULL;
}

static double
effective_n (const Centred *x, const Centred *y, guint n)
{
  double both = ms_autocorrelation (x->values, n) * ms_autocorrelation (y->values, n);

  return MIN (n, n * (1 - both) / (1 + both));
}

static void
set_interval (MsCorrelation *self)
{
  double z = atanh (self->pearson), reach;

  if (self->effective_n < MS_CORRELATION_MIN_EFFECTIVE)
    {
      self->interval_low = self->interval_high = ms_not_measured (
          NC_ ("not measured",
               "the points stand for fewer than ten independent ones: too few for an interval"));
      return;
    }
  reach = Z95 / sqrt (self->effective_n - 3);
  self->interval_low = ms_measured (tanh (z - reach));
  self->interval_high = ms_measured (tanh (z + reach));
}

static void
fill (MsCorrelation *self,
      const double *x,
      const double *y,
      const Centred *a,
      const Centred *b,
      MsPointOrder order)
{
  guint n = self->n;

  self->pearson = pearson (a, b, n);
  self->spearman = spearman (x, y, n);
  self->slope = product (a, b, n) / product (a, a, n) * (b->scale / a->scale);
  self->intercept = b->mean - self->slope * a->mean;
  self->effective_n = order == MS_POINTS_IN_TIME ? effective_n (a, b, n) : n;
  set_interval (self);
}

gboolean
ms_correlation_compute (MsCorrelation *self,
                        const double *x,
                        const double *y,
                        guint n,
                        MsPointOrder order)
{
  Centred a, b;

  *self = (MsCorrelation) { .n = n, .refusal = find_refusal (x, y, n) };
  self->interval_low = self->interval_high = ms_not_measured (self->refusal);
  if (self->refusal != NULL)
    return FALSE;
  a = centre (x, n);
  b = centre (y, n);
  /* Less than the smallest number that halves. */
  if (!(a.scale > 0) || !(b.scale > 0))
    self->refusal = NC_ ("not measured", "a figure hardly varies");
  if (self->refusal == NULL)
    fill (self, x, y, &a, &b, order);
  else
    self->interval_low = self->interval_high = ms_not_measured (self->refusal);
  g_free (a.values);
  g_free (b.values);
  return self->refusal == NULL;
}

/* --- what a thread is busy with ----------------------------------------------------------------- */

MsPattern
ms_pattern_get (double cpu_percent, double bytes_per_second, const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;
  double u, v;

  if (settings == NULL)
    {
      ms_analysis_settings_init (&defaults);
      settings = &defaults;
    }
  u = cpu_percent / settings->pattern_cpu_percent;
  v = bytes_per_second / settings->pattern_bytes_per_second;
  if (MAX (u, v) < settings->pattern_floor_percent / 100)
    return MS_PATTERN_IDLE;
  if (u >= settings->pattern_ratio * v)
    return MS_PATTERN_COMPUTE_INTENSIVE;
  return v >= settings->pattern_ratio * u ? MS_PATTERN_DATA_MOVEMENT : MS_PATTERN_MIXED;
}

const char *
ms_pattern_to_string (MsPattern pattern)
{
  static const char *const names[MS_N_PATTERNS] = {
    "idle",
    "compute_intensive",
    "data_movement",
    "mixed",
  };

  g_return_val_if_fail (pattern < MS_N_PATTERNS, NULL);
  return names[pattern];
}

/* How long the view sees @thread. */
static gint64
life_in_view (MsView *view, MsThread *thread)
{
  gint64 start_ns = ms_thread_get_start_ns (thread);
  gint64 end_ns = start_ns + ms_thread_life_ns (ms_view_get_trace (view), thread);

  return MIN (end_ns, ms_view_get_end_ns (view)) - MAX (start_ns, ms_view_get_start_ns (view));
}

GArray *
ms_thread_points_new (MsView *view,
                      MsDomain domain,
                      const MsThreadResources *resources,
                      const MsAnalysisSettings *settings,
                      guint *n_unknown)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (MsThreadPoint));
  MsTrace *trace = ms_view_get_trace (view);
  guint unknown = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);
      MsThreadPoint point = { .thread_id = ms_thread_get_id (thread) };
      gint64 life_ns = life_in_view (view, thread);
      MsThreadResources own;
      const MsTotals *totals;

      if (!ms_thread_is_tracked (thread) || life_ns <= 0
          || !ms_filter_has_thread (ms_view_get_filter (view), point.thread_id))
        continue;
      if (resources != NULL)
        own = resources[i];
      else
        ms_thread_resources_init_from_trace (&own, trace, thread);
      if (!own.cpu_percent.known)
        {
          unknown++;
          continue;
        }
      point.cpu_percent = own.cpu_percent.value;
      totals = ms_view_get_thread_totals (view, i, domain);
      point.bytes_per_second = (double) totals->allocated_bytes * 1e9 / (double) life_ns;
      point.bytes_per_second_error =
          totals->standard_errors.allocated_bytes * 1e9 / (double) life_ns;
      point.io_operations = own.io_operations;
      point.pattern = ms_pattern_get (point.cpu_percent, point.bytes_per_second, settings);
      g_array_append_val (points, point);
    }
  if (n_unknown != NULL)
    *n_unknown = unknown;
  return points;
}

gboolean
ms_thread_points_correlate (const GArray *points, MsCorrelation *correlation)
{
  g_autofree double *x = g_new (double, points->len + 1);
  g_autofree double *y = g_new (double, points->len + 1);

  for (guint i = 0; i < points->len; i++)
    {
      x[i] = g_array_index (points, MsThreadPoint, i).cpu_percent;
      y[i] = g_array_index (points, MsThreadPoint, i).bytes_per_second;
    }
  return ms_correlation_compute (correlation, x, y, points->len, MS_POINTS_INDEPENDENT);
}
