/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The program that test-record.c records.  The first argument says what it is to do:
 *
 *   exit N         exit with this status, after some allocations
 *   signal N       die by this signal
 *   state          print what a program inherits: signals, descriptors, session, environment
 *   wait           print "ready", then wait for a signal; SIGTERM: exit with status 42
 *   pause MS       wait for so long between two times of allocating, and exit with status 3
 *   leave MS       leave a child behind that lives for so long in a session of its own
 *   leave-late MS  the same, but the child allocates only at its end
 *   churn N        allocate and free N times, keep 100 blocks, and die of SIGKILL
 *   children N     run N children one after the other, each an exec of this program
 *   execveat DIR   become DIR/victim-child-static, by its name in that folder
 *   exec-too-long PROGRAM  try to become it with an argument that is too long, say why not, allocate
 *                  and exit with status 7
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void
allocate (void)
{
  void *blocks[100];

  for (int i = 0; i < 100; i++)
    blocks[i] = memset (malloc (1000), i, 1000);
  for (int i = 0; i < 100; i++)
    free (blocks[i]);
}

static void
print_state (void)
{
  sigset_t mask;
  DIR *dir = opendir ("/proc/self/fd");
  const struct dirent *entry;

  sigprocmask (SIG_BLOCK, NULL, &mask);
  for (int i = 1; i < 32; i++)
    {
      struct sigaction action;

      if (sigaction (i, NULL, &action) == 0)
        printf ("signal %d %s%s\n", i, action.sa_handler == SIG_IGN ? "ignored" : "standard",
                sigismember (&mask, i) ? " blocked" : "");
    }
  while (dir && (entry = readdir (dir)))
    if (*entry->d_name != '.' && atoi (entry->d_name) != dirfd (dir))
      printf ("descriptor %s\n", entry->d_name);
  printf ("group %d\nsession %d\n", getpgrp (), getsid (0));
  for (char **variable = environ; *variable; variable++)
    if (strncmp (*variable, "LD_PRELOAD=", 11) != 0 && strncmp (*variable, "MEMSCOPE_", 9) != 0)
      printf ("variable %s\n", *variable);
}

static void
exit_with_42 (int signal_number)
{
  _exit (42);
}

static void
wait_for_signal (void)
{
  signal (SIGTERM, exit_with_42);
  puts ("ready");
  fflush (stdout);
  for (;;)
    pause ();
}

static void
sleep_for (int ms)
{
  struct timespec duration = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

  nanosleep (&duration, NULL);
}

static void
leave_child (int ms, int early)
{
  if (fork () == 0)
    {
      setsid ();
      /* Whoever reads our output does not wait for this child. */
      for (int i = 0; i < 3; i++)
        close (i);
      if (early)
        allocate ();
      sleep_for (ms);
      allocate ();
      exit (5);
    }
}

static void
churn (int n)
{
  void *kept[100] = { NULL };

  for (int i = 0; i < n; i++)
    {
      free (kept[i % 100]);
      kept[i % 100] = memset (malloc ((size_t) (100 + i % 900)), i, 100);
    }
  raise (SIGKILL);
}

static void
run_children (const char *self, int n)
{
  for (int i = 0; i < n; i++)
    {
      pid_t child = fork ();

      if (child == 0)
        {
          execl (self, self, "exit", "0", NULL);
          _exit (127);
        }
      waitpid (child, NULL, 0);
    }
}

static int
pause_and_allocate (int ms)
{
  sleep_for (ms);
  allocate ();
  return 3;
}

static int
become_by_name (const char *folder)
{
  char *arguments[] = { (char *) "victim-child-static", NULL };
  int folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  execveat (folder_fd, arguments[0], arguments, environ, 0);
  return 1;
}

static int
fail_to_become (const char *path)
{
  char *argument = malloc (1000000);

  memset (argument, 'x', 999999);
  argument[999999] = '\0';
  execl (path, path, argument, (char *) NULL);
  puts (strerror (errno));
  allocate ();
  return 7;
}

int
main (int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "";
  int number = argc > 2 ? atoi (argv[2]) : 0;

  if (strcmp (what, "state") == 0)
    {
      print_state ();
      return 0;
    }
  allocate ();
  if (strcmp (what, "signal") == 0)
    raise (number);
  else if (strcmp (what, "wait") == 0)
    wait_for_signal ();
  else if (strcmp (what, "leave") == 0)
    leave_child (number, 1);
  else if (strcmp (what, "leave-late") == 0)
    leave_child (number, 0);
  else if (strcmp (what, "churn") == 0)
    churn (number);
  else if (strcmp (what, "children") == 0)
    run_children (argv[0], number);
  else if (strcmp (what, "pause") == 0)
    return pause_and_allocate (number);
  else if (strcmp (what, "execveat") == 0)
    return become_by_name (argv[2]);
  else if (strcmp (what, "exec-too-long") == 0)
    return fail_to_become (argv[2]);
  else if (strcmp (what, "exit") == 0)
    return number;
  return 0;
}
