/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * MsSymbolizer: function, file and line from the object files on this machine, by libdw.  An
 * MsNameResolver.  Objects are opened when first asked for; answers are cached.  Any thread, one at
 * a time inside (a lock).
 */
#pragma once

#include "ms-name-resolver.h"

G_BEGIN_DECLS

#define MS_TYPE_SYMBOLIZER (ms_symbolizer_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsSymbolizer, ms_symbolizer, MS, SYMBOLIZER, GObject)

/* (transfer full) */
MS_API MsSymbolizer *ms_symbolizer_new (void);

/* A module whose names could not be had. */
typedef struct {
  const char *path;
  const char *build_id;
  /* One sentence: not found, other build-id, no symbol table, no line information. */
  const char *reason;
} MsMissingSymbols;

/* Those met so far. (transfer container) (element-type MsMissingSymbols) */
MS_API GArray *ms_symbolizer_get_missing (MsSymbolizer *self);

G_END_DECLS
