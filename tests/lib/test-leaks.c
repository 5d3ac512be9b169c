/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What was never freed: by stack, without what is young and what is suppressed. */
#include <math.h>
#include <string.h>

#include "ms-leaks.h"
#include "name-table.h"
#include "program-model.h"
#include "trace-fixture.h"

#define MS(n) ((guint64) (n) *1000000)
#define S(n) (1000 * MS (n))

typedef struct {
  TraceFixture trace;
  NameTable *names;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  trace_fixture_set_up (&self->trace, data);
  self->names = name_table_new ("/opt/app/lib/libengine.so.1", 0x400000);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->names);
  trace_fixture_tear_down (&self->trace, data);
}

/* In 10 s, of which the last 100 ms are the tail:
 *
 *   cache   100 bytes at 1 s, 200 at 9.95 s (young)
 *   queue   1 000 bytes at 9.899 s, and 50 at 5 s that are freed at 9.95 s
 *   parse   30 bytes at 9.9 s: the tail's first moment
 */
static void
build (Fixture *self)
{
  TraceBuilder *b = self->trace.builder;
  guint32 cache = name_table_add_stack (self->names, b, 0, "main > fill@cache.c:7 > g_malloc");
  guint32 queue = name_table_add_stack (self->names, b, 0, "main > push^run@src/queue.c:9");
  guint32 parse = name_table_add_stack (self->names, b, 0, "main > parse@parse.c:3");

  name_table_add_module (self->names, b);
  trace_builder_start (b, 0, 0, -1);
  trace_builder_alloc (b, 0, S (1), 0x1000, 100, cache);
  trace_builder_alloc (b, 0, S (5), 0x2000, 50, queue);
  trace_builder_alloc (b, 0, MS (9899), 0x3000, 1000, queue);
  trace_builder_alloc (b, 0, MS (9900), 0x4000, 30, parse);
  trace_builder_alloc (b, 0, MS (9950), 0x5000, 200, cache);
  trace_builder_free_block (b, 0, MS (9950), 0x2000);
  trace_builder_exit (b, 0, S (10), 0);
}

