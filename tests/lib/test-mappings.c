/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The domain mapping against the obvious model: an array that says of each cell which mapping it
 * belongs to.  Random calls of four threads go through the encoders, a folder and the loader; then
 * every figure must be what counting the cells after each call gave.
 */
#include <string.h>

#include "ms-trace.h"
#include "trace-fixture.h"

#define N_CELLS 400
#define CELL_BYTES 48 /* no page and no power of two: nothing may depend on either */
#define BASE G_GUINT64_CONSTANT (0x7f0000001000)
#define N_THREADS 4
#define N_STACKS 5
#define N_CALLS 300
#define N_ROUNDS 60
#define MAX_MAPPINGS 3000
#define UNTRACKED 3 /* this thread only ends what others made */
#define ACCESSIBLE (TRK_MAPPING_READABLE | TRK_MAPPING_WRITABLE)

typedef struct {
  guint thread, stack, kind, n_cells;
  gboolean alive;
} ModelMapping;

typedef struct {
  guint64 live, peak, at_process_peak, made, made_bytes, ended, temporary;
  gint64 peak_time;
} ModelCurve;

typedef struct {
  GRand *random;
  TraceBuilder *builder;
  guint32 stack_ids[N_STACKS];
  gint cells[N_CELLS]; /* number of a mapping, −1: nothing */
  ModelMapping mappings[MAX_MAPPINGS];
  guint n_mappings;
  guint64 now;
  ModelCurve process, threads[N_THREADS], stacks[N_STACKS], kinds[MS_N_MAPPING_KINDS];
  guint64 unmatched, foreign;
  gint last_made[N_THREADS]; /* −1: its latest call made none */
} Model;

/* --- the model ---------------------------------------------------------------------------------- */

static void
note_peak (ModelCurve *curve, guint64 now)
{
  if (curve->live > curve->peak)
    {
      curve->peak = curve->live;
      curve->peak_time = (gint64) now;
    }
}

static void
count_cells (Model *self, guint64 now)
{
  gboolean is_new_peak;

  self->process.live = 0;
  for (guint i = 0; i < N_THREADS; i++)
    self->threads[i].live = 0;
  for (guint i = 0; i < N_STACKS; i++)
    self->stacks[i].live = 0;
  for (guint i = 0; i < MS_N_MAPPING_KINDS; i++)
    self->kinds[i].live = 0;
  for (guint c = 0; c < N_CELLS; c++)
    if (self->cells[c] >= 0)
      {
        const ModelMapping *mapping = &self->mappings[self->cells[c]];

        self->process.live += CELL_BYTES;
        self->threads[mapping->thread].live += CELL_BYTES;
        self->stacks[mapping->stack].live += CELL_BYTES;
        self->kinds[mapping->kind].live += CELL_BYTES;
      }
  is_new_peak = self->process.live > self->process.peak;
  note_peak (&self->process, now);
  for (guint i = 0; i < N_THREADS; i++)
    {
      note_peak (&self->threads[i], now);
      if (is_new_peak)
        self->threads[i].at_process_peak = self->threads[i].live;
    }
  for (guint i = 0; i < N_STACKS; i++)
    note_peak (&self->stacks[i], now);
  for (guint i = 0; i < MS_N_MAPPING_KINDS; i++)
    {
      note_peak (&self->kinds[i], now);
      if (is_new_peak)
        self->kinds[i].at_process_peak = self->kinds[i].live;
    }
}

/* @thread −1: each mapping's own.  Returns how many cells were there. */
static guint
model_unmap (Model *self, gint thread, guint first, guint n, guint64 now)
{
  guint n_found = 0;

  for (guint c = first; c < first + n; c++)
    {
      ModelMapping *mapping;

      if (self->cells[c] < 0)
        continue;
      mapping = &self->mappings[self->cells[c]];
      self->cells[c] = -1;
      n_found++;
      if (--mapping->n_cells > 0)
        continue;
      mapping->alive = FALSE;
      if (thread >= 0 && self->last_made[thread] == (gint) (mapping - self->mappings))
        {
          self->threads[thread].temporary++;
          self->stacks[mapping->stack].temporary++;
          self->process.temporary++;
        }
      self->threads[thread < 0 ? mapping->thread : (guint) thread].ended++;
      self->process.ended++;
    }
  count_cells (self, now);
  return n_found;
}

