/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-sampled-process.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define MAX_SAMPLED_THREADS 4096U
/* Context switches: the dearest of a thread's files. */
#define STATUS_INTERVAL_NS G_GINT64_CONSTANT (2000000000)
/* At slower rates what a sample costs matters less than what it lacks. */
#define MAX_INTERVAL_WITH_TURNS_NS 250000000

MsSampledProcess *
ms_sampled_process_new (const char *folder, gint32 pid, guint64 start_ticks)
{
  MsSampledProcess *self = g_new0 (MsSampledProcess, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->mutex);
  self->folder = g_strdup (folder);
  self->pid = pid;
  self->start_ticks = start_ticks;
  return self;
}

MsSampledProcess *
ms_sampled_process_ref (MsSampledProcess *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
clear_collectors (MsSampledProcess *self)
{
  if (!self->is_open)
    return;
  trk_process_collector_clear (&self->process);
  trk_cgroup_clear (self->cgroup);
  g_clear_pointer (&self->cgroup, g_free);
  g_clear_pointer (&self->threads, trk_threads_free);
  g_clear_pointer (&self->counters, ms_lane_counters_free);
  self->is_open = FALSE;
}

void
ms_sampled_process_unref (MsSampledProcess *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  clear_collectors (self);
  g_clear_pointer (&self->writer, ms_resource_writer_free);
  g_mutex_clear (&self->mutex);
  g_free (self->folder);
  g_free (self);
}

/* The trace that the folder is of, from the file that its process makes first of those with a header. */
static gboolean
read_trace_id (int dir_fd, guint8 trace_id[16])
{
  int fd = openat (dir_fd, TRK_STACKS_FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  TrkFileHeader header;
  gboolean is_whole;

  if (fd < 0)
    return FALSE;
  is_whole = pread (fd, &header, sizeof header, 0) == sizeof header
             && memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) == 0;
  close (fd);
  if (is_whole)
    memcpy (trace_id, header.trace_id, sizeof header.trace_id);
  return is_whole;
}

static MsResourceWriter *
make_file (MsSampledProcess *self, int recording_fd, gint64 interval_ns)
{
  g_autoptr (GError) error = NULL;
  MsResourceWriter *writer = NULL;
  guint8 trace_id[16];
  int dir_fd = openat (recording_fd, self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

  if (dir_fd < 0)
    return NULL;
  if (read_trace_id (dir_fd, trace_id))
    {
      writer = ms_resource_writer_new (dir_fd, trace_id, interval_ns, &error);
      if (writer)
        {
          ms_resource_writer_set_label (writer, self->folder);
          self->counters = ms_lane_counters_new (dir_fd);
        }
      else
        {
          g_debug ("%s: not sampled: %s", self->folder, error->message);
          ms_sampled_process_close (self);
        }
    }
  close (dir_fd);
  return writer;
}

gboolean
ms_sampled_process_open (MsSampledProcess *self,
                         int recording_fd,
                         TrkReader *reader,
                         gint64 interval_ns,
                         guint32 n_descriptors)
{
  TrkThreadsLimits limits = { .max_threads = MAX_SAMPLED_THREADS,
                              .max_descriptors = n_descriptors - MS_SAMPLED_PROCESS_DESCRIPTORS,
                              .status_interval_ns = STATUS_INTERVAL_NS,
                              .takes_turns = interval_ns <= MAX_INTERVAL_WITH_TURNS_NS };
  MsResourceWriter *writer = make_file (self, recording_fd, interval_ns);

  if (!writer)
    return FALSE;
  self->threads = trk_threads_new (reader, self->pid, limits);
  if (!self->threads)
    g_error ("%s: no memory for its threads", self->folder);
  trk_process_collector_init (&self->process, reader, self->pid, self->start_ticks);
  self->cgroup = g_new0 (TrkCgroupCollector, 1);
  trk_cgroup_init (self->cgroup, reader, self->pid);
  self->cgroup->pressures_interval_ns = MS_PRESSURES_INTERVAL_NS;
  self->n_descriptors = n_descriptors;
  self->is_open = TRUE;
  g_mutex_lock (&self->mutex);
  /* It ended while we made its file: the file stays without samples. */
  if (self->is_over)
    ms_resource_writer_free (writer);
  else
    self->writer = writer;
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

void
ms_sampled_process_close (MsSampledProcess *self)
{
  g_mutex_lock (&self->mutex);
  self->is_over = TRUE;
  g_clear_pointer (&self->writer, ms_resource_writer_free);
  g_mutex_unlock (&self->mutex);
}

gboolean
ms_sampled_process_is_over (MsSampledProcess *self)
{
  gboolean is_over;

  g_mutex_lock (&self->mutex);
  is_over = self->is_over;
  g_mutex_unlock (&self->mutex);
  return is_over;
}

MsResourceWriter *
ms_sampled_process_begin_round (MsSampledProcess *self)
{
  g_mutex_lock (&self->mutex);
  if (!self->writer)
    g_mutex_unlock (&self->mutex);
  return self->writer;
}

void
ms_sampled_process_end_round (MsSampledProcess *self, gint64 now_ns)
{
  ms_resource_writer_end_round (self->writer, now_ns);
  g_mutex_unlock (&self->mutex);
}

void
ms_sampled_process_flush (MsSampledProcess *self)
{
  g_mutex_lock (&self->mutex);
  if (self->writer)
    ms_resource_writer_end_round (self->writer, G_MAXINT64);
  g_mutex_unlock (&self->mutex);
}

gboolean
ms_sampled_process_read (MsSampledProcess *self,
                         TrkProcessFigures *process,
                         TrkCgroupFigures *cgroup)
{
  trk_process_collector_read (&self->process, process);
  if (process->reason == TRK_REASON_ENDED)
    return FALSE;
  trk_cgroup_read (self->cgroup, cgroup);
  ms_lane_counters_read (self->counters);
  return trk_threads_read (self->threads) != TRK_REASON_ENDED;
}

void
ms_sampled_process_add (MsSampledProcess *self,
                        MsResourceWriter *writer,
                        const TrkProcessFigures *process,
                        const TrkCgroupFigures *cgroup)
{
  const TrkThreadFigures *threads;
  guint32 n_threads;

  ms_resource_add_process (writer, self->pid, self->start_ticks, process);
  ms_resource_add_cgroup (writer, self->cgroup->path, cgroup);
  threads = trk_threads_get (self->threads, &n_threads);
  ms_resource_add_threads (writer, threads, n_threads, self->counters);
}
