/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-import.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-heaptrack-convert.h"
#include "trk-format.h"

/* In a file's digest: a converter that makes something else of the same file has another number. */
#define CONVERTER_VERSION 1
#define DEFAULT_CACHE_MB 4000
#define SPARED_BYTES (G_GUINT64_CONSTANT (512) * 1000 * 1000)
#define MAX_TABLE_BYTES ((gsize) 1 << 30)

gboolean
ms_import_is_file (const char *path)
{
  struct stat status;

  return stat (path, &status) == 0 && S_ISREG (status.st_mode);
}

static guint64
max_cache_bytes (void)
{
  const char *text = g_getenv ("MEMSCOPE_CACHE_MB");
  guint64 n = DEFAULT_CACHE_MB;

  if (text != NULL && *text != '\0')
    n = g_ascii_strtoull (text, NULL, 10);
  return MIN (n, G_MAXUINT64 / 1000000) * 1000000;
}

/* Makes it if need be.  Where others may write, one of them could have made what is found there, and in the
 * folder for temporary files the name is anybody's to take. */
static gboolean
is_ours_alone (const char *folder)
{
  struct stat status;

  return g_mkdir_with_parents (folder, 0700) == 0 && lstat (folder, &status) == 0
         && S_ISDIR (status.st_mode) && status.st_uid == geteuid ()
         && !(status.st_mode & (S_IWGRP | S_IWOTH)) && access (folder, W_OK) == 0;
}

/* The user's cache; where none can be made, the folder for temporary files. */
static char *
choose_cache (GError **error)
{
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "memscope", "imported", NULL);

  if (is_ours_alone (cache))
    return g_steal_pointer (&cache);
  g_free (cache);
  cache = g_strdup_printf ("%s/memscope-imported-%u", g_get_tmp_dir (), (guint) geteuid ());
  if (is_ours_alone (cache))
    return g_steal_pointer (&cache);
  g_set_error (error, MS_ERROR, MS_ERROR_UNREADABLE,
               "it has to be converted, and %s cannot be used for that: it must be yours and "
               "writable by nobody else; set XDG_CACHE_HOME to a folder that is",
               cache);
  return NULL;
}

static char *
digest_of (const struct stat *status)
{
  g_autofree char *identity =
      g_strdup_printf ("%d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
                       " %" G_GINT64_FORMAT ".%ld",
                       CONVERTER_VERSION, (guint64) status->st_dev, (guint64) status->st_ino,
                       (gint64) status->st_size, (gint64) status->st_mtim.tv_sec,
                       status->st_mtim.tv_nsec);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, identity, -1);
}

/* A folder that is there is whole.  Shared lock: it is not removed while somebody reads it. */
static int
open_converted (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status;

  if (fd < 0)
    return -1;
  if (flock (fd, LOCK_SH | LOCK_NB) == 0 && fstat (fd, &status) == 0 && status.st_uid == geteuid ()
      && faccessat (fd, TRK_MANIFEST_FILE_NAME, F_OK, 0) == 0)
    {
      (void) futimens (fd, NULL); /* used now */
      return fd;
    }
  close (fd);
  return -1;
}

/* --- room ------------------------------------------------------------------------------------------ */

typedef struct {
  char *path;
  gint64 used_ns;
  guint64 n_bytes;
} Entry;

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->path);
}

static guint64
bytes_of_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint64 n_bytes = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      if (lstat (path, &status) == 0)
        n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return x->used_ns < y->used_ns ? -1 : x->used_ns > y->used_ns;
}

/* FALSE: somebody reads it. */
static gboolean
remove_entry (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  gboolean is_free = fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0;

  if (is_free)
    is_free = ms_trace_folder_remove (path);
  if (fd >= 0)
    close (fd);
  return is_free;
}

/* Those opened longest ago go until the others fit into @max_bytes. */
static void
make_room (const char *cache, guint64 max_bytes)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GDir) dir = g_dir_open (cache, 0, NULL);
  const char *name;
  guint64 n_bytes = 0;

  g_array_set_clear_func (entries, entry_clear);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      Entry entry = { .path = g_build_filename (cache, name, NULL) };
      struct stat status;

      if (lstat (entry.path, &status) != 0 || !S_ISDIR (status.st_mode))
        {
          g_free (entry.path);
          continue;
        }
      /* Left by one that was killed; who still writes it has a lock. */
      if (strstr (name, ".new-") != NULL && remove_entry (entry.path))
        {
          g_free (entry.path);
          continue;
        }
      entry.used_ns =
          status.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + status.st_mtim.tv_nsec;
      entry.n_bytes = bytes_of_folder (entry.path);
      n_bytes += entry.n_bytes;
      g_array_append_val (entries, entry);
    }
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len && n_bytes > max_bytes; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      if (remove_entry (entry->path))
        n_bytes -= entry->n_bytes;
    }
}

/* --- converting ------------------------------------------------------------------------------------ */

static gboolean
convert (GInputStream *stream,
         goffset n_file_bytes,
         const char *folder,
         GCancellable *cancellable,
         MsProgressFunc progress,
         gpointer user_data,
         GError **error)
{
  g_autoptr (MsTraceWriter) writer = NULL;
  g_autoptr (GError) local_error = NULL;
  MsHeaptrackLines lines;
  gboolean is_good;

  if (!ms_heaptrack_lines_open (&lines, stream, (guint64) n_file_bytes, error))
    return FALSE;
  writer = ms_trace_writer_new (folder, SPARED_BYTES, error);
  is_good = writer != NULL
            && ms_heaptrack_convert (&lines, writer, MAX_TABLE_BYTES, cancellable, progress,
                                     user_data, NULL, &local_error);
  ms_heaptrack_lines_close (&lines);
  /* Somebody else was faster. */
  if (!is_good && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    return TRUE;
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return is_good;
}

int
ms_import_open (const char *path,
                GCancellable *cancellable,
                MsProgressFunc progress,
                gpointer user_data,
                GError **error)
{
  g_autofree char *cache = NULL, *digest = NULL, *folder = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autoptr (GInputStream) stream = fd >= 0 ? g_unix_input_stream_new (fd, TRUE) : NULL;
  struct stat status;

  if (stream == NULL || fstat (fd, &status) != 0)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_UNREADABLE, "%s: %s", path, g_strerror (errno));
      return -1;
    }
  cache = choose_cache (error);
  if (cache == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return -1;
    }
  digest = digest_of (&status);
  folder = g_build_filename (cache, digest, NULL);
  fd = open_converted (folder);
  if (fd >= 0)
    return fd;
  if (!convert (stream, status.st_size, folder, cancellable, progress, user_data, error))
    {
      g_prefix_error (error, "%s: ", path);
      return -1;
    }
  fd = open_converted (folder);
  if (fd < 0)
    g_set_error (error, MS_ERROR, MS_ERROR_UNREADABLE, "%s: what was made of it is gone from %s",
                 path, cache);
  make_room (cache, max_cache_bytes ());
  return fd;
}
