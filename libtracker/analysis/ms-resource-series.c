/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-series.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "ms-counter-readings.h"
#include "ms-resource-reason.h"
#include "ms-edge-readings.h"
#include "trk-resource-fields.h"

/* Further apart than this times the usual distance, and somebody missed a tick. */
#define MOST_APART 2.5

/* --- what is added up ----------------------------------------------------------------------------- */

typedef enum { COUNTER, SHARE_OF_COUNTERS, LEVEL } Form;

typedef struct {
  const char *name, *unit;
  guint kind;
  Form form;
  guint32 fields; /* mask: summed */
  guint32 rest;   /* SHARE_OF_COUNTERS: their growth and that of fields make the whole */
  double scale;   /* from fields, of counters a second, to the unit */
} Rule;

#define BIT(field) (1U << TRK_##field)
#define BUSY \
  (BIT (PROCESSOR_USER_NS) | BIT (PROCESSOR_NICE_NS) | BIT (PROCESSOR_SYSTEM_NS) \
   | BIT (PROCESSOR_IRQ_NS) | BIT (PROCESSOR_SOFT_IRQ_NS) | BIT (PROCESSOR_STOLEN_NS))
#define IDLE (BIT (PROCESSOR_IDLE_NS) | BIT (PROCESSOR_IO_WAIT_NS))

#define RATE(name, unit, kind, fields) \
  { \
    name, unit, TRK_RESOURCE_##kind, COUNTER, fields, 0, 1 \
  }
/* Of a counter in ns. */
#define TIME(name, kind, field) \
  { \
    name, "percent", TRK_RESOURCE_##kind, COUNTER, BIT (field), 0, 1e-7 \
  }
#define AMOUNT(name, unit, kind, field, scale) \
  { \
    name, unit, TRK_RESOURCE_##kind, LEVEL, BIT (field), 0, scale \
  }
#define PROCESSORS(name) \
  { \
    name, "percent", TRK_RESOURCE_PROCESSOR, SHARE_OF_COUNTERS, BUSY, IDLE, 100 \
  }

/* In the order of MsResourceSeries. */
static const Rule rules[] = {
  TIME ("cpu", PROCESS, PROCESS_CPU_NS),
  AMOUNT ("resident", "bytes", PROCESS, PROCESS_RESIDENT_BYTES, 1),
  AMOUNT ("resident_anon", "bytes", PROCESS, PROCESS_ANON_BYTES, 1),
  AMOUNT ("resident_file", "bytes", PROCESS, PROCESS_FILE_BYTES, 1),
  AMOUNT ("resident_shmem", "bytes", PROCESS, PROCESS_SHMEM_BYTES, 1),
  AMOUNT ("swapped", "bytes", PROCESS, PROCESS_SWAPPED_BYTES, 1),
  RATE ("read", "bytes/s", PROCESS, BIT (PROCESS_READ_BYTES)),
  RATE ("written", "bytes/s", PROCESS, BIT (PROCESS_WRITTEN_BYTES)),
  RATE ("io_operations", "1/s", PROCESS, BIT (PROCESS_READ_CALLS) | BIT (PROCESS_WRITE_CALLS)),
  RATE ("minor_faults", "1/s", PROCESS, BIT (PROCESS_MINOR_FAULTS)),
  RATE ("major_faults", "1/s", PROCESS, BIT (PROCESS_MAJOR_FAULTS)),
  RATE ("socket_sent", "bytes/s", SOCKET, BIT (SOCKET_SENT_BYTES)),
  RATE ("socket_received", "bytes/s", SOCKET, BIT (SOCKET_RECEIVED_BYTES)),
  TIME ("thread_cpu", THREAD, THREAD_CPU_NS),
  TIME ("thread_run_queue", THREAD, THREAD_RUN_QUEUE_WAIT_NS),
  RATE ("thread_read", "bytes/s", THREAD, BIT (THREAD_READ_BYTES)),
  RATE ("thread_written", "bytes/s", THREAD, BIT (THREAD_WRITTEN_BYTES)),
  RATE ("thread_io_operations", "1/s", THREAD, BIT (THREAD_READ_CALLS) | BIT (THREAD_WRITE_CALLS)),
  PROCESSORS ("processors"),
  PROCESSORS ("processor"),
  AMOUNT ("load", "", LOAD, LOAD_1_MIN_HUNDREDTHS, 0.01),
  AMOUNT ("memory_available", "bytes", MEMORY, MEMORY_AVAILABLE_BYTES, 1),
  RATE ("disk_read", "bytes/s", DISK, BIT (DISK_READ_BYTES)),
  RATE ("disk_written", "bytes/s", DISK, BIT (DISK_WRITTEN_BYTES)),
  TIME ("disk_busy", DISK, DISK_BUSY_NS),
  RATE ("network_received", "bytes/s", INTERFACE, BIT (INTERFACE_RECEIVED_BYTES)),
  RATE ("network_sent", "bytes/s", INTERFACE, BIT (INTERFACE_SENT_BYTES)),
  AMOUNT ("gpu", "percent", GPU, GPU_BUSY_PERCENT, 1),
  AMOUNT ("gpu_memory", "bytes", GPU, GPU_MEMORY_USED_BYTES, 1),
  TIME ("gpu_engine", GPU_ENGINE, GPU_ENGINE_NS),
  TIME ("pressure_cpu", PRESSURE, PRESSURE_SOME_NS),
  TIME ("pressure_memory", PRESSURE, PRESSURE_SOME_NS),
  TIME ("pressure_io", PRESSURE, PRESSURE_SOME_NS),
  TIME ("cgroup_pressure_cpu", PRESSURE, PRESSURE_SOME_NS),
  TIME ("cgroup_pressure_memory", PRESSURE, PRESSURE_SOME_NS),
  TIME ("cgroup_pressure_io", PRESSURE, PRESSURE_SOME_NS),
  AMOUNT ("cgroup_memory", "bytes", CGROUP, CGROUP_MEMORY_BYTES, 1),
};
G_STATIC_ASSERT (G_N_ELEMENTS (rules) == MS_N_RESOURCE_SERIES);

