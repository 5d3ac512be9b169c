/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading the pool of a process that goes on. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-block-index.h"
#include "ms-diagnostic.h"

#define N_ROUNDS 100
#define MOST_LANES 512U /* a round's */

/* As the recorder adds lanes: first they are there, and then the header says so. */
static gpointer
grow_thread (gpointer data)
{
  const char *path = data;
  int fd = g_open (path, O_RDWR);
  TrkPoolHeader *header =
      mmap (NULL, TRK_POOL_HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

  g_assert_true (header != MAP_FAILED);
  for (guint32 n = 16; n <= MOST_LANES; n += 8)
    {
      g_assert_cmpint (ftruncate (fd, (off_t) trk_lane_offset (n)), ==, 0);
      __atomic_store_n (&header->n_lanes, n, __ATOMIC_RELEASE);
    }
  munmap (header, TRK_POOL_HEADER_BYTES);
  close (fd);
  return NULL;
}

/* Whoever opens a pool that is growing finds nothing missing. */
static void
test_grow (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pool-reader-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, TRK_POOL_FILE_NAME, NULL);
  g_autofree TrkPoolHeader *header = g_malloc0 (trk_lane_offset (8));
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  *header = (TrkPoolHeader) {
    .file = { .version_major = TRK_VERSION_MAJOR,
              .version_minor = TRK_VERSION_MINOR,
              .header_size = TRK_POOL_HEADER_BYTES,
              .kind = TRK_FILE_POOL },
    .pool_header_bytes = TRK_POOL_HEADER_BYTES,
    .lane_bytes = TRK_LANE_BYTES,
    .lane_header_bytes = TRK_LANE_HEADER_BYTES,
    .stack_window_bytes = TRK_STACK_WINDOW_BYTES,
    .event_window_bytes = TRK_EVENT_WINDOW_BYTES,
    .n_event_windows = TRK_EVENT_WINDOWS,
    .n_lanes = 8,
    .state = TRK_PROCESS_RUNNING,
  };
  memcpy (header->file.magic, TRK_FILE_MAGIC, sizeof header->file.magic);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
      g_autoptr (MsBlockIndex) index = ms_block_index_new (dir_fd, diagnostics);
      GThread *thread;
      struct stat status;

      g_assert_true (
          g_file_set_contents (path, (char *) header, (gssize) trk_lane_offset (8), NULL));
      thread = g_thread_new ("grow", grow_thread, path);
      do
        g_assert_cmpint (stat (path, &status), ==, 0);
      while ((guint64) status.st_size <= trk_lane_offset (8));
      g_assert_true (ms_block_index_scan (index, NULL, NULL));
      g_thread_join (thread);
      for (guint k = 0; k < diagnostics->len; k++)
        g_error ("%s", ((MsDiagnostic *) diagnostics->pdata[k])->message);
      g_assert_cmpuint (index->pool.n_lanes, >=, 8);
    }
  close (dir_fd);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool-reader/grow", test_grow);
  return g_test_run ();
}
