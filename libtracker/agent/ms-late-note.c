/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-late-note.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "ms-json-file.h"
#include "ms-output-folder.h"

/* What took the process's place is the first; what it started is the second. */
static gboolean
has_note (const TrkPoolHeader *pool)
{
  return *pool->unnoted_reason && (pool->unnoted_pid != 0 || pool->state == TRK_PROCESS_EXECED);
}

/* (transfer full) */
static char *
dup_text (const char *bytes, gsize n_bytes)
{
  g_autofree char *text = g_strndup (bytes, n_bytes);

  return g_utf8_make_valid (text, -1);
}

/* (transfer full) */
static char *
make_folder (const char *folder, const char *path, gint pid)
{
  g_autofree char *recording = g_path_get_dirname (folder);
  g_autofree char *program = g_path_get_basename (path);
  guint32 number = ms_output_folder_take_number (recording);
  g_autofree char *name = NULL;
  g_autofree char *made = NULL;

  for (char *p = program; *p; p++)
    if ((guchar) *p <= ' ' || *p == '/' || *p == 0x7f)
      *p = '_';
  name = g_strdup_printf ("%u-%s.%d", number, program, pid);
  made = g_build_filename (recording, name, NULL);
  return g_mkdir (made, 0777) == 0 ? g_steal_pointer (&made) : NULL;
}

/* What took this process's place ended as it did; of a child no more is known than that it was there. */
static JsonObject *
build (const TrkPoolHeader *pool, JsonObject *manifest, const char *path)
{
  static const char *const kept[] = { "format", "version",     "pid",         "parent_pid",
                                      "state",  "term_signal", "exit_status", "end_ns" };
  g_autofree char *reason = dup_text (pool->unnoted_reason, sizeof pool->unnoted_reason);
  JsonObject *note = json_object_new ();

  for (gsize i = 0; i < (pool->unnoted_pid == 0 ? G_N_ELEMENTS (kept) : 2); i++)
    if (json_object_has_member (manifest, kept[i]))
      json_object_set_member (note, kept[i], json_object_dup_member (manifest, kept[i]));
  if (pool->unnoted_pid != 0)
    {
      json_object_set_int_member (note, "pid", pool->unnoted_pid);
      json_object_set_int_member (note, "parent_pid", pool->pid);
      json_object_set_string_member (note, "state", "exited");
    }
  json_object_set_string_member (note, "executable", path);
  json_object_set_string_member (note, "not_followed", reason);
  json_object_set_boolean_member (note, "closed", TRUE);
  return note;
}

JsonObject *
ms_late_note_write (const char *folder,
                    const TrkPoolHeader *pool,
                    JsonObject *manifest,
                    char **note_folder)
{
  g_autofree char *path = dup_text (pool->unnoted_path, sizeof pool->unnoted_path);
  g_autoptr (JsonObject) note = NULL;
  g_autoptr (GError) error = NULL;
  int dir_fd;

  if (!has_note (pool)
      || !(*note_folder =
               make_folder (folder, path, pool->unnoted_pid ? pool->unnoted_pid : pool->pid)))
    return NULL;
  note = build (pool, manifest, path);
  dir_fd = open (*note_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (!ms_json_file_save (dir_fd, TRK_MANIFEST_FILE_NAME, note, &error))
    g_debug ("%s: %s", *note_folder, error->message);
  if (dir_fd >= 0)
    close (dir_fd);
  return g_steal_pointer (&note);
}
