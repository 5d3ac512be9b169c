/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope demo: what the report says of each thread is what the thread counted itself, to the byte;
 * and the figures are those that the demonstration promises.
 *
 * test-demo MEMSCOPE
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "ms-demo-check.h"

#define N_THREADS 50

typedef struct {
  guint id;
  char name[32];
  int tracked;
  guint64 allocations, deallocations, reallocations, allocated_bytes, peak_bytes, leaked_bytes;
  guint64 cpu_ns, life_ns;
} LedgerLine;

static const char *memscope;
static char *folder, *trace, *ledger_path;
static LedgerLine ledger[N_THREADS];
static JsonNode *report;

static char *
run (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  char *out = NULL;

  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  return out;
}

static void
read_ledger (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (ledger_path, &text, NULL, NULL));
  lines = g_strsplit (g_strstrip (text), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, N_THREADS);
  for (guint i = 0; i < N_THREADS; i++)
    {
      LedgerLine *l = &ledger[i];

      g_assert_cmpint (sscanf (lines[i],
                               "%u %31s %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                               " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                               " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                               &l->id, l->name, &l->tracked, &l->allocations, &l->deallocations,
                               &l->reallocations, &l->allocated_bytes, &l->peak_bytes,
                               &l->leaked_bytes, &l->cpu_ns, &l->life_ns),
                       ==, 11);
      g_assert_cmpuint (l->id, ==, i);
    }
}

static JsonObject *
get_report (void)
{
  return json_node_get_object (report);
}

/* The thread with this id, which is not its place in the report. */
static JsonObject *
find_thread (guint id)
{
  JsonArray *threads = json_object_get_array_member (get_report (), "threads");

  for (guint i = 0; i < json_array_get_length (threads); i++)
    {
      JsonObject *thread = json_array_get_object_element (threads, i);

      if (json_object_get_int_member (thread, "id") == id)
        return thread;
    }
  return NULL;
}

