/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "folder-input.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "block-checksums.h"
#include "trk-format.h"

#define MAX_FILE_BYTES 200000U
#define HEAD_BYTES 6

enum { MEND = 1, BEHIND = 4, GONE = 8 };

static const char *const names[] = { TRK_MANIFEST_FILE_NAME,       TRK_POOL_FILE_NAME,
                                     TRK_STACKS_FILE_NAME,         TRK_MODULES_FILE_NAME,
                                     "memscope_thread_0-1000.bin", "memscope_thread_1-1001.bin",
                                     "memscope_thread_0-1000.freq" };

static void
append_file (GByteArray *input, const char *folder, guint8 number)
{
  g_autofree char *path = g_build_filename (folder, names[number], NULL);
  g_autofree char *bytes = NULL;
  guint8 head[2] = { number, MEND };
  guint32 length;
  gsize n_bytes;

  if (!g_file_get_contents (path, &bytes, &n_bytes, NULL))
    return;
  length = (guint32) MIN (n_bytes, TRK_POOL_HEADER_BYTES + 2 * TRK_LANE_BYTES);
  g_byte_array_append (input, head, sizeof head);
  g_byte_array_append (input, (guint8 *) &length, sizeof length);
  g_byte_array_append (input, (guint8 *) bytes, length);
}

void
folder_input_append_all (GByteArray *input, const char *folder)
{
  for (guint8 i = 0; i < G_N_ELEMENTS (names); i++)
    append_file (input, folder, i);
}

static void
write_file (const char *path, const guint8 *bytes, gsize n_bytes, guint8 flags)
{
  int fd;

  if (flags & GONE)
    {
      g_unlink (path);
      return;
    }
  fd = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC | (flags & BEHIND ? O_APPEND : O_TRUNC), 0644);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, n_bytes), ==, (gssize) n_bytes);
  close (fd);
}

gboolean
folder_input_write_next (const char *folder, const guint8 **p, const guint8 *end, guint8 *flags)
{
  g_autofree guint8 *bytes = NULL;
  g_autofree char *path = NULL;
  guint32 length;

  if (end - *p < HEAD_BYTES)
    return FALSE;
  memcpy (&length, *p + 2, sizeof length);
  length = MIN (length, MIN (MAX_FILE_BYTES, (guint32) (end - *p - HEAD_BYTES)));
  bytes = g_memdup2 (*p + HEAD_BYTES, length);
  path = g_build_filename (folder, names[**p % G_N_ELEMENTS (names)], NULL);
  if ((*p)[1] & MEND)
    block_checksums_mend (bytes, length);
  write_file (path, bytes != NULL ? bytes : (const guint8 *) "", length, (*p)[1]);
  if (flags != NULL)
    *flags = (*p)[1];
  *p += HEAD_BYTES + length;
  return TRUE;
}
