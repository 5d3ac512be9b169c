/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the same made-up program as the data file that heaptrack would have left, after its interpreter:
 * what heaptrack_print 1.4 reads.  Lines of hexadecimal numbers; strings, addresses and traces are numbered from 1,
 * allocations from 0, in the order in which they stand:
 *
 *   s n text          a string of n bytes
 *   i ip module f     an address in a module and a function (strings)
 *   t ip parent       a frame called by another; 0: by nobody
 *   a size trace      a kind of allocation
 *   + n    - n        one such block is allocated, freed
 *   c ms   R pages    the time, the resident memory
 */
#pragma once

#include "made-program.h"

typedef struct _MadeHeaptrack MadeHeaptrack;

/* @path ends in .zst and is written through zstd (1). */
MadeHeaptrack *made_heaptrack_new (const char *path, const MadeProgram *program);
void made_heaptrack_free (MadeHeaptrack *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MadeHeaptrack, made_heaptrack_free)

void made_heaptrack_add (MadeHeaptrack *self, const MadeEvent *event);
void made_heaptrack_finish (MadeHeaptrack *self);
