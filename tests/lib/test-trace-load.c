/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What ms_trace_load() finds in whole folders, and how the process ended. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "ms-name-resolver.h"
#include "ms-rankings.h"
#include "named-process.h"
#include "trace-fixture.h"
#include "trk-checksum.h"

/* --- what is in it ------------------------------------------------------------------------------ */

static void
test_figures (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsNameSpan *names;
  const MsTotals *totals;
  MsThread *thread;
  guint n_names, parent;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
  g_assert_cmpstr (ms_trace_get_program (trace), ==, "victim");
  g_assert_cmpstr (ms_trace_get_arguments (trace)[1], ==, "-x");
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, 0);
  g_assert_cmpint (ms_trace_get_duration_ns (trace), ==, 6000);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, 5);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->peak_bytes, ==, 350);
  g_assert_cmpint (totals->peak_time_ns, ==, 3000);
  g_assert_cmpuint (totals->leaked_bytes, ==, 100);
  g_assert_false (ms_trace_has_domain (trace, MS_DOMAIN_DECLARED));

  thread = ms_trace_find_thread (trace, 1);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, "worker");
  names = ms_thread_get_names (thread, &n_names);
  g_assert_cmpuint (n_names, ==, 1);
  g_assert_cmpint (names[0].start_ns, ==, 2600);
  g_assert_cmpint (ms_thread_get_tid (thread), ==, 1001);
  g_assert_cmpint (ms_thread_get_start_ns (thread), ==, 2500);
  g_assert_cmpint (ms_thread_get_end_ns (thread), ==, 6000);
  g_assert_cmpint (ms_thread_get_cpu_ns (thread), ==, 1234);
  g_assert_true (ms_thread_get_parent (thread, &parent));
  g_assert_cmpuint (parent, ==, 0);
  g_assert_true (ms_thread_is_tracked (thread));
  g_assert_cmpuint (ms_thread_get_totals (thread, MS_DOMAIN_HEAP)->deallocations, ==, 2);
  g_assert_cmpuint (ms_thread_get_size_histogram (thread, MS_DOMAIN_HEAP)[6], ==, 1);
  thread = ms_trace_find_thread (trace, 0);
  g_assert_cmpint (ms_thread_get_end_ns (thread), ==, MS_TIME_NONE);
  g_assert_cmpuint (ms_thread_get_totals (thread, MS_DOMAIN_HEAP)->freed_bytes_of_own, ==, 200);
  g_assert_null (ms_trace_find_thread (trace, 2));
  g_assert_finalize_object (g_steal_pointer (&trace));
}

static void
test_modules_and_stacks (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GArray) frames = NULL;
  g_autofree guint *ranked = NULL;
  const MsModule *module;
  guint64 address;
  guint n;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, 2);
  ranked = ms_rank_stacks (trace, MS_DOMAIN_HEAP, MS_FIGURE_PEAK_BYTES, 0, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, ranked[0], MS_DOMAIN_HEAP)->peak_bytes, ==,
                    300);
  module = ms_trace_find_module (trace, ranked[1], 0, &address);
  g_assert_cmpstr (module->path, ==, "/usr/lib/libold.so");
  g_assert_null (module->build_id);
  g_assert_cmphex (address, ==, 0x11010);
  frames = ms_name_resolver_resolve_stack (NULL, trace, ranked[0]);
  g_assert_cmpuint (frames->len, ==, 2);
  g_assert_cmpstr (g_array_index (frames, MsFrame, 0).module, ==, "victim");
  g_assert_cmphex (g_array_index (frames, MsFrame, 1).address, ==, 0x2020);
  g_assert_cmpstr (ms_trace_find_module (trace, ranked[0], 0, NULL)->build_id, ==, "12ab");
}

