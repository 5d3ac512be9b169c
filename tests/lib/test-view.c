/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Views of random parts of random programs against the slow, obvious way: walk through all that happened
 * and count what was chosen.
 */
#include "ms-history-run.h"
#include "ms-history-writer.h"
#include "ms-view.h"
#include "program-model.h"

#define N_SEEDS 60
#define N_VIEWS 6

typedef struct {
  ProgramModel *model;
  MsTrace *trace;
  GRand *random;
  gint *events;        /* by moment: 1 + block that was born, −1 − block that died, 0 */
  guint public_of[16]; /* stack of the trace for one of the model, ALL: none */
  guint model_of[16];  /* and the other way round */
} Program;

typedef struct {
  gint64 from_ns, to_ns; /* MS_TIME_NONE: open */
  gboolean threads[16], stacks[16];
  gboolean all_threads, all_stacks;
  guint domain;
} Choice;

/* --- programs -------------------------------------------------------------------------------------- */

static void
number_stacks (Program *self)
{
  for (guint i = 0; i < 16; i++)
    self->public_of[i] = self->model_of[i] = ALL;
  for (guint i = 0; i < ms_trace_get_n_stacks (self->trace); i++)
    {
      guint depth,
          model = (guint) (*ms_trace_get_stack_frames (self->trace, i, &depth, NULL) - 0x400000);

      self->public_of[model] = i;
      self->model_of[i] = model;
    }
}

static void
list_events (Program *self)
{
  self->events = g_new0 (gint, self->model->times_ns->len);
  for (guint i = 0; i < self->model->blocks->len; i++)
    {
      const ModelBlock *b = &g_array_index (self->model->blocks, ModelBlock, i);

      self->events[b->born] = 1 + (gint) i;
      if (b->died != G_MAXUINT)
        self->events[b->died] = -1 - (gint) i;
    }
}

static void
program_init (Program *self, const ProgramShape *shape, guint seed)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autoptr (GError) error = NULL;

  self->random = g_rand_new_with_seed (seed);
  self->model = program_model_random (builder, shape, self->random);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  self->trace = ms_trace_load_full (folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ms_trace_get_diagnostics (self->trace)->len, ==, 0);
  test_folder_remove (folder);
  number_stacks (self);
  list_events (self);
}

static void
program_clear (Program *self)
{
  g_free (self->events);
  program_model_free (self->model);
  g_object_unref (self->trace);
  g_rand_free (self->random);
}

static const ModelBlock *
get_block (const Program *self, gint event)
{
  return &g_array_index (self->model->blocks, ModelBlock, ABS (event) - 1);
}

static gint64
time_of (const Program *self, guint moment)
{
  return (gint64) g_array_index (self->model->times_ns, guint64, moment);
}

/* --- choices --------------------------------------------------------------------------------------- */

static gint64
random_time (Program *self)
{
  guint n = self->model->times_ns->len;
  gint64 at = time_of (self, (guint) g_rand_int_range (self->random, 0, (gint32) n));

  /* Just before, at, and just behind events. */
  return at + g_rand_int_range (self->random, -1, 2);
}

static void
choose_range (Program *self, Choice *choice)
{
  gint64 a = random_time (self), b = random_time (self);

  choice->from_ns = choice->to_ns = MS_TIME_NONE;
  if (a == b)
    return;
  if (g_rand_int_range (self->random, 0, 4) > 0)
    choice->from_ns = MIN (a, b);
  if (g_rand_int_range (self->random, 0, 4) > 0)
    choice->to_ns = MAX (a, b);
}

static void
choose_set (Program *self, gboolean *set, gboolean *all, guint n)
{
  *all = g_rand_boolean (self->random);
  for (guint i = 0; i < n; i++)
    set[i] = *all || g_rand_boolean (self->random);
}

static MsView *
make_view (Program *self, const Choice *choice)
{
  g_autoptr (MsFilter) range = ms_filter_with_range (NULL, choice->from_ns, choice->to_ns);
  g_autoptr (MsFilter) threads = NULL;
  g_autoptr (MsFilter) filter = NULL;
  g_autoptr (GError) error = NULL;
  guint ids[17] = { 99 }, stacks[17] = { 99 }, n_ids = 1, n_stacks = 1; /* what nobody has */
  MsView *view;

  for (guint i = 0; i < self->model->shape.n_threads; i++)
    if (choice->threads[i])
      ids[n_ids++] = i;
  for (guint i = 0; i < self->model->shape.n_stacks; i++)
    if (choice->stacks[i] && self->public_of[i] != ALL)
      stacks[n_stacks++] = self->public_of[i];
  threads = ms_filter_with_threads (range, choice->all_threads ? NULL : ids, n_ids);
  filter = ms_filter_with_stacks (threads, choice->all_stacks ? NULL : stacks, n_stacks);
  view = ms_view_new (self->trace, filter, NULL, &error);
  g_assert_no_error (error);
  return view;
}

