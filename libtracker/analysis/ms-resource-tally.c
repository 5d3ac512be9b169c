/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-tally.h"

#include "ms-counter-readings.h"
#include "ms-edge-readings.h"
#include "trk-resource-fields.h"

/* What is read most seldom is read once a second. */
#define MOST_APART_NS G_GINT64_CONSTANT (2500000000)

/* A source, or a thread that no sample met. */
typedef struct {
  MsThread *thread;
  gint64 first_ns; /* of all its samples; MS_TIME_NONE: there are none */
  gint64 last_ns;  /* of all its samples */
  gint64 seen_ns;  /* of those visited */
  guint kind;
  guint n_fields;
  MsCounterReadings readings;
  MsFieldTally fields[];
} Entry;

struct _MsResourceTally {
  MsTrace *trace;
  MsResources *resources; /* NULL: none */
  gint64 from_ns, to_ns;
  gint64 least_apart_ns; /* for a peak */
  gint64 most_apart_ns;  /* for a part of a step to be taken for what happened in it */
  guint n_processors;
  guint n_sources, n_threads;
  Entry **sources; /* by source; NULL: not visited */
  Entry **threads; /* by index; some of sources, some of their own */
};

static Entry *
entry_new (guint n_fields)
{
  Entry *entry = g_malloc0 (sizeof *entry + n_fields * sizeof entry->fields[0]);

  entry->n_fields = n_fields;
  entry->first_ns = entry->last_ns = entry->seen_ns = MS_TIME_NONE;
  for (guint i = 0; i < n_fields; i++)
    entry->fields[i].peak_per_second = -1;
  return entry;
}

/* --- one reading ---------------------------------------------------------------------------------- */

static void
add_reading (MsFieldTally *tally, gint64 time_ns, double value)
{
  tally->least = tally->n_readings > 0 ? MIN (tally->least, value) : value;
  tally->greatest = tally->n_readings > 0 ? MAX (tally->greatest, value) : value;
  tally->mean += (value - tally->mean) / (tally->n_readings + 1);
  tally->n_readings++;
  tally->last = value;
  tally->last_ns = time_ns;
}

/* Steps that are too short to say how fast a counter grew are taken together. */
static void
add_to_peak (const MsResourceTally *self, MsFieldTally *tally, const MsCounterStep *step)
{
  if (tally->pending_to_ns != step->from_ns || tally->pending_ns == 0)
    {
      tally->pending_ns = 0;
      tally->pending_growth = 0;
    }
  tally->pending_ns += step->to_ns - step->from_ns;
  tally->pending_growth += (double) (step->after - step->before);
  tally->pending_to_ns = step->to_ns;
  if (tally->pending_ns < self->least_apart_ns)
    return;
  tally->peak_per_second =
      MAX (tally->peak_per_second, tally->pending_growth * 1e9 / (double) tally->pending_ns);
  tally->pending_ns = 0;
}

static void
add_growth (const MsResourceTally *self, MsFieldTally *tally, const MsCounterStep *step)
{
  double share = ms_counter_step_share (step, self->from_ns, self->to_ns);
  gint64 length_ns = step->to_ns - step->from_ns;
  double growth = (double) (step->after - step->before);

  if (share <= 0 || step->after < step->before || (share < 1 && length_ns > self->most_apart_ns))
    return;
  tally->growth += share * growth;
  tally->covered_ns += (gint64) (share * (double) length_ns + 0.5);
  tally->last_ns = MAX (tally->last_ns, MIN (step->to_ns, self->to_ns));
  add_to_peak (self, tally, step);
}

static void
add_field (const MsResourceTally *self, Entry *entry, const MsResourceSample *sample, guint field)
{
  MsFieldTally *tally = &entry->fields[field];
  MsCounterStep step;
  gboolean is_step = ms_counter_readings_take (&entry->readings, sample, field, &step);

  if (is_step)
    add_growth (self, tally, &step);
  if (sample->time_ns >= self->from_ns && sample->time_ns <= self->to_ns)
    add_reading (tally, sample->time_ns, (double) sample->values[field]);
  else if (is_step && step.from_ns < self->from_ns && step.to_ns > self->to_ns
           && step.to_ns - step.from_ns <= self->most_apart_ns)
    {
      add_reading (tally, self->from_ns, (double) step.before);
      add_reading (tally, self->to_ns, (double) step.after);
    }
}

static void
add_sample (const MsResourceTally *self, Entry *entry, const MsResourceSample *sample)
{
  for (guint32 left = sample->present; left; left &= left - 1)
    {
      guint field = (guint) __builtin_ctz (left);

      if (field < entry->n_fields)
        add_field (self, entry, sample, field);
    }
}

/* What begins is no level of that time. */
static void
add_start (Entry *entry, const MsResourceSample *start)
{
  for (guint32 left = start->present; left; left &= left - 1)
    {
      guint field = (guint) __builtin_ctz (left);
      MsCounterStep step;

      ms_counter_readings_take (&entry->readings, start, field, &step);
    }
}

static void
add_first_sample (const MsResourceTally *self, Entry *entry, const MsResourceSample *sample)
{
  MsResourceSample start, first = *sample;

  if (ms_edge_readings_get_start (entry->kind, entry->thread, self->n_processors, sample, &start))
    {
      add_start (entry, &start);
      first.broken = 0;
    }
  add_sample (self, entry, &first);
}

/* --- all ------------------------------------------------------------------------------------------ */

