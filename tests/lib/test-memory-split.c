/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* glibc's rule against malloc_usable_size() of the malloc that runs this test; the split of traces. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "ms-glibc-blocks.h"
#include "ms-memory-split.h"
#include "ms-waste.h"
#include "trace-fixture.h"

#define PAGE_BYTES 4096
#define MS(n) ((guint64) (n) *1000000)

static void
assert_usable (gsize request)
{
  MsGlibcUsable rule = ms_glibc_usable_bytes (request, PAGE_BYTES);
  void *volatile block = malloc (request);
  gsize usable = malloc_usable_size (block);

  g_assert_nonnull (block);
  g_assert_cmpuint (usable, >=, rule.low);
  g_assert_cmpuint (usable, <=, rule.high);
  free (block);
}

static void
test_rule (void)
{
  static const struct {
    gsize request, low;
  } cases[] = {
    { 0, 24 }, { 1, 24 }, { 24, 24 }, { 25, 40 }, { 40, 40 }, { 41, 56 }, { 1000, 1000 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (ms_glibc_usable_bytes (cases[i].request, PAGE_BYTES).low, ==, cases[i].low);
}

/* Another malloc, a sanitizer's for instance, has other rules. */
static gboolean
malloc_is_glibcs (void)
{
  void *volatile block = malloc (1);
  gboolean is = malloc_usable_size (block) == 24;

  free (block);
  return is;
}

static void
test_usable_sizes (void)
{
  if (!malloc_is_glibcs ())
    {
      g_test_skip ("this program's malloc is not glibc's");
      return;
    }
  for (gsize request = 0; request < 150000; request += request < 20000 ? 1 : 7)
    assert_usable (request);
  for (gsize request = 150000; request < 80u << 20; request += request / 9 + 1)
    assert_usable (request);
}

#define N_BLOCKS 2000

/* Blocks come and go, so that chunks are cut from others and used again; then all that live lie within
 * the bounds together. */
static void
test_held (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  static void *blocks[N_BLOCKS];
  static gsize requests[N_BLOCKS];

  if (!malloc_is_glibcs ())
    {
      g_test_skip ("this program's malloc is not glibc's");
      return;
    }
  for (guint round = 0; round < 40; round++)
    {
      guint64 n = 0, requested = 0, held = 0;
      MsGlibcUsable bounds;

      for (guint step = 0; step < 3000; step++)
        {
          guint i = (guint) g_rand_int_range (random, 0, N_BLOCKS);
          gint shift = g_rand_int_range (random, 0, 19);

          free (blocks[i]);
          requests[i] = (gsize) g_rand_int_range (random, 0, 1 << shift);
          blocks[i] = round % 4 == 3 ? NULL : malloc (requests[i]);
        }
      for (guint i = 0; i < N_BLOCKS; i++)
        if (blocks[i] != NULL)
          {
            n++;
            requested += requests[i];
            held += malloc_usable_size (blocks[i]) + 8;
          }
      bounds = ms_glibc_held_bytes (n, requested, PAGE_BYTES);
      g_assert_cmpuint (held, >=, bounds.low);
      g_assert_cmpuint (held, <=, bounds.high);
    }
  for (guint i = 0; i < N_BLOCKS; i++)
    free (blocks[i]);
}

/* --- traces ------------------------------------------------------------------------------------- */

/* Live: 3 blocks of 30 000 bytes; mapped: 8 192 anonymous and 4 096 of a file. */
static MsTrace *
load (TraceFixture *self, const char *const *modules)
{
  TraceBuilder *b = self->builder;

  for (guint i = 0; modules[i] != NULL; i++)
    trace_builder_add_module (b, 0, 0x10000 * (i + 1), 0x10000 * (i + 1) + 0x1000, 0, modules[i],
                              NULL, 0);
  trace_builder_start (b, 0, 0, -1);
  for (guint i = 0; i < 4; i++)
    trace_builder_alloc (b, 0, 10 + i, 0x100000 * (i + 1), 10000, 0);
  trace_builder_free_block (b, 0, 20, 0x100000);
  trace_builder_map (b, 0, 30, 31, TRK_MAPPING_ANONYMOUS, TRK_MAPPING_READABLE, 0x7f0000000000,
                     8192, 0);
  trace_builder_map (b, 0, 32, 33, TRK_MAPPING_FILE, TRK_MAPPING_READABLE, 0x7f0000100000, 8192, 0);
  trace_builder_unmap (b, 0, 40, 0x7f0000100000, 4096);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  return trace_fixture_load (self);
}

static void
test_split (TraceFixture *self, gconstpointer data)
{
  static const char *const modules[] = { "/usr/bin/x", "/lib/x86_64-linux-gnu/libc.so.6", NULL };
  g_autoptr (MsTrace) trace = load (self, modules);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  MsProcessResources process;
  MsMemorySplit split;

  ms_memory_split_init (&split, view, NULL);
  g_assert_cmpfloat (split.requested_bytes.value, ==, 30000);
  g_assert_cmpfloat (split.requested_peak_bytes.value, ==, 40000);
  g_assert_cmpfloat (split.held_low_bytes.value, ==, 30024);
  g_assert_cmpfloat (split.held_high_bytes.value, ==, 30144);
  g_assert_cmpfloat (split.mapped_bytes.value, ==, 12288);
  g_assert_cmpfloat (split.mapped_peak_bytes.value, ==, 16384);
  g_assert_cmpfloat (split.mapped_kind_bytes[MS_MAPPING_ANONYMOUS].value, ==, 8192);
  g_assert_cmpfloat (split.mapped_kind_bytes[MS_MAPPING_FILE].value, ==, 4096);
  g_assert_true (split.mapped_kind_bytes[MS_MAPPING_BREAK].known);
  g_assert_false (split.resident_bytes.known || split.beyond_low_bytes.known
                  || split.beyond_high_bytes.known);
  g_assert_nonnull (strstr (split.beyond_low_bytes.reason, "no resource samples"));

  ms_process_resources_init (&process, "not sampled");
  process.resident_anonymous_bytes = ms_measured (130000);
  ms_memory_split_init (&split, view, &process);
  g_assert_cmpfloat (split.beyond_low_bytes.value, ==, 130000 - 30144);
  g_assert_cmpfloat (split.beyond_high_bytes.value, ==, 130000 - 30024);
  g_assert_false (split.resident_bytes.known);
  process.resident_anonymous_bytes = ms_measured (30100); /* some of it was never touched */
  ms_memory_split_init (&split, view, &process);
  g_assert_cmpfloat (split.beyond_low_bytes.value, ==, 0);
  g_assert_cmpfloat (split.beyond_high_bytes.value, ==, 76);
}

static void
test_other_malloc (TraceFixture *self, gconstpointer data)
{
  static const char *const modules[] = { "/lib/libc.so.6", "/opt/libjemalloc.so.2", NULL };
  g_autoptr (MsTrace) trace = load (self, modules);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  MsProcessResources process;
  MsMemorySplit split;

  ms_process_resources_init (&process, "not sampled");
  process.resident_anonymous_bytes = ms_measured (130000);
  ms_memory_split_init (&split, view, &process);
  g_assert_true (split.requested_bytes.known);
  g_assert_false (split.held_low_bytes.known || split.held_high_bytes.known
                  || split.beyond_low_bytes.known || split.beyond_high_bytes.known);
  g_assert_nonnull (strstr (split.beyond_low_bytes.reason, "not glibc's"));
}

static void
test_no_mappings (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  MsMemorySplit split;

  trace_builder_set_configuration (self->builder, "\"mappings\":false");
  trace_builder_alloc (self->builder, 0, 10, 0x1000, 10, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  view = ms_view_new (trace, NULL, NULL, NULL);
  ms_memory_split_init (&split, view, NULL);
  g_assert_false (ms_trace_has_mappings (trace));
  g_assert_false (split.mapped_bytes.known || split.mapped_peak_bytes.known);
  for (guint kind = 0; kind < MS_N_MAPPING_KINDS; kind++)
    g_assert_false (split.mapped_kind_bytes[kind].known);
  g_assert_false (split.held_low_bytes.known);
}

/* --- waste -------------------------------------------------------------------------------------- */

static void
test_waste (TraceFixture *self, gconstpointer data)
{
  const guint64 frames[][1] = { { 0x1000 }, { 0x2000 }, { 0x3000 } };
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (GArray) temporary = NULL, first = NULL, growth = NULL;
  guint32 stacks[3];

  for (guint i = 0; i < 3; i++)
    stacks[i] = trace_builder_add_stack (b, 0, frames[i], 1);
  /* 0: one of four is temporary; 1: two of two; 2: grows 100, 200, 400, 800. */
  for (guint i = 0; i < 4; i++)
    trace_builder_alloc (b, 0, MS (1 + i), 0x1000 * (i + 1), 10, stacks[0]);
  trace_builder_free_block (b, 0, MS (5), 0x4000);
  for (guint i = 0; i < 2; i++)
    {
      trace_builder_alloc (b, 0, MS (10 + 2 * i), 0x9000, 10, stacks[1]);
      trace_builder_free_block (b, 0, MS (11 + 2 * i), 0x9000);
    }
  trace_builder_alloc (b, 0, MS (20), 0x100000, 100, stacks[2]);
  for (guint i = 0; i < 3; i++)
    trace_builder_realloc (b, 0, MS (21 + i), MS (21 + i) + 1, 0x100000 * (i + 1),
                           0x100000 * (i + 2), 200u << i, stacks[2]);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  view = ms_view_new (trace, NULL, NULL, NULL);

  temporary = ms_temporary_sites_new (view, MS_DOMAIN_HEAP, 0);
  g_assert_cmpuint (temporary->len, >=, 2);
  {
    const MsTemporarySite *sites = (const MsTemporarySite *) (gconstpointer) temporary->data;
    gboolean has_first = FALSE, has_second = FALSE;

    for (guint i = 0; i < temporary->len; i++)
      {
        has_first |= sites[i].temporary == 1 && sites[i].allocations == 4 && sites[i].percent == 25;
        has_second |=
            sites[i].temporary == 2 && sites[i].allocations == 2 && sites[i].percent == 100;
        if (i > 0)
          g_assert_cmpuint (sites[i].temporary, <=, sites[i - 1].temporary);
      }
    g_assert_true (has_first && has_second);
  }
  first = ms_temporary_sites_new (view, MS_DOMAIN_HEAP, 1);
  g_assert_cmpuint (first->len, ==, 1);

  growth = ms_growth_sites_new (view, MS_DOMAIN_HEAP, 0);
  g_assert_cmpuint (growth->len, ==, 1);
  {
    const MsGrowthSite *site = &g_array_index (growth, MsGrowthSite, 0);

    g_assert_cmpuint (site->chains, ==, 1);
    g_assert_cmpuint (site->growths, ==, 3);
    g_assert_cmpuint (site->copied_bytes, ==, 700);
    g_assert_cmpfloat (site->growths_a_chain, ==, 3);
    g_assert_cmpfloat (site->first_bytes, ==, 100);
    g_assert_cmpfloat (site->final_bytes, ==, 800);
  }
}

#define ADD(path, func) \
  g_test_add (path, TraceFixture, NULL, trace_fixture_set_up, func, trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-split/rule", test_rule);
  g_test_add_func ("/memory-split/usable-sizes", test_usable_sizes);
  g_test_add_func ("/memory-split/held", test_held);
  ADD ("/memory-split/split", test_split);
  ADD ("/memory-split/other-malloc", test_other_malloc);
  ADD ("/memory-split/no-mappings", test_no_mappings);
  ADD ("/waste/sites", test_waste);
  return g_test_run ();
}
