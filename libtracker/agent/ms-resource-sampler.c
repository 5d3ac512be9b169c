/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-sampler.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ms-sampled-process.h"
#include "ms-sampled-system.h"

/* Descriptors of the machine's own files, roughly; and of what a process must have to be sampled. */
#define SYSTEM_DESCRIPTORS 32U
#define MAX_DESCRIPTORS 8192U
/* With fewer to be had, not even one process would be sampled. */
#define LEAST_FILE_LIMIT (2U * (SYSTEM_DESCRIPTORS + 2U * MS_SAMPLED_PROCESS_DESCRIPTORS))
/* With a thread's three files open a sample is four times as cheap. */
#define WANTED_DESCRIPTORS (MS_SAMPLED_PROCESS_DESCRIPTORS + 3 * 1024U)

struct _MsResourceSampler {
  int recording_fd;
  gint64 interval_us;
  GMutex mutex; /* processes, is_stopping */
  GCond stopping;
  gboolean is_running, is_stopping;
  GPtrArray *processes; /* of MsSampledProcess: those that wait, and those that are sampled */
  GThread *ticks, *devices;
  guint32 n_descriptors_left; /* the sampling thread's, while it runs */
  MsSampledSystem *system;    /* the sampling thread's */
  TrkProcessFigures process;  /* of the one that is being read */
  TrkCgroupFigures cgroup;
};

/* Some processes to be looked at without the lock. */
typedef struct {
  MsSampledProcess *processes[MS_MAX_SAMPLED_PROCESSES];
  guint n;
} Round;

static void
round_clear (Round *round)
{
  for (guint i = 0; i < round->n; i++)
    ms_sampled_process_unref (round->processes[i]);
  round->n = 0;
}

static gint64
now_ns (void)
{
  return trk_reader_now_ns ();
}

/* Half of what we may open: the other half is for the watch, the windows and closing. */
static guint32
count_descriptors (void)
{
  struct rlimit files;

  if (getrlimit (RLIMIT_NOFILE, &files) != 0 || files.rlim_cur / 2 <= SYSTEM_DESCRIPTORS)
    return 0;
  return (guint32) MIN (files.rlim_cur / 2 - SYSTEM_DESCRIPTORS, MAX_DESCRIPTORS);
}

static gboolean
may_open_enough (GError **error)
{
  struct rlimit files;

  if (getrlimit (RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= LEAST_FILE_LIMIT)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES,
               "resources are not sampled, as ulimit -n %" G_GUINT64_FORMAT
               " allows too few open files; %u are enough",
               (guint64) files.rlim_cur, LEAST_FILE_LIMIT);
  return FALSE;
}

/* --- ticks ------------------------------------------------------------------------------------ */

/* The first ones of the list, in the order in which they came: so that each has its turn. */
static void
take_round (MsResourceSampler *self, Round *round)
{
  g_mutex_lock (&self->mutex);
  for (round->n = 0; round->n < self->processes->len && round->n < MS_MAX_SAMPLED_PROCESSES;
       round->n++)
    round->processes[round->n] =
        ms_sampled_process_ref (g_ptr_array_index (self->processes, round->n));
  g_mutex_unlock (&self->mutex);
}

static void
forget (MsResourceSampler *self, MsSampledProcess *process)
{
  ms_sampled_process_close (process);
  g_mutex_lock (&self->mutex);
  g_ptr_array_remove (self->processes, process);
  g_mutex_unlock (&self->mutex);
}

/* What the open ones hold; those that ended meanwhile give theirs back. */
static guint32
count_left (const Round *round)
{
  guint32 n_left = count_descriptors ();

  for (guint i = 0; i < round->n; i++)
    n_left -= MIN (n_left, round->processes[i]->n_descriptors);
  return n_left;
}

/* Half of what is left, so that something is left for the next. */
static void
open_process (MsResourceSampler *self, MsSampledProcess *process)
{
  guint32 n_descriptors = MIN (self->n_descriptors_left / 2, WANTED_DESCRIPTORS);

  if (n_descriptors < MS_SAMPLED_PROCESS_DESCRIPTORS)
    return;
  if (ms_sampled_process_open (process, self->recording_fd,
                               ms_sampled_system_get_reader (self->system),
                               self->interval_us * 1000, n_descriptors))
    self->n_descriptors_left -= n_descriptors;
}

static void
sample_process (MsResourceSampler *self, MsSampledProcess *process)
{
  MsResourceWriter *writer;

  if (!process->is_open)
    open_process (self, process);
  if (!process->is_open)
    {
      if (ms_sampled_process_is_over (process))
        forget (self, process);
      return;
    }
  if (!ms_sampled_process_read (process, &self->process, &self->cgroup))
    {
      forget (self, process);
      return;
    }
  writer = ms_sampled_process_begin_round (process);
  if (!writer)
    return;
  ms_sampled_system_add (self->system, writer);
  ms_sampled_process_add (process, writer, &self->process, &self->cgroup);
  ms_sampled_process_end_round (process, now_ns ());
}

static void
tick (MsResourceSampler *self)
{
  Round round;

  take_round (self, &round);
  if (round.n > 0)
    ms_sampled_system_read (self->system);
  self->n_descriptors_left = count_left (&round);
  for (guint i = 0; i < round.n; i++)
    sample_process (self, round.processes[i]);
  round_clear (&round);
}

