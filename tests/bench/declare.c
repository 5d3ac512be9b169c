/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * declare STEPS: one call of memscope_track_allocation() with the caller's own stack of 10 frames.
 *
 * 1 024 blocks at a time are declared, then taken back; each half is timed apart, and so is the same
 * loop over the same pointers that calls nothing of the tracker's.  Processor time of the thread: nothing
 * here waits, but on a busy machine others run in between.  MEMSCOPE_OUTPUT names the trace
 * folder.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <memscope/tracker.h>

#include "call-sites.h"
#include "measured-part.h"

#define WINDOW_BLOCKS 1024
#define N_FRAMES 10
#define BLOCK_BYTES 64

/* Return addresses need not be of calls: the library keeps what it is told. */
static const void *const stack[N_FRAMES] = {
  level_1, level_2, level_3, level_4, level_5, level_6, level_7, level_8, level_9, level_10,
};

typedef struct {
  uint64_t nothing_ns, allocation_ns, deallocation_ns;
} Times;

/* As far away as the tracker, and as little known to the compiler. */
__attribute__ ((noinline)) static int
do_nothing (const void *block, size_t size, const void *const *frames, size_t depth)
{
  __asm__ volatile("" : : "r"(block), "r"(size), "r"(frames), "r"(depth));
  return 0;
}

static int
declare_window (char (*blocks)[BLOCK_BYTES], Times *times)
{
  uint64_t begin_ns = read_clock_ns (CLOCK_THREAD_CPUTIME_ID), called_ns, allocated_ns;
  int failed = 0;

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    failed |= do_nothing (blocks[i], BLOCK_BYTES, stack, N_FRAMES);
  called_ns = read_clock_ns (CLOCK_THREAD_CPUTIME_ID);
  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    failed |= memscope_track_allocation (blocks[i], BLOCK_BYTES, stack, N_FRAMES);
  allocated_ns = read_clock_ns (CLOCK_THREAD_CPUTIME_ID);
  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    failed |= memscope_track_deallocation (blocks[i], NULL, 0);

  times->nothing_ns += called_ns - begin_ns;
  times->allocation_ns += allocated_ns - called_ns;
  times->deallocation_ns += read_clock_ns (CLOCK_THREAD_CPUTIME_ID) - allocated_ns;
  return failed;
}

int
main (int argc, char **argv)
{
  static char blocks[WINDOW_BLOCKS][BLOCK_BYTES];
  long long n_windows = (argc > 1 ? atoll (argv[1]) : 1000000) / WINDOW_BLOCKS;
  const char *folder = getenv ("MEMSCOPE_OUTPUT");
  Times times = { 0 };
  double n_calls = (double) n_windows * WINDOW_BLOCKS;

  if (n_windows < 1 || folder == NULL)
    {
      fprintf (stderr, "Usage: MEMSCOPE_OUTPUT=FOLDER declare STEPS\n");
      return 2;
    }
  if (memscope_init_thread_tracker (folder, NULL) != 0)
    {
      fprintf (stderr, "declare: %s\n", memscope_get_error_reason ());
      return 1;
    }
  for (long long i = 0; i < n_windows; i++)
    if (declare_window (blocks, &times) != 0)
      return 1;
  memscope_finalize_thread_tracker ();

  printf ("{\"ns_a_call\": %.2f, \"ns_a_deallocation\": %.2f, \"ns_without\": %.2f}\n",
          (double) times.allocation_ns / n_calls, (double) times.deallocation_ns / n_calls,
          (double) times.nothing_ns / n_calls);
  return 0;
}
