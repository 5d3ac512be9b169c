/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* MsResources itself: what it has, and how it grows. */
#include <string.h>

#include "ms-resource-private.h"

static MsResourceChunk *
chunk_new (void)
{
  MsResourceChunk *self = g_new0 (MsResourceChunk, 1);

  g_atomic_ref_count_init (&self->references);
  return self;
}

static void
chunk_unref (gpointer data)
{
  MsResourceChunk *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  for (guint i = 0; i < self->n; i++)
    g_free (self->blocks[i].numbers);
  g_free (self);
}

MsResources *
ms_resources_new (gint64 start_ns)
{
  MsResources *self = g_new0 (MsResources, 1);

  g_atomic_ref_count_init (&self->references);
  self->start_ns = start_ns;
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) ms_resource_entry_free);
  self->threads = g_hash_table_new (NULL, NULL);
  self->chunks = g_ptr_array_new_with_free_func (chunk_unref);
  return self;
}

MsResources *
ms_resources_copy (const MsResources *self)
{
  MsResources *copy = ms_resources_new (self->start_ns);

  copy->interval_ns = self->interval_ns;
  copy->n_blocks = self->n_blocks;
  for (guint i = 0; i < self->sources->len; i++)
    g_ptr_array_add (copy->sources, ms_resource_entry_copy (g_ptr_array_index (self->sources, i)));
  for (guint i = 0; i < self->chunks->len; i++)
    {
      MsResourceChunk *chunk = g_ptr_array_index (self->chunks, i);

      g_atomic_ref_count_inc (&chunk->references);
      g_ptr_array_add (copy->chunks, chunk);
    }
  return copy;
}

void
ms_resources_add_block (MsResources *self,
                        const GArray *numbers,
                        const guint8 *payload,
                        guint32 n_bytes,
                        guint64 first_ns)
{
  gsize n_number_bytes = (gsize) numbers->len * sizeof (guint32);
  guint8 *bytes = g_malloc (n_number_bytes + n_bytes);
  MsResourceChunk *chunk;

  if (self->n_blocks % MS_RESOURCE_CHUNK_BLOCKS == 0)
    g_ptr_array_add (self->chunks, chunk_new ());
  chunk = g_ptr_array_index (self->chunks, self->chunks->len - 1);
  if (n_number_bytes > 0)
    memcpy (bytes, numbers->data, n_number_bytes);
  memcpy (bytes + n_number_bytes, payload, n_bytes);
  chunk->blocks[chunk->n++] = (MsResourceBlock) { .first_ns = first_ns,
                                                  .numbers = (guint32 *) (gpointer) bytes,
                                                  .payload = bytes + n_number_bytes,
                                                  .n_bytes = n_bytes };
  self->n_blocks++;
}

/* --- answers ------------------------------------------------------------------------------------ */

MsResources *
ms_resources_ref (MsResources *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ms_resources_unref (MsResources *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_hash_table_unref (self->threads);
  g_ptr_array_unref (self->sources);
  g_ptr_array_unref (self->chunks);
  g_free (self);
}

gint64
ms_resources_get_interval_ns (MsResources *self)
{
  return self->interval_ns;
}

guint
ms_resources_get_n_sources (MsResources *self)
{
  return self->sources->len;
}

const MsResourceSource *
ms_resources_get_source (MsResources *self, guint source)
{
  g_return_val_if_fail (source < self->sources->len, NULL);
  return &((MsResourceEntry *) g_ptr_array_index (self->sources, source))->public;
}

gboolean
ms_resources_find (MsResources *self, guint kind, guint64 id, guint *source)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      const MsResourceSource *found = ms_resources_get_source (self, i);

      if (found->kind != kind || found->id != id)
        continue;
      *source = i;
      return TRUE;
    }
  return FALSE;
}

gboolean
ms_resources_find_thread (MsResources *self, guint thread_id, guint *source)
{
  guint number =
      GPOINTER_TO_UINT (g_hash_table_lookup (self->threads, GUINT_TO_POINTER (thread_id)));

  if (number == 0)
    return FALSE;
  *source = number - 1;
  return TRUE;
}

const MsResourceFigure *
ms_resources_get_figure (MsResources *self, guint source, guint field)
{
  const MsResourceEntry *found;

  g_return_val_if_fail (source < self->sources->len, NULL);
  found = g_ptr_array_index (self->sources, source);
  return field < found->n_figures && found->figures[field].n_samples > 0 ? &found->figures[field]
                                                                         : NULL;
}
