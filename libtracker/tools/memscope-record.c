/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope record: starts a program under the recorder, waits for it, closes what was recorded.
 *
 *   check everything ─▶ make DIR ─▶ start the program ─▶ wait ─▶ close folders ─▶ summary
 *                                                          └─▶ observer, if descendants live on
 *
 * We are the program's parent and nothing else: it has our terminal, our standard streams and our
 * process group.  Orphans of it come to us (child subreaper), so that their exit statuses do too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-agent-lock.h"
#include "ms-agent-program.h"
#include "ms-close-queue.h"
#include "ms-command-line.h"
#include "ms-hold.h"
#include "ms-launch.h"
#include "ms-living-words.h"
#include "ms-output-folder.h"
#include "ms-pool-folder.h"
#include "ms-program-check.h"
#include "ms-record-options.h"
#include "ms-record-summary.h"
#include "ms-recording-file.h"
#include "ms-resource-sampler.h"
#include "ms-tracker-service.h"
#include "ms-watch.h"
#include "ms-window-agent.h"

/* A pipeline's other programs end a moment after the main one: no observer for those. */
#define GRACE_MS 100

typedef struct {
  MsRecordOptions *options;
  MsSignalState signals;
  char *shown_folder; /* as the user would type it */
  MsRecordingFile *file;
  MsCloseQueue *queue;
  MsWatch *watch;
  int lock_fd;                /* of the agent, which we are */
  char *pool_folder;          /* NULL: pools lie in the trace folders */
  MsWindowAgent *agent;       /* NULL: before the start, and while we fork */
  MsResourceSampler *sampler; /* NULL: resources are not wanted, or before the start */
  MsTrackerService *service;  /* NULL: before the start, and in the observer */
  GPtrArray *unclosed;        /* of MsCloseJob: tried, and to be tried again when all is over */
  gint64 start_ns, duration_ns;
  int wait_status;
  MsAgentServer server; /* in the observer */
} Record;

