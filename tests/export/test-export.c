/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ms_export_trace(): the figures in the files of the plain fixture, and what happens to files when
 * something goes wrong.  The schemas and the page have checks of their own.
 */
#include "export-fixtures.h"
#include "ms-export.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "trace-builder.h"

typedef struct {
  MsTrace *trace;
  MsNameResolver *resolver;
  char *folder;
  MsExportOptions options;
} Fixture;

static void
set_up (Fixture *f, gconstpointer name)
{
  f->trace = export_fixture_load (name, &f->resolver);
  f->folder = test_folder_new ();
  ms_export_options_init (&f->options);
  f->options.output_folder = f->folder;
  f->options.resolver = f->resolver;
  f->options.language = "en";
}

static void
tear_down (Fixture *f, gconstpointer name)
{
  g_object_unref (f->trace);
  g_object_unref (f->resolver);
  test_folder_remove (f->folder);
  g_free (f->folder);
}

static char *
read_file (Fixture *f, const char *name, gsize *size)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, size, &error);
  g_assert_no_error (error);
  return text;
}

static JsonNode *
read_json (Fixture *f, const char *name)
{
  g_autofree char *text = read_file (f, name, NULL);
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static guint
count_files (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* The value at "a.b.c" of objects within objects. */
static JsonNode *
at (JsonNode *root, const char *path)
{
  g_auto (GStrv) keys = g_strsplit (path, ".", -1);
  JsonNode *node = root;

  for (char **key = keys; *key; key++)
    {
      g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
      node = json_object_get_member (json_node_get_object (node), *key);
      if (!node)
        g_error ("no member %s", path);
    }
  return node;
}

#define assert_int(root, path, value) \
  g_assert_cmpint (json_node_get_int (at (root, path)), ==, value)

static void
test_comprehensive (Fixture *f, gconstpointer name)
{
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *hottest;

  f->options.prefix = "p";
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, &error));
  g_assert_no_error (error);
  root = read_json (f, "p_comprehensive.json");

  assert_int (root, "memory_analysis.summary.allocations", 13);
  assert_int (root, "memory_analysis.summary.allocated_bytes", 20001800);
  assert_int (root, "memory_analysis.summary.peak_bytes", 20001800);
  assert_int (root, "memory_analysis.summary.peak_time_ns", 50000000);
  assert_int (root, "memory_analysis.summary.leaked_bytes", 1000);
  assert_int (root, "memory_analysis.summary.leaked_allocations", 1);
  assert_int (root, "memory_analysis.summary.temporary_allocations", 1);
  assert_int (root, "memory_analysis.thread_stats.1.peak_bytes", 20000000);
  assert_int (root, "memory_analysis.thread_stats.1.deallocations", 0);
  assert_int (root, "memory_analysis.thread_stats.1.freed_bytes_of_own", 20000000);
  assert_int (root, "memory_analysis.thread_stats.1.average_size_bytes", 2000000);
  assert_int (root, "memory_analysis.thread_stats.1.cpu_time_ns", 45000000);
  assert_int (root, "memory_analysis.thread_stats.2.deallocations", 11);
  g_assert_true (json_node_is_null (at (root, "memory_analysis.thread_stats.2.cpu_time_ns")));
  g_assert_false (json_node_get_boolean (at (root, "resource_timeline.available")));

  g_assert_cmpstr (json_node_get_string (at (root, "performance_insights.headline.text")), ==,
                   "reader holds 100 % of the peak of 20.0 MB, from read_all (read.c:2), freed by "
                   "writer.");
  hottest = json_array_get_object_element (json_node_get_array (
                                               at (root, "memory_analysis.hottest_call_stacks")),
                                           0);
  g_assert_cmpint (json_object_get_int_member (hottest, "bytes_at_process_peak"), ==, 20000300);
  g_assert_cmpstr (json_object_get_string_member (
                       json_array_get_object_element (json_object_get_array_member (hottest,
                                                                                    "frames"),
                                                      0),
                       "function"),
                   ==, "read_all");
}

/* The object @index of the array at @path. */
static JsonNode *
element (JsonNode *root, const char *path, guint index)
{
  JsonArray *array = json_node_get_array (at (root, path));

  g_assert_cmpuint (json_array_get_length (array), >, index);
  return json_array_get_element (array, index);
}

