/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The collectors against work of a known size, within 3 %: a thread that burns 30 % of a core by its own
 * clock, one that reads and writes, one that moves 10 MB through a socket, a child that touches 50 MB.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trk-process-figures.h"
#include "trk-rate.h"
#include "trk-sockets.h"
#include "trk-threads.h"

#define PERCENT 3.0

static gint64
clock_ns (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

static void
assert_near (double seen, double truth, double percent)
{
  g_test_message ("seen %.0f, truth %.0f: %+.3f %%", seen, truth, 100 * (seen - truth) / truth);
  g_assert_cmpfloat_with_epsilon (seen, truth, truth * percent / 100);
}

/* A worker says its tid, works between two meetings with the test and stays until a third. */
typedef struct {
  void (*work) (gpointer data);
  gpointer data;
  pthread_barrier_t barrier;
  pthread_t thread;
  pid_t tid;
  gint64 cpu_ns; /* of the work, by the thread's own clock */
} Worker;

static void *
run_worker (void *data)
{
  Worker *self = data;
  gint64 before_ns;

  self->tid = (pid_t) syscall (SYS_gettid);
  pthread_barrier_wait (&self->barrier);
  pthread_barrier_wait (&self->barrier);
  before_ns = clock_ns (CLOCK_THREAD_CPUTIME_ID);
  self->work (self->data);
  self->cpu_ns = clock_ns (CLOCK_THREAD_CPUTIME_ID) - before_ns;
  pthread_barrier_wait (&self->barrier);
  pthread_barrier_wait (&self->barrier);
  return NULL;
}

static void
worker_begin (Worker *self, void (*work) (gpointer data), gpointer data)
{
  self->work = work;
  self->data = data;
  pthread_barrier_init (&self->barrier, NULL, 2);
  g_assert_cmpint (pthread_create (&self->thread, NULL, run_worker, self), ==, 0);
  pthread_barrier_wait (&self->barrier);
}

static void
worker_end (Worker *self)
{
  pthread_barrier_wait (&self->barrier);
  pthread_join (self->thread, NULL);
  pthread_barrier_destroy (&self->barrier);
}

static const TrkThreadFigures *
read_thread (TrkThreads *threads, pid_t tid)
{
  guint32 n;
  const TrkThreadFigures *figures;

  g_assert_cmpint (trk_threads_read (threads), ==, TRK_REASON_NONE);
  figures = trk_threads_get (threads, &n);
  for (guint32 i = 0; i < n; i++)
    if (figures[i].tid == tid)
      return &figures[i];
  return NULL;
}

static TrkReader *
new_reader (void)
{
  TrkReader *reader = g_new0 (TrkReader, 1);

  g_assert_cmpint (trk_reader_init (reader, NULL), ==, TRK_REASON_NONE);
  return reader;
}

static void
free_reader (TrkReader *reader)
{
  trk_reader_clear (reader);
  g_free (reader);
}

static volatile gint burner_is_done;

/* 30 ms of every 100, as long as the machine gives them. */
static void
burn (gpointer data)
{
  for (guint i = 0; i < 12; i++)
    {
      gint64 until_ns = clock_ns (CLOCK_THREAD_CPUTIME_ID) + 30000000;

      while (clock_ns (CLOCK_THREAD_CPUTIME_ID) < until_ns)
        ;
      g_usleep (70000);
    }
  g_atomic_int_set (&burner_is_done, 1);
}

static void
test_processor (void)
{
  TrkReader *reader = new_reader ();
  TrkThreads *threads = trk_threads_new (reader, getpid (), trk_threads_default_limits ());
  TrkProcessCollector process;
  TrkProcessFigures process_before, process_after;
  const TrkThreadFigures *figures;
  Worker worker;
  TrkRate rate = { 0 };
  guint64 first_ns, first_wait_ns;
  gint64 first_time_ns, last_time_ns;
  double per_second = 0, sum_ns = 0;
  guint n_rates = 0;

  if (access ("/proc/self/schedstat", R_OK) != 0)
    {
      g_test_skip ("no schedstat");
      return;
    }
  trk_process_collector_init (&process, reader, getpid (), 0);
  worker_begin (&worker, burn, NULL);
  g_usleep (20000); /* until it sleeps at the barrier */
  figures = read_thread (threads, worker.tid);
  g_assert_true (figures->is_new);
  g_assert_false (figures->cpu_is_coarse);
  first_ns = figures->cpu_ns;
  first_wait_ns = figures->run_queue_wait_ns;
  first_time_ns = last_time_ns = figures->time_ns;
  trk_rate_advance (&rate, figures->time_ns, figures->reason, figures->cpu_ns, &per_second);
  trk_process_collector_read (&process, &process_before);
  g_assert_false (process_before.cpu_is_coarse);

  pthread_barrier_wait (&worker.barrier);
  while (!g_atomic_int_get (&burner_is_done))
    {
      g_usleep (100000);
      figures = read_thread (threads, worker.tid);
      g_assert_cmpint (figures->reason, ==, TRK_REASON_NONE);
      g_assert_false (figures->is_new);
      g_assert_cmpint (trk_rate_advance (&rate, figures->time_ns, figures->reason, figures->cpu_ns,
                                         &per_second),
                       ==, TRK_REASON_NONE);
      sum_ns += per_second * (double) (figures->time_ns - last_time_ns) / 1e9;
      last_time_ns = figures->time_ns;
      n_rates++;
    }
  pthread_barrier_wait (&worker.barrier);
  g_usleep (20000);
  figures = read_thread (threads, worker.tid);
  trk_process_collector_read (&process, &process_after);
  assert_near ((double) (figures->cpu_ns - first_ns), (double) worker.cpu_ns, PERCENT);
  sum_ns += (double) figures->cpu_ns - (double) rate.value;
  assert_near (sum_ns, (double) worker.cpu_ns, PERCENT);
  g_assert_cmpuint (n_rates, >=, 8);
  g_assert_cmpuint (figures->run_queue_wait_ns, >=, first_wait_ns);
  g_test_message ("%.1f %% of a core", 100 * sum_ns / (double) (figures->time_ns - first_time_ns));
  /* The process: this thread too, which did little. */
  g_assert_cmpuint (process_after.cpu_ns - process_before.cpu_ns, >=,
                    (guint64) worker.cpu_ns * 97 / 100);

  worker_end (&worker);
  figures = read_thread (threads, worker.tid);
  g_assert_cmpint (figures->reason, ==, TRK_REASON_ENDED);
  g_assert_null (read_thread (threads, worker.tid));
  trk_process_collector_clear (&process);
  trk_threads_free (threads);
  free_reader (reader);
}

#define N_BLOCKS 300
#define BLOCK_BYTES 20000

static void
read_and_write (gpointer data)
{
  g_autofree char *block = g_malloc0 (BLOCK_BYTES);
  int fd = *(int *) data;

  for (guint i = 0; i < N_BLOCKS; i++)
    g_assert_cmpint (write (fd, block, BLOCK_BYTES), ==, BLOCK_BYTES);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  for (guint i = 0; i < N_BLOCKS / 2; i++)
    g_assert_cmpint (read (fd, block, BLOCK_BYTES), ==, BLOCK_BYTES);
}

static void
test_io (void)
{
  TrkReader *reader = new_reader ();
  TrkThreads *threads = trk_threads_new (reader, getpid (), trk_threads_default_limits ());
  const TrkThreadFigures *figures;
  g_autofree char *path = NULL;
  TrkTaskIo before;
  Worker worker;
  int fd = g_file_open_tmp ("memscope-io-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  worker_begin (&worker, read_and_write, &fd);
  figures = read_thread (threads, worker.tid);
  if (figures->io_reason != TRK_REASON_NONE)
    g_test_skip (trk_reason_explain (figures->io_reason));
  before = figures->io;
  pthread_barrier_wait (&worker.barrier);
  pthread_barrier_wait (&worker.barrier);
  figures = read_thread (threads, worker.tid);
  if (figures->io_reason == TRK_REASON_NONE)
    {
      assert_near ((double) (figures->io.written_bytes - before.written_bytes),
                   (double) N_BLOCKS * BLOCK_BYTES, PERCENT);
      assert_near ((double) (figures->io.read_bytes - before.read_bytes),
                   (double) N_BLOCKS / 2 * BLOCK_BYTES, PERCENT);
      assert_near ((double) (figures->io.write_calls - before.write_calls), N_BLOCKS, PERCENT);
      assert_near ((double) (figures->io.read_calls - before.read_calls), N_BLOCKS / 2, PERCENT);
    }
  worker_end (&worker);
  close (fd);
  g_remove (path);
  trk_threads_free (threads);
  free_reader (reader);
}

#define SOCKET_BYTES 10000000

static void
send_all (gpointer data)
{
  g_autofree char *block = g_malloc0 (100000);
  int fd = *(int *) data;

  for (gsize left = SOCKET_BYTES; left > 0;)
    {
      gssize n = send (fd, block, MIN (left, 100000), MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      left -= (gsize) n;
    }
}

static const TrkSocket *
find_socket (const TrkSockets *sockets, guint16 local_port, guint16 remote_port)
{
  for (guint32 i = 0; i < sockets->n_sockets; i++)
    if (sockets->sockets[i].local_port == local_port
        && sockets->sockets[i].remote_port == remote_port)
      return &sockets->sockets[i];
  return NULL;
}

static guint16
local_port (int fd)
{
  struct sockaddr_in address;
  socklen_t n = sizeof address;

  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &n), ==, 0);
  return ntohs (address.sin_port);
}

static void
test_sockets (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t n_address = sizeof address;
  TrkReader *reader = new_reader ();
  g_autofree TrkOpenFiles *descriptors = g_new0 (TrkOpenFiles, 1);
  g_autofree TrkSockets *sockets = g_new0 (TrkSockets, 1);
  g_autofree TrkSocketDiag *diag = g_new0 (TrkSocketDiag, 1);
  g_autofree char *block = g_malloc (100000);
  const TrkSocket *found;
  Worker worker;
  int listener = socket (AF_INET, SOCK_STREAM, 0), sender = socket (AF_INET, SOCK_STREAM, 0),
      receiver;
  gsize left = SOCKET_BYTES;

  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &n_address), ==, 0);
  g_assert_cmpint (connect (sender, (struct sockaddr *) &address, sizeof address), ==, 0);
  receiver = accept (listener, NULL, NULL);
  g_assert_cmpint (receiver, >=, 0);
  worker_begin (&worker, send_all, &sender);
  pthread_barrier_wait (&worker.barrier);
  while (left > 0)
    {
      gssize n = recv (receiver, block, MIN (left, 100000), 0);

      g_assert_cmpint (n, >, 0);
      left -= (gsize) n;
    }
  pthread_barrier_wait (&worker.barrier);
  worker_end (&worker);
  g_usleep (50000); /* the last acknowledgement */

  trk_open_files_read (reader, getpid (), descriptors);
  g_assert_cmpint (descriptors->reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (descriptors->n_sockets, >=, 3);
  trk_sockets_read (reader, diag, getpid (), descriptors, sockets);
  if (sockets->reason != TRK_REASON_NONE)
    g_test_skip (trk_reason_explain (sockets->reason));
  else
    {
      found = find_socket (sockets, local_port (sender), local_port (receiver));
      g_assert_nonnull (found);
      assert_near ((double) found->sent_bytes, SOCKET_BYTES, PERCENT);
      g_assert_cmpint (found->state, ==, 1);
      g_assert_cmpuint (found->round_trip_ns, !=, TRK_UNKNOWN);
      g_assert_cmpuint (found->round_trip_ns, <, 1000000000);
      g_assert_cmpuint (found->retransmits, !=, TRK_UNKNOWN);
      g_assert_cmpmem (found->remote_address, 4, &address.sin_addr, 4);
      found = find_socket (sockets, local_port (receiver), local_port (sender));
      g_assert_nonnull (found);
      assert_near ((double) found->received_bytes, SOCKET_BYTES, PERCENT);
    }
  close (listener);
  close (sender);
  close (receiver);
  trk_socket_diag_close (diag);
  free_reader (reader);
}

