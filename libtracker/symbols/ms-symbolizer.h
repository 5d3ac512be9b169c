/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * MsSymbolizer: function, file and line from the object files on this machine, by libdw.  An
 * MsNameResolver.  Objects are opened when first asked for; answers are cached, and in a folder also
 * for the next run.
 *
 * Any thread, several at once: objects are read side by side, one thread in each.  What is known already
 * is answered without waiting for a file (ms_name_resolver_lookup_stack()).
 *
 * Nothing here uses the network unless ms_symbolizer_fetch() is called.
 */
#pragma once

#include "ms-name-resolver.h"

G_BEGIN_DECLS

#define MS_TYPE_SYMBOLIZER (ms_symbolizer_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsSymbolizer, ms_symbolizer, MS, SYMBOLIZER, GObject)

/* Looks in the system's places and keeps nothing between runs. (transfer full) */
MS_API MsSymbolizer *ms_symbolizer_new (void);

/* @debug_folders: (nullable) folders as /usr/lib/debug is one, absolute, asked before it; NULL at the end.
 * @cache_folder: (nullable) where names are kept for the next run, made if it is not there; at most 256
 * MB of them.  Anybody's file in it is read with care, and deleting it loses only time.
 * (transfer full) */
MS_API MsSymbolizer *ms_symbolizer_new_with_folders (const char *const *debug_folders,
                                                     const char *cache_folder);

/* What the command line and the application use: names are kept in the user's cache, below
 * ~/.cache/memscope (none with MEMSCOPE_CACHE_MB=0 or
 * MEMSCOPE_NO_CACHE), and MEMSCOPE_DEBUG_PATH may name debug folders with
 * colons between them. (transfer full) */
MS_API MsSymbolizer *ms_symbolizer_new_for_user (void);

/* Writes into the cache folder what was found since the last time.  ms_name_resolver_prepare_stacks() and
 * dropping the last reference do so as well. */
MS_API void ms_symbolizer_save (MsSymbolizer *self);

/* A module whose names could not be had, or not all that there is. */
typedef struct {
  const char *path;
  const char *build_id; /* or NULL */
  /* One sentence: not found, other build-id, no symbol table, no line information. */
  const char *reason;
} MsMissingSymbols;

/* Those met so far.  The strings live as long as @self. (transfer container)
 * (element-type MsMissingSymbols) */
MS_API GArray *ms_symbolizer_get_missing (MsSymbolizer *self);

/* What to install here for @missing, how to build it, or where to fetch from: one line, or NULL.  Reads
 * /etc/os-release and dpkg's file lists (milliseconds); runs nothing. (transfer full) */
MS_API char *ms_missing_symbols_dup_advice (const MsMissingSymbols *missing);

/* --- from the network, when somebody asks for it
 *
 * Names are looked up in what is here.  Then, if a server is configured, the debug files of the modules in
 * ms_symbolizer_get_missing() can be fetched; what was known of those modules is forgotten, and names are
 * looked up again. */

/* @nth of @n_modules, @total_bytes 0 while it is not known. */
typedef void (*MsFetchProgress) (const char *module,
                                 guint nth,
                                 guint n_modules,
                                 guint64 done_bytes,
                                 guint64 total_bytes,
                                 gpointer user_data);

/* The switch; on at first. */
MS_API void ms_symbolizer_set_may_fetch (MsSymbolizer *self, gboolean may_fetch);

/* Whether fetching could be of use: it is allowed, DEBUGINFOD_URLS is set and elfutils' client is there.
 * Uses no network. */
MS_API gboolean ms_symbolizer_can_fetch (MsSymbolizer *self);

/* Waits for the network, maybe for minutes: never on a thread that paints.  @progress: (nullable).
 * Returns for how many modules a debug file came; @error is only set when it was cancelled or could not
 * begin.  Why one did not come is in its MsMissingSymbols' reason. */
MS_API guint ms_symbolizer_fetch (MsSymbolizer *self,
                                  GCancellable *cancellable,
                                  MsFetchProgress progress,
                                  gpointer user_data,
                                  GError **error);

/* The same on a thread of its own.  @progress and @callback are called in the caller's main context;
 * @progress_data must live until @callback. */
MS_API void ms_symbolizer_fetch_async (MsSymbolizer *self,
                                       GCancellable *cancellable,
                                       MsFetchProgress progress,
                                       gpointer progress_data,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
MS_API guint ms_symbolizer_fetch_finish (MsSymbolizer *self, GAsyncResult *result, GError **error);

G_END_DECLS
