/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recordings: with their list, without it, with one that lies; and single trace folders. */
#include "ms-recording.h"

#include <glib/gstdio.h>
#include <string.h>

#include "named-process.h"
#include "trace-builder.h"

/* A trace folder in @recording whose peak is @peak_bytes. */
static void
add_process_as (const char *recording, const char *name, guint64 peak_bytes, TraceBuilderEnd end)
{
  g_autofree char *folder = g_build_filename (recording, name, NULL);
  g_autoptr (TraceBuilder) b = NULL;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  b = trace_builder_new (folder);
  trace_builder_alloc (b, 0, 10, 0x5000, peak_bytes, 0);
  trace_builder_map (b, 0, 80, 81, TRK_MAPPING_ANONYMOUS, TRK_MAPPING_READABLE, 0x7f0000000000,
                     2 * 4096, 0);
  trace_builder_free_block (b, 0, 90, 0x5000);
  trace_builder_finish (b, end);
}

static void
add_process (const char *recording, const char *name, guint64 peak_bytes)
{
  add_process_as (recording, name, peak_bytes, TRACE_BUILDER_CLOSED);
}

static void
write_list (const char *recording, const char *text)
{
  g_autofree char *path = g_build_filename (recording, "memscope_recording.json", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static MsRecording *
open_recording (const char *path)
{
  g_autoptr (GError) error = NULL;
  MsRecording *recording = ms_recording_open (path, NULL, &error);

  g_assert_no_error (error);
  return recording;
}

/* As file managers open it. */
static void
test_manifest (void)
{
  g_autofree char *path = test_folder_new ();
  g_autofree char *list = g_build_filename (path, "memscope_recording.json", NULL);
  g_autofree char *manifest = g_build_filename (path, "0-sh.10", "memscope_trace.json", NULL);
  g_autofree char *folder = g_path_get_dirname (manifest);

  add_process (path, "0-sh.10", 100);
  add_process (path, "2-cc1.12", 5000);
  write_list (path, "{\"version\":1,\"processes\":[{\"folder\":\"0-sh.10\",\"pid\":10},"
                    "{\"folder\":\"2-cc1.12\",\"pid\":12}]}");
  {
    g_autoptr (MsRecording) recording = open_recording (list);

    g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, 2);
    g_assert_cmpstr (ms_recording_get_path (recording), ==, path);
  }
  {
    g_autoptr (MsRecording) recording = open_recording (manifest);

    g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, 1);
    g_assert_cmpstr (ms_recording_get_path (recording), ==, folder);
  }
  test_folder_remove (path);
}

static void
test_list (void)
{
  g_autofree char *path = test_folder_new ();
  g_autoptr (MsRecording) recording = NULL;
  g_autoptr (GError) error = NULL;
  guint index;

  add_process (path, "0-sh.10", 100);
  add_process (path, "2-cc1.12", 5000);
  add_process (path, "10-ld.20", 300);
  write_list (path, "{\"version\":1,\"processes\":["
                    "{\"folder\":\"10-ld.20\",\"pid\":20,\"program\":\"ld\",\"state\":\"exited\"},"
                    "{\"folder\":\"0-sh.10\",\"pid\":10,\"program\":\"sh\",\"state\":\"exited\"},"
                    "{\"folder\":\"2-cc1.12\",\"pid\":12,\"program\":\"cc1\",\"state\":\"exited\"},"
                    "{\"pid\":13,\"program\":\"su\",\"not_followed\":\"setuid\"}]}");
  recording = open_recording (path);
  g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, 4);
  g_assert_cmpuint (ms_recording_get_diagnostics (recording)->len, ==, 0);
  /* By number, not by name: 10 after 2. */
  g_assert_true (g_str_has_suffix (ms_recording_get_process (recording, 0)->folder, "0-sh.10"));
  g_assert_true (g_str_has_suffix (ms_recording_get_process (recording, 2)->folder, "10-ld.20"));
  g_assert_cmpstr (ms_recording_get_process (recording, 3)->not_followed, ==, "setuid");
  g_assert_false (ms_recording_get_process (recording, 3)->has_totals);
  g_assert_cmpuint (ms_recording_get_main_process (recording), ==, 1);
  g_assert_cmpuint (ms_recording_get_process (recording, 1)->peak_bytes, ==, 5000);
  g_assert_cmpuint (ms_recording_get_process (recording, 1)->allocations, ==, 1);
  g_assert_cmpuint (ms_recording_get_process (recording, 1)->mapped_peak_bytes, ==, 2 * 4096);
  g_assert_cmpuint (ms_recording_get_process (recording, 3)->mapped_peak_bytes, ==, 0);
  g_assert_cmpstr (ms_recording_get_process (recording, 1)->command, ==, "victim -x");
  g_assert_cmpint (ms_recording_get_process (recording, 1)->duration_ns, ==, 90);

  g_assert_true (ms_recording_find_process (recording, "su", &index, &error));
  g_assert_cmpuint (index, ==, 3);
  g_assert_false (ms_recording_find_process (recording, "victim", &index, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT); /* three of that name */
  g_clear_error (&error);
  g_assert_false (ms_recording_find_process (recording, "nobody", &index, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  test_folder_remove (path);
}

/* No list, or none that can be read: the folders are found by looking. */
static void
test_lists_that_lie (void)
{
  const char *lists[] = { NULL,
                          "",
                          "{",
                          "[]",
                          "{\"processes\":3}",
                          "{\"processes\":[1,[],{}]}",
                          "{\"processes\":[{\"folder\":\"../../etc\"},{\"folder\":\"gone\"}]}" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *path = test_folder_new (), *other = g_build_filename (path, "notes", NULL);
      g_autoptr (MsRecording) recording = NULL;
      const MsProcess *main_process;

      add_process (path, "0-a.1", 10);
      add_process (path, "1-b.2", 20);
      g_mkdir (other, 0755);
      if (lists[i])
        write_list (path, lists[i]);
      recording = open_recording (path);
      main_process =
          ms_recording_get_process (recording, ms_recording_get_main_process (recording));
      g_assert_true (g_str_has_suffix (main_process->folder, "1-b.2"));
      g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, i == 6 ? 3 : 2);
      test_folder_remove (path);
    }
}

static void
test_trace_folder (void)
{
  g_autofree char *path = test_folder_new (), *folder = g_build_filename (path, "t", NULL);
  g_autoptr (MsRecording) recording = NULL;

  add_process (path, "t", 10);
  recording = open_recording (folder);
  g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, 1);
  g_assert_cmpstr (ms_recording_get_process (recording, 0)->folder, ==, folder);
  g_assert_cmpstr (ms_recording_get_process (recording, 0)->program, ==, "victim");
  test_folder_remove (path);
}