static void
model_map (Model *self, ModelMapping mapping, guint first, guint64 now)
{
  guint64 n_bytes = (guint64) mapping.n_cells * CELL_BYTES;

  model_unmap (self, -1, first, mapping.n_cells, now);
  g_assert_cmpuint (self->n_mappings, <, MAX_MAPPINGS);
  mapping.alive = TRUE;
  self->mappings[self->n_mappings] = mapping;
  for (guint c = first; c < first + mapping.n_cells; c++)
    self->cells[c] = (gint) self->n_mappings;
  self->last_made[mapping.thread] =
      mapping.kind == MS_MAPPING_THREAD_STACK ? -1 : (gint) self->n_mappings;
  self->n_mappings++;
  self->process.made++;
  self->process.made_bytes += n_bytes;
  self->threads[mapping.thread].made++;
  self->threads[mapping.thread].made_bytes += n_bytes;
  self->stacks[mapping.stack].made++;
  self->stacks[mapping.stack].made_bytes += n_bytes;
  self->kinds[mapping.kind].made++;
  self->kinds[mapping.kind].made_bytes += n_bytes;
  count_cells (self, now);
}

/* --- calls, in the trace and in the model --------------------------------------------------------- */

static guint64
cell_address (guint cell)
{
  return BASE + (guint64) cell * CELL_BYTES;
}

static void
any_range (Model *self, guint *first, guint *n)
{
  *first = (guint) g_rand_int_range (self->random, 0, N_CELLS - 1);
  *n = (guint) g_rand_int_range (self->random, 1, (gint32) MIN (60, N_CELLS - *first) + 1);
}

static guint
any_stack (Model *self)
{
  return (guint) g_rand_int_range (self->random, 0, N_STACKS);
}

static void
play_map (Model *self, guint thread)
{
  static const struct {
    TrkMappingKind kind;
    guint32 flags;
    MsMappingKind expected;
  } kinds[] = {
    { TRK_MAPPING_ANONYMOUS, ACCESSIBLE, MS_MAPPING_ANONYMOUS },
    { TRK_MAPPING_ANONYMOUS, 0, MS_MAPPING_RESERVED },
    { TRK_MAPPING_FILE, TRK_MAPPING_READABLE | TRK_MAPPING_SHARED, MS_MAPPING_FILE },
    { TRK_MAPPING_FILE, 0, MS_MAPPING_FILE },
    { TRK_MAPPING_THREAD_STACK, ACCESSIBLE, MS_MAPPING_THREAD_STACK },
    { TRK_MAPPING_BREAK, ACCESSIBLE, MS_MAPPING_BREAK },
    { 77, TRK_MAPPING_EXECUTABLE, MS_MAPPING_ANONYMOUS },
  };
  guint kind = (guint) g_rand_int_range (self->random, 0, G_N_ELEMENTS (kinds)), first, n;
  gboolean replaces = g_rand_int_range (self->random, 0, 4) == 0;
  guint64 begin = self->now, end = begin + (guint64) g_rand_int_range (self->random, 0, 5);
  ModelMapping mapping = { .thread = thread,
                           .stack = any_stack (self),
                           .kind = kinds[kind].expected };

  any_range (self, &first, &n);
  mapping.n_cells = n;
  trace_builder_map (self->builder, thread, begin, end, kinds[kind].kind,
                     kinds[kind].flags | (replaces ? TRK_MAPPING_REPLACES : 0),
                     cell_address (first), (guint64) n * CELL_BYTES,
                     self->stack_ids[mapping.stack]);
  if (replaces)
    model_unmap (self, (gint) thread, first, n, begin);
  self->last_made[thread] = -1;
  model_map (self, mapping, first, end);
  self->now = end;
}