static void
record_clear (Record *self)
{
  g_clear_pointer (&self->agent, ms_window_agent_free);
  g_clear_pointer (&self->sampler, ms_resource_sampler_free);
  g_clear_pointer (&self->service, ms_tracker_service_free);
  g_clear_pointer (&self->watch, ms_watch_free);
  g_clear_pointer (&self->queue, ms_close_queue_free);
  g_clear_pointer (&self->file, ms_recording_file_free);
  g_clear_pointer (&self->unclosed, g_ptr_array_unref);
  g_clear_pointer (&self->options, ms_record_options_free);
  g_clear_pointer (&self->shown_folder, g_free);
  g_clear_pointer (&self->pool_folder, g_free);
  ms_agent_lock_clear (&self->lock_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Record, record_clear)

static gint64
get_monotonic_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- closing ---------------------------------------------------------------------------------- */

static void
process_came_cb (const MsWatchedProcess *process, gpointer user_data)
{
  Record *self = user_data;
  g_autofree char *path =
      g_build_filename (ms_recording_file_get_folder (self->file), process->folder, NULL);

  if (self->agent)
    ms_window_agent_add (self->agent, process->folder);
  if (self->sampler)
    ms_resource_sampler_add (self->sampler, process->folder, process->pid, process->start_ticks);
  if (self->service)
    ms_tracker_service_add (self->service, path, process->pid, process->start_ticks);
}

static void
process_gone_cb (const MsWatchedProcess *process, gpointer user_data)
{
  Record *self = user_data;
  MsProcessEnd end = { .has_wait_status = process->has_wait_status,
                       .wait_status = process->wait_status,
                       .end_ns = get_monotonic_ns () };
  g_autofree char *path =
      g_build_filename (ms_recording_file_get_folder (self->file), process->folder, NULL);

  if (self->agent)
    ms_window_agent_remove (self->agent, process->folder);
  if (self->sampler)
    ms_resource_sampler_remove (self->sampler, process->folder);
  if (self->service)
    ms_tracker_service_remove (self->service, path,
                               process->has_wait_status ? process->wait_status : -1);
  ms_close_queue_push (self->queue, path, &end);
}

/* By the program itself, or by somebody else; said once, at the end. */
static gboolean
was_removed (Record *self)
{
  return !g_file_test (ms_recording_file_get_folder (self->file), G_FILE_TEST_IS_DIR);
}

static void
take_finished_jobs (Record *self)
{
  MsCloseJob *job;

  while ((job = ms_close_queue_pop (self->queue)))
    {
      if (!job->summary)
        {
          g_ptr_array_add (self->unclosed, job);
          continue;
        }
      if (job->summary->unnoted)
        ms_recording_file_put (self->file, g_steal_pointer (&job->summary->unnoted));
      ms_recording_file_put (self->file, g_steal_pointer (&job->summary));
      ms_close_job_free (job);
    }
}

static void
tick_cb (gpointer user_data)
{
  Record *self = user_data;

  if (self->server.n_started > 0)
    ms_agent_server_keep (&self->server, ms_recording_file_get_folder (self->file));
  take_finished_jobs (self);
  ms_recording_file_save_if_due (self->file);
}

static void
finish_closing (Record *self)
{
  ms_close_queue_finish (self->queue);
  take_finished_jobs (self);
}

/* Tries those again that could not be closed before: perhaps they still ran, or the disk was full,
 * and other pools have gone since.  @is_certain: no descendant is left, so they have ended, whatever
 * their pid says here (it may be of another namespace). */
static void
close_again (Record *self, gboolean is_certain)
{
  g_autoptr (GPtrArray) again = NULL;

  finish_closing (self);
  again = g_steal_pointer (&self->unclosed);
  self->unclosed = g_ptr_array_new_with_free_func ((GDestroyNotify) ms_close_job_free);
  for (guint i = 0; i < again->len; i++)
    {
      MsCloseJob *job = g_ptr_array_index (again, i);

      job->end.is_certain |= is_certain;
      ms_close_queue_push (self->queue, job->folder, &job->end);
    }
  finish_closing (self);
}

/* One line for what is empty, one for what is not closed; a full disk leaves hundreds of them. */
static void
say_what_is_unclosed (Record *self)
{
  const MsCloseJob *first = NULL;
  guint n_empty = 0, n_unclosed = 0;

  for (guint i = 0; i < self->unclosed->len && !was_removed (self); i++)
    {
      const MsCloseJob *job = g_ptr_array_index (self->unclosed, i);

      /* Gone: the note of a program that then could not be executed. */
      if (g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_BUSY)
          || !g_file_test (job->folder, G_FILE_TEST_EXISTS))
        continue;
      if (g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        {
          n_empty++;
          continue;
        }
      n_unclosed++;
      if (!first)
        first = job;
    }
  if (n_empty > 0)
    ms_complain ("%u process%s could not be recorded: killed at the first moment, or no room in %s",
                 n_empty, n_empty == 1 ? "" : "es", self->shown_folder);
  if (n_unclosed > 0)
    ms_complain ("%u folder%s could not be closed, and keep%s what was recorded: %s: %s",
                 n_unclosed, n_unclosed == 1 ? "" : "s", n_unclosed == 1 ? "s" : "", first->folder,
                 first->error->message);
}

static void
save_recording_file (Record *self)
{
  g_autoptr (GError) error = NULL;

  if (!was_removed (self) && !ms_recording_file_save (self->file, &error))
    ms_complain ("%s; the trace folders are complete without it", error->message);
}

/* --- those who live on ------------------------------------------------------------------------ */

/* In the observer: nothing of the terminal or of the caller's pipes stays with us, or whoever reads
 * them would wait for our end. */
static void
detach (void)
{
  int fd;

  setsid ();
  if (chdir ("/") != 0)
    g_debug ("chdir: %s", g_strerror (errno));
  fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; i++)
    if (fd < 0 || dup2 (fd, i) < 0)
      close (i);
  if (fd > 2)
    close (fd);
  prctl (PR_SET_NAME, "memscope-watch");
}

