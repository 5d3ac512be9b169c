/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tracker-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ms-read-only-view.h"
#include "ms-trace-mirror.h"
#include "trk-format.h"

#define MAX_FILES 16384U /* more than any mirror can hold, so that it knows what it leaves out */
#define MAX_THREADS 4096U
#define TICK_MS 50

void
ms_tracker_files_init (MsTrackerFiles *self, int dir_fd)
{
  *self = (MsTrackerFiles) { .dir_fd = dir_fd, .view = { -1 }, .pool_view = { -1 } };
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
ms_tracker_files_clear (MsTrackerFiles *self)
{
  g_clear_pointer (&self->files, g_hash_table_unref);
  if (self->view.fd >= 0)
    close (self->view.fd);
  if (self->pool_view.fd >= 0)
    close (self->pool_view.fd);
}

/* --- files ---------------------------------------------------------------------------------------- */

/* Those that are being made have another end. */
static gboolean
is_shown (const char *name)
{
  return ms_trace_mirror_name_is_valid (name)
         && (g_str_has_suffix (name, ".bin") || g_str_has_suffix (name, ".freq")
             || g_str_has_suffix (name, ".json"))
         && strcmp (name, TRK_CONTROL_FILE_NAME) != 0;
}

static void
look_at (MsTrackerFiles *self, const struct dirent *entry, GPtrArray *added)
{
  gpointer number = GSIZE_TO_POINTER (entry->d_ino), before;

  if (!is_shown (entry->d_name))
    return;
  before = g_hash_table_lookup (self->files, entry->d_name);
  if (before == number || (before == NULL && g_hash_table_size (self->files) >= MAX_FILES)
      || !g_utf8_validate (entry->d_name, -1, NULL))
    return;
  g_hash_table_insert (self->files, g_strdup (entry->d_name), number);
  g_ptr_array_add (added, g_strdup (entry->d_name));
}

/* The kernel tells times of change by the tick: of a folder that changed just now, what changes next may have the
 * same time. */
static gboolean
is_settled (const struct timespec *changed)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME_COARSE, &now);
  return (now.tv_sec - changed->tv_sec) * 1000 + (now.tv_nsec - changed->tv_nsec) / 1000000
         > TICK_MS;
}

GPtrArray *
ms_tracker_files_look (MsTrackerFiles *self)
{
  GPtrArray *added = g_ptr_array_new_with_free_func (g_free);
  const struct dirent *entry;
  struct stat status;
  DIR *dir;
  int fd;

  if (fstat (self->dir_fd, &status) != 0
      || (status.st_mtim.tv_sec == self->changed_s && status.st_mtim.tv_nsec == self->changed_ns))
    return added;
  fd = openat (self->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  dir = fd >= 0 ? fdopendir (fd) : NULL;
  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return added;
    }
  self->changed_s = is_settled (&status.st_mtim) ? status.st_mtim.tv_sec : 0;
  self->changed_ns = status.st_mtim.tv_nsec;
  for (guint i = 0; i < 2 * MAX_FILES && (entry = readdir (dir)) != NULL; i++)
    look_at (self, entry, added);
  closedir (dir);
  return added;
}

static gboolean
is_pool (int fd)
{
  TrkFileHeader header;

  return pread (fd, &header, sizeof header, 0) == sizeof header
         && memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) == 0
         && header.kind == TRK_FILE_POOL;
}

/* −1: nothing that is to be shown. */
static int
open_file (MsTrackerFiles *self, const char *name)
{
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  gboolean is_link = FALSE;
  struct stat status;
  int fd;

  if (!is_shown (name))
    return -1;
  fd = openat (self->dir_fd, name, flags | O_NOFOLLOW);
  if (fd < 0 && errno == ELOOP && strcmp (name, TRK_POOL_FILE_NAME) == 0)
    {
      is_link = TRUE;
      fd = openat (self->dir_fd, name, flags);
    }
  if (fd >= 0
      && (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) || status.st_uid != geteuid ()
          || (is_link && !is_pool (fd))))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

/* --- what others are given -------------------------------------------------------------------- */

/* That of the folder @dir_fd, made when it is first wanted; −1: there can be none. */
static int
get_view (MsTrackerView *view, int dir_fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", dir_fd);
  g_autofree char *path = NULL;

  if (view->is_tried)
    return view->fd;
  view->is_tried = TRUE;
  path = g_file_read_link (link, NULL);
  if (path != NULL)
    view->fd = ms_read_only_view_open (path, dir_fd);
  return view->fd;
}

