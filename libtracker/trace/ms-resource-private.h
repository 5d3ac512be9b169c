/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What MsResources is made of, for the files that read it (ms-resource-file.c) and that go through its
 * samples (ms-resource-visit.c).  Blocks stay encoded.
 */
#pragma once

#include "ms-resource-samples.h"
#include "trk-resource-codec.h"

G_BEGIN_DECLS

#define MS_RESOURCE_NOT_KEPT G_MAXUINT32 /* number of a source past the most that are kept */
#define MS_RESOURCE_MOST_TIME_NS (G_GINT64_CONSTANT (1) << 60)

typedef struct {
  MsResourceSource public; /* its name is ours */
  GBytes *key_name;        /* NULL: the name is no part of the key */
  guint first_block, last_block;
  guint32 broken; /* fields said to be absent since their last reading */
  guint n_figures;
  MsResourceFigure *figures;
} MsResourceEntry;

typedef struct {
  gsize offset;
  guint32 n_bytes;
  guint64 first_ns;   /* CLOCK_MONOTONIC */
  guint first_number; /* in numbers: sources by local number */
} MsResourceBlock;

struct _MsResources {
  gatomicrefcount references;
  gint64 start_ns, interval_ns;
  GPtrArray *sources;  /* of MsResourceEntry */
  GHashTable *by_key;  /* entry to its number, plus 1; while loading */
  GHashTable *threads; /* id of thread to number of source, plus 1 */
  GArray *blocks;      /* of MsResourceBlock */
  GArray *numbers;     /* of guint32: sources by local number, block after block */
  GByteArray *payloads;
  guint64 n_damaged_bytes; /* that were read in vain */
};

/* Of CLOCK_MONOTONIC, which may be anything in a damaged file. */
static inline gint64
ms_resources_to_trace_time (const MsResources *self, guint64 time_ns)
{
  gint64 wrapped = (gint64) (time_ns - (guint64) self->start_ns);

  return CLAMP (wrapped, -MS_RESOURCE_MOST_TIME_NS, MS_RESOURCE_MOST_TIME_NS);
}

G_END_DECLS
