/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-recording-agent.h"

#include <errno.h>

#include "ms-agent-lock.h"
#include "ms-closer.h"
#include "ms-resource-sampler.h"
#include "ms-tracker-service.h"
#include "ms-watch.h"
#include "ms-window-agent.h"

/* A shell between two programs, a test runner between two tests. */
#define LINGER_MS 1000

typedef struct {
  const char *recording;
  int lock_fd;
  MsWatch *watch;
  MsWindowAgent *windows;
  MsResourceSampler *sampler; /* NULL: none are wanted */
  MsTrackerService *service;
  GPtrArray *unclosed; /* of char *, paths: a full disk, a process of another namespace */
} RecordingAgent;

static void
recording_agent_clear (RecordingAgent *self)
{
  g_clear_pointer (&self->watch, ms_watch_free);
  g_clear_pointer (&self->windows, ms_window_agent_free);
  g_clear_pointer (&self->sampler, ms_resource_sampler_free);
  g_clear_pointer (&self->service, ms_tracker_service_free);
  g_clear_pointer (&self->unclosed, g_ptr_array_unref);
  ms_agent_lock_clear (&self->lock_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RecordingAgent, recording_agent_clear)

static void
process_came_cb (const MsWatchedProcess *process, gpointer user_data)
{
  RecordingAgent *self = user_data;
  g_autofree char *path = g_build_filename (self->recording, process->folder, NULL);

  ms_window_agent_add (self->windows, process->folder);
  ms_tracker_service_add (self->service, path, process->pid, process->start_ticks);
  if (self->sampler)
    ms_resource_sampler_add (self->sampler, process->folder, process->pid, process->start_ticks);
}

static void
process_gone_cb (const MsWatchedProcess *process, gpointer user_data)
{
  RecordingAgent *self = user_data;
  MsProcessEnd end = { .has_wait_status = process->has_wait_status,
                       .wait_status = process->wait_status,
                       .end_ns = g_get_monotonic_time () * 1000 };
  g_autofree char *path = g_build_filename (self->recording, process->folder, NULL);

  ms_window_agent_remove (self->windows, process->folder);
  if (self->sampler)
    ms_resource_sampler_remove (self->sampler, process->folder);
  ms_tracker_service_remove (self->service, path,
                             process->has_wait_status ? process->wait_status : -1);
  if (!ms_closer_close_files (path, &end, NULL))
    g_ptr_array_add (self->unclosed, g_steal_pointer (&path));
}

/* Nobody saw how they ended any more. */
static void
close_again (RecordingAgent *self)
{
  const MsProcessEnd end = { 0 };

  for (guint i = self->unclosed->len; i > 0; i--)
    {
      const char *path = g_ptr_array_index (self->unclosed, i - 1);

      if (!g_file_test (path, G_FILE_TEST_IS_DIR) || ms_closer_close_files (path, &end, NULL))
        g_ptr_array_remove_index_fast (self->unclosed, i - 1);
    }
}

static void
tick_cb (gpointer user_data)
{
  close_again (user_data);
}

/* A process that begins at this moment makes its folder before it looks at the lock, and we let go of the
 * lock before we look for folders: so one of us sees the other. */
static gboolean
may_leave (RecordingAgent *self)
{
  if (ms_watch_wait_for_process (self->watch, LINGER_MS))
    return FALSE;
  ms_agent_lock_give_up (self->lock_fd);
  return !ms_watch_wait_for_process (self->watch, 0) || !ms_agent_lock_retake (self->lock_fd);
}

gboolean
ms_recording_agent_run (const char *recording, guint rate, GError **error)
{
  g_auto (RecordingAgent)
      self = { .recording = recording, .lock_fd = ms_agent_lock_take (recording) };

  if (self.lock_fd < 0 && errno == EWOULDBLOCK)
    return TRUE;
  if (self.lock_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s is no recording: %s",
                   recording, g_strerror (errno));
      return FALSE;
    }
  self.unclosed = g_ptr_array_new_with_free_func (g_free);
  self.windows = ms_window_agent_new (recording);
  if (rate > 0)
    self.sampler = ms_resource_sampler_new (recording, rate, NULL);
  if (self.sampler)
    ms_resource_sampler_start (self.sampler);
  self.service = ms_tracker_service_new ();
  self.watch =
      ms_watch_new_observer (recording, process_came_cb, process_gone_cb, tick_cb, &self, error);
  if (!self.watch)
    return FALSE;
  do
    ms_watch_run (self.watch, MS_WATCH_UNTIL_ALL_GONE, 0);
  while (!ms_watch_is_interrupted (self.watch) && !may_leave (&self));
  close_again (&self);
  return TRUE;
}
