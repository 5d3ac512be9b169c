/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-frequency.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "trk-checksum.h"
#include "trk-frequency-codec.h"

#define PAYLOAD_BYTES ((guint) 1 << 18) /* of a block that is written; well below the limit */
#define MAX_FILE_BYTES ((gsize) 1 << 28)

/* A thread with fewer events than this costs no more to count again than to look up: its counts would
 * only take place, more than its events do where twenty thousand threads do a little each. */
#define FEW_EVENTS 256

guint64
ms_frequency_digest (MsBlockIndex *index, guint first, guint end)
{
  g_autofree guint64 *checksums = g_new (guint64, end - first + 1);

  for (guint i = first; i < end; i++)
    checksums[i - first] = g_array_index (index->blocks, MsBlock, i).header.checksum;
  return trk_checksum (checksums, (end - first) * sizeof *checksums);
}

char *
ms_frequency_file_name (const char *event_file)
{
  gsize length = strlen (event_file);

  if (g_str_has_suffix (event_file, ".bin"))
    length -= 4;
  return g_strdup_printf ("%.*s.freq", (int) length, event_file);
}

/* --- writing ------------------------------------------------------------------------------------ */

typedef struct {
  MsTrace *trace;
  MsThread *thread;
  GByteArray *file;
  guint8 *payload, *cursor;
  guint32 n_records, block_number;
} FrequencyWriter;

static void
begin_block (FrequencyWriter *self)
{
  self->cursor = trk_frequency_encode_header (self->payload, self->thread->n_event_blocks,
                                              self->thread->event_digest);
  self->n_records = 0;
}

static void
end_block (FrequencyWriter *self)
{
  guint n_bytes = (guint) (self->cursor - self->payload);
  TrkBlockHeader header = { .magic = TRK_BLOCK_MAGIC,
                            .header_size = sizeof header,
                            .type = TRK_BLOCK_FREQUENCY,
                            .payload_bytes = n_bytes,
                            .thread_id = self->thread->id,
                            .tid = self->thread->tid,
                            .block_number = self->block_number++,
                            .n_records = self->n_records };

  header.checksum = trk_block_checksum (&header, self->payload, n_bytes);
  g_byte_array_append (self->file, (const guint8 *) &header, sizeof header);
  g_byte_array_append (self->file, self->payload, n_bytes);
}

static void
put_record (FrequencyWriter *self, const TrkFrequencyRecord *record)
{
  if (self->cursor + TRK_FREQUENCY_RECORD_MAX_BYTES > self->payload + PAYLOAD_BYTES)
    {
      TrkFrequencyRecord again = { .kind = TRK_FREQUENCY_DOMAIN, .domain = record->domain };

      end_block (self);
      begin_block (self);
      self->cursor = trk_frequency_encode (self->cursor, &again);
      self->n_records++;
    }
  self->cursor = trk_frequency_encode (self->cursor, record);
  self->n_records++;
}

static void
put_domain (FrequencyWriter *self, guint number, const MsThreadDomain *domain)
{
  TrkFrequencyRecord record = { .kind = TRK_FREQUENCY_DOMAIN,
                                .domain = (uint8_t) number,
                                .allocations = domain->totals.allocations,
                                .frees = domain->frees_made,
                                .bytes = domain->totals.allocated_bytes };

  memcpy (record.size_bins, domain->size_bins, sizeof record.size_bins);
  put_record (self, &record);
  for (guint i = 0; i < domain->n_stacks; i++)
    {
      guint32 table_number = self->trace->stacks[domain->stacks[i].stack];
      TrkFrequencyRecord stack = {
        .kind = TRK_FREQUENCY_STACK,
        .domain = (uint8_t) number,
        .stack = g_array_index (self->trace->stack_table.stacks, MsStack, table_number).id,
        .allocations = domain->stacks[i].allocations,
        .bytes = domain->stacks[i].allocated_bytes
      };

      put_record (self, &stack);
    }
}

static GByteArray *
new_file (MsTrace *trace)
{
  GByteArray *file = g_byte_array_new ();
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = TRK_FILE_FREQUENCY };

  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, trace->trace_id, sizeof header.trace_id);
  return g_byte_array_append (file, (const guint8 *) &header, sizeof header);
}

static void
put_thread (MsTrace *trace, MsThread *thread, GHashTable *files, guint8 *payload)
{
  FrequencyWriter self = { .trace = trace, .thread = thread, .payload = payload };
  g_autofree char *name = ms_frequency_file_name (thread->event_file);

  self.file = g_hash_table_lookup (files, name);
  if (self.file == NULL)
    {
      self.file = new_file (trace);
      g_hash_table_insert (files, g_steal_pointer (&name), self.file);
    }
  begin_block (&self);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (thread->domains[d] != NULL)
      put_domain (&self, d, thread->domains[d]);
  end_block (&self);
}

/* The main thread's always are: a folder without any would look as if they had been switched off. */
static gboolean
is_worth_writing (const MsThread *thread)
{
  guint64 n_events = 0;

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (thread->domains[d] != NULL)
      n_events += thread->domains[d]->totals.allocations + thread->domains[d]->frees_made;
  return thread->id == 0 || n_events >= FEW_EVENTS;
}

