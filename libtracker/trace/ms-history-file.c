/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-history-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-cache-folder.h"

struct _MsHistoryFile {
  MsFolderDigest digest;
  MsCacheEntry *entry;  /* NULL: a file without a name */
  gboolean is_nameless; /* the entry goes with us */
  int fd;
  guint64 end;
};

/* --- checksum ------------------------------------------------------------------------------------- */

#define PRIME_1 G_GUINT64_CONSTANT (0x9E3779B185EBCA87)
#define PRIME_2 G_GUINT64_CONSTANT (0xC2B2AE3D27D4EB4F)

static inline guint64
mix (guint64 lane, guint64 word)
{
  lane += word * PRIME_2;
  return (lane << 31 | lane >> 33) * PRIME_1;
}

/* Beyond where the processor's prefetcher stops, at the end of a page. */
#define AHEAD_BYTES 8192

/* Four lanes, as one alone waits for its multiplications. */
guint64
ms_history_checksum (guint64 seed, const void *bytes, gsize n)
{
  guint64 lanes[4] = { seed + PRIME_1, seed + PRIME_2, seed, seed - PRIME_1 }, words[4], sum = n;
  const guint8 *byte = bytes;
  gsize left = n;

  for (; left >= sizeof words; left -= sizeof words, byte += sizeof words)
    {
      __builtin_prefetch (byte + AHEAD_BYTES);
      memcpy (words, byte, sizeof words);
      for (guint i = 0; i < 4; i++)
        lanes[i] = mix (lanes[i], words[i]);
    }
  memset (words, 0, sizeof words);
  if (left > 0)
    memcpy (words, byte, left);
  for (guint i = 0; i < 4; i++)
    sum = mix (sum ^ mix (lanes[i], words[i]), i);
  return sum ^ sum >> 29;
}

/* --- where ---------------------------------------------------------------------------------------- */

/* In the user's cache, where there is room for what is large, else where the system has its own. */
static int
open_unnamed (GError **error)
{
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "memscope", NULL);
  const char *folders[] = { cache, g_get_tmp_dir () };
  int code = 0;

  (void) g_mkdir_with_parents (cache, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *template = g_build_filename (folders[i], ".history-XXXXXX", NULL);
      int fd = g_mkstemp_full (template, O_RDWR | O_CLOEXEC, 0600);

      if (fd >= 0)
        {
          unlink (template);
          return fd;
        }
      code = errno;
    }
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", g_get_tmp_dir (),
               g_strerror (code));
  return -1;
}

MsHistoryFile *
ms_history_file_begin (const MsFolderDigest *digest, guint64 expected_bytes, GError **error)
{
  g_autoptr (MsCacheFolder) cache = digest ? ms_cache_folder_new_for_user (NULL) : NULL;
  MsHistoryFile *self = g_new0 (MsHistoryFile, 1);

  self->end = MS_HISTORY_HEADER_BYTES;
  if (digest != NULL)
    self->digest = *digest;
  if (cache != NULL)
    self->entry =
        ms_cache_folder_begin (cache, digest, MS_HISTORY_CACHE_KIND, expected_bytes, NULL);
  self->fd = self->entry ? ms_cache_entry_get_fd (self->entry) : open_unnamed (error);
  if (self->fd >= 0)
    return self;
  g_free (self);
  return NULL;
}

void
ms_history_file_free (MsHistoryFile *self)
{
  if (self->entry != NULL)
    ms_cache_entry_free (self->entry);
  else
    close (self->fd);
  g_free (self);
}

void
ms_history_file_forget_name (MsHistoryFile *self)
{
  self->is_nameless = TRUE;
}

/* --- writing -------------------------------------------------------------------------------------- */

guint64
ms_history_file_get_end (const MsHistoryFile *self)
{
  return self->end;
}

static gboolean
write_at (MsHistoryFile *self, guint64 offset, const void *bytes, gsize n, GError **error)
{
  const guint8 *from = bytes;

  while (n > 0)
    {
      gssize n_written = pwrite (self->fd, from, n, (off_t) offset);
      int code = errno;

      if (n_written < 0 && code == EINTR)
        continue;
      if (n_written <= 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                       "its file in the cache could not be written: %s", g_strerror (code));
          return FALSE;
        }
      from += n_written;
      offset += (guint64) n_written;
      n -= (gsize) n_written;
    }
  return TRUE;
}

void
ms_history_file_append (MsHistoryFile *self,
                        const MsHistoryPiece *pieces,
                        guint n_pieces,
                        guint64 *checksum,
                        GError **error)
{
  guint64 sum = 0;

  if (*error != NULL)
    return;
  for (guint i = 0; i < n_pieces; i++)
    {
      if (!write_at (self, self->end, pieces[i].bytes, pieces[i].n, error))
        return;
      sum = ms_history_checksum (sum, pieces[i].bytes, pieces[i].n);
      self->end = (self->end + pieces[i].n + 7) & ~(guint64) 7;
    }
  if (checksum != NULL)
    *checksum = sum;
}

MsHistory *
ms_history_file_finish (MsHistoryFile *self, MsHistoryHeader *header, GError **error)
{
  MsHistory *history;

  memcpy (header->magic, MS_HISTORY_MAGIC, sizeof header->magic);
  header->file_bytes = self->end;
  header->digest = self->digest;
  header->checksum = ms_history_checksum (0, header, G_STRUCT_OFFSET (MsHistoryHeader, checksum));
  if (ftruncate (self->fd, (off_t) self->end) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s", g_strerror (errno));
      return NULL;
    }
  if (!write_at (self, 0, header, sizeof *header, error))
    return NULL;
  history = ms_history_open (self->fd, &self->digest, FALSE, error);
  /* Not kept for the next time: of use now all the same. */
  if (history != NULL && self->entry != NULL && !self->is_nameless)
    (void) ms_cache_entry_commit (self->entry, NULL);
  return history;
}
