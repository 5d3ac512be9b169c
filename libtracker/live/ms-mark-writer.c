/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-mark-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ms-folder-reader.h"
#include "ms-manifest.h"
#include "trk-checksum.h"
#include "trk-format.h"
#include "trk-varint.h"

#define MAX_CHARS 100
#define MAX_BLOCK_BYTES (TRK_BLOCK_HEADER_BYTES + 3 * TRK_VARINT_MAX_BYTES + TRK_MARK_NAME_BYTES)
#define MAX_MANIFEST_BYTES (4 << 20)
#define LOCK_WAIT_US (200 * 1000)
#define LOOK_EVERY_US 500

G_STATIC_ASSERT (MAX_CHARS * 4 <= TRK_MARK_NAME_BYTES);

gboolean
ms_mark_name_is_valid (const char *name)
{
  glong n_chars;

  if (!g_utf8_validate (name, -1, NULL))
    return FALSE;
  n_chars = g_utf8_strlen (name, -1);
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return FALSE;
  return n_chars >= 1 && n_chars <= MAX_CHARS;
}

static gint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

gint64
ms_mark_read_start_ns (int dir_fd)
{
  gsize n_bytes;
  g_autofree char *text =
      ms_folder_read_text (dir_fd, TRK_MANIFEST_FILE_NAME, MAX_MANIFEST_BYTES, &n_bytes, NULL);
  g_autoptr (JsonNode) root = text != NULL ? ms_json_parse (text, n_bytes, NULL) : NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return 0;
  return ms_json_get_int (json_node_get_object (root), "start_ns", 0);
}

/* --- the file ------------------------------------------------------------------------------------- */

/* All of it or nothing, as on a full disk: behind a part of a block no other would be found. */
static gboolean
append (int fd, gconstpointer bytes, gsize n_bytes)
{
  off_t before = lseek (fd, 0, SEEK_END);
  gssize n_written = write (fd, bytes, n_bytes);
  int reason = n_written < 0 ? errno : ENOSPC;

  if (n_written == (gssize) n_bytes)
    return TRUE;
  if (n_written > 0 && before >= 0 && ftruncate (fd, before) != 0)
    g_debug (TRK_MARKS_FILE_NAME ": a part of a mark stays: %s", g_strerror (errno));
  errno = reason;
  return FALSE;
}

/* That of the call stacks, which the process makes first: its marks are of the same trace. */
static gboolean
write_header (int fd, int dir_fd)
{
  TrkFileHeader stacks;
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = TRK_FILE_MARKS };

  if (!ms_folder_read_at (dir_fd, TRK_STACKS_FILE_NAME, 0, &stacks, sizeof stacks)
      || memcmp (stacks.magic, TRK_FILE_MAGIC, sizeof stacks.magic) != 0)
    {
      errno = EINVAL;
      return FALSE;
    }
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, stacks.trace_id, sizeof header.trace_id);
  return append (fd, &header, sizeof header);
}

/* How many marks the file has. */
static guint32
count_marks (int fd, guint64 n_bytes)
{
  guint64 at = sizeof (TrkFileHeader);
  guint32 n_marks = 0;
  TrkBlockHeader header;

  while (at < n_bytes && n_marks < TRK_MAX_MARKS)
    {
      n_marks++;
      if (pread (fd, &header, sizeof header, (off_t) at) != sizeof header
          || header.magic != TRK_BLOCK_MAGIC)
        break;
      at += TRK_BLOCK_HEADER_BYTES + header.payload_bytes;
    }
  return n_marks;
}

static gboolean
append_mark (int fd, guint32 number, TrkMarkKind kind, const char *name, gint64 time_ns)
{
  guint8 block[MAX_BLOCK_BYTES];
  guint8 *end = block + TRK_BLOCK_HEADER_BYTES;
  gsize n_name = strlen (name);
  TrkBlockHeader header = { .magic = TRK_BLOCK_MAGIC,
                            .header_size = TRK_BLOCK_HEADER_BYTES,
                            .type = TRK_BLOCK_MARKS,
                            .clock = TRK_CLOCK_MONOTONIC,
                            .thread_id = TRK_THREAD_ID_PROCESS,
                            .n_records = 1,
                            .first_ticks = (guint64) time_ns,
                            .last_ticks = (guint64) time_ns,
                            .open_pair_ticks = (guint64) time_ns,
                            .open_pair_ns = (guint64) time_ns,
                            .seal_pair_ticks = (guint64) time_ns,
                            .seal_pair_ns = (guint64) time_ns };

  end = trk_varint_put (end, kind);
  end = trk_varint_put (end, 0);
  end = trk_varint_put (end, n_name);
  memcpy (end, name, n_name);
  end += n_name;
  header.payload_bytes = (guint32) (end - block) - TRK_BLOCK_HEADER_BYTES;
  header.block_number = number;
  header.checksum =
      trk_block_checksum (&header, block + TRK_BLOCK_HEADER_BYTES, header.payload_bytes);
  memcpy (block, &header, sizeof header);
  return append (fd, block, (gsize) (end - block));
}

