/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-file.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-resource-private.h"
#include "ms-thread.h"
#include "trk-checksum.h"
#include "trk-resource-fields.h"

G_STATIC_ASSERT (MS_RESOURCE_FIELDS == TRK_RESOURCE_MAX_FIELDS);

/* A day of 100 busy threads is a hundred million bytes; so many sources have some megabytes of figures. */
#define MAX_BYTES (512U << 20)
#define MAX_SOURCES 65536U
/* What looks like blocks and is none costs a checksum each: so many bytes of them, and we stop. */
#define MAX_DAMAGED_BYTES (256U << 20)
/* A thread's start event may come after its first sample, and its last sample after its end event. */
#define JOIN_SLACK_NS G_GINT64_CONSTANT (1000000000)

/* --- sources ------------------------------------------------------------------------------------ */

static gboolean
is_named (guint kind)
{
  return kind == TRK_RESOURCE_DISK || kind == TRK_RESOURCE_INTERFACE
         || kind == TRK_RESOURCE_TEMPERATURE || kind == TRK_RESOURCE_GPU_ENGINE
         || kind == TRK_RESOURCE_GPU_MEMORY;
}

static guint
hash_source (gconstpointer data)
{
  const MsResourceEntry *source = data;
  guint64 words[4] = { source->public.kind, source->public.id, source->public.start,
                       source->key_name ? g_bytes_hash (source->key_name) : 0 };

  return (guint) trk_checksum (words, sizeof words);
}

static gboolean
equal_sources (gconstpointer a, gconstpointer b)
{
  const MsResourceEntry *x = a, *y = b;

  return x->public.kind == y->public.kind && x->public.id == y->public.id
         && x->public.start == y->public.start
         && (x->key_name == y->key_name
             || (x->key_name && y->key_name && g_bytes_equal (x->key_name, y->key_name)));
}

static void
source_free (MsResourceEntry *source)
{
  g_clear_pointer (&source->key_name, g_bytes_unref);
  g_free ((char *) source->public.name);
  g_free (source->figures);
  g_free (source);
}

static void
set_name (MsResourceEntry *source, const TrkResourceKey *key)
{
  gsize n_bytes = key->kind == TRK_RESOURCE_SOCKET ? 0 : key->n_name;

  if (source->public.name && strlen (source->public.name) == n_bytes
      && memcmp (source->public.name, key->name, n_bytes) == 0)
    return;
  g_free ((char *) source->public.name);
  source->public.name = ms_text_from_bytes (key->name, n_bytes);
}

/* The number of the source with @key, which is made if it is new. */
static guint32
take_source (MsResources *self, const TrkResourceKey *key, guint block)
{
  g_autoptr (GBytes) key_name = is_named (key->kind) ? g_bytes_new (key->name, key->n_name) : NULL;
  MsResourceEntry probe = { .public = { .kind = key->kind, .id = key->id, .start = key->start },
                            .key_name = key_name };
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_key, &probe));
  MsResourceEntry *source = number > 0 ? g_ptr_array_index (self->sources, number - 1) : NULL;

  if (!source)
    {
      if (self->sources->len == MAX_SOURCES)
        return MS_RESOURCE_NOT_KEPT;
      source = g_new (MsResourceEntry, 1);
      *source = probe;
      source->key_name = g_steal_pointer (&key_name);
      source->public.thread_id = -1;
      source->public.first_ns = source->public.last_ns = MS_TIME_NONE;
      source->first_block = block;
      g_ptr_array_add (self->sources, source);
      number = self->sources->len;
      g_hash_table_insert (self->by_key, source, GUINT_TO_POINTER (number));
    }
  set_name (source, key);
  source->last_block = block;
  return number - 1;
}

/* --- samples ------------------------------------------------------------------------------------ */

static void
add_reading (MsResourceFigure *figure, gint64 time_ns, guint64 value, gboolean is_broken)
{
  if (figure->n_samples++ == 0)
    {
      figure->first = figure->least = figure->greatest = value;
      figure->first_ns = time_ns;
      figure->peak_per_second = -1;
    }
  else if (!is_broken && value >= figure->last)
    {
      gint64 duration_ns = time_ns - figure->last_ns;
      double per_second = (double) (value - figure->last) * 1e9 / (double) duration_ns;

      figure->growth += value - figure->last;
      figure->growth_ns += duration_ns;
      figure->peak_per_second = MAX (figure->peak_per_second, per_second);
    }
  figure->least = MIN (figure->least, value);
  figure->greatest = MAX (figure->greatest, value);
  figure->last = value;
  figure->last_ns = time_ns;
}

