/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-coverage.h"

#include <glib/gi18n.h>

#include "ms-resource-reason.h"
#include "trk-resource-fields.h"

/* A tick that comes late by less than half of one was not missed. */
#define LATE_PART 0.5
#define ANY_ID G_MAXUINT64
#define NOBODY NC_ ("not measured", "nothing of this kind was found")

/* Each is one field that tells whether its collector worked. */
static const struct {
  const char *name, *label;
  guint kind;
  guint64 id;
  guint field;
} COLLECTORS[] = {
  { "process_cpu", NC_ ("collector", "Processor time of the process"), TRK_RESOURCE_PROCESS, ANY_ID,
    TRK_PROCESS_CPU_NS },
  { "process_memory", NC_ ("collector", "Resident memory of the process"), TRK_RESOURCE_PROCESS,
    ANY_ID, TRK_PROCESS_RESIDENT_BYTES },
  { "process_memory_kinds", NC_ ("collector", "Its anonymous, file and shared memory"),
    TRK_RESOURCE_PROCESS, ANY_ID, TRK_PROCESS_ANON_BYTES },
  { "process_io", NC_ ("collector", "I/O of the process"), TRK_RESOURCE_PROCESS, ANY_ID,
    TRK_PROCESS_READ_CALLS },
  { "thread_cpu", NC_ ("collector", "Processor time of threads"), TRK_RESOURCE_THREAD, ANY_ID,
    TRK_THREAD_CPU_NS },
  { "thread_wait", NC_ ("collector", "Threads’ wait for a processor"), TRK_RESOURCE_THREAD, ANY_ID,
    TRK_THREAD_RUN_QUEUE_WAIT_NS },
  { "thread_io", NC_ ("collector", "I/O of threads"), TRK_RESOURCE_THREAD, ANY_ID,
    TRK_THREAD_READ_CALLS },
  { "thread_switches", NC_ ("collector", "Context switches of threads"), TRK_RESOURCE_THREAD,
    ANY_ID, TRK_THREAD_INVOLUNTARY_SWITCHES },
  { "connections", NC_ ("collector", "TCP connections"), TRK_RESOURCE_SOCKET, ANY_ID,
    TRK_SOCKET_SENT_BYTES },
  { "processors", NC_ ("collector", "Processors of the machine"), TRK_RESOURCE_PROCESSOR, ANY_ID,
    TRK_PROCESSOR_USER_NS },
  { "load", NC_ ("collector", "Load of the machine"), TRK_RESOURCE_LOAD, ANY_ID,
    TRK_LOAD_1_MIN_HUNDREDTHS },
  { "memory", NC_ ("collector", "Memory of the machine"), TRK_RESOURCE_MEMORY, ANY_ID,
    TRK_MEMORY_AVAILABLE_BYTES },
  { "cpu_pressure", NC_ ("collector", "Pressure on processors"), TRK_RESOURCE_PRESSURE,
    TRK_RESOURCE_PRESSURE_CPU, TRK_PRESSURE_SOME_NS },
  { "memory_pressure", NC_ ("collector", "Pressure on memory"), TRK_RESOURCE_PRESSURE,
    TRK_RESOURCE_PRESSURE_MEMORY, TRK_PRESSURE_SOME_NS },
  { "io_pressure", NC_ ("collector", "Pressure on I/O"), TRK_RESOURCE_PRESSURE,
    TRK_RESOURCE_PRESSURE_IO, TRK_PRESSURE_SOME_NS },
  { "disks", NC_ ("collector", "Disks"), TRK_RESOURCE_DISK, ANY_ID, TRK_DISK_BUSY_NS },
  { "interfaces", NC_ ("collector", "Network interfaces"), TRK_RESOURCE_INTERFACE, ANY_ID,
    TRK_INTERFACE_RECEIVED_BYTES },
  { "temperatures", NC_ ("collector", "Temperatures"), TRK_RESOURCE_TEMPERATURE, ANY_ID,
    TRK_TEMPERATURE_MILLIDEGREES },
  { "frequencies", NC_ ("collector", "Processors’ frequencies"), TRK_RESOURCE_FREQUENCY, ANY_ID,
    TRK_FREQUENCY_HERTZ },
  { "container_memory", NC_ ("collector", "Memory of the container"), TRK_RESOURCE_CGROUP, ANY_ID,
    TRK_CGROUP_MEMORY_BYTES },
  { "container_cpu", NC_ ("collector", "Throttling of the container"), TRK_RESOURCE_CGROUP, ANY_ID,
    TRK_CGROUP_THROTTLED_PERIODS },
  { "gpu_nvidia", NC_ ("collector", "GPU (NVIDIA)"), TRK_RESOURCE_GPU, ANY_ID,
    TRK_GPU_BUSY_PERCENT },
  { "gpu_engines", NC_ ("collector", "GPU engines of the process"), TRK_RESOURCE_GPU_ENGINE, ANY_ID,
    TRK_GPU_ENGINE_NS },
  { "gpu_cards", NC_ ("collector", "GPU cards"), TRK_RESOURCE_GPU_CARD, ANY_ID,
    TRK_GPU_CARD_BUSY_PERCENT },
};

