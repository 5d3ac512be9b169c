/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Folders that are no trace, of others, or broken: one clear line, or a diagnostic. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "ms-view.h"
#include "trace-fixture.h"

static void
test_no_trace (TraceFixture *self, gconstpointer data)
{
  trace_fixture_assert_error (self, MS_ERROR_NOT_A_TRACE, "not a trace folder");
  trace_fixture_write_file (self, "notes.txt", "hello", -1);
  trace_fixture_assert_error (self, MS_ERROR_NOT_A_TRACE, "not a trace folder");
  g_rmdir (self->folder);
}

static void
test_missing_folder (TraceFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ms_trace_load ("/nonexistent/folder", NULL, NULL, NULL, &error));
  g_assert_error (error, MS_ERROR, MS_ERROR_NOT_A_TRACE);
}

static void
test_empty (TraceFixture *self, gconstpointer data)
{
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  trace_fixture_assert_error (self, MS_ERROR_EMPTY, "nothing was recorded");
}

/* A program that ended by itself, and of which the recorder wrote no block: its zeros are figures. */
static void
test_nothing_happened (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;

  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 0);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, 0);
  g_assert_cmpint (ms_trace_get_duration_ns (trace), >=, 0);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
  view = ms_view_new (trace, NULL, NULL, NULL);
  g_assert_cmpuint (ms_view_get_totals (view, MS_DOMAIN_HEAP)->allocations, ==, 0);
}

/* A process killed while it makes its pool file: no file, an empty one, one without a header. */
static void
test_pool_not_begun (TraceFixture *self, gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (TRK_POOL_HEADER_BYTES);

  trace_fixture_write_file (self, TRK_POOL_FILE_NAME, zeros, 0);
  trace_fixture_assert_error (self, MS_ERROR_EMPTY, "nothing was recorded");
  trace_fixture_write_file (self, TRK_POOL_FILE_NAME, zeros, TRK_POOL_HEADER_BYTES);
  trace_fixture_assert_error (self, MS_ERROR_EMPTY, "nothing was recorded");
}