/* TRUE if it is later than the one before: what is not is left out, as time only goes on. */
static gboolean
add_sample (MsResources *self, MsResourceEntry *source, const TrkResourceRecord *record)
{
  MsResourceSource *public = &source->public;
  gint64 time_ns = ms_resources_to_trace_time (self, record->time_ns);
  guint n_fields;

  if (record->fields == 0 || (public->n_samples > 0 && time_ns <= public->last_ns))
    return FALSE;
  n_fields = 32 - (guint) __builtin_clz (record->fields);
  if (n_fields > source->n_figures)
    {
      source->figures = g_renew (MsResourceFigure, source->figures, n_fields);
      memset (source->figures + source->n_figures, 0,
              (n_fields - source->n_figures) * sizeof *source->figures);
      source->n_figures = n_fields;
    }
  if (public->n_samples++ == 0)
  public->first_ns = time_ns;
  public->last_ns = time_ns;
  public->measured |= record->fields;
  for (guint32 left = record->fields; left; left &= left - 1)
    {
      guint field = (guint) __builtin_ctz (left);

      add_reading (&source->figures[field], time_ns, record->values[field],
                   source->broken >> field & 1);
    }
  source->broken &= ~record->fields;
  return TRUE;
}

static void
add_absence (MsResourceEntry *source, const TrkResourceRecord *record)
{
  source->broken |= record->fields;
  for (guint32 left = record->fields; left; left &= left - 1)
    source->public.reasons[__builtin_ctz (left)] = (guint8) MIN (record->reason, 255);
}

/* --- blocks ------------------------------------------------------------------------------------- */

static void
take_block (MsResources *self, TrkResourceDecoder *decoder, const MsResourceBlock *block)
{
  TrkResourceRecordType type;
  TrkResourceRecord record;

  trk_resource_decoder_begin (decoder, self->payloads->data + block->offset, block->n_bytes,
                              block->first_ns);
  while ((type = trk_resource_decode (decoder, &record)) < TRK_RESOURCE_END)
    {
      guint32 number = 0;

      if (type == TRK_RESOURCE_INTERVAL)
        {
          self->interval_ns = (gint64) MIN (record.interval_ns, (guint64) MS_RESOURCE_MOST_TIME_NS);
          continue;
        }
      if (type == TRK_RESOURCE_SOURCE)
        {
          number = take_source (self, &record.key, self->blocks->len);
          g_array_append_val (self->numbers, number);
          continue;
        }
      number = g_array_index (self->numbers, guint32, block->first_number + record.source);
      if (number == MS_RESOURCE_NOT_KEPT)
        continue;
      if (type == TRK_RESOURCE_SAMPLE)
        add_sample (self, g_ptr_array_index (self->sources, number), &record);
      else
        add_absence (g_ptr_array_index (self->sources, number), &record);
    }
  g_array_append_val (self->blocks, *block);
}

/* The block at @position; 0 if there is no whole one, else its bytes. */
static guint64
read_block (MsResources *self, MsFileReader *reader, TrkResourceDecoder *decoder, guint64 position)
{
  const guint8 *bytes = ms_file_reader_peek (reader, position, sizeof (TrkBlockHeader));
  TrkBlockHeader header;
  MsResourceBlock block;

  if (!bytes)
    return 0;
  memcpy (&header, bytes, sizeof header);
  if (header.magic != TRK_BLOCK_MAGIC || header.header_size != sizeof header
      || header.payload_bytes > TRK_MAX_BLOCK_BYTES - sizeof header)
    return 0;
  bytes = ms_file_reader_peek (reader, position, sizeof header + header.payload_bytes);
  if (!bytes
      || trk_block_checksum (&header, bytes + sizeof header, header.payload_bytes)
             != header.checksum)
    {
      self->n_damaged_bytes += header.payload_bytes;
      return 0;
    }
  if (header.type == TRK_BLOCK_RESOURCES && header.payload_bytes > 0
      && self->payloads->len + header.payload_bytes <= MAX_BYTES)
    {
      block = (MsResourceBlock) { .offset = self->payloads->len,
                                  .n_bytes = header.payload_bytes,
                                  .first_ns = header.first_ticks,
                                  .first_number = self->numbers->len };
      g_byte_array_append (self->payloads, bytes + sizeof header, header.payload_bytes);
      take_block (self, decoder, &block);
    }
  return sizeof header + header.payload_bytes;
}

