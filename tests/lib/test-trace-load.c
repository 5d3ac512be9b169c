/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What ms_trace_load() says about folders of every kind: whole, left by a kill, of others, broken. */
#include <glib/gstdio.h>
#include <string.h>

#include "ms-name-resolver.h"
#include "ms-roles.h"
#include "ms-rankings.h"
#include "ms-trace.h"
#include "trace-builder.h"
#include "trk-checksum.h"

typedef struct {
  char *folder;
  TraceBuilder *builder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = test_folder_new ();
  self->builder = trace_builder_new (self->folder);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  test_folder_remove (self->folder);
  trace_builder_free (self->builder);
  g_free (self->folder);
}

static MsTrace *
load (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (self->folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static void
assert_error (Fixture *self, gint code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ms_trace_load (self->folder, NULL, NULL, NULL, &error));
  g_assert_error (error, MS_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strchr (error->message, '\n'));
}

static const MsDiagnostic *
find_diagnostic (MsTrace *trace, const char *words)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (strstr (diagnostic->message, words))
        return diagnostic;
    }
  return NULL;
}

static void
read_file (Fixture *self, const char *name, char **bytes, gsize *n_bytes)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, bytes, n_bytes, &error);
  g_assert_no_error (error);
}

static void
write_file (Fixture *self, const char *name, const char *bytes, gssize n_bytes)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_unlink (path); /* what is written in place is not cut to its new length */
  g_file_set_contents_full (path, bytes, n_bytes, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

static void
remove_file (Fixture *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Two threads: 0 keeps 100 bytes, 1 frees 200 of thread 0's. */
static void
build_small (Fixture *self, TraceBuilderEnd end)
{
  TraceBuilder *b = self->builder;
  const guint64 outer[] = { 0x401010, 0x402020 }, inner[] = { 0x501010, 0x402020 };
  guint32 one = trace_builder_add_stack (b, 0, outer, 2);
  guint32 two = trace_builder_add_stack (b, 1, inner, 2);

  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim",
                            (const guint8 *) "\x12\xab", 2);
  trace_builder_add_module (b, 0, 0x500000, 0x510000, 0x4f0000, "/usr/lib/libold.so", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 0, 110, "main", -1);
  trace_builder_alloc (b, 0, 1000, 0x5000, 100, one);
  trace_builder_alloc (b, 0, 2000, 0x6000, 200, one);
  trace_builder_start (b, 1, 2500, 0);
  trace_builder_name (b, 1, 2600, "worker", -1);
  trace_builder_alloc (b, 1, 3000, 0x7000, 50, two);
  trace_builder_free_block (b, 1, 4000, 0x6000);
  trace_builder_free_block (b, 1, 5000, 0x7000);
  trace_builder_exit (b, 1, 6000, 1234);
  trace_builder_finish (b, end);
}

/* --- what is in it ------------------------------------------------------------------------------ */

static void
test_figures (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsNameSpan *names;
  const MsTotals *totals;
  MsThread *thread;
  guint n_names, parent;

  build_small (self, TRACE_BUILDER_CLOSED);
  trace = load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
  g_assert_cmpstr (ms_trace_get_program (trace), ==, "victim");
  g_assert_cmpstr (ms_trace_get_arguments (trace)[1], ==, "-x");
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, 0);
  g_assert_cmpint (ms_trace_get_duration_ns (trace), ==, 6000);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, 5);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->peak_bytes, ==, 350);
  g_assert_cmpint (totals->peak_time_ns, ==, 3000);
  g_assert_cmpuint (totals->leaked_bytes, ==, 100);
  g_assert_false (ms_trace_has_domain (trace, MS_DOMAIN_DECLARED));

  thread = ms_trace_find_thread (trace, 1);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, "worker");
  names = ms_thread_get_names (thread, &n_names);
  g_assert_cmpuint (n_names, ==, 1);
  g_assert_cmpint (names[0].start_ns, ==, 2600);
  g_assert_cmpint (ms_thread_get_tid (thread), ==, 1001);
  g_assert_cmpint (ms_thread_get_start_ns (thread), ==, 2500);
  g_assert_cmpint (ms_thread_get_end_ns (thread), ==, 6000);
  g_assert_cmpint (ms_thread_get_cpu_ns (thread), ==, 1234);
  g_assert_true (ms_thread_get_parent (thread, &parent));
  g_assert_cmpuint (parent, ==, 0);
  g_assert_true (ms_thread_is_tracked (thread));
  g_assert_cmpuint (ms_thread_get_totals (thread, MS_DOMAIN_HEAP)->deallocations, ==, 2);
  g_assert_cmpuint (ms_thread_get_size_histogram (thread, MS_DOMAIN_HEAP)[6], ==, 1);
  thread = ms_trace_find_thread (trace, 0);
  g_assert_cmpint (ms_thread_get_end_ns (thread), ==, MS_TIME_NONE);
  g_assert_cmpuint (ms_thread_get_totals (thread, MS_DOMAIN_HEAP)->freed_bytes_of_own, ==, 200);
  g_assert_null (ms_trace_find_thread (trace, 2));
  g_assert_finalize_object (g_steal_pointer (&trace));
}

