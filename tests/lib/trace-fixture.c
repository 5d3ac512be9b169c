/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trace-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

void
trace_fixture_set_up (TraceFixture *self, gconstpointer data)
{
  self->folder = test_folder_new ();
  self->builder = trace_builder_new (self->folder);
}

void
trace_fixture_tear_down (TraceFixture *self, gconstpointer data)
{
  test_folder_remove (self->folder);
  trace_builder_free (self->builder);
  g_free (self->folder);
}

MsTrace *
trace_fixture_load (TraceFixture *self)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (self->folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

void
trace_fixture_assert_error (TraceFixture *self, gint code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ms_trace_load (self->folder, NULL, NULL, NULL, &error));
  g_assert_error (error, MS_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strchr (error->message, '\n'));
}

const MsDiagnostic *
trace_fixture_find_diagnostic (MsTrace *trace, const char *words)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (strstr (diagnostic->message, words))
        return diagnostic;
    }
  return NULL;
}

void
trace_fixture_read_file (TraceFixture *self, const char *name, char **bytes, gsize *n_bytes)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, bytes, n_bytes, &error);
  g_assert_no_error (error);
}

void
trace_fixture_write_file (TraceFixture *self, const char *name, const char *bytes, gssize n_bytes)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_unlink (path); /* what is written in place is not cut to its new length */
  g_file_set_contents_full (path, bytes, n_bytes, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

void
trace_fixture_remove_file (TraceFixture *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Two threads: 0 keeps 100 bytes, 1 frees 200 of thread 0's. */
void
trace_fixture_build_small (TraceFixture *self, TraceBuilderEnd end)
{
  TraceBuilder *b = self->builder;
  const guint64 outer[] = { 0x401010, 0x402020 }, inner[] = { 0x501010, 0x402020 };
  guint32 one = trace_builder_add_stack (b, 0, outer, 2);
  guint32 two = trace_builder_add_stack (b, 1, inner, 2);
  TrkExitFigures figures = { 0 };

  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim",
                            (const guint8 *) "\x12\xab", 2);
  trace_builder_add_module (b, 0, 0x500000, 0x510000, 0x4f0000, "/usr/lib/libold.so", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 0, 110, "main", -1);
  trace_builder_alloc (b, 0, 1000, 0x5000, 100, one);
  trace_builder_alloc (b, 0, 2000, 0x6000, 200, one);
  trace_builder_start (b, 1, 2500, 0);
  trace_builder_name (b, 1, 2600, "worker", -1);
  trace_builder_alloc (b, 1, 3000, 0x7000, 50, two);
  trace_builder_free_block (b, 1, 4000, 0x6000);
  trace_builder_free_block (b, 1, 5000, 0x7000);
  trk_exit_figures_set (&figures, TRK_EXIT_MINOR_FAULTS, 77);
  trk_exit_figures_set (&figures, TRK_EXIT_SOCKET_SENT_BYTES, G_MAXUINT64);
  trace_builder_exit_with (b, 1, 6000, 1234, &figures);
  trace_builder_finish (b, end);
}
