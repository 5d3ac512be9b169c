/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The recording of this process: whether there is one, where it goes, what is wanted.
 *
 *   UNSTARTED ─▶ STARTING ─▶ RECORDING
 *                   └──────▶ OFF            (nowhere to write, or not asked for)
 *
 * The *gate* is one word on a page that the kernel wipes in a forked child.  Every thread remembers
 * the gate's value under which it was told "tracked" or "untracked"; any change of the gate, and its
 * being wiped to 0, therefore sends each thread through the cold path once, without a signal, a lock
 * or an atomic on the hot path.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "trk-config.h"
#include "trk-format.h"
#include "unwind/trk-hidden.h"

typedef enum {
  TRK_STATE_UNSTARTED,
  TRK_STATE_STARTING,
  TRK_STATE_RECORDING,
  TRK_STATE_OFF
} TrkProcessPhase;

typedef struct {
  _Atomic uint32_t phase;
  int32_t pid;
  TrkConfig config;
  uint8_t trace_id[16];
  uint64_t seed; /* of the threads' draws */
  uint64_t start_ns;
  bool forked;
  _Atomic uint32_t session;        /* counts recordings that were ended */
  _Atomic uint32_t n_inside;       /* threads between trk_process_enter() and its end */
  _Atomic bool calls_forbidden;    /* to all threads, by a seccomp filter */
  _Atomic bool usage_forbidden;    /* getrusage, to some thread: none uses it then */
  _Atomic uint32_t n_calling;      /* threads between trk_process_begin_calls() and its end */
  bool is_first;                   /* of the processes of its recording */
  char folder[TRK_PATH_BYTES];     /* absolute, no trailing slash */
  char recording[TRK_PATH_BYTES];  /* that the folder lies in; preload only */
  char executable[TRK_PATH_BYTES]; /* "" if unknown */
  char error_reason[TRK_PATH_BYTES + 128];
  _Atomic uint32_t generation; /* counts dlclose: part of every stack's identity */
} TrkProcess;

extern TRK_HIDDEN TrkProcess trk_process;

/* From the environment, when the preload's first hook is reached.  Any thread; the first one does
 * it, the others go untracked until it is done.  Leaves the gate set. */
void trk_process_start_preload (void);

/* For the explicit API.  0 or a MemscopeError; ERROR_ALREADY: another thread is at it, or was. */
int trk_process_start_explicit (const char *folder, const MemscopeSamplingConfig *sampling);

/* Whether @folder names the trace folder, as seen from the working directory of now. */
bool trk_process_is_folder (const char *folder);

/* The gate was found wiped although the process had started, or had tried to: this is a forked child. */
void trk_process_after_fork (void);

/* In a child that was forked while another thread of its parent started the recording: nobody will
 * finish that.  True: it is as if nobody had begun. */
bool trk_process_lost_its_starter (void);

/* True in a child that was forked inside a hook, by a signal handler: when it comes back to that hook, the
 * hook must find other windows than the parent's.  False: this process is about to start recording. */
bool trk_process_forked_in_hook (void);

/* Every thread gives up, at its next event: see trk_thread_abandon().  Those that are in the middle of
 * system calls are waited for, so long as it does not take long. */
void trk_process_forbid_calls (void);

/* Around system calls that a hook makes.  False: they are forbidden by now. */
bool trk_process_begin_calls (void);
void trk_process_end_calls (void);

/* Around what a thread does with its stream outside of an event.  False: nothing is recorded, or not any
 * more, and there is nothing to leave. */
bool trk_process_enter (void);
void trk_process_leave (void);

/* Ends a recording that the explicit API began: see trk-process-stop.c.  False: a thread did not leave the
 * declaration that it was making, and no other recording can begin. */
bool trk_process_stop (void);

/* The gate gets a value that it never had. */
void trk_process_open_gate (void);

/* Has every thread pass by the cold path once, to look at its name and be chosen anew. */
void trk_process_change_gate (void);

/* What memscope_get_error_reason() says. */
void trk_process_set_reason (const char *what, const char *why);

/* Full path of a file of the trace folder, into @path. */
void trk_process_get_file (const char *name, char path[TRK_PATH_BYTES]);

/* The folder of the recording for process @pid, which cannot make its own. */
bool trk_process_make_child_folder (const char *executable,
                                    int32_t pid,
                                    char folder[TRK_PATH_BYTES],
                                    uint32_t *number);

/* The name that such a folder with @number has. */
void trk_process_name_child_folder (const char *executable,
                                    int32_t pid,
                                    char folder[TRK_PATH_BYTES],
                                    uint32_t number);

/* One line on stderr when MEMSCOPE_DEBUG is set. */
void trk_process_debug (const char *message);

/* Called by exit, _exit and exec hooks: what the pool header says of our end. */
void trk_process_set_end (TrkProcessState state, int status);

/* What the pool header says of a program that is not followed: process @pid, 0: the calling one. */
void trk_process_set_unnoted (int32_t pid, const char *executable, const char *reason);
