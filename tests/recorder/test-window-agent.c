/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The agent on pools that no recorder made: what is in them, and what their names stand for, is the
 * traced program's word alone.
 */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-window-agent.h"
#include "trk-format.h"

#define HANGS_AFTER_S 60
#define PAYLOAD_BYTES 100U
#define SOMEBODY_ELSE 65534

typedef struct {
  char *recording;
  MsWindowAgent *agent;
} Fixture;

static void
set_up (Fixture *self, gconstpointer user_data)
{
  (void) user_data;
  self->recording = g_dir_make_tmp ("memscope-agent-XXXXXX", NULL);
  self->agent = ms_window_agent_new (self->recording);
  alarm (HANGS_AFTER_S);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  const char *command[] = { "rm", "-rf", "--", self->recording, NULL };

  (void) user_data;
  g_clear_pointer (&self->agent, ms_window_agent_free);
  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  g_free (self->recording);
  alarm (0);
}

static void
make_folder (Fixture *self, const char *folder)
{
  g_autofree char *path = g_build_filename (self->recording, folder, NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

/* A pool of one lane, open. */
static int
make_pool (Fixture *self, const char *folder, const char *name, guint32 n_lanes, guint32 n_posted)
{
  g_autofree char *path = g_build_filename (self->recording, folder, name, NULL);
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  TrkPoolHeader header = { .file = { .version_major = TRK_VERSION_MAJOR },
                           .pool_header_bytes = TRK_POOL_HEADER_BYTES,
                           .lane_bytes = TRK_LANE_BYTES,
                           .lane_header_bytes = TRK_LANE_HEADER_BYTES,
                           .stack_window_bytes = TRK_STACK_WINDOW_BYTES,
                           .event_window_bytes = TRK_EVENT_WINDOW_BYTES,
                           .n_event_windows = TRK_EVENT_WINDOWS,
                           .n_lanes = n_lanes,
                           .n_posted = n_posted };

  g_assert_cmpint (fd, >=, 0);
  memcpy (header.file.magic, TRK_FILE_MAGIC, sizeof header.file.magic);
  g_assert_cmpint (ftruncate (fd, (off_t) trk_lane_offset (1)), ==, 0);
  g_assert_cmpint (pwrite (fd, &header, sizeof header, 0), ==, sizeof header);
  return fd;
}

static guint32
read_u32 (int fd, guint64 offset)
{
  guint32 value;

  g_assert_cmpint (pread (fd, &value, sizeof value, (off_t) offset), ==, sizeof value);
  return value;
}

static void
wait_for_u32 (int fd, guint64 offset, guint32 value)
{
  while (read_u32 (fd, offset) != value)
    g_usleep (1000);
}

static void
wait_for_agent (int fd)
{
  wait_for_u32 (fd, offsetof (TrkPoolHeader, agent), (guint32) getpid ());
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
test_window_is_written (Fixture *self, gconstpointer user_data)
{
  const guint64 lane_at = trk_lane_offset (0),
                window_at = lane_at + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES,
                state_at = lane_at + offsetof (TrkLane, events);
  const TrkBlockHeader block = { .magic = TRK_BLOCK_MAGIC,
                                 .header_size = sizeof block,
                                 .type = TRK_BLOCK_EVENTS,
                                 .thread_id = 3,
                                 .tid = 77 };
  const TrkWindowState state = { .committed = 8 * (sizeof block + PAYLOAD_BYTES), .posted = 1 };
  g_autofree char *path =
      g_build_filename (self->recording, "0-a.1", "memscope_thread_3-77.bin", NULL);
  GStatBuf status;
  int fd;

  (void) user_data;
  make_folder (self, "0-a.1");
  fd = make_pool (self, "0-a.1", TRK_POOL_FILE_NAME, 1, 1);
  g_assert_cmpint (pwrite (fd, &block, sizeof block, (off_t) window_at), ==, sizeof block);
  g_assert_cmpint (pwrite (fd, &state, sizeof state, (off_t) state_at), ==, sizeof state);
  ms_window_agent_add (self->agent, "0-a.1");
  wait_for_u32 (fd, state_at + offsetof (TrkWindowState, posted), 0);
  g_assert_cmpuint (read_u32 (fd, state_at + offsetof (TrkWindowState, committed)), ==, 0);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_size, ==, sizeof (TrkFileHeader) + sizeof block + PAYLOAD_BYTES);
  close (fd);
}

/* Whoever ends must not wait until four thousand million lanes are looked at. */
static void
test_lanes_that_are_not_there (Fixture *self, gconstpointer user_data)
{
  int fd;

  (void) user_data;
  make_folder (self, "0-a.1");
  fd = make_pool (self, "0-a.1", TRK_POOL_FILE_NAME, G_MAXUINT32, 1);
  ms_window_agent_add (self->agent, "0-a.1");
  wait_for_agent (fd);
  ms_window_agent_remove (self->agent, "0-a.1");
  close (fd);
}

/* A program with fewer rights than the agent must not have it write where the program may not. */
static void
test_link_to_a_foreign_file (Fixture *self, gconstpointer user_data)
{
  g_autofree char *link = g_build_filename (self->recording, "0-a.1", TRK_POOL_FILE_NAME, NULL);
  int foreign, own;

  (void) user_data;
  make_folder (self, "0-a.1");
  make_folder (self, "1-b.2");
  foreign = make_pool (self, "1-b.2", "other.bin", 1, 1);
  own = make_pool (self, "1-b.2", TRK_POOL_FILE_NAME, 1, 1);
  if (fchown (foreign, SOMEBODY_ELSE, SOMEBODY_ELSE) != 0)
    {
      g_test_skip ("needs the right to give files away");
    }
  else
    {
      g_assert_cmpint (symlink ("../1-b.2/other.bin", link), ==, 0);
      ms_window_agent_add (self->agent, "0-a.1");
      ms_window_agent_add (self->agent, "1-b.2");
      wait_for_agent (own); /* it has been at the first before */
      g_assert_cmpuint (read_u32 (foreign, offsetof (TrkPoolHeader, agent)), ==, 0);
    }
  close (foreign);
  close (own);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/window-agent/window-is-written", test_window_is_written);
  ADD ("/window-agent/lanes-that-are-not-there", test_lanes_that_are_not_there);
  ADD ("/window-agent/link-to-a-foreign-file", test_link_to_a_foreign_file);
#undef ADD
  return g_test_run ();
}
