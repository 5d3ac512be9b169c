/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rules that choose threads: random ones against a direct reading of what they mean, and text that is
 * no rule at all.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>
#include <string.h>

#include "trk-rule.h"

#define N_RULES 20000
#define N_HOSTILE 40000

typedef struct {
  guint32 id;
  gint32 tid;
  char name[16];
  guint64 routine;
} Thread;

/* Functions of one, of four, of more than are kept, and of no place. */
static unsigned
look_up (const char *name, uint64_t *addresses, unsigned n_max)
{
  unsigned n = strcmp (name, "one") == 0    ? 1
               : strcmp (name, "four") == 0 ? 4
               : strcmp (name, "many") == 0 ? 9
                                            : 0;

  if (n > n_max)
    n = n_max;
  for (unsigned i = 0; i < n; i++)
    addresses[i] = 0x1000U * (unsigned) strlen (name) + i;
  return n;
}

static gboolean
means_routine (const char *name, guint64 routine)
{
  uint64_t addresses[TRK_RULE_ROUTINES];
  unsigned n = look_up (name, addresses, TRK_RULE_ROUTINES);

  for (unsigned i = 0; i < n; i++)
    if (addresses[i] == routine)
      return TRUE;
  return FALSE;
}

/* By the definition; the rule's own goes without recursion. */
static gboolean
is_like (const char *pattern, const char *text)
{
  if (*pattern == '*')
    return is_like (pattern + 1, text) || (*text && is_like (pattern, text + 1));
  if (*pattern == '\0' || *text == '\0')
    return *pattern == *text;
  return (*pattern == '?' || *pattern == *text) && is_like (pattern + 1, text + 1);
}

static gboolean
term_means (const char *term, const Thread *thread)
{
  if (g_str_equal (term, "all"))
    return TRUE;
  if (g_str_equal (term, "none"))
    return FALSE;
  if (g_str_equal (term, "main"))
    return thread->id == 0;
  if (g_str_equal (term, "even") || g_str_equal (term, "odd"))
    return (thread->id & 1) == g_str_equal (term, "odd");
  if (g_str_has_prefix (term, "every:"))
    return thread->id % g_ascii_strtoull (term + 6, NULL, 10) == 0;
  if (g_str_has_prefix (term, "tid:"))
    return (guint64) thread->tid == g_ascii_strtoull (term + 4, NULL, 10);
  if (g_str_has_prefix (term, "start:"))
    return means_routine (term + 6, thread->routine);
  return is_like (term, thread->name);
}

static void
add_letters (GString *text, GRand *random, const char *letters, gint32 n_max)
{
  gint32 n = g_rand_int_range (random, 0, n_max + 1);

  for (gint32 i = 0; i < n; i++)
    g_string_append_c (text, letters[g_rand_int_range (random, 0, (gint32) strlen (letters))]);
}

static void
add_term (GString *text, GRand *random)
{
  static const char *const words[] = {
    "none",       "main",       "even",         "odd", "start:one",
    "start:four", "start:many", "start:absent", "all", /* last: it hides the others */
  };

  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
      g_string_append (text, words[g_rand_int_range (random, 0, G_N_ELEMENTS (words) - 1)]);
      return;
    case 1:
      g_string_append_printf (text, "every:%d", g_rand_int_range (random, 1, 8));
      return;
    case 2:
      g_string_append_printf (text, "tid:%d", g_rand_int_range (random, 100, 120));
      return;
    default:
      if (g_rand_int_range (random, 0, 60) == 0)
        {
          g_string_append (text, "all");
          return;
        }
      add_letters (text, random, "ab*?", 6);
      g_string_append_c (text, "ab?*"[g_rand_int_range (random, 0, 4)]); /* it is not empty */
    }
}

static Thread
random_thread (GRand *random)
{
  Thread thread = {
    .id = (guint32) g_rand_int_range (random, 0, 20),
    .tid = g_rand_int_range (random, 99, 121),
    .routine =
        0x1000U * (guint) g_rand_int_range (random, 2, 6) + (guint) g_rand_int_range (random, 0, 6),
  };
  g_autoptr (GString) name = g_string_new (NULL);

  if (g_rand_int_range (random, 0, 4) == 0)
    thread.routine = 0; /* the main thread has none */
  add_letters (name, random, "abab\xff*", 15);
  memcpy (thread.name, name->str, name->len + 1);
  return thread;
}

static gboolean
rule_means (const char *text, const Thread *thread)
{
  g_auto (GStrv) terms = g_strsplit (text, ",", -1);

  for (guint i = 0; terms[i]; i++)
    if (term_means (terms[i], thread))
      return TRUE;
  return FALSE;
}

