/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a workload's recording takes on disk once it is closed: one run under `memscope record`, not timed.
 */
#pragma once

#include <gio/gio.h>

#include "bench-workloads.h"

typedef struct {
  guint64
      n_events; /* allocations and deallocations, as the recording counts them; 0: not measured */
  guint64 n_threads;    /* that were recorded, the first included */
  guint64 n_bytes;      /* all files of the process's trace folder */
  guint64 n_freq_bytes; /* those of them that closing derives from the events */
  guint n_files;
} BenchDisk;

/* Bytes an event beyond 256 a thread, for which there is a goal. */
#define BENCH_BYTES_A_THREAD 256
#define BENCH_GOAL_BYTES_AN_EVENT 4.0
#define BENCH_GOAL_FILES 5
double bench_disk_get_bytes_an_event (const BenchDisk *self);

gboolean bench_disk_measure (BenchDisk *self,
                             const BenchWorkload *workload,
                             guint n_steps,
                             const char *build,
                             GError **error);
