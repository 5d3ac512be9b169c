/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-window-agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-pool-folder.h"
#include "trk-checksum.h"
#include "trk-format.h"

#define LEAST_PAUSE_US 1000
#define MOST_PAUSE_US 64000
#define PAUSE_AFTER_FAILURE_US G_USEC_PER_SEC
#define NEW_FILE_NAME "memscope_agent.tmp"

/* One process. */
typedef struct {
  char *folder;
  int dir_fd, fd; /* -1: not open yet */
  guint8 trace_id[16];
  guint32 n_drained;      /* counts like n_posted of its header */
  gint64 not_before_us;   /* a block was refused: later */
  gboolean is_busy;       /* the thread is at it, without the lock */
  gboolean is_unreadable; /* no pool of ours: left alone */
} Pool;

struct _MsWindowAgent {
  int recording_fd;
  GThread *thread;
  GMutex mutex; /* pools, is_busy, is_stopping */
  GCond changed;
  GPtrArray *pools; /* of Pool */
  gboolean is_stopping;
  guint8 window[TRK_EVENT_WINDOW_BYTES]; /* the thread's */
};

/* --- files ------------------------------------------------------------------------------------ */

/* Makes the file @name with its header, all at once: its thread may be about to append to it.  Where
 * the file system cannot do that the thread makes it, as soon as it has to write by itself. */
static void
make_event_file (const Pool *pool, const char *name)
{
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = TRK_FILE_EVENTS };
  int fd = openat (pool->dir_fd, NEW_FILE_NAME,
                   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);

  if (fd < 0)
    return;
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, pool->trace_id, sizeof header.trace_id);
  if (write (fd, &header, sizeof header) != sizeof header
      || renameat2 (pool->dir_fd, NEW_FILE_NAME, pool->dir_fd, name, RENAME_NOREPLACE) != 0)
    unlinkat (pool->dir_fd, NEW_FILE_NAME, 0);
  close (fd);
}

/* -1: not now. */
static int
open_event_file (const Pool *pool, const TrkBlockHeader *block)
{
  const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  char name[64];
  struct stat status;
  int fd;

  g_snprintf (name, sizeof name, "memscope_thread_%u-%d.bin", block->thread_id, block->tid);
  fd = openat (pool->dir_fd, name, flags);
  if (fd < 0 && errno == ENOENT)
    {
      make_event_file (pool, name);
      fd = openat (pool->dir_fd, name, flags);
    }
  /* Its thread has made it a moment ago, and the header comes first. */
  if (fd >= 0
      && (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)
          || status.st_size < (off_t) sizeof (TrkFileHeader)))
    {
      close (fd);
      return -1;
    }
  return fd;
}

/* What the file system took of it before it refused the rest stays, as damage: the thread may have
 * appended behind it. */
static gboolean
append (int fd, const guint8 *bytes, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      gssize written = write (fd, bytes, n_bytes);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      bytes += written;
      n_bytes -= (gsize) written;
    }
  return TRUE;
}

/* --- windows ---------------------------------------------------------------------------------- */

static gboolean
store (const Pool *pool, guint64 offset, guint32 value)
{
  return pwrite (pool->fd, &value, sizeof value, (off_t) offset) == sizeof value;
}

/* Seals the @n_bytes in @window as a block.  FALSE: they are none. */
static gboolean
seal (guint8 *window, guint32 n_bytes, TrkBlockHeader *header)
{
  memcpy (header, window, sizeof *header);
  if (header->magic != TRK_BLOCK_MAGIC || header->header_size != TRK_BLOCK_HEADER_BYTES
      || header->type != TRK_BLOCK_EVENTS)
    return FALSE;
  header->payload_bytes = n_bytes - TRK_BLOCK_HEADER_BYTES;
  header->checksum = 0;
  header->checksum =
      trk_block_checksum (header, window + TRK_BLOCK_HEADER_BYTES, header->payload_bytes);
  memcpy (window, header, sizeof *header);
  return TRUE;
}

