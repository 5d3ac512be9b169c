/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-analysis-settings.h"

#include <math.h>
#include <string.h>

#define BYTES_MAX 1e18
#define COUNT_MAX 1e15

#define SETTING(member, minimum, maximum, initial, summary) \
  { \
#member, G_STRUCT_OFFSET(MsAnalysisSettings, member), minimum, maximum, initial, summary \
  }

/* docs/DASHBOARD.md gives the reasons. */
static const MsAnalysisSetting settings[] = {
  SETTING (memory_peak_bytes, 0, BYTES_MAX, 18e6, "Memory intensive: peak above"),
  SETTING (memory_allocations, 0, COUNT_MAX, 1200, "Memory intensive: and allocations above"),
  SETTING (cpu_percent, 0, 100, 25, "CPU intensive: percent of a core above"),
  SETTING (cpu_seconds, 0, 1e6, 0.5, "CPU intensive, alerts: seconds of processor time, at least"),
  SETTING (io_operations_per_second,
           0,
           COUNT_MAX,
           200,
           "I/O intensive: reads and writes a second, above"),
  SETTING (io_operations, 0, COUNT_MAX, 2000, "I/O intensive: and in all, at least"),
  SETTING (balanced_allocations, 0, COUNT_MAX, 1000, "Balanced: allocations, at least"),
  SETTING (alert_high_bytes, 0, BYTES_MAX, 20e6, "High alert: peak above"),
  SETTING (alert_medium_bytes, 0, BYTES_MAX, 15e6, "Medium alert: peak above"),
  SETTING (alert_high_cpu_percent, 0, 100, 30, "High alert: percent of a core above"),
  SETTING (alert_medium_cpu_percent, 0, 100, 20, "Medium alert: percent of a core above"),
  SETTING (leak_tail_percent, 0, 100, 1, "Leaks: percent of the run whose blocks are not accused"),
  SETTING (leak_tail_limit_ns,
           0,
           1e18,
           1e10,
           "Leaks: nanoseconds at the end, at most, not accused"),
  SETTING (leak_spares_libraries, 0, 1, 1, "Leaks: 1: not what the C library keeps for itself"),
  SETTING (score_memory_weight, 0, 1, 0.4, "Thread score: weight of memory efficiency"),
  SETTING (score_return_weight, 0, 1, 0.2, "Thread score: weight of memory given back"),
  SETTING (score_cpu_weight, 0, 1, 0.4, "Thread score: weight of CPU efficiency"),
  SETTING (bottleneck_cpu_percent,
           0,
           100,
           85,
           "CPU bottleneck: percent of the machine's processors"),
  SETTING (bottleneck_thread_cpu_percent, 0, 100, 90, "CPU bottleneck: one thread's core"),
  SETTING (bottleneck_pressure_percent,
           0,
           100,
           10,
           "Pressure: percent of time with a waiting task"),
  SETTING (bottleneck_major_faults_per_second, 0, COUNT_MAX, 100, "Major faults a second"),
  SETTING (bottleneck_memory_percent, 0, 100, 90, "Memory in use: percent of the limit"),
  SETTING (bottleneck_disk_busy_percent, 0, 100, 80, "Disk: percent of time busy"),
  SETTING (bottleneck_thread_io_per_second,
           0,
           COUNT_MAX,
           1000,
           "I/O operations a second, a thread"),
  SETTING (bottleneck_gpu_percent, 0, 100, 85, "GPU: percent of time busy, or of its memory used"),
  SETTING (bottleneck_run_queue_percent, 0, 100, 10, "Contention: percent of runnable time waited"),
  SETTING (bottleneck_involuntary_switches_per_second,
           0,
           COUNT_MAX,
           500,
           "Contention: times a second that a thread was made to give way"),
  SETTING (bottleneck_throttled_percent, 0, 100, 5, "Contention: percent of periods throttled"),
  SETTING (growth_confidence_percent, 50, 100, 99.9, "Growth: confidence of the trend"),
  SETTING (growth_percent, 0, 100, 20, "Growth: of the peak, at least"),
  SETTING (growth_bytes, 0, BYTES_MAX, 1e6, "Growth: bytes, at least"),
  SETTING (rise_score, 0, 1e6, 8, "Sudden rise: robust deviations from the median, above"),
  SETTING (rise_ratio, 1, 1e6, 3, "Sudden rise: times the highest of the rest, at least"),
  SETTING (rise_bytes, 0, BYTES_MAX, 1e6, "Sudden rise: bytes allocated in it, at least"),
  SETTING (peer_score, 0, 1e6, 5, "Unlike its peers: robust deviations, above"),
  SETTING (peer_ratio, 1, 1e6, 2, "Unlike its peers: by this factor, at least"),
  SETTING (peer_percent,
           0,
           100,
           5,
           "Unlike its peers: percent of time computing or waiting, at least"),
  SETTING (peer_io_per_second,
           0,
           1e9,
           100,
           "Unlike its peers: reads and writes a second, at least"),
  SETTING (pattern_cpu_percent, 1, 100, 40, "Patterns: CPU percent that counts as full"),
  SETTING (pattern_bytes_per_second, 1, BYTES_MAX, 50e6, "Patterns: rate that counts as full"),
  SETTING (pattern_ratio, 1, 1000, 2, "Patterns: how far one must outweigh the other"),
  SETTING (pattern_floor_percent, 0, 100, 5, "Patterns: percent of full below which it is idle"),
  SETTING (finding_bytes, 0, BYTES_MAX, 1e6, "Findings: bytes, at least"),
  SETTING (finding_thread_percent, 0, 100, 50, "Findings: one thread's percent of the peak"),
  SETTING (finding_stack_percent, 0, 100, 25, "Findings: one call stack's percent of the peak"),
  SETTING (finding_never_freed_percent, 0, 100, 10, "Findings: percent of the peak never freed"),
  SETTING (finding_allocations, 0, COUNT_MAX, 10000, "Findings: allocations, at least"),
  SETTING (finding_temporary_percent, 0, 100, 50, "Findings: percent of allocations temporary"),
};

