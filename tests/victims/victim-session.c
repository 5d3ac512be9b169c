/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Profiling sessions as <memscope/tracker.h> describes them, from strict C99. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <memscope/tracker.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "victim.h"

#define N_TURNS 4

static const char *
at (size_t n)
{
  return (const char *) (uintptr_t) (0x100000000 + 16 * n);
}

static void
rest (long ms)
{
  struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

  while (nanosleep (&time, &time) < 0)
    ;
}

static unsigned
count_descriptors (void)
{
  DIR *folder = opendir ("/proc/self/fd");
  unsigned n = 0;

  CHECK (folder);
  while (readdir (folder))
    n++;
  closedir (folder);
  return n;
}

static MemscopeProfilingSession *
make (const char *folder)
{
  MemscopeResourceCollector *collector = memscope_resource_collector_new (50);
  MemscopeProfilingSession *session = memscope_profiling_session_new (folder, collector);

  CHECK (collector && session);
  memscope_resource_collector_free (collector);
  return session;
}

/* Each session has its marks and no other's. */
static void *
declare (void *data)
{
  size_t n = (size_t) (uintptr_t) data;

  CHECK (memscope_init_thread_tracker (NULL, NULL) == MEMSCOPE_OK);
  for (size_t i = 0; i < n; i++)
    CHECK (memscope_track_allocation (at (i), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  for (size_t i = 1; i < n; i++)
    CHECK (memscope_track_deallocation (at (i), NULL, 0) == MEMSCOPE_OK);
  return NULL;
}

static int
turns (void)
{
  unsigned n_descriptors = count_descriptors ();

  for (size_t turn = 0; turn < N_TURNS; turn++)
    {
      char folder[16];
      MemscopeProfilingSession *session;
      pthread_t thread;
      int status;

      snprintf (folder, sizeof folder, "turn-%d", (int) turn);
      session = make (folder);
      errno = 1234;
      CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK && errno == 1234);
      CHECK (pthread_create (&thread, NULL, declare, (void *) (uintptr_t) (10 + turn)) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
      CHECK (memscope_init_thread_tracker (NULL, NULL) == MEMSCOPE_OK);
      CHECK (memscope_track_allocation (at (1000), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
      rest (200);
      CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK && errno == 1234);
      CHECK (memscope_track_allocation (at (1001), VICTIM_MARK_BYTES, NULL, 0)
             == MEMSCOPE_ERROR_NOT_TRACKING);
      CHECK (memscope_finalize_thread_tracker () == MEMSCOPE_ERROR_NOT_TRACKING);
      memscope_profiling_session_free (session);
      CHECK (waitpid (-1, &status, WNOHANG) < 0 && errno == ECHILD);
    }
  CHECK (count_descriptors () == n_descriptors);
  return 0;
}

static int
resources (void)
{
  MemscopeProfilingSession *session = make ("resources");

  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  rest (200);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  memscope_profiling_session_free (session);
  return 0;
}

static int
errors (void)
{
  MemscopeProfilingSession *session, *other, *unwritable, *again;

  CHECK (!memscope_resource_collector_new (101));
  CHECK (strstr (memscope_get_error_reason (), "100"));
  CHECK (!memscope_profiling_session_new (NULL, NULL));
  CHECK (!memscope_profiling_session_new ("", NULL));
  CHECK (memscope_profiling_session_start (NULL) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_profiling_session_stop (NULL) == MEMSCOPE_ERROR_ARGUMENT);
  memscope_profiling_session_free (NULL);
  memscope_resource_collector_free (NULL);

  session = make ("errors");
  other = make ("other");
  again = make ("errors");
  unwritable = make ("no/such/parent");
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_ERROR_NOT_RUNNING);
  CHECK (memscope_profiling_session_start (unwritable) == MEMSCOPE_ERROR_OUTPUT);
  CHECK (strstr (memscope_get_error_reason (), "no/such/parent"));
  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_ERROR_RUNNING);
  CHECK (memscope_profiling_session_start (other) == MEMSCOPE_ERROR_RUNNING);
  CHECK (memscope_profiling_session_stop (other) == MEMSCOPE_ERROR_NOT_RUNNING);
  CHECK (memscope_init_thread_tracker ("other", NULL) == MEMSCOPE_ERROR_OTHER_OUTPUT);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_ERROR_NOT_RUNNING);
  CHECK (memscope_profiling_session_start (again) == MEMSCOPE_ERROR_OUTPUT);
  CHECK (strstr (memscope_get_error_reason (), "holds a trace already"));
  memscope_profiling_session_free (session);
  memscope_profiling_session_free (other);
  memscope_profiling_session_free (again);
  memscope_profiling_session_free (unwritable);
  return 0;
}

