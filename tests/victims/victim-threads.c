/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads in every way of beginning, living and ending. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <threads.h>

#include "victim.h"

#define SHORT_THREADS 2000
#define VERY_MANY_SHORT 20000
#define AT_ONCE 300
#define CROWD 2000
#define RACERS 16

static void
start (pthread_t *thread, void *(*routine) (void *), void *data)
{
  CHECK (pthread_create (thread, NULL, routine, data) == 0);
}

static void *
mark_and_free (void *data)
{
  free (victim_mark ());
  return data;
}

static int
many_short (void)
{
  for (int i = 0; i < SHORT_THREADS; i++)
    {
      pthread_t thread;
      void *result;

      start (&thread, mark_and_free, &thread);
      CHECK (pthread_join (thread, &result) == 0 && result == &thread);
    }
  return 0;
}

static pthread_barrier_t barrier;

static void *
meet_and_mark (void *data)
{
  pthread_barrier_wait (&barrier);
  victim_churn (2000);
  free (victim_mark ());
  pthread_barrier_wait (&barrier);
  return NULL;
}

static int
meet (int n_threads)
{
  pthread_t threads[AT_ONCE];

  pthread_barrier_init (&barrier, NULL, (unsigned) n_threads);
  for (int i = 0; i < n_threads; i++)
    start (&threads[i], meet_and_mark, NULL);
  for (int i = 0; i < n_threads; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  return 0;
}

static int
many_at_once (void)
{
  return meet (AT_ONCE);
}

static int
race (void)
{
  return meet (RACERS);
}

/* --- cancellation ---------------------------------------------------------------------------- */

static atomic_int n_cleaned;

static void
clean_up (void *block)
{
  free (block);
  free (victim_mark ());
  n_cleaned++;
}

static void *
wait_to_be_cancelled (void *data)
{
  pthread_cleanup_push (clean_up, victim_mark ());
  pthread_barrier_wait (&barrier);
  for (;;)
    {
      free (malloc (100));
      pthread_testcancel ();
    }
  pthread_cleanup_pop (1);
  return NULL;
}

static int
cancel (void)
{
  for (int i = 0; i < 20; i++)
    {
      pthread_t thread;
      void *result;

      pthread_barrier_init (&barrier, NULL, 2);
      start (&thread, wait_to_be_cancelled, NULL);
      pthread_barrier_wait (&barrier);
      CHECK (pthread_cancel (thread) == 0);
      CHECK (pthread_join (thread, &result) == 0 && result == PTHREAD_CANCELED);
    }
  CHECK (n_cleaned == 20);
  return 0;
}

/* --- destructors of thread-specific data ----------------------------------------------------- */

static pthread_key_t key;
static atomic_int n_destroyed;

/* Allocates and frees in each of the four rounds that libc grants. */
static void
destroy (void *value)
{
  free (value);
  free (victim_mark ());
  if (++n_destroyed % PTHREAD_DESTRUCTOR_ITERATIONS != 0)
    pthread_setspecific (key, victim_mark ());
}

static void *
set_key (void *data)
{
  pthread_setspecific (key, victim_mark ());
  return NULL;
}

static int
key_destructors (void)
{
  CHECK (pthread_key_create (&key, destroy) == 0);
  for (int i = 0; i < 5; i++)
    {
      pthread_t thread;

      start (&thread, set_key, NULL);
      pthread_join (thread, NULL);
    }
  CHECK (n_destroyed == 5 * PTHREAD_DESTRUCTOR_ITERATIONS);
  return 0;
}

/* --- ends ------------------------------------------------------------------------------------ */

static void *
mark_for_ever (void *data)
{
  victim_mark ();
  pthread_barrier_wait (&barrier);
  for (;;)
    victim_churn (1000);
  return NULL;
}

/* main returns while others are in the middle of an allocation */
static int
left_running (void)
{
  pthread_barrier_init (&barrier, NULL, 4);
  for (int i = 0; i < 3; i++)
    {
      pthread_t thread;
      start (&thread, mark_for_ever, NULL);
      pthread_detach (thread);
    }
  pthread_barrier_wait (&barrier);
  return 0;
}

static void *
exit_from_here (void *main_thread)
{
  pthread_join (*(pthread_t *) main_thread, NULL);
  free (victim_mark ());
  exit (5);
}

static int
main_ends_first (void)
{
  static pthread_t self;
  pthread_t thread;

  self = pthread_self ();
  start (&thread, exit_from_here, &self);
  victim_mark ();
  pthread_exit (NULL);
}

static int
mark_in_c11_thread (void *data)
{
  free (victim_mark ());
  return 17;
}

static int
c11_threads (void)
{
  thrd_t thread;
  int result;

  CHECK (thrd_create (&thread, mark_in_c11_thread, NULL) == thrd_success);
  CHECK (thrd_join (thread, &result) == thrd_success && result == 17);
  return 0;
}

/* --- names and stacks ------------------------------------------------------------------------ */

static void *
rename_twice (void *data)
{
  char name[16];

  free (victim_mark ());
  CHECK (pthread_setname_np (pthread_self (), "first name") == 0);
  free (victim_mark ());
  CHECK (prctl (PR_SET_NAME, "second \xff name") == 0);
  CHECK (pthread_getname_np (pthread_self (), name, sizeof name) == 0);
  CHECK (strcmp (name, "second \xff name") == 0);
  errno = 0;
  CHECK (pthread_setname_np (pthread_self (), "a name of more than fifteen bytes") == ERANGE);
  free (victim_mark ());
  return NULL;
}

static int
renamed (void)
{
  pthread_t thread;

  start (&thread, rename_twice, NULL);
  pthread_join (thread, NULL);
  return 0;
}

/* The smallest stack that a thread may have: the tracker runs on it too. */
static int
small_stacks (void)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  CHECK (pthread_attr_setstacksize (&attributes, PTHREAD_STACK_MIN) == 0);
  for (int i = 0; i < 10; i++)
    {
      pthread_t thread;

      CHECK (pthread_create (&thread, &attributes, mark_and_free, NULL) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
    }
  return 0;
}

/* A thread that cannot be made is an error like any other. */
static int
refused_thread (void)
{
  pthread_attr_t attributes;
  pthread_t thread;

  pthread_attr_init (&attributes);
  CHECK (pthread_attr_setstacksize (&attributes, (size_t) 1 << 46) == 0);
  CHECK (pthread_create (&thread, &attributes, mark_and_free, NULL) == EAGAIN);
  free (victim_mark ());
  return 0;
}

/* errno is nobody's business but the failing call's. */
static int
errno_kept (void)
{
  pthread_attr_t attributes;
  pthread_t thread;

#define SHOW(call) \
  errno = 1234; \
  CHECK (call); \
  printf ("%s: errno %d\n", #call, errno)

  pthread_attr_init (&attributes);
  SHOW (pthread_create (&thread, &attributes, mark_and_free, NULL) == 0);
  pthread_join (thread, NULL);
  CHECK (pthread_attr_setstacksize (&attributes, (size_t) 1 << 46) == 0);
  SHOW (pthread_create (&thread, &attributes, mark_and_free, NULL) == EAGAIN);
  SHOW (pthread_setname_np (pthread_self (), "a name") == 0);
  SHOW (pthread_setname_np (pthread_self (), "a name of more than fifteen bytes") == ERANGE);
  SHOW (prctl (PR_SET_NAME, "another") == 0);
  SHOW (prctl (PR_GET_DUMPABLE) == 1);
  SHOW (prctl (12345678) == -1);
#undef SHOW
  return 0;
}

/* As many short ones as a program of tasks starts in a minute. */
static int
very_many_short (void)
{
  for (int i = 0; i < VERY_MANY_SHORT; i++)
    {
      pthread_t thread;

      start (&thread, mark_and_free, NULL);
      CHECK (pthread_join (thread, NULL) == 0);
    }
  return 0;
}

static void *
mark_and_wait (void *data)
{
  free (victim_mark ());
  pthread_barrier_wait (&barrier);
  return NULL;
}

/* Two thousand that live at once, on small stacks. */
static int
crowd (void)
{
  static pthread_t threads[CROWD];
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  CHECK (pthread_attr_setstacksize (&attributes, 65536) == 0);
  pthread_barrier_init (&barrier, NULL, CROWD + 1);
  for (int i = 0; i < CROWD; i++)
    if (pthread_create (&threads[i], &attributes, mark_and_wait, NULL) != 0)
      return 77;
  pthread_barrier_wait (&barrier);
  for (int i = 0; i < CROWD; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  return 0;
}

static const VictimCase cases[] = {
  { "errno", errno_kept },
  { "very-many-short", very_many_short },
  { "crowd", crowd },
  { "many-short", many_short },
  { "many-at-once", many_at_once },
  { "race", race },
  { "cancel", cancel },
  { "key-destructors", key_destructors },
  { "left-running", left_running },
  { "main-ends-first", main_ends_first },
  { "c11", c11_threads },
  { "renamed", renamed },
  { "small-stacks", small_stacks },
  { "refused", refused_thread },
};

VICTIM_MAIN (cases)
