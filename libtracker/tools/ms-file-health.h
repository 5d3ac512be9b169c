/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How one file of a trace folder is: what kind, how many blocks, which of them can be read.  Looks
 * at the bytes alone, so that it answers where the loader would give up.
 */
#pragma once

#include <glib.h>

#include "trk-format.h"

G_BEGIN_DECLS

typedef struct {
  char *name; /* inside the folder */
  guint64 size_bytes;
  const char *kind;     /* "events", "manifest", …; NULL: no file of ours */
  gboolean has_blocks;  /* the figures below apply */
  guint64 n_blocks;     /* whole ones; of the pool, windows with something in them */
  guint64 n_damaged;    /* stretches that are no whole block */
  guint64 n_records;    /* events, stacks or modules in the whole ones */
  guint64 window_bytes; /* pool: recorded, not yet in a file */
  gboolean is_cut;      /* the last block is not all there: ordinary after a crash */
  gboolean is_gone;     /* pool: a link, and nothing where it leads */
  gboolean has_trace_id;
  guint8 trace_id[16];
  char *problem; /* one sentence, or NULL */
} MsFileHealth;

/* Every regular file in @folder, by name. NULL if the folder cannot be read.
 * (transfer full) (element-type MsFileHealth) */
GPtrArray *ms_file_health_scan (const char *folder, GError **error);

G_END_DECLS
