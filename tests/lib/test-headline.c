/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The first sentence, and the findings below it, at and around their thresholds. */
#include <string.h>

#include "ms-findings.h"
#include "ms-headline.h"
#include "name-table.h"
#include "trace-fixture.h"

typedef struct {
  TraceFixture trace;
  NameTable *names;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  trace_fixture_set_up (&self->trace, data);
  self->names = name_table_new ("/usr/bin/ingest", 0x400000);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->names);
  trace_fixture_tear_down (&self->trace, data);
}

typedef struct {
  MsTrace *trace;
  MsView *view;
  MsFrameNames *names;
} Loaded;

static Loaded
load (Fixture *self)
{
  Loaded loaded = { 0 };

  trace_builder_finish (self->trace.builder, TRACE_BUILDER_CLOSED);
  loaded.trace = trace_fixture_load (&self->trace);
  loaded.view = ms_view_new (loaded.trace, NULL, NULL, NULL);
  loaded.names = ms_frame_names_new (loaded.trace, MS_NAME_RESOLVER (self->names), NULL, NULL);
  return loaded;
}

static void
loaded_clear (Loaded *self)
{
  ms_frame_names_unref (self->names);
  g_object_unref (self->view);
  g_object_unref (self->trace);
}

/* ingest holds 620 000 of a million bytes, 500 000 of them from decode; compact frees @freed_by_other blocks of the
 * five that decode made. */
static void
build (Fixture *self, guint freed_by_other)
{
  TraceBuilder *b = self->trace.builder;
  guint32 decode =
      name_table_add_stack (self->names, b, 1, "run > decode_batch@src/queue.c:118 > malloc");
  guint32 other = name_table_add_stack (self->names, b, 1, "run > other@other.c:1");
  guint32 main_stack = name_table_add_stack (self->names, b, 0, "main@main.c:5");

  name_table_add_module (self->names, b);
  trace_builder_start (b, 0, 0, -1);
  trace_builder_name (b, 0, 1, "main", -1);
  trace_builder_alloc (b, 0, 10, 0x1000, 380000, main_stack);
  trace_builder_start (b, 1, 0, 0);
  trace_builder_name (b, 1, 1, "ingest-1", -1);
  for (guint i = 0; i < 5; i++)
    trace_builder_alloc (b, 1, 20 + i, 0x100000 * (i + 1), 100000, decode);
  trace_builder_alloc (b, 1, 30, 0x900000, 120000, other);
  trace_builder_start (b, 2, 0, 0);
  trace_builder_name (b, 2, 1, "compact", -1);
  for (guint i = 0; i < 4; i++)
    trace_builder_free_block (b, i < freed_by_other ? 2 : 1, 100 + i, 0x100000 * (i + 1));
}

static const char *
translate (const char *context, const char *text, const char *many, gulong n, gpointer data)
{
  g_assert_cmpstr (context, ==, "headline");
  g_assert_cmpstr (text, ==, "%s holds %s %% of the peak of %s, from %s, freed by %s.");
  return "%5$s (%4$s) %3$s %1$s";
}

static char *
format_value (double value, const char *unit, gpointer data)
{
  g_assert_cmpfloat (value, ==, 1e6);
  g_assert_cmpstr (unit, ==, "bytes");
  return g_strdup ("1.000.000");
}

static const MsLanguage language = { translate, format_value, format_value, NULL };

static void
test_headline (Fixture *self, gconstpointer data)
{
  Loaded loaded;
  g_autoptr (MsHeadline) headline = NULL;

  build (self, 4);
  loaded = load (self);
  headline = ms_headline_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL);
  g_assert_cmpuint (headline->thread_id, ==, 1);
  g_assert_cmpuint (headline->bytes, ==, 620000);
  g_assert_cmpuint (headline->peak_bytes, ==, 1000000);
  g_assert_cmpint (headline->time_ns, ==, 30);
  g_assert_cmpint (headline->free_thread_id, ==, 2);
  g_assert_cmpstr (
      headline->text, ==,
      "ingest-1 holds 62 % of the peak of 1.00 MB, from decode_batch (queue.c:118), freed "
      "by compact.");

  /* In a language, with marks where its names are. */
  g_autofree char *marked = ms_headline_write (headline, &language, "<1>", "<2>", "<3>");
  g_assert_cmpstr (marked, ==, "<3> (<2>) 1.000.000 <1>");
  loaded_clear (&loaded);
}

