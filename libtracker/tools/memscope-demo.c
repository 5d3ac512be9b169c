/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope demo: runs the demonstration's program, which records itself in a session of
 * <memscope/tracker.h>, and holds its trace against what its threads counted themselves.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "memscope-commands.h"
#include "ms-closer.h"
#include "ms-command-line.h"
#include "ms-demo-check.h"
#include "ms-launch.h"
#include "ms-output-folder.h"
#include "ms-record-summary.h"

typedef struct {
  char *output, *ledger;
  gboolean is_ledger_ours;
  double seconds;
} DemoOptions;

static void
demo_options_clear (DemoOptions *self)
{
  g_clear_pointer (&self->output, g_free);
  if (self->is_ledger_ours)
    g_unlink (self->ledger);
  g_clear_pointer (&self->ledger, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DemoOptions, demo_options_clear)

static gboolean
parse_options (DemoOptions *self, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output,
      "Write here; must be empty or not be there yet (./memscope-demo-YYYYMMDD-HHMMSS)", "DIR" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &self->seconds, "How long it runs (3)", "S" },
    { "ledger", 0, 0, G_OPTION_ARG_FILENAME, &self->ledger,
      "Keep what each thread counted itself here", "FILE" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "demo", "", entries,
      "Records a demonstration: fifty threads of an imaginary database server.",
      "Needs about 500 MB of memory while it runs.  Each thread counts itself what it does; exit "
      "status 1 if the trace says anything else.");

  if (!ms_command_line_parse (context, &argc, &argv))
    return FALSE;
  if (argc > 1)
    {
      ms_complain ("demo takes no \"%s\" (see memscope demo --help)", argv[1]);
      return FALSE;
    }
  if (!(self->seconds >= 0.1 && self->seconds <= 3600))
    {
      ms_complain ("--seconds must be from 0.1 to 3600");
      return FALSE;
    }
  return TRUE;
}

static gint64
get_monotonic_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* FALSE: it could not be started. */
static gboolean
run_workload (const DemoOptions *options, const char *folder, int *wait_status, GError **error)
{
  g_autofree char *program = ms_launch_find_demo (error);
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];
  g_auto (GStrv) environment = g_get_environ ();
  const char *arguments[8] = { program, "--output", folder, "--seconds",
                               g_ascii_dtostr (seconds, sizeof seconds, options->seconds) };
  MsSignalState signals;
  sigset_t terminal;
  pid_t pid;

  if (!program)
    return FALSE;
  arguments[5] = "--ledger";
  arguments[6] = options->ledger;
  /* Control-C ends the workload, and we still close what it recorded. */
  sigemptyset (&terminal);
  sigaddset (&terminal, SIGINT);
  sigaddset (&terminal, SIGQUIT);
  ms_signal_state_enter (&signals, &terminal);
  pid = ms_launch_start (program, (char *const *) arguments, environment, &signals, error);
  if (pid < 0)
    return FALSE;
  while (waitpid (pid, wait_status, 0) < 0 && errno == EINTR)
    ;
  return TRUE;
}

static int
report (const char *shown_folder, const char *folder, gint64 duration_ns, int wait_status)
{
  g_autoptr (GPtrArray) processes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ms_trace_summary_free);
  MsProcessEnd end = { .has_wait_status = TRUE,
                       .wait_status = wait_status,
                       .end_ns = get_monotonic_ns (),
                       .is_certain = TRUE };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  MsTraceSummary *summary = ms_closer_close (folder, &end, &error);

  if (!summary)
    {
      /* The workload has said itself what was wrong, if it did not get so far as to write. */
      if (g_rmdir (folder) != 0)
        ms_complain ("%s", error->message);
      else if (wait_status == 0)
        ms_complain (
            "the demonstration wrote nothing into %s; where memscope itself is recorded, it "
            "is in that recording",
            shown_folder);
      return MS_EXIT_FAILURE;
    }
  g_ptr_array_add (processes, summary);
  text = ms_record_summary_format (shown_folder, processes, duration_ns, wait_status);
  g_printerr ("%s", text);
  return MS_EXIT_OK;
}

/* Where the threads' own counts go, if nobody wants to keep them. */
static gboolean
choose_ledger (DemoOptions *options, GError **error)
{
  int fd;

  if (options->ledger)
    return TRUE;
  fd = g_file_open_tmp ("memscope-demo-XXXXXX", &options->ledger, error);
  options->is_ledger_ours = fd >= 0;
  return fd >= 0 && g_close (fd, error);
}

int
ms_command_demo (int argc, char **argv)
{
  g_auto (DemoOptions) options = { .seconds = 3 };
  g_autofree char *shown_folder = NULL;
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start_ns;
  int wait_status, result;

  if (!parse_options (&options, argc, argv))
    return MS_EXIT_USAGE;
  shown_folder = options.output ? g_strdup (options.output) : ms_output_folder_choose ("demo");
  folder = ms_output_folder_make (shown_folder, &error);
  start_ns = get_monotonic_ns ();
  if (!folder || !choose_ledger (&options, &error)
      || !run_workload (&options, folder, &wait_status, &error))
    {
      if (folder)
        ms_output_folder_remove (folder);
      ms_complain ("%s", error->message);
      return MS_EXIT_FAILURE;
    }
  result = report (shown_folder, folder, get_monotonic_ns () - start_ns, wait_status);
  if (result == MS_EXIT_OK && wait_status != 0)
    ms_launch_end_like (wait_status);
  if (result == MS_EXIT_OK && !ms_demo_check (folder, options.ledger))
    result = MS_EXIT_FAILURE;
  return result;
}
