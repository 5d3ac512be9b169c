/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * analysis-probe MODE PATH: one measured analysis in a process of its own, told as one JSON object.
 *
 *   analyse FOLDER    all events, no summary read or written
 *   list FOLDER       what is to be had at once: the process, its peak and its counts
 *   look FOLDER       the first summary, with the folder's files dropped from the page cache, and once more
 *   open FOLDER       as people open it: from the summary, or from the events and then a summary is written
 *   filter FOLDER     with the history; then what views of a part of it take
 *   getters FOLDER    likewise, each getter by itself, of views of five parts
 *   heaptrack FILE    heaptrack_print as it comes: three sorted lists of call stacks
 *   cheap FILE        … with all its lists switched off
 *
 * Anonymous memory is RssAnon of /proc/PID/status, read every two milliseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-first-summary.h"
#include "ms-recording.h"
#include "ms-view.h"

#define SAMPLE_US 2000
#define SERIES_BINS 512
#define N_CHOSEN_STACKS 50

/* --- anonymous memory ---------------------------------------------------------------------------- */

typedef struct {
  pid_t pid;
  gint stop; /* atomic */
  guint64 most_bytes;
} Watch;

static void
watch_once (Watch *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", self->pid);
  char text[4096];
  const char *line;
  FILE *file = fopen (path, "re");
  gsize n;

  if (file == NULL)
    return;
  n = fread (text, 1, sizeof text - 1, file);
  fclose (file);
  text[n] = '\0';
  line = strstr (text, "RssAnon:");
  if (line != NULL)
    self->most_bytes = MAX (self->most_bytes, g_ascii_strtoull (line + 8, NULL, 10) * 1024);
}

static gpointer
watch (gpointer data)
{
  Watch *self = data;

  while (!g_atomic_int_get (&self->stop))
    {
      watch_once (self);
      g_usleep (SAMPLE_US);
    }
  return NULL;
}

/* --- what is measured ---------------------------------------------------------------------------- */

