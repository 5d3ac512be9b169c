/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-figures.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trk-reader.h"
#include "trk-task-stat.h"

/* Of a folder with more files, none are counted: nobody is to make us look at a million. */
#define MAX_FILES 20000U

static gssize
read_file (gint pid, const char *leaf, char *buffer, gsize size)
{
  char path[64];
  gssize n_bytes;
  int fd;

  g_snprintf (path, sizeof path, "/proc/%d/%s", pid, leaf);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  n_bytes = read (fd, buffer, size);
  close (fd);
  return n_bytes;
}

static guint64
read_cpu_ns (gint pid, const TrkTaskStat *stat)
{
  struct timespec time;
  clockid_t clock;

  if (clock_getcpuclockid (pid, &clock) != 0 || clock_gettime (clock, &time) != 0)
    return stat->user_ns + stat->system_ns;
  return (guint64) time.tv_sec * 1000000000ULL + (guint64) time.tv_nsec;
}

/* FALSE: it has ended. */
static gboolean
read_process (MsLiveFiguresReader *self, MsLiveFigures *figures)
{
  char buffer[4096];
  gssize n_bytes = read_file (self->pid, "stat", buffer, sizeof buffer);
  TrkTextSpan text = { buffer, buffer + MAX (n_bytes, 0) };
  TrkTaskStat stat;
  guint64 cpu_ns, resident;

  if (n_bytes < 0)
    return FALSE;
  if (trk_task_stat_parse (text, &stat) != TRK_REASON_NONE)
    return TRUE;
  if (stat.start_ticks != self->start_ticks
      || ((stat.state == 'Z' || stat.state == 'X') && stat.n_threads <= 1))
    return FALSE;
  cpu_ns = read_cpu_ns (self->pid, &stat);
  figures->has_cpu =
      self->last_ns != 0 && figures->time_ns > self->last_ns && cpu_ns >= self->last_cpu_ns;
  if (figures->has_cpu)
    figures->cpu_percent =
        100.0 * (double) (cpu_ns - self->last_cpu_ns) / (double) (figures->time_ns - self->last_ns);
  self->last_ns = figures->time_ns;
  self->last_cpu_ns = cpu_ns;
  n_bytes = read_file (self->pid, "statm", buffer, sizeof buffer);
  text = (TrkTextSpan) { buffer, buffer + MAX (n_bytes, 0) };
  if (!trk_text_skip_words (&text, 1) || !trk_text_number (&text, &resident))
    return TRUE;
  figures->has_process = TRUE;
  figures->is_suspended = stat.state == 'T' || stat.state == 't';
  figures->n_threads = self->n_threads = (guint32) stat.n_threads;
  figures->resident_bytes = resident * (guint64) sysconf (_SC_PAGESIZE);
  return TRUE;
}

static void
read_folder (int dir_fd, MsLiveFigures *figures)
{
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;
  guint n_files = 0;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  while ((entry = readdir (dir)) != NULL && n_files++ < MAX_FILES)
    {
      struct stat status;

      /* A pool is room for events, not events. */
      if (g_str_has_prefix (entry->d_name, "memscope_")
          && strcmp (entry->d_name, "memscope_pool.bin") != 0
          && fstatat (dir_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
          && S_ISREG (status.st_mode))
        figures->recorded_bytes += (guint64) status.st_size;
    }
  figures->has_recorded = n_files < MAX_FILES;
  closedir (dir);
}

gboolean
ms_live_figures_read (MsLiveFiguresReader *self, int dir_fd, MsLiveFigures *figures)
{
  *figures = (MsLiveFigures) { .time_ns = trk_reader_now_ns () };
  if (!read_process (self, figures))
    return FALSE;
  if (dir_fd >= 0)
    read_folder (dir_fd, figures);
  return TRUE;
}
