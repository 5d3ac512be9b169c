/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The measured part of a workload, and what a workload prints about itself: one JSON object.
 *
 *   wall_ns       from the first step of any thread to the last
 *   cpu_ns        what the threads ran for it: with more threads than processors, wall time is full
 *                 of waiting
 *   steps         of one thread: wall_ns / steps is the time that a caller sees
 *   timed_events  calls of the malloc family in the measured part, by all threads
 *   events        the same in the whole run, for bytes an event
 *   threads       that run at once
 *   born_threads  that there were in all, but the first
 *   first_wall_ns, first_cpu_ns
 *                 of the first of these threads alone, 0 where it is not timed
 *
 * Each thread reads the clocks itself, since another one that waits for it may be woken late.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <time.h>

typedef struct {
  uint64_t begin_ns, end_ns, cpu_ns;
} MeasuredPart;

typedef struct {
  uint64_t steps, timed_events, events, threads, born_threads;
  MeasuredPart first;
} WorkDone;

static inline uint64_t
read_clock_ns (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (uint64_t) time.tv_sec * 1000000000U + (uint64_t) time.tv_nsec;
}

/* With the processor time of this thread, or of the process. */
static inline void
measured_part_begin (MeasuredPart *self, clockid_t cpu_clock)
{
  self->cpu_ns = read_clock_ns (cpu_clock);
  self->begin_ns = read_clock_ns (CLOCK_MONOTONIC);
}

static inline void
measured_part_end (MeasuredPart *self, clockid_t cpu_clock)
{
  self->end_ns = read_clock_ns (CLOCK_MONOTONIC);
  self->cpu_ns = read_clock_ns (cpu_clock) - self->cpu_ns;
}

/* The part of one more thread; @self begins as zeroes. */
static inline void
measured_part_join (MeasuredPart *self, const MeasuredPart *other)
{
  if (self->end_ns == 0 || other->begin_ns < self->begin_ns)
    self->begin_ns = other->begin_ns;
  if (other->end_ns > self->end_ns)
    self->end_ns = other->end_ns;
  self->cpu_ns += other->cpu_ns;
}

static inline void
print_member (const char *before, const char *name, uint64_t value)
{
  printf ("%s\"%s\": %llu", before, name, (unsigned long long) value);
}

static inline void
measured_part_print (const MeasuredPart *self, const WorkDone *done)
{
  print_member ("{", "wall_ns", self->end_ns - self->begin_ns);
  print_member (", ", "cpu_ns", self->cpu_ns);
  print_member (", ", "steps", done->steps);
  print_member (", ", "timed_events", done->timed_events);
  print_member (", ", "events", done->events);
  print_member (", ", "threads", done->threads);
  print_member (", ", "born_threads", done->born_threads);
  print_member (", ", "first_wall_ns", done->first.end_ns - done->first.begin_ns);
  print_member (", ", "first_cpu_ns", done->first.cpu_ns);
  printf ("}\n");
}