/* Two threads gave the same stack an id each; another has the frames of another generation. */
static void
test_stack_with_two_ids (TraceFixture *self, gconstpointer data)
{
  const guint64 frames[] = { 0x401010, 0x402020 };
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_put_stack (self->builder, 0, 7, 0, frames, 2, FALSE);
  trace_builder_put_stack (self->builder, 1, 9, 0, frames, 2, FALSE);
  trace_builder_put_stack (self->builder, 1, 12, 1, frames, 2, FALSE);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1, 7);
  trace_builder_alloc (self->builder, 1, 20, 0x6000, 10, 9);
  trace_builder_alloc (self->builder, 1, 30, 0x7000, 100, 12);
  trace_builder_alloc (self->builder, 1, 40, 0x8000, 1000, 0);
  trace_builder_alloc (self->builder, 1, 50, 0x9000, 10000, 77); /* lost */
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, 3);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, 0, MS_DOMAIN_HEAP)->peak_bytes, ==, 11000);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, 1, MS_DOMAIN_HEAP)->peak_bytes, ==, 11);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, 2, MS_DOMAIN_HEAP)->peak_bytes, ==, 100);
}

static void
test_main_domain (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_set_domain (self->builder, 0, TRK_DOMAIN_DECLARED);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpint (ms_trace_get_main_domain (trace), ==, MS_DOMAIN_DECLARED);
  g_assert_false (ms_trace_has_domain (trace, MS_DOMAIN_HEAP));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, ==, 0);
}

/* Bytes of a name are anybody's: they come out as text. */
static void
test_hostile_names (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  MsThread *thread;
  guint n_names;

  trace_builder_name (self->builder, 0, 10, "a\377b\0c", 5);
  trace_builder_name (self->builder, 0, 20, "</script><script>", -1);
  trace_builder_name (self->builder, 0, 30, "</script><script>", -1);
  trace_builder_alloc (self->builder, 1, 40, 0x5000, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  thread = ms_trace_get_thread (trace, 0);
  g_assert_cmpstr (ms_thread_get_names (thread, &n_names)[0].name, ==,
                   "a\357\277\275b\357\277\275c");
  g_assert_cmpuint (n_names, ==, 2);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, "</script><script>");
  g_assert_cmpstr (ms_thread_get_name (ms_trace_get_thread (trace, 1)), ==, "thread 1");
}

/* --- frees that match nothing -------------------------------------------------------------------- */

typedef struct {
  const char *configuration;
  gboolean forked, foreign_event, paused;
  guint64 foreign, inherited, prior, unmatched;
} FreeCase;

static void
test_unmatched_free (TraceFixture *self, gconstpointer data)
{
  const FreeCase *c = data;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_forked (self->builder, c->forked);
  if (c->configuration)
    trace_builder_set_configuration (self->builder, c->configuration);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 8, 0);
  if (c->paused)
    {
      trace_builder_tracking (self->builder, 0, 15, FALSE);
      trace_builder_tracking (self->builder, 0, 16, TRUE);
    }
  if (c->foreign_event)
    trace_builder_foreign_free (self->builder, 1, 20, 0x9000);
  else
    trace_builder_free_block (self->builder, 1 - c->paused, 20, 0x9000);
  trace_builder_foreign_free (self->builder, 1, 30, 0x5000);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->foreign_frees, ==, c->foreign);
  g_assert_cmpuint (totals->inherited_frees, ==, c->inherited);
  g_assert_cmpuint (totals->prior_frees, ==, c->prior);
  g_assert_cmpuint (totals->unmatched_frees, ==, c->unmatched);
  /* The other foreign free found its block. */
  g_assert_cmpuint (totals->deallocations, ==, 1);
  g_assert_cmpuint (totals->live_bytes, ==, 0);
}

/* --- sampling ------------------------------------------------------------------------------------ */

