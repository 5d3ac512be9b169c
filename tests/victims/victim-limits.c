/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs that run out of something, or take it away from the tracker. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "victim.h"

#define CLOSING_ROUNDS 20000
#define PLENTY 60000 /* pairs of events: some twenty full windows */

static void
limit (int resource, rlim_t value)
{
  struct rlimit limits = { .rlim_cur = value, .rlim_max = RLIM_INFINITY };

  CHECK (getrlimit (resource, &limits) == 0);
  limits.rlim_cur = value;
  CHECK (setrlimit (resource, &limits) == 0);
}

/* SIGXFSZ would kill us: the tracker must not pass the limit that is ours. */
static int
file_size (void)
{
  limit (RLIMIT_FSIZE, 40000);
  victim_churn (PLENTY);
  free (victim_mark ());
  return 0;
}

static int
file_size_zero (void)
{
  limit (RLIMIT_FSIZE, 0);
  victim_churn (PLENTY);
  free (victim_mark ());
  return 0;
}

static void mark_at_end_of (int path, int depth, bool mark);

static __attribute__ ((noinline)) void
turn_left (int path, int depth, bool mark)
{
  mark_at_end_of (path, depth, mark);
  __asm__ volatile(""); /* no jump */
}

static __attribute__ ((noinline)) void
turn_right (int path, int depth, bool mark)
{
  mark_at_end_of (path, depth, mark);
  __asm__ volatile("nop");
}

/* 256 call stacks, by the bits of @path. */
static __attribute__ ((noinline)) void
mark_at_end_of (int path, int depth, bool mark)
{
  if (depth == 8)
    free (mark ? victim_mark () : malloc (10));
  else if (path & 1)
    turn_left (path >> 1, depth + 1, mark);
  else
    turn_right (path >> 1, depth + 1, mark);
  __asm__ volatile("");
}

/* While nothing can be written, call stacks are met that matter later, when it can. */
static int
file_size_raised (void)
{
  for (int round = 0; round < 3; round++)
    {
      limit (RLIMIT_FSIZE, round < 2 ? 0 : RLIM_INFINITY);
      victim_churn (PLENTY);
      for (int path = 0; path < 256; path++)
        mark_at_end_of (path, 0, round > 0); /* from here, so that the stacks are the same */
    }
  return 0;
}

static void *
churn_in_thread (void *data)
{
  victim_churn (PLENTY / 10);
  free (victim_mark ());
  return NULL;
}

