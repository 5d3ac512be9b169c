/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-unwind [BUILD-FOLDER]: what one call stack costs, in ns, at 10 and at 30 frames.
 *
 *   trk_unwind       the walk by rules, as the recorder's hooks call it
 *   unw_backtrace    libunwind's fast path
 *   unw_step         libunwind's general path
 *
 * The stacks alternate between two call sites at the bottom and run through functions with
 * different frames, as a program's do.  Rounds of all three run one after the other; the median,
 * the least and the most are printed.  ./dev bench unwind runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "trk-unwind.h"

#define N_ROUNDS 15
#define MAX_FRAMES 64
#define NOINLINE __attribute__ ((noinline))
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

typedef unsigned (*Capture) (void);

static Capture volatile capture;
static unsigned n_captures; /* repeated at the innermost frame, so that descending costs nothing */
static unsigned n_wanted;
static volatile uint64_t sink;

static NOINLINE unsigned
capture_by_rules (void)
{
  uint64_t frames[MAX_FRAMES];
  TrkUnwindStart start;
  bool truncated;
  unsigned n;

  TRK_UNWIND_START (&start);
  n = trk_unwind (&start, frames, n_wanted, &truncated);
  sink += frames[n - 1];
  return n;
}

static NOINLINE unsigned
capture_by_backtrace (void)
{
  void *frames[MAX_FRAMES];
  int n = unw_backtrace (frames, (int) n_wanted + 1);

  sink += (uint64_t) (uintptr_t) frames[n - 1];
  return (unsigned) n - 1; /* its first frame is this function */
}

static NOINLINE unsigned
capture_by_steps (void)
{
  unw_context_t context;
  unw_cursor_t cursor;
  unw_word_t pc = 0;
  unsigned n = 0;

  unw_getcontext (&context);
  unw_init_local (&cursor, &context);
  while (n < n_wanted && unw_step (&cursor) > 0)
    {
      unw_get_reg (&cursor, UNW_REG_IP, &pc);
      sink += pc;
      n++;
    }
  return n;
}

static NOINLINE unsigned
innermost_here (void)
{
  unsigned n = 0;

  for (unsigned i = 0; i < n_captures; i++)
    n = capture ();
  return n;
}

static NOINLINE unsigned
innermost_there (void)
{
  unsigned n = 0;

  for (unsigned i = 0; i < n_captures; i++)
    n = capture ();
  KEEP_FRAME ();
  return n;
}

static unsigned (*descend_by[4]) (unsigned depth);

/* Functions whose frames differ in size, and in whether they save rbp. */
#define DEFINE_DESCEND(number, n_bytes) \
  static NOINLINE unsigned descend_##number (unsigned depth) \
  { \
    volatile char frame[n_bytes]; \
    unsigned n; \
\
    frame[0] = (char) depth; \
    if (depth == 0) \
      n = number % 2 ? innermost_here () : innermost_there (); \
    else \
      n = descend_by[(number + depth) % 4](depth - 1); \
    KEEP_FRAME (); \
    return n + (unsigned) (frame[0] - frame[0]); \
  }

DEFINE_DESCEND (0, 16)
DEFINE_DESCEND (1, 40)
DEFINE_DESCEND (2, 200)
DEFINE_DESCEND (3, 72)

static unsigned (*descend_by[4]) (unsigned depth) = { descend_0, descend_1, descend_2, descend_3 };

static double
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static double
time_one (Capture how, unsigned repeats)
{
  double began;

  capture = how;
  n_captures = repeats;
  /* Deep enough that the wanted frames never reach main. */
  began = now_ns ();
  if (descend_by[0](40) != n_wanted)
    {
      fprintf (stderr, "bench-unwind: a stack ended before %u frames\n", n_wanted);
      exit (1);
    }
  return (now_ns () - began) / repeats;
}

static int
compare_doubles (const void *left, const void *right)
{
  double a = *(const double *) left, b = *(const double *) right;

  return (a > b) - (a < b);
}

int
main (void)
{
  static const struct {
    const char *name;
    Capture how;
    unsigned repeats;
  } ways[] = {
    { "trk_unwind", capture_by_rules, 20000 },
    { "unw_backtrace", capture_by_backtrace, 20000 },
    { "unw_step", capture_by_steps, 200 },
  };
  static const unsigned depths[] = { 10, 30 };
  double ns[3][N_ROUNDS];

  trk_unwind_init ();
  printf ("%-16s %8s %10s %10s %10s\n", "way", "frames", "median ns", "least", "most");
  for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++)
    {
      n_wanted = depths[d];
      for (int round = 0; round < N_ROUNDS; round++)
        for (int way = 0; way < 3; way++)
          ns[way][round] = time_one (ways[way].how, ways[way].repeats);
      for (int way = 0; way < 3; way++)
        {
          qsort (ns[way], N_ROUNDS, sizeof ns[way][0], compare_doubles);
          printf ("%-16s %8u %10.1f %10.1f %10.1f\n", ways[way].name, n_wanted,
                  ns[way][N_ROUNDS / 2], ns[way][0], ns[way][N_ROUNDS - 1]);
        }
    }
  return 0;
}
