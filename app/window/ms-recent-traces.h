/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The traces that were opened lately, each as a row with its state, on the page that welcomes:
 *
 *   storage-server                                 finished, exit 0
 *   ~/traces/storage-server-20261123-041200                       ›
 *
 * What each is, a worker reads; one that is gone says so.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MS_TYPE_RECENT_TRACES (ms_recent_traces_get_type ())
G_DECLARE_FINAL_TYPE (MsRecentTraces, ms_recent_traces, MS, RECENT_TRACES, AdwBin)

/* Once; NULL: none are kept. */
void ms_recent_traces_set_settings (MsRecentTraces *self, GSettings *settings);
/* @path was opened: it is the first from now on. */
void ms_recent_traces_add (GSettings *settings, const char *path);

G_END_DECLS