static void
churn_in_new_thread (void)
{
  pthread_t thread;

  CHECK (pthread_create (&thread, NULL, churn_in_thread, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
}

static int
no_descriptors (void)
{
  int first = open ("/dev/null", O_RDONLY), last = first;

  limit (RLIMIT_NOFILE, 64);
  for (int fd = first; fd >= 0; fd = open ("/dev/null", O_RDONLY))
    last = fd;
  CHECK (errno == EMFILE && last == 63);
  victim_churn (PLENTY);
  churn_in_new_thread ();
  close (last);
  CHECK (open ("/dev/null", O_RDONLY) == last); /* our table is as we left it */
  close (last);
  victim_churn (PLENTY);
  return 0;
}

/* All the memory that there is, then back to work. */
static int
address_space (void)
{
  void *blocks[4096];
  size_t n = 0;

  limit (RLIMIT_AS, (rlim_t) 256 << 20);
  while (n < 4096 && (blocks[n] = malloc (100000)))
    n++;
  CHECK (n > 100 && n < 4096 && errno == ENOMEM);
  victim_churn (PLENTY);
  while (n > 0)
    free (blocks[--n]);
  limit (RLIMIT_AS, RLIM_INFINITY);
  churn_in_new_thread ();
  free (victim_mark ());
  return 0;
}

/* --- descriptors ----------------------------------------------------------------------------- */

/* Opens files of its own, lets the tracker write meanwhile, and reads them back. */
static void
use_own_files (void)
{
  enum { FILES = 20 };
  char path[FILES][64];
  FILE *files[FILES];
  char text[64], expected[64];

  for (int i = 0; i < FILES; i++)
    {
      snprintf (path[i], sizeof path[i], "own-%d-%d", (int) getpid (), i);
      files[i] = fopen (path[i], "w+");
      CHECK (files[i]);
      victim_churn (PLENTY / FILES);
      CHECK (fprintf (files[i], "file %d\n", i) > 0);
    }
  victim_churn (PLENTY);
  for (int i = 0; i < FILES; i++)
    {
      struct stat status;

      CHECK (fflush (files[i]) == 0 && fstat (fileno (files[i]), &status) == 0);
      snprintf (expected, sizeof expected, "file %d\n", i);
      CHECK ((size_t) status.st_size == strlen (expected));
      rewind (files[i]);
      CHECK (fgets (text, sizeof text, files[i]) && strcmp (text, expected) == 0);
      fclose (files[i]);
      unlink (path[i]);
    }
}

static int
close_from (void)
{
  closefrom (3);
  use_own_files ();
  free (victim_mark ());
  return 0;
}

static int
close_all (void)
{
  victim_churn (PLENTY);
  CHECK (close_range (0, ~0U, 0) == 0);
  use_own_files (); /* among them descriptors 0, 1 and 2 */
  free (victim_mark ());
  return 0;
}

static void *
churn_meanwhile (void *stopped)
{
  while (!*(volatile bool *) stopped)
    victim_churn (2000);
  return NULL;
}

/* One thread closes what it does not know and opens files of its own while others allocate: they write no
 * byte into these files, and no descriptor of the program's is closed under it. */
static int
close_beside_others (void)
{
  static volatile bool stopped;
  pthread_t threads[3];

  for (int i = 0; i < 3; i++)
    CHECK (pthread_create (&threads[i], NULL, churn_meanwhile, (void *) &stopped) == 0);
  for (int round = 0; round < CLOSING_ROUNDS; round++)
    {
      char name[64], text[64] = "";
      int fd, copy;

      snprintf (name, sizeof name, "beside-%d", (int) getpid ());
      if (round % 4 == 3)
        for (int i = 3; i < 16; i++)
          close (i);
      else if (round % 2)
        closefrom (3);
      else
        CHECK (close_range (3, ~0U, 0) == 0);
      fd = open (name, O_RDWR | O_CREAT | O_TRUNC, 0600);
      CHECK (fd >= 0);
      CHECK (write (fd, "mine", 4) == 4);
      copy = dup2 (fd, 9);
      CHECK (copy == 9);
      for (volatile int i = 0; i < 2000; i++)
        ;
      CHECK (write (copy, " too", 4) == 4);
      CHECK (pread (fd, text, sizeof text, 0) == 8 && memcmp (text, "mine too", 8) == 0);
      CHECK (unlink (name) == 0);
    }
  stopped = true;
  for (int i = 0; i < 3; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  free (victim_mark ());
  return 0;
}

/* A daemon that uses all descriptors below 1 024 and must not be given a higher one. */
static int
select_host (void)
{
  int ends[2], fd;
  fd_set set;

  CHECK (pipe (ends) == 0);
  FD_ZERO (&set);
  limit (RLIMIT_NOFILE, 1024);
  for (int n = 0; (fd = dup (ends[0])) >= 0; n++)
    {
      CHECK (fd < 1024);
      FD_SET (fd, &set);
      if (n % 100 == 0)
        victim_churn (PLENTY / 10);
      if (n < 3)
        printf ("descriptor %d\n", fd);
    }
  close (1023);
  FD_CLR (1023, &set);
  CHECK (write (ends[1], "x", 1) == 1);
  CHECK (select (1023, &set, NULL, NULL, NULL) > 900);
  victim_churn (PLENTY);
  CHECK (open ("/dev/null", O_RDONLY) == 1023);
  close (1023);
  free (victim_mark ());
  return 0;
}

/* --- the way to the output ------------------------------------------------------------------- */

/* Root only: elsewhere the case is told apart by its exit status. */
static int
change_root (void)
{
  victim_churn (PLENTY);
  if (mkdir ("empty-root", 0700) < 0 || chroot ("empty-root") < 0 || chdir ("/") < 0)
    return 77;
  victim_churn (PLENTY);
  churn_in_new_thread ();
  if (fork () == 0)
    {
      victim_churn (PLENTY);
      _exit (0);
    }
  CHECK (wait (NULL) > 0);
  return 0;
}

static int
mount_namespace (void)
{
  victim_churn (PLENTY);
  if (unshare (CLONE_NEWNS) < 0)
    return 77;
  victim_churn (PLENTY);
  free (victim_mark ());
  return 0;
}

/* A server that gives up its rights after it has started. */
static int
other_user (void)
{
  victim_churn (PLENTY);
  if (geteuid () != 0 || setgid (65534) < 0 || setuid (65534) < 0)
    return 77;
  victim_churn (PLENTY);
  churn_in_new_thread ();
  return 0;
}

static int
odd_umask (void)
{
  umask (0777);
  victim_churn (PLENTY);
  churn_in_new_thread ();
  return 0;
}

static int
output_removed (void)
{
  const char *output = getenv ("MEMSCOPE_OUTPUT");
  char command[5000];

  victim_churn (PLENTY);
  snprintf (command, sizeof command, "rm -rf '%s'/*", output ? output : "/nonexistent");
  CHECK (system (command) == 0);
  victim_churn (PLENTY);
  churn_in_new_thread ();
  return 0;
}

/* All but the pool and the control page, which are mapped: see docs/ARCHITECTURE.md. */
static int
output_truncated (void)
{
  const char *output = getenv ("MEMSCOPE_OUTPUT");
  char command[5000];

  victim_churn (PLENTY);
  snprintf (command, sizeof command,
            "for f in '%s'/*/*; do case $f in *pool.bin | *control.bin | */\\*) ;; *) : >\"$f\" ;; "
            "esac; done",
            output ? output : "/nonexistent");
  CHECK (system (command) == 0);
  victim_churn (PLENTY);
  churn_in_new_thread ();
  free (victim_mark ());
  return 0;
}

static int
working_directory (void)
{
  CHECK (chdir ("/") == 0);
  victim_churn (PLENTY);
  free (victim_mark ());
  return 0;
}

static int
plain (void)
{
  victim_churn (PLENTY);
  free (victim_mark ());
  churn_in_new_thread ();
  puts ("plain");
  return 6;
}

static const VictimCase cases[] = {
  { "file-size", file_size },
  { "file-size-zero", file_size_zero },
  { "file-size-raised", file_size_raised },
  { "no-descriptors", no_descriptors },
  { "address-space", address_space },
  { "closefrom", close_from },
  { "close-all", close_all },
  { "close-beside-others", close_beside_others },
  { "select", select_host },
  { "chroot", change_root },
  { "mount-namespace", mount_namespace },
  { "other-user", other_user },
  { "umask", odd_umask },
  { "output-removed", output_removed },
  { "output-truncated", output_truncated },
  { "chdir", working_directory },
  { "plain", plain },
};

VICTIM_MAIN (cases)