/* Writes the block of a posted window and gives the window back.  FALSE: it stays posted. */
static gboolean
drain_window (MsWindowAgent *self, Pool *pool, guint64 lane_at, guint index, guint32 committed)
{
  guint64 window_at = lane_at + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES
                      + (guint64) index * TRK_EVENT_WINDOW_BYTES;
  guint64 state_at = lane_at + offsetof (TrkLane, events) + index * sizeof (TrkWindowState);
  guint32 n_bytes = trk_committed_bytes (committed);
  TrkBlockHeader header;
  gboolean written;
  int fd;

  if (n_bytes < TRK_BLOCK_HEADER_BYTES || n_bytes > TRK_EVENT_WINDOW_BYTES
      || pread (pool->fd, self->window, n_bytes, (off_t) window_at) != (gssize) n_bytes
      || !seal (self->window, n_bytes, &header))
    return FALSE;
  fd = open_event_file (pool, &header);
  if (fd < 0)
    return FALSE;
  written = append (fd, self->window, n_bytes);
  close (fd);
  /* In this order: a window that is not posted and has no bytes is the thread's. */
  return written && store (pool, state_at + offsetof (TrkWindowState, committed), 0)
         && store (pool, state_at + offsetof (TrkWindowState, posted), 0);
}

/* Returns how many of the lane's windows were written. */
static guint
drain_lane (MsWindowAgent *self, Pool *pool, guint32 lane)
{
  guint64 lane_at = trk_lane_offset (lane);
  TrkWindowState states[TRK_EVENT_WINDOWS];
  guint n_written = 0;

  if (pread (pool->fd, states, sizeof states, (off_t) (lane_at + offsetof (TrkLane, events)))
      != sizeof states)
    return 0;
  for (guint i = 0; i < TRK_EVENT_WINDOWS; i++)
    {
      if (states[i].posted != 1)
        continue;
      if (drain_window (self, pool, lane_at, i, states[i].committed))
        n_written++;
      else
        pool->not_before_us = g_get_monotonic_time () + PAUSE_AFTER_FAILURE_US;
    }
  return n_written;
}

/* --- pools ------------------------------------------------------------------------------------ */

static gboolean
is_readable (const TrkPoolHeader *header)
{
  return header->file.version_major == TRK_VERSION_MAJOR && header->file.incompatible == 0
         && header->pool_header_bytes == TRK_POOL_HEADER_BYTES
         && header->lane_bytes == TRK_LANE_BYTES
         && header->lane_header_bytes == TRK_LANE_HEADER_BYTES
         && header->stack_window_bytes == TRK_STACK_WINDOW_BYTES
         && header->event_window_bytes == TRK_EVENT_WINDOW_BYTES
         && header->n_event_windows == TRK_EVENT_WINDOWS;
}

static void
close_files (Pool *pool)
{
  if (pool->fd >= 0)
    close (pool->fd);
  if (pool->dir_fd >= 0)
    close (pool->dir_fd);
  pool->fd = pool->dir_fd = -1;
}

