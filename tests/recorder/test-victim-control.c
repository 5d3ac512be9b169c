/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Choosing anew while the program runs: who is recorded, and with what sampling.  However often it
 * changes, a block that was recorded is followed to its end, whoever frees it; so after the run there is
 * no leak and no free that nothing explains.
 *
 *   test-victim-control PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-control-page.h"
#include "trk-format.h"
#include "victim-run.h"

#define ANSWER_MS 20000
#define RING_THREADS 8
#define RING_BLOCK_BYTES 5000

typedef struct {
  char *top, *output, *folder;
  pid_t pid;
} Run;

static gboolean
is_ready (const Run *self)
{
  g_autofree char *path = g_build_filename (self->top, "stdout", NULL);
  g_autofree char *said = NULL;

  return g_file_get_contents (path, &said, NULL, NULL) && strstr (said, "ready");
}

/* Without reaping it: victim_finish() does. */
static gboolean
has_ended (pid_t pid)
{
  siginfo_t info = { 0 };

  return waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static void
run_start (Run *self, const char *rule)
{
  const char *name = NULL;

  self->top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  self->output = g_build_filename (self->top, "output", NULL);
  g_assert_cmpint (g_mkdir (self->output, 0700), ==, 0);
  g_setenv ("MEMSCOPE_THREADS", rule, TRUE);
  self->pid = victim_start ("control", "ring", self->top, self->output);
  while (!is_ready (self))
    {
      g_assert_false (has_ended (self->pid));
      g_usleep (1000);
    }
  g_autoptr (GDir) dir = g_dir_open (self->output, 0, NULL);
  while ((name = g_dir_read_name (dir)) && !g_str_has_prefix (name, "0-"))
    continue;
  g_assert_nonnull (name);
  self->folder = g_build_filename (self->output, name, NULL);
}

static MsTrace *
run_finish (Run *self)
{
  g_autoptr (GPtrArray) traces = NULL;

  kill (self->pid, SIGTERM);
  g_assert_cmpint (victim_finish (self->pid), ==, 0);
  traces = victim_load_traces (self->output);
  victim_remove_tree (self->top);
  g_free (self->top);
  g_free (self->output);
  g_free (self->folder);
  g_assert_cmpuint (traces->len, ==, 1);
  return g_object_ref (traces->pdata[0]);
}

static void
change_rule (const Run *self, const char *rule)
{
  g_autoptr (GError) error = NULL;
  MsControl control;

  g_assert_true (ms_control_read (self->folder, &control, &error));
  g_strlcpy (control.rule, rule, sizeof control.rule);
  ms_control_change (self->folder, &control, ANSWER_MS, &error);
  g_assert_no_error (error);
}

static void
change_sampling (const Run *self, double rate, guint64 interval_bytes)
{
  g_autoptr (GError) error = NULL;
  MsControl control;

  g_assert_true (ms_control_read (self->folder, &control, &error));
  control.sampling_rate = rate;
  control.sample_interval_bytes = interval_bytes;
  ms_control_change (self->folder, &control, ANSWER_MS, &error);
  g_assert_no_error (error);
}

/* No block of the ring is left, and no free is without a reason. */
static void
check_consistent (MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

  g_test_message ("%" G_GUINT64_FORMAT " allocations, leaked %" G_GUINT64_FORMAT
                  " bytes, frees: unmatched %" G_GUINT64_FORMAT ", prior %" G_GUINT64_FORMAT
                  ", foreign %" G_GUINT64_FORMAT,
                  totals->allocations, totals->leaked_bytes, totals->unmatched_frees,
                  totals->prior_frees, totals->foreign_frees);
  g_assert_cmpuint (totals->leaked_bytes, <, RING_BLOCK_BYTES);
  g_assert_cmpuint (totals->unmatched_frees, ==, 0);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
}

static gboolean
has_note (MsTrace *trace, const char *words)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    if (strstr (((const MsDiagnostic *) diagnostics->pdata[i])->message, words))
      return TRUE;
  return FALSE;
}

/* --- each form of rule ------------------------------------------------------------------------ */

static const struct {
  const char *rule;
  guint threads; /* bit by id: those that it chooses; the main one is 0 */
} forms[] = {
  { "all", 0x1ff },
  { "main", 0x001 },
  { "even", 0x155 },
  { "odd", 0x0aa },
  { "every:3", 0x049 },
  { "ring-*", 0x1fe },
  { "ring-2,ring-5", 0x048 },
  { "start:pass_blocks", 0x1fe },
  { "none", 0 },
};

