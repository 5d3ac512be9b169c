/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a thread read of itself at its end: of this writer, an older one, a newer one, and damaged. */
#include <string.h>

#include "ms-trim.h"
#include "trace-fixture.h"

static gsize
put (guint8 *bytes, guint64 known, guint n_values, guint64 first)
{
  guint8 *p = trk_varint_put (bytes, known);

  for (guint i = 0; i < n_values; i++)
    p = trk_varint_put (p, first + i);
  return (gsize) (p - bytes);
}

static void
test_older_writer (void)
{
  const guint8 nothing[1] = { 0xff };
  TrkExitFigures figures;

  g_assert_true (trk_exit_figures_get (&figures, nothing, 0));
  g_assert_cmphex (figures.known, ==, 0);
}

/* Figures that we do not know stand behind those that we do. */
static void
test_newer_writer (void)
{
  guint8 bytes[64];
  gsize n_bytes = put (bytes, (guint64) 1 << 40 | 1 << TRK_N_EXIT_FIGURES | 1 << 3 | 1, 4, 200);
  TrkExitFigures figures;

  g_assert_true (trk_exit_figures_get (&figures, bytes, n_bytes));
  g_assert_cmphex (figures.known, ==, 1 << 3 | 1);
  g_assert_cmpuint (figures.values[0], ==, 200);
  g_assert_cmpuint (figures.values[3], ==, 201);
}

static void
test_cut_short (void)
{
  guint8 bytes[64];
  gsize n_bytes = put (bytes, 7, 3, G_MAXUINT64 - 2);
  TrkExitFigures figures;

  for (gsize n = 1; n < n_bytes; n++)
    g_assert_false (trk_exit_figures_get (&figures, bytes, n));
  g_assert_true (trk_exit_figures_get (&figures, bytes, n_bytes));
  g_assert_cmpuint (figures.values[2], ==, G_MAXUINT64);
}

static void
check_worker (MsThread *worker)
{
  guint64 value = 1;

  g_assert_cmpint (ms_thread_get_cpu_ns (worker), ==, 1234);
  g_assert_nonnull (ms_thread_get_exit_figures (worker));
  g_assert_true (ms_thread_get_exit_figure (worker, MS_EXIT_MINOR_FAULTS, &value));
  g_assert_cmpuint (value, ==, 77);
  g_assert_true (ms_thread_get_exit_figure (worker, MS_EXIT_SOCKET_SENT_BYTES, &value));
  g_assert_cmpuint (value, ==, G_MAXUINT64);
  g_assert_false (ms_thread_get_exit_figure (worker, MS_EXIT_MAJOR_FAULTS, &value));
  g_assert_cmpuint (value, ==, 0);
}

static void
test_of_threads (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  guint64 value;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  check_worker (ms_trace_get_thread (trace, 1));
  /* It lived when its process ended. */
  g_assert_null (ms_thread_get_exit_figures (ms_trace_get_thread (trace, 0)));
  g_assert_false (ms_thread_get_exit_figure (ms_trace_get_thread (trace, 0), MS_EXIT_RUNS, &value));
}

static void
test_of_trimmed (TraceFixture *self, gconstpointer data)
{
  MsTrimOptions options = { .redact = TRUE };
  g_autofree char *out = g_build_filename (self->folder, "trimmed", NULL);
  g_autoptr (MsTrace) whole = NULL, trace = NULL;
  g_autoptr (GError) error = NULL;

  trace_fixture_build_small (self, TRACE_BUILDER_CLOSED);
  whole = trace_fixture_load (self);
  g_assert_true (ms_trace_trim (whole, &options, out, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  trace = ms_trace_load (out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  check_worker (ms_trace_get_thread (trace, 1));
  test_folder_remove (out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exit-figures/older-writer", test_older_writer);
  g_test_add_func ("/exit-figures/newer-writer", test_newer_writer);
  g_test_add_func ("/exit-figures/cut-short", test_cut_short);
  g_test_add ("/exit-figures/of-threads", TraceFixture, NULL, trace_fixture_set_up, test_of_threads,
              trace_fixture_tear_down);
  g_test_add ("/exit-figures/of-trimmed", TraceFixture, NULL, trace_fixture_set_up, test_of_trimmed,
              trace_fixture_tear_down);
  return g_test_run ();
}
