/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Everything that can be known about one object's addresses: its file and debug file, opened when the
 * first address comes that an earlier run did not name already.  Used by the symbolizer alone, one
 * thread at a time for each source; different sources at once.
 */
#pragma once

#include <glib.h>

#include "ms-debug-places.h"

G_BEGIN_DECLS

typedef struct _MsSymbolSource MsSymbolSource;

typedef struct {
  char *function; /* demangled; NULL: unknown */
  char *file;     /* canonical; NULL: unknown */
  guint line;
  gboolean inlined;
} MsSourceFrame;

/* @build_id, @cache_folder: (nullable).  @places must outlive it.  Opens nothing. */
MsSymbolSource *ms_symbol_source_new (const char *path,
                                      const char *build_id,
                                      const MsDebugPlaces *places,
                                      const char *cache_folder);
void ms_symbol_source_free (MsSymbolSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSymbolSource, ms_symbol_source_free)

/* Appends to @frames (of MsSourceFrame, see below) those at @address, innermost first, at least one. */
void ms_symbol_source_resolve (MsSymbolSource *self, guint64 address, GArray *frames);

/* What is missing, as far as it is known by now, or NULL. (transfer full) */
char *ms_symbol_source_dup_reason (MsSymbolSource *self);

/* Writes what this run has found into the cache folder, if there is something new. */
void ms_symbol_source_save (MsSymbolSource *self);

/* Looks for files anew at the next address: a debug file may have come. */
void ms_symbol_source_close (MsSymbolSource *self);

/* What it holds of object files is given back above this much of .debug_info that was read.  For
 * tests; the default is 64 MB. */
void ms_symbol_source_set_limit (MsSymbolSource *self, guint64 max_read_bytes);
guint ms_symbol_source_get_n_opened (MsSymbolSource *self);

/* An empty array of MsSourceFrame that clears its elements. (transfer full) */
GArray *ms_source_frame_array_new (void);

G_END_DECLS
