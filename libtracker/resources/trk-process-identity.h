/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which process is this?  A pid alone does not say: the kernel gives it out again.  A process is
 * named by (boot id, pid namespace, pid, start ticks), all of which a trace's manifest keeps; with
 * them anybody can later ask whether the traced process still lives.
 *
 * Reads /proc with plain read(2): no allocation, no stdio, any thread, signal-safe.  Failures are
 * negative errno values; errno itself is not preserved.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TRK_BOOT_ID_BYTES 37 /* 36 characters and the terminator */

typedef struct {
  int32_t pid;
  int32_t parent_pid;
  uint64_t start_ticks; /* field 22 of /proc/<pid>/stat: clock ticks from boot to its start */
  char run_state;       /* field 3: R, S, D, T, Z… */
  uint32_t n_threads;   /* field 20: that live, and a main thread that has ended */
  char comm[64];        /* as the kernel cuts it (15 bytes for user processes); any bytes */
} TrkProcess;

/* 0, -ENOENT when there is no such process (any more), or why /proc could not be read. */
int trk_process_read (int32_t pid, TrkProcess *process);

/* Whether the process that began at @start_ticks under this pid still runs.  A zombie does not: it
 * executes nothing and its memory is gone.  @start_ticks 0: any process of this pid.  Without /proc
 * any process of this pid counts, a zombie too: rather one too many than one that is thought dead. */
bool trk_process_is_alive (int32_t pid, uint64_t start_ticks);

/* Whether there is a /proc at all. */
bool trk_process_can_read (void);

/* This boot's id into @boot_id, terminated; 0 or -errno, then it is "". */
int trk_boot_id_read (char boot_id[TRK_BOOT_ID_BYTES]);

/* Inode number of the pid namespace of @pid (0: the caller); 0 if it cannot be read. */
uint64_t trk_pid_namespace_read (int32_t pid);

/* Reads one /proc/<pid>/stat line; for the tests and for whoever has read the file already.
 * 0 or -EINVAL. */
int trk_process_parse (const char *stat_line, TrkProcess *process);
