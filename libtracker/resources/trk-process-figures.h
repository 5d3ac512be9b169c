/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One process as a whole: processor time, memory, faults, I/O.  Threads that have ended are in it.
 *
 *   stat           every sample   processor time, faults, number of threads
 *   status         every sample   resident memory by kind (the kernel's own counters: each processor
 *                                 holds some pages back, so a kind may be some hundred kB off)
 *   io             every sample   bytes and calls
 *   smaps_rollup   every second   resident memory exactly, and this process's share of what is shared;
 *                                 the kernel walks all page tables for it
 *
 * There are no context switches here: /proc/<pid>/status has those of the main thread alone.  A
 * process's are the sum over its threads (trk-threads.h).
 *
 * Processor time is also read from the process's clock, which any process may do: in ns, where stat has
 * 10 ms ticks.  One thread at a time; keeps 4 descriptors; allocates nothing.
 */
#pragma once

#include "trk-reader.h"
#include "trk-task-stat.h"

typedef struct {
  TrkReason reason; /* of stat.  ENDED: also of what is left of it until it is waited for */
  int64_t time_ns;
  TrkTaskStat stat;
  uint64_t cpu_ns;         /* user and system */
  bool cpu_is_coarse;      /* from ticks: the clock could not be read */
  TrkReason memory_reason; /* of status */
  uint64_t resident_bytes, resident_peak_bytes, virtual_bytes;
  uint64_t anon_bytes, file_bytes, shmem_bytes; /* of the resident ones */
  uint64_t swapped_bytes;
  TrkReason io_reason;
  TrkTaskIo io;
  TrkReason rollup_reason; /* NOT_DUE: not read in this sample */
  int64_t rollup_time_ns;
  uint64_t rollup_resident_bytes, proportional_bytes, private_bytes;
  uint64_t proportional_anon_bytes, proportional_file_bytes, proportional_shmem_bytes;
} TrkProcessFigures;

typedef struct {
  TrkReader *reader; /* borrowed */
  int32_t pid;
  uint64_t start_ticks; /* 0: not known before the first reading */
  int64_t rollup_interval_ns, rollup_due_ns;
  TrkKeptFile stat, status, io, rollup;
} TrkProcessCollector;

/* @start_ticks other than 0: the process with this pid must have begun then. */
void trk_process_collector_init (TrkProcessCollector *self,
                                 TrkReader *reader,
                                 int32_t pid,
                                 uint64_t start_ticks);
void trk_process_collector_read (TrkProcessCollector *self, TrkProcessFigures *figures);
void trk_process_collector_clear (TrkProcessCollector *self);
