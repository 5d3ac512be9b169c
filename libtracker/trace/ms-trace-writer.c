/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "trk-checksum.h"
#include "trk-stack-codec.h"

/* Payload of a block of stacks or modules. */
#define TABLE_BLOCK_BYTES (64U << 10)
/* How often the file system is asked what is left. */
#define SPACE_CHECK_BYTES ((guint64) 32 << 20)

/* A block of records that are packed one behind the other. */
typedef struct {
  guint8 *block; /* header and payload */
  guint8 *cursor;
  guint32 n_records, block_number;
} TableBlock;

struct _MsTraceWriter {
  char *final_folder, *folder; /* folder NULL: finished */
  int dir_fd;
  guint8 trace_id[16];
  char trace_id_text[33];
  guint64 spared_bytes, n_bytes, next_check_bytes;
  char *open_name; /* of the file that was written last: events come in long runs */
  int open_fd;
  GError *error; /* the first */
  TableBlock stacks, modules;
  guint64 previous_frames[TRK_MAX_STACK_DEPTH];
  guint previous_depth;
};

static void
table_init (TableBlock *self)
{
  self->block = g_malloc0 (TRK_BLOCK_HEADER_BYTES + TABLE_BLOCK_BYTES);
  self->cursor = self->block + TRK_BLOCK_HEADER_BYTES;
}

static void
choose_trace_id (MsTraceWriter *self)
{
  for (guint i = 0; i < sizeof self->trace_id; i++)
    {
      self->trace_id[i] = (guint8) g_random_int ();
      g_snprintf (self->trace_id_text + 2 * i, 3, "%02x", self->trace_id[i]);
    }
}

MsTraceWriter *
ms_trace_writer_new (const char *folder, guint64 spared_bytes, GError **error)
{
  g_autofree char *template = g_strconcat (folder, ".new-XXXXXX", NULL);
  MsTraceWriter *self;

  if (g_mkdtemp (template) == NULL)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                   "%s: its folder cannot be made: %s", folder, g_strerror (code));
      return NULL;
    }
  self = g_new0 (MsTraceWriter, 1);
  self->final_folder = g_strdup (folder);
  self->folder = g_steal_pointer (&template);
  self->dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->dir_fd >= 0)
    (void) flock (self->dir_fd, LOCK_SH | LOCK_NB); /* alive, for who removes abandoned ones */
  self->open_fd = -1;
  self->spared_bytes = spared_bytes;
  choose_trace_id (self);
  table_init (&self->stacks);
  table_init (&self->modules);
  return self;
}

static void
close_file (MsTraceWriter *self)
{
  if (self->open_fd >= 0)
    close (self->open_fd);
  self->open_fd = -1;
  g_clear_pointer (&self->open_name, g_free);
}

void
ms_trace_writer_free (MsTraceWriter *self)
{
  close_file (self);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
  if (self->folder != NULL)
    ms_trace_folder_remove (self->folder);
  g_clear_error (&self->error);
  g_free (self->stacks.block);
  g_free (self->modules.block);
  g_free (self->final_folder);
  g_free (self->folder);
  g_free (self);
}

const char *
ms_trace_writer_get_trace_id (const MsTraceWriter *self)
{
  return self->trace_id_text;
}

guint64
ms_trace_writer_get_n_bytes (const MsTraceWriter *self)
{
  return self->n_bytes;
}

const char *
ms_trace_writer_get_folder (const MsTraceWriter *self)
{
  return self->folder;
}

/* --- bytes --------------------------------------------------------------------------------------- */

static void
remember_error (MsTraceWriter *self, const char *name, int code)
{
  if (self->error == NULL)
    self->error =
        g_error_new (G_IO_ERROR, g_io_error_from_errno (code), "%s/%s cannot be written: %s",
                     self->folder, name, g_strerror (code));
}

static void
check_space (MsTraceWriter *self)
{
  struct statvfs status;

  if (self->spared_bytes == 0 || self->n_bytes < self->next_check_bytes)
    return;
  self->next_check_bytes = self->n_bytes + SPACE_CHECK_BYTES;
  if (fstatvfs (self->dir_fd, &status) == 0
      && (guint64) status.f_bavail * status.f_frsize < self->spared_bytes + SPACE_CHECK_BYTES)
    remember_error (self, "", ENOSPC);
}

