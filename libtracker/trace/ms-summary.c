/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ms-cache-folder.h"
#include "ms-diagnostic.h"
#include "ms-process-state.h"
#include "ms-summary-file.h"
#include "ms-summary-model.h"

#define OFF_VARIABLE "MEMSCOPE_NO_CACHE"
#define KIND "summary"
#define NEW_NAME TRK_SUMMARY_FILE_NAME ".new"
/* A writer is done in less; after that it is dead. */
#define ABANDONED_S 60

guint64 ms_summary_min_event_bytes = 2 * 1000 * 1000;

/* --- whether --------------------------------------------------------------------------------------- */

static gboolean
has_enough_events (int dir_fd)
{
  const guint64 enough = ms_summary_min_event_bytes;
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;
  guint64 n_bytes = 0;
  struct stat status;

  if (dir == NULL && fd >= 0)
    close (fd);
  while (dir != NULL && n_bytes < enough && (entry = readdir (dir)))
    if (g_str_has_prefix (entry->d_name, "memscope_thread_")
        && g_str_has_suffix (entry->d_name, ".bin")
        && fstatat (dir_fd, entry->d_name, &status, 0) == 0 && S_ISREG (status.st_mode))
      n_bytes += (guint64) status.st_size;
  if (dir != NULL)
    closedir (dir);
  return n_bytes >= enough;
}

gboolean
ms_summary_is_switched_off (void)
{
  const char *value = g_getenv (OFF_VARIABLE);

  return value != NULL && *value != '\0' && strcmp (value, "0") != 0;
}

/* --- reading --------------------------------------------------------------------------------------- */

typedef struct {
  guint8 *bytes; /* NULL: none that fits */
  gsize n_bytes;
} Found;

