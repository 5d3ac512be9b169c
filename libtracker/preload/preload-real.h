/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions behind our hooks: the next ones in the loader's search order, which may be libc's or
 * those of another allocator.
 *
 * Each pointer begins as a function that resolves all of them and goes on; so a call that comes before
 * our constructor (from another library's, or from dlsym itself) finds its way.  While dlsym runs, its
 * own allocations are served by libc's allocator by name; should the real one turn out to be another,
 * those few blocks are remembered and given back to libc.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "trk-hidden.h"

typedef struct {
  void *(*malloc) (size_t);
  void *(*calloc) (size_t, size_t);
  void *(*realloc) (void *, size_t);
  void (*free) (void *);
  void *(*memalign) (size_t, size_t);
  void *(*aligned_alloc) (size_t, size_t);
  int (*posix_memalign) (void **, size_t, size_t);
  void *(*valloc) (size_t);
  void *(*pvalloc) (size_t);
} PreloadReal;

extern TRK_HIDDEN PreloadReal preload_real;

/* The function of that name after ours, or NULL. */
void *preload_next (const char *name);

/* Fills preload_real.  Any thread; safe to do twice. */
void preload_resolve (void);

/* The same for the functions behind the hooks of the other files.  From the
 * constructor: a child of fork may find the loader's lock, which dlsym takes, held for ever by a thread
 * that it does not have. */
void preload_resolve_threads (void);
void preload_resolve_syscall (void);
void preload_resolve_descriptors (void);
void preload_resolve_exec (void);
void preload_resolve_sockets (void);
void preload_resolve_mappings (void);

/* A seccomp filter is about to be set, with the flags of seccomp (2). */
void preload_filter_coming (unsigned long flags, const void *program);