/* What the analysis says, and null beside a reason for what it cannot. */
static void
test_verdicts (Fixture *f, gconstpointer name)
{
  g_autoptr (JsonNode) root = NULL;
  JsonNode *pair, *leak, *stack;

  f->options.prefix = "p";
  f->options.files = MS_EXPORT_COMPREHENSIVE;
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, NULL));
  root = read_json (f, "p_comprehensive.json");

  pair = element (root, "memory_analysis.thread_interactions.pairs", 0);
  assert_int (pair, "alloc_thread", 1);
  assert_int (pair, "free_thread", 2);
  assert_int (pair, "frees", 10);
  assert_int (pair, "bytes", 20000000);
  assert_int (root, "memory_analysis.memory_split.mapped_bytes", 5000000);
  assert_int (root, "memory_analysis.memory_split.mapped_peak_bytes", 9065536);
  g_assert_true (json_node_is_null (at (root, "memory_analysis.memory_split.resident_bytes")));
  at (root, "memory_analysis.memory_split.reasons.resident_bytes");
  assert_int (root, "memory_analysis.leaks.tail_ns", 1000000);
  assert_int (root, "memory_analysis.leaks.leaked_bytes", 1000);
  leak = element (root, "memory_analysis.leaks.stacks", 0);
  g_assert_cmpstr (json_node_get_string (at (leak, "site")), ==, "make_table (table.c:1)");
  assert_int (element (root, "memory_analysis.waste.temporary", 0), "temporary_allocations", 1);
  stack = element (root, "memory_analysis.thread_stats.1.call_stacks", 0);
  assert_int (stack, "allocated_bytes", 20000000);
  /* reader kept all that it made until others freed it, and nothing after that. */
  assert_int (root, "memory_analysis.thread_stats.1.scores.kept_percent", 100);
  assert_int (root, "memory_analysis.thread_stats.1.scores.memory_returned", 100);
  g_assert_true (
      json_node_is_null (at (root, "memory_analysis.thread_stats.1.scores.cpu_efficiency")));
  at (root, "memory_analysis.thread_stats.1.scores.reasons.cpu_efficiency");
  /* Two threads read their processor time: too few to speak. */
  assert_int (root, "correlation_metrics.n", 2);
  assert_int (root, "correlation_metrics.unknown_threads", 1);
  g_assert_false (json_node_get_boolean (at (root, "correlation_metrics.available")));
  at (root, "correlation_metrics.reason");
  assert_int (element (root, "correlation_metrics.points", 1), "cpu_percent", 50);
  g_assert_true (json_node_is_null (at (root, "performance_insights.primary_bottleneck")));
  at (root, "performance_insights.bottlenecks.not_judged.contention");
}

static void
test_no_ages (Fixture *f, gconstpointer name)
{
  g_autoptr (JsonNode) root = NULL;

  f->options.prefix = "p";
  f->options.files = MS_EXPORT_COMPREHENSIVE;
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, NULL));
  root = read_json (f, "p_comprehensive.json");
  g_assert_true (json_node_is_null (at (root, "memory_analysis.leaks.tail_ns")));
  at (root, "memory_analysis.leaks.reasons.tail_ns");
}

static void
test_untracked_roles (Fixture *f, gconstpointer name)
{
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;

  f->options.prefix = "p";
  f->options.files = MS_EXPORT_COMPREHENSIVE;
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, &error));
  g_assert_no_error (error);
  root = read_json (f, "p_comprehensive.json");
  g_assert_false (json_node_get_boolean (at (root, "memory_analysis.thread_stats.0.tracked")));
  g_assert_true (json_node_is_null (at (root, "memory_analysis.thread_stats.0.role")));
  g_assert_true (json_node_is_null (at (root, "memory_analysis.thread_stats.0.alert")));
  g_assert_true (json_node_is_null (at (root, "memory_analysis.thread_stats.0.peak_bytes")));
}