static void
test_sampling (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_alloc (b, 0, 10, 0x5000, 100, 0);
  trace_builder_alloc (b, 0, 20, 0x6000, 60, 0);
  trace_builder_free_block (b, 0, 30, 0x6000);
  trace_builder_skipped (b, 0, 7, 777, 5);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_true (ms_trace_is_sampled (trace));
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, 9);
  g_assert_cmpuint (totals->allocated_bytes, ==, 937);
  g_assert_cmpuint (totals->deallocations, ==, 6);
  g_assert_cmpuint (totals->leaked_bytes, ==, 400);
  g_assert_cmpuint (totals->leaked_allocations, ==, 4);
  /* What the next kept event frees need not be the next operation. */
  g_assert_cmpuint (totals->temporary_allocations, ==, 0);
  /* Z² (1 − p) / p² = 12 Z², of 100 live bytes.  test-sampled-peak.c has the peak's. */
  g_assert_cmpfloat_with_epsilon (totals->standard_errors.live_bytes, sqrt (12.0) * 100, 1e-6);
  g_assert_cmpfloat_with_epsilon (totals->standard_errors.live_blocks, sqrt (12.0), 1e-6);
  g_assert_cmpfloat_with_epsilon (totals->standard_errors.freed_bytes_of_own, sqrt (12.0) * 60,
                                  1e-6);
  g_assert_cmpfloat (totals->standard_errors.allocations, ==, 0);
  g_assert_cmpfloat (totals->standard_errors.allocated_bytes, ==, 0);
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "sampled"));
}

/* What neighbours do not tell any more the recorder says. */
static void
test_sampled_calls (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals, *stack;
  const MsThreadStack *stacks;
  guint n_stacks;

  trace_builder_sampling (b, 0, 0.5, 0);
  trace_builder_alloc (b, 0, 10, 0x5000, 100, 0);
  trace_builder_sampled_call (b, 0, TRK_CALL_TEMPORARY);
  trace_builder_free_block (b, 0, 20, 0x5000);
  trace_builder_sampled_call (b, 0, TRK_CALL_REALLOC);
  trace_builder_alloc (b, 0, 30, 0x6000, 64, 0);
  trace_builder_free_block (b, 0, 40, 0x6000);
  trace_builder_skipped (b, 0, 2, 200, 2);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  stack = ms_trace_get_stack_totals (trace, 0, MS_DOMAIN_HEAP);
  stacks =
      ms_trace_get_thread_stacks (trace, ms_trace_get_thread (trace, 0), MS_DOMAIN_HEAP, &n_stacks);
  g_assert_cmpuint (totals->temporary_allocations, ==, 2);
  g_assert_cmpuint (totals->reallocations, ==, 2);
  g_assert_cmpfloat_with_epsilon (totals->standard_errors.temporary_allocations, sqrt (2.0), 1e-9);
  g_assert_cmpfloat_with_epsilon (totals->standard_errors.reallocations, sqrt (2.0), 1e-9);
  g_assert_cmpuint (stack->temporary_allocations, ==, 2);
  g_assert_cmpuint (stack->allocations, ==, 4);
  g_assert_cmpfloat_with_epsilon (stack->standard_errors.allocations, 2, 1e-9);
  g_assert_cmpfloat_with_epsilon (stack->standard_errors.allocated_bytes,
                                  sqrt (2.0 * (100 * 100 + 64 * 64)), 1e-6);
  g_assert_cmpuint (n_stacks, ==, 1);
  g_assert_cmpfloat_with_epsilon (stacks[0].temporary_allocations_standard_error, sqrt (2.0), 1e-9);
  g_assert_cmpfloat_with_epsilon (stacks[0].allocations_standard_error, 2, 1e-9);
  g_assert_cmpfloat (stacks[0].live_bytes_standard_error, ==, 0);
}

