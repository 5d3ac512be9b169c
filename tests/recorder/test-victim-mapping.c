/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mappings and thread stacks: what is left mapped at the end, how often and by what kind, and the host's
 * unchanged behaviour.
 *
 *   test-victim-mapping PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "victim-run.h"

static guint64
pages (guint64 n)
{
  return n * (guint64) sysconf (_SC_PAGESIZE);
}

/* Runs the case untraced, then traced with these choices, which must not be noticed. (transfer full) */
static GPtrArray *
record_all (const char *name, const char *threads, const char *rate, const char *mappings)
{
  g_autofree char *plain = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree char *plain_text = NULL, *traced_text = NULL, *complaint = NULL;
  GPtrArray *traces;

  g_setenv ("MEMSCOPE_THREADS", threads, TRUE);
  g_setenv ("MEMSCOPE_SAMPLING_RATE", rate, TRUE);
  g_setenv ("MEMSCOPE_MAPPINGS", mappings, TRUE);
  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_assert_cmpint (victim_finish (victim_start ("mapping", name, plain, NULL)), ==, 0);
  g_assert_cmpint (victim_finish (victim_start ("mapping", name, top, output)), ==, 0);
  plain_text = victim_read_output (plain, "stdout");
  traced_text = victim_read_output (top, "stdout");
  complaint = victim_read_output (top, "stderr");
  g_assert_cmpstr (plain_text, ==, traced_text);
  g_assert_cmpstr (complaint, ==, "");
  traces = victim_load_traces (output);
  victim_remove_tree (plain);
  victim_remove_tree (top);
  return traces;
}

/* (transfer full) */
static MsTrace *
record (const char *name)
{
  g_autoptr (GPtrArray) traces = record_all (name, "all", "1", "1");

  g_assert_cmpuint (traces->len, ==, 1);
  g_assert_cmpuint (ms_trace_get_dropped_events (traces->pdata[0]), ==, 0);
  return g_object_ref (traces->pdata[0]);
}

static void
check_totals (MsTrace *trace, guint64 made, guint64 ended, guint64 live_bytes)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);

  g_assert_cmpuint (totals->allocations, ==, made);
  g_assert_cmpuint (totals->deallocations, ==, ended);
  g_assert_cmpuint (totals->live_bytes, ==, live_bytes);
  g_assert_cmpuint (totals->live_blocks, ==, made - ended);
}

static void
check_kind (MsTrace *trace, MsMappingKind kind, guint64 made, guint64 live_bytes)
{
  const MsMappingTotals *totals = ms_trace_get_mapping_totals (trace, kind);

  g_assert_cmpuint (totals->mappings, ==, made);
  g_assert_cmpuint (totals->live_bytes, ==, live_bytes);
}

/* Each was mapped by a function of the program. */
static void
check_stacks (MsTrace *trace)
{
  guint n_seen = 0;

  for (guint s = 0; s < ms_trace_get_n_stacks (trace); s++)
    {
      const MsModule *module;
      guint depth;

      if (ms_trace_get_stack_totals (trace, s, MS_DOMAIN_MAPPING)->allocations == 0)
        continue;
      n_seen++;
      ms_trace_get_stack_frames (trace, s, &depth, NULL);
      g_assert_cmpuint (depth, >=, 2);
      module = ms_trace_find_module (trace, s, 0, NULL);
      g_assert_nonnull (module);
      g_assert_true (g_str_has_suffix (module->path, "/victim-mapping"));
    }
  g_assert_cmpuint (n_seen, >, 0);
}

static void
check_calls (MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);

  /* The first, the reserved range, the fixed one in it, two files, three remaps; and the early one. */
  check_totals (trace, 9, 4, pages (16 + 110 + 2 + 10));
  g_assert_cmpuint (totals->reallocations, ==, 3);
  g_assert_cmpuint (totals->allocated_bytes, ==, pages (64 + 128 + 4 + 2 + 100 + 10 + 10 + 5));
  g_assert_cmpuint (totals->unmatched_frees + totals->foreign_frees + totals->prior_frees, ==, 0);
  check_kind (trace, MS_MAPPING_ANONYMOUS, 6, pages (26));
  check_kind (trace, MS_MAPPING_RESERVED, 1, pages (110));
  check_kind (trace, MS_MAPPING_FILE, 2, pages (2));
  check_stacks (trace);
}

static void
test_calls (void)
{
  g_autoptr (MsTrace) trace = record ("calls");

  check_calls (trace);
  g_assert_true (ms_trace_has_mappings (trace));
}

/* Sampling keeps all mappings. */
static void
test_sampled (void)
{
  g_autoptr (GPtrArray) traces = record_all ("calls", "all", "0.01", "1");

  check_calls (traces->pdata[0]);
  g_assert_true (ms_trace_is_sampled (traces->pdata[0]));
}

static void
test_off (void)
{
  g_autoptr (GPtrArray) traces = record_all ("stacks", "all", "1", "0");

  g_assert_false (ms_trace_has_mappings (traces->pdata[0]));
  g_assert_false (ms_trace_has_domain (traces->pdata[0], MS_DOMAIN_MAPPING));
  g_assert_cmpuint (ms_trace_get_n_threads (traces->pdata[0]), ==, 5);
}

static void
test_failing (void)
{
  g_autoptr (MsTrace) trace = record ("failing");

  check_totals (trace, 2, 2, 0);
}

