/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-join.h"

#include <glib/gi18n.h>

#include "ms-resource-devices.h"
#include "ms-resource-reason.h"
#include "ms-resource-tally.h"
#include "trk-resource-fields.h"

#define BETWEEN NC_ ("not measured", "it lived between two samples")
#define NOT_THEN NC_ ("not measured", "no sample is of this stretch of time")

typedef struct {
  MsResourceJoin *join;
  MsView *view;
  MsTrace *trace;
  MsResources *resources; /* NULL: none */
  MsResourceTally *tally;
  gboolean is_part; /* of the trace's time */
} Join;

/* --- threads -------------------------------------------------------------------------------------- */

/* Why a field of a thread is not there. */
static const char *
thread_reason (const Join *self, MsThread *thread, guint field)
{
  guint source;

  if (self->resources == NULL)
    return MS_NO_SAMPLES;
  if (!ms_resources_find_thread (self->resources, ms_thread_get_id (thread), &source))
    return BETWEEN;
  if (ms_resources_get_figure (self->resources, source, field) == NULL)
    return ms_resource_reason_of_field (self->resources, source, field);
  return NOT_THEN;
}

static MsMeasured
thread_growth (const Join *self, guint index, guint field)
{
  const MsFieldTally *tally = ms_resource_tally_get_thread (self->tally, index, field);

  if (tally != NULL && tally->covered_ns > 0)
    return ms_measured (tally->growth);
  return ms_not_measured (thread_reason (self, ms_trace_get_thread (self->trace, index), field));
}

/* @growth of the time in which @field was read. */
static MsMeasured
rate_of (const Join *self, guint index, guint field, MsMeasured growth)
{
  const MsFieldTally *tally = ms_resource_tally_get_thread (self->tally, index, field);

  if (growth.known)
    growth.value *= 1e9 / (double) tally->covered_ns;
  return growth;
}

static MsMeasured
sum_of (MsMeasured a, MsMeasured b)
{
  if (!a.known)
    return a;
  return b.known ? ms_measured (a.value + b.value) : b;
}

static void
fill_thread_cpu (const Join *self, guint index, MsThreadResources *into)
{
  MsThread *thread = ms_trace_get_thread (self->trace, index);
  const MsFieldTally *tally = ms_resource_tally_get_thread (self->tally, index, TRK_THREAD_CPU_NS);
  const char *reason = thread_reason (self, thread, TRK_THREAD_CPU_NS);

  if (ms_thread_get_cpu_ns (thread) >= 0)
    reason = NOT_THEN;
  else if (self->resources == NULL)
    reason = NC_ ("not measured", "the recording has no resource samples, and the thread did not "
                                  "read its processor time: it did not end by itself");
  into->cpu_ns = into->cpu_percent = into->cpu_percent_peak = ms_not_measured (reason);
  if (tally == NULL || tally->covered_ns <= 0)
    return;
  into->cpu_ns = ms_measured (tally->growth);
  /* Its clock begins some microseconds before the recorder sees it: a short life would be above a core. */
  into->cpu_percent = ms_measured (MIN (100, 100 * tally->growth / (double) tally->covered_ns));
  into->cpu_percent_peak =
      self->resources == NULL ? ms_not_measured (MS_NO_SAMPLES)
      : tally->peak_per_second < 0
          ? ms_not_measured (BETWEEN)
          : ms_measured (MIN (100, MAX (into->cpu_percent.value, tally->peak_per_second * 1e-7)));
}

/* Of its whole life it says so itself; of a part, and of one that was killed, its samples do. */
static MsMeasured
socket_bytes (const Join *self, guint index, MsExitFigure figure, guint field)
{
  MsThread *thread = ms_trace_get_thread (self->trace, index);
  MsMeasured sampled = thread_growth (self, index, field);
  gint64 end_ns = ms_thread_get_end_ns (thread);
  gboolean has_part = self->is_part
                      && (ms_thread_get_start_ns (thread) < ms_view_get_start_ns (self->view)
                          || end_ns > ms_view_get_end_ns (self->view));
  guint64 bytes;

  if (end_ns != MS_TIME_NONE && !has_part && ms_thread_get_exit_figure (thread, figure, &bytes))
    return ms_measured ((double) bytes);
  if (sampled.known)
    return sampled;
  if (end_ns == MS_TIME_NONE)
    return ms_not_measured (
        NC_ ("not measured", "the thread says so as it ends, and it has not ended by itself"));
  if (!ms_thread_get_exit_figure (thread, figure, &bytes))
    return ms_not_measured (NC_ ("not measured", "the thread did not count it"));
  return ms_not_measured (NC_ ("not measured", "it is known of the thread's whole life only"));
}