static gboolean
is_chosen (const Choice *choice, const ModelBlock *b)
{
  return b->domain == choice->domain && choice->threads[b->thread] && choice->stacks[b->stack];
}

static gboolean
is_before (const Choice *choice, gint64 ns)
{
  return choice->from_ns != MS_TIME_NONE && ns < choice->from_ns;
}

static gboolean
is_after (const Program *self, const Choice *choice, gint64 ns)
{
  return choice->to_ns != MS_TIME_NONE && choice->to_ns < ms_trace_get_duration_ns (self->trace)
         && ns >= choice->to_ns;
}

/* --- the slow way ---------------------------------------------------------------------------------- */

static MsTotals
slow_totals (const Program *self, const Choice *choice, guint thread, guint stack)
{
  MsTotals totals = { .peak_time_ns = MS_TIME_NONE };

  for (guint i = 0; i < self->model->times_ns->len; i++)
    {
      gboolean before = is_before (choice, time_of (self, i)), is_part;
      const ModelBlock *b;

      if (is_after (self, choice, time_of (self, i)))
        break;
      b = self->events[i] ? get_block (self, self->events[i]) : NULL;
      if (b == NULL || !is_chosen (choice, b) || (stack != ALL && b->stack != stack))
        continue;
      is_part = thread == ALL || b->thread == thread;
      if (!before && self->events[i] < 0)
        totals.deallocations += thread == ALL || b->freed_by == thread;
      if (!is_part)
        continue;
      if (self->events[i] > 0)
        {
          totals.live_bytes += b->size;
          totals.live_blocks++;
          totals.live_bytes_at_start += before ? b->size : 0;
          totals.live_blocks_at_start += before;
          totals.allocations += !before;
          totals.allocated_bytes += before ? 0 : b->size;
          totals.reallocations += !before && b->by_realloc;
          totals.leaked_allocations += !before;
          totals.leaked_bytes += before ? 0 : b->size;
        }
      else
        {
          gboolean is_old = is_before (choice, time_of (self, b->born));

          totals.live_bytes -= b->size;
          totals.live_blocks--;
          totals.live_bytes_at_start -= before ? b->size : 0;
          totals.live_blocks_at_start -= before;
          totals.freed_bytes_of_own += before ? 0 : b->size;
          totals.temporary_allocations += !before && b->temporary;
          totals.leaked_allocations -= !is_old;
          totals.leaked_bytes -= is_old ? 0 : b->size;
        }
    }
  return totals;
}

#define SAME(member) g_assert_cmpuint (found->member, ==, wanted.member)

static void
check_totals (const MsTotals *found,
              const Program *self,
              const Choice *choice,
              guint thread,
              guint stack)
{
  MsTotals wanted = slow_totals (self, choice, thread, stack);

  SAME (allocations);
  SAME (deallocations);
  SAME (reallocations);
  SAME (allocated_bytes);
  SAME (freed_bytes_of_own);
  SAME (live_bytes);
  SAME (live_blocks);
  SAME (live_bytes_at_start);
  SAME (live_blocks_at_start);
  SAME (leaked_bytes);
  SAME (leaked_allocations);
  SAME (temporary_allocations);
  g_assert_cmpuint (found->peak_bytes + found->unmatched_frees, ==, 0);
}

static void
check_thread_stacks (Program *self, const Choice *choice, MsView *view, guint index)
{
  MsThread *thread = ms_trace_get_thread (self->trace, index);
  guint n, id = ms_thread_get_id (thread);
  const MsThreadStack *stacks = ms_view_get_thread_stacks (view, thread, choice->domain, &n);
  guint64 allocations = 0, live = 0;

  for (guint i = 0; i < n; i++)
    {
      const MsThreadStack *found = &stacks[i];
      MsTotals wanted = slow_totals (self, choice, id, self->model_of[found->stack]);

      SAME (allocations);
      SAME (allocated_bytes);
      SAME (live_bytes);
      SAME (live_blocks);
      SAME (reallocations);
      SAME (temporary_allocations);
      g_assert_true (i == 0 || stacks[i - 1].allocated_bytes >= found->allocated_bytes);
      allocations += found->allocations;
      live += found->live_blocks;
    }
  g_assert_cmpuint (allocations, ==, slow_totals (self, choice, id, ALL).allocations);
  g_assert_cmpuint (live, ==, slow_totals (self, choice, id, ALL).live_blocks);
}