static void
play_unmap (Model *self, guint thread)
{
  guint first, n;

  any_range (self, &first, &n);
  if (self->last_made[thread] >= 0 && g_rand_boolean (self->random))
    {
      first = 0; /* everything, so what it has just made as well */
      n = N_CELLS;
    }
  trace_builder_unmap (self->builder, thread, self->now, cell_address (first),
                       (guint64) n * CELL_BYTES);
  if (model_unmap (self, (gint) thread, first, n, self->now) == 0)
    *(thread == UNTRACKED ? &self->foreign : &self->unmatched) += 1;
  self->last_made[thread] = -1;
}

/* Now and then another thread maps something while the remap runs, also where its old range was. */
static void
play_remap (Model *self, guint thread)
{
  guint old_first, old_n, first, n;
  guint32 flags = 0;
  ModelMapping mapping = { .thread = thread, .stack = any_stack (self) };
  guint64 begin = self->now, end = begin + 20;

  any_range (self, &old_first, &old_n);
  any_range (self, &first, &n);
  if (g_rand_boolean (self->random))
    first = old_first; /* in place */
  n = MIN (n, N_CELLS - first);
  mapping.n_cells = n;
  if (g_rand_int_range (self->random, 0, 4) == 0)
    flags |= TRK_MAPPING_REPLACES;
  if (g_rand_int_range (self->random, 0, 4) == 0)
    flags |= TRK_MAPPING_KEEPS_OLD;
  trace_builder_remap (self->builder, thread, begin, end, flags, cell_address (old_first),
                       (guint64) old_n * CELL_BYTES, cell_address (first), (guint64) n * CELL_BYTES,
                       self->stack_ids[mapping.stack]);

  mapping.kind = self->cells[old_first] < 0 ? MS_MAPPING_ANONYMOUS
                                            : self->mappings[self->cells[old_first]].kind;
  if (!(flags & TRK_MAPPING_KEEPS_OLD)
      && model_unmap (self, (gint) thread, old_first, old_n, begin) == 0)
    self->unmatched++;
  if (flags & TRK_MAPPING_REPLACES)
    model_unmap (self, (gint) thread, first, n, begin);
  self->last_made[thread] = -1;
  if (g_rand_boolean (self->random))
    {
      self->now = begin + 5;
      play_map (self, (thread + 1) % UNTRACKED);
    }
  model_map (self, mapping, first, end);
  self->now = end;
}

static void
play_call (Model *self)
{
  guint thread = (guint) g_rand_int_range (self->random, 0, N_THREADS);
  gint what = g_rand_int_range (self->random, 0, 10);

  self->now += (guint64) g_rand_int_range (self->random, 1, 1000);
  if (what < 4 || thread == UNTRACKED)
    play_unmap (self, thread);
  else if (what < 8)
    play_map (self, thread);
  else
    play_remap (self, thread);
}

/* --- comparison ------------------------------------------------------------------------------------ */

static void
check_curve (const MsTotals *totals, const ModelCurve *curve)
{
  g_assert_cmpuint (totals->allocations, ==, curve->made);
  g_assert_cmpuint (totals->allocated_bytes, ==, curve->made_bytes);
  g_assert_cmpuint (totals->live_bytes, ==, curve->live);
  g_assert_cmpuint (totals->leaked_bytes, ==, curve->live);
  g_assert_cmpuint (totals->freed_bytes_of_own, ==, curve->made_bytes - curve->live);
  g_assert_cmpuint (totals->peak_bytes, ==, curve->peak);
  g_assert_cmpuint (totals->temporary_allocations, ==, curve->temporary);
  if (curve->peak > 0)
    g_assert_cmpint (totals->peak_time_ns, ==, curve->peak_time);
}

static guint64
count_alive (const Model *self, gint thread, gint stack, gint kind)
{
  guint64 n = 0;

  for (guint i = 0; i < self->n_mappings; i++)
    {
      const ModelMapping *mapping = &self->mappings[i];

      n += mapping->alive && (thread < 0 || mapping->thread == (guint) thread)
           && (stack < 0 || mapping->stack == (guint) stack)
           && (kind < 0 || mapping->kind == (guint) kind);
    }
  return n;
}

