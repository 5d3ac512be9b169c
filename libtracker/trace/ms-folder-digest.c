/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-folder-digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-block-walk.h"

/* A folder may hold any number of files; beyond this much of what has no headers, nothing is kept. */
#define MAX_PLAIN_BYTES ((guint64) 1 << 30)
#define BUFFER_BYTES ((gsize) 1 << 16)

typedef struct {
  int dir_fd;
  GChecksum *checksum;
  GCancellable *cancellable;
  guint8 *buffer;
  guint64 n_plain_bytes;
} Digest;

static void
add_bytes (Digest *self, gconstpointer bytes, gsize n_bytes)
{
  g_checksum_update (self->checksum, bytes, (gssize) n_bytes);
}

static void
add_number (Digest *self, guint64 number)
{
  guint64 little = GUINT64_TO_LE (number);

  add_bytes (self, &little, sizeof little);
}

static gboolean
fail (GError **error, const char *name, int code)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", name, g_strerror (code));
  return FALSE;
}

static gssize
read_at (int fd, gpointer data, gsize n_bytes, guint64 position)
{
  gsize done = 0;

  while (done < n_bytes)
    {
      ssize_t n = pread (fd, (guint8 *) data + done, n_bytes - done, (off_t) (position + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}

/* --- one file ----------------------------------------------------------------------------------- */

static gboolean
add_stretch (Digest *self, int fd, const char *name, guint64 position, guint64 end, GError **error)
{
  self->n_plain_bytes += end - position;
  if (self->n_plain_bytes > MAX_PLAIN_BYTES)
    return fail (error, name, EFBIG);
  while (position < end)
    {
      gssize n = read_at (fd, self->buffer, (gsize) MIN (BUFFER_BYTES, end - position), position);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (n <= 0)
        return fail (error, name, n < 0 ? errno : EAGAIN);
      add_bytes (self, self->buffer, (gsize) n);
      position += (guint64) n;
    }
  return TRUE;
}

static gboolean
add_block (const TrkBlockHeader *header, gpointer user_data)
{
  Digest *self = user_data;

  add_bytes (self, header, sizeof *header);
  return !g_cancellable_is_cancelled (self->cancellable);
}

/* What follows the last whole block speaks for itself. */
static gboolean
add_blocks (Digest *self, int fd, const char *name, guint64 size, GError **error)
{
  TrkFileHeader file;
  guint64 end;

  if (size < sizeof file || !ms_block_walk_read_header (fd, &file))
    return add_stretch (self, fd, name, 0, size, error);
  add_bytes (self, &file, sizeof file);
  end = ms_block_walk (fd, size, file.header_size, add_block, self);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && (end >= size || add_stretch (self, fd, name, end, size, error));
}

static gboolean
add_open_file (Digest *self, int fd, const char *name, guint64 size, GError **error)
{
  if (strcmp (name, TRK_MANIFEST_FILE_NAME) == 0 || strcmp (name, TRK_POOL_FILE_NAME) == 0)
    return add_stretch (self, fd, name, 0, size, error);
  if (strcmp (name, TRK_RESOURCES_FILE_NAME) == 0)
    return add_stretch (self, fd, name, 0, MIN (size, sizeof (TrkFileHeader)), error);
  return add_blocks (self, fd, name, size, error);
}

/* A name that leads nowhere, or to no file, counts as that. */
static gboolean
add_file (Digest *self, const char *name, GError **error)
{
  int fd = openat (self->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gboolean grows = strcmp (name, TRK_RESOURCES_FILE_NAME) == 0, done;
  struct stat before, after;

  add_bytes (self, name, strlen (name) + 1);
  if (fd < 0 && errno != ENOENT)
    return fail (error, name, errno);
  if (fd < 0 || fstat (fd, &before) != 0 || !S_ISREG (before.st_mode))
    {
      add_number (self, G_MAXUINT64);
      if (fd >= 0)
        close (fd);
      return TRUE;
    }
  add_number (self, grows ? 0 : (guint64) before.st_size);
  done = add_open_file (self, fd, name, (guint64) before.st_size, error);
  if (done && !grows && (fstat (fd, &after) != 0 || after.st_size != before.st_size))
    done = fail (error, name, EAGAIN);
  close (fd);
  return done;
}

/* --- the folder --------------------------------------------------------------------------------- */

/* The control page says what is wanted of a process, not what it did. */
static gboolean
is_input (const char *name)
{
  if (strcmp (name, TRK_MANIFEST_FILE_NAME) == 0)
    return TRUE;
  return g_str_has_prefix (name, "memscope_")
         && (g_str_has_suffix (name, ".bin") || g_str_has_suffix (name, ".freq"))
         && strcmp (name, TRK_SUMMARY_FILE_NAME) != 0 && strcmp (name, TRK_CONTROL_FILE_NAME) != 0;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_inputs (int dir_fd, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (dir == NULL)
    {
      fail (error, ".", errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  while ((entry = readdir (dir)))
    if (is_input (entry->d_name))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (dir);
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

gboolean
ms_folder_digest_compute (MsFolderDigest *digest,
                          int dir_fd,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GPtrArray) names = list_inputs (dir_fd, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  Digest self = { dir_fd, checksum, cancellable, buffer, 0 };
  gsize n_bytes = sizeof digest->bytes;

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!add_file (&self, g_ptr_array_index (names, i), error))
      return FALSE;
  g_checksum_get_digest (checksum, digest->bytes, &n_bytes);
  return TRUE;
}

gboolean
ms_folder_stamp_compute (MsFolderDigest *stamp, int dir_fd, GError **error)
{
  g_autoptr (GPtrArray) names = list_inputs (dir_fd, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  Digest self = { .dir_fd = dir_fd, .checksum = checksum };
  gsize n_bytes = sizeof stamp->bytes;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      struct stat status;

      if (fstatat (dir_fd, name, &status, 0) != 0)
        return fail (error, name, errno);
      add_bytes (&self, name, strlen (name) + 1);
      add_number (&self, (guint64) status.st_dev);
      add_number (&self, (guint64) status.st_ino);
      add_number (&self, (guint64) status.st_mode);
      if (strcmp (name, TRK_RESOURCES_FILE_NAME) == 0) /* may still grow, see there */
        continue;
      add_number (&self, (guint64) status.st_size);
      add_number (&self, (guint64) status.st_mtim.tv_sec);
      add_number (&self, (guint64) status.st_mtim.tv_nsec);
      add_number (&self, (guint64) status.st_ctim.tv_sec);
      add_number (&self, (guint64) status.st_ctim.tv_nsec);
    }
  if (names != NULL)
    g_checksum_get_digest (checksum, stamp->bytes, &n_bytes);
  return names != NULL;
}

gboolean
ms_folder_digest_compute_for_path (MsFolderDigest *digest,
                                   const char *folder,
                                   GCancellable *cancellable,
                                   GError **error)
{
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done;

  if (dir_fd < 0)
    return fail (error, folder, errno);
  done = ms_folder_digest_compute (digest, dir_fd, cancellable, error);
  close (dir_fd);
  return done;
}

gboolean
ms_folder_digest_equal (const MsFolderDigest *a, const MsFolderDigest *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

char *
ms_folder_digest_to_text (const MsFolderDigest *self)
{
  GString *text = g_string_sized_new (2 * MS_FOLDER_DIGEST_BYTES);

  for (guint i = 0; i < MS_FOLDER_DIGEST_BYTES; i++)
    g_string_append_printf (text, "%02x", self->bytes[i]);
  return g_string_free (text, FALSE);
}
