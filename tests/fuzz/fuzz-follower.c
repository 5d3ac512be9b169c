/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: the folder of a program that runs, as folder-input.h says it, changed and looked at again and again by one
 * follower.  A recorder only ever adds; whoever else writes there may cut files, replace them and take them away.
 */
#include "fuzz-target.h"

#include "folder-input.h"
#include "ms-follower.h"
#include "trace-builder.h"

#define MAX_LOOKS 8

const guint fuzz_n_mutations = 200;

/* As a program left it that had made @n allocations. */
static void
build (const char *folder, guint n, TraceBuilderEnd end)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  const guint64 frames[] = { 0x401010, 0x402020, 0x403030 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 3);

  trace_builder_set_block_bytes (b, 260);
  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 1, 100, "worker", -1);
  for (guint i = 0; i < n; i++)
    {
      trace_builder_alloc (b, i % 2, 1000 + 10 * i, 0x5000 + 48 * i, 32 + i, stack);
      if (i % 3)
        trace_builder_free_block (b, 1 - i % 2, 1005 + 10 * i, 0x5000 + 48 * i);
    }
  trace_builder_finish (b, end);
}

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  static const struct {
    guint n[3];
    TraceBuilderEnd end;
  } programs[] = { { { 10, 40, 70 }, TRACE_BUILDER_CLOSED },
                   { { 10, 40, 70 }, TRACE_BUILDER_KILLED },
                   { { 70, 10, 40 }, TRACE_BUILDER_CUT } };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autoptr (GByteArray) input = g_byte_array_new ();

      for (guint step = 0; step < G_N_ELEMENTS (programs[i].n); step++)
        {
          gboolean is_last = step + 1 == G_N_ELEMENTS (programs[i].n);
          const guint8 look[] = { 0, FOLDER_INPUT_LOOK | 4, 0, 0, 0, 0 };

          build (folder, programs[i].n[step], is_last ? programs[i].end : TRACE_BUILDER_KILLED);
          folder_input_append_all (input, folder);
          g_byte_array_append (input, look, sizeof look);
        }
      add (input->data, input->len, user_data);
      test_folder_remove (folder);
    }
}

static void
check (MsTrace *trace)
{
  guint64 max[50], min[50];

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      const MsTotals *totals = ms_trace_get_totals (trace, d);

      if (!ms_trace_is_sampled (trace)) /* there both are estimates */
        g_assert_cmpuint (totals->live_bytes, <=, totals->peak_bytes);
      ms_trace_get_live_series (trace, NULL, d, 50, max, min);
    }
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);

      g_assert_true (g_utf8_validate (ms_thread_get_name (thread), -1, NULL));
      ms_trace_get_live_series (trace, thread, MS_DOMAIN_HEAP, 7, max, NULL);
    }
}

static void
look (MsFollower *follower, MsTrace **latest)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_follower_read (follower, NULL, NULL, NULL, &error);

  g_assert_true ((trace != NULL) == (error == NULL));
  if (trace != NULL)
    check (trace);
  /* That of the look before is what it was. */
  if (*latest != NULL)
    check (*latest);
  g_set_object (latest, trace);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MsFollower) follower = ms_follower_new (folder, NULL);
  g_autoptr (MsTrace) latest = NULL;
  const guint8 *p = bytes;
  guint n_looks = 0;
  guint8 flags;

  g_assert_nonnull (follower);
  while (n_looks < MAX_LOOKS && folder_input_write_next (folder, &p, bytes + n_bytes, &flags))
    if (flags & FOLDER_INPUT_LOOK)
      {
        look (follower, &latest);
        n_looks++;
      }
  look (follower, &latest);
  test_folder_remove (folder);
  return 0;
}
