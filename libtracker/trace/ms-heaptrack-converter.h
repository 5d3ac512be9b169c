/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is kept while a data file of heaptrack is read: ms-heaptrack-convert.c fills it,
 * ms-heaptrack-manifest.c says at the end what it was.
 */
#pragma once

#include "ms-block-slots.h"
#include "ms-heaptrack-convert.h"
#include "ms-heaptrack-tables.h"
#include "ms-stream-writer.h"

G_BEGIN_DECLS

/* A trace's zero; the file does not say when the program ran. */
#define MS_HEAPTRACK_START_NS G_GUINT64_CONSTANT (1000000000)
#define MS_HEAPTRACK_NS_PER_MS G_GUINT64_CONSTANT (1000000)

/* Row of a: all blocks of one size from one call stack. */
typedef struct {
  guint64 n_bytes;
  guint32 stack;      /* id in our trace */
  guint32 first_slot; /* of the live ones */
} MsHeaptrackInfo;

typedef struct {
  MsHeaptrackLines *lines;
  MsTraceWriter *writer;
  MsStreamWriter *stream;
  MsHeaptrackTables tables;
  MsBlockSlots blocks;
  GArray *infos; /* of MsHeaptrackInfo */
  gsize max_table_bytes;
  guint64 version, format; /* of heaptrack, of the file */
  gboolean has_version, is_raw, has_pointers, was_attached;
  char *command;
  guint64 page_bytes;
  guint64 now_ns, n_live;
  MsHeaptrackTotals totals;
  guint64 n_bad_lines, first_bad_line, n_replaced, n_suppressions;
  GError *error;
} MsHeaptrackConverter;

/* The folder's memscope_trace.json. (transfer full) */
char *ms_heaptrack_make_manifest (const MsHeaptrackConverter *self);

G_END_DECLS
