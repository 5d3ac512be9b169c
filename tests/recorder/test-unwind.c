/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Shapes of stacks, each walked by trk_unwind and by stock libunwind, frame for frame.  meson
 * builds this file several times, at different optimisations and with and without frame pointers.
 *
 * Every shape calls the checked function through a volatile pointer, so that no call is inlined.
 */
#include <alloca.h>
#include <dlfcn.h>
#include <glib.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

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
static void
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

static sigjmp_buf jump_target;

static void
check_and_jump (int signal_number)
{
  check ();
  if (signal_number == SIGUSR2)
    siglongjmp (jump_target, 1);
}

static NOINLINE void
raise_signal (int signal_number)
{
  raise (signal_number);
  KEEP_FRAME ();
}

static void
install (int signal_number, void (*handler) (int), int flags)
{
  struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

  g_assert_cmpint (sigaction (signal_number, &action, NULL), ==, 0);
}

static void
test_signal (void)
{
  unsigned before = n_checks;

  install (SIGUSR1, check_and_jump, 0);
  install (SIGUSR2, check_and_jump, 0);
  raise_signal (SIGUSR1);
  if (sigsetjmp (jump_target, 1) == 0)
    raise_signal (SIGUSR2);
  check ();
  g_assert_cmpuint (n_checks - before, ==, 3);
}

static void
test_alternate_stack (void)
{
  g_autofree char *block = g_malloc (256 * 1024);
  stack_t alternate = { .ss_sp = block, .ss_size = 256 * 1024 };
  stack_t none = { .ss_flags = SS_DISABLE };
  unsigned before = n_checks;

  g_assert_cmpint (sigaltstack (&alternate, NULL), ==, 0);
  install (SIGUSR1, check_and_jump, SA_ONSTACK);
  raise_signal (SIGUSR1);
  check ();
  g_assert_cmpint (sigaltstack (&none, NULL), ==, 0);
  g_assert_cmpuint (n_checks - before, ==, 2);
}

/* Interrupts land on every instruction: prologues, epilogues, leaf functions, PLT entries. */
static volatile unsigned n_ticks;

static void
check_tick (int signal_number)
{
  check ();
  n_ticks++;
}

static void
test_interrupted_anywhere (void)
{
  struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
  static char text[300];

  n_ticks = 0;
  install (SIGALRM, check_tick, SA_RESTART);
  g_assert_cmpint (setitimer (ITIMER_REAL, &often, NULL), ==, 0);
  while (n_ticks < 300)
    {
      int numbers[] = { 5, 2, 9, 1, 7 };

      memset (text, (int) n_ticks, sizeof text - 1);
      g_assert_cmpuint (strlen (text), <, sizeof text);
      g_snprintf (text, sizeof text, "%u %f", n_ticks, n_ticks / 3.0);
      (void) strtod (text, NULL);
      numbers[0] = (int) strtol (text, NULL, 10);
      g_assert_cmpint (numbers[0], >=, 0);
    }
  g_assert_cmpint (setitimer (ITIMER_REAL, &never, NULL), ==, 0);
}

static ucontext_t outside, fiber;

static void
fiber_main (void)
{
  for (;;)
    {
      recurse_pointer (20);
      swapcontext (&fiber, &outside);
    }
}

/* A fiber's stack is not the thread's, and a shorter one may come to lie where it was. */
static void
test_fibers (void)
{
  static const size_t sizes[] = { 256 * 1024, 64 * 1024, 128 * 1024 };
  size_t page = 4096;

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      unsigned before = n_checks;
      char *stack =
          mmap (NULL, sizes[i] + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

      g_assert_true (stack != MAP_FAILED);
      g_assert_cmpint (mprotect (stack + sizes[i], page, PROT_NONE), ==, 0);
      g_assert_cmpint (getcontext (&fiber), ==, 0);
      fiber.uc_stack.ss_sp = stack;
      fiber.uc_stack.ss_size = sizes[i];
      makecontext (&fiber, fiber_main, 0);
      for (int turn = 0; turn < 3; turn++)
        {
          swapcontext (&outside, &fiber);
          g_assert_false (last_truncated);
          check ();
        }
      g_assert_cmpuint (n_checks - before, ==, 6);
      munmap (stack, sizes[i] + page);
    }
}

static void *
thread_main (void *data)
{
  check ();
  g_assert_false (last_truncated);
  recurse_pointer (100);
  check ();
  test_alternate_stack ();
  return data;
}

static void
test_thread (void)
{
  static char own_stack[1 << 20] __attribute__ ((aligned (4096)));
  pthread_attr_t attributes;
  pthread_t thread;

  g_assert_cmpint (pthread_create (&thread, NULL, thread_main, NULL), ==, 0);
  pthread_join (thread, NULL);

  pthread_attr_init (&attributes);
  pthread_attr_setstack (&attributes, own_stack, sizeof own_stack);
  g_assert_cmpint (pthread_create (&thread, &attributes, thread_main, NULL), ==, 0);
  pthread_join (thread, NULL);
  pthread_attr_destroy (&attributes);
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
  g_assert_true (trk_unwind_init ());

  g_test_add_func ("/unwind/recursion", test_recursion);
  g_test_add_func ("/unwind/depth-limit", test_depth_limit);
  g_test_add_func ("/unwind/other-registers", test_other_registers);
  g_test_add_func ("/unwind/alloca", test_alloca);
  g_test_add_func ("/unwind/realigned", test_realigned);
  g_test_add_func ("/unwind/tail-calls", test_tail_calls);
  g_test_add_func ("/unwind/libc-callbacks", test_libc_callbacks);
  g_test_add_func ("/unwind/signal", test_signal);
  g_test_add_func ("/unwind/alternate-stack", test_alternate_stack);
  g_test_add_func ("/unwind/interrupted-anywhere", test_interrupted_anywhere);
  g_test_add_func ("/unwind/fibers", test_fibers);
  g_test_add_func ("/unwind/thread", test_thread);
  g_test_add_func ("/unwind/cursor", test_cursor);
  g_test_add_func ("/unwind/wild-start", test_wild_start);
  return g_test_run ();
}