/* FALSE: its process has not made it yet. */
static gboolean
open_pool (MsWindowAgent *self, Pool *pool)
{
  TrkPoolHeader header;

  pool->dir_fd =
      openat (self->recording_fd, pool->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (pool->dir_fd >= 0)
    pool->fd = ms_pool_folder_open_pool (pool->dir_fd);
  if (pool->fd < 0 || pread (pool->fd, &header, sizeof header, 0) != sizeof header
      || memcmp (header.file.magic, TRK_FILE_MAGIC, sizeof header.file.magic) != 0)
    {
      close_files (pool);
      return FALSE;
    }
  pool->is_unreadable =
      !is_readable (&header) || !store (pool, offsetof (TrkPoolHeader, agent), (guint32) getpid ());
  memcpy (pool->trace_id, header.file.trace_id, sizeof pool->trace_id);
  pool->n_drained = header.n_posted - G_MAXINT32; /* whatever an agent before us left: all lanes */
  return TRUE;
}

/* Returns how many windows were written. */
static guint
drain_pool (MsWindowAgent *self, Pool *pool)
{
  TrkPoolHeader header;
  gint32 n_left;
  guint32 lane, n_lanes;
  guint n_written = 0;

  if (pool->is_unreadable || g_get_monotonic_time () < pool->not_before_us
      || (pool->fd < 0 && !open_pool (self, pool))
      || pread (pool->fd, &header, sizeof header, 0) != sizeof header)
    return 0;
  /* What the header counts, the windows show. */
  __atomic_thread_fence (__ATOMIC_SEQ_CST);
  n_left = (gint32) (header.n_posted - pool->n_drained);
  n_lanes = MIN (header.n_lanes, TRK_MAX_LANES); /* the program may have written anything there */
  pool->not_before_us = 0;
  for (lane = 0; lane < n_lanes && n_left > 0 && pool->not_before_us == 0; lane++)
    {
      guint n = drain_lane (self, pool, lane);

      n_left -= (gint32) n;
      n_written += n;
    }
  /* Who has seen all lanes has seen all that was posted before. */
  if (lane == n_lanes && pool->not_before_us == 0)
    pool->n_drained = header.n_posted;
  else
    pool->n_drained += n_written;
  return n_written;
}

static void
pool_free (Pool *pool)
{
  close_files (pool);
  g_free (pool->folder);
  g_free (pool);
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Every pool once; the lock is not held while one is drained.  Returns how many windows were written. */
static guint
drain_all (MsWindowAgent *self)
{
  guint n_written = 0;

  for (guint i = 0; i < self->pools->len && !self->is_stopping; i++)
    {
      Pool *pool = g_ptr_array_index (self->pools, i);

      pool->is_busy = TRUE;
      g_mutex_unlock (&self->mutex);
      n_written += drain_pool (self, pool);
      g_mutex_lock (&self->mutex);
      pool->is_busy = FALSE;
      g_cond_broadcast (&self->changed);
    }
  return n_written;
}

static gpointer
work (gpointer data)
{
  MsWindowAgent *self = data;
  gint64 pause_us = LEAST_PAUSE_US;
  sigset_t all;

  /* Also SIGXFSZ: a limit on files is an error of the write. */
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, NULL);
  g_mutex_lock (&self->mutex);
  while (!self->is_stopping)
    {
      pause_us = drain_all (self) > 0 ? LEAST_PAUSE_US : MIN (2 * pause_us, MOST_PAUSE_US);
      if (!self->is_stopping)
        g_cond_wait_until (&self->changed, &self->mutex, g_get_monotonic_time () + pause_us);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

MsWindowAgent *
ms_window_agent_new (const char *recording)
{
  MsWindowAgent *self = g_new0 (MsWindowAgent, 1);

  self->recording_fd = open (recording, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  self->pools = g_ptr_array_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->thread = g_thread_new ("agent", work, self);
  return self;
}

void
ms_window_agent_free (MsWindowAgent *self)
{
  g_mutex_lock (&self->mutex);
  self->is_stopping = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);

  for (guint i = 0; i < self->pools->len; i++)
    {
      Pool *pool = g_ptr_array_index (self->pools, i);

      if (pool->fd >= 0 && !pool->is_unreadable)
        (void) store (pool, offsetof (TrkPoolHeader, agent), 0);
      pool_free (pool);
    }
  g_ptr_array_unref (self->pools);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  if (self->recording_fd >= 0)
    close (self->recording_fd);
  g_free (self);
}

void
ms_window_agent_add (MsWindowAgent *self, const char *folder)
{
  Pool *pool = g_new0 (Pool, 1);

  pool->folder = g_strdup (folder);
  pool->fd = pool->dir_fd = -1;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->pools, pool);
  g_mutex_unlock (&self->mutex);
}

void
ms_window_agent_remove (MsWindowAgent *self, const char *folder)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->pools->len; i++)
    {
      Pool *pool = g_ptr_array_index (self->pools, i);

      if (strcmp (pool->folder, folder) != 0)
        continue;
      while (pool->is_busy)
        g_cond_wait (&self->changed, &self->mutex);
      g_ptr_array_remove (self->pools, pool);
      pool_free (pool);
      break;
    }
  g_mutex_unlock (&self->mutex);
}
