/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-file-names.h"

#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-key-map.h"
#include "trk-checksum.h"
#include "trk-varint.h"

/* What no honest trace has: memory is bounded by it. */
#define MAX_RECORDS (64U << 20)

typedef struct {
  guint64 address;
  guint32 module;
  guint32 first_frame, n_frames;
} NamedAddress;

struct _MsFileNames {
  GStringChunk *chunk;
  GPtrArray *texts;  /* of char *: valid UTF-8, by number; 0: NULL */
  GArray *addresses; /* of NamedAddress */
  GArray *frames;    /* of MsNamedFrame */
  MsKeyMap by_address;
};

void
ms_file_names_free (MsFileNames *self)
{
  g_string_chunk_free (self->chunk);
  g_ptr_array_unref (self->texts);
  g_array_unref (self->addresses);
  g_array_unref (self->frames);
  ms_key_map_clear (&self->by_address);
  g_free (self);
}

static MsFileNames *
names_new (void)
{
  MsFileNames *self = g_new0 (MsFileNames, 1);

  self->chunk = g_string_chunk_new (1 << 16);
  self->texts = g_ptr_array_new ();
  g_ptr_array_add (self->texts, NULL);
  self->addresses = g_array_new (FALSE, FALSE, sizeof (NamedAddress));
  self->frames = g_array_new (FALSE, FALSE, sizeof (MsNamedFrame));
  ms_key_map_init (&self->by_address);
  return self;
}

/* --- records -------------------------------------------------------------------------------------- */

static gboolean
get_number (const guint8 **p, const guint8 *end, guint32 *number)
{
  guint64 value;

  *p = trk_varint_get (*p, end, &value);
  if (*p == NULL || value > G_MAXUINT32)
    return FALSE;
  *number = (guint32) value;
  return TRUE;
}

static const guint8 *
read_text (MsFileNames *self, const guint8 *p, const guint8 *end)
{
  g_autofree char *text = NULL;
  guint32 n_bytes;

  if (!get_number (&p, end, &n_bytes) || n_bytes > MS_NAMES_MAX_TEXT_BYTES
      || n_bytes > (gsize) (end - p))
    return NULL;
  text = ms_text_from_bytes ((const char *) p, n_bytes);
  g_ptr_array_add (self->texts, g_string_chunk_insert (self->chunk, text));
  return p + n_bytes;
}

static const guint8 *
read_address (MsFileNames *self, const guint8 *p, const guint8 *end, guint64 *previous)
{
  NamedAddress entry = { .first_frame = self->frames->len };
  guint64 delta;

  p = trk_varint_get (p, end, &delta);
  if (p == NULL || !get_number (&p, end, &entry.module) || !get_number (&p, end, &entry.n_frames)
      || entry.n_frames > MS_NAMES_MAX_FRAMES)
    return NULL;
  entry.address = *previous += (guint64) trk_unzigzag (delta);
  for (guint i = 0; i < entry.n_frames; i++)
    {
      MsNamedFrame frame;

      if (!get_number (&p, end, &frame.function) || !get_number (&p, end, &frame.file)
          || !get_number (&p, end, &frame.line))
        return NULL;
      g_array_append_val (self->frames, frame);
    }
  if (ms_key_map_get (&self->by_address, entry.address) == MS_KEY_MAP_NONE)
    {
      ms_key_map_insert (&self->by_address, entry.address, self->addresses->len);
      g_array_append_val (self->addresses, entry);
    }
  return p;
}

/* FALSE: what follows in the block cannot be read. */
static gboolean
read_payload (MsFileNames *self, const guint8 *p, const guint8 *end)
{
  guint64 previous = 0;

  while (p < end && self->texts->len + self->addresses->len < MAX_RECORDS)
    {
      guint32 what;

      if (!get_number (&p, end, &what))
        return FALSE;
      p = what == MS_NAMES_TEXT      ? read_text (self, p, end)
          : what == MS_NAMES_ADDRESS ? read_address (self, p, end, &previous)
                                     : NULL;
      if (p == NULL)
        return FALSE;
    }
  return TRUE;
}

