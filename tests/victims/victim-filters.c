/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs that forbid themselves system calls, or the time: a call of the recorder would be their end. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "victim.h"

#define PLENTY 60000 /* pairs of events: some twenty full windows */

/* A sandbox that leaves read, write and exit: an open would be the end. */
static int
strict_seccomp (void)
{
  free (victim_mark ());
  if (prctl (PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
    return 77;
  for (volatile int i = 0; i < PLENTY; i++)
    free (malloc (100));
  syscall (SYS_exit, 0);
  return VICTIM_FAILED;
}

/* A sandbox that allows all but one call, which is answered with @action. */
static int
filter (int number, unsigned action, int by_prctl, unsigned flags)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, action),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = sizeof code / sizeof code[0], .filter = code };

  /* What libseccomp asks first must change nothing. */
  CHECK (syscall (SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL) < 0);
  CHECK (syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno == EFAULT);
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return -1;
  return by_prctl ? prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)
                  : (int) syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void *use_memory (void *data);

static int
after_filter (int result)
{
  pthread_t thread;
  pid_t child;
  int status;

  if (result < 0)
    return 77;
  for (volatile int i = 0; i < PLENTY; i++)
    free (malloc (100));
  CHECK (pthread_create (&thread, NULL, use_memory, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  if ((child = fork ()) == 0)
    {
      use_memory (NULL);
      exit (5);
    }
  CHECK (child > 0 && waitpid (child, &status, 0) == child);
  CHECK (WIFEXITED (status) && WEXITSTATUS (status) == 5);
  return 4;
}

/* To open a file would be the end. */
static int
filter_by_prctl (void)
{
  free (victim_mark ());
  return after_filter (filter (SYS_openat, SECCOMP_RET_KILL_PROCESS, 1, 0));
}

static int
filter_by_syscall (void)
{
  free (victim_mark ());
  return after_filter (filter (SYS_openat, SECCOMP_RET_TRAP, 0, 0));
}

static volatile bool filter_is_set;

static void *
churn_past_filter (void *data)
{
  while (!filter_is_set)
    free (malloc (100));
  return use_memory (NULL);
}

/* What a recorder needs now and then, most of it for a forked child. */
static int
filter_rare_calls (void)
{
  static const int calls[] = { SYS_symlinkat, SYS_readlink,    SYS_uname,  SYS_getppid,
                               SYS_getcwd,    SYS_sched_yield, SYS_fchmod, SYS_pwrite64 };

  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        {
          free (malloc (100));
          _exit (after_filter (filter (calls[i], SECCOMP_RET_KILL_PROCESS, 1, 0)));
        }
      CHECK (child > 0 && waitpid (child, &status, 0) == child);
      CHECK (WIFEXITED (status));
      if (WEXITSTATUS (status) == 77)
        return 77;
      CHECK (WEXITSTATUS (status) == 4);
    }
  free (victim_mark ());
  return 0;
}

/* For the threads too that run already. */
static int
filter_threads (int number)
{
  pthread_t threads[3];
  int result;

  for (int i = 0; i < 3; i++)
    CHECK (pthread_create (&threads[i], NULL, churn_past_filter, NULL) == 0);
  usleep (20000);
  result = filter (number, SECCOMP_RET_KILL_PROCESS, 0, SECCOMP_FILTER_FLAG_TSYNC);
  filter_is_set = true;
  for (int i = 0; i < 3; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  return after_filter (result);
}

static int
filter_all_threads (void)
{
  free (victim_mark ());
  return filter_threads (SYS_getpid);
}

/* While they write what they have recorded, or are about to. */
static int
filter_busy_threads (void)
{
  for (int i = 0; i < 20; i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        _exit (filter_threads (SYS_write));
      CHECK (child > 0 && waitpid (child, &status, 0) == child);
      CHECK (WIFEXITED (status) && (WEXITSTATUS (status) == 4 || WEXITSTATUS (status) == 77));
    }
  free (victim_mark ());
  return 0;
}

/* Nothing that concerns the tracker: it goes on. */
static int
filter_spares (void)
{
  if (filter (SYS_ptrace, SECCOMP_RET_KILL_PROCESS, 0, 0) < 0)
    return 77;
  victim_churn (PLENTY);
  free (victim_mark ());
  return 0;
}

/* What the tracker can do without: it goes on, and so do threads, to their end. */
static int
filter_usage (void)
{
  pthread_t thread;

  if (filter (SYS_getrusage, SECCOMP_RET_KILL_PROCESS, 0, 0) < 0)
    return 77;
  CHECK (pthread_create (&thread, NULL, use_memory, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  free (victim_mark ());
  return 0;
}

/* Where the kernel's clocks are refused, processor time is unknown, and errno stays ours. */
static int
filter_clocks (void)
{
  pthread_t thread;

  if (filter (SYS_clock_gettime, SECCOMP_RET_ERRNO | EPERM, 0, 0) < 0)
    return 77;
  errno = ERANGE;
  free (malloc (100));
  CHECK (errno == ERANGE);
  CHECK (pthread_create (&thread, NULL, use_memory, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  free (victim_mark ());
  return 0;
}

/* To ask whether a descriptor is a socket would be the end. */
static int
filter_looks (void)
{
  char byte = 0;
  int fds[2];

  CHECK (pipe (fds) == 0);
  free (victim_mark ());
  if (filter (SYS_fstat, SECCOMP_RET_KILL_PROCESS, 1, 0) < 0)
    return 77;
  CHECK (write (fds[1], &byte, 1) == 1 && read (fds[0], &byte, 1) == 1);
  return 4;
}

static void *
use_memory (void *data)
{
  for (volatile int i = 0; i < PLENTY; i++)
    free (malloc (100));
  return NULL;
}

/* A program that must not see time pass, as under a record-and-replay debugger. */
static int
no_time_stamps (void)
{
  pthread_t thread;
  pid_t child;

  free (victim_mark ());
  if (prctl (PR_SET_TSC, PR_TSC_SIGSEGV) < 0)
    return 77;
  use_memory (NULL);
  CHECK (pthread_create (&thread, NULL, use_memory, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  if ((child = fork ()) == 0)
    {
      use_memory (NULL);
      exit (5);
    }
  CHECK (child > 0 && waitpid (child, NULL, 0) == child);
  return 4;
}

static const VictimCase cases[] = {
  { "strict-seccomp", strict_seccomp },
  { "filter-by-prctl", filter_by_prctl },
  { "filter-by-syscall", filter_by_syscall },
  { "filter-all-threads", filter_all_threads },
  { "filter-busy-threads", filter_busy_threads },
  { "filter-rare-calls", filter_rare_calls },
  { "filter-spares", filter_spares },
  { "filter-usage", filter_usage },
  { "filter-clocks", filter_clocks },
  { "filter-looks", filter_looks },
  { "no-time-stamps", no_time_stamps },
};

VICTIM_MAIN (cases)