/* Where others have its name, its number says which one is meant. */
static void
test_same_names (Fixture *self, gconstpointer data)
{
  TraceBuilder *b = self->trace.builder;
  Loaded loaded;
  g_autoptr (MsHeadline) headline = NULL;

  build (self, 4);
  trace_builder_start (b, 3, 0, 0);
  trace_builder_name (b, 3, 1, "ingest-1", -1);
  loaded = load (self);
  headline = ms_headline_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL);
  g_assert_cmpstr (headline->thread_name, ==, "ingest-1 (1001)");
  g_assert_cmpstr (headline->free_thread_name, ==, "compact");
  loaded_clear (&loaded);
}

/* Half of the freed bytes are enough to be named, less is not. */
static void
test_freed_by (Fixture *self, gconstpointer data)
{
  guint freed_by_other = GPOINTER_TO_UINT (data);
  Loaded loaded;
  g_autoptr (MsHeadline) headline = NULL;

  build (self, freed_by_other);
  loaded = load (self);
  headline = ms_headline_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL);
  g_assert_cmpint (headline->free_thread_id, ==, freed_by_other >= 2 ? 2 : -1);
  g_assert_cmpint (headline->free_thread_name != NULL, ==, freed_by_other >= 2);
  loaded_clear (&loaded);
}

static void
test_nothing (Fixture *self, gconstpointer data)
{
  Loaded loaded;

  trace_builder_start (self->trace.builder, 0, 0, -1);
  trace_builder_exit (self->trace.builder, 0, 10, 0);
  loaded = load (self);
  g_assert_null (ms_headline_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL));
  loaded_clear (&loaded);
}

static const MsFinding *
find (GPtrArray *findings, const char *code)
{
  for (guint i = 0; i < findings->len; i++)
    if (strcmp (((MsFinding *) g_ptr_array_index (findings, i))->code, code) == 0)
      return g_ptr_array_index (findings, i);
  return NULL;
}

static void
test_findings (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *setting;
    double fires, silent;
    const char *code;
  } cases[] = {
    { "finding_thread_percent", 62, 62.01, "thread_dominates_peak" },
    { "finding_stack_percent", 50, 50.01, "stack_dominates_peak" },
    { "finding_never_freed_percent", 60, 60.01, "never_freed" },
  };
  Loaded loaded;

  build (self, 4);
  loaded = load (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint silent = 0; silent < 2; silent++)
      {
        g_autoptr (GPtrArray) findings = NULL;
        MsAnalysisSettings settings;

        ms_analysis_settings_init (&settings);
        settings.finding_bytes = 1000;
        settings.finding_temporary_percent = 0;
        ms_analysis_settings_set (&settings, cases[i].setting,
                                  silent ? cases[i].silent : cases[i].fires);
        findings =
            ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL, &settings, NULL);
        g_assert_cmpint (find (findings, cases[i].code) == NULL, ==, (int) silent);
      }
  loaded_clear (&loaded);
}

/* Five of ten allocations are freed by the next operation. */
static void
test_temporary (Fixture *self, gconstpointer data)
{
  static const struct {
    double percent, allocations;
    gboolean fires;
  } cases[] = { { 50, 10, TRUE }, { 50.1, 10, FALSE }, { 50, 11, FALSE } };
  TraceBuilder *b = self->trace.builder;
  guint32 stack = name_table_add_stack (self->names, b, 0, "main@main.c:5");
  Loaded loaded;

  name_table_add_module (self->names, b);
  for (guint i = 0; i < 10; i++)
    {
      trace_builder_alloc (b, 0, 10 + 2 * i, 0x1000 * (i + 1), 10, stack);
      if (i % 2)
        trace_builder_free_block (b, 0, 11 + 2 * i, 0x1000 * (i + 1));
    }
  loaded = load (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) findings = NULL;
      MsAnalysisSettings settings;

      ms_analysis_settings_init (&settings);
      settings.finding_temporary_percent = cases[i].percent;
      settings.finding_allocations = cases[i].allocations;
      findings = ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL, &settings, NULL);
      g_assert_cmpuint (findings->len, ==, cases[i].fires ? 1 : 0);
      if (cases[i].fires)
        g_assert_cmpuint (find (findings, "temporary_allocations")->part, ==, 5);
    }
  loaded_clear (&loaded);
}

/* Of a sample, each block that was kept stands for ten, and how many were allocated is counted: three that were kept
 * and freed at once say thirty of twenty-three. */
