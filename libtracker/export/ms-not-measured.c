/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-not-measured.h"

#include <glib/gi18n.h>

static const char *const keys[MS_N_NOT_MEASURED] = {
  [MS_NOT_MEASURED_MEMORY] = "memory",
  [MS_NOT_MEASURED_LIVE] = "live_bytes",
  [MS_NOT_MEASURED_CPU] = "cpu_percent",
  [MS_NOT_MEASURED_SYSTEM_CPU] = "system_cpu",
  [MS_NOT_MEASURED_IO] = "io_operations",
  [MS_NOT_MEASURED_NETWORK] = "network",
  [MS_NOT_MEASURED_GPU] = "gpu",
  [MS_NOT_MEASURED_TIMELINE] = "resource_timeline",
  [MS_NOT_MEASURED_CORRELATION] = "correlation_over_time",
  [MS_NOT_MEASURED_CPU_EFFICIENCY] = "cpu_efficiency",
};

#define NO_SAMPLES NC_ ("not measured", "the recording has no resource samples")

/* Where nothing was sampled at all, it says what the figure would have needed. */
static const char *
reason_without_samples (MsNotMeasured what)
{
  switch (what)
    {
    case MS_NOT_MEASURED_CPU:
      return NC_ ("not measured", "the recording has no resource samples, and a thread's processor "
                                  "time is known only from its own reading at its end");
    case MS_NOT_MEASURED_CORRELATION:
      return NC_ ("not measured", "it compares processor samples with allocation, and the "
                                  "recording has no resource samples");
    case MS_NOT_MEASURED_CPU_EFFICIENCY:
      return NC_ ("not measured", "it needs how long threads waited for a processor, and the "
                                  "recording has no resource samples");
    default:
      return NO_SAMPLES;
    }
}

static MsMeasured
figure_of (const MsResourceJoin *join, MsNotMeasured what)
{
  switch (what)
    {
    case MS_NOT_MEASURED_SYSTEM_CPU:
      return join->system.cpu_percent;
    case MS_NOT_MEASURED_IO:
      return join->process.io_operations;
    case MS_NOT_MEASURED_NETWORK:
      return join->process.connections.known ? join->process.connections
                                             : join->system.network_sent_bytes_per_second;
    case MS_NOT_MEASURED_GPU:
      return join->process.gpu_busy_percent.known ? join->process.gpu_busy_percent
                                                  : join->system.gpu_busy_percent;
    case MS_NOT_MEASURED_CPU_EFFICIENCY:
      return join->process.run_queue_wait_ns;
    default:
      return join->process.cpu_percent;
    }
}

const char *
ms_not_measured_reason (MsExportView *view, MsNotMeasured what)
{
  if (what == MS_NOT_MEASURED_MEMORY)
    return view->n_tracked > 0 ? NULL
                               : NC_ ("not measured", "no thread's allocations were recorded");
  if (what == MS_NOT_MEASURED_LIVE)
    return ms_trace_why_no_live (view->trace) != NULL
               ? NC_ ("not measured", "not available in ring mode")
               : NULL;
  if (!view->resources->has_samples)
    return reason_without_samples (what);
  return figure_of (view->resources, what).reason; /* NULL if it is known */
}

void
ms_not_measured_write_all (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_begin_object (writer);
  for (guint i = 0; i < MS_N_NOT_MEASURED; i++)
    if (ms_not_measured_reason (view, i) != NULL)
      ms_json_writer_add_string (writer, keys[i], ms_not_measured_reason (view, i));
  ms_json_writer_end_object (writer);
}
