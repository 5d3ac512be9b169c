/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: how far the file had grown at the first look (two bytes, in 65 536ths), flags, and a memscope_resources.bin.  Flag 1
 * makes the checksums of its blocks right again, so that what lies behind them is reached.  What is read in two
 * steps is what is read at once.
 */
#include "fuzz-target.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "block-checksums.h"
#include "ms-diagnostic.h"
#include "ms-resource-file.h"
#include "resource-builder.h"
#include "resource-check.h"
#include "trace-builder.h"

#define PREFIX_BYTES 3
#define MAX_FILE_BYTES (256U << 10)

const guint fuzz_n_mutations = 600;

static void
build (const char *folder, guint n_samples)
{
  g_autoptr (ResourceBuilder) builder = resource_builder_new (folder, 100000000);

  for (guint i = 0; i < n_samples; i++)
    {
      gint64 time_ns = 1000000000 + (gint64) i * 50000000;

      resource_builder_set (builder, TRK_THREAD_CPU_NS, i * 1000000);
      if (i % 3)
        resource_builder_set (builder, 1, i / 4);
      else
        resource_builder_set_absent (builder, 2, 1);
      resource_builder_sample (builder, i % 4 == 3 ? TRK_RESOURCE_DISK : TRK_RESOURCE_THREAD,
                               1000 + i % 3, i % 2 ? "worker" : "<b>", time_ns);
      if (i % 7 == 6)
        resource_builder_end_block (builder);
    }
}

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  for (guint flags = 0; flags < 2; flags++)
    {
      const guint8 prefix[PREFIX_BYTES] = { 0, 0x80, (guint8) flags };
      g_autofree char *folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, TRK_RESOURCES_FILE_NAME, NULL);
      g_autoptr (GByteArray) input = g_byte_array_new ();
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      build (folder, 12 + 20 * flags);
      g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
      g_byte_array_append (input, prefix, sizeof prefix);
      g_byte_array_append (input, (guint8 *) bytes, (guint) n_bytes);
      add (input->data, input->len, user_data);
      test_folder_remove (folder);
    }
}

static MsResources *
look (MsResourceFile *file, int dir_fd)
{
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  guint8 trace_id[16];

  for (guint i = 0; i < sizeof trace_id; i++)
    trace_id[i] = (guint8) (0xa0 + i);
  return ms_resource_file_read (file, dir_fd, trace_id, TRACE_BUILDER_START_NS, diagnostics);
}

static void
read_twice (const char *folder, const guint8 *bytes, gsize n_bytes, gsize n_first)
{
  g_autofree char *path = g_build_filename (folder, TRK_RESOURCES_FILE_NAME, NULL);
  g_autoptr (MsResourceFile) followed = ms_resource_file_new (), fresh = ms_resource_file_new ();
  g_autoptr (MsResources) first = NULL, second = NULL, whole = NULL;
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (write (fd, bytes, n_first), ==, (gssize) n_first);
  first = look (followed, dir_fd);
  g_assert_cmpint (write (fd, bytes + n_first, n_bytes - n_first), ==,
                   (gssize) (n_bytes - n_first));
  second = look (followed, dir_fd);
  whole = look (fresh, dir_fd);
  if (first != NULL)
    resource_check_sound (first);
  if (whole != NULL)
    resource_check_sound (whole);
  if (whole == NULL || ms_resources_get_n_sources (whole) < 200) /* or it takes seconds */
    resource_check_equal (second, whole);
  close (fd);
  close (dir_fd);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autofree char *folder = NULL;
  g_autofree guint8 *file = NULL;
  gsize n_file;

  if (n_bytes <= PREFIX_BYTES || n_bytes - PREFIX_BYTES > MAX_FILE_BYTES)
    return 0;
  n_file = n_bytes - PREFIX_BYTES;
  file = g_memdup2 (bytes + PREFIX_BYTES, n_file);
  if (bytes[2] & 1)
    block_checksums_mend (file, n_file);
  folder = test_folder_new ();
  read_twice (folder, file, n_file, n_file * (bytes[0] | (gsize) bytes[1] << 8) >> 16);
  test_folder_remove (folder);
  return 0;
}