static MsLeakReport *
report (Fixture *self, MsTrace *trace, const char *suppressions)
{
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  g_autoptr (MsSuppressions) parsed =
      suppressions ? ms_suppressions_parse (suppressions, -1, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  MsLeakReport *leaks = ms_leak_report_new (view, MS_DOMAIN_HEAP, parsed,
                                            MS_NAME_RESOLVER (self->names), NULL, NULL, &error);

  g_assert_no_error (error);
  return leaks;
}

static void
assert_sum (MsLeakSum sum, guint64 blocks, guint64 bytes)
{
  g_assert_cmpuint (sum.blocks, ==, blocks);
  g_assert_cmpuint (sum.bytes, ==, bytes);
}

static void
assert_leak (GArray *leaks, guint index, guint64 blocks, guint64 bytes, gint suppression)
{
  g_assert_cmpuint (index, <, leaks->len);
  assert_sum (g_array_index (leaks, MsLeak, index).sum, blocks, bytes);
  g_assert_cmpint (g_array_index (leaks, MsLeak, index).suppression, ==, suppression);
}

/* Without a history nothing is young, and it says so. */
static void
test_no_ages (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsLeakReport) leaks = NULL;

  build (self);
  trace_builder_finish (self->trace.builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (&self->trace);
  leaks = report (self, trace, NULL);
  g_assert_false (leaks->still_running);
  g_assert_false (leaks->tail_ns.known);
  g_assert_nonnull (strstr (leaks->tail_ns.reason, "without its history"));
  assert_sum (leaks->accused, 4, 1330);
  assert_sum (leaks->young, 0, 0);
  g_assert_cmpuint (leaks->leaks->len, ==, 3);
  assert_leak (leaks->leaks, 0, 1, 1000, -1);
  assert_leak (leaks->leaks, 1, 2, 300, -1);
  assert_leak (leaks->leaks, 2, 1, 30, -1);
}

/* A tail of no length needs no history. */
static void
test_no_tail (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsLeakReport) leaks = NULL;
  MsAnalysisSettings settings;

  build (self);
  trace_builder_finish (self->trace.builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (&self->trace);
  view = ms_view_new (trace, NULL, NULL, NULL);
  ms_analysis_settings_init (&settings);
  settings.leak_tail_percent = 0;
  leaks = ms_leak_report_new (view, MS_DOMAIN_HEAP, NULL, NULL, &settings, NULL, NULL);
  g_assert_true (leaks->tail_ns.known);
  g_assert_cmpfloat (leaks->tail_ns.value, ==, 0);
  assert_sum (leaks->accused, 4, 1330);
}

static void
test_tail_length (void)
{
  MsAnalysisSettings settings;

  ms_analysis_settings_init (&settings);
  g_assert_cmpint (ms_leak_tail_ns (0, NULL), ==, 0);
  g_assert_cmpint (ms_leak_tail_ns ((gint64) S (10), NULL), ==, (gint64) MS (100));
  g_assert_cmpint (ms_leak_tail_ns ((gint64) S (1000), NULL), ==, (gint64) S (10));
  g_assert_cmpint (ms_leak_tail_ns ((gint64) S (100000), NULL), ==, (gint64) S (10));
  settings.leak_tail_percent = 50;
  g_assert_cmpint (ms_leak_tail_ns ((gint64) S (10), &settings), ==, (gint64) S (5));
}

static void
test_suppressed (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *text;
    guint64 accused, suppressed;
    gint first_use; /* bytes of suppression 0 */
    guint n_stacks;
  } cases[] = {
    { "leak:fill", 1030, 300, 300, 1 },
    { "leak:cache.c$", 1030, 300, 300, 1 },
    { "leak:^push$", 330, 1000, 1000, 1 },      /* inlined */
    { "leak:src/queue.c", 330, 1000, 1000, 1 }, /* a file */
    { "leak:libengine.so", 0, 1330, 1330, 3 },  /* a module */
    { "leak:/opt/app/*/libengine", 0, 1330, 1330, 3 },
    { "leak:main", 0, 1330, 1330, 3 }, /* the outermost frame */
    { "leak:nothing_like_it", 1330, 0, 0, 0 },
    { "leak:nothing_like_it\nleak:^parse$", 1300, 30, 0, 0 },
    /* The first frame that matches any, innermost first, and then the order of the file. */
    { "leak:main\nleak:fill", 0, 1330, 1030, 2 },
    { "leak:g_malloc\nleak:fill\nleak:main", 0, 1330, 300, 1 },
  };

  build (self);
  trace_builder_finish (self->trace.builder, TRACE_BUILDER_CLOSED);
  {
    g_autoptr (MsTrace) trace = trace_fixture_load (&self->trace);

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autoptr (MsLeakReport) leaks = report (self, trace, cases[i].text);
        const MsSuppressionUse *use = &g_array_index (leaks->suppression_uses, MsSuppressionUse, 0);

        g_assert_cmpuint (leaks->accused.bytes, ==, cases[i].accused);
        g_assert_cmpuint (leaks->suppressed.bytes, ==, cases[i].suppressed);
        g_assert_cmpuint (use->sum.bytes, ==, (guint64) cases[i].first_use);
        g_assert_cmpuint (use->n_stacks, ==, cases[i].n_stacks);
        g_assert_cmpuint (leaks->leaks->len + leaks->suppressed_leaks->len, ==, 3);
      }
  }
}

/* Without names a module still counts. */
static void
test_modules_only (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsSuppressions) by_module = ms_suppressions_parse ("leak:libengine", -1, NULL);
  g_autoptr (MsSuppressions) by_name = ms_suppressions_parse ("leak:main", -1, NULL);
  g_autoptr (MsLeakReport) all = NULL, none = NULL;

  build (self);
  trace_builder_finish (self->trace.builder, TRACE_BUILDER_KILLED);
  trace = trace_fixture_load (&self->trace);
  view = ms_view_new (trace, NULL, NULL, NULL);
  all = ms_leak_report_new (view, MS_DOMAIN_HEAP, by_module, NULL, NULL, NULL, NULL);
  none = ms_leak_report_new (view, MS_DOMAIN_HEAP, by_name, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (all->accused.bytes, ==, 0);
  g_assert_cmpuint (none->accused.bytes, ==, 1330);
}

static void
test_tail (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsLeakReport) leaks = NULL, suppressed = NULL;
  g_autoptr (GError) error = NULL;

  build (self);
  trace_builder_finish (self->trace.builder, TRACE_BUILDER_CLOSED);
  trace = ms_trace_load_full (self->trace.folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  leaks = report (self, trace, NULL);
  g_assert_true (leaks->tail_ns.known);
  g_assert_cmpfloat (leaks->tail_ns.value, ==, MS (100));
  assert_sum (leaks->accused, 2, 1100);
  assert_sum (leaks->young, 2, 230);
  assert_sum (leaks->largest_young.sum, 1, 200);
  g_assert_cmpuint (leaks->leaks->len, ==, 2);
  assert_leak (leaks->leaks, 0, 1, 1000, -1);
  assert_leak (leaks->leaks, 1, 1, 100, -1);

  suppressed = report (self, trace, "leak:fill");
  assert_sum (suppressed->accused, 1, 1000);
  assert_sum (suppressed->young, 2, 230);
  assert_leak (suppressed->suppressed_leaks, 0, 1, 100, 0);
}

