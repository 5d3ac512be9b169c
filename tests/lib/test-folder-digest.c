/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The digest of a trace folder: the same wherever the folder lies, another after every change. */
#include "ms-folder-digest.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace-builder.h"
#include "trk-checksum.h"

#define EVENT_FILE "memscope_thread_0-1000.bin"

static void
build (const char *folder, TraceBuilderEnd end)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  const guint64 frames[] = { 0x401010, 0x402020 };
  guint32 stack = trace_builder_add_stack (b, 0, frames, 2);

  trace_builder_set_block_bytes (b, 200);
  for (guint i = 0; i < 200; i++)
    trace_builder_alloc (b, i % 2, 1000 + 10 * i, 0x5000 + 48 * i, 32 + i, stack);
  trace_builder_finish (b, end);
}

static char *
digest_text (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsFolderDigest digest;

  g_assert_true (ms_folder_digest_compute_for_path (&digest, folder, NULL, &error));
  g_assert_no_error (error);
  return ms_folder_digest_to_text (&digest);
}

static void
read_file (const char *folder, const char *name, char **bytes, gsize *n_bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_get_contents (path, bytes, n_bytes, NULL));
}

/* Not g_file_set_contents(), which waits for the disk. */
static void
write_file (const char *folder, const char *name, const char *bytes, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes, 1, n_bytes, file), ==, n_bytes);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
test_copy (void)
{
  g_autofree char *folder = test_folder_new (), *copy = test_folder_new ();
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  build (folder, TRACE_BUILDER_KILLED);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      read_file (folder, name, &bytes, &n_bytes);
      write_file (copy, name, bytes, n_bytes);
    }
  first = digest_text (folder);
  second = digest_text (copy);
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpuint (strlen (first), ==, 2 * MS_FOLDER_DIGEST_BYTES);
  test_folder_remove (folder);
  test_folder_remove (copy);
}

/* Every cut and every turned bit of a file without the pool, but for payload bytes; the pool's too. */
static void
sweep (const char *folder, const char *name, gsize step)
{
  g_autofree char *before = digest_text (folder), *bytes = NULL, *after = NULL;
  gsize n_bytes;

  read_file (folder, name, &bytes, &n_bytes);
  for (gsize length = 0; length < n_bytes; length += step)
    {
      g_autofree char *text = NULL;

      write_file (folder, name, bytes, length);
      text = digest_text (folder);
      g_assert_cmpstr (text, !=, before);
    }
  for (gsize at = 0; at < n_bytes; at += step)
    {
      g_autofree char *text = NULL;

      bytes[at] ^= 16;
      write_file (folder, name, bytes, n_bytes);
      text = digest_text (folder);
      /* Of a block all but its payload. */
      if (!g_str_has_suffix (name, ".bin") || strcmp (name, TRK_POOL_FILE_NAME) == 0
          || at < sizeof (TrkFileHeader) + TRK_BLOCK_HEADER_BYTES)
        g_assert_cmpstr (text, !=, before);
      bytes[at] ^= 16;
    }
  write_file (folder, name, bytes, n_bytes);
  after = digest_text (folder);
  g_assert_cmpstr (after, ==, before);
}

static void
test_changes (void)
{
  g_autofree char *folder = test_folder_new ();

  build (folder, TRACE_BUILDER_CLOSED);
  sweep (folder, EVENT_FILE, 1);
  sweep (folder, TRK_MANIFEST_FILE_NAME, 3);
  test_folder_remove (folder);
}

static void
test_pool_changes (void)
{
  g_autofree char *folder = test_folder_new ();

  build (folder, TRACE_BUILDER_KILLED);
  sweep (folder, TRK_POOL_FILE_NAME, 997);
  test_folder_remove (folder);
}

