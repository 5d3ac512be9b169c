/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-process-state.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

gboolean
ms_boot_is_current (const char *boot_id)
{
  g_autofree char *current = NULL;

  if (boot_id == NULL || *boot_id == '\0'
      || !g_file_get_contents ("/proc/sys/kernel/random/boot_id", &current, NULL, NULL))
    return FALSE;
  return strcmp (g_strstrip (current), boot_id) == 0;
}

/* Field 22 of /proc/<pid>/stat; FALSE if there is no such process or it is dead already. */
static gboolean
read_start_ticks (gint pid, guint64 *start_ticks)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *after_name;
  char state;
  unsigned long long ticks;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  after_name = strrchr (text, ')'); /* the name may hold anything, this too */
  if (after_name == NULL
      || sscanf (after_name + 1,
                 " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                 &state, &ticks)
             != 2)
    return FALSE;
  *start_ticks = ticks;
  return state != 'Z' && state != 'X';
}

gboolean
ms_process_is_alive (gint pid, guint64 start_ticks, const char *boot_id, guint64 pid_namespace)
{
  guint64 ticks;
  struct stat status;

  return pid > 0 && ms_boot_is_current (boot_id) && stat ("/proc/self/ns/pid", &status) == 0
         && (guint64) status.st_ino == pid_namespace && read_start_ticks (pid, &ticks)
         && ticks == start_ticks;
}

MsState
ms_process_state (const MsManifest *manifest, const MsBlockIndex *index, gint *exit_status)
{
  *exit_status = -1;
  if (manifest->state != MS_STATE_RUNNING)
    {
      *exit_status = manifest->exit_status;
      return manifest->state;
    }
  if (index->has_pool && index->pool.state == TRK_PROCESS_EXITED)
    {
      *exit_status = index->pool.exit_status & 0xff;
      return MS_STATE_EXITED;
    }
  if (index->has_pool
      && (index->pool.state == TRK_PROCESS_EXECED || index->pool.state == TRK_PROCESS_STOPPED
          || index->pool.state == TRK_PROCESS_CLOSED))
    return MS_STATE_EXITED;
  if (manifest->is_watched
      || ms_process_is_alive (manifest->pid, manifest->process_start_ticks, manifest->boot_id,
                              manifest->pid_namespace))
    return MS_STATE_RUNNING;
  return MS_STATE_KILLED;
}
