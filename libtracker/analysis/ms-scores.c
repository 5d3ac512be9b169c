/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-scores.h"

#include <glib/gi18n.h>
#include <math.h>

/* Of the view's range; the curve of a life that covers fewer than FEWEST of them says too little. */
#define BINS 512
#define FEWEST 8

#define NOTHING_ALLOCATED NC_ ("not measured", "the thread allocated nothing")

/* The part of a thread's life that the view shows. */
typedef struct {
  gint64 start_ns, end_ns;
} Life;

static Life
life_in_view (MsView *view, MsThread *thread)
{
  gint64 end_ns = ms_thread_get_end_ns (thread);
  Life life = { MAX (ms_thread_get_start_ns (thread), ms_view_get_start_ns (view)),
                ms_view_get_end_ns (view) };

  if (end_ns != MS_TIME_NONE)
    life.end_ns = MIN (life.end_ns, end_ns);
  life.end_ns = MAX (life.end_ns, life.start_ns);
  return life;
}

/* --- memory ------------------------------------------------------------------------------------- */

/* Between two points of the curve only its highest and lowest value are known: their middle is taken,
 * and half their distance is how far off that may be. */
static void
fill_used (MsThreadScores *self,
           MsView *view,
           MsThread *thread,
           MsDomain domain,
           Life life,
           double *highest)
{
  guint64 max[BINS], min[BINS];
  double length_ns = (double) (ms_view_get_end_ns (view) - ms_view_get_start_ns (view));
  double per_bin = length_ns / BINS, sum = 0, swing = 0;
  gint64 start = ms_view_get_start_ns (view);
  guint first, end;

  ms_view_get_live_series (view, thread, domain, BINS, max, min);
  *highest = 0;
  for (guint i = 0; i < BINS; i++)
    *highest = MAX (*highest, (double) max[i]);
  first = per_bin > 0 ? (guint) ((double) (life.start_ns - start) / per_bin) : 0;
  end = per_bin > 0 ? (guint) ceil ((double) (life.end_ns - start) / per_bin) : 0;
  end = MIN (end, BINS);
  self->used_percent = ms_not_measured (NOTHING_ALLOCATED);
  if (*highest <= 0)
    return;
  self->used_percent =
      ms_not_measured (NC_ ("not measured", "the thread's life is too short for its curve"));
  if (end < first + FEWEST)
    return;
  for (guint i = first; i < end; i++)
    {
      sum += ((double) max[i] + (double) min[i]) / 2;
      swing += ((double) max[i] - (double) min[i]) / 2;
    }
  self->used_percent = ms_measured (100 * sum / (end - first) / *highest);
  self->used_error_percent = 100 * swing / (end - first) / *highest;
}

static MsMeasured
get_returned (MsView *view, const MsTotals *totals, double highest)
{
  MsTrace *trace = ms_view_get_trace (view);

  if (ms_trace_get_state (trace) == MS_STATE_RUNNING)
    return ms_not_measured (NC_ ("not measured", "the process still runs"));
  if (ms_trace_get_state (trace) == MS_STATE_UNKNOWN)
    return ms_not_measured (
        NC_ ("not measured", "whether the process still runs cannot be seen from here"));
  if (ms_trace_was_replaced (trace))
    return ms_not_measured (NC_ ("not measured", "another program took the process's place"));
  if (ms_trace_ends_early (trace))
    return ms_not_measured (
        NC_ ("not measured", "the recording is a part that ends before the process does"));
  if (ms_view_get_end_ns (view) < ms_trace_get_duration_ns (trace))
    return ms_not_measured (NC_ ("not measured", "the range ends before the process does"));
  if (highest <= 0)
    return ms_not_measured (NOTHING_ALLOCATED);
  return ms_measured (100 * MAX (0, 1 - (double) totals->live_bytes / highest));
}