static void
test_rankings (Fixture *f, gconstpointer name)
{
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GPtrArray) written = NULL;
  JsonArray *entries;

  f->options.files = MS_EXPORT_RANKINGS;
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, &written, NULL));
  g_assert_cmpuint (written->len, ==, 1);
  g_assert_true (g_str_has_suffix (g_ptr_array_index (written, 0), "_resource_rankings.json"));
  g_assert_cmpuint (count_files (f), ==, 1);
  {
    g_autofree char *base = g_path_get_basename (g_ptr_array_index (written, 0));

    root = read_json (f, base);
  }

  entries = json_node_get_array (at (root, "memory_rankings.entries"));
  g_assert_cmpuint (json_array_get_length (entries), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (entries, 0),
                                                  "name"),
                   ==, "reader");
  entries = json_node_get_array (at (root, "cpu_rankings.entries"));
  g_assert_cmpuint (json_array_get_length (entries), ==, 2);
  g_assert_cmpfloat_with_epsilon (
      json_object_get_double_member (json_array_get_object_element (entries, 0),
                                     "cpu_percent_of_life"),
      50.0, 1e-6);
  g_assert_true (json_node_is_null (at (root, "gpu_rankings.entries")));
}

/* Nothing in the page can end its data block or begin a script, whatever the names are. */
static void
test_page (Fixture *f, gconstpointer name)
{
  gsize size;
  g_autofree char *page = NULL;
  guint n_ends = 0;

  f->options.prefix = "page";
  f->options.files = MS_EXPORT_DASHBOARD;
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, NULL));
  page = read_file (f, "page_dashboard.html", &size);
  g_assert_cmpuint (size, <, 1000000);
  g_assert_cmpuint (strlen (page), ==, size);
  g_assert_true (g_utf8_validate (page, (gssize) size, NULL));
  g_assert_null (strstr (page, "@DATA@"));
  g_assert_null (strstr (page, "@WORDS@"));
  g_assert_nonnull (strstr (page, "<html lang=\"en\">"));
  g_assert_null (strstr (page, "<script>pwned"));
  for (const char *p = page; (p = strstr (p, "</script")); p++)
    n_ends++;
  g_assert_cmpuint (n_ends, ==, 3);
}

/* What is in a file, or in the file that is packed in it. */
static GBytes *
read_unpacked (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) gzip =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) plain = g_str_has_suffix (path, ".gz")
                                       ? g_converter_input_stream_new (stream, gzip)
                                       : g_object_ref (stream);

  g_assert_cmpint (g_output_stream_splice (out, plain, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                                           NULL),
                   >=, 0);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static gboolean
holds (GBytes *bytes, const char *word)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, word, strlen (word)) != NULL;
}

