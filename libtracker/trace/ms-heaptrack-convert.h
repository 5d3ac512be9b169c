/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A data file of heaptrack becomes a trace folder.
 *
 *   v 10400 3            written by heaptrack 1.4.0, file format 3
 *   X ./a -x             the program
 *   I 1000 5e298d        bytes of a page, pages of memory
 *   s 9 /tmp/ht/a        text number 1, 2, 3…
 *   i 7f46a6c45304 6 10 11 168   address − 1, module, and function, file, line; inlined ones first
 *   t 6 5                call stack number 6, 5…: its innermost address, and the stack outside it
 *   a 18 10              allocation info 0, 1, 2…: bytes, call stack
 *   + 3   - 3            a block of info 3 begins, one ends
 *   c d                  13 ms have passed           R 3ea   resident pages
 *
 * All numbers are hexadecimal.  A raw file, which heaptrack_interpret has not seen, has no s, i and a but
 *
 *   x 9 /tmp/ht/a        the executable
 *   m 1 -                all modules are forgotten; then m name address (offset bytes)*
 *   t 56390dfc2250 0     with the address itself
 *   + 18 10 5639456353d0   bytes, call stack, pointer        - 5639456353d0
 *
 * Formats 1 and 2 have texts without their length; format 0 has pointers as a raw file has.  There is no
 * thread in any of them, so that everything is one thread's, and time stands still between two "c",
 * about 10 ms apart.
 */
#pragma once

#include "ms-heaptrack-lines.h"
#include "ms-trace-writer.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* What the whole of a file amounts to, as heaptrack_print counts it. */
typedef struct {
  guint64 allocations;
  guint64 live_bytes, peak_bytes;
  guint64 peak_ms, end_ms;
} MsHeaptrackTotals;

/* Reads all of @lines into @writer, and finishes that.  Tables that need more than @max_table_bytes of
 * memory are an error.  @totals: (nullable).  @progress gets 0 to 1. */
gboolean ms_heaptrack_convert (MsHeaptrackLines *lines,
                               MsTraceWriter *writer,
                               gsize max_table_bytes,
                               GCancellable *cancellable,
                               MsProgressFunc progress,
                               gpointer user_data,
                               MsHeaptrackTotals *totals,
                               GError **error);

G_END_DECLS