/* From one whole block to the next; what lies between is damage. */
static void
read_blocks (MsResources *self, MsFileReader *reader)
{
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  guint64 position = sizeof (TrkFileHeader);

  while (position < reader->size && self->n_damaged_bytes <= MAX_DAMAGED_BYTES)
    {
      guint64 n_bytes = read_block (self, reader, decoder, position);

      position = n_bytes > 0 ? position + n_bytes
                             : ms_file_reader_find_word (reader, position + 1, TRK_BLOCK_MAGIC);
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

static MsResources *
resources_new (gint64 start_ns)
{
  MsResources *self = g_new0 (MsResources, 1);

  g_atomic_ref_count_init (&self->references);
  self->start_ns = start_ns;
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) source_free);
  self->by_key = g_hash_table_new (hash_source, equal_sources);
  self->threads = g_hash_table_new (NULL, NULL);
  self->blocks = g_array_new (FALSE, FALSE, sizeof (MsResourceBlock));
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->payloads = g_byte_array_new ();
  return self;
}

MsResources *
ms_resource_file_load (int dir_fd,
                       const guint8 trace_id[16],
                       gint64 start_ns,
                       GPtrArray *diagnostics)
{
  g_autoptr (MsResources) self = NULL;
  MsFileReader reader;

  if (!ms_file_reader_open (&reader, dir_fd, TRK_RESOURCES_FILE_NAME, NULL))
    return NULL;
  if (is_of_trace (&reader, trace_id))
    {
      self = resources_new (start_ns);
      read_blocks (self, &reader);
    }
  ms_file_reader_close (&reader);
  if (self && self->sources->len == MAX_SOURCES)
    ms_diagnostics_add (diagnostics, MS_DIAGNOSTIC_WARNING, TRK_RESOURCES_FILE_NAME, 0,
                        "Of threads and devices that were sampled, those past the first %u are "
                        "left out.",
                        MAX_SOURCES);
  return g_steal_pointer (&self);
}

/* --- threads ------------------------------------------------------------------------------------ */

/* How long both lived, in ns; negative: how far apart they are. */
static gint64
overlap_ns (const MsResourceSource *source, MsThread *thread)
{
  gint64 start_ns = ms_thread_get_start_ns (thread), end_ns = ms_thread_get_end_ns (thread);

  if (end_ns == MS_TIME_NONE)
    end_ns = MS_RESOURCE_MOST_TIME_NS;
  return MIN (source->last_ns, end_ns) - MAX (source->first_ns, start_ns);
}

/* By tid, of MsThread. (transfer full) */
static GHashTable *
sort_by_tid (GPtrArray *threads)
{
  GHashTable *by_tid = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < threads->len; i++)
    {
      MsThread *thread = g_ptr_array_index (threads, i);
      gpointer tid = GINT_TO_POINTER (ms_thread_get_tid (thread));
      GPtrArray *same = g_hash_table_lookup (by_tid, tid);

      if (!same)
        {
          same = g_ptr_array_new ();
          g_hash_table_insert (by_tid, tid, same);
        }
      g_ptr_array_add (same, thread);
    }
  return by_tid;
}

/* Of two sources that would be the same thread, the one that was sampled longer in its life is: the other
 * one was a thread of the same number that the trace has not. */
static void
join (MsResources *self, guint number, MsThread *thread, gint64 both_ns)
{
  gpointer id = GUINT_TO_POINTER (ms_thread_get_id (thread));
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->threads, id));

  if (before > 0)
    {
      MsResourceEntry *rival = g_ptr_array_index (self->sources, before - 1);

      if (overlap_ns (&rival->public, thread) >= both_ns)
        return;
      rival->public.thread_id = -1;
    }
  ((MsResourceEntry *) g_ptr_array_index (self->sources, number))->public.thread_id =
      (gint) ms_thread_get_id (thread);
  g_hash_table_insert (self->threads, id, GUINT_TO_POINTER (number + 1));
}

void
ms_resources_join_threads (MsResources *self, GPtrArray *threads)
{
  g_autoptr (GHashTable) by_tid = sort_by_tid (threads);

  for (guint i = 0; i < self->sources->len; i++)
    {
      const MsResourceSource *source =
          &((MsResourceEntry *) g_ptr_array_index (self->sources, i))->public;
      gint64 best_ns = -JOIN_SLACK_NS - 1;
      MsThread *best = NULL;
      GPtrArray *same;

      if (source->kind != TRK_RESOURCE_THREAD || source->n_samples == 0 || source->id == 0
          || source->id > G_MAXINT)
        continue;
      same = g_hash_table_lookup (by_tid, GINT_TO_POINTER ((gint) source->id));
      for (guint j = 0; same && j < same->len; j++)
        {
          MsThread *thread = g_ptr_array_index (same, j);
          gint64 both_ns = overlap_ns (source, thread);

          if (both_ns <= best_ns)
            continue;
          best_ns = both_ns;
          best = thread;
        }
      if (best)
        join (self, i, best, best_ns);
    }
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
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->threads);
  g_ptr_array_unref (self->sources);
  g_array_unref (self->blocks);
  g_array_unref (self->numbers);
  g_byte_array_unref (self->payloads);
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
