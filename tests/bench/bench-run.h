/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One run of a workload under one tool: what the benchmarks share.
 *
 * A workload is a program of this folder that prints one JSON object about itself.  Its standard
 * output is read, its trace goes to a folder of its own that is measured and removed.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

typedef enum {
  BENCH_TOOL_NONE,
  BENCH_TOOL_DORMANT,  /* preloaded, but not told where to write: idle */
  BENCH_TOOL_MEMSCOPE, /* preloaded, nobody else there */
  BENCH_TOOL_RECORD,   /* under `memscope record`, as people use it */
  BENCH_TOOL_API,      /* nothing preloaded; the program itself asks where to write */
  BENCH_TOOL_HEAPTRACK
} BenchTool;

typedef struct {
  const char *name;
  BenchTool tool;
  const char *environment; /* one more variable, NAME=VALUE, or NULL */
} BenchVariant;

typedef struct {
  JsonObject *report; /* what the workload printed; NULL for a program of the system's */
  guint64 wall_ns;    /* of the whole program, with its start and end */
  guint64 cpu_ns;
  guint64 n_output_bytes; /* of all files that the tool left, but its pool */
  guint n_output_files;
  guint64 max_rss_bytes;
} BenchRun;

/* Whether the variant's tool is installed. */
gboolean bench_variant_is_there (const BenchVariant *variant);

/* Runs tests/bench/@arguments[0] of @build, or a program of the system's if that is an absolute path.
 * Fails if the program does, or if a tool that should have recorded left nothing.  Free @run with
 * bench_run_clear(). */
gboolean bench_run (const char *build,
                    const char *const *arguments,
                    const BenchVariant *variant,
                    BenchRun *run,
                    GError **error);
void bench_run_clear (BenchRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BenchRun, bench_run_clear)

/* Removes @path and what lies under it. */
void bench_remove_tree (const char *path);

/* Where traces go while they are written: $MEMSCOPE_BENCH_FOLDER, to measure another disk, or
 * @build/bench. (transfer full) */
char *bench_get_folder (const char *build);

double bench_median (const double *values, guint n_values);

/* How many processes wanted a processor lately; -1: not known. */
double bench_get_load (void);

/* Adds the member "machine": processors, their model, the kernel. */
void bench_write_machine (JsonBuilder *builder);

/* Writes what @builder holds to @build/bench/@name.json and says so on standard output. */
gboolean bench_write_file (JsonBuilder *builder,
                           const char *build,
                           const char *name,
                           GError **error);
