/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ends of a process: _exit, which runs no handler, and exec, which replaces the program.
 *
 * Before exec the pool says "replaced"; if exec fails it says "running" again.  A vfork child shares
 * its parent's memory, so the recorder compares pids before it believes any of this.
 */
#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-hooks.h"

#define HOOK __attribute__ ((visibility ("default")))

HOOK void
_exit (int status)
{
  trk_hook_process_exit (status);
  for (;;)
    syscall (SYS_exit_group, status);
}

HOOK void
_Exit (int status)
{
  _exit (status);
}

#define REAL(name, type) \
  static __typeof__ (type) *real; \
  real = real ? real : (__typeof__ (real)) preload_next (#name)

#define EXEC(call) \
  ({ \
    int exec_result; \
    trk_hook_process_exec (); \
    exec_result = (call); \
    trk_hook_process_exec_failed (); \
    exec_result; \
  })

HOOK int
execve (const char *path, char *const arguments[], char *const environment[])
{
  REAL (execve, int (const char *, char *const *, char *const *));
  return EXEC (real (path, arguments, environment));
}

HOOK int
execv (const char *path, char *const arguments[])
{
  REAL (execv, int (const char *, char *const *));
  return EXEC (real (path, arguments));
}

HOOK int
execvp (const char *file, char *const arguments[])
{
  REAL (execvp, int (const char *, char *const *));
  return EXEC (real (file, arguments));
}

HOOK int
execvpe (const char *file, char *const arguments[], char *const environment[])
{
  REAL (execvpe, int (const char *, char *const *, char *const *));
  return EXEC (real (file, arguments, environment));
}

HOOK int
fexecve (int fd, char *const arguments[], char *const environment[])
{
  REAL (fexecve, int (int, char *const *, char *const *));
  return EXEC (real (fd, arguments, environment));
}

HOOK int
execveat (int folder_fd,
          const char *path,
          char *const arguments[],
          char *const environment[],
          int flags)
{
  REAL (execveat, int (int, const char *, char *const *, char *const *, int));
  return EXEC (real (folder_fd, path, arguments, environment, flags));
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
  return execv (path, vector);
}

HOOK int
execlp (const char *file, const char *first, ...)
{
  COLLECT (first, list);
  va_end (list);
  return execvp (file, vector);
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

/* --- start ----------------------------------------------------------------------------------- */

/* At the latest here the recording begins; usually a library's constructor has allocated before. */
__attribute__ ((constructor)) static void
start (void)
{
  preload_resolve ();
  trk_hook_constructed ((const void *) (uintptr_t) start);
}
