/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-instructions BUILD_FOLDER [--limits FILE]: the instructions that recording adds to one free
 * and one malloc of churn, and which functions they are.
 *
 * churn runs under callgrind with two numbers of steps: what is the same in both, start and end,
 * drops out of their difference.  So it does of an untraced run; what is left is the tracer's.
 *
 *   per pair = ((traced, many steps) - (traced, few)) - ((untraced, many) - (untraced, few))
 *              ---------------------------------------------------------------------------
 *                                     many steps - few steps
 *
 * Time goes on under valgrind: the recorder's time stamps lie about fifty times further apart than
 * without it and take more bits.  Everything else is as it is outside.
 *
 * With --limits it is the test hot-path-instructions: FILE (instruction-limits.txt) says how many
 * there may be.  Otherwise writes BUILD_FOLDER/bench/instructions.json.
 */
#include <stdlib.h>

#include "bench-run.h"
#include "callgrind-count.h"

#define FEW_STEPS 10000
#define MANY_STEPS 50000
#define EXIT_SKIPPED 77

/* valgrind itself must not be preloaded, nor can what it starts say what its child preloads. */
#define LOADER "/lib64/ld-linux-x86-64.so.2"

typedef struct {
  const char *name;
  const char *depth;       /* churn's */
  gboolean has_output;     /* MEMSCOPE_OUTPUT is set */
  const char *thread_rule; /* or NULL */
} Subject;

/* "one-untracked": the main thread is tracked, churn's is not and must look at each block it frees. */
static const Subject subjects[] = {
  { "dormant", "10", FALSE, NULL },        { "untracked", "10", TRUE, "none" },
  { "one-untracked", "10", TRUE, "main" }, { "tracked-5", "5", TRUE, NULL },
  { "tracked-10", "10", TRUE, NULL },      { "tracked-30", "30", TRUE, NULL },
};

typedef struct {
  const char *build;
  const char *output; /* folder of the traces */
  GKeyFile *limits;   /* nullable */
  JsonBuilder *builder;
  guint n_above;
} Bench;

static char **
make_environment (const Bench *self, const Subject *subject)
{
  char **environment = g_environ_unsetenv (g_get_environ (), "LD_PRELOAD");

  if (subject == NULL || !subject->has_output)
    return g_environ_unsetenv (environment, "MEMSCOPE_OUTPUT");
  environment = g_environ_setenv (environment, "MEMSCOPE_OUTPUT", self->output, TRUE);
  if (subject->thread_rule != NULL)
    environment = g_environ_setenv (environment, "MEMSCOPE_THREADS", subject->thread_rule, TRUE);
  return environment;
}

/* Counts of MANY_STEPS less those of FEW_STEPS; @subject is NULL for an untraced run. */
static CallgrindCount *
count_steps (const Bench *self, const Subject *subject, const char *depth, GError **error)
{
  g_autofree char *churn = g_build_filename (self->build, "tests", "bench", "churn", NULL);
  g_autofree char *preload =
      g_build_filename (self->build, "libtracker", "preload", "libmemscope-preload.so", NULL);
  g_autofree char *few_steps = g_strdup_printf ("%d", FEW_STEPS);
  g_autofree char *many_steps = g_strdup_printf ("%d", MANY_STEPS);
  /* An empty list preloads nothing. */
  const char *few_argv[] = { LOADER, "--preload", subject != NULL ? preload : "",
                             churn,  "1",         few_steps,
                             depth,  NULL };
  const char *many_argv[] = {
    LOADER, "--preload", few_argv[2], churn, "1", many_steps, depth, NULL
  };
  g_auto (GStrv) environment = make_environment (self, subject);
  g_autoptr (GHashTable) few = callgrind_count_run (few_argv, environment, error);
  g_autoptr (GHashTable) many = NULL;

  if (few == NULL || (many = callgrind_count_run (many_argv, environment, error)) == NULL)
    return NULL;
  callgrind_count_add (many, few, -1);
  return g_steal_pointer (&many);
}

typedef struct {
  const char *name;
  double per_pair;
} Share;

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  double x = ((const Share *) a)->per_pair, y = ((const Share *) b)->per_pair;

  return (x < y) - (x > y);
}

static double
per_pair (gint64 n)
{
  return (double) n / (MANY_STEPS - FEW_STEPS);
}

/* The functions that make up the difference; less than half an instruction a pair is not shown. */
static void
report_functions (CallgrindCount *added, JsonBuilder *builder)
{
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (Share));
  GHashTableIter iter;
  gpointer name, count;

  g_hash_table_iter_init (&iter, added);
  while (g_hash_table_iter_next (&iter, &name, &count))
    {
      Share share = { name, per_pair (*(gint64 *) count) };

      if (share.per_pair >= 0.5 || share.per_pair <= -0.5)
        g_array_append_val (shares, share);
    }
  g_array_sort (shares, compare_shares);

  json_builder_set_member_name (builder, "functions");
  json_builder_begin_object (builder);
  for (guint i = 0; i < shares->len; i++)
    {
      const Share *share = &g_array_index (shares, Share, i);

      g_print ("%24.1f  %s\n", share->per_pair, share->name);
      json_builder_set_member_name (builder, share->name);
      json_builder_add_double_value (builder, share->per_pair);
    }
  json_builder_end_object (builder);
}

