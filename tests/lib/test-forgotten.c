/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program whose threads come and go for ever, watched: no more than some thousands keep a row, and no sum is lost.
 *
 * Each thread lives for some milliseconds; some of its blocks are freed by a thread that comes later, by the main thread, or
 * never.  Whoever follows the folder is compared, after each step, with a trace that is loaded as a whole.
 */
#include "ms-follower.h"
#include "ms-forgotten.h"
#include "test-folder.h"
#include "trace-builder.h"
#include "trace-compare.h"

#include <math.h>

#define N_THREADS 5000
#define N_STEPS 7
#define N_STACKS 12
#define MS G_GUINT64_CONSTANT (1000000)
/* From one thread to the next; many lie within the time for which an ended one is kept in any case. */
#define PAUSE (4 * MS)

typedef struct {
  TraceBuilder *builder;
  GRand *random;
  guint32 stacks[N_STACKS];
  GArray *left; /* of guint64: addresses that ended threads left behind */
  guint64 address;
  gboolean is_sampled;
} Program;

/* What it allocates and does not free itself. */
static guint64
allocate (Program *self, guint thread, guint64 ticks)
{
  guint64 address = self->address += 64;
  guint stack = (guint) g_rand_int_range (self->random, 0, N_STACKS);

  trace_builder_alloc (self->builder, thread, ticks, address,
                       (guint64) g_rand_int_range (self->random, 0, 3000), self->stacks[stack]);
  return address;
}

static void
free_one_left (Program *self, guint thread, guint64 ticks)
{
  guint i;

  if (self->left->len == 0)
    return;
  i = (guint) g_rand_int_range (self->random, 0, (gint32) self->left->len);
  trace_builder_free_block (self->builder, thread, ticks, g_array_index (self->left, guint64, i));
  g_array_remove_index_fast (self->left, i);
}

/* Ticks of one thread do not fall, and those of the next begin later than all of this one's. */
static void
live_and_die (Program *self, guint thread, guint64 ticks)
{
  guint n = (guint) g_rand_int_range (self->random, 1, 6);
  guint64 mapping = 0x700000000000 + thread * 0x10000;

  trace_builder_start (self->builder, thread, ticks, 0);
  trace_builder_name (self->builder, thread, ticks + 10, "worker", -1);
  if (self->is_sampled)
    trace_builder_sampling (self->builder, thread, 0.5, 0);
  if (thread % 3 == 0)
    trace_builder_map (self->builder, thread, ticks + 20, ticks + 30, TRK_MAPPING_ANONYMOUS,
                       TRK_MAPPING_READABLE, mapping, 0x4000, self->stacks[0]);
  for (guint i = 0; i < n; i++)
    {
      guint64 address = allocate (self, thread, ticks + 100 + i * 100);

      if (g_rand_int_range (self->random, 0, 4) == 0)
        g_array_append_val (self->left, address);
      else if (g_rand_int_range (self->random, 0, 4) == 0)
        trace_builder_realloc (self->builder, thread, ticks + 120 + i * 100, ticks + 130 + i * 100,
                               address, address, 5000, self->stacks[1]);
      else
        trace_builder_free_block (self->builder, thread, ticks + 150 + i * 100, address);
    }
  if (g_rand_int_range (self->random, 0, 3) == 0)
    free_one_left (self, thread, ticks + 900);
  if (self->is_sampled)
    trace_builder_skipped (self->builder, thread, n, 1000 * n, n / 2);
  /* Half of the mappings outlive their thread; some of these are unmapped by the main one. */
  if (thread % 6 == 0)
    trace_builder_unmap (self->builder, thread, ticks + 950, mapping, 0x4000);
  trace_builder_exit (self->builder, thread, ticks + 1000, thread % 100 == 0 ? 1000 * MS : 1000);
  if (thread % 9 == 3)
    trace_builder_unmap (self->builder, 0, ticks + 2000, mapping, 0x1000);
  if (g_rand_int_range (self->random, 0, 3) == 0)
    free_one_left (self, 0, ticks + 3000);
}

/* @late: of a thread that ended long ago there is one event more. */
static void
write_folder (const char *folder, guint n_threads, int late, gboolean is_sampled)
{
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (GArray) left = g_array_new (FALSE, FALSE, sizeof (guint64));
  Program program = { .builder = builder,
                      .random = random,
                      .left = left,
                      .address = 0x10000,
                      .is_sampled = is_sampled };

  trace_builder_set_pooled (builder, TRUE);
  for (guint i = 0; i < N_STACKS; i++)
    program.stacks[i] = trace_builder_add_stack (builder, 0, (guint64[]) { 0x1000 + i, 0x2000 }, 2);
  trace_builder_start (builder, 0, 10, -1);
  for (guint i = 1; i <= n_threads; i++)
    live_and_die (&program, i, i * PAUSE);
  if (late >= 0)
    trace_builder_alloc (builder, (guint) late, (n_threads + 1) * PAUSE, 0x100, 77,
                         program.stacks[2]);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
}