static gboolean
set_error (GError **error, int number)
{
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (number), TRK_MARKS_FILE_NAME ": %s",
               g_strerror (number));
  return FALSE;
}

/* Several may mark at once, each for a moment; but who was given the file to read may hold its lock for good. */
static gboolean
lock (int fd)
{
  gint64 until_us = g_get_monotonic_time () + LOCK_WAIT_US;

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if ((errno != EWOULDBLOCK && errno != EINTR) || g_get_monotonic_time () >= until_us)
        return FALSE;
      g_usleep (LOOK_EVERY_US);
    }
  return TRUE;
}

static gboolean
write_locked (int fd, int dir_fd, TrkMarkKind kind, const char *name, gint64 *at_ns, GError **error)
{
  struct stat status;
  guint32 n_marks;

  if (!lock (fd) || fstat (fd, &status) != 0)
    return set_error (error, errno);
  if (!S_ISREG (status.st_mode))
    return set_error (error, EINVAL);
  if (status.st_size == 0 && !write_header (fd, dir_fd))
    return set_error (error, errno);
  n_marks = count_marks (fd, (guint64) status.st_size);
  if (n_marks >= TRK_MAX_MARKS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "the trace has as many marks as it takes");
      return FALSE;
    }
  *at_ns = now_ns ();
  return append_mark (fd, n_marks, kind, name, *at_ns) || set_error (error, errno);
}

gboolean
ms_mark_write_at (int dir_fd, TrkMarkKind kind, const char *name, gint64 *time_ns, GError **error)
{
  gint64 start_ns = ms_mark_read_start_ns (dir_fd), at_ns = 0;
  gboolean is_named = kind == TRK_MARK_PLAIN || kind == TRK_MARK_SNAPSHOT;
  g_autofree char *cut =
      is_named ? g_strdup (name)
               : g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), MAX_CHARS));
  gboolean is_written;
  int fd;

  if (is_named && !ms_mark_name_is_valid (name))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "a mark's name has 1 to %d characters, none of them a control character",
                   MAX_CHARS);
      return FALSE;
    }
  fd = openat (dir_fd, TRK_MARKS_FILE_NAME,
               O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  if (fd < 0)
    return set_error (error, errno);
  is_written = write_locked (fd, dir_fd, kind, cut, &at_ns, error);
  close (fd);
  *time_ns = start_ns > 0 ? at_ns - start_ns : 0;
  return is_written;
}

/* Of samples of every so many bytes, of a share of them, or of none. */
static char *
describe_sampling (const MsControl *control)
{
  if (control->sample_interval_bytes > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", control->sample_interval_bytes);
  if (control->sampling_rate < 1)
    return g_strdup_printf ("%.3g %%", 100 * control->sampling_rate);
  return g_strdup ("all");
}

void
ms_control_mark_change_at (int dir_fd, const MsControl *before, const MsControl *now)
{
  g_autofree char *sampled_before = describe_sampling (before);
  g_autofree char *sampled = describe_sampling (now);
  gint64 time_ns;

  if (before->is_on != now->is_on)
    ms_mark_write_at (dir_fd, now->is_on ? TRK_MARK_STARTED : TRK_MARK_STOPPED, "", &time_ns, NULL);
  if (strcmp (before->rule, now->rule) != 0)
    ms_mark_write_at (dir_fd, TRK_MARK_THREAD_RULE, now->rule, &time_ns, NULL);
  if (strcmp (sampled_before, sampled) != 0)
    ms_mark_write_at (dir_fd, TRK_MARK_SAMPLING, sampled, &time_ns, NULL);
}
