/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-process-state.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The kernel's own number for it, PROC_PID_INIT_INO, the same on every machine. */
#define FIRST_PID_NAMESPACE G_GUINT64_CONSTANT (0xEFFFFFFC)

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
read_start_ticks (const char *pid, guint64 *start_ticks)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", pid);
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

/* TRUE if @pid is what the process here called @here is called in the innermost namespace that it is in. */
static gboolean
is_called_below (const char *here, gint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", here);
  g_autofree char *text = NULL;
  g_auto (GStrv) numbers = NULL;
  char *line, *end;
  guint n;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "\nNSpid:")) == NULL)
    return FALSE;
  line += strlen ("\nNSpid:");
  end = strchr (line, '\n');
  if (end != NULL)
    *end = '\0';
  numbers = g_strsplit (g_strstrip (line), "\t", -1);
  n = g_strv_length (numbers);
  return n > 1 && g_ascii_strtoll (numbers[n - 1], NULL, 10) == pid;
}

static gboolean
lives_below (gint pid, guint64 start_ticks)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint64 ticks;

  while (processes != NULL && (name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]) && read_start_ticks (name, &ticks) && ticks == start_ticks
        && is_called_below (name, pid))
      return TRUE;
  return FALSE;
}

/* In the machine's first pid namespace, with a /proc that hides nobody. */
static gboolean
sees_every_process (guint64 pid_namespace)
{
  guint64 ticks;

  return pid_namespace == FIRST_PID_NAMESPACE && read_start_ticks ("1", &ticks);
}

MsState
ms_process_look (const MsManifest *manifest)
{
  g_autofree char *name = g_strdup_printf ("%d", manifest->pid);
  guint64 ticks, here;
  struct stat status;

  if (manifest->pid <= 0 || !ms_boot_is_current (manifest->boot_id))
    return MS_STATE_KILLED;
  if (stat ("/proc/self/ns/pid", &status) != 0)
    return MS_STATE_UNKNOWN;
  here = status.st_ino;
  if (here == manifest->pid_namespace)
    return read_start_ticks (name, &ticks) && ticks == manifest->process_start_ticks
               ? MS_STATE_RUNNING
               : MS_STATE_KILLED;
  if (lives_below (manifest->pid, manifest->process_start_ticks))
    return MS_STATE_RUNNING;
  return sees_every_process (here) ? MS_STATE_KILLED : MS_STATE_UNKNOWN;
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
  if (!manifest->is_watched)
    return ms_process_look (manifest);
  *exit_status = manifest->watched_exit_status;
  return manifest->watched_state;
}