/* p = 1/4, so each block adds 12 Z².  Thread 1 frees one of thread 0's blocks and its own. */
static void
test_sampled_errors (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  const double one = sqrt (12.0);
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *t;
  const MsThreadStack *stacks;
  const MsInteraction *passed;
  guint n;

  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_sampling (b, 1, 0.25, 0);
  trace_builder_alloc (b, 0, 10, 0x5000, 100, 0);
  trace_builder_alloc (b, 0, 20, 0x6000, 60, 0);
  trace_builder_alloc (b, 1, 30, 0x7000, 200, 0);
  trace_builder_free_block (b, 1, 40, 0x6000);
  trace_builder_free_block (b, 1, 50, 0x7000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);

  t = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (t->allocations, ==, 12);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.allocations, one * sqrt (3.0), 1e-6);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.allocated_bytes,
                                  one * sqrt (100 * 100 + 60 * 60 + 200 * 200), 1e-6);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.deallocations, one * sqrt (2.0), 1e-6);

  t = ms_thread_get_totals (ms_trace_find_thread (trace, 0), MS_DOMAIN_HEAP);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.live_bytes, one * 100, 1e-6);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.freed_bytes_of_own, one * 60, 1e-6);
  stacks = ms_trace_get_thread_stacks (trace, ms_trace_find_thread (trace, 0), MS_DOMAIN_HEAP, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpfloat_with_epsilon (stacks[0].live_bytes_standard_error, one * 100, 1e-6);
  g_assert_cmpfloat_with_epsilon (stacks[0].live_blocks_standard_error, one, 1e-6);

  t = ms_thread_get_totals (ms_trace_find_thread (trace, 1), MS_DOMAIN_HEAP);
  g_assert_cmpfloat (t->standard_errors.live_bytes, ==, 0);

  t = ms_trace_get_stack_totals (trace, 0, MS_DOMAIN_HEAP);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.live_blocks, one, 1e-6);
  g_assert_cmpfloat_with_epsilon (t->standard_errors.deallocations, one * sqrt (2.0), 1e-6);
  passed = ms_trace_get_interactions (trace, MS_DOMAIN_HEAP, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpfloat_with_epsilon (passed->frees_standard_error, one, 1e-6);
  g_assert_cmpfloat_with_epsilon (passed->bytes_standard_error, one * 60, 1e-6);
}

/* Sizes over the rate need not be whole; their sum must not be off for it. */
static void
test_small_blocks (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_sampling (self->builder, 0, 0.4, 0);
  for (guint i = 0; i < 1000; i++)
    trace_builder_alloc (self->builder, 0, 10 + i, 0x5000 + i * 32, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->leaked_bytes, >=, 2499);
  g_assert_cmpuint (totals->leaked_bytes, <=, 2501);
}

/* Two threads change to the same, one after the other, then to something else: that is said twice. */
static void
test_sampling_changes (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_alloc (b, 0, 1000, 0x5000, 10, 0);
  trace_builder_alloc (b, 1, 1500, 0x6000, 10, 0);
  trace_builder_sampling (b, 0, 0.4, 0);
  trace_builder_alloc (b, 0, 2000, 0x7000, 10, 0);
  trace_builder_sampling (b, 1, 0.4, 0);
  trace_builder_sampling (b, 0, 1, 4096);
  trace_builder_alloc (b, 0, 3000, 0x9000, 10, 0);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 3); /* with: it was sampled */
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "with a probability of 0.4"));
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "one allocation in 4096 bytes"));
}

/* Exact up to the last word about what was skipped, estimated after it: a killed thread has a tail. */
static void
test_sampling_tail (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_alloc (b, 0, 10, 0x5000, 100, 0);
  trace_builder_skipped (b, 0, 7, 777, 5);
  trace_builder_alloc (b, 0, 20, 0x6000, 60, 0);
  trace_builder_free_block (b, 0, 30, 0x6000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, 8 + 4);
  g_assert_cmpuint (totals->allocated_bytes, ==, 877 + 240);
  g_assert_cmpuint (totals->deallocations, ==, 5 + 4);
}

/* A recording that began late and then was sampled: of what is freed, the recorder cannot say whether it was there before or
 * was not kept.  The kept blocks say how many of the recorded ones were freed; the others were there before. */
static void
test_sampling_began_late (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_began_late (b, TRUE);
  trace_builder_tracking (b, 0, 5, TRUE);
  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_alloc (b, 0, 10, 0x5000, 100, 0);
  trace_builder_skipped (b, 0, 3, 300, 50);
  trace_builder_alloc (b, 0, 20, 0x6000, 60, 0);
  trace_builder_free_block (b, 0, 30, 0x6000);
  trace_builder_skipped (b, 0, 3, 300, 40);
  trace_builder_sampling (b, 0, 1, 0);
  trace_builder_alloc (b, 0, 40, 0x7000, 10, 0);
  trace_builder_foreign_free (b, 0, 50, 0x8000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, 9);
  g_assert_cmpuint (totals->allocated_bytes, ==, 770);
  g_assert_cmpuint (totals->deallocations, ==, 4);
  g_assert_cmpfloat (totals->standard_errors.deallocations, >, 0);
  g_assert_cmpuint (totals->prior_frees, ==, 50 + 40 + 1 - 3);
  g_assert_cmpuint (totals->foreign_frees, ==, 0);
}

