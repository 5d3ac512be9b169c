/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "trk-process.h"
#include "trk-system-call.h"
#include "trk-system.h"
#include "trk-text.h"
#include "unwind/trk-loaded-object.h"

#define STACK_BYTES ((size_t) 64 << 10)
#define MAX_VARIABLES 4096U
#define MAX_KEPT_DESCRIPTORS 65536 /* where close_range (2) is not there */
#define LAST_SIGNAL 64

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* Shared with the children until they execute. */
typedef struct {
  const TrkSpawn *spawn;
  char *inner_stack;
  bool detached;
  long error;      /* of what the children do */
  int wait_status; /* of what was executed */
  char *environment[MAX_VARIABLES + 1];
} Birth;

/* --- where it is ------------------------------------------------------------------------------ */

static bool
is_there (char path[TRK_PATH_BYTES],
          const char *folder,
          size_t n_bytes,
          const char *below,
          const char *name)
{
  TrkText text;

  trk_text_begin (&text, path, TRK_PATH_BYTES);
  trk_text_add_bytes (&text, folder, n_bytes);
  trk_text_add (&text, below);
  trk_text_add (&text, "/");
  trk_text_add (&text, name);
  return !text.overflow && KERNEL (SYS_faccessat, AT_FDCWD, path, X_OK) == 0;
}

/* The path that the loader has of this library.  Not by dladdr (): that takes the loader's lock. */
static const char *
get_own_path (void)
{
  TrkLoadedObject object;

  if (!trk_loaded_object_find ((uint64_t) (uintptr_t) get_own_path, &object))
    return NULL;
  return object.path;
}

bool
trk_spawn_find (const char *name, char path[4096])
{
  const char *wanted = secure_getenv ("MEMSCOPE_LIBEXEC"), *own = get_own_path ();
  const char *slash = own ? strrchr (own, '/') : NULL;
  size_t n_bytes = slash ? (size_t) (slash - own) : 0;

  if (wanted && *wanted == '/' && is_there (path, wanted, strlen (wanted), "", name))
    return true;
  /* The installed tree, wherever it was moved to; the build tree; where it was meant to be. */
  if (slash
      && (is_there (path, own, n_bytes, "/" MEMSCOPE_LIBEXECDIR_FROM_LIBDIR, name)
          || is_there (path, own, n_bytes, "/" MEMSCOPE_BINDIR_FROM_LIBDIR, name)
          || is_there (path, own, n_bytes, "/../tools", name)
          || is_there (path, own, n_bytes, "/../agent", name)))
    return true;
  if (is_there (path, MEMSCOPE_PKGLIBEXECDIR, strlen (MEMSCOPE_PKGLIBEXECDIR), "", name)
      || is_there (path, MEMSCOPE_BINDIR, strlen (MEMSCOPE_BINDIR), "", name))
    return true;
  trk_process_set_reason ("install Memscope completely, or set MEMSCOPE_LIBEXEC to the folder with",
                          name);
  return false;
}

/* --- in the child ----------------------------------------------------------------------------- */

static bool
is_variable (const char *entry, const char *name)
{
  size_t n_bytes = strlen (name);

  return strncmp (entry, name, n_bytes) == 0 && entry[n_bytes] == '=';
}

static void
fill_environment (Birth *self)
{
  static const char *const left_out[] = { "LD_PRELOAD",     "LD_AUDIT",         "MEMSCOPE_OUTPUT",
                                          "MEMSCOPE_LIVE",  "MEMSCOPE_THREADS", "G_DEBUG",
                                          "GLIBC_TUNABLES", "MALLOC_TRACE" };
  size_t n = 0;

  for (char **entry = environ; entry && *entry && n < MAX_VARIABLES; entry++)
    {
      bool is_left_out = false;

      for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        is_left_out |= is_variable (*entry, left_out[i]);
      if (!is_left_out)
        self->environment[n++] = *entry;
    }
}