static void
test_temporary_sampled (Fixture *self, gconstpointer data)
{
  TraceBuilder *b = self->trace.builder;
  guint32 stack = name_table_add_stack (self->names, b, 0, "main@main.c:5");
  g_autoptr (GPtrArray) findings = NULL;
  const MsFinding *finding;
  MsAnalysisSettings settings;
  Loaded loaded;

  name_table_add_module (self->names, b);
  trace_builder_sampling (b, 0, 0.1, 0);
  for (guint i = 0; i < 3; i++)
    {
      trace_builder_alloc (b, 0, 10 + 2 * i, 0x1000 * (i + 1), 10, stack);
      trace_builder_sampled_call (b, 0, TRK_CALL_TEMPORARY);
      trace_builder_free_block (b, 0, 11 + 2 * i, 0x1000 * (i + 1));
    }
  trace_builder_skipped (b, 0, 20, 200, 20);
  loaded = load (self);
  ms_analysis_settings_init (&settings);
  settings.finding_allocations = 10;
  findings = ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL, &settings, NULL);
  finding = find (findings, "temporary_allocations");
  g_assert_nonnull (finding);
  g_assert_cmpuint (finding->part, ==, 30);
  g_assert_cmpuint (finding->whole, ==, 23);
  g_assert_true (g_str_has_prefix (finding->text, "About all allocations were freed at once"));
  loaded_clear (&loaded);
}

/* What they say; and that little is left alone. */
static void
test_finding_parts (Fixture *self, gconstpointer data)
{
  Loaded loaded;
  g_autoptr (GPtrArray) findings = NULL, none = NULL;
  MsAnalysisSettings settings;
  const MsFinding *thread, *stack, *leak;

  build (self, 4);
  loaded = load (self);
  ms_analysis_settings_init (&settings);
  settings.finding_bytes = 1000001;
  none = ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL, &settings, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  settings.finding_bytes = 600000;
  findings = ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL, &settings, NULL);
  thread = find (findings, "thread_dominates_peak");
  stack = find (findings, "stack_dominates_peak");
  leak = find (findings, "never_freed");
  g_assert_cmpint (thread->thread_id, ==, 1);
  g_assert_cmpuint (thread->part, ==, 620000);
  g_assert_cmpuint (thread->whole, ==, 1000000);
  g_assert_cmpuint (stack->part, ==, 500000);
  g_assert_nonnull (strstr (stack->text, "decode_batch (queue.c:118), held 500 kB"));
  g_assert_cmpuint (leak->part, ==, 600000);
  g_assert_cmpint (leak->thread_id, ==, 0);
  g_assert_cmpstr (leak->text, ==,
                   "Of what was never freed thread main allocated 380 kB, 63 % of it, and 100 % "
                   "of that from main (main.c:5).");
  loaded_clear (&loaded);
}

/* Both threads leave much, none of them half: it is the process's. */
static void
test_leak_of_many (Fixture *self, gconstpointer data)
{
  TraceBuilder *b = self->trace.builder;
  g_autoptr (GPtrArray) findings = NULL;
  const MsFinding *leak;
  Loaded loaded;

  name_table_add_module (self->names, b);
  for (guint i = 0; i < 3; i++)
    {
      guint32 stack = name_table_add_stack (self->names, b, i,
                                            i < 2 ? "run > keep@keep.c:7" : "run > other@keep.c:9");

      trace_builder_start (b, i, 0, i > 0 ? 0 : -1);
      trace_builder_alloc (b, i, 10 + i, 0x100000 * (i + 1), 1000000, stack);
    }
  loaded = load (self);
  findings = ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, NULL, NULL, NULL);
  leak = find (findings, "never_freed");
  g_assert_cmpint (leak->thread_id, ==, -1);
  g_assert_cmpstr (leak->text, ==, "3.00 MB were never freed, 67 % of them from keep (keep.c:7).");
  g_assert_cmpuint (leak->part, ==, 3000000);
  loaded_clear (&loaded);
}

#define N_OUTSIDE 7

