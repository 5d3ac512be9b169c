/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every figure of a sampled trace against the truth: one program is written once as it was, which gives the
 * truth, and then again and again as a recorder would have kept it, each time with other luck.
 *
 *   program ──▶ exact trace ─────────▶ figures (truth)
 *      └─ seed ─▶ sampled trace ─────▶ figures ± errors          N_SEEDS times
 *
 * An estimate is right on average (its mean lies within some errors of the mean), and its error is honest (the
 * truth lies within two of them in some 95 of 100).  Figures are those of the whole and of a part: a range,
 * two of three threads, three of five stacks.
 */
#include <math.h>

#include "ms-function-totals.h"
#include "ms-view.h"
#include "test-folder.h"
#include "trace-builder.h"

#define N_SEEDS 160
#define N_BLOCKS 16000
#define N_THREADS 3
#define N_STACKS 5

typedef enum { BORN, DIED } OpKind;

typedef struct {
  guint block;
  OpKind kind;
  guint thread; /* who does it */
} Op;

typedef struct {
  guint64 size;
  guint thread;
  guint32 stack;
  guint old; /* of a realloc, which made it; G_MAXUINT: none */
} Block;

typedef struct {
  Block blocks[N_BLOCKS];
  GArray *ops; /* of Op, one a tick */
} Program;

typedef struct {
  double rate;
  guint64 interval_bytes;
  double least_percent; /* of a figure that must be within two of its errors */
} Case;

/* Drawn by bytes, a few small blocks with large weights may make up most of a number of blocks: its errors
 * are as skewed as it is. */
static const Case tenth = { 0.1, 0, 88 };
static const Case half = { 0.5, 0, 88 };
static const Case by_bytes = { 1, 2048, 80 };

/* --- the program ----------------------------------------------------------------------------------- */

static void
append_op (Program *self, guint block, OpKind kind, guint thread)
{
  Op op = { block, kind, thread };

  g_array_append_val (self->ops, op);
}

/* A block dies at once, by a realloc that makes the next one, after a while by whomever, or never. */
static void
play (Program *self)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (GArray) live = g_array_new (FALSE, FALSE, sizeof (guint));

  self->ops = g_array_new (FALSE, FALSE, sizeof (Op));
  for (guint i = 0; i < N_BLOCKS; i++)
    {
      Block *block = &self->blocks[i];
      guint fate = (guint) g_rand_int_range (random, 0, 100);

      *block = (Block) { .size = (guint64) exp (g_rand_double_range (random, 2, 8.5)),
                         .thread = (guint) g_rand_int_range (random, 0, N_THREADS),
                         .stack = (guint32) g_rand_int_range (random, 0, N_STACKS),
                         .old = G_MAXUINT };
      if (fate < 15 && live->len > 0)
        {
          block->old = g_array_index (live, guint, live->len - 1);
          g_array_set_size (live, live->len - 1);
          append_op (self, block->old, DIED, block->thread);
        }
      append_op (self, i, BORN, block->thread);
      if (fate >= 15 && fate < 40)
        append_op (self, i, DIED, block->thread);
      else if (fate < 90)
        g_array_append_val (live, i);
      while (live->len > 1000)
        {
          guint at = (guint) g_rand_int_range (random, 0, (gint) live->len);
          guint dies = g_array_index (live, guint, at);

          g_array_remove_index_fast (live, at);
          append_op (self, dies, DIED,
                     g_rand_boolean (random) ? self->blocks[dies].thread
                                             : (guint) g_rand_int_range (random, 0, N_THREADS));
        }
    }
}

static guint64
address_of (guint block)
{
  return 0x100000 + (guint64) block * 0x10000;
}

static guint64
ticks_of (guint op)
{
  return 100 + 10 * (guint64) op;
}

static void
write_exact_op (TraceBuilder *builder, const Program *self, guint at, const guint32 *stacks)
{
  const Op *op = &g_array_index (self->ops, Op, at);
  const Op *next = at + 1 < self->ops->len ? op + 1 : NULL;
  const Block *block = &self->blocks[op->block];

  if (op->kind == BORN && block->old != G_MAXUINT)
    trace_builder_realloc (builder, op->thread, ticks_of (at - 1), ticks_of (at),
                           address_of (block->old), address_of (op->block), block->size,
                           stacks[block->stack]);
  else if (op->kind == BORN)
    trace_builder_alloc (builder, op->thread, ticks_of (at), address_of (op->block), block->size,
                         stacks[block->stack]);
  else if (next == NULL || next->kind != BORN || self->blocks[next->block].old != op->block)
    trace_builder_free_block (builder, op->thread, ticks_of (at), address_of (op->block));
}

