/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-folder-list.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What getdents64(2) gives; the C library has no name for it that does not pull in opendir(). */
struct listed {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

/* −1: none. */
static int32_t
parse_number (const char *name)
{
  int64_t number = 0;

  if (!*name)
    return -1;
  for (; *name >= '0' && *name <= '9' && number <= INT32_MAX; name++)
    number = number * 10 + (*name - '0');
  return *name || number > INT32_MAX ? -1 : (int32_t) number;
}

TrkReason
trk_folder_list_numbers (int folder_fd,
                         TrkFolderList *list,
                         void (*take) (void *data, int32_t number),
                         void *data)
{
  long n_bytes;

  if (lseek (folder_fd, 0, SEEK_SET) != 0)
    return trk_reason_from_errno (errno);
  while ((n_bytes = syscall (SYS_getdents64, folder_fd, list->bytes, sizeof list->bytes)) > 0)
    for (long at = 0; at < n_bytes;)
      {
        const struct listed *entry = (const struct listed *) (list->bytes + at);
        int32_t number = parse_number (entry->name);

        if (number >= 0)
          take (data, number);
        at += entry->length;
      }
  return n_bytes < 0 ? trk_reason_from_errno (errno) : TRK_REASON_NONE;
}
