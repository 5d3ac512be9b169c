/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope attach [PID|NAME]: watches a program that is being recorded.
 *
 *   on a terminal   one table of its threads, drawn anew twice a second
 *   --json          a line of JSON for each time
 *
 * The trace is followed as it grows, on a worker, so that the next picture never waits for the last reading.
 * Ctrl-C detaches; the program runs on and is recorded as before.
 */
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-attach-threads.h"
#include "ms-choose-program.h"
#include "ms-command-line.h"
#include "ms-follower.h"
#include "ms-json-writer.h"
#include "ms-report-text.h"
#include "ms-terminal-text.h"
#include "ms-tracker-client.h"

#define PICTURE_MS 500
#define OLD_US (2 * G_USEC_PER_SEC)

typedef struct {
  gboolean as_json;
  GMainLoop *loop;
  MsRunningPrograms *programs;
  MsTrackerClient *client;
  MsFollower *follower; /* the worker's while is_reading */
  GCancellable *cancellable;
  gboolean is_reading, is_last; /* is_last: of what the program left */
  gint64 asked_us;              /* when the latest reading began: what its figures are as of */
  gint64 not_before_us;         /* when the next one may: half of a core is enough for us */
  MsLiveFigures figures;
  int status;
} Attach;

static void
attach_clear (Attach *self)
{
  g_clear_object (&self->client);
  g_clear_object (&self->programs);
  g_clear_object (&self->follower);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->loop, g_main_loop_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attach, attach_clear)

/* --- pictures ------------------------------------------------------------------------------------- */

/* While it ends a process has given its memory back and is still there. */
static gboolean
has_resident (Attach *self)
{
  return self->figures.has_process && self->figures.resident_bytes > 0;
}

static const char *
state_word (Attach *self)
{
  if (ms_tracker_client_has_ended (self->client))
    return "ended";
  return ms_tracker_client_is_recording (self->client) ? "recording" : "dormant";
}

/* "running for 3.55 s: recording, suspended", "killed by signal 9 (Killed) after 3.55 s". (transfer full) */
static char *
describe_life (Attach *self, MsTrace *trace)
{
  g_autofree char *life = ms_format_duration (ms_trace_get_duration_ns (trace));
  MsState state = ms_trace_get_state (trace);
  g_autofree char *end = NULL;

  if (!ms_tracker_client_has_ended (self->client))
    return g_strdup_printf ("running for %s: %s%s", life, state_word (self),
                            ms_tracker_client_is_suspended (self->client) ? ", suspended" : "");
  /* What this is the last picture of may not have been closed yet. */
  if (state == MS_STATE_EXITED || state == MS_STATE_KILLED)
    end = ms_report_text_state (state, ms_trace_get_exit_status (trace));
  return g_strdup_printf ("%s after %s", end != NULL ? end : "ended", life);
}

/* "12 threads, 3 more ended"; of a program that ended: "15 threads". (transfer full) */
static char *
describe_threads (Attach *self, MsTrace *trace)
{
  guint64 n_all = ms_trace_get_n_threads (trace) + ms_trace_get_n_forgotten_threads (trace);
  guint64 n_living =
      ms_tracker_client_has_ended (self->client) ? n_all : ms_attach_threads_count_living (trace);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%" G_GUINT64_FORMAT " thread%s", n_living,
                          n_living == 1 ? "" : "s");
  if (n_living < n_all)
    g_string_append_printf (text, ", %" G_GUINT64_FORMAT " more ended", n_all - n_living);
  return g_string_free (text, FALSE);
}

