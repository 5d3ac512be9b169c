/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Input: flags, and a memscope_marks.bin.  Flag 1 makes the checksums of its blocks right again, so that what
 * lies behind them is reached.  What can be shown of it is text, in order of time, and not without end.
 */
#include "fuzz-target.h"

#include <fcntl.h>
#include <unistd.h>

#include "block-checksums.h"
#include "ms-diagnostic.h"
#include "ms-mark-writer.h"
#include "ms-marks.h"
#include "trace-builder.h"

#define MAX_FILE_BYTES (64U << 10)

const guint fuzz_n_mutations = 1500;

static int
open_folder (const char *folder)
{
  return open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void
fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data)
{
  for (guint8 flags = 0; flags < 2; flags++)
    {
      g_autofree char *folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, TRK_MARKS_FILE_NAME, NULL);
      g_autoptr (TraceBuilder) builder = trace_builder_new (folder);
      g_autoptr (GByteArray) input = g_byte_array_new ();
      g_autofree char *bytes = NULL;
      gint64 time_ns;
      gsize n_bytes;
      int dir_fd;

      trace_builder_add_stack (builder, 0, (guint64[]) { 0x1000 }, 1);
      trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
      dir_fd = open_folder (folder);
      for (guint kind = 0; kind <= TRK_MARK_SAMPLING; kind++)
        g_assert_true (
            ms_mark_write_at (dir_fd, (TrkMarkKind) kind, "a name, größer", &time_ns, NULL));
      close (dir_fd);
      g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
      g_byte_array_append (input, &flags, 1);
      g_byte_array_append (input, (guint8 *) bytes, (guint) n_bytes);
      add (input->data, input->len, user_data);
      test_folder_remove (folder);
    }
}

static void
check (const GArray *marks)
{
  gint64 before_ns = 0;

  g_assert_cmpuint (marks->len, <=, TRK_MAX_MARKS);
  for (guint i = 0; i < marks->len; i++)
    {
      const MsMark *mark = &g_array_index (marks, MsMark, i);

      g_assert_cmpint (mark->time_ns, >=, before_ns);
      before_ns = mark->time_ns;
      g_assert_cmpint (mark->kind, <, MS_N_MARK_KINDS);
      g_assert_true (g_utf8_validate (mark->name, -1, NULL));
      for (const char *at = mark->name; *at != '\0'; at = g_utf8_next_char (at))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (at)));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes)
{
  g_autoptr (GPtrArray) diagnostics = NULL;
  g_autoptr (GArray) marks = NULL;
  g_autofree guint8 *file = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  guint8 trace_id[16];
  int dir_fd;

  if (n_bytes <= 1 || n_bytes > MAX_FILE_BYTES)
    return 0;
  file = g_memdup2 (bytes + 1, n_bytes - 1);
  if (bytes[0] & 1)
    block_checksums_mend (file, n_bytes - 1);
  for (guint i = 0; i < sizeof trace_id; i++)
    trace_id[i] = (guint8) (0xa0 + i);
  folder = test_folder_new ();
  path = g_build_filename (folder, TRK_MARKS_FILE_NAME, NULL);
  g_assert_true (g_file_set_contents (path, (const char *) file, (gssize) (n_bytes - 1), NULL));
  diagnostics = ms_diagnostics_new ();
  dir_fd = open_folder (folder);
  marks = ms_marks_read (dir_fd, trace_id, TRACE_BUILDER_START_NS, diagnostics);
  close (dir_fd);
  check (marks);
  test_folder_remove (folder);
  return 0;
}