static gboolean
check_limit (Bench *self, const Subject *subject, double n, GError **error)
{
  g_autoptr (GError) missing = NULL;
  double limit;

  if (self->limits == NULL)
    {
      g_print ("%-14s %9.1f\n", subject->name, n);
      return TRUE;
    }
  limit = g_key_file_get_double (self->limits, "instructions a pair", subject->name, &missing);
  if (missing != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }
  g_print ("%-14s %9.1f, limit %.0f%s\n", subject->name, n, limit, n > limit ? ": ABOVE" : "");
  self->n_above += n > limit;
  return TRUE;
}

static gboolean
measure (Bench *self, const Subject *subject, GError **error)
{
  g_autoptr (GHashTable) untraced = count_steps (self, NULL, subject->depth, error);
  g_autoptr (GHashTable) added = NULL;
  double n;

  if (untraced == NULL || (added = count_steps (self, subject, subject->depth, error)) == NULL)
    return FALSE;
  callgrind_count_add (added, untraced, -1);
  n = per_pair (callgrind_count_total (added));

  json_builder_set_member_name (self->builder, subject->name);
  json_builder_begin_object (self->builder);
  json_builder_set_member_name (self->builder, "instructions_a_pair");
  json_builder_add_double_value (self->builder, n);
  if (!check_limit (self, subject, n, error))
    return FALSE;
  report_functions (added, self->builder);
  json_builder_end_object (self->builder);
  return TRUE;
}

/* The clock that the recorder chose under valgrind, from any trace.  (transfer full) (nullable) */
static char *
dup_clock (const char *output)
{
  g_autoptr (GDir) dir = g_dir_open (output, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (output, name, "memscope_trace.json", NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (JsonNode) kind = NULL;

      if (json_parser_load_from_file (parser, file, NULL)
          && (kind = json_path_query ("$.clock.kind", json_parser_get_root (parser), NULL)) != NULL
          && json_array_get_length (json_node_get_array (kind)) == 1)
        return g_strdup (json_array_get_string_element (json_node_get_array (kind), 0));
    }
  return NULL;
}

static gboolean
measure_all (Bench *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (!measure (self, &subjects[i], error))
      {
        g_prefix_error (error, "%s: ", subjects[i].name);
        return FALSE;
      }
  return TRUE;
}

/* The limits are those of the TSC: another clock is a call. */
static int
judge (const Bench *self)
{
  g_autofree char *clock = dup_clock (self->output);

  if (self->limits == NULL)
    g_print ("Instructions added to a pair; clock: %s\n", clock != NULL ? clock : "not known");
  else if (g_strcmp0 (clock, "tsc") != 0)
    {
      g_print ("Not judged: this machine's clock is not the TSC, but \"%s\".\n",
               clock != NULL ? clock : "not known");
      return EXIT_SKIPPED;
    }
  return self->n_above == 0 ? 0 : 1;
}

static int
run (Bench *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;

  self->builder = builder;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  if (!measure_all (self, &error))
    {
      g_printerr ("bench-instructions: %s\n", error->message);
      return 1;
    }
  json_builder_end_object (builder);
  if (self->limits == NULL && !bench_write_file (builder, self->build, "instructions", &error))
    {
      g_printerr ("bench-instructions: cannot write the results: %s\n", error->message);
      return 1;
    }
  return judge (self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GKeyFile) limits = NULL;
  g_autofree char *build = NULL, *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (argc != 2 && !(argc == 4 && g_str_equal (argv[2], "--limits")))
    {
      g_printerr ("Usage: bench-instructions BUILD_FOLDER [--limits FILE]\n");
      return 2;
    }
  if (!callgrind_is_there ())
    {
      g_print ("valgrind is not installed\n");
      return EXIT_SKIPPED;
    }
  if (argc == 4)
    {
      limits = g_key_file_new ();
      if (!g_key_file_load_from_file (limits, argv[3], G_KEY_FILE_NONE, &error))
        {
          g_printerr ("bench-instructions: %s: %s\n", argv[3], error->message);
          return 1;
        }
    }
  build = g_canonicalize_filename (argv[1], NULL);
  output = g_dir_make_tmp ("bench-instructions-XXXXXX", &error);
  if (output == NULL)
    {
      g_printerr ("bench-instructions: %s\n", error->message);
      return 1;
    }
  status = run (&(Bench) { .build = build, .output = output, .limits = limits });
  bench_remove_tree (output);
  return status;
}
