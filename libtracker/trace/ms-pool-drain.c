/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pool-drain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-block-index.h"
#include "ms-diagnostic.h"
#include "trk-checksum.h"
#include "trk-event-decoder.h"
#include "trk-stack-codec.h"

/* --- sealing ---------------------------------------------------------------------------------- */

/* Events and the time of the last, as far as the payload can be read. */
static void
measure_events (TrkBlockHeader *header, const guint8 *payload)
{
  guint32 n_bytes = header->payload_bytes, max_stacks = TRK_LOCAL_STACKS_FOR (n_bytes);
  g_autofree TrkAddressRing *ring = g_new (TrkAddressRing, 1);
  g_autofree guint32 *local_stacks = g_new (guint32, max_stacks);
  TrkEventDecoder decoder;
  TrkEvent event;

  /* Addresses of earlier blocks do not matter here: nobody looks at any. */
  trk_address_ring_reset (ring);
  header->n_records = 0;
  header->last_ticks = header->first_ticks;
  if (trk_event_decoder_begin (&decoder, header, payload, n_bytes, ring, local_stacks, max_stacks)
      != TRK_DECODE_OK)
    return;
  while (trk_event_decoder_next (&decoder, &event) == TRK_DECODE_OK)
    {
      header->n_records++;
      header->last_ticks = event.end_ticks;
    }
}

static void
measure_stacks (TrkBlockHeader *header, const guint8 *payload)
{
  g_autofree TrkStackRecord *record = g_new0 (TrkStackRecord, 1);
  const guint8 *end = payload + header->payload_bytes;

  header->n_records = 0;
  header->last_ticks = header->first_ticks;
  while (payload < end && (payload = trk_stack_decode (payload, end, record)))
    header->n_records++;
}

/* A window's block, header and payload, as its file would have it. (transfer full) */
static guint8 *
seal_block (const MsBlock *block, gsize *n_bytes)
{
  guint8 *bytes = g_malloc (TRK_BLOCK_HEADER_BYTES + block->payload_bytes);
  TrkBlockHeader header = block->header;

  header.header_size = TRK_BLOCK_HEADER_BYTES;
  if (header.checksum == 0)
    {
      /* No pair of clock readings is put in: ours would be of another moment. */
      header.payload_bytes = block->payload_bytes;
      if (header.type == TRK_BLOCK_EVENTS)
        measure_events (&header, block->payload);
      else
        measure_stacks (&header, block->payload);
    }
  header.checksum = trk_block_checksum (&header, block->payload, block->payload_bytes);
  memcpy (bytes, &header, sizeof header);
  memcpy (bytes + sizeof header, block->payload, block->payload_bytes);
  *n_bytes = sizeof header + block->payload_bytes;
  return bytes;
}

/* --- writing ---------------------------------------------------------------------------------- */

static gboolean
fail_errno (GError **error, const char *file)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot write %s: %s", file,
               g_strerror (errno));
  return FALSE;
}

/* Appends all of it, or leaves the file as it was: nobody else writes it any more. */
static gboolean
append (int fd, gconstpointer bytes, gsize n_bytes)
{
  off_t before = lseek (fd, 0, SEEK_END);
  const guint8 *p = bytes;

  while (n_bytes > 0)
    {
      gssize written = write (fd, p, n_bytes);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        {
          int reason = written == 0 ? ENOSPC : errno;

          if (before >= 0 && ftruncate (fd, before) != 0)
            g_debug ("a part of a block stays: %s", g_strerror (errno));
          errno = reason;
          return FALSE;
        }
      p += written;
      n_bytes -= (gsize) written;
    }
  return TRUE;
}

/* Opens @name for appending; a file that is not there yet is begun. */
static int
open_block_file (MsBlockIndex *index, int dir_fd, const char *name, TrkFileKind kind)
{
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = (guint16) kind };
  int fd = openat (dir_fd, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  struct stat status;

  if (fd < 0)
    return -1;
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, index->trace_id, sizeof header.trace_id);
  if (fstat (fd, &status) == 0 && (status.st_size > 0 || append (fd, &header, sizeof header)))
    return fd;
  close (fd);
  return -1;
}

static char *
choose_file (int dir_fd, const TrkBlockHeader *header, TrkFileKind *kind)
{
  g_autofree char *own = NULL;

  *kind = TRK_FILE_STACKS;
  if (header->type == TRK_BLOCK_STACKS)
    return g_strdup (TRK_STACKS_FILE_NAME);
  *kind = TRK_FILE_MODULES;
  if (header->type == TRK_BLOCK_MODULES)
    return g_strdup (TRK_MODULES_FILE_NAME);

  *kind = TRK_FILE_EVENTS;
  own = g_strdup_printf ("memscope_thread_%u-%d.bin", header->thread_id, header->tid);
  return faccessat (dir_fd, own, F_OK, 0) == 0 ? g_steal_pointer (&own)
                                               : g_strdup (TRK_POOLED_EVENTS_FILE_NAME);
}

