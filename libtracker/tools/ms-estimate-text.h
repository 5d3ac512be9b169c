/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Figures of a sampled recording as people read them: "12.4 MB ± 0.3 MB", with the standard error that
 * MsStandardErrors explains.  Without an error the figure is exact and stands alone.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* (transfer full) */
char *ms_estimate_text_bytes (guint64 bytes, double standard_error);
char *ms_estimate_text_count (guint64 count, double standard_error);

/* "± 0.3 MB " to stand between a figure and its words; "" for none. (transfer full) */
char *ms_estimate_text_error_bytes (double standard_error);
char *ms_estimate_text_error_count (double standard_error);

/* Behind "0 B in 0 allocations" of a sampled recording, which does not say that there were none: "; fewer than 299 could
 * have been missed (95 %)".  "" if it does. (transfer full) */
char *ms_estimate_text_none (MsTrace *trace);

G_END_DECLS
