/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Programs that this one becomes, by exec, or starts, by posix_spawn.
 *
 *   followed      the environment goes on as it is, with our LD_PRELOAD in it
 *   not followed  (static, 32-bit, musl, setuid, sanitizer) our entry is taken out, because it would
 *                 make the loader complain or the program stop, and the process tree gets a note
 *
 * Before exec the pool says "replaced"; if exec fails it says "running" again.  A vfork child shares
 * its parent's memory, so the recorder compares pids before it believes that.  Everything here may run
 * in such a child: new environments are built on the stack.
 */
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-child.h"
#include "trk-hooks.h"

#define HOOK __attribute__ ((visibility ("default")))
#define OUR_NAME "libmemscope-preload.so"
#define PATH_BYTES 4096

typedef int SpawnFunction (pid_t *,
                           const char *,
                           const posix_spawn_file_actions_t *,
                           const posix_spawnattr_t *,
                           char *const *,
                           char *const *);

static struct {
  int (*execve) (const char *, char *const *, char *const *);
  int (*execvpe) (const char *, char *const *, char *const *);
  int (*fexecve) (int, char *const *, char *const *);
  int (*execveat) (int, const char *, char *const *, char *const *, int);
  SpawnFunction *posix_spawn, *posix_spawnp;
} real;

void
preload_resolve_exec (void)
{
  real.execve = (__typeof__ (real.execve)) preload_next ("execve");
  real.execvpe = (__typeof__ (real.execvpe)) preload_next ("execvpe");
  real.fexecve = (__typeof__ (real.fexecve)) preload_next ("fexecve");
  real.execveat = (__typeof__ (real.execveat)) preload_next ("execveat");
  real.posix_spawn = (SpawnFunction *) preload_next ("posix_spawn");
  real.posix_spawnp = (SpawnFunction *) preload_next ("posix_spawnp");
}

/* From another library's constructor, before ours. */
#define NEED(name) \
  do \
    if (!real.name) \
      preload_resolve_exec (); \
  while (0)

/* --- without us ------------------------------------------------------------------------------ */

static bool
is_preload_variable (const char *variable)
{
  return strncmp (variable, "LD_PRELOAD=", 11) == 0;
}

/* @variable without our entry; the others keep their order.  False if nothing is left. */
static bool
copy_without_us (char *copy, const char *variable)
{
  const char *p = variable + 11;
  char *out = copy + 11;

  memcpy (copy, variable, 11);
  while (*p)
    {
      size_t length = strcspn (p, ": "), name = length;

      while (name > 0 && p[name - 1] != '/')
        name--;
      if (length > 0
          && (length - name != strlen (OUR_NAME)
              || memcmp (p + name, OUR_NAME, length - name) != 0))
        {
          if (out > copy + 11)
            *out++ = ':';
          memcpy (out, p, length);
          out += length;
        }
      p += length + (p[length] != '\0');
    }
  *out = '\0';
  return out > copy + 11;
}

/* Our entry in the environment's LD_PRELOAD, which ends at a colon, a space or with the text; or NULL. */
static const char *
find_us (char *const environment[])
{
  for (char *const *p = environment; p && *p; p++)
    {
      const char *entry = is_preload_variable (*p) ? strstr (*p, OUR_NAME) : NULL;

      if (!entry)
        continue;
      while (!strchr ("=: ", entry[-1]))
        entry--;
      return entry;
    }
  return NULL;
}

/* How much memory environment_without_us() needs. */
static size_t
environment_bytes (char *const environment[])
{
  size_t n_bytes = sizeof (char *);

  for (char *const *p = environment; p && *p; p++)
    n_bytes += sizeof (char *) + (is_preload_variable (*p) ? strlen (*p) + 1 : 0);
  return n_bytes;
}

static char *const *
environment_without_us (char *const environment[], void *memory, size_t n_bytes)
{
  char **copy = memory, *text = (char *) memory + n_bytes;
  size_t n = 0;

  for (char *const *p = environment; p && *p; p++)
    {
      if (!is_preload_variable (*p))
        {
          copy[n++] = *p;
          continue;
        }
      text -= strlen (*p) + 1;
      if (copy_without_us (text, *p))
        copy[n++] = text;
    }
  copy[n] = NULL;
  return copy;
}

/* In the caller's frame, so that the memory lives as long as the call. */
#define WITHOUT_US(environment) \
  ({ \
    size_t without_bytes = environment_bytes (environment); \
    environment_without_us (environment, alloca (without_bytes), without_bytes); \
  })

/* The file that execvp would find for @file, or @file itself. */
static const char *
search_path (const char *file, char buffer[PATH_BYTES])
{
  const char *path = getenv ("PATH");
  size_t n_file = strlen (file);

  if (strchr (file, '/') || !path)
    return file;
  while (true)
    {
      size_t length = strcspn (path, ":");

      if (length + 1 + n_file + 1 <= PATH_BYTES)
        {
          char *end = buffer + length;

          memcpy (buffer, path, length);
          if (length > 0)
            *end++ = '/';
          memcpy (end, file, n_file + 1);
          if (access (buffer, X_OK) == 0)
            return buffer;
        }
      if (path[length] == '\0')
        return file;
      path += length + 1;
    }
}

