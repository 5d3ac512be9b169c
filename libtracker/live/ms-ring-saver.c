/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-ring-saver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-block-walk.h"
#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-manifest.h"
#include "ms-pool-drain.h"

#define MAX_SNAPSHOTS 1000U /* of a trace */
#define MAX_MANIFEST_BYTES ((gsize) 1 << 20)
#define UNFINISHED_NAME "snapshot.new"
#define CHUNK_BYTES 65536

static gboolean
fail_errno (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot write %s: %s", what,
               g_strerror (errno));
  return FALSE;
}

static JsonObject *
read_manifest (int dir_fd, GError **error)
{
  gsize n_bytes;
  g_autofree char *text =
      ms_folder_read_text (dir_fd, TRK_MANIFEST_FILE_NAME, MAX_MANIFEST_BYTES, &n_bytes, error);
  g_autoptr (JsonNode) node = text ? ms_json_parse (text, n_bytes, error) : NULL;

  return node ? json_object_ref (json_node_get_object (node)) : NULL;
}

static gboolean
says_ring (JsonObject *manifest)
{
  return ms_json_get_int (ms_json_get_object (manifest, "configuration"), "ring_bytes", 0) > 0;
}

gboolean
ms_ring_saver_is_ring (int dir_fd)
{
  g_autoptr (JsonObject) manifest = read_manifest (dir_fd, NULL);

  return manifest != NULL && says_ring (manifest);
}

/* --- files that grow ------------------------------------------------------------------------------- */

static gboolean
count_cb (const TrkBlockHeader *block, gpointer user_data)
{
  return TRUE;
}

static gboolean
write_all (int fd, gconstpointer bytes, gsize n_bytes)
{
  for (gsize done = 0; done < n_bytes;)
    {
      gssize n = write (fd, (const guint8 *) bytes + done, n_bytes - done);

      if (n < 0 && errno != EINTR)
        return FALSE;
      done += (gsize) MAX (n, 0);
    }
  return TRUE;
}