#define CHILD_BYTES 50000000

/* Writes a byte when it is there, another when its memory is, and waits to be killed. */
static void
touch_memory (int ready_fd, int go_fd)
{
  char byte, *memory;

  if (write (ready_fd, "x", 1) != 1 || read (go_fd, &byte, 1) != 1)
    _exit (1);
  memory = mmap (NULL, CHILD_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    _exit (1);
  for (gsize i = 0; i < CHILD_BYTES; i += 4096)
    memory[i] = 1;
  if (write (ready_fd, "x", 1) != 1)
    _exit (1);
  pause ();
  _exit (0);
}

static void
test_memory (void)
{
  TrkReader *reader = new_reader ();
  TrkProcessCollector process;
  TrkProcessFigures before, after;
  int ready[2], go[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (go), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    touch_memory (ready[1], go[0]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  trk_process_collector_init (&process, reader, child, 0);
  trk_process_collector_read (&process, &before);
  g_assert_cmpint (before.reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (before.rollup_reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (write (go[1], "x", 1), ==, 1);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  process.rollup_due_ns = 0;
  trk_process_collector_read (&process, &after);
  g_assert_cmpint (after.memory_reason, ==, TRK_REASON_NONE);
  assert_near ((double) (after.resident_bytes - before.resident_bytes), CHILD_BYTES, PERCENT);
  assert_near ((double) (after.anon_bytes - before.anon_bytes), CHILD_BYTES, PERCENT);
  assert_near ((double) (after.rollup_resident_bytes - before.rollup_resident_bytes), CHILD_BYTES,
               PERCENT);
  /* A page fault each, or one for each huge page. */
  g_assert_cmpuint (after.stat.minor_faults, >, before.stat.minor_faults);
  g_assert_cmpuint (after.stat.n_threads, ==, 1);

  kill (child, SIGKILL);
  g_usleep (50000);
  trk_process_collector_read (&process, &after); /* a zombie */
  g_assert_cmpint (after.reason, ==, TRK_REASON_ENDED);
  waitpid (child, NULL, 0);
  trk_process_collector_read (&process, &after);
  g_assert_cmpint (after.reason, ==, TRK_REASON_ENDED);
  for (guint i = 0; i < 2; i++)
    {
      close (ready[i]);
      close (go[i]);
    }
  trk_process_collector_clear (&process);
  free_reader (reader);
}

static void
do_nothing (gpointer data)
{
}

static void *
end_at_once (void *data)
{
  return NULL;
}

/* Threads that come and go while others are read: none is seen twice, none of those that stay is lost. */
static void
test_coming_and_going (gconstpointer data)
{
  TrkThreadsLimits limits = { 64, GPOINTER_TO_UINT (data), 50000000 };
  TrkReader *reader = new_reader ();
  TrkThreads *threads = trk_threads_new (reader, getpid (), limits);
  Worker workers[4];
  guint64 switches = 0;

  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    worker_begin (&workers[i], do_nothing, NULL);
  for (guint round = 0; round < 200; round++)
    {
      pthread_t thread;

      g_assert_cmpint (pthread_create (&thread, NULL, end_at_once, NULL), ==, 0);
      for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
        {
          const TrkThreadFigures *figures = read_thread (threads, workers[i].tid);

          g_assert_nonnull (figures);
          g_assert_cmpint (figures->reason, ==, TRK_REASON_NONE);
          if (figures->switches_reason == TRK_REASON_NONE)
            switches += figures->voluntary_switches;
        }
      pthread_join (thread, NULL);
      g_assert_cmpuint (trk_threads_n_descriptors (threads), <=, limits.max_descriptors);
    }
  g_assert_cmpuint (switches, >, 0); /* each went to sleep at a barrier */
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      pthread_barrier_wait (&workers[i].barrier);
      pthread_barrier_wait (&workers[i].barrier);
      worker_end (&workers[i]);
    }
  trk_threads_free (threads);
  free_reader (reader);
}

/* A process of another user: what it does not show is said, the rest is there. */
static void
test_not_permitted (void)
{
  TrkReader *reader = new_reader ();
  TrkProcessCollector process;
  TrkProcessFigures figures;
  int status;
  pid_t child;

  if (geteuid () != 0)
    {
      g_test_skip ("not root");
      return;
    }
  child = fork ();
  if (child == 0)
    {
      /* Nobody looks at init, which is root's. */
      if (setgid (65534) != 0 || setuid (65534) != 0)
        _exit (77);
      trk_process_collector_init (&process, reader, 1, 0);
      trk_process_collector_read (&process, &figures);
      if (figures.reason == TRK_REASON_ENDED)
        _exit (77); /* hidepid */
      _exit (figures.reason == TRK_REASON_NONE && figures.memory_reason == TRK_REASON_NONE
                     && figures.io_reason == TRK_REASON_NOT_PERMITTED
                     && figures.rollup_reason == TRK_REASON_NOT_PERMITTED
                 ? 0
                 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("another user's processes are hidden");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  free_reader (reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live/processor", test_processor);
  g_test_add_func ("/live/io", test_io);
  g_test_add_func ("/live/sockets", test_sockets);
  g_test_add_func ("/live/memory", test_memory);
  g_test_add_data_func ("/live/coming-and-going", GUINT_TO_POINTER (100), test_coming_and_going);
  g_test_add_data_func ("/live/coming-and-going-opened", GUINT_TO_POINTER (0),
                        test_coming_and_going);
  g_test_add_func ("/live/not-permitted", test_not_permitted);
  return g_test_run ();
}
