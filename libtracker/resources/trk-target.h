/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether a library can be preloaded into a program, found out from the program's file.
 *
 * The loader ignores LD_PRELOAD, or complains on the program's own stderr, or the program refuses to
 * run, where the file is: static, for another word size or processor, for another C library (musl), run
 * with more rights than the caller's, or built with a sanitizer (whose runtime must come first).
 *
 * libc only, no allocation, no locks, raw system calls: called in the hooks of exec, also in the child
 * of a vfork and in signal handlers.  Preserves errno.
 */
#pragma once

#include <stdbool.h>

typedef enum {
  TRK_TARGET_FOLLOWED,
  TRK_TARGET_UNKNOWN, /* not to be opened or read, or no program: the system will say */
  TRK_TARGET_STATIC,
  TRK_TARGET_OTHER_WORD_SIZE,
  TRK_TARGET_OTHER_MACHINE,
  TRK_TARGET_OTHER_LIBC,
  TRK_TARGET_PRIVILEGED,
  TRK_TARGET_SANITIZED
} TrkTarget;

/* @path as seen from the folder @folder_fd, or AT_FDCWD.  A script counts as its interpreter. */
TrkTarget trk_target_examine (int folder_fd, const char *path);

/* Nothing may be preloaded: the entry must be taken out of the program's environment. */
static inline bool
trk_target_is_refused (TrkTarget target)
{
  return target > TRK_TARGET_UNKNOWN;
}

/* "statically linked", …: continues "not followed: ". */
const char *trk_target_explain (TrkTarget target);