/* Without the agent's program: no samples are an error, none wanted are none. */
static int
alone (void)
{
  MemscopeProfilingSession *session = make ("never");

  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_ERROR_PROGRAM);
  CHECK (strstr (memscope_get_error_reason (), "memscope-agent"));
  memscope_profiling_session_free (session);

  session = memscope_profiling_session_new ("alone", NULL);
  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  declare ((void *) 10);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  memscope_profiling_session_free (session);
  return 0;
}

/* Threads that are in the middle of it when the session ends, and do not stop for that. */
static volatile int is_over;

static void *
declare_on (void *data)
{
  size_t first = 1000 * (size_t) (uintptr_t) data;
  unsigned n_sessions = 0;

  while (!is_over)
    {
      if (memscope_init_thread_tracker (NULL, NULL) != MEMSCOPE_OK)
        {
          rest (1);
          continue;
        }
      n_sessions++;
      for (size_t i = 1;; i = i % 900 + 1)
        if (memscope_track_allocation (at (first + i), 24, NULL, 0) != MEMSCOPE_OK
            || memscope_track_deallocation (at (first + i), NULL, 0) != MEMSCOPE_OK)
          break;
    }
  CHECK (n_sessions > 0);
  return NULL;
}

static int
threads (void)
{
  pthread_t ids[4];

  for (size_t i = 0; i < 4; i++)
    CHECK (pthread_create (&ids[i], NULL, declare_on, (void *) (uintptr_t) (i + 1)) == 0);
  for (size_t turn = 0; turn < N_TURNS; turn++)
    {
      char folder[16];
      MemscopeProfilingSession *session;

      snprintf (folder, sizeof folder, "turn-%d", (int) turn);
      session = make (folder);
      CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
      rest (100);
      CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
      memscope_profiling_session_free (session);
    }
  is_over = 1;
  for (size_t i = 0; i < 4; i++)
    CHECK (pthread_join (ids[i], NULL) == 0);
  return 0;
}