/* What [0, n) of size bins and of ages a slow count finds, of @thread or of ALL. */
static void
check_histograms (Program *self, const Choice *choice, MsView *view, guint thread)
{
  MsThread *of = thread == ALL ? NULL : ms_trace_find_thread (self->trace, thread);
  const guint64 *sizes = ms_view_get_size_histogram (view, of, choice->domain);
  const guint64 *ages = ms_view_get_lifetime_histogram (view, of, choice->domain);
  guint64 wanted_sizes[MS_SIZE_BINS] = { 0 }, wanted_ages[MS_LIFETIME_BINS] = { 0 };

  for (guint i = 0; i < self->model->times_ns->len; i++)
    {
      const ModelBlock *b = self->events[i] ? get_block (self, self->events[i]) : NULL;
      gint64 ns = time_of (self, i);

      if (b == NULL || is_before (choice, ns) || is_after (self, choice, ns)
          || !is_chosen (choice, b) || (thread != ALL && b->thread != thread))
        continue;
      if (self->events[i] > 0)
        wanted_sizes[g_bit_storage (b->size) * (b->size > 0)]++;
      else
        wanted_ages[g_bit_storage ((gulong) (ns - time_of (self, b->born)))]++;
    }
  if (!ms_trace_has_domain (self->trace, choice->domain))
    return;
  for (guint i = 0; i < MS_SIZE_BINS && sizes != NULL; i++)
    g_assert_cmpuint (sizes[i], ==, wanted_sizes[i]);
  for (guint i = 0; i < MS_LIFETIME_BINS && ages != NULL; i++)
    g_assert_cmpuint (ages[i], ==, wanted_ages[i]);
}

static void
check_series (Program *self, const Choice *choice, MsView *view, guint thread, guint n_bins)
{
  MsThread *of = thread == ALL ? NULL : ms_trace_find_thread (self->trace, thread);
  g_autofree guint64 *max = g_new (guint64, n_bins), *min = g_new (guint64, n_bins);
  g_autofree guint64 *allocated = g_new (guint64, n_bins);
  g_autofree guint64 *wanted = g_new0 (guint64, 3 * n_bins);
  guint64 live = slow_totals (self, choice, thread, ALL).live_bytes_at_start;
  gint64 start = ms_view_get_start_ns (view), length = ms_view_get_end_ns (view) - start;
  guint n_begun = 0;

  for (guint i = 0; i < self->model->times_ns->len; i++)
    {
      const ModelBlock *b = self->events[i] ? get_block (self, self->events[i]) : NULL;
      gint64 ns = time_of (self, i);
      guint64 bin;

      if (b == NULL || is_before (choice, ns) || is_after (self, choice, ns)
          || !is_chosen (choice, b) || (thread != ALL && b->thread != thread))
        continue;
      bin = MIN ((guint64) (ns - start) * n_bins / (guint64) length, n_bins - 1);
      for (; n_begun <= bin; n_begun++)
        wanted[n_begun] = wanted[n_bins + n_begun] = live;
      live += self->events[i] > 0 ? b->size : 0 - b->size;
      wanted[bin] = MAX (wanted[bin], live);
      wanted[n_bins + bin] = MIN (wanted[n_bins + bin], live);
      wanted[2 * n_bins + bin] += self->events[i] > 0 ? b->size : 0;
    }
  for (; n_begun < n_bins; n_begun++)
    wanted[n_begun] = wanted[n_bins + n_begun] = live;
  ms_view_get_live_series (view, of, choice->domain, n_bins, max, min);
  ms_view_get_allocated_series (view, of, choice->domain, n_bins, allocated);
  for (guint i = 0; i < n_bins; i++)
    {
      g_assert_cmpuint (max[i], ==, wanted[i]);
      g_assert_cmpuint (min[i], ==, wanted[n_bins + i]);
      g_assert_cmpuint (allocated[i], ==, wanted[2 * n_bins + i]);
    }
}

