/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads that know what they did, and print it: "NAME KEY NUMBER" a line, keys as in memscope report --json.
 *
 *   burner     30 % of a core for a second, and ends
 *   files      writes 8 MB in 4 000 calls, reads them again, and ends
 *   sender     10 MB over a TCP connection of its own to receiver; both end
 *   parked     burns and writes like these, and is asleep when the process ends: it says nothing at its end
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000L
#define CALLS 4000
#define CALL_BYTES 2000
#define SOCKET_BYTES 10000000L
#define PIECE_BYTES 50000

static const char *folder;
static int listener;
static volatile unsigned long sink;

static void
die (const char *what)
{
  perror (what);
  _exit (3);
}

static void
rest (long ns)
{
  struct timespec time = { ns / 1000000000L, ns % 1000000000L };

  while (nanosleep (&time, &time) != 0)
    ;
}

static long
cpu_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* At most 30 %: on a busy machine less, which is what is measured then. */
static void
burn (int rounds)
{
  for (int i = 0; i < rounds; i++)
    {
      long start = cpu_ns ();

      while (cpu_ns () - start < 3 * MS)
        sink++;
      rest (7 * MS);
    }
}

static void
tell (const char *name, const char *key, long number)
{
  char line[128];
  int n = snprintf (line, sizeof line, "%s %s %ld\n", name, key, number);

  if (write (STDOUT_FILENO, line, (size_t) n) != n)
    die ("write");
}

static void *
run_burner (void *data)
{
  (void) data;
  pthread_setname_np (pthread_self (), "burner");
  burn (100);
  tell ("burner", "cpu_ns", cpu_ns ());
  return NULL;
}

static void
write_file (const char *name, int calls)
{
  char path[4096], bytes[CALL_BYTES] = "";
  int fd;

  snprintf (path, sizeof path, "%s/%s", folder, name);
  fd = open (path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  for (int i = 0; i < calls; i++)
    if (write (fd, bytes, sizeof bytes) != CALL_BYTES)
      die (path);
  close (fd);
}

static void
read_file (const char *name, int calls)
{
  char path[4096], bytes[CALL_BYTES];
  int fd;

  snprintf (path, sizeof path, "%s/%s", folder, name);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  for (int i = 0; i < calls; i++)
    if (read (fd, bytes, sizeof bytes) != CALL_BYTES)
      die (path);
  close (fd);
}

/* It lives for two ticks at least: what the kernel counts is known of no shorter thread. */
static void *
run_files (void *data)
{
  (void) data;
  pthread_setname_np (pthread_self (), "files");
  write_file ("written", CALLS);
  read_file ("written", CALLS);
  rest (250 * MS);
  tell ("files", "io_write_bytes", (long) CALLS * CALL_BYTES);
  tell ("files", "io_read_bytes", (long) CALLS * CALL_BYTES);
  tell ("files", "io_operations", 2 * CALLS);
  return NULL;
}

static void *
run_receiver (void *data)
{
  static char bytes[PIECE_BYTES];
  int fd;
  ssize_t n;

  (void) data;
  pthread_setname_np (pthread_self (), "receiver");
  fd = accept (listener, NULL, NULL);
  if (fd < 0)
    die ("accept");
  for (long left = SOCKET_BYTES; left > 0; left -= n)
    if ((n = recv (fd, bytes, sizeof bytes, 0)) <= 0)
      die ("recv");
  rest (2500 * MS); /* connections are looked at once a second */
  tell ("receiver", "socket_received_bytes", SOCKET_BYTES);
  close (fd);
  return NULL;
}

static void *
run_sender (void *data)
{
  static char bytes[PIECE_BYTES];
  struct sockaddr_in address;
  socklen_t n_address = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  (void) data;
  pthread_setname_np (pthread_self (), "sender");
  if (getsockname (listener, (struct sockaddr *) &address, &n_address) != 0
      || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    die ("connect");
  for (long sent = 0; sent < SOCKET_BYTES; sent += PIECE_BYTES)
    if (send (fd, bytes, sizeof bytes, 0) != PIECE_BYTES)
      die ("send");
  rest (2500 * MS);
  tell ("sender", "socket_sent_bytes", SOCKET_BYTES);
  close (fd);
  return NULL;
}

static void *
run_parked (void *data)
{
  (void) data;
  pthread_setname_np (pthread_self (), "parked");
  burn (50);
  write_file ("parked", CALLS);
  tell ("parked", "cpu_ns", cpu_ns ());
  tell ("parked", "io_write_bytes", (long) CALLS * CALL_BYTES);
  for (;;)
    pause ();
  return NULL;
}

int
main (int argc, char **argv)
{
  static void *(*const runs[]) (void *) = { run_parked, run_burner, run_files, run_receiver,
                                            run_sender };
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  pthread_t threads[5];

  folder = argc > 1 ? argv[1] : ".";
  listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind (listener, (struct sockaddr *) &address, sizeof address) != 0
      || listen (listener, 1) != 0)
    die ("listen");
  for (int i = 0; i < 5; i++)
    if (pthread_create (&threads[i], NULL, runs[i], NULL) != 0)
      die ("pthread_create");
  for (int i = 1; i < 5; i++)
    pthread_join (threads[i], NULL);
  rest (500 * MS); /* so that the parked one is sampled in the state in which it ends */
  return 0;
}
