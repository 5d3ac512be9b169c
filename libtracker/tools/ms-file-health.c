/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Follows docs/FORMAT.md, "Rules for readers": no length is believed before it is checked, and after
 * damage reading goes on at the next header whose checksum is right.
 */
#include "ms-file-health.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-summary-file.h"
#include "trk-checksum.h"

#define SEARCH_BYTES 65536U
#define MAX_LANES 1000000U

static void
health_free (MsFileHealth *self)
{
  g_free (self->name);
  g_free (self->problem);
  g_free (self);
}

static gboolean
read_at (int fd, guint64 position, gpointer data, gsize n_bytes)
{
  gsize done = 0;

  while (done < n_bytes)
    {
      ssize_t n = pread (fd, (guint8 *) data + done, n_bytes - done, (off_t) (position + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}

static const char *
kind_name (guint kind)
{
  static const char *const names[] = {
    [TRK_FILE_EVENTS] = "events",       [TRK_FILE_STACKS] = "call stacks",
    [TRK_FILE_MODULES] = "modules",     [TRK_FILE_POOL] = "windows",
    [TRK_FILE_FREQUENCY] = "frequency", [TRK_FILE_RESOURCES] = "resources",
    [TRK_FILE_SUMMARY] = "summary",     [TRK_FILE_CONTROL] = "control",
    [TRK_FILE_NAMES] = "names",
  };

  return kind < G_N_ELEMENTS (names) ? names[kind] : NULL;
}

/* --- files of blocks ------------------------------------------------------------------------- */

typedef enum { BLOCK_WHOLE, BLOCK_CUT, BLOCK_DAMAGED } BlockState;

/* @buffer has room for TRK_MAX_BLOCK_BYTES. */
static BlockState
read_block (int fd, guint64 position, guint64 size, guint8 *buffer, TrkBlockHeader *header)
{
  if (size - position < sizeof *header)
    return BLOCK_CUT;
  if (!read_at (fd, position, header, sizeof *header) || header->magic != TRK_BLOCK_MAGIC
      || header->header_size < sizeof *header
      || (guint64) header->header_size + header->payload_bytes > TRK_MAX_BLOCK_BYTES)
    return BLOCK_DAMAGED;
  if (header->header_size + (guint64) header->payload_bytes > size - position)
    return BLOCK_CUT;
  if (!read_at (fd, position + header->header_size, buffer, header->payload_bytes)
      || trk_block_checksum (header, buffer, header->payload_bytes) != header->checksum)
    return BLOCK_DAMAGED;
  return BLOCK_WHOLE;
}

/* Position of the next magic at or after @position, or @size. */
static guint64
find_magic (int fd, guint64 position, guint64 size)
{
  const guint32 magic = GUINT32_TO_LE (TRK_BLOCK_MAGIC);
  g_autofree guint8 *buffer = g_malloc (SEARCH_BYTES);

  while (size - position >= sizeof magic)
    {
      gsize n = (gsize) MIN (SEARCH_BYTES, size - position);
      const guint8 *found;

      if (!read_at (fd, position, buffer, n))
        return size;
      found = memmem (buffer, n, &magic, sizeof magic);
      if (found != NULL)
        return position + (guint64) (found - buffer);
      position += n - (sizeof magic - 1); /* it may lie across two pieces */
    }
  return size;
}

static void
scan_blocks (MsFileHealth *self, int fd, guint64 position)
{
  g_autofree guint8 *buffer = g_malloc (TRK_MAX_BLOCK_BYTES);
  gboolean is_lost = FALSE; /* inside a stretch that is counted already */

  while (position < self->size_bytes)
    {
      TrkBlockHeader header;
      BlockState state = read_block (fd, position, self->size_bytes, buffer, &header);

      if (state == BLOCK_WHOLE)
        {
          self->n_blocks++;
          self->n_records += header.n_records;
          position += header.header_size + header.payload_bytes;
          is_lost = FALSE;
          continue;
        }
      guint64 next = find_magic (fd, position + 1, self->size_bytes);

      if (state == BLOCK_CUT && next == self->size_bytes && !is_lost)
        self->is_cut = TRUE;
      else if (!is_lost)
        self->n_damaged++;
      is_lost = TRUE;
      position = next;
    }
}

/* --- the pool -------------------------------------------------------------------------------- */

static void
scan_window (MsFileHealth *self, guint32 n_bytes, guint32 window_bytes)
{
  if (n_bytes == 0)
    return;
  if (n_bytes > window_bytes || n_bytes < TRK_BLOCK_HEADER_BYTES)
    {
      self->n_damaged++;
      return;
    }
  if (n_bytes == TRK_BLOCK_HEADER_BYTES)
    return; /* opened, nothing in it */
  self->n_blocks++;
  self->window_bytes += n_bytes - TRK_BLOCK_HEADER_BYTES;
}

static void
scan_pool (MsFileHealth *self, int fd)
{
  TrkPoolHeader pool;

  if (!read_at (fd, 0, &pool, sizeof pool) || pool.lane_bytes < sizeof (TrkLane)
      || pool.n_lanes > MAX_LANES)
    {
      self->problem = g_strdup ("its header is damaged");
      return;
    }
  for (guint32 i = 0; i < pool.n_lanes; i++)
    {
      guint64 position = pool.pool_header_bytes + (guint64) i * pool.lane_bytes;
      TrkLane lane;

      if (!read_at (fd, position, &lane, sizeof lane))
        {
          self->is_cut = TRUE;
          return;
        }
      scan_window (self, lane.stacks.committed, pool.stack_window_bytes);
      for (guint window = 0; window < TRK_EVENT_WINDOWS; window++)
        scan_window (self, trk_committed_bytes (lane.events[window].committed),
                     pool.event_window_bytes);
    }
  if (pool.failed_writes > 0)
    self->problem = g_strdup_printf ("the file system refused %" G_GUINT64_FORMAT " blocks: %s",
                                     pool.failed_writes, g_strerror (pool.last_errno));
}

static void
scan_summary (MsFileHealth *self, int fd)
{
  g_autofree guint8 *bytes =
      self->size_bytes <= MS_SUMMARY_MAX_BYTES ? g_malloc (self->size_bytes) : NULL;

  if (bytes == NULL || !read_at (fd, 0, bytes, self->size_bytes)
      || !ms_summary_file_is_whole (bytes, self->size_bytes))
    self->problem = g_strdup ("damaged: it is not used, and made again from the events");
}

/* --- one file -------------------------------------------------------------------------------- */

static void
scan_file (MsFileHealth *self, int fd)
{
  TrkFileHeader header;

  if (self->size_bytes < sizeof header || !read_at (fd, 0, &header, sizeof header)
      || memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) != 0)
    {
      if (g_str_has_prefix (self->name, "memscope_"))
        self->problem = g_strdup (self->size_bytes == 0 ? "empty" : "not a file of Memscope's");
      return;
    }
  self->kind = kind_name (header.kind);
  if (header.version_major != TRK_VERSION_MAJOR
      || (header.incompatible & ~TRK_INCOMPATIBLE_KNOWN) != 0)
    {
      self->problem = g_strdup_printf ("format version %u.%u, which this Memscope cannot read",
                                       header.version_major, header.version_minor);
      return;
    }
  if (self->kind == NULL)
    {
      self->problem =
          g_strdup_printf ("of kind %u, which this Memscope does not know", header.kind);
      return;
    }
  self->has_trace_id = header.kind != TRK_FILE_CONTROL;
  memcpy (self->trace_id, header.trace_id, sizeof self->trace_id);
  self->has_blocks = header.kind != TRK_FILE_CONTROL && header.kind != TRK_FILE_SUMMARY;
  if (header.kind == TRK_FILE_POOL)
    scan_pool (self, fd);
  else if (header.kind == TRK_FILE_SUMMARY)
    scan_summary (self, fd);
  else if (self->has_blocks && header.header_size >= sizeof header)
    scan_blocks (self, fd, header.header_size);
}

static MsFileHealth *
health_new (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  /* The pool of a running recording is a link into memory. */
  gboolean is_pool = g_str_equal (name, TRK_POOL_FILE_NAME);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (is_pool ? 0 : O_NOFOLLOW));
  struct stat st;
  MsFileHealth *self;

  if (fd >= 0 && (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode)))
    {
      close (fd);
      return NULL;
    }
  if (fd < 0 && !g_str_has_prefix (name, "memscope_"))
    return NULL;
  self = g_new0 (MsFileHealth, 1);
  self->name = g_strdup (name);
  if (fd < 0)
    {
      self->is_gone = is_pool && errno == ENOENT;
      if (self->is_gone)
        self->kind = kind_name (TRK_FILE_POOL);
      else
        self->problem = g_strdup (g_strerror (errno));
      return self;
    }
  self->size_bytes = (guint64) st.st_size;
  if (g_str_equal (name, TRK_MANIFEST_FILE_NAME))
    self->kind = "manifest";
  else if (g_str_equal (name, TRK_RECORDING_FILE_NAME))
    self->kind = "process list";
  else
    scan_file (self, fd);
  close (fd);
  return self;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(MsFileHealth *const *) a)->name, (*(MsFileHealth *const *) b)->name);
}

GPtrArray *
ms_file_health_scan (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  GPtrArray *files;
  const char *name;

  if (dir == NULL)
    return NULL;
  files = g_ptr_array_new_with_free_func ((GDestroyNotify) health_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      MsFileHealth *health = health_new (folder, name);

      if (health != NULL)
        g_ptr_array_add (files, health);
    }
  g_ptr_array_sort (files, compare_names);
  return files;
}
