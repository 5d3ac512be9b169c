/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-file.h"

#include <string.h>
#include <sys/stat.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-resource-private.h"
#include "trk-checksum.h"
#include "trk-resource-fields.h"

/* A day of 100 busy threads is a hundred million bytes. */
#define MAX_BYTES (512U << 20)
/* What looks like blocks and is none costs a checksum each: so many bytes of them, and we stop. */
#define MAX_DAMAGED_BYTES (256U << 20)

typedef struct {
  guint64 bytes;         /* of the file, up to where all is known for good */
  guint64 damaged_bytes; /* of these, that were read in vain */
} Progress;

struct _MsResourceFile {
  MsResources *resources; /* NULL: nothing was read yet */
  GHashTable *keys;
  guint64 n_kept_bytes;
  guint8 trace_id[16];
  dev_t device;
  ino_t inode;
  Progress done;
  /* Blocks were taken from behind one that may still become whole, and would hide them then. */
  gboolean is_provisional;
  TrkResourceDecoder *decoder;
  GArray *numbers;   /* of guint32: of the block that is taken */
  GPtrArray *called; /* GRefStrings beside them: one source may have several names in a block */
};

static void
forget (MsResourceFile *self)
{
  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_clear_pointer (&self->resources, ms_resources_unref);
}

MsResourceFile *
ms_resource_file_new (void)
{
  MsResourceFile *self = g_new0 (MsResourceFile, 1);

  self->decoder = g_new (TrkResourceDecoder, 1);
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->called = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ref_string_release);
  return self;
}

void
ms_resource_file_free (MsResourceFile *self)
{
  forget (self);
  g_free (self->decoder);
  g_array_unref (self->numbers);
  g_ptr_array_unref (self->called);
  g_free (self);
}

/* --- blocks ------------------------------------------------------------------------------------- */

static void
take_source (MsResourceFile *self, const TrkResourceKey *key)
{
  MsResources *resources = self->resources;
  guint32 number = ms_resources_take_source (resources, self->keys, key, resources->n_blocks);
  const MsResourceEntry *source =
      number != MS_RESOURCE_NOT_KEPT ? g_ptr_array_index (resources->sources, number) : NULL;

  g_array_append_val (self->numbers, number);
  g_ptr_array_add (self->called, source != NULL
                                     ? g_ref_string_acquire ((char *) source->public.name)
                                     : g_ref_string_new_intern (""));
}

static void
take_sample (MsResourceFile *self, MsResourceEntry *source, const TrkResourceRecord *record)
{
  gint64 time_ns = ms_resources_to_trace_time (self->resources, record->time_ns);

  if (source->public.kind == TRK_RESOURCE_THREAD)
    ms_resource_entry_add_name (source, time_ns, g_ptr_array_index (self->called, record->source));
  ms_resource_entry_add_sample (source, time_ns, record);
}

static void
take_record (MsResourceFile *self, TrkResourceRecordType type, const TrkResourceRecord *record)
{
  MsResources *resources = self->resources;
  MsResourceEntry *source;
  guint32 number;

  if (type == TRK_RESOURCE_INTERVAL)
    {
      resources->interval_ns =
          (gint64) MIN (record->interval_ns, (guint64) MS_RESOURCE_MOST_TIME_NS);
      return;
    }
  if (type == TRK_RESOURCE_SOURCE)
    {
      take_source (self, &record->key);
      return;
    }
  number = g_array_index (self->numbers, guint32, record->source);
  if (number == MS_RESOURCE_NOT_KEPT)
    return;
  source = g_ptr_array_index (resources->sources, number);
  if (type == TRK_RESOURCE_SAMPLE)
    take_sample (self, source, record);
  else
    ms_resource_entry_add_absence (source, record);
}

static void
take_block (MsResourceFile *self, const guint8 *payload, guint32 n_bytes, guint64 first_ns)
{
  TrkResourceRecordType type;
  TrkResourceRecord record;

  g_array_set_size (self->numbers, 0);
  g_ptr_array_set_size (self->called, 0);
  trk_resource_decoder_begin (self->decoder, payload, n_bytes, first_ns);
  while ((type = trk_resource_decode (self->decoder, &record)) < TRK_RESOURCE_END)
    take_record (self, type, &record);
  ms_resources_add_block (self->resources, self->numbers, payload, n_bytes, first_ns);
}

/* --- file --------------------------------------------------------------------------------------- */

typedef enum {
  FOUND_BLOCK,
  FOUND_DAMAGE,
  FOUND_END /* no more of it is there: whether it is a block, is not known yet */
} Found;

