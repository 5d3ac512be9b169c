/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-choose-program.h"

#include <string.h>

#include "ms-command-line.h"

/* Servers write more into their name: "redis-server *:6379", "nginx: master process". */
static gboolean
is_called (const char *name, const char *wanted)
{
  gsize n = strlen (wanted);

  return n > 0 && strncmp (name, wanted, n) == 0 && strchr (" :", name[n]) != NULL;
}

static gboolean
matches (MsRunningProgram *program, const char *wanted)
{
  guint64 pid;

  if (wanted == NULL)
    return TRUE;
  if (g_ascii_string_to_unsigned (wanted, 10, 1, G_MAXUINT32, &pid, NULL))
    return ms_running_program_get_pid (program) == pid;
  return is_called (ms_running_program_get_program (program), wanted);
}

/* NULL after complaining. (transfer full) */
static MsRunningProgram *
choose (MsRunningPrograms *programs, const char *command, const char *wanted)
{
  g_autoptr (MsRunningProgram) chosen = NULL;
  GListModel *list = G_LIST_MODEL (programs);
  guint n_matching = 0;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (MsRunningProgram) program = g_list_model_get_item (list, i);

      if (matches (program, wanted) && n_matching++ == 0)
        chosen = g_steal_pointer (&program);
    }
  if (n_matching == 1)
    return g_steal_pointer (&chosen);
  if (n_matching > 1)
    ms_complain ("%s: %u programs are being recorded that this may mean; name one by the pid "
                 "that `memscope list` shows",
                 command, n_matching);
  else if (ms_running_programs_get_problem (programs) != NULL)
    ms_complain ("%s: %s", command, ms_running_programs_get_problem (programs));
  else if (wanted != NULL)
    ms_complain ("%s: no program of yours called or numbered \"%s\" is being recorded; "
                 "`memscope list` shows those that are",
                 command, wanted);
  else
    ms_complain ("%s: no program of yours is being recorded; one is with: memscope record -- "
                 "PROGRAM",
                 command);
  return NULL;
}

MsRunningProgram *
ms_choose_program (MsRunningPrograms *programs, const char *command, const char *wanted)
{
  while (!ms_running_programs_is_ready (programs))
    g_main_context_iteration (NULL, TRUE);
  return choose (programs, command, wanted);
}