static void
fill_memory (MsThreadScores *self, MsView *view, guint index, MsDomain domain, Life life)
{
  MsThread *thread = ms_trace_get_thread (ms_view_get_trace (view), index);
  const MsTotals *totals = ms_view_get_thread_totals (view, index, domain);
  double allocations = (double) totals->allocations, highest = 0;

  /* A curve of a part of a trace takes a scan, and most of many threads may have nothing in it. */
  if (totals->allocations > 0 || totals->live_blocks > 0 || totals->live_blocks_at_start > 0)
    fill_used (self, view, thread, domain, life, &highest);
  else
    self->used_percent = ms_not_measured (NOTHING_ALLOCATED);
  self->kept_percent =
      allocations > 0
          ? ms_measured (100 * MAX (0, 1 - (double) totals->temporary_allocations / allocations))
          : ms_not_measured (NOTHING_ALLOCATED);
  if (!self->kept_percent.known)
    self->memory_efficiency = self->kept_percent;
  else if (!self->used_percent.known)
    self->memory_efficiency = self->used_percent;
  else
    self->memory_efficiency =
        ms_measured (sqrt (self->kept_percent.value * self->used_percent.value));
  self->memory_returned = get_returned (view, totals, highest);
  self->bytes_per_second =
      life.end_ns > life.start_ns
          ? ms_measured ((double) totals->allocated_bytes * 1e9
                         / (double) (life.end_ns - life.start_ns))
          : ms_not_measured (NC_ ("not measured", "the thread's life has no length"));
}

static void
fill_unrecorded (MsThreadScores *self)
{
  self->kept_percent = self->used_percent = self->memory_efficiency = self->memory_returned =
      self->bytes_per_second =
          ms_not_measured (NC_ ("not measured", "the thread was not recorded"));
}

/* --- processor ---------------------------------------------------------------------------------- */

static void
fill_processor (MsThreadScores *self, const MsThreadResources *resources, guint64 allocations)
{
  MsMeasured cpu = resources->cpu_ns, wait = resources->run_queue_wait_ns, wanted = wait;

  self->cpu_ns = cpu;
  self->cpu_percent = resources->cpu_percent;
  self->io_operations = resources->io_operations;
  self->run_queue_wait_ns = wait;
  if (cpu.known && wait.known)
    wanted = ms_measured (cpu.value + wait.value);
  self->cpu_efficiency =
      ms_measured_ratio (cpu, wanted, NC_ ("not measured", "the thread never ran"));
  self->cpu_efficiency.value *= 100;
  self->allocations_per_cpu_second =
      ms_measured_ratio (ms_measured (1e9 * (double) allocations), cpu,
                         NC_ ("not measured", "the thread never ran"));
  if (!self->bytes_per_second.known)
    self->allocations_per_cpu_second = self->bytes_per_second;
}

/* --- score -------------------------------------------------------------------------------------- */

typedef struct {
  guint bit;
  MsMeasured value;
  double weight;
} Part;

static void
get_parts (const MsThreadScores *self, const MsAnalysisSettings *settings, Part parts[3])
{
  parts[0] =
      (Part) { MS_SCORE_PART_MEMORY, self->memory_efficiency, settings->score_memory_weight };
  parts[1] = (Part) { MS_SCORE_PART_RETURN, self->memory_returned, settings->score_return_weight };
  parts[2] = (Part) { MS_SCORE_PART_CPU, self->cpu_efficiency, settings->score_cpu_weight };
}

static guint
find_measured_parts (const GArray *scores, const MsAnalysisSettings *settings)
{
  guint found = 0;

  for (guint i = 0; i < scores->len; i++)
    {
      Part parts[3];

      get_parts (&g_array_index (scores, MsThreadScores, i), settings, parts);
      for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
        if (parts[k].value.known && parts[k].weight > 0)
          found |= parts[k].bit;
    }
  return found;
}

static void
fill_score (MsThreadScores *self, guint wanted, const MsAnalysisSettings *settings)
{
  Part parts[3];
  double sum = 0, weights = 0;

  self->score_parts = wanted;
  self->score =
      ms_not_measured (NC_ ("not measured", "nothing that the score is made of was measured"));
  get_parts (self, settings, parts);
  for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
    {
      if (!(wanted & parts[k].bit))
        continue;
      if (!parts[k].value.known)
        {
          self->score = parts[k].value;
          return;
        }
      sum += parts[k].weight * parts[k].value.value;
      weights += parts[k].weight;
    }
  if (weights > 0)
    self->score = ms_measured (sum / weights);
}

