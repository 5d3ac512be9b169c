/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_resources.bin as it grows: what is read of it piece by piece is what is read of the whole, also where it is
 * damaged, and an answer once given stays what it was.  Then cut at every byte, and with every bit turned.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "block-checksums.h"
#include "ms-diagnostic.h"
#include "ms-resource-file.h"
#include "resource-builder.h"
#include "resource-check.h"
#include "trace-builder.h"

#define SECOND G_GINT64_CONSTANT (1000000000)
#define N_ROUNDS 30

typedef struct {
  char *folder, *path;
  int dir_fd;
  guint8 trace_id[16];
  GPtrArray *diagnostics;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = test_folder_new ();
  self->path = g_build_filename (self->folder, TRK_RESOURCES_FILE_NAME, NULL);
  self->dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (guint i = 0; i < sizeof self->trace_id; i++)
    self->trace_id[i] = (guint8) (0xa0 + i);
  self->diagnostics = ms_diagnostics_new ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  close (self->dir_fd);
  test_folder_remove (self->folder);
  g_ptr_array_unref (self->diagnostics);
  g_free (self->folder);
  g_free (self->path);
}

static MsResources *
load (Fixture *self)
{
  return ms_resource_file_load (self->dir_fd, self->trace_id, TRACE_BUILDER_START_NS,
                                self->diagnostics);
}

static MsResources *
follow (Fixture *self, MsResourceFile *file)
{
  return ms_resource_file_read (file, self->dir_fd, self->trace_id, TRACE_BUILDER_START_NS,
                                self->diagnostics);
}

/* --- files ------------------------------------------------------------------------------------------ */

static guint
pick (GRand *random, guint n)
{
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

static void
add_random_sample (ResourceBuilder *builder, GRand *random, gint64 time_ns)
{
  static const char *const names[] = { "sda", "worker", "", "\xff<b>", "nvme0n1" };
  static const TrkResourceKind kinds[] = { TRK_RESOURCE_THREAD, TRK_RESOURCE_DISK,
                                           TRK_RESOURCE_PROCESS, TRK_RESOURCE_SOCKET };

  for (guint field = 0; field < 6; field++)
    if (pick (random, 3) > 0)
      resource_builder_set (builder, field, (guint64) time_ns / (1 + pick (random, 9)));
    else if (pick (random, 4) == 0)
      resource_builder_set_absent (builder, field, (guint8) (1 + pick (random, 4)));
  resource_builder_sample (builder, kinds[pick (random, 4)], 1 + pick (random, 6),
                           names[pick (random, 5)], time_ns);
}

static GByteArray *
build (Fixture *self, GRand *random, guint n_samples)
{
  ResourceBuilder *builder = resource_builder_new (self->folder, SECOND / 10);
  char *bytes;
  gsize n_bytes;

  for (guint i = 0; i < n_samples; i++)
    {
      add_random_sample (builder, random, SECOND + i * SECOND / 30);
      if (pick (random, 4) == 0)
        resource_builder_end_block (builder);
    }
  resource_builder_free (builder);
  g_assert_true (g_file_get_contents (self->path, &bytes, &n_bytes, NULL));
  g_assert_cmpint (unlink (self->path), ==, 0);
  return g_byte_array_new_take ((guint8 *) bytes, n_bytes);
}

/* Turned bytes, rubbish in between, and blocks of which a piece is missing, as a kill leaves them. */
static void
damage (GByteArray *file, GRand *random)
{
  for (guint n = pick (random, 4); n > 0; n--)
    {
      guint at = (guint) sizeof (TrkFileHeader) + pick (random, file->len - sizeof (TrkFileHeader));
      guint drawn = 1 + pick (random, 90); /* MIN () would draw twice */
      guint n_bytes = MIN (drawn, file->len - at);

      if (pick (random, 2) == 0)
        g_byte_array_remove_range (file, at, n_bytes);
      else
        file->data[at] ^= (guint8) (1 + pick (random, 255));
      if (file->len <= sizeof (TrkFileHeader) + 1)
        return;
    }
}

static void
append (Fixture *self, const guint8 *bytes, gsize n_bytes)
{
  int fd = open (self->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  g_assert_cmpint (write (fd, bytes, n_bytes), ==, (gssize) n_bytes);
  close (fd);
}

/* --- growing ---------------------------------------------------------------------------------------- */

typedef struct {
  MsResources *followed, *loaded;
} Answer;

static void
answer_clear (gpointer data)
{
  Answer *self = data;

  g_clear_pointer (&self->followed, ms_resources_unref);
  g_clear_pointer (&self->loaded, ms_resources_unref);
}

static void
grow (Fixture *self, GRand *random, gboolean damaged)
{
  g_autoptr (MsResourceFile) file = ms_resource_file_new ();
  g_autoptr (GByteArray) bytes = build (self, random, 20 + pick (random, 400));
  g_autoptr (GArray) answers = g_array_new (FALSE, FALSE, sizeof (Answer));
  guint most = 1 + pick (random, bytes->len / 3 + 1);

  g_array_set_clear_func (answers, answer_clear);
  if (damaged)
    damage (bytes, random);
  for (gsize at = 0; at < bytes->len;)
    {
      guint drawn = 1 + pick (random, most);
      gsize n_bytes = MIN (drawn, bytes->len - at);
      Answer answer;

      append (self, bytes->data + at, n_bytes);
      at += n_bytes;
      answer.followed = follow (self, file);
      answer.loaded = load (self);
      resource_check_equal (answer.followed, answer.loaded);
      if (answer.followed != NULL)
        g_array_append_val (answers, answer);
    }
  for (guint i = 0; i < answers->len; i++)
    {
      const Answer *answer = &g_array_index (answers, Answer, i);

      resource_check_sound (answer->followed);
      resource_check_equal (answer->followed, answer->loaded);
    }
  g_assert_cmpint (unlink (self->path), ==, 0);
  g_assert_null (follow (self, file));
}

static void
test_growing (Fixture *self, gconstpointer damaged)
{
  for (guint seed = 0; seed < N_ROUNDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);

      g_test_message ("seed %u", seed);
      grow (self, random, GPOINTER_TO_INT (damaged));
    }
}

/* More blocks than a chunk has room for, and another file of the same name. */
static void
test_long (Fixture *self, gconstpointer data)
{
  g_autoptr (MsResourceFile) file = ms_resource_file_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GByteArray) bytes = build (self, random, 4000 - 1000 * round);
      g_autofree char *other = g_strconcat (self->path, ".new", NULL);

      g_assert_true (g_file_set_contents (other, (char *) bytes->data, 5000, NULL));
      g_assert_cmpint (rename (other, self->path), ==, 0);
      for (gsize at = 5000; at < bytes->len; at += 5000)
        {
          g_autoptr (MsResources) followed = follow (self, file), loaded = load (self);

          resource_check_equal (followed, loaded);
          append (self, bytes->data + at, MIN (5000, bytes->len - at));
        }
      /* Cut off again: what is gone is not remembered. */
      g_assert_cmpint (truncate (self->path, 20000), ==, 0);
      {
        g_autoptr (MsResources) followed = follow (self, file), loaded = load (self);

        g_assert_cmpuint (ms_resources_get_n_sources (loaded), >, 0);
        resource_check_equal (followed, loaded);
      }
    }
}