const char *
ms_resource_series_to_string (MsResourceSeries series)
{
  g_return_val_if_fail ((guint) series < MS_N_RESOURCE_SERIES, NULL);
  return rules[series].name;
}

const char *
ms_resource_series_get_unit (MsResourceSeries series)
{
  g_return_val_if_fail ((guint) series < MS_N_RESOURCE_SERIES, NULL);
  return rules[series].unit;
}

/* A GPU may be known by its driver's library or by the kernel. */
static gboolean
is_kind (const Rule *rule, guint kind)
{
  return kind == rule->kind || (rule->kind == TRK_RESOURCE_GPU && kind == TRK_RESOURCE_GPU_CARD);
}

static guint32
fields_of (const Rule *rule, guint kind)
{
  if (kind != TRK_RESOURCE_GPU_CARD)
    return rule->fields;
  return rule->fields == BIT (GPU_BUSY_PERCENT) ? BIT (GPU_CARD_BUSY_PERCENT)
                                                : BIT (GPU_CARD_MEMORY_USED_BYTES);
}

static gboolean
is_listed (MsResourceSeries series)
{
  return series == MS_RESOURCE_SERIES_PROCESSOR
         || (series >= MS_RESOURCE_SERIES_DISK_READ && series <= MS_RESOURCE_SERIES_GPU_ENGINE);
}

static gboolean
is_of_thread (MsResourceSeries series)
{
  return series >= MS_RESOURCE_SERIES_THREAD_CPU
         && series <= MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS;
}

static gboolean
is_of_sockets (MsResourceSeries series)
{
  return series == MS_RESOURCE_SERIES_SOCKET_SENT || series == MS_RESOURCE_SERIES_SOCKET_RECEIVED;
}

/* --- sources -------------------------------------------------------------------------------------- */

/* The id that the one source of a series has. */
static gboolean
has_id (MsResourceSeries series, guint64 id)
{
  if (series == MS_RESOURCE_SERIES_PROCESSORS)
    return id == 0;
  if (series == MS_RESOURCE_SERIES_PROCESSOR)
    return id > 0;
  if (series >= MS_RESOURCE_SERIES_PRESSURE_CPU && series <= MS_RESOURCE_SERIES_PRESSURE_IO)
    return id == (guint64) (series - MS_RESOURCE_SERIES_PRESSURE_CPU);
  if (series >= MS_RESOURCE_SERIES_CGROUP_PRESSURE_CPU
      && series <= MS_RESOURCE_SERIES_CGROUP_PRESSURE_IO)
    return id
           == TRK_RESOURCE_PRESSURE_OF_CGROUP
                  + (guint64) (series - MS_RESOURCE_SERIES_CGROUP_PRESSURE_CPU);
  return TRUE;
}

/* Whether there is anything of the series in the source. */
static gboolean
is_source (MsResourceSeries series, const MsResourceSource *source)
{
  return is_kind (&rules[series], source->kind) && has_id (series, source->id)
         && (source->measured & fields_of (&rules[series], source->kind)) != 0;
}