static void
test_modules_and_stacks (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GArray) frames = NULL;
  g_autofree guint *ranked = NULL;
  const MsModule *module;
  guint64 address;
  guint n;

  build_small (self, TRACE_BUILDER_CLOSED);
  trace = load (self);
  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, 2);
  ranked = ms_rank_stacks (trace, MS_DOMAIN_HEAP, MS_FIGURE_PEAK_BYTES, 0, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, ranked[0], MS_DOMAIN_HEAP)->peak_bytes, ==,
                    300);
  module = ms_trace_find_module (trace, ranked[1], 0, &address);
  g_assert_cmpstr (module->path, ==, "/usr/lib/libold.so");
  g_assert_null (module->build_id);
  g_assert_cmphex (address, ==, 0x11010);
  frames = ms_name_resolver_resolve_stack (NULL, trace, ranked[0]);
  g_assert_cmpuint (frames->len, ==, 2);
  g_assert_cmpstr (g_array_index (frames, MsFrame, 0).module, ==, "victim");
  g_assert_cmphex (g_array_index (frames, MsFrame, 1).address, ==, 0x2020);
  g_assert_cmpstr (ms_trace_find_module (trace, ranked[0], 0, NULL)->build_id, ==, "12ab");
}

/* Two threads gave the same stack an id each; another has the frames of another generation. */
static void
test_stack_with_two_ids (Fixture *self, gconstpointer data)
{
  const guint64 frames[] = { 0x401010, 0x402020 };
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_put_stack (self->builder, 0, 7, 0, frames, 2, FALSE);
  trace_builder_put_stack (self->builder, 1, 9, 0, frames, 2, FALSE);
  trace_builder_put_stack (self->builder, 1, 12, 1, frames, 2, FALSE);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1, 7);
  trace_builder_alloc (self->builder, 1, 20, 0x6000, 10, 9);
  trace_builder_alloc (self->builder, 1, 30, 0x7000, 100, 12);
  trace_builder_alloc (self->builder, 1, 40, 0x8000, 1000, 0);
  trace_builder_alloc (self->builder, 1, 50, 0x9000, 10000, 77); /* lost */
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  trace = load (self);
  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, 3);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, 0, MS_DOMAIN_HEAP)->peak_bytes, ==, 11000);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, 1, MS_DOMAIN_HEAP)->peak_bytes, ==, 11);
  g_assert_cmpuint (ms_trace_get_stack_totals (trace, 2, MS_DOMAIN_HEAP)->peak_bytes, ==, 100);
}

static void
test_main_domain (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_set_domain (self->builder, 0, TRK_DOMAIN_DECLARED);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = load (self);
  g_assert_cmpint (ms_trace_get_main_domain (trace), ==, MS_DOMAIN_DECLARED);
  g_assert_false (ms_trace_has_domain (trace, MS_DOMAIN_HEAP));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, ==, 0);
}

/* Bytes of a name are anybody's: they come out as text. */
static void
test_hostile_names (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  MsThread *thread;
  guint n_names;

  trace_builder_name (self->builder, 0, 10, "a\377b\0c", 5);
  trace_builder_name (self->builder, 0, 20, "</script><script>", -1);
  trace_builder_name (self->builder, 0, 30, "</script><script>", -1);
  trace_builder_alloc (self->builder, 1, 40, 0x5000, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = load (self);
  thread = ms_trace_get_thread (trace, 0);
  g_assert_cmpstr (ms_thread_get_names (thread, &n_names)[0].name, ==,
                   "a\357\277\275b\357\277\275c");
  g_assert_cmpuint (n_names, ==, 2);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, "</script><script>");
  g_assert_cmpstr (ms_thread_get_name (ms_trace_get_thread (trace, 1)), ==, "thread 1");
}

/* --- frees that match nothing -------------------------------------------------------------------- */

typedef struct {
  const char *configuration;
  gboolean forked, foreign_event, paused;
  guint64 foreign, inherited, prior, unmatched;
} FreeCase;

