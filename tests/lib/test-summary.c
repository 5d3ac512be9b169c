/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_summary.bin: what a trace says from it is what it says from its events, to every question;
 * and where there is the least doubt about the file, it is the events.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-summary.h"
#include "ms-summary-file.h"
#include "program-model.h"
#include "trace-compare.h"
#include "trace-fixture.h"

#define EVENT_FILE "memscope_thread_0-1000.bin"
#define NEW_FILE TRK_SUMMARY_FILE_NAME ".new"

static MsTrace *
load_events (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load_full (folder, MS_LOAD_WITHOUT_CACHE, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

/* NULL: there is none that fits. */
static MsTrace *
load_summary (const char *folder, gboolean *damaged)
{
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  MsSummaryInputs inputs;
  MsTrace *trace = ms_summary_load (folder, dir_fd, MS_LOAD_FIGURES, &inputs, NULL);

  close (dir_fd);
  if (damaged != NULL)
    *damaged = inputs.is_damaged;
  return trace;
}

static gboolean
has_file (TraceFixture *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Whole, kept, and from what was kept. */
static void
check_round_trip (const char *folder)
{
  g_autoptr (MsTrace) events = load_events (folder);
  g_autoptr (MsTrace) first = NULL, again = NULL, by_load = NULL;

  g_assert_null (load_summary (folder, NULL));
  first = ms_trace_load (folder, NULL, NULL, NULL, NULL);
  again = load_summary (folder, NULL);
  by_load = ms_trace_load (folder, NULL, NULL, NULL, NULL);
  g_assert_nonnull (again);
  trace_compare_assert_equal (events, first);
  trace_compare_assert_equal (events, again);
  trace_compare_assert_equal (events, by_load);
}

/* --- equal figures --------------------------------------------------------------------------------- */

static void
test_random_programs (gconstpointer data)
{
  const TraceBuilderEnd end = GPOINTER_TO_INT (data);
  const guint rounds = 12;

  for (guint round = 0; round < rounds; round++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (round * 100 + end);
      const ProgramShape shape = { .n_threads = 1 + round % 5,
                                   .n_stacks = 1 + round % 7,
                                   .n_steps = 40 + 60 * round,
                                   .n_addresses = 30,
                                   .cross_frees = round % 2,
                                   .unknown_frees = round % 3 == 0,
                                   .declared = round % 4 == 0 };
      g_autofree char *folder = test_folder_new ();
      g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
      g_autoptr (ProgramModel) model = NULL;

      if (round % 2)
        trace_builder_set_block_bytes (builder, 250);
      if (round % 3 == 1)
        trace_builder_set_tsc (builder, 2.7);
      trace_builder_set_pooled (builder, round % 5 == 2);
      model = program_model_random (builder, &shape, random);
      trace_builder_finish (builder, end);
      check_round_trip (folder);
      test_folder_remove (folder);
    }
}

/* Something of everything else: names, parents, mappings, growth, foreign and inherited frees, drops,
 * modules of generations, stacks of frees alone, hostile bytes. */
static void
build_everything (TraceBuilder *b, TraceBuilderEnd end)
{
  const guint64 frames[] = { 0x401010, 0x402020, 0x403030 };
  const guint64 other[] = { 0x501010, 0x602020, 0x402020 };
  const guint8 build_id[] = { 1, 2, 3, 0xff };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 3);
  guint32 stack_too = trace_builder_add_stack (b, 1, other, 3);

  trace_builder_set_forked (b, TRUE);
  trace_builder_put_stack (b, 0, 900, 1, frames, 2, TRUE);
  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim", build_id, 4);
  trace_builder_add_module (b, 1, 0x500000, 0x510000, 0x500000, "/tmp/\xff<b>.so", NULL, 0);
  trace_builder_add_module (b, 1, 0x600000, 0x610000, 0x600000, "/libmemscope-preload.so", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_start (b, 1, 150, 0);
  trace_builder_name (b, 1, 160, "worker", -1);
  trace_builder_name (b, 1, 170, "w\xc3\x28\x01 <i>", -1);
  for (guint i = 0; i < 20; i++)
    trace_builder_alloc (b, i % 3, 1000 + 10 * i, 0x5000 + 0x1000 * i, 32 + i,
                         i % 2 ? stack : stack_too);
  trace_builder_alloc (b, 2, 1500, 0x900000, G_GUINT64_CONSTANT (1) << 40, 900);
  for (guint i = 0; i < 3; i++)
    trace_builder_realloc (b, 0, 2000 + 10 * i, 2005 + 10 * i, 0x5000, 0x5000, 64U << i, stack);
  trace_builder_free_block (b, 0, 2100, 0x6000);
  trace_builder_foreign_free (b, 0, 2200, 0x7000);
  trace_builder_free_block (b, 1, 2300, 0xdead000);
  trace_builder_map (b, 0, 2400, 2410, TRK_MAPPING_ANONYMOUS, 12, 0x70000, 0x9000, stack);
  trace_builder_map (b, 1, 2500, 2510, TRK_MAPPING_FILE, 5, 0x90000, 0x1000, stack);
  trace_builder_unmap (b, 1, 2600, 0x78000, 0x4000);
  trace_builder_set_domain (b, 2, TRK_DOMAIN_DECLARED);
  trace_builder_alloc (b, 2, 2700, 0x123, 7, stack_too);
  trace_builder_dropped (b, 1, 17);
  trace_builder_exit (b, 1, 2800, 77);
  trace_builder_finish (b, end);
}

static void
test_everything (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  build_everything (self->builder, GPOINTER_TO_INT (data));
  check_round_trip (self->folder);
  /* It is what it says. */
  trace = load_summary (self->folder, NULL);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    g_assert_true (ms_trace_has_domain (trace, d));
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 17);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->inherited_frees, >, 0);
}

static void
test_sampled (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  const guint64 frames[] = { 0x401010, 0x402020 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 2);
  g_autoptr (MsTrace) trace = NULL;

  for (guint thread = 0; thread < 3; thread++)
    {
      trace_builder_sampling (b, thread, data ? 1 : 0.25, data ? 512 : 0);
      for (guint i = 0; i < 300; i++)
        {
          trace_builder_alloc (b, thread, 100 + 10 * i, 0x10000 * (thread + 1) + 64 * i, 48 + i,
                               stack);
          if (i % 3)
            trace_builder_free_block (b, (thread + i % 2) % 3, 105 + 10 * i,
                                      0x10000 * (thread + 1) + 64 * i);
        }
      trace_builder_skipped (b, thread, 900, 90000, 600);
    }
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  check_round_trip (self->folder);
  trace = load_summary (self->folder, NULL);
  g_assert_true (ms_trace_is_sampled (trace));
  g_assert_cmpfloat (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->standard_errors.peak_bytes, >, 0);
}

/* What a load has to complain about is in the summary, and counts as an input. */
static void
test_damaged_events (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gsize n_bytes;

  trace_builder_set_block_bytes (self->builder, 200);
  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  trace_fixture_read_file (self, EVENT_FILE, &bytes, &n_bytes);
  bytes[sizeof (TrkFileHeader)] ^= 1;
  trace_fixture_write_file (self, EVENT_FILE, bytes, (gssize) n_bytes);
  check_round_trip (self->folder);
  trace = load_summary (self->folder, NULL);
  g_assert_nonnull (trace_fixture_find_diagnostic (trace, "damaged"));
}

/* --- inputs that change --------------------------------------------------------------------------- */

static void
test_stale (TraceFixture *self, gconstpointer data)
{
  static const char *const files[] = { EVENT_FILE, TRK_STACKS_FILE_NAME, TRK_MODULES_FILE_NAME };
  g_autoptr (MsTrace) first = NULL;

  trace_builder_set_block_bytes (self->builder, 200);
  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  first = trace_fixture_load (self);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *bytes = NULL, *longer = NULL;
      g_autoptr (MsTrace) now = NULL, events = NULL;
      TrkBlockHeader header;
      gboolean damaged;
      gsize n_bytes, n_block;

      g_test_message ("%s", files[i]);
      trace_fixture_read_file (self, files[i], &bytes, &n_bytes);
      /* The first block once more: it counts once, but the file is another. */
      memcpy (&header, bytes + sizeof (TrkFileHeader), sizeof header);
      n_block = header.header_size + header.payload_bytes;
      longer = g_malloc (n_bytes + n_block);
      memcpy (longer, bytes, n_bytes);
      memcpy (longer + n_bytes, bytes + sizeof (TrkFileHeader), n_block);
      trace_fixture_write_file (self, files[i], longer, (gssize) (n_bytes + n_block));
      g_assert_null (load_summary (self->folder, &damaged));
      g_assert_false (damaged);
      now = trace_fixture_load (self);
      events = load_events (self->folder);
      trace_compare_assert_equal (now, events);
      trace_compare_assert_equal (now, first);
      trace_fixture_write_file (self, files[i], bytes, (gssize) n_bytes);
      g_object_unref (trace_fixture_load (self));
    }
}

