/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-living-words.h"

#include <string.h>

#include "ms-command-line.h"
#include "ms-terminal-text.h"
#include "ms-watch.h"
#include "trk-process-identity.h"

/* "bash (pid 12)"; the name is that of the folder, else what the kernel has. (transfer full) */
static char *
describe_process (const MsWatchedProcess *process)
{
  g_autofree char *program = NULL;
  g_autofree char *clean = NULL;
  TrkProcess identity;

  if (process->folder)
    {
      const char *dash = strchr (process->folder, '-'), *dot = strrchr (process->folder, '.');
      program = g_strndup (dash + 1, (gsize) (dot - dash - 1));
    }
  else
    {
      trk_process_read (process->pid, &identity);
      program = g_strdup (identity.comm);
    }
  clean = ms_terminal_text_clean (program);
  return g_strdup_printf ("%s (pid %d)", clean, process->pid);
}

void
ms_say_who_lives_on (GPtrArray *living)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < living->len && i < 5; i++)
    {
      g_autofree char *name = describe_process (g_ptr_array_index (living, i));

      g_string_append_printf (names, "%s%s", i ? ", " : "", name);
    }
  if (living->len > 5)
    g_string_append_printf (names, " and %u more", living->len - 5);
  ms_complain ("still running and being recorded: %s; their folders are closed when they end",
               names->str);
}
