/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cache of recent addresses against a table of address → number of its latest allocation.  The cache
 * may have forgotten; what it says must be true, as a free by a wrong distance frees another block.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>

#include "trk-address-cache.h"

#define N_STEPS 600000 /* past two wraps of the number */
#define N_ADDRESSES 6000
/* Bits 23 and up have no part in the choice of a set. */
#define ALIAS_STEP ((guint64) 1 << 23)

typedef struct {
  GRand *random;
  TrkAddressCache cache;
  GHashTable *latest; /* address → number of its latest allocation, plus 1 */
  guint64 addresses[N_ADDRESSES];
  guint64 sequence; /* of the next allocation */
  guint n_asked, n_found, n_high, n_too_old;
} Player;

static guint64
make_address (GRand *random, guint i)
{
  guint64 number = g_rand_int (random);

  switch (i % 6)
    {
    case 0: /* a heap */
    case 1:
      return 0x550000000000 + number % 8192 * 16;
    case 2: /* one set */
      return 0x7f0000001230 + number % 24 * ALIAS_STEP;
    case 3: /* declared: any address, so also neighbours in one set */
      return 0x560000000000 + number % 512;
    case 4: /* low ones of 47 bits, and the highest */
      return number % 2 ? 1 + number % 4096 : 0x7fffffffffff - number % 4096;
    default: /* more than 47 bits: the same as one of the heap but for those */
      return (0x550000000000 + number % 8192 * 16) | (guint64) 1 << (47 + number % 17);
    }
}

static Player *
player_new (guint32 seed, guint64 first_sequence)
{
  Player *self = g_aligned_alloc0 (1, sizeof *self, 64);

  self->random = g_rand_new_with_seed (seed);
  self->latest = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->sequence = first_sequence;
  for (guint i = 0; i < N_ADDRESSES; i++)
    self->addresses[i] = make_address (self->random, i);
  return self;
}

static void
player_free (Player *self)
{
  g_hash_table_unref (self->latest);
  g_rand_free (self->random);
  g_aligned_free (self);
}

static guint64
pick (Player *self)
{
  /* Some come all the time, some so seldom that their number has wrapped meanwhile. */
  gdouble where = g_rand_double (self->random);

  return self->addresses[(guint) (where * where * where * N_ADDRESSES)];
}

static void
check (Player *self, guint64 address, guint32 distance)
{
  guint64 number = GPOINTER_TO_SIZE (g_hash_table_lookup (self->latest, &address));

  self->n_asked++;
  if (distance == 0)
    {
      self->n_too_old += number && self->sequence - (number - 1) > TRK_MAX_DISTANCE;
      return;
    }
  self->n_found++;
  self->n_high += address >> 47 != 0;
  g_assert_cmpuint (number, !=, 0);
  g_assert_cmpuint (distance, ==, self->sequence - (number - 1));
  g_assert_cmpuint (distance, <=, TRK_MAX_DISTANCE);
}

static void
step (Player *self)
{
  guint64 address = pick (self);
  guint32 distance;

  if (g_rand_boolean (self->random))
    {
      check (self, address, trk_address_cache_find (&self->cache, address, self->sequence));
      return;
    }
  distance = trk_address_cache_put (&self->cache, address, self->sequence);
  check (self, address, distance);
  g_hash_table_replace (self->latest, g_memdup2 (&address, sizeof address),
                        GSIZE_TO_POINTER (self->sequence + 1));
  self->sequence++;
  /* What was allocated a moment ago is known, whatever lay in its set. */
  distance = trk_address_cache_find (&self->cache, address, self->sequence);
  g_assert_cmpuint (distance, ==, address >> 47 ? 0 : 1);
}

static void
play (guint32 seed, guint64 first_sequence)
{
  Player *self = player_new (seed, first_sequence);

  for (guint i = 0; i < N_STEPS; i++)
    step (self);
  g_test_message ("%u asked, %u found, %u too long ago", self->n_asked, self->n_found,
                  self->n_too_old);
  g_assert_cmpuint (self->n_found, >, self->n_asked / 10);
  g_assert_cmpuint (self->n_too_old, >, 0);
  g_assert_cmpuint (self->n_high, ==, 0);
  player_free (self);
}

static void
test_model (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");
  guint n_rounds = rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;

  for (guint i = 0; i < n_rounds; i++)
    play (i + 1, i % 2 ? (guint64) i * 77777 : 0);
}

/* Exactly at the ages at which entries are cleared and numbers come again. */
static void
test_ages (void)
{
  const guint64 address = 0x550000001000, span = (guint64) 1 << TRK_ADDRESS_NUMBER_BITS;

  for (guint64 first = 0; first < span; first += 8191)
    {
      TrkAddressCache *cache = g_aligned_alloc0 (1, sizeof *cache, 64);

      trk_address_cache_put (cache, address, first);
      for (guint64 age = 1; age <= 2 * span + 2; age++)
        {
          guint32 distance = trk_address_cache_find (cache, address, first + age);

          g_assert_cmpuint (distance, ==, age <= TRK_MAX_DISTANCE ? age : 0);
          /* Another set: it does nothing but count. */
          trk_address_cache_put (cache, 0x560000000020, first + age);
        }
      g_aligned_free (cache);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address-cache/model", test_model);
  g_test_add_func ("/address-cache/ages", test_ages);
  return g_test_run ();
}
