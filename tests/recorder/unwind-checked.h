/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The function at the bottom of every stack in test-unwind-frames.c and test-unwind-stacks.c: it
 * walks its callers by trk_unwind and by stock libunwind and fails the test where they differ.
 *
 * Shapes call it through a volatile pointer, so that no call is inlined.
 */
#pragma once

#include <glib.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "unwind-oracle.h"

#define NOINLINE __attribute__ ((noinline))
/* Keeps a call from becoming a tail call, and a frame from vanishing. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

static unsigned max_frames = ORACLE_MAX_FRAMES;
static unsigned n_checks, last_depth;
static bool last_truncated;

static void
explain (const OracleStacks *stacks, OracleVerdict verdict)
{
  g_test_message ("verdict %d, ours %u%s, oracle %u", verdict, stacks->n_ours,
                  stacks->truncated ? " truncated" : "", stacks->n_oracle);
  for (unsigned i = 0; i < MAX (stacks->n_ours, stacks->n_oracle); i++)
    g_test_message ("%3u %#14" G_GINT64_MODIFIER "x %14p", i,
                    i < stacks->n_ours ? stacks->ours[i] : 0,
                    i < stacks->n_oracle ? stacks->oracle[stacks->skip + i] : NULL);
}

static NOINLINE void
checked (void)
{
  static OracleStacks stacks;
  TrkUnwindStart start;
  OracleVerdict verdict;

  TRK_UNWIND_START (&start);
  verdict = oracle_compare (&stacks, &start, max_frames, unw_backtrace);
  if (verdict != ORACLE_EQUAL)
    {
      explain (&stacks, verdict);
      g_test_fail ();
    }
  last_depth = stacks.n_ours;
  last_truncated = stacks.truncated;
  n_checks++;
}

static void (*volatile check) (void) = checked;

/* Runs @shape and asserts that it came to the checked function @n times. */
static inline void
expect_checks (void (*shape) (void), unsigned n)
{
  unsigned before = n_checks;

  shape ();
  g_assert_cmpuint (n_checks - before, ==, n);
}

static NOINLINE int
recurse (int depth)
{
  int result;

  if (depth == 0)
    {
      check ();
      return 0;
    }
  result = recurse (depth - 1) + 1;
  KEEP_FRAME ();
  return result;
}

static int (*volatile recurse_pointer) (int) = recurse;