static void
check_kinds (const Model *self, MsTrace *trace)
{
  guint64 at_peak = 0;

  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    {
      const MsMappingTotals *totals = ms_trace_get_mapping_totals (trace, k);

      g_assert_cmpuint (totals->mappings, ==, self->kinds[k].made);
      g_assert_cmpuint (totals->mapped_bytes, ==, self->kinds[k].made_bytes);
      g_assert_cmpuint (totals->live_bytes, ==, self->kinds[k].live);
      g_assert_cmpuint (totals->peak_bytes, ==, self->kinds[k].peak);
      g_assert_cmpuint (totals->live_mappings, ==, count_alive (self, -1, -1, (gint) k));
      g_assert_cmpuint (totals->bytes_at_process_peak, ==, self->kinds[k].at_process_peak);
      at_peak += totals->bytes_at_process_peak;
    }
  g_assert_cmpuint (at_peak, ==, self->process.peak);
}

static void
check_stacks (const Model *self, MsTrace *trace)
{
  for (guint s = 0; s < ms_trace_get_n_stacks (trace); s++)
    {
      const MsTotals *totals = ms_trace_get_stack_totals (trace, s, MS_DOMAIN_MAPPING);
      const guint64 *frames;
      guint depth, kinds = 0, which;

      frames = ms_trace_get_stack_frames (trace, s, &depth, NULL);
      which = (guint) (frames[0] - 0x1000);
      check_curve (totals, &self->stacks[which]);
      g_assert_cmpuint (totals->live_blocks, ==, count_alive (self, -1, (gint) which, -1));
      g_assert_cmpuint (totals->deallocations, ==, totals->allocations - totals->live_blocks);
      for (guint i = 0; i < self->n_mappings; i++)
        if (self->mappings[i].stack == which)
          kinds |= 1U << self->mappings[i].kind;
      g_assert_cmphex (ms_trace_get_stack_mapping_kinds (trace, s), ==, kinds);
    }
}

static void
check_trace (const Model *self, MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);
  guint64 at_peak = 0;

  check_curve (totals, &self->process);
  g_assert_cmpuint (totals->deallocations, ==, self->process.ended);
  g_assert_cmpuint (totals->live_blocks, ==, count_alive (self, -1, -1, -1));
  g_assert_cmpuint (totals->allocations, ==, totals->deallocations + totals->live_blocks);
  g_assert_cmpuint (totals->unmatched_frees, ==, self->unmatched);
  g_assert_cmpuint (totals->foreign_frees, ==, self->foreign);
  for (guint i = 0; i < N_THREADS; i++)
    {
      totals = ms_thread_get_totals (ms_trace_find_thread (trace, i), MS_DOMAIN_MAPPING);
      check_curve (totals, &self->threads[i]);
      g_assert_cmpuint (totals->deallocations, ==, self->threads[i].ended);
      g_assert_cmpuint (totals->live_blocks, ==, count_alive (self, (gint) i, -1, -1));
      g_assert_cmpuint (totals->bytes_at_process_peak, ==, self->threads[i].at_process_peak);
      at_peak += totals->bytes_at_process_peak;
    }
  g_assert_cmpuint (at_peak, ==, self->process.peak);
  check_kinds (self, trace);
  check_stacks (self, trace);
  /* The heap beside it is untouched. */
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 64);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
}

static void
test_random (TraceFixture *fixture, gconstpointer data)
{
  guint seed = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autofree Model *model = g_new0 (Model, 1);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;

  model->random = random;
  model->builder = fixture->builder;
  memset (model->cells, 0xff, sizeof model->cells);
  memset (model->last_made, 0xff, sizeof model->last_made);
  trace_builder_set_block_bytes (fixture->builder, 300 + 40 * (seed % 50));
  for (guint64 i = 0; i < N_STACKS; i++)
    model->stack_ids[i] =
        trace_builder_add_stack (fixture->builder, 0, (guint64[]) { 0x1000 + i }, 1);
  for (guint i = 0; i < N_THREADS; i++)
    {
      trace_builder_start (fixture->builder, i, 1, -1);
      trace_builder_tracking (fixture->builder, i, 1, i != UNTRACKED);
    }
  /* At an address that is mapped too: the domains are apart. */
  trace_builder_alloc (fixture->builder, 0, 2, BASE, 64, model->stack_ids[0]);
  model->now = 10;
  for (guint i = 0; i < N_CALLS; i++)
    play_call (model);
  trace_builder_finish (fixture->builder, seed % 2 ? TRACE_BUILDER_CLOSED : TRACE_BUILDER_KILLED);
  trace = trace_fixture_load (fixture);
  check_trace (model, trace);
  g_assert_true (ms_trace_write_frequency_files (trace, &error));
  g_assert_no_error (error);
}

