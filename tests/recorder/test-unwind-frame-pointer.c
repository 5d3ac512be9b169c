/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The walk along frame records, which processors without rules use: on x86-64, where the records
 * are the same, compiled with frame pointers.  The C library has none, so main's caller is the
 * end of what can be compared.
 */
#include <glib.h>

#include "trk-unwind.h"

#define DEPTH 30
#define NOINLINE __attribute__ ((noinline))

static uint64_t return_addresses[DEPTH + 1];
static unsigned n_frames;
static uint64_t frames[128];

static NOINLINE void
walk (void)
{
  TrkUnwindStart start;
  bool truncated;

  TRK_UNWIND_START (&start);
  n_frames = trk_unwind (&start, frames, G_N_ELEMENTS (frames), &truncated);
}

/* Notes, on the way down, what the walk has to find on its way back. */
static NOINLINE void
descend (unsigned depth)
{
  return_addresses[depth] = (uint64_t) (uintptr_t) __builtin_return_address (0);
  if (depth == 0)
    walk ();
  else
    descend (depth - 1);
  __asm__ volatile("" ::: "memory");
}

static void
test_chain (void)
{
  descend (DEPTH);
  g_assert_cmpuint (n_frames, >, DEPTH + 1);
  for (unsigned i = 0; i <= DEPTH; i++)
    g_assert_cmpuint (frames[i + 1], ==, return_addresses[i]);
}

/* A register that holds something else, then a chain that comes back to itself. */
static void
test_broken_chain (void)
{
  uint64_t record[2] = { (uint64_t) (uintptr_t) record, 0x1234 };
  TrkUnwindStart start = { .pc = 1, .sp = (uint64_t) (uintptr_t) record, .bp = 12345 };
  bool truncated;

  g_assert_cmpuint (trk_unwind (&start, frames, G_N_ELEMENTS (frames), &truncated), ==, 1);
  g_assert_true (truncated);
  start.bp = start.sp;
  g_assert_cmpuint (trk_unwind (&start, frames, G_N_ELEMENTS (frames), &truncated), ==, 2);
  g_assert_true (truncated);
  start.bp = 0;
  g_assert_cmpuint (trk_unwind (&start, frames, G_N_ELEMENTS (frames), &truncated), ==, 1);
  g_assert_false (truncated);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  trk_unwind_init ();
  g_test_add_func ("/unwind/frame-pointer/chain", test_chain);
  g_test_add_func ("/unwind/frame-pointer/broken-chain", test_broken_chain);
  return g_test_run ();
}