/* It frees what its thread's latest operation allocated. */
static gboolean
is_temporary (const Program *self, guint at)
{
  const Op *op = &g_array_index (self->ops, Op, at);

  while (at-- > 0)
    {
      const Op *before = &g_array_index (self->ops, Op, at);

      if (before->thread == op->thread)
        return before->kind == BORN && before->block == op->block;
    }
  return FALSE;
}

static void
write_kept_op (TraceBuilder *builder, const Program *self, guint at, const guint32 *stacks)
{
  const Op *op = &g_array_index (self->ops, Op, at);
  const Block *block = &self->blocks[op->block];

  if (op->kind == BORN)
    {
      if (block->old != G_MAXUINT)
        trace_builder_sampled_call (builder, op->thread, TRK_CALL_REALLOC);
      trace_builder_alloc (builder, op->thread, ticks_of (at), address_of (op->block), block->size,
                           stacks[block->stack]);
      return;
    }
  if (is_temporary (self, at))
    trace_builder_sampled_call (builder, op->thread, TRK_CALL_TEMPORARY);
  trace_builder_free_block (builder, op->thread, ticks_of (at), address_of (op->block));
}

/* @luck NULL: as it was. */
static MsTrace *
record (const Program *self, const Case *c, GRand *luck)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autofree gboolean *kept = g_new0 (gboolean, N_BLOCKS);
  g_autoptr (GError) error = NULL;
  guint32 stacks[N_STACKS];
  MsTrace *trace;

  trace_builder_set_pooled (builder, TRUE);
  for (guint i = 0; i < N_STACKS; i++)
    {
      const guint64 frames[] = { 0x1000 + i, 0x9000 };

      stacks[i] = trace_builder_add_stack (builder, 0, frames, 2);
    }
  for (guint i = 0; luck != NULL && i < N_THREADS; i++)
    trace_builder_sampling (builder, i, c->rate, c->interval_bytes);
  for (guint i = 0; luck != NULL && i < N_BLOCKS; i++)
    {
      double size = (double) MAX (self->blocks[i].size, 1);
      double p = c->interval_bytes > 0 ? -expm1 (-size / (double) c->interval_bytes) : c->rate;

      kept[i] = g_rand_double (luck) < p;
    }
  for (guint i = 0; i < self->ops->len; i++)
    if (luck == NULL)
      write_exact_op (builder, self, i, stacks);
    else if (kept[g_array_index (self->ops, Op, i).block])
      write_kept_op (builder, self, i, stacks);
  for (guint i = 0; i < N_THREADS; i++)
    trace_builder_exit (builder, i, ticks_of (self->ops->len), 1);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace = ms_trace_load_full (folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  test_folder_remove (folder);
  return trace;
}

/* --- its figures ----------------------------------------------------------------------------------- */

typedef struct {
  char *name;
  double value, error;
  gboolean is_peak; /* not above the truth on average */
} Figure;

static void
clear_figure (gpointer data)
{
  g_free (((Figure *) data)->name);
}

static void
add (GArray *figures, const char *of, const char *what, double value, double error)
{
  Figure figure = { g_strdup_printf ("%s: %s", of, what), value, error,
                    g_str_has_prefix (what, "peak") };

  g_array_append_val (figures, figure);
}

static void
add_totals (GArray *figures, const char *of, const MsTotals *t)
{
  const MsStandardErrors *e = &t->standard_errors;

#define ADD_FIGURE(member) add (figures, of, #member, (double) t->member, e->member)
  ADD_FIGURE (allocations);
  ADD_FIGURE (deallocations);
  ADD_FIGURE (reallocations);
  ADD_FIGURE (allocated_bytes);
  ADD_FIGURE (freed_bytes_of_own);
  ADD_FIGURE (live_bytes);
  ADD_FIGURE (live_blocks);
  ADD_FIGURE (leaked_bytes);
  ADD_FIGURE (temporary_allocations);
#undef ADD_FIGURE
  add (figures, of, "leaked_allocations", (double) t->leaked_allocations, e->leaked_blocks);
}

static void
add_bins (GArray *figures, const char *of, const guint64 *bins, const double *errors)
{
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    {
      g_autofree char *bin = g_strdup_printf ("bin %u", i);

      add (figures, of, bin, (double) bins[i], errors ? errors[i] : 0);
    }
}

