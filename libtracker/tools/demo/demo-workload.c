/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The program that `memscope demo` shows: fifty threads of an imaginary database server, which record
 * themselves in a session of <memscope/tracker.h> and use nothing else of Memscope, as any program could.
 *
 *   memscope-demo-workload --output FOLDER [--seconds S] [--ledger FILE]
 *
 * Threads are made one after the other, and each is known to the recorder before the next is made,
 * so that ids are the order of creation: main is 0.  The odd ones end their tracker at once: they are
 * seen, and not tracked.  --ledger writes what each thread itself counted, a line a thread:
 *
 *   id name tracked allocations deallocations reallocations allocated_bytes peak_bytes leaked_bytes
 *   cpu_ns life_ns file_calls file_bytes socket_received_bytes socket_sent_bytes
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memscope/tracker.h>

#include "demo-jobs.h"
#include "demo-plans.h"

#define DEFAULT_SECONDS 3.0
#define LEAST_SECONDS 0.1
#define MOST_SECONDS 3600.0

typedef struct {
  const char *output, *ledger;
  double seconds;
  DemoWorker workers[DEMO_THREADS];
  pthread_t threads[DEMO_THREADS];
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint32_t n_ready;          /* threads that the recorder knows */
  uint32_t n_finished;       /* plans carried out */
  uint64_t start_ns, end_ns; /* 0: not everybody is there yet */
} Demo;

static Demo demo = { .seconds = DEFAULT_SECONDS,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .changed = PTHREAD_COND_INITIALIZER };

_Noreturn static void
fail (const char *what, const char *why)
{
  fprintf (stderr, "memscope demo: %s: %s\n", what, why);
  exit (EXIT_FAILURE);
}

/* Makes the calling thread known to the recorder, in the session that main has started. */
static void
register_thread (DemoWorker *worker)
{
  int result;

  worker->ledger.cpu_ns = demo_thread_cpu_ns ();
  worker->begin_ns = demo_now_ns ();
  pthread_setname_np (pthread_self (), worker->plan->name);
  result = memscope_init_thread_tracker (NULL, NULL);
  if (result != MEMSCOPE_OK)
    fail (memscope_strerror (result), memscope_get_error_reason ());
  if (!worker->tracked)
    memscope_finalize_thread_tracker ();
}

static void
announce_ready (void)
{
  pthread_mutex_lock (&demo.lock);
  demo.n_ready++;
  pthread_cond_broadcast (&demo.changed);
  pthread_mutex_unlock (&demo.lock);
}

static void
wait_for_start (void)
{
  pthread_mutex_lock (&demo.lock);
  while (demo.start_ns == 0)
    pthread_cond_wait (&demo.changed, &demo.lock);
  pthread_mutex_unlock (&demo.lock);
}

/* The garbage collector frees what others left to it, once all of them are through. */
static void
finish (DemoWorker *worker)
{
  pthread_mutex_lock (&demo.lock);
  demo.n_finished++;
  pthread_cond_broadcast (&demo.changed);
  while (worker->id == DEMO_GC_ID && demo.n_finished < DEMO_THREADS)
    pthread_cond_wait (&demo.changed, &demo.lock);
  pthread_mutex_unlock (&demo.lock);

  if (worker->id == DEMO_GC_ID)
    for (uint32_t i = 0; i < DEMO_THREADS; i++)
      if (demo_plans[i].hands_over)
        demo_worker_free_for (worker, &demo.workers[i]);
  if (worker->tracked)
    memscope_finalize_thread_tracker ();
  worker->ledger.cpu_ns = demo_thread_cpu_ns () - worker->ledger.cpu_ns;
  worker->end_ns = demo_now_ns ();
}

static void *
run_thread (void *data)
{
  DemoWorker *worker = data;

  register_thread (worker);
  announce_ready ();
  wait_for_start ();
  demo_worker_run (worker, demo.start_ns, demo.end_ns);
  finish (worker);
  return NULL;
}

/* A file without a name: nothing is left behind. */
static int
open_scratch_file (void)
{
  FILE *file = tmpfile ();
  int fd = file ? dup (fileno (file)) : -1;

  if (file)
    fclose (file);
  return fd;
}

static void
open_channels (void)
{
  for (uint32_t i = 0; i < DEMO_THREADS; i++)
    if (demo_plans[i].step == demo_job_scan_file || demo_plans[i].step == demo_job_write_log)
      demo.workers[i].file_fd = open_scratch_file ();
  for (uint32_t n = 0; n < DEMO_CONNECTIONS; n++)
    {
      int fds[2];

      if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        fail ("cannot make a socket pair", strerror (errno));
      demo.workers[DEMO_SERVER_ID (n)].socket_fd = fds[0];
      demo.workers[DEMO_CLIENT_ID (n)].socket_fd = fds[1];
    }
}