/* --- every byte and bit ------------------------------------------------------------------------------ */

static void
try (Fixture *self, const guint8 *bytes, gsize n_bytes, guint *n_read)
{
  g_autoptr (MsResources) resources = NULL;

  /* Not by GLib, which waits for the disk. */
  (void) unlink (self->path);
  append (self, bytes, n_bytes);
  resources = load (self);
  *n_read += resources != NULL;
  if (resources != NULL)
    resource_check_sound (resources);
}

static void
test_every_bit (Fixture *self, gconstpointer mended)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (GByteArray) whole = build (self, random, 24);
  guint n_read = 0, n_bits = whole->len * 8;

  for (guint bit = 0; bit < n_bits; bit++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      g_byte_array_append (bytes, whole->data, whole->len);
      bytes->data[bit / 8] ^= (guint8) (1 << bit % 8);
      if (GPOINTER_TO_INT (mended))
        block_checksums_mend (bytes->data, bytes->len);
      try (self, bytes->data, bytes->len, &n_read);
    }
  g_assert_cmpuint (n_read, >=, n_bits - 8 * sizeof (TrkFileHeader));
  g_assert_cmpuint (n_read, <, n_bits);
}

static void
test_every_length (Fixture *self, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (GByteArray) whole = build (self, random, 60);
  guint n_read = 0;

  for (gsize length = 0; length <= whole->len; length++)
    try (self, whole->data, length, &n_read);
  g_assert_cmpuint (n_read, ==, whole->len + 1 - sizeof (TrkFileHeader));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function) \
  g_test_add ("/resource-file/" name, Fixture, data, set_up, function, tear_down)
  ADD ("growing", NULL, test_growing);
  ADD ("growing-damaged", GINT_TO_POINTER (TRUE), test_growing);
  ADD ("long", NULL, test_long);
  ADD ("every-bit", NULL, test_every_bit);
  ADD ("every-bit-mended", GINT_TO_POINTER (TRUE), test_every_bit);
  ADD ("every-length", NULL, test_every_length);
  return g_test_run ();
}
