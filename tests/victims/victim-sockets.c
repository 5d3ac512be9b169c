/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes over sockets, by every function there is, beside bytes that are none of theirs.  Each case prints a
 * line "THREAD RECEIVED SENT" for each of its threads: what the trace is to say, to the byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "victim.h"

#define PART 10000
#define N_ROUNDS 100 /* of ten parts: 10 MB */

extern ssize_t __read_chk (int, void *, size_t, size_t);
extern ssize_t __recv_chk (int, void *, size_t, size_t, int);
extern ssize_t __recvfrom_chk (int, void *, size_t, size_t, int, void *, socklen_t *);

static int pair[2];

static void
start (pthread_t *thread, void *(*routine) (void *), void *data)
{
  CHECK (pthread_create (thread, NULL, routine, data) == 0);
}

static int
open_file (void)
{
  int fd = open ("victim-sockets.tmp", O_CREAT | O_RDWR | O_TRUNC, 0600);

  CHECK (fd >= 0);
  return fd;
}

/* --- every function --------------------------------------------------------------------------- */

/* @data: time enough for a sample. */
static void
rest (const void *data)
{
  const struct timespec pause = { .tv_sec = 0, .tv_nsec = 600000000 };

  if (data)
    nanosleep (&pause, NULL);
}

static void *
send_all (void *data)
{
  static char part[PART];
  int file = open_file ();

  for (unsigned i = 0; i < N_ROUNDS; i++)
    {
      struct iovec halves[2] = { { part, PART / 2 }, { part + PART / 2, PART / 2 } };
      struct msghdr message = { .msg_iov = halves, .msg_iovlen = 2 };
      struct mmsghdr messages[2] = { { .msg_hdr = message }, { .msg_hdr = message } };

      CHECK (write (pair[0], part, PART) == PART);
      CHECK (write (file, part, PART) == PART); /* none of a socket */
      CHECK (writev (pair[0], halves, 2) == PART);
      CHECK (send (pair[0], part, PART, MSG_NOSIGNAL) == PART);
      CHECK (sendto (pair[0], part, PART, 0, NULL, 0) == PART);
      CHECK (sendmsg (pair[0], &message, 0) == PART);
      CHECK (sendmmsg (pair[0], messages, 2, 0) == 2);
      CHECK (write (pair[0], part, 3 * PART / 3) == PART);
      CHECK (send (pair[0], part, PART, 0) == PART);
      CHECK (send (pair[0], part, PART, 0) == PART);
    }
  close (file);
  rest (data);
  return data;
}

/* Takes a part by one function after the other, but that none takes more than is due. */
static void
receive_part (unsigned which)
{
  char part[PART];
  size_t n = 0;

  while (n < PART)
    {
      size_t left = PART - n;
      struct iovec one = { part + n, left };
      struct mmsghdr messages[1] = { { .msg_hdr = { .msg_iov = &one, .msg_iovlen = 1 } } };
      ssize_t got = -1;

      CHECK (recv (pair[1], part, 1, MSG_PEEK) == 1); /* comes again */
      switch (which)
        {
        case 0:
          got = read (pair[1], part + n, left);
          break;
        case 1:
          got = readv (pair[1], &one, 1);
          break;
        case 2:
          got = recv (pair[1], part + n, left, 0);
          break;
        case 3:
          got = recvfrom (pair[1], part + n, left, 0, NULL, NULL);
          break;
        case 4:
          got = recvmsg (pair[1], &messages[0].msg_hdr, 0);
          break;
        case 5:
          CHECK (recvmmsg (pair[1], messages, 1, 0, NULL) == 1);
          got = messages[0].msg_len;
          break;
        case 6:
          got = __read_chk (pair[1], part + n, left, left);
          break;
        case 7:
          got = __recv_chk (pair[1], part + n, left, left, 0);
          break;
        default:
          got = __recvfrom_chk (pair[1], part + n, left, left, 0, NULL, NULL);
          break;
        }
      CHECK (got > 0);
      n += (size_t) got;
    }
}