/* Behind damage every byte counts, so that a payload that was damaged before is covered, too. */
static void
test_behind_damage (void)
{
  g_autofree char *folder = test_folder_new (), *bytes = NULL, *before = NULL;
  gsize n_bytes;

  build (folder, TRACE_BUILDER_CLOSED);
  read_file (folder, EVENT_FILE, &bytes, &n_bytes);
  bytes[sizeof (TrkFileHeader)] ^= 1; /* the first block's magic */
  write_file (folder, EVENT_FILE, bytes, n_bytes);
  before = digest_text (folder);
  for (gsize at = sizeof (TrkFileHeader); at < n_bytes; at += 7)
    {
      g_autofree char *text = NULL;

      bytes[at] ^= 1;
      write_file (folder, EVENT_FILE, bytes, n_bytes);
      text = digest_text (folder);
      g_assert_cmpstr (text, !=, before);
      bytes[at] ^= 1;
    }
  test_folder_remove (folder);
}

/* A block with another payload has another header. */
static void
test_block_replaced (void)
{
  g_autofree char *folder = test_folder_new (), *bytes = NULL, *before = NULL, *after = NULL;
  TrkBlockHeader header;
  gsize n_bytes, at = sizeof (TrkFileHeader);

  build (folder, TRACE_BUILDER_CLOSED);
  before = digest_text (folder);
  read_file (folder, EVENT_FILE, &bytes, &n_bytes);
  memcpy (&header, bytes + at, sizeof header);
  bytes[at + header.header_size + 3] ^= 1;
  header.checksum =
      trk_block_checksum (&header, bytes + at + header.header_size, header.payload_bytes);
  memcpy (bytes + at, &header, sizeof header);
  write_file (folder, EVENT_FILE, bytes, n_bytes);
  after = digest_text (folder);
  g_assert_cmpstr (before, !=, after);
  test_folder_remove (folder);
}

static void
test_files_come_and_go (void)
{
  g_autofree char *folder = test_folder_new (), *before = NULL, *other = NULL, *bytes = NULL;
  g_autofree char *path = g_build_filename (folder, "memscope_thread_7-1007.bin", NULL);
  g_autofree char *without = NULL;
  gsize n_bytes;

  build (folder, TRACE_BUILDER_CLOSED);
  before = digest_text (folder);
  /* Neither is an input. */
  write_file (folder, TRK_SUMMARY_FILE_NAME, "x", 1);
  write_file (folder, "notes.txt", "x", 1);
  other = digest_text (folder);
  g_assert_cmpstr (before, ==, other);
  read_file (folder, EVENT_FILE, &bytes, &n_bytes);
  write_file (folder, "memscope_thread_7-1007.bin", bytes, n_bytes);
  g_free (other);
  other = digest_text (folder);
  g_assert_cmpstr (before, !=, other);
  g_assert_cmpint (g_unlink (path), ==, 0);
  /* A link that leads nowhere is another thing than no link. */
  without = digest_text (folder);
  g_assert_cmpstr (before, ==, without);
  g_assert_cmpint (symlink ("/nonexistent/pool", path), ==, 0);
  g_free (other);
  other = digest_text (folder);
  g_assert_cmpstr (before, !=, other);
  test_folder_remove (folder);
}

static void
test_cancel (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  MsFolderDigest digest;

  build (folder, TRACE_BUILDER_CLOSED);
  g_cancellable_cancel (cancellable);
  g_assert_false (ms_folder_digest_compute_for_path (&digest, folder, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/folder-digest/copy", test_copy);
  g_test_add_func ("/folder-digest/changes", test_changes);
  g_test_add_func ("/folder-digest/pool-changes", test_pool_changes);
  g_test_add_func ("/folder-digest/behind-damage", test_behind_damage);
  g_test_add_func ("/folder-digest/block-replaced", test_block_replaced);
  g_test_add_func ("/folder-digest/files-come-and-go", test_files_come_and_go);
  g_test_add_func ("/folder-digest/cancel", test_cancel);
  return g_test_run ();
}
