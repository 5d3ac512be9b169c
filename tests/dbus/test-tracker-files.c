/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a process ended of which nobody has waited, as the agent reads it from the pool that it left. */
#include "ms-tracker-files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "test-folder.h"
#include "trk-format.h"

#define STATUS 3
#define NOT_SAID (-1)

/* @state: as TrkProcessState; @lane_bytes: another one is no pool of ours. */
static const char *
read_end (guint32 state, guint32 lane_bytes, gint *status)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *pool = g_build_filename (folder, TRK_POOL_FILE_NAME, NULL);
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  TrkPoolHeader header = { .file = { .version_major = TRK_VERSION_MAJOR, .kind = TRK_FILE_POOL },
                           .lane_bytes = lane_bytes,
                           .state = state,
                           .exit_status = STATUS };
  MsTrackerFiles files;
  const char *end;

  memcpy (header.file.magic, TRK_FILE_MAGIC, sizeof header.file.magic);
  g_assert_true (g_file_set_contents (pool, (const char *) &header, (gssize) sizeof header, NULL));
  *status = NOT_SAID;
  ms_tracker_files_init (&files, dir_fd);
  end = ms_tracker_files_read_end (&files, status);
  ms_tracker_files_clear (&files);
  close (dir_fd);
  test_folder_remove (folder);
  return end;
}

static void
test_end (void)
{
  static const struct {
    TrkProcessState state;
    const char *end;
    gint status;
  } ends[] = {
    { TRK_PROCESS_RUNNING, NULL, NOT_SAID },      { TRK_PROCESS_EXITED, "exited", STATUS },
    { TRK_PROCESS_EXECED, "replaced", NOT_SAID }, { TRK_PROCESS_STOPPED, "stopped", NOT_SAID },
    { TRK_PROCESS_CLOSED, "stopped", NOT_SAID },  { (TrkProcessState) 77, NULL, NOT_SAID }
  };
  gint status;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_assert_cmpstr (read_end (ends[i].state, TRK_LANE_BYTES, &status), ==, ends[i].end);
      g_assert_cmpint (status, ==, ends[i].status);
    }
  g_assert_null (read_end (TRK_PROCESS_EXITED, 1, &status));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tracker-files/end", test_end);
  return g_test_run ();
}
