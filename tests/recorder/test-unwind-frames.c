/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Shapes of frames, each walked by trk_unwind and by stock libunwind, frame for frame.  meson builds
 * this file several times, at different optimisations and with and without frame pointers.
 */
#include <alloca.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "unwind-checked.h"

static NOINLINE void
deep (void)
{
  g_assert_cmpint (recurse_pointer (150), ==, 150);
  g_assert_false (last_truncated);
}

static void
test_recursion (void)
{
  expect_checks (deep, 1);
}

/* A frame whose CFA is in rbx, as in the dynamic linker's trampolines. */
void call_with_rbx_frame (void (*function) (void));
__asm__(".text\n"
        ".type call_with_rbx_frame, @function\n"
        "call_with_rbx_frame:\n"
        ".cfi_startproc\n"
        "pushq %rbx\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset rbx, -16\n"
        "movq %rsp, %rbx\n"
        ".cfi_def_cfa_register rbx\n"
        "andq $-64, %rsp\n"
        "subq $128, %rsp\n"
        "call *%rdi\n"
        "movq %rbx, %rsp\n"
        ".cfi_def_cfa_register rsp\n"
        "popq %rbx\n"
        ".cfi_def_cfa_offset 8\n"
        "ret\n"
        ".cfi_endproc\n");

static NOINLINE void
clobber_and_check (void)
{
  int depth = 12;

  /* Saves rbx and the others, and leaves them unlike what they were. */
  __asm__ volatile("" : "+r"(depth) : : "rbx", "r12", "r13", "r14", "r15");
  recurse_pointer (depth);
  __asm__ volatile("" : : : "rbx", "r12", "r13", "r14", "r15");
}

static NOINLINE void
rbx_frames (void)
{
  call_with_rbx_frame (clobber_and_check);
  KEEP_FRAME ();
}

static void
test_other_registers (void)
{
  uint64_t before = trk_unwind_counters.n_fallback_ends;

  if (!dlopen ("libunwind-x86_64.so.8", RTLD_NOW | RTLD_LOCAL))
    {
      g_test_skip ("libunwind-x86_64.so.8 is not installed");
      return;
    }
  expect_checks (rbx_frames, 1);
  g_assert_false (last_truncated);
  g_assert_cmpuint (trk_unwind_counters.n_fallback_ends - before, ==, 1);
  max_frames = 5;
  expect_checks (rbx_frames, 1);
  max_frames = 16;
  expect_checks (rbx_frames, 1);
  max_frames = ORACLE_MAX_FRAMES;
}

/* Code that nobody described, as a JIT compiler's: with a frame record, and with rbp used for
 * something else. */
typedef void (*CallBare) (void (*function) (void));

void call_bare_with_record (void (*function) (void));
void call_bare_without_record (void (*function) (void));
__asm__(".text\n"
        ".type call_bare_with_record, @function\n"
        "call_bare_with_record:\n"
        "pushq %rbp\n"
        "movq %rsp, %rbp\n"
        "call *%rdi\n"
        "popq %rbp\n"
        "ret\n"
        "nop\n"
        ".type call_bare_without_record, @function\n"
        "call_bare_without_record:\n"
        "pushq %rbp\n"
        "movq $4096, %rbp\n"
        "call *%rdi\n"
        "popq %rbp\n"
        "ret\n"
        "nop\n"
        "end_of_bare_code:\n");
extern const char end_of_bare_code[];

static CallBare volatile call_bare;

static NOINLINE void
bare_frames (void)
{
  call_bare (clobber_and_check);
  KEEP_FRAME ();
}

static NOINLINE void
walk_into_the_unknown (void)
{
  uint64_t frames[ORACLE_MAX_FRAMES];
  TrkUnwindStart start;
  bool truncated;

  TRK_UNWIND_START (&start);
  g_assert_cmpuint (trk_unwind (&start, frames, ORACLE_MAX_FRAMES, &truncated), ==, 1);
  g_assert_true (truncated);
  g_assert_cmpuint (frames[0] - (uint64_t) (uintptr_t) call_bare, <=, 16);
}

static void
test_bare_code (void)
{
  size_t n_bytes = (size_t) (end_of_bare_code - (const char *) call_bare_with_record);
  char *page = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  g_assert_true (page != MAP_FAILED);
  memcpy (page, (const char *) call_bare_with_record, n_bytes);
  g_assert_cmpint (mprotect (page, 4096, PROT_READ | PROT_EXEC), ==, 0);

  call_bare = call_bare_with_record;
  expect_checks (bare_frames, 1);
  call_bare = call_bare_without_record;
  call_bare (walk_into_the_unknown);

  /* The same code in no module at all. */
  call_bare = (CallBare) page;
  expect_checks (bare_frames, 1);
  g_assert_false (last_truncated);
  max_frames = last_depth - 2;
  expect_checks (bare_frames, 1);
  g_assert_true (last_truncated);
  max_frames = ORACLE_MAX_FRAMES;
  call_bare = (CallBare) (page
                          + ((const char *) call_bare_without_record
                             - (const char *) call_bare_with_record));
  call_bare (walk_into_the_unknown);
  munmap (page, 4096);
}

/* Exactly as many frames as there are is not truncated; one fewer is. */
static void
test_depth_limit (void)
{
  checked ();
  for (int cut = 0; cut < 2; cut++)
    {
      max_frames = last_depth - (unsigned) cut;
      checked ();
      g_assert_cmpint (last_truncated, ==, cut == 1);
      max_frames = ORACLE_MAX_FRAMES;
      checked ();
    }
}

