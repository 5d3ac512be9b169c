/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Signal handlers that interrupt a hook and do not simply return to it: they fork, jump away, or end
 * the thread or the process.  Linked with allocator.c, which may be interrupted at any instruction.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "victim.h"

#define INTERRUPTIONS 200
#define MARKS 20

static volatile sig_atomic_t n_signals;

static void
tick (void (*handler) (int))
{
  struct itimerval timer = { { 0, 500 }, { 0, 500 } };
  struct sigaction action;

  memset (&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  CHECK (sigaction (SIGALRM, &action, NULL) == 0);
  CHECK (setitimer (ITIMER_REAL, &timer, NULL) == 0);
}

static void
stop_ticking (void)
{
  struct itimerval timer = { { 0, 0 }, { 0, 0 } };

  CHECK (setitimer (ITIMER_REAL, &timer, NULL) == 0);
}

/* --- fork ------------------------------------------------------------------------------------ */

static volatile sig_atomic_t child_allocates, is_child;

/* The child goes back into what was interrupted, as its parent does. */
static void
fork_in_handler (int number)
{
  pid_t child = fork ();

  CHECK (child >= 0);
  if (child == 0)
    {
      stop_ticking ();
      is_child = 1;
      if (child_allocates)
        free (malloc (100));
      return;
    }
  n_signals++;
}

static void *
churn_and_fork (void *data)
{
  tick (fork_in_handler);
  while (n_signals < INTERRUPTIONS && !is_child)
    victim_churn (100);
  /* First: one more tick may make one more child, which must not take itself for the parent. */
  stop_ticking ();
  if (is_child)
    {
      victim_churn (200);
      _exit (0);
    }
  for (int i = 0; i < n_signals; i++)
    {
      int status;
      CHECK (wait (&status) > 0 && status == 0);
    }
  free (victim_mark ());
  return NULL;
}

static int
run_in_thread (void *(*routine) (void *) )
{
  pthread_t thread;
  sigset_t alarm_only;

  sigemptyset (&alarm_only);
  sigaddset (&alarm_only, SIGALRM);
  CHECK (pthread_sigmask (SIG_BLOCK, &alarm_only, NULL) == 0);
  return pthread_create (&thread, NULL, routine, NULL) || pthread_join (thread, NULL);
}

static void *
unblocked_churn_and_fork (void *data)
{
  sigset_t alarm_only;

  sigemptyset (&alarm_only);
  sigaddset (&alarm_only, SIGALRM);
  CHECK (pthread_sigmask (SIG_UNBLOCK, &alarm_only, NULL) == 0);
  return churn_and_fork (data);
}

static int
fork_quietly (void)
{
  churn_and_fork (NULL);
  return 0;
}

static int
fork_and_allocate (void)
{
  child_allocates = 1;
  return run_in_thread (unblocked_churn_and_fork);
}

/* --- jumps ----------------------------------------------------------------------------------- */

static sigjmp_buf way_out;

static void
jump_out (int number)
{
  n_signals++;
  siglongjmp (way_out, 1);
}

/* Timeouts as programs of old have them.  What comes afterwards must be seen. */
static int
jump (void)
{
  if (sigsetjmp (way_out, 1) == 0)
    tick (jump_out);
  while (n_signals < INTERRUPTIONS)
    victim_churn (1000);
  stop_ticking ();
  for (int i = 0; i < MARKS; i++)
    free (victim_mark ());
  return 0;
}

/* --- ends ------------------------------------------------------------------------------------ */

static void
exit_in_handler (int number)
{
  if (++n_signals == 3)
    exit (3);
}

static int
end_by_exit (void)
{
  for (int i = 0; i < MARKS; i++)
    free (victim_mark ());
  tick (exit_in_handler);
  while (n_signals < 3)
    victim_churn (1000);
  return VICTIM_FAILED;
}

static void
leave_in_handler (int number)
{
  if (++n_signals == 3)
    {
      stop_ticking ();
      pthread_exit (NULL);
    }
}

static void *
churn_until_left (void *data)
{
  sigset_t alarm_only;

  free (victim_mark ());
  sigemptyset (&alarm_only);
  sigaddset (&alarm_only, SIGALRM);
  CHECK (pthread_sigmask (SIG_UNBLOCK, &alarm_only, NULL) == 0);
  tick (leave_in_handler);
  for (;;)
    victim_churn (1000);
  return NULL;
}

static int
end_by_pthread_exit (void)
{
  for (int i = 0; i < MARKS; i++)
    {
      n_signals = 0;
      CHECK (run_in_thread (churn_until_left) == 0);
    }
  return 0;
}

static const VictimCase cases[] = {
  { "fork", fork_quietly }, { "fork-and-allocate", fork_and_allocate }, { "jump", jump },
  { "exit", end_by_exit },  { "pthread-exit", end_by_pthread_exit },
};

VICTIM_MAIN (cases)