static guint
get_rounds (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");

  return rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;
}

static void
test_meaning (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  guint n_yes = 0, n_no = 0;

  for (guint i = 0; i < N_RULES * get_rounds (); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      gint32 n_terms = g_rand_int_range (random, 1, i % 50 ? 4 : TRK_RULE_TERMS + 1);
      TrkRule rule;

      for (gint32 j = 0; j < n_terms; j++)
        {
          if (j)
            g_string_append_c (text, ',');
          add_term (text, random);
        }
      g_assert_cmpstr (trk_rule_parse (&rule, text->str, look_up), ==, NULL);
      g_assert_cmpuint (rule.n_terms, ==, n_terms);
      for (guint j = 0; j < 20; j++)
        {
          Thread thread = random_thread (random);
          gboolean matches =
              trk_rule_matches (&rule, thread.id, thread.tid, thread.name, thread.routine);

          if (matches != rule_means (text->str, &thread))
            g_error ("\"%s\" and thread %u, tid %d, \"%s\", routine %#" G_GINT64_MODIFIER "x: %d",
                     text->str, thread.id, thread.tid, thread.name, thread.routine, matches);
          g_assert_true (matches || !trk_rule_is_all (&rule));
          g_assert_false (matches && trk_rule_is_none (&rule));
          n_yes += matches;
          n_no += !matches;
        }
    }
  g_assert_cmpuint (n_yes, >, N_RULES);
  g_assert_cmpuint (n_no, >, N_RULES);
}

/* Whatever it is, it is a rule that can be asked or a sentence that says why not. */
static void
test_hostile (void)
{
  static const char *const parts[] = {
    ",",
    "*",
    "?",
    "all",
    "none",
    "every:",
    "every:0",
    "tid:",
    "start:",
    "start:one",
    "tid:-1",
    "every:99999999999999999999999",
    "tid:4294967296",
    " ",
    "\n",
    "\xc3\x28",
    "%s%n",
    "every:18446744073709551617",
    "**************************************a",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  guint n_rules = 0;

  for (guint i = 0; i < N_HOSTILE * get_rounds (); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      gint32 n_parts = g_rand_int_range (random, 0, i % 10 ? 5 : 200);
      g_autofree TrkRule *rule = g_new (TrkRule, 1);
      const char *error;

      for (gint32 j = 0; j < n_parts; j++)
        if (g_rand_int_range (random, 0, 4) == 0)
          g_string_append_c (text, (char) g_rand_int_range (random, 1, 256));
        else
          g_string_append (text, parts[g_rand_int_range (random, 0, G_N_ELEMENTS (parts))]);
      error = trk_rule_parse (rule, text->str, g_rand_boolean (random) ? look_up : NULL);
      if (error)
        {
          g_assert_cmpuint (strlen (error), >, 5);
          continue;
        }
      n_rules++;
      g_assert_cmpuint (rule->n_terms, <=, TRK_RULE_TERMS);
      for (guint j = 0; j < 5; j++)
        {
          Thread thread = random_thread (random);
          trk_rule_matches (rule, thread.id, thread.tid, thread.name, thread.routine);
        }
      trk_rule_get_missing (rule);
    }
  g_assert_cmpuint (n_rules, >, 1000);
}

static void
test_refusals (void)
{
  static const char *const wrong[] = {
    "",
    ",",
    "all,",
    ",all",
    "a,,b",
    "every:",
    "every:0",
    "every:x",
    "every:-1",
    "every:1x",
    "every: 1",
    "tid:",
    "tid:-1",
    "tid:1 ",
    "start:",
    "every:99999999999999999999",
    "tid:18446744073709551617",
  };
  g_autofree char *longest = g_strnfill (1023, 'a'), *too_long = g_strnfill (1024, 'a');
  g_autoptr (GString) terms = g_string_new ("a");
  TrkRule rule;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    if (!trk_rule_parse (&rule, wrong[i], look_up))
      g_error ("\"%s\" is taken for a rule", wrong[i]);
  g_assert_null (trk_rule_parse (&rule, longest, look_up));
  g_assert_nonnull (trk_rule_parse (&rule, too_long, look_up));
  for (guint i = 1; i < TRK_RULE_TERMS; i++)
    g_string_append (terms, ",a");
  g_assert_null (trk_rule_parse (&rule, terms->str, look_up));
  g_string_append (terms, ",a");
  g_assert_nonnull (trk_rule_parse (&rule, terms->str, look_up));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/meaning", test_meaning);
  g_test_add_func ("/rule/hostile", test_hostile);
  g_test_add_func ("/rule/refusals", test_refusals);
  return g_test_run ();
}