static NOINLINE void
with_alloca (unsigned n_bytes)
{
  volatile char *block = alloca (n_bytes);

  block[0] = 1;
  block[n_bytes - 1] = 2;
  if (n_bytes > 64)
    with_alloca (n_bytes / 2);
  else
    check ();
  KEEP_FRAME ();
  g_assert_cmpint (block[n_bytes - 1], ==, 2);
}

static void (*volatile with_alloca_pointer) (unsigned) = with_alloca;

static NOINLINE void
dynamic_frames (void)
{
  with_alloca_pointer (40000);
}

static void
test_alloca (void)
{
  expect_checks (dynamic_frames, 1);
}

/* Large and over-aligned locals: the frame realigns its stack, and its CFA is read from memory. */
static NOINLINE void
over_aligned (int depth)
{
  volatile char block[8192] __attribute__ ((aligned (128)));
  volatile char *dynamic = alloca ((size_t) depth * 24 + 8);

  block[depth] = 3;
  dynamic[0] = 1;
  if (depth > 0)
    over_aligned (depth - 1);
  else
    check ();
  KEEP_FRAME ();
  g_assert_cmpint (block[depth], ==, 3);
}

static void (*volatile over_aligned_pointer) (int) = over_aligned;

static NOINLINE void
aligned_frames (void)
{
  over_aligned_pointer (5);
}

static void
test_realigned (void)
{
  expect_checks (aligned_frames, 1);
}

static NOINLINE void
tail_last (void)
{
  check ();
}

static NOINLINE void
tail_middle (void)
{
  tail_last ();
}

static void (*volatile tail_pointer) (void) = tail_middle;

static NOINLINE void
tail_calls (void)
{
  tail_pointer ();
  KEEP_FRAME ();
}

static void
test_tail_calls (void)
{
  expect_checks (tail_calls, 1);
}

static int
compare_and_check (const void *left, const void *right)
{
  check ();
  return *(const int *) left - *(const int *) right;
}

static NOINLINE void
sort (void)
{
  int numbers[] = { 3, 1, 2 };
  int key = 2;

  qsort (numbers, G_N_ELEMENTS (numbers), sizeof numbers[0], compare_and_check);
  g_assert_nonnull (bsearch (&key, numbers, 3, sizeof key, compare_and_check));
}

static void
test_libc_callbacks (void)
{
  unsigned before = n_checks;

  sort ();
  g_assert_cmpuint (n_checks - before, >=, 3);
}

/* The words that the cursor names are those that the frames came from. */
static NOINLINE void
walk_by_cursor (void)
{
  uint64_t frames[ORACLE_MAX_FRAMES];
  TrkUnwindCursor cursor;
  TrkUnwindStart start;
  bool truncated;
  unsigned n, i = 0;

  TRK_UNWIND_START (&start);
  n = trk_unwind (&start, frames, ORACLE_MAX_FRAMES, &truncated);
  trk_unwind_begin (&cursor, &start);
  do
    {
      g_assert_cmpuint (i, <, n);
      g_assert_cmpuint (cursor.pc, ==, frames[i++]);
      if (cursor.pc_slot)
        g_assert_cmpuint (*(const uint64_t *) (uintptr_t) cursor.pc_slot, ==, cursor.pc);
      if (cursor.bp_slot)
        g_assert_cmpuint (*(const uint64_t *) (uintptr_t) cursor.bp_slot, ==, cursor.bp);
      else
        g_assert_cmpuint (cursor.bp, ==, start.bp);
      g_assert_true (cursor.repeatable);
    }
  while (trk_unwind_step (&cursor) == TRK_UNWIND_FRAME);
  g_assert_cmpuint (i, ==, n);
}

static void
test_cursor (void)
{
  walk_by_cursor ();
}

/* A start that lies: whatever it says, nothing faults and the walk ends. */
static void
test_wild_start (void)
{
  uint64_t frames[ORACLE_MAX_FRAMES];
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  char here;
  bool truncated;

  for (int i = 0; i < 20000; i++)
    {
      TrkUnwindStart start = {
        .pc = (uint64_t) (uintptr_t) test_wild_start + g_rand_int_range (rand, -4000, 4000),
        .sp = (uint64_t) (uintptr_t) &here
              + (uint64_t) (g_rand_int (rand) >> g_rand_int_range (rand, 0, 32)),
        .bp = (uint64_t) (uintptr_t) &here
              + (uint64_t) (g_rand_int (rand) >> g_rand_int_range (rand, 0, 32)),
      };
      unsigned n;

      if (g_rand_boolean (rand))
        start.sp &= ~UINT64_C (7);
      if (g_rand_boolean (rand))
        start.bp &= ~UINT64_C (7);
      n = trk_unwind (&start, frames, ORACLE_MAX_FRAMES, &truncated);
      g_assert_cmpuint (n, >=, 1);
      g_assert_cmpuint (n, <=, ORACLE_MAX_FRAMES);
      g_assert_cmpuint (frames[0], ==, start.pc);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  trk_unwind_init ();

  g_test_add_func ("/unwind/recursion", test_recursion);
  g_test_add_func ("/unwind/depth-limit", test_depth_limit);
  g_test_add_func ("/unwind/other-registers", test_other_registers);
  g_test_add_func ("/unwind/bare-code", test_bare_code);
  g_test_add_func ("/unwind/alloca", test_alloca);
  g_test_add_func ("/unwind/realigned", test_realigned);
  g_test_add_func ("/unwind/tail-calls", test_tail_calls);
  g_test_add_func ("/unwind/libc-callbacks", test_libc_callbacks);
  g_test_add_func ("/unwind/cursor", test_cursor);
  g_test_add_func ("/unwind/wild-start", test_wild_start);
  return g_test_run ();
}