static MsTrace *
read_on (MsFollower *follower)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_follower_read (follower, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static MsTrace *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static void
test_sums (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  guint64 n_forgotten = 0;

  for (guint i = 1; i <= N_STEPS; i++)
    {
      g_autoptr (MsTrace) followed = NULL, loaded = NULL;

      write_folder (folder, N_THREADS * i / N_STEPS, -1, FALSE);
      followed = read_on (follower);
      loaded = load (folder);
      g_assert_cmpuint (ms_trace_get_n_threads (followed), <=, MS_FORGOTTEN_MOST_THREADS);
      g_assert_cmpuint (ms_trace_get_n_forgotten_threads (followed), >=, n_forgotten);
      g_assert_cmpuint (ms_trace_get_n_forgotten_threads (loaded), ==, 0);
      n_forgotten = ms_trace_get_n_forgotten_threads (followed);
      trace_compare_assert_same_but_forgotten (followed, loaded);
      g_assert_nonnull (ms_trace_find_thread (followed, 0));
    }
  /* It was done more than once. */
  g_assert_cmpuint (n_forgotten, >, MS_FORGOTTEN_MOST_THREADS);
  test_folder_remove (folder);
}

/* Those that used the processor, or allocated, are kept the longest; and those that ended just now. */
static void
test_who_is_left (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) trace = NULL;

  write_folder (folder, 2100, -1, FALSE);
  trace = read_on (follower);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, MS_FORGOTTEN_THREADS_LEFT);
  for (guint id = 100; id <= 2100; id += 100)
    g_assert_nonnull (ms_trace_find_thread (trace, id));
  for (guint id = 2100 - 400; id <= 2100; id++)
    g_assert_nonnull (ms_trace_find_thread (trace, id));
  test_folder_remove (folder);
}

static void
test_one_goes_on (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) before = NULL, after = NULL, loaded = NULL;
  guint forgotten = 1;

  write_folder (folder, 2100, -1, FALSE);
  before = read_on (follower);
  while (ms_trace_find_thread (before, forgotten) != NULL)
    forgotten++;
  write_folder (folder, 2100, (int) forgotten, FALSE);
  after = read_on (follower);
  loaded = load (folder);
  trace_compare_assert_same_but_forgotten (after, loaded);
  test_folder_remove (folder);
}

/* A sum of estimates that were rounded one by one, and one that was rounded once. */
static void
assert_near (guint64 a, guint64 b, guint64 n_rounded)
{
  g_assert_cmpuint (MAX (a, b) - MIN (a, b), <=, n_rounded / 2 + 1);
}

static void
assert_near_error (double a, double b)
{
  g_assert_cmpfloat (fabs (a - b), <=, 1e-6 * (1 + b));
}

static void
compare_estimates (const MsTotals *a, const MsTotals *b, guint64 n_rounded)
{
  const MsStandardErrors *x = &a->standard_errors, *y = &b->standard_errors;

  assert_near (a->allocations, b->allocations, n_rounded);
  assert_near (a->allocated_bytes, b->allocated_bytes, n_rounded);
  assert_near (a->deallocations, b->deallocations, n_rounded);
  assert_near (a->reallocations, b->reallocations, n_rounded);
  assert_near (a->temporary_allocations, b->temporary_allocations, n_rounded);
  g_assert_cmpuint (a->freed_bytes_of_own, ==, b->freed_bytes_of_own);
  g_assert_cmpuint (a->live_bytes, ==, b->live_bytes);
  assert_near (a->live_blocks, b->live_blocks, 0);
  g_assert_cmpuint (a->peak_bytes, ==, b->peak_bytes);
  g_assert_cmpint (a->peak_time_ns, ==, b->peak_time_ns);
  g_assert_cmpuint (a->bytes_at_process_peak, ==, b->bytes_at_process_peak);
  assert_near_error (x->allocations, y->allocations);
  assert_near_error (x->deallocations, y->deallocations);
  assert_near_error (x->freed_bytes_of_own, y->freed_bytes_of_own);
  assert_near_error (x->live_bytes, y->live_bytes);
  assert_near_error (x->peak_bytes, y->peak_bytes);
  assert_near_error (x->temporary_allocations, y->temporary_allocations);
}

static void
test_sampled (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);

  for (guint i = 1; i <= N_STEPS; i++)
    {
      g_autoptr (MsTrace) followed = NULL, loaded = NULL;
      guint64 n_forgotten;

      write_folder (folder, N_THREADS * i / N_STEPS, -1, TRUE);
      followed = read_on (follower);
      loaded = load (folder);
      n_forgotten = ms_trace_get_n_forgotten_threads (followed);
      g_assert_true (i < N_STEPS || n_forgotten > MS_FORGOTTEN_MOST_THREADS);
      compare_estimates (ms_trace_get_totals (followed, MS_DOMAIN_HEAP),
                         ms_trace_get_totals (loaded, MS_DOMAIN_HEAP), n_forgotten);
      g_assert_cmpuint (ms_trace_get_n_stacks (followed), ==, ms_trace_get_n_stacks (loaded));
      for (guint s = 0; s < ms_trace_get_n_stacks (followed); s++)
        compare_estimates (ms_trace_get_stack_totals (followed, s, MS_DOMAIN_HEAP),
                           ms_trace_get_stack_totals (loaded, s, MS_DOMAIN_HEAP), 0);
    }
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/forgotten/sums", test_sums);
  g_test_add_func ("/forgotten/sampled", test_sampled);
  g_test_add_func ("/forgotten/who-is-left", test_who_is_left);
  g_test_add_func ("/forgotten/one-goes-on", test_one_goes_on);
  return g_test_run ();
}