static void
test_unmatched_free (Fixture *self, gconstpointer data)
{
  const FreeCase *c = data;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_forked (self->builder, c->forked);
  if (c->configuration)
    trace_builder_set_configuration (self->builder, c->configuration);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 8, 0);
  if (c->paused)
    {
      trace_builder_tracking (self->builder, 0, 15, FALSE);
      trace_builder_tracking (self->builder, 0, 16, TRUE);
    }
  if (c->foreign_event)
    trace_builder_foreign_free (self->builder, 1, 20, 0x9000);
  else
    trace_builder_free_block (self->builder, 1 - c->paused, 20, 0x9000);
  trace_builder_foreign_free (self->builder, 1, 30, 0x5000);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->foreign_frees, ==, c->foreign);
  g_assert_cmpuint (totals->inherited_frees, ==, c->inherited);
  g_assert_cmpuint (totals->prior_frees, ==, c->prior);
  g_assert_cmpuint (totals->unmatched_frees, ==, c->unmatched);
  /* The other foreign free found its block. */
  g_assert_cmpuint (totals->deallocations, ==, 1);
  g_assert_cmpuint (totals->live_bytes, ==, 0);
}

/* --- sampling ------------------------------------------------------------------------------------ */

static void
test_sampling (Fixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_alloc (b, 0, 10, 0x5000, 100, 0);
  trace_builder_alloc (b, 0, 20, 0x6000, 60, 0);
  trace_builder_free_block (b, 0, 30, 0x6000);
  trace_builder_skipped (b, 0, 7, 777, 5);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = load (self);
  g_assert_true (ms_trace_is_sampled (trace));
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, 9);
  g_assert_cmpuint (totals->allocated_bytes, ==, 937);
  g_assert_cmpuint (totals->deallocations, ==, 6);
  g_assert_cmpuint (totals->peak_bytes, ==, 640);
  g_assert_cmpuint (totals->leaked_bytes, ==, 400);
  g_assert_cmpuint (totals->leaked_allocations, ==, 4);
}

/* An interval of bytes: a block much larger than it stands for itself, a small one for many. */
static void
test_interval_sampling (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_set_configuration (self->builder, "\"sample_interval_bytes\":1000");
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1000000, 0);
  trace_builder_alloc (self->builder, 0, 20, 0x200000, 10, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_true (ms_trace_is_sampled (trace));
  g_assert_cmpuint (totals->allocated_bytes, ==, 1000010);
  g_assert_cmpuint (totals->live_bytes, ==, 1000000 + 1005); /* 10 / (1 − e^−0.01) */
  g_assert_cmpuint (totals->live_blocks, ==, 102);           /* 1 + 100.5 */
}

/* --- states -------------------------------------------------------------------------------------- */

static void
test_states (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  build_small (self, TRACE_BUILDER_EXITED);
  trace = load (self);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, 3);
}

static void
test_killed (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  build_small (self, TRACE_BUILDER_KILLED);
  trace = load (self);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_KILLED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, -1);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, 5);
}

/* This very process, as its manifest would name it; then with each mark wrong in turn. */
static void
test_running (Fixture *self, gconstpointer data)
{
  g_autofree char *boot_id = NULL, *stat = NULL, *namespace = NULL, *manifest = NULL;
  g_auto (GStrv) fields = NULL;
  const char *wrong[] = { "", "1", "1", "x" };
  gsize n_bytes;

  build_small (self, TRACE_BUILDER_KILLED);
  read_file (self, "memscope_trace.json", &manifest, &n_bytes);
  g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot_id, NULL, NULL);
  g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL);
  fields = g_strsplit (strrchr (stat, ')') + 2, " ", -1);
  namespace = g_file_read_link ("/proc/self/ns/pid", NULL);
  g_strstrip (boot_id);
  *strchr (namespace, ']') = '\0';

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GString) text = g_string_new (manifest);
      g_autofree char *identity = NULL;
      g_autoptr (MsTrace) trace = NULL;

      identity = g_strdup_printf ("\"pid\":%d,\"process_start_ticks\":%s%s,\"pid_namespace\":%s%s,"
                                  "\"boot_id\":\"%s%s\",\"was\":{\"boot_id\":\"\"",
                                  getpid (), fields[19], i == 1 ? wrong[1] : "",
                                  strchr (namespace, '[') + 1, i == 2 ? wrong[2] : "", boot_id,
                                  i == 3 ? wrong[3] : "");
      g_string_replace (text, "\"pid\":999999", identity, 1);
      g_string_replace (text, ",\"process_start_ticks\":1,\"boot_id\":\"none\",\"pid_namespace\":1",
                        "}", 1);
      g_string_replace (text, "\"parent_pid\":1}", "\"pid\":1}", 1);
      write_file (self, "memscope_trace.json", text->str, (gssize) text->len);
      trace = load (self);
      g_assert_cmpint (ms_trace_get_state (trace), ==, i == 0 ? MS_STATE_RUNNING : MS_STATE_KILLED);
    }
}