static guint
get_recorded (MsTrace *trace)
{
  guint recorded = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);

      if (ms_thread_get_totals (thread, MS_DOMAIN_HEAP)->allocations > 0)
        recorded |= 1U << ms_thread_get_id (thread);
    }
  return recorded;
}

static void
test_forms_at_start (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (MsTrace) trace = NULL;
      Run run;

      g_test_message ("%s", forms[i].rule);
      run_start (&run, forms[i].rule);
      g_usleep (10000);
      trace = run_finish (&run);
      check_consistent (trace);
      g_assert_cmphex (get_recorded (trace), ==, forms[i].threads);
    }
}

static void
test_forms_from_none (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (MsTrace) trace = NULL;
      Run run;

      g_test_message ("%s", forms[i].rule);
      run_start (&run, "none");
      change_rule (&run, forms[i].rule);
      g_usleep (20000);
      trace = run_finish (&run);
      check_consistent (trace);
      g_assert_cmphex (get_recorded (trace), ==, forms[i].threads);
      if (forms[i].threads)
        g_assert_true (has_note (trace, forms[i].rule));
    }
}

static void
test_each_to_each (void)
{
  g_autoptr (MsTrace) trace = NULL;
  Run run;

  run_start (&run, "all");
  for (guint from = 0; from < G_N_ELEMENTS (forms); from++)
    for (guint to = 0; to < G_N_ELEMENTS (forms); to++)
      {
        change_rule (&run, forms[from].rule);
        change_rule (&run, forms[to].rule);
      }
  trace = run_finish (&run);
  check_consistent (trace);
  g_assert_cmphex (get_recorded (trace), ==, 0x1ff);
}

static void
test_off_and_on (void)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  MsControl control;
  Run run;

  run_start (&run, "even");
  for (guint i = 0; i < 20; i++)
    {
      g_assert_true (ms_control_read (run.folder, &control, &error));
      control.is_on = i % 2;
      ms_control_change (run.folder, &control, ANSWER_MS, &error);
      g_assert_no_error (error);
      g_usleep (2000);
    }
  trace = run_finish (&run);
  check_consistent (trace);
  g_assert_true (has_note (trace, "switched off"));
  g_assert_cmphex (get_recorded (trace), ==, 0x155);
}

/* --- sampling --------------------------------------------------------------------------------- */

/* What call stacks estimate against what threads counted exactly. */
static void
check_unbiased (MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  double blocks = 0, bytes = 0, blocks_variance = 0, bytes_variance = 0;

  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      const MsTotals *t = ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP);

      blocks += t->allocations;
      bytes += t->allocated_bytes;
      blocks_variance += pow (t->standard_errors.allocations, 2);
      bytes_variance += pow (t->standard_errors.allocated_bytes, 2);
    }
  g_test_message ("blocks off by %+.2f, bytes by %+.2f standard errors",
                  (blocks - totals->allocations) / sqrt (blocks_variance),
                  (bytes - totals->allocated_bytes) / sqrt (bytes_variance));
  g_assert_cmpfloat (blocks_variance, >, 0);
  g_assert_cmpfloat (fabs (blocks - totals->allocations), <=, 4 * sqrt (blocks_variance));
  g_assert_cmpfloat (fabs (bytes - totals->allocated_bytes), <=, 4 * sqrt (bytes_variance));
}

static void
test_sampling (gconstpointer first_rule)
{
  static const struct {
    double rate;
    guint64 interval_bytes;
  } samplings[] = { { 0.5, 0 }, { 0.1, 0 }, { 1, 0 }, { 1, 65536 }, { 0.25, 0 }, { 1, 20000 } };
  g_autoptr (MsTrace) trace = NULL;
  Run run;

  run_start (&run, first_rule);
  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < G_N_ELEMENTS (samplings); i++)
      {
        change_sampling (&run, samplings[i].rate, samplings[i].interval_bytes);
        g_usleep (5000);
        if (i == 3)
          change_rule (&run, round == 1 ? "odd" : "all");
      }
  trace = run_finish (&run);
  check_consistent (trace);
  g_assert_true (ms_trace_is_sampled (trace));
  check_unbiased (trace);
}

/* --- enemies ---------------------------------------------------------------------------------- */