static void
test_manifest_changed (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL, *other = NULL;
  g_auto (GStrv) parts = NULL;
  gsize n_bytes;

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  g_object_unref (trace_fixture_load (self));
  trace_fixture_read_file (self, TRK_MANIFEST_FILE_NAME, &bytes, &n_bytes);
  parts = g_strsplit (bytes, "\"closed\":true", 2);
  other = g_strjoinv ("\"closed\": true", parts);
  g_assert_cmpuint (strlen (other), ==, n_bytes + 1);
  trace_fixture_write_file (self, TRK_MANIFEST_FILE_NAME, other, -1);
  g_assert_null (load_summary (self->folder, NULL));
}

static void
test_running (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  /* Killed folders have a pool; what the process still writes there changes the digest. */
  build_everything (self->builder, TRACE_BUILDER_KILLED);
  check_round_trip (self->folder);
  trace_fixture_read_file (self, TRK_POOL_FILE_NAME, &bytes, &n_bytes);
  bytes[TRK_POOL_HEADER_BYTES + 24]--;
  trace_fixture_write_file (self, TRK_POOL_FILE_NAME, bytes, (gssize) n_bytes);
  g_assert_null (load_summary (self->folder, NULL));
}

/* The stamp spares reading headers; where it is another one, as after a copy, the digest decides. */
static void
test_touched (TraceFixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, EVENT_FILE, NULL);
  const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
  g_autoptr (MsTrace) first = NULL, again = NULL;
  MsFolderDigest before, after;
  int dir_fd;

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  first = trace_fixture_load (self);
  dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_true (ms_folder_stamp_compute (&before, dir_fd, NULL));
  g_assert_true (ms_folder_stamp_compute (&after, dir_fd, NULL));
  g_assert_true (ms_folder_digest_equal (&before, &after));
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  g_assert_true (ms_folder_stamp_compute (&after, dir_fd, NULL));
  g_assert_false (ms_folder_digest_equal (&before, &after));
  close (dir_fd);
  again = load_summary (self->folder, NULL);
  g_assert_nonnull (again);
  trace_compare_assert_equal (first, again);
}

