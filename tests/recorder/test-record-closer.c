/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Closing a trace folder changes nothing of what is in it, may be interrupted anywhere, and may be
 * done again.  Each test takes a copy of one folder, of a program that was killed while its events
 * lay in windows, brings it into the state that some interruption leaves, and closes it.
 *
 * test-record-closer PRELOAD VICTIM
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-closer.h"
#include "ms-pool-drain.h"
#include "ms-recording.h"
#include "trk-format.h"

#define N_CHURN 40000

static const char *preload, *victim;
static char *folder;   /* temporary, everything is in it */
static char *original; /* the trace folder of the killed program */
static guint n_copies;

static const MsProcessEnd killed = { .has_wait_status = TRUE, .wait_status = SIGKILL };
static const MsProcessEnd killed_surely = { .is_certain = TRUE,
                                            .has_wait_status = TRUE,
                                            .wait_status = SIGKILL };
static const MsProcessEnd unknown = { 0 };

/* --- folders ---------------------------------------------------------------------------------- */

/* Records without memscope: nobody closes the folder. */
static char *
record_and_kill (void)
{
  g_autofree char *output = g_build_filename (folder, "recording", NULL);
  g_autofree char *number = g_strdup_printf ("%d", N_CHURN);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  int status;
  pid_t child;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  child = fork ();
  if (child == 0)
    {
      setenv ("LD_PRELOAD", preload, 1);
      setenv ("MEMSCOPE_OUTPUT", output, 1);
      execl (victim, victim, "churn", number, NULL);
      _exit (99);
    }
  waitpid (child, &status, 0);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);

  dir = g_dir_open (output, 0, NULL);
  while ((name = g_dir_read_name (dir)))
    if (g_ascii_isdigit (name[0]))
      return g_build_filename (output, name, NULL);
  g_assert_not_reached ();
}

static void
copy_file (const char *from_folder, const char *to_folder, const char *name)
{
  g_autofree char *from = g_build_filename (from_folder, name, NULL);
  g_autofree char *to = g_build_filename (to_folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (from, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents (to, bytes, (gssize) n_bytes, NULL));
}

static char *
copy_original (void)
{
  char *copy = g_strdup_printf ("%s/copy-%u", folder, n_copies++);
  g_autoptr (GDir) dir = g_dir_open (original, 0, NULL);
  const char *name;

  g_assert_cmpint (g_mkdir (copy, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)))
    copy_file (original, copy, name);
  return copy;
}

static gboolean
has_file (const char *path, const char *name)
{
  g_autofree char *file = g_build_filename (path, name, NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

static gint64
get_size (const char *path, const char *name)
{
  g_autofree char *file = g_build_filename (path, name, NULL);
  GStatBuf status;

  g_assert_cmpint (g_stat (file, &status), ==, 0);
  return status.st_size;
}

static void
cut (const char *path, const char *name, gint64 n_bytes)
{
  g_autofree char *file = g_build_filename (path, name, NULL);

  g_assert_cmpint (truncate (file, get_size (path, name) - n_bytes), ==, 0);
}

static guint
drain (const char *path)
{
  int dir_fd = open (path, O_RDONLY | O_DIRECTORY);
  g_autoptr (GError) error = NULL;
  TrkEndedThreads ended;
  guint n_blocks;

  ms_pool_drain (dir_fd, &n_blocks, &ended, &error);
  g_assert_no_error (error);
  close (dir_fd);
  return n_blocks;
}

/* --- what must not change --------------------------------------------------------------------- */

static MsTrace *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static void
assert_no_damage (MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      g_test_message ("%s: %s", diagnostic->file, diagnostic->message);
      g_assert_cmpint (diagnostic->level, !=, MS_DIAGNOSTIC_DAMAGE);
    }
}

/* @path was closed and tells what the original tells. */
static void
assert_closed_and_same (const char *path)
{
  g_autoptr (MsTrace) before = load (original);
  g_autoptr (MsTrace) after = load (path);
  const MsTotals *expected = ms_trace_get_totals (before, MS_DOMAIN_HEAP);
  const MsTotals *found = ms_trace_get_totals (after, MS_DOMAIN_HEAP);

  g_assert_false (has_file (path, TRK_POOL_FILE_NAME));
  assert_no_damage (after);
  g_assert_cmpint (ms_trace_get_state (after), ==, MS_STATE_KILLED);
  g_assert_cmpuint (expected->allocations, >=, N_CHURN);
  g_assert_cmpuint (found->allocations, ==, expected->allocations);
  g_assert_cmpuint (found->deallocations, ==, expected->deallocations);
  g_assert_cmpuint (found->allocated_bytes, ==, expected->allocated_bytes);
  g_assert_cmpuint (found->peak_bytes, ==, expected->peak_bytes);
  g_assert_cmpuint (found->leaked_bytes, ==, expected->leaked_bytes);
  g_assert_cmpuint (found->unmatched_frees, ==, expected->unmatched_frees);
  g_assert_cmpuint (ms_trace_get_n_events (after), ==, ms_trace_get_n_events (before));
  g_assert_cmpuint (ms_trace_get_n_stacks (after), ==, ms_trace_get_n_stacks (before));
}

static void
close_folder (const char *path, const MsProcessEnd *end)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTraceSummary) summary = ms_closer_close (path, end, &error);

  g_assert_no_error (error);
  g_assert_nonnull (summary);
  g_assert_true (summary->has_totals);
  g_assert_cmpuint (summary->totals.allocations, >=, N_CHURN);
}