static guint
find_stack (MsTrace *trace, guint stack)
{
  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      guint depth;

      if (ms_trace_get_stack_frames (trace, i, &depth, NULL)[0] == 0x1000 + stack)
        return i;
    }
  g_assert_not_reached ();
}

static void
add_interactions (GArray *figures, MsView *view)
{
  guint n;
  const MsInteraction *all = ms_view_get_interactions (view, MS_DOMAIN_HEAP, &n);

  for (guint from = 0; from < N_THREADS; from++)
    for (guint to = 0; to < N_THREADS; to++)
      {
        g_autofree char *of = g_strdup_printf ("%u freed by %u", from, to);
        MsInteraction found = { 0 };

        for (guint i = 0; i < n; i++)
          if (all[i].alloc_thread == from && all[i].free_thread == to)
            found = all[i];
        add (figures, of, "frees", (double) found.frees, found.frees_standard_error);
        add (figures, of, "bytes", (double) found.bytes, found.bytes_standard_error);
      }
}

/* The same figures in the same order, whatever is in the trace. */
static GArray *
list_figures (MsView *view)
{
  GArray *figures = g_array_new (FALSE, FALSE, sizeof (Figure));
  MsTrace *trace = ms_view_get_trace (view);
  const MsPeak *peak = ms_view_find_peak (view, MS_DOMAIN_HEAP, NULL, NULL);
  g_autofree double *errors =
      ms_stack_errors_new (view, MS_DOMAIN_HEAP, MS_FIGURE_BYTES_AT_PROCESS_PEAK, NULL);
  guint64 sum = 0;

  g_array_set_clear_func (figures, clear_figure);
  add_totals (figures, "process", ms_view_get_totals (view, MS_DOMAIN_HEAP));
  add (figures, "process", "peak", (double) peak->bytes, peak->standard_error);
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_autofree char *of = g_strdup_printf ("thread %u", i);

      add_totals (figures, of, ms_view_get_thread_totals (view, i, MS_DOMAIN_HEAP));
      add (figures, of, "peak share", (double) peak->thread_bytes[i],
           peak->thread_errors ? peak->thread_errors[i] : 0);
      sum += peak->thread_bytes[i];
    }
  g_assert_cmpuint (sum, ==, peak->bytes);
  for (guint i = 0; i < N_STACKS; i++)
    {
      g_autofree char *of = g_strdup_printf ("stack %u", i);
      guint number = find_stack (trace, i);

      add_totals (figures, of, ms_view_get_stack_totals (view, number, MS_DOMAIN_HEAP));
      add (figures, of, "peak share", (double) peak->stack_bytes[number],
           errors != NULL ? errors[number] : 0);
      sum -= peak->stack_bytes[number];
    }
  g_assert_cmpuint (sum, ==, 0);
  add_bins (figures, "sizes", ms_view_get_size_histogram (view, NULL, MS_DOMAIN_HEAP),
            ms_view_get_size_histogram_errors (view, NULL, MS_DOMAIN_HEAP));
  add_bins (figures, "ages", ms_view_get_lifetime_histogram (view, NULL, MS_DOMAIN_HEAP),
            ms_view_get_lifetime_histogram_errors (view, NULL, MS_DOMAIN_HEAP));
  add_interactions (figures, view);
  return figures;
}

static MsView *
view_of (MsTrace *trace, gboolean is_part, gint64 duration_ns)
{
  const guint threads[] = { 0, 1 };
  const guint stacks[] = { find_stack (trace, 0), find_stack (trace, 1), find_stack (trace, 3) };
  g_autoptr (MsFilter) range = ms_filter_with_range (NULL, duration_ns / 4, duration_ns / 4 * 3);
  g_autoptr (MsFilter) of_threads = ms_filter_with_threads (range, threads, 2);
  g_autoptr (MsFilter) filter = ms_filter_with_stacks (of_threads, stacks, 3);
  g_autoptr (GError) error = NULL;
  MsView *view = ms_view_new (trace, is_part ? filter : NULL, NULL, &error);

  g_assert_no_error (error);
  return view;
}

/* --- estimates against it -------------------------------------------------------------------------- */

typedef struct {
  double sum, squares, errors;
  guint n_covered;
} Spread;

/* Enough blocks were kept, on average, for the estimate to be normal. */
static gboolean
is_normal (const Figure *truth, const Spread *spread)
{
  return truth->value > 0 && spread->errors / N_SEEDS < truth->value / 5.5;
}

