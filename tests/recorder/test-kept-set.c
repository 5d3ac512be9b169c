/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The set of kept addresses against GLib's, and with eight threads at once. */
#include <glib.h>

#include "trk-kept-set.h"

#define N_STEPS 400000
#define N_THREADS 8
#define N_LIVE 3000000

static guint64
random_address (GRand *random)
{
  guint64 address = (guint64) g_rand_int (random) << 15 | (g_rand_int (random) & 0x7fff);

  switch (g_rand_int_range (random, 0, 5))
    {
    case 0: /* anywhere in the lower half */
      return address & ~(guint64) 7;
    case 1: /* at odd addresses */
      return (address & 0xffff) | 0x7f0000000001;
    case 2: /* marked */
      return (address & 0xfffff) | 0x560000000000 | TRK_KEPT_DECLARED;
    case 3: /* the upper half */
      return address | (guint64) 1 << 62;
    default: /* close together, as a heap is; often the same */
      return 0x550000000000 + (address & 0xfff) * 16;
    }
}

static void
test_model (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (GHashTable) model = g_hash_table_new (g_direct_hash, g_direct_equal);

  for (guint i = 0; i < N_STEPS; i++)
    {
      guint64 address = random_address (random);
      gpointer key = GSIZE_TO_POINTER (address);

      /* A block that lives is not allocated again. */
      if (g_rand_boolean (random) && !g_hash_table_contains (model, key))
        {
          if (trk_kept_set_add (address))
            g_hash_table_add (model, key);
        }
      else
        {
          g_assert_true (trk_kept_set_remove (address) == g_hash_table_remove (model, key));
        }
    }
}

/* Many more than any table of fixed size would take. */
static void
test_millions (void)
{
  const guint64 base = 0x7e0000000000;

  for (guint64 i = 0; i < N_LIVE; i++)
    g_assert_true (trk_kept_set_add (base + i * 48));
  for (guint64 i = 0; i < N_LIVE; i++)
    {
      g_assert_false (trk_kept_set_remove (base + i * 48 + 16));
      g_assert_true (trk_kept_set_remove (base + i * 48));
      g_assert_false (trk_kept_set_remove (base + i * 48));
    }
}

/* What cannot be a bit has room for so many; buckets overflow long before, and none of it gets lost. */
static void
test_odd_ones (void)
{
  const guint64 base = 0x7c0000000001;
  guint64 n = 0;

  while (trk_kept_set_add (base + n * 2))
    n++;
  g_test_message ("%" G_GUINT64_FORMAT " odd addresses", n);
  g_assert_cmpuint (n, >, 150000);
  for (guint64 i = 0; i < n; i += 2)
    g_assert_true (trk_kept_set_remove (base + i * 2));
  /* The same room, for others. */
  for (guint64 i = 0; i < n / 4; i++)
    g_assert_true (trk_kept_set_add (base + (n + i) * 2));
  for (guint64 i = 0; i < n + n / 4; i++)
    {
      g_assert_true (trk_kept_set_remove (base + i * 2) == (i >= n || i % 2));
      g_assert_false (trk_kept_set_remove (base + i * 2));
    }
}

/* Each thread has every eighth address: neighbours share words, and all race for the first leaf. */
static gpointer
add_and_remove (gpointer data)
{
  const guint64 base = 0x7d0000000000;
  gsize number = GPOINTER_TO_SIZE (data), n_wrong = 0;

  for (guint round = 0; round < 4; round++)
    {
      for (guint64 i = number; i < 100000; i += N_THREADS)
        n_wrong += !trk_kept_set_add (base + i * 16) + !trk_kept_set_add (base + i * 16 + 1);
      for (guint64 i = number; i < 100000; i += N_THREADS)
        {
          n_wrong += !trk_kept_set_remove (base + i * 16);
          n_wrong += !trk_kept_set_remove (base + i * 16 + 1);
          n_wrong += trk_kept_set_remove (base + i * 16);
        }
    }
  return GSIZE_TO_POINTER (n_wrong);
}

static void
test_threads (void)
{
  GThread *threads[N_THREADS];

  for (gsize i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, add_and_remove, GSIZE_TO_POINTER (i));
  for (gsize i = 0; i < N_THREADS; i++)
    g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (threads[i])), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kept-set/model", test_model);
  g_test_add_func ("/kept-set/millions", test_millions);
  g_test_add_func ("/kept-set/odd-ones", test_odd_ones);
  g_test_add_func ("/kept-set/threads", test_threads);
  return g_test_run ();
}