GArray *
ms_thread_scores_new (MsView *view,
                      MsDomain domain,
                      const MsThreadResources *resources,
                      const MsAnalysisSettings *settings)
{
  GArray *scores = g_array_new (FALSE, TRUE, sizeof (MsThreadScores));
  MsTrace *trace = ms_view_get_trace (view);
  MsAnalysisSettings defaults;
  guint parts;

  if (settings == NULL)
    {
      ms_analysis_settings_init (&defaults);
      settings = &defaults;
    }
  g_array_set_size (scores, ms_trace_get_n_threads (trace));
  for (guint i = 0; i < scores->len; i++)
    {
      MsThreadScores *self = &g_array_index (scores, MsThreadScores, i);
      MsThread *thread = ms_trace_get_thread (trace, i);
      MsThreadResources own;

      self->thread_id = ms_thread_get_id (thread);
      if (ms_thread_is_tracked (thread))
        fill_memory (self, view, i, domain, life_in_view (view, thread));
      else
        fill_unrecorded (self);
      if (resources == NULL && ms_view_is_filtered (view))
        ms_thread_resources_init (&own,
                                  NC_ ("not measured",
                                       "of a part of a trace it is not known without samples"));
      else if (resources == NULL)
        ms_thread_resources_init_from_trace (&own, trace, thread);
      fill_processor (self, resources ? &resources[i] : &own,
                      ms_view_get_thread_totals (view, i, domain)->allocations);
    }
  parts = find_measured_parts (scores, settings);
  for (guint i = 0; i < scores->len; i++)
    fill_score (&g_array_index (scores, MsThreadScores, i), parts, settings);
  return scores;
}

/* --- rankings ----------------------------------------------------------------------------------- */

static const struct {
  const char *name, *unit;
  gsize offset;
} performances[MS_N_PERFORMANCES] = {
  { "score", "percent", G_STRUCT_OFFSET (MsThreadScores, score) },
  { "memory_efficiency", "percent", G_STRUCT_OFFSET (MsThreadScores, memory_efficiency) },
  { "memory_returned", "percent", G_STRUCT_OFFSET (MsThreadScores, memory_returned) },
  { "cpu_efficiency", "percent", G_STRUCT_OFFSET (MsThreadScores, cpu_efficiency) },
  { "cpu_ns", "ns", G_STRUCT_OFFSET (MsThreadScores, cpu_ns) },
  { "cpu_percent", "percent", G_STRUCT_OFFSET (MsThreadScores, cpu_percent) },
  { "io_operations", "count", G_STRUCT_OFFSET (MsThreadScores, io_operations) },
  { "run_queue_wait_ns", "ns", G_STRUCT_OFFSET (MsThreadScores, run_queue_wait_ns) },
  { "bytes_per_second", "bytes/s", G_STRUCT_OFFSET (MsThreadScores, bytes_per_second) },
  { "allocations_per_cpu_second", "1/s",
    G_STRUCT_OFFSET (MsThreadScores, allocations_per_cpu_second) },
};

const char *
ms_performance_to_string (MsPerformance kind)
{
  g_return_val_if_fail ((guint) kind < MS_N_PERFORMANCES, NULL);
  return performances[kind].name;
}

const char *
ms_performance_get_unit (MsPerformance kind)
{
  g_return_val_if_fail ((guint) kind < MS_N_PERFORMANCES, NULL);
  return performances[kind].unit;
}

MsMeasured
ms_thread_scores_get (const MsThreadScores *self, MsPerformance kind)
{
  g_return_val_if_fail ((guint) kind < MS_N_PERFORMANCES, ms_not_measured (""));
  return G_STRUCT_MEMBER (const MsMeasured, self, performances[kind].offset);
}

typedef struct {
  MsMeasured value;
  guint id, index;
} Ranked;

static int
compare_ranked (gconstpointer a, gconstpointer b)
{
  const Ranked *x = a, *y = b;

  if (x->value.known != y->value.known)
    return x->value.known ? -1 : 1;
  if (x->value.known && (x->value.value < y->value.value || x->value.value > y->value.value))
    return x->value.value > y->value.value ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

guint *
ms_rank_performance (const GArray *scores, MsPerformance kind, guint *n_known)
{
  g_autoptr (GArray) ranked = g_array_sized_new (FALSE, FALSE, sizeof (Ranked), scores->len);
  guint *order = g_new (guint, scores->len + 1);

  *n_known = 0;
  for (guint i = 0; i < scores->len; i++)
    {
      const MsThreadScores *self = &g_array_index (scores, MsThreadScores, i);
      Ranked entry = { ms_thread_scores_get (self, kind), self->thread_id, i };

      *n_known += entry.value.known != FALSE;
      g_array_append_val (ranked, entry);
    }
  g_array_sort (ranked, compare_ranked);
  for (guint i = 0; i < ranked->len; i++)
    order[i] = g_array_index (ranked, Ranked, i).index;
  return order;
}
