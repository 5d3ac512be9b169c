/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads that walk while another one empties the rule table under them: every walk of a stack must
 * be the thread's first of it, whatever row is being written, or was of another generation.
 */
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "trk-unwind.h"

#define N_THREADS 4
#define N_FORGOTTEN 1000
#define MIN_WALKS 1000U
#define MAX_DEPTH 24
#define MAX_FRAMES 64
#define NOINLINE __attribute__ ((noinline))

typedef struct {
  uint64_t frames[MAX_FRAMES];
  unsigned n;
} Stack;

typedef struct {
  Stack first[MAX_DEPTH + 1]; /* by depth */
  uint64_t n_walks, n_wrong, n_truncated;
} Walker;

static _Atomic bool done;

static NOINLINE void
walk (Walker *self, unsigned depth)
{
  TrkUnwindStart start;
  bool truncated;
  Stack now;

  TRK_UNWIND_START (&start);
  now.n = trk_unwind (&start, now.frames, MAX_FRAMES, &truncated);
  self->n_walks++;
  self->n_truncated += truncated;
  if (self->first[depth].n == 0)
    self->first[depth] = now;
  else if (now.n != self->first[depth].n
           || memcmp (now.frames, self->first[depth].frames, now.n * sizeof now.frames[0]) != 0)
    self->n_wrong++;
}

static NOINLINE void
descend (Walker *self, unsigned depth, unsigned left)
{
  if (left == 0)
    walk (self, depth);
  else
    descend (self, depth, left - 1);
  __asm__ volatile("" ::: "memory");
}

static void *
run (void *data)
{
  Walker *self = data;

  for (unsigned i = 0; i < MIN_WALKS || !done; i++)
    descend (self, i % MAX_DEPTH, i % MAX_DEPTH);
  return NULL;
}

static void
test_forget_meanwhile (void)
{
  static Walker walkers[N_THREADS];
  pthread_t threads[N_THREADS];

  for (unsigned i = 0; i < N_THREADS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, run, &walkers[i]), ==, 0);
  for (unsigned i = 0; i < N_FORGOTTEN; i++)
    {
      trk_unwind_forget ();
      g_usleep (20);
    }
  done = true;
  for (unsigned i = 0; i < N_THREADS; i++)
    {
      pthread_join (threads[i], NULL);
      g_assert_cmpuint (walkers[i].n_walks, >=, MIN_WALKS);
      g_assert_cmpuint (walkers[i].n_wrong, ==, 0);
      g_assert_cmpuint (walkers[i].n_truncated, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  trk_unwind_init ();
  g_test_add_func ("/unwind/threads/forget-meanwhile", test_forget_meanwhile);
  return g_test_run ();
}
