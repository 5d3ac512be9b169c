/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cgroup (version 2) that a process is in: what its container, service or session may use and uses.
 * In a container /proc/meminfo describes the host; these figures describe the container.
 *
 *   /proc/<pid>/cgroup        "0::/system.slice/db.service"
 *   /proc/<pid>/mountinfo     where a file system of type cgroup2 is mounted, and which part of it
 *   <mount>/<path>/memory.current, memory.max, memory.events, memory.pressure, cpu.stat, …
 *
 * memory.* are those of the nearest cgroup upwards that has the memory controller, as a session's leaf
 * often has not; the limit is the least memory.max from the leaf to the top.  A process may be moved:
 * where it is is looked up once a second.  A machine with version 1 alone has none of this: NOT_HERE.
 *
 * Paths are the kernel's; a path that leads upwards ("/../x": outside the reader's namespace) cannot be
 * reached: OTHER_NAMESPACE.
 */
#pragma once

#include "trk-pressure.h"
#include "trk-reader.h"

#define TRK_CGROUP_PATH_BYTES 4096

typedef struct {
  TrkReason reason; /* whether the cgroup was found */
  int64_t time_ns;
  bool is_moved; /* to another cgroup since the last reading: counters are others */
  TrkReason memory_reason;
  uint64_t memory_bytes, memory_peak_bytes;
  uint64_t memory_limit_bytes;               /* TRK_UNKNOWN: none */
  uint64_t n_high, n_max, n_oom, n_oom_kill; /* memory.events: counters */
  TrkPressure pressures[TRK_N_PRESSURES];
  TrkReason cpu_reason;
  uint64_t cpu_ns;
  uint64_t n_periods, n_throttled, throttled_ns; /* TRK_UNKNOWN without a limit */
} TrkCgroupFigures;

typedef struct {
  TrkReader *reader; /* borrowed */
  int32_t pid;
  int64_t lookup_due_ns;
  /* How far apart pressures are read, NOT_DUE between; 0, as init leaves it: always. */
  int64_t pressures_interval_ns, pressures_due_ns;
  TrkReason lookup_reason;
  uint64_t memory_limit_bytes;
  int leaf_fd, memory_fd; /* folders; −1: none */
  TrkKeptFile current, peak, events, cpu, pressures[TRK_N_PRESSURES];
  char path[TRK_CGROUP_PATH_BYTES]; /* of the leaf, from the root; "": none */
} TrkCgroupCollector;

void trk_cgroup_init (TrkCgroupCollector *self, TrkReader *reader, int32_t pid);
void trk_cgroup_read (TrkCgroupCollector *self, TrkCgroupFigures *figures);
void trk_cgroup_clear (TrkCgroupCollector *self);