/* An interval of bytes: a block much larger than it stands for itself, a small one for many. */
static void
test_interval_sampling (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_configuration (self->builder, "\"sample_interval_bytes\":1000");
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1000000, 0);
  trace_builder_alloc (self->builder, 0, 20, 0x200000, 10, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_true (ms_trace_is_sampled (trace));
  /* The thread never said what it skipped: the kept ones stand for it. */
  g_assert_cmpuint (totals->allocations, ==, 102);
  g_assert_cmpuint (totals->allocated_bytes, ==, 1000000 + 1005);
  g_assert_cmpuint (totals->live_bytes, ==, 1000000 + 1005); /* 10 / (1 − e^−0.01) */
  g_assert_cmpuint (totals->live_blocks, ==, 102);           /* 1 + 100.5 */
}

/* --- states -------------------------------------------------------------------------------------- */

static void
test_states (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  trace_fixture_build_small (self, TRACE_BUILDER_EXITED);
  trace = trace_fixture_load (self);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, 3);
}

static void
test_killed (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  trace_fixture_build_small (self, TRACE_BUILDER_KILLED);
  trace = trace_fixture_load (self);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_KILLED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, -1);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, 5);
}

static void
test_running (TraceFixture *self, gconstpointer data)
{
  NamedWrong wrong = (NamedWrong) GPOINTER_TO_INT (data);
  MsState state;
  g_autoptr (MsTrace) trace = NULL;

  trace_fixture_build_small (self, TRACE_BUILDER_KILLED);
  name_this_process (self->folder, wrong);
  trace = trace_fixture_load (self);
  state = ms_trace_get_state (trace);
  /* Who is in the first namespace sees them all: tests/recorder/check-other-namespace. */
  if (wrong == NAMED_WRONG_NAMESPACE)
    g_assert_true (state == MS_STATE_KILLED || state == MS_STATE_UNKNOWN);
  else
    g_assert_cmpint (state, ==, wrong ? MS_STATE_KILLED : MS_STATE_RUNNING);
  g_assert_cmpint (ms_trace_ends_early (trace), ==, state != MS_STATE_KILLED);
}

/* Of a running process what happens while we read is left out: threads are read one by one. */
static void
test_running_cut (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  guint64 hour_ns = G_GUINT64_CONSTANT (3600000000000);
  guint64 now_ns = (guint64) g_get_monotonic_time () * 1000;

  if (now_ns < 2 * (guint64) TRACE_BUILDER_START_NS)
    {
      g_test_skip ("the machine has only just started");
      return;
    }
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 100, 0);
  trace_builder_alloc (self->builder, 0, now_ns + hour_ns, 0x6000, 200, 0);
  trace_builder_free_block (self->builder, 1, now_ns + hour_ns, 0x9000);
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  name_this_process (self->folder, NAMED_RIGHT);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->live_bytes, ==, 100);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->unmatched_frees, ==, 0);
  g_assert_cmpint (ms_trace_get_duration_ns (trace), <, (gint64) (now_ns + hour_ns));
}

static void
test_dropped (TraceFixture *self, gconstpointer data)
{
  const MsLoss *losses;
  guint n_losses = 0;
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_dropped (self->builder, 0, 12);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 12);
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "12 events could not be recorded: "));
  losses = ms_trace_get_losses (trace, &n_losses);
  g_assert_cmpuint (n_losses, ==, 1);
  g_assert_cmpuint (losses[0].n_events, ==, 12);
  g_assert_nonnull (strstr (losses[0].reason, "the file system refused to write them"));
}

