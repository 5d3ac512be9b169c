/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ping-pong tcp|file ROUNDS: what counting bytes on sockets costs where it is felt most.
 *
 *   tcp    two threads pass 64 bytes to and fro over the loopback interface, by write and read
 *   file   one thread writes and reads a byte of /dev/null and /dev/zero, the cheapest calls there are:
 *          nothing is counted there, but that it is no socket must be known
 *
 * A step is a round.  Prints what measured-part.h says; no allocation is timed.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measured-part.h"

#define MESSAGE_BYTES 64

static long n_rounds;
static int ends[2];

static void
give_up (const char *what)
{
  perror (what);
  exit (1);
}

static void
connect_ends (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t n_address = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM, 0);

  ends[0] = socket (AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || ends[0] < 0 || bind (listener, (struct sockaddr *) &address, n_address) != 0
      || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *) &address, &n_address) != 0
      || connect (ends[0], (struct sockaddr *) &address, n_address) != 0
      || (ends[1] = accept (listener, NULL, NULL)) < 0)
    give_up ("ping-pong: loopback");
  close (listener);
}

static void
read_message (int fd, char *message)
{
  for (size_t n = 0; n < MESSAGE_BYTES;)
    {
      ssize_t got = read (fd, message + n, MESSAGE_BYTES - n);

      if (got <= 0)
        give_up ("ping-pong: read");
      n += (size_t) got;
    }
}

static void
write_message (int fd, const char *message)
{
  if (write (fd, message, MESSAGE_BYTES) != MESSAGE_BYTES)
    give_up ("ping-pong: write");
}

static void *
answer (void *data)
{
  char message[MESSAGE_BYTES];

  for (long i = 0; i < n_rounds; i++)
    {
      read_message (ends[1], message);
      write_message (ends[1], message);
    }
  return data;
}

static void
ask (void)
{
  char message[MESSAGE_BYTES] = "";

  for (long i = 0; i < n_rounds; i++)
    {
      write_message (ends[0], message);
      read_message (ends[0], message);
    }
}

static void
use_files (void)
{
  int in = open ("/dev/zero", O_RDONLY), out = open ("/dev/null", O_WRONLY);
  char byte = 0;

  if (in < 0 || out < 0)
    give_up ("ping-pong: /dev");
  for (long i = 0; i < n_rounds; i++)
    if (read (in, &byte, 1) != 1 || write (out, &byte, 1) != 1)
      give_up ("ping-pong: /dev");
}

int
main (int argc, char **argv)
{
  int is_tcp = argc > 1 && strcmp (argv[1], "tcp") == 0;
  pthread_t thread;
  MeasuredPart part;

  n_rounds = argc > 2 ? atol (argv[2]) : 0;
  if (n_rounds < 1)
    {
      fprintf (stderr, "Usage: ping-pong tcp|file ROUNDS\n");
      return 2;
    }
  free (malloc (64)); /* the recorder begins outside the measured part */
  if (is_tcp)
    connect_ends ();
  measured_part_begin (&part, CLOCK_PROCESS_CPUTIME_ID);
  if (is_tcp)
    {
      if (pthread_create (&thread, NULL, answer, NULL) != 0)
        give_up ("ping-pong: thread");
      ask ();
      pthread_join (thread, NULL);
    }
  else
    use_files ();
  measured_part_end (&part, CLOCK_PROCESS_CPUTIME_ID);
  measured_part_print (&part, &(WorkDone) {
                                  .steps = (uint64_t) n_rounds,
                                  .threads = is_tcp ? 2 : 1,
                                  .born_threads = (uint64_t) is_tcp,
                              });
  return 0;
}
