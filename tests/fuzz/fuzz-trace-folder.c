/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: a whole trace folder, as folder-input.h says it.
 */
#include "fuzz-target.h"

#include "folder-input.h"
#include "ms-trace.h"
#include "ms-trim.h"
#include "trace-builder.h"

const guint fuzz_n_mutations = 300;

static void
build (const char *folder, TraceBuilderEnd end)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  const guint64 frames[] = { 0x401010, 0x402020, 0x403030 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 3);

  trace_builder_set_block_bytes (b, 260);
  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 1, 100, "worker", -1);
  for (guint i = 0; i < 30; i++)
    {
      trace_builder_alloc (b, i % 2, 1000 + 10 * i, 0x5000 + 48 * i, 32 + i, stack);
      if (i % 3)
        trace_builder_free_block (b, 1 - i % 2, 1005 + 10 * i, 0x5000 + 48 * i);
    }
  trace_builder_map (b, 0, 2000, 2000, TRK_MAPPING_ANONYMOUS, 12, 0x7000, 0x9000, stack);
  trace_builder_map (b, 1, 2100, 2110, TRK_MAPPING_FILE, 5, 0x9000, 0x1000, stack);
  trace_builder_unmap (b, 1, 2200, 0x8000, 0x4000);
  trace_builder_remap (b, 0, 2300, 2320, 0, 0xc000, 0x4000, 0x30000, 0x8000, stack);
  trace_builder_realloc (b, 0, 5000, 5010, 0x5000, 0x9000, 640, stack);
  trace_builder_finish (b, end);
}

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  static const TraceBuilderEnd ends[] = { TRACE_BUILDER_CLOSED, TRACE_BUILDER_KILLED,
                                          TRACE_BUILDER_CUT };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (GByteArray) input = g_byte_array_new ();
      g_autoptr (MsTrace) trace = NULL;

      build (folder, ends[i]);
      trace = ms_trace_load (folder, NULL, NULL, NULL, NULL);
      g_assert_nonnull (trace);
      g_assert_true (ms_trace_write_frequency_files (trace, NULL));
      folder_input_append_all (input, folder);
      add (input->data, input->len, user_data);
      test_folder_remove (folder);
    }
}

/* Asks everything of the trace once. */
static void
use_trace (MsTrace *trace)
{
  guint64 max[50], min[50], bytes[50];

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      const MsTotals *totals = ms_trace_get_totals (trace, d);

      if (!ms_trace_is_sampled (trace)) /* there both are estimates */
        g_assert_cmpuint (totals->live_bytes, <=, totals->peak_bytes);
      ms_trace_get_live_series (trace, NULL, d, 50, max, min);
      ms_trace_get_allocated_series (trace, NULL, d, 50, bytes);
      for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
        ms_trace_get_live_series (trace, ms_trace_get_thread (trace, i), d, 7, max, NULL);
    }
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    {
      const MsMappingTotals *totals = ms_trace_get_mapping_totals (trace, k);

      g_assert_cmpuint (totals->live_bytes, <=, totals->peak_bytes);
      g_assert_cmpuint (totals->live_mappings, <=, totals->mappings);
    }
  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      guint depth;

      g_assert_cmpuint (ms_trace_get_stack_mapping_kinds (trace, i), <, 1U << MS_N_MAPPING_KINDS);

      ms_trace_get_stack_frames (trace, i, &depth, NULL);
      for (guint f = 0; f < depth; f++)
        ms_trace_find_module (trace, i, f, NULL);
    }
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    g_assert_true (g_utf8_validate (ms_thread_get_name (ms_trace_get_thread (trace, i)), -1, NULL));
}

/* Half of it is a trace again, or too little to be one. */
static void
trim_trace (MsTrace *trace, const char *folder)
{
  g_autofree char *out = g_build_filename (folder, "part", NULL);
  g_autoptr (MsFilter) filter =
      ms_filter_with_range (NULL, ms_trace_get_duration_ns (trace) / 2, MS_TIME_NONE);
  MsTrimOptions options = { .filter = filter };
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) part = NULL;

  if (!ms_trace_trim (trace, &options, out, NULL, NULL, NULL, NULL, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  part = ms_trace_load (out, NULL, NULL, NULL, &error);
  g_assert_true ((part != NULL) == (error == NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 *p = bytes;

  while (folder_input_write_next (folder, &p, bytes + n_bytes, NULL))
    ;
  trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  g_assert_true ((trace != NULL) == (error == NULL));
  if (trace)
    {
      use_trace (trace);
      trim_trace (trace, folder);
    }
  test_folder_remove (folder);
  return 0;
}