static void
put_bytes (MsTraceWriter *self, const void *bytes, gsize n_bytes)
{
  const guint8 *p = bytes;

  self->n_bytes += n_bytes;
  while (n_bytes > 0 && self->error == NULL)
    {
      gssize n = write (self->open_fd, p, n_bytes);

      if (n < 0 && errno != EINTR)
        remember_error (self, self->open_name, errno);
      if (n <= 0)
        continue;
      p += n;
      n_bytes -= (gsize) n;
    }
}

/* Makes @name the open file; a new one gets its header. */
static void
use_file (MsTraceWriter *self, const char *name, TrkFileKind kind)
{
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = (uint16_t) kind };

  if (self->error != NULL || g_strcmp0 (self->open_name, name) == 0)
    return;
  close_file (self);
  self->open_fd = openat (self->dir_fd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (self->open_fd < 0)
    {
      remember_error (self, name, errno);
      return;
    }
  self->open_name = g_strdup (name);
  if (lseek (self->open_fd, 0, SEEK_END) > 0)
    return;
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, self->trace_id, sizeof header.trace_id);
  put_bytes (self, &header, sizeof header);
}

void
ms_trace_writer_append_block (MsTraceWriter *self,
                              const char *name,
                              TrkFileKind kind,
                              TrkBlockHeader *block,
                              guint32 n_bytes)
{
  block->magic = TRK_BLOCK_MAGIC;
  block->header_size = TRK_BLOCK_HEADER_BYTES;
  block->clock = TRK_CLOCK_MONOTONIC;
  block->payload_bytes = n_bytes;
  block->open_pair_ticks = block->open_pair_ns = block->first_ticks;
  block->seal_pair_ticks = block->seal_pair_ns = block->last_ticks;
  block->checksum = 0;
  block->checksum = trk_block_checksum (block, block + 1, n_bytes);
  use_file (self, name, kind);
  if (self->error == NULL)
    put_bytes (self, block, TRK_BLOCK_HEADER_BYTES + n_bytes);
  check_space (self);
}

/* --- stacks and modules --------------------------------------------------------------------------- */

static void
flush_table (MsTraceWriter *self,
             TableBlock *table,
             TrkBlockType type,
             const char *name,
             TrkFileKind kind)
{
  TrkBlockHeader *block = (TrkBlockHeader *) (gpointer) table->block;

  if (table->n_records == 0)
    return;
  memset (block, 0, sizeof *block);
  block->type = (uint8_t) type;
  block->thread_id = type == TRK_BLOCK_STACKS ? 0 : TRK_THREAD_ID_PROCESS;
  block->block_number = table->block_number++;
  block->n_records = table->n_records;
  ms_trace_writer_append_block (self, name, kind, block,
                                (guint32) (table->cursor - table->block - TRK_BLOCK_HEADER_BYTES));
  table->n_records = 0;
  table->cursor = table->block + TRK_BLOCK_HEADER_BYTES;
}

static void
flush_stacks (MsTraceWriter *self)
{
  flush_table (self, &self->stacks, TRK_BLOCK_STACKS, TRK_STACKS_FILE_NAME, TRK_FILE_STACKS);
  self->previous_depth = 0;
}

static void
flush_modules (MsTraceWriter *self)
{
  flush_table (self, &self->modules, TRK_BLOCK_MODULES, TRK_MODULES_FILE_NAME, TRK_FILE_MODULES);
}

static gboolean
table_has_room (const TableBlock *table, gsize n_bytes)
{
  return (gsize) (table->cursor - table->block) + n_bytes
         <= TRK_BLOCK_HEADER_BYTES + TABLE_BLOCK_BYTES;
}

void
ms_trace_writer_put_stack (MsTraceWriter *self,
                           guint32 id,
                           guint32 generation,
                           const guint64 *frames,
                           guint depth,
                           gboolean truncated)
{
  if (!table_has_room (&self->stacks, TRK_STACK_RECORD_MAX_BYTES (depth)))
    flush_stacks (self);
  self->stacks.cursor =
      trk_stack_encode (self->stacks.cursor, self->stacks.n_records ? self->previous_frames : NULL,
                        self->previous_depth, id, generation, frames, depth, truncated);
  memcpy (self->previous_frames, frames, depth * sizeof *frames);
  self->previous_depth = depth;
  self->stacks.n_records++;
}

