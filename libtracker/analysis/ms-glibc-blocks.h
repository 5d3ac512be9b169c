/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What glibc's malloc makes of a request, on 64-bit machines.
 *
 *   chunk    (request + 8) rounded up to 16, 32 at least: the request, a word in front, and slack
 *   usable   chunk − 8
 *
 * A chunk may be 16 bytes longer, where less than the smallest chunk would be left of the free one that it was cut
 * from.  From the mmap threshold on (128 KiB at first; glibc raises it up to 32 MiB as such blocks are freed)
 * a chunk may be a mapping of its own: (request + 8, rounded up to 16, + 8) rounded up to pages, of which 16
 * bytes are not usable.  Aligned allocations may take more.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* Requests of so many bytes or more get a mapping of their own, as glibc begins. */
#define MS_GLIBC_MMAP_THRESHOLD 131072u

typedef struct {
  guint64 low, high; /* malloc_usable_size() lies between, both included */
} MsGlibcUsable;

/* What glibc holds for a request of so many bytes, from and to.  Pure. */
MS_API MsGlibcUsable ms_glibc_usable_bytes (guint64 request, guint64 page_bytes);

/* What @n_blocks of @requested_bytes together take with their words in front, both bounds included; all were made by
 * malloc, calloc or realloc. */
MS_API MsGlibcUsable ms_glibc_held_bytes (guint64 n_blocks,
                                          guint64 requested_bytes,
                                          guint64 page_bytes);

/* Whether the program's malloc is glibc's, as far as its modules tell: it has libc.so.6 and none of the
 * allocators that are known to stand in for it (jemalloc, tcmalloc, mimalloc and their like).  One that is
 * linked in statically cannot be seen. */
MS_API gboolean ms_trace_uses_glibc_malloc (MsTrace *trace);

G_END_DECLS