/* Each block was kept with a probability of a half: it stands for two, and brings 2 Z² of variance. */
static void
test_sampled (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsLeakReport) leaks = NULL;
  g_autoptr (GError) error = NULL;

  trace_builder_set_configuration (self->trace.builder, "\"allocation_sampling_rate\":0.5");
  trace_builder_sampling (self->trace.builder, 0, 0.5, 0);
  build (self);
  trace_builder_finish (self->trace.builder, TRACE_BUILDER_CLOSED);
  trace = ms_trace_load_full (self->trace.folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  leaks = report (self, trace, NULL);
  assert_sum (leaks->accused, 4, 2200);
  assert_sum (leaks->young, 4, 460);
  g_assert_cmpfloat_with_epsilon (leaks->accused.bytes_standard_error,
                                  sqrt (2 * (1000.0 * 1000 + 100 * 100)), 1e-6);
  g_assert_cmpfloat_with_epsilon (leaks->accused.blocks_standard_error, 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (leaks->young.bytes_standard_error,
                                  sqrt (2 * (200.0 * 200 + 30 * 30)), 1e-6);
}

/* --- random programs ---------------------------------------------------------------------------- */

typedef struct {
  gint64 from_ns, to_ns; /* of the range; to_ns is in it where it is the trace's end */
  gboolean to_end;
  guint even_threads; /* only those */
} Choice;

static gboolean
is_before_end (const Choice *choice, gint64 time_ns)
{
  return time_ns < choice->to_ns || choice->to_end;
}

/* What leaks of the model between @from_ns and the range's end. */
static MsLeakSum
leaks_of_model (const ProgramModel *model, const Choice *choice, gint64 from_ns)
{
  MsLeakSum sum = { 0 };

  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = &g_array_index (model->blocks, ModelBlock, i);
      gint64 born_ns = (gint64) g_array_index (model->times_ns, guint64, b->born);
      gboolean died =
          b->died != G_MAXUINT
          && is_before_end (choice, (gint64) g_array_index (model->times_ns, guint64, b->died));

      if (b->unseen || b->domain != MS_DOMAIN_HEAP || died || born_ns < from_ns
          || !is_before_end (choice, born_ns) || (choice->even_threads && b->thread % 2))
        continue;
      sum.blocks++;
      sum.bytes += b->size;
    }
  return sum;
}

static void
check_choice (const ProgramModel *model, MsTrace *trace, const Choice *choice, double tail_percent)
{
  static const guint even[] = { 0, 2, 4, 6 };
  g_autoptr (MsFilter) range =
      ms_filter_with_range (NULL, choice->from_ns, choice->to_end ? MS_TIME_NONE : choice->to_ns);
  g_autoptr (MsFilter) filter = choice->even_threads
                                    ? ms_filter_with_threads (range, even, G_N_ELEMENTS (even))
                                    : ms_filter_ref (range);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, &error);
  g_autoptr (MsLeakReport) report = NULL;
  MsAnalysisSettings settings;
  MsLeakSum all, young;
  gint64 tail_ns;

  g_assert_no_error (error);
  ms_analysis_settings_init (&settings);
  settings.leak_tail_percent = tail_percent;
  tail_ns = ms_leak_tail_ns (choice->to_ns - choice->from_ns, &settings);
  report = ms_leak_report_new (view, MS_DOMAIN_HEAP, NULL, NULL, &settings, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (report->still_running, ==, !choice->to_end);
  all = leaks_of_model (model, choice, choice->from_ns);
  young = tail_ns > 0 ? leaks_of_model (model, choice, choice->to_ns - tail_ns) : (MsLeakSum) { 0 };
  assert_sum (report->young, young.blocks, young.bytes);
  assert_sum (report->accused, all.blocks - young.blocks, all.bytes - young.bytes);
}

