/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-open-files.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where @inode is or belongs. */
static uint32_t
find_socket (const TrkOpenFiles *self, uint64_t inode)
{
  uint32_t low = 0, high = self->n_sockets;

  while (low < high)
    {
      uint32_t middle = (low + high) / 2;

      if (self->socket_inodes[middle] < inode)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

bool
trk_open_files_has_socket (const TrkOpenFiles *self, uint64_t inode)
{
  uint32_t at = find_socket (self, inode);

  return at < self->n_sockets && self->socket_inodes[at] == inode;
}

static void
add_socket (TrkOpenFiles *self, uint64_t inode)
{
  uint32_t at = find_socket (self, inode);

  if (at < self->n_sockets && self->socket_inodes[at] == inode)
    return; /* dup() */
  if (self->n_sockets == TRK_MAX_SOCKETS)
    {
      self->n_left_out++;
      return;
    }
  memmove (&self->socket_inodes[at + 1], &self->socket_inodes[at],
           (self->n_sockets - at) * sizeof self->socket_inodes[0]);
  self->socket_inodes[at] = inode;
  self->n_sockets++;
}

static void
take_descriptor (void *data, int32_t number)
{
  TrkOpenFiles *self = data;
  char name[16], target[64];
  TrkTextSpan text;
  uint64_t inode;
  int length;

  if (self->n_open++ >= TRK_MAX_LISTED)
    {
      self->n_left_out++;
      return;
    }
  snprintf (name, sizeof name, "%d", number);
  length = trk_reader_read_link (self->folder_fd, name, target, sizeof target);
  if (length < 0)
    return; /* closed since, or the process may not be looked into */
  text = (TrkTextSpan) { target, target + length };
  if (trk_text_skip (&text, "socket:["))
    {
      if (trk_text_number (&text, &inode))
        add_socket (self, inode);
    }
  else if (trk_text_skip (&text, "/dev/dri/"))
    {
      if (self->n_gpu < TRK_MAX_GPU_DESCRIPTORS)
        self->gpu_descriptors[self->n_gpu++] = number;
      else
        self->n_left_out++;
    }
}

void
trk_open_files_read (TrkReader *reader, int32_t pid, TrkOpenFiles *self)
{
  char path[TRK_READER_PATH_BYTES];

  self->n_open = self->n_left_out = self->n_sockets = self->n_gpu = 0;
  self->time_ns = trk_reader_now_ns ();
  snprintf (path, sizeof path, "proc/%d/fd", pid);
  self->folder_fd = trk_reader_open_folder (reader, -1, path);
  if (self->folder_fd < 0)
    {
      self->reason = trk_reason_from_errno (-self->folder_fd);
      if (self->reason == TRK_REASON_NOT_HERE)
        self->reason = TRK_REASON_ENDED;
      return;
    }
  self->reason = trk_folder_list_numbers (self->folder_fd, &self->list, take_descriptor, self);
  close (self->folder_fd);
}
