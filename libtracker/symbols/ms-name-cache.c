/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading.  The file is read and not mapped: somebody may truncate it at any time, and a mapping would
 * then end the process.  All counts are checked against the file's length once, places in the text and
 * ranges of frames when they are used.
 */
#include "ms-name-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-crc32.h"
#include "ms-file-witness.h"
#include "ms-name-cache-format.h"

struct _MsNameCache {
  guint8 *bytes;
  const MsNameCacheHeader *header;
  const MsNameCacheAddress *addresses;
  const MsNameCacheFrame *frames;
  const MsNameCacheWitness *witnesses;
  const char *text;
};

char *
ms_name_cache_get_path (const char *folder, const char *build_id, const char *path)
{
  g_autofree char *name = g_strdup_printf ("%s-%08x" MS_NAME_CACHE_SUFFIX, build_id,
                                           ms_crc32 (0, (const guint8 *) path, strlen (path)));

  return g_build_filename (folder, name, NULL);
}

static guint8 *
read_all (const char *path, gsize *n_bytes)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  g_autofree guint8 *bytes = NULL;
  gsize n = 0;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size <= MS_NAME_CACHE_MAX_BYTES
      && st.st_size >= (off_t) sizeof (MsNameCacheHeader))
    bytes = g_malloc ((gsize) st.st_size);
  while (bytes != NULL && n < (gsize) st.st_size)
    {
      ssize_t more = read (fd, bytes + n, (gsize) st.st_size - n);

      if (more < 0 && errno == EINTR)
        continue;
      if (more <= 0)
        break;
      n += (gsize) more;
    }
  close (fd);
  *n_bytes = n;
  return g_steal_pointer (&bytes);
}

/* The text of the file at @place, or NULL: none, or none of this file's. */
static const char *
get_text (MsNameCache *self, guint32 place)
{
  return place > 0 && place < self->header->n_text_bytes ? self->text + place : NULL;
}

static gboolean
check (MsNameCache *self, gsize n_bytes)
{
  const MsNameCacheHeader *h = (const MsNameCacheHeader *) (gconstpointer) self->bytes;
  const gsize guarded = G_STRUCT_OFFSET (MsNameCacheHeader, total_bytes);
  guint64 expected = sizeof *h;

  self->header = h;
  if (h->magic != MS_NAME_CACHE_MAGIC || h->version != MS_NAME_CACHE_VERSION
      || h->order != MS_NAME_CACHE_ORDER || h->total_bytes != n_bytes)
    return FALSE;
  expected += (guint64) h->n_addresses * sizeof *self->addresses;
  expected += (guint64) h->n_frames * sizeof *self->frames;
  expected += (guint64) h->n_witnesses * sizeof *self->witnesses;
  expected += h->n_text_bytes;
  if (expected != n_bytes || h->n_text_bytes == 0
      || ms_crc32 (0, self->bytes + guarded, n_bytes - guarded) != h->crc)
    return FALSE;
  self->addresses = (gconstpointer) (h + 1);
  self->witnesses = (gconstpointer) (self->addresses + h->n_addresses);
  self->frames = (gconstpointer) (self->witnesses + h->n_witnesses);
  self->text = (gconstpointer) (self->frames + h->n_frames);
  return self->text[h->n_text_bytes - 1] == '\0';
}

MsNameCache *
ms_name_cache_load (const char *folder, const char *build_id, const char *path)
{
  g_autofree char *file = ms_name_cache_get_path (folder, build_id, path);
  g_autoptr (MsNameCache) self = g_new0 (MsNameCache, 1);
  gsize n_bytes = 0;

  self->bytes = read_all (file, &n_bytes);
  if (self->bytes == NULL || n_bytes < sizeof *self->header || !check (self, n_bytes)
      || g_strcmp0 (get_text (self, self->header->build_id), build_id) != 0
      || g_strcmp0 (get_text (self, self->header->path), path) != 0)
    return NULL;
  return g_steal_pointer (&self);
}

void
ms_name_cache_free (MsNameCache *self)
{
  g_free (self->bytes);
  g_free (self);
}

gboolean
ms_name_cache_is_complete (MsNameCache *self)
{
  return self->header->reason == 0;
}

const char *
ms_name_cache_get_reason (MsNameCache *self)
{
  return get_text (self, self->header->reason);
}

gboolean
ms_name_cache_holds (MsNameCache *self)
{
  for (guint i = 0; i < self->header->n_witnesses; i++)
    {
      const MsNameCacheWitness *from = &self->witnesses[i];
      MsFileWitness witness = { (char *) get_text (self, from->path), from->size_bytes,
                                from->mtime_ns, from->inode };

      if (witness.path == NULL || !ms_file_witness_holds (&witness))
        return FALSE;
    }
  return TRUE;
}

guint
ms_name_cache_get_n_addresses (MsNameCache *self)
{
  return self->header->n_addresses;
}

guint64
ms_name_cache_get_address (MsNameCache *self, guint index)
{
  return self->addresses[index].address;
}

gboolean
ms_name_cache_find (MsNameCache *self, guint64 address, GArray *frames)
{
  const MsNameCacheHeader *h = self->header;
  const MsNameCacheAddress *row;
  guint low = 0;
  guint high = h->n_addresses;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->addresses[middle].address < address)
        low = middle + 1;
      else
        high = middle;
    }
  row = &self->addresses[low];
  if (low == h->n_addresses || row->address != address || row->n == 0 || row->first > h->n_frames
      || row->n > h->n_frames - row->first)
    return FALSE;
  for (guint i = 0; i < row->n; i++)
    {
      const MsNameCacheFrame *from = &self->frames[row->first + i];
      MsCachedFrame frame = { get_text (self, from->function), get_text (self, from->file),
                              from->line, from->inlined != 0 };

      g_array_append_val (frames, frame);
    }
  return TRUE;
}
