/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writing ms-name-cache.h's files, and keeping their folder small. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ms-crc32.h"
#include "ms-file-witness.h"
#include "ms-name-cache-format.h"
#include "ms-name-cache.h"

struct _MsNameCacheWriter {
  char *build_id, *path;
  GArray *addresses;  /* of MsNameCacheAddress */
  GHashTable *known;  /* the addresses */
  GArray *frames;     /* of MsNameCacheFrame */
  GArray *witnesses;  /* of MsNameCacheWitness */
  GString *text;      /* begins with a NUL */
  GHashTable *places; /* text → place */
  guint32 reason;
};

/* Where @text is in the file; 0 for none. */
static guint32
put_text (MsNameCacheWriter *self, const char *text)
{
  gpointer place;

  if (text == NULL || text[0] == '\0')
    return 0;
  if (g_hash_table_lookup_extended (self->places, text, NULL, &place))
    return GPOINTER_TO_UINT (place);
  place = GUINT_TO_POINTER ((guint) self->text->len);
  g_string_append_len (self->text, text, (gssize) strlen (text) + 1);
  g_hash_table_insert (self->places, g_strdup (text), place);
  return GPOINTER_TO_UINT (place);
}

MsNameCacheWriter *
ms_name_cache_writer_new (const char *build_id,
                          const char *path,
                          const char *reason,
                          GArray *witnesses)
{
  MsNameCacheWriter *self = g_new0 (MsNameCacheWriter, 1);

  self->build_id = g_strdup (build_id);
  self->path = g_strdup (path);
  self->addresses = g_array_new (FALSE, TRUE, sizeof (MsNameCacheAddress));
  self->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->frames = g_array_new (FALSE, TRUE, sizeof (MsNameCacheFrame));
  self->witnesses = g_array_new (FALSE, TRUE, sizeof (MsNameCacheWitness));
  self->text = g_string_new (NULL);
  g_string_append_c (self->text, '\0');
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->reason = put_text (self, reason);
  for (guint i = 0; i < witnesses->len; i++)
    {
      const MsFileWitness *from = &g_array_index (witnesses, MsFileWitness, i);
      MsNameCacheWitness witness = { .size_bytes = from->size_bytes,
                                     .mtime_ns = from->mtime_ns,
                                     .inode = from->inode,
                                     .path = put_text (self, from->path) };

      g_array_append_val (self->witnesses, witness);
    }
  return self;
}

void
ms_name_cache_writer_free (MsNameCacheWriter *self)
{
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->places);
  g_array_unref (self->addresses);
  g_array_unref (self->frames);
  g_array_unref (self->witnesses);
  g_string_free (self->text, TRUE);
  g_free (self->build_id);
  g_free (self->path);
  g_free (self);
}

void
ms_name_cache_writer_add (MsNameCacheWriter *self,
                          guint64 address,
                          const MsCachedFrame *frames,
                          guint n_frames)
{
  MsNameCacheAddress row = { address, self->frames->len, n_frames };

  if (g_hash_table_contains (self->known, &address))
    return;
  g_hash_table_add (self->known, g_memdup2 (&address, sizeof address));
  for (guint i = 0; i < n_frames; i++)
    {
      MsNameCacheFrame frame = { put_text (self, frames[i].function),
                                 put_text (self, frames[i].file), frames[i].line,
                                 frames[i].inlined ? 1 : 0 };

      g_array_append_val (self->frames, frame);
    }
  g_array_append_val (self->addresses, row);
}

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  guint64 x = ((const MsNameCacheAddress *) a)->address;
  guint64 y = ((const MsNameCacheAddress *) b)->address;

  return (x > y) - (x < y);
}

static void
append_array (GByteArray *bytes, GArray *array)
{
  g_byte_array_append (bytes, (const guint8 *) array->data,
                       array->len * g_array_get_element_size (array));
}

static GByteArray *
lay_out (MsNameCacheWriter *self)
{
  const gsize guarded = G_STRUCT_OFFSET (MsNameCacheHeader, total_bytes);
  GByteArray *bytes = g_byte_array_new ();
  guint32 build_id = put_text (self, self->build_id);
  guint32 path = put_text (self, self->path);
  MsNameCacheHeader header = { .magic = MS_NAME_CACHE_MAGIC,
                               .version = MS_NAME_CACHE_VERSION,
                               .order = MS_NAME_CACHE_ORDER,
                               .build_id = build_id,
                               .path = path,
                               .reason = self->reason,
                               .n_addresses = self->addresses->len,
                               .n_frames = self->frames->len,
                               .n_witnesses = self->witnesses->len,
                               .n_text_bytes = (guint32) self->text->len };

  g_array_sort (self->addresses, compare_addresses);
  g_byte_array_append (bytes, (const guint8 *) &header, sizeof header);
  append_array (bytes, self->addresses);
  append_array (bytes, self->witnesses);
  append_array (bytes, self->frames);
  g_byte_array_append (bytes, (const guint8 *) self->text->str, (guint) self->text->len);
  header.total_bytes = bytes->len;
  memcpy (bytes->data, &header, sizeof header);
  header.crc = ms_crc32 (0, bytes->data + guarded, bytes->len - guarded);
  memcpy (bytes->data, &header, sizeof header);
  return bytes;
}

gboolean
ms_name_cache_writer_save (MsNameCacheWriter *self, const char *folder)
{
  g_autofree char *path = ms_name_cache_get_path (folder, self->build_id, self->path);
  g_autoptr (GByteArray) bytes = lay_out (self);

  if (bytes->len > MS_NAME_CACHE_MAX_BYTES || g_mkdir_with_parents (folder, 0700) != 0)
    return FALSE;
  return g_file_set_contents_full (path, (const char *) bytes->data, bytes->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

/* --- the folder ------------------------------------------------------------------------------ */

typedef struct {
  char *path;
  guint64 bytes;
  gint64 mtime_s;
} Entry;

static void
entry_clear (gpointer entry)
{
  g_free (((Entry *) entry)->path);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  gint64 x = ((const Entry *) a)->mtime_s;
  gint64 y = ((const Entry *) b)->mtime_s;

  return (x > y) - (x < y);
}

void
ms_name_cache_prune (const char *folder, guint64 max_bytes)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 total = 0;
  const char *name;

  g_array_set_clear_func (entries, entry_clear);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      GStatBuf st;
      Entry entry;

      /* Also what a writer that was killed left beside: set_contents' "….names.XXXXXX". */
      if (strstr (name, MS_NAME_CACHE_SUFFIX) == NULL)
        continue;
      entry.path = g_build_filename (folder, name, NULL);
      if (g_lstat (entry.path, &st) != 0)
        {
          g_free (entry.path);
          continue;
        }
      entry.bytes = (guint64) st.st_size;
      entry.mtime_s = st.st_mtime;
      total += entry.bytes;
      g_array_append_val (entries, entry);
    }
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len && total > max_bytes; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      if (g_remove (entry->path) == 0)
        total -= entry->bytes;
    }
}
