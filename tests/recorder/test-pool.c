/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The pool's lanes against an array of who has which: taken, given back, and refused while the pool's file
 * cannot be grown.  No lane is two threads', none is lost, and what the file's header says of it is so.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "recorder-stand-ins.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-thread.h"

#define N_STEPS 40000
#define MAX_THREADS 400U

typedef struct {
  char *folder, *path, *elsewhere;
  TrkThread *held[MAX_THREADS];
  guint n_held, n_refused, n_bare;
  gboolean is_away; /* the folder */
  GHashTable *owners;
} Player;

static void
move_folder (Player *self)
{
  if (self->is_away)
    g_assert_cmpint (g_rename (self->elsewhere, self->folder), ==, 0);
  else
    g_assert_cmpint (g_rename (self->folder, self->elsewhere), ==, 0);
  self->is_away = !self->is_away;
}

/* A lane is memory that nobody else has, beside a thread's state that nobody else has. */
static void
check_lane (Player *self, TrkThread *thread)
{
  g_assert_true (g_hash_table_add (self->owners, thread));
  g_assert_true (g_hash_table_add (self->owners, thread->lane));
  g_assert_cmpuint (thread->lane_index, <, trk_pool_get_header ()->n_lanes);
  g_assert_cmpuint (thread->lane->state, ==, 0);
  g_assert_true ((guint8 *) thread->window.state > (guint8 *) thread->lane);
  g_assert_true (thread->window.bytes + TRK_EVENT_WINDOW_BYTES
                 <= (guint8 *) thread->lane + TRK_LANE_BYTES);
}

static void
take (Player *self)
{
  TrkThread *thread = trk_pool_acquire ();

  if (!thread)
    {
      g_assert_true (self->is_away);
      self->n_refused++;
      return;
    }
  check_lane (self, thread);
  thread->lane->state = 1;
  /* Its own from one end to the other. */
  thread->id = thread->lane_index;
  memset (thread->window.bytes, (int) (thread->lane_index % 251), TRK_EVENT_WINDOW_BYTES);
  self->held[self->n_held++] = thread;
}

static void
give_back (Player *self, guint i)
{
  TrkThread *thread = self->held[i];

  g_assert_cmpuint (thread->id, ==, thread->lane_index);
  for (guint j = 0; j < TRK_EVENT_WINDOW_BYTES; j += 1021)
    g_assert_cmpuint (thread->window.bytes[j], ==, thread->lane_index % 251);
  g_hash_table_remove (self->owners, thread);
  g_hash_table_remove (self->owners, thread->lane);
  self->held[i] = self->held[--self->n_held];
  trk_pool_release (thread);
  g_assert_cmpuint (thread->lane->state, ==, 0);
}

static void
take_bare (Player *self)
{
  guint32 first_lane;
  guint8 *lanes = trk_pool_add_bare_segment (&first_lane);

  if (!lanes)
    {
      g_assert_true (self->is_away);
      return;
    }
  g_assert_false (self->is_away);
  self->n_bare++;
  for (guint i = 0; i < TRK_POOL_LANES_A_SEGMENT; i++)
    g_assert_true (g_hash_table_add (self->owners, lanes + i * TRK_LANE_BYTES));
  memset (lanes, 0xee, TRK_POOL_LANES_A_SEGMENT * TRK_LANE_BYTES);
}

/* The file is as long as its header says, all of it storage. */
static void
check_file (Player *self)
{
  struct stat status;

  g_assert_cmpint (stat (self->path, &status), ==, 0);
  g_assert_cmpuint ((guint64) status.st_size, >=,
                    trk_lane_offset (trk_pool_get_header ()->n_lanes));
  g_assert_cmpuint (trk_pool_get_header ()->n_lanes % TRK_POOL_LANES_A_SEGMENT, ==, 0);
}

static void
play (Player *self, GRand *random)
{
  guint wanted = 0, most = 0;

  for (guint i = 0; i < N_STEPS * get_table_rounds (); i++)
    {
      guint what = (guint) g_rand_int_range (random, 0, 1000);

      if (i % 500 == 0)
        wanted = (guint) g_rand_int_range (random, 0, MAX_THREADS);
      if (what < 10)
        move_folder (self);
      else if (what < 12 && self->n_bare < 20)
        take_bare (self);
      else if (self->n_held < wanted)
        take (self);
      else if (self->n_held)
        give_back (self, (guint) g_rand_int_range (random, 0, (gint32) self->n_held));
      most = MAX (most, self->n_held);
    }
  if (self->is_away)
    move_folder (self);
  check_file (self);
  /* No lane got lost: there are no more than were in use at once, those of the last segment, and the bare. */
  g_assert_cmpuint (trk_pool_get_header ()->n_lanes, <=,
                    (most / TRK_POOL_LANES_A_SEGMENT + 1 + self->n_bare)
                        * TRK_POOL_LANES_A_SEGMENT);
  g_assert_cmpuint (self->n_refused, >, 0);
  g_assert_cmpuint (most, >, MAX_THREADS / 2);
}

static void
test_model (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (13);
  g_autoptr (GHashTable) owners = g_hash_table_new (NULL, NULL);
  g_autofree char *parent = g_dir_make_tmp ("pool-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (parent, "here", NULL);
  g_autofree char *elsewhere = g_build_filename (parent, "there", NULL);
  g_autofree char *path = g_build_filename (folder, "pool", NULL);
  Player self = { folder, path, elsewhere, .owners = owners };

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_null (trk_pool_get_header ());
  g_assert_cmpint (trk_pool_create (path), ==, 0);
  g_assert_cmpint (trk_pool_create (path), <, 0);
  play (&self, random);
  trk_pool_detach ();
  g_assert_null (trk_pool_get_header ());
  /* A hook that fork interrupted still writes into memory that is there. */
  while (self.n_held)
    memset (self.held[--self.n_held]->window.bytes, 1, TRK_EVENT_WINDOW_BYTES);
  g_unlink (path);
  g_rmdir (folder);
  g_rmdir (parent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/model", test_model);
  return g_test_run ();
}
