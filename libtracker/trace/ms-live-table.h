/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The blocks that are live at one moment, by address: the heart of the matcher.
 *
 *   slot   address │ bytes │ birth │ site, grown, halves │ weight      32 bytes, address 0: empty
 *
 * Open addressing with linear probing at most 5/8 full; a removal moves the followers back, so that
 * there are no tombstones and a program that churns for hours probes as shortly as at its start.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 address;
  guint64 bytes; /* requested, times the sampling weight */
  guint64 birth_ticks;
  guint32 site : 29;  /* who allocated it: index of an MsSite */
  guint32 grown : 1;  /* ms-growth.h knows it */
  guint32 halves : 2; /* see ms-sampled-curve.h; 0 unless sampled */
  float weight;       /* blocks that this one stands for; 1 unless sampled */
} MsLiveBlock;

typedef struct {
  MsLiveBlock *slots;
  guint64 n_used;
  guint shift;
} MsLiveTable;

void ms_live_table_init (MsLiveTable *self);
void ms_live_table_clear (MsLiveTable *self);
void ms_live_table_grow (MsLiveTable *self);

static inline guint64
ms_live_table_mask (const MsLiveTable *self)
{
  return ((guint64) 1 << (64 - self->shift)) - 1;
}

/* Two rounds: blocks lie at regular distances, and one multiplication maps several such rows onto
 * each other, which linear probing pays for with long runs. */
static inline guint64
ms_live_table_home (const MsLiveTable *self, guint64 address)
{
  guint64 hash = address * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  return (hash ^ hash >> 32) * G_GUINT64_CONSTANT (0xD6E8FEB86659FD93) >> self->shift;
}

/* The block at @address, or the empty slot where it would go.  @address is not 0. */
static inline MsLiveBlock *
ms_live_table_slot (const MsLiveTable *self, guint64 address)
{
  guint64 i = ms_live_table_home (self, address);

  while (self->slots[i].address != 0 && self->slots[i].address != address)
    i = (i + 1) & ms_live_table_mask (self);
  return &self->slots[i];
}

/* NULL if nothing is live there.  Valid until the table changes. */
static inline MsLiveBlock *
ms_live_table_find (const MsLiveTable *self, guint64 address)
{
  MsLiveBlock *slot = ms_live_table_slot (self, address);

  return slot->address ? slot : NULL;
}

/* Nothing may be live at the address yet. */
static inline void
ms_live_table_insert (MsLiveTable *self, MsLiveBlock block)
{
  if (G_UNLIKELY (self->n_used * 8 >= (ms_live_table_mask (self) + 1) * 5))
    ms_live_table_grow (self);
  *ms_live_table_slot (self, block.address) = block;
  self->n_used++;
}

static inline void
ms_live_table_remove (MsLiveTable *self, MsLiveBlock *slot)
{
  guint64 mask = ms_live_table_mask (self), hole = (guint64) (slot - self->slots), i = hole;

  for (;;)
    {
      guint64 home;

      i = (i + 1) & mask;
      if (self->slots[i].address == 0)
        break;
      home = ms_live_table_home (self, self->slots[i].address);
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