static void
test_random_programs (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8);

  for (guint round = 0; round < 25; round++)
    {
      ProgramShape shape = { .n_threads = 1 + round % 5,
                             .n_stacks = 8,
                             .n_steps = 3000,
                             .n_addresses = 200,
                             .cross_frees = TRUE };
      g_autofree char *folder = test_folder_new ();
      g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
      g_autoptr (ProgramModel) model = program_model_random (builder, &shape, random);
      g_autoptr (GError) error = NULL;
      g_autoptr (MsTrace) trace = NULL;

      trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
      trace = ms_trace_load_full (folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < 12; i++)
        {
          gint64 end_ns = ms_trace_get_duration_ns (trace);
          Choice choice = { .to_ns = end_ns, .to_end = i % 2 == 0, .even_threads = i % 3 == 0 };

          if (i > 3)
            choice.from_ns = (gint64) (g_rand_double (random) * 0.5 * (double) end_ns);
          if (!choice.to_end)
            choice.to_ns = choice.from_ns
                           + (gint64) (g_rand_double (random) * (double) (end_ns - choice.from_ns));
          if (choice.to_ns > choice.from_ns)
            check_choice (model, trace, &choice, g_rand_double_range (random, 0, 100));
        }
      test_folder_remove (folder);
    }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

/* What the C library called malloc for by itself is its own; what the program or anything else did is not. */
static void
test_libraries (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *stack;
    guint n_blocks;
    gboolean is_spared;
  } cases[] = {
    { "main > compare > tzset", 1, FALSE }, /* the program's function of that name */
    { "main > printf > _IO_file_doallocate", 1, TRUE },
    { "main > compare > printf > _IO_file_doallocate", 2, FALSE }, /* more streams than there are */
    { "main > getpwuid", 3, TRUE },
    { "main > getpwuid > qsort > compare", 1, FALSE },
    { "main > fopen", 1, FALSE },
    { "main > dlopen > _dlerror_run", 1, TRUE },
    { "main > dlopen > _dlerror_run > _dl_new_object", 1, FALSE },
    { "start > clone3 > pthread_create > ?16", 1, FALSE },
  };
  const guint64 start = 0x400000, end_of_program = start + 16 * 4; /* main, compare, tzset */
  TraceBuilder *b = self->trace.builder;
  guint64 address = 0x10000, spared_blocks = 0, blocks = 0;
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsLeakReport) spared = NULL, all = NULL;
  MsAnalysisSettings settings;

  trace_builder_start (b, 0, 0, -1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint32 stack = name_table_add_stack (self->names, b, 0, cases[i].stack);

      for (guint n = 0; n < cases[i].n_blocks; n++, address += 0x1000)
        trace_builder_alloc (b, 0, address, address, 10, stack);
      blocks += cases[i].n_blocks;
      spared_blocks += cases[i].is_spared ? cases[i].n_blocks : 0;
    }
  trace_builder_add_module (b, 0, start, end_of_program, start, "/usr/bin/victim", NULL, 0);
  trace_builder_add_module (b, 0, end_of_program, start + 0x1000000, start,
                            "/lib/x86_64-linux-gnu/libc.so.6", NULL, 0);
  trace_builder_exit (b, 0, S (1), 0);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (&self->trace);
  view = ms_view_new (trace, NULL, NULL, NULL);
  ms_analysis_settings_init (&settings);
  settings.leak_tail_percent = 0;
  spared = ms_leak_report_new (view, MS_DOMAIN_HEAP, NULL, MS_NAME_RESOLVER (self->names),
                               &settings, NULL, NULL);
  assert_sum (spared->libraries, spared_blocks, 10 * spared_blocks);
  assert_sum (spared->accused, blocks - spared_blocks, 10 * (blocks - spared_blocks));
  for (guint i = 0; i < spared->leaks->len; i++)
    g_assert_false (cases[g_array_index (spared->leaks, MsLeak, i).stack].is_spared);
  settings.leak_spares_libraries = 0;
  all = ms_leak_report_new (view, MS_DOMAIN_HEAP, NULL, MS_NAME_RESOLVER (self->names), &settings,
                            NULL, NULL);
  assert_sum (all->libraries, 0, 0);
  assert_sum (all->accused, blocks, 10 * blocks);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/leaks/no-ages", test_no_ages);
  ADD ("/leaks/no-tail", test_no_tail);
  g_test_add_func ("/leaks/tail-length", test_tail_length);
  ADD ("/leaks/suppressed", test_suppressed);
  ADD ("/leaks/modules-only", test_modules_only);
  ADD ("/leaks/tail", test_tail);
  ADD ("/leaks/sampled", test_sampled);
  g_test_add_func ("/leaks/random-programs", test_random_programs);
  g_test_add ("/leaks/libraries", Fixture, NULL, set_up, test_libraries, tear_down);
  return g_test_run ();
}
