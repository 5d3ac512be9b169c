/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-pool-folder.h"

#define DEMO_NAME "memscope-demo-workload"
#define EXIT_CANNOT_EXECUTE 126

G_DEFINE_QUARK (ms - launch - error - quark, ms_launch_error)

/* --- our own files ---------------------------------------------------------------------------- */

static char *
get_own_folder (void)
{
  g_autofree char *executable = g_file_read_link ("/proc/self/exe", NULL);

  return executable ? g_path_get_dirname (executable) : g_strdup (".");
}

static char *
find_in (const char *folder, const char *below, const char *name)
{
  g_autofree char *path = g_build_filename (folder, below, name, NULL);

  return access (path, R_OK) == 0 ? g_canonicalize_filename (path, NULL) : NULL;
}

char *
ms_launch_find_preload (GError **error)
{
  g_autofree char *own_folder = get_own_folder ();
  const char *wanted = g_getenv ("MEMSCOPE_LIBDIR");
  g_autofree char *found = NULL;

  if (wanted && *wanted)
    {
      found = find_in (wanted, ".", MS_PRELOAD_NAME);
    }
  else
    {
      g_autofree char *build_file = g_build_filename (own_folder, "../../build.ninja", NULL);

      /* The installed tree, wherever it was moved to; the build tree; where it was meant to be. */
      found = find_in (own_folder, MEMSCOPE_LIBDIR_FROM_BINDIR, MS_PRELOAD_NAME);
      if (!found && access (build_file, F_OK) == 0)
        found = find_in (own_folder, "../preload", MS_PRELOAD_NAME);
      if (!found)
        found = find_in (MEMSCOPE_PKGLIBDIR, ".", MS_PRELOAD_NAME);
    }

  if (!found)
    {
      g_set_error (error, MS_LAUNCH_ERROR, 0,
                   "the recorder's library " MS_PRELOAD_NAME " is not in %s; install Memscope "
                   "completely, or set MEMSCOPE_LIBDIR to the folder that has it",
                   wanted && *wanted ? wanted : MEMSCOPE_PKGLIBDIR);
      return NULL;
    }
  if (strpbrk (found, " :"))
    {
      g_set_error (error, MS_LAUNCH_ERROR, 0,
                   "%s has a space or a colon in its path, which the loader cannot preload; set "
                   "MEMSCOPE_LIBDIR to a folder without, with a copy in it",
                   found);
      return NULL;
    }
  return g_steal_pointer (&found);
}

char *
ms_launch_find_demo (GError **error)
{
  g_autofree char *own_folder = get_own_folder ();
  g_autofree char *found = find_in (own_folder, MEMSCOPE_LIBEXECDIR_FROM_BINDIR, DEMO_NAME);

  if (!found)
    found = find_in (own_folder, "demo", DEMO_NAME);
  if (!found)
    found = find_in (MEMSCOPE_PKGLIBEXECDIR, ".", DEMO_NAME);
  if (!found)
    g_set_error (error, MS_LAUNCH_ERROR, 0,
                 "the demonstration's program " DEMO_NAME " is not in %s; install Memscope "
                 "completely",
                 MEMSCOPE_PKGLIBEXECDIR);
  return g_steal_pointer (&found);
}

/* --- the environment -------------------------------------------------------------------------- */

static char **
set_number (char **environment, const char *name, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  return g_environ_setenv (environment, name, text, TRUE);
}

/* Digits and a point, whatever the locale and however small: the recorder knows no exponents. */
static char **
set_fraction (char **environment, const char *name, double fraction)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE + 32];

  g_ascii_formatd (text, sizeof text, "%.15f", fraction);
  return g_environ_setenv (environment, name, text, TRUE);
}

