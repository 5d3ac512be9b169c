/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What MsResources is made of, for the files that read it and those that go through it.  Blocks stay encoded, and
 * stand in chunks that never move: of a file that is followed, each answer shares those of the one before.
 *
 *   chunks ─▶ ╭ 256 blocks ╮ ╭ 256 blocks ╮ ╭ 17, more to come ╮      sources ─▶ figures: a copy in each answer
 *             ╰────────────╯ ╰────────────╯ ╰──────────────────╯
 *
 *   ms-resource-file.c      from the file to blocks           ms-resource-join.c      which source is which thread
 *   ms-resource-figures.c   from records to sources, figures  ms-resource-samples.c   what has one answer
 *   ms-sampled-names.c      names that the trace has not      ms-resource-visit.c     samples, decoded anew
 */
#pragma once

#include "ms-resource-samples.h"
#include "trk-resource-codec.h"

G_BEGIN_DECLS

#define MS_RESOURCE_NOT_KEPT G_MAXUINT32 /* number of a source past the most that are kept */
#define MS_RESOURCE_MOST_TIME_NS (G_GINT64_CONSTANT (1) << 60)
/* So many sources have some megabytes of figures. */
#define MS_RESOURCE_MAX_SOURCES 65536U

/* For so long a source had this name, as far as was seen. */
typedef struct {
  gint64 first_ns, last_ns; /* of samples */
  char *name;               /* a GRefString */
} MsResourceName;

/* Of one source; of what it is called after so many, the last. */
#define MS_RESOURCE_MAX_NAMES 256U

typedef struct {
  MsResourceSource public; /* its name is a GRefString */
  GBytes *key_name;        /* NULL: the name is no part of the key */
  GArray *names; /* of MsResourceName, times ascending; NULL: not a thread, or no samples */
  guint first_block, last_block;
  guint32 broken; /* fields said to be absent since their last reading */
  guint n_figures;
  MsResourceFigure *figures;
} MsResourceEntry;

typedef struct {
  guint64 first_ns; /* CLOCK_MONOTONIC */
  guint32 *numbers; /* of sources, by local number; the payload behind them */
  const guint8 *payload;
  guint32 n_bytes;
} MsResourceBlock;

#define MS_RESOURCE_CHUNK_BLOCKS 256U

/* Who has a part of it never looks at what is added behind. */
typedef struct {
  gatomicrefcount references;
  guint n; /* of who adds, and of the last */
  MsResourceBlock blocks[MS_RESOURCE_CHUNK_BLOCKS];
} MsResourceChunk;

struct _MsResources {
  gatomicrefcount references;
  gint64 start_ns, interval_ns;
  GPtrArray *sources;  /* of MsResourceEntry */
  GHashTable *threads; /* id of thread to number of source, plus 1 */
  GPtrArray *chunks;   /* of MsResourceChunk: all are full but the last */
  guint n_blocks;
};

static inline const MsResourceBlock *
ms_resources_get_block (const MsResources *self, guint block)
{
  const MsResourceChunk *chunk = g_ptr_array_index (self->chunks, block / MS_RESOURCE_CHUNK_BLOCKS);

  return &chunk->blocks[block % MS_RESOURCE_CHUNK_BLOCKS];
}

/* Of CLOCK_MONOTONIC, which may be anything in a damaged file. */
static inline gint64
ms_resources_to_trace_time (const MsResources *self, guint64 time_ns)
{
  gint64 wrapped = (gint64) (time_ns - (guint64) self->start_ns);

  return CLAMP (wrapped, -MS_RESOURCE_MOST_TIME_NS, MS_RESOURCE_MOST_TIME_NS);
}

MsResources *ms_resources_new (gint64 start_ns);
/* As it is now, no thread joined: what is added to @self afterwards is not in it. (transfer full) */
MsResources *ms_resources_copy (const MsResources *self);
/* Copies the payload and the numbers of its sources. */
void ms_resources_add_block (MsResources *self,
                             const GArray *numbers,
                             const guint8 *payload,
                             guint32 n_bytes,
                             guint64 first_ns);

/* --- ms-resource-figures.c -------------------------------------------------------------------------------- */

MsResourceEntry *ms_resource_entry_copy (const MsResourceEntry *entry);
void ms_resource_entry_free (MsResourceEntry *entry);

/* From an entry to its number, plus 1. (transfer full) */
GHashTable *ms_resource_keys_new (void);
/* The number of the source with @key, which is made if it is new; it stands in block @block. */
guint32 ms_resources_take_source (MsResources *self,
                                  GHashTable *keys,
                                  const TrkResourceKey *key,
                                  guint block);
/* What it was called in the sample that is added next. */
void ms_resource_entry_add_name (MsResourceEntry *self, gint64 time_ns, char *name);
void ms_resource_entry_add_sample (MsResourceEntry *self,
                                   gint64 time_ns,
                                   const TrkResourceRecord *record);
void ms_resource_entry_add_absence (MsResourceEntry *self, const TrkResourceRecord *record);

G_END_DECLS