/* Its pool lay in memory, and the folder was copied or the machine started anew. */
static void
test_pool_gone (TraceFixture *self, gconstpointer data)
{
  g_autofree char *pool = g_build_filename (self->folder, TRK_POOL_FILE_NAME, NULL);

  trace_builder_alloc (self->builder, 0, 1000, 0x5000, 32, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  g_assert_cmpint (unlink (pool), ==, 0);
  g_assert_cmpint (symlink ("/nonexistent/0-x.1." TRK_POOL_FILE_NAME, pool), ==, 0);
  trace_fixture_assert_error (self, MS_ERROR_DAMAGED, "needs cp -L");
}

/* A closer that was killed after it had emptied the pool leaves a link, and nothing is lost. */
static void
test_pool_gone_after_closing (TraceFixture *self, gconstpointer data)
{
  g_autofree char *pool = g_build_filename (self->folder, TRK_POOL_FILE_NAME, NULL);
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_alloc (self->builder, 0, 1000, 0x5000, 32, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  g_assert_cmpint (symlink ("/nonexistent/0-x.1." TRK_POOL_FILE_NAME, pool), ==, 0);
  trace = ms_trace_load (self->folder, NULL, NULL, NULL, NULL);
  g_assert_nonnull (trace);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
}

static void
test_only_damage (TraceFixture *self, gconstpointer data)
{
  g_autofree char *noise = g_malloc0 (1000);

  trace_fixture_write_file (self, "memscope_thread_0-1.bin", noise, 1000);
  trace_fixture_assert_error (self, MS_ERROR_DAMAGED, "no event could be read");
}

/* Nothing but a manifest that cannot be read is not "nothing was recorded". */
static void
test_only_bad_manifest (TraceFixture *self, gconstpointer data)
{
  trace_fixture_write_file (self, "memscope_trace.json", "[[[", 3);
  trace_fixture_assert_error (self, MS_ERROR_DAMAGED, "memscope_trace.json");
}

/* Frees of nothing at one tick wait for their allocations, and every allocation looks among them for
 * its own: a file made to be slow is slow no longer than its length. */
static void
test_frees_of_one_tick (TraceFixture *self, gconstpointer data)
{
  const guint n = 100000;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  for (guint i = 0; i < n; i++)
    trace_builder_alloc (self->builder, 0, 10, 0x100000 + 16 * (guint64) i, 16, 0);
  for (guint i = 0; i < n; i++)
    trace_builder_free_block (self->builder, 0, 20, 0x90000000 + 16 * (guint64) i);
  for (guint i = 0; i < n; i++)
    trace_builder_alloc (self->builder, 0, 20, 0x100000 + 16 * (guint64) i, 16, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, 2 * n);
  g_assert_cmpuint (totals->unmatched_frees, ==, n);
  g_assert_cmpuint (totals->live_blocks, ==, n);
  g_assert_cmpuint (totals->deallocations, ==, n);
}

static void
test_other_version (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace_fixture_read_file (self, "memscope_thread_1-1001.bin", &bytes, &n_bytes);
  ((TrkFileHeader *) bytes)->version_major = 2;
  trace_fixture_write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  trace_fixture_assert_error (self, MS_ERROR_VERSION, "format 2.0");
  ((TrkFileHeader *) bytes)->version_major = 1;
  ((TrkFileHeader *) bytes)->incompatible = 4;
  trace_fixture_write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  trace_fixture_assert_error (self, MS_ERROR_VERSION, "0x4");
  ((TrkFileHeader *) bytes)->incompatible = 0;
  ((TrkFileHeader *) bytes)->compatible = 0xff;
  ((TrkFileHeader *) bytes)->version_minor = 9;
  trace_fixture_write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  g_object_unref (trace_fixture_load (self));
  trace_fixture_write_file (self, "memscope_trace.json", "{\"version\":7}", -1);
  trace_fixture_assert_error (self, MS_ERROR_VERSION, "format 7");
}

static void
test_foreign_file (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gsize n_bytes;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace_fixture_read_file (self, "memscope_thread_1-1001.bin", &bytes, &n_bytes);
  ((TrkFileHeader *) bytes)->trace_id[3]++;
  trace_fixture_write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 1);
  g_assert_cmpstr (trace_fixture_find_diagnostic (trace, "another trace")->file, ==,
                   "memscope_thread_1-1001.bin");
}

static void
test_no_manifest (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  trace_fixture_build_small (self, TRACE_BUILDER_KILLED);
  trace_fixture_remove_file (self, "memscope_trace.json");
  trace = trace_fixture_load (self);
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "manifest is missing"));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 350);
}

static void
test_hostile_manifest (TraceFixture *self, gconstpointer data)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  const char *texts[] = { "",
                          "[]",
                          "{\"pid\":",
                          "{\"pid\":[1],\"arguments\":{\"a\":1},\"state\":3}",
                          "{\"trace_id\":\"zz\",\"start_ns\":-1,\"clock\":[],\"end_ns\":1e300}",
                          "{\"arguments\":[1,null,[\"x\"]]}",
                          "\377\376",
                          NULL };

  for (guint i = 0; i < 200000; i++)
    g_string_append_c (deep, '[');
  trace_fixture_build_small (self, TRACE_BUILDER_KILLED);
  for (guint i = 0; i <= G_N_ELEMENTS (texts) - 1; i++)
    {
      g_autoptr (MsTrace) trace = NULL;

      trace_fixture_write_file (self, "memscope_trace.json", texts[i] ? texts[i] : deep->str, -1);
      trace = trace_fixture_load (self);
      g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 350);
    }
}