static void
test_break (void)
{
  g_autoptr (MsTrace) trace = record ("break");

  /* The second one ended in part. */
  check_totals (trace, 3, 1, 4300);
  check_kind (trace, MS_MAPPING_BREAK, 2, 4300);
  g_assert_cmpuint (ms_trace_get_mapping_totals (trace, MS_MAPPING_BREAK)->mapped_bytes, ==, 5500);
}

static void
test_thread_stacks (void)
{
  g_autoptr (MsTrace) trace = record ("stacks");
  const MsMappingTotals *totals = ms_trace_get_mapping_totals (trace, MS_MAPPING_THREAD_STACK);

  check_totals (trace, 3 + 2, 3 + 2, 0);
  g_assert_cmpuint (totals->mappings, ==, 3);
  g_assert_cmpuint (totals->peak_bytes, ==, pages (64 + 2));
  g_assert_cmpuint (totals->mapped_bytes, ==, 3 * pages (64 + 2));
  for (guint i = 1; i <= 3; i++)
    g_assert_cmpuint (ms_thread_get_totals (ms_trace_find_thread (trace, i), MS_DOMAIN_MAPPING)
                          ->peak_bytes,
                      ==, pages (64 + 2));
  /* On the program's own stack, which is the main thread's mapping. */
  g_assert_cmpuint (ms_thread_get_totals (ms_trace_find_thread (trace, 4), MS_DOMAIN_MAPPING)
                        ->peak_bytes,
                    ==, 0);
  check_stacks (trace);
}

static void
test_running_thread (void)
{
  g_autoptr (MsTrace) trace = record ("running");
  const MsMappingTotals *totals = ms_trace_get_mapping_totals (trace, MS_MAPPING_THREAD_STACK);

  g_assert_cmpuint (totals->live_mappings, ==, 1);
  g_assert_cmpuint (totals->live_bytes, >=, pages (4));
}

/* Only the main thread is tracked: what the other one ends of it is seen, and nothing else of it. */
static void
test_untracked_ends (void)
{
  g_autoptr (GPtrArray) traces = record_all ("handed-over", "main", "1", "1");
  MsTrace *trace = traces->pdata[0];

  check_totals (trace, 3 + 1, 3 + 1, 0);
  g_assert_cmpuint (ms_thread_get_totals (ms_trace_find_thread (trace, 1), MS_DOMAIN_MAPPING)
                        ->allocations,
                    ==, 0);
  g_assert_cmpuint (ms_thread_get_totals (ms_trace_find_thread (trace, 1), MS_DOMAIN_MAPPING)
                        ->deallocations,
                    ==, 3);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_MAPPING)->unmatched_frees, ==, 0);
}

static void
test_nobody (void)
{
  g_autoptr (GPtrArray) traces = record_all ("handed-over", "none", "1", "1");

  for (guint i = 0; i < traces->len; i++)
    g_assert_cmpuint (ms_trace_get_totals (traces->pdata[i], MS_DOMAIN_MAPPING)->allocations, ==,
                      0);
}

/* 12 000 mappings from thread to thread: none ends before it began. */
static void
test_ring (void)
{
  g_autoptr (MsTrace) trace = record ("ring");
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);

  check_totals (trace, 4 * 3000 + 4 + 1, 4 * 3000 + 4 + 1, 0);
  g_assert_cmpuint (totals->unmatched_frees, ==, 0);
}

static void
test_forked (void)
{
  g_autoptr (GPtrArray) traces = record_all ("forked", "all", "1", "1");

  g_assert_cmpuint (traces->len, ==, 2);
  /* Its own, the early one, and one that the child of vfork made in its memory. */
  check_totals (traces->pdata[0], 3, 3, 0);
  check_totals (traces->pdata[1], 2, 1, pages (6));
  g_assert_true (ms_trace_is_forked (traces->pdata[1]));
  g_assert_cmpuint (ms_trace_get_totals (traces->pdata[1], MS_DOMAIN_MAPPING)->inherited_frees, ==,
                    1);
}

/* A handler's calls inside a hook are lost and counted, both the map and the unmap; nothing else is. */
static void
test_signals (void)
{
  g_autoptr (GPtrArray) traces = record_all ("signals", "all", "1", "1");
  MsTrace *trace = traces->pdata[0];
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);

  check_totals (trace, totals->allocations, totals->allocations, 0);
  g_assert_cmpuint (totals->unmatched_frees, ==, 0);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace) + 2 * totals->allocations, >=, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  g_test_add_func ("/victim-mapping/calls", test_calls);
  g_test_add_func ("/victim-mapping/sampled", test_sampled);
  g_test_add_func ("/victim-mapping/off", test_off);
  g_test_add_func ("/victim-mapping/failing", test_failing);
  g_test_add_func ("/victim-mapping/break", test_break);
  g_test_add_func ("/victim-mapping/thread-stacks", test_thread_stacks);
  g_test_add_func ("/victim-mapping/running-thread", test_running_thread);
  g_test_add_func ("/victim-mapping/untracked-ends", test_untracked_ends);
  g_test_add_func ("/victim-mapping/nobody", test_nobody);
  g_test_add_func ("/victim-mapping/ring", test_ring);
  g_test_add_func ("/victim-mapping/forked", test_forked);
  g_test_add_func ("/victim-mapping/signals", test_signals);
  return g_test_run ();
}