void
ms_trace_writer_put_module (MsTraceWriter *self, const TrkModuleRecord *record)
{
  if (!table_has_room (&self->modules, TRK_MODULE_RECORD_MAX_BYTES))
    flush_modules (self);
  self->modules.cursor = trk_module_encode (self->modules.cursor, record);
  self->modules.n_records++;
}

/* --- end ------------------------------------------------------------------------------------------ */

gboolean
ms_trace_writer_check (MsTraceWriter *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  if (error != NULL && *error == NULL)
    *error = g_error_copy (self->error);
  return FALSE;
}

static gboolean
put_manifest (MsTraceWriter *self, const char *manifest, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, TRK_MANIFEST_FILE_NAME, NULL);

  return g_file_set_contents_full (path, manifest, -1, G_FILE_SET_CONTENTS_NONE, 0666, error);
}

/* As mkdir() would have made it; mkdtemp() is for secrets.  It is asked with a folder of its own, as umask() can
 * only be read by changing it, for all threads. */
static void
open_for_others (MsTraceWriter *self)
{
  static const char name[] = "memscope_mode";
  struct stat status;

  if (mkdirat (self->dir_fd, name, 0777) != 0)
    return;
  if (fstatat (self->dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
    (void) fchmod (self->dir_fd, status.st_mode & 0777);
  (void) unlinkat (self->dir_fd, name, AT_REMOVEDIR);
}

static gboolean
is_of_trace (const char *name)
{
  return strcmp (name, ".") == 0 || strcmp (name, "..") == 0
         || g_str_has_prefix (name, "memscope_");
}

/* NULL: it is no folder, or something is in it that is not of a trace. */
static DIR *
open_trace_alone (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (dir == NULL && fd >= 0)
    close (fd);
  while (dir != NULL && (entry = readdir (dir)))
    if (!is_of_trace (entry->d_name))
      g_clear_pointer (&dir, closedir);
  if (dir != NULL)
    rewinddir (dir);
  return dir;
}

/* The two change places at once, so that whoever opens @final_folder finds the one or the other.  Where the file system
 * cannot do that, there is a moment without either. */
static gboolean
exchange (MsTraceWriter *self)
{
  g_autofree char *aside = NULL;

  if (renameat2 (AT_FDCWD, self->folder, AT_FDCWD, self->final_folder, RENAME_EXCHANGE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  aside = g_strconcat (self->folder, ".old", NULL);
  if (rename (self->final_folder, aside) != 0)
    return FALSE;
  if (rename (self->folder, self->final_folder) == 0)
    return rename (aside, self->folder) == 0;
  (void) rename (aside, self->final_folder);
  return FALSE;
}

/* 0, or why not: an errno.  What stood there before has the temporary name then, and goes. */
static int
take_place (MsTraceWriter *self)
{
  DIR *before = open_trace_alone (self->final_folder);
  int code = 0;

  if (before == NULL)
    return EEXIST;
  closedir (before);
  if (!exchange (self))
    return errno;
  if (!ms_trace_folder_remove (self->folder))
    code = exchange (self) ? EEXIST : 0;
  return code;
}

gboolean
ms_trace_writer_finish (MsTraceWriter *self, const char *manifest, gboolean replace, GError **error)
{
  int code;

  flush_stacks (self);
  flush_modules (self);
  close_file (self);
  if (!ms_trace_writer_check (self, error) || !put_manifest (self, manifest, error))
    return FALSE;
  open_for_others (self);
  replace = replace && access (self->final_folder, F_OK) == 0;
  if (replace)
    code = take_place (self);
  else
    code = rename (self->folder, self->final_folder) == 0 ? 0 : errno;
  if (code == 0)
    {
      g_clear_pointer (&self->folder, g_free);
      return TRUE;
    }
  if (replace && code == EEXIST)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                 "%s: not replaced: it holds other things than one trace", self->final_folder);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code == ENOTEMPTY ? EEXIST : code),
                 "%s: %s", self->final_folder, g_strerror (code == ENOTEMPTY ? EEXIST : code));
  return FALSE;
}

gboolean
ms_trace_folder_remove (const char *folder)
{
  DIR *dir = open_trace_alone (folder);
  const struct dirent *entry;

  if (dir == NULL)
    return FALSE;
  while ((entry = readdir (dir)))
    if (g_str_has_prefix (entry->d_name, "memscope_"))
      (void) unlinkat (dirfd (dir), entry->d_name, 0);
  closedir (dir);
  return rmdir (folder) == 0;
}