/* 12 MB of heap beside what was resident, and beside what the program mapped by itself. */
static void
test_outside_heap (Fixture *self, gconstpointer data)
{
  static const struct {
    double resident; /* 0: not measured */
    guint64 mapped;
    const char *text; /* NULL: it does not fire */
  } cases[N_OUTSIDE] = {
    { 67e6, 42600000,
      "Most of the memory is not in the heap: 67.0 MB were resident (RSS), the heap held 12.0 MB "
      "at "
      "its peak, and the program mapped 42.6 MB itself." },
    { 67e6, 0,
      "Most of the memory is not in the heap: 67.0 MB were resident (RSS), and the heap held 12.0 "
      "MB at its peak." },
    { 0, 42600000,
      "Most of the memory is not in the heap: the program mapped 42.6 MB itself, and the heap held "
      "12.0 MB at its peak." },
    { 20e6, 42600000,
      "Most of the memory is not in the heap: the program mapped 42.6 MB itself, and the heap held "
      "12.0 MB at its peak." },
    { 24e6, 1000000, NULL },
    { 0, 24000000, NULL },
    { 0, 0, NULL },
  };
  guint which = GPOINTER_TO_UINT (data);
  TraceBuilder *b = self->trace.builder;
  guint32 stack = name_table_add_stack (self->names, b, 0, "main@main.c:5");
  g_autoptr (GPtrArray) findings = NULL;
  MsProcessResources process;
  const MsFinding *outside;
  Loaded loaded;

  name_table_add_module (self->names, b);
  trace_builder_set_configuration (b, "\"threads\":\"all\",\"mappings\":true");
  trace_builder_start (b, 0, 0, -1);
  trace_builder_alloc (b, 0, 10, 0x1000, 12000000, stack);
  if (cases[which].mapped > 0)
    trace_builder_map (b, 0, 20, 21, TRK_MAPPING_ANONYMOUS,
                       TRK_MAPPING_READABLE | TRK_MAPPING_WRITABLE, 0x7f0000000000,
                       cases[which].mapped / 4096 * 4096, stack);
  loaded = load (self);
  ms_process_resources_init (&process, "not sampled");
  if (cases[which].resident > 0)
    process.resident_bytes = ms_measured (cases[which].resident);
  findings = ms_findings_new (loaded.view, MS_DOMAIN_HEAP, loaded.names, &process, NULL, NULL);
  outside = find (findings, "memory_outside_heap");
  if (cases[which].text == NULL)
    g_assert_null (outside);
  else
    {
      g_assert_cmpstr (outside->text, ==, cases[which].text);
      g_assert_true (outside == g_ptr_array_index (findings, 0));
      g_assert_cmpuint (outside->part, ==, 12000000);
    }
  loaded_clear (&loaded);
}

/* Of one thread's part, that it held all of it is no finding. */
static void
test_one_thread (Fixture *self, gconstpointer data)
{
  const guint id = 1;
  g_autoptr (MsFilter) filter = ms_filter_with_threads (NULL, &id, 1);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  MsAnalysisSettings settings;
  Loaded loaded;

  build (self, 4);
  loaded = load (self);
  trace = ms_trace_load_full (self->trace.folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  view = ms_view_new (trace, filter, NULL, NULL);
  ms_analysis_settings_init (&settings);
  settings.finding_bytes = 600000;
  findings = ms_findings_new (view, MS_DOMAIN_HEAP, loaded.names, NULL, &settings, NULL);
  g_assert_cmpuint (findings->len, >, 0);
  for (guint i = 0; i < findings->len; i++)
    g_assert_cmpstr (((const MsFinding *) g_ptr_array_index (findings, i))->code, !=,
                     "thread_dominates_peak");
  loaded_clear (&loaded);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/headline/sentence", NULL, test_headline);
  ADD ("/headline/same-names", NULL, test_same_names);
  ADD ("/headline/freed-by-none", GUINT_TO_POINTER (0), test_freed_by);
  ADD ("/headline/freed-by-quarter", GUINT_TO_POINTER (1), test_freed_by);
  ADD ("/headline/freed-by-half", GUINT_TO_POINTER (2), test_freed_by);
  ADD ("/headline/nothing", NULL, test_nothing);
  ADD ("/findings/thresholds", NULL, test_findings);
  ADD ("/findings/temporary", NULL, test_temporary);
  ADD ("/findings/temporary-sampled", NULL, test_temporary_sampled);
  ADD ("/findings/parts", NULL, test_finding_parts);
  ADD ("/findings/one-thread", NULL, test_one_thread);
  ADD ("/findings/leak-of-many", NULL, test_leak_of_many);
  for (guint i = 0; i < N_OUTSIDE; i++)
    {
      g_autofree char *path = g_strdup_printf ("/findings/outside-heap/%u", i);

      ADD (path, GUINT_TO_POINTER (i), test_outside_heap);
    }
  return g_test_run ();
}
