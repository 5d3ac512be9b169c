/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stamps of different threads that have the order at an address wrong: what the matcher puts in its
 * place, and what it must leave alone.
 */
#include <string.h>

#include "ms-trace.h"
#include "trace-builder.h"

#define X 0x7000
#define T0 1000000 /* ns: when each story begins */

/* One event of a story: 'a' allocates X, 'f' frees it, 'F' is a foreign free, 'r' a realloc of X that stays
 * where it is (it ends 20 ns later). */
typedef struct {
  guint at;
  guint8 thread;
  char what;
} Event;

typedef struct {
  const char *name;
  Event events[9];
  guint leaked, unmatched, foreign;
  guint frees[3]; /* that each thread made of blocks in the trace */
  guint n_info, n_warnings;
  const char *configuration;
} Story;

static const Story stories[] = {
  { "in-order",
    { { 100, 0, 'a' }, { 200, 1, 'f' }, { 300, 2, 'a' } },
    1,
    0,
    0,
    { 0, 1, 0 },
    0,
    0,
    NULL },
  { "late-free",
    { { 100, 0, 'a' }, { 310, 1, 'f' }, { 300, 2, 'a' }, { 500, 0, 'f' } },
    0,
    0,
    0,
    { 1, 1, 0 },
    1,
    0,
    NULL },
  { "late-free-alone",
    { { 100, 0, 'a' }, { 310, 1, 'f' }, { 300, 2, 'a' } },
    1,
    0,
    0,
    { 0, 1, 0 },
    1,
    0,
    NULL },
  { "early-free",
    { { 100, 0, 'a' }, { 70, 1, 'f' }, { 300, 2, 'a' }, { 400, 0, 'f' } },
    0,
    0,
    0,
    { 1, 1, 0 },
    1,
    0,
    NULL },
  { "early-free-alone", { { 100, 0, 'a' }, { 70, 1, 'f' } }, 0, 0, 0, { 0, 1, 0 }, 1, 0, NULL },
  { "early-realloc",
    { { 100, 0, 'a' }, { 70, 1, 'r' }, { 400, 2, 'f' } },
    0,
    0,
    0,
    { 0, 1, 1 },
    1,
    0,
    NULL },
  /* The two that were freed have each a free: the first is of a block from before. */
  { "unknown-free",
    { { 70, 1, 'f' }, { 100, 0, 'a' }, { 200, 0, 'f' }, { 300, 2, 'a' } },
    1,
    1,
    0,
    { 1, 0, 0 },
    0,
    0,
    NULL },
  { "unknown-free-of-own", { { 70, 1, 'f' }, { 100, 1, 'a' } }, 1, 1, 0, { 0 }, 0, 0, NULL },
  { "unknown-free-of-own-at-once", { { 70, 1, 'f' }, { 70, 1, 'a' } }, 1, 1, 0, { 0 }, 0, 0, NULL },
  /* Where threads were not recorded or blocks not kept, a free of an unknown one is no surprise. */
  { "early-free-while-off",
    { { 100, 0, 'a' }, { 70, 1, 'f' } },
    1,
    0,
    0,
    { 0 },
    0,
    0,
    "\"threads\":\"none\"" },
  { "unknown-free-long-after",
    { { 100, 0, 'a' }, { 300, 2, 'a' }, { 20000, 1, 'f' } },
    0,
    0,
    0,
    { 1, 1, 0 },
    0,
    1,
    NULL },
  { "unknown-free-long-ago", { { 70, 1, 'f' }, { 20000, 0, 'a' } }, 1, 1, 0, { 0 }, 0, 0, NULL },
  { "untracked-free",
    { { 70, 1, 'F' }, { 100, 0, 'a' } },
    1,
    0,
    1,
    { 0 },
    0,
    0,
    "\"threads\":\"even\"" },
  { "untracked-early-free",
    { { 70, 1, 'F' }, { 100, 0, 'a' }, { 300, 2, 'a' } },
    1,
    0,
    0,
    { 0, 1, 0 },
    1,
    0,
    "\"threads\":\"even\"" },
  /* The free of the first block is not there: every later one is that of its own block. */
  { "lost-free",
    { { 100, 0, 'a' },
      { 300, 2, 'a' },
      { 400, 1, 'f' },
      { 500, 0, 'a' },
      { 600, 1, 'f' },
      { 700, 2, 'a' } },
    1,
    0,
    0,
    { 1, 2, 0 },
    0,
    1,
    NULL },
};

