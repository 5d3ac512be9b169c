/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every thread of a process, ten times a second, from outside.
 *
 *   /proc/<pid>/task          listed with getdents64 whenever its number of links is not ours: new threads
 *   task/<tid>/schedstat      processor time and run-queue wait in ns, how often it ran
 *   task/<tid>/stat           state, faults, name, start time; processor time in ticks as a stand-in
 *   task/<tid>/io             bytes and calls
 *   task/<tid>/status         once a second: context switches.  The dearest of the four; threads take
 *                             turns, so that no tick has them all
 *
 * A thread that schedstat shows not to have run since the last sample, and that was not running then,
 * cannot have changed any of the others: they are not read again, and its figures of then are those of
 * now.  (Its state too, but that a thread which was woken and still waits for a processor says 'S'.)  Its name
 * can: others may give it one.  So stat is read once a second all the same.
 *
 * Of a thread that ran all the time, if the caller wants its samples cheap, io is read in every other sample and
 * stat in every fourth; of one that rests both are read once more, so that they are as its latest run left them.
 *
 * Descriptors of the first three stay open, as long as there are fewer than the limit, for opening costs
 * four times reading.  They are also what tells that a number was given to another thread: the old one's
 * say ESRCH.  Without them the start time tells.  A thread that the list lacks is not taken as ended: the
 * kernel cuts the list short if a thread ends just when it is listed.
 *
 * Threads that live and die between two samples are not seen here: the recorder's own events have them.
 *
 * Memory is allocated in trk_threads_new() alone, touched only as far as threads need it.
 */
#pragma once

#include "trk-reader.h"
#include "trk-task-stat.h"

typedef struct {
  uint32_t max_threads;     /* further ones are counted and not sampled */
  uint32_t max_descriptors; /* kept open; three a thread */
  int64_t status_interval_ns;
  bool takes_turns; /* see above */
} TrkThreadsLimits;

typedef struct {
  int32_t tid;
  bool is_new; /* this is its first sample, or the first under this number */
  /* If other than NONE, only tid, name and start are valid.  ENDED: it was there in the last sample, and
   * the next has it no more. */
  TrkReason reason;
  int64_t time_ns; /* when it was read */
  char name[TRK_TASK_NAME_BYTES];
  uint64_t start_ticks;
  TrkReason stat_reason; /* NOT_DUE between its turns: of the state, the processor and the faults */
  char state;
  uint64_t processor;
  uint64_t minor_faults, major_faults;
  uint64_t cpu_ns;
  bool cpu_is_coarse;         /* from ticks of 10 ms, as schedstat is not there */
  uint64_t run_queue_wait_ns; /* TRK_UNKNOWN with a coarse cpu_ns */
  uint64_t n_runs;
  TrkReason io_reason;
  TrkTaskIo io;
  TrkReason switches_reason; /* NOT_DUE between its turns */
  uint64_t voluntary_switches, involuntary_switches;
} TrkThreadFigures;

typedef struct _TrkThreads TrkThreads;

/* 16 384 threads; as many descriptors as the process may open less 256, at most 12 288; 1 s. */
TrkThreadsLimits trk_threads_default_limits (void);

/* NULL: out of memory.  @reader is borrowed. */
TrkThreads *trk_threads_new (TrkReader *reader, int32_t pid, TrkThreadsLimits limits);
void trk_threads_free (TrkThreads *self);

/* Reads all of them once.  ENDED: the process is gone, and all its threads with it. */
TrkReason trk_threads_read (TrkThreads *self);

/* Of the last reading; until the next.  In no order. */
const TrkThreadFigures *trk_threads_get (const TrkThreads *self, uint32_t *n_threads);

/* Threads past max_threads in the last reading. */
uint32_t trk_threads_n_left_out (const TrkThreads *self);
uint32_t trk_threads_n_descriptors (const TrkThreads *self);
