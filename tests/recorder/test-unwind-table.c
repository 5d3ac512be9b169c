/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of unwind rules against a table of address → what was last written for it.  It may not have
 * kept a rule; a rule that it has is that of the address and of the generation asked for.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>

#include "trk-unwind-table.h"
#include "trk-unwind.h"

#define N_STEPS 600000

typedef struct {
  guint64 rule;
  guint32 generation;
} Written;

static guint64
random_pc (GRand *random)
{
  guint64 number = g_rand_int (random);

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0: /* one function */
      return 0x401000 + number % 4000;
    case 1: /* a program */
      return 0x555555554000 + number % 20000;
    case 2: /* rows of the same place, more than are looked at */
      return 0x7f0000000000 + number % 40 * (TRK_UNWIND_TABLE_BYTES / 4) + number % 3;
    default: /* the end of the table, beside its beginning */
      return 0x7e0000000000 - 64 + number % 128 + number % 3 * (TRK_UNWIND_TABLE_BYTES / 4);
    }
}

static TrkUnwindRule
random_rule (GRand *random)
{
  return trk_rule_pack ((TrkRuleKind) g_rand_int_range (random, 1, 8),
                        8 * (gint64) g_rand_int_range (random, -(1 << 19), 1 << 19),
                        (TrkRuleBp) g_rand_int_range (random, 0, 3),
                        8 * (gint64) g_rand_int_range (random, -(1 << 10), 1 << 10));
}

static void
insert (GHashTable *model, guint64 pc, TrkUnwindRule rule, guint32 generation)
{
  Written *written = g_new (Written, 1);

  trk_unwind_table_insert (pc, rule, generation);
  *written = (Written) { trk_rule_with_generation (rule, generation), generation };
  g_hash_table_replace (model, g_memdup2 (&pc, sizeof pc), written);
}

/* Returns whether the table has it. */
static gboolean
check (GHashTable *model, guint64 pc, guint32 generation)
{
  const Written *written = g_hash_table_lookup (model, &pc);
  TrkUnwindRule rule = trk_unwind_table_lookup (pc, generation);

  if (rule == TRK_RULE_NONE)
    return FALSE;
  g_assert_nonnull (written);
  g_assert_cmpuint (generation, ==, written->generation);
  g_assert_cmphex (rule, ==, written->rule);
  return TRUE;
}

static void
test_model (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");
  guint n_rounds = rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  g_autoptr (GHashTable) model =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  guint32 generation = 0;
  guint64 n_asked = 0, n_had = 0;

  g_assert_cmphex (trk_unwind_table_lookup (0x401000, 0), ==, TRK_RULE_NONE);
  g_assert_true (trk_unwind_table_init ());
  for (guint64 i = 0; i < (guint64) n_rounds * N_STEPS; i++)
    {
      guint64 pc = random_pc (random);

      if (g_rand_int_range (random, 0, 3) == 0)
        {
          insert (model, pc, random_rule (random), generation);
        }
      else
        {
          /* Sometimes as a thread that has not heard of the latest dlclose, or is first to. */
          gint32 other = g_rand_int_range (random, 0, 20);

          n_asked++;
          n_had += check (model, pc, other == 0 && generation ? generation - 1 : generation);
          check (model, pc, generation + 1);
        }
      if (i % 200000 == 199999)
        generation = g_rand_boolean (random)
                         ? generation + 1
                         : generation + (guint32) g_rand_int_range (random, 1, 9999);
    }
  g_assert_cmpuint (n_had, >, n_asked / 20);
  g_assert_cmpuint (atomic_load (&trk_unwind_counters.n_table_full), >, 0);
}

/* At the last number that the tag has, nothing is kept, so that nothing is taken for another's. */
static void
test_last_generation (void)
{
  const guint64 pc = 0x650000;
  const TrkUnwindRule rule = trk_rule_pack (TRK_RULE_CFA_SP, 64, TRK_RULE_BP_KEPT, 0);

  g_assert_true (trk_unwind_table_init ());
  trk_unwind_table_insert (pc, rule, TRK_RULE_MAX_GENERATION - 1);
  g_assert_cmphex (trk_unwind_table_lookup (pc, TRK_RULE_MAX_GENERATION - 1), !=, TRK_RULE_NONE);
  trk_unwind_table_insert (pc, rule, TRK_RULE_MAX_GENERATION);
  g_assert_cmphex (trk_unwind_table_lookup (pc, TRK_RULE_MAX_GENERATION), ==, TRK_RULE_NONE);

  atomic_store (&trk_unwind_generation, TRK_RULE_MAX_GENERATION - 1);
  trk_unwind_forget ();
  trk_unwind_forget ();
  g_assert_cmpuint (atomic_load (&trk_unwind_generation), ==, TRK_RULE_MAX_GENERATION);
}

/* What goes into a rule comes out of it, or it says that it cannot be told. */
static void
test_packing (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint n_told = 0;

  for (guint i = 0; i < N_STEPS; i++)
    {
      TrkRuleKind kind = (TrkRuleKind) g_rand_int_range (random, 1, TRK_RULE_UNSUPPORTED);
      TrkRuleBp bp = (TrkRuleBp) g_rand_int_range (random, 0, 3);
      gint64 cfa = g_rand_int_range (random, -(1 << 20), 1 << 20) * (gint64) (1 + i % 8);
      gint64 offset = g_rand_int_range (random, -(1 << 12), 1 << 12) * (gint64) (1 + i % 8);
      guint32 generation = (guint32) g_rand_int_range (random, 0, (gint32) TRK_RULE_MAX_GENERATION);
      TrkUnwindRule rule = trk_rule_pack (kind, cfa, bp, offset);

      if (rule == TRK_RULE_UNSUPPORTED)
        continue;
      n_told++;
      rule = trk_rule_with_generation (rule, generation);
      g_assert_cmpint (trk_rule_kind (rule), ==, kind);
      g_assert_cmpint (trk_rule_bp (rule), ==, bp);
      g_assert_cmpint (trk_rule_cfa_offset (rule), ==, cfa);
      g_assert_cmpint (trk_rule_bp_offset (rule), ==, bp == TRK_RULE_BP_KEPT ? -8 : offset);
      g_assert_cmpuint (trk_rule_generation (rule), ==, generation);
    }
  g_assert_cmpuint (n_told, >, N_STEPS / 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unwind-table/model", test_model);
  g_test_add_func ("/unwind-table/last-generation", test_last_generation);
  g_test_add_func ("/unwind-table/packing", test_packing);
  return g_test_run ();
}