static void
start_threads (void)
{
  register_thread (&demo.workers[0]);
  demo.n_ready = 1;
  for (uint32_t i = 1; i < DEMO_THREADS; i++)
    {
      int error = pthread_create (&demo.threads[i], NULL, run_thread, &demo.workers[i]);

      if (error)
        fail ("cannot make a thread", strerror (error));
      pthread_mutex_lock (&demo.lock);
      while (demo.n_ready <= i)
        pthread_cond_wait (&demo.changed, &demo.lock);
      pthread_mutex_unlock (&demo.lock);
    }
  pthread_mutex_lock (&demo.lock);
  demo.start_ns = demo_now_ns ();
  demo.end_ns = demo.start_ns + (uint64_t) (demo.seconds * 1e9);
  pthread_cond_broadcast (&demo.changed);
  pthread_mutex_unlock (&demo.lock);
}

static void
write_ledger (void)
{
  FILE *file = fopen (demo.ledger, "we");

  if (!file)
    fail (demo.ledger, strerror (errno));
  for (uint32_t i = 0; i < DEMO_THREADS; i++)
    {
      const DemoLedger *l = &demo.workers[i].ledger;

      fprintf (file,
               "%u %s %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
               " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
               i, demo_plans[i].name, demo.workers[i].tracked, l->allocations, l->deallocations,
               l->reallocations, l->allocated_bytes, l->peak_bytes, l->leaked_bytes, l->cpu_ns,
               demo.workers[i].end_ns - demo.workers[i].begin_ns, l->file_calls, l->file_bytes,
               l->socket_received_bytes, l->socket_sent_bytes);
    }
  if (fclose (file) != 0)
    fail (demo.ledger, strerror (errno));
}

static void
parse_arguments (int argc, char **argv)
{
  static const struct option options[] = { { "output", required_argument, NULL, 'o' },
                                           { "seconds", required_argument, NULL, 's' },
                                           { "ledger", required_argument, NULL, 'l' },
                                           { NULL, 0, NULL, 0 } };
  int option;
  char *end = NULL;

  while ((option = getopt_long (argc, argv, "o:", options, NULL)) != -1)
    switch (option)
      {
      case 'o':
        demo.output = optarg;
        break;
      case 's':
        demo.seconds = strtod (optarg, &end);
        if (end == optarg || *end
            || !(demo.seconds >= LEAST_SECONDS && demo.seconds <= MOST_SECONDS))
          {
            fprintf (stderr, "memscope demo: --seconds must be from %g to %g\n", LEAST_SECONDS,
                     MOST_SECONDS);
            exit (2);
          }
        break;
      case 'l':
        demo.ledger = optarg;
        break;
      default:
        exit (2);
      }
  if (!demo.output || optind < argc)
    {
      fputs ("usage: memscope-demo-workload --output FOLDER [--seconds S] [--ledger FILE]\n",
             stderr);
      exit (2);
    }
}

/* Ten samples a second of what the threads use, and what they declare, with ten frames a stack. */
static MemscopeProfilingSession *
start_session (void)
{
  MemscopeResourceCollector *collector = memscope_resource_collector_new (10);
  MemscopeProfilingSession *session = memscope_profiling_session_new (demo.output, collector);
  MemscopeSamplingConfig config;
  int result;

  memscope_resource_collector_free (collector);
  if (!session)
    fail ("no session", memscope_get_error_reason ());
  memscope_sampling_config_init (&config, MEMSCOPE_PRESET_DEMO);
  result = memscope_profiling_session_set_sampling (session, &config);
  if (result == MEMSCOPE_OK)
    result = memscope_profiling_session_start (session);
  if (result != MEMSCOPE_OK)
    fail (memscope_strerror (result), memscope_get_error_reason ());
  return session;
}

/* The threads have ended by now, main's tracker too. */
static void
stop_session (MemscopeProfilingSession *session)
{
  int result = memscope_profiling_session_stop (session);

  if (result != MEMSCOPE_OK)
    fail (memscope_strerror (result), memscope_get_error_reason ());
  memscope_profiling_session_free (session);
}

int
main (int argc, char **argv)
{
  MemscopeProfilingSession *session;

  parse_arguments (argc, argv);
  for (uint32_t i = 0; i < DEMO_THREADS; i++)
    if (!demo_worker_init (&demo.workers[i], &demo_plans[i], i))
      fail ("cannot begin", strerror (errno));
  open_channels ();
  session = start_session ();
  start_threads ();
  demo_worker_run (&demo.workers[0], demo.start_ns, demo.end_ns);
  finish (&demo.workers[0]);
  for (uint32_t i = 1; i < DEMO_THREADS; i++)
    pthread_join (demo.threads[i], NULL);
  stop_session (session);
  if (demo.ledger)
    write_ledger ();
  for (uint32_t i = 0; i < DEMO_THREADS; i++)
    demo_worker_clear (&demo.workers[i]);
  return EXIT_SUCCESS;
}
