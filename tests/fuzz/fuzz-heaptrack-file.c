/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: a data file of heaptrack, of any format, compressed or not.  What comes of it opens as a trace
 * whose totals are those that the converter counted by itself.
 */
#include "fuzz-target.h"

#include <gio/gio.h>
#include <string.h>

#include "ms-heaptrack-convert.h"
#include "ms-trace-writer.h"
#include "test-folder.h"

/* Small, so that the bound is met. */
#define MAX_TABLE_BYTES (1U << 20)

const guint fuzz_n_mutations = 500;

static const char *const texts[] = {
  "v 10400 3\nX ./p -x\nI 1000 5e298d\ns 6 /a/b.c\ns 4 main\ns 4 work\ni 4010 1 2 1 c\nt 1 0\n"
  "i 4080 1 3 1 10 2 1 20\nt 2 1\na 64 2\na 10 1\n+ 0\n+ 1\n- 1\nc a\nR 3ea\na 3e8 1\n+ 0\n+ 2\n"
  "- 0\n- 2\nc 14\n",
  "v 10400 3\nx 4 /a/p\nX ./p\nA\nI 1000 5e298d\nm 1 -\nm 1 x 400000 0 1000 2000 1000\n"
  "m 5 /l.so 700000 0 8000\nt 400010 0\nt 700080 1\n+ 64 2 5000\n+ 10 1 6000\n- 6000\nc a\n- 7777\n"
  "m 1 -\nm 5 /b.so 700000 0 8000\nt 700100 1\n+ 3e8 3 6000\n+ 3e8 3 5000\nc 14\n",
  "v 10000\nX a\ns m\ns f\ni 100 1 2\nt 1 0\n+ 8 1 5000\n+ 9 1 6000\n- 5000\nc 1\n",
};

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GZlibCompressor) compressor =
          g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
      g_autoptr (GInputStream) plain =
          g_memory_input_stream_new_from_data (texts[i], (gssize) strlen (texts[i]), NULL);
      g_autoptr (GInputStream) packed =
          g_converter_input_stream_new (plain, G_CONVERTER (compressor));
      guint8 bytes[4096];
      gsize n_bytes = 0;

      add ((const guint8 *) texts[i], strlen (texts[i]), user_data);
      g_input_stream_read_all (packed, bytes, sizeof bytes, &n_bytes, NULL, NULL);
      add (bytes, n_bytes, user_data);
    }
}

static void
check_trace (const char *folder, const MsHeaptrackTotals *counted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  const MsTotals *totals;

  g_assert_no_error (error);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, counted->allocations);
  g_assert_cmpuint (totals->live_bytes, ==, counted->live_bytes);
  g_assert_cmpuint (totals->peak_bytes, ==, counted->peak_bytes);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *parent = test_folder_new ();
  g_autofree char *folder = g_build_filename (parent, "trace", NULL);
  g_autoptr (GInputStream) stream =
      g_memory_input_stream_new_from_data (bytes, (gssize) n_bytes, NULL);
  g_autoptr (GError) error = NULL;
  MsHeaptrackTotals totals = { 0 };
  MsHeaptrackLines lines;

  if (ms_heaptrack_lines_open (&lines, stream, n_bytes, &error))
    {
      g_autoptr (MsTraceWriter) writer = ms_trace_writer_new (folder, 0, NULL);
      gboolean is_good =
          ms_heaptrack_convert (&lines, writer, MAX_TABLE_BYTES, NULL, NULL, NULL, &totals, &error);

      g_assert_true (is_good == (error == NULL));
      if (is_good)
        check_trace (folder, &totals);
      ms_heaptrack_lines_close (&lines);
    }
  else
    g_assert_nonnull (error);
  test_folder_remove (parent);
  return 0;
}