static void
add_heading (Attach *self, MsTrace *trace, GString *out)
{
  const MsTotals *totals = ms_trace_get_totals (trace, ms_trace_get_main_domain (trace));
  g_autofree char *program = ms_terminal_text_clean (ms_tracker_client_get_program (self->client));
  g_autofree char *live = ms_format_bytes (totals->live_bytes);
  g_autofree char *peak = ms_format_bytes (totals->peak_bytes);
  g_autofree char *allocations = ms_format_count (totals->allocations);
  g_autofree char *life = describe_life (self, trace);
  g_autofree char *threads = describe_threads (self, trace);

  g_string_append_printf (out, "%s (pid %u), %s\n", program,
                          ms_tracker_client_get_pid (self->client), life);
  if (!ms_attach_threads_are_recorded (trace))
    g_string_append (out, "  no allocations recorded");
  else if (ms_trace_why_no_live (trace) != NULL)
    g_string_append_printf (out, "  live and peak %s   %s allocations",
                            ms_trace_why_no_live (trace), allocations);
  else
    g_string_append_printf (out, "  live %s   peak %s   %s allocations", live, peak, allocations);
  g_string_append_printf (out, "   %s", threads);
  if (has_resident (self))
    {
      g_autofree char *resident = ms_format_bytes (self->figures.resident_bytes);

      g_string_append_printf (out, "   resident %s", resident);
    }
  if (self->figures.has_cpu)
    g_string_append_printf (out, "   CPU %.0f %%", self->figures.cpu_percent);
  /* A program that records faster than this machine reads is seen as it was. */
  if (g_get_monotonic_time () - self->asked_us > OLD_US)
    {
      g_autofree char *age = ms_format_duration (1000 * (g_get_monotonic_time () - self->asked_us));

      g_string_append_printf (out, "   %s ago", age);
    }
  g_string_append (out, "\n\n");
}

static void
print_picture (Attach *self, MsTrace *trace)
{
  g_autoptr (GString) out = g_string_new (NULL);
  MsTerminal terminal;

  if (!ms_terminal_init (&terminal, NULL))
    return;
  /* From the top, over what was there, and nothing of it left below: no flicker. */
  if (isatty (STDOUT_FILENO))
    g_string_append (out, "\033[H\033[J");
  add_heading (self, trace, out);
  ms_attach_threads_print (trace, &terminal, out);
  g_string_append (out, self->is_last ? "\n" : "\nCtrl-C detaches; the program runs on.\n");
  if (!ms_terminal_write (out))
    g_main_loop_quit (self->loop);
}

static void
print_line (Attach *self, MsTrace *trace)
{
  g_autoptr (MsJsonWriter) json = ms_json_writer_new (NULL, MS_JSON_COMPACT);
  g_autoptr (GString) out = NULL;
  g_autofree char *text = NULL;

  ms_json_writer_begin_object (json);
  ms_json_writer_key (json, "pid");
  ms_json_writer_uint (json, ms_tracker_client_get_pid (self->client));
  ms_json_writer_key (json, "time_ns");
  ms_json_writer_int (json, ms_trace_get_duration_ns (trace));
  ms_json_writer_key (json, "age_ns");
  ms_json_writer_int (json, 1000 * (g_get_monotonic_time () - self->asked_us));
  ms_json_writer_key (json, "state");
  ms_json_writer_string (json, state_word (self));
  ms_json_writer_key (json, "suspended");
  ms_json_writer_boolean (json, ms_tracker_client_is_suspended (self->client));
  ms_attach_totals_write (trace, ms_trace_get_totals (trace, ms_trace_get_main_domain (trace)),
                          ms_attach_threads_are_recorded (trace), json);
  ms_json_writer_key (json, "resident_bytes");
  if (has_resident (self))
    ms_json_writer_uint (json, self->figures.resident_bytes);
  else
    ms_json_writer_null (json);
  ms_json_writer_key (json, "cpu_percent");
  if (self->figures.has_cpu)
    ms_json_writer_double (json, self->figures.cpu_percent);
  else
    ms_json_writer_null (json);
  ms_attach_threads_write (trace, json);
  ms_json_writer_end_object (json);
  text = ms_json_writer_close_to_string (g_steal_pointer (&json));
  out = g_string_new (text);
  g_string_append (out, g_str_has_suffix (text, "\n") ? "" : "\n");
  if (!ms_terminal_write (out))
    g_main_loop_quit (self->loop);
}

/* --- reading -------------------------------------------------------------------------------------- */