/* --- by hand --------------------------------------------------------------------------------------- */

/* Sampling leaves mappings alone. */
static void
test_sampled (TraceFixture *fixture, gconstpointer data)
{
  TraceBuilder *b = fixture->builder;
  guint32 stack = trace_builder_add_stack (b, 0, (guint64[]) { 0x1000 }, 1);
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_configuration (b, "\"allocation_sampling_rate\":0.25,\"mappings\":true");
  trace_builder_start (b, 0, 1, -1);
  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_alloc (b, 0, 5, 0x5000, 100, stack);
  trace_builder_skipped (b, 0, 3, 300, 0);
  trace_builder_map (b, 0, 10, 10, TRK_MAPPING_ANONYMOUS, ACCESSIBLE, BASE, 8192, stack);
  trace_builder_unmap (b, 0, 20, BASE + 4096, 4096);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (fixture);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);
  g_assert_cmpuint (totals->allocations, ==, 1);
  g_assert_cmpuint (totals->allocated_bytes, ==, 8192);
  g_assert_cmpuint (totals->live_bytes, ==, 4096);
  g_assert_cmpuint (totals->live_blocks, ==, 1);
  g_assert_cmpuint (totals->deallocations, ==, 0);
  g_assert_true (ms_trace_has_mappings (trace));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->live_bytes, ==, 400);
}

/* One unmap, by another thread, of a part of one mapping and all of the next. */
static void
test_spanning (TraceFixture *fixture, gconstpointer data)
{
  TraceBuilder *b = fixture->builder;
  guint32 stack = trace_builder_add_stack (b, 0, (guint64[]) { 0x1000 }, 1);
  g_autoptr (MsTrace) trace = NULL;
  const MsInteraction *interactions;
  guint64 max[4], min[4];
  guint n;

  trace_builder_start (b, 0, 1, -1);
  trace_builder_start (b, 1, 1, -1);
  trace_builder_map (b, 0, 100, 100, TRK_MAPPING_ANONYMOUS, ACCESSIBLE, BASE, 8192, stack);
  trace_builder_map (b, 0, 200, 200, TRK_MAPPING_FILE, 0, BASE + 8192, 4096, stack);
  trace_builder_unmap (b, 1, 300, BASE + 4096, 1 << 20);
  trace_builder_exit (b, 0, 400, 0);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (fixture);
  interactions = ms_trace_get_interactions (trace, MS_DOMAIN_MAPPING, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (interactions->frees, ==, 1);
  g_assert_cmpuint (interactions->bytes, ==, 8192);
  ms_trace_get_live_series (trace, NULL, MS_DOMAIN_MAPPING, 4, max, min);
  g_assert_cmpuint (max[2], ==, 12288);
  g_assert_cmpuint (max[3], ==, 12288);
  g_assert_cmpuint (min[3], ==, 4096);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint seed = 0; seed < N_ROUNDS; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/mappings/random/%u", seed);

      g_test_add (path, TraceFixture, GUINT_TO_POINTER (seed), trace_fixture_set_up, test_random,
                  trace_fixture_tear_down);
    }
  g_test_add ("/mappings/sampled", TraceFixture, NULL, trace_fixture_set_up, test_sampled,
              trace_fixture_tear_down);
  g_test_add ("/mappings/spanning", TraceFixture, NULL, trace_fixture_set_up, test_spanning,
              trace_fixture_tear_down);
  return g_test_run ();
}
