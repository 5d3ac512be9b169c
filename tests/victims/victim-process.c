/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Processes: fork and exec in all their forms, and every way to end. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "victim.h"

extern char **environ;

static int
wait_for (pid_t pid)
{
  int status;

  CHECK (pid > 0);
  CHECK (waitpid (pid, &status, 0) == pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

/* Runs this program again, as case "mark": one mark, exit status 21. */
static char *again[] = { (char *) "victim-process", (char *) "mark", NULL };

static int
mark (void)
{
  victim_mark ();
  return 21;
}

/* --- fork ------------------------------------------------------------------------------------ */

static int
child_allocates (void)
{
  void *inherited = victim_mark (), *kept = victim_mark ();
  pid_t child = fork ();

  if (child == 0)
    {
      free (inherited);
      free (victim_mark ());
      victim_mark ();
      victim_churn (20000);
      exit (7);
    }
  CHECK (wait_for (child) == 7);
  free (inherited);
  CHECK (kept);
  return 0;
}

/* The child does nothing that concerns the tracker: the parent's trace must not notice. */
static int
child_exits (void)
{
  victim_mark ();
  for (int i = 0; i < 3; i++)
    {
      pid_t child = fork ();
      if (child == 0)
        i == 0 ? _exit (3) : exit (3);
      CHECK (wait_for (child) == 3);
    }
  free (victim_mark ());
  return 0;
}

static atomic_bool stop;

static void *
churn_until_stopped (void *data)
{
  while (!stop)
    victim_churn (500);
  return NULL;
}

/* fork while other threads are inside malloc, and inside the tracker. */
static int
fork_with_threads (void)
{
  pthread_t threads[3];

  for (int i = 0; i < 3; i++)
    CHECK (pthread_create (&threads[i], NULL, churn_until_stopped, NULL) == 0);
  for (int i = 0; i < 30; i++)
    {
      pid_t child = fork ();

      if (child == 0)
        {
          /* What shells and daemons do between fork and exec. */
          prctl (PR_SET_PDEATHSIG, SIGKILL);
          victim_churn (3000);
          free (victim_mark ());
          _exit (11);
        }
      CHECK (wait_for (child) == 11);
    }
  stop = true;
  for (int i = 0; i < 3; i++)
    pthread_join (threads[i], NULL);
  return 0;
}

static int
daemonised (void)
{
  int ends[2];
  char byte = 0;
  pid_t child;

  CHECK (pipe (ends) == 0);
  child = fork ();
  if (child == 0)
    {
      setsid ();
      if (fork () == 0)
        {
          victim_mark ();
          CHECK (write (ends[1], "x", 1) == 1);
          exit (0);
        }
      _exit (0);
    }
  close (ends[1]);
  CHECK (wait_for (child) == 0);
  CHECK (read (ends[0], &byte, 1) == 1 && byte == 'x');
  CHECK (read (ends[0], &byte, 1) == 0); /* the grandchild has ended */
  return 0;
}

/* --- exec ------------------------------------------------------------------------------------ */

static const char *
own_path (void)
{
  static char path[4096];
  ssize_t n = readlink ("/proc/self/exe", path, sizeof path - 1);

  CHECK (n > 0);
  path[n] = '\0';
  return path;
}

static int
vfork_exec (void)
{
  const char *path = own_path ();
  pid_t child;

  free (victim_mark ());
  child = vfork ();
  if (child == 0)
    {
      execve (path, again, environ);
      _exit (1);
    }
  CHECK (wait_for (child) == 21);
  child = vfork ();
  if (child == 0)
    {
      execl ("/nonexistent/program", "program", (char *) NULL);
      _exit (errno == ENOENT ? 4 : 1);
    }
  CHECK (wait_for (child) == 4);
  free (victim_mark ());
  return 0;
}

static int
spawned (void)
{
  pid_t child;

  CHECK (posix_spawn (&child, own_path (), NULL, NULL, again, environ) == 0);
  CHECK (wait_for (child) == 21);
  CHECK (posix_spawn (&child, "/nonexistent/program", NULL, NULL, again, environ) == ENOENT);
  CHECK (system ("exit 9") == 9 << 8);
  victim_mark ();
  return 0;
}

static int
exec_again (void)
{
  victim_mark ();
  execv (own_path (), again);
  return 1;
}

static int
exec_list (void)
{
  victim_mark ();
  execl (own_path (), "victim-process", "mark", (char *) NULL);
  return 1;
}

static int
exec_without_environment (void)
{
  static char *empty[] = { NULL };

  victim_mark ();
  execve (own_path (), again, empty);
  return 1;
}

/* The program goes on in the same trace. */
static int
exec_fails (void)
{
  victim_mark ();
  CHECK (execlp ("a-program-that-nobody-has", "x", (char *) NULL) == -1);
  CHECK (errno == ENOENT || errno == EACCES); /* EACCES: PATH has a folder that we may not search */
  victim_mark ();
  return 12;
}

/* errno is nobody's business but the failing call's. */
static int
errno_kept (void)
{
  static char *nothing[] = { NULL };
  static char long_argument[1 << 18], *too_long[] = { long_argument, NULL };
  pid_t child;

#define SHOW(call) \
  errno = 1234; \
  CHECK (call); \
  printf ("%s: errno %d\n", #call, errno)

  memset (long_argument, 'x', sizeof long_argument - 1);
  SHOW (posix_spawn (&child, own_path (), NULL, NULL, again, environ) == 0);
  CHECK (wait_for (child) == 21);
  SHOW (posix_spawn (&child, "/nonexistent/program", NULL, NULL, again, environ) == ENOENT);
  SHOW (posix_spawnp (&child, "a-program-that-nobody-has", NULL, NULL, again, environ) != 0);
  SHOW (execv ("/nonexistent/program", again) == -1);
  SHOW (execve ("/", again, environ) == -1);
  SHOW (execve (own_path (), too_long, nothing) == -1);
  SHOW (execvp ("a-program-that-nobody-has", again) == -1);
  SHOW (execle ("/nonexistent/program", "x", (char *) NULL, environ) == -1);
  SHOW (fexecve (0, again, environ) == -1);
  SHOW (execveat (-1, "program", again, environ, 0) == -1);
  SHOW (execveat (-1, "", again, environ, AT_EMPTY_PATH) == -1);
#undef SHOW
  return 0;
}

/* --- ends ------------------------------------------------------------------------------------ */

static int
end_by_exit_now (void)
{
  victim_mark ();
  _exit (13);
}

static int
end_by_quick_exit (void)
{
  victim_mark ();
  quick_exit (16);
}

static int
end_by_abort (void)
{
  victim_mark ();
  abort ();
}

static volatile int *volatile nowhere = NULL;

static int
end_by_fault (void)
{
  victim_mark ();
  victim_churn (5000);
  *nowhere = 1;
  return 0;
}

static int
end_by_kill (void)
{
  victim_mark ();
  raise (SIGKILL);
  return 0;
}

static int
end_by_terminate (void)
{
  victim_mark ();
  raise (SIGTERM);
  return 0;
}

static void *exit_block;

static void
at_exit (void)
{
  free (exit_block);
  free (victim_mark ());
  puts ("at exit");
}

static int
at_exit_handlers (void)
{
  exit_block = victim_mark ();
  CHECK (atexit (at_exit) == 0);
  exit (14);
}

static void *
exit_from_thread (void *data)
{
  victim_mark ();
  exit (15);
}

static int
end_in_thread (void)
{
  pthread_t thread;

  CHECK (pthread_create (&thread, NULL, exit_from_thread, NULL) == 0);
  for (;;)
    pause ();
}

static const VictimCase cases[] = {
  { "mark", mark },
  { "errno", errno_kept },
  { "child-allocates", child_allocates },
  { "child-exits", child_exits },
  { "fork-with-threads", fork_with_threads },
  { "daemon", daemonised },
  { "vfork-exec", vfork_exec },
  { "spawn", spawned },
  { "exec", exec_again },
  { "exec-list", exec_list },
  { "exec-without-environment", exec_without_environment },
  { "exec-fails", exec_fails },
  { "exit-now", end_by_exit_now },
  { "quick-exit", end_by_quick_exit },
  { "abort", end_by_abort },
  { "fault", end_by_fault },
  { "kill", end_by_kill },
  { "terminate", end_by_terminate },
  { "at-exit", at_exit_handlers },
  { "exit-in-thread", end_in_thread },
};

VICTIM_MAIN (cases)
