/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each figure at its threshold and just below; what was not measured is never a verdict. */
#include <string.h>

#include "ms-bottlenecks.h"
#include "trace-fixture.h"

#define SECOND G_GUINT64_CONSTANT (1000000000)

/* Ten seconds; thread 0 computes for one of them. */
static MsTrace *
load (TraceFixture *self)
{
  trace_builder_start (self->builder, 0, 0, -1);
  trace_builder_alloc (self->builder, 0, 1, 0x1000, 10, 0);
  trace_builder_exit (self->builder, 0, 10 * SECOND, SECOND);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  return trace_fixture_load (self);
}

/* Everything measured and nothing at its limit. */
static void
set_calm (MsProcessResources *process, MsSystemResources *system, MsThreadResources *thread)
{
  ms_process_resources_init (process, "");
  ms_system_resources_init (system, "");
  ms_thread_resources_init (thread, "");
  for (gsize i = 0; i < sizeof *process / sizeof (MsMeasured); i++)
    ((MsMeasured *) process)[i] = ms_measured (0);
  for (gsize i = 0; i < sizeof *system / sizeof (MsMeasured); i++)
    ((MsMeasured *) system)[i] = ms_measured (0);
  for (gsize i = 0; i < sizeof *thread / sizeof (MsMeasured); i++)
    ((MsMeasured *) thread)[i] = ms_measured (0);
  process->available_cores = ms_measured (4);
  process->memory_limit_bytes = ms_measured (1e9);
  system->memory_total_bytes = system->memory_available_bytes = ms_measured (8e9);
  system->gpu_memory_total_bytes = ms_measured (1e9);
}

static MsProcessResources process;
static MsSystemResources machine;
static MsThreadResources thread;

static const struct {
  MsMeasured *figure;
  double at, below;
  MsBottleneck kind;
  const char *name;
  double value;
} cases[] = {
  { &process.cpu_percent, 340, 339, MS_BOTTLENECK_CPU, "cpu_percent_of_available", 85 },
  { &thread.cpu_percent, 90, 89.9, MS_BOTTLENECK_CPU, "busiest_thread_cpu_percent", 90 },
  { &process.major_faults_per_second, 100, 99, MS_BOTTLENECK_MEMORY, "major_faults_per_second",
    100 },
  { &process.memory_used_bytes, 9e8, 8.99e8, MS_BOTTLENECK_MEMORY, "memory_percent_of_limit", 90 },
  { &machine.memory_pressure_percent, 10, 9.9, MS_BOTTLENECK_MEMORY, "memory_pressure_percent",
    10 },
  { &machine.memory_available_bytes, 0.75e9, 0.9e9, MS_BOTTLENECK_MEMORY,
    "memory_percent_of_machine", 90.625 },
  { &machine.io_pressure_percent, 10, 9.9, MS_BOTTLENECK_IO, "io_pressure_percent", 10 },
  { &machine.disk_busy_percent, 80, 79, MS_BOTTLENECK_IO, "disk_busy_percent", 80 },
  { &process.gpu_busy_percent, 85, 84, MS_BOTTLENECK_GPU, "gpu_busy_percent", 85 },
  { &machine.gpu_memory_used_bytes, 8.5e8, 8.4e8, MS_BOTTLENECK_GPU, "gpu_memory_percent", 85 },
  { &process.involuntary_switches_per_second, 500, 499, MS_BOTTLENECK_CONTENTION,
    "involuntary_switches_per_second", 500 },
  { &process.throttled_percent, 5, 4.9, MS_BOTTLENECK_CONTENTION, "throttled_percent", 5 },
  { &machine.cpu_pressure_percent, 10, 9.9, MS_BOTTLENECK_CONTENTION, "cpu_pressure_percent", 10 },
};

static const MsVerdict *
first_of (MsBottleneckReport *report)
{
  g_assert_cmpuint (report->verdicts->len, ==, 1);
  return g_ptr_array_index (report->verdicts, 0);
}

static void
test_thresholds (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MsBottleneckReport) at = NULL, below = NULL;
      const MsVerdict *verdict;
      const MsEvidence *evidence;

      set_calm (&process, &machine, &thread);
      *cases[i].figure = ms_measured (cases[i].below);
      below = ms_bottlenecks_of_process (view, &process, &machine, &thread, NULL);
      g_assert_cmpint (first_of (below)->kind, ==, MS_BOTTLENECK_BALANCED);
      *cases[i].figure = ms_measured (cases[i].at);
      at = ms_bottlenecks_of_process (view, &process, &machine, &thread, NULL);
      verdict = first_of (at);
      g_assert_cmpint (verdict->kind, ==, cases[i].kind);
      g_assert_cmpint (verdict->thread_id, ==, -1);
      g_assert_cmpuint (verdict->evidence->len, ==, 1);
      evidence = &g_array_index (verdict->evidence, MsEvidence, 0);
      g_assert_cmpstr (evidence->name, ==, cases[i].name);
      g_assert_cmpfloat_with_epsilon (evidence->value, cases[i].value, 1e-9);
      g_assert_cmpfloat (evidence->threshold, <=, evidence->value);
      g_assert_nonnull (strstr (verdict->text, evidence->label));
      g_assert_cmpuint (strlen (verdict->recommendation), >, 10);
    }
}