static MsTrace *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static void
tell (TraceBuilder *builder, const Event *event, guint32 stack)
{
  guint64 ticks = T0 + event->at;

  switch (event->what)
    {
    case 'a':
      trace_builder_alloc (builder, event->thread, ticks, X, 10, stack);
      break;
    case 'f':
      trace_builder_free_block (builder, event->thread, ticks, X);
      break;
    case 'F':
      trace_builder_foreign_free (builder, event->thread, ticks, X);
      break;
    default:
      trace_builder_realloc (builder, event->thread, ticks, ticks + 20, X, X, 20, stack);
      break;
    }
}

static guint
count_diagnostics (MsTrace *trace, MsDiagnosticLevel level)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);
  guint n = 0;

  for (guint i = 0; i < diagnostics->len; i++)
    n += ((const MsDiagnostic *) diagnostics->pdata[i])->level == level;
  return n;
}

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  const guint64 frames[] = { 0x400000 };
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;
  guint32 stack;

  if (story->configuration)
    trace_builder_set_configuration (builder, story->configuration);
  stack = trace_builder_add_stack (builder, 0, frames, 1);
  for (guint i = 0; i < G_N_ELEMENTS (story->frees); i++)
    trace_builder_start (builder, i, T0 + i, -1);
  for (guint i = 0; story->events[i].what; i++)
    tell (builder, &story->events[i], stack);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace = load (folder);
  test_folder_remove (folder);

  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->leaked_allocations, ==, story->leaked);
  g_assert_cmpuint (totals->unmatched_frees, ==, story->unmatched);
  g_assert_cmpuint (totals->foreign_frees, ==, story->foreign);
  for (guint i = 0; i < G_N_ELEMENTS (story->frees); i++)
    g_assert_cmpuint (ms_thread_get_totals (ms_trace_find_thread (trace, i), MS_DOMAIN_HEAP)
                          ->deallocations,
                      ==, story->frees[i]);
  g_assert_cmpuint (count_diagnostics (trace, MS_DIAGNOSTIC_INFO), ==, story->n_info);
  g_assert_cmpuint (count_diagnostics (trace, MS_DIAGNOSTIC_WARNING), ==, story->n_warnings);
}

/* --- many threads, stamps that are wrong at random -------------------------------------------------- */

#define N_THREADS 6
#define N_ADDRESSES 12
#define N_SEEDS 200
#define N_STEPS 3000
#define MAX_ERROR_NS 75
#define MIN_GAP_NS 40 /* between two events at an address: only neighbours change places */

typedef struct {
  TraceBuilder *builder;
  GRand *random;
  guint64 now, last[N_THREADS];
  guint32 stack;
  gboolean live[N_ADDRESSES];
  guint64 latest[N_ADDRESSES];
  guint64 frees[N_THREADS];
  guint n_live, n_events;
} Chaos;

/* What the clock shows, wrong for one event in twenty; within a thread it does not fall. */
static guint64
wrong_stamp (Chaos *self, guint thread)
{
  gboolean wrong = g_rand_int_range (self->random, 0, 20) == 0;
  gint error = g_rand_int_range (self->random, -MAX_ERROR_NS, MAX_ERROR_NS);

  self->last[thread] = MAX (self->last[thread], self->now + (guint64) (wrong ? error : 0));
  return self->last[thread];
}

