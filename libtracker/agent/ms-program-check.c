/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-program-check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-target.h"

#define MAX_FIRST_LINE 255 /* of which the kernel reads an interpreter's name */

G_DEFINE_QUARK (ms - program - error - quark, ms_program_error)

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, MS_PROGRAM_ERROR, 0, message);
  return FALSE;
}

char *
ms_program_find (const char *name, GError **error)
{
  g_autofree char *denied = NULL;
  g_auto (GStrv) folders = NULL;
  const char *path = g_getenv ("PATH");
  struct stat status;

  if (strchr (name, '/'))
    {
      if (stat (name, &status) != 0)
        fail (error, "%s: %s", name, g_strerror (errno));
      else if (S_ISDIR (status.st_mode))
        fail (error, "%s is a folder, not a program", name);
      else if (access (name, X_OK) != 0)
        fail (error, "%s may not be executed: %s", name, g_strerror (errno));
      else
        return g_strdup (name);
      return NULL;
    }

  folders = g_strsplit (path ? path : "/bin:/usr/bin", ":", -1);
  for (guint i = 0; folders[i]; i++)
    {
      /* An empty element is the current folder. */
      g_autofree char *candidate = g_build_filename (*folders[i] ? folders[i] : ".", name, NULL);

      if (stat (candidate, &status) != 0 || !S_ISREG (status.st_mode))
        continue;
      if (access (candidate, X_OK) == 0)
        return g_steal_pointer (&candidate);
      if (!denied)
        denied = g_steal_pointer (&candidate);
    }
  if (denied)
    fail (error, "%s may not be executed: %s", denied, g_strerror (EACCES));
  else
    fail (error, "there is no program \"%s\" in any folder of PATH", name);
  return NULL;
}

static const char *
advise (TrkTarget target)
{
  switch (target)
    {
    case TRK_TARGET_STATIC:
      return "link it dynamically";
    case TRK_TARGET_OTHER_WORD_SIZE:
      return "only 64-bit programs can be";
    case TRK_TARGET_OTHER_MACHINE:
      return "record it on a machine of that kind";
    case TRK_TARGET_OTHER_LIBC:
      return "link it with glibc";
    case TRK_TARGET_PRIVILEGED:
      return "such programs ignore preloaded libraries; run it as its owner, or a copy without its "
             "rights";
    case TRK_TARGET_SANITIZED:
      return "build it without";
    case TRK_TARGET_FOLLOWED:
    case TRK_TARGET_UNKNOWN:
      break;
    }
  return "is it a program?";
}

/* "#! /usr/bin/env python3" → "/usr/bin/env"; NULL if @line is no such line. (transfer full) */
static char *
parse_interpreter (const char *line)
{
  if (line[0] != '#' || line[1] != '!')
    return NULL;
  line += 2;
  line += strspn (line, " \t");
  return g_strndup (line, strcspn (line, " \t\n"));
}

gboolean
ms_program_check (const char *path, gboolean *needs_shell, GError **error)
{
  char line[MAX_FIRST_LINE + 1] = "";
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n_bytes = fd >= 0 ? pread (fd, line, MAX_FIRST_LINE, 0) : -1;
  g_autofree char *interpreter = parse_interpreter (line);
  TrkTarget target;

  if (fd >= 0)
    close (fd);
  /* The system would say that the script is not there. */
  if (interpreter && access (interpreter, X_OK) != 0)
    return fail (error, "%s asks for the interpreter \"%s\": %s", path, interpreter,
                 g_strerror (errno));
  *needs_shell = n_bytes >= 0 && !interpreter && memcmp (line, ELFMAG, SELFMAG) != 0;
  target = trk_target_examine (AT_FDCWD, *needs_shell ? "/bin/sh" : path);
  return !trk_target_is_refused (target)
         || fail (error, "%s cannot be recorded: %s; %s", path, trk_target_explain (target),
                  advise (target));
}