static gboolean
read_fully (int fd, guint8 *bytes, gsize n_bytes)
{
  gsize done = 0;

  while (done < n_bytes)
    {
      ssize_t n = pread (fd, bytes + done, n_bytes - done, (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}

/* Takes @fd. */
static MsSummaryFit
read_file (int fd, const guint8 trace_id[16], const MsFolderDigest *inputs, Found *found)
{
  MsSummaryFit fit = MS_SUMMARY_DAMAGED;
  MsSummaryHeader header;
  struct stat status;

  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
      && status.st_size >= (off_t) sizeof header
      && read_fully (fd, (guint8 *) &header, sizeof header))
    fit = ms_summary_file_check_header (&header, trace_id, inputs);
  if (fit == MS_SUMMARY_FITS)
    {
      fit = MS_SUMMARY_DAMAGED;
      found->n_bytes = header.n_bytes;
      if (header.n_bytes == (guint64) status.st_size && header.n_bytes <= MS_SUMMARY_MAX_BYTES)
        found->bytes = g_try_malloc (found->n_bytes);
      if (found->bytes != NULL && read_fully (fd, found->bytes, found->n_bytes))
        fit = MS_SUMMARY_FITS;
    }
  close (fd);
  return fit;
}

/* A link could lead out of the folder, and is none of ours. */
static Found
find_summary (int dir_fd, const guint8 trace_id[16], MsSummaryInputs *inputs)
{
  g_autoptr (MsCacheFolder) cache = NULL;
  Found found = { 0 };
  int fd = openat (dir_fd, TRK_SUMMARY_FILE_NAME,
                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

  if (fd >= 0)
    inputs->is_damaged = read_file (fd, trace_id, &inputs->digest, &found) == MS_SUMMARY_DAMAGED;
  if (fd >= 0 && found.bytes != NULL && !inputs->is_damaged)
    return found;
  g_clear_pointer (&found.bytes, g_free);
  cache = ms_cache_folder_new_for_user (NULL);
  fd = cache != NULL ? ms_cache_folder_open (cache, &inputs->digest, KIND, NULL) : -1;
  if (fd >= 0 && read_file (fd, trace_id, &inputs->digest, &found) != MS_SUMMARY_FITS)
    g_clear_pointer (&found.bytes, g_free);
  return found;
}

/* What costs little and is read anew: see ms-summary-model.h.  FALSE: better read everything. */
static gboolean
read_tables (MsTrace *trace, int dir_fd, GCancellable *cancellable)
{
  g_autoptr (MsBlockIndex) index = ms_block_index_new (dir_fd, trace->diagnostics);

  ms_block_index_set_trace_id (index, trace->manifest.trace_id);
  if (!ms_block_index_scan_tables (index, cancellable, NULL))
    return FALSE;
  trace->pool_is_gone = index->pool_is_gone && !trace->manifest.closed;
  ms_trace_describe_process (trace, index);
  if (ms_state_may_go_on (trace->state))
    return FALSE;
  ms_stack_table_load (&trace->stack_table, index);
  ms_module_table_load (&trace->module_table, index);
  ms_module_table_drop_own_frames (&trace->module_table, &trace->stack_table);
  return TRUE;
}

/* From the summary in the folder, if nothing was touched since it was written, at the cost of a few calls; else
 * by reading the header of every block, which takes seconds where nothing is in the page cache. */
static gboolean
find_digest (int dir_fd, MsFolderDigest *digest, GCancellable *cancellable)
{
  int fd = openat (dir_fd, TRK_SUMMARY_FILE_NAME,
                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  MsFolderDigest stamp;
  MsSummaryHeader header;
  gboolean found = fd >= 0 && ms_folder_stamp_compute (&stamp, dir_fd, NULL)
                   && read_fully (fd, (guint8 *) &header, sizeof header)
                   && ms_summary_file_is_header (&header)
                   && ms_folder_digest_equal (&header.stamp, &stamp);

  if (fd >= 0)
    close (fd);
  if (!found)
    return ms_folder_digest_compute (digest, dir_fd, cancellable, NULL);
  *digest = header.inputs;
  return TRUE;
}

static gboolean
still_runs (const MsManifest *manifest)
{
  return manifest->state == MS_STATE_RUNNING
         && (manifest->is_watched || ms_state_may_go_on (ms_process_look (manifest)));
}

MsTrace *
ms_summary_load (const char *folder,
                 int dir_fd,
                 MsLoadFlags flags,
                 MsSummaryInputs *inputs,
                 GCancellable *cancellable)
{
  g_autoptr (MsTrace) trace = g_object_new (MS_TYPE_TRACE, NULL);
  g_autofree guint8 *bytes = NULL;
  Found found;

  memset (inputs, 0, sizeof *inputs);
  trace->folder = g_strdup (folder);
  trace->diagnostics = ms_diagnostics_new ();
  if (flags != MS_LOAD_FIGURES || ms_summary_is_switched_off () || !has_enough_events (dir_fd)
      || !ms_manifest_read (&trace->manifest, dir_fd, trace->diagnostics, NULL)
      || !trace->manifest.present || !trace->manifest.has_trace_id || still_runs (&trace->manifest)
      || !find_digest (dir_fd, &inputs->digest, cancellable))
    return NULL;
  inputs->is_wanted = TRUE;
  memcpy (trace->trace_id, trace->manifest.trace_id, sizeof trace->trace_id);
  found = find_summary (dir_fd, trace->trace_id, inputs);
  bytes = found.bytes;
  if (bytes == NULL || !read_tables (trace, dir_fd, cancellable)
      || g_cancellable_is_cancelled (cancellable))
    return NULL;
  if (ms_summary_model_decode (trace, bytes, found.n_bytes))
    return g_steal_pointer (&trace);
  inputs->is_damaged = TRUE;
  return NULL;
}

/* --- writing --------------------------------------------------------------------------------------- */

static gboolean
write_fully (int fd, const guint8 *bytes, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      ssize_t n = write (fd, bytes, n_bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      n_bytes -= (gsize) n;
    }
  return TRUE;
}

/* Others' folders are left as they are, even by who could write to them. */
static gboolean
is_own_folder (int dir_fd)
{
  struct stat status;

  return fstat (dir_fd, &status) == 0 && status.st_uid == geteuid ();
}

/* Whoever has the new file writes it; a second writer, which has the same to say, leaves. */
static int
begin_new_file (int dir_fd)
{
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  int fd = openat (dir_fd, NEW_NAME, flags, 0644);
  struct stat status;

  if (fd >= 0 || errno != EEXIST || fstatat (dir_fd, NEW_NAME, &status, AT_SYMLINK_NOFOLLOW) != 0
      || ABS (time (NULL) - status.st_mtim.tv_sec) < ABANDONED_S
      || unlinkat (dir_fd, NEW_NAME, 0) != 0)
    return fd;
  return openat (dir_fd, NEW_NAME, flags, 0644);
}

/* Not synced: what a crash of the machine leaves of it fails its checks. */
static gboolean
write_to_folder (int dir_fd, const GByteArray *file)
{
  gboolean done;
  int fd;

  if (!is_own_folder (dir_fd))
    return FALSE;
  fd = begin_new_file (dir_fd);
  if (fd < 0)
    return errno == EEXIST;
  done = write_fully (fd, file->data, file->len);
  done = close (fd) == 0 && done;
  if (done && renameat (dir_fd, NEW_NAME, dir_fd, TRK_SUMMARY_FILE_NAME) == 0)
    return TRUE;
  unlinkat (dir_fd, NEW_NAME, 0);
  return FALSE;
}

static void
write_to_cache (const MsFolderDigest *digest, const GByteArray *file)
{
  g_autoptr (MsCacheFolder) cache = ms_cache_folder_new_for_user (NULL);
  g_autoptr (MsCacheEntry) entry = NULL;
  g_autoptr (GError) error = NULL;

  if (cache != NULL)
    entry = ms_cache_folder_begin (cache, digest, KIND, file->len, &error);
  if (entry != NULL && write_fully (ms_cache_entry_get_fd (entry), file->data, file->len))
    ms_cache_entry_commit (entry, &error);
  if (error != NULL)
    g_debug ("no summary in the cache: %s", error->message);
}

/* @loaded: of the inputs that the trace was loaded from; NULL: they cannot have changed.  The stamp comes first:
 * what is touched after it makes another one, whatever the digest still saw of that. */
static void
write_summary (MsTrace *trace, int dir_fd, const MsFolderDigest *loaded)
{
  g_autoptr (GByteArray) file = NULL;
  MsFolderDigest stamp, digest;

  if (!ms_folder_stamp_compute (&stamp, dir_fd, NULL)
      || !ms_folder_digest_compute (&digest, dir_fd, NULL, NULL)
      || (loaded != NULL && !ms_folder_digest_equal (&digest, loaded)))
    return;
  file = ms_summary_model_encode (trace, &digest, &stamp);
  if (file->len <= MS_SUMMARY_MAX_BYTES && !write_to_folder (dir_fd, file))
    write_to_cache (&digest, file);
}

/* The manifest's totals, which come last, have a loader look for more: where it would find something, a
 * reader will. */
static gboolean
reads_the_same_when_closed (const MsTrace *trace)
{
  return trace->module_table.modules->len > 0 || trace->stack_table.frames->len == 0;
}

void
ms_trace_write_summary (MsTrace *self)
{
  int dir_fd;

  g_return_if_fail (MS_IS_TRACE (self));
  /* A ring is short, and its kept times are in none. */
  if (ms_summary_is_switched_off () || ms_state_may_go_on (self->state)
      || self->manifest.ring_bytes > 0 || !reads_the_same_when_closed (self))
    return;
  dir_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return;
  if (has_enough_events (dir_fd))
    write_summary (self, dir_fd, NULL);
  close (dir_fd);
}

void
ms_summary_keep (MsTrace *trace, int dir_fd, const MsSummaryInputs *inputs)
{
  if (inputs->is_wanted && !ms_state_may_go_on (trace->state) && trace->manifest.ring_bytes == 0)
    write_summary (trace, dir_fd, &inputs->digest);
  if (inputs->is_damaged)
    ms_diagnostics_add (
        trace->diagnostics, MS_DIAGNOSTIC_WARNING, TRK_SUMMARY_FILE_NAME, 0,
        "The summary is damaged and was not used; it is made again from the events.");
}
