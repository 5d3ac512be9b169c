/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The few figures of a running process that a list shows, read from outside in some ten microseconds:
 *
 *   processor time, resident memory, threads   /proc/<pid>/stat
 *   recorded bytes                             lengths of the trace folder's files
 *
 * For one thread at a time.  A figure that cannot be read has no flag.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 time_ns; /* CLOCK_MONOTONIC */
  gboolean has_cpu, has_process, has_recorded;
  gboolean is_suspended;  /* by a signal or a debugger; has_process */
  double cpu_percent;     /* of one core, since the reading before; has_cpu */
  guint64 resident_bytes; /* has_process */
  guint32 n_threads;      /* has_process */
  guint64 recorded_bytes; /* has_recorded */
} MsLiveFigures;

typedef struct {
  gint pid;
  guint64 start_ticks;
  gint64 last_ns;    /* 0: no reading yet */
  guint32 n_threads; /* of the last reading */
  guint64 last_cpu_ns;
} MsLiveFiguresReader;

/* @dir_fd: the trace folder, −1: its files are not to be seen.  FALSE: the process has ended. */
gboolean ms_live_figures_read (MsLiveFiguresReader *self, int dir_fd, MsLiveFigures *figures);

G_END_DECLS
