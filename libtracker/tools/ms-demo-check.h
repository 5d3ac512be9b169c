/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the demonstration's threads counted themselves, held against what its trace says of them:
 *
 *   thread          role              alert   peak     allocations  CPU    its clock  I/O   its count
 *   14 compact-1    cpu intensive     high    21.8 MB        1 190  1.9 s      1.9 s    0           0
 *
 * Peaks and allocations must be equal.  Processor time is the thread's own clock on both sides, read a little
 * later by the recorder: 3 % or 5 ms.  The C library reads a file or two of /sys by itself as it sets up a
 * thread's memory, so that reads and writes may be a few more than the thread's.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @ledger: as memscope-demo-workload writes it.  Prints the table and what it comes to.  FALSE, after
 * complaining, if anything disagrees or cannot be read. */
gboolean ms_demo_check (const char *folder, const char *ledger);

G_END_DECLS
