/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A map of 64-bit keys to small numbers: open addressing, linear probing, at most half full, nothing
 * is ever removed.  One cache line a look-up on average, where GHashTable takes three and boxes.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_KEY_MAP_NONE G_MAXUINT32

typedef struct {
  guint64 key;
  guint32 value; /* MS_KEY_MAP_NONE: empty slot */
} MsKeyMapSlot;

typedef struct {
  MsKeyMapSlot *slots;
  guint32 n_used;
  guint shift; /* 64 − log2 of the number of slots */
} MsKeyMap;

static inline void
ms_key_map_alloc (MsKeyMap *self, guint log2_slots)
{
  gsize n_slots = (gsize) 1 << log2_slots;

  self->slots = g_new (MsKeyMapSlot, n_slots);
  for (gsize i = 0; i < n_slots; i++)
    self->slots[i].value = MS_KEY_MAP_NONE;
  self->shift = 64 - log2_slots;
  self->n_used = 0;
}

static inline void
ms_key_map_init (MsKeyMap *self)
{
  ms_key_map_alloc (self, 6);
}

static inline void
ms_key_map_clear (MsKeyMap *self)
{
  g_clear_pointer (&self->slots, g_free);
}

/* The slot that has @key, or the empty one where it belongs. */
static inline MsKeyMapSlot *
ms_key_map_slot (const MsKeyMap *self, guint64 key)
{
  guint64 mask = ((guint64) 1 << (64 - self->shift)) - 1;
  guint64 i = (key ^ key >> 29) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15) >> self->shift;

  while (self->slots[i].value != MS_KEY_MAP_NONE && self->slots[i].key != key)
    i = (i + 1) & mask;
  return &self->slots[i];
}

static inline guint32
ms_key_map_get (const MsKeyMap *self, guint64 key)
{
  return ms_key_map_slot (self, key)->value;
}

/* @key must not be in the map yet. */
static inline void
ms_key_map_insert (MsKeyMap *self, guint64 key, guint32 value)
{
  guint64 n_slots = (guint64) 1 << (64 - self->shift);
  MsKeyMapSlot *slot;

  if ((guint64) self->n_used * 2 >= n_slots)
    {
      MsKeyMap old = *self;

      ms_key_map_alloc (self, 64 - old.shift + 1);
      for (guint64 i = 0; i < n_slots; i++)
        if (old.slots[i].value != MS_KEY_MAP_NONE)
          *ms_key_map_slot (self, old.slots[i].key) = old.slots[i];
      self->n_used = old.n_used;
      ms_key_map_clear (&old);
    }
  slot = ms_key_map_slot (self, key);
  slot->key = key;
  slot->value = value;
  self->n_used++;
}

G_END_DECLS
