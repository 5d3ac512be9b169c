/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-figures.h"

static const BenchVariant untraced = { "untraced", BENCH_TOOL_NONE, NULL };
static const BenchVariant tracked = { "tracked", BENCH_TOOL_MEMSCOPE, NULL };
static const BenchVariant explicit_api = { "explicit", BENCH_TOOL_API, NULL };

static gboolean
measure_resident (const char *build,
                  const BenchVariant *variant,
                  const char *n_threads,
                  gboolean quick,
                  double *n_bytes,
                  GError **error)
{
  /* Steps enough to fill a thread's first window and caches. */
  const char *command[] = { "thread-memory", n_threads, quick ? "10000" : "20000", NULL };
  g_auto (BenchRun) run = { 0 };

  if (!bench_run (build, command, variant, &run, error))
    return FALSE;
  *n_bytes = (double) json_object_get_int_member (run.report, "resident_bytes");
  return TRUE;
}

gboolean
bench_measure_thread_bytes (const char *build, gboolean quick, double *n_bytes, GError **error)
{
  double untraced_64, untraced_128, tracked_64, tracked_128;

  if (!measure_resident (build, &untraced, "64", quick, &untraced_64, error)
      || !measure_resident (build, &tracked, "64", quick, &tracked_64, error)
      || !measure_resident (build, &untraced, "128", quick, &untraced_128, error)
      || !measure_resident (build, &tracked, "128", quick, &tracked_128, error))
    return FALSE;
  *n_bytes = ((tracked_128 - untraced_128) - (tracked_64 - untraced_64)) / 64;
  return TRUE;
}

gboolean
bench_measure_declare (const char *build, gboolean quick, BenchDeclare *times, GError **error)
{
  const char *command[] = { "declare", quick ? "500000" : "2000000", NULL };
  g_auto (BenchRun) run = { 0 };

  if (!bench_run (build, command, &explicit_api, &run, error))
    return FALSE;
  times->allocation_ns = json_object_get_double_member (run.report, "ns_a_call");
  times->deallocation_ns = json_object_get_double_member (run.report, "ns_a_deallocation");
  times->without_ns = json_object_get_double_member (run.report, "ns_without");
  return TRUE;
}
