/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Running a victim, untraced or traced, and loading what it left.  For the tests of tests/recorder; the
 * programs are those of tests/victims.
 */
#pragma once

#include <glib.h>

#include "ms-trace.h"
#include "victim.h"

#define VICTIM_MARK_BIN 22 /* of size histograms: from 2^21 to 2^22 − 1 bytes */
#define VICTIM_SKIPPED 77

/* Absolute paths of the two libraries. */
extern const char *victim_preload, *victim_tracker;

/* After g_test_init(): TEST PRELOAD TRACKER FOLDER-OF-VICTIMS. */
void victim_run_init (int argc, char **argv);

/* (transfer full) */
char *victim_find (const char *program);

/* Starts case @name of @program in @folder, its output into the files stdout and stderr there, with
 * @library before all others and @output for the tracker unless they are NULL. */
pid_t victim_start_with (const char *program,
                         const char *name,
                         const char *folder,
                         const char *library,
                         const char *output);

/* Traced by the preload into @output unless that is NULL. */
pid_t victim_start (const char *program, const char *name, const char *folder, const char *output);

/* Waits; the exit status as a shell has it. */
int victim_finish (pid_t pid);

/* (transfer full) */
char *victim_read_output (const char *folder, const char *name);

void victim_remove_tree (const char *path);

/* All traces of a recording, by process number. (transfer full) (element-type MsTrace) */
GPtrArray *victim_load_traces (const char *output);

/* Marked allocations, by all threads. */
guint64 victim_count_marks (MsTrace *trace, MsDomain domain);
