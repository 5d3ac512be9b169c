/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Address space in every way a program can ask for it: test-victim-mapping.c knows what must remain. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "victim.h"

#define PAGES(n) ((size_t) (n) * (size_t) sysconf (_SC_PAGESIZE))
#define ERRNO_KEPT 77

static char *
map_pages (size_t n)
{
  char *address;

  errno = ERRNO_KEPT;
  address = mmap (NULL, PAGES (n), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK (address != MAP_FAILED && errno == ERRNO_KEPT);
  address[0] = address[PAGES (n) - 1] = 1;
  return address;
}

static void
unmap_pages (char *address, size_t n)
{
  errno = ERRNO_KEPT;
  CHECK (munmap (address, PAGES (n)) == 0 && errno == ERRNO_KEPT);
}

/* --- one thread --------------------------------------------------------------------------------- */

/* Made before main, perhaps before the recorder was; unmapped in `calls'. */
static char *early;

__attribute__ ((constructor (101))) static void
map_early (void)
{
  early = map_pages (5);
}

/* Remain: 16 pages of the first; 110 of 128 reserved; 2 of files; 10 that were moved three times. */
static int
calls (void)
{
  char *first = map_pages (64), *reserved, *moved, *file;
  int fd = open ("/proc/self/exe", O_RDONLY);

  unmap_pages (early, 5);
  unmap_pages (first + PAGES (16), 16);

  reserved =
      mmap (NULL, PAGES (128), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK (reserved != MAP_FAILED);
  CHECK (mmap (reserved + PAGES (8), PAGES (4), PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
         == reserved + PAGES (8));
  reserved[PAGES (8)] = 1;
  unmap_pages (reserved + PAGES (6), 8); /* of both */

  CHECK (fd >= 0);
  file = mmap (NULL, 3000, PROT_READ, MAP_PRIVATE, fd, 0);
  CHECK (file != MAP_FAILED && memcmp (file, "\177ELF", 4) == 0);
  file = mmap64 (NULL, 10, PROT_READ, MAP_SHARED, fd, 0);
  CHECK (file != MAP_FAILED && memcmp (file, "\177ELF", 4) == 0);
  close (fd);

  first[PAGES (32)] = 42;
  moved = mremap (first + PAGES (32), PAGES (32), PAGES (100), MREMAP_MAYMOVE);
  CHECK (moved != MAP_FAILED && moved[0] == 42);
  CHECK (mremap (moved, PAGES (100), PAGES (10), 0) == moved);
  CHECK (
      mremap (moved, PAGES (10), PAGES (10), MREMAP_MAYMOVE | MREMAP_FIXED, reserved + PAGES (20))
      == reserved + PAGES (20));
  CHECK (reserved[PAGES (20)] == 42);
  printf ("first %d\n", first[0]);
  return 0;
}

/* None of these changes anything. */
static int
failing (void)
{
  char *page = map_pages (1);

  errno = 0;
  CHECK (munmap (page + 1, PAGES (1)) == -1 && errno == EINVAL);
  CHECK (munmap (page, 0) == -1 && errno == EINVAL);
  errno = 0;
  CHECK (mmap (NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
         && errno == EINVAL);
  CHECK (mmap (NULL, PAGES (1), PROT_READ, MAP_PRIVATE, 1000, 0) == MAP_FAILED && errno == EBADF);
  CHECK (mmap (NULL, SIZE_MAX / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
         && errno == ENOMEM);
  errno = 0;
  CHECK (mremap (page, PAGES (1), SIZE_MAX / 2, MREMAP_MAYMOVE) == MAP_FAILED && errno > 0);
  printf ("mremap of too much: %d\n", errno);
  CHECK (mremap (page + 1, PAGES (1), PAGES (2), MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL);
  errno = 0;
  CHECK (sbrk (INTPTR_MAX) == (void *) -1 && errno == ENOMEM);
  errno = 0;
  CHECK (brk ((void *) (UINTPTR_MAX / 2)) == -1 && errno == ENOMEM);
  unmap_pages (page, 1);
  unmap_pages (early, 5);
  return 0;
}

/* Remain: 4 000 + 300 bytes. */
static int
move_break (void)
{
  char *start = sbrk (0), *before;

  errno = ERRNO_KEPT;
  before = sbrk (5000);
  CHECK (before == start && errno == ERRNO_KEPT);
  memset (before, 1, 5000);
  CHECK (sbrk (-1000) == start + 5000);
  CHECK (brk (start + 4500) == 0 && sbrk (0) == start + 4500);
  CHECK (brk (start + 4300) == 0 && sbrk (0) == start + 4300);
  CHECK (errno == ERRNO_KEPT);
  unmap_pages (early, 5);
  return 0;
}

/* --- threads ------------------------------------------------------------------------------------ */

static void *
touch_stack (void *data)
{
  volatile char room[20000];

  memset ((char *) room, 1, sizeof room);
  return data;
}

/* Three one after the other, which may get one and the same; one at the end that is left running; and
 * one on a stack of the program's own. */
static int
stacks (void)
{
  static sem_t never;
  pthread_attr_t attributes;
  pthread_t thread;
  char *own = map_pages (64);

  CHECK (sem_init (&never, 0, 0) == 0);
  CHECK (pthread_attr_init (&attributes) == 0);
  CHECK (pthread_attr_setstacksize (&attributes, PAGES (64)) == 0);
  CHECK (pthread_attr_setguardsize (&attributes, PAGES (2)) == 0);
  for (int i = 0; i < 3; i++)
    {
      CHECK (pthread_create (&thread, &attributes, touch_stack, NULL) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
    }
  CHECK (pthread_attr_setstack (&attributes, own, PAGES (64)) == 0);
  CHECK (pthread_create (&thread, &attributes, touch_stack, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  unmap_pages (own, 64);
  unmap_pages (early, 5);
  return 0;
}

static sem_t begun;

static void *
wait_for_ever (void *data)
{
  sem_post (&begun);
  for (;;)
    pause ();
  return NULL;
}

/* A stack is mapped until its thread ends, here with the process. */
static int
running (void)
{
  pthread_t thread;

  CHECK (sem_init (&begun, 0, 0) == 0);
  CHECK (pthread_create (&thread, NULL, wait_for_ever, NULL) == 0);
  sem_wait (&begun);
  unmap_pages (early, 5);
  return 0;
}

static char *handed[3];

/* The creator's mappings end here; what this thread makes for itself is its own business. */
static void *
end_those_of_main (void *data)
{
  char *place = handed[1];

  unmap_pages (handed[0], 10);
  CHECK (mmap (place, PAGES (10), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
         == place);
  CHECK (mremap (handed[2], PAGES (10), PAGES (5000), MREMAP_MAYMOVE) != MAP_FAILED);
  for (int i = 0; i < 500; i++)
    unmap_pages (map_pages (3), 3);
  return NULL;
}

static int
handed_over (void)
{
  pthread_t thread;

  for (int i = 0; i < 3; i++)
    handed[i] = map_pages (10);
  CHECK (pthread_create (&thread, NULL, end_those_of_main, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  unmap_pages (early, 5);
  return 0;
}

#define N_RING 4
#define N_ROUNDS 3000

static sem_t full[N_RING], empty[N_RING];
static char *slots[N_RING];

/* Takes what the thread before mapped, and maps for the next one. */
static void *
pass_on (void *data)
{
  size_t me = (size_t) data, next = (me + 1) % N_RING;

  for (unsigned i = 0; i < N_ROUNDS; i++)
    {
      sem_wait (&empty[next]);
      slots[next] = map_pages (1 + i % 3);
      slots[next][1] = (char) (1 + i % 3);
      sem_post (&full[next]);
      sem_wait (&full[me]);
      unmap_pages (slots[me], (size_t) slots[me][1]);
      sem_post (&empty[me]);
    }
  return NULL;
}

/* Addresses go from thread to thread, and the kernel gives each again at once. */
static int
ring (void)
{
  pthread_t threads[N_RING];

  for (size_t i = 0; i < N_RING; i++)
    CHECK (sem_init (&full[i], 0, 0) == 0 && sem_init (&empty[i], 0, 1) == 0);
  for (size_t i = 0; i < N_RING; i++)
    CHECK (pthread_create (&threads[i], NULL, pass_on, (void *) i) == 0);
  for (size_t i = 0; i < N_RING; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  unmap_pages (early, 5);
  return 0;
}

/* --- processes and signals ---------------------------------------------------------------------- */

/* Parent: nothing remains.  Child: 6 pages of its own, and a half that it inherited is gone. */
static int
forked (void)
{
  char *inherited = map_pages (20);
  int status;
  pid_t pid = fork ();

  CHECK (pid >= 0);
  if (pid == 0)
    {
      unmap_pages (inherited, 10);
      map_pages (6);
      unmap_pages (map_pages (4), 4);
      exit (3);
    }
  CHECK (waitpid (pid, &status, 0) == pid && WIFEXITED (status) && WEXITSTATUS (status) == 3);
  unmap_pages (inherited, 20);
  unmap_pages (early, 5);

  pid = vfork ();
  if (pid == 0)
    {
      void *page = mmap (NULL, PAGES (2), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      _exit (page == MAP_FAILED || munmap (page, PAGES (2)) != 0);
    }
  CHECK (waitpid (pid, &status, 0) == pid && WIFEXITED (status) && WEXITSTATUS (status) == 0);
  return 0;
}

static volatile sig_atomic_t n_handled;

static void
map_in_handler (int number)
{
  int saved_errno = errno;
  void *page = mmap (NULL, PAGES (1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  CHECK (page != MAP_FAILED && munmap (page, PAGES (1)) == 0);
  n_handled++;
  errno = saved_errno;
}

static int
signals (void)
{
  struct sigaction action = { .sa_handler = map_in_handler, .sa_flags = SA_RESTART };
  struct itimerval often = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };

  CHECK (sigaction (SIGALRM, &action, NULL) == 0);
  CHECK (setitimer (ITIMER_REAL, &often, NULL) == 0);
  while (n_handled < 200)
    {
      unmap_pages (map_pages (2), 2);
      free (malloc (100));
    }
  CHECK (setitimer (ITIMER_REAL, &never, NULL) == 0);
  unmap_pages (early, 5);
  return 0;
}

static const VictimCase cases[] = {
  { "calls", calls },   { "failing", failing }, { "break", move_break },
  { "stacks", stacks }, { "running", running }, { "handed-over", handed_over },
  { "ring", ring },     { "forked", forked },   { "signals", signals },
};

VICTIM_MAIN (cases)
