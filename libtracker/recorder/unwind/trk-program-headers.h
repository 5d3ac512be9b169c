/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The program headers of a mapped object, wherever its file has them:
 *
 *   ELF header │ program headers │ …              mostly: in the first page, read where they are mapped
 *   ELF header │ … │ program headers              at the file's end, where patchelf puts them: read from the file
 *
 * Nobody has checked what lies where of a mapping, and memory behind a file's end is SIGBUS; so no more than the first
 * page is believed to be there.  The file may have become another one since it was mapped, which its header tells.
 *
 * Any thread, any signal handler; no lock, no allocation.
 */
#pragma once

#include <link.h>
#include <stdbool.h>

typedef ElfW (Ehdr) TrkElfHeader;
typedef ElfW (Phdr) TrkProgramHeader;

/* Of an object whose headers are read from its file. */
#define TRK_MAX_PROGRAM_HEADERS 128U

/* @header: mapped.  @path: of its file, from the root; anything else is none.  @room: TRK_MAX_PROGRAM_HEADERS of them.
 * NULL: they cannot be had; else e_phnum of them. */
const TrkProgramHeader *trk_program_headers_find (const TrkElfHeader *header,
                                                  const char *path,
                                                  TrkProgramHeader *room);

/* Whether they can be had without @path and @room. */
static inline bool
trk_program_headers_are_near (const TrkElfHeader *header)
{
  return header->e_phoff <= 4096
         && header->e_phnum * sizeof (TrkProgramHeader) <= 4096 - header->e_phoff;
}
