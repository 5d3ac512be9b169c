/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-program-headers.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trk-object-maps.h"

static bool
read_at (int fd, void *into, size_t n_bytes, uint64_t offset)
{
  return syscall (SYS_pread64, fd, into, n_bytes, offset) == (long) n_bytes;
}

const TrkProgramHeader *
trk_program_headers_find (const TrkElfHeader *header, const char *path, TrkProgramHeader *room)
{
  TrkElfHeader of_file;
  bool is_read;
  int fd;

  if (header->e_phentsize != sizeof *room)
    return NULL;
  if (trk_program_headers_are_near (header))
    return (const TrkProgramHeader *) ((uintptr_t) header + header->e_phoff);
  if (header->e_phnum > TRK_MAX_PROGRAM_HEADERS || path[0] != '/'
      || (fd = trk_object_maps_files.open_to_read (path)) < 0)
    return NULL;
  is_read = read_at (fd, &of_file, sizeof of_file, 0)
            && memcmp (&of_file, header, sizeof of_file) == 0
            && read_at (fd, room, header->e_phnum * sizeof *room, header->e_phoff);
  trk_object_maps_files.close (fd);
  return is_read ? room : NULL;
}
