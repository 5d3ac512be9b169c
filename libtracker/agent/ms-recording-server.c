/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-recording-server.h"

#include "ms-tracker-service.h"
#include "ms-watch.h"

typedef struct {
  const char *recording;
  MsTrackerService *service;
} RecordingServer;

static void
process_came_cb (const MsWatchedProcess *process, gpointer user_data)
{
  RecordingServer *self = user_data;
  g_autofree char *path = g_build_filename (self->recording, process->folder, NULL);

  ms_tracker_service_add (self->service, path, process->pid, process->start_ticks);
}

static void
process_gone_cb (const MsWatchedProcess *process, gpointer user_data)
{
  RecordingServer *self = user_data;
  g_autofree char *path = g_build_filename (self->recording, process->folder, NULL);

  ms_tracker_service_remove (self->service, path,
                             process->has_wait_status ? process->wait_status : -1);
}

gboolean
ms_recording_server_run (const char *recording, GError **error)
{
  RecordingServer self = { .recording = recording, .service = ms_tracker_service_new () };
  MsWatch *watch =
      ms_watch_new_observer (recording, process_came_cb, process_gone_cb, NULL, &self, error);
  gboolean is_watched = watch != NULL;

  if (is_watched)
    {
      ms_watch_run (watch, MS_WATCH_UNTIL_ALL_GONE, 0);
      ms_watch_free (watch);
    }
  ms_tracker_service_free (self.service);
  return is_watched;
}
