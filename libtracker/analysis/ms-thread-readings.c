/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-readings.h"

#include "trk-resource-fields.h"

/* A thread runs before it says that it has started; a tick of the kernel's clock is 10 ms at most. */
#define START_SLACK_NS G_GINT64_CONSTANT (30000000)

/* Of a field of a thread, as a mask. */
#define BIT(field) (1U << TRK_THREAD_##field)

#define COUNTERS \
  (BIT (CPU_NS) | BIT (RUN_QUEUE_WAIT_NS) | BIT (RUNS) | BIT (MINOR_FAULTS) | BIT (MAJOR_FAULTS) \
   | BIT (READ_CALLS) | BIT (WRITE_CALLS) | BIT (READ_BYTES) | BIT (WRITTEN_BYTES) \
   | BIT (DISK_READ_BYTES) | BIT (DISK_WRITTEN_BYTES) | BIT (VOLUNTARY_SWITCHES) \
   | BIT (INVOLUNTARY_SWITCHES))

gboolean
ms_thread_readings_get_start (MsThread *thread,
                              const MsResourceSample *first,
                              MsResourceSample *start)
{
  gint64 passed_ns = first->time_ns - ms_thread_get_start_ns (thread);

  *start = (MsResourceSample) { .time_ns = ms_thread_get_start_ns (thread),
                                .present = COUNTERS,
                                .broken = COUNTERS };
  if (passed_ns <= 0)
    return FALSE;
  return !(first->present & BIT (CPU_NS))
         || first->values[TRK_THREAD_CPU_NS] <= (guint64) (passed_ns + START_SLACK_NS);
}

gboolean
ms_thread_readings_get_exit (MsThread *thread, MsResourceSample *exit)
{
  gint64 end_ns = ms_thread_get_end_ns (thread), cpu_ns = ms_thread_get_cpu_ns (thread);

  *exit = (MsResourceSample) { .time_ns = end_ns };
  if (end_ns == MS_TIME_NONE || cpu_ns < 0)
    return FALSE;
  exit->present = BIT (CPU_NS);
  exit->values[TRK_THREAD_CPU_NS] = (guint64) cpu_ns;
  return TRUE;
}