static void
test_cancelled (TraceFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  g_cancellable_cancel (cancellable);
  g_assert_null (ms_trace_load (self->folder, cancellable, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- frequency files ----------------------------------------------------------------------------- */

static void
test_frequency_files (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL, again = NULL;
  TrkBlockHeader *header;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_true (ms_trace_write_frequency_files (trace, &error));
  g_assert_no_error (error);
  again = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (again)->len, ==, 0);

  /* Of thread 0's file: a count that is not so.  Under a wrong checksum it is just not used … */
  trace_fixture_read_file (self, "memscope_thread_0-1000.freq", &bytes, &n_bytes);
  g_assert_cmpuint (n_bytes, >, sizeof (TrkFileHeader) + sizeof (TrkBlockHeader));
  bytes[n_bytes - 1]++;
  trace_fixture_write_file (self, "memscope_thread_0-1000.freq", bytes, (gssize) n_bytes);
  g_clear_object (&again);
  again = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (again)->len, ==, 0);

  /* … and under a right one it is said. */
  header = (TrkBlockHeader *) (bytes + sizeof (TrkFileHeader));
  header->checksum = trk_block_checksum (header, header + 1, header->payload_bytes);
  trace_fixture_write_file (self, "memscope_thread_0-1000.freq", bytes, (gssize) n_bytes);
  g_clear_object (&again);
  again = trace_fixture_load (self);
  g_assert_nonnull (trace_fixture_find_diagnostic (again, "The counts of thread 0"));
}

#define ADD(name, function, data) \
  g_test_add ("/trace-load/" name, TraceFixture, data, trace_fixture_set_up, function, \
              trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  static const FreeCase unmatched = { .unmatched = 1 },
                        inherited = { .forked = TRUE, .inherited = 1 },
                        untracked = { .configuration = "\"threads\":\"even\"", .foreign = 1 },
                        foreign = { .foreign_event = TRUE, .foreign = 1 },
                        prior = { .paused = TRUE, .prior = 1 };

  g_test_init (&argc, &argv, NULL);
  ADD ("figures", test_figures, NULL);
  ADD ("modules-and-stacks", test_modules_and_stacks, NULL);
  ADD ("stack-with-two-ids", test_stack_with_two_ids, NULL);
  ADD ("main-domain", test_main_domain, NULL);
  ADD ("hostile-names", test_hostile_names, NULL);
  ADD ("frees/unmatched", test_unmatched_free, &unmatched);
  ADD ("frees/inherited", test_unmatched_free, &inherited);
  ADD ("frees/untracked", test_unmatched_free, &untracked);
  ADD ("frees/foreign", test_unmatched_free, &foreign);
  ADD ("frees/prior", test_unmatched_free, &prior);
  ADD ("sampling/rate", test_sampling, NULL);
  ADD ("sampling/calls", test_sampled_calls, NULL);
  ADD ("sampling/errors", test_sampled_errors, NULL);
  ADD ("sampling/small-blocks", test_small_blocks, NULL);
  ADD ("sampling/tail", test_sampling_tail, NULL);
  ADD ("sampling/began-late", test_sampling_began_late, NULL);
  ADD ("sampling/interval", test_interval_sampling, NULL);
  ADD ("state/exited", test_states, NULL);
  ADD ("state/killed", test_killed, NULL);
  ADD ("state/running", test_running, GINT_TO_POINTER (NAMED_RIGHT));
  ADD ("state/other-start", test_running, GINT_TO_POINTER (NAMED_WRONG_START));
  ADD ("state/other-namespace", test_running, GINT_TO_POINTER (NAMED_WRONG_NAMESPACE));
  ADD ("state/other-boot", test_running, GINT_TO_POINTER (NAMED_WRONG_BOOT));
  ADD ("state/running-cut", test_running_cut, NULL);
  ADD ("sampling-changes", test_sampling_changes, NULL);
  ADD ("dropped", test_dropped, NULL);
  ADD ("cancelled", test_cancelled, NULL);
  ADD ("frequency", test_frequency_files, NULL);
  return g_test_run ();
}