/* --- damage -------------------------------------------------------------------------------------- */

static void
test_sweep (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  gboolean damaged;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  g_object_unref (trace_fixture_load (self));
  trace_fixture_read_file (self, TRK_SUMMARY_FILE_NAME, &bytes, &n_bytes);
  for (gsize length = 0; length < n_bytes; length++)
    {
      trace_fixture_write_file (self, TRK_SUMMARY_FILE_NAME, bytes, (gssize) length);
      g_assert_null (load_summary (self->folder, &damaged));
      g_assert_true (damaged);
    }
  for (gsize bit = 0; bit < n_bytes * 8; bit++)
    {
      bytes[bit / 8] ^= (char) (1 << bit % 8);
      trace_fixture_write_file (self, TRK_SUMMARY_FILE_NAME, bytes, (gssize) n_bytes);
      g_assert_null (load_summary (self->folder, NULL));
      bytes[bit / 8] ^= (char) (1 << bit % 8);
    }
  trace_fixture_write_file (self, TRK_SUMMARY_FILE_NAME, bytes, (gssize) n_bytes);
  g_object_unref (load_summary (self->folder, NULL));
}

/* Damage is said once; the next load has a whole one again. */
static void
test_damage_is_mended (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) first = NULL, said = NULL, again = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  first = trace_fixture_load (self);
  trace_fixture_read_file (self, TRK_SUMMARY_FILE_NAME, &bytes, &n_bytes);
  bytes[n_bytes - 9] ^= 4;
  trace_fixture_write_file (self, TRK_SUMMARY_FILE_NAME, bytes, (gssize) n_bytes);
  said = trace_fixture_load (self);
  g_assert_nonnull (trace_fixture_find_diagnostic (said, "summary is damaged"));
  g_assert_cmpuint (ms_trace_get_diagnostics (said)->len, ==,
                    ms_trace_get_diagnostics (first)->len + 1);
  again = load_summary (self->folder, NULL);
  g_assert_nonnull (again);
  trace_compare_assert_equal (first, again);
}