/* Live bytes of each thread and stack at one moment are sums over the blocks that it falls into. */
static void
check_peak (Program *self, const Choice *choice, MsView *view)
{
  guint64 live = slow_totals (self, choice, ALL, ALL).live_bytes_at_start, highest = live, low,
          high;
  guint64 threads[16] = { 0 }, stacks[16] = { 0 };
  gint64 at_ns = ms_view_get_start_ns (view);
  guint until = 0;
  g_autoptr (GError) error = NULL;
  const MsPeak *peak;

  for (guint i = 0; i < self->model->times_ns->len; i++)
    {
      const ModelBlock *b = self->events[i] ? get_block (self, self->events[i]) : NULL;
      gint64 ns = time_of (self, i);

      if (is_before (choice, ns))
        until = i + 1;
      if (b == NULL || is_before (choice, ns) || is_after (self, choice, ns)
          || !is_chosen (choice, b))
        continue;
      live += self->events[i] > 0 ? b->size : 0 - b->size;
      if (live <= highest)
        continue;
      highest = live;
      at_ns = ns;
      until = i + 1;
    }
  for (guint i = 0; i < until && highest > 0; i++)
    {
      const ModelBlock *b = self->events[i] ? get_block (self, self->events[i]) : NULL;

      if (b == NULL || !is_chosen (choice, b))
        continue;
      threads[b->thread] += self->events[i] > 0 ? b->size : 0 - b->size;
      stacks[b->stack] += self->events[i] > 0 ? b->size : 0 - b->size;
    }
  ms_view_get_peak (view, choice->domain, &low, &high);
  g_assert_cmpuint (low, <=, highest);
  if (ms_trace_has_domain (self->trace, choice->domain))
    g_assert_cmpuint (high, >=, highest);
  peak = ms_view_find_peak (view, choice->domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (peak->bytes, ==, highest);
  g_assert_cmpint (peak->time_ns, ==, highest > 0 ? at_ns : MS_TIME_NONE);
  for (guint i = 0; i < peak->n_threads; i++)
    g_assert_cmpuint (peak->thread_bytes[i], ==,
                      threads[ms_thread_get_id (ms_trace_get_thread (self->trace, i))]);
  for (guint i = 0; i < peak->n_stacks; i++)
    g_assert_cmpuint (peak->stack_bytes[i], ==, stacks[self->model_of[i]]);
  ms_view_get_peak (view, choice->domain, &low, &high);
  g_assert_cmpuint (low, ==, highest);
  g_assert_cmpuint (high, ==, highest);
}

static void
check_interactions (Program *self, const Choice *choice, MsView *view)
{
  guint n;
  const MsInteraction *found = ms_view_get_interactions (view, choice->domain, &n);
  guint64 frees[16][16] = { { 0 } }, bytes[16][16] = { { 0 } };

  for (guint i = 0; i < self->model->times_ns->len; i++)
    {
      const ModelBlock *b = self->events[i] < 0 ? get_block (self, self->events[i]) : NULL;
      gint64 ns = time_of (self, i);

      if (b == NULL || is_before (choice, ns) || is_after (self, choice, ns)
          || !is_chosen (choice, b) || b->thread == b->freed_by)
        continue;
      frees[b->thread][b->freed_by]++;
      bytes[b->thread][b->freed_by] += b->size;
    }
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (found[i].frees, ==, frees[found[i].alloc_thread][found[i].free_thread]);
      g_assert_cmpuint (found[i].bytes, ==, bytes[found[i].alloc_thread][found[i].free_thread]);
      g_assert_cmpuint (found[i].frees, >, 0);
      g_assert_true (i == 0 || found[i - 1].bytes >= found[i].bytes);
      frees[found[i].alloc_thread][found[i].free_thread] = 0;
    }
  for (guint i = 0; i < 256; i++)
    g_assert_cmpuint (frees[i / 16][i % 16], ==, 0);
}

typedef struct {
  guint64 growths, copied, first, final;
  guint stack;
} Chain;

