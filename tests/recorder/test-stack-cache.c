/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread's own cache of call stacks, which stands before the table of all: the number that an event
 * gets must be, in the block that is open, that of its stack.
 *
 * The table behind it is trivial: an id is made of all that makes a stack another.  It refuses now and
 * then, as when there is no room for a definition: such a stack has no id in this block, and is asked for
 * again in the next.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>
#include <string.h>

#include "trk-event-decoder.h"
#include "trk-event-stack.h"
#include "trk-event-widths.h"
#include "trk-stacks.h"

#define N_STEPS 300000
#define N_STACKS 40U
#define MAX_DEPTH 4U
#define PAYLOAD_BYTES 16384U
#define N_LOCAL 1024U

TrkProcess trk_process;
static TrkThread thread;
static gboolean refuse;
static guint n_asked, n_nameless;
static guint8 payload[PAYLOAD_BYTES + 64];
/* The stacks that the open block's local numbers are, and whether they were refused. */
static struct {
  guint32 id;
  gboolean is_nameless;
} locals[N_LOCAL];

/* --- the table of all ----------------------------------------------------------------------------- */

static guint32
id_of (guint32 which, guint32 depth, gboolean truncated, guint32 generation)
{
  return 1 + which + N_STACKS * (depth + MAX_DEPTH * ((guint) truncated + 2 * generation));
}

/* In few places of the cache, which most stacks then share with others. */
uint64_t
trk_stacks_hash (const uint64_t *frames, uint32_t depth, bool truncated, uint32_t generation)
{
  guint64 id = id_of ((guint32) frames[0], depth, truncated, generation);

  return id << 32 | (id % 16 + 1);
}

uint32_t
trk_stacks_intern (TrkThread *self, uint64_t hash, uint32_t depth, bool truncated)
{
  guint32 id = id_of ((guint32) self->frames[0], depth, truncated, trk_process.generation);

  n_asked++;
  g_assert_cmpuint (id, ==, hash >> 32);
  return refuse ? 0 : id;
}

/* --- the block ------------------------------------------------------------------------------------ */

static void
begin_block (void)
{
  thread.block_serial++;
  trk_event_encoder_begin (&thread.encoder, payload, PAYLOAD_BYTES, 0, thread.widths);
  memset (locals, 0, sizeof locals);
}

static void
check (guint32 which, guint32 depth, gboolean truncated)
{
  guint32 n_before = thread.encoder.n_local_stacks, asked = n_asked, local;
  guint32 id = id_of (which, depth, truncated, trk_process.generation);

  thread.frames[0] = which;
  local = trk_event_stack_given (&thread, depth, truncated);
  g_assert_cmpuint (local, <, thread.encoder.n_local_stacks);
  if (thread.encoder.n_local_stacks != n_before)
    {
      g_assert_cmpuint (local, ==, n_before);
      g_assert_cmpuint (thread.encoder.n_local_stacks, ==, n_before + 1);
      locals[local].id = id;
      locals[local].is_nameless = depth == 0 || (refuse && n_asked != asked);
      n_nameless += locals[local].is_nameless;
    }
  g_assert_cmpuint (locals[local].id, ==, id);
}

/* As a reader has it: the records name the stacks in the order of their numbers. */
static void
check_block (void)
{
  static TrkAddressRing ring;
  TrkBlockHeader header = { .widths = thread.widths };
  guint32 ids[N_LOCAL];
  TrkEventDecoder decoder;
  TrkEvent event;

  g_assert_cmpint (trk_event_decoder_begin (&decoder, &header, payload,
                                            trk_event_encoder_get_bytes (&thread.encoder), &ring,
                                            ids, N_LOCAL),
                   ==, TRK_DECODE_OK);
  g_assert_cmpint (trk_event_decoder_next (&decoder, &event), ==, TRK_DECODE_END);
  g_assert_cmpuint (decoder.n_local_stacks, ==, thread.encoder.n_local_stacks);
  for (guint i = 1; i < decoder.n_local_stacks; i++)
    g_assert_cmpuint (ids[i], ==, locals[i].is_nameless ? 0 : locals[i].id);
}

static guint
get_rounds (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");

  return rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;
}

static void
test_model (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (15);
  guint n_steps = N_STEPS * get_rounds ();

  thread.widths = trk_event_widths_default ();
  begin_block ();
  for (guint i = 0; i < n_steps; i++)
    {
      guint32 depth = (guint32) g_rand_int_range (random, 0, MAX_DEPTH);
      guint32 which = depth ? (guint32) g_rand_int_range (random, 0, N_STACKS) : 0;

      if (thread.encoder.n_local_stacks > N_LOCAL - 2 || g_rand_int_range (random, 0, 500) == 0)
        {
          check_block ();
          begin_block ();
        }
      if (i % 20000 == 19999)
        atomic_fetch_add (&trk_process.generation, 1);
      refuse = g_rand_int_range (random, 0, 4) == 0;
      /* Some far more often than others, or nothing would ever be in the cache. */
      check (g_rand_boolean (random) ? which % 4 : which, depth, which > N_STACKS / 2);
    }
  g_test_message ("%u asked of %u, %u had no id", n_asked, n_steps, n_nameless);
  g_assert_cmpuint (n_asked, <, n_steps / 10 * 9);
  g_assert_cmpuint (n_asked, >, n_steps / 100);
  g_assert_cmpuint (n_nameless, >, 100);
}

/* One that was refused: nothing more is asked in this block, in the next it is. */
static void
test_refused (void)
{
  thread.widths = trk_event_widths_default ();
  begin_block ();
  n_asked = 0;
  refuse = TRUE;
  thread.frames[0] = N_STACKS - 1;
  atomic_fetch_add (&trk_process.generation, 1);
  for (guint i = 0; i < 3; i++)
    {
      trk_event_stack_given (&thread, 1, FALSE);
      g_assert_cmpuint (n_asked, ==, 1);
    }
  begin_block ();
  refuse = FALSE;
  for (guint i = 0; i < 3; i++)
    {
      check (N_STACKS - 1, 1, FALSE);
      g_assert_cmpuint (n_asked, ==, 2);
    }
  check_block ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stack-cache/model", test_model);
  g_test_add_func ("/stack-cache/refused", test_refused);
  return g_test_run ();
}
