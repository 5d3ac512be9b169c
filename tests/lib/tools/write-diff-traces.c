/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * write-diff-traces FOLDER: the trace folders before, after and sampled in FOLDER, for test-diff.
 *
 *                          before                       after
 *   main    at place 1     1 000 000 kept               3 000 000 kept
 *   main    at place 2     500 000, freed at once       500 000, freed at once
 *   HOSTILE at place 3     two threads, 100 kept each   one thread, 50 kept
 *   main    at place 4                                  7 kept
 *
 * Places are in a module with a hostile name.  sampled is as before, each allocation kept with p = 0.5.
 */
#include <glib/gstdio.h>
#include <stdio.h>

#include "trace-builder.h"

#define HOSTILE "a|b`<i>@x\033[31m\n"
#define MODULE "/tmp/x|y`](http:\xff) <script>.so"
#define BASE G_GUINT64_CONSTANT (0x7f0000000000)

static guint32
add_place (TraceBuilder *builder, guint thread, guint n)
{
  const guint64 frames[] = { BASE + 0x1000 * n, BASE + 0x100 };

  return trace_builder_add_stack (builder, thread, frames, 2);
}

static TraceBuilder *
begin (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  TraceBuilder *builder;

  if (g_mkdir_with_parents (path, 0700) != 0)
    g_error ("%s cannot be made", path);
  builder = trace_builder_new (path);
  trace_builder_name (builder, 0, 1, "main", -1);
  return builder;
}

static void
end (TraceBuilder *builder, const guint8 *build_id)
{
  trace_builder_add_module (builder, 0, BASE, BASE + 0x100000, BASE, MODULE, build_id, 4);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  trace_builder_free (builder);
}

static void
write_trace (const char *folder,
             const char *name,
             guint64 kept,
             guint n_hostile,
             gboolean is_sampled,
             gboolean is_ring)
{
  static const guint8 build_id[] = { 1, 2, 3, 4 };
  TraceBuilder *builder = begin (folder, name);

  if (is_sampled)
    trace_builder_sampling (builder, 0, 0.5, 0);
  if (is_sampled)
    trace_builder_set_configuration (builder, "\"allocation_sampling_rate\":0.5");
  if (is_ring)
    trace_builder_set_ring (builder, 65536);
  trace_builder_alloc (builder, 0, 1000000, 0x10000000, kept, add_place (builder, 0, 1));
  for (guint t = 1; t <= n_hostile; t++)
    {
      trace_builder_start (builder, t, 1500000, 0);
      trace_builder_name (builder, t, 1500001, HOSTILE, -1);
      trace_builder_alloc (builder, t, 2000000, 0x20000000 + 0x1000 * (guint64) t,
                           n_hostile == 1 ? 50 : 100, add_place (builder, t, 3));
    }
  trace_builder_alloc (builder, 0, 3000000, 0x30000000, 500000, add_place (builder, 0, 2));
  trace_builder_free_block (builder, 0, 4000000, 0x30000000);
  if (n_hostile == 1)
    trace_builder_alloc (builder, 0, 5000000, 0x40000000, 7, add_place (builder, 0, 4));
  end (builder, build_id);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      fputs ("write-diff-traces FOLDER\n", stderr);
      return 2;
    }
  write_trace (argv[1], "before", 1000000, 2, FALSE, FALSE);
  write_trace (argv[1], "after", 3000000, 1, FALSE, FALSE);
  write_trace (argv[1], "sampled", 1000000, 0, TRUE, FALSE);
  write_trace (argv[1], "ring", 3000000, 1, FALSE, TRUE);
  return 0;
}
