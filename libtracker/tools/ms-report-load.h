/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From a process of a recording and the options that filter it to what a report is about. */
#pragma once

#include "ms-filter-options.h"
#include "ms-report.h"
#include "ms-selection.h"

G_BEGIN_DECLS

/* @needs_history: ages of blocks are wanted.  NULL: the process cannot be read, which was complained of (@error is left alone); or there is nothing in it
 * of what @filter asks for (MS_ERROR_… never, but any of G_IO_ERROR); or it was cancelled. (transfer full) */
MsReport *ms_report_load (MsSelection *selection,
                          guint nth,
                          gboolean needs_history,
                          const MsFilterOptions *filter,
                          GError **error);

G_END_DECLS
