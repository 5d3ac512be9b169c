/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-traced-process.h"

#include "ms-folder-reader.h"
#include "ms-manifest.h"
#include "ms-process-state.h"
#include "trk-format.h"
#include "trk-process-identity.h"

#define MAX_MANIFEST_BYTES (4 << 20)

void
ms_traced_process_read (int dir_fd, MsTracedProcess *process)
{
  gsize n_bytes;
  g_autofree char *text =
      ms_folder_read_text (dir_fd, TRK_MANIFEST_FILE_NAME, MAX_MANIFEST_BYTES, &n_bytes, NULL);
  g_autoptr (JsonNode) root = text != NULL ? ms_json_parse (text, n_bytes, NULL) : NULL;
  guint64 own = trk_pid_namespace_read (0), theirs;
  JsonObject *manifest;

  *process = (MsTracedProcess) { FALSE };
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;
  manifest = json_node_get_object (root);
  theirs = (guint64) ms_json_get_int (manifest, "pid_namespace", 0);
  process->is_known = TRUE;
  process->is_here =
      own != 0 && theirs == own && ms_boot_is_current (ms_json_get_string (manifest, "boot_id"));
  process->is_session =
      g_strcmp0 (ms_json_get_string (ms_json_get_object (manifest, "configuration"), "api"),
                 "explicit")
      == 0;
  process->pid = (gint) CLAMP (ms_json_get_int (manifest, "pid", 0), 0, G_MAXINT);
  process->start_ticks = (guint64) ms_json_get_int (manifest, "process_start_ticks", 0);
}

gboolean
ms_traced_process_is (const MsTracedProcess *process, gint pid, guint64 start_ticks)
{
  return process->is_known && process->is_here && pid > 0 && process->pid == pid && start_ticks != 0
         && process->start_ticks == start_ticks;
}

gboolean
ms_traced_process_has_gone (const MsTracedProcess *process)
{
  return process->is_known && process->is_here && process->pid > 0
         && !trk_process_is_alive (process->pid, process->start_ticks);
}
