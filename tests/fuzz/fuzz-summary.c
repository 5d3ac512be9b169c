/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: [flags][memscope_summary.bin], beside the files of a small trace that stay as they are.  Flag 1
 * makes digest, lengths and checksums right again, so that what lies behind them is reached.
 */
#include "fuzz-target.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ms-summary-file.h"
#include "ms-summary.h"
#include "trace-builder.h"
#include "trace-compare.h"
#include "trk-checksum.h"

const guint fuzz_n_mutations = 4000;

static char *folders[2]; /* plain and sampled */

static void
build (const char *folder, gboolean sampled)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  const guint64 frames[] = { 0x401010, 0x402020, 0x403030 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 3);

  trace_builder_add_module (b, 0, 0x400000, 0x410000, 0x400000, "/usr/bin/victim", NULL, 0);
  trace_builder_start (b, 0, 100, -1);
  trace_builder_name (b, 1, 100, "worker", -1);
  if (sampled)
    trace_builder_sampling (b, 0, 0.5, 0);
  for (guint i = 0; i < 30; i++)
    {
      trace_builder_alloc (b, i % 2, 1000 + 10 * i, 0x5000 + 48 * i, 32 + i, stack);
      if (i % 3)
        trace_builder_free_block (b, 1 - i % 2, 1005 + 10 * i, 0x5000 + 48 * i);
    }
  trace_builder_map (b, 0, 2000, 2000, TRK_MAPPING_ANONYMOUS, 12, 0x7000, 0x9000, stack);
  trace_builder_unmap (b, 1, 2200, 0x8000, 0x4000);
  for (guint i = 0; i < 3; i++)
    trace_builder_realloc (b, 0, 5000 + 20 * i, 5010 + 20 * i, 0x5000, 0x5000, 640U << i, stack);
  trace_builder_dropped (b, 0, 3);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

static void
remove_folders (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    test_folder_remove (folders[i]);
}

static void
make_folders (void)
{
  if (folders[0] != NULL)
    return;
  g_setenv ("MEMSCOPE_CACHE_MB", "0", TRUE); /* none of the user's */
  ms_summary_min_event_bytes = 0;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      folders[i] = test_folder_new ();
      build (folders[i], i == 1);
    }
  atexit (remove_folders);
}

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  make_folders ();
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], TRK_SUMMARY_FILE_NAME, NULL);
      g_autoptr (GByteArray) input = g_byte_array_new ();
      g_autoptr (MsTrace) trace = NULL;
      g_autofree char *bytes = NULL;
      guint8 flags = (guint8) (1 | i << 1);
      gsize n_bytes;

      unlink (path);
      trace = ms_trace_load (folders[i], NULL, NULL, NULL, NULL);
      g_assert_nonnull (trace);
      g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
      g_byte_array_append (input, &flags, 1);
      g_byte_array_append (input, (guint8 *) bytes, (guint) n_bytes);
      add (input->data, input->len, user_data);
    }
}

static void
mend (guint8 *bytes, gsize n_bytes, const char *folder)
{
  MsSummaryHeader header;
  gsize at = sizeof header;

  if (n_bytes < sizeof header)
    return;
  memcpy (&header, bytes, sizeof header);
  memcpy (header.file.magic, TRK_FILE_MAGIC, sizeof header.file.magic);
  header.file.header_size = sizeof header;
  header.version = MS_SUMMARY_VERSION;
  header.n_bytes = n_bytes;
  g_assert_true (ms_folder_digest_compute_for_path (&header.inputs, folder, NULL, NULL));
  for (guint32 i = 0; i < header.n_sections; i++)
    {
      MsSummarySection section;

      if (n_bytes - at < sizeof section)
        break;
      memcpy (&section, bytes + at, sizeof section);
      if (section.payload_bytes > n_bytes - at - sizeof section)
        section.payload_bytes = n_bytes - at - sizeof section;
      section.checksum = 0;
      section.checksum = trk_checksum (&section, sizeof section)
                         + trk_checksum (bytes + at + sizeof section, section.payload_bytes);
      memcpy (bytes + at, &section, sizeof section);
      at += sizeof section + section.payload_bytes;
    }
  header.checksum = 0;
  header.checksum = trk_checksum (&header, sizeof header);
  memcpy (bytes, &header, sizeof header);
}

static void
write_file (const char *folder, const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (folder, TRK_SUMMARY_FILE_NAME, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (write (fd, bytes, n_bytes), ==, (gssize) n_bytes);
  close (fd);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree guint8 *copy = NULL;
  g_autoptr (MsTrace) trace = NULL;
  MsSummaryInputs inputs;
  const char *folder;
  int dir_fd;

  if (n_bytes < 1)
    return 0;
  make_folders ();
  folder = folders[bytes[0] >> 1 & 1];
  copy = g_memdup2 (bytes + 1, n_bytes - 1);
  if (bytes[0] & 1)
    mend (copy, n_bytes - 1, folder);
  write_file (folder, copy, n_bytes - 1);
  dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  trace = ms_summary_load (folder, dir_fd, MS_LOAD_FIGURES, &inputs, NULL);
  close (dir_fd);
  if (trace != NULL)
    trace_compare_assert_equal (trace, trace); /* asks everything of it */
  return 0;
}
