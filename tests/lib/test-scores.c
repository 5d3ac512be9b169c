/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Scores and performance rankings, from traces of one second. */
#include <math.h>
#include <string.h>

#include "ms-scores.h"
#include "trace-fixture.h"

#define MS(n) ((guint64) (n) *1000000)

/*   0 main    1 000 bytes all the time, never freed; killed: its processor time is not known
 *   1 half    1 000 bytes from its start until half of its life, and half a second of processor time
 *   2 churn   100 blocks of 10 bytes, freed at once; all freed
 *   3         frees a block of main's that does not exist: not recorded
 */
static MsTrace *
load (TraceFixture *self)
{
  TraceBuilder *b = self->builder;

  trace_builder_set_configuration (b, "\"threads\":\"0,1,2\"");
  trace_builder_start (b, 0, 0, -1);
  trace_builder_alloc (b, 0, 1, 0x1000, 1000, 0);
  trace_builder_start (b, 1, 0, 0);
  trace_builder_alloc (b, 1, 1, 0x2000, 1000, 0);
  trace_builder_alloc (b, 1, 2, 0x2800, 0, 0);
  trace_builder_free_block (b, 1, MS (500), 0x2000);
  trace_builder_free_block (b, 1, MS (500) + 1, 0x2800);
  trace_builder_exit (b, 1, MS (1000), MS (500));
  trace_builder_start (b, 2, 0, 0);
  for (guint i = 0; i < 100; i++)
    {
      trace_builder_alloc (b, 2, MS (1 + 10 * i), 0x3000, 10, 0);
      trace_builder_free_block (b, 2, MS (1 + 10 * i) + 1, 0x3000);
    }
  trace_builder_exit (b, 2, MS (1000), MS (100));
  trace_builder_foreign_free (b, 3, MS (10), 0x9000);
  trace_builder_finish (b, TRACE_BUILDER_KILLED);
  return trace_fixture_load (self);
}

static const MsThreadScores *
scores_of (GArray *scores, guint index)
{
  return &g_array_index (scores, MsThreadScores, index);
}

static void
test_memory (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  g_autoptr (GArray) scores = ms_thread_scores_new (view, MS_DOMAIN_HEAP, NULL, NULL);
  const MsThreadScores *keeps = scores_of (scores, 0), *half = scores_of (scores, 1);
  const MsThreadScores *churn = scores_of (scores, 2), *stranger = scores_of (scores, 3);

  g_assert_cmpuint (scores->len, ==, 4);
  g_assert_cmpfloat (keeps->kept_percent.value, ==, 100);
  g_assert_cmpfloat_with_epsilon (keeps->used_percent.value, 100, 0.2);
  g_assert_cmpfloat_with_epsilon (keeps->memory_efficiency.value, 100, 0.2);
  g_assert_true (keeps->memory_returned.known);
  g_assert_cmpfloat (keeps->memory_returned.value, ==, 0);

  g_assert_cmpfloat_with_epsilon (half->used_percent.value, 50, 0.3);
  g_assert_cmpfloat (half->used_error_percent, <, 0.3);
  g_assert_cmpfloat_with_epsilon (half->memory_efficiency.value, sqrt (100 * 50.0), 0.3);
  g_assert_cmpfloat (half->memory_returned.value, ==, 100);
  g_assert_cmpfloat_with_epsilon (half->bytes_per_second.value, 1000, 1e-6);

  g_assert_true (churn->kept_percent.known);
  g_assert_cmpfloat (churn->kept_percent.value, ==, 0);
  g_assert_cmpfloat (churn->memory_efficiency.value, ==, 0);
  g_assert_cmpfloat (churn->used_error_percent, >, 0); /* up and down within a point */

  g_assert_false (stranger->kept_percent.known || stranger->memory_efficiency.known
                  || stranger->score.known || stranger->bytes_per_second.known);
  g_assert_nonnull (strstr (stranger->score.reason, "not recorded"));
}

static void
test_processor (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  g_autoptr (GArray) bare = ms_thread_scores_new (view, MS_DOMAIN_HEAP, NULL, NULL);
  g_autoptr (GArray) sampled = NULL;
  MsThreadResources resources[4];

  /* A trace alone: time at the end, no waiting. */
  g_assert_false (scores_of (bare, 0)->cpu_ns.known);
  g_assert_cmpfloat (scores_of (bare, 1)->cpu_ns.value, ==, 5e8);
  g_assert_cmpfloat_with_epsilon (scores_of (bare, 1)->cpu_percent.value, 50, 1e-9);
  g_assert_cmpfloat_with_epsilon (scores_of (bare, 1)->allocations_per_cpu_second.value, 4, 1e-9);
  g_assert_false (scores_of (bare, 1)->cpu_efficiency.known);
  g_assert_cmpuint (scores_of (bare, 1)->score_parts, ==,
                    MS_SCORE_PART_MEMORY | MS_SCORE_PART_RETURN);
  g_assert_cmpfloat_with_epsilon (scores_of (bare, 1)->score.value,
                                  (0.4 * scores_of (bare, 1)->memory_efficiency.value + 0.2 * 100)
                                      / 0.6,
                                  1e-9);

  /* With samples of all but thread 2. */
  for (guint i = 0; i < 4; i++)
    {
      ms_thread_resources_init (&resources[i], "no sample of it");
      if (i == 2)
        continue;
      resources[i].cpu_ns = ms_measured (i == 0 ? 0 : 3e8);
      resources[i].run_queue_wait_ns = ms_measured (i == 0 ? 0 : 1e8);
    }
  sampled = ms_thread_scores_new (view, MS_DOMAIN_HEAP, resources, NULL);
  g_assert_cmpfloat_with_epsilon (scores_of (sampled, 1)->cpu_efficiency.value, 75, 1e-9);
  g_assert_cmpuint (scores_of (sampled, 2)->score_parts, ==,
                    MS_SCORE_PART_MEMORY | MS_SCORE_PART_RETURN | MS_SCORE_PART_CPU);
  g_assert_cmpfloat_with_epsilon (scores_of (sampled, 1)->score.value,
                                  0.4 * scores_of (sampled, 1)->memory_efficiency.value + 20 + 30,
                                  1e-9);
  g_assert_false (scores_of (sampled, 2)->score.known);
  g_assert_cmpstr (scores_of (sampled, 2)->score.reason, ==, "no sample of it");
  g_assert_false (scores_of (sampled, 0)->cpu_efficiency.known);
  g_assert_nonnull (strstr (scores_of (sampled, 0)->cpu_efficiency.reason, "never ran"));
  g_assert_true (scores_of (sampled, 3)->cpu_efficiency.known); /* recorded or not */
}

