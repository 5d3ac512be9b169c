/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Marks, from who writes them to who shows them: the trace as it is loaded, and its parts. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-mark-writer.h"
#include "ms-trace.h"
#include "ms-trim.h"
#include "trace-builder.h"

#define END_NS (G_GINT64_CONSTANT (1) << 62)

typedef struct {
  char *folder, *out;
  int dir_fd;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (TraceBuilder) builder = NULL;

  f->folder = test_folder_new ();
  f->out = g_strconcat (f->folder, ".part", NULL);
  builder = trace_builder_new (f->folder);
  trace_builder_start (builder, 0, 0, -1);
  trace_builder_alloc (builder, 0, 1000, 0x5000, 32,
                       trace_builder_add_stack (builder, 0, (guint64[]) { 0x1000 }, 1));
  trace_builder_alloc (builder, 0, END_NS / 2, 0x6000, 32, 1);
  trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
  f->dir_fd = open (f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  close (f->dir_fd);
  test_folder_remove (f->folder);
  if (g_file_test (f->out, G_FILE_TEST_EXISTS))
    test_folder_remove (f->out);
  g_free (f->folder);
  g_free (f->out);
}

static gint64
write_mark (Fixture *f, TrkMarkKind kind, const char *name)
{
  g_autoptr (GError) error = NULL;
  gint64 time_ns;

  ms_mark_write_at (f->dir_fd, kind, name, &time_ns, &error);
  g_assert_no_error (error);
  return time_ns;
}

static MsTrace *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static void
assert_mark (const MsMark *mark, MsMarkKind kind, const char *name, gint64 time_ns)
{
  g_assert_cmpint (mark->kind, ==, kind);
  g_assert_cmpstr (mark->name, ==, name);
  g_assert_cmpint (mark->time_ns, ==, time_ns);
}

static void
test_load (Fixture *f, gconstpointer data)
{
  MsControl before = { .is_on = TRUE, .rule = "all", .sampling_rate = 1 }, now = before;
  gint64 first_ns = write_mark (f, TRK_MARK_PLAIN, "Anfang größer");
  gint64 second_ns = write_mark (f, TRK_MARK_SNAPSHOT, "there");
  g_autoptr (MsTrace) trace = NULL;
  const MsMark *marks;
  guint n_marks;

  ms_control_mark_change_at (f->dir_fd, &before, &now);
  now.is_on = FALSE;
  g_strlcpy (now.rule, "worker-*", sizeof now.rule);
  now.sampling_rate = 0.1;
  ms_control_mark_change_at (f->dir_fd, &before, &now);
  trace = load (f->folder);
  marks = ms_trace_get_marks (trace, &n_marks);
  g_assert_cmpuint (n_marks, ==, 5);
  assert_mark (&marks[0], MS_MARK_PLAIN, "Anfang größer", first_ns);
  assert_mark (&marks[1], MS_MARK_SNAPSHOT, "there", second_ns);
  assert_mark (&marks[2], MS_MARK_STOPPED, "", marks[2].time_ns);
  assert_mark (&marks[3], MS_MARK_THREAD_RULE, "worker-*", marks[3].time_ns);
  assert_mark (&marks[4], MS_MARK_SAMPLING, "10 %", marks[4].time_ns);
}

static void
test_none (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (f->folder);
  guint n_marks = 1;

  ms_trace_get_marks (trace, &n_marks);
  g_assert_cmpuint (n_marks, ==, 0);
}

/* A part has the marks of its stretch, at the times that they had. */
static void
test_trim (Fixture *f, gconstpointer data)
{
  gint64 first_ns = write_mark (f, TRK_MARK_PLAIN, "first");
  gint64 second_ns = write_mark (f, TRK_MARK_SNAPSHOT, "second");
  g_autoptr (MsFilter) filter = ms_filter_new ();
  g_autoptr (MsFilter) range = ms_filter_with_range (filter, first_ns + 1, END_NS);
  MsTrimOptions options = { .filter = range };
  g_autoptr (MsTrace) trace = load (f->folder), part = NULL;
  g_autoptr (GError) error = NULL;
  const MsMark *marks;
  guint n_marks;

  ms_trace_trim (trace, &options, f->out, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  part = load (f->out);
  marks = ms_trace_get_marks (part, &n_marks);
  g_assert_cmpuint (n_marks, ==, 1);
  assert_mark (marks, MS_MARK_SNAPSHOT, "second", second_ns);
}

/* What a reader takes no more of, a writer does not write. */
static void
test_limit (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, TRK_MARKS_FILE_NAME, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GByteArray) many = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = NULL;
  guint n_marks;
  gint64 time_ns;
  gsize n_bytes;

  write_mark (f, TRK_MARK_PLAIN, "x");
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_byte_array_append (many, (guint8 *) bytes, sizeof (TrkFileHeader));
  for (guint i = 0; i < TRK_MAX_MARKS + 100; i++)
    g_byte_array_append (many, (guint8 *) bytes + sizeof (TrkFileHeader),
                         (guint) (n_bytes - sizeof (TrkFileHeader)));
  g_assert_true (g_file_set_contents (path, (char *) many->data, many->len, NULL));
  g_assert_false (ms_mark_write_at (f->dir_fd, TRK_MARK_PLAIN, "y", &time_ns, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  trace = load (f->folder);
  ms_trace_get_marks (trace, &n_marks);
  g_assert_cmpuint (n_marks, ==, TRK_MAX_MARKS);
}

/* On a full disk, of which room for a part of a block is left: that part does not stay. */
static void
test_no_room (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, TRK_MARKS_FILE_NAME, NULL);
  gint64 first_ns = write_mark (f, TRK_MARK_PLAIN, "first"), second_ns, time_ns;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = NULL;
  struct rlimit before, limit;
  const MsMark *marks;
  struct stat status;
  guint n_marks;

  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = (rlim_t) status.st_size + TRK_BLOCK_HEADER_BYTES;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (ms_mark_write_at (f->dir_fd, TRK_MARK_PLAIN, "no room", &time_ns, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  second_ns = write_mark (f, TRK_MARK_PLAIN, "second");
  trace = load (f->folder);
  marks = ms_trace_get_marks (trace, &n_marks);
  g_assert_cmpuint (n_marks, ==, 2);
  assert_mark (&marks[0], MS_MARK_PLAIN, "first", first_ns);
  assert_mark (&marks[1], MS_MARK_PLAIN, "second", second_ns);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/marks/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("load", test_load);
  ADD ("none", test_none);
  ADD ("trim", test_trim);
  ADD ("limit", test_limit);
  ADD ("no-room", test_no_room);
  return g_test_run ();
}
