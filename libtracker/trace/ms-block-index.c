/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-block-index.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-pool-reader.h"
#include "ms-trace.h"
#include "trk-checksum.h"

/* A hostile file could make every byte the start of a megabyte to be summed. */
#define WASTED_CHECKSUM_FACTOR 16
#define WASTED_CHECKSUM_BYTES ((guint64) 64 << 20)

void
ms_block_clear (MsBlock *self)
{
  g_clear_pointer (&self->payload, g_free);
}

MsBlockIndex *
ms_block_index_new (int dir_fd, GPtrArray *diagnostics)
{
  MsBlockIndex *self = g_new0 (MsBlockIndex, 1);

  self->dir_fd = dir_fd;
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->blocks = g_array_new (FALSE, FALSE, sizeof (MsBlock));
  g_array_set_clear_func (self->blocks, (GDestroyNotify) ms_block_clear);
  self->scanned = g_array_new (FALSE, FALSE, sizeof (MsScannedFile));
  self->damage = g_array_new (FALSE, FALSE, sizeof (MsDamage));
  self->diagnostics = diagnostics;
  return self;
}

void
ms_block_index_free (MsBlockIndex *self)
{
  g_ptr_array_unref (self->files);
  g_array_unref (self->scanned);
  g_array_unref (self->blocks);
  g_array_unref (self->damage);
  g_free (self);
}

void
ms_block_index_set_trace_id (MsBlockIndex *self, const guint8 trace_id[16])
{
  memcpy (self->trace_id, trace_id, 16);
  self->has_trace_id = TRUE;
}

gboolean
ms_file_header_check (const TrkFileHeader *header,
                      const char *name,
                      gboolean *readable,
                      GError **error)
{
  *readable = memcmp (header->magic, TRK_FILE_MAGIC, 8) == 0;
  if (!*readable)
    return TRUE;
  if (header->version_major != TRK_VERSION_MAJOR)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_VERSION,
                   "%s: written in format %u.%u, this program reads format %u; use the Memscope "
                   "that wrote it",
                   name, header->version_major, header->version_minor, TRK_VERSION_MAJOR);
      return FALSE;
    }
  if (header->incompatible & ~TRK_INCOMPATIBLE_KNOWN)
    {
      g_set_error (
          error, MS_ERROR, MS_ERROR_VERSION,
          "%s: needs features (0x%x) that this program does not have; use a newer Memscope", name,
          header->incompatible & ~TRK_INCOMPATIBLE_KNOWN);
      return FALSE;
    }
  return TRUE;
}

void
ms_block_index_add (MsBlockIndex *self, const MsBlock *block)
{
  g_array_append_vals (self->blocks, block, 1);
}

static gboolean
header_is_sane (const TrkBlockHeader *header)
{
  return header->magic == TRK_BLOCK_MAGIC && header->header_size >= TRK_BLOCK_HEADER_BYTES
         && header->payload_bytes <= TRK_MAX_BLOCK_BYTES
         && header->header_size + header->payload_bytes <= TRK_MAX_BLOCK_BYTES;
}

/* Reads the block at @position.  FALSE if there is none; *@wasted counts bytes summed in vain. */
static gboolean
read_block (MsFileReader *reader, guint64 position, MsBlock *block, guint64 *wasted)
{
  const guint8 *bytes = ms_file_reader_peek (reader, position, sizeof block->header);
  gsize whole;

  if (bytes == NULL)
    return FALSE;
  memcpy (&block->header, bytes, sizeof block->header);
  if (!header_is_sane (&block->header))
    return FALSE;
  whole = (gsize) block->header.header_size + block->header.payload_bytes;
  bytes = ms_file_reader_peek (reader, position, whole);
  if (bytes == NULL)
    return FALSE;
  if (trk_block_checksum (&block->header, bytes + block->header.header_size,
                          block->header.payload_bytes)
      != block->header.checksum)
    {
      *wasted += whole;
      return FALSE;
    }
  block->payload_bytes = block->header.payload_bytes;
  block->offset = position + block->header.header_size;
  block->payload = NULL;
  return TRUE;
}

