/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pool-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "trk-format.h"
#include "trk-process-identity.h"

#define SHARED_MEMORY "/dev/shm"
#define PREFIX "memscope-pools-"
#define OWNER_NAME "recording"
#define KEPT_S (24 * 60 * 60)
/* A thousand threads in several processes, with all their spare windows. */
#define LEAST_FREE_BYTES ((guint64) 512 << 20)

static gboolean
has_room_in_memory (const char *folder)
{
  struct statfs info;

  return statfs (folder, &info) == 0 && info.f_type == TMPFS_MAGIC
         && (guint64) info.f_bavail * (guint64) info.f_bsize >= LEAST_FREE_BYTES;
}

/* Pools are named after their trace folders: "0-prog.17.memscope_pool.bin" is process 17's. */
static gboolean
has_living_process (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *trace =
          g_str_has_suffix (name, "." TRK_POOL_FILE_NAME)
              ? g_strndup (name, strlen (name) - strlen ("." TRK_POOL_FILE_NAME))
              : NULL;
      const char *dot = trace ? strrchr (trace, '.') : NULL;

      if (dot && trk_process_is_alive ((gint32) g_ascii_strtoll (dot + 1, NULL, 10), 0))
        return TRUE;
    }
  return FALSE;
}

/* Whose it is.  A path means something where it was written: among the processes that we see too. */
static char *
build_owner (const char *recording)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%s", trk_pid_namespace_read (0), recording);
}

/* The recording may have been moved, or be out of our sight: its pools get a day to be read. */
static gboolean
is_left_behind (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, OWNER_NAME, NULL);
  g_autofree char *owner = g_file_read_link (path, NULL);
  g_autofree char *here = build_owner ("/");
  struct stat info, recording;

  return owner && g_str_has_prefix (owner, here) && lstat (folder, &info) == 0
         && S_ISDIR (info.st_mode) && info.st_uid == geteuid ()
         && info.st_mtime < g_get_real_time () / G_USEC_PER_SEC - KEPT_S
         && lstat (strchr (owner, '/'), &recording) != 0 && errno == ENOENT
         && !has_living_process (folder);
}

static void
sweep (const char *parent)
{
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *folder = g_build_filename (parent, name, NULL);

      if (g_str_has_prefix (name, PREFIX) && is_left_behind (folder))
        ms_pool_folder_remove (folder, TRUE);
    }
}

char *
ms_pool_folder_make (const char *recording)
{
  const char *wanted = g_getenv (MS_POOL_FOLDER_VARIABLE);
  g_autofree char *folder = NULL, *owner = NULL, *link = NULL;

  if (wanted && !g_path_is_absolute (wanted))
    return NULL;
  if (!wanted && !has_room_in_memory (SHARED_MEMORY))
    return NULL;
  sweep (wanted ? wanted : SHARED_MEMORY);
  folder = g_build_filename (wanted ? wanted : SHARED_MEMORY, PREFIX "XXXXXX", NULL);
  if (!g_mkdtemp_full (folder, 0700))
    return NULL;
  owner = build_owner (recording);
  link = g_build_filename (folder, OWNER_NAME, NULL);
  (void) (symlink (owner, link) != 0); /* then it is never swept */
  return g_steal_pointer (&folder);
}

static gboolean
has_pools (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (!g_str_equal (name, OWNER_NAME))
      return TRUE;
  return FALSE;
}

void
ms_pool_folder_remove (const char *folder, gboolean all)
{
  g_autoptr (GDir) dir = all || !has_pools (folder) ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

/* The link was made by the traced program's process: only what is named as a pool of ours goes. */
static gboolean
is_pool_in_memory (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *folder_name = g_path_get_basename (folder);

  return g_path_is_absolute (path) && g_str_has_prefix (folder_name, PREFIX)
         && g_str_has_suffix (path, "." TRK_POOL_FILE_NAME);
}

/* And only what belongs to whom the trace folder belongs to: who planted the link had no right to more. */
static gboolean
is_of_folder (const struct stat *pool, int trace_fd)
{
  struct stat folder;

  return S_ISREG (pool->st_mode) && fstat (trace_fd, &folder) == 0 && pool->st_uid == folder.st_uid;
}

int
ms_pool_folder_open_pool (int trace_fd)
{
  struct stat status;
  int fd;

  /* Looked at first: to open a device may be to do something. */
  if (fstatat (trace_fd, TRK_POOL_FILE_NAME, &status, 0) != 0 || !is_of_folder (&status, trace_fd))
    return -1;
  fd = openat (trace_fd, TRK_POOL_FILE_NAME, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd >= 0 && (fstat (fd, &status) != 0 || !is_of_folder (&status, trace_fd)))
    {
      close (fd);
      return -1;
    }
  return fd;
}

void
ms_pool_folder_remove_pool (int trace_fd)
{
  char target[PATH_MAX];
  gssize n_bytes = readlinkat (trace_fd, TRK_POOL_FILE_NAME, target, sizeof target - 1);
  struct stat status;

  if (n_bytes > 0 && fstatat (trace_fd, TRK_POOL_FILE_NAME, &status, 0) == 0
      && is_of_folder (&status, trace_fd))
    {
      target[n_bytes] = '\0';
      if (is_pool_in_memory (target))
        g_unlink (target);
    }
  unlinkat (trace_fd, TRK_POOL_FILE_NAME, 0);
}
