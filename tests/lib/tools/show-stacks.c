/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * show-stacks TRACE: a line of exact figures for the process and one for each call stack,
 *
 *   allocations temporary leaked-bytes bytes-at-the-process's-peak allocated-bytes TAB frames, innermost first
 *
 * for tests that compare them with another program's.
 */
#include <stdio.h>

#include "ms-name-resolver.h"

static void
print_figures (const MsTotals *totals, guint64 peak)
{
  printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
          " %" G_GUINT64_FORMAT "\t",
          totals->allocations, totals->temporary_allocations, totals->leaked_bytes, peak,
          totals->allocated_bytes);
}

static void
print_stack (MsTrace *trace, guint stack)
{
  g_autoptr (GArray) frames = ms_name_resolver_resolve_stack (NULL, trace, stack);
  const MsTotals *totals = ms_trace_get_stack_totals (trace, stack, MS_DOMAIN_HEAP);

  print_figures (totals, totals->bytes_at_process_peak);
  for (guint i = 0; i < frames->len; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);
      g_autofree char *file = frame->file != NULL ? g_path_get_basename (frame->file) : NULL;

      if (frame->function != NULL)
        printf ("%s%s", i ? "\t" : "", frame->function);
      else /* as heaptrack has it, of the call and not behind it */
        printf ("%s0x%" G_GINT64_MODIFIER "x", i ? "\t" : "", frame->address - 1);
      if (file != NULL)
        printf (" (%s)", file);
    }
  putchar ('\n');
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = argc == 2 ? ms_trace_load (argv[1], NULL, NULL, NULL, &error) : NULL;
  const MsTotals *totals;

  if (trace == NULL)
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "usage: show-stacks TRACE");
      return 1;
    }
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  print_figures (totals, totals->peak_bytes);
  puts ("all");
  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    print_stack (trace, i);
  return 0;
}
