/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * test-truth [--seeds N] [--first SEED]
 *
 * Thousands of random programs, each of a shape of its own, written in a way of its own, and every figure
 * of their traces against the reference model.  A seed that fails is said: --first SEED --seeds 1 plays
 * it alone.
 */
#include <stdlib.h>

#include "reference-check.h"

#define N_VIEWS 4 /* of each trace */

static guint n_seeds = 2000, first_seed;

static guint
pick (GRand *random, guint n)
{
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

/* One of @percent times of a hundred. */
static gboolean
chance (GRand *random, guint percent)
{
  return pick (random, 100) < percent;
}

static ProgramShape
random_shape (GRand *random)
{
  ProgramShape shape = { .n_threads = 1 + pick (random, chance (random, 20) ? 16 : 5),
                         .n_stacks = 1 + pick (random, MODEL_MAX_STACKS),
                         .n_steps = 1 + pick (random, chance (random, 10) ? 400 : 120),
                         .n_addresses = 2 + pick (random, 50),
                         .cross_frees = chance (random, 70),
                         .unknown_frees = chance (random, 60),
                         .declared = chance (random, 30),
                         .forked = chance (random, 10),
                         .began_late = chance (random, 10),
                         .odd_untracked = chance (random, 30),
                         .dropped_percent = chance (random, 20) ? pick (random, 20) : 0,
                         .unique_addresses = chance (random, 40) };

  if (shape.unique_addresses)
    {
      shape.n_addresses = 2 * shape.n_steps + 100;
      shape.lost_percent = chance (random, 60) ? pick (random, 50) : 0;
    }
  return shape;
}

static void
say_shape (guint seed, const ProgramShape *shape)
{
  g_test_message (
      "seed %u: %u threads, %u steps, %u addresses%s%s%s%s%s%s%s, %u %% dropped, %u %% of "
      "the blocks lost",
      seed, shape->n_threads, shape->n_steps, shape->n_addresses,
      shape->cross_frees ? ", cross frees" : "", shape->unknown_frees ? ", unknown frees" : "",
      shape->declared ? ", declared" : "", shape->forked ? ", forked" : "",
      shape->began_late ? ", began late" : "", shape->odd_untracked ? ", odd ones untracked" : "",
      shape->unique_addresses ? ", unique" : "", shape->dropped_percent, shape->lost_percent);
}

static TraceBuilder *
random_builder (const char *folder, GRand *random)
{
  TraceBuilder *builder = trace_builder_new (folder);

  if (chance (random, 60))
    trace_builder_set_block_bytes (builder, 220 + pick (random, 400));
  if (chance (random, 30))
    trace_builder_set_tsc (builder, 4);
  if (chance (random, 30))
    trace_builder_set_random_widths (builder, random);
  trace_builder_set_pooled (builder, chance (random, 30));
  return builder;
}

static TraceBuilderEnd
random_end (const ProgramShape *shape, GRand *random)
{
  static const TraceBuilderEnd ends[] = { TRACE_BUILDER_CLOSED, TRACE_BUILDER_KILLED,
                                          TRACE_BUILDER_SEALED, TRACE_BUILDER_TWICE,
                                          TRACE_BUILDER_CUT,    TRACE_BUILDER_EXITED };

  /* A window is never lost. */
  return shape->lost_percent > 0 ? TRACE_BUILDER_CLOSED : ends[pick (random, G_N_ELEMENTS (ends))];
}

static void
check_seed (guint seed, gboolean with_views, guint *n_refused)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autofree char *folder = test_folder_new ();
  ProgramShape shape = random_shape (random);
  g_autoptr (TraceBuilder) builder = random_builder (folder, random);
  g_autoptr (ProgramModel) model = program_model_random (builder, &shape, random);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = NULL;

  say_shape (seed, &shape);
  trace_builder_finish (builder, random_end (&shape, random));
  trace = ms_trace_load_full (folder, with_views ? MS_LOAD_HISTORY : MS_LOAD_FIGURES, NULL, NULL,
                              NULL, &error);
  test_folder_remove (folder);
  if (trace == NULL)
    {
      /* All was lost, or nothing happened. */
      g_assert_true (g_error_matches (error, MS_ERROR, MS_ERROR_EMPTY)
                     || g_error_matches (error, MS_ERROR, MS_ERROR_DAMAGED));
      g_assert_cmpuint (model->n_events, ==, 0);
      ++*n_refused;
      return;
    }
  reference_check_trace (trace, model);
  /* Nothing happened, in no time: there are no stretches of it. */
  if (ms_trace_get_n_threads (trace) == 0)
    {
      g_assert_cmpuint (model->n_events, ==, 0);
      return;
    }
  for (guint i = 0; i < N_VIEWS && with_views; i++)
    reference_check_random_view (trace, model, random);
}

static void
test_random_programs (gconstpointer with_views)
{
  guint n_refused = 0;

  /* A view asks as much as a trace: of fewer programs, so that the ordinary run stays short. */
  for (guint i = 0; i < (with_views ? MAX (1, n_seeds / 4) : n_seeds); i++)
    check_seed (first_seed + i, with_views != NULL, &n_refused);
  g_assert_cmpuint (n_refused, <, 1 + n_seeds / 10);
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "seeds", 0, 0, G_OPTION_ARG_INT, &n_seeds, "How many programs", "N" },
    { "first", 0, 0, G_OPTION_ARG_INT, &first_seed, "The first one's seed", "SEED" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree char *cache = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL))
    return 2;
  cache = test_folder_new (); /* for histories */
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_add_data_func ("/truth/random-programs", NULL, test_random_programs);
  g_test_add_data_func ("/truth/random-views", "with views", test_random_programs);
  status = g_test_run ();
  test_folder_remove (cache);
  return status;
}