static void
test_other_version (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) first = NULL, again = NULL;
  g_autofree char *bytes = NULL;
  MsSummaryHeader *header;
  gboolean damaged;
  gsize n_bytes;

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  first = trace_fixture_load (self);
  trace_fixture_read_file (self, TRK_SUMMARY_FILE_NAME, &bytes, &n_bytes);
  header = (MsSummaryHeader *) (gpointer) bytes;
  header->version++;
  trace_fixture_write_file (self, TRK_SUMMARY_FILE_NAME, bytes, (gssize) n_bytes);
  g_assert_null (load_summary (self->folder, &damaged));
  g_assert_false (damaged);
  again = trace_fixture_load (self);
  trace_compare_assert_equal (first, again);
}

/* An unknown section is passed over. */
static void
test_unknown_section (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) first = NULL, again = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new (), payload = g_byte_array_new ();
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  first = trace_fixture_load (self);
  trace_fixture_read_file (self, TRK_SUMMARY_FILE_NAME, &bytes, &n_bytes);
  g_byte_array_append (file, (guint8 *) bytes, (guint) n_bytes);
  g_byte_array_append (payload, (const guint8 *) "future", 6);
  ms_summary_file_append (file, 77, payload);
  ms_summary_file_end (file);
  trace_fixture_write_file (self, TRK_SUMMARY_FILE_NAME, (char *) file->data, file->len);
  again = load_summary (self->folder, NULL);
  g_assert_nonnull (again);
  trace_compare_assert_equal (first, again);
}

/* --- where it is kept ------------------------------------------------------------------------------ */

static char *
cache_path (void)
{
  return g_build_filename (g_get_user_cache_dir (), "memscope", NULL);
}

/* Root may write to every folder; another user's is left alone all the same. */
static void
test_unwritable_folder (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) events = NULL, first = NULL, again = NULL;
  g_autofree char *cache = cache_path ();

  test_folder_remove (cache);
  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  if (geteuid () == 0)
    g_assert_cmpint (chown (self->folder, 12345, 12345), ==, 0);
  else
    g_assert_cmpint (chmod (self->folder, 0500), ==, 0);
  events = load_events (self->folder);
  first = trace_fixture_load (self);
  g_assert_false (has_file (self, TRK_SUMMARY_FILE_NAME));
  again = load_summary (self->folder, NULL);
  g_assert_nonnull (again);
  trace_compare_assert_equal (events, again);
  test_folder_remove (cache);
  g_assert_null (load_summary (self->folder, NULL));
  g_assert_cmpint (chmod (self->folder, 0700), ==, 0);
}

/* Neither read nor written through. */
static void
test_link (TraceFixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, TRK_SUMMARY_FILE_NAME, NULL);
  g_autofree char *elsewhere = g_build_filename (self->folder, "elsewhere", NULL);
  g_autofree char *before = NULL, *after = NULL;
  gsize n_before, n_after;

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  g_object_unref (trace_fixture_load (self));
  g_assert_cmpint (rename (path, elsewhere), ==, 0);
  trace_fixture_read_file (self, "elsewhere", &before, &n_before);
  g_assert_cmpint (symlink ("elsewhere", path), ==, 0);
  g_assert_null (load_summary (self->folder, NULL));
  before[n_before - 1] ^= 1;
  trace_fixture_write_file (self, "elsewhere", before, (gssize) n_before);
  g_object_unref (trace_fixture_load (self));
  trace_fixture_read_file (self, "elsewhere", &after, &n_after);
  g_assert_cmpmem (before, n_before, after, n_after);
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
  g_object_unref (load_summary (self->folder, NULL));
}

/* The file system takes the beginning and no more: a load is none the worse, and leaves nothing. */
static void
test_full_disk (TraceFixture *self, gconstpointer data)
{
  g_autofree char *cache = cache_path ();
  pid_t pid;
  int status;

  test_folder_remove (cache);
  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  pid = fork ();
  if (pid == 0)
    {
      const struct rlimit limit = { 100, 100 };
      g_autoptr (MsTrace) trace = NULL;

      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &limit);
      trace = ms_trace_load (self->folder, NULL, NULL, NULL, NULL);
      _exit (trace == NULL);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  g_assert_false (has_file (self, TRK_SUMMARY_FILE_NAME));
  g_assert_false (has_file (self, NEW_FILE));
  g_assert_null (load_summary (self->folder, NULL));
}

