/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the machine's processors did, from /proc/stat, and how many want them, from /proc/loadavg.
 *
 * Times are counters since boot, in ns, of the kernel's 10 ms ticks (idle and waiting are finer).  A load
 * in percent is the difference of two readings: trk_processor_busy().  In a container these files
 * describe the host.
 */
#pragma once

#include "trk-reader.h"

#define TRK_MAX_PROCESSORS 1024U

typedef struct {
  uint32_t number; /* cpu7: 7; numbers have holes where processors are off */
  uint64_t user_ns, nice_ns, system_ns, idle_ns, io_wait_ns, irq_ns, soft_irq_ns, stolen_ns;
} TrkProcessorTimes;

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  TrkProcessorTimes total;
  uint64_t context_switches, forks; /* since boot */
  uint64_t blocked_tasks;           /* waiting for a disk just now */
  uint32_t n_processors;
  uint32_t n_left_out; /* past TRK_MAX_PROCESSORS */
  TrkProcessorTimes processors[TRK_MAX_PROCESSORS];
} TrkProcessors;

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint64_t hundredths[3]; /* load over 1, 5, 15 minutes × 100 */
  uint64_t running_tasks, tasks;
} TrkLoad;

typedef struct {
  TrkKeptFile stat, load;
} TrkProcessorFiles;

/* Figures that the file lacks are TRK_UNKNOWN; a file without processors is malformed. */
void trk_processors_parse (TrkTextSpan text, TrkProcessors *processors);
void trk_load_parse (TrkTextSpan text, TrkLoad *load);

void trk_processors_read (TrkReader *reader, TrkProcessorFiles *files, TrkProcessors *processors);
void trk_load_read (TrkReader *reader, TrkProcessorFiles *files, TrkLoad *load);
void trk_processor_files_close (TrkProcessorFiles *files);

/* Percent of the time between two readings of one processor, or of all together, in which it was neither
 * idle nor waiting: 0 to 100.  TRK_REASON_BACKWARDS: one of the counters became smaller, which the
 * kernel's own idle and waiting times sometimes do; NOT_YET: no tick between the two. */
TrkReason trk_processor_busy (const TrkProcessorTimes *before,
                              const TrkProcessorTimes *after,
                              double *percent);

/* The same processor in another reading; NULL: it was off. */
const TrkProcessorTimes *trk_processors_find (const TrkProcessors *processors, uint32_t number);
