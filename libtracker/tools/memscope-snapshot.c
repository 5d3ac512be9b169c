/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope snapshot [PID|NAME]: marks this instant in a recording, and where only the last events are kept
 * (record --ring) saves them.
 *
 *   a flight recorder   prints the folder of the closed trace that has what happened lately
 *   any other           says that all of it is kept
 *
 * The agent does it, through the session bus; where there is none, this program does it in the trace folder.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "memscope-commands.h"
#include "ms-choose-program.h"
#include "ms-command-line.h"
#include "ms-terminal-text.h"
#include "ms-tracker-client.h"

#define DEFAULT_NAME "snapshot"

typedef struct {
  char *name, *output;
  GMainLoop *loop;
  MsTrackerClient *client;
  int status;
} Taking;

static void
taking_clear (Taking *self)
{
  g_clear_object (&self->client);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_free (self->name);
  g_free (self->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taking, taking_clear)

static void
fail (Taking *self, const char *message)
{
  ms_complain ("snapshot: %s", message);
  self->status = MS_EXIT_FAILURE;
  g_main_loop_quit (self->loop);
}

/* Where it was wanted, if that is on the same file system. */
static gboolean
move (Taking *self, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (self->output == NULL || rename (path, self->output) == 0)
    return TRUE;
  ms_complain ("snapshot: cannot be moved to %s: %s; it is in %s", self->output, g_strerror (errno),
               shown);
  self->status = MS_EXIT_FAILURE;
  return FALSE;
}

static void
marked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Taking *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *at = NULL;
  gint64 time_ns;

  if (!ms_tracker_client_mark_finish (self->client, result, &time_ns, &path, &error))
    {
      fail (self, error->message);
      return;
    }
  at = ms_format_duration (time_ns);
  if (path == NULL && self->output != NULL) /* who asked for a folder goes on with it */
    self->status = MS_EXIT_FAILURE;
  if (path == NULL && !ms_tracker_client_is_recording (self->client))
    g_printerr ("Marked at %s.  Recording is off: there is nothing to save.\n", at);
  else if (path == NULL)
    g_printerr ("Marked at %s.  All events of this recording are kept: there is nothing to save "
                "(memscope record --ring keeps the last ones only).\n",
                at);
  else if (move (self, path))
    g_print ("%s\n", self->output != NULL ? self->output : path);
  g_main_loop_quit (self->loop);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Taking *self = user_data;
  g_autoptr (GError) error = NULL;

  self->client = ms_tracker_client_connect_finish (result, &error);
  if (self->client == NULL)
    fail (self, error->message);
  else
    ms_tracker_client_mark_async (self->client, self->name != NULL ? self->name : DEFAULT_NAME,
                                  TRUE, NULL, marked_cb, self);
}

int
ms_command_snapshot (int argc, char **argv)
{
  g_auto (Taking) self = { .status = MS_EXIT_OK };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self.output,
      "Where to; must not be there yet, and be on the recording's file system (in its folder)",
      "DIR" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &self.name,
      "What to call this instant on the timeline (snapshot)", "TEXT" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = ms_command_line_new (
      "snapshot", "[PID|NAME]", entries,
      "Saves what a program did lately that runs under `memscope record --ring`, as a recording\n"
      "of its own, and prints its folder.  The program runs on and notices nothing.",
      NULL);
  g_autoptr (MsRunningPrograms) programs = NULL;
  g_autoptr (MsRunningProgram) program = NULL;

  if (!ms_command_line_parse (context, &argc, &argv))
    return MS_EXIT_USAGE;
  if (argc > 2)
    {
      ms_complain ("snapshot: one program at a time, not \"%s\" as well", argv[2]);
      return MS_EXIT_USAGE;
    }
  if (self.output != NULL && g_file_test (self.output, G_FILE_TEST_EXISTS))
    {
      ms_complain ("snapshot: %s is there already; choose another folder", self.output);
      return MS_EXIT_USAGE;
    }
  programs = ms_running_programs_new ();
  program = ms_choose_program (programs, "snapshot", argc > 1 ? argv[1] : NULL);
  if (program == NULL)
    return MS_EXIT_FAILURE;
  self.loop = g_main_loop_new (NULL, FALSE);
  ms_tracker_client_connect_async (program, NULL, connected_cb, &self);
  g_main_loop_run (self.loop);
  return self.status;
}
