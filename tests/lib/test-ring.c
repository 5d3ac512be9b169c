/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A flight recorder is read like any other trace while all of its events are there, and says what it does not know
 * from then on when one is gone: also to whoever followed it since before.
 */
#include <gio/gio.h>

#include "ms-follower.h"
#include "test-folder.h"
#include "trace-builder.h"
#include "trace-compare.h"

#define MS_NS 1000000
#define RING "\"ring_bytes\":65536"
#define ENDED ",\"ended_threads\":{\"threads\":1}}"

/* Peak 1 500 B, and 500 B that are never freed. */
static void
build (const char *folder, const char *configuration, guint lost_block)
{
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 frames[] = { 0x1000, 0x2000 };
  guint32 stack = trace_builder_add_stack (builder, 0, frames, G_N_ELEMENTS (frames));

  trace_builder_set_configuration (builder, configuration);
  trace_builder_set_block_bytes (builder, 256);
  if (lost_block != G_MAXUINT)
    trace_builder_lose_block (builder, 0, lost_block);
  trace_builder_start (builder, 0, 0, -1);
  trace_builder_name (builder, 0, 0, "main", -1);
  trace_builder_alloc (builder, 0, 1 * MS_NS, 0x10000, 1000, stack);
  trace_builder_alloc (builder, 0, 2 * MS_NS, 0x20000, 500, stack);
  trace_builder_free_block (builder, 0, 3 * MS_NS, 0x10000);
  for (guint i = 4; i < 100; i++)
    {
      trace_builder_alloc (builder, 0, i * MS_NS, 0x30000, 8, stack);
      trace_builder_free_block (builder, 0, i * MS_NS + 1, 0x30000);
    }
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
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
assert_known (MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

  g_assert_null (ms_trace_why_no_live (trace));
  g_assert_cmpint (ms_trace_get_kept_from_ns (trace), ==, 0);
  g_assert_cmpuint (totals->peak_bytes, ==, 1500);
  g_assert_cmpint (totals->peak_time_ns, ==, 2 * MS_NS);
  g_assert_cmpuint (totals->leaked_bytes, ==, 500);
}

static void
assert_not_known (MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

  g_assert_cmpstr (ms_trace_why_no_live (trace), ==, "not available in ring mode");
  g_assert_cmpuint (totals->peak_bytes, ==, 0);
  g_assert_cmpuint (totals->leaked_bytes, ==, 0);
}

static void
test_whole (void)
{
  g_autofree char *folder = test_folder_new (), *plain_folder = test_folder_new ();
  g_autoptr (MsTrace) trace = NULL, plain = NULL;

  build (folder, RING, G_MAXUINT);
  build (plain_folder, "\"threads\":\"all\"", G_MAXUINT);
  trace = load (folder);
  plain = load (plain_folder);
  g_assert_cmpuint (ms_trace_get_ring_bytes (trace), ==, 65536);
  assert_known (trace);
  assert_known (plain);
  test_folder_remove (folder);
  test_folder_remove (plain_folder);
}

/* Its first block is gone, or one in the middle: that is damage in a closed folder, and no less unknown. */
static void
test_block_gone (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsTrace) trace = NULL;

  build (folder, RING, 0);
  trace = load (folder);
  assert_not_known (trace);
  test_folder_remove (folder);
}

/* A thread ended, and none of its blocks is there. */
static void
tell_of_forgotten (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) told = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;

  g_file_get_contents (path, &text, &n_bytes, &error);
  g_assert_no_error (error);
  told = g_string_new_len (text, (gssize) n_bytes - 1);
  g_string_append (told, ENDED);
  g_file_set_contents (path, told->str, (gssize) told->len, &error);
  g_assert_no_error (error);
}

static void
test_followed (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsFollower) follower = NULL;
  g_autoptr (GError) error = NULL;

  build (folder, RING, G_MAXUINT);
  follower = ms_follower_new (folder, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (MsTrace) trace = ms_follower_read (follower, NULL, NULL, NULL, &error);
      g_autoptr (MsTrace) loaded = load (folder);

      g_assert_no_error (error);
      trace_compare_assert_same_figures (trace, loaded);
      if (i < 2)
        assert_known (trace);
      else
        assert_not_known (trace);
      if (i == 1)
        tell_of_forgotten (folder);
    }
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/whole", test_whole);
  g_test_add_func ("/ring/block-gone", test_block_gone);
  g_test_add_func ("/ring/followed", test_followed);
  return g_test_run ();
}
