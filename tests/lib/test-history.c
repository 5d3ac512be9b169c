/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Filters, and the file of a history in the cache: used if it is whole and of this folder, made again if it
 * is not, and never trusted.  Then what test-view.c has none of: mappings and sampled traces.
 */
#include <glib/gstdio.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "ms-history.h"
#include "ms-trace-private.h"
#include "ms-view.h"
#include "program-model.h"
#include "trace-fixture.h"

static const guint64 frames[] = { 0x401010, 0x402020 }, other_frames[] = { 0x401090, 0x402020 };

static MsTrace *
load (TraceFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load_full (fixture->folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static MsView *
view_range (MsTrace *trace, gint64 from_ns, gint64 to_ns)
{
  g_autoptr (MsFilter) filter = ms_filter_with_range (NULL, from_ns, to_ns);
  g_autoptr (GError) error = NULL;
  MsView *view = ms_view_new (trace, filter, NULL, &error);

  g_assert_no_error (error);
  return view;
}

/* --- filters --------------------------------------------------------------------------------------- */

static void
test_filter (void)
{
  const guint ids[] = { 7, 3, 7, 1 };
  g_autoptr (MsFilter) nothing = ms_filter_new ();
  g_autoptr (MsFilter) threads = ms_filter_with_threads (nothing, ids, 4);
  g_autoptr (MsFilter) ranged = ms_filter_with_range (threads, 5, MS_TIME_NONE);
  g_autoptr (MsFilter) none = ms_filter_with_stacks (ranged, ids, 0);
  g_autoptr (MsFilter) all = ms_filter_with_stacks (none, NULL, 0);
  gint64 from_ns, to_ns;
  const guint *found;
  guint n;

  g_assert_true (ms_filter_is_everything (nothing));
  g_assert_true (ms_filter_equal (nothing, NULL));
  found = ms_filter_get_threads (threads, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_true (found[0] == 1 && found[1] == 3 && found[2] == 7);
  g_assert_null (ms_filter_get_stacks (threads, &n));
  g_assert_false (ms_filter_get_range (threads, &from_ns, &to_ns));
  g_assert_true (ms_filter_get_range (none, &from_ns, &to_ns));
  g_assert_true (from_ns == 5 && to_ns == MS_TIME_NONE);
  g_assert_nonnull (ms_filter_get_stacks (none, &n));
  g_assert_cmpuint (n, ==, 0);
  g_assert_false (ms_filter_equal (none, ranged));
  g_assert_true (ms_filter_equal (all, ranged));
  g_assert_false (ms_filter_is_everything (none));
}

/* --- the file -------------------------------------------------------------------------------------- */

static void
build (TraceFixture *fixture)
{
  guint32 stack = trace_builder_add_stack (fixture->builder, 0, frames, 2);

  for (guint i = 0; i < 3000; i++)
    {
      trace_builder_alloc (fixture->builder, 0, 1000 + 10 * i, 0x5000 + 48 * i, 100 + i, stack);
      if (i % 4)
        trace_builder_free_block (fixture->builder, 1, 1005 + 10 * i, 0x5000 + 48 * i);
    }
  trace_builder_finish (fixture->builder, TRACE_BUILDER_CLOSED);
}

/* The only history in the cache. (transfer full) (nullable) */
static char *
find_file (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "memscope", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  char *found = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".history-2"))
      {
        g_assert_null (found);
        found = g_build_filename (folder, name, NULL);
      }
  return found;
}

static void
check_figures (MsTrace *trace)
{
  g_autoptr (MsView) view = view_range (trace, 1000 + 10 * 500, 1000 + 10 * 1500);
  const MsTotals *totals = ms_view_get_totals (view, MS_DOMAIN_HEAP);

  g_assert_cmpuint (totals->allocations, ==, 1000);
  g_assert_cmpuint (totals->deallocations, ==, 750);
  g_assert_cmpuint (totals->live_blocks_at_start, ==, 125);
  g_assert_cmpuint (totals->leaked_allocations, ==, 250);
}

static void
test_cache (void)
{
  TraceFixture fixture;
  g_autofree char *file = NULL;
  GStatBuf before, after;

  trace_fixture_set_up (&fixture, NULL);
  build (&fixture);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (MsTrace) trace = load (&fixture);

      check_figures (trace);
      if (i == 0)
        file = find_file ();
      g_assert_nonnull (file);
      g_stat (file, i == 0 ? &before : &after);
    }
  /* The second load used it. */
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);

  /* Another folder than it was. */
  trace_fixture_write_file (&fixture, "memscope_thread_9-99.bin", "not a trace", -1);
  {
    g_autoptr (MsTrace) trace = load (&fixture);

    check_figures (trace);
    g_assert_cmpint (g_remove (file), ==, 0);
    g_free (g_steal_pointer (&file));
    file = find_file ();
    g_assert_nonnull (file);
  }
  g_remove (file);
  trace_fixture_tear_down (&fixture, NULL);
}

