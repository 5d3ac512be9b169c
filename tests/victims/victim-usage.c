/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A known amount of what threads use besides memory, for what they say of it at their end.
 *
 *   thread 1   "file-user"      1 000 000 bytes in 250 writes and as much in 1 000 reads; 300 ms
 *   thread 2   "sleeper"        sleeps 40 times
 *   thread 3   "toucher"        touches 512 new pages
 *   thread 4   "short"          nothing at all
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "victim.h"

static void
rest (long ms)
{
  struct timespec pause = { .tv_sec = 0, .tv_nsec = ms * 1000000 };

  nanosleep (&pause, NULL);
}

static void *
use_file (void *data)
{
  static char bytes[4000];
  int fd = open (".", O_TMPFILE | O_RDWR, 0600);

  prctl (PR_SET_NAME, "file-user");
  if (fd < 0)
    fd = open ("victim-usage.tmp", O_CREAT | O_RDWR | O_TRUNC, 0600);
  CHECK (fd >= 0);
  victim_churn (300000); /* events of its own go into files meanwhile */
  for (unsigned i = 0; i < 250; i++)
    CHECK (write (fd, bytes, 4000) == 4000);
  CHECK (lseek (fd, 0, SEEK_SET) == 0);
  for (unsigned i = 0; i < 1000; i++)
    CHECK (read (fd, bytes, 1000) == 1000);
  close (fd);
  rest (300);
  return data;
}

static void *
sleep_often (void *data)
{
  prctl (PR_SET_NAME, "sleeper");
  for (unsigned i = 0; i < 40; i++)
    rest (4);
  return data;
}

static void *
touch_pages (void *data)
{
  const size_t n_bytes = 512 * 4096;
  volatile char *pages =
      mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  prctl (PR_SET_NAME, "toucher");
  CHECK (pages != MAP_FAILED);
  madvise ((void *) (uintptr_t) pages, n_bytes, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < n_bytes; i += 4096)
    pages[i] = 1;
  munmap ((void *) (uintptr_t) pages, n_bytes);
  return data;
}

static void *
do_nothing (void *data)
{
  prctl (PR_SET_NAME, "short");
  return data;
}

static int
run_usage (void)
{
  void *(*const routines[]) (void *) = { use_file, sleep_often, touch_pages, do_nothing };

  for (unsigned i = 0; i < 4; i++)
    {
      pthread_t thread;

      CHECK (pthread_create (&thread, NULL, routines[i], NULL) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
    }
  free (victim_mark ());
  return 0;
}

static const VictimCase cases[] = {
  { "usage", run_usage },
};

VICTIM_MAIN (cases)