static void
fill_thread (const Join *self, guint index)
{
  MsThreadResources *into = &self->join->threads[index];
  const MsFieldTally *last;
  MsThread *thread = ms_trace_get_thread (self->trace, index);

  fill_thread_cpu (self, index, into);
  into->io_operations = sum_of (thread_growth (self, index, TRK_THREAD_READ_CALLS),
                                thread_growth (self, index, TRK_THREAD_WRITE_CALLS));
  into->io_operations_per_second =
      rate_of (self, index, TRK_THREAD_READ_CALLS, into->io_operations);
  into->read_bytes = thread_growth (self, index, TRK_THREAD_READ_BYTES);
  into->written_bytes = thread_growth (self, index, TRK_THREAD_WRITTEN_BYTES);
  into->run_queue_wait_ns = thread_growth (self, index, TRK_THREAD_RUN_QUEUE_WAIT_NS);
  into->voluntary_switches = thread_growth (self, index, TRK_THREAD_VOLUNTARY_SWITCHES);
  into->involuntary_switches = thread_growth (self, index, TRK_THREAD_INVOLUNTARY_SWITCHES);
  into->minor_faults = thread_growth (self, index, TRK_THREAD_MINOR_FAULTS);
  into->major_faults = thread_growth (self, index, TRK_THREAD_MAJOR_FAULTS);
  into->socket_sent_bytes =
      socket_bytes (self, index, MS_EXIT_SOCKET_SENT_BYTES, TRK_THREAD_SOCKET_SENT_BYTES);
  into->socket_received_bytes =
      socket_bytes (self, index, MS_EXIT_SOCKET_RECEIVED_BYTES, TRK_THREAD_SOCKET_RECEIVED_BYTES);
  last = ms_resource_tally_get_thread (self->tally, index, TRK_THREAD_READ_CALLS);
  if (last == NULL)
    last = ms_resource_tally_get_thread (self->tally, index, TRK_THREAD_RUN_QUEUE_WAIT_NS);
  into->known_until_ns =
      last != NULL ? ms_measured ((double) last->last_ns)
                   : ms_not_measured (thread_reason (self, thread, TRK_THREAD_READ_CALLS));
}

/* --- the process ---------------------------------------------------------------------------------- */

static void
add_tally (MsMeasured *sum, const MsFieldTally *tally)
{
  if (tally != NULL && tally->covered_ns > 0)
    *sum = ms_measured (sum->value + tally->growth);
}

/* Over all threads that were sampled, those that the trace does not have too, and those of the trace that no
 * sample met, as far as they read it themselves. */
static MsMeasured
sum_over_threads (const Join *self, guint field)
{
  MsMeasured sum =
      ms_not_measured (ms_resource_reason_of_kind (self->resources, TRK_RESOURCE_THREAD, field));
  guint source;

  if (self->resources == NULL)
    return sum;
  for (guint i = 0; i < ms_resources_get_n_sources (self->resources); i++)
    if (ms_resources_get_source (self->resources, i)->kind == TRK_RESOURCE_THREAD)
      add_tally (&sum, ms_resource_tally_get (self->tally, i, field));
  for (guint i = 0; i < self->join->n_threads; i++)
    if (!ms_resources_find_thread (self->resources,
                                   ms_thread_get_id (ms_trace_get_thread (self->trace, i)),
                                   &source))
      add_tally (&sum, ms_resource_tally_get_thread (self->tally, i, field));
  return sum;
}

/* Of the threads of the trace, their own readings included. */
static MsMeasured
sum_of_member (const Join *self, gsize of_thread)
{
  MsMeasured sum = ms_not_measured (NULL);

  for (guint i = 0; i < self->join->n_threads; i++)
    sum = ms_measured_sum (sum, G_STRUCT_MEMBER (MsMeasured, &self->join->threads[i], of_thread));
  return sum;
}

