/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two figures that are no slowdown of a workload: what a living tracked thread keeps resident, and what
 * a call of the explicit interface takes.
 */
#pragma once

#include "bench-run.h"

#define BENCH_GOAL_THREAD_BYTES (80 * 1024)
#define BENCH_GOAL_DECLARE_NS 60

/* From four runs of thread-memory, with 64 and 128 threads, untraced and tracked:
 * ((T128 - U128) - (T64 - U64)) / 64.  What a process has once drops out. */
gboolean bench_measure_thread_bytes (const char *build,
                                     gboolean quick,
                                     double *n_bytes,
                                     GError **error);

typedef struct {
  double allocation_ns, deallocation_ns;
  double without_ns; /* the same loop without the tracker's call */
} BenchDeclare;

gboolean bench_measure_declare (const char *build,
                                gboolean quick,
                                BenchDeclare *times,
                                GError **error);