static void
append_threads (GArray *list, MsTrace *trace)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);
      MsResourceSeriesSource found = { .which = ms_thread_get_id (thread),
                                       .name = ms_thread_get_name (thread) };

      g_array_append_val (list, found);
    }
}

GArray *
ms_resource_series_list (MsTrace *trace, MsResourceSeries series)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (MsResourceSeriesSource));
  MsResources *resources = ms_trace_get_resources (trace);

  g_return_val_if_fail ((guint) series < MS_N_RESOURCE_SERIES, list);
  if (resources != NULL && is_of_thread (series))
    append_threads (list, trace);
  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);
      MsResourceSeriesSource found = { .name = source->name };

      if (is_of_thread (series) || !is_source (series, source)
          || (!is_listed (series) && list->len > 0))
        continue;
      if (is_listed (series))
        {
          found.which = i;
          found.number = (guint) source->id - (series == MS_RESOURCE_SERIES_PROCESSOR);
        }
      else
        found.name = "";
      g_array_append_val (list, found);
    }
  return list;
}

/* FALSE: there is none. */
static gboolean
find_source (MsResources *resources, MsResourceSeries series, guint which, guint *source)
{
  if (is_of_thread (series))
    return ms_resources_find_thread (resources, which, source);
  if (is_listed (series))
    {
      *source = which;
      return which < ms_resources_get_n_sources (resources)
             && is_source (series, ms_resources_get_source (resources, which));
    }
  for (*source = 0; *source < ms_resources_get_n_sources (resources); ++*source)
    if (is_source (series, ms_resources_get_source (resources, *source)))
      return TRUE;
  return FALSE;
}

/* --- adding up ------------------------------------------------------------------------------------ */

typedef struct {
  const Rule *rule;
  guint32 fields;
  MsThread *thread; /* NULL: it is not of one */
  guint n_processors;
  const MsResourceSource *public; /* that is being added; NULL: none was */
  gint64 last_ns;                 /* of its samples that were visited */
  MsCounterReadings readings;
  gint64 least_apart_ns; /* for a rate at an edge; 0: no limit */
  gint64 most_apart_ns;  /* likewise */
  gint64 from_ns, to_ns;
  guint n_bins;
  double *sums;    /* of a level: the greatest reading in the bin */
  double *weights; /* ns that are covered, or the whole of a share; of a level: what was held */
  const char *reason;
} Addition;

static double
bin_of (const Addition *self, gint64 time_ns)
{
  return (double) (time_ns - self->from_ns) * self->n_bins / (double) (self->to_ns - self->from_ns);
}

/* @amount, evenly from one time to the other. */
static void
spread (const Addition *self, double *bins, gint64 from_ns, gint64 to_ns, double amount)
{
  double first = bin_of (self, from_ns), end = bin_of (self, to_ns), length = end - first;

  if (end <= 0 || first >= self->n_bins || length <= 0)
    return;
  for (guint i = (guint) MAX (first, 0); i < self->n_bins && i < end; i++)
    bins[i] += amount * (MIN (end, i + 1.0) - MAX (first, i)) / length;
}

static void
add_level_reading (Addition *self, gint64 time_ns, double value)
{
  guint bin;

  if (time_ns < self->from_ns || time_ns > self->to_ns)
    return;
  bin = MIN ((guint) bin_of (self, time_ns), self->n_bins - 1);
  self->sums[bin] = isnan (self->sums[bin]) ? value : MAX (self->sums[bin], value);
}

static void
hold_level (Addition *self, const MsCounterStep *step, double value)
{
  double first = bin_of (self, step->from_ns), end = bin_of (self, step->to_ns);

  for (guint i = (guint) CLAMP (first, 0, self->n_bins); i < self->n_bins && i < end; i++)
    self->weights[i] = value;
}

static void
add_step (Addition *self, const MsCounterStep *step, guint field)
{
  gboolean is_first = field == (guint) __builtin_ctz (self->fields);
  double growth = (double) (step->after - step->before);

  if (self->most_apart_ns > 0 && step->to_ns - step->from_ns > self->most_apart_ns)
    return;
  if (self->rule->form == LEVEL)
    hold_level (self, step, (double) step->before);
  if (self->rule->form == LEVEL || step->after < step->before)
    return;
  if (self->fields >> field & 1)
    spread (self, self->sums, step->from_ns, step->to_ns, growth);
  if (self->rule->form == SHARE_OF_COUNTERS)
    spread (self, self->weights, step->from_ns, step->to_ns, growth);
  else if (is_first)
    spread (self, self->weights, step->from_ns, step->to_ns,
            (double) (step->to_ns - step->from_ns));
}