static void
assert_member (JsonObject *object, const char *name, guint64 expected)
{
  g_assert_cmpuint ((guint64) json_object_get_int_member (object, name), ==, expected);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
test_threads_are_exact (void)
{
  const char *const figures[] = { "allocations", "allocated_bytes",
                                  "peak_bytes",  "live_bytes",
                                  "role",        "alert" };

  for (guint i = 0; i < N_THREADS; i++)
    {
      JsonObject *thread = find_thread (i);
      const LedgerLine *l = &ledger[i];

      g_assert_nonnull (thread);
      g_assert_cmpstr (json_object_get_string_member (thread, "name"), ==, l->name);
      g_assert_cmpint (json_object_get_boolean_member (thread, "tracked"), ==, l->tracked);
      assert_member (thread, "deallocations", l->deallocations);
      for (guint f = 0; f < G_N_ELEMENTS (figures) && !l->tracked; f++)
        g_assert_true (json_object_get_null_member (thread, figures[f]));
      if (!l->tracked)
        continue;
      assert_member (thread, "allocations", l->allocations);
      assert_member (thread, "allocated_bytes", l->allocated_bytes);
      assert_member (thread, "peak_bytes", l->peak_bytes);
      assert_member (thread, "live_bytes", l->leaked_bytes);
    }
}

static void
test_process_is_exact (void)
{
  guint64 allocations = 0, deallocations = 0, reallocations = 0, bytes = 0, leaked = 0, peaks = 0;
  guint64 highest = 0, peak;

  for (guint i = 0; i < N_THREADS; i++)
    {
      allocations += ledger[i].allocations;
      deallocations += ledger[i].deallocations;
      reallocations += ledger[i].reallocations;
      bytes += ledger[i].allocated_bytes;
      leaked += ledger[i].leaked_bytes;
      peaks += ledger[i].peak_bytes;
      highest = MAX (highest, ledger[i].peak_bytes);
    }
  assert_member (get_report (), "allocations", allocations);
  assert_member (get_report (), "deallocations", deallocations);
  assert_member (get_report (), "reallocations", reallocations);
  assert_member (get_report (), "allocated_bytes", bytes);
  assert_member (get_report (), "leaked_bytes", leaked);
  assert_member (get_report (), "dropped_events", 0);
  assert_member (get_report (), "unmatched_frees", 0);
  assert_member (get_report (), "foreign_frees", 0);
  /* When the peak is depends on the machine; between these it must be. */
  peak = (guint64) json_object_get_int_member (get_report (), "peak_bytes");
  g_assert_cmpuint (peak, >=, highest);
  g_assert_cmpuint (peak, <=, peaks);
  g_assert_cmpstr (json_object_get_string_member (get_report (), "state"), ==, "exited");
  assert_member (get_report (), "exit_status", 0);
}

/* Every even thread, 15 to 23 MB, 1 000 to 1 500 allocations. */
static void
test_promises (void)
{
  guint64 least = G_MAXUINT64, most = 0;

  for (guint i = 0; i < N_THREADS; i++)
    {
      g_assert_cmpint (ledger[i].tracked, ==, i % 2 == 0);
      if (!ledger[i].tracked)
        {
          g_assert_cmpuint (ledger[i].allocations, ==, 0);
          continue;
        }
      g_assert_cmpuint (ledger[i].peak_bytes, >=, 15 * 1000 * 1000);
      g_assert_cmpuint (ledger[i].peak_bytes, <=, 23 * 1000 * 1000);
      g_assert_cmpuint (ledger[i].allocations, >=, 1000);
      g_assert_cmpuint (ledger[i].allocations, <=, 1500);
      least = MIN (least, ledger[i].peak_bytes);
      most = MAX (most, ledger[i].peak_bytes);
    }
  g_assert_cmpuint (least, <, 16 * 1000 * 1000);
  g_assert_cmpuint (most, >, 22 * 1000 * 1000);
}

/* Whether a thread is seen to compute depends on the machine: the one that does goes on for seconds to get its
 * share of it, and on one that is too busy it fails, by its own clock. */
static gboolean
got_processor (void)
{
  const LedgerLine *l = &ledger[14];

  return (double) l->cpu_ns > 0.26 * (double) l->life_ns && l->cpu_ns >= 510000000;
}

/* Something of every kind, from what was measured, but for "lightweight" and "normal": those that are tracked
 * do too much. */
static void
test_roles (void)
{
  const char *roles[] = { "memory_intensive", "cpu_intensive", "io_intensive", "balanced" };
  const char *alerts[] = { "high", "medium" };
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < N_THREADS; i++)
    {
      JsonObject *thread = find_thread (i);

      if (!ledger[i].tracked)
        continue;
      g_hash_table_add (seen, (gpointer) json_object_get_string_member (thread, "role"));
      g_hash_table_add (seen, (gpointer) json_object_get_string_member (thread, "alert"));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_test_message ("%s", roles[i]);
      g_assert_true (g_hash_table_contains (seen, roles[i])
                     || (strcmp (roles[i], "cpu_intensive") == 0 && !got_processor ()));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (alerts); i++)
    g_assert_true (g_hash_table_contains (seen, alerts[i]));
}

/* --- what the demonstration says of itself ------------------------------------------------------ */