/* Until @deadline_us.  FALSE: we are to stop. */
static gboolean
wait_until (MsResourceSampler *self, gint64 deadline_us)
{
  gboolean is_stopping;

  g_mutex_lock (&self->mutex);
  while (!self->is_stopping && g_cond_wait_until (&self->stopping, &self->mutex, deadline_us))
    ;
  is_stopping = self->is_stopping;
  g_mutex_unlock (&self->mutex);
  return !is_stopping;
}

/* The next of the times that are @interval_us apart; those that are over are left out. */
static gint64
next_tick (gint64 due_us, gint64 interval_us)
{
  gint64 late_us = g_get_monotonic_time () - due_us;

  return due_us + interval_us * (late_us < 0 ? 1 : 1 + late_us / interval_us);
}

/* SIGXFSZ too: a limit on files is an error of the write. */
static void
block_signals (void)
{
  sigset_t all;

  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, NULL);
}

static gpointer
run_ticks (gpointer data)
{
  MsResourceSampler *self = data;
  gint64 due_us = g_get_monotonic_time ();

  block_signals ();
  do
    {
      tick (self);
      due_us = next_tick (due_us, self->interval_us);
    }
  while (wait_until (self, due_us));
  return NULL;
}

/* --- devices ---------------------------------------------------------------------------------- */

static void
sample_devices (MsSampledDevices *devices, MsSampledProcess *process)
{
  MsResourceWriter *writer;

  ms_sampled_devices_read_process (devices, process->pid);
  writer = ms_sampled_process_begin_round (process);
  if (!writer)
    return;
  ms_sampled_devices_add (devices, writer);
  ms_sampled_process_end_round (process, now_ns ());
}

/* Not before the recording is a second old: opening a GPU's library takes long, and who ends us waits. */
static gpointer
run_devices (gpointer data)
{
  MsResourceSampler *self = data;
  g_autoptr (MsSampledDevices) devices = NULL;
  gint64 due_us = g_get_monotonic_time () + G_USEC_PER_SEC;

  block_signals ();
  while (wait_until (self, due_us))
    {
      Round round;

      if (!devices)
        devices = ms_sampled_devices_new ();
      take_round (self, &round);
      if (round.n > 0)
        ms_sampled_devices_read (devices);
      for (guint i = 0; i < round.n && !g_atomic_int_get (&self->is_stopping); i++)
        sample_devices (devices, round.processes[i]);
      round_clear (&round);
      due_us = next_tick (due_us, G_USEC_PER_SEC);
    }
  return NULL;
}

/* --- the sampler ------------------------------------------------------------------------------ */

MsResourceSampler *
ms_resource_sampler_new (const char *recording, guint rate, GError **error)
{
  MsResourceSampler *self;

  if (!may_open_enough (error))
    return NULL;
  self = g_new0 (MsResourceSampler, 1);
  self->recording_fd = open (recording, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  self->interval_us = G_USEC_PER_SEC / CLAMP (rate, 1, MS_MAX_RESOURCES_RATE);
  self->processes = g_ptr_array_new_with_free_func ((GDestroyNotify) ms_sampled_process_unref);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->stopping);
  return self;
}

void
ms_resource_sampler_start (MsResourceSampler *self)
{
  g_return_if_fail (!self->is_running);
  if (!self->system)
    self->system = ms_sampled_system_new ();
  self->is_running = TRUE;
  self->is_stopping = FALSE;
  self->ticks = g_thread_new ("resources", run_ticks, self);
  self->devices = g_thread_new ("devices", run_devices, self);
}

void
ms_resource_sampler_stop (MsResourceSampler *self)
{
  if (!self->is_running)
    return;
  g_mutex_lock (&self->mutex);
  g_atomic_int_set (&self->is_stopping, TRUE);
  g_cond_broadcast (&self->stopping);
  g_mutex_unlock (&self->mutex);
  g_clear_pointer (&self->ticks, g_thread_join);
  g_clear_pointer (&self->devices, g_thread_join);
  self->is_running = FALSE;
  for (guint i = 0; i < self->processes->len; i++)
    ms_sampled_process_flush (g_ptr_array_index (self->processes, i));
}

void
ms_resource_sampler_free (MsResourceSampler *self)
{
  ms_resource_sampler_stop (self);
  g_ptr_array_unref (self->processes);
  g_clear_pointer (&self->system, ms_sampled_system_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->stopping);
  if (self->recording_fd >= 0)
    close (self->recording_fd);
  g_free (self);
}

void
ms_resource_sampler_add (MsResourceSampler *self,
                         const char *folder,
                         gint32 pid,
                         guint64 start_ticks)
{
  if (pid <= 0 || start_ticks == 0)
    return;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->processes, ms_sampled_process_new (folder, pid, start_ticks));
  g_mutex_unlock (&self->mutex);
}

void
ms_resource_sampler_remove (MsResourceSampler *self, const char *folder)
{
  g_autoptr (MsSampledProcess) found = NULL;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->processes->len && !found; i++)
    {
      MsSampledProcess *process = g_ptr_array_index (self->processes, i);

      if (strcmp (process->folder, folder) == 0)
        found = g_ptr_array_steal_index (self->processes, i);
    }
  g_mutex_unlock (&self->mutex);
  if (found)
    ms_sampled_process_close (found);
}