/* The chain that a block is the last of so far, by block: it moves on with it. */
static void
check_growth (Program *self, const Choice *choice, MsView *view)
{
  g_autofree Chain *chains = g_new0 (Chain, self->model->blocks->len);
  MsGrowthChains wanted_of[16] = { { 0 } };
  guint n;
  const MsGrowthChains *found = ms_view_get_growth_chains (view, choice->domain, &n);

  for (guint i = 0; i < self->model->times_ns->len; i++)
    {
      const ModelBlock *b = self->events[i] > 0 ? get_block (self, self->events[i]) : NULL, *old;
      gint64 ns = time_of (self, i);
      Chain *chain;

      if (b == NULL || b->grown_from == ALL || is_before (choice, ns) || is_after (self, choice, ns)
          || !is_chosen (choice, b))
        continue;
      old = &g_array_index (self->model->blocks, ModelBlock, b->grown_from);
      chain = &chains[self->events[i] - 1];
      *chain = chains[b->grown_from];
      chains[b->grown_from] = (Chain) { 0 };
      if (b->size <= old->size)
        continue;
      if (chain->growths++ == 0)
        chain->first = old->size;
      chain->copied += old->size;
      chain->final = b->size;
      chain->stack = b->stack;
    }
  for (guint i = 0; i < self->model->blocks->len; i++)
    {
      MsGrowthChains *wanted = &wanted_of[chains[i].stack];

      if (chains[i].growths < 2)
        continue;
      wanted->chains++;
      wanted->growths += chains[i].growths;
      wanted->longest_chain = MAX (wanted->longest_chain, chains[i].growths);
      wanted->copied_bytes += chains[i].copied;
      wanted->first_bytes += chains[i].first;
      wanted->final_bytes += chains[i].final;
    }
  for (guint i = 0; i < n; i++, found++)
    {
      MsGrowthChains wanted = wanted_of[self->model_of[found->stack]];

      SAME (chains);
      SAME (growths);
      SAME (longest_chain);
      SAME (copied_bytes);
      SAME (first_bytes);
      SAME (final_bytes);
      wanted_of[self->model_of[found->stack]].chains = 0;
    }
  for (guint i = 0; i < 16; i++)
    g_assert_cmpuint (wanted_of[i].chains, ==, 0);
}

/* --- tests ----------------------------------------------------------------------------------------- */

static void
check_view (Program *self, const Choice *choice, MsView *view)
{
  check_totals (ms_view_get_totals (view, choice->domain), self, choice, ALL, ALL);
  for (guint i = 0; i < ms_trace_get_n_stacks (self->trace); i++)
    check_totals (ms_view_get_stack_totals (view, i, choice->domain), self, choice, ALL,
                  self->model_of[i]);
  for (guint i = 0; i < ms_trace_get_n_threads (self->trace); i++)
    {
      guint id = ms_thread_get_id (ms_trace_get_thread (self->trace, i));

      check_totals (ms_view_get_thread_totals (view, i, choice->domain), self, choice, id, ALL);
      check_thread_stacks (self, choice, view, i);
      check_histograms (self, choice, view, id);
    }
  check_histograms (self, choice, view, ALL);
  check_series (self, choice, view, ALL, 1);
  check_series (self, choice, view, ALL, 37);
  check_series (self, choice, view, 1, 500);
  check_peak (self, choice, view);
  check_interactions (self, choice, view);
  check_growth (self, choice, view);
}

static void
check_random_view (Program *self, guint n_workers)
{
  Choice choice = { 0 };
  g_autoptr (MsView) view = NULL;

  choose_range (self, &choice);
  choose_set (self, choice.threads, &choice.all_threads, self->model->shape.n_threads);
  choose_set (self, choice.stacks, &choice.all_stacks, self->model->shape.n_stacks);
  ms_history_set_n_workers (n_workers);
  view = make_view (self, &choice);
  if (ms_view_is_filtered (view))
    for (choice.domain = 0; choice.domain < 2; choice.domain++)
      check_view (self, &choice, view);
  ms_history_set_n_workers (0);
}

static void
test_small (void)
{
  ProgramShape shape = { .n_threads = 4,
                         .n_stacks = 5,
                         .n_steps = 150,
                         .n_addresses = 24,
                         .cross_frees = TRUE,
                         .unknown_frees = TRUE,
                         .declared = TRUE };

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      Program program;

      g_test_message ("seed %u", seed);
      program_init (&program, &shape, seed);
      for (guint i = 0; i < N_VIEWS; i++)
        check_random_view (&program, 1 + i % 3);
      program_clear (&program);
    }
}

/* Segments of one batch each, and several checkpoints. */
static void
test_many_segments (void)
{
  ProgramShape shape = { .n_threads = 5,
                         .n_stacks = 12,
                         .n_steps = 700000,
                         .n_addresses = 300,
                         .cross_frees = TRUE,
                         .declared = TRUE };
  Program program;

  ms_history_writer_set_segment_events (1);
  program_init (&program, &shape, 1);
  ms_history_writer_set_segment_events (0);
  for (guint i = 0; i < 4; i++)
    check_random_view (&program, 1 + i % 4);
  program_clear (&program);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/view/small", test_small);
  g_test_add_func ("/view/many-segments", test_many_segments);
  return g_test_run ();
}
