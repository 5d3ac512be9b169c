/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * --fetch-symbols: debug files for what a report names, from the servers in DEBUGINFOD_URLS, before it is
 * printed.  Never without being asked: a file may have hundreds of megabytes.
 */
#pragma once

#include "ms-symbolizer.h"

G_BEGIN_DECLS

/* The person wants it.  FALSE after complaining if no server is configured. */
gboolean ms_fetch_symbols_allow (void);

/* Nothing unless it was allowed.  Looks up the names of all stacks of @trace and fetches for the modules
 * that lack some, with a progress line; Ctrl-C ends it.  What did not come is among the missing. */
void ms_fetch_symbols (MsSymbolizer *symbolizer, MsTrace *trace);

G_END_DECLS