/* --- files that are not as they should be -------------------------------------------------------- */

static void
test_no_trace (Fixture *self, gconstpointer data)
{
  assert_error (self, MS_ERROR_NOT_A_TRACE, "not a trace folder");
  write_file (self, "notes.txt", "hello", -1);
  assert_error (self, MS_ERROR_NOT_A_TRACE, "not a trace folder");
  g_rmdir (self->folder);
}

static void
test_missing_folder (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ms_trace_load ("/nonexistent/folder", NULL, NULL, NULL, &error));
  g_assert_error (error, MS_ERROR, MS_ERROR_NOT_A_TRACE);
}

static void
test_empty (Fixture *self, gconstpointer data)
{
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  assert_error (self, MS_ERROR_EMPTY, "nothing was recorded");
}

static void
test_only_damage (Fixture *self, gconstpointer data)
{
  g_autofree char *noise = g_malloc0 (1000);

  write_file (self, "memscope_thread_0-1.bin", noise, 1000);
  assert_error (self, MS_ERROR_DAMAGED, "no event could be read");
}

static void
test_other_version (Fixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  build_small (self, TRACE_BUILDER_CLOSED);
  read_file (self, "memscope_thread_1-1001.bin", &bytes, &n_bytes);
  ((TrkFileHeader *) bytes)->version_major = 2;
  write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  assert_error (self, MS_ERROR_VERSION, "format 2.0");
  ((TrkFileHeader *) bytes)->version_major = 1;
  ((TrkFileHeader *) bytes)->incompatible = 4;
  write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  assert_error (self, MS_ERROR_VERSION, "0x4");
  ((TrkFileHeader *) bytes)->incompatible = 0;
  ((TrkFileHeader *) bytes)->compatible = 0xff;
  ((TrkFileHeader *) bytes)->version_minor = 9;
  write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  g_object_unref (load (self));
  write_file (self, "memscope_trace.json", "{\"version\":7}", -1);
  assert_error (self, MS_ERROR_VERSION, "format 7");
}

static void
test_foreign_file (Fixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gsize n_bytes;

  build_small (self, TRACE_BUILDER_CLOSED);
  read_file (self, "memscope_thread_1-1001.bin", &bytes, &n_bytes);
  ((TrkFileHeader *) bytes)->trace_id[3]++;
  write_file (self, "memscope_thread_1-1001.bin", bytes, (gssize) n_bytes);
  trace = load (self);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 1);
  g_assert_cmpstr (find_diagnostic (trace, "another trace")->file, ==,
                   "memscope_thread_1-1001.bin");
}

static void
test_no_manifest (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  build_small (self, TRACE_BUILDER_KILLED);
  remove_file (self, "memscope_trace.json");
  trace = load (self);
  g_assert_nonnull (find_diagnostic (trace, "manifest is missing"));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 350);
}

static void
test_hostile_manifest (Fixture *self, gconstpointer data)
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
  build_small (self, TRACE_BUILDER_KILLED);
  for (guint i = 0; i <= G_N_ELEMENTS (texts) - 1; i++)
    {
      g_autoptr (MsTrace) trace = NULL;

      write_file (self, "memscope_trace.json", texts[i] ? texts[i] : deep->str, -1);
      trace = load (self);
      g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 350);
    }
}

/* A lost block: it is said, and the frees of what it allocated match nothing. */
static void
test_missing_block (Fixture *self, gconstpointer data)
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
  trace = load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_nonnull (find_diagnostic (trace, "is missing"));
  g_assert_cmpuint (totals->allocations, <, 300);
  g_assert_cmpuint (totals->unmatched_frees, ==, 300 - totals->allocations);
  g_assert_cmpuint (totals->leaked_allocations, ==, 0);
}

static void
test_garbage_between_blocks (Fixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (MsTrace) trace = NULL;
  const MsDiagnostic *diagnostic;
  gsize n_bytes;

  build_small (self, TRACE_BUILDER_CLOSED);
  read_file (self, "memscope_thread_0-1000.bin", &bytes, &n_bytes);
  g_byte_array_append (file, (guint8 *) bytes, sizeof (TrkFileHeader));
  g_byte_array_append (file, (const guint8 *) "MSBKgarbageMSBK", 15);
  g_byte_array_append (file, (guint8 *) bytes + sizeof (TrkFileHeader),
                       (guint) (n_bytes - sizeof (TrkFileHeader)));
  write_file (self, "memscope_thread_0-1000.bin", (char *) file->data, file->len);
  trace = load (self);
  diagnostic = find_diagnostic (trace, "15 bytes are damaged");
  g_assert_nonnull (diagnostic);
  g_assert_cmpuint (diagnostic->offset, ==, sizeof (TrkFileHeader));
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, ==, 350);
}

