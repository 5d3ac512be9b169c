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

#include "ms-resource-sampler.h"
#include "ms-trace-agent.h"

#define EXIT_USAGE 2

/* Readable when we are to end. */
static int
watch_signals (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGXFSZ); /* a limit on files is an error of the write */
  sigaddset (&signals, SIGPIPE);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  sigdelset (&signals, SIGXFSZ);
  sigdelset (&signals, SIGPIPE);
  return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
main (int argc, char **argv)
{
  g_autofree char *trace = NULL;
  gint rate = MS_DEFAULT_RESOURCES_RATE;
  const GOptionEntry entries[] = {
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &trace, "The trace folder of a program that runs",
      "DIR" },
    { "resources-rate", 0, 0, G_OPTION_ARG_INT, &rate, "Samples a second, 0 to 100", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1 || !trace
      || !g_path_is_absolute (trace) || rate < 0 || rate > MS_MAX_RESOURCES_RATE)
    {
      g_printerr ("memscope-agent: %s\n",
                  error ? error->message : "wants --trace with a path from the root");
      return EXIT_USAGE;
    }
  if (ms_trace_agent_run (trace, (guint) rate, watch_signals (), &error))
    return EXIT_SUCCESS;
  g_printerr ("memscope-agent: %s\n", error->message);
  return EXIT_FAILURE;
}
