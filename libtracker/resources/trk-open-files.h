/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a process has open that other collectors look at: sockets (trk-sockets.h) and GPUs
 * (trk-gpu-drm.h), found by the links of /proc/<pid>/fd, one readlink each.  Dear for a process with
 * thousands of files: once a second, and no more than TRK_MAX_LISTED of them.
 */
#pragma once

#include "trk-folder-list.h"
#include "trk-reader.h"

#define TRK_MAX_LISTED 16384U
#define TRK_MAX_SOCKETS 1024U
#define TRK_MAX_GPU_DESCRIPTORS 64U

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint32_t n_open;     /* all descriptors */
  uint32_t n_left_out; /* not looked at, or past one of the limits */
  uint32_t n_sockets, n_gpu;
  uint64_t socket_inodes[TRK_MAX_SOCKETS];          /* ascending */
  int32_t gpu_descriptors[TRK_MAX_GPU_DESCRIPTORS]; /* of /dev/dri/… */
  int folder_fd;                                    /* for the reading */
  TrkFolderList list;
} TrkOpenFiles;

void trk_open_files_read (TrkReader *reader, int32_t pid, TrkOpenFiles *descriptors);
bool trk_open_files_has_socket (const TrkOpenFiles *descriptors, uint64_t inode);