static void
test_short_lives (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (GArray) scores = NULL;

  /* A life of a thousandth of the run, and one in which nothing was allocated. */
  trace_builder_start (b, 0, 0, -1);
  trace_builder_start (b, 1, 0, 0);
  trace_builder_alloc (b, 1, 1, 0x1000, 10, 0);
  trace_builder_exit (b, 1, MS (1), 0);
  trace_builder_exit (b, 0, MS (1000), 0);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  view = ms_view_new (trace, NULL, NULL, NULL);
  scores = ms_thread_scores_new (view, MS_DOMAIN_HEAP, NULL, NULL);
  g_assert_false (scores_of (scores, 0)->memory_efficiency.known);
  g_assert_nonnull (strstr (scores_of (scores, 0)->memory_efficiency.reason, "allocated nothing"));
  g_assert_nonnull (strstr (scores_of (scores, 0)->memory_returned.reason, "allocated nothing"));
  g_assert_false (scores_of (scores, 1)->used_percent.known);
  g_assert_nonnull (strstr (scores_of (scores, 1)->memory_efficiency.reason, "too short"));
  g_assert_true (scores_of (scores, 1)->kept_percent.known);
}

static void
test_rankings (TraceFixture *self, gconstpointer data)
{
  static const struct {
    MsPerformance kind;
    const char *name;
    guint n_known, order[4];
  } cases[] = {
    { MS_PERFORMANCE_SCORE, "score", 3, { 1, 0, 2, 3 } },
    { MS_PERFORMANCE_MEMORY_EFFICIENCY, "memory_efficiency", 3, { 0, 1, 2, 3 } },
    { MS_PERFORMANCE_MEMORY_RETURNED, "memory_returned", 3, { 1, 2, 0, 3 } },
    { MS_PERFORMANCE_CPU_EFFICIENCY, "cpu_efficiency", 0, { 0, 1, 2, 3 } },
    { MS_PERFORMANCE_CPU_TIME, "cpu_ns", 2, { 1, 2, 0, 3 } },
    { MS_PERFORMANCE_CPU_PERCENT, "cpu_percent", 2, { 1, 2, 0, 3 } },
    { MS_PERFORMANCE_IO_OPERATIONS, "io_operations", 0, { 0, 1, 2, 3 } },
    { MS_PERFORMANCE_RUN_QUEUE_WAIT, "run_queue_wait_ns", 0, { 0, 1, 2, 3 } },
    { MS_PERFORMANCE_ALLOCATION_RATE, "bytes_per_second", 3, { 0, 1, 2, 3 } },
    { MS_PERFORMANCE_ALLOCATIONS_PER_CPU, "allocations_per_cpu_second", 2, { 2, 1, 0, 3 } },
  };
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  g_autoptr (GArray) scores = ms_thread_scores_new (view, MS_DOMAIN_HEAP, NULL, NULL);

  g_assert_cmpuint (G_N_ELEMENTS (cases), ==, MS_N_PERFORMANCES);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n_known = 99;
      g_autofree guint *order = ms_rank_performance (scores, cases[i].kind, &n_known);

      g_assert_cmpstr (ms_performance_to_string (cases[i].kind), ==, cases[i].name);
      g_assert_cmpuint (n_known, ==, cases[i].n_known);
      for (guint k = 0; k < 4; k++)
        g_assert_cmpuint (order[k], ==, cases[i].order[k]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/scores/memory", TraceFixture, NULL, trace_fixture_set_up, test_memory,
              trace_fixture_tear_down);
  g_test_add ("/scores/processor", TraceFixture, NULL, trace_fixture_set_up, test_processor,
              trace_fixture_tear_down);
  g_test_add ("/scores/short-lives", TraceFixture, NULL, trace_fixture_set_up, test_short_lives,
              trace_fixture_tear_down);
  g_test_add ("/scores/rankings", TraceFixture, NULL, trace_fixture_set_up, test_rankings,
              trace_fixture_tear_down);
  return g_test_run ();
}
