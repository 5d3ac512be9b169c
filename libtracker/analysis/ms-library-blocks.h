/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blocks that the C library and the C++ runtime keep for themselves until the process ends, and that a program has
 * no way to free: what every report of leaks would accuse everybody of.
 *
 *   main → printf → _IO_file_doallocate → malloc      stdout's buffer
 *   main → getpwuid → … __nss_module_allocate → malloc  what nsswitch.conf said
 *
 * A stack counts only if the library itself called malloc, and by what it did so: the frames from malloc outwards up to
 * the first that is in another object are looked at, and one of them has to be such a function.  Each kind was
 * seen in recordings of glibc 2.36; tests/lib/tools/victim-library-blocks.c makes all of them.
 */
#pragma once

#include "ms-name-resolver.h"

G_BEGIN_DECLS

/* How many kinds there are, and what each is, in words: "buffers of standard streams". */
MS_API guint ms_library_blocks_get_n_kinds (void);
MS_API const char *ms_library_blocks_get_title (guint kind);

/* The kind of the @n_blocks that @stack left, or -1.  @resolver NULL: what the trace names alone. */
MS_API gint ms_library_blocks_find_kind (MsTrace *trace,
                                         guint stack,
                                         guint64 n_blocks,
                                         MsNameResolver *resolver);

G_END_DECLS
