/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A folder that grows, scanned again: whatever came in between, the index says what one says that is scanned from the
 * beginning; and what was known is not read again.
 */
#include "ms-block-index.h"
#include "ms-diagnostic.h"
#include "test-folder.h"
#include "trace-builder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define N_THREADS 4
#define N_EVENTS 3000

typedef struct {
  char *folder, *file; /* of events, of all threads */
  char *bytes;         /* of the whole file */
  gsize n_bytes;
  int dir_fd;
  GPtrArray *diagnostics;
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (TraceBuilder) builder = NULL;

  self->folder = test_folder_new ();
  builder = trace_builder_new (self->folder);
  trace_builder_set_pooled (builder, TRUE);
  trace_builder_set_block_bytes (builder, 300);
  for (guint i = 0; i < N_EVENTS; i++)
    trace_builder_alloc (builder, i % N_THREADS, 1000 + 10 * i, 0x5000 + 64 * i, 8 + i % 100, 0);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  self->file = g_build_filename (self->folder, TRK_POOLED_EVENTS_FILE_NAME, NULL);
  g_assert_true (g_file_get_contents (self->file, &self->bytes, &self->n_bytes, NULL));
  self->dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (self->dir_fd, >=, 0);
  self->diagnostics = ms_diagnostics_new ();
}

static void
teardown (Fixture *self, gconstpointer data)
{
  close (self->dir_fd);
  test_folder_remove (self->folder);
  g_ptr_array_unref (self->diagnostics);
  g_free (self->bytes);
  g_free (self->file);
  g_free (self->folder);
}

/* In the file that is there, so that it stays the same one. */
static void
write_bytes (Fixture *self, const char *bytes, gsize n_bytes)
{
  int fd = open (self->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t) n_bytes), ==, 0);
  g_assert_cmpint (pwrite (fd, bytes, n_bytes, 0), ==, (gssize) n_bytes);
  close (fd);
}

static MsBlockIndex *
scan (Fixture *self, const MsBlockIndex *before)
{
  MsBlockIndex *index = ms_block_index_new (self->dir_fd, self->diagnostics);
  g_autoptr (GError) error = NULL;

  g_assert_true (ms_block_index_scan_again (index, before, NULL, &error));
  g_assert_no_error (error);
  return index;
}

static void
assert_equal (MsBlockIndex *a, MsBlockIndex *b)
{
  g_assert_cmpuint (a->files->len, ==, b->files->len);
  for (guint i = 0; i < a->files->len; i++)
    g_assert_cmpstr (a->files->pdata[i], ==, b->files->pdata[i]);
  g_assert_cmpuint (a->n_file_bytes, ==, b->n_file_bytes);
  g_assert_cmpuint (a->damage->len, ==, b->damage->len);
  g_assert_cmpuint (a->blocks->len, ==, b->blocks->len);
  for (guint i = 0; i < a->blocks->len; i++)
    {
      const MsBlock *x = &g_array_index (a->blocks, MsBlock, i);
      const MsBlock *y = &g_array_index (b->blocks, MsBlock, i);

      g_assert_cmpmem (&x->header, sizeof x->header, &y->header, sizeof y->header);
      g_assert_cmpuint (x->payload_bytes, ==, y->payload_bytes);
      g_assert_cmpuint (x->file, ==, y->file);
      g_assert_cmpuint (x->offset, ==, y->offset);
    }
}

/* By any number of bytes at a time, so that blocks are cut anywhere. */
static void
test_growing (Fixture *self, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (MsBlockIndex) before = NULL;
  gsize n_bytes = 0;

  while (n_bytes < self->n_bytes)
    {
      MsBlockIndex *again;
      g_autoptr (MsBlockIndex) fresh = NULL;

      n_bytes = MIN (n_bytes + (gsize) g_rand_int_range (random, 1, 3000), self->n_bytes);
      write_bytes (self, self->bytes, n_bytes);
      again = scan (self, before);
      fresh = scan (self, NULL);
      assert_equal (again, fresh);
      g_clear_pointer (&before, ms_block_index_free);
      before = again;
    }
  g_assert_cmpuint (before->blocks->len, >, 20);
}

/* A byte that changes where nobody is to look: a fresh scan misses the block, one that goes on does not. */
static void
test_not_read_again (Fixture *self, gconstpointer data)
{
  g_autoptr (MsBlockIndex) before = NULL, again = NULL, fresh = NULL;
  g_autofree char *bytes = g_memdup2 (self->bytes, self->n_bytes);
  const MsBlock *block;

  write_bytes (self, self->bytes, self->n_bytes / 2);
  before = scan (self, NULL);
  block = &g_array_index (before->blocks, MsBlock, 0);
  bytes[block->offset + 10] ^= 1;
  write_bytes (self, bytes, self->n_bytes);
  again = scan (self, before);
  fresh = scan (self, NULL);
  g_assert_cmpuint (again->blocks->len, ==, fresh->blocks->len + 1);
}

/* Another file of the same name, a shorter one, one with something else at the end of what was known, none: all of it
 * is read. */
static void
test_not_the_same (Fixture *self, gconstpointer data)
{
  g_autoptr (MsBlockIndex) before = NULL;
  g_autofree char *bytes = g_memdup2 (self->bytes, self->n_bytes);
  gsize last;

  before = scan (self, NULL);
  last = (gsize) g_array_index (before->scanned, MsScannedFile, 0).last;
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (MsBlockIndex) again = NULL, fresh = NULL;

      bytes[last + 8] = (char) (self->bytes[last + 8] ^ (i == 2));
      if (i == 0)
        g_assert_true (
            g_file_set_contents (self->file, self->bytes, (gssize) self->n_bytes / 2, NULL));
      else if (i == 1)
        write_bytes (self, self->bytes, self->n_bytes / 3);
      else if (i == 2)
        write_bytes (self, bytes, self->n_bytes);
      else
        g_assert_cmpint (g_unlink (self->file), ==, 0);
      again = scan (self, before);
      fresh = scan (self, NULL);
      assert_equal (again, fresh);
    }
}

/* Half a block that is never finished, and whole ones behind it: what a killed agent leaves, and the next goes on with. */
static void
test_damage (Fixture *self, gconstpointer data)
{
  g_autoptr (MsBlockIndex) before = NULL, again = NULL, third = NULL, fresh = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const MsScannedFile *scanned;
  gsize rest;

  write_bytes (self, self->bytes, self->n_bytes / 2);
  before = scan (self, NULL);
  scanned = &g_array_index (before->scanned, MsScannedFile, 0);
  rest = (gsize) scanned->end;
  g_byte_array_append (bytes, (const guint8 *) self->bytes, (guint) rest + 40);
  g_byte_array_append (bytes, (const guint8 *) self->bytes + rest, (guint) (self->n_bytes - rest));
  write_bytes (self, (const char *) bytes->data, bytes->len - 700);
  again = scan (self, before);
  write_bytes (self, (const char *) bytes->data, bytes->len);
  third = scan (self, again);
  fresh = scan (self, NULL);
  assert_equal (third, fresh);
  g_assert_cmpuint (fresh->damage->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/block-index/growing", Fixture, NULL, setup, test_growing, teardown);
  g_test_add ("/block-index/not-read-again", Fixture, NULL, setup, test_not_read_again, teardown);
  g_test_add ("/block-index/not-the-same", Fixture, NULL, setup, test_not_the_same, teardown);
  g_test_add ("/block-index/damage", Fixture, NULL, setup, test_damage, teardown);
  return g_test_run ();
}