static void *
receive_all (void *data)
{
  for (unsigned i = 0; i < N_ROUNDS * 10; i++)
    receive_part (i % 9);
  rest (data);
  return data;
}

static int
move_bytes (void *slowly)
{
  pthread_t sender, receiver;

  CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  start (&sender, send_all, slowly);
  start (&receiver, receive_all, slowly);
  CHECK (pthread_join (sender, NULL) == 0 && pthread_join (receiver, NULL) == 0);
  printf ("0 0 0\n1 0 %d\n2 %d 0\n", N_ROUNDS * 10 * PART, N_ROUNDS * 10 * PART);
  return 0;
}

static int
run_bytes (void)
{
  return move_bytes (NULL);
}

static int
run_slow_bytes (void)
{
  return move_bytes (pair);
}

/* --- a number that means one thing and then another -------------------------------------------- */

static void
end_descriptor (int fd, unsigned how)
{
  int other;

  switch (how % 5)
    {
    case 0:
      CHECK (close (fd) == 0);
      break;
    case 1:
      CHECK (fclose (fdopen (fd, "r+")) == 0);
      break;
    case 2:
      CHECK (close_range ((unsigned) fd, (unsigned) fd, 0) == 0);
      break;
    case 3:
      CHECK ((other = open ("/dev/null", O_WRONLY)) >= 0);
      CHECK (dup2 (other, fd) == fd && write (fd, "nothing", 7) == 7);
      CHECK (close (other) == 0 && close (fd) == 0);
      break;
    default:
      CHECK ((other = open ("/dev/null", O_WRONLY)) >= 0);
      CHECK (dup3 (other, fd, O_CLOEXEC) == fd && write (fd, "nothing", 7) == 7);
      CHECK (close (other) == 0 && close (fd) == 0);
      break;
    }
}

static int
run_reuse (void)
{
  unsigned n_sent = 0, n_received = 0;
  int first = -1;

  for (unsigned i = 0; i < 3000; i++)
    {
      char bytes[100] = "";
      int fds[2];

      if (i % 2)
        {
          CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, fds) == 0);
          CHECK (write (fds[1], bytes, 100) == 100 && read (fds[0], bytes, 60) == 60);
          n_sent += 100;
          n_received += 60;
          CHECK (close (fds[1]) == 0);
        }
      else
        {
          fds[0] = open_file ();
          CHECK (write (fds[0], bytes, 100) == 100 && lseek (fds[0], 0, SEEK_SET) == 0);
          CHECK (read (fds[0], bytes, 60) == 60);
        }
      first = first < 0 ? fds[0] : first;
      CHECK (fds[0] == first); /* the same number each time: that is what is tried */
      end_descriptor (fds[0], i / 2);
    }
  printf ("0 %u %u\n", n_received, n_sent);
  return 0;
}

/* Threads whose descriptors get each other's numbers. */
static void *
open_and_close (void *data)
{
  char bytes[64] = "";

  for (unsigned i = 0; i < 2000; i++)
    {
      int fds[2], file;

      CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, fds) == 0);
      CHECK (write (fds[0], bytes, 64) == 64 && read (fds[1], bytes, 64) == 64);
      CHECK (close (fds[i % 2]) == 0 && close (fds[1 - i % 2]) == 0);
      CHECK ((file = open ("/dev/zero", O_RDWR)) >= 0);
      CHECK (write (file, bytes, 64) == 64 && read (file, bytes, 64) == 64);
      CHECK (close (file) == 0);
    }
  return data;
}