static void
assert_refused (const char *path, gint code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ms_recording_open (path, NULL, &error));
  g_assert_error (error, MS_ERROR, code);
  g_assert_null (strchr (error->message, '\n'));
}

/* What lies beside each other in somebody's folder is not one recording, unless its names say so. */
static void
test_strangers (void)
{
  g_autofree char *path = test_folder_new ();
  g_autofree char *control = g_build_filename (path, "memscope_control.bin", NULL);
  g_autoptr (MsRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  add_process (path, "0-a.1", 10);
  add_process (path, "1-b.2", 20);
  recording = open_recording (path);
  g_clear_object (&recording);
  add_process (path, "1-c.3", 20); /* a second number 1 */
  assert_refused (path, MS_ERROR_NOT_A_TRACE);
  add_process (path, "of-somebody", 30);
  g_assert_null (ms_recording_open (path, NULL, &error));
  g_assert_nonnull (strstr (error->message, "4 traces of different ones: 0-a.1, 1-b.2, 1-c.3…"));
  g_assert_true (g_file_set_contents (control, "", -1, NULL)); /* which only a recording has */
  recording = open_recording (path);
  g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, 4);
  test_folder_remove (path);
}

static void
test_refused (void)
{
  g_autofree char *path = test_folder_new (), *file = g_build_filename (path, "file", NULL);

  assert_refused ("/nonexistent", MS_ERROR_NOT_A_TRACE);
  assert_refused (path, MS_ERROR_NOT_A_TRACE);
  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  assert_refused (file, MS_ERROR_NOT_A_TRACE);
  assert_refused (path, MS_ERROR_NOT_A_TRACE);
  write_list (path, "{\"version\":1,\"processes\":[]}");
  assert_refused (path, MS_ERROR_EMPTY);
  write_list (path, "{\"version\":9,\"processes\":[]}");
  assert_refused (path, MS_ERROR_VERSION);
  test_folder_remove (path);
}

/* Who lists a recording has read what of it runs; who then follows it goes on from there, and does not begin anew. */
static void
test_running (void)
{
  g_autofree char *path = test_folder_new ();
  g_autofree char *small = g_build_filename (path, "1-small.11", NULL);
  g_autofree char *large = g_build_filename (path, "2-large.12", NULL);
  g_autofree char *left = g_build_filename (path, "3-left.13", NULL);

  add_process_as (path, "0-closed.10", 9000, TRACE_BUILDER_CLOSED);
  add_process_as (path, "1-small.11", 100, TRACE_BUILDER_KILLED);
  add_process_as (path, "2-large.12", 5000, TRACE_BUILDER_KILLED);
  add_process_as (path, "3-left.13", 8000, TRACE_BUILDER_KILLED);
  name_this_process (small, NAMED_RIGHT);
  name_this_process (large, NAMED_RIGHT);
  name_this_process (left, NAMED_WRONG_START);
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (MsRecording) recording = open_recording (path);
    g_autoptr (MsFollower) follower = ms_recording_steal_follower (recording, 2);
    g_autoptr (MsTrace) followed = ms_follower_read (follower, NULL, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (ms_trace_get_totals (followed, MS_DOMAIN_HEAP)->peak_bytes, ==, 5000);
    for (guint i = 0; i < 4; i++)
      {
        g_assert_true (ms_recording_get_process (recording, i)->has_totals);
        g_assert_null (ms_recording_steal_follower (recording, i));
      }
    g_assert_cmpint (ms_recording_get_process (recording, 1)->state, ==, MS_STATE_RUNNING);
    g_assert_cmpint (ms_recording_get_process (recording, 3)->state, ==, MS_STATE_KILLED);
  }
  test_folder_remove (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recording/list", test_list);
  g_test_add_func ("/recording/manifest", test_manifest);
  g_test_add_func ("/recording/lists-that-lie", test_lists_that_lie);
  g_test_add_func ("/recording/trace-folder", test_trace_folder);
  g_test_add_func ("/recording/strangers", test_strangers);
  g_test_add_func ("/recording/refused", test_refused);
  g_test_add_func ("/recording/running", test_running);
  return g_test_run ();
}
