/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every threshold of the analysis in one structure.  All members are numbers with a name, a unit, a
 * default and the range that makes sense (ms_analysis_settings_list()), so that a settings page, a
 * schema or an option can be made from the list.
 *
 * 1 MB is 10⁶ bytes.
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* Every threshold.  Bytes, seconds, percent and numbers of calls, as the names say. */
typedef struct {
  /* Roles: "above", but for what is "at least": balanced_allocations, and. */
  double memory_peak_bytes;
  double memory_allocations;
  double cpu_percent;
  double
      cpu_seconds; /* of processor time below which a share of a core says nothing; alerts, too */
  double io_operations_per_second;
  double io_operations; /* in all, fewer of which say nothing of a rate: "at least" */
  double balanced_allocations;
  /* Alerts: above. */
  double alert_high_bytes;
  double alert_medium_bytes;
  double alert_high_cpu_percent;
  double alert_medium_cpu_percent;
  /* Leaks: blocks made in the last stretch of a run are not accused; its length is the smaller of the
   * two. */
  double leak_tail_percent; /* of the run */
  double leak_tail_limit_ns;
  double leak_spares_libraries; /* 1: what ms-library-blocks.h knows is not accused; 0: it is */
  /* Thread score: weights of its parts, of any sum above 0. */
  double score_memory_weight;
  double score_return_weight;
  double score_cpu_weight;
  /* Bottlenecks: at least. */
  double bottleneck_cpu_percent;        /* of the machine's processors */
  double bottleneck_thread_cpu_percent; /* of one core */
  double bottleneck_pressure_percent;   /* memory and I/O */
  double bottleneck_major_faults_per_second;
  double bottleneck_memory_percent; /* of the limit, or of the machine's memory */
  double bottleneck_disk_busy_percent;
  double bottleneck_thread_io_per_second;
  double bottleneck_gpu_percent;
  double bottleneck_run_queue_percent; /* of the time in which threads could have run */
  double bottleneck_involuntary_switches_per_second;
  double bottleneck_throttled_percent;
  /* Anomalies. */
  double growth_confidence_percent; /* two-sided, of the trend test */
  double growth_percent;            /* of the peak, at least: how much the floor rose */
  double growth_bytes;              /* and at least this */
  double rise_score;                /* robust z above which a stretch is a sudden rise */
  double rise_ratio;                /* and over the highest of the rest, by this factor at least */
  double rise_bytes;                /* allocated in it, at least */
  double peer_score;                /* robust z beyond which a thread differs from its peers */
  double peer_ratio;                /* and by this factor at least */
  double peer_percent; /* of its time it computes or waits, itself or the usual one, at least */
  double peer_io_per_second; /* reads and writes, itself or the usual one, at least */
  /* Patterns: where the axes of the plot end by default, and how far one must outweigh the other. */
  double pattern_cpu_percent;
  double pattern_bytes_per_second;
  double pattern_ratio;
  double pattern_floor_percent; /* of both scales; less is idle */
  /* Findings. */
  double finding_bytes;               /* what is too small to talk about */
  double finding_thread_percent;      /* of the process's peak, that one thread holds */
  double finding_stack_percent;       /* of the process's peak, that one call stack holds */
  double finding_never_freed_percent; /* of the process's peak */
  double finding_allocations;
  double finding_temporary_percent; /* of the allocations */
} MsAnalysisSettings;

/* One member. */
typedef struct {
  const char *name; /* as the member: "memory_peak_bytes" */
  gsize offset;
  double minimum, maximum, initial;
  const char *summary; /* one line for people */
} MsAnalysisSetting;

/* The defaults. */
MS_API void ms_analysis_settings_init (MsAnalysisSettings *self);

/* All members, in order. (transfer none) (array length=n_settings) */
MS_API const MsAnalysisSetting *ms_analysis_settings_list (guint *n_settings);

/* FALSE: there is no such name. */
MS_API gboolean ms_analysis_settings_set (MsAnalysisSettings *self, const char *name, double value);
MS_API gboolean ms_analysis_settings_get (const MsAnalysisSettings *self,
                                          const char *name,
                                          double *value);

/* NULL if @self can be used, else one sentence that names what is wrong: a value that is not finite or
 * out of its range, a medium threshold above the high one, weights that are all 0. (transfer full) */
MS_API char *ms_analysis_settings_check (const MsAnalysisSettings *self);

G_END_DECLS
