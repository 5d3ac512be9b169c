/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The numbers that name the entries of a folder of /proc: task (threads), fd and fdinfo (descriptors).
 * Through getdents64, as opendir() allocates.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "trk-reason.h"

#define TRK_FOLDER_LIST_BYTES 32768

typedef struct {
  char bytes[TRK_FOLDER_LIST_BYTES] __attribute__ ((aligned (8)));
} TrkFolderList;

/* Calls @take with each name that is a decimal number below 2^31, once it has gone back to the folder's
 * beginning. */
TrkReason trk_folder_list_numbers (int folder_fd,
                                   TrkFolderList *list,
                                   void (*take) (void *data, int32_t number),
                                   void *data);