static int
run_races (void)
{
  pthread_t threads[6];

  for (unsigned i = 0; i < 6; i++)
    start (&threads[i], open_and_close, NULL);
  for (unsigned i = 0; i < 6; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  printf ("0 0 0\n");
  for (unsigned i = 0; i < 6; i++)
    printf ("%u %u %u\n", i + 1, 2000 * 64, 2000 * 64);
  return 0;
}

/* --- signals, fork, cancellation, errors ------------------------------------------------------- */

static volatile sig_atomic_t n_by_handler;

static void
send_from_handler (int signal)
{
  int saved_errno = errno;
  char bytes[10] = "";

  if (write (pair[0], bytes, 10) == 10)
    n_by_handler += 10;
  errno = saved_errno;
}

/* The handler comes between the counting's instructions, too, with luck: 20 000 chances. */
static int
run_signals (void)
{
  struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
  struct sigaction action = { .sa_handler = send_from_handler, .sa_flags = SA_RESTART };
  unsigned n_sent = 0, n_received = 0;
  char bytes[4096] = "";

  CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK (sigaction (SIGALRM, &action, NULL) == 0 && setitimer (ITIMER_REAL, &often, NULL) == 0);
  for (unsigned i = 0; i < 20000; i++)
    {
      CHECK (send (pair[0], bytes, 7, 0) == 7);
      n_sent += 7;
      if (i % 50 == 49)
        n_received += (unsigned) recv (pair[1], bytes, sizeof bytes, 0);
    }
  CHECK (setitimer (ITIMER_REAL, &never, NULL) == 0);
  printf ("0 %u %u\n", n_received, n_sent + (unsigned) n_by_handler);
  return 0;
}

static int
run_fork (void)
{
  char bytes[100] = "";

  CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  for (unsigned i = 0; i < 20; i++)
    {
      pid_t pid;

      CHECK (write (pair[0], bytes, 100) == 100);
      CHECK ((pid = fork ()) >= 0);
      if (pid == 0)
        _exit (write (pair[0], bytes, 50) == 50 ? 0 : 1);
      CHECK (waitpid (pid, NULL, 0) == pid);
      CHECK (read (pair[1], bytes, 70) == 70);
    }
  printf ("0 1400 2000\n");
  return 0;
}

static int n_cleaned;

static void
clean_up (void *data)
{
  n_cleaned++;
}

static void *
wait_for_ever (void *data)
{
  char byte;

  pthread_cleanup_push (clean_up, NULL);
  if (data)
    CHECK (recv (pair[1], &byte, 1, 0) == 1);
  else
    CHECK (read (pair[1], &byte, 1) == 1);
  pthread_cleanup_pop (0);
  return NULL;
}

static int
run_cancel (void)
{
  CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  for (uintptr_t i = 0; i < 2; i++)
    {
      pthread_t thread;
      void *result;

      start (&thread, wait_for_ever, (void *) i);
      usleep (20000);
      CHECK (pthread_cancel (thread) == 0 && pthread_join (thread, &result) == 0);
      CHECK (result == PTHREAD_CANCELED);
    }
  CHECK (n_cleaned == 2);
  printf ("0 0 0\n1 0 0\n2 0 0\n");
  return 0;
}

static int
run_errors (void)
{
  char bytes[10] = "";
  int fds[2];

  CHECK (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  errno = 0;
  CHECK (read (-1, bytes, 1) == -1 && errno == EBADF);
  CHECK (recv (pair[1], bytes, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
  errno = 77;
  CHECK (write (pair[0], bytes, 10) == 10 && errno == 77);
  CHECK (read (pair[1], bytes, 10) == 10 && errno == 77);
  CHECK (pipe (fds) == 0 && send (fds[1], bytes, 1, 0) == -1 && errno == ENOTSOCK);
  CHECK (write (fds[1], bytes, 10) == 10 && read (fds[0], bytes, 10) == 10);
  CHECK (signal (SIGPIPE, SIG_IGN) != SIG_ERR && close (pair[1]) == 0);
  CHECK (write (pair[0], bytes, 1) == -1 && errno == EPIPE);
  CHECK (recv (pair[0], bytes, 1, 0) == 0); /* its end */
  printf ("0 10 10\n");
  return 0;
}

static const VictimCase cases[] = {
  { "bytes", run_bytes },   { "slow-bytes", run_slow_bytes }, { "reuse", run_reuse },
  { "races", run_races },   { "signals", run_signals },       { "fork", run_fork },
  { "cancel", run_cancel }, { "errors", run_errors },
};

VICTIM_MAIN (cases)