char **
ms_launch_build_environment (const MsRecordOptions *options,
                             const char *preload,
                             const char *absolute_folder,
                             const char *pool_folder)
{
  char **environment = g_get_environ ();
  const char *others = g_environ_getenv (environment, "LD_PRELOAD");
  g_autofree char *preloads =
      others && *others ? g_strconcat (preload, ":", others, NULL) : g_strdup (preload);

  environment = g_environ_setenv (environment, "LD_PRELOAD", preloads, TRUE);
  environment = g_environ_setenv (environment, "MEMSCOPE_OUTPUT", absolute_folder, TRUE);
  environment = g_environ_unsetenv (environment, "MEMSCOPE_LIVE"); /* the agent is us */
  environment = pool_folder
                    ? g_environ_setenv (environment, MS_POOL_FOLDER_VARIABLE, pool_folder, TRUE)
                    : g_environ_unsetenv (environment, MS_POOL_FOLDER_VARIABLE);
  environment = g_environ_setenv (environment, "MEMSCOPE_THREADS", options->threads, TRUE);
  environment = set_fraction (environment, "MEMSCOPE_SAMPLING_RATE", options->sampling_rate);
  environment =
      set_number (environment, "MEMSCOPE_SAMPLE_INTERVAL", options->sample_interval_bytes);
  environment = set_number (environment, "MEMSCOPE_STACK_DEPTH", options->stack_depth);
  environment = set_number (environment, "MEMSCOPE_FREQUENCY", options->frequency ? 1 : 0);
  environment = set_number (environment, "MEMSCOPE_FREE_STACKS", options->free_stacks ? 1 : 0);
  environment = set_number (environment, "MEMSCOPE_DORMANT", options->dormant ? 1 : 0);
  environment = set_number (environment, "MEMSCOPE_MAPPINGS", options->mappings ? 1 : 0);
  environment = options->ring_bytes > 0
                    ? set_number (environment, "MEMSCOPE_RING", options->ring_bytes)
                    : g_environ_unsetenv (environment, "MEMSCOPE_RING");
  environment = set_number (environment, "MEMSCOPE_NET", options->net ? 1 : 0);
  if (options->debug)
    environment = g_environ_setenv (environment, "MEMSCOPE_DEBUG", "1", TRUE);
  return environment;
}

/* --- the child -------------------------------------------------------------------------------- */

void
ms_signal_state_enter (MsSignalState *self, const sigset_t *blocked)
{
  struct sigaction standard = { .sa_handler = SIG_DFL };
  struct sigaction ignored = { .sa_handler = SIG_IGN };

  sigaction (SIGXFSZ, &ignored, &self->file_size_action);
  sigaction (SIGCHLD, NULL, &self->child_action);
  sigprocmask (SIG_BLOCK, blocked, &self->mask);
  sigaction (SIGCHLD, &standard, NULL);
}

/* In the child, which has our memory until it executes, but handlers and a mask of its own. */
G_NORETURN static void
become (const char *path,
        char *const *arguments,
        char *const *environment,
        const MsSignalState *state,
        volatile int *reason)
{
  sigaction (SIGXFSZ, &state->file_size_action, NULL);
  sigaction (SIGCHLD, &state->child_action, NULL);
  sigprocmask (SIG_SETMASK, &state->mask, NULL);
  execve (path, arguments, environment);
  *reason = errno;
  _exit (EXIT_CANNOT_EXECUTE);
}

/* By vfork: we rest until the program is executed or cannot be, and learn why without a pipe, for which
 * there may be no descriptors. */
pid_t
ms_launch_start (const char *path,
                 char *const *arguments,
                 char *const *environment,
                 const MsSignalState *state,
                 GError **error)
{
  volatile int reason = 0;
  pid_t child = vfork ();

  if (child == 0)
    become (path, arguments, environment, state, &reason);
  if (child < 0)
    {
      g_set_error (error, MS_LAUNCH_ERROR, 0, "cannot start a process: %s", g_strerror (errno));
      return -1;
    }
  if (reason == 0)
    return child;

  waitpid (child, NULL, 0);
  g_set_error (error, MS_LAUNCH_ERROR, 0, "cannot execute %s: %s", path, g_strerror (reason));
  return -1;
}

void
ms_launch_end_like (int wait_status)
{
  struct rlimit no_core = { 0, 0 };
  struct sigaction standard = { .sa_handler = SIG_DFL };
  sigset_t only_this;
  int signal_number;

  if (!WIFSIGNALED (wait_status))
    exit (WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : EXIT_FAILURE);

  /* The program's core is the interesting one; not dumpable covers a core_pattern with a pipe. */
  signal_number = WTERMSIG (wait_status);
  setrlimit (RLIMIT_CORE, &no_core);
  prctl (PR_SET_DUMPABLE, 0);
  sigaction (signal_number, &standard, NULL);
  sigemptyset (&only_this);
  sigaddset (&only_this, signal_number);
  sigprocmask (SIG_UNBLOCK, &only_this, NULL);
  raise (signal_number);
  _exit (128 + signal_number);
}
