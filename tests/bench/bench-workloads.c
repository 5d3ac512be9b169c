/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-workloads.h"

#include <string.h>

const BenchVariant bench_variants[BENCH_N_VARIANTS] = {
  [BENCH_UNTRACED] = { "untraced", BENCH_TOOL_NONE, NULL },
  [BENCH_DORMANT] = { "dormant", BENCH_TOOL_DORMANT, NULL },
  [BENCH_UNTRACKED] = { "untracked", BENCH_TOOL_MEMSCOPE, "MEMSCOPE_THREADS=none" },
  /* By id: the main thread is 0, the workload's first is 1, and there are four at most. */
  [BENCH_ONE_UNTRACKED] = { "one-untracked", BENCH_TOOL_MEMSCOPE, "MEMSCOPE_THREADS=even,every:3" },
  [BENCH_TRACKED] = { "tracked", BENCH_TOOL_MEMSCOPE, NULL },
  [BENCH_TRACKED_10] = { "tracked-10", BENCH_TOOL_MEMSCOPE, "MEMSCOPE_STACK_DEPTH=10" },
  [BENCH_HEAPTRACK] = { "heaptrack", BENCH_TOOL_HEAPTRACK, NULL },
};

#define SQL \
  "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c REAL);" \
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT STEPS)" \
  " INSERT INTO t SELECT i, printf ('%04x', i * 40503 % 65536) || hex (zeroblob (i % 20)), i * " \
  "0.5" \
  " FROM n;" \
  "CREATE INDEX u ON t (b);" \
  "SELECT count (*), max (length (b)) FROM t WHERE b > '8';" \
  "SELECT substr (b, 1, 2) AS k, count (*), group_concat (a) FROM t GROUP BY k ORDER BY 2;" \
  "UPDATE t SET b = b || 'x' WHERE a % 3 = 0;" \
  "SELECT sum (length (upper (b) || printf ('%08d', a))) FROM t;"

/* Of the variants dormant, untracked, one-untracked, tracked. */
#define GOALS(idle, apart, tracked) \
  { \
    [BENCH_DORMANT] = idle, [BENCH_UNTRACKED] = idle, [BENCH_ONE_UNTRACKED] = apart, \
    [BENCH_TRACKED] = tracked \
  }

/* clang-format off */
const BenchWorkload bench_workloads[] = {
  { "churn-1", { "churn", "1", "STEPS" }, 4000000, .goals = GOALS (1.04, 0, 1.8) },
  { "churn-2", { "churn", "2", "STEPS" }, 4000000, .has_one_apart = TRUE, .goals = GOALS (1.04, 1.15, 1.8) },
  { "churn-4", { "churn", "4", "STEPS" }, 2000000, .has_one_apart = TRUE, .goals = GOALS (1.04, 1.15, 1.8) },
  { "churn-8", { "churn", "8", "STEPS" }, 1000000 },
  { "churn-1-depth-5", { "churn", "1", "STEPS", "5" }, 4000000, .goals = GOALS (1.04, 0, 1.8) },
  { "churn-2-depth-5", { "churn", "2", "STEPS", "5" }, 4000000, .goals = GOALS (1.04, 0, 1.8) },
  { "churn-4-depth-5", { "churn", "4", "STEPS", "5" }, 2000000, .goals = GOALS (1.04, 0, 1.8) },
  { "churn-8-depth-5", { "churn", "8", "STEPS", "5" }, 1000000 },
  { "churn-1-depth-30", { "churn", "1", "STEPS", "30" }, 2500000, .goals = GOALS (1.04, 0, 2.5) },
  { "churn-2-depth-30", { "churn", "2", "STEPS", "30" }, 2500000, .goals = GOALS (1.04, 0, 2.5) },
  { "churn-4-depth-30", { "churn", "4", "STEPS", "30" }, 1200000, .goals = GOALS (1.04, 0, 2.5) },
  { "churn-8-depth-30", { "churn", "8", "STEPS", "30" }, 600000 },
  { "list-1", { "list-churn", "1", "STEPS" }, 8000000, .goals = GOALS (0, 0, 1.6) },
  { "list-4", { "list-churn", "4", "STEPS" }, 4000000, .goals = GOALS (0, 0, 1.6) },
  { "larson-2", { "larson", "2", "STEPS" }, 1500000 },
  { "larson-4", { "larson", "4", "STEPS" }, 800000 },
  { "hand-over-1", { "hand-over", "1", "STEPS" }, 2500000 },
  { "hand-over-2", { "hand-over", "2", "STEPS" }, 1200000 },
  { "threads", { "thread-churn", "STEPS" }, 20000, .goals = GOALS (0, 0, 1.5) },
  { "sqlite3", { "sqlite3", ":memory:", SQL }, 150000, .is_system = TRUE, .goals = GOALS (1.0, 0, 0) },
};
/* clang-format on */

const guint bench_n_workloads = G_N_ELEMENTS (bench_workloads);

gboolean
bench_workload_is_there (const BenchWorkload *workload, const char *build)
{
  g_autofree char *path = workload->is_system ? g_find_program_in_path (workload->arguments[0])
                                              : g_build_filename (build, "tests", "bench",
                                                                  workload->arguments[0], NULL);

  return path != NULL && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE);
}

gboolean
bench_workload_has (const BenchWorkload *workload, BenchVariantId variant)
{
  return bench_variant_is_there (&bench_variants[variant])
         && (variant != BENCH_ONE_UNTRACKED || workload->has_one_apart);
}

char **
bench_workload_get_command (const BenchWorkload *workload, guint n_steps)
{
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_autofree char *steps = g_strdup_printf ("%u", n_steps);

  for (guint i = 0; i < G_N_ELEMENTS (workload->arguments) && workload->arguments[i]; i++)
    {
      g_autoptr (GString) argument = g_string_new (workload->arguments[i]);
      g_autofree char *path = NULL;

      g_string_replace (argument, "STEPS", steps, 0);
      if (i == 0 && workload->is_system)
        path = g_find_program_in_path (argument->str);
      g_strv_builder_add (command, path != NULL ? path : argument->str);
    }
  return g_strv_builder_end (command);
}

gboolean
bench_workload_is_called (const BenchWorkload *workload, const char *name)
{
  size_t length = strlen (name);

  for (guint i = 0; i < bench_n_workloads; i++)
    if (g_str_equal (bench_workloads[i].name, name))
      return workload == &bench_workloads[i];
  return strncmp (workload->name, name, length) == 0 && workload->name[length] == '-';
}
