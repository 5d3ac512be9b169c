/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

#include "ms-agent-lock.h"
#include "ms-closer.h"
#include "ms-exit-status.h"
#include "ms-json-file.h"
#include "ms-manifest.h"
#include "ms-pool-folder.h"
#include "ms-resource-sampler.h"
#include "ms-tracker-service.h"
#include "ms-window-agent.h"
#include "trk-format.h"
#include "trk-process-identity.h"

/* How soon the end of a recording is seen, for which its program waits. */
#define LOOK_EVERY_MS 20

typedef struct {
  const char *folder;
  char *parent, *name;
  int dir_fd;
  int pool_fd; /* locked: of whoever is the agent */
  int pidfd;   /* -1: there are none here */
  gint pid;
  guint64 start_ticks;
  MsWindowAgent *windows;
  MsResourceSampler *sampler;
  MsTrackerService *service;
} TraceAgent;

static void
trace_agent_clear (TraceAgent *self)
{
  const int fds[] = { self->pidfd, self->pool_fd, self->dir_fd };

  g_clear_pointer (&self->windows, ms_window_agent_free);
  g_clear_pointer (&self->sampler, ms_resource_sampler_free);
  g_clear_pointer (&self->service, ms_tracker_service_free);
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  g_free (self->parent);
  g_free (self->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TraceAgent, trace_agent_clear)

/* --- whose it is ------------------------------------------------------------------------------ */

static gboolean
open_folder (TraceAgent *self, GError **error)
{
  self->dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (self->dir_fd >= 0)
    self->pool_fd = ms_pool_folder_open_pool (self->dir_fd);
  if (self->pool_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "%s is no folder that a program records into: %s", self->folder,
                   g_strerror (errno));
      return FALSE;
    }
  if (!ms_agent_lock_retake (self->pool_fd))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s has an agent", self->folder);
      return FALSE;
    }
  return TRUE;
}

static gboolean
find_process (TraceAgent *self, GError **error)
{
  g_autoptr (JsonObject) manifest = ms_json_file_load (self->dir_fd, TRK_MANIFEST_FILE_NAME, error);

  if (!manifest)
    return FALSE;
  self->pid = (gint) ms_json_get_int (manifest, "pid", 0);
  self->start_ticks = (guint64) ms_json_get_int (manifest, "process_start_ticks", 0);
  self->pidfd = self->pid > 0 ? ms_pidfd_open (self->pid) : -1;
  /* After the descriptor, which then is of this process and no later one. */
  if (self->pid <= 0 || !trk_process_is_alive (self->pid, self->start_ticks))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: its process does not run",
                   self->folder);
      return FALSE;
    }
  return TRUE;
}

/* --- at work ---------------------------------------------------------------------------------- */

static void
start_work (TraceAgent *self, guint rate)
{
  self->windows = ms_window_agent_new (self->parent);
  ms_window_agent_add (self->windows, self->name);
  self->service = ms_tracker_service_new ();
  ms_tracker_service_add (self->service, self->folder, self->pid, self->start_ticks);
  if (rate == 0)
    return;
  self->sampler = ms_resource_sampler_new (self->parent, rate, NULL);
  if (!self->sampler)
    return;
  ms_resource_sampler_add (self->sampler, self->name, self->pid, self->start_ticks);
  ms_resource_sampler_start (self->sampler);
}

static guint32
read_state (const TraceAgent *self)
{
  guint32 state = TRK_PROCESS_RUNNING;

  return pread (self->pool_fd, &state, sizeof state, offsetof (TrkPoolHeader, state))
                 == sizeof state
             ? state
             : TRK_PROCESS_RUNNING;
}

typedef enum { PROCESS_ENDED, RECORDING_STOPPED, WE_ARE_TO_END } Ending;

static Ending
wait_for_ending (TraceAgent *self, int end_fd)
{
  for (;;)
    {
      struct pollfd fds[] = { { .fd = self->pidfd, .events = POLLIN },
                              { .fd = end_fd, .events = POLLIN } };

      if (poll (fds, G_N_ELEMENTS (fds), LOOK_EVERY_MS) < 0 && errno != EINTR)
        return WE_ARE_TO_END;
      /* Also when it has just ended: an end of the recording came before. */
      if (read_state (self) == TRK_PROCESS_STOPPED)
        return RECORDING_STOPPED;
      if (fds[0].revents != 0
          || (self->pidfd < 0 && !trk_process_is_alive (self->pid, self->start_ticks)))
        return PROCESS_ENDED;
      if (fds[1].revents != 0)
        return WE_ARE_TO_END;
    }
}

/* --- the end ---------------------------------------------------------------------------------- */

static gboolean
close_trace (TraceAgent *self, Ending ending, GError **error)
{
  const guint32 closed = TRK_PROCESS_CLOSED;
  MsProcessEnd end = { .is_certain = TRUE, .end_ns = g_get_monotonic_time () * 1000 };

  if (ending == PROCESS_ENDED)
    end.has_wait_status = ms_exit_status_read (self->pidfd, self->pid, &end.wait_status);
  ms_tracker_service_remove (self->service, self->folder,
                             end.has_wait_status ? end.wait_status : -1);
  g_clear_pointer (&self->sampler, ms_resource_sampler_free);
  ms_window_agent_remove (self->windows, self->name);
  if (!ms_closer_close_files (self->folder, &end, error))
    return FALSE;
  if (ending == RECORDING_STOPPED
      && pwrite (self->pool_fd, &closed, sizeof closed, offsetof (TrkPoolHeader, state)) < 0)
    g_debug ("%s: %s", self->folder, g_strerror (errno));
  return TRUE;
}

gboolean
ms_trace_agent_run (const char *folder, guint rate, int end_fd, GError **error)
{
  g_auto (TraceAgent) self = { .folder = folder, .dir_fd = -1, .pool_fd = -1, .pidfd = -1 };
  Ending ending;

  self.parent = g_path_get_dirname (folder);
  self.name = g_path_get_basename (folder);
  if (!open_folder (&self, error) || !find_process (&self, error))
    return FALSE;
  start_work (&self, rate);
  ending = wait_for_ending (&self, end_fd);
  return ending == WE_ARE_TO_END || close_trace (&self, ending, error);
}
