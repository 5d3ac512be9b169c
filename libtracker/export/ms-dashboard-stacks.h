/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks of the page: the heaviest as rows, all of them as a flame graph, and the names of both.
 */
#pragma once

#include "ms-dashboard-data.h"

G_BEGIN_DECLS

/* Members "stacks", "stacks_cut", "frames", "flame", "flame_folded" and "strings". */
void ms_dashboard_stacks_write (MsJsonWriter *writer,
                                MsExportView *view,
                                const MsDashboardLimits *limits);

G_END_DECLS