G_STATIC_ASSERT (sizeof (MsAnalysisSettings) == G_N_ELEMENTS (settings) * sizeof (double));

static double *
member_of (MsAnalysisSettings *self, const MsAnalysisSetting *setting)
{
  return &G_STRUCT_MEMBER (double, self, setting->offset);
}

static double
value_of (const MsAnalysisSettings *self, const MsAnalysisSetting *setting)
{
  return G_STRUCT_MEMBER (const double, self, setting->offset);
}

static const MsAnalysisSetting *
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (settings[i].name, name) == 0)
      return &settings[i];
  return NULL;
}

void
ms_analysis_settings_init (MsAnalysisSettings *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    *member_of (self, &settings[i]) = settings[i].initial;
}

const MsAnalysisSetting *
ms_analysis_settings_list (guint *n_settings)
{
  *n_settings = G_N_ELEMENTS (settings);
  return settings;
}

gboolean
ms_analysis_settings_set (MsAnalysisSettings *self, const char *name, double value)
{
  const MsAnalysisSetting *setting = find (name);

  if (setting != NULL)
    *member_of (self, setting) = value;
  return setting != NULL;
}

gboolean
ms_analysis_settings_get (const MsAnalysisSettings *self, const char *name, double *value)
{
  const MsAnalysisSetting *setting = find (name);

  if (setting != NULL)
    *value = value_of (self, setting);
  return setting != NULL;
}

static char *
check_range (const MsAnalysisSetting *setting, double value)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE], got[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value) && value >= setting->minimum && value <= setting->maximum)
    return NULL;
  return g_strdup_printf ("%s must be a number from %s to %s, not %s", setting->name,
                          g_ascii_formatd (low, sizeof low, "%g", setting->minimum),
                          g_ascii_formatd (high, sizeof high, "%g", setting->maximum),
                          g_ascii_formatd (got, sizeof got, "%g", value));
}

char *
ms_analysis_settings_check (const MsAnalysisSettings *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      char *problem = check_range (&settings[i], value_of (self, &settings[i]));

      if (problem != NULL)
        return problem;
    }
  if (self->alert_medium_bytes > self->alert_high_bytes)
    return g_strdup ("alert_medium_bytes must not be above alert_high_bytes");
  if (self->alert_medium_cpu_percent > self->alert_high_cpu_percent)
    return g_strdup ("alert_medium_cpu_percent must not be above alert_high_cpu_percent");
  if (self->score_memory_weight + self->score_return_weight + self->score_cpu_weight <= 0)
    return g_strdup ("one of the three score weights must be above 0");
  return NULL;
}
