/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What becomes of folders: a finished one takes another's place so that somebody who looks all the time finds the one
 * or the other whole, and takes nobody's who has more in it than a trace.  And what a packed file may unpack to.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ms-heaptrack-convert.h"
#include "ms-trace-writer.h"
#include "test-folder.h"

#define N_REPLACEMENTS 60

static gboolean
write_folder (const char *folder, const char *manifest, gboolean replace, GError **error)
{
  g_autoptr (MsTraceWriter) writer = ms_trace_writer_new (folder, 0, error);

  return writer != NULL && ms_trace_writer_finish (writer, manifest, replace, error);
}

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

typedef struct {
  char *manifest;
  gint stop, n_found, n_missed; /* atomic */
} Watch;

static gpointer
look_all_the_time (gpointer data)
{
  Watch *self = data;

  while (!g_atomic_int_get (&self->stop))
    if (g_file_test (self->manifest, G_FILE_TEST_EXISTS))
      g_atomic_int_inc (&self->n_found);
    else
      g_atomic_int_inc (&self->n_missed);
  return NULL;
}

static void
test_replace (void)
{
  g_autofree char *parent = test_folder_new ();
  g_autofree char *folder = g_build_filename (parent, "trace", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  Watch watch = { .manifest = g_build_filename (folder, TRK_MANIFEST_FILE_NAME, NULL) };
  GThread *thread;

  g_assert_true (write_folder (folder, "first", TRUE, &error));
  g_assert_false (write_folder (folder, "second", FALSE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  thread = g_thread_new ("watch", look_all_the_time, &watch);
  while (g_atomic_int_get (&watch.n_found) == 0)
    g_thread_yield ();
  for (guint i = 0; i < N_REPLACEMENTS; i++)
    {
      g_assert_true (write_folder (folder, "third", TRUE, &error));
      g_assert_no_error (error);
    }
  g_atomic_int_set (&watch.stop, 1);
  g_thread_join (thread);
  g_assert_cmpint (watch.n_missed, ==, 0);
  g_assert_true (g_file_get_contents (watch.manifest, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "third");
  g_assert_cmpuint (count_entries (parent), ==, 1);
  test_folder_remove (parent);
  g_free (watch.manifest);
}

static void
test_not_replaced (void)
{
  g_autofree char *parent = test_folder_new ();
  g_autofree char *folder = g_build_filename (parent, "trace", NULL);
  g_autofree char *foreign = g_build_filename (folder, "thesis.txt", NULL);
  g_autofree char *manifest = g_build_filename (folder, TRK_MANIFEST_FILE_NAME, NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (write_folder (folder, "first", TRUE, NULL));
  g_assert_true (g_file_set_contents (foreign, "mine", -1, NULL));
  g_assert_false (write_folder (folder, "second", TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_true (g_file_test (foreign, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (manifest, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "first");
  g_assert_cmpuint (count_entries (parent), ==, 1);
  test_folder_remove (parent);
}

/* --- packed files ---------------------------------------------------------------------------------- */

#define FREE_BYTES 100000

/* TRUE: it was converted. */
static gboolean
convert (gconstpointer bytes, gsize n_bytes, guint64 free_bytes, GError **error)
{
  g_autoptr (GInputStream) stream =
      g_memory_input_stream_new_from_data (bytes, (gssize) n_bytes, NULL);
  g_autofree char *parent = test_folder_new ();
  g_autofree char *folder = g_build_filename (parent, "trace", NULL);
  g_autoptr (MsTraceWriter) writer = ms_trace_writer_new (folder, 0, NULL);
  MsHeaptrackLines lines;
  gboolean is_good;

  g_assert_true (ms_heaptrack_lines_open (&lines, stream, n_bytes, NULL));
  lines.free_text_bytes = free_bytes;
  is_good = ms_heaptrack_convert (&lines, writer, (gsize) 1 << 24, NULL, NULL, NULL, NULL, error);
  if (!is_good)
    g_assert_cmpuint (lines.n_text_bytes, <,
                      MAX (free_bytes, n_bytes * MS_HEAPTRACK_MAX_RATIO)
                          + 4 * MS_HEAPTRACK_MAX_LINE_BYTES);
  ms_heaptrack_lines_close (&lines);
  g_clear_pointer (&writer, ms_trace_writer_free);
  test_folder_remove (parent);
  return is_good;
}

/* Of lines, and of one that does not end. */
static void
test_bomb (gconstpointer line)
{
  g_autoptr (GString) text = g_string_new ("v 10400 3\nX a\nI 1000 5e298d\ns 1 a\na 10 0\n");
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GInputStream) plain = NULL, packing = NULL;
  g_autofree guint8 *bytes = g_malloc (FREE_BYTES);
  g_autoptr (GError) error = NULL;
  gsize n_bytes;

  for (guint i = 0; i < 400000; i++)
    g_string_append (text, line);
  plain = g_memory_input_stream_new_from_data (text->str, (gssize) text->len, NULL);
  packing = g_converter_input_stream_new (plain, G_CONVERTER (compressor));
  g_assert_true (g_input_stream_read_all (packing, bytes, FREE_BYTES, &n_bytes, NULL, NULL));
  g_assert_cmpuint (n_bytes, <, text->len / MS_HEAPTRACK_MAX_RATIO);
  g_assert_false (convert (bytes, n_bytes, FREE_BYTES, &error));
  g_assert_error (error, MS_ERROR, MS_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "decompress it first"));
  g_clear_error (&error);
  /* Short enough to be taken as it is, and unpacked by hand. */
  g_assert_true (convert (bytes, n_bytes, 2 * text->len, &error));
  g_assert_true (convert (text->str, text->len, FREE_BYTES, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace-writer/replace", test_replace);
  g_test_add_func ("/trace-writer/not-replaced", test_not_replaced);
  g_test_add_data_func ("/trace-writer/bomb/lines", "+ 0\n- 0\n", test_bomb);
  g_test_add_data_func ("/trace-writer/bomb/one-line", "aaaa", test_bomb);
  return g_test_run ();
}