/* A second thread computes all of its life, which is half a second of ten. */
static void
test_short_thread (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsBottleneckReport) whole = NULL, of_thread = NULL, part = NULL;
  g_autoptr (MsFilter) filter = NULL;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL, part_view = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsFilter) all = ms_filter_new ();

  trace_builder_start (self->builder, 1, SECOND, 0);
  trace_builder_alloc (self->builder, 1, SECOND + 1, 0x2000, 10, 0);
  trace_builder_exit (self->builder, 1, SECOND + SECOND / 2, SECOND / 2);
  g_object_unref (load (self));
  trace = ms_trace_load_full (self->folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  view = ms_view_new (trace, NULL, NULL, NULL);
  whole = ms_bottlenecks_of_process (view, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (whole->verdicts->len, ==, 0);
  of_thread = ms_bottlenecks_of_thread (view, 1, NULL, NULL);
  g_assert_cmpint (first_of (of_thread)->kind, ==, MS_BOTTLENECK_CPU);
  filter = ms_filter_with_range (all, SECOND, 2 * SECOND);
  part_view = ms_view_new (trace, filter, NULL, &error);
  g_assert_no_error (error);
  part = ms_bottlenecks_of_thread (part_view, 1, NULL, NULL);
  g_assert_cmpuint (part->verdicts->len, ==, 0);
  g_assert_nonnull (part->not_judged[MS_BOTTLENECK_CPU]);
}

/* Waiting counts only of threads that wanted to run. */
static void
test_run_queue (TraceFixture *self, gconstpointer data)
{
  static const struct {
    double cpu_ns, wait_ns;
    gboolean waits;
  } waiting[] = {
    { 9e9, 1e9, TRUE },      /* 10 % */
    { 9.1e9, 0.9e9, FALSE }, /* 9 % */
    { 0, 0.49e9, FALSE },    /* wanted 4.9 % of ten seconds */
    { 0, 0.5e9, TRUE },      { 0, 0, FALSE },
  };
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    {
      g_autoptr (MsBottleneckReport) of_process = NULL, of_thread = NULL;
      MsBottleneck kind = waiting[i].waits ? MS_BOTTLENECK_CONTENTION : MS_BOTTLENECK_BALANCED;

      set_calm (&process, &machine, &thread);
      process.cpu_ns = thread.cpu_ns = ms_measured (waiting[i].cpu_ns);
      process.run_queue_wait_ns = thread.run_queue_wait_ns = ms_measured (waiting[i].wait_ns);
      of_process = ms_bottlenecks_of_process (view, &process, &machine, &thread, NULL);
      of_thread = ms_bottlenecks_of_thread (view, 0, &thread, NULL);
      g_assert_cmpint (first_of (of_process)->kind, ==, kind);
      g_assert_cmpint (first_of (of_thread)->kind, ==, kind);
    }
}

static void
test_thread (TraceFixture *self, gconstpointer data)
{
  static const struct {
    MsMeasured *figure;
    double at, below; /* over ten seconds */
    MsBottleneck kind;
  } figures[] = {
    { &thread.cpu_percent, 90, 89, MS_BOTTLENECK_CPU },
    { &thread.major_faults, 1000, 999, MS_BOTTLENECK_MEMORY },
    { &thread.io_operations, 10000, 9999, MS_BOTTLENECK_IO },
    { &thread.involuntary_switches, 5000, 4999, MS_BOTTLENECK_CONTENTION },
  };
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      g_autoptr (MsBottleneckReport) at = NULL, below = NULL;

      set_calm (&process, &machine, &thread);
      *figures[i].figure = ms_measured (figures[i].below);
      below = ms_bottlenecks_of_thread (view, 0, &thread, NULL);
      g_assert_cmpint (first_of (below)->kind, ==, MS_BOTTLENECK_BALANCED);
      *figures[i].figure = ms_measured (figures[i].at);
      at = ms_bottlenecks_of_thread (view, 0, &thread, NULL);
      g_assert_cmpint (first_of (at)->kind, ==, figures[i].kind);
      g_assert_cmpint (first_of (at)->thread_id, ==, 0);
    }
}

/* A trace without samples judges nothing but the processor time that its threads read themselves, and
 * is not called balanced. */