/* The files that blocks are in and whose names begin with @prefix, together. */
static gint64
get_size_of (const char *path, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  gint64 sum = 0;

  while ((name = g_dir_read_name (dir)))
    if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".bin")
        && strcmp (name, TRK_POOL_FILE_NAME) != 0)
      sum += get_size (path, name);
  return sum;
}

static gint64
get_total_size (const char *path)
{
  /* The control page goes when the folder is closed. */
  return get_size_of (path, "") - get_size_of (path, TRK_CONTROL_FILE_NAME);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
test_close (void)
{
  g_autofree char *path = copy_original ();

  g_assert_true (has_file (path, TRK_POOL_FILE_NAME));
  close_folder (path, &killed);
  assert_closed_and_same (path);
}

static void
test_close_again (void)
{
  g_autofree char *path = copy_original ();
  gint64 size;

  close_folder (path, &killed);
  size = get_total_size (path);
  /* The second closer knows less, and takes nothing back. */
  close_folder (path, &unknown);
  assert_closed_and_same (path);
  g_assert_cmpint (get_total_size (path), ==, size);
}

static void
test_killed_after_drain (void)
{
  g_autofree char *path = copy_original ();
  gint64 size;

  g_assert_cmpuint (drain (path), >=, 1);
  size = get_total_size (path);
  g_assert_cmpuint (drain (path), ==, 0);
  close_folder (path, &killed);
  assert_closed_and_same (path);
  g_assert_cmpint (get_total_size (path), ==, size);
}

/* The last block that was drained is cut anywhere; the window still has it. */
static void
test_killed_while_draining (void)
{
  const char *const prefix = "memscope_thread_0";
  g_autofree char *reference = copy_original ();
  gint64 n_drained = -get_size_of (reference, prefix), missing[4];

  drain (reference);
  n_drained += get_size_of (reference, prefix);
  g_assert_cmpint (n_drained, >, TRK_BLOCK_HEADER_BYTES);
  missing[0] = 1;
  missing[1] = 8;
  missing[2] = n_drained / 2;
  missing[3] = n_drained - 1;
  for (gsize i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      g_autofree char *path = copy_original ();
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      drain (path);
      while ((name = g_dir_read_name (dir)))
        if (g_str_has_prefix (name, prefix))
          cut (path, name, missing[i]);
      close_folder (path, &killed);
      assert_closed_and_same (path);
    }
}

/* Manifest written, pool not yet removed; and pool removed, totals not yet written. */
static void
test_killed_around_manifest (void)
{
  g_autofree char *path = copy_original ();
  gint64 size;

  close_folder (path, &killed);
  size = get_total_size (path);
  copy_file (original, path, TRK_POOL_FILE_NAME);
  close_folder (path, &unknown);
  assert_closed_and_same (path);
  g_assert_cmpint (get_total_size (path), ==, size);
}

/* A temporary manifest of a closer that was killed is in nobody's way. */
static void
test_leftover_temporary (void)
{
  g_autofree char *path = copy_original ();
  g_autofree char *temporary = g_build_filename (path, TRK_MANIFEST_FILE_NAME ".tmp", NULL);

  g_assert_true (g_file_set_contents (temporary, "{ \"format\": ", -1, NULL));
  close_folder (path, &killed);
  assert_closed_and_same (path);
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
}

static void
test_without_manifest (void)
{
  g_autofree char *path = copy_original ();
  g_autofree char *manifest = g_build_filename (path, TRK_MANIFEST_FILE_NAME, NULL);

  g_unlink (manifest);
  close_folder (path, &killed);
  g_assert_false (has_file (path, TRK_POOL_FILE_NAME));
  g_assert_true (has_file (path, TRK_MANIFEST_FILE_NAME));
}

static void
test_damaged_manifest (void)
{
  g_autofree char *path = copy_original ();
  g_autofree char *manifest = g_build_filename (path, TRK_MANIFEST_FILE_NAME, NULL);

  g_assert_true (g_file_set_contents (manifest, "{ \"pid\": 1, \"exec", -1, NULL));
  close_folder (path, &killed);
  g_assert_false (has_file (path, TRK_POOL_FILE_NAME));
}

/* As it is before the first thread has a window. */
static void
empty_pool (const char *path)
{
  g_autofree char *pool = g_build_filename (path, TRK_POOL_FILE_NAME, NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (pool, &bytes, &n_bytes, NULL));
  memset (bytes + sizeof (TrkPoolHeader), 0, n_bytes - sizeof (TrkPoolHeader));
  g_assert_true (g_file_set_contents (pool, bytes, (gssize) n_bytes, NULL));
}

/* Killed while the recorder made its files, with or without the last of them: the folder says so, and
 * is no damaged trace. */
static void
test_killed_at_start (gconstpointer has_pool)
{
  static const char *const names[] = { TRK_STACKS_FILE_NAME, TRK_MODULES_FILE_NAME,
                                       TRK_POOLED_EVENTS_FILE_NAME };
  g_autofree char *recording =
      g_build_filename (folder, has_pool ? "killed-late" : "killed-early", NULL);
  g_autofree char *whole = g_build_filename (recording, "0-victim.1", NULL);
  g_autofree char *path = g_build_filename (recording, "3-sh -c x.y.4711", NULL);
  g_autofree char *half = g_build_filename (path, TRK_MANIFEST_FILE_NAME ".new", NULL);
  g_autofree char *copy = copy_original ();
  g_autoptr (MsTraceSummary) summary = NULL;
  g_autoptr (MsRecording) list = NULL;
  g_autoptr (GError) error = NULL;
  const MsProcess *process;

  g_assert_cmpint (g_mkdir (recording, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (g_rename (copy, whole), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      copy_file (original, path, names[i]);
      cut (path, names[i], get_size (path, names[i]) - (gint64) sizeof (TrkFileHeader));
    }
  if (has_pool)
    {
      copy_file (original, path, TRK_POOL_FILE_NAME);
      empty_pool (path);
    }
  g_assert_true (g_file_set_contents (half, "{", -1, NULL));

  summary = ms_closer_close (path, &killed_surely, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (summary->program, ==, "sh -c x.y");
  g_assert_cmpstr (summary->not_followed, ==, "it was killed before anything was recorded");
  g_assert_null (summary->load_error);
  if (!has_pool)
    g_assert_cmpint (summary->pid, ==, 4711);
  g_assert_false (has_file (path, TRK_POOL_FILE_NAME));
  g_assert_false (has_file (path, TRK_MANIFEST_FILE_NAME ".new"));

  /* Without the list, the manifest says it. */
  list = ms_recording_open (recording, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ms_recording_get_n_processes (list), ==, 2);
  process = ms_recording_get_process (list, 1);
  g_assert_cmpstr (process->not_followed, ==, summary->not_followed);
  for (guint i = 0; i < ms_recording_get_diagnostics (list)->len; i++)
    g_assert_nonnull (
        ((MsDiagnostic *) g_ptr_array_index (ms_recording_get_diagnostics (list), i))->file);
  g_clear_object (&list);
  g_assert_null (ms_recording_open (path, NULL, &error));
  g_assert_error (error, MS_ERROR, MS_ERROR_EMPTY);
}

/* A folder whose process runs is left alone. */
static void
test_living (void)
{
  g_autofree char *output = g_build_filename (folder, "living", NULL);
  g_autofree char *path = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTraceSummary) summary = NULL;
  const char *name;
  char line[8];
  int out[2];
  pid_t child;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      setenv ("LD_PRELOAD", preload, 1);
      setenv ("MEMSCOPE_OUTPUT", output, 1);
      dup2 (out[1], 1);
      execl (victim, victim, "wait", NULL);
      _exit (99);
    }
  g_assert_cmpint (read (out[0], line, sizeof line), ==, 6);
  dir = g_dir_open (output, 0, NULL);
  while (!path && (name = g_dir_read_name (dir)))
    if (g_ascii_isdigit (name[0]))
      path = g_build_filename (output, name, NULL);

  summary = ms_closer_close (path, &unknown, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (summary);
  g_assert_true (has_file (path, TRK_POOL_FILE_NAME));
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);

  g_clear_error (&error);
  summary = ms_closer_close (path, &unknown, &error);
  g_assert_no_error (error);
  g_assert_cmpint (summary->state, ==, MS_STATE_KILLED);
  g_assert_false (has_file (path, TRK_POOL_FILE_NAME));
  close (out[0]);
  close (out[1]);
}

static void
test_no_trace (void)
{
  g_autofree char *path = g_build_filename (folder, "empty", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_null (ms_closer_close (path, &killed, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  preload = argv[1];
  victim = argv[2];
  folder = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  original = record_and_kill ();

  g_test_add_func ("/closer/close", test_close);
  g_test_add_func ("/closer/close-again", test_close_again);
  g_test_add_func ("/closer/killed/after-drain", test_killed_after_drain);
  g_test_add_func ("/closer/killed/while-draining", test_killed_while_draining);
  g_test_add_func ("/closer/killed/around-manifest", test_killed_around_manifest);
  g_test_add_func ("/closer/leftover-temporary", test_leftover_temporary);
  g_test_add_func ("/closer/without-manifest", test_without_manifest);
  g_test_add_func ("/closer/damaged-manifest", test_damaged_manifest);
  g_test_add_data_func ("/closer/killed/at-start", NULL, test_killed_at_start);
  g_test_add_data_func ("/closer/killed/at-start-with-pool", "", test_killed_at_start);
  g_test_add_func ("/closer/living", test_living);
  g_test_add_func ("/closer/no-trace", test_no_trace);
  result = g_test_run ();

  remove_tree (folder);
  g_free (folder);
  g_free (original);
  return result;
}