/* --- file ------------------------------------------------------------------------------------------ */

/* The block at @position, or FALSE if there is no whole one. */
static gboolean
read_block (MsFileNames *self, MsFileReader *reader, guint64 *position)
{
  const guint8 *bytes = ms_file_reader_peek (reader, *position, sizeof (TrkBlockHeader));
  TrkBlockHeader block;

  if (bytes == NULL)
    return FALSE;
  memcpy (&block, bytes, sizeof block);
  if (block.magic != TRK_BLOCK_MAGIC || block.header_size != sizeof block
      || block.payload_bytes > TRK_MAX_BLOCK_BYTES - sizeof block)
    return FALSE;
  bytes = ms_file_reader_peek (reader, *position, sizeof block + block.payload_bytes);
  if (bytes == NULL
      || trk_block_checksum (&block, bytes + sizeof block, block.payload_bytes) != block.checksum)
    return FALSE;
  *position += sizeof block + block.payload_bytes;
  return block.type != TRK_BLOCK_NAMES
         || read_payload (self, bytes + sizeof block, bytes + sizeof block + block.payload_bytes);
}

MsFileNames *
ms_file_names_load (int dir_fd, GPtrArray *diagnostics)
{
  struct stat status;
  MsFileReader reader;
  MsFileNames *self;
  guint64 position = sizeof (TrkFileHeader);
  const guint8 *bytes;
  TrkFileHeader header;

  if (fstatat (dir_fd, MS_NAMES_FILE_NAME, &status, 0) != 0
      || !ms_file_reader_open (&reader, dir_fd, MS_NAMES_FILE_NAME, NULL))
    return NULL;
  self = names_new ();
  bytes = ms_file_reader_peek (&reader, 0, sizeof header);
  if (bytes != NULL)
    {
      memcpy (&header, bytes, sizeof header);
      position = header.header_size;
      if (memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) != 0
          || header.version_major != TRK_VERSION_MAJOR || header.kind != TRK_FILE_NAMES)
        bytes = NULL;
    }
  while (bytes != NULL && position < reader.size && read_block (self, &reader, &position))
    ;
  if (bytes == NULL || position < reader.size)
    ms_diagnostics_add (diagnostics, MS_DIAGNOSTIC_DAMAGE, MS_NAMES_FILE_NAME, position,
                        "The names from here on cannot be read.");
  ms_file_reader_close (&reader);
  return self;
}

/* --- asking ---------------------------------------------------------------------------------------- */

static const char *
text_of (const MsFileNames *self, guint32 number)
{
  const char *text = number < self->texts->len ? g_ptr_array_index (self->texts, number) : NULL;

  return text != NULL && *text != '\0' ? text : NULL;
}

gboolean
ms_file_names_has (const MsFileNames *self, guint64 address)
{
  return ms_key_map_get (&self->by_address, address) != MS_KEY_MAP_NONE;
}

gboolean
ms_file_names_resolve (const MsFileNames *self, guint64 address, GArray *frames)
{
  guint32 number = ms_key_map_get (&self->by_address, address);
  const NamedAddress *entry;
  const char *module, *slash;

  if (number == MS_KEY_MAP_NONE)
    return FALSE;
  entry = &g_array_index (self->addresses, NamedAddress, number);
  module = text_of (self, entry->module);
  slash = module != NULL ? strrchr (module, '/') : NULL;
  for (guint i = 0; i < MAX (entry->n_frames, 1); i++)
    {
      MsFrame frame = { .module = slash != NULL ? slash + 1 : module, .address = address };

      if (i < entry->n_frames)
        {
          const MsNamedFrame *named =
              &g_array_index (self->frames, MsNamedFrame, entry->first_frame + i);

          frame.function = text_of (self, named->function);
          frame.file = text_of (self, named->file);
          frame.line = frame.file != NULL ? named->line : 0;
          frame.inlined = i + 1 < entry->n_frames;
        }
      g_array_append_val (frames, frame);
    }
  return TRUE;
}