/* The kernel's count ends with the last sample, the threads' with their end. */
static void
fill_process_cpu (const Join *self, MsProcessResources *into, const MsFieldTally *tally)
{
  MsMeasured threads = sum_of_member (self, G_STRUCT_OFFSET (MsThreadResources, cpu_ns));
  gint64 length_ns = ms_view_get_end_ns (self->view) - ms_view_get_start_ns (self->view);

  if (tally != NULL && tally->covered_ns > 0)
    {
      into->cpu_ns = ms_measured (tally->growth);
      into->cpu_percent = ms_measured (100 * tally->growth / (double) tally->covered_ns);
      if (tally->peak_per_second >= 0)
        into->cpu_percent_peak = ms_measured (tally->peak_per_second * 1e-7);
    }
  if (!threads.known || self->resources == NULL
      || (into->cpu_ns.known && into->cpu_ns.value >= threads.value))
    return;
  into->cpu_ns = threads;
  if (length_ns > 0 && !ms_view_is_filtered (self->view))
    into->cpu_percent = ms_measured (100 * threads.value / (double) length_ns);
  if (into->cpu_percent_peak.known && into->cpu_percent.known)
    into->cpu_percent_peak.value = MAX (into->cpu_percent_peak.value, into->cpu_percent.value);
}

#define OF_BOTH(member) \
  { \
    G_STRUCT_OFFSET (MsProcessResources, member), G_STRUCT_OFFSET (MsThreadResources, member) \
  }

/* The kernel's counts of the process end with the last sample, too, and miss what was done after it.  Of a part
 * of the time both are shares of steps of different lengths, and which is larger says nothing. */
static void
raise_to_threads (const Join *self, MsProcessResources *into)
{
  static const struct {
    gsize of_process, of_thread;
  } members[] = {
    OF_BOTH (io_operations), OF_BOTH (read_bytes),   OF_BOTH (written_bytes),
    OF_BOTH (minor_faults),  OF_BOTH (major_faults),
  };

  for (guint i = 0; self->resources != NULL && !self->is_part && i < G_N_ELEMENTS (members); i++)
    {
      MsMeasured threads = sum_of_member (self, members[i].of_thread);
      MsMeasured *own = &G_STRUCT_MEMBER (MsMeasured, into, members[i].of_process);

      if (own->known && threads.known && threads.value > own->value)
        *own = threads;
    }
}

typedef struct {
  gsize member;
  guint field;
} Member;

#define OF_PROCESS(member, field) \
  { \
    G_STRUCT_OFFSET (MsProcessResources, member), TRK_PROCESS_##field \
  }

static const Member process_counters[] = {
  OF_PROCESS (minor_faults, MINOR_FAULTS),
  OF_PROCESS (major_faults, MAJOR_FAULTS),
  OF_PROCESS (read_bytes, READ_BYTES),
  OF_PROCESS (written_bytes, WRITTEN_BYTES),
  OF_PROCESS (disk_read_bytes, DISK_READ_BYTES),
  OF_PROCESS (disk_written_bytes, DISK_WRITTEN_BYTES),
};

static const Member process_levels[] = {
  OF_PROCESS (threads, THREADS),
  OF_PROCESS (resident_bytes, RESIDENT_BYTES),
  OF_PROCESS (resident_anonymous_bytes, ANON_BYTES),
  OF_PROCESS (resident_file_bytes, FILE_BYTES),
  OF_PROCESS (resident_shared_bytes, SHMEM_BYTES),
  OF_PROCESS (swapped_bytes, SWAPPED_BYTES),
};

static MsMeasured *
member_of (MsProcessResources *self, const Member *member)
{
  return &G_STRUCT_MEMBER (MsMeasured, self, member->member);
}

static void
fill_process_fields (const Join *self, MsProcessResources *into)
{
  MsFigureSource from =
      ms_figure_source_find (self->resources, self->tally, TRK_RESOURCE_PROCESS, G_MAXUINT64);

  for (guint i = 0; i < G_N_ELEMENTS (process_counters); i++)
    *member_of (into, &process_counters[i]) =
        ms_figure_source_growth (&from, process_counters[i].field);
  into->io_operations = sum_of (ms_figure_source_growth (&from, TRK_PROCESS_READ_CALLS),
                                ms_figure_source_growth (&from, TRK_PROCESS_WRITE_CALLS));
  into->major_faults_per_second = ms_figure_source_rate (&from, TRK_PROCESS_MAJOR_FAULTS);
  into->cpu_ns = into->cpu_percent = into->cpu_percent_peak =
      ms_figure_source_growth (&from, TRK_PROCESS_CPU_NS);
  if (into->cpu_percent_peak.known)
    into->cpu_percent_peak =
        ms_not_measured (NC_ ("not measured", "no two samples are far enough apart"));
  fill_process_cpu (self, into,
                    ms_resource_tally_get (self->tally, from.source, TRK_PROCESS_CPU_NS));
  raise_to_threads (self, into);
}