static void
test_dropped (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  trace_builder_dropped (self->builder, 0, 12);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = load (self);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 12);
  g_assert_nonnull (find_diagnostic (trace, "12 events could not be recorded"));
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  build_small (self, TRACE_BUILDER_CLOSED);
  g_cancellable_cancel (cancellable);
  g_assert_null (ms_trace_load (self->folder, cancellable, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- frequency files ----------------------------------------------------------------------------- */

static void
test_frequency_files (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL, again = NULL;
  TrkBlockHeader *header;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  build_small (self, TRACE_BUILDER_CLOSED);
  trace = load (self);
  g_assert_true (ms_trace_write_frequency_files (trace, &error));
  g_assert_no_error (error);
  again = load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (again)->len, ==, 0);

  /* Of thread 0's file: a count that is not so.  Under a wrong checksum it is just not used … */
  read_file (self, "memscope_thread_0-1000.freq", &bytes, &n_bytes);
  g_assert_cmpuint (n_bytes, >, sizeof (TrkFileHeader) + sizeof (TrkBlockHeader));
  bytes[n_bytes - 1]++;
  write_file (self, "memscope_thread_0-1000.freq", bytes, (gssize) n_bytes);
  g_clear_object (&again);
  again = load (self);
  g_assert_cmpuint (ms_trace_get_diagnostics (again)->len, ==, 0);

  /* … and under a right one it is said. */
  header = (TrkBlockHeader *) (bytes + sizeof (TrkFileHeader));
  header->checksum = trk_block_checksum (header, header + 1, header->payload_bytes);
  write_file (self, "memscope_thread_0-1000.freq", bytes, (gssize) n_bytes);
  g_clear_object (&again);
  again = load (self);
  g_assert_nonnull (find_diagnostic (again, "The counts of thread 0"));
}

#define ADD(name, function, data) \
  g_test_add ("/trace-load/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  static const FreeCase unmatched = { .unmatched = 1 },
                        inherited = { .forked = TRUE, .inherited = 1 },
                        untracked = { .configuration = "\"threads\":\"even\"", .foreign = 1 },
                        foreign = { .foreign_event = TRUE, .foreign = 1 },
                        prior = { .paused = TRUE, .prior = 1 };

  g_test_init (&argc, &argv, NULL);
  ADD ("figures", test_figures, NULL);
  ADD ("modules-and-stacks", test_modules_and_stacks, NULL);
  ADD ("stack-with-two-ids", test_stack_with_two_ids, NULL);
  ADD ("main-domain", test_main_domain, NULL);
  ADD ("hostile-names", test_hostile_names, NULL);
  ADD ("frees/unmatched", test_unmatched_free, &unmatched);
  ADD ("frees/inherited", test_unmatched_free, &inherited);
  ADD ("frees/untracked", test_unmatched_free, &untracked);
  ADD ("frees/foreign", test_unmatched_free, &foreign);
  ADD ("frees/prior", test_unmatched_free, &prior);
  ADD ("sampling/rate", test_sampling, NULL);
  ADD ("sampling/interval", test_interval_sampling, NULL);
  ADD ("state/exited", test_states, NULL);
  ADD ("state/killed", test_killed, NULL);
  ADD ("state/running", test_running, NULL);
  ADD ("bad/no-trace", test_no_trace, NULL);
  ADD ("bad/missing-folder", test_missing_folder, NULL);
  ADD ("bad/empty", test_empty, NULL);
  ADD ("bad/only-damage", test_only_damage, NULL);
  ADD ("bad/version", test_other_version, NULL);
  ADD ("bad/foreign-file", test_foreign_file, NULL);
  ADD ("bad/no-manifest", test_no_manifest, NULL);
  ADD ("bad/hostile-manifest", test_hostile_manifest, NULL);
  ADD ("bad/missing-block", test_missing_block, NULL);
  ADD ("bad/garbage", test_garbage_between_blocks, NULL);
  ADD ("dropped", test_dropped, NULL);
  ADD ("cancelled", test_cancelled, NULL);
  ADD ("frequency", test_frequency_files, NULL);
  return g_test_run ();
}
