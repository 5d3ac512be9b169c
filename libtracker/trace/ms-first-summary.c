/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-first-summary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-block-walk.h"
#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-frequency.h"
#include "ms-manifest.h"
#include "ms-process-state.h"
#include "ms-trace.h"
#include "trk-checksum.h"
#include "trk-frequency-codec.h"

#define MAX_FREQUENCY_BYTES ((gsize) 1 << 28)

typedef struct {
  guint32 thread_id;
  gint32 tid;
  guint32 number;
  guint32 n_records;
  guint64 checksum;
} EventBlock;

typedef struct {
  gboolean fits, damaged; /* of all domains, in the first */
  guint64 allocations, bytes, frees;
} Counts;

typedef struct {
  int dir_fd;
  GCancellable *cancellable;
  MsManifest manifest;
  GArray *blocks;     /* of EventBlock */
  GPtrArray *counted; /* names of .freq files */
  gint64 last_ns;     /* CLOCK_MONOTONIC of the latest pair */
  Counts *counts;     /* MS_N_DOMAINS for each thread */
  MsFirstSummary *summary;
} Look;

void
ms_first_summary_free (MsFirstSummary *self)
{
  g_free (self->folder);
  g_free (self->program);
  g_free (self->threads);
  g_free (self);
}

static void
look_clear (Look *self)
{
  ms_manifest_clear (&self->manifest);
  g_clear_pointer (&self->blocks, g_array_unref);
  g_clear_pointer (&self->counted, g_ptr_array_unref);
  g_clear_pointer (&self->summary, ms_first_summary_free);
  g_free (self->counts);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Look, look_clear)

/* --- headers ------------------------------------------------------------------------------------- */

static gboolean
add_block (const TrkBlockHeader *header, gpointer user_data)
{
  Look *self = user_data;
  EventBlock block = { header->thread_id, header->tid, header->block_number, header->n_records,
                       header->checksum };

  if (header->type != TRK_BLOCK_EVENTS)
    return TRUE;
  g_array_append_val (self->blocks, block);
  if (header->seal_pair_ns < G_MAXINT64)
    self->last_ns = MAX (self->last_ns, (gint64) header->seal_pair_ns);
  return !g_cancellable_is_cancelled (self->cancellable);
}

static void
walk_file (Look *self, const char *name)
{
  int fd = openat (self->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  TrkFileHeader header;
  struct stat status;

  if (fd < 0)
    return;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
      && ms_block_walk_read_header (fd, &header) && header.version_major == TRK_VERSION_MAJOR
      && (!self->manifest.has_trace_id
          || memcmp (header.trace_id, self->manifest.trace_id, sizeof header.trace_id) == 0))
    ms_block_walk (fd, (guint64) status.st_size, header.header_size, add_block, self);
  close (fd);
}

