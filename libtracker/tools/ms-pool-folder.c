/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pool-folder.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "trk-format.h"

#define SHARED_MEMORY "/dev/shm"
#define PREFIX "memscope-pools-"
/* A thousand threads in several processes, with all their spare windows. */
#define LEAST_FREE_BYTES ((guint64) 512 << 20)

static gboolean
has_room_in_memory (const char *folder)
{
  struct statfs info;

  return statfs (folder, &info) == 0 && info.f_type == TMPFS_MAGIC
         && (guint64) info.f_bavail * (guint64) info.f_bsize >= LEAST_FREE_BYTES;
}

char *
ms_pool_folder_make (void)
{
  const char *wanted = g_getenv (MS_POOL_FOLDER_VARIABLE);
  g_autofree char *folder = NULL;

  if (wanted && !g_path_is_absolute (wanted))
    return NULL;
  if (!wanted && !has_room_in_memory (SHARED_MEMORY))
    return NULL;
  folder = g_build_filename (wanted ? wanted : SHARED_MEMORY, PREFIX "XXXXXX", NULL);
  return g_mkdtemp_full (folder, 0700) ? g_steal_pointer (&folder) : NULL;
}

void
ms_pool_folder_remove (const char *folder, gboolean all)
{
  g_autoptr (GDir) dir = all ? g_dir_open (folder, 0, NULL) : NULL;
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

void
ms_pool_folder_remove_pool (int trace_fd)
{
  char target[PATH_MAX];
  gssize n_bytes = readlinkat (trace_fd, TRK_POOL_FILE_NAME, target, sizeof target - 1);

  if (n_bytes > 0)
    {
      target[n_bytes] = '\0';
      if (is_pool_in_memory (target))
        g_unlink (target);
    }
  unlinkat (trace_fd, TRK_POOL_FILE_NAME, 0);
}
