/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The map of regions that ever held a tracked block, against a set of region numbers.  A "no" for a
 * region that did would lose a free.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>

#include "trk-region-map.h"

#define N_STEPS 400000

static guint64
random_address (GRand *random)
{
  guint64 address = (guint64) g_rand_int (random) << 32 | g_rand_int (random);

  switch (g_rand_int_range (random, 0, 5))
    {
    case 0: /* anywhere below 2^47 */
      return address >> 17;
    case 1: /* neighbours: bits of the same bytes */
      return 0x7f0000000000 + (address & 0x3ffffff);
    case 2: /* just below and above a border of regions */
      return 0x550000000000 + (address & 0xff) * 0x10000 - 1 + (address >> 20 & 1);
    case 3: /* the first and the last */
      return address & 1 ? address >> 44 : (((guint64) 1 << 47) - 1 - (address >> 44));
    default: /* above */
      return address | (guint64) 1 << (47 + (address & 15));
    }
}

/* Before there is a map, nothing is known. */
static void
test_no_map (void)
{
  g_assert_null (trk_region_bits);
  trk_region_map_set (0x7f0000000000);
  g_assert_true (trk_region_map_may_hold (0x7f0000000000));
  g_assert_true (trk_region_map_may_hold (1));
}

static void
test_model (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");
  guint n_rounds = rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (GHashTable) model = g_hash_table_new (g_direct_hash, g_direct_equal);
  guint n_yes = 0, n_no = 0;

  trk_region_map_init ();
  if (!trk_region_bits)
    {
      g_test_skip ("256 MiB of addresses are not to be had");
      return;
    }
  for (guint64 i = 0; i < (guint64) n_rounds * N_STEPS; i++)
    {
      guint64 address = random_address (random);
      gpointer region = GSIZE_TO_POINTER (address >> 16);

      if (g_rand_int_range (random, 0, 3) == 0)
        {
          trk_region_map_set (address);
          g_hash_table_add (model, region);
        }
      else if (address >> 47 || g_hash_table_contains (model, region))
        {
          g_assert_true (trk_region_map_may_hold (address));
          n_yes++;
        }
      else
        {
          g_assert_false (trk_region_map_may_hold (address));
          n_no++;
        }
    }
  g_assert_cmpuint (n_yes, >, N_STEPS / 10);
  g_assert_cmpuint (n_no, >, N_STEPS / 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region-map/no-map", test_no_map);
  g_test_add_func ("/region-map/model", test_model);
  return g_test_run ();
}
