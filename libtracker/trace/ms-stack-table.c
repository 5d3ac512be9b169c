/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-stack-table.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "trk-checksum.h"
#include "trk-stack-codec.h"

/* A record of a few bytes can claim 256 frames that it shares with the one before. */
#define MAX_FRAMES ((guint) 1 << 27)

void
ms_stack_table_init (MsStackTable *self)
{
  MsStack none = { 0 };

  memset (self, 0, sizeof *self);
  self->stacks = g_array_new (FALSE, FALSE, sizeof (MsStack));
  self->frames = g_array_new (FALSE, FALSE, sizeof (guint64));
  ms_key_map_init (&self->numbers);
  ms_key_map_init (&self->contents);
  g_array_append_val (self->stacks, none);
}

void
ms_stack_table_clear (MsStackTable *self)
{
  g_clear_pointer (&self->stacks, g_array_unref);
  g_clear_pointer (&self->frames, g_array_unref);
  ms_key_map_clear (&self->numbers);
  ms_key_map_clear (&self->contents);
}

void
ms_stack_table_copy (MsStackTable *self, const MsStackTable *from)
{
  g_array_set_size (self->stacks, 0);
  g_array_append_vals (self->stacks, from->stacks->data, from->stacks->len);
  if (from->frames->len > 0)
    g_array_append_vals (self->frames, from->frames->data, from->frames->len);
  self->n_truncated = from->n_truncated;
}

static gboolean
is_within (guint64 address, const MsAddressRange *ranges, guint n_ranges)
{
  for (guint i = 0; i < n_ranges; i++)
    if (address >= ranges[i].start && address < ranges[i].end)
      return TRUE;
  return FALSE;
}

void
ms_stack_table_drop_frames (MsStackTable *self, const MsAddressRange *ranges, guint n_ranges)
{
  for (guint s = 0; s < self->stacks->len && n_ranges > 0; s++)
    {
      MsStack *stack = &g_array_index (self->stacks, MsStack, s);
      guint64 *frames = (guint64 *) (gpointer) self->frames->data + stack->first_frame;
      guint32 n_kept = 0;

      for (guint32 i = 0; i < stack->depth; i++)
        if (!is_within (frames[i], ranges, n_ranges))
          frames[n_kept++] = frames[i];
      if (n_kept > 0)
        stack->depth = n_kept;
    }
}

static guint64
hash_of (const TrkStackRecord *record)
{
  guint64 hash = trk_checksum (record->frames, record->depth * sizeof record->frames[0]);

  return hash ^ ((guint64) record->generation << 1 | record->truncated);
}

static gboolean
is_same (const MsStackTable *self, const MsStack *stack, const TrkStackRecord *record)
{
  const guint64 *frames = (const guint64 *) (gpointer) self->frames->data + stack->first_frame;

  return stack->depth == record->depth && stack->generation == record->generation
         && stack->truncated == record->truncated
         && memcmp (frames, record->frames, record->depth * sizeof frames[0]) == 0;
}

/* The number of the stack with @record's content, or 0. */
static guint32
find_same (const MsStackTable *self, guint64 hash, const TrkStackRecord *record)
{
  guint32 number = ms_key_map_get (&self->contents, hash);

  while (number != MS_KEY_MAP_NONE && number != 0)
    {
      const MsStack *stack = &g_array_index (self->stacks, MsStack, number);

      if (is_same (self, stack, record))
        return number;
      number = stack->next_same_hash;
    }
  return 0;
}

static void
add_stack (MsStackTable *self, const TrkStackRecord *record)
{
  MsStack stack = { .first_frame = self->frames->len,
                    .depth = record->depth,
                    .generation = record->generation,
                    .id = record->id,
                    .truncated = record->truncated };
  guint64 hash;
  guint32 number;
  MsKeyMapSlot *slot;

  if (record->id == 0 || ms_key_map_get (&self->numbers, record->id) != MS_KEY_MAP_NONE)
    return;
  hash = hash_of (record);
  number = find_same (self, hash, record);
  if (number == 0)
    {
      number = self->stacks->len;
      slot = ms_key_map_slot (&self->contents, hash);
      if (slot->value != MS_KEY_MAP_NONE)
        {
          stack.next_same_hash = slot->value;
          slot->value = number;
        }
      else
        {
          ms_key_map_insert (&self->contents, hash, number);
        }
      g_array_append_vals (self->frames, record->frames, record->depth);
      g_array_append_val (self->stacks, stack);
      self->n_truncated += record->truncated;
    }
  ms_key_map_insert (&self->numbers, record->id, number);
}

static void
load_block (MsStackTable *self, MsBlockIndex *index, const MsBlock *block, GByteArray *buffer)
{
  const guint8 *p = ms_block_index_read (index, block, buffer);
  const guint8 *begin = p, *end = p ? p + block->payload_bytes : NULL;
  TrkStackRecord record;

  record.depth = 0;
  while (p != NULL && p < end && self->frames->len < MAX_FRAMES)
    {
      const guint8 *next = trk_stack_decode (p, end, &record);

      if (next == NULL)
        {
          ms_diagnostics_add (index->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                              ms_block_index_file_of (index, block),
                              block->offset + (guint64) (p - begin),
                              "An unreadable call stack; the rest of the block was left out.");
          return;
        }
      add_stack (self, &record);
      p = next;
    }
}

void
ms_stack_table_load (MsStackTable *self, MsBlockIndex *index)
{
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  guint first, end = ms_block_index_find_type (index, TRK_BLOCK_STACKS, &first);

  for (guint i = first; i < end; i++)
    load_block (self, index, &g_array_index (index->blocks, MsBlock, i), buffer);
  if (self->frames->len >= MAX_FRAMES)
    ms_diagnostics_add (
        index->diagnostics, MS_DIAGNOSTIC_WARNING, TRK_STACKS_FILE_NAME, 0,
        "There are more call stacks than fit into memory; the last ones were left out.");
}

guint32
ms_stack_table_number_of (MsStackTable *self, guint32 id)
{
  guint32 number = ms_key_map_get (&self->numbers, id);

  return number == MS_KEY_MAP_NONE ? 0 : number;
}