static gboolean
copy_bytes (int from, int to, guint64 n_bytes)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  guint64 done = 0;

  while (done < n_bytes)
    {
      gssize n = pread (from, chunk, MIN (n_bytes - done, CHUNK_BYTES), (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0; /* whoever writes it has cut it */
      if (!write_all (to, chunk, (gsize) n))
        return FALSE;
      done += (guint64) n;
    }
  return TRUE;
}

/* Up to the end of its last whole block; none is no error. */
static gboolean
copy_blocks (int from_dir, int to_dir, const char *name, GError **error)
{
  int from = openat (from_dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), to;
  TrkFileHeader header;
  struct stat status;
  gboolean done = TRUE;

  if (from < 0)
    return TRUE;
  if (fstat (from, &status) == 0 && S_ISREG (status.st_mode)
      && ms_block_walk_read_header (from, &header))
    {
      guint64 end =
          ms_block_walk (from, (guint64) status.st_size, header.header_size, count_cb, NULL);

      to = openat (to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      done = to >= 0 && copy_bytes (from, to, end);
      done = (to < 0 || close (to) == 0) && done;
      if (!done)
        fail_errno (error, name);
    }
  close (from);
  return done;
}

/* --- the manifest ---------------------------------------------------------------------------------- */

static gboolean
write_manifest (int to_dir, JsonObject *manifest, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), manifest);
  g_autofree char *text = json_to_string (node, TRUE);
  int fd = openat (to_dir, TRK_MANIFEST_FILE_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  gboolean done;

  if (fd < 0)
    return fail_errno (error, TRK_MANIFEST_FILE_NAME);
  done = write_all (fd, text, strlen (text));
  done = close (fd) == 0 && done;
  return done || fail_errno (error, TRK_MANIFEST_FILE_NAME);
}

/* The recording that the folder is ends here, and the program goes on. */
static void
complete_manifest (JsonObject *manifest,
                   const TrkPoolHeader *pool,
                   const char *mark,
                   gint64 time_ns)
{
  JsonObject *snapshot = json_object_new ();

  json_object_set_string_member (manifest, "state", "exited");
  json_object_set_boolean_member (manifest, "stopped_before_end", TRUE);
  json_object_set_boolean_member (manifest, "closed", TRUE);
  json_object_set_int_member (manifest, "end_ns", g_get_monotonic_time () * 1000);
  ms_pool_describe (pool, manifest);
  json_object_set_string_member (snapshot, "name", mark);
  json_object_set_int_member (snapshot, "time_ns", time_ns);
  json_object_set_object_member (manifest, "snapshot", snapshot);
}

/* --- the folder ------------------------------------------------------------------------------------ */

/* Whoever closes the recording takes this lock, too: one waits for the other.  Its own opening of @dir_fd, since a lock is
 * of an opening.  -1: none could be had. */
static int
lock_folder (int dir_fd, GError **error)
{
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = fd;

  while (result >= 0 && (result = flock (fd, LOCK_EX)) < 0 && errno == EINTR)
    result = fd;
  if (result >= 0)
    return fd;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot lock the trace folder: %s",
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* One that a save before us was killed in, or ours that failed.  The trace folder is locked. */
static void
remove_unfinished (int dir_fd)
{
  int fd = openat (dir_fd, UNFINISHED_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  while (dir && (entry = readdir (dir)))
    if (entry->d_name[0] != '.')
      unlinkat (dirfd (dir), entry->d_name, 0);
  if (dir)
    closedir (dir);
  else if (fd >= 0)
    close (fd);
  unlinkat (dir_fd, UNFINISHED_NAME, AT_REMOVEDIR);
}

/* (transfer full) (nullable) */
static char *
give_name (int dir_fd, GError **error)
{
  for (guint i = 1; i <= MAX_SNAPSHOTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("snapshot-%u", i);

      /* The folder's lock keeps other savers out, and no snapshot is an empty folder, which alone this replaces. */
      if (renameat (dir_fd, UNFINISHED_NAME, dir_fd, name) == 0)
        return g_steal_pointer (&name);
      if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
        {
          fail_errno (error, name);
          return NULL;
        }
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "there are %u snapshots of it already",
               MAX_SNAPSHOTS);
  return NULL;
}

static gboolean
fill_folder (int dir_fd,
             int to_dir,
             JsonObject *manifest,
             const char *mark,
             gint64 time_ns,
             GError **error)
{
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  g_autoptr (MsBlockIndex) index = ms_block_index_new (dir_fd, diagnostics);

  if (!ms_block_index_scan (index, NULL, error))
    return FALSE;
  if (!index->has_pool)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "its recording has ended");
      return FALSE;
    }
  ms_block_index_cut_rings (index);
  if (!ms_pool_save_blocks (index, to_dir, error)
      || !copy_blocks (dir_fd, to_dir, TRK_RESOURCES_FILE_NAME, error)
      || !copy_blocks (dir_fd, to_dir, TRK_MARKS_FILE_NAME, error))
    return FALSE;
  complete_manifest (manifest, &index->pool, mark, time_ns);
  return write_manifest (to_dir, manifest, error);
}

/* The trace folder is locked.  The name that the new one got. (transfer full) (nullable) */
static char *
save (int dir_fd, const char *mark, gint64 time_ns, GError **error)
{
  g_autoptr (JsonObject) manifest = read_manifest (dir_fd, error);
  char *name = NULL;
  int to_dir;

  if (manifest == NULL)
    return NULL;
  if (!says_ring (manifest))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "all of its events are kept: there is nothing to save");
      return NULL;
    }
  remove_unfinished (dir_fd);
  to_dir = mkdirat (dir_fd, UNFINISHED_NAME, 0777) == 0
               ? openat (dir_fd, UNFINISHED_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
               : -1;
  if (to_dir < 0)
    {
      fail_errno (error, UNFINISHED_NAME);
      return NULL;
    }
  if (fill_folder (dir_fd, to_dir, manifest, mark, time_ns, error))
    name = give_name (dir_fd, error);
  close (to_dir);
  if (name == NULL)
    remove_unfinished (dir_fd);
  return name;
}

gboolean
ms_ring_saver_save (int dir_fd, const char *mark, gint64 time_ns, char **name, GError **error)
{
  int lock_fd = lock_folder (dir_fd, error);

  *name = lock_fd >= 0 ? save (lock_fd, mark, time_ns, error) : NULL;
  if (lock_fd >= 0)
    close (lock_fd);
  return *name != NULL;
}