static void
test_not_measured (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  g_autoptr (MsBottleneckReport) of_process =
      ms_bottlenecks_of_process (view, NULL, NULL, NULL, NULL);
  g_autoptr (MsBottleneckReport) of_thread = ms_bottlenecks_of_thread (view, 0, NULL, NULL);

  g_assert_cmpuint (of_process->verdicts->len, ==, 0);
  g_assert_cmpuint (of_thread->verdicts->len, ==, 0);
  for (guint kind = 0; kind < MS_N_BOTTLENECKS; kind++)
    {
      g_assert_cmpint (of_process->not_judged[kind] == NULL, ==, kind == MS_BOTTLENECK_CPU);
      g_assert_cmpint (of_thread->not_judged[kind] == NULL, ==, kind == MS_BOTTLENECK_CPU);
    }
  /* One figure of a kind is enough to judge it by; a machine needs no GPU to be balanced. */
  set_calm (&process, &machine, &thread);
  machine.disk_busy_percent = ms_not_measured ("no disk");
  process.gpu_busy_percent = machine.gpu_memory_used_bytes = ms_not_measured ("no GPU");
  g_clear_pointer (&of_process, ms_bottleneck_report_free);
  of_process = ms_bottlenecks_of_process (view, &process, &machine, &thread, NULL);
  g_assert_cmpint (first_of (of_process)->kind, ==, MS_BOTTLENECK_BALANCED);
  g_assert_cmpstr (of_process->not_judged[MS_BOTTLENECK_GPU], ==, "no GPU");
}

/* A language that puts what it is given in brackets. */
static const char *
translate (const char *context, const char *text, const char *many, gulong n, gpointer data)
{
  g_autofree char *bracketed = g_strdup_printf ("[%s]", many != NULL && n != 1 ? many : text);

  return g_intern_string (bracketed);
}

static char *
format_value (double value, const char *unit, gpointer data)
{
  return g_strdup ("#");
}

static const MsLanguage language = { translate, format_value, format_value, NULL };

/* Severest first, with all that speaks for each. */
static void
test_several (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  g_autoptr (MsBottleneckReport) report = NULL;
  const MsVerdict *memory, *io;

  set_calm (&process, &machine, &thread);
  machine.io_pressure_percent = ms_measured (20);
  machine.memory_pressure_percent = ms_measured (12);
  process.major_faults_per_second = ms_measured (1234.5);
  report = ms_bottlenecks_of_process (view, &process, &machine, &thread, NULL);
  g_assert_cmpuint (report->verdicts->len, ==, 2);
  memory = g_ptr_array_index (report->verdicts, 0);
  io = g_ptr_array_index (report->verdicts, 1);
  g_assert_cmpint (memory->kind, ==, MS_BOTTLENECK_MEMORY);
  g_assert_cmpuint (memory->evidence->len, ==, 2);
  g_assert_cmpfloat_with_epsilon (memory->severity, 12.345, 1e-9);
  g_assert_cmpint (io->kind, ==, MS_BOTTLENECK_IO);
  g_assert_cmpstr (
      memory->text, ==,
      "Memory is the limit: 1234 pages a second come back from disk (limit 100), 12.0 % "
      "of the time a task waits for memory (limit 10 %).");

  g_autofree char *text = ms_sentence_write (memory->sentence, &language);
  g_assert_cmpstr (text, ==,
                   "[[Memory is the limit]: [[# [pages a second come back from disk] (limit #)], "
                   "[# [of the time a task waits for memory] (limit #)]].]");
  g_assert_nonnull (report->not_judged[MS_BOTTLENECK_BALANCED]);
}

static void
test_names (void)
{
  static const char *const names[] = { "cpu", "memory", "io", "gpu", "contention", "balanced" };
  g_autofree char *bytes = ms_evidence_format_value (19.96e6, "bytes");
  g_autofree char *rate = ms_evidence_format_value (999, "bytes/s");
  g_autofree char *share = ms_evidence_format_value (97.26, "percent");
  g_autofree char *limit = ms_evidence_format_limit (10, "percent");
  g_autofree char *odd_limit = ms_evidence_format_limit (2.5, "percent");

  for (guint i = 0; i < MS_N_BOTTLENECKS; i++)
    g_assert_cmpstr (ms_bottleneck_to_string (i), ==, names[i]);
  g_assert_cmpstr (bytes, ==, "20.0 MB");
  g_assert_cmpstr (rate, ==, "999 B/s");
  g_assert_cmpstr (share, ==, "97.3 %");
  g_assert_cmpstr (limit, ==, "10 %");
  g_assert_cmpstr (odd_limit, ==, "2.5 %");
}

#define ADD(path, func) \
  g_test_add (path, TraceFixture, NULL, trace_fixture_set_up, func, trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/bottlenecks/thresholds", test_thresholds);
  ADD ("/bottlenecks/short-thread", test_short_thread);
  ADD ("/bottlenecks/run-queue", test_run_queue);
  ADD ("/bottlenecks/thread", test_thread);
  ADD ("/bottlenecks/not-measured", test_not_measured);
  ADD ("/bottlenecks/several", test_several);
  g_test_add_func ("/bottlenecks/names", test_names);
  return g_test_run ();
}
