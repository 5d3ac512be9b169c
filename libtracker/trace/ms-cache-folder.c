/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-cache-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SIZE_VARIABLE "MEMSCOPE_CACHE_MB"
#define DIGEST_DIGITS (2 * MS_FOLDER_DIGEST_BYTES)
#define MAX_KIND 32

/* The use of an entry is noted in the time of its file, no more often than that. */
#define USE_GRAIN_S 60
/* Who writes an entry does so at once; after that its writer is dead. */
#define ABANDONED_S (60 * 60)

struct _MsCacheFolder {
  char *path;
  guint64 max_bytes;
};

struct _MsCacheEntry {
  int dir_fd, fd;
  guint64 max_bytes;
  char *name, *new_name;
  gboolean committed;
};

MsCacheFolder *
ms_cache_folder_new (const char *path, guint64 max_bytes)
{
  MsCacheFolder *self = g_new0 (MsCacheFolder, 1);

  self->path = g_strdup (path);
  self->max_bytes = max_bytes ? max_bytes : MS_CACHE_DEFAULT_BYTES;
  return self;
}

MsCacheFolder *
ms_cache_folder_new_for_user (GError **error)
{
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), "memscope", NULL);
  const char *wanted = g_getenv (SIZE_VARIABLE);
  guint64 megabytes = 0;

  if (wanted == NULL || *wanted == '\0'
      || !g_ascii_string_to_unsigned (wanted, 10, 0, G_MAXUINT32, &megabytes, NULL))
    return ms_cache_folder_new (path, MS_CACHE_DEFAULT_BYTES);
  if (megabytes == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, SIZE_VARIABLE "=0: no cache");
      return NULL;
    }
  return ms_cache_folder_new (path, megabytes * 1000 * 1000);
}

void
ms_cache_folder_free (MsCacheFolder *self)
{
  g_free (self->path);
  g_free (self);
}

const char *
ms_cache_folder_get_path (MsCacheFolder *self)
{
  return self->path;
}

static void
set_error (GError **error, const char *what, int code)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));
}

/* Each call opens it anew, as it may have been removed since.  One that others may write to could hand us
 * their entries: it is not used, nor is one of another user (as root has it under sudo). */
static int
open_folder (MsCacheFolder *self, gboolean make, GError **error)
{
  struct stat status;
  int fd;

  if (make && g_mkdir_with_parents (self->path, 0700) != 0)
    {
      set_error (error, self->path, errno);
      return -1;
    }
  fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat (fd, &status) != 0)
    {
      set_error (error, self->path, errno);
    }
  else if (status.st_uid != geteuid () || (status.st_mode & (S_IWGRP | S_IWOTH)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s: not used, as %s",
                   self->path,
                   status.st_uid != geteuid () ? "it is another user's" : "others may write to it");
    }
  else
    {
      return fd;
    }
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
is_kind (const char *kind)
{
  gsize n = strspn (kind, "abcdefghijklmnopqrstuvwxyz0123456789-");

  return n > 0 && n <= MAX_KIND && kind[n] == '\0';
}

static char *
entry_name (const MsFolderDigest *digest, const char *kind)
{
  g_autofree char *text = ms_folder_digest_to_text (digest);

  return g_strdup_printf ("%s.%s", text, kind);
}

/* --- reading ------------------------------------------------------------------------------------ */

static void
note_use (int fd, const struct stat *status)
{
  const struct timespec times[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (ABS (now_s - (gint64) status->st_mtim.tv_sec) >= USE_GRAIN_S)
    (void) !futimens (fd, times); /* it then looks older than it is; no more */
}

int
ms_cache_folder_open (MsCacheFolder *self,
                      const MsFolderDigest *digest,
                      const char *kind,
                      GError **error)
{
  g_autofree char *name = NULL;
  struct stat status;
  int dir_fd, fd;

  g_return_val_if_fail (is_kind (kind), -1);
  name = entry_name (digest, kind);
  dir_fd = open_folder (self, FALSE, error);
  if (dir_fd < 0)
    return -1;
  fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    set_error (error, name, errno);
  close (dir_fd);
  if (fd < 0)
    return -1;
  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      set_error (error, name, EINVAL);
      close (fd);
      return -1;
    }
  note_use (fd, &status);
  return fd;
}

void
ms_cache_folder_remove (MsCacheFolder *self, const MsFolderDigest *digest, const char *kind)
{
  g_autofree char *name = NULL;
  int dir_fd;

  g_return_if_fail (is_kind (kind));
  name = entry_name (digest, kind);
  dir_fd = open_folder (self, FALSE, NULL);
  if (dir_fd < 0)
    return;
  unlinkat (dir_fd, name, 0);
  close (dir_fd);
}

/* --- the bound ---------------------------------------------------------------------------------- */

typedef struct {
  char *name;
  guint64 n_bytes;
  struct timespec used;
} Kept;

static void
kept_clear (gpointer data)
{
  g_free (((Kept *) data)->name);
}

static int
compare_use (gconstpointer a, gconstpointer b)
{
  const Kept *x = a, *y = b;

  if (x->used.tv_sec != y->used.tv_sec)
    return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
  if (x->used.tv_nsec != y->used.tv_nsec)
    return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
  return strcmp (x->name, y->name);
}

static gboolean
is_entry (const char *name)
{
  return strspn (name, "0123456789abcdef") == DIGEST_DIGITS && name[DIGEST_DIGITS] == '.'
         && is_kind (name + DIGEST_DIGITS + 1);
}

static gboolean
is_unfinished (const char *name)
{
  return *name == '.' && g_str_has_suffix (name, ".new");
}

/* What others have put here is not ours to count or to remove.  What is being written counts when it is
 * committed: nothing goes for what may never come. */
