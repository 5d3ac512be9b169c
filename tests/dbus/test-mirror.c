/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A folder made of descriptors: what it holds is read like any trace, and what it cannot hold is said.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-trace-mirror.h"
#include "ms-trace.h"
#include "test-folder.h"
#include "trace-builder.h"

#define MOST_DESCRIPTORS 300U /* 256 of them are for all else */
#define N_FILES 60U

/* The files of @folder, or @n_more made-up ones. */
static guint
add (MsTraceMirror *mirror, const char *folder, guint n_more)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GVariant) files = NULL;
  GVariantBuilder builder;
  const char *name;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sh)"));
  for (guint i = 0; (name = g_dir_read_name (dir)) != NULL || i < n_more; i++)
    {
      g_autofree char *path =
          g_build_filename (folder, name != NULL ? name : "memscope_trace.json", NULL);
      g_autofree char *shown =
          n_more > 0 ? g_strdup_printf ("memscope_thread_%u-9.bin", i) : g_strdup (name);
      int fd = g_open (path, O_RDONLY | O_CLOEXEC);

      g_assert_cmpint (fd, >=, 0);
      g_variant_builder_add (&builder, "(sh)", shown,
                             g_unix_fd_list_append (descriptors, fd, NULL));
      close (fd);
    }
  files = g_variant_ref_sink (g_variant_builder_end (&builder));
  return ms_trace_mirror_add (mirror, files, descriptors);
}

/* How many the trace says that are missing. */
static guint
count_missing (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  GPtrArray *diagnostics;

  g_assert_no_error (error);
  diagnostics = ms_trace_get_diagnostics (trace);
  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *d = diagnostics->pdata[i];

      if (strstr (d->message, "files are missing here") != NULL)
        return (guint) g_ascii_strtoull (d->message, NULL, 10);
    }
  return 0;
}

static void
build (const char *folder, TraceBuilderEnd end)
{
  g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
  guint64 frame = 0x1000;

  trace_builder_start (builder, 0, 0, -1);
  trace_builder_alloc (builder, 0, 1000, 0x10000, 8,
                       trace_builder_add_stack (builder, 0, &frame, 1));
  trace_builder_finish (builder, end);
}

static void
assert_state (const char *folder, MsState state, gint exit_status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ms_trace_get_state (trace), ==, state);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, exit_status);
}

/* Of a folder that was not closed in time: how its process ended is what the agent said of it, and no guess from a
 * number that means nothing here. */
static void
test_not_closed (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTraceMirror) mirror = ms_trace_mirror_new (&error);
  const char *copy;

  g_assert_no_error (error);
  copy = ms_trace_mirror_get_folder (mirror);
  build (folder, TRACE_BUILDER_KILLED);
  g_assert_cmpuint (add (mirror, folder, 0), >, 2);
  assert_state (copy, MS_STATE_RUNNING, -1);
  ms_trace_mirror_set_ended (mirror, "exited", 3);
  assert_state (copy, MS_STATE_EXITED, 3);
  ms_trace_mirror_set_ended (mirror, "killed", 137);
  assert_state (copy, MS_STATE_KILLED, 137);
  ms_trace_mirror_set_ended (mirror, "killed", G_MININT);
  assert_state (copy, MS_STATE_KILLED, -1);
  ms_trace_mirror_set_ended (mirror, NULL, -1);
  assert_state (copy, MS_STATE_KILLED, -1);
  test_folder_remove (folder);
}

static void
test_too_many (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autofree char *copy = NULL;
  g_autoptr (GError) error = NULL;
  MsTraceMirror *mirror;
  struct rlimit limit;
  guint n_own, n_added;

  build (folder, TRACE_BUILDER_CLOSED);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max = MOST_DESCRIPTORS;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  mirror = ms_trace_mirror_new (&error);
  g_assert_no_error (error);
  copy = g_strdup (ms_trace_mirror_get_folder (mirror));

  n_own = add (mirror, folder, 0);
  g_assert_cmpuint (n_own, >, 2);
  g_assert_cmpuint (count_missing (copy), ==, 0);
  n_added = add (mirror, folder, N_FILES);
  g_assert_cmpuint (n_own + n_added, ==, MOST_DESCRIPTORS - 256);
  g_assert_cmpuint (count_missing (copy), ==, N_FILES - n_added);
  /* The same again are no more; one that is there is renewed. */
  g_assert_cmpuint (add (mirror, folder, N_FILES), ==, n_added);
  g_assert_cmpuint (count_missing (copy), ==, N_FILES - n_added);

  ms_trace_mirror_free (mirror);
  g_assert_false (g_file_test (copy, G_FILE_TEST_EXISTS));
  test_folder_remove (folder);
}

/* What the mirror says itself no agent may say. */
static void
test_names (void)
{
  g_assert_true (ms_trace_mirror_name_is_valid ("memscope_trace.json"));
  g_assert_false (ms_trace_mirror_name_is_valid ("memscope_watched"));
  g_assert_false (ms_trace_mirror_name_is_valid ("memscope_left_out"));
  g_assert_false (ms_trace_mirror_name_is_valid ("memscope_/x"));
  g_assert_false (ms_trace_mirror_name_is_valid ("x"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mirror/not-closed", test_not_closed);
  g_test_add_func ("/mirror/too-many", test_too_many);
  g_test_add_func ("/mirror/names", test_names);
  return g_test_run ();
}