static gint64
cpu_ns (int who)
{
  struct rusage usage;

  getrusage (who, &usage);
  return ((gint64) usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000
         + ((gint64) usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static void
print_report (guint64 n_events, gint64 wall_ns, gint64 taken_cpu_ns, const Watch *watched)
{
  printf ("\"events\": %" G_GUINT64_FORMAT ", \"wall_ns\": %" G_GINT64_FORMAT
          ", \"cpu_ns\": %" G_GINT64_FORMAT ", \"anonymous_bytes\": %" G_GUINT64_FORMAT,
          n_events, wall_ns, taken_cpu_ns, watched->most_bytes);
}

static gint64
now_ns (void)
{
  return g_get_monotonic_time () * 1000;
}

/* Everything that a report shows first. */
static guint64
ask_view (MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);
  MsDomain domain = ms_trace_get_main_domain (trace);
  guint64 max[SERIES_BINS], min[SERIES_BINS], sum = 0;

  ms_view_get_live_series (view, NULL, domain, SERIES_BINS, max, min);
  sum += max[SERIES_BINS - 1] + ms_view_get_totals (view, domain)->leaked_bytes;
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    sum += ms_view_get_thread_totals (view, i, domain)->allocations;
  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    sum += ms_view_get_stack_totals (view, i, domain)->leaked_bytes;
  return sum;
}

static MsFilter *
new_filter (MsTrace *trace, const char *kind)
{
  gint64 duration_ns = ms_trace_get_duration_ns (trace);
  guint stacks[N_CHOSEN_STACKS], n_stacks = ms_trace_get_n_stacks (trace), ids[1];

  if (strcmp (kind, "range") == 0)
    return ms_filter_with_range (NULL, duration_ns / 5, duration_ns / 5 * 3);
  if (strcmp (kind, "thread") == 0)
    {
      ids[0] = ms_thread_get_id (ms_trace_get_thread (trace, ms_trace_get_n_threads (trace) / 2));
      return ms_filter_with_threads (NULL, ids, 1);
    }
  for (guint i = 0; i < N_CHOSEN_STACKS; i++)
    stacks[i] = n_stacks / N_CHOSEN_STACKS * i;
  return ms_filter_with_stacks (NULL, stacks, N_CHOSEN_STACKS);
}

/* FALSE: the trace cannot be looked at in part. */
static gboolean
print_filter (MsTrace *trace, const char *kind)
{
  g_autoptr (MsFilter) filter = new_filter (trace, kind);
  g_autoptr (GError) error = NULL;
  gint64 begin_ns = now_ns (), shown_ns;
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, &error);

  if (view == NULL)
    {
      g_printerr ("analysis-probe: %s\n", error->message);
      return FALSE;
    }
  ask_view (view);
  shown_ns = now_ns ();
  ms_view_find_peak (view, ms_trace_get_main_domain (trace), NULL, NULL);
  printf (", \"%s_ns\": %" G_GINT64_FORMAT ", \"%s_peak_ns\": %" G_GINT64_FORMAT, kind,
          shown_ns - begin_ns, kind, now_ns () - shown_ns);
  return TRUE;
}

/* --- getter by getter ---------------------------------------------------------------------------- */

static MsFilter *
new_wide_filter (MsTrace *trace, const char *kind)
{
  guint n_threads = ms_trace_get_n_threads (trace), n_stacks = ms_trace_get_n_stacks (trace);
  guint n = strcmp (kind, "half_threads") == 0 ? n_threads : n_stacks;
  g_autofree guint *half = g_new (guint, n);

  for (guint i = 0; i < n; i += 2)
    half[i / 2] = n == n_threads ? ms_thread_get_id (ms_trace_get_thread (trace, i)) : i;
  return n == n_threads ? ms_filter_with_threads (NULL, half, (n + 1) / 2)
                        : ms_filter_with_stacks (NULL, half, (n + 1) / 2);
}

static void
print_time (const char *kind, const char *getter, gint64 *begin_ns)
{
  gint64 end_ns = now_ns ();

  printf (", \"%s_%s_ns\": %" G_GINT64_FORMAT, kind, getter, end_ns - *begin_ns);
  *begin_ns = now_ns ();
}

/* In the order in which a page asks. */
static void
print_getters (MsTrace *trace, const char *kind, MsFilter *filter)
{
  MsDomain domain = ms_trace_get_main_domain (trace);
  guint64 max[SERIES_BINS], min[SERIES_BINS];
  gint64 begin_ns = now_ns ();
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, NULL);
  guint n;

  if (view == NULL)
    return;
  print_time (kind, "view", &begin_ns);
  ms_view_get_live_series (view, NULL, domain, SERIES_BINS, max, min);
  print_time (kind, "live", &begin_ns);
  ms_view_get_allocated_series (view, NULL, domain, SERIES_BINS, max);
  print_time (kind, "allocated", &begin_ns);
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    ms_view_get_live_series (view, ms_trace_get_thread (trace, i), domain, SERIES_BINS, max, min);
  print_time (kind, "live_of_threads", &begin_ns);
  ms_view_get_thread_totals (view, 0, domain);
  print_time (kind, "thread_totals", &begin_ns);
  ms_view_get_interactions (view, domain, &n);
  print_time (kind, "matrix", &begin_ns);
  ms_view_get_size_histogram (view, NULL, domain);
  print_time (kind, "histograms", &begin_ns);
  ms_view_get_growth_chains (view, domain, &n);
  print_time (kind, "growth", &begin_ns);
  ms_view_find_peak (view, domain, NULL, NULL);
  print_time (kind, "peak", &begin_ns);
}

static void
print_all_getters (MsTrace *trace)
{
  static const char *kinds[] = { "range", "thread", "half_threads", "stack", "half_stacks" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (MsFilter) filter = g_str_has_prefix (kinds[i], "half_")
                                        ? new_wide_filter (trace, kinds[i])
                                        : new_filter (trace, kinds[i]);

      print_getters (trace, kinds[i], filter);
    }
}

/* --- probes -------------------------------------------------------------------------------------- */