static gboolean
write_block (MsBlockIndex *index, int dir_fd, const MsBlock *block, GError **error)
{
  TrkFileKind kind;
  g_autofree char *name = choose_file (dir_fd, &block->header, &kind);
  g_autofree guint8 *bytes = NULL;
  int fd = open_block_file (index, dir_fd, name, kind);
  gsize n_bytes;
  gboolean written;

  if (fd < 0)
    return fail_errno (error, name);
  bytes = seal_block (block, &n_bytes);
  written = append (fd, bytes, n_bytes) || fail_errno (error, name);
  close (fd);
  return written;
}

/* A write that a kill cut before the end of a block's header: what is appended after it would make it
 * look like damage in the middle.  Less than a header holds no record, so nothing goes with it. */
static gboolean
remove_short_tails (MsBlockIndex *index, int dir_fd, GError **error)
{
  for (guint i = 0; i < index->damage->len; i++)
    {
      const MsDamage *damage = &g_array_index (index->damage, MsDamage, i);
      const char *name = g_ptr_array_index (index->files, damage->file);
      gboolean removed;
      int fd;

      if (!damage->at_end || damage->n_bytes >= TRK_BLOCK_HEADER_BYTES)
        continue;
      fd = openat (dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
      if (fd < 0)
        return fail_errno (error, name);
      removed = ftruncate (fd, (off_t) damage->offset) == 0 || fail_errno (error, name);
      close (fd);
      if (!removed)
        return FALSE;
    }
  return TRUE;
}

gboolean
ms_pool_drain (int dir_fd, guint *n_blocks, TrkEndedThreads *ended, GError **error)
{
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  g_autoptr (MsBlockIndex) index = ms_block_index_new (dir_fd, diagnostics);

  *n_blocks = 0;
  if (!ms_block_index_scan (index, NULL, error) || !remove_short_tails (index, dir_fd, error))
    return FALSE;
  *ended = index->pool.ended;
  for (guint i = 0; i < index->blocks->len; i++)
    {
      const MsBlock *block = &g_array_index (index->blocks, MsBlock, i);

      /* Only what no file has whole still carries its payload with it. */
      if (!block->payload || block->payload_bytes == 0
          || (block->header.type != TRK_BLOCK_EVENTS && block->header.type != TRK_BLOCK_STACKS))
        continue;
      if (!write_block (index, dir_fd, block, error))
        return FALSE;
      ++*n_blocks;
    }
  return TRUE;
}

gboolean
ms_pool_save_blocks (MsBlockIndex *index, int to_dir, GError **error)
{
  g_autoptr (GByteArray) buffer = g_byte_array_new ();

  for (guint i = 0; i < index->blocks->len; i++)
    {
      MsBlock block = g_array_index (index->blocks, MsBlock, i);

      if (block.header.type > TRK_BLOCK_MODULES || block.payload_bytes == 0)
        continue;
      block.payload = (guint8 *) ms_block_index_read (index, &block, buffer);
      if (block.payload != NULL && !write_block (index, to_dir, &block, error))
        return FALSE;
    }
  return TRUE;
}

/* What threads did of which, in a ring, nothing else is left. */
static JsonObject *
describe_ended (const TrkEndedThreads *ended)
{
  static const char *const domains[] = { "heap", "declared" };
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "threads", (gint64) ended->n_threads);
  for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      const TrkCounts *counts = &ended->counts[d];
      JsonObject *of_domain = json_object_new ();

      json_object_set_int_member (of_domain, "allocations", (gint64) counts->allocations);
      json_object_set_int_member (of_domain, "allocated_bytes", (gint64) counts->allocated_bytes);
      json_object_set_int_member (of_domain, "deallocations", (gint64) counts->deallocations);
      json_object_set_object_member (object, domains[d], of_domain);
    }
  return object;
}

void
ms_pool_describe (const TrkPoolHeader *pool, JsonObject *manifest)
{
  if (pool->dropped_events > 0)
    json_object_set_int_member (manifest, "dropped_events", (gint64) pool->dropped_events);
  if (pool->failed_writes > 0)
    json_object_set_int_member (manifest, "failed_writes", (gint64) pool->failed_writes);
  if (pool->last_errno > 0)
    json_object_set_string_member (manifest, "last_write_error", g_strerror (pool->last_errno));
  if (pool->flags & TRK_POOL_FLAG_RING)
    json_object_set_object_member (manifest, "ended_threads", describe_ended (&pool->ended));
}