/* What lies at @position is no whole block; notes what it pretends to be. */
static void
note_damage (MsBlockIndex *self, MsFileReader *reader, guint32 file, guint64 position, guint64 end)
{
  static const guint32 magic = TRK_BLOCK_MAGIC;
  MsDamage damage = { .file = file, .offset = position, .n_bytes = end - position };
  gsize n_magic = (gsize) MIN (sizeof magic, end - position);
  const guint8 *bytes = ms_file_reader_peek (reader, position, n_magic);
  TrkBlockHeader header;

  damage.is_cut =
      end - position < TRK_BLOCK_HEADER_BYTES && bytes && memcmp (bytes, &magic, n_magic) == 0;
  bytes = ms_file_reader_peek (reader, position, sizeof header);
  damage.at_end = end == reader->size;
  if (bytes != NULL)
    {
      memcpy (&header, bytes, sizeof header);
      damage.is_named = header_is_sane (&header);
      damage.type = header.type;
      damage.thread_id = header.thread_id;
      damage.block_number = header.block_number;
    }
  g_array_append_val (self->damage, damage);
}

static gboolean
scan_blocks (MsBlockIndex *self,
             MsFileReader *reader,
             MsScannedFile *scanned,
             guint64 position,
             GCancellable *cancellable,
             GError **error)
{
  guint64 wasted = 0, allowed = reader->size * WASTED_CHECKSUM_FACTOR + WASTED_CHECKSUM_BYTES;
  guint32 file = self->files->len - 1;
  gboolean is_whole = TRUE;

  while (position < reader->size)
    {
      MsBlock block = { .file = file };
      guint64 next = position;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (read_block (reader, position, &block, &wasted))
        {
          ms_block_index_add (self, &block);
          if (is_whole)
            *scanned =
                (MsScannedFile) { scanned->device, scanned->inode,
                                  block.offset + block.payload_bytes, position, block.header };
          position = block.offset + block.payload_bytes;
          continue;
        }

      do
        next = wasted > allowed ? G_MAXUINT64
                                : ms_file_reader_find_word (reader, next + 1, TRK_BLOCK_MAGIC);
      while (next != G_MAXUINT64 && !read_block (reader, next, &block, &wasted));
      next = MIN (next, reader->size);
      is_whole = FALSE;
      note_damage (self, reader, file, position, next);
      position = next;
    }
  return TRUE;
}

/* FALSE: the file is of another trace. */
static gboolean
belongs_here (MsBlockIndex *self, const TrkFileHeader *header, const char *name)
{
  if (!self->has_trace_id)
    ms_block_index_set_trace_id (self, header->trace_id);
  if (memcmp (self->trace_id, header->trace_id, 16) == 0)
    return TRUE;
  ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_WARNING, name, 0,
                      "This file belongs to another trace and was left out.");
  return FALSE;
}

/* @numbers: of the files of @before, which numbers they have now. */
static gboolean
scan_file (MsBlockIndex *self,
           const char *name,
           const MsBlockIndex *before,
           guint32 *numbers,
           GCancellable *cancellable,
           GError **error)
{
  MsScannedFile scanned = { 0 };
  guint32 number;
  g_autoptr (GError) local_error = NULL;
  const guint8 *bytes;
  MsFileReader reader;
  gboolean readable = FALSE, done = TRUE;
  guint64 position = 0;

  if (!ms_file_reader_open (&reader, self->dir_fd, name, &local_error))
    {
      ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_DAMAGE, name, 0, "Cannot be read: %s.",
                          local_error->message);
      return TRUE;
    }
  bytes = ms_file_reader_peek (&reader, 0, sizeof (TrkFileHeader));
  if (bytes != NULL)
    {
      TrkFileHeader header;

      memcpy (&header, bytes, sizeof header);
      done = ms_file_header_check (&header, name, &readable, error);
      if (readable && done)
        {
          position = header.header_size;
          if (header.kind > TRK_FILE_MODULES || !belongs_here (self, &header, name))
            goto out;
        }
    }
  if (!done)
    goto out;
  if (!readable && reader.size > 0)
    ms_diagnostics_add (
        self->diagnostics, MS_DIAGNOSTIC_DAMAGE, name, 0,
        "The beginning of the file is damaged; its blocks are read where they can be.");
  self->n_file_bytes += reader.size;
  ms_file_reader_identify (&reader, &scanned.device, &scanned.inode);
  if (before != NULL && ms_block_index_find_scanned (before, name, &reader, &number))
    {
      scanned = g_array_index (before->scanned, MsScannedFile, number);
      numbers[number] = self->files->len;
      position = scanned.end;
    }
  g_ptr_array_add (self->files, g_strdup (name));
  done = scan_blocks (self, &reader, &scanned, position, cancellable, error);
  g_array_append_val (self->scanned, scanned);

out:
  ms_file_reader_close (&reader);
  return done;
}