static Entry *
make_source (MsResourceTally *self, guint number)
{
  const MsResourceSource *source = ms_resources_get_source (self->resources, number);
  guint n_fields = 32 - (guint) __builtin_clz (source->measured | 1);
  Entry *entry =
      entry_new (source->thread_id >= 0 ? MAX (n_fields, TRK_THREAD_N_FIELDS) : n_fields);

  entry->first_ns = source->first_ns;
  entry->last_ns = source->last_ns;
  entry->kind = source->kind;
  if (source->thread_id >= 0)
    entry->thread = ms_trace_find_thread (self->trace, (guint) source->thread_id);
  self->sources[number] = entry;
  return entry;
}

static void
visit (guint source, const MsResourceSample *sample, gpointer data)
{
  MsResourceTally *self = data;
  Entry *entry = self->sources[source];

  if (entry == NULL)
    entry = make_source (self, source);
  entry->seen_ns = sample->time_ns;
  if (sample->time_ns == entry->first_ns)
    add_first_sample (self, entry, sample);
  else
    add_sample (self, entry, sample);
}

static void
set_whole_life (const MsResourceTally *self, Entry *entry, const MsResourceSample *exit)
{
  gint64 start_ns = ms_thread_get_start_ns (entry->thread);

  if (start_ns < self->from_ns || exit->time_ns > self->to_ns || exit->time_ns <= start_ns)
    return;
  for (guint field = TRK_THREAD_CPU_NS + 1; field < entry->n_fields; field++)
    if (exit->present >> field & 1)
      {
        entry->fields[field].growth = (double) exit->values[field];
        entry->fields[field].covered_ns = exit->time_ns - start_ns;
        entry->fields[field].last_ns = exit->time_ns;
      }
}

/* What it read itself comes after its last sample; of one without samples it is all. */
static void
add_thread (MsResourceTally *self, guint index)
{
  MsThread *thread = ms_trace_get_thread (self->trace, index);
  MsResourceSample exit;
  Entry *entry;
  guint source;
  gboolean is_sampled =
      self->resources != NULL
      && ms_resources_find_thread (self->resources, ms_thread_get_id (thread), &source);

  if (is_sampled)
    self->threads[index] = self->sources[source];
  if (!ms_edge_readings_get_exit (thread, &exit))
    return;
  if (!is_sampled)
    {
      self->threads[index] = entry_new (TRK_THREAD_N_FIELDS);
      self->threads[index]->kind = TRK_RESOURCE_THREAD;
      self->threads[index]->thread = thread;
      add_first_sample (self, self->threads[index], &exit);
      return;
    }
  entry = self->threads[index];
  if (entry == NULL)
    return;
  set_whole_life (self, entry, &exit);
  exit.present &= 1U << TRK_THREAD_CPU_NS;
  if (entry->seen_ns == entry->last_ns && exit.time_ns > entry->last_ns)
    add_sample (self, entry, &exit);
}

MsResourceTally *
ms_resource_tally_new (MsTrace *trace, gint64 from_ns, gint64 to_ns)
{
  MsResourceTally *self = g_new0 (MsResourceTally, 1);

  self->trace = g_object_ref (trace);
  self->resources = ms_trace_get_resources (trace);
  self->from_ns = from_ns == MS_TIME_NONE ? G_MININT64 / 4 : from_ns;
  self->to_ns = to_ns == MS_TIME_NONE ? G_MAXINT64 / 4 : to_ns;
  self->n_threads = ms_trace_get_n_threads (trace);
  self->threads = g_new0 (Entry *, self->n_threads + 1);
  /* Without samples nobody knows when in its life a thread computed. */
  self->most_apart_ns = self->resources != NULL ? MOST_APART_NS : 0;
  self->n_processors = ms_edge_readings_count_processors (self->resources);
  if (self->resources != NULL)
    {
      self->n_sources = ms_resources_get_n_sources (self->resources);
      self->least_apart_ns = ms_resources_get_interval_ns (self->resources) / 2;
      self->most_apart_ns = MAX (MOST_APART_NS, 5 * self->least_apart_ns);
      self->sources = g_new0 (Entry *, self->n_sources + 1);
      ms_resources_visit (self->resources, MS_RESOURCE_ALL, self->from_ns, self->to_ns, visit,
                          self);
    }
  for (guint i = 0; i < self->n_threads; i++)
    add_thread (self, i);
  return self;
}

void
ms_resource_tally_free (MsResourceTally *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    if (self->threads[i] != NULL && self->threads[i]->first_ns == MS_TIME_NONE)
      g_free (self->threads[i]);
  for (guint i = 0; i < self->n_sources; i++)
    g_free (self->sources[i]);
  g_free (self->threads);
  g_free (self->sources);
  g_object_unref (self->trace);
  g_free (self);
}

static const MsFieldTally *
get_field (const Entry *entry, guint field)
{
  const MsFieldTally *tally;

  if (entry == NULL || field >= entry->n_fields)
    return NULL;
  tally = &entry->fields[field];
  return tally->n_readings > 0 || tally->covered_ns > 0 ? tally : NULL;
}

const MsFieldTally *
ms_resource_tally_get (MsResourceTally *self, guint source, guint field)
{
  return source < self->n_sources ? get_field (self->sources[source], field) : NULL;
}

const MsFieldTally *
ms_resource_tally_get_thread (MsResourceTally *self, guint index, guint field)
{
  return index < self->n_threads ? get_field (self->threads[index], field) : NULL;
}