/* What is at @position.  A block is taken, *@n_bytes is how long it is. */
static Found
read_block (MsResourceFile *self,
            MsFileReader *reader,
            guint64 position,
            guint64 *n_damaged_bytes,
            guint64 *n_bytes)
{
  const guint8 *bytes = ms_file_reader_peek (reader, position, sizeof (TrkBlockHeader));
  TrkBlockHeader header;

  if (!bytes)
    return FOUND_END;
  memcpy (&header, bytes, sizeof header);
  if (header.magic != TRK_BLOCK_MAGIC || header.header_size != sizeof header
      || header.payload_bytes > TRK_MAX_BLOCK_BYTES - sizeof header)
    return FOUND_DAMAGE;
  bytes = ms_file_reader_peek (reader, position, sizeof header + header.payload_bytes);
  if (!bytes
      || trk_block_checksum (&header, bytes + sizeof header, header.payload_bytes)
             != header.checksum)
    {
      *n_damaged_bytes += header.payload_bytes;
      return bytes ? FOUND_DAMAGE : FOUND_END;
    }
  if (header.type == TRK_BLOCK_RESOURCES && header.payload_bytes > 0
      && self->n_kept_bytes + header.payload_bytes <= MAX_BYTES)
    {
      self->n_kept_bytes += header.payload_bytes;
      take_block (self, bytes + sizeof header, header.payload_bytes, header.first_ticks);
    }
  *n_bytes = sizeof header + header.payload_bytes;
  return FOUND_BLOCK;
}

/* From one whole block to the next; what lies between is damage.  Past something that is not all there, what is found
 * is taken, as by who finds the file like this for the first time, but the next time it is looked at again. */
static void
read_blocks (MsResourceFile *self, MsFileReader *reader)
{
  guint64 position = self->done.bytes, n_damaged_bytes = self->done.damaged_bytes;
  gboolean is_known = TRUE;

  while (position < reader->size && n_damaged_bytes <= MAX_DAMAGED_BYTES)
    {
      guint64 n_bytes = 0;
      Found found = read_block (self, reader, position, &n_damaged_bytes, &n_bytes);

      if (found == FOUND_BLOCK)
        position += n_bytes;
      else
        position = ms_file_reader_find_word (reader, position + 1, TRK_BLOCK_MAGIC);
      is_known = is_known && found != FOUND_END;
      if (is_known && position <= reader->size)
        self->done = (Progress) { position, n_damaged_bytes };
      self->is_provisional |= !is_known && found == FOUND_BLOCK;
    }
}

static gboolean
is_of_trace (MsFileReader *reader, const guint8 trace_id[16])
{
  const guint8 *bytes = ms_file_reader_peek (reader, 0, sizeof (TrkFileHeader));
  TrkFileHeader header;

  if (!bytes)
    return FALSE;
  memcpy (&header, bytes, sizeof header);
  return memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) == 0
         && header.version_major == TRK_VERSION_MAJOR && header.incompatible == 0
         && header.kind == TRK_FILE_RESOURCES
         && memcmp (header.trace_id, trace_id, sizeof header.trace_id) == 0;
}

/* Goes on where it was, or begins. */
static void
find_place (MsResourceFile *self,
            const MsFileReader *reader,
            const guint8 trace_id[16],
            gint64 start_ns)
{
  struct stat status = { 0 };

  if (fstat (reader->fd, &status) == 0 && self->resources != NULL && !self->is_provisional
      && status.st_dev == self->device && status.st_ino == self->inode
      && reader->size >= self->done.bytes && self->resources->start_ns == start_ns
      && memcmp (trace_id, self->trace_id, sizeof self->trace_id) == 0)
    return;
  forget (self);
  self->resources = ms_resources_new (start_ns);
  self->keys = ms_resource_keys_new ();
  self->n_kept_bytes = 0;
  memcpy (self->trace_id, trace_id, sizeof self->trace_id);
  self->device = status.st_dev;
  self->inode = status.st_ino;
  self->done = (Progress) { .bytes = sizeof (TrkFileHeader) };
  self->is_provisional = FALSE;
}

MsResources *
ms_resource_file_read (MsResourceFile *self,
                       int dir_fd,
                       const guint8 trace_id[16],
                       gint64 start_ns,
                       GPtrArray *diagnostics)
{
  MsFileReader reader;
  gboolean is_there = FALSE;

  if (ms_file_reader_open (&reader, dir_fd, TRK_RESOURCES_FILE_NAME, NULL))
    {
      is_there = is_of_trace (&reader, trace_id);
      if (is_there)
        {
          find_place (self, &reader, trace_id, start_ns);
          read_blocks (self, &reader);
        }
      ms_file_reader_close (&reader);
    }
  if (!is_there)
    {
      forget (self);
      return NULL;
    }
  if (self->resources->sources->len == MS_RESOURCE_MAX_SOURCES)
    ms_diagnostics_add (diagnostics, MS_DIAGNOSTIC_WARNING, TRK_RESOURCES_FILE_NAME, 0,
                        "Of threads and devices that were sampled, those past the first %u are "
                        "left out.",
                        MS_RESOURCE_MAX_SOURCES);
  return ms_resources_copy (self->resources);
}

MsResources *
ms_resource_file_load (int dir_fd,
                       const guint8 trace_id[16],
                       gint64 start_ns,
                       GPtrArray *diagnostics)
{
  g_autoptr (MsResourceFile) self = ms_resource_file_new ();

  return ms_resource_file_read (self, dir_fd, trace_id, start_ns, diagnostics);
}
