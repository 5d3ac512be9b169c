/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * print-stacks RECORDING: what the model says of each heap stack of its main process, for programs that
 * compare it with other tools.  A line a stack, then one a frame, innermost first:
 *
 *   S allocations reallocations bytes leaked-blocks leaked-bytes
 *   F return-address-in-the-object object-path function
 *
 * The function is "?" if it is unknown; the path is "?" for code that is in no object.
 */
#include <stdio.h>

#include "ms-recording.h"
#include "ms-symbolizer.h"

static void
print_frame (MsNameResolver *resolver, MsTrace *trace, guint stack, guint i)
{
  g_autoptr (GArray) names = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  guint64 address = 0;
  const MsModule *module = ms_trace_find_module (trace, stack, i, &address);
  const char *function = NULL;

  if (module != NULL)
    {
      ms_name_resolver_resolve (resolver, module, address, FALSE, names);
      /* The last is the function whose code it is, the others were inlined into it. */
      function = g_array_index (names, MsFrame, names->len - 1).function;
    }
  printf ("F %" G_GINT64_MODIFIER "x %s %s\n", address, module != NULL ? module->path : "?",
          function != NULL ? function : "?");
}

static MsTrace *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsRecording) recording = ms_recording_open (path, NULL, &error);
  MsTrace *trace = NULL;

  if (recording != NULL)
    trace = ms_trace_load (ms_recording_get_process (recording,
                                                     ms_recording_get_main_process (recording))
                               ->folder,
                           NULL, NULL, NULL, &error);
  if (trace == NULL)
    fprintf (stderr, "print-stacks: %s\n", error->message);
  return trace;
}

int
main (int argc, char **argv)
{
  g_autoptr (MsTrace) trace = argc == 2 ? load (argv[1]) : NULL;
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();

  if (trace == NULL)
    return argc == 2 ? 1 : 2;
  for (guint stack = 0; stack < ms_trace_get_n_stacks (trace); stack++)
    {
      const MsTotals *totals = ms_trace_get_stack_totals (trace, stack, MS_DOMAIN_HEAP);
      guint depth = 0;

      if (totals->allocations == 0)
        continue;
      printf ("S %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
              " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
              totals->allocations, totals->reallocations, totals->allocated_bytes,
              totals->leaked_allocations, totals->leaked_bytes);
      ms_trace_get_stack_frames (trace, stack, &depth, NULL);
      for (guint i = 0; i < depth; i++)
        print_frame (MS_NAME_RESOLVER (symbolizer), trace, stack, i);
    }
  return 0;
}