/* The pool may lie in another folder, in memory. */
static int
open_in_view (MsTrackerFiles *self, const char *name)
{
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
  char target[PATH_MAX];
  gssize n_bytes = readlinkat (self->dir_fd, name, target, sizeof target - 1);
  g_autofree char *folder = NULL, *base = NULL;
  int view, pool_dir;

  if (n_bytes < 0)
    {
      view = get_view (&self->view, self->dir_fd);
      return view >= 0 ? openat (view, name, flags) : -1;
    }
  target[n_bytes] = '\0';
  folder = g_path_get_dirname (target);
  base = g_path_get_basename (target);
  pool_dir = openat (self->dir_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (pool_dir < 0)
    return -1;
  view = get_view (&self->pool_view, pool_dir);
  close (pool_dir);
  return view >= 0 ? openat (view, base, flags) : -1;
}

/* Through a read-only mount where there can be one; the file that was looked at, whatever lies there now. */
static int
open_for_others (MsTrackerFiles *self, const char *name)
{
  int fd = open_file (self, name), shown = fd >= 0 ? open_in_view (self, name) : -1;

  if (shown >= 0 && ms_read_only_view_is_same_file (fd, shown))
    {
      close (fd);
      return shown;
    }
  if (shown >= 0)
    close (shown);
  return fd;
}

/* FALSE: there is no descriptor for it.  One that cannot be opened for another reason is left out. */
static gboolean
add_file (MsTrackerFiles *self,
          const char *name,
          GUnixFDList *descriptors,
          GVariantBuilder *builder)
{
  int fd, handle;

  errno = 0;
  fd = open_for_others (self, name);
  if (fd < 0)
    return errno != EMFILE && errno != ENFILE;
  handle = g_unix_fd_list_append (descriptors, fd, NULL);
  close (fd);
  if (handle < 0)
    return FALSE;
  g_variant_builder_add (builder, "(sh)", name, handle);
  return TRUE;
}

GVariant *
ms_tracker_files_open (MsTrackerFiles *self, const char *const *names, GUnixFDList *descriptors)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sh)"));
  for (guint i = 0; i < MS_TRACKER_FILES_AT_ONCE && names[i] != NULL; i++)
    if (!add_file (self, names[i], descriptors, &builder))
      {
        g_variant_builder_clear (&builder);
        return NULL;
      }
  return g_variant_builder_end (&builder);
}

/* --- the pool ------------------------------------------------------------------------------------- */

static int
open_pool (MsTrackerFiles *self, TrkPoolHeader *header)
{
  int fd = open_file (self, TRK_POOL_FILE_NAME);

  if (fd >= 0
      && (pread (fd, header, sizeof *header, 0) != sizeof *header || !is_pool (fd)
          || header->lane_bytes != TRK_LANE_BYTES))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

const char *
ms_tracker_files_read_end (MsTrackerFiles *self, gint *exit_status)
{
  TrkPoolHeader header;
  int fd = open_pool (self, &header);

  if (fd < 0)
    return NULL;
  close (fd);
  switch (header.state)
    {
    case TRK_PROCESS_EXITED:
      *exit_status = header.exit_status & 0xff;
      return "exited";
    case TRK_PROCESS_EXECED:
      return "replaced";
    case TRK_PROCESS_STOPPED:
    case TRK_PROCESS_CLOSED:
      return "stopped";
    default:
      return NULL;
    }
}

gboolean
ms_tracker_files_is_closed (MsTrackerFiles *self)
{
  struct stat status;

  return fstatat (self->dir_fd, TRK_POOL_FILE_NAME, &status, AT_SYMLINK_NOFOLLOW) != 0;
}

/* --- threads -------------------------------------------------------------------------------------- */

typedef struct {
  guint32 id;
  gint32 tid;
} Lane;

/* Those that have one. (transfer full) (element-type Lane) */
static GArray *
read_lanes (MsTrackerFiles *self)
{
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (Lane));
  TrkPoolHeader header;
  int fd = open_pool (self, &header);

  if (fd < 0)
    return lanes;
  for (guint32 i = 0; i < MIN (header.n_lanes, MAX_THREADS); i++)
    {
      guint32 words[3]; /* of a TrkLane: state, thread id, tid */
      Lane lane;

      if (pread (fd, words, sizeof words, (off_t) trk_lane_offset (i)) != sizeof words)
        break;
      lane = (Lane) { words[1], (gint32) words[2] };
      if (words[0] == 1)
        g_array_append_val (lanes, lane);
    }
  close (fd);
  return lanes;
}

static gint
compare_lanes (gconstpointer a, gconstpointer b)
{
  const Lane *x = a, *y = b;

  return x->id < y->id ? -1 : x->id > y->id;
}

/* FALSE: there is no such thread (any more). */
static gboolean
read_name (gint pid, gint32 tid, char **name)
{
  char path[64], text[64];
  gssize n_bytes;
  int fd;

  g_snprintf (path, sizeof path, "/proc/%d/task/%d/comm", pid, tid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  n_bytes = fd >= 0 ? read (fd, text, sizeof text) : -1;
  if (fd >= 0)
    close (fd);
  if (n_bytes <= 0)
    return FALSE;
  *name = g_utf8_make_valid (text, n_bytes - (text[n_bytes - 1] == '\n'));
  return TRUE;
}

static void
add_thread (GVariantBuilder *builder, gint pid, guint32 id, gint32 tid, gboolean is_recorded)
{
  g_autofree char *name = NULL;

  if (read_name (pid, tid, &name))
    g_variant_builder_add (builder, "(uisb)", id, tid, name, is_recorded);
}

GVariant *
ms_tracker_files_list_threads (MsTrackerFiles *self, gint pid)
{
  g_autoptr (GArray) lanes = read_lanes (self);
  g_autoptr (GHashTable) with_lane = g_hash_table_new (NULL, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) tasks = g_dir_open (path, 0, NULL);
  GVariantBuilder builder;
  const char *name;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(uisb)"));
  g_array_sort (lanes, compare_lanes);
  for (guint i = 0; i < lanes->len; i++)
    {
      const Lane *lane = &g_array_index (lanes, Lane, i);

      if (lane->tid > 0 && g_hash_table_add (with_lane, GINT_TO_POINTER (lane->tid)))
        add_thread (&builder, pid, lane->id, lane->tid, TRUE);
    }
  for (guint i = 0; i < MAX_THREADS && tasks != NULL && (name = g_dir_read_name (tasks)); i++)
    {
      gint32 tid = (gint32) g_ascii_strtoll (name, NULL, 10);

      if (tid > 0 && !g_hash_table_contains (with_lane, GINT_TO_POINTER (tid)))
        add_thread (&builder, pid, TRK_THREAD_ID_PROCESS, tid, FALSE);
    }
  return g_variant_builder_end (&builder);
}