/* What could not be closed keeps its pool, but not if its link is gone. */
static void
remove_pool_folder (Record *self)
{
  if (self->pool_folder)
    ms_pool_folder_remove (self->pool_folder, was_removed (self));
}

/* Takes over the windows of those who run already. */
static void
begin_agent (Record *self)
{
  g_autoptr (GPtrArray) living = ms_watch_get_living (self->watch);

  self->agent = ms_window_agent_new (ms_recording_file_get_folder (self->file));
  for (guint i = 0; i < living->len; i++)
    {
      const MsWatchedProcess *process = g_ptr_array_index (living, i);

      if (process->folder)
        ms_window_agent_add (self->agent, process->folder);
    }
}

G_NORETURN static void
observe (Record *self)
{
  detach ();
  /* Not our own work: GDBus does not live through fork (2). */
  ms_agent_server_keep (&self->server, ms_recording_file_get_folder (self->file));
  begin_agent (self);
  if (self->sampler)
    ms_resource_sampler_start (self->sampler);
  ms_watch_become_observer (self->watch);
  ms_watch_run (self->watch, MS_WATCH_UNTIL_ALL_GONE, 0);
  g_clear_pointer (&self->sampler, ms_resource_sampler_free);
  close_again (self, FALSE);
  save_recording_file (self);
  remove_pool_folder (self);
  _exit (EXIT_SUCCESS);
}

/* The list gets what can be said of those who still run, now. */
static void
put_living (Record *self, GPtrArray *living)
{
  for (guint i = 0; i < living->len; i++)
    {
      const MsWatchedProcess *process = g_ptr_array_index (living, i);
      g_autofree char *path = g_build_filename (ms_recording_file_get_folder (self->file),
                                                process->folder ? process->folder : "", NULL);
      MsTraceSummary *summary = process->folder ? ms_closer_peek (path, NULL) : NULL;

      if (summary)
        ms_recording_file_put (self->file, summary);
    }
}

/* What could not be closed holds events all the same. */
static void
put_unclosed (Record *self)
{
  for (guint i = 0; i < self->unclosed->len; i++)
    {
      const MsCloseJob *job = g_ptr_array_index (self->unclosed, i);
      MsTraceSummary *summary =
          g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_BUSY)
                  || g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
              ? NULL
              : ms_closer_peek (job->folder, NULL);

      if (summary)
        ms_recording_file_put (self->file, summary);
    }
}

/* Loading needs descriptors, and the watch holds some.  Once it is gone, what could not be read for
 * want of them perhaps can. */
static void
read_again (Record *self)
{
  GPtrArray *processes = ms_recording_file_get_processes (self->file);
  g_autoptr (GPtrArray) again =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ms_trace_summary_free);
  MsProcessEnd end = { .is_certain = TRUE };

  for (guint i = 0; i < processes->len; i++)
    {
      const MsTraceSummary *before = g_ptr_array_index (processes, i);
      g_autofree char *path =
          g_build_filename (ms_recording_file_get_folder (self->file), before->folder, NULL);
      MsTraceSummary *summary = before->load_error ? ms_closer_close (path, &end, NULL) : NULL;

      if (summary)
        g_ptr_array_add (again, summary);
    }
  while (again->len > 0)
    ms_recording_file_put (self->file, g_ptr_array_steal_index (again, again->len - 1));
}

static void
leave_observer (Record *self, GPtrArray *living)
{
  pid_t observer;

  /* A child would not have their threads. */
  g_clear_pointer (&self->agent, ms_window_agent_free);
  if (self->sampler)
    ms_resource_sampler_stop (self->sampler);
  observer = fork ();
  if (observer == 0)
    observe (self);
  if (observer < 0)
    ms_complain (
        "cannot leave an observer behind (%s); the folders stay readable, but are not closed",
        g_strerror (errno));
  ms_say_who_lives_on (living);
}