static void
judge (const Figure *truth, const Spread *spread, const Case *c)
{
  double mean = spread->sum / N_SEEDS;
  double variance = spread->squares / N_SEEDS - (mean - truth->value) * (mean - truth->value);
  double of_mean = sqrt (MAX (0, variance) / N_SEEDS),
         covered = 100.0 * spread->n_covered / N_SEEDS;

  if (mean > truth->value + 4.5 * of_mean + 1
      || (!truth->is_peak && mean < truth->value - 4.5 * of_mean - 1))
    g_error ("%s: is %.0f, estimated %.1f ± %.1f on average", truth->name, truth->value, mean,
             of_mean);
  if (truth->is_peak && mean < truth->value - 1.1 * spread->errors / N_SEEDS)
    g_error ("%s: is %.0f, estimated %.1f on average, too low", truth->name, truth->value, mean);
  if (is_normal (truth, spread) && covered < c->least_percent)
    g_error ("%s: is %.0f, within two errors of the estimate in %.1f %% only", truth->name,
             truth->value, covered);
}

static void
take (const Figure *truth, const Figure *estimate, Spread *spread)
{
  double off = estimate->value - truth->value;

  g_assert_cmpstr (truth->name, ==, estimate->name);
  g_assert_true (isfinite (estimate->error) && estimate->error >= 0);
  spread->sum += estimate->value;
  spread->squares += off * off;
  spread->errors += estimate->error;
  spread->n_covered += fabs (off) <= 2 * estimate->error + 0.5;
}

/* All of them, as those of a few blocks tell little alone. */
static void
judge_all (const GArray *truth, const Spread *spreads, const Case *c)
{
  guint n = 0, n_covered = 0;

  for (guint i = 0; i < truth->len; i++)
    {
      const Figure *figure = &g_array_index (truth, Figure, i);

      judge (figure, &spreads[i], c);
      if (!is_normal (figure, &spreads[i]) || figure->is_peak)
        continue;
      n += N_SEEDS;
      n_covered += spreads[i].n_covered;
    }
  g_test_message ("%u figures, within two errors %.2f %%", n / N_SEEDS, 100.0 * n_covered / n);
  g_assert_cmpuint (n / N_SEEDS, >=, 30);
  g_assert_cmpfloat (100.0 * n_covered / n, >, 93);
  g_assert_cmpfloat (100.0 * n_covered / n, <, 97.5);
}

static void
test_figures (gconstpointer data)
{
  const Case *c = data;
  g_autofree Program *program = g_new0 (Program, 1);
  g_autoptr (MsTrace) exact = (play (program), record (program, c, NULL));
  gint64 duration_ns = ms_trace_get_duration_ns (exact);
  Spread *spreads[2];
  GArray *truths[2];
  guint n_chains;

  g_assert_false (ms_trace_is_sampled (exact));
  g_assert_null (ms_trace_why_no_growth_chains (exact));
  ms_trace_get_growth_chains (exact, MS_DOMAIN_HEAP, &n_chains);
  g_assert_cmpuint (n_chains, >, 0);
  for (guint part = 0; part < 2; part++)
    {
      g_autoptr (MsView) view = view_of (exact, part, duration_ns);

      truths[part] = list_figures (view);
      spreads[part] = g_new0 (Spread, truths[part]->len);
    }
  for (guint seed = 1; seed <= N_SEEDS; seed++)
    {
      g_autoptr (GRand) luck = g_rand_new_with_seed (seed);
      g_autoptr (MsTrace) trace = record (program, c, luck);

      g_assert_true (ms_trace_is_sampled (trace));
      g_assert_nonnull (ms_trace_why_no_growth_chains (trace));
      for (guint part = 0; part < 2; part++)
        {
          g_autoptr (MsView) view = view_of (trace, part, duration_ns);
          g_autoptr (GArray) figures = list_figures (view);

          ms_view_get_growth_chains (view, MS_DOMAIN_HEAP, &n_chains);
          g_assert_cmpuint (n_chains, ==, 0);
          g_assert_cmpuint (figures->len, ==, truths[part]->len);
          for (guint i = 0; i < figures->len; i++)
            take (&g_array_index (truths[part], Figure, i), &g_array_index (figures, Figure, i),
                  &spreads[part][i]);
        }
    }
  for (guint part = 0; part < 2; part++)
    {
      judge_all (truths[part], spreads[part], c);
      g_array_unref (truths[part]);
      g_free (spreads[part]);
    }
  g_array_unref (program->ops);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_data_func ("/sampled-figures/tenth", &tenth, test_figures);
  g_test_add_data_func ("/sampled-figures/half", &half, test_figures);
  g_test_add_data_func ("/sampled-figures/by-bytes", &by_bytes, test_figures);
  return g_test_run ();
}