int
ms_block_compare (gconstpointer a, gconstpointer b)
{
  const MsBlock *x = a, *y = b;

  if (x->header.type != y->header.type)
    return x->header.type < y->header.type ? -1 : 1;
  if (x->header.thread_id != y->header.thread_id)
    return x->header.thread_id < y->header.thread_id ? -1 : 1;
  if (x->header.block_number != y->header.block_number)
    return x->header.block_number < y->header.block_number ? -1 : 1;
  if ((x->header.checksum != 0) != (y->header.checksum != 0))
    return x->header.checksum != 0 ? -1 : 1;
  if (x->payload_bytes != y->payload_bytes)
    return x->payload_bytes > y->payload_bytes ? -1 : 1;
  /* What is in a file already needs not be taken from its window. */
  return (x->payload != NULL) - (y->payload != NULL);
}

static gboolean
same_name (const MsBlock *a, const MsBlock *b)
{
  return a->header.type == b->header.type && a->header.thread_id == b->header.thread_id
         && a->header.block_number == b->header.block_number;
}

void
ms_block_index_keep_one_of_each (MsBlockIndex *self)
{
  MsBlock *blocks = (MsBlock *) self->blocks->data;
  guint n_kept = 0;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      if (n_kept > 0 && same_name (&blocks[n_kept - 1], &blocks[i]))
        ms_block_clear (&blocks[i]);
      else
        blocks[n_kept++] = blocks[i];
    }
  /* The tail's payloads were freed or moved to the front. */
  for (guint i = n_kept; i < self->blocks->len; i++)
    blocks[i].payload = NULL;
  g_array_set_size (self->blocks, n_kept);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_files (MsBlockIndex *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  int fd = openat (self->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return names;
    }
  while ((entry = readdir (dir)))
    if (g_str_has_prefix (entry->d_name, "memscope_") && g_str_has_suffix (entry->d_name, ".bin")
        && strcmp (entry->d_name, TRK_POOL_FILE_NAME) != 0
        && strcmp (entry->d_name, TRK_CONTROL_FILE_NAME) != 0
        && strcmp (entry->d_name, TRK_SUMMARY_FILE_NAME) != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (dir);
  g_ptr_array_sort (names, compare_names);
  return names;
}

gboolean
ms_block_index_scan_again (MsBlockIndex *self,
                           const MsBlockIndex *before,
                           GCancellable *cancellable,
                           GError **error)
{
  guint n_before = before != NULL ? before->files->len : 0;
  g_autofree guint32 *numbers = g_new (guint32, n_before + 1);
  g_autoptr (GPtrArray) names = NULL;

  memset (numbers, 0xff, (n_before + 1) * sizeof *numbers);
  if (!ms_pool_read (self, error))
    return FALSE;
  names = list_files (self);
  for (guint i = 0; i < names->len; i++)
    if (!scan_file (self, g_ptr_array_index (names, i), before, numbers, cancellable, error))
      return FALSE;
  g_array_sort (self->blocks, ms_block_compare);
  if (before != NULL)
    ms_block_index_carry_over (self, before, numbers);
  ms_block_index_keep_one_of_each (self);
  return TRUE;
}

gboolean
ms_block_index_scan (MsBlockIndex *self, GCancellable *cancellable, GError **error)
{
  return ms_block_index_scan_again (self, NULL, cancellable, error);
}

gboolean
ms_block_index_scan_tables (MsBlockIndex *self, GCancellable *cancellable, GError **error)
{
  static const char *const names[] = { TRK_MODULES_FILE_NAME, TRK_STACKS_FILE_NAME };

  if (!ms_pool_read (self, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (faccessat (self->dir_fd, names[i], F_OK, 0) == 0
        && !scan_file (self, names[i], NULL, NULL, cancellable, error))
      return FALSE;
  g_array_sort (self->blocks, ms_block_compare);
  ms_block_index_keep_one_of_each (self);
  return TRUE;
}

static gboolean
has_block (MsBlockIndex *self, const MsDamage *damage)
{
  MsBlock wanted = { 0 };
  guint low = 0, high = self->blocks->len;

  wanted.header.type = damage->type;
  wanted.header.thread_id = damage->thread_id;
  wanted.header.block_number = damage->block_number;
  wanted.header.checksum = 1;
  wanted.payload_bytes = G_MAXUINT32; /* before every copy */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ms_block_compare (&g_array_index (self->blocks, MsBlock, middle), &wanted) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low < self->blocks->len
         && same_name (&g_array_index (self->blocks, MsBlock, low), &wanted);
}

/* A block cut short by a kill is no damage where its window, or a second attempt, has it whole. */
static void
report_damage (MsBlockIndex *self, gboolean running)
{
  for (guint i = 0; i < self->damage->len; i++)
    {
      const MsDamage *damage = &g_array_index (self->damage, MsDamage, i);
      gboolean short_header = damage->at_end && damage->n_bytes < TRK_BLOCK_HEADER_BYTES;

      if (damage->is_named && has_block (self, damage))
        continue;
      if (damage->at_end && (running || (short_header && self->has_pool)))
        continue;
      /* The agent was killed, and the thread went on in the same file.  A header holds no record, and
       * the pool has the block. */
      if (damage->is_cut && self->has_pool)
        continue;
      ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                          g_ptr_array_index (self->files, damage->file), damage->offset,
                          damage->at_end
                              ? "The last %" G_GUINT64_FORMAT " bytes are no whole block and "
                                "were left out."
                              : "%" G_GUINT64_FORMAT " bytes are damaged and were left out.",
                          damage->n_bytes);
    }
}

static const char *
type_to_text (guint type)
{
  return type == TRK_BLOCK_EVENTS ? "event" : type == TRK_BLOCK_STACKS ? "call stack" : "module";
}

static void
report_missing (MsBlockIndex *self)
{
  const MsBlock *previous = NULL;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const MsBlock *block = &g_array_index (self->blocks, MsBlock, i);
      gboolean same_thread = previous && previous->header.type == block->header.type
                             && previous->header.thread_id == block->header.thread_id;
      guint32 expected = same_thread ? previous->header.block_number + 1 : 0;
      guint32 n_missing = block->header.block_number - expected;

      previous = block;
      if (n_missing == 0 || block->header.type > TRK_BLOCK_MODULES
          || (self->is_ring && !same_thread && block->header.type == TRK_BLOCK_EVENTS))
        continue;
      ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                          ms_block_index_file_of (self, block), block->offset,
                          "Of thread %u, %u %s block%s before number %u %s missing.",
                          block->header.thread_id == TRK_THREAD_ID_PROCESS
                              ? 0
                              : block->header.thread_id,
                          n_missing, type_to_text (block->header.type), n_missing == 1 ? "" : "s",
                          block->header.block_number, n_missing == 1 ? "is" : "are");
    }
}

