/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Signal handlers that allocate.  Linked with allocator.c, whose functions may be interrupted at any
 * instruction; so may the tracker's hooks around them.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/time.h>

#include "victim.h"

#define INTERRUPTIONS 300
#define FRESH_STACK_BYTES 16384

static atomic_int n_signals;

static void
allocate_in_handler (int number)
{
  char *volatile block = malloc (300);

  CHECK (block);
  block[299] = 1;
  block = realloc (block, 700);
  CHECK (block && block[299] == 1);
  free (block);
  n_signals++;
}

static void
handle (int number, void (*handler) (int), int flags)
{
  struct sigaction action;

  memset (&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  CHECK (sigaction (number, &action, NULL) == 0);
}

static void
tick (long interval_us)
{
  struct itimerval timer = { { 0, interval_us }, { 0, interval_us } };

  CHECK (setitimer (ITIMER_REAL, &timer, NULL) == 0);
}

static void
interrupt_me (int flags)
{
  handle (SIGALRM, allocate_in_handler, flags);
  tick (200);
  while (n_signals < INTERRUPTIONS)
    victim_churn (1000);
  tick (0);
  free (victim_mark ());
}

static int
interrupted (void)
{
  interrupt_me (SA_RESTART);
  return 0;
}

/* The handler has a stack of its own, and not much of it. */
static int
alternate_stack (void)
{
  static char stack[FRESH_STACK_BYTES];
  stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };

  CHECK (sigaltstack (&alternate, NULL) == 0);
  interrupt_me (SA_RESTART | SA_ONSTACK);
  return 0;
}

/* The thread's very first allocation happens in a handler, on such a stack. */
static int
first_in_handler (void)
{
  static char stack[FRESH_STACK_BYTES];
  stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };

  CHECK (sigaltstack (&alternate, NULL) == 0);
  handle (SIGUSR1, allocate_in_handler, SA_ONSTACK);
  raise (SIGUSR1);
  CHECK (n_signals == 1);
  free (victim_mark ());
  return 0;
}

static sigjmp_buf way_out;
static volatile int *volatile nowhere = NULL;

static void
jump_out (int number)
{
  free (malloc (100));
  siglongjmp (way_out, 1);
}

/* A fault between two allocations, survived by a jump. */
static int
jumped (void)
{
  handle (SIGSEGV, jump_out, SA_NODEFER);
  for (volatile int i = 0; i < 100; i++)
    {
      free (malloc (200));
      if (sigsetjmp (way_out, 1) == 0)
        *nowhere = i;
    }
  free (victim_mark ());
  return 0;
}

static const VictimCase cases[] = {
  { "interrupted", interrupted },
  { "alternate-stack", alternate_stack },
  { "first-in-handler", first_in_handler },
  { "jumped", jumped },
};

VICTIM_MAIN (cases)
