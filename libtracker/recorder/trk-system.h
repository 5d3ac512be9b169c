/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every system call that the recorder makes after set-up, behind names that say what is promised.
 *
 * They go through syscall(2) and not through the libc wrappers: those are cancellation points (a
 * cancelled thread would unwind out of the host's malloc) and may be interposed by others, as mmap is
 * by our own preload.  All
 * preserve errno and return a negative errno instead.  Signal-safe, no locks, no allocation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

int trk_system_open_append (const char *path);
int trk_system_open_read (const char *path);
int trk_system_create (const char *path, unsigned mode); /* O_RDWR, must not exist */
int trk_system_open_shared (const char *path);           /* O_RDWR, made if absent, 0600 */
/* By somebody who wants to write it, for as long as that has it open (F_OFD_SETLK). */
bool trk_system_is_locked (int fd);
void trk_system_close (int fd);
void trk_system_close_plainly (int fd); /* one that no call above has opened in this process */

/* Appends all of it or fails; a failure may leave a part.  What would pass RLIMIT_FSIZE fails with
 * -EFBIG; SIGXFSZ stays away if it is blocked, whatever other threads write at the same moment. */
int trk_system_write_all (int fd, const void *data, size_t n_bytes);

/* Whole small files, as those of /proc; returns bytes read (at most n_bytes − 1, terminated). */
int64_t trk_system_read_file (const char *path, char *buffer, size_t n_bytes);

/* Some bytes, as read (2) has it; not broken off by signals. */
int64_t trk_system_read (int fd, void *buffer, size_t n_bytes);

/* What this thread has read and written by the calls of this file, which the kernel counts as the program's.
 * The last ones are those of the latest trk_system_read_file(). */
typedef struct {
  uint64_t read_calls, write_calls, read_bytes, written_bytes;
  uint64_t last_read_calls, last_read_bytes;
} TrkOwnIo;
TrkOwnIo trk_system_get_own_io (void);

/* Is @fd a socket?  1, 0 or a negative errno. */
int trk_system_is_socket (int fd);

/* Makes [offset, offset + n_bytes) of the file real storage, so that a store cannot be SIGBUS. */
int trk_system_allocate (int fd, uint64_t offset, uint64_t n_bytes);

int trk_system_make_folder (const char *path); /* 0 or -EEXIST count as there */
int trk_system_unlink (const char *path);
int trk_system_symlink (const char *target, const char *path);
int trk_system_remove_folder (const char *path); /* an empty one */
bool trk_system_may_read (const char *path);
bool trk_system_may_write_folder (const char *path);
int trk_system_rename (const char *from, const char *to);

/* RLIMIT_AS. */
bool trk_system_has_address_limit (void);

/* NULL on failure.  @fixed: NULL, or where it must lie. */
void *trk_system_map_anonymous (size_t n_bytes);
bool trk_system_map_anonymous_at (void *address, size_t n_bytes); /* in place of what is there */
void *trk_system_map_file (int fd, uint64_t offset, size_t n_bytes, void *fixed);
/* A whole regular file, private, not to be written; its length into @n_bytes. */
void *trk_system_map_file_to_read (int fd, uint64_t *n_bytes);
void trk_system_unmap (void *address, size_t n_bytes);

int32_t trk_system_get_pid (void);
int32_t trk_system_get_tid (void);
uint64_t trk_system_get_monotonic_ns (void);
uint64_t trk_system_get_monotonic_ns_slowly (void); /* by the kernel, without the vDSO */
#define TRK_SYSTEM_NO_TIME UINT64_MAX
uint64_t trk_system_get_thread_cpu_ns (void); /* TRK_SYSTEM_NO_TIME: it may not be asked for */
struct rusage;
int trk_system_get_thread_usage (struct rusage *usage);
void trk_system_get_thread_name (char name[16]);
/* All signals of this thread; returns those that were blocked before. */
uint64_t trk_system_block_signals (void);
void trk_system_restore_signals (uint64_t signals);

/* Does the caller run on the stack that sigaltstack (2) set? */
bool trk_system_is_on_signal_stack (void);
int trk_system_get_tsc_mode (int *mode); /* PR_GET_TSC; fails where there is no such thing */
void trk_system_yield (void);
void trk_system_random (void *bytes, size_t n_bytes);
