/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stacks that end, begin or are left in other places than main: signal handlers, signal stacks,
 * fibers, threads.  Built as test-unwind-frames.c is.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include "unwind-checked.h"

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
      struct timespec now;

      memset (text, (int) n_ticks, sizeof text - 1);
      g_assert_cmpuint (strlen (text), <, sizeof text);
      g_snprintf (text, sizeof text, "%u %f", n_ticks, n_ticks / 3.0);
      (void) strtod (text, NULL);
      numbers[0] = (int) strtol (text, NULL, 10);
      clock_gettime (CLOCK_MONOTONIC, &now); /* the vDSO has unwind information of its own */
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  trk_unwind_init ();

  g_test_add_func ("/unwind/signal", test_signal);
  g_test_add_func ("/unwind/alternate-stack", test_alternate_stack);
  g_test_add_func ("/unwind/interrupted-anywhere", test_interrupted_anywhere);
  g_test_add_func ("/unwind/fibers", test_fibers);
  g_test_add_func ("/unwind/thread", test_thread);
  return g_test_run ();
}
