/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The blocks that are live at one moment, by address: the heart of the matcher.
 *
 *   slot   address │ hash │ number of the block ──▶ block   bytes │ birth │ site, halves │ weight │ number
 *
 * Open addressing with linear probing, at most 3/8 full, or 5/8 where the table is large; a removal moves the followers back, so that
 * there are no tombstones and a program that churns for hours probes as shortly as at its start.  A slot
 * keeps its hash, so that moving computes none.  Blocks lie in a pool whose latest hole is filled first:
 * a program that frees and allocates by turns stays in few cache lines, however large the table.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 bytes;       /* requested, times the sampling weight */
  guint64 birth_ticks; /* when it was allocated */
  guint32 site : 29;   /* who allocated it: index of an MsSite */
  guint32 moved : 1;   /* it came out of a realloc */
  guint32 halves : 2;  /* see ms-sampled-curve.h; 0 unless sampled */
  float weight;        /* blocks that this one stands for; 1 unless sampled */
  guint32 number;      /* of the block, in order of birth, modulo 2^32 */
  guint32 next_hole;   /* of a hole */
} MsLiveBlock;

typedef struct {
  guint64 address; /* 0: empty */
  guint32 hash;    /* high bits of the address's */
  guint32 block;   /* index into blocks */
} MsLiveSlot;

typedef struct {
  MsLiveSlot *slots;
  MsLiveBlock *blocks;
  guint64 n_used, max_used;
  guint log2_slots;
  guint32 n_blocks, max_blocks; /* holes included */
  guint32 first_hole;           /* MS_NO_BLOCK: none */
} MsLiveTable;

#define MS_NO_BLOCK G_MAXUINT32

void ms_live_table_init (MsLiveTable *self);
void ms_live_table_clear (MsLiveTable *self);
void ms_live_table_grow (MsLiveTable *self);
void ms_live_table_grow_blocks (MsLiveTable *self);

static inline guint64
ms_live_table_mask (const MsLiveTable *self)
{
  return ((guint64) 1 << self->log2_slots) - 1;
}

/* Two rounds: blocks lie at regular distances, and one multiplication maps several such rows onto
 * each other, which linear probing pays for with long runs. */
static inline guint32
ms_live_table_hash (guint64 address)
{
  guint64 hash = address * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  return (guint32) ((hash ^ hash >> 32) * G_GUINT64_CONSTANT (0xD6E8FEB86659FD93) >> 32);
}

/* A table of more than 2^32 slots has runs at the multiples of what a hash tells apart. */
static inline guint64
ms_live_table_home (const MsLiveTable *self, guint32 hash)
{
  return self->log2_slots <= 32 ? hash >> (32 - self->log2_slots)
                                : (guint64) hash << (self->log2_slots - 32);
}

/* The slot of @address, or the empty one where it would go.  @address is not 0. */
static inline MsLiveSlot *
ms_live_table_slot (const MsLiveTable *self, guint64 address, guint32 hash)
{
  guint64 i = ms_live_table_home (self, hash);

  while (self->slots[i].address != 0 && self->slots[i].address != address)
    i = (i + 1) & ms_live_table_mask (self);
  return &self->slots[i];
}

/* NULL if nothing is live there.  Valid until the table changes. */
static inline MsLiveSlot *
ms_live_table_find (const MsLiveTable *self, guint64 address)
{
  MsLiveSlot *slot = ms_live_table_slot (self, address, ms_live_table_hash (address));

  return slot->address ? slot : NULL;
}

static inline MsLiveBlock *
ms_live_table_block (const MsLiveTable *self, const MsLiveSlot *slot)
{
  return &self->blocks[slot->block];
}

/* The block to fill in at @address, where nothing may be live yet; @slot is its empty one. */
static inline MsLiveBlock *
ms_live_table_insert (MsLiveTable *self, MsLiveSlot *slot, guint64 address, guint32 hash)
{
  guint32 block;

  if (G_UNLIKELY (self->n_used >= self->max_used))
    {
      ms_live_table_grow (self);
      slot = ms_live_table_slot (self, address, hash);
    }
  if (self->first_hole != MS_NO_BLOCK)
    {
      block = self->first_hole;
      self->first_hole = self->blocks[block].next_hole;
    }
  else
    {
      if (G_UNLIKELY (self->n_blocks == self->max_blocks))
        ms_live_table_grow_blocks (self);
      block = self->n_blocks++;
    }
  *slot = (MsLiveSlot) { address, hash, block };
  self->n_used++;
  return &self->blocks[block];
}

static inline void
ms_live_table_remove (MsLiveTable *self, MsLiveSlot *slot)
{
  guint64 mask = ms_live_table_mask (self), hole = (guint64) (slot - self->slots), i = hole;

  self->blocks[slot->block].next_hole = self->first_hole;
  self->first_hole = slot->block;
  for (;;)
    {
      guint64 home;

      i = (i + 1) & mask;
      if (self->slots[i].address == 0)
        break;
      home = ms_live_table_home (self, self->slots[i].hash);
      /* It may move back unless its home lies after the hole. */
      if (((i - home) & mask) >= ((i - hole) & mask))
        {
          self->slots[hole] = self->slots[i];
          hole = i;
        }
    }
  self->slots[hole].address = 0;
  self->n_used--;
}

G_END_DECLS