static GArray *
list_entries (int dir_fd, guint64 *n_bytes)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Kept));
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *found;
  struct stat status;

  g_array_set_clear_func (entries, kept_clear);
  *n_bytes = 0;
  if (dir == NULL && fd >= 0)
    close (fd);
  while (dir != NULL && (found = readdir (dir)))
    {
      gboolean unfinished = is_unfinished (found->d_name);

      if ((!unfinished && !is_entry (found->d_name))
          || fstatat (dir_fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0
          || !S_ISREG (status.st_mode))
        continue;
      if (!unfinished)
        {
          Kept entry = { g_strdup (found->d_name), (guint64) status.st_size, status.st_mtim };

          g_array_append_val (entries, entry);
          *n_bytes += entry.n_bytes;
        }
      else if (now_s - (gint64) status.st_mtim.tv_sec > ABANDONED_S)
        {
          unlinkat (dir_fd, found->d_name, 0);
        }
    }
  if (dir != NULL)
    closedir (dir);
  g_array_sort (entries, compare_use);
  return entries;
}

/* The oldest go until so many bytes of @entries are gone.  Two that do this at once remove the same files. */
static void
remove_oldest (int dir_fd, const GArray *entries, guint64 n_bytes, const char *spared)
{
  guint64 n_removed = 0;

  for (guint i = 0; i < entries->len && n_removed < n_bytes; i++)
    {
      const Kept *entry = &g_array_index (entries, Kept, i);

      if (g_strcmp0 (entry->name, spared) == 0)
        continue;
      unlinkat (dir_fd, entry->name, 0);
      n_removed += entry->n_bytes;
    }
}

/* --- writing ------------------------------------------------------------------------------------ */

/* Entries go at once only for what the file system has no room for: that there are too many is judged
 * when this one is whole, as it may never be, or grow beyond the bound. */
static gboolean
find_room (int dir_fd, guint64 expected_bytes, guint64 max_bytes, GError **error)
{
  guint64 n_kept, n_free, n_wanted;
  g_autoptr (GArray) entries = list_entries (dir_fd, &n_kept);
  struct statvfs system;

  if (expected_bytes > max_bytes)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "%" G_GUINT64_FORMAT " bytes are more than the whole cache may take",
                   expected_bytes);
      return FALSE;
    }
  if (fstatvfs (dir_fd, &system) != 0)
    return TRUE;
  n_free = (guint64) system.f_bavail * system.f_frsize;
  n_wanted = expected_bytes + MIN (MS_CACHE_SPARED_BYTES, G_MAXUINT64 - expected_bytes);
  if (n_wanted <= n_free)
    return TRUE;
  if (n_wanted - n_free > n_kept)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "%" G_GUINT64_FORMAT " bytes would leave too little on the file system",
                   expected_bytes);
      return FALSE;
    }
  remove_oldest (dir_fd, entries, n_wanted - n_free, NULL);
  return TRUE;
}

static void
keep_bound (int dir_fd, guint64 max_bytes, const char *spared)
{
  guint64 n_bytes;
  g_autoptr (GArray) entries = list_entries (dir_fd, &n_bytes);

  if (n_bytes > max_bytes)
    remove_oldest (dir_fd, entries, n_bytes - max_bytes, spared);
}

MsCacheEntry *
ms_cache_folder_begin (MsCacheFolder *self,
                       const MsFolderDigest *digest,
                       const char *kind,
                       guint64 expected_bytes,
                       GError **error)
{
  g_autoptr (MsCacheEntry) entry = g_new0 (MsCacheEntry, 1);

  g_return_val_if_fail (is_kind (kind), NULL);
  entry->fd = -1;
  entry->max_bytes = self->max_bytes;
  entry->dir_fd = open_folder (self, TRUE, error);
  if (entry->dir_fd < 0 || !find_room (entry->dir_fd, expected_bytes, self->max_bytes, error))
    return NULL;
  entry->name = entry_name (digest, kind);
  for (guint attempt = 0; entry->fd < 0 && attempt < 100; attempt++)
    {
      g_free (entry->new_name);
      entry->new_name = g_strdup_printf (".%08x%08x.new", g_random_int (), g_random_int ());
      entry->fd = openat (entry->dir_fd, entry->new_name,
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (entry->fd < 0 && errno != EEXIST)
        break;
    }
  if (entry->fd < 0)
    {
      set_error (error, self->path, errno);
      g_clear_pointer (&entry->new_name, g_free);
      return NULL;
    }
  return g_steal_pointer (&entry);
}

int
ms_cache_entry_get_fd (MsCacheEntry *self)
{
  return self->fd;
}

/* Not synced: what a crash of the machine leaves of it fails its reader's checks, and is made again. */
gboolean
ms_cache_entry_commit (MsCacheEntry *self, GError **error)
{
  struct stat status;

  g_return_val_if_fail (!self->committed, FALSE);
  if (fstat (self->fd, &status) != 0)
    {
      set_error (error, self->name, errno);
      return FALSE;
    }
  if ((guint64) status.st_size > self->max_bytes)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "%s: it grew larger than the whole cache may be", self->name);
      return FALSE;
    }
  if (renameat (self->dir_fd, self->new_name, self->dir_fd, self->name) != 0)
    {
      set_error (error, self->name, errno);
      return FALSE;
    }
  self->committed = TRUE;
  keep_bound (self->dir_fd, self->max_bytes, self->name);
  return TRUE;
}

void
ms_cache_entry_free (MsCacheEntry *self)
{
  if (!self->committed && self->new_name != NULL)
    unlinkat (self->dir_fd, self->new_name, 0);
  if (self->fd >= 0)
    close (self->fd);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
  g_free (self->name);
  g_free (self->new_name);
  g_free (self);
}
