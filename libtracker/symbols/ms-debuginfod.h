/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fetching a debug file from the servers in DEBUGINFOD_URLS, by elfutils' own client, which is loaded
 * with dlopen when it is first needed: it brings an HTTP library, which a reader of local traces does
 * not want.  What it fetches lies in its cache, where MsDebugPlaces looks.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @total_bytes 0: not known yet. */
typedef void (*MsDebuginfodProgress) (guint64 done_bytes, guint64 total_bytes, gpointer user_data);

/* Whether there are servers and a client.  Uses no network. */
gboolean ms_debuginfod_is_configured (void);

/* Waits for the network; any thread, several at once.  FALSE with G_IO_ERROR: NOT_FOUND where no server
 * has it, CANCELLED, NOT_SUPPORTED where ms_debuginfod_is_configured() is FALSE, FAILED. */
gboolean ms_debuginfod_fetch (const char *build_id,
                              GCancellable *cancellable,
                              MsDebuginfodProgress progress,
                              gpointer user_data,
                              GError **error);

G_END_DECLS