static void
add_sample (Addition *self, const MsResourceSample *sample)
{
  for (guint32 left = self->fields | self->rule->rest; left; left &= left - 1)
    {
      guint field = (guint) __builtin_ctz (left);
      MsCounterStep step;

      if (ms_counter_readings_take (&self->readings, sample, field, &step))
        add_step (self, &step, field);
      if (self->rule->form == LEVEL && (sample->present >> field & 1))
        add_level_reading (self, sample->time_ns, (double) sample->values[field]);
    }
}

/* Between a sample and an edge beside it: too short for a rate, as a handful of calls, or what the kernel adds up at
 * its own ticks, would be many a second. */
static gboolean
is_short (const Addition *self, gint64 from_ns, gint64 to_ns)
{
  return self->rule->form == COUNTER && to_ns > from_ns && to_ns - from_ns < self->least_apart_ns;
}

static gboolean
has_all_fields (const Addition *self, const MsResourceSample *sample)
{
  return (sample->present & self->fields) == self->fields;
}

/* The exit stands for the last sample just before it, in one step with what was before that.  Of a whole life that is
 * so of every counter; else of processor time alone, as samples of the rest have the recorder's own work in them. */
static gboolean
is_replaced_by_exit (const Addition *self, const MsResourceSample *sample, gboolean is_short_life)
{
  MsResourceSample exit;

  return self->thread != NULL && sample->time_ns == self->public->last_ns
         && ms_edge_readings_get_exit (self->thread, &exit) && has_all_fields (self, &exit)
         && (is_short_life ? exit.time_ns > sample->time_ns
                           : self->fields == BIT (THREAD_CPU_NS) && !(sample->broken & self->fields)
                                 && is_short (self, sample->time_ns, exit.time_ns));
}

static void
visit (guint source, const MsResourceSample *sample, gpointer data)
{
  Addition *self = data;
  MsResourceSample start, first = *sample;
  gboolean is_first, is_short_start;

  (void) source;
  self->last_ns = sample->time_ns;
  is_first = sample->time_ns == self->public->first_ns
             && ms_edge_readings_get_start (self->public->kind, self->thread, self->n_processors,
                                            sample, &start);
  if (!is_first)
    {
      if (!is_replaced_by_exit (self, sample, FALSE))
        add_sample (self, sample);
      return;
    }
  first.broken = 0;
  is_short_start = is_short (self, start.time_ns, sample->time_ns);
  add_sample (self, &start);
  /* One step to the next reading, where there is one. */
  if (is_short_start
      && (sample->time_ns < self->public->last_ns || is_replaced_by_exit (self, sample, TRUE)))
    return;
  if (!is_replaced_by_exit (self, &first, FALSE))
    add_sample (self, &first);
}

/* Of a thread that no sample met, what it read itself is all. */
static void
add_thread_end (Addition *self)
{
  MsResourceSample exit, start;

  if (!ms_edge_readings_get_exit (self->thread, &exit))
    return;
  if (self->public == NULL)
    {
      if (ms_edge_readings_get_start (TRK_RESOURCE_THREAD, self->thread, 1, &exit, &start))
        add_sample (self, &start);
      add_sample (self, &exit);
    }
  else if (self->last_ns == self->public->last_ns && exit.time_ns > self->last_ns)
    add_sample (self, &exit);
}

/* Readings that are rarer than ticks are meant to be, are so by habit. */
static gint64
get_most_apart_ns (MsResources *resources, guint source, guint field)
{
  const MsResourceFigure *figure = ms_resources_get_figure (resources, source, field);
  gint64 usual_ns = ms_resources_get_interval_ns (resources);

  if (ms_resources_get_source (resources, source)->kind == TRK_RESOURCE_SOCKET)
    usual_ns = MAX (usual_ns, MS_SOCKET_INTERVAL_NS);
  if (figure != NULL && figure->n_samples > 1)
    usual_ns =
        MAX (usual_ns, (figure->last_ns - figure->first_ns) / (gint64) (figure->n_samples - 1));
  return (gint64) (MOST_APART * (double) usual_ns);
}

static void
add_source (Addition *self, MsResources *resources, guint source)
{
  self->public = ms_resources_get_source (resources, source);
  self->fields = fields_of (self->rule, self->public->kind);
  self->least_apart_ns = ms_resources_get_interval_ns (resources) / 2;
  self->most_apart_ns = get_most_apart_ns (resources, source, (guint) __builtin_ctz (self->fields));
  self->last_ns = MS_TIME_NONE;
  memset (&self->readings, 0, sizeof self->readings);
  ms_resources_visit (resources, source, self->from_ns, self->to_ns, visit, self);
}