/* Nothing that tells whose machine it was is in any file. */
static void
test_redacted (Fixture *f, gconstpointer name)
{
  static const char *const private_words[] = { "/src", "/usr", "/bin/plain", "eth<b>",
                                               "eth\\u003cb" };
  const char *const *arguments = ms_trace_get_arguments (f->trace);
  g_autoptr (GPtrArray) written = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *open = NULL;

  f->options.prefix = "open";
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, NULL));
  open = read_file (f, "open_comprehensive.json", NULL);
  g_assert_nonnull (strstr (open, "/src"));
  g_assert_nonnull (strstr (open, arguments[0]));

  f->options.prefix = "sent";
  f->options.redact = TRUE;
  f->options.files = MS_EXPORT_DEFAULT | MS_EXPORT_CSV | MS_EXPORT_COLLAPSED | MS_EXPORT_SPEEDSCOPE
                     | MS_EXPORT_PERFETTO | MS_EXPORT_MASSIF | MS_EXPORT_PPROF;
  g_assert_true (ms_export_trace (f->trace, &f->options, NULL, &written, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (written->len, >, 10);
  for (guint i = 0; i < written->len; i++)
    {
      g_autoptr (GBytes) text = read_unpacked (g_ptr_array_index (written, i));

      g_assert_cmpuint (g_bytes_get_size (text), >, 0);
      for (guint w = 0; w < G_N_ELEMENTS (private_words); w++)
        g_assert_false (holds (text, private_words[w]));
      for (guint a = 0; arguments != NULL && arguments[a] != NULL; a++)
        if (strlen (arguments[a]) > 3)
          g_assert_false (holds (text, arguments[a]));
    }
}

/* Same trace in, same bytes out. */
static void
test_repeatable (Fixture *f, gconstpointer name)
{
  static const char *const suffixes[] = { "_comprehensive.json", "_resource_rankings.json",
                                          "_dashboard.html" };
  static const char *const prefixes[] = { "a", "b" };

  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      f->options.prefix = prefixes[i];
      g_assert_true (ms_export_trace (f->trace, &f->options, NULL, NULL, NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *a_name = g_strconcat ("a", suffixes[i], NULL),
                      *b_name = g_strconcat ("b", suffixes[i], NULL);
      gsize a_size, b_size;
      g_autofree char *a = read_file (f, a_name, &a_size), *b = read_file (f, b_name, &b_size);

      g_assert_cmpmem (a, a_size, b, b_size);
    }
}

static void
test_prefixes (Fixture *f, gconstpointer name)
{
  static const char *const wrong[] = { "", "a/b", "../up" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      f->options.prefix = wrong[i];
      g_assert_false (ms_export_trace (f->trace, &f->options, NULL, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
  g_assert_cmpuint (count_files (f), ==, 0);
}

/* A folder that is a file: an error that names it, and nothing half-written. */
static void
test_unwritable (Fixture *f, gconstpointer name)
{
  g_autofree char *blocked = g_build_filename (f->folder, "blocked", NULL);
  g_autoptr (GPtrArray) written = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (blocked, "in the way", -1, NULL));
  f->options.output_folder = blocked;
  g_assert_false (ms_export_trace (f->trace, &f->options, NULL, &written, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "blocked"));
  g_assert_cmpuint (written->len, ==, 0);
  g_assert_cmpuint (count_files (f), ==, 1);
}

/* The last target cannot be replaced: neither are those before it. */
static void
test_target_in_the_way (Fixture *f, gconstpointer name)
{
  g_autofree char *target = g_build_filename (f->folder, "p_dashboard.html", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (target, 0755), ==, 0);
  f->options.prefix = "p";
  g_assert_false (ms_export_trace (f->trace, &f->options, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (count_files (f), ==, 1);
}

/* A disk that fills up in the middle: an error, and no part of a file. */
static void
test_full (Fixture *f, gconstpointer name)
{
  struct rlimit before, small;
  g_autoptr (GError) error = NULL;
  g_autofree char *old = NULL, *text = NULL;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 120000; /* the JSON files fit, the page does not */
  old = g_build_filename (f->folder, "old_comprehensive.json", NULL);
  g_assert_true (g_file_set_contents (old, "before", -1, NULL));
  f->options.prefix = "old";
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (ms_export_trace (f->trace, &f->options, NULL, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "old_dashboard.html: "));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpuint (count_files (f), ==, 1);
  text = read_file (f, "old_comprehensive.json", NULL);
  g_assert_cmpstr (text, ==, "before");
}

static void
test_cancelled (Fixture *f, gconstpointer name)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (ms_export_trace (f->trace, &f->options, cancellable, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_files (f), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path, *fixture;
    void (*run) (Fixture *f, gconstpointer name);
  } tests[] = {
    { "/export/comprehensive", "plain", test_comprehensive },
    { "/export/verdicts", "plain", test_verdicts },
    { "/export/verdicts/no-ages", "untracked", test_no_ages },
    { "/export/rankings", "plain", test_rankings },
    { "/export/page/plain", "plain", test_page },
    { "/export/page/hostile", "hostile", test_page },
    { "/export/page/many", "many", test_page },
    { "/export/page/untracked", "untracked", test_page },
    { "/export/roles/untracked", "untracked", test_untracked_roles },
    { "/export/redacted/plain", "plain", test_redacted },
    { "/export/redacted/measured", "measured", test_redacted },
    { "/export/repeatable", "hostile", test_repeatable },
    { "/export/prefixes", "plain", test_prefixes },
    { "/export/unwritable", "plain", test_unwritable },
    { "/export/target-in-the-way", "plain", test_target_in_the_way },
    { "/export/full", "plain", test_full },
    { "/export/cancelled", "plain", test_cancelled },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].fixture, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