static int
probe_trace (const char *mode, const char *folder)
{
  MsLoadFlags flags = strcmp (mode, "analyse") == 0 ? MS_LOAD_WITHOUT_CACHE
                      : strcmp (mode, "open") == 0  ? MS_LOAD_FIGURES
                                                    : MS_LOAD_HISTORY;
  Watch watched = { .pid = getpid () };
  GThread *thread = g_thread_new ("watch", watch, &watched);
  gint64 begin_ns = now_ns (), end_ns, taken_cpu_ns;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load_full (folder, flags, NULL, NULL, NULL, &error);
  g_autoptr (MsView) view = NULL;

  if (trace == NULL)
    {
      g_printerr ("analysis-probe: %s\n", error->message);
      return 1;
    }
  view = ms_view_new (trace, NULL, NULL, NULL);
  ask_view (view);
  end_ns = now_ns ();
  taken_cpu_ns = cpu_ns (RUSAGE_SELF);
  watch_once (&watched);
  g_atomic_int_set (&watched.stop, 1);
  g_thread_join (thread);
  printf ("{");
  print_report (ms_trace_get_n_events (trace), end_ns - begin_ns, taken_cpu_ns, &watched);
  if (strcmp (mode, "getters") == 0)
    print_all_getters (trace);
  else if (flags == MS_LOAD_HISTORY && print_filter (trace, "range")
           && print_filter (trace, "thread"))
    print_filter (trace, "stack");
  printf ("}\n");
  return 0;
}

static int
probe_list (const char *folder)
{
  gint64 begin_ns = now_ns ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsRecording) recording = ms_recording_open (folder, NULL, &error);
  const MsProcess *process;

  if (recording == NULL)
    {
      g_printerr ("analysis-probe: %s\n", error->message);
      return 1;
    }
  process = ms_recording_get_process (recording, ms_recording_get_main_process (recording));
  printf ("{\"has_totals\": %s, \"wall_ns\": %" G_GINT64_FORMAT "}\n",
          process->has_totals ? "true" : "false", now_ns () - begin_ns);
  return 0;
}

/* As after a restart of the machine; of what is only ours. */
static void
drop_pages (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      int fd = open (path, O_RDONLY | O_CLOEXEC);

      if (fd < 0)
        continue;
      fdatasync (fd); /* a page that was not written yet stays */
      posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
      close (fd);
    }
}

static int
probe_look (const char *folder)
{
  gint64 taken_ns[2];
  guint64 n_events = 0;

  drop_pages (folder);
  for (guint i = 0; i < 2; i++)
    {
      gint64 begin_ns = now_ns ();
      g_autoptr (GError) error = NULL;
      g_autoptr (MsFirstSummary) first = ms_first_summary_load (folder, NULL, &error);

      if (first == NULL)
        {
          g_printerr ("analysis-probe: %s\n", error->message);
          return 1;
        }
      taken_ns[i] = now_ns () - begin_ns;
      n_events = first->n_events;
    }
  printf ("{\"events\": %" G_GUINT64_FORMAT ", \"cold_ns\": %" G_GINT64_FORMAT
          ", \"wall_ns\": %" G_GINT64_FORMAT "}\n",
          n_events, taken_ns[0], taken_ns[1]);
  return 0;
}

static int
probe_heaptrack (const char *mode, const char *file)
{
  Watch watched = { 0 };
  gint64 begin_ns = now_ns ();
  GThread *thread;
  int status;

  watched.pid = fork ();
  if (watched.pid == 0)
    {
      dup2 (open ("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
      if (strcmp (mode, "cheap") == 0)
        execlp ("heaptrack_print", "heaptrack_print", "--merge-backtraces=0", "--print-peaks=0",
                "--print-allocators=0", "--print-temporary=0", file, NULL);
      else
        execlp ("heaptrack_print", "heaptrack_print", file, NULL);
      _exit (127);
    }
  thread = g_thread_new ("watch", watch, &watched);
  if (waitpid (watched.pid, &status, 0) < 0 || !WIFEXITED (status) || WEXITSTATUS (status) != 0)
    {
      g_printerr ("analysis-probe: heaptrack_print failed on %s\n", file);
      return 1;
    }
  g_atomic_int_set (&watched.stop, 1);
  printf ("{");
  print_report (0, now_ns () - begin_ns, cpu_ns (RUSAGE_CHILDREN), &watched);
  printf ("}\n");
  g_thread_join (thread);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    {
      g_printerr (
          "Usage: analysis-probe analyse|list|look|open|filter|getters|heaptrack|cheap PATH\n");
      return 2;
    }
  if (strcmp (argv[1], "heaptrack") == 0 || strcmp (argv[1], "cheap") == 0)
    return probe_heaptrack (argv[1], argv[2]);
  if (strcmp (argv[1], "list") == 0)
    return probe_list (argv[2]);
  if (strcmp (argv[1], "look") == 0)
    return probe_look (argv[2]);
  return probe_trace (argv[1], argv[2]);
}