gboolean
ms_trace_write_frequency_files (MsTrace *self, GError **error)
{
  g_autoptr (GHashTable) files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_byte_array_unref);
  g_autofree guint8 *payload = g_malloc (PAYLOAD_BYTES);
  GHashTableIter iter;
  gpointer name, bytes;

  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  for (guint i = 0; i < self->threads->len; i++)
    {
      MsThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->event_file != NULL && is_worth_writing (thread))
        put_thread (self, thread, files, payload);
    }
  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      const GByteArray *file = bytes;

      /* Consistent: a temporary file renamed, so that nobody sees half of it.  Not synced: it can be
       * made again. */
      if (!g_file_set_contents_full (path, (const char *) file->data, file->len,
                                     G_FILE_SET_CONTENTS_CONSISTENT, 0644, error))
        return FALSE;
    }
  return TRUE;
}

/* --- checking ----------------------------------------------------------------------------------- */

typedef struct {
  guint64 allocations, frees, bytes, stack_allocations, stack_bytes;
} Sums;

/* FALSE: damaged, or not of the events that are here. */
static gboolean
add_payload (const guint8 *p, const guint8 *end, const MsThread *thread, Sums sums[MS_N_DOMAINS])
{
  guint64 n_blocks, digest;
  TrkFrequencyRecord record = { .domain = TRK_N_DOMAINS };

  if (!(p = trk_frequency_decode_header (p, end, &n_blocks, &digest))
      || n_blocks != thread->n_event_blocks || digest != thread->event_digest)
    return FALSE;
  while (p < end)
    {
      if (!(p = trk_frequency_decode (p, end, &record)))
        return FALSE;
      if (record.kind == TRK_FREQUENCY_DOMAIN)
        {
          sums[record.domain].allocations += record.allocations;
          sums[record.domain].frees += record.frees;
          sums[record.domain].bytes += record.bytes;
        }
      else
        {
          sums[record.domain].stack_allocations += record.allocations;
          sums[record.domain].stack_bytes += record.bytes;
        }
    }
  return TRUE;
}

gboolean
ms_frequency_next_block (const guint8 **p,
                         const guint8 *end,
                         TrkBlockHeader *header,
                         const guint8 **payload)
{
  if ((gsize) (end - *p) < sizeof *header)
    return FALSE;
  memcpy (header, *p, sizeof *header);
  if (header->magic != TRK_BLOCK_MAGIC || header->header_size < sizeof *header
      || (guint64) header->header_size + header->payload_bytes > (guint64) (end - *p))
    return FALSE;
  *payload = *p + header->header_size;
  *p = *payload + header->payload_bytes;
  return trk_block_checksum (header, *payload, header->payload_bytes) == header->checksum;
}

static gboolean
agrees (MsTrace *trace, const MsThread *thread, const Sums sums[MS_N_DOMAINS])
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      const MsThreadDomain *domain = thread->domains[d];
      const MsTotals *totals = domain ? &domain->totals : &ms_no_totals;

      if (sums[d].allocations != totals->allocations || sums[d].bytes != totals->allocated_bytes
          || sums[d].frees != (domain ? domain->frees_made : 0))
        return FALSE;
      /* Of a sampled trace the stacks have estimates, which do not add up to the exact totals. */
      if (!trace->sampled
          && (sums[d].stack_allocations != totals->allocations
              || sums[d].stack_bytes != totals->allocated_bytes))
        return FALSE;
    }
  return TRUE;
}

static void
check_file (MsTrace *trace, const char *name, const guint8 *bytes, gsize n_bytes)
{
  const guint8 *p = bytes + sizeof (TrkFileHeader), *payload;
  TrkBlockHeader header;
  Sums sums[MS_N_DOMAINS] = { 0 };
  MsThread *thread = NULL;
  gboolean usable = FALSE;

  for (gboolean more = n_bytes >= sizeof (TrkFileHeader); more;)
    {
      MsThread *next = NULL;

      more = ms_frequency_next_block (&p, bytes + n_bytes, &header, &payload);
      if (more)
        next = ms_trace_find_thread (trace, header.thread_id);
      if (next != thread || !more)
        {
          if (thread != NULL && usable && !agrees (trace, thread, sums))
            ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_WARNING, name, 0,
                                "The counts of thread %u are not those of its events, which are "
                                "used instead.",
                                thread->id);
          memset (sums, 0, sizeof sums);
          thread = next;
          usable = TRUE;
        }
      if (more && thread != NULL)
        usable = usable && add_payload (payload, payload + header.payload_bytes, thread, sums);
    }
}

void
ms_frequency_check (MsTrace *trace, int dir_fd)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < trace->threads->len; i++)
    {
      MsThread *thread = g_ptr_array_index (trace->threads, i);
      g_autofree char *name = NULL, *bytes = NULL;
      gsize n_bytes;

      if (thread->event_file == NULL)
        continue;
      name = ms_frequency_file_name (thread->event_file);
      if (g_hash_table_contains (seen, name))
        continue;
      bytes = ms_folder_read_text (dir_fd, name, MAX_FILE_BYTES, &n_bytes, NULL);
      if (bytes != NULL && n_bytes >= sizeof (TrkFileHeader)
          && memcmp (bytes + G_STRUCT_OFFSET (TrkFileHeader, trace_id), trace->trace_id, 16) == 0)
        check_file (trace, name, (const guint8 *) bytes, n_bytes);
      g_hash_table_add (seen, g_steal_pointer (&name));
    }
}
