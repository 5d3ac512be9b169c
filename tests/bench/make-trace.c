/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * make-trace [OPTION…] FOLDER
 *
 * Writes a made-up program of any length as a trace folder, and as heaptrack's data file if that is
 * wanted, and prints the truth about it as one JSON object: what a reader must find in either.
 *
 *   build/tests/bench/make-trace --events 100000000 --heaptrack big.zst big
 *   build/libtracker/tools/memscope report big
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdio.h>

#include "made-heaptrack.h"
#include "made-trace.h"

typedef struct {
  MadeShape shape;
  gboolean no_frequency;
  char *heaptrack_path, *folder;
} Options;

static void
parse_options (Options *options, int argc, char **argv)
{
  gint64 n_events = 1000000, seed = 1;
  gint n_threads = 16, n_stacks = 20000, n_live = 4096, foreign = 25, reallocs = 2, temporary = 10;
  gint kept = 500, step_ns = 30;
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "events", 'e', 0, G_OPTION_ARG_INT64, &n_events, "Allocations, frees, reallocations", "N" },
    { "threads", 't', 0, G_OPTION_ARG_INT, &n_threads, "16 by default", "N" },
    { "stacks", 's', 0, G_OPTION_ARG_INT, &n_stacks, "Call stacks; 20000", "N" },
    { "live", 'l', 0, G_OPTION_ARG_INT, &n_live, "Live blocks of a thread; 4096", "N" },
    { "foreign", 'f', 0, G_OPTION_ARG_INT, &foreign, "Frees of others' blocks; 25", "PERCENT" },
    { "reallocs", 'r', 0, G_OPTION_ARG_INT, &reallocs, "Of the events; 2", "PERCENT" },
    { "temporary", 0, 0, G_OPTION_ARG_INT, &temporary, "Of the allocations; 10", "PERCENT" },
    { "kept", 'k', 0, G_OPTION_ARG_INT, &kept, "Never freed, of a million; 500", "N" },
    { "step", 0, 0, G_OPTION_ARG_INT, &step_ns, "Between two events; 30", "NS" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Another program", "N" },
    { "no-frequency", 0, 0, G_OPTION_ARG_NONE, &options->no_frequency, "No .freq files", NULL },
    { "heaptrack", 0, 0, G_OPTION_ARG_FILENAME, &options->heaptrack_path,
      "Also as heaptrack's data file", "FILE.zst" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, "FOLDER" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("make-trace: %s\n", error->message);
      exit (2);
    }
  if (rest == NULL || g_strv_length (rest) != 1 || n_events < 1 || n_threads < 1
      || n_threads > MADE_MAX_THREADS || n_stacks < 1 || n_live < 1 || step_ns < 1)
    {
      g_printerr ("make-trace: one folder, and counts of at least 1, are needed; see --help\n");
      exit (2);
    }
  options->folder = g_strdup (rest[0]);
  options->shape = (MadeShape) { .n_events = (guint64) n_events,
                                 .n_threads = (guint) n_threads,
                                 .n_stacks = (guint) n_stacks,
                                 .n_live = (guint) n_live,
                                 .step_ns = (guint) step_ns,
                                 .foreign_percent = (guint) foreign,
                                 .realloc_percent = (guint) reallocs,
                                 .temporary_percent = (guint) temporary,
                                 .kept_per_million = (guint) kept,
                                 .seed = (guint64) seed };
}

static void
print_totals (const MadeTotals *totals)
{
  printf ("\"allocations\": %" G_GUINT64_FORMAT ", \"deallocations\": %" G_GUINT64_FORMAT
          ", \"reallocations\": %" G_GUINT64_FORMAT ", \"allocated_bytes\": %" G_GUINT64_FORMAT,
          totals->allocations, totals->deallocations, totals->reallocations,
          totals->allocated_bytes);
  printf (", \"peak_bytes\": %" G_GUINT64_FORMAT ", \"leaked_allocations\": %" G_GUINT64_FORMAT
          ", \"leaked_bytes\": %" G_GUINT64_FORMAT
          ", \"temporary_allocations\": %" G_GUINT64_FORMAT,
          totals->peak_bytes, totals->live_blocks, totals->live_bytes,
          totals->temporary_allocations);
}

static void
print_truth (const MadeTruth *truth, guint n_threads, guint64 n_bytes)
{
  printf ("{\n  \"events\": %" G_GUINT64_FORMAT ", \"event_bytes\": %" G_GUINT64_FORMAT
          ", \"duration_ns\": %" G_GUINT64_FORMAT ", \"foreign_frees\": %" G_GUINT64_FORMAT ",\n  ",
          truth->n_events, n_bytes, truth->duration_ns, truth->foreign_frees);
  print_totals (&truth->process);
  printf (",\n  \"peak_ns\": %" G_GUINT64_FORMAT ",\n  \"threads\": [", truth->process.peak_ns);
  for (guint i = 0; i < n_threads; i++)
    {
      printf ("%s\n    { ", i == 0 ? "" : ",");
      print_totals (&truth->threads[i]);
      printf (" }");
    }
  printf ("\n  ]\n}\n");
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (MadeProgram) program = NULL;
  g_autoptr (MadeTrace) trace = NULL;
  g_autoptr (MadeHeaptrack) heaptrack = NULL;
  MadeEvent event;

  setlocale (LC_ALL, "");
  parse_options (&options, argc, argv);
  if (g_mkdir (options.folder, 0755) != 0)
    {
      g_printerr ("make-trace: cannot make the folder %s: %s\n", options.folder,
                  g_strerror (errno));
      return 1;
    }
  program = made_program_new (&options.shape);
  trace = made_trace_new (options.folder, &options.shape, program);
  if (options.heaptrack_path != NULL)
    heaptrack = made_heaptrack_new (options.heaptrack_path, program);
  while (made_program_next (program, &event))
    {
      made_trace_add (trace, &event);
      if (heaptrack != NULL)
        made_heaptrack_add (heaptrack, &event);
    }
  if (heaptrack != NULL)
    made_heaptrack_finish (heaptrack);
  print_truth (made_program_get_truth (program), options.shape.n_threads,
               made_trace_finish (trace, !options.no_frequency));
  g_free (options.folder);
  g_free (options.heaptrack_path);
  return 0;
}
