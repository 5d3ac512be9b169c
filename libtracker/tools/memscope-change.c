/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope change [PID|NAME]: starts and stops the recording of a program that runs, and changes what is recorded.
 *
 *   memscope change --threads 'worker*' --start server     of what was started with record --dormant
 *   memscope change --sampling-rate 0.01 server
 *
 * One after the other in the order of struct Change, so that a recording that is started has its rule from its
 * first event on.  Through the agent where there is a session bus, else through the trace folder.
 */
#include <math.h>

#include "memscope-commands.h"
#include "ms-choose-program.h"
#include "ms-command-line.h"
#include "ms-control-page.h"
#include "ms-terminal-text.h"
#include "ms-tracker-client.h"

#define EVERY_ALLOCATION 1.0
#define NO_INTERVAL (-1)

typedef struct {
  char *rule;
  double rate;     /* NAN: as it is */
  gint64 interval; /* bytes; NO_INTERVAL: as it is */
  gboolean is_start, is_stop;
  char *mark;
  MsTrackerClient *client;
  gboolean is_waiting;
  int status;
} Change;

static void
change_clear (Change *self)
{
  g_clear_object (&self->client);
  g_free (self->rule);
  g_free (self->mark);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
has_sampling (const Change *self)
{
  return !isnan (self->rate) || self->interval != NO_INTERVAL;
}

/* NULL: it can be asked for. */
static const char *
why_wrong (const Change *self)
{
  if (self->rule == NULL && self->mark == NULL && !has_sampling (self) && !self->is_start
      && !self->is_stop)
    return "says nothing to change; --help lists what can be";
  if (self->is_start && self->is_stop)
    return "--start and --stop cannot be both";
  if (!isnan (self->rate) && self->interval != NO_INTERVAL)
    return "--sampling-rate and --sample-interval cannot be both";
  if (!isnan (self->rate) && !(self->rate > 0 && self->rate <= 1))
    return "--sampling-rate is above 0 and at most 1";
  if (self->interval < NO_INTERVAL)
    return "--sample-interval is a number of bytes, or 0 for every allocation";
  return NULL;
}

/* --- one after the other ------------------------------------------------------------------------- */

static void
answered (Change *self, const GError *error)
{
  self->is_waiting = FALSE;
  if (error == NULL)
    return;
  ms_complain ("change: %s", error->message);
  self->status = MS_EXIT_FAILURE;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *self = user_data;
  g_autoptr (GError) error = NULL;

  self->client = ms_tracker_client_connect_finish (result, &error);
  answered (self, error);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  ms_tracker_client_change_finish (MS_TRACKER_CLIENT (source), result, &error);
  answered (user_data, error);
}

static void
marked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gint64 time_ns;

  if (ms_tracker_client_mark_finish (MS_TRACKER_CLIENT (source), result, &time_ns, NULL, &error))
    {
      g_autofree char *at = ms_format_duration (time_ns);

      g_printerr ("Marked at %s.\n", at);
    }
  answered (user_data, error);
}

/* FALSE: that was refused, and what comes after it is not to be. */
static gboolean
wait_for_answer (Change *self)
{
  self->is_waiting = TRUE;
  while (self->is_waiting)
    g_main_context_iteration (NULL, TRUE);
  return self->status == MS_EXIT_OK;
}

static gboolean
set_rule (Change *self)
{
  if (self->rule == NULL)
    return TRUE;
  ms_tracker_client_set_thread_rule_async (self->client, self->rule, NULL, changed_cb, self);
  return wait_for_answer (self);
}

static gboolean
set_sampling (Change *self)
{
  if (!has_sampling (self))
    return TRUE;
  ms_tracker_client_set_sampling_async (self->client,
                                        isnan (self->rate) ? EVERY_ALLOCATION : self->rate,
                                        self->interval == NO_INTERVAL ? 0
                                                                      : (guint64) self->interval,
                                        NULL, changed_cb, self);
  return wait_for_answer (self);
}

static gboolean
start_or_stop (Change *self)
{
  if (!self->is_start && !self->is_stop)
    return TRUE;
  ms_tracker_client_set_recording_async (self->client, self->is_start, NULL, changed_cb, self);
  return wait_for_answer (self);
}

static gboolean
mark (Change *self)
{
  if (self->mark == NULL)
    return TRUE;
  ms_tracker_client_mark_async (self->client, self->mark, FALSE, NULL, marked_cb, self);
  return wait_for_answer (self);
}

static void
say_what_waits (Change *self)
{
  MsControl control;
  gboolean is_pending = ms_tracker_client_is_pending (self->client);

  /* Here it stands now; over the bus it is news that may come after the answer. */
  if (ms_control_read (ms_tracker_client_get_folder (self->client), &control, NULL))
    is_pending = control.is_pending;
  if (is_pending)
    g_printerr ("The program does not allocate just now: "
                "it changes when it next allocates.\n");
}

static int
change (Change *self, MsRunningProgram *program)
{
  ms_tracker_client_connect_async (program, NULL, connected_cb, self);
  if (wait_for_answer (self) && set_rule (self) && set_sampling (self) && start_or_stop (self)
      && mark (self))
    say_what_waits (self);
  return self->status;
}

int
ms_command_change (int argc, char **argv)
{
  g_auto (Change) self = { .rate = NAN, .interval = NO_INTERVAL, .status = MS_EXIT_OK };
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_STRING, &self.rule,
      "Which threads are recorded from now on, as with memscope record", "RULE" },
    { "sampling-rate", 0, 0, G_OPTION_ARG_DOUBLE, &self.rate,
      "Keep each allocation with this probability, up to 1", "F" },
    { "sample-interval", 0, 0, G_OPTION_ARG_INT64, &self.interval,
      "Keep one allocation in so many bytes on average (0: every one)", "BYTES" },
    { "start", 0, 0, G_OPTION_ARG_NONE, &self.is_start, "Record from now on", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &self.is_stop, "Record nothing from now on", NULL },
    { "mark", 0, 0, G_OPTION_ARG_STRING, &self.mark, "Name this instant on the timeline", "TEXT" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "change", "[PID|NAME]", entries,
      "Starts and stops the recording of a program that runs, and changes what is recorded.\n"
      "The program runs on; its timeline has a mark where that was.",
      NULL);
  g_autoptr (MsRunningPrograms) programs = NULL;
  g_autoptr (MsRunningProgram) program = NULL;
  const char *wrong;

  if (!ms_command_line_parse (context, &argc, &argv))
    return MS_EXIT_USAGE;
  wrong = why_wrong (&self);
  if (wrong != NULL)
    {
      ms_complain ("change: %s", wrong);
      return MS_EXIT_USAGE;
    }
  if (argc > 2)
    {
      ms_complain ("change: one program at a time, not \"%s\" as well", argv[2]);
      return MS_EXIT_USAGE;
    }
  programs = ms_running_programs_new ();
  program = ms_choose_program (programs, "change", argc > 1 ? argv[1] : NULL);
  return program != NULL ? change (&self, program) : MS_EXIT_FAILURE;
}
