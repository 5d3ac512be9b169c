/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a page does: addresses first, names when they are there.  A trace whose only stack lies in a real
 * library, with its real build-id.
 *
 * Argument: the library with debug information.
 */
#include "ms-symbolizer.h"

#include <string.h>

#include "trace-fixture.h"
#include "victim-library.h"

static VictimLibrary debug;

/* A stack of the three inlined frames and an address that belongs to nothing. */
static MsTrace *
load_trace (TraceFixture *self)
{
  g_autoptr (GArray) calls = victim_library_call (debug.calls->exported);
  guint64 frames[] = { g_array_index (calls, VictimNote, 1).address, 0x10 };
  guint8 build_id[64];
  guint n = (guint) strlen (debug.build_id) / 2;

  for (guint i = 0; i < n; i++)
    build_id[i] = (guint8) (g_ascii_xdigit_value (debug.build_id[2 * i]) << 4
                            | g_ascii_xdigit_value (debug.build_id[2 * i + 1]));
  trace_builder_add_module (self->builder, 0, debug.bias, debug.bias + 0x100000, debug.bias,
                            debug.path, build_id, n);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 32,
                       trace_builder_add_stack (self->builder, 0, frames, 2));
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  return trace_fixture_load (self);
}

static guint
find_stack (MsTrace *trace)
{
  guint found = G_MAXUINT;

  for (guint stack = 0; stack < ms_trace_get_n_stacks (trace); stack++)
    {
      guint depth = 0;

      ms_trace_get_stack_frames (trace, stack, &depth, NULL);
      if (depth == 2)
        found = stack;
    }
  g_assert_cmpuint (found, !=, G_MAXUINT);
  return found;
}

static void
assert_addresses (MsNameResolver *resolver, MsTrace *trace)
{
  gboolean is_complete = TRUE;
  g_autoptr (GArray) frames =
      ms_name_resolver_lookup_stack (resolver, trace, find_stack (trace), &is_complete);
  const MsFrame *frame = &g_array_index (frames, MsFrame, 0);
  g_autofree char *base = g_path_get_basename (debug.path);

  g_assert_false (is_complete);
  g_assert_cmpuint (frames->len, ==, 2);
  g_assert_null (frame->function);
  g_assert_cmpstr (frame->module, ==, base);
  g_assert_cmphex (frame->address, !=, 0);
}

static void
assert_names (MsNameResolver *resolver, MsTrace *trace)
{
  guint stack = find_stack (trace);
  gboolean is_complete = FALSE;
  g_autoptr (GArray) frames = ms_name_resolver_lookup_stack (resolver, trace, stack, &is_complete);
  g_autoptr (GArray) resolved = ms_name_resolver_resolve_stack (resolver, trace, stack);

  g_assert_true (is_complete);
  g_assert_cmpuint (frames->len, ==, 4);
  g_assert_cmpstr (g_array_index (frames, MsFrame, 0).function, ==, "inlined_inner");
  g_assert_cmpstr (g_array_index (frames, MsFrame, 2).function, ==, "victim_exported");
  g_assert_null (g_array_index (frames, MsFrame, 3).module);
  g_assert_cmpmem (frames->data, frames->len * sizeof (MsFrame), resolved->data,
                   resolved->len * sizeof (MsFrame));
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static void
test_async (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load_trace (self);
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  MsNameResolver *resolver = MS_NAME_RESOLVER (symbolizer);
  g_autoptr (GAsyncResult) result = NULL;
  guint stack = find_stack (trace);

  assert_addresses (resolver, trace);
  ms_name_resolver_prepare_stacks_async (resolver, trace, &stack, 1, NULL, prepared_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ms_name_resolver_prepare_stacks_finish (resolver, result, NULL));
  assert_names (resolver, trace);
}

static void
test_sync (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load_trace (self);
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  MsNameResolver *resolver = MS_NAME_RESOLVER (symbolizer);
  guint stacks[100];

  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    stacks[i] = find_stack (trace);
  g_assert_true (
      ms_name_resolver_prepare_stacks (resolver, trace, stacks, G_N_ELEMENTS (stacks), NULL, NULL));
  assert_names (resolver, trace);
}

static void
test_cancelled (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load_trace (self);
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  MsNameResolver *resolver = MS_NAME_RESOLVER (symbolizer);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint stack = find_stack (trace);

  g_cancellable_cancel (cancellable);
  g_assert_false (
      ms_name_resolver_prepare_stacks (resolver, trace, &stack, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_addresses (resolver, trace);
}

/* The names of the run before, from the folder alone. */
static void
test_kept (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load_trace (self);
  g_autofree char *cache = g_build_filename (self->folder, "names", NULL);
  guint stack = find_stack (trace);

  for (guint run = 0; run < 2; run++)
    {
      g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new_with_folders (NULL, cache);
      MsNameResolver *resolver = MS_NAME_RESOLVER (symbolizer);
      g_autoptr (GArray) missing = NULL;

      assert_addresses (resolver, trace);
      g_assert_true (ms_name_resolver_prepare_stacks (resolver, trace, &stack, 1, NULL, NULL));
      assert_names (resolver, trace);
      missing = ms_symbolizer_get_missing (symbolizer);
      g_assert_cmpuint (missing->len, ==, 0);
    }
  victim_run_script (self->folder, "ls names/*.names && rm -r names");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  victim_library_load (&debug, argv[1]);
#define ADD(path, function) \
  g_test_add ("/names-later/" path, TraceFixture, NULL, trace_fixture_set_up, function, \
              trace_fixture_tear_down)
  ADD ("async", test_async);
  ADD ("sync", test_sync);
  ADD ("cancelled", test_cancelled);
  ADD ("kept", test_kept);
#undef ADD
  status = g_test_run ();
  victim_library_clear (&debug);
  return status;
}