static int
compare_blocks (gconstpointer a, gconstpointer b)
{
  const EventBlock *x = a, *y = b;

  if (x->thread_id != y->thread_id)
    return x->thread_id < y->thread_id ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static gboolean
walk_files (Look *self, GError **error)
{
  int fd = openat (self->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (dir == NULL && fd >= 0)
    close (fd);
  while (dir != NULL && (entry = readdir (dir)))
    if (g_str_has_prefix (entry->d_name, "memscope_thread_"))
      {
        if (g_str_has_suffix (entry->d_name, ".bin"))
          walk_file (self, entry->d_name);
        else if (g_str_has_suffix (entry->d_name, ".freq"))
          g_ptr_array_add (self->counted, g_strdup (entry->d_name));
      }
  if (dir != NULL)
    closedir (dir);
  g_array_sort (self->blocks, compare_blocks);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* --- threads ------------------------------------------------------------------------------------- */

/* [first, return value) are one thread's. */
static guint
end_of_thread (const Look *self, guint first)
{
  const EventBlock *blocks = (const EventBlock *) (gconstpointer) self->blocks->data;
  guint end = first;

  while (end < self->blocks->len && blocks[end].thread_id == blocks[first].thread_id)
    end++;
  return end;
}

static void
find_threads (Look *self)
{
  const EventBlock *blocks = (const EventBlock *) (gconstpointer) self->blocks->data;
  g_autoptr (GArray) threads = g_array_new (FALSE, TRUE, sizeof (MsFirstThread));
  guint n_kept = 0;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      MsFirstThread *last =
          threads->len > 0 ? &g_array_index (threads, MsFirstThread, threads->len - 1) : NULL;

      if (n_kept > 0 && compare_blocks (&blocks[n_kept - 1], &blocks[i]) == 0)
        continue; /* there twice */
      g_array_index (self->blocks, EventBlock, n_kept++) = blocks[i];
      if (last == NULL || last->id != blocks[i].thread_id)
        {
          g_array_set_size (threads, threads->len + 1);
          last = &g_array_index (threads, MsFirstThread, threads->len - 1);
          last->id = blocks[i].thread_id;
          last->tid = blocks[i].tid;
        }
      last->n_events += blocks[i].n_records;
      self->summary->n_events += blocks[i].n_records;
    }
  g_array_set_size (self->blocks, n_kept);
  self->summary->n_threads = threads->len;
  self->summary->threads =
      (MsFirstThread *) (gpointer) g_array_free (g_steal_pointer (&threads), FALSE);
}

/* --- counts -------------------------------------------------------------------------------------- */

/* As ms_frequency_digest(). */
static guint64
digest_of (const Look *self, guint first, guint end)
{
  g_autofree guint64 *checksums = g_new (guint64, end - first + 1);

  for (guint i = first; i < end; i++)
    checksums[i - first] = g_array_index (self->blocks, EventBlock, i).checksum;
  return trk_checksum (checksums, (end - first) * sizeof *checksums);
}

static guint
find_thread (const Look *self, guint id)
{
  guint low = 0, high = self->summary->n_threads;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->summary->threads[middle].id < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
add_records (const guint8 *p, const guint8 *end, Counts counts[MS_N_DOMAINS])
{
  TrkFrequencyRecord record = { .domain = TRK_N_DOMAINS };

  while (p != NULL && p < end)
    {
      p = trk_frequency_decode (p, end, &record);
      if (p == NULL)
        {
          counts[MS_DOMAIN_HEAP].damaged = TRUE;
          return;
        }
      if (record.kind != TRK_FREQUENCY_DOMAIN)
        continue;
      counts[record.domain].allocations += record.allocations;
      counts[record.domain].bytes += record.bytes;
      counts[record.domain].frees += record.frees;
    }
}

/* @firsts: of each thread the index of its first block, and of all the end. */
static void
read_counts (Look *self, const char *name, const guint *firsts, const guint64 *digests)
{
  gsize n_bytes = 0;
  g_autofree char *bytes =
      ms_folder_read_text (self->dir_fd, name, MAX_FREQUENCY_BYTES, &n_bytes, NULL);
  const guint8 *p, *payload;
  TrkBlockHeader header;

  if (bytes == NULL || n_bytes < sizeof (TrkFileHeader))
    return;
  p = (const guint8 *) bytes + sizeof (TrkFileHeader);
  while (ms_frequency_next_block (&p, (const guint8 *) bytes + n_bytes, &header, &payload))
    {
      guint t = find_thread (self, header.thread_id);
      const guint8 *end = payload + header.payload_bytes;
      Counts *counts;
      guint64 n_blocks, digest;

      if (t == self->summary->n_threads || self->summary->threads[t].id != header.thread_id)
        continue;
      counts = &self->counts[t * MS_N_DOMAINS];
      payload = trk_frequency_decode_header (payload, end, &n_blocks, &digest);
      if (payload == NULL || n_blocks != firsts[t + 1] - firsts[t] || digest != digests[t])
        continue;
      counts[MS_DOMAIN_HEAP].fits = TRUE;
      add_records (payload, end, counts);
    }
}

static void
read_all_counts (Look *self)
{
  guint n_threads = self->summary->n_threads;
  g_autofree guint *firsts = g_new0 (guint, n_threads + 1);
  g_autofree guint64 *digests = g_new0 (guint64, n_threads + 1);

  for (guint t = 0; t < n_threads; t++)
    {
      firsts[t + 1] = end_of_thread (self, firsts[t]);
      digests[t] = digest_of (self, firsts[t], firsts[t + 1]);
    }
  self->counts = g_new0 (Counts, (gsize) (n_threads + 1) * MS_N_DOMAINS);
  for (guint i = 0; i < self->counted->len; i++)
    read_counts (self, g_ptr_array_index (self->counted, i), firsts, digests);
}

/* --- figures ------------------------------------------------------------------------------------- */

static MsDomain
main_domain (const Look *self)
{
  guint64 n[MS_N_DOMAINS] = { 0 };

  for (guint i = 0; i < self->summary->n_threads * MS_N_DOMAINS; i++)
    n[i % MS_N_DOMAINS] += self->counts[i].allocations + self->counts[i].frees;
  return n[MS_DOMAIN_HEAP] == 0 && n[MS_DOMAIN_DECLARED] > 0 ? MS_DOMAIN_DECLARED : MS_DOMAIN_HEAP;
}

static void
fill_counts (Look *self)
{
  MsFirstSummary *summary = self->summary;
  gboolean all = summary->n_threads > 0;

  summary->domain = main_domain (self);
  for (guint t = 0; t < summary->n_threads; t++)
    {
      const Counts *counts = &self->counts[t * MS_N_DOMAINS];
      MsFirstThread *thread = &summary->threads[t];

      thread->has_counts = counts[MS_DOMAIN_HEAP].fits && !counts[MS_DOMAIN_HEAP].damaged;
      all = all && thread->has_counts;
      if (!thread->has_counts)
        continue;
      thread->allocations = counts[summary->domain].allocations;
      thread->allocated_bytes = counts[summary->domain].bytes;
      thread->frees = counts[summary->domain].frees;
      summary->allocations += thread->allocations;
      summary->allocated_bytes += thread->allocated_bytes;
      summary->frees += thread->frees;
    }
  summary->has_allocations = summary->has_bytes = all;
}

/* The closer knew all events. */
static void
fill_from_manifest (Look *self)
{
  const MsManifest *manifest = &self->manifest;
  MsFirstSummary *summary = self->summary;
  MsBlockIndex none = { 0 };
  gint exit_status;
  gint64 end_ns;

  summary->program =
      ms_program_name (manifest->arguments ? manifest->arguments[0] : NULL, manifest->executable);
  if (summary->program == NULL)
    summary->program = g_strdup ("unknown");
  summary->state = ms_process_state (manifest, &none, &exit_status);
  summary->duration_ns = -1;
  end_ns = MAX (manifest->end_ns, self->last_ns);
  if (manifest->start_ns > 0 && end_ns >= manifest->start_ns)
    summary->duration_ns = end_ns - manifest->start_ns;
  if (!manifest->closed || !manifest->has_totals)
    return;
  summary->has_allocations = TRUE;
  summary->has_peak = manifest->has_peak;
  summary->allocations = manifest->allocations;
  summary->peak_bytes = manifest->peak_bytes;
}

/* --- which folder --------------------------------------------------------------------------------- */

static guint64
count_event_bytes (int dir_fd)
{
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;
  guint64 n_bytes = 0;
  struct stat status;

  if (dir == NULL && fd >= 0)
    close (fd);
  while (dir != NULL && (entry = readdir (dir)))
    if (g_str_has_prefix (entry->d_name, "memscope_thread_")
        && g_str_has_suffix (entry->d_name, ".bin")
        && fstatat (dir_fd, entry->d_name, &status, 0) == 0 && S_ISREG (status.st_mode))
      n_bytes += (guint64) status.st_size;
  if (dir != NULL)
    closedir (dir);
  return n_bytes;
}

/* The folder itself, or the one in it that has most to read. (transfer full) */
static char *
choose_folder (const char *path)
{
  g_autofree char *manifest = g_build_filename (path, TRK_MANIFEST_FILE_NAME, NULL);
  g_autoptr (GDir) dir = NULL;
  g_autofree char *best = g_strdup (path);
  guint64 most = 0;
  const char *name;

  if (!g_file_test (manifest, G_FILE_TEST_EXISTS))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)))
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      int fd = open (inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
      guint64 n_bytes = fd >= 0 ? count_event_bytes (fd) : 0;

      if (fd >= 0)
        close (fd);
      if (n_bytes <= most)
        continue;
      most = n_bytes;
      g_free (best);
      best = g_steal_pointer (&inner);
    }
  return g_steal_pointer (&best);
}