static void
expect_refusal (const Run *self, const MsControl *control)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ms_control_change (self->folder, control, ANSWER_MS, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_refusals (void)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  MsControl good, bad;
  Run run;

  run_start (&run, "none");
  g_assert_true (ms_control_read (run.folder, &good, &error));
  g_assert_cmpstr (good.rule, ==, "none");
  bad = good;
  g_strlcpy (bad.rule, "every:0", sizeof bad.rule);
  expect_refusal (&run, &bad);
  g_strlcpy (bad.rule, "start:there_is_no_such_function", sizeof bad.rule);
  expect_refusal (&run, &bad);
  memset (bad.rule, ',', sizeof bad.rule - 1);
  expect_refusal (&run, &bad);
  bad = good;
  bad.sampling_rate = 0;
  expect_refusal (&run, &bad);
  bad.sampling_rate = 0.5;
  bad.sample_interval_bytes = 1000;
  expect_refusal (&run, &bad);
  /* It still listens. */
  g_assert_true (ms_control_change (run.folder, &good, ANSWER_MS, &error));
  change_rule (&run, "all");
  g_usleep (5000);
  trace = run_finish (&run);
  check_consistent (trace);
  g_assert_cmphex (get_recorded (trace), ==, 0x1ff);
}

/* Who was killed in the middle of saying something has left the number odd: others go on from there. */
static void
test_killed_writer (void)
{
  const off_t offset = offsetof (TrkControlPage, generation);
  g_autofree char *path = NULL;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  MsControl control;
  guint32 generation;
  Run run;
  int fd;

  run_start (&run, "none");
  path = g_build_filename (run.folder, TRK_CONTROL_FILE_NAME, NULL);
  fd = g_open (path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (pread (fd, &generation, sizeof generation, offset), ==, sizeof generation);
  generation++;
  g_assert_cmpint (pwrite (fd, &generation, sizeof generation, offset), ==, sizeof generation);
  close (fd);
  g_assert_true (ms_control_read (run.folder, &control, &error));
  g_assert_cmpstr (control.rule, ==, "none");
  g_assert_true (control.is_pending);
  change_rule (&run, "all");
  g_usleep (5000);
  trace = run_finish (&run);
  check_consistent (trace);
}

/* Bytes of any value, all the time: the program goes on, and so does its recording. */
static void
test_noise (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (MsTrace) trace = NULL;
  g_autofree char *path = NULL;
  FILE *file;
  Run run;

  run_start (&run, "odd");
  path = g_build_filename (run.folder, TRK_CONTROL_FILE_NAME, NULL);
  g_assert_nonnull (file = g_fopen (path, "r+"));
  for (guint i = 0; i < 2000; i++)
    {
      guint8 bytes[TRK_CONTROL_BYTES - 72];
      guint32 generation = g_rand_int (random) & (i % 2 ? ~0U : ~1U);

      for (guint b = 0; b < sizeof bytes; b++)
        bytes[b] = (guint8) g_rand_int (random);
      memcpy (bytes, &generation, sizeof generation);
      fseek (file, 72, SEEK_SET);
      fwrite (bytes, 1, sizeof bytes, file);
      fflush (file);
      g_usleep (100);
    }
  fclose (file);
  trace = run_finish (&run);
  check_consistent (trace);
}

/* --- from inside ------------------------------------------------------------------------------ */

static MsTrace *
run_case (const char *name)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autoptr (GPtrArray) traces = NULL;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_setenv ("MEMSCOPE_THREADS", "none", TRUE);
  g_assert_cmpint (victim_finish (victim_start ("control", name, top, output)), ==, 0);
  traces = victim_load_traces (output);
  victim_remove_tree (top);
  return g_object_ref (traces->pdata[0]);
}

static void
test_api (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autoptr (MsTrace) trace = run_case ("api");

  check_consistent (trace);
  g_assert_cmpuint (victim_count_marks (trace, MS_DOMAIN_HEAP), ==, 1);
  g_assert_cmpint (victim_finish (victim_start ("control", "api-alone", top, NULL)), ==, 0);
  victim_remove_tree (top);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  g_test_add_func ("/victim-control/forms/at-start", test_forms_at_start);
  g_test_add_func ("/victim-control/forms/from-none", test_forms_from_none);
  g_test_add_func ("/victim-control/forms/each-to-each", test_each_to_each);
  g_test_add_func ("/victim-control/off-and-on", test_off_and_on);
  g_test_add_data_func ("/victim-control/sampling/all", "all", test_sampling);
  g_test_add_data_func ("/victim-control/sampling/some", "every:2", test_sampling);
  g_test_add_func ("/victim-control/refusals", test_refusals);
  g_test_add_func ("/victim-control/killed-writer", test_killed_writer);
  g_test_add_func ("/victim-control/noise", test_noise);
  g_test_add_func ("/victim-control/api", test_api);
  return g_test_run ();
}