/* A lost block: it is said, and the frees of what it allocated match nothing. */
static void
test_missing_block (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_block_bytes (b, 260);
  trace_builder_lose_block (b, 0, 1);
  for (guint i = 0; i < 300; i++)
    trace_builder_alloc (b, 0, 1000 + i, 0x10000 + 64 * i, 10, 0);
  for (guint i = 0; i < 300; i++)
    trace_builder_free_block (b, 0, 2000 + i, 0x10000 + 64 * i);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "is missing"));
  g_assert_cmpuint (totals->allocations, <, 300);
  g_assert_cmpuint (totals->unmatched_frees, ==, 300 - totals->allocations);
  g_assert_cmpuint (totals->leaked_allocations, ==, 0);
}

/* A terabyte of which nothing was ever written, before and behind what was: as no disk holds as much, reading all of it
 * would not end. */
static void
test_hole (TraceFixture *self, gconstpointer data)
{
  const off_t hole = (off_t) 1 << 40;
  g_autofree char *path = g_build_filename (self->folder, TRK_STACKS_FILE_NAME, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gsize n_bytes;
  int fd;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  fd = open (path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  if (ftruncate (fd, sizeof (TrkFileHeader)) < 0
      || pwrite (fd, bytes + sizeof (TrkFileHeader), n_bytes - sizeof (TrkFileHeader), hole) < 0
      || ftruncate (fd, 2 * hole) < 0)
    {
      close (fd);
      g_test_skip ("this file system has no files that large");
      return;
    }
  close (fd);
  trace = trace_fixture_load (self);
  g_assert_cmpuint (ms_trace_get_n_stacks (trace), >, 0);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, >, 0);
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "are damaged and were left out"));
}

static void
test_garbage_between_blocks (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (MsTrace) trace = NULL;
  const MsDiagnostic *diagnostic;
  gsize n_bytes;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace_fixture_read_file (self, "memscope_thread_0-1000.bin", &bytes, &n_bytes);
  g_byte_array_append (file, (guint8 *) bytes, sizeof (TrkFileHeader));
  g_byte_array_append (file, (const guint8 *) "MSBKgarbageMSBK", 15);
  g_byte_array_append (file, (guint8 *) bytes + sizeof (TrkFileHeader),
                       (guint) (n_bytes - sizeof (TrkFileHeader)));
  trace_fixture_write_file (self, "memscope_thread_0-1000.bin", (char *) file->data, file->len);
  trace = trace_fixture_load (self);
  diagnostic = trace_fixture_find_diagnostic (trace, "15 bytes are damaged");
  g_assert_nonnull (diagnostic);
  g_assert_cmpuint (diagnostic->offset, ==, sizeof (TrkFileHeader));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 350);
}

#define ADD(name, function, data) \
  g_test_add ("/trace-damage/" name, TraceFixture, data, trace_fixture_set_up, function, \
              trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("no-trace", test_no_trace, NULL);
  ADD ("missing-folder", test_missing_folder, NULL);
  ADD ("empty", test_empty, NULL);
  ADD ("nothing-happened", test_nothing_happened, NULL);
  ADD ("pool-not-begun", test_pool_not_begun, NULL);
  ADD ("pool-gone", test_pool_gone, NULL);
  ADD ("pool-gone-after-closing", test_pool_gone_after_closing, NULL);
  ADD ("only-damage", test_only_damage, NULL);
  ADD ("only-bad-manifest", test_only_bad_manifest, NULL);
  ADD ("frees-of-one-tick", test_frees_of_one_tick, NULL);
  ADD ("version", test_other_version, NULL);
  ADD ("foreign-file", test_foreign_file, NULL);
  ADD ("no-manifest", test_no_manifest, NULL);
  ADD ("hostile-manifest", test_hostile_manifest, NULL);
  ADD ("missing-block", test_missing_block, NULL);
  ADD ("hole", test_hole, NULL);
  ADD ("garbage", test_garbage_between_blocks, NULL);
  return g_test_run ();
}
