/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A folder that grows, read after each step: whatever was added, the follower's trace says what one says that
 * is loaded from the beginning.
 *
 * The program is random.  A step of the folder is the same program, cut later: blocks that were windows have
 * grown or gone to files, threads have come, and stacks.
 */
#include "ms-follower.h"
#include "test-folder.h"
#include "trace-builder.h"
#include "trace-compare.h"

#include <unistd.h>

#define N_SEEDS 40
#define N_STEPS 6
#define N_THREADS 5
#define N_ADDRESSES 40
#define N_EVENTS 3000
#define N_STACKS 30

typedef struct {
  guint thread;
  guint64 ticks, address, old_address, size;
  guint stack;
  enum { ALLOC, FREE, REALLOC, NAME, EXIT } kind;
} Step;

/* What is live is known, so that each free has its block. */
static GArray *
make_program (GRand *random)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (Step));
  gboolean live[N_ADDRESSES] = { FALSE };
  guint64 ticks = 1000;

  while (steps->len < N_EVENTS)
    {
      guint n_threads = 1 + MIN (steps->len * N_THREADS / N_EVENTS, N_THREADS - 1);
      guint slot = (guint) g_rand_int_range (random, 0, N_ADDRESSES);
      Step step = { .thread = (guint) g_rand_int_range (random, 0, (gint32) n_threads),
                    .ticks = ticks += (guint64) g_rand_int_range (random, 1, 60000),
                    .address = 0x5000 + 64 * (guint64) slot,
                    .size = (guint64) g_rand_int_range (random, 0, 5000),
                    .stack = (guint) g_rand_int_range (random, 0, N_STACKS) };
      gint what = g_rand_int_range (random, 0, 40);

      step.old_address = step.address;
      /* The process may go on after a thread told of its end: its main thread does in exit(). */
      if (what == 0)
        step.kind = NAME;
      else if (what == 1)
        step.kind = EXIT;
      else if (!live[slot])
        step.kind = ALLOC;
      else
        step.kind = what < 8 ? REALLOC : FREE;
      if (step.kind == ALLOC || step.kind == FREE)
        live[slot] = step.kind == ALLOC;
      g_array_append_val (steps, step);
      ticks += step.kind == REALLOC ? 100 : 0;
    }
  return steps;
}

static void
put_step (TraceBuilder *builder, const Step *step, const guint32 *stacks)
{
  g_autofree char *name = NULL;

  switch (step->kind)
    {
    case ALLOC:
      trace_builder_alloc (builder, step->thread, step->ticks, step->address, step->size,
                           stacks[step->stack]);
      break;
    case FREE:
      trace_builder_free_block (builder, step->thread, step->ticks, step->address);
      break;
    case REALLOC:
      trace_builder_realloc (builder, step->thread, step->ticks, step->ticks + 50,
                             step->old_address, step->address, step->size, stacks[step->stack]);
      break;
    case EXIT:
      trace_builder_exit (builder, step->thread, step->ticks, 1);
      break;
    case NAME:
    default:
      name = g_strdup_printf ("name %" G_GUINT64_FORMAT, step->ticks);
      trace_builder_name (builder, step->thread, step->ticks, name, -1);
      break;
    }
}

static void
write_folder (const char *folder, const GArray *steps, guint n_steps, gboolean tsc)
{
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint32 stacks[N_STACKS];
  guint n_stacks = 0;

  trace_builder_set_block_bytes (builder, 400);
  if (tsc)
    trace_builder_set_tsc (builder, 2.5);
  for (guint i = 0; i < n_steps; i++)
    {
      const Step *step = &g_array_index (steps, Step, i);

      for (; n_stacks <= step->stack; n_stacks++)
        stacks[n_stacks] =
            trace_builder_add_stack (builder, 0, (guint64[]) { 0x1000 + n_stacks, 0x2000 }, 2);
      put_step (builder, step, stacks);
    }
  trace_builder_finish (builder, TRACE_BUILDER_KILLED);
}

/* Its bins are others, what is in them is not. */
static void
check_series (MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  guint64 max[50], made[50], highest = 0, sum = 0;

  ms_trace_get_live_series (trace, NULL, MS_DOMAIN_HEAP, G_N_ELEMENTS (max), max, NULL);
  ms_trace_get_allocated_series (trace, NULL, MS_DOMAIN_HEAP, G_N_ELEMENTS (made), made);
  for (guint i = 0; i < G_N_ELEMENTS (max); i++)
    {
      highest = MAX (highest, max[i]);
      sum += made[i];
    }
  g_assert_cmpuint (highest, ==, totals->peak_bytes);
  g_assert_cmpuint (sum, ==, totals->allocated_bytes);
  g_assert_cmpuint (max[G_N_ELEMENTS (max) - 1], >=, totals->live_bytes);
}

/* Of a clock that is better known with each step, ages may change their bin and moments by a nanosecond. */
static void
check_totals (MsTrace *followed, MsTrace *loaded)
{
  g_assert_cmpuint (ms_trace_get_n_threads (followed), ==, ms_trace_get_n_threads (loaded));
  for (guint i = 0; i <= ms_trace_get_n_threads (followed); i++)
    {
      const MsTotals *whole[2] = { ms_trace_get_totals (followed, MS_DOMAIN_HEAP),
                                   ms_trace_get_totals (loaded, MS_DOMAIN_HEAP) };
      MsTotals a = *whole[0], b = *whole[1];

      if (i < ms_trace_get_n_threads (followed))
        {
          a = *ms_thread_get_totals (ms_trace_get_thread (followed, i), MS_DOMAIN_HEAP);
          b = *ms_thread_get_totals (ms_trace_get_thread (loaded, i), MS_DOMAIN_HEAP);
        }
      g_assert_cmpint (ABS (a.peak_time_ns - b.peak_time_ns), <=, 1);
      a.peak_time_ns = b.peak_time_ns;
      g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
    }
}

