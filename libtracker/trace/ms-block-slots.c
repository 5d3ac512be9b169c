/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-block-slots.h"

void
ms_block_slots_init (MsBlockSlots *self)
{
  self->next = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->sizes = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->free_slot = MS_NO_SLOT;
  self->pointers = NULL;
  self->n_pointers = 0;
  self->log2_pointers = 0;
}

void
ms_block_slots_clear (MsBlockSlots *self)
{
  g_clear_pointer (&self->next, g_array_unref);
  g_clear_pointer (&self->sizes, g_array_unref);
  g_clear_pointer (&self->pointers, g_free);
}

gsize
ms_block_slots_get_bytes (const MsBlockSlots *self)
{
  return self->next->len * sizeof (guint32) + self->sizes->len * sizeof (guint64)
         + (self->pointers ? sizeof (MsSlotKey) << self->log2_pointers : 0);
}

static guint32 *
next_of (MsBlockSlots *self, guint32 slot)
{
  return &g_array_index (self->next, guint32, slot);
}

static guint32
take_free_slot (MsBlockSlots *self)
{
  guint32 slot = self->free_slot;

  if (slot != MS_NO_SLOT)
    {
      self->free_slot = *next_of (self, slot);
      return slot;
    }
  slot = self->next->len;
  g_array_set_size (self->next, slot + 1);
  return slot;
}

guint32
ms_block_slots_push (MsBlockSlots *self, guint32 *first)
{
  guint32 slot = take_free_slot (self);

  *next_of (self, slot) = *first;
  *first = slot;
  return slot;
}

guint32
ms_block_slots_pop (MsBlockSlots *self, guint32 *first)
{
  guint32 slot = *first;

  *first = *next_of (self, slot);
  *next_of (self, slot) = self->free_slot;
  self->free_slot = slot;
  return slot;
}

/* --- pointers -------------------------------------------------------------------------------------- */

static gsize
home_of (const MsBlockSlots *self, guint64 pointer)
{
  return (gsize) ((pointer ^ pointer >> 29) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)
                  >> (64 - self->log2_pointers));
}

/* Where @pointer is, or the empty place where it belongs. */
static gsize
find (const MsBlockSlots *self, guint64 pointer)
{
  gsize mask = ((gsize) 1 << self->log2_pointers) - 1, i = home_of (self, pointer);

  while (self->pointers[i].slot != MS_NO_SLOT && self->pointers[i].pointer != pointer)
    i = (i + 1) & mask;
  return i;
}

static void
grow (MsBlockSlots *self)
{
  MsSlotKey *old = self->pointers;
  gsize n_old = old ? (gsize) 1 << self->log2_pointers : 0;

  self->log2_pointers = old ? self->log2_pointers + 1 : 12;
  self->pointers = g_new (MsSlotKey, (gsize) 1 << self->log2_pointers);
  for (gsize i = 0; i < (gsize) 1 << self->log2_pointers; i++)
    self->pointers[i].slot = MS_NO_SLOT;
  for (gsize i = 0; i < n_old; i++)
    if (old[i].slot != MS_NO_SLOT)
      self->pointers[find (self, old[i].pointer)] = old[i];
  g_free (old);
}

guint32
ms_block_slots_put (MsBlockSlots *self, guint64 pointer, guint64 n_bytes, gboolean *replaced)
{
  guint32 slot = take_free_slot (self);
  gsize i;

  if (self->pointers == NULL
      || (guint64) self->n_pointers * 2 >= (guint64) 1 << self->log2_pointers)
    grow (self);
  if (slot >= self->sizes->len)
    g_array_set_size (self->sizes, slot + 1);
  g_array_index (self->sizes, guint64, slot) = n_bytes;
  i = find (self, pointer);
  *replaced = self->pointers[i].slot != MS_NO_SLOT;
  self->n_pointers += !*replaced;
  self->pointers[i] = (MsSlotKey) { pointer, slot };
  return slot;
}

/* Empties the place @hole, and moves up what stands behind it only because it was taken. */
static void
close_hole (MsBlockSlots *self, gsize hole)
{
  gsize mask = ((gsize) 1 << self->log2_pointers) - 1;

  for (gsize i = (hole + 1) & mask; self->pointers[i].slot != MS_NO_SLOT; i = (i + 1) & mask)
    {
      gsize home = home_of (self, self->pointers[i].pointer);

      if (((i - home) & mask) < ((i - hole) & mask))
        continue;
      self->pointers[hole] = self->pointers[i];
      hole = i;
    }
  self->pointers[hole].slot = MS_NO_SLOT;
}

guint32
ms_block_slots_take (MsBlockSlots *self, guint64 pointer, guint64 *n_bytes)
{
  gsize i = self->pointers ? find (self, pointer) : 0;
  guint32 slot = self->pointers ? self->pointers[i].slot : MS_NO_SLOT;

  if (slot == MS_NO_SLOT)
    return slot;
  *n_bytes = g_array_index (self->sizes, guint64, slot);
  close_hole (self, i);
  self->n_pointers--;
  *next_of (self, slot) = self->free_slot;
  self->free_slot = slot;
  return slot;
}

void
ms_block_slots_list (const MsBlockSlots *self, GArray *slots)
{
  gsize n = self->pointers != NULL ? (gsize) 1 << self->log2_pointers : 0;

  for (gsize i = 0; i < n; i++)
    if (self->pointers[i].slot != MS_NO_SLOT)
      g_array_append_val (slots, self->pointers[i].slot);
}
