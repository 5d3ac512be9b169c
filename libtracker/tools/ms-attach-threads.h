/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The threads of a program that is watched, as of its latest reading:
 *
 *   id  thread    CPU    live     peak  allocations
 *    3  worker   12 %  16.3 MB  18.0 MB     120 417
 *    0  main      0 %  1.01 kB  1.01 kB           3
 *    7  reader  31 %         –        –           –  not recorded
 *
 * CPU is what was used in the last second that was sampled, of one core.
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-terminal.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* Those that have not ended, as far as they said so. */
guint ms_attach_threads_count_living (MsTrace *trace);

/* Of any of them the allocations were recorded: else all figures of memory are 0 and mean nothing. */
gboolean ms_attach_threads_are_recorded (MsTrace *trace);

/* Most live bytes first, some twenty of them. */
void ms_attach_threads_print (MsTrace *trace, const MsTerminal *terminal, GString *out);

/* The members n_threads, n_living_threads and threads. */
void ms_attach_threads_write (MsTrace *trace, MsJsonWriter *json);

/* The figures of a thread or of the process; null where nobody knows. */
void ms_attach_totals_write (MsTrace *trace,
                             const MsTotals *totals,
                             gboolean is_recorded,
                             MsJsonWriter *json);

G_END_DECLS
