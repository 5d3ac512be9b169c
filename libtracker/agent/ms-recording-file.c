/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-recording-file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-json-file.h"
#include "trk-format.h"

#define SAVE_SHARE 50 /* saving may take one part in so many */

struct _MsRecordingFile {
  char *folder;
  char **command;
  gint main_pid;
  gint64 start_wall_us;
  gboolean ended;
  int wait_status;
  GPtrArray *processes;  /* of MsTraceSummary, sorted when read */
  GHashTable *by_folder; /* name → MsTraceSummary; owned by the array */
  gboolean sorted, changed;
  gint64 saved_us, save_took_us;
};

MsRecordingFile *
ms_recording_file_new (const char *folder, char *const *command)
{
  MsRecordingFile *self = g_new0 (MsRecordingFile, 1);

  self->folder = g_strdup (folder);
  self->command = g_strdupv ((char **) command);
  self->start_wall_us = g_get_real_time ();
  self->processes = g_ptr_array_new_with_free_func ((GDestroyNotify) ms_trace_summary_free);
  self->by_folder = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
ms_recording_file_free (MsRecordingFile *self)
{
  g_hash_table_unref (self->by_folder);
  g_ptr_array_unref (self->processes);
  g_strfreev (self->command);
  g_free (self->folder);
  g_free (self);
}

const char *
ms_recording_file_get_folder (MsRecordingFile *self)
{
  return self->folder;
}

void
ms_recording_file_set_main (MsRecordingFile *self, gint pid)
{
  self->main_pid = pid;
}

void
ms_recording_file_set_end (MsRecordingFile *self, int wait_status)
{
  self->ended = self->changed = TRUE;
  self->wait_status = wait_status;
}

void
ms_recording_file_put (MsRecordingFile *self, MsTraceSummary *summary)
{
  MsTraceSummary *before = g_hash_table_lookup (self->by_folder, summary->folder);
  guint index;

  self->changed = TRUE;
  self->sorted = FALSE;
  if (before && g_ptr_array_find (self->processes, before, &index))
    {
      g_hash_table_remove (self->by_folder, before->folder);
      g_ptr_array_remove_index_fast (self->processes, index);
    }
  g_ptr_array_add (self->processes, summary);
  g_hash_table_insert (self->by_folder, summary->folder, summary);
}

/* Folders are numbered in the order in which their processes began. */
static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const MsTraceSummary *x = *(MsTraceSummary *const *) a, *y = *(MsTraceSummary *const *) b;
  guint64 number_x = g_ascii_strtoull (x->folder, NULL, 10);
  guint64 number_y = g_ascii_strtoull (y->folder, NULL, 10);

  return number_x < number_y ? -1 : number_x > number_y;
}

GPtrArray *
ms_recording_file_get_processes (MsRecordingFile *self)
{
  if (!self->sorted)
    g_ptr_array_sort (self->processes, compare_numbers);
  self->sorted = TRUE;
  return self->processes;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static const char *
state_to_text (MsState state)
{
  return state == MS_STATE_EXITED ? "exited" : state == MS_STATE_KILLED ? "killed" : "running";
}

static JsonObject *
build_process (const MsTraceSummary *summary)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "folder", summary->folder);
  json_object_set_int_member (object, "pid", summary->pid);
  json_object_set_int_member (object, "parent_pid", summary->parent_pid);
  json_object_set_string_member (object, "program", summary->program);
  json_object_set_string_member (object, "state", state_to_text (summary->state));
  if (summary->exit_status >= 0)
    json_object_set_int_member (object, "exit_status", summary->exit_status);
  json_object_set_int_member (object, "duration_ns", summary->duration_ns);
  if (summary->not_followed)
    json_object_set_string_member (object, "not_followed", summary->not_followed);
  if (summary->has_totals && summary->state != MS_STATE_RUNNING)
    json_object_set_object_member (object, "totals", ms_trace_summary_build_totals (summary));
  return object;
}

static JsonObject *
build (MsRecordingFile *self)
{
  JsonObject *root = json_object_new ();
  JsonArray *command = json_array_new (), *processes = json_array_new ();
  GPtrArray *summaries = ms_recording_file_get_processes (self);

  json_object_set_string_member (root, "format", "memscope-recording");
  json_object_set_int_member (root, "version", TRK_VERSION_MAJOR);
  for (guint i = 0; self->command[i]; i++)
    json_array_add_string_element (command, self->command[i]);
  json_object_set_array_member (root, "command", command);
  json_object_set_int_member (root, "main_pid", self->main_pid);
  json_object_set_int_member (root, "start_wall_us", self->start_wall_us);
  if (!self->ended)
    {
      json_object_set_string_member (root, "state", "running");
    }
  else if (WIFSIGNALED (self->wait_status))
    {
      json_object_set_string_member (root, "state", "killed");
      json_object_set_int_member (root, "exit_status", 128 + WTERMSIG (self->wait_status));
      json_object_set_int_member (root, "term_signal", WTERMSIG (self->wait_status));
    }
  else
    {
      json_object_set_string_member (root, "state", "exited");
      json_object_set_int_member (root, "exit_status", WEXITSTATUS (self->wait_status));
    }
  for (guint i = 0; i < summaries->len; i++)
    json_array_add_object_element (processes, build_process (g_ptr_array_index (summaries, i)));
  json_object_set_array_member (root, "processes", processes);
  return root;
}

gboolean
ms_recording_file_save (MsRecordingFile *self, GError **error)
{
  g_autoptr (JsonObject) root = build (self);
  gint64 begun_us = g_get_monotonic_time ();
  int dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean saved = ms_json_file_save (dir_fd, TRK_RECORDING_FILE_NAME, root, error);

  if (dir_fd >= 0)
    close (dir_fd);
  self->changed = !saved;
  self->saved_us = g_get_monotonic_time ();
  self->save_took_us = self->saved_us - begun_us;
  return saved;
}

void
ms_recording_file_save_if_due (MsRecordingFile *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->changed || g_get_monotonic_time () - self->saved_us < self->save_took_us * SAVE_SHARE)
    return;
  if (!ms_recording_file_save (self, &error))
    g_debug ("%s", error->message); /* said at the end, when it is final */
}