/* --- ticks -------------------------------------------------------------------------------------- */

typedef struct {
  MsResourceCoverage *self;
  gint64 start_ns, end_ns; /* of the stretch */
  gint64 last_ns;          /* the sample before, or where the stretch begins */
} Ticks;

/* From the sample before to @time_ns: how many ticks there should have been between. */
static void
add_step (Ticks *ticks, gint64 time_ns)
{
  double interval_ns = (double) ticks->self->interval_ns;
  double n_steps;
  MsSampleGap gap = { ticks->last_ns, time_ns, 0 };

  ticks->last_ns = time_ns;
  if (interval_ns <= 0)
    return;
  n_steps = (double) (time_ns - gap.start_ns) / interval_ns;
  if (n_steps < 1 + LATE_PART)
    return;
  gap.n_missed = (guint64) (n_steps + LATE_PART) - 1;
  ticks->self->n_missed += gap.n_missed;
  g_array_append_val (ticks->self->gaps, gap);
}

static void
visit_cb (guint source, const MsResourceSample *sample, gpointer data)
{
  Ticks *ticks = data;

  if (sample->time_ns < ticks->start_ns || sample->time_ns > ticks->end_ns)
    return;
  ticks->self->n_samples++;
  add_step (ticks, sample->time_ns);
}

static int
compare_gaps (gconstpointer a, gconstpointer b)
{
  const MsSampleGap *x = a, *y = b;
  gint64 left = x->end_ns - x->start_ns, right = y->end_ns - y->start_ns;

  if (left != right)
    return left > right ? -1 : 1;
  return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static void
find_gaps (MsResourceCoverage *self, MsView *view, MsResources *resources)
{
  Ticks ticks = { self, ms_view_get_start_ns (view), ms_view_get_end_ns (view),
                  ms_view_get_start_ns (view) };
  guint source;

  for (source = 0; source < ms_resources_get_n_sources (resources); source++)
    if (ms_resources_get_source (resources, source)->kind == TRK_RESOURCE_PROCESS)
      break;
  if (source == ms_resources_get_n_sources (resources))
    return;
  ms_resources_visit (resources, source, ticks.start_ns, ticks.end_ns, visit_cb, &ticks);
  add_step (&ticks, ticks.end_ns);
  g_array_sort (self->gaps, compare_gaps);
}

/* --- collectors --------------------------------------------------------------------------------- */

static void
add_collector (MsResourceCoverage *self, MsResources *resources, guint which)
{
  MsCollector collector = { .name = COLLECTORS[which].name, .label = COLLECTORS[which].label };

  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);

      if (source->kind != COLLECTORS[which].kind
          || (COLLECTORS[which].id != ANY_ID && source->id != COLLECTORS[which].id))
        continue;
      collector.n_sources++;
      if (ms_resources_get_figure (resources, i, COLLECTORS[which].field) != NULL)
        collector.n_measured++;
      else if (collector.reason == NULL)
        collector.reason = ms_resource_reason_of_field (resources, i, COLLECTORS[which].field);
    }
  if (collector.n_sources == 0)
    collector.reason = resources != NULL ? NOBODY : MS_NO_SAMPLES;
  g_array_append_val (self->collectors, collector);
}

MsResourceCoverage *
ms_resource_coverage_new (MsView *view)
{
  MsResources *resources = ms_trace_get_resources (ms_view_get_trace (view));
  MsResourceCoverage *self = g_new0 (MsResourceCoverage, 1);

  self->gaps = g_array_new (FALSE, FALSE, sizeof (MsSampleGap));
  self->collectors = g_array_new (FALSE, FALSE, sizeof (MsCollector));
  self->has_samples = resources != NULL;
  if (resources != NULL)
    {
      self->interval_ns = ms_resources_get_interval_ns (resources);
      find_gaps (self, view, resources);
    }
  for (guint i = 0; i < G_N_ELEMENTS (COLLECTORS); i++)
    add_collector (self, resources, i);
  return self;
}

void
ms_resource_coverage_free (MsResourceCoverage *self)
{
  g_array_unref (self->gaps);
  g_array_unref (self->collectors);
  g_free (self);
}