/* As it is, or with @replacement in place of the @column-th word of thread 24's line. */
static void
check_ledger (guint column, const char *replacement)
{
  g_autofree char *path = g_build_filename (folder, "other-ledger", NULL);
  g_autofree char *text = NULL, *all = NULL;
  g_auto (GStrv) lines = NULL, words = NULL;

  g_assert_true (g_file_get_contents (ledger_path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  words = g_strsplit (lines[24], " ", -1);
  if (replacement)
    {
      g_free (words[column]);
      words[column] = g_strdup (replacement);
    }
  g_free (lines[24]);
  lines[24] = g_strjoinv (" ", words);
  all = g_strjoinv ("\n", lines);
  g_assert_true (g_file_set_contents (path, all, -1, NULL));
  g_setenv ("TEST_DEMO_TRACE", trace, TRUE);
  g_setenv ("TEST_DEMO_LEDGER", path, TRUE);
  g_test_trap_subprocess ("/demo/subprocess/check", 0, 0);
}

static void
subprocess_check (void)
{
  g_assert_true (ms_demo_check (g_getenv ("TEST_DEMO_TRACE"), g_getenv ("TEST_DEMO_LEDGER")));
}

static void
test_agrees (void)
{
  check_ledger (0, NULL);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*All 50 threads are in the trace as they counted themselves*");
}

static void
test_disagrees (void)
{
  const struct {
    guint column;
    const char *replacement, *complaint;
  } lies[] = {
    { 3, "1121", "*thread 24 (wal-sync): allocations: 1121 by itself, 1120 in the trace*" },
    { 7, "1", "*thread 24 (wal-sync): peak bytes: 1 by itself*" },
    { 9, "9000000000", "*thread 24 (wal-sync): processor time: 9000.0 ms by its own clock*" },
    { 11, "3737", "*thread 24 (wal-sync): reads and writes: 3737 by itself*" },
    { 0, "77", "*the trace has no thread 77*" },
    { 0, "x", "*line 25 of its ledger is not understood*" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      check_ledger (lies[i].column, lies[i].replacement);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr (lies[i].complaint);
    }
}

/* The names of what a thread did are in its stacks. */
static void
test_stacks_tell (void)
{
  const char *expected[] = { "hash_join_build", "reconstruct_frame", "sort_run",
                             "split_node",      "append_log_record", "lru_insert",
                             "parse_record",    "handle_request" };
  JsonArray *stacks = json_object_get_array_member (get_report (), "stacks");
  g_autoptr (GHashTable) functions = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < json_array_get_length (stacks); i++)
    {
      JsonArray *frames =
          json_object_get_array_member (json_array_get_object_element (stacks, i), "frames");

      for (guint f = 0; f < json_array_get_length (frames); f++)
        {
          JsonObject *frame = json_array_get_object_element (frames, f);

          if (!json_object_get_null_member (frame, "function"))
            g_hash_table_add (functions,
                              (gpointer) json_object_get_string_member (frame, "function"));
        }
    }
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_test_message ("%s", expected[i]);
      g_assert_true (g_hash_table_contains (functions, expected[i]));
    }
}

static void
test_folder_is_kept (void)
{
  const char *arguments[] = { memscope, "demo", "-o", trace, NULL };
  g_autoptr (GSubprocess) process =
      g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL);
  g_autofree char *err = NULL;

  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
  g_assert_nonnull (strstr (err, "already holds a recording"));
}

static void
set_up (void)
{
  const char *demo[] = { memscope, "demo",     "-o",        trace, "--seconds",
                         "1.5",    "--ledger", ledger_path, NULL };
  const char *report_it[] = { memscope, "report", "--json", trace, NULL };
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;

  g_free (run (demo));
  json = run (report_it);
  g_assert_true (json_parser_load_from_data (parser, json, -1, NULL));
  report = json_parser_steal_root (parser);
  read_ledger ();
}

static void
remove_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_files (child);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/subprocess/check", subprocess_check);
  if (g_test_subprocess ())
    return g_test_run ();
  g_assert_cmpint (argc, ==, 2);
  memscope = argv[1];
  folder = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  trace = g_build_filename (folder, "trace", NULL);
  ledger_path = g_build_filename (folder, "ledger", NULL);
  set_up ();

  g_test_add_func ("/demo/threads-are-exact", test_threads_are_exact);
  g_test_add_func ("/demo/process-is-exact", test_process_is_exact);
  g_test_add_func ("/demo/promises", test_promises);
  g_test_add_func ("/demo/roles", test_roles);
  g_test_add_func ("/demo/agrees", test_agrees);
  g_test_add_func ("/demo/disagrees", test_disagrees);
  g_test_add_func ("/demo/stacks-tell", test_stacks_tell);
  g_test_add_func ("/demo/folder-is-kept", test_folder_is_kept);
  result = g_test_run ();

  json_node_unref (report);
  remove_files (folder);
  g_free (folder);
  g_free (trace);
  g_free (ledger_path);
  return result;
}
