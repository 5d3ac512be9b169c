/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One line of /proc/<pid>/stat or /proc/<pid>/task/<tid>/stat, and of schedstat and io beside it.
 *
 *   1971 (name) R 1358 1358 29488 0 -1 4194304 101 0 0 …
 *
 * The name may hold anything but a zero byte, ") R 1" and line ends included: it ends at the last
 * parenthesis of the text.
 */
#pragma once

#include "trk-reason.h"
#include "trk-text-span.h"

#define TRK_TASK_NAME_BYTES 64

typedef struct {
  int32_t tid;
  char name[TRK_TASK_NAME_BYTES]; /* any bytes but zero */
  char state;                     /* R, S, D, T, t, Z, X, I, … */
  uint64_t minor_faults, major_faults;
  uint64_t user_ns, system_ns; /* of 10 ms ticks */
  uint64_t n_threads;
  uint64_t start_ticks; /* since boot: tells a reused number from the task before */
  uint64_t processor;   /* that it ran on last; TRK_UNKNOWN */
} TrkTaskStat;

TrkReason trk_task_stat_parse (TrkTextSpan text, TrkTaskStat *stat);

/* What the scheduler counted, in ns, not in ticks: of one thread, never of a whole process. */
typedef struct {
  uint64_t cpu_ns, run_queue_wait_ns;
  uint64_t n_runs; /* how often it got a processor */
} TrkTaskSchedule;

/* A kernel that does not count says "0 0 0": NOT_HERE, as of a thread that never ran. */
TrkReason trk_task_schedule_parse (TrkTextSpan text, TrkTaskSchedule *schedule);

/* What went through read, write and their like, files, pipes and terminals alike; not send and recv, not
 * io_uring, not mapped files.  The last two are what really came from or went to a disk, page cache and
 * mapped files included: it is counted where a page is made dirty. */
typedef struct {
  uint64_t read_calls, write_calls;
  uint64_t read_bytes, written_bytes;
  uint64_t disk_read_bytes, disk_written_bytes;
} TrkTaskIo;

TrkReason trk_task_io_parse (TrkTextSpan text, TrkTaskIo *io);