static gboolean
check_not_empty (const Look *self, GError **error)
{
  if (self->summary->n_threads > 0)
    return TRUE;
  g_set_error (error, MS_ERROR, self->manifest.present ? MS_ERROR_EMPTY : MS_ERROR_NOT_A_TRACE,
               "%s: it has no whole block of events yet", self->summary->folder);
  return FALSE;
}

MsFirstSummary *
ms_first_summary_load (const char *path, GCancellable *cancellable, GError **error)
{
  g_auto (Look) self = { .cancellable = cancellable };
  g_autoptr (GPtrArray) ignored = ms_diagnostics_new ();

  g_return_val_if_fail (path != NULL, NULL);
  self.blocks = g_array_new (FALSE, FALSE, sizeof (EventBlock));
  self.counted = g_ptr_array_new_with_free_func (g_free);
  self.summary = g_new0 (MsFirstSummary, 1);
  self.summary->folder = choose_folder (path);
  self.dir_fd = open (self.summary->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self.dir_fd < 0)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_UNREADABLE, "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  if (!ms_manifest_read (&self.manifest, self.dir_fd, ignored, error) || !walk_files (&self, error))
    return NULL;
  find_threads (&self);
  if (!check_not_empty (&self, error))
    return NULL;
  read_all_counts (&self);
  fill_counts (&self);
  fill_from_manifest (&self);
  return g_steal_pointer (&self.summary);
}
