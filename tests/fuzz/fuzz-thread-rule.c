/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Input: a rule that says which threads are recorded, a zero, and a thread's name. */
#include "fuzz-target.h"

#include <string.h>

#include "trk-rule.h"

const guint fuzz_n_mutations = 20000;

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  static const char *const seeds[] = { "all\0x", "main,every:3,tid:12,start:run_worker\0worker-1",
                                       "*a*b?c*,even\0aaabbbxc", "none\0" };

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      gsize n = strlen (seeds[i]) + 1;

      add ((const guint8 *) seeds[i], n + strlen (seeds[i] + n), user_data);
    }
}

static unsigned
lookup (const char *name, uint64_t *addresses, unsigned n_max)
{
  unsigned n = MIN ((unsigned) strlen (name) % 6, n_max);

  for (unsigned i = 0; i < n; i++)
    addresses[i] = 0x1000 + i;
  return n;
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *text = g_malloc0 (n_bytes + 2);
  const char *name;
  TrkRule rule;

  if (n_bytes > 0)
    memcpy (text, bytes, n_bytes);
  name = text + strlen (text) + 1;
  if (trk_rule_parse (&rule, text, lookup) != NULL)
    return 0;
  g_assert_cmpuint (rule.n_terms, <=, TRK_RULE_TERMS);
  for (guint id = 0; id < 4; id++)
    {
      bool matches = trk_rule_matches (&rule, id, 12, name, 0x1001);

      if (trk_rule_is_all (&rule))
        g_assert_true (matches);
      if (trk_rule_is_none (&rule))
        g_assert_false (matches);
    }
  trk_rule_get_missing (&rule);
  return 0;
}