/* A writer that was killed does not keep others from it for longer than a minute. */
static void
test_dead_writer (TraceFixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, NEW_FILE, NULL);
  const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  trace_fixture_write_file (self, NEW_FILE, "half", -1);
  g_object_unref (trace_fixture_load (self));
  g_assert_false (has_file (self, TRK_SUMMARY_FILE_NAME));
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  g_object_unref (trace_fixture_load (self));
  g_assert_true (has_file (self, TRK_SUMMARY_FILE_NAME));
  g_assert_false (has_file (self, NEW_FILE));
}

static void
test_many_writers (TraceFixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, TRK_SUMMARY_FILE_NAME, NULL);
  g_autoptr (MsTrace) events = NULL;
  pid_t pids[4];

  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  events = load_events (self->folder);
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      pids[i] = fork ();
      if (pids[i] != 0)
        continue;
      for (guint round = 0; round < 50; round++)
        {
          g_autoptr (MsTrace) trace = ms_trace_load (self->folder, NULL, NULL, NULL, NULL);

          trace_compare_assert_equal (events, trace); /* with its diagnostics: none was damaged */
          if (round % 4 == i)
            g_unlink (path);
        }
      _exit (0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      int status;

      g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_false (has_file (self, NEW_FILE));
}

static void
test_not_wanted (TraceFixture *self, gconstpointer data)
{
  g_autofree char *cache = cache_path ();
  guint64 least = ms_summary_min_event_bytes;

  test_folder_remove (cache);
  build_everything (self->builder, TRACE_BUILDER_CLOSED);
  g_object_unref (load_events (self->folder));
  g_assert_false (has_file (self, TRK_SUMMARY_FILE_NAME));
  g_setenv ("MEMSCOPE_NO_CACHE", "1", TRUE);
  g_object_unref (trace_fixture_load (self));
  g_assert_false (has_file (self, TRK_SUMMARY_FILE_NAME));
  g_unsetenv ("MEMSCOPE_NO_CACHE");
  ms_summary_min_event_bytes = 1000 * 1000; /* a small folder */
  g_object_unref (trace_fixture_load (self));
  g_assert_false (has_file (self, TRK_SUMMARY_FILE_NAME));
  g_assert_false (g_file_test (cache, G_FILE_TEST_EXISTS));
  ms_summary_min_event_bytes = least;
  g_object_unref (trace_fixture_load (self));
  g_assert_true (has_file (self, TRK_SUMMARY_FILE_NAME));
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = test_folder_new ();
  int status;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  ms_summary_min_event_bytes = 0;
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function, data) \
  g_test_add ("/summary/" name, TraceFixture, GINT_TO_POINTER (data), trace_fixture_set_up, \
              function, trace_fixture_tear_down)
  g_test_add_data_func ("/summary/random/closed", GINT_TO_POINTER (TRACE_BUILDER_CLOSED),
                        test_random_programs);
  g_test_add_data_func ("/summary/random/killed", GINT_TO_POINTER (TRACE_BUILDER_KILLED),
                        test_random_programs);
  g_test_add_data_func ("/summary/random/cut", GINT_TO_POINTER (TRACE_BUILDER_CUT),
                        test_random_programs);
  ADD ("everything/closed", test_everything, TRACE_BUILDER_CLOSED);
  ADD ("everything/killed", test_everything, TRACE_BUILDER_KILLED);
  ADD ("everything/sealed", test_everything, TRACE_BUILDER_SEALED);
  ADD ("everything/twice", test_everything, TRACE_BUILDER_TWICE);
  ADD ("everything/cut", test_everything, TRACE_BUILDER_CUT);
  ADD ("everything/exited", test_everything, TRACE_BUILDER_EXITED);
  ADD ("sampled/rate", test_sampled, 0);
  ADD ("sampled/interval", test_sampled, 1);
  ADD ("damaged-events", test_damaged_events, 0);
  ADD ("stale", test_stale, 0);
  ADD ("manifest-changed", test_manifest_changed, 0);
  ADD ("pool-changed", test_running, 0);
  ADD ("touched", test_touched, 0);
  ADD ("sweep", test_sweep, 0);
  ADD ("damage-is-mended", test_damage_is_mended, 0);
  ADD ("other-version", test_other_version, 0);
  ADD ("unknown-section", test_unknown_section, 0);
  ADD ("unwritable-folder", test_unwritable_folder, 0);
  ADD ("link", test_link, 0);
  ADD ("full-disk", test_full_disk, 0);
  ADD ("dead-writer", test_dead_writer, 0);
  ADD ("many-writers", test_many_writers, 0);
  ADD ("not-wanted", test_not_wanted, 0);
  status = g_test_run ();
  test_folder_remove (cache);
  return status;
}