/* --- the command ------------------------------------------------------------------------------ */

static gboolean
prepare_output (Record *self, const char *program, GError **error)
{
  g_autofree char *folder = NULL;

  self->shown_folder =
      self->options->output ? g_strdup (self->options->output) : ms_output_folder_choose (program);
  folder = ms_output_folder_make (self->shown_folder, error);
  if (!folder)
    return FALSE;
  self->file = ms_recording_file_new (folder, self->options->command);
  if (!ms_output_folder_add_control_page (folder, error)
      || !ms_recording_file_save (self->file, error))
    return FALSE;
  self->lock_fd = ms_agent_lock_take (folder);
  return TRUE;
}

/* execvp (3) gives a file without a first line to the shell. */
static char **
build_arguments (Record *self, const char *path, gboolean needs_shell)
{
  GPtrArray *arguments = g_ptr_array_new ();
  char **command = self->options->command;

  if (needs_shell)
    {
      g_ptr_array_add (arguments, g_strdup ("/bin/sh"));
      g_ptr_array_add (arguments, g_strdup (path));
      command++;
    }
  for (; *command; command++)
    g_ptr_array_add (arguments, g_strdup (*command));
  g_ptr_array_add (arguments, NULL);
  return (char **) g_ptr_array_free (arguments, FALSE);
}

static void
start_sampler (Record *self)
{
  g_autoptr (GError) error = NULL;

  if (self->options->resources_rate == 0)
    return;
  self->sampler = ms_resource_sampler_new (ms_recording_file_get_folder (self->file),
                                           self->options->resources_rate, &error);
  if (self->sampler)
    ms_resource_sampler_start (self->sampler);
  else
    ms_complain ("%s", error->message);
}

/* `memscope open --live` waits for the program and then becomes the window.  Begun before we take orphans in and
 * block signals: it is to be nobody's child.  A window that cannot be opened is no reason not to record. */
static void
open_window (Record *self)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  char *arguments[] = { own,
                        (char[]) { "open" },
                        (char[]) { "--live" },
                        (char[]) { "--" },
                        (char *) ms_recording_file_get_folder (self->file),
                        NULL };

  if (own == NULL
      || !g_spawn_async (NULL, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                         &error))
    {
      ms_complain ("--open: no window can be opened (%s); recording goes on without it",
                   error != NULL ? error->message : "no /proc");
      ms_hold_end (ms_recording_file_get_folder (self->file));
    }
}

/* Everything that can be wrong is found here, before the program runs. */
static gboolean
start (Record *self, GError **error)
{
  g_autofree char *program = ms_program_find (self->options->command[0], error);
  g_autofree char *preload = NULL;
  g_auto (GStrv) arguments = NULL;
  g_auto (GStrv) environment = NULL;
  gboolean needs_shell;
  sigset_t blocked;
  pid_t pid;

  if (!program || !ms_program_check (program, &needs_shell, error)
      || !(preload = ms_launch_find_preload (error)) || !prepare_output (self, program, error))
    return FALSE;

  self->pool_folder = ms_pool_folder_make (ms_recording_file_get_folder (self->file));
  arguments = build_arguments (self, program, needs_shell);
  environment =
      ms_launch_build_environment (self->options, preload,
                                   ms_recording_file_get_folder (self->file), self->pool_folder);
  if (self->options->open)
    {
      ms_hold_begin (ms_recording_file_get_folder (self->file));
      open_window (self);
    }
  ms_watch_get_signals (&blocked);
  ms_signal_state_enter (&self->signals, &blocked);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  self->watch = ms_watch_new (ms_recording_file_get_folder (self->file), process_came_cb,
                              process_gone_cb, tick_cb, self, error);
  if (!self->watch)
    return FALSE;
  self->start_ns = get_monotonic_ns ();
  pid = ms_launch_start (needs_shell ? "/bin/sh" : program, arguments, environment, &self->signals,
                         error);
  if (pid < 0)
    return FALSE;
  ms_watch_set_main (self->watch, pid);
  ms_recording_file_set_main (self->file, pid);
  /* What cannot be written yet is said at the end, if it is so then. */
  ms_recording_file_save (self->file, NULL);
  self->agent = ms_window_agent_new (ms_recording_file_get_folder (self->file));
  start_sampler (self);
  self->service = ms_tracker_service_new ();
  return TRUE;
}