/* The sum over connections, for the time in which the process was sampled. */
static gboolean
add_sockets (Addition *self, MsResources *resources)
{
  g_autofree double *process_sums = g_new0 (double, self->n_bins + 1);
  g_autofree double *unused_weights = g_new0 (double, self->n_bins + 1);
  Addition process = *self, socket = *self;
  guint source;

  if (!find_source (resources, MS_RESOURCE_SERIES_CPU, 0, &source)
      || ms_resource_reason_of_kind (resources, TRK_RESOURCE_SOCKET, 0)
             != ms_resource_reason_explain (0))
    return FALSE;
  process.rule = &rules[MS_RESOURCE_SERIES_CPU];
  process.sums = process_sums;
  add_source (&process, resources, source);
  socket.weights = unused_weights;
  for (source = 0; source < ms_resources_get_n_sources (resources); source++)
    if (ms_resources_get_source (resources, source)->kind == TRK_RESOURCE_SOCKET)
      add_source (&socket, resources, source);
  return TRUE;
}

/* --- answers -------------------------------------------------------------------------------------- */

static gboolean
finish (const Addition *self, double *values)
{
  double scale = self->rule->scale * (self->rule->form == COUNTER ? 1e9 : 1);
  gboolean is_known = FALSE;

  for (guint i = 0; i < self->n_bins; i++)
    {
      if (self->rule->form == LEVEL)
        values[i] = scale * (isnan (self->sums[i]) ? self->weights[i] : self->sums[i]);
      else
        values[i] = self->weights[i] > 0 ? scale * self->sums[i] / self->weights[i] : NAN;
      is_known = is_known || !isnan (values[i]);
    }
  return is_known;
}

/* Why there is nothing. */
static const char *
find_reason (MsResources *resources, MsResourceSeries series, gboolean has_source, guint source)
{
  guint field = (guint) __builtin_ctz (rules[series].fields);

  if (!has_source && is_of_thread (series))
    return NC_ ("not measured", "the thread lived between two samples");
  if (!has_source)
    return ms_resource_reason_of_kind (resources, rules[series].kind, field);
  if (ms_resources_get_figure (resources, source, field) == NULL)
    return ms_resource_reason_of_field (resources, source, field);
  return NC_ ("not measured", "nothing was sampled in this stretch of time");
}

static gboolean
add_all (Addition *self, MsResources *resources, MsResourceSeries series, guint which)
{
  guint source = 0;
  gboolean has_source;

  if (is_of_sockets (series))
    {
      self->reason = find_reason (resources, series, FALSE, 0);
      return add_sockets (self, resources);
    }
  has_source = find_source (resources, series, which, &source);
  if (has_source)
    add_source (self, resources, source);
  if (self->thread != NULL)
    add_thread_end (self);
  self->reason = find_reason (resources, series, has_source, source);
  return has_source || self->thread != NULL;
}

gboolean
ms_resource_series_get (MsTrace *trace,
                        MsResourceSeries series,
                        guint which,
                        gint64 from_ns,
                        gint64 to_ns,
                        guint n_bins,
                        double *values,
                        const char **reason)
{
  MsResources *resources = ms_trace_get_resources (trace);
  g_autofree double *sums = g_new0 (double, n_bins + 1);
  g_autofree double *weights = g_new0 (double, n_bins + 1);
  Addition addition = { .from_ns = from_ns,
                        .to_ns = to_ns,
                        .n_bins = n_bins,
                        .sums = sums,
                        .weights = weights,
                        .reason = MS_NO_SAMPLES };
  gboolean is_known = FALSE;

  g_return_val_if_fail ((guint) series < MS_N_RESOURCE_SERIES, FALSE);
  g_return_val_if_fail (to_ns > from_ns, FALSE);
  addition.rule = &rules[series];
  addition.fields = addition.rule->fields;
  addition.n_processors = ms_edge_readings_count_processors (resources);
  addition.thread = is_of_thread (series) ? ms_trace_find_thread (trace, which) : NULL;
  for (guint i = 0; i < n_bins; i++)
    {
      values[i] = NAN;
      if (addition.rule->form == LEVEL)
        sums[i] = weights[i] = NAN;
    }
  if (resources != NULL && add_all (&addition, resources, series, which))
    is_known = finish (&addition, values);
  if (reason != NULL)
    *reason = is_known ? NULL : addition.reason;
  return is_known;
}