static void
read_thread (GTask *task, gpointer source, gpointer follower, GCancellable *cancellable)
{
  GError *error = NULL;
  MsTrace *trace = ms_follower_read (follower, cancellable, NULL, NULL, &error);

  if (trace != NULL)
    g_task_return_pointer (task, trace, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attach *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = g_task_propagate_pointer (G_TASK (result), &error);

  self->is_reading = FALSE;
  self->not_before_us = 2 * g_get_monotonic_time () - self->asked_us;
  if (trace != NULL && self->as_json)
    print_line (self, trace);
  else if (trace != NULL)
    print_picture (self, trace);
  else if (!g_error_matches (error, MS_ERROR, MS_ERROR_EMPTY)
           && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      ms_complain ("attach: %s", error->message);
      self->status = MS_EXIT_FAILURE;
      g_main_loop_quit (self->loop);
    }
  if (self->is_last)
    g_main_loop_quit (self->loop);
}

static gboolean
picture_cb (gpointer user_data)
{
  Attach *self = user_data;
  gboolean has_ended = ms_tracker_client_has_ended (self->client);
  g_autoptr (GTask) task = NULL;

  if (self->is_reading || self->is_last
      || (!has_ended && g_get_monotonic_time () < self->not_before_us))
    return G_SOURCE_CONTINUE;
  self->is_reading = TRUE;
  self->asked_us = g_get_monotonic_time ();
  self->is_last = has_ended;
  task = g_task_new (NULL, self->cancellable, read_cb, self);
  g_task_set_task_data (task, g_object_ref (self->follower), g_object_unref);
  g_task_run_in_thread (task, read_thread);
  return G_SOURCE_CONTINUE;
}

static void
sample_cb (MsTrackerClient *client, const MsLiveFigures *figures, Attach *self)
{
  self->figures = *figures;
}

static gboolean
detach_cb (gpointer user_data)
{
  Attach *self = user_data;

  g_cancellable_cancel (self->cancellable);
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attach *self = user_data;
  g_autoptr (GError) error = NULL;

  self->client = ms_tracker_client_connect_finish (result, &error);
  if (self->client != NULL)
    self->follower = ms_follower_new (ms_tracker_client_get_folder (self->client), &error);
  if (self->follower == NULL)
    {
      ms_complain ("attach: %s", error->message);
      self->status = MS_EXIT_FAILURE;
      g_main_loop_quit (self->loop);
      return;
    }
  g_signal_connect (self->client, "sample", G_CALLBACK (sample_cb), self);
  g_timeout_add (PICTURE_MS, picture_cb, self);
}

int
ms_command_attach (int argc, char **argv)
{
  g_auto (Attach) self = { .status = MS_EXIT_OK };
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.as_json,
      "For scripts: a line for each half second, until the program ends", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "attach", "[PID|NAME]", entries,
      "Watches a program that is being recorded: its threads and their memory, twice a second.\n"
      "Ctrl-C detaches; the program runs on and is recorded as before.",
      NULL);
  g_autoptr (MsRunningProgram) program = NULL;

  if (!ms_command_line_parse (context, &argc, &argv))
    return MS_EXIT_USAGE;
  if (argc > 2)
    {
      ms_complain ("attach: one program at a time, not \"%s\" as well", argv[2]);
      return MS_EXIT_USAGE;
    }
  self.programs = ms_running_programs_new ();
  program = ms_choose_program (self.programs, "attach", argc > 1 ? argv[1] : NULL);
  if (program == NULL)
    return MS_EXIT_FAILURE;
  self.loop = g_main_loop_new (NULL, FALSE);
  self.cancellable = g_cancellable_new ();
  g_unix_signal_add (SIGINT, detach_cb, &self);
  g_unix_signal_add (SIGTERM, detach_cb, &self);
  ms_tracker_client_connect_async (program, NULL, connected_cb, &self);
  g_main_loop_run (self.loop);
  /* The worker has the follower. */
  while (self.is_reading)
    g_main_context_iteration (NULL, TRUE);
  return self.status;
}