static void
wait_and_close (Record *self)
{
  g_autoptr (GPtrArray) living = NULL;
  gboolean nobody_left;

  /* Whatever becomes of our standard error, the recording is closed. */
  signal (SIGPIPE, SIG_IGN);
  ms_watch_run (self->watch, MS_WATCH_UNTIL_MAIN_ENDED, 0);
  self->duration_ns = get_monotonic_ns () - self->start_ns;
  self->wait_status = ms_watch_get_main_status (self->watch);
  ms_recording_file_set_end (self->file, self->wait_status);
  ms_watch_run (self->watch,
                self->options->wait ? MS_WATCH_UNTIL_ALL_GONE : MS_WATCH_UNTIL_MAIN_ENDED,
                GRACE_MS);

  /* From here on an impatient Control-C ends us; folders that are not closed then lose nothing. */
  sigprocmask (SIG_SETMASK, &self->signals.mask, NULL);
  nobody_left = !ms_watch_has_children (self->watch);
  /* Its descriptors are worth more to who closes, where few are allowed. */
  if (nobody_left)
    {
      g_clear_pointer (&self->agent, ms_window_agent_free);
      g_clear_pointer (&self->sampler, ms_resource_sampler_free);
      ms_agent_lock_clear (&self->lock_fd);
    }
  close_again (self, nobody_left);
  g_clear_pointer (&self->service, ms_tracker_service_free);
  say_what_is_unclosed (self);
  ms_watch_add_folderless (self->watch, self->unclosed->len > 0);
  living = ms_watch_get_living (self->watch);
  if (living->len == 0)
    {
      g_clear_pointer (&self->watch, ms_watch_free);
      read_again (self);
    }
  put_unclosed (self);
  put_living (self, living);
  save_recording_file (self);
  if (living->len > 0)
    leave_observer (self, living);
  else
    remove_pool_folder (self);
}

static void
print_summary (Record *self)
{
  g_autofree char *text = NULL;

  if (was_removed (self))
    {
      ms_complain ("%s was removed while the program ran: nothing is left of the recording",
                   self->shown_folder);
      return;
    }
  text = ms_record_summary_format (self->shown_folder, ms_recording_file_get_processes (self->file),
                                   self->duration_ns, self->wait_status);

  g_printerr ("%s", text);
}

int
ms_command_record (int argc, char **argv)
{
  g_auto (Record) self = { .lock_fd = -1 };
  g_autoptr (GError) error = NULL;

  self.options = ms_record_options_parse ((const char *const *) argv + 1, &error);
  if (!self.options)
    {
      ms_complain ("%s", error->message);
      return MS_EXIT_USAGE;
    }
  if (self.options->debug) /* of our own collectors too */
    g_setenv ("MEMSCOPE_DEBUG", "1", TRUE);
  if (self.options->help)
    {
      ms_record_options_print_help ();
      return MS_EXIT_OK;
    }
  self.queue = ms_close_queue_new ();
  self.unclosed = g_ptr_array_new_with_free_func ((GDestroyNotify) ms_close_job_free);
  if (!start (&self, &error))
    {
      if (self.file)
        ms_output_folder_remove (ms_recording_file_get_folder (self.file));
      if (self.pool_folder)
        ms_pool_folder_remove (self.pool_folder, TRUE);
      ms_complain ("%s", error->message);
      return MS_EXIT_FAILURE;
    }
  wait_and_close (&self);
  print_summary (&self);
  ms_launch_end_like (self.wait_status);
}