/* A child has no session, and the parent's goes on. */
static int
forked (void)
{
  MemscopeProfilingSession *session = make ("parent");
  pid_t child;
  int status;

  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  CHECK (memscope_init_thread_tracker (NULL, NULL) == MEMSCOPE_OK);
  child = fork ();
  if (child == 0)
    {
      MemscopeProfilingSession *own = make ("child");

      CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_ERROR_NOT_RUNNING);
      CHECK (memscope_profiling_session_start (own) == MEMSCOPE_OK);
      declare ((void *) 5);
      CHECK (memscope_profiling_session_stop (own) == MEMSCOPE_OK);
      exit (3);
    }
  CHECK (waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) == 3);
  CHECK (memscope_track_allocation (at (1), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  memscope_profiling_session_free (session);
  return 0;
}

/* The program ends with its session on: as it likes. */
static int
left (void)
{
  MemscopeProfilingSession *session = make ("left");

  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  declare ((void *) 10);
  rest (150);
  return 7;
}

static int
killed (void)
{
  MemscopeProfilingSession *session = make ("killed");

  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  declare ((void *) 10);
  rest (150);
  return kill (getpid (), SIGKILL);
}

/* The agent of @folder, by its command line; 0: there is none. */
static pid_t
find_agent (const char *folder)
{
  DIR *processes = opendir ("/proc");
  struct dirent *entry;
  pid_t found = 0;

  CHECK (processes);
  while (!found && (entry = readdir (processes)))
    {
      char path[300], line[4096];
      FILE *file;
      size_t n;

      snprintf (path, sizeof path, "/proc/%s/cmdline", entry->d_name);
      file = atoi (entry->d_name) > 0 ? fopen (path, "r") : NULL;
      n = file ? fread (line, 1, sizeof line - 1, file) : 0;
      line[n] = '\0';
      for (size_t i = 0; i < n; i++)
        if (!line[i])
          line[i] = ' ';
      if (strncmp (line, "memscope-agent ", 15) == 0 && strstr (line, folder))
        found = atoi (entry->d_name);
      if (file)
        fclose (file);
    }
  closedir (processes);
  return found;
}

/* Nobody misses an agent that was killed: not the threads, and not who ends the session. */
static int
orphaned (void)
{
  MemscopeProfilingSession *session = make ("orphaned");
  char working[2000], folder[3000];
  pid_t agent;

  CHECK (getcwd (working, sizeof working));
  snprintf (folder, sizeof folder, "%s/orphaned", working);
  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  declare ((void *) 10);
  rest (100);
  agent = find_agent (folder);
  CHECK (agent > 0 && kill (agent, SIGKILL) == 0);
  CHECK (memscope_track_allocation (at (2000), VICTIM_MARK_BYTES, NULL, 0) == MEMSCOPE_OK);
  for (unsigned i = 0; i < 200000; i++)
    {
      CHECK (memscope_track_allocation (at (3000), 24, NULL, 0) == MEMSCOPE_OK);
      CHECK (memscope_track_deallocation (at (3000), NULL, 0) == MEMSCOPE_OK);
    }
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  memscope_profiling_session_free (session);

  session = make ("after");
  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  declare ((void *) 5);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  memscope_profiling_session_free (session);
  return 0;
}

/* A session, and its export; a handler of SIGCHLD hears of none of the programs. */
static volatile sig_atomic_t n_children_ended;

static void
count_child (int number)
{
  (void) number;
  n_children_ended++;
}

static int
exported (void)
{
  MemscopeProfilingSession *session = make ("exported");
  MemscopeExportConfig config;
  struct sigaction action;
  int error_fd, result;

  memset (&action, 0, sizeof action);
  action.sa_handler = count_child;
  CHECK (sigaction (SIGCHLD, &action, NULL) == 0);
  CHECK (memscope_profiling_session_start (session) == MEMSCOPE_OK);
  declare ((void *) 10);
  CHECK (memscope_profiling_session_stop (session) == MEMSCOPE_OK);
  memscope_profiling_session_free (session);

  CHECK (memscope_export_comprehensive_analysis (NULL, NULL, NULL) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_export_comprehensive_analysis ("exported", "a/b", NULL)
         == MEMSCOPE_ERROR_ARGUMENT);
  memset (&config, 0, sizeof config);
  CHECK (memscope_export_comprehensive_analysis ("exported", "p", &config)
         == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_export_comprehensive_analysis ("no-such-folder", "p", NULL)
         == MEMSCOPE_ERROR_EXPORT);
  CHECK (strstr (memscope_get_error_reason (), "no-such-folder"));
  /* Where the first free number is that of the standard error. */
  error_fd = dup (2);
  close (2);
  result = memscope_export_comprehensive_analysis ("no-such-folder-2", "p", NULL);
  dup2 (error_fd, 2);
  close (error_fd);
  CHECK (result == MEMSCOPE_ERROR_EXPORT);
  CHECK (strstr (memscope_get_error_reason (), "no-such-folder-2"));
  errno = 1234;
  CHECK (memscope_export_comprehensive_analysis ("exported", "run", NULL) == MEMSCOPE_OK
         && errno == 1234);
  CHECK (access ("exported/run_comprehensive.json", R_OK) == 0);
  CHECK (access ("exported/run_resource_rankings.json", R_OK) == 0);
  CHECK (access ("exported/run_dashboard.html", R_OK) == 0);
  CHECK (n_children_ended == 0);
  return 0;
}

static MemscopeProfilingSession *idle_session;
static volatile sig_atomic_t n_alarms, n_refused;

static void
handle_alarm (int number)
{
  int result = memscope_profiling_session_stop (idle_session);

  (void) number;
  n_alarms++;
  n_refused += result == MEMSCOPE_ERROR_UNSUPPORTED;
  /* Refused as well, or a page that is given back. */
  if (result == MEMSCOPE_ERROR_UNSUPPORTED)
    memscope_profiling_session_free (memscope_profiling_session_new ("never", NULL));
}

/* Nobody is to call these from a signal handler; who does all the same does not wait for himself. */
static int
interrupted (void)
{
  const struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };

  idle_session = make ("idle");
  CHECK (signal (SIGALRM, handle_alarm) != SIG_ERR);
  CHECK (setitimer (ITIMER_REAL, &often, NULL) == 0);
  while (n_alarms < 3000 || n_refused == 0)
    {
      (void) memscope_profiling_session_stop (idle_session);
      memscope_profiling_session_free (memscope_profiling_session_new ("never", NULL));
    }
  CHECK (setitimer (ITIMER_REAL, &never, NULL) == 0);
  memscope_profiling_session_free (idle_session);
  return 0;
}

static const VictimCase cases[] = {
  { "orphaned", orphaned },
  { "resources", resources },
  { "turns", turns },
  { "errors", errors },
  { "alone", alone },
  { "threads", threads },
  { "forked", forked },
  { "left", left },
  { "killed", killed },
  { "exported", exported },
  { "interrupted", interrupted },
};

VICTIM_MAIN (cases)
