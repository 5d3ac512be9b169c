/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading a folder that grows: what was read of a file before is neither read nor summed again.
 *
 *   file     block ▸ block ▸ block ▸ block ▸ half a block
 *            ╰── known from before ──╯ ╰── read now ──╯
 *
 * Files of a running recording are only added to, so that a whole block stays where and what it is.  A file that is another
 * one by now, is shorter than it was, or has something else where its last known block began, is read from its
 * beginning.
 */
#include "ms-block-index.h"

#include <string.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Files are in the order of their names. */
static gboolean
find_file (const MsBlockIndex *self, const char *name, guint32 *number)
{
  const gpointer *found;

  if (self->files->len == 0)
    return FALSE;
  found = bsearch (&name, self->files->pdata, self->files->len, sizeof (gpointer), compare_names);
  if (found == NULL)
    return FALSE;
  *number = (guint32) (found - self->files->pdata);
  return TRUE;
}

gboolean
ms_block_index_find_scanned (const MsBlockIndex *before,
                             const char *name,
                             MsFileReader *reader,
                             guint32 *number)
{
  const MsScannedFile *scanned;
  guint64 device, inode;
  const guint8 *bytes;

  if (!find_file (before, name, number))
    return FALSE;
  scanned = &g_array_index (before->scanned, MsScannedFile, *number);
  ms_file_reader_identify (reader, &device, &inode);
  if (scanned->last == 0 || scanned->device != device || scanned->inode != inode
      || scanned->end > reader->size)
    return FALSE;
  bytes = ms_file_reader_peek (reader, scanned->last, sizeof scanned->last_header);
  return bytes != NULL && memcmp (bytes, &scanned->last_header, sizeof scanned->last_header) == 0;
}

/* In a file that was not read from its beginning, and not behind what was damaged there. */
static gboolean
is_carried (const MsBlockIndex *before, const MsBlock *block, const guint32 *numbers)
{
  return block->payload == NULL && numbers[block->file] != G_MAXUINT32
         && block->offset < g_array_index (before->scanned, MsScannedFile, block->file).end;
}

void
ms_block_index_carry_over (MsBlockIndex *self, const MsBlockIndex *before, const guint32 *numbers)
{
  GArray *fresh = self->blocks;
  GArray *blocks =
      g_array_sized_new (FALSE, FALSE, sizeof (MsBlock), fresh->len + before->blocks->len);
  guint next = 0;

  g_array_set_clear_func (blocks, (GDestroyNotify) ms_block_clear);
  for (guint i = 0; i < before->blocks->len; i++)
    {
      MsBlock block = g_array_index (before->blocks, MsBlock, i);

      if (!is_carried (before, &block, numbers))
        continue;
      block.file = numbers[block.file];
      for (; next < fresh->len; next++)
        {
          MsBlock *other = &g_array_index (fresh, MsBlock, next);

          if (ms_block_compare (other, &block) > 0)
            break;
          g_array_append_vals (blocks, other, 1);
          other->payload = NULL;
        }
      g_array_append_val (blocks, block);
    }
  for (; next < fresh->len; next++)
    {
      g_array_append_vals (blocks, &g_array_index (fresh, MsBlock, next), 1);
      g_array_index (fresh, MsBlock, next).payload = NULL;
    }
  g_array_unref (fresh);
  self->blocks = blocks;
}
