/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One process that ms-resource-sampler.c samples: its collectors and its file.
 *
 *   waiting  ──open()──▶  sampled  ──close()──▶  over
 *   (its folder's name,   (collectors,           (nothing)
 *    its pid)              descriptors, file)
 *
 * The collectors belong to the sampling thread.  The file is written by two threads, and closed by a third
 * one: whoever adds to it does so between begin_round() and end_round(), which takes the lock for as long as
 * it takes to encode a round, never for a read.
 */
#pragma once

#include "ms-resource-records.h"

G_BEGIN_DECLS

typedef struct {
  gatomicrefcount references;
  char *folder;
  gint32 pid;
  guint64 start_ticks;
  GMutex mutex;             /* writer, is_over */
  MsResourceWriter *writer; /* NULL: not open, or over */
  gboolean is_over;
  /* Of the sampling thread. */
  gboolean is_open;
  guint32 n_descriptors; /* that it may have */
  TrkProcessCollector process;
  TrkCgroupCollector *cgroup;
  TrkThreads *threads;
  MsLaneCounters *counters;
} MsSampledProcess;

MsSampledProcess *ms_sampled_process_new (const char *folder, gint32 pid, guint64 start_ticks);
MsSampledProcess *ms_sampled_process_ref (MsSampledProcess *self);
void ms_sampled_process_unref (MsSampledProcess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSampledProcess, ms_sampled_process_unref)

/* The kernel averages pressure over ten seconds and more: nobody wants that ten times a second. */
#define MS_PRESSURES_INTERVAL_NS G_GINT64_CONSTANT (450000000)

/* Descriptors of one process without threads: its file, its own files and its cgroup's. */
#define MS_SAMPLED_PROCESS_DESCRIPTORS 16U

/* Makes its file and its collectors.  FALSE: its folder is not ready, or nothing can be made there; is_over
 * says whether there is any use in trying again.  @n_descriptors: at least those above. */
gboolean ms_sampled_process_open (MsSampledProcess *self,
                                  int recording_fd,
                                  TrkReader *reader,
                                  gint64 interval_ns,
                                  guint32 n_descriptors);
/* Closes its file for good; from any thread. */
void ms_sampled_process_close (MsSampledProcess *self);
gboolean ms_sampled_process_is_over (MsSampledProcess *self);

/* Its file, to be given back with end_round(); NULL: it has none, and there is nothing to give back. */
MsResourceWriter *ms_sampled_process_begin_round (MsSampledProcess *self);
void ms_sampled_process_end_round (MsSampledProcess *self, gint64 now_ns);
/* Writes what is held back. */
void ms_sampled_process_flush (MsSampledProcess *self);

/* On the sampling thread: reads the process, its cgroup and its threads.  FALSE: it is gone. */
gboolean ms_sampled_process_read (MsSampledProcess *self,
                                  TrkProcessFigures *process,
                                  TrkCgroupFigures *cgroup);
/* Adds what was read, between begin_round() and end_round(). */
void ms_sampled_process_add (MsSampledProcess *self,
                             MsResourceWriter *writer,
                             const TrkProcessFigures *process,
                             const TrkCgroupFigures *cgroup);

G_END_DECLS
