/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-roles.h"

#define MB G_GUINT64_CONSTANT (1000000)

void
ms_thresholds_init (MsThresholds *self)
{
  *self = (MsThresholds) {
    .memory_peak_bytes = 18 * MB,
    .memory_allocations = 1200,
    .cpu_percent = 25,
    .io_operations = 2000,
    .balanced_allocations = 1000,
    .alert_high_bytes = 20 * MB,
    .alert_medium_bytes = 15 * MB,
    .alert_high_cpu_percent = 30,
    .alert_medium_cpu_percent = 20,
  };
}

/* Over the thread's life in the trace. */
static gint64
thread_life_ns (MsTrace *trace, MsThread *thread)
{
  gint64 end_ns = ms_thread_get_end_ns (thread);

  if (end_ns == MS_TIME_NONE)
    end_ns = ms_trace_get_duration_ns (trace);
  return MAX (0, end_ns - ms_thread_get_start_ns (thread));
}

MsRole
ms_role_of_thread (MsTrace *trace, MsThread *thread, const MsThresholds *thresholds)
{
  const MsTotals *totals = ms_thread_get_totals (thread, ms_trace_get_main_domain (trace));
  MsThresholds defaults;

  if (thresholds == NULL)
    {
      ms_thresholds_init (&defaults);
      thresholds = &defaults;
    }
  if (totals->peak_bytes > thresholds->memory_peak_bytes
      && totals->allocations > thresholds->memory_allocations)
    return MS_ROLE_MEMORY_INTENSIVE;
  /* A trace has no samples of processor time and I/O yet: these two rules cannot match.  The time
   * that a thread reads at its own exit is not used, as it would favour threads that end. */
  if (totals->allocations >= thresholds->balanced_allocations)
    return MS_ROLE_BALANCED;
  return MS_ROLE_LIGHTWEIGHT;
}

MsAlert
ms_alert_of_thread (MsTrace *trace, MsThread *thread, const MsThresholds *thresholds)
{
  const MsTotals *totals = ms_thread_get_totals (thread, ms_trace_get_main_domain (trace));
  MsThresholds defaults;

  if (thresholds == NULL)
    {
      ms_thresholds_init (&defaults);
      thresholds = &defaults;
    }
  if (totals->peak_bytes > thresholds->alert_high_bytes)
    return MS_ALERT_HIGH;
  if (totals->peak_bytes > thresholds->alert_medium_bytes)
    return MS_ALERT_MEDIUM;
  return MS_ALERT_NORMAL;
}

const char *
ms_role_to_string (MsRole role)
{
  static const char *const names[MS_N_ROLES] = {
    "memory_intensive", "cpu_intensive", "io_intensive", "balanced", "lightweight",
  };

  g_return_val_if_fail (role < MS_N_ROLES, NULL);
  return names[role];
}

const char *
ms_alert_to_string (MsAlert alert)
{
  return alert == MS_ALERT_HIGH ? "high" : alert == MS_ALERT_MEDIUM ? "medium" : "normal";
}

double
ms_thread_allocation_rate (MsTrace *trace, MsThread *thread)
{
  const MsTotals *totals = ms_thread_get_totals (thread, ms_trace_get_main_domain (trace));
  gint64 life_ns = thread_life_ns (trace, thread);

  return life_ns > 0 ? (double) totals->allocated_bytes * 1e9 / (double) life_ns : 0;
}
