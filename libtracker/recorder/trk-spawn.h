/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Starts programs of ours from inside a program that must not notice.
 *
 *   the program ──clone──▶ a child for a moment ──clone──▶ the agent                     (trk_spawn_detached)
 *   the program ──clone──▶ a child that waits for ──clone──▶ memscope export             (trk_spawn_and_wait)
 *
 * posix_spawn (3) would leave a child: its end is a SIGCHLD, and any wait () of the program may collect it.
 * The child between has no signal at its end, which also hides it from every wait () that does not ask for
 * clones; an exec would give it one, so it executes nothing.  It shares our memory, as with vfork, so nothing
 * is copied, no handler of fork runs and nothing that a thread holds is left locked.  The calling thread rests
 * meanwhile, with its signals blocked, so no handler runs in the child.
 *
 * What is executed has no descriptor of the program's, its signals are as after login, it belongs to no
 * terminal, and its environment lacks what would have it recorded too.
 *
 * A program that is the reaper of orphans, as process 1 of a container is, gets what is detached as a child.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TRK_SPAWN_MAX_ARGUMENTS 24

typedef struct {
  const char *path;
  const char *arguments[TRK_SPAWN_MAX_ARGUMENTS]; /* with the name of the program, ended by NULL */
  int error_fd;                                   /* its standard error; -1: /dev/null */
} TrkSpawn;

/* Looks for the program @name: in the folder MEMSCOPE_LIBEXEC, which a program with special rights does not
 * believe, then beside this library, then where it was to be installed.  False, with the reason that
 * memscope_get_error_reason() gives. */
bool trk_spawn_find (const char *name, char path[4096]);

/* 0 or a negative errno, also of the exec. */
int trk_spawn_detached (const TrkSpawn *self);
int trk_spawn_and_wait (const TrkSpawn *self, int *wait_status);