/* Handlers go with the exec; what the program ignores would stay ignored. */
static void
reset_signals (void)
{
  const uint64_t standard[4] = { 0 }, none = 0; /* the kernel's struct sigaction */

  for (int number = 1; number <= LAST_SIGNAL; number++)
    (void) KERNEL (SYS_rt_sigaction, number, standard, NULL, sizeof none);
  (void) KERNEL (SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

static void
arrange_descriptors (int error_fd)
{
  int null_fd;

  /* Of a program that has closed its own, it may be 2 already: then it is only to stay open. */
  if (error_fd == 2)
    (void) KERNEL (SYS_fcntl, 2, F_SETFD, 0);
  else if (error_fd >= 0)
    (void) KERNEL (SYS_dup3, error_fd, 2, 0);
  null_fd = (int) KERNEL (SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
  for (int fd = 0; fd < (error_fd >= 0 ? 2 : 3); fd++)
    if (null_fd >= 0 && null_fd != fd)
      (void) KERNEL (SYS_dup3, null_fd, fd, 0);
  if (KERNEL (SYS_close_range, 3U, ~0U, 0U) < 0)
    for (int fd = 3; fd < MAX_KEPT_DESCRIPTORS; fd++)
      (void) KERNEL (SYS_close, fd);
}

static void
execute (Birth *self)
{
  const struct sched_param standard = { 0 };

  arrange_descriptors (self->spawn->error_fd);
  if (self->detached)
    {
      (void) KERNEL (SYS_setsid);
      (void) KERNEL (SYS_chdir, "/");
      (void) KERNEL (SYS_sched_setscheduler, 0, SCHED_OTHER, &standard);
    }
  reset_signals ();
  self->error = KERNEL (SYS_execve, self->spawn->path, self->spawn->arguments, self->environment);
}

/* @flags and no signal: see the top of trk-spawn.h. */
static long
start_child (int (*run) (void *), char *stack, Birth *birth)
{
  int saved_errno = errno;
  long pid = clone (run, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK, birth);

  if (pid < 0)
    pid = -errno;
  errno = saved_errno;
  return pid;
}

static int
run_inner (void *data)
{
  execute (data);
  KERNEL (SYS_exit_group, 127);
  return 127;
}

static long
collect (long pid, int *wait_status)
{
  long result;

  do
    result = KERNEL (SYS_wait4, pid, wait_status, __WALL, NULL);
  while (result == -EINTR);
  return result;
}

static int
run_outer (void *data)
{
  Birth *self = data;
  long pid = start_child (run_inner, self->inner_stack, self);

  if (pid < 0)
    self->error = pid;
  else if (!self->detached && self->error == 0)
    self->error = collect (pid, &self->wait_status) < 0 ? -ECHILD : 0;
  KERNEL (SYS_exit_group, 0);
  return 0;
}

/* --- in the program --------------------------------------------------------------------------- */

static int
spawn (const TrkSpawn *self, bool detached, int *wait_status)
{
  size_t n_bytes = 2 * STACK_BYTES + sizeof (Birth);
  char *memory = trk_system_map_anonymous (n_bytes);
  Birth *birth;
  uint64_t signals;
  long pid;
  int error, status;

  if (!memory)
    return -ENOMEM;
  birth = (Birth *) (void *) (memory + 2 * STACK_BYTES);
  birth->spawn = self;
  birth->detached = detached;
  birth->inner_stack = memory;
  fill_environment (birth);
  signals = trk_system_block_signals ();
  pid = start_child (run_outer, memory + STACK_BYTES, birth);
  trk_system_restore_signals (signals);
  /* If somebody who waits for clones, too, has collected it: it has told us all. */
  if (pid > 0)
    (void) collect (pid, &status);
  error = pid < 0 ? (int) pid : (int) birth->error;
  *wait_status = birth->wait_status;
  trk_system_unmap (memory, n_bytes);
  return error;
}

int
trk_spawn_detached (const TrkSpawn *self)
{
  int status;

  return spawn (self, true, &status);
}

int
trk_spawn_and_wait (const TrkSpawn *self, int *wait_status)
{
  return spawn (self, false, wait_status);
}