/* With one bit turned or its end cut off: refused, and made anew. */
static void
damage (TraceFixture *fixture, const char *file, const char *bytes, gsize n, gsize cut, gsize bit)
{
  g_autofree char *copy = g_memdup2 (bytes, n);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *again = NULL;
  gsize n_again;

  if (bit / 8 < n)
    copy[bit / 8] ^= (char) (1 << bit % 8);
  g_file_set_contents (file, copy, (gssize) cut, &error);
  g_assert_no_error (error);
  trace = load (fixture);
  check_figures (trace);
  g_file_get_contents (file, &again, &n_again, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (again, n_again, bytes, n);
}

/* What lies between header and columns has no meaning. */
static gboolean
is_padding (gsize byte)
{
  return byte >= sizeof (MsHistoryHeader) && byte < MS_HISTORY_HEADER_BYTES;
}

static void
test_damage (void)
{
  TraceFixture fixture;
  g_autoptr (MsTrace) trace = NULL;
  g_autofree char *file = NULL, *bytes = NULL;
  gsize n;

  trace_fixture_set_up (&fixture, NULL);
  build (&fixture);
  trace = load (&fixture);
  file = find_file ();
  g_assert_true (g_file_get_contents (file, &bytes, &n, NULL));
  for (gsize cut = 0; cut < n; cut += 1 + n / 40)
    damage (&fixture, file, bytes, n, cut, G_MAXSIZE);
  for (gsize bit = 0; bit < n * 8; bit += 1 + n * 8 / 150)
    if (!is_padding (bit / 8))
      damage (&fixture, file, bytes, n, n, bit);
  for (gsize bit = 0; bit < sizeof (MsHistoryHeader) * 8; bit += 13)
    damage (&fixture, file, bytes, n, n, bit);
  trace_fixture_tear_down (&fixture, NULL);
}

/* Behind the back of the checksums any number may stand anywhere: nothing is read outside of the file. */
static void
test_hostile (void)
{
  TraceFixture fixture;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autofree char *file = NULL, *bytes = NULL;
  MsHistoryHeader *header;
  gsize n;

  trace_fixture_set_up (&fixture, NULL);
  build (&fixture);
  trace = load (&fixture);
  file = find_file ();
  g_assert_true (g_file_get_contents (file, &bytes, &n, NULL));
  header = (gpointer) bytes;
  for (guint round = 0; round < 400; round++)
    {
      g_autofree char *copy = g_memdup2 (bytes, n);
      g_autofree char *path = g_strconcat (file, ".hostile", NULL);
      g_autoptr (MsHistory) history = NULL;
      g_autoptr (MsView) view = NULL;
      guint64 low, high, series[16];
      guint k;
      gint fd;

      for (guint i = 0; i < 20; i++)
        copy[g_rand_int_range (random, MS_HISTORY_HEADER_BYTES, (gint) header->segments.offset)] =
            (char) g_rand_int (random);
      g_assert_true (g_file_set_contents (path, copy, (gssize) n, NULL));
      fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
      history = ms_history_open (fd, &header->digest, FALSE, NULL);
      g_close (fd, NULL);
      g_remove (path);
      g_assert_nonnull (history);
      ms_history_unref (trace->history);
      trace->history = g_steal_pointer (&history);
      view = view_range (trace, g_rand_int_range (random, 0, 20000), 25000);
      ms_view_get_thread_totals (view, 0, MS_DOMAIN_HEAP);
      ms_view_get_live_series (view, NULL, MS_DOMAIN_HEAP, 16, series, NULL);
      ms_view_get_peak (view, MS_DOMAIN_HEAP, &low, &high);
      ms_view_find_peak (view, MS_DOMAIN_HEAP, NULL, NULL);
      ms_view_get_size_histogram (view, NULL, MS_DOMAIN_HEAP);
      ms_view_get_growth_chains (view, MS_DOMAIN_HEAP, &k);
    }
  trace_fixture_tear_down (&fixture, NULL);
}

/* --- errors ---------------------------------------------------------------------------------------- */

static void
test_refusals (void)
{
  TraceFixture fixture;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsTrace) without = NULL;
  g_autoptr (MsFilter) filter = ms_filter_with_range (NULL, 2000, 5000);
  g_autoptr (MsFilter) outside = ms_filter_with_range (NULL, 1000000000, MS_TIME_NONE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsView) view = NULL;

  trace_fixture_set_up (&fixture, NULL);
  build (&fixture);
  without = trace_fixture_load (&fixture);
  g_assert_null (ms_view_new (without, filter, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  trace = load (&fixture);
  g_assert_null (ms_view_new (trace, outside, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  view = ms_view_new (trace, filter, cancellable, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_null (ms_view_new (trace, filter, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (ms_view_find_peak (view, MS_DOMAIN_HEAP, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Cancelled once, it may still be asked again. */
  g_assert_nonnull (ms_view_find_peak (view, MS_DOMAIN_HEAP, NULL, NULL));
  trace_fixture_tear_down (&fixture, NULL);
}

/* --- large blocks ---------------------------------------------------------------------------------- */

/* Of a size that has no room in its column; one more and one less than that. */
static void
test_large (void)
{
  const guint64 sizes[] = { MS_HISTORY_LARGE - 1, MS_HISTORY_LARGE, MS_HISTORY_LARGE + 1,
                            G_GUINT64_CONSTANT (1) << 40 };
  TraceFixture fixture;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  guint64 series[1], sum = 0;
  guint32 stack;

  trace_fixture_set_up (&fixture, NULL);
  stack = trace_builder_add_stack (fixture.builder, 0, frames, 2);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      trace_builder_alloc (fixture.builder, 0, 1000 + 100 * i, 0x10000 + 48 * i, sizes[i], stack);
      sum += sizes[i];
    }
  trace_builder_free_block (fixture.builder, 0, 2000, 0x10000 + 48);
  trace_builder_free_block (fixture.builder, 0, 2100, 0x10000 + 96);
  trace_builder_finish (fixture.builder, TRACE_BUILDER_CLOSED);
  trace = load (&fixture);
  view = view_range (trace, 1050, 2050);
  ms_view_get_live_series (view, NULL, MS_DOMAIN_HEAP, 1, series, NULL);
  g_assert_cmpuint (series[0], ==, sum);
  g_assert_cmpuint (ms_view_find_peak (view, MS_DOMAIN_HEAP, NULL, NULL)->bytes, ==, sum);
  g_assert_cmpint (ms_view_find_peak (view, MS_DOMAIN_HEAP, NULL, NULL)->time_ns, ==, 1300);
  g_assert_cmpuint (ms_view_get_totals (view, MS_DOMAIN_HEAP)->live_bytes, ==, sum - sizes[1]);
  g_assert_cmpuint (ms_view_get_totals (view, MS_DOMAIN_HEAP)->allocated_bytes, ==, sum - sizes[0]);
  trace_fixture_tear_down (&fixture, NULL);
}

/* --- mappings -------------------------------------------------------------------------------------- */

static void
test_mappings (void)
{
  const guint32 writable = TRK_MAPPING_READABLE | TRK_MAPPING_WRITABLE;
  TraceFixture fixture;
  TraceBuilder *b;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  const MsInteraction *interactions;
  const MsTotals *totals;
  const MsPeak *peak;
  guint64 max[3], allocated[3];
  guint32 stack;
  guint n;

  trace_fixture_set_up (&fixture, NULL);
  b = fixture.builder;
  stack = trace_builder_add_stack (b, 0, frames, 2);
  trace_builder_map (b, 0, 1000, 1010, TRK_MAPPING_ANONYMOUS, writable, 0x100000, 0x4000, stack);
  trace_builder_unmap (b, 0, 2000, 0x100000, 0x1000);
  trace_builder_map (b, 0, 3000, 3010, TRK_MAPPING_ANONYMOUS, writable, 0x200000, 0x2000, stack);
  trace_builder_unmap (b, 1, 4000, 0x101000, 0x3000);
  trace_builder_unmap (b, 1, 4500, 0x200000, 0x1000);
  trace_builder_map (b, 0, 6000, 6010, TRK_MAPPING_ANONYMOUS, writable, 0x300000, 0x8000, stack);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = load (&fixture);
  view = view_range (trace, 2500, 5500);
  totals = ms_view_get_totals (view, MS_DOMAIN_MAPPING);
  g_assert_cmpuint (totals->live_bytes_at_start, ==, 0x3000);
  g_assert_cmpuint (totals->live_blocks_at_start, ==, 1);
  g_assert_cmpuint (totals->allocations, ==, 1);
  g_assert_cmpuint (totals->allocated_bytes, ==, 0x2000);
  g_assert_cmpuint (totals->deallocations, ==, 1);
  g_assert_cmpuint (totals->freed_bytes_of_own, ==, 0x4000);
  g_assert_cmpuint (totals->live_bytes, ==, 0x1000);
  g_assert_cmpuint (totals->leaked_bytes, ==, 0x1000);
  g_assert_cmpuint (totals->leaked_allocations, ==, 1);
  g_assert_cmpuint (ms_view_get_thread_totals (view, 1, MS_DOMAIN_MAPPING)->deallocations, ==, 1);
  interactions = ms_view_get_interactions (view, MS_DOMAIN_MAPPING, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (interactions[0].bytes, ==, 0x4000);
  ms_view_get_live_series (view, NULL, MS_DOMAIN_MAPPING, 3, max, NULL);
  ms_view_get_allocated_series (view, NULL, MS_DOMAIN_MAPPING, 3, allocated);
  g_assert_true (max[0] == 0x5000 && max[1] == 0x5000 && max[2] == 0x2000);
  g_assert_true (allocated[0] == 0x2000 && allocated[1] == 0 && allocated[2] == 0);
  peak = ms_view_find_peak (view, MS_DOMAIN_MAPPING, NULL, NULL);
  g_assert_cmpuint (peak->bytes, ==, 0x5000);
  g_assert_cmpint (peak->time_ns, ==, 3010);
  g_assert_cmpuint (peak->stack_bytes[0], ==, 0x5000);
  trace_fixture_tear_down (&fixture, NULL);
}

/* --- sampled --------------------------------------------------------------------------------------- */

#define NEARLY(a, b) g_assert_cmpfloat_with_epsilon ((a), (b), 1e-6 * (1 + (b)))

static void
check_parts (MsTrace *trace, gint64 at_ns)
{
  g_autoptr (MsView) first = view_range (trace, MS_TIME_NONE, at_ns);
  g_autoptr (MsView) second = view_range (trace, at_ns, MS_TIME_NONE);
  const MsTotals *a = ms_view_get_totals (first, MS_DOMAIN_HEAP), *whole;
  const MsTotals *b = ms_view_get_totals (second, MS_DOMAIN_HEAP);

  whole = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (a->live_bytes, ==, b->live_bytes_at_start);
  g_assert_cmpuint (a->live_blocks, ==, b->live_blocks_at_start);
  g_assert_cmpuint (a->freed_bytes_of_own + b->freed_bytes_of_own, ==, whole->freed_bytes_of_own);
  g_assert_cmpuint (a->allocated_bytes + b->allocated_bytes, ==,
                    whole->freed_bytes_of_own + whole->live_bytes);
  g_assert_cmpuint (b->live_bytes, ==, whole->live_bytes);
  g_assert_cmpuint (b->live_blocks, ==, whole->live_blocks);
  NEARLY (b->standard_errors.live_bytes, whole->standard_errors.live_bytes);
  NEARLY (hypot (a->standard_errors.freed_bytes_of_own, b->standard_errors.freed_bytes_of_own),
          whole->standard_errors.freed_bytes_of_own);
  g_assert_cmpfloat (a->standard_errors.allocations, >, 0);
}

/* Everything chosen by name: what the trace itself has from its kept blocks. */
static void
check_all_chosen (MsTrace *trace)
{
  const guint stacks[] = { 0, 1 };
  g_autoptr (MsFilter) filter = ms_filter_with_stacks (NULL, stacks, 2);
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, NULL);
  const MsPeak *peak = ms_view_find_peak (view, MS_DOMAIN_HEAP, NULL, NULL);
  const MsTotals *whole = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_autofree guint64 *found = g_new (guint64, 64), *wanted = g_new (guint64, 64);

  for (guint i = 0; i < 2; i++)
    {
      const MsTotals *a = ms_view_get_stack_totals (view, i, MS_DOMAIN_HEAP);
      const MsTotals *b = ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP);

      g_assert_cmpuint (a->allocations, ==, b->allocations);
      g_assert_cmpuint (a->allocated_bytes, ==, b->allocated_bytes);
      g_assert_cmpuint (a->leaked_bytes, ==, b->leaked_bytes);
      g_assert_cmpuint (a->temporary_allocations, ==, b->temporary_allocations);
      NEARLY (a->standard_errors.allocated_bytes, b->standard_errors.allocated_bytes);
      NEARLY (a->standard_errors.live_blocks, b->standard_errors.live_blocks);
      g_assert_cmpuint (peak->stack_bytes[i], ==, b->bytes_at_process_peak);
      NEARLY (peak->stack_errors[i], b->standard_errors.bytes_at_process_peak);
    }
  ms_view_get_live_series (view, NULL, MS_DOMAIN_HEAP, 64, found, NULL);
  ms_trace_get_live_series (trace, NULL, MS_DOMAIN_HEAP, 64, wanted, NULL);
  g_assert_cmpmem (found, 64 * sizeof *found, wanted, 64 * sizeof *wanted);
  g_assert_cmpuint (peak->bytes, ==, peak->stack_bytes[0] + peak->stack_bytes[1]);
  g_assert_cmpfloat (peak->standard_error, >, 0);
  g_assert_cmpuint (peak->bytes, ==, whole->peak_bytes);
  g_assert_cmpint (peak->time_ns, ==, whole->peak_time_ns);
  NEARLY (peak->standard_error, whole->standard_errors.peak_bytes);
  g_assert_cmpmem (ms_view_get_size_histogram (view, NULL, MS_DOMAIN_HEAP), 65 * sizeof (guint64),
                   ms_trace_get_size_histogram (trace, MS_DOMAIN_HEAP), 65 * sizeof (guint64));
  g_assert_cmpmem (ms_view_get_lifetime_histogram (view, NULL, MS_DOMAIN_HEAP),
                   65 * sizeof (guint64), ms_trace_get_lifetime_histogram (trace, MS_DOMAIN_HEAP),
                   65 * sizeof (guint64));
  for (guint i = 0; i < 65; i++)
    {
      NEARLY (ms_view_get_size_histogram_errors (view, NULL, MS_DOMAIN_HEAP)[i],
              ms_trace_get_size_histogram_errors (trace, MS_DOMAIN_HEAP)[i]);
      NEARLY (ms_view_get_lifetime_histogram_errors (view, NULL, MS_DOMAIN_HEAP)[i],
              ms_trace_get_lifetime_histogram_errors (trace, MS_DOMAIN_HEAP)[i]);
    }
}

static void
test_sampled (void)
{
  TraceFixture fixture;
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (MsTrace) trace = NULL;
  guint32 stacks[2];

  trace_fixture_set_up (&fixture, NULL);
  trace_builder_set_configuration (fixture.builder, "\"allocation_sampling_rate\":0.125");
  stacks[0] = trace_builder_add_stack (fixture.builder, 0, frames, 2);
  stacks[1] = trace_builder_add_stack (fixture.builder, 0, other_frames, 2);
  for (guint i = 0; i < 2000; i++)
    {
      trace_builder_alloc (fixture.builder, 0, 1000 + 20 * i, 0x5000 + 48 * i,
                           (guint64) g_rand_int_range (random, 1, 500), stacks[i % 2]);
      if (i >= 300 && i % 5)
        trace_builder_free_block (fixture.builder, i % 3 == 0, 1010 + 20 * i,
                                  0x5000 + 48 * (i - 300));
    }
  trace_builder_finish (fixture.builder, TRACE_BUILDER_CLOSED);
  trace = load (&fixture);
  g_assert_true (ms_trace_is_sampled (trace));
  for (gint64 at_ns = 900; at_ns < 41000; at_ns += 997)
    if (at_ns > 1000)
      check_parts (trace, at_ns);
  check_all_chosen (trace);
  trace_fixture_tear_down (&fixture, NULL);
}

/* Sizes that no column has room for, before the recording was sampled and after. */
static void
test_sampled_large (void)
{
  const guint64 sizes[] = { 24,
                            MS_HISTORY_LARGE - 1,
                            MS_HISTORY_LARGE,
                            G_MAXUINT32 - 1,
                            G_MAXUINT32,
                            G_GUINT64_CONSTANT (1) << 33,
                            3,
                            (G_GUINT64_CONSTANT (1) << 40) + 1 };
  const guint n = G_N_ELEMENTS (sizes);
  TraceFixture fixture;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsFilter) filter = NULL;
  g_autoptr (MsView) view = NULL;
  const guint zero = 0;
  guint32 stack;

  trace_fixture_set_up (&fixture, NULL);
  stack = trace_builder_add_stack (fixture.builder, 0, frames, 2);
  for (guint i = 0; i < 2 * n; i++)
    {
      guint64 ticks = 1000 + 100 * i, address = 0x10000 + 48 * i;

      if (i == n)
        trace_builder_sampling (fixture.builder, 0, 0.125, 0);
      trace_builder_alloc (fixture.builder, 0, ticks, address, sizes[i % n], stack);
      if (i % 2)
        trace_builder_free_block (fixture.builder, 0, ticks + 50, address);
    }
  trace_builder_finish (fixture.builder, TRACE_BUILDER_CLOSED);
  trace = load (&fixture);
  g_assert_true (ms_trace_is_sampled (trace));
  filter = ms_filter_with_stacks (NULL, &zero, 1);
  view = ms_view_new (trace, filter, NULL, NULL);
  g_assert_cmpmem (ms_view_get_size_histogram (view, NULL, MS_DOMAIN_HEAP), 65 * sizeof (guint64),
                   ms_trace_get_size_histogram (trace, MS_DOMAIN_HEAP), 65 * sizeof (guint64));
  trace_fixture_tear_down (&fixture, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/history/filter", test_filter);
  g_test_add_func ("/history/cache", test_cache);
  g_test_add_func ("/history/damage", test_damage);
  g_test_add_func ("/history/hostile", test_hostile);
  g_test_add_func ("/history/refusals", test_refusals);
  g_test_add_func ("/history/large", test_large);
  g_test_add_func ("/history/mappings", test_mappings);
  g_test_add_func ("/history/sampled", test_sampled);
  g_test_add_func ("/history/sampled-large", test_sampled_large);
  return g_test_run ();
}
