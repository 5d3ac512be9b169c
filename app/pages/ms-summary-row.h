/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the process, or the part of it that is looked at, did: a row of figures.
 *
 *   Peak memory     Allocations     Never freed       Mapped memory    Threads          Duration
 *   181.6 MB        15 602 059      1.2 MB            214 MB           50               42.7 s
 *   at 27.3 s       2.1 GB in all   418 blocks, …     peak of mmap     25 tracked, …    from 12:04
 *
 * The peak of a part takes a scan: it comes from a worker, and is a "…" until then.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_SUMMARY_ROW (ms_summary_row_get_type ())
G_DECLARE_FINAL_TYPE (MsSummaryRow, ms_summary_row, MS, SUMMARY_ROW, AdwBin)

/* The figures of @lens as it is now; NULL: none, and no worker is waited for. */
void ms_summary_row_show (MsSummaryRow *self, MsLens *lens);

G_END_DECLS