static void
fill_process_levels (const Join *self, MsProcessResources *into, MsLevelKind kind)
{
  MsFigureSource from =
      ms_figure_source_find (self->resources, self->tally, TRK_RESOURCE_PROCESS, G_MAXUINT64);

  for (guint i = 0; i < G_N_ELEMENTS (process_levels); i++)
    *member_of (into, &process_levels[i]) =
        ms_figure_source_level (&from, process_levels[i].field, kind);
}

static void
fill_process_sockets (const Join *self, MsProcessResources *into)
{
  into->socket_sent_bytes = into->socket_received_bytes =
      ms_not_measured (NC_ ("not measured", "no thread has counted it"));
  for (guint i = 0; i < self->join->n_threads; i++)
    {
      const MsThreadResources *t = &self->join->threads[i];

      into->socket_sent_bytes = ms_measured_sum (into->socket_sent_bytes, t->socket_sent_bytes);
      into->socket_received_bytes =
          ms_measured_sum (into->socket_received_bytes, t->socket_received_bytes);
    }
}

static void
fill_process (const Join *self)
{
  MsProcessResources *into = &self->join->process;
  gint64 length_ns = ms_view_get_end_ns (self->view) - ms_view_get_start_ns (self->view);

  fill_process_fields (self, into);
  into->run_queue_wait_ns = sum_over_threads (self, TRK_THREAD_RUN_QUEUE_WAIT_NS);
  into->voluntary_switches = sum_over_threads (self, TRK_THREAD_VOLUNTARY_SWITCHES);
  into->involuntary_switches = sum_over_threads (self, TRK_THREAD_INVOLUNTARY_SWITCHES);
  into->involuntary_switches_per_second = into->involuntary_switches;
  if (length_ns > 0)
    into->involuntary_switches_per_second.value *= 1e9 / (double) length_ns;
  else if (into->involuntary_switches.known)
    into->involuntary_switches_per_second =
        ms_not_measured (NC_ ("not measured", "the time has no length"));
  fill_process_sockets (self, into);
  ms_resource_devices_fill_process (self->resources, self->tally, into);
  self->join->process_at_end = *into;
  fill_process_levels (self, into, MS_LEVEL_GREATEST);
  fill_process_levels (self, &self->join->process_at_end, MS_LEVEL_LAST);
}

/* --- all ------------------------------------------------------------------------------------------ */

MsResourceJoin *
ms_resource_join_new (MsView *view)
{
  MsResourceJoin *join = g_new0 (MsResourceJoin, 1);
  MsTrace *trace = ms_view_get_trace (view);
  MsFilter *filter = ms_view_get_filter (view);
  gint64 from_ns = MS_TIME_NONE, to_ns = MS_TIME_NONE;
  g_autoptr (MsResourceTally) tally = NULL;
  Join self = { .join = join, .view = view, .trace = trace };

  if (filter != NULL && ms_filter_get_range (filter, &from_ns, &to_ns))
    {
      from_ns = ms_view_get_start_ns (view);
      to_ns = ms_view_get_end_ns (view);
      self.is_part = TRUE;
    }
  self.resources = ms_trace_get_resources (trace);
  self.tally = tally = ms_resource_tally_new (trace, from_ns, to_ns);
  join->trace = g_object_ref (trace);
  join->has_samples = self.resources != NULL && ms_resources_get_n_sources (self.resources) > 0;
  join->n_threads = ms_trace_get_n_threads (trace);
  join->threads = g_new0 (MsThreadResources, join->n_threads + 1);
  for (guint i = 0; i < join->n_threads; i++)
    fill_thread (&self, i);
  ms_process_resources_init (&join->process, MS_NO_SAMPLES);
  ms_system_resources_init (&join->system, MS_NO_SAMPLES);
  join->processors = ms_resource_devices_new (self.resources, tally, TRK_RESOURCE_PROCESSOR);
  join->disks = ms_resource_devices_new (self.resources, tally, TRK_RESOURCE_DISK);
  join->interfaces = ms_resource_devices_new (self.resources, tally, TRK_RESOURCE_INTERFACE);
  join->gpus = ms_resource_devices_new (self.resources, tally, TRK_RESOURCE_GPU);
  fill_process (&self);
  ms_resource_devices_fill_system (self.resources, tally, join);
  return join;
}

void
ms_resource_join_free (MsResourceJoin *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->processors);
  g_array_unref (self->disks);
  g_array_unref (self->interfaces);
  g_array_unref (self->gpus);
  g_free (self->threads);
  g_object_unref (self->trace);
  g_free (self);
}
