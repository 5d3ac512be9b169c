/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope-agent: watches from outside a program that records itself.  `memscope record` does the same for
 * the programs that it starts; this is for those that nobody of ours has started, and is started by the
 * recorder's library, once for each recording.  Nobody sees what it prints.
 */
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>

#include "ms-recording-agent.h"
#include "ms-recording-server.h"
#include "ms-resource-sampler.h"
#include "ms-trace-agent.h"
#include "ms-watch.h"

#define EXIT_USAGE 2

/* Those that end us are read from a descriptor.  A limit on files is an error of the write. */
static void
block_signals (void)
{
  sigset_t signals;

  ms_watch_get_signals (&signals);
  sigaddset (&signals, SIGXFSZ);
  sigaddset (&signals, SIGPIPE);
  sigprocmask (SIG_BLOCK, &signals, NULL);
}

/* Readable when we are to end. */
static int
watch_signals (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
main (int argc, char **argv)
{
  g_autofree char *trace = NULL;
  g_autofree char *recording = NULL;
  g_autofree char *serve = NULL;
  const char *folder;
  gint rate = MS_DEFAULT_RESOURCES_RATE;
  const GOptionEntry entries[] = {
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &trace, "The trace folder of a program that runs",
      "DIR" },
    { "recording", 0, 0, G_OPTION_ARG_FILENAME, &recording,
      "The folder that programs with MEMSCOPE_LIVE=1 record into", "DIR" },
    { "serve", 0, 0, G_OPTION_ARG_FILENAME, &serve,
      "A recording that somebody else writes: only show it to who wants to watch", "DIR" },
    { "resources-rate", 0, 0, G_OPTION_ARG_INT, &rate, "Samples a second, 0 to 100", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1
      || (trace != NULL) + (recording != NULL) + (serve != NULL) != 1
      || !(folder = trace       ? trace
                    : recording ? recording
                                : serve)
      || !g_path_is_absolute (folder) || rate < 0 || rate > MS_MAX_RESOURCES_RATE)
    {
      g_printerr ("memscope-agent: %s\n",
                  error ? error->message
                        : "wants --trace, --recording or --serve with a path from the root, and a "
                          "rate of 0 to 100");
      return EXIT_USAGE;
    }
  block_signals ();
  if (trace       ? ms_trace_agent_run (trace, (guint) rate, watch_signals (), &error)
      : recording ? ms_recording_agent_run (recording, (guint) rate, &error)
                  : ms_recording_server_run (serve, &error))
    return EXIT_SUCCESS;
  g_printerr ("memscope-agent: %s\n", error->message);
  return EXIT_FAILURE;
}
