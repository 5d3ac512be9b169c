/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading small kernel files, ten times a second, for a long time: no allocation, descriptors that are
 * kept, and a root folder, which is "/" but for tests that make a /proc and a /sys of their own.
 *
 *   TrkReader     root folder + one buffer; what a read returns lies in the buffer until the next
 *   TrkKeptFile   a descriptor that stays open between reads; all zeros: closed
 *
 * A kept descriptor of /proc/<pid>/… belongs to that process for ever: when the process is gone, its
 * reads fail with ESRCH, even if another has got the number.  After a failed read the descriptor is
 * closed, and the next read opens the path anew.
 *
 * One thread at a time for each TrkReader.  errno is not preserved.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-reason.h"
#include "trk-text-span.h"

#define TRK_READ_BYTES (256U << 10) /* /proc/stat of 1 024 processors */
#define TRK_READER_PATH_BYTES 128

typedef struct {
  int root_fd;
  bool is_machine; /* the root is "/": what is no file (clocks, netlink) belongs to it too */
  char buffer[TRK_READ_BYTES];
} TrkReader;

typedef struct {
  int descriptor_plus_1; /* 0: closed */
} TrkKeptFile;

/* @root NULL or "/": the machine itself.  To be released with trk_reader_clear(). */
TrkReason trk_reader_init (TrkReader *self, const char *root);
void trk_reader_clear (TrkReader *self);

/* CLOCK_MONOTONIC. */
int64_t trk_reader_now_ns (void);

/* Opens, reads to the end, closes.  @folder_fd −1: the root.  What does not fit is cut off. */
TrkReason trk_reader_read (TrkReader *self, int folder_fd, const char *path, TrkTextSpan *text);

/* The same through a descriptor that stays open. */
TrkReason trk_reader_read_kept (TrkReader *self,
                                TrkKeptFile *file,
                                int folder_fd,
                                const char *path,
                                TrkTextSpan *text);

/* For files that the kernel makes in one piece of less than 4 096 bytes (stat, status, io): one system
 * call instead of two. */
TrkReason trk_reader_read_short (TrkReader *self,
                                 TrkKeptFile *file,
                                 int folder_fd,
                                 const char *path,
                                 TrkTextSpan *text);

/* A folder, to be closed by the caller; < 0: −errno. */
int trk_reader_open_folder (TrkReader *self, int folder_fd, const char *path);

/* Bytes of the link's text in @to, terminated and cut; < 0: −errno. */
int trk_reader_read_link (int folder_fd, const char *path, char *to, size_t size);

static inline bool
trk_kept_file_is_open (const TrkKeptFile *file)
{
  return file->descriptor_plus_1 > 0;
}

void trk_kept_file_close (TrkKeptFile *file);
