/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The tables of the symbolizer, for ms-symbolizer.c, which has their rules, and ms-symbolizer-fetch.c. */
#pragma once

#include "ms-debug-places.h"
#include "ms-symbol-source.h"
#include "ms-symbolizer.h"

G_BEGIN_DECLS

typedef struct {
  char *path;
  char *build_id;   /* or NULL */
  const char *name; /* base name, valid UTF-8; interned */
  GMutex lock;      /* for source */
  MsSymbolSource *source;
  const char *reason;  /* what is missing, interned, or NULL */
  const char *fetched; /* why its debug file did not come, interned, or NULL */
  GHashTable *slices;  /* of MsSymbolSlice, by address */
} MsSymbolObject;

/* Frames [first, first + n) of the symbolizer's `frames`. */
typedef struct {
  guint64 address; /* the one looked up: return address − 1 or exact */
  guint first, n;
} MsSymbolSlice;

struct _MsSymbolizer {
  GObject parent;
  MsDebugPlaces *places;
  char *cache_folder;
  gint may_fetch; /* atomic */
  GMutex lock;
  GHashTable *objects; /* key → MsSymbolObject */
  GPtrArray *in_order; /* of MsSymbolObject, as first met */
  GArray *frames;      /* of MsFrame */
  GStringChunk *strings;
};

/* With the symbolizer's lock.  Names come from object files that anybody may have written. */
const char *ms_symbolizer_intern (MsSymbolizer *self, const char *text);

G_END_DECLS