static void
chaos_step (Chaos *self)
{
  guint at = (guint) g_rand_int_range (self->random, 0, N_ADDRESSES);
  guint thread = (guint) g_rand_int_range (self->random, 0, N_THREADS);
  guint64 address = X + at * 32, ticks;

  self->now += (guint64) g_rand_int_range (self->random, 5, 50);
  if (self->now - self->latest[at] < MIN_GAP_NS)
    return;
  self->latest[at] = self->now;
  ticks = wrong_stamp (self, thread);
  if (!self->live[at])
    {
      trace_builder_alloc (self->builder, thread, ticks, address, 10, self->stack);
      self->n_live++;
    }
  else
    {
      trace_builder_free_block (self->builder, thread, ticks, address);
      self->frees[thread]++;
      self->n_live--;
    }
  self->live[at] = !self->live[at];
  self->n_events++;
}

static void
test_chaos (void)
{
  const guint64 frames[] = { 0x400000 };
  guint n_repaired = 0;

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (MsTrace) trace = NULL;
      Chaos self = { .builder = builder, .random = random, .now = T0 };
      const MsTotals *totals;

      self.stack = trace_builder_add_stack (builder, 0, frames, 1);
      for (guint i = 0; i < N_STEPS; i++)
        chaos_step (&self);
      trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
      trace = load (folder);
      test_folder_remove (folder);

      totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
      g_test_message ("seed %u: %u live, found %u", seed, self.n_live,
                      (guint) totals->leaked_allocations);
      n_repaired += count_diagnostics (trace, MS_DIAGNOSTIC_INFO);
      g_assert_cmpuint (totals->unmatched_frees, ==, 0);
      g_assert_cmpuint (totals->leaked_allocations, ==, self.n_live);
      g_assert_cmpuint (ms_trace_get_n_events (trace), ==, self.n_events);
      g_assert_cmpuint (count_diagnostics (trace, MS_DIAGNOSTIC_WARNING), ==, 0);
    }
  g_assert_cmpuint (n_repaired, >, N_SEEDS / 2);
}

/* --- a trace that is made to be slow ---------------------------------------------------------------- */

#define N_CROWD 40
#define N_CROWD_EVENTS 4200
#define N_LATE 500

/* For each of the 500 late frees the next thousands of events of 40 threads must be looked at, most of
 * them twice: 160 million.  That is not done to the end. */
static void
test_costly_disorder (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint32 stack = trace_builder_add_stack (builder, 0, (guint64[]) { 0x400000 }, 1);
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  for (guint i = 0; i < N_LATE; i++)
    {
      guint64 ticks = T0 + 10 * i, address = X + 32 * i;

      trace_builder_alloc (builder, 0, ticks, address, 10, stack);
      trace_builder_alloc (builder, 1, ticks + 2, address, 10, stack);
      trace_builder_free_block (builder, 2, ticks + 3, address);
      trace_builder_free_block (builder, 2, ticks + 5, address);
    }
  for (guint i = 0; i < N_CROWD_EVENTS / 2; i++)
    for (guint t = 0; t < N_CROWD; t++)
      {
        trace_builder_alloc (builder, 3 + t, 2 * T0 + 2 * i, 0x90000 + 32 * t, 10, stack);
        trace_builder_free_block (builder, 3 + t, 2 * T0 + 2 * i + 1, 0x90000 + 32 * t);
      }
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace = load (folder);
  test_folder_remove (folder);

  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->leaked_allocations, ==, 0);
  g_assert_cmpuint (count_diagnostics (trace, MS_DIAGNOSTIC_INFO), ==, 1);
  g_assert_cmpuint (count_diagnostics (trace, MS_DIAGNOSTIC_WARNING), ==, 1);
  g_assert_cmpuint (totals->unmatched_frees, >, N_LATE / 4);
  g_assert_cmpuint (totals->unmatched_frees, <, N_LATE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path = g_strconcat ("/order/", stories[i].name, NULL);

      g_test_add_data_func (path, &stories[i], test_story);
    }
  g_test_add_func ("/order/chaos", test_chaos);
  g_test_add_func ("/order/costly-disorder", test_costly_disorder);
  return g_test_run ();
}
