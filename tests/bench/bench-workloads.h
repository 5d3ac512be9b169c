/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What bench-recorder runs: workloads, in variants, and what is asked of each.
 *
 * The variants of a workload, in the order in which a round runs them:
 *
 *   untraced       nothing preloaded
 *   dormant        libmemscope-preload loaded without MEMSCOPE_OUTPUT: it records nothing and never
 *                  will, what remains is the way through its hooks
 *   untracked      recording, but MEMSCOPE_THREADS=none: no thread is tracked
 *   one-untracked  all threads are tracked but the first of the workload's; its own processor time is
 *                  compared, not the whole program's
 *   tracked        the default configuration: every event, 32 frames
 *   tracked-10     the same with 10 frames
 *   heaptrack      heaptrack's preload writing its raw file, without its interpreter; if installed
 */
#pragma once

#include "bench-run.h"

typedef enum {
  BENCH_UNTRACED,
  BENCH_DORMANT,
  BENCH_UNTRACKED,
  BENCH_ONE_UNTRACKED,
  BENCH_TRACKED,
  BENCH_TRACKED_10,
  BENCH_HEAPTRACK,
  BENCH_N_VARIANTS
} BenchVariantId;

extern const BenchVariant bench_variants[BENCH_N_VARIANTS];

typedef struct {
  const char *name;
  const char *arguments[5]; /* the program first; STEPS stands for a number */
  guint n_steps;            /* 0.1 to 0.2 s untraced, of each thread */
  gboolean is_system;       /* not of this folder: found in PATH, timed as a whole */
  gboolean has_one_apart;   /* times its first thread by itself */
  /* The slowdown that each variant may have; 0: no goal. */
  double goals[BENCH_N_VARIANTS];
} BenchWorkload;

extern const BenchWorkload bench_workloads[];
extern const guint bench_n_workloads;

/* Whether its program is there, and its variant makes sense. */
gboolean bench_workload_is_there (const BenchWorkload *workload, const char *build);
gboolean bench_workload_has (const BenchWorkload *workload, BenchVariantId variant);

/* Its command with @n_steps.  (transfer full) */
char **bench_workload_get_command (const BenchWorkload *workload, guint n_steps);

/* Whether @name is its name, or the beginning of several up to a dash: "churn". */
gboolean bench_workload_is_called (const BenchWorkload *workload, const char *name);
