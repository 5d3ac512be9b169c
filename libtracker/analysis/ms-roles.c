/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-roles.h"

static const MsAnalysisSettings *
settings_or_defaults (const MsAnalysisSettings *settings, MsAnalysisSettings *defaults)
{
  if (settings != NULL)
    return settings;
  ms_analysis_settings_init (defaults);
  return defaults;
}

/* A thread of three milliseconds computes all the time that it is there, and so does a script of a third of a
 * second: that is no finding. */
static MsMeasured
cpu_to_judge (const MsThreadResources *resources, const MsAnalysisSettings *settings)
{
  if (resources == NULL)
    return ms_not_measured (NULL);
  if (resources->cpu_ns.known && resources->cpu_ns.value < settings->cpu_seconds * 1e9)
    return ms_measured (0);
  return resources->cpu_percent;
}

/* A rate: whoever waits for a day reads and writes a great deal in the end.  And not of a few calls, which take
 * no time and so are always many a second. */
static gboolean
does_much_io (const MsThreadResources *resources, const MsAnalysisSettings *settings)
{
  return resources != NULL && resources->io_operations.known
         && resources->io_operations.value >= settings->io_operations
         && ms_measured_above (resources->io_operations_per_second,
                               settings->io_operations_per_second);
}

MsRole
ms_role_get (const MsTotals *totals,
             const MsThreadResources *resources,
             const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;

  settings = settings_or_defaults (settings, &defaults);
  if ((double) totals->peak_bytes > settings->memory_peak_bytes
      && (double) totals->allocations > settings->memory_allocations)
    return MS_ROLE_MEMORY_INTENSIVE;
  if (ms_measured_above (cpu_to_judge (resources, settings), settings->cpu_percent))
    return MS_ROLE_CPU_INTENSIVE;
  if (does_much_io (resources, settings))
    return MS_ROLE_IO_INTENSIVE;
  if ((double) totals->allocations >= settings->balanced_allocations)
    return MS_ROLE_BALANCED;
  return MS_ROLE_LIGHTWEIGHT;
}

MsAlert
ms_alert_get (const MsTotals *totals,
              const MsThreadResources *resources,
              const MsAnalysisSettings *settings)
{
  MsAnalysisSettings defaults;
  double peak = (double) totals->peak_bytes;
  MsMeasured cpu;

  settings = settings_or_defaults (settings, &defaults);
  cpu = cpu_to_judge (resources, settings);
  if (peak > settings->alert_high_bytes
      || ms_measured_above (cpu, settings->alert_high_cpu_percent))
    return MS_ALERT_HIGH;
  if (peak > settings->alert_medium_bytes
      || ms_measured_above (cpu, settings->alert_medium_cpu_percent))
    return MS_ALERT_MEDIUM;
  return MS_ALERT_NORMAL;
}

MsRole
ms_role_of_thread (MsTrace *trace,
                   MsThread *thread,
                   const MsThreadResources *resources,
                   const MsAnalysisSettings *settings)
{
  return ms_role_get (ms_thread_get_totals (thread, ms_trace_get_main_domain (trace)), resources,
                      settings);
}

MsAlert
ms_alert_of_thread (MsTrace *trace,
                    MsThread *thread,
                    const MsThreadResources *resources,
                    const MsAnalysisSettings *settings)
{
  return ms_alert_get (ms_thread_get_totals (thread, ms_trace_get_main_domain (trace)), resources,
                       settings);
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
  gint64 life_ns = ms_thread_life_ns (trace, thread);

  return life_ns > 0 ? (double) totals->allocated_bytes * 1e9 / (double) life_ns : 0;
}