/* --- rings ---------------------------------------------------------------------------------------- */

static gboolean
is_same_thread (const MsBlock *a, const MsBlock *b)
{
  return a->header.thread_id == b->header.thread_id;
}

void
ms_block_index_cut_rings (MsBlockIndex *self)
{
  guint first, end = ms_block_index_find_type (self, TRK_BLOCK_EVENTS, &first);

  self->is_ring = TRUE;
  if (!self->has_pool)
    return;
  /* From the end, so that the places of those before stay. */
  for (guint i = end; i > first + 1; i--)
    {
      const MsBlock *block = &g_array_index (self->blocks, MsBlock, i - 1);
      guint first_of_thread = i - 1;

      if (!is_same_thread (block - 1, block)
          || (block - 1)->header.block_number + 1 == block->header.block_number)
        continue;
      while (first_of_thread > first
             && is_same_thread (&g_array_index (self->blocks, MsBlock, first_of_thread - 1), block))
        first_of_thread--;
      g_array_remove_range (self->blocks, first_of_thread, i - 1 - first_of_thread);
      i = first_of_thread + 1;
    }
}

void
ms_block_index_report (MsBlockIndex *self, gboolean running)
{
  report_damage (self, running);
  report_missing (self);
}

const guint8 *
ms_block_index_read (MsBlockIndex *self, const MsBlock *block, GByteArray *buffer)
{
  if (block->payload != NULL)
    return block->payload;
  /* Eight spare bytes: the decoder may load a word where a record of fewer bytes ends. */
  g_byte_array_set_size (buffer, block->payload_bytes + 8);
  if (!ms_folder_read_at (self->dir_fd, ms_block_index_file_of (self, block), block->offset,
                          buffer->data, block->payload_bytes))
    return NULL;
  return buffer->data;
}

guint
ms_block_index_find_type (MsBlockIndex *self, TrkBlockType type, guint *first)
{
  const MsBlock *blocks = (const MsBlock *) self->blocks->data;
  guint i = 0, end;

  while (i < self->blocks->len && blocks[i].header.type < type)
    i++;
  for (end = i; end < self->blocks->len && blocks[end].header.type == type; end++)
    ;
  *first = i;
  return end;
}

const char *
ms_block_index_file_of (MsBlockIndex *self, const MsBlock *block)
{
  return g_ptr_array_index (self->files, block->file);
}
