/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: the list of a recording's processes and the manifest of its only trace folder, both JSON, with a
 * zero between them.
 */
#include "fuzz-target.h"

#include <glib/gstdio.h>
#include <string.h>

#include "ms-recording.h"
#include "trace-builder.h"

#define FOLDER "0-victim.999999"

const guint fuzz_n_mutations = 1500;

static const char list[] =
    "{\"format\":\"memscope-recording\",\"version\":1,\"command\":[\"make\",\"-j2\"],"
    "\"main_pid\":999999,\"start_wall_us\":1700000000000000,\"state\":\"exited\",\"exit_status\":0,"
    "\"processes\":[{\"folder\":\"0-victim.999999\",\"pid\":999999,\"parent_pid\":1,\"program\":"
    "\"victim\",\"state\":\"exited\",\"exit_status\":0,\"duration_ns\":6000,"
    "\"totals\":{\"peak_bytes\":96,\"allocations\":3}},"
    "{\"pid\":1000000,\"parent_pid\":999999,\"program\":\"static\",\"state\":\"killed\","
    "\"not_followed\":\"it is linked statically\"},"
    "{\"folder\":\"2-gone.7\",\"pid\":7,\"program\":\"gone\",\"state\":\"running\"}]}";

/* The folder in which all runs happen: only the two texts differ. */
static const char *
get_recording (void)
{
  static char *recording;
  g_autofree char *folder = NULL;
  g_autoptr (TraceBuilder) builder = NULL;

  if (recording != NULL)
    return recording;
  recording = test_folder_new ();
  folder = g_build_filename (recording, FOLDER, NULL);
  g_mkdir (folder, 0755);
  builder = trace_builder_new (folder);
  for (guint i = 0; i < 3; i++)
    trace_builder_alloc (builder, 0, 1000 + i, 0x5000 + 64 * (guint64) i, 32, 0);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  return recording;
}

static void
remove_recording (void)
{
  test_folder_remove (get_recording ());
}

static char *
manifest_path (void)
{
  return g_build_filename (get_recording (), FOLDER, TRK_MANIFEST_FILE_NAME, NULL);
}

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autofree char *path = manifest_path (), *manifest = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &manifest, &n_bytes, NULL));
  g_byte_array_append (input, (const guint8 *) list, sizeof list); /* with its zero */
  g_byte_array_append (input, (const guint8 *) manifest, (guint) n_bytes);
  add (input->data, input->len, user_data);
}

static void
write_text (const char *path, const guint8 *bytes, gsize n_bytes)
{
  g_file_set_contents_full (path, n_bytes ? (const char *) bytes : "", (gssize) n_bytes,
                            G_FILE_SET_CONTENTS_NONE, 0644, NULL);
}

static void
use_recording (MsRecording *recording)
{
  guint n = ms_recording_get_n_processes (recording), found;

  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (ms_recording_get_main_process (recording), <, n);
  for (guint i = 0; i < n; i++)
    {
      const MsProcess *process = ms_recording_get_process (recording, i);

      g_assert_true (g_utf8_validate (process->program, -1, NULL));
      g_assert_true (g_utf8_validate (process->command, -1, NULL));
      /* Nothing outside the recording. */
      if (process->folder != NULL)
        g_assert_true (g_str_has_prefix (process->folder, get_recording ()));
      if (ms_recording_find_process (recording, process->program, &found, NULL))
        g_assert_cmpuint (found, <, n);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  static gsize begun;
  const guint8 *zero = n_bytes ? memchr (bytes, 0, n_bytes) : NULL;
  gsize n_list = zero ? (gsize) (zero - bytes) : n_bytes;
  g_autofree char *manifest = manifest_path ();
  g_autofree char *path = g_build_filename (get_recording (), TRK_RECORDING_FILE_NAME, NULL);
  g_autoptr (MsRecording) recording = NULL;
  g_autoptr (GError) error = NULL;

  if (g_once_init_enter (&begun))
    {
      atexit (remove_recording);
      g_once_init_leave (&begun, 1);
    }
  write_text (path, bytes, n_list);
  write_text (manifest, zero + 1, zero ? n_bytes - n_list - 1 : 0);
  recording = ms_recording_open (get_recording (), NULL, &error);
  g_assert_true ((recording != NULL) == (error == NULL));
  if (recording != NULL)
    use_recording (recording);
  return 0;
}
