/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A small trace cut at every byte of every file, and with a bit turned at every few: it opens with
 * what is whole, or is refused with one line, and never counts more than there was.
 */
#include <string.h>

#include "trace-fixture.h"

/* A prime, so that every bit of a byte gets its turn. */
#define BITS_BETWEEN 23

typedef struct {
  TraceFixture fixture;
  guint64 allocations, allocated_bytes, peak_bytes;
  guint n_opened, n_refused;
} Sweep;

static void
build (TraceBuilder *b, TraceBuilderEnd end)
{
  const guint64 frames[] = { 0x401010, 0x402020, 0x403030 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 3);

  trace_builder_set_block_bytes (b, 220);
  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 1, 100, "worker", -1);
  for (guint i = 0; i < 24; i++)
    {
      trace_builder_alloc (b, i % 2, 1000 + 10 * i, 0x5000 + 48 * i, 32 + i, stack);
      if (i % 3)
        trace_builder_free_block (b, 1 - i % 2, 1005 + 10 * i, 0x5000 + 48 * i);
    }
  trace_builder_realloc (b, 0, 5000, 5010, 0x5000, 0x9000, 640, stack);
  trace_builder_exit (b, 1, 5100, 77);
  trace_builder_finish (b, end);
}

/* Loads what is there; @whole_blocks: whatever was read stood under a checksum. */
static void
try_load (Sweep *self, gboolean whole_blocks)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (self->fixture.folder, NULL, NULL, NULL, &error);
  const MsTotals *totals;

  if (trace == NULL)
    {
      g_assert_nonnull (error);
      g_assert_null (strchr (error->message, '\n'));
      self->n_refused++;
      return;
    }
  self->n_opened++;
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations - totals->deallocations, ==, totals->leaked_allocations);
  g_assert_cmpuint (totals->live_bytes, <=, totals->peak_bytes);
  if (!whole_blocks)
    return;
  g_assert_cmpuint (totals->allocations, <=, self->allocations);
  g_assert_cmpuint (totals->allocated_bytes, <=, self->allocated_bytes);
}

static void
sweep_file (Sweep *self, const char *name, gsize first, gsize n, gboolean whole_blocks)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes, end;

  trace_fixture_read_file (&self->fixture, name, &bytes, &n_bytes);
  end = MIN (n_bytes, first + n);
  for (gsize length = first; length < end; length++)
    {
      trace_fixture_write_file (&self->fixture, name, bytes, (gssize) length);
      try_load (self, whole_blocks);
    }
  for (gsize bit = first * 8; bit < end * 8; bit += BITS_BETWEEN)
    {
      bytes[bit / 8] ^= (char) (1 << bit % 8);
      trace_fixture_write_file (&self->fixture, name, bytes, (gssize) n_bytes);
      try_load (self, whole_blocks);
      bytes[bit / 8] ^= (char) (1 << bit % 8);
    }
  trace_fixture_write_file (&self->fixture, name, bytes, (gssize) n_bytes);
}

static void
sweep_begin (Sweep *self, TraceBuilderEnd end)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  memset (self, 0, sizeof *self);
  trace_fixture_set_up (&self->fixture, NULL);
  build (self->fixture.builder, end);
  trace = trace_fixture_load (&self->fixture);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  self->allocations = totals->allocations;
  self->allocated_bytes = totals->allocated_bytes;
  self->peak_bytes = totals->peak_bytes;
  g_assert_cmpuint (self->allocations, ==, 25);
}

static void
test_files (void)
{
  Sweep sweep;

  sweep_begin (&sweep, TRACE_BUILDER_CLOSED);
  sweep_file (&sweep, "memscope_thread_0-1000.bin", 0, G_MAXSIZE / 2, TRUE);
  sweep_file (&sweep, "memscope_stacks.bin", 0, G_MAXSIZE / 2, TRUE);
  sweep_file (&sweep, "memscope_modules.bin", 0, G_MAXSIZE / 2, TRUE);
  sweep_file (&sweep, "memscope_trace.json", 0, G_MAXSIZE / 2, TRUE);
  g_assert_cmpuint (sweep.n_opened, >, sweep.n_refused);
  g_assert_cmpuint (sweep.n_refused, >, 0);
  trace_fixture_tear_down (&sweep.fixture, NULL);
}

/* An open window has no checksum: a turned bit there may become any event, but never a crash. */
static void
test_pool (void)
{
  Sweep sweep;
  gsize lane = TRK_POOL_HEADER_BYTES,
        window = lane + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES;

  sweep_begin (&sweep, TRACE_BUILDER_KILLED);
  sweep_file (&sweep, TRK_POOL_FILE_NAME, 0, sizeof (TrkPoolHeader), FALSE);
  sweep_file (&sweep, TRK_POOL_FILE_NAME, lane, 40, FALSE);
  sweep_file (&sweep, TRK_POOL_FILE_NAME, lane + TRK_LANE_HEADER_BYTES, 150, FALSE);
  sweep_file (&sweep, TRK_POOL_FILE_NAME, window, 420, FALSE);
  trace_fixture_tear_down (&sweep.fixture, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace-sweep/files", test_files);
  g_test_add_func ("/trace-sweep/pool", test_pool);
  return g_test_run ();
}
