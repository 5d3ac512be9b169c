/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every figure of thousands of random programs against the slow, obvious way to find it. */
#include "reference-check.h"

#define N_SEEDS 100

static const ProgramShape plain = { .n_threads = 4,
                                    .n_stacks = 5,
                                    .n_steps = 120,
                                    .n_addresses = 24,
                                    .cross_frees = TRUE,
                                    .unknown_frees = TRUE,
                                    .declared = TRUE };

typedef struct {
  ProgramShape shape;
  TraceBuilderEnd end;
  guint block_bytes;
  double ticks_per_ns;
  gboolean random_widths, pooled;
} Setup;

static MsTrace *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static MsTrace *
make_trace (const Setup *setup, GRand *random, ProgramModel **model)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  MsTrace *trace;

  if (setup->block_bytes)
    trace_builder_set_block_bytes (builder, setup->block_bytes);
  if (setup->ticks_per_ns != 0)
    trace_builder_set_tsc (builder, setup->ticks_per_ns);
  if (setup->random_widths)
    trace_builder_set_random_widths (builder, random);
  trace_builder_set_pooled (builder, setup->pooled);
  *model = program_model_random (builder, &setup->shape, random);
  trace_builder_finish (builder, setup->end);
  trace = load (folder);
  test_folder_remove (folder);
  return trace;
}

#define SAME(member) g_assert_cmpuint (found->member, ==, wanted.member)

static void
test_random_programs (gconstpointer data)
{
  const Setup *setup = data;

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (ProgramModel) model = NULL;
      g_autoptr (MsTrace) trace = make_trace (setup, random, &model);

      g_test_message ("seed %u", seed);
      g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
      reference_check_trace (trace, model);
    }
}

/* The cores' clocks disagree: an address is used again before its free is due. */
static void
test_skewed_clocks (void)
{
  Setup setup = { .shape = plain };
  guint n_repaired = 0;

  setup.shape.cross_frees = setup.shape.unknown_frees = FALSE;
  setup.shape.skew_ns = 5000;
  setup.shape.n_addresses = 6;
  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (ProgramModel) model = NULL;
      g_autoptr (MsTrace) trace = make_trace (&setup, random, &model);
      GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

      n_repaired += diagnostics->len;
      for (guint i = 0; i < diagnostics->len; i++)
        g_assert_cmpint (((MsDiagnostic *) g_ptr_array_index (diagnostics, i))->level, ==,
                         MS_DIAGNOSTIC_INFO);
      for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
        {
          MsThread *thread = ms_trace_get_thread (trace, i);
          const MsTotals *found = ms_thread_get_totals (thread, MS_DOMAIN_HEAP);
          MsTotals wanted =
              reference_totals (model, &reference_everything, 0, ms_thread_get_id (thread), ALL);

          SAME (allocations);
          SAME (deallocations);
          SAME (allocated_bytes);
          SAME (leaked_allocations);
          SAME (leaked_bytes);
          SAME (temporary_allocations);
          SAME (unmatched_frees);
        }
    }
  g_assert_cmpuint (n_repaired, >, N_SEEDS / 6);
}

/* Many events of one tick, in either order. */
static void
test_coarse_clock (void)
{
  Setup setup = { .shape = plain };

  setup.shape.unknown_frees = FALSE;
  setup.shape.tick_ns = 700;
  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (ProgramModel) model = NULL;
      g_autoptr (MsTrace) trace = make_trace (&setup, random, &model);

      for (guint d = 0; d < 2; d++)
        {
          const MsTotals *found = ms_trace_get_totals (trace, d);
          MsTotals wanted = reference_totals (model, &reference_everything, d, ALL, ALL);

          SAME (allocations);
          SAME (deallocations);
          SAME (allocated_bytes);
          SAME (leaked_allocations);
          SAME (unmatched_frees);
        }
    }
}

int
main (int argc, char **argv)
{
  static Setup closed, killed, small_blocks, widths, tsc, pooled, one_thread, twice, cut, sealed;

  closed = killed = small_blocks = widths = tsc = pooled = one_thread = (Setup) { .shape = plain };
  killed.end = TRACE_BUILDER_KILLED;
  small_blocks.block_bytes = 240;
  widths.random_widths = TRUE;
  widths.block_bytes = 500;
  tsc.ticks_per_ns = 4;
  pooled.pooled = TRUE;
  pooled.block_bytes = 300;
  one_thread.shape.n_threads = 1;
  sealed = twice = cut = small_blocks;
  sealed.end = TRACE_BUILDER_SEALED;
  twice.end = TRACE_BUILDER_TWICE;
  cut.end = TRACE_BUILDER_CUT;

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/matcher/closed", &closed, test_random_programs);
  g_test_add_data_func ("/matcher/killed", &killed, test_random_programs);
  g_test_add_data_func ("/matcher/small-blocks", &small_blocks, test_random_programs);
  g_test_add_data_func ("/matcher/random-widths", &widths, test_random_programs);
  g_test_add_data_func ("/matcher/tsc", &tsc, test_random_programs);
  g_test_add_data_func ("/matcher/pooled", &pooled, test_random_programs);
  g_test_add_data_func ("/matcher/one-thread", &one_thread, test_random_programs);
  g_test_add_data_func ("/matcher/sealed-window", &sealed, test_random_programs);
  g_test_add_data_func ("/matcher/block-twice", &twice, test_random_programs);
  g_test_add_data_func ("/matcher/block-cut", &cut, test_random_programs);
  g_test_add_func ("/matcher/skewed-clocks", test_skewed_clocks);
  g_test_add_func ("/matcher/coarse-clock", test_coarse_clock);
  return g_test_run ();
}