/* --- exec ------------------------------------------------------------------------------------ */

/* @path, from @folder_fd, is what the note says; @call is the real exec with `with`, the environment to
 * use. */
#define EXEC(folder_fd, path, environment, call) \
  ({ \
    const char *refusal = trk_hook_child_refusal (folder_fd, path, find_us (environment)); \
    char *const *with = refusal ? WITHOUT_US (environment) : (environment); \
    uint32_t note = TRK_NO_NOTE; \
    int exec_result; \
    if (refusal) \
      note = trk_hook_child_note (0, path, refusal); \
    trk_hook_process_exec (); \
    exec_result = (call); \
    trk_hook_process_exec_failed (); \
    if (refusal) \
      trk_hook_child_withdraw (note, path); \
    exec_result; \
  })

HOOK int
execve (const char *path, char *const arguments[], char *const environment[])
{
  NEED (execve);
  return EXEC (AT_FDCWD, path, environment, real.execve (path, arguments, with));
}

HOOK int
execv (const char *path, char *const arguments[])
{
  return execve (path, arguments, environ);
}

HOOK int
execvpe (const char *file, char *const arguments[], char *const environment[])
{
  char buffer[PATH_BYTES];
  const char *path = search_path (file, buffer);

  NEED (execvpe);
  return EXEC (AT_FDCWD, path, environment, real.execvpe (file, arguments, with));
}

HOOK int
execvp (const char *file, char *const arguments[])
{
  return execvpe (file, arguments, environ);
}

/* "/proc/self/fd/N" names the file for everybody. */
static void
name_descriptor (int fd, char path[32])
{
  char digits[12];
  unsigned n = 0, at = 14;

  memcpy (path, "/proc/self/fd/", at);
  do
    digits[n++] = (char) ('0' + fd % 10);
  while ((fd /= 10) > 0);
  while (n > 0)
    path[at++] = digits[--n];
  path[at] = '\0';
}

HOOK int
fexecve (int fd, char *const arguments[], char *const environment[])
{
  char path[32];

  NEED (fexecve);
  name_descriptor (fd < 0 ? 0 : fd, path);
  return EXEC (AT_FDCWD, path, environment, real.fexecve (fd, arguments, with));
}

HOOK int
execveat (int folder_fd,
          const char *path,
          char *const arguments[],
          char *const environment[],
          int flags)
{
  char descriptor[32];
  const char *name = path;

  NEED (execveat);
  if (*path == '\0')
    {
      name_descriptor (folder_fd < 0 ? 0 : folder_fd, descriptor);
      name = descriptor;
    }
  return EXEC (folder_fd, name, environment,
               real.execveat (folder_fd, path, arguments, with, flags));
}

/* The list forms put their arguments into a vector on the stack, as libc does. */
#define COLLECT(first, list) \
  size_t n_arguments = 1; \
  char **vector; \
  va_list list, count; \
  va_start (list, first); \
  va_copy (count, list); \
  while (va_arg (count, char *)) \
    n_arguments++; \
  va_end (count); \
  vector = alloca ((n_arguments + 1) * sizeof *vector); \
  vector[0] = (char *) first; \
  for (size_t i = 1; i <= n_arguments; i++) \
    { \
      vector[i] = va_arg (list, char *); \
    }

HOOK int
execl (const char *path, const char *first, ...)
{
  COLLECT (first, list);
  va_end (list);
  return execve (path, vector, environ);
}

HOOK int
execlp (const char *file, const char *first, ...)
{
  COLLECT (first, list);
  va_end (list);
  return execvpe (file, vector, environ);
}

HOOK int
execle (const char *path, const char *first, ...)
{
  char *const *environment;

  COLLECT (first, list);
  environment = va_arg (list, char *const *);
  va_end (list);
  return execve (path, vector, environment);
}

/* --- posix_spawn ----------------------------------------------------------------------------- */

static int
spawn (SpawnFunction *function,
       const char *path,
       pid_t *pid,
       const char *file,
       const posix_spawn_file_actions_t *actions,
       const posix_spawnattr_t *attributes,
       char *const arguments[],
       char *const environment[])
{
  const char *refusal = trk_hook_child_refusal (AT_FDCWD, path, find_us (environment));
  pid_t child;
  int error = function (&child, file, actions, attributes, arguments,
                        refusal ? WITHOUT_US (environment) : environment);

  if (error == 0 && refusal)
    trk_hook_child_note (child, path, refusal);
  if (error == 0 && pid)
    *pid = child;
  return error;
}

HOOK int
posix_spawn (pid_t *pid,
             const char *path,
             const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes,
             char *const arguments[],
             char *const environment[])
{
  NEED (posix_spawn);
  return spawn (real.posix_spawn, path, pid, path, actions, attributes, arguments, environment);
}

HOOK int
posix_spawnp (pid_t *pid,
              const char *file,
              const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *attributes,
              char *const arguments[],
              char *const environment[])
{
  char buffer[PATH_BYTES];

  NEED (posix_spawnp);
  return spawn (real.posix_spawnp, search_path (file, buffer), pid, file, actions, attributes,
                arguments, environment);
}