static void
follow (guint seed, gboolean tsc)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GArray) steps = make_program (random);
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsFollower) follower = ms_follower_new (folder, &error);
  g_autoptr (MsTrace) before = NULL;
  guint n = 0;

  g_assert_no_error (error);
  g_test_message ("seed %u", seed);
  while (n < N_EVENTS)
    {
      g_autoptr (MsTrace) followed = NULL, loaded = NULL;

      n += (guint) g_rand_int_range (random, 1, 2 * N_EVENTS / N_STEPS);
      n = MIN (n, N_EVENTS);
      write_folder (folder, steps, n, tsc);
      followed = ms_follower_read (follower, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      loaded = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      if (tsc)
        check_totals (followed, loaded);
      else
        trace_compare_assert_same_figures (followed, loaded);
      check_series (followed);
      /* The trace of the step before is still what it was. */
      if (before != NULL)
        g_assert_cmpuint (ms_trace_get_n_events (before), <, ms_trace_get_n_events (followed));
      g_set_object (&before, followed);
    }
  test_folder_remove (folder);
}

static void
test_random_programs (gconstpointer tsc)
{
  for (guint seed = 0; seed < N_SEEDS; seed++)
    follow (seed, GPOINTER_TO_INT (tsc));
}

/* Nothing there yet, then something. */
static void
test_empty_first (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GArray) steps = make_program (random);
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) trace = NULL;

  g_assert_null (ms_follower_read (follower, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  write_folder (folder, steps, 100, FALSE);
  trace = ms_follower_read (follower, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ms_trace_get_n_events (trace), >, 0);
  test_folder_remove (folder);
}

/* A step that is broken off leaves nothing wrong behind. */
static void
test_cancelled (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  g_autoptr (GArray) steps = make_program (random);
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) first = NULL, second = NULL, loaded = NULL;

  write_folder (folder, steps, N_EVENTS / 2, FALSE);
  first = ms_follower_read (follower, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  write_folder (folder, steps, N_EVENTS, FALSE);
  g_cancellable_cancel (cancellable);
  g_assert_null (ms_follower_read (follower, cancellable, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  second = ms_follower_read (follower, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  loaded = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, &error);
  trace_compare_assert_same_figures (second, loaded);
  test_folder_remove (folder);
}

/* A free of no known block, behind which nothing comes. */
static void
test_last_free (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) followed = NULL, loaded = NULL;

  trace_builder_alloc (builder, 0, 1000, 0x5000, 8,
                       trace_builder_add_stack (builder, 0, (guint64[]) { 0x1000 }, 1));
  trace_builder_free_block (builder, 0, 2000, 0x9000);
  trace_builder_finish (builder, TRACE_BUILDER_KILLED);
  followed = ms_follower_read (follower, NULL, NULL, NULL, NULL);
  loaded = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (ms_trace_get_totals (loaded, MS_DOMAIN_HEAP)->unmatched_frees, ==, 1);
  g_assert_cmpuint (ms_trace_get_totals (followed, MS_DOMAIN_HEAP)->unmatched_frees, ==, 1);
  test_folder_remove (folder);
}

/* The figures do not depend on who does the work. */
static void
test_one_thread (void)
{
  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GArray) steps = make_program (random);
      g_autofree char *folder = test_folder_new ();
      g_autoptr (MsTrace) alone = NULL, together = NULL;

      write_folder (folder, steps, N_EVENTS, FALSE);
      alone = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE | MS_LOAD_ON_ONE_THREAD, NULL, NULL,
                                  NULL, NULL);
      together = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, NULL);
      trace_compare_assert_equal (alone, together);
      test_folder_remove (folder);
    }
}

#define N_ENDED 3000
#define MOST_BYTES 500000000 /* with half a megabyte for each, it would be three times as much */

static gsize
get_address_space (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return (gsize) (g_ascii_strtoull (text, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE));
}

/* What was needed to read a thread is not kept for one that ended. */
static void
test_many_ended (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) trace = NULL;
  guint32 stack = trace_builder_add_stack (builder, 0, (guint64[]) { 0x1000 }, 1);
  gsize before;

  for (guint i = 0; i < N_ENDED; i++)
    {
      trace_builder_alloc (builder, i, 1000 + i, 0x5000, 8, stack);
      trace_builder_free_block (builder, i, 2000 + i, 0x5000);
      trace_builder_exit (builder, i, 3000 + i, 1);
    }
  trace_builder_finish (builder, TRACE_BUILDER_KILLED);
  before = get_address_space ();
  trace = ms_follower_read (follower, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, N_ENDED);
  g_assert_cmpuint (get_address_space (), <, before + MOST_BYTES);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/follower/random-programs", GINT_TO_POINTER (FALSE), test_random_programs);
  g_test_add_data_func ("/follower/tsc", GINT_TO_POINTER (TRUE), test_random_programs);
  g_test_add_func ("/follower/empty-first", test_empty_first);
  g_test_add_func ("/follower/cancelled", test_cancelled);
  g_test_add_func ("/follower/last-free", test_last_free);
  g_test_add_func ("/follower/one-thread", test_one_thread);
  g_test_add_func ("/follower/many-ended", test_many_ended);
  return g_test_run ();
}
