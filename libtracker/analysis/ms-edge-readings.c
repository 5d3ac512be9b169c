/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-edge-readings.h"

#include "trk-resource-fields.h"

/* A thread runs before it says that it has started; a tick of the kernel's clock is 10 ms at most. */
#define START_SLACK_NS 30000000.0

#define BIT(field) (1U << TRK_##field)

#define THREAD_COUNTERS \
  (BIT (THREAD_CPU_NS) | BIT (THREAD_RUN_QUEUE_WAIT_NS) | BIT (THREAD_RUNS) \
   | BIT (THREAD_MINOR_FAULTS) | BIT (THREAD_MAJOR_FAULTS) | BIT (THREAD_READ_CALLS) \
   | BIT (THREAD_WRITE_CALLS) | BIT (THREAD_READ_BYTES) | BIT (THREAD_WRITTEN_BYTES) \
   | BIT (THREAD_DISK_READ_BYTES) | BIT (THREAD_DISK_WRITTEN_BYTES) \
   | BIT (THREAD_VOLUNTARY_SWITCHES) | BIT (THREAD_INVOLUNTARY_SWITCHES) \
   | BIT (THREAD_SOCKET_RECEIVED_BYTES) | BIT (THREAD_SOCKET_SENT_BYTES))
#define PROCESS_COUNTERS \
  (BIT (PROCESS_CPU_NS) | BIT (PROCESS_USER_NS) | BIT (PROCESS_SYSTEM_NS) \
   | BIT (PROCESS_MINOR_FAULTS) | BIT (PROCESS_MAJOR_FAULTS) | BIT (PROCESS_READ_CALLS) \
   | BIT (PROCESS_WRITE_CALLS) | BIT (PROCESS_READ_BYTES) | BIT (PROCESS_WRITTEN_BYTES) \
   | BIT (PROCESS_DISK_READ_BYTES) | BIT (PROCESS_DISK_WRITTEN_BYTES))
#define SOCKET_COUNTERS \
  (BIT (SOCKET_SENT_BYTES) | BIT (SOCKET_RECEIVED_BYTES) | BIT (SOCKET_RETRANSMITS))

static gboolean
is_possible (const MsResourceSample *first, guint cpu_field, double most_ns)
{
  return !(first->present >> cpu_field & 1)
         || (double) first->values[cpu_field] <= most_ns + START_SLACK_NS;
}

gboolean
ms_edge_readings_get_start (guint kind,
                            MsThread *thread,
                            guint n_processors,
                            const MsResourceSample *first,
                            MsResourceSample *start)
{
  double passed_ns;

  *start = (MsResourceSample) { .time_ns = 0 };
  if (kind == TRK_RESOURCE_SOCKET)
    {
      start->time_ns = first->time_ns - MS_SOCKET_INTERVAL_NS;
      start->present = start->broken = SOCKET_COUNTERS;
      return TRUE;
    }
  if (kind != TRK_RESOURCE_PROCESS && thread == NULL)
    return FALSE;
  if (thread != NULL)
    start->time_ns = ms_thread_get_start_ns (thread);
  start->present = start->broken = thread != NULL ? THREAD_COUNTERS : PROCESS_COUNTERS;
  passed_ns = (double) (first->time_ns - start->time_ns);
  if (passed_ns <= 0)
    return FALSE;
  return thread != NULL ? is_possible (first, TRK_THREAD_CPU_NS, passed_ns)
                        : is_possible (first, TRK_PROCESS_CPU_NS, passed_ns * n_processors);
}

/* Fields that samples have too. */
static const struct {
  MsExitFigure figure;
  guint field;
} exit_fields[] = {
  { MS_EXIT_MINOR_FAULTS, TRK_THREAD_MINOR_FAULTS },
  { MS_EXIT_MAJOR_FAULTS, TRK_THREAD_MAJOR_FAULTS },
  { MS_EXIT_VOLUNTARY_SWITCHES, TRK_THREAD_VOLUNTARY_SWITCHES },
  { MS_EXIT_INVOLUNTARY_SWITCHES, TRK_THREAD_INVOLUNTARY_SWITCHES },
  { MS_EXIT_RUN_QUEUE_WAIT_NS, TRK_THREAD_RUN_QUEUE_WAIT_NS },
  { MS_EXIT_RUNS, TRK_THREAD_RUNS },
  { MS_EXIT_READ_CALLS, TRK_THREAD_READ_CALLS },
  { MS_EXIT_WRITE_CALLS, TRK_THREAD_WRITE_CALLS },
  { MS_EXIT_READ_BYTES, TRK_THREAD_READ_BYTES },
  { MS_EXIT_WRITTEN_BYTES, TRK_THREAD_WRITTEN_BYTES },
  { MS_EXIT_DISK_READ_BYTES, TRK_THREAD_DISK_READ_BYTES },
  { MS_EXIT_DISK_WRITTEN_BYTES, TRK_THREAD_DISK_WRITTEN_BYTES },
  { MS_EXIT_SOCKET_RECEIVED_BYTES, TRK_THREAD_SOCKET_RECEIVED_BYTES },
  { MS_EXIT_SOCKET_SENT_BYTES, TRK_THREAD_SOCKET_SENT_BYTES },
};

gboolean
ms_edge_readings_get_exit (MsThread *thread, MsResourceSample *exit)
{
  gint64 end_ns = ms_thread_get_end_ns (thread), cpu_ns = ms_thread_get_cpu_ns (thread);

  *exit = (MsResourceSample) { .time_ns = end_ns };
  if (end_ns == MS_TIME_NONE)
    return FALSE;
  if (cpu_ns >= 0)
    {
      exit->present = BIT (THREAD_CPU_NS);
      exit->values[TRK_THREAD_CPU_NS] = (guint64) cpu_ns;
    }
  for (guint i = 0; i < G_N_ELEMENTS (exit_fields); i++)
    if (ms_thread_get_exit_figure (thread, exit_fields[i].figure,
                                   &exit->values[exit_fields[i].field]))
      exit->present |= 1U << exit_fields[i].field;
  return exit->present != 0;
}

guint
ms_edge_readings_count_processors (MsResources *resources)
{
  guint n = 0;

  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);

      n += source->kind == TRK_RESOURCE_PROCESSOR && source->id > 0 && source->n_samples > 0;
    }
  return MAX (n, 1);
}
