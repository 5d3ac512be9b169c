/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The windows of flight recorders' rings: who has which, where they come from and where they go, without any events.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "recorder-stand-ins.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-ring.h"
#include "trk-thread.h"

#define N_THREADS 8U
#define N_TURNS 20000U
#define RING_WINDOWS 4U

typedef struct {
  char *folder, *path, *elsewhere;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *parent = g_dir_make_tmp ("ring-windows-XXXXXX", NULL);

  self->folder = g_build_filename (parent, "here", NULL);
  self->elsewhere = g_build_filename (parent, "there", NULL);
  self->path = g_build_filename (self->folder, "pool", NULL);
  g_assert_cmpint (g_mkdir (self->folder, 0700), ==, 0);
  trk_process.pid = getpid ();
  trk_process.config.ring_bytes = (uint64_t) GPOINTER_TO_SIZE (data) * TRK_EVENT_WINDOW_BYTES;
  g_assert_cmpint (trk_pool_create (self->path), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *parent = g_path_get_dirname (self->folder);

  trk_pool_orphan ();
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_rmdir (parent);
  g_free (self->folder);
  g_free (self->elsewhere);
  g_free (self->path);
}

static TrkThread *
begin (void)
{
  TrkThread *thread = trk_pool_acquire ();

  if (thread)
    thread->process = trk_process.pid;
  return thread;
}

static void
end (TrkThread *thread)
{
  trk_ring_end (thread);
  trk_pool_release (thread);
}

static void
turn (TrkThread *thread)
{
  TrkQuiet quiet = trk_ring_begin_quiet ();

  /* As if it were full. */
  thread->window.state->committed = 8 * TRK_EVENT_WINDOW_BYTES;
  trk_ring_turn (thread, quiet);
  trk_ring_end_quiet (quiet);
}

/* Threads that begin, turn and end: what is in a window is always its thread's. */
static unsigned
live (unsigned number)
{
  Dice dice = { number + 1 };
  guint8 *held[RING_WINDOWS] = { NULL };
  TrkThread *thread = NULL;
  guint n = 0;

  for (guint i = 0; i < N_TURNS * get_table_rounds (); i++)
    {
      if (!thread)
        {
          thread = begin ();
          g_assert_nonnull (thread);
          n = 0;
        }
      else
        {
          turn (thread);
        }
      g_assert_cmpuint (thread->n_windows, ==, MIN (n + 1, RING_WINDOWS));
      g_assert_cmpuint (__atomic_load_n (&thread->window.state->committed, __ATOMIC_RELAXED), ==,
                        0);
      /* The others hold what was put into them. */
      for (guint k = 1; k < MIN (n + 1, RING_WINDOWS); k++)
        {
          g_assert_true (held[(n - k) % RING_WINDOWS] != thread->window.bytes);
          g_assert_cmpuint (held[(n - k) % RING_WINDOWS][n % 512], ==, number + 1);
        }
      held[n++ % RING_WINDOWS] = thread->window.bytes;
      memset (thread->window.bytes, (int) number + 1, 512);
      if (dice_roll (&dice, 10) == 0)
        {
          end (thread);
          thread = NULL;
        }
    }
  if (thread)
    end (thread);
  return 0;
}

static void
test_model (Fixture *self, gconstpointer data)
{
  run_at_once (N_THREADS, live);
  /* What all have at once, what those that ended keep, and what a segment has too much for each. */
  g_assert_cmpuint (trk_pool_get_header ()->n_lanes * TRK_EVENT_WINDOWS, <=,
                    (N_THREADS + TRK_RING_ENDED_SHARE + 1) * RING_WINDOWS
                        + (N_THREADS + 1) * TRK_POOL_LANES_A_SEGMENT * TRK_EVENT_WINDOWS);
}

/* Without new memory a ring goes on with what it has, and grows when there is some again. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  TrkThread *thread = begin ();
  guint n = 0;

  g_assert_cmpint (g_rename (self->folder, self->elsewhere), ==, 0);
  for (guint i = 0; i < N_TURNS; i++)
    turn (thread);
  n = thread->n_windows;
  g_assert_cmpuint (n, <=, TRK_POOL_LANES_A_SEGMENT * TRK_EVENT_WINDOWS);
  g_assert_cmpint (g_rename (self->elsewhere, self->folder), ==, 0);
  for (guint i = 0; i < N_TURNS; i++)
    turn (thread);
  g_assert_cmpuint (thread->n_windows, ==, GPOINTER_TO_SIZE (data));
  end (thread);
}

/* In a child that was forked from inside a hook, and goes on in it. */
static void
test_forked (Fixture *self, gconstpointer data)
{
  TrkThread *thread = begin ();
  guint8 *bytes;

  turn (thread);
  bytes = thread->window.bytes;
  trk_pool_orphan ();
  trk_process.pid = 0;
  turn (thread);
  g_assert_true (thread->window.bytes == bytes);
  g_assert_cmpuint (thread->window.state->committed, ==, 0);
  memset (thread->window.bytes, 1, TRK_EVENT_WINDOW_BYTES);
}

/* However large the ring of one thread: others can begin. */
static void
test_largest (Fixture *self, gconstpointer data)
{
  const guint n_most = TRK_MAX_LANES * TRK_EVENT_WINDOWS;
  struct statvfs status;
  TrkThread *thread = begin ();

  if (statvfs (self->folder, &status) != 0
      || (guint64) status.f_bavail * status.f_frsize < (guint64) 3 << 30)
    {
      g_test_skip ("there is too little room for a whole pool");
      return;
    }
  for (guint i = 0; i < n_most + 1000; i++)
    turn (thread);
  g_assert_cmpuint (thread->n_windows, >, n_most / 2);
  for (guint i = 0; i < 2000; i++)
    {
      TrkThread *other = begin ();

      g_assert_nonnull (other);
      turn (other);
      turn (thread);
    }
}

#define ADD(name, windows, function) \
  g_test_add ("/ring-windows/" name, Fixture, GSIZE_TO_POINTER (windows), set_up, function, \
              tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("model", RING_WINDOWS, test_model);
  ADD ("refused", 200, test_refused);
  ADD ("forked", RING_WINDOWS, test_forked);
  ADD ("largest", TRK_MAX_LANES * TRK_EVENT_WINDOWS, test_largest);
  return g_test_run ();
}
