/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Data files of heaptrack, written by hand, of every format: interpreted and raw, compressed and not,
 * whole, cut and hostile.  That totals of real ones are heaptrack_print's, test-heaptrack-totals shows.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ms-name-resolver.h"
#include "ms-recording.h"
#include "ms-trace.h"
#include "test-folder.h"

/* Two stacks, work ← main and main alone; three infos. */
#define INTERPRETED \
  "v 10400 3\n" \
  "X ./prog --x y\n" \
  "I 1000 5e298d\n" \
  "s e /opt/prog/prog\n" \
  "s 4 main\n" \
  "s 8 /s/p.cc \n" \
  "s 4 work\n" \
  "s 7 inlined\n" \
  "i 4010 1 2 3 c\n" \
  "t 1 0\n" \
  "i 4080 1 5 3 10 4 3 20\n" \
  "t 2 1\n" \
  "a 64 2\n" \
  "a 10 1\n" \
  "+ 0\n" \
  "+ 1\n" \
  "- 1\n" \
  "c a\n" \
  "R 3ea\n" \
  "a 3e8 1\n" \
  "+ 0\n" \
  "+ 2\n" \
  "- 0\n" \
  "- 2\n" \
  "c 14\n" \
  "# strings: 5\n"

#define RAW \
  "v 10400 3\n" \
  "x e /opt/prog/prog\n" \
  "X ./prog --x y\n" \
  "I 1000 5e298d\n" \
  "m 1 -\n" \
  "m 1 x 400000 0 1000 2000 1000\n" \
  "m 9 /lib/a.so 700000 0 8000\n" \
  "t 400010 0\n" \
  "t 700080 1\n" \
  "+ 64 2 5000\n" \
  "+ 10 1 6000\n" \
  "- 6000\n" \
  "c a\n" \
  "- 7777\n" \
  "m 1 -\n" \
  "m 1 x 400000 0 1000 2000 1000\n" \
  "m 9 /lib/b.so 700000 0 8000\n" \
  "t 700100 1\n" \
  "+ 3e8 3 6000\n" \
  "- 5000\n" \
  "c 14\n"

typedef struct {
  char *folder;
  char *path; /* of the file */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = test_folder_new ();
  self->path = g_build_filename (self->folder, "any.name", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  test_folder_remove (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

static void
write_bytes (Fixture *self, gconstpointer bytes, gsize n_bytes)
{
  g_assert_true (g_file_set_contents (self->path, bytes, (gssize) n_bytes, NULL));
}

static MsTrace *
load (Fixture *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace;

  if (text != NULL)
    write_bytes (self, text, strlen (text));
  trace = ms_trace_load (self->path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return trace;
}

static void
assert_error (Fixture *self, const char *text, gint code, const char *words)
{
  g_autoptr (GError) error = NULL;

  write_bytes (self, text, strlen (text));
  g_assert_null (ms_trace_load (self->path, NULL, NULL, NULL, &error));
  g_assert_error (error, MS_ERROR, code);
  if (strstr (error->message, words) == NULL || strstr (error->message, self->path) == NULL)
    g_error ("“%s” lacks “%s” or the path", error->message, words);
}

static const MsDiagnostic *
find_diagnostic (MsTrace *trace, const char *words)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    if (strstr (((MsDiagnostic *) g_ptr_array_index (diagnostics, i))->message, words) != NULL)
      return g_ptr_array_index (diagnostics, i);
  return NULL;
}

/* What both texts above come to. */
static void
check_figures (MsTrace *trace, guint64 allocations, guint64 peak, guint64 leaked, guint64 temporary)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

  g_assert_cmpuint (totals->allocations, ==, allocations);
  g_assert_cmpuint (totals->peak_bytes, ==, peak);
  g_assert_cmpuint (totals->leaked_bytes, ==, leaked);
  g_assert_cmpuint (totals->temporary_allocations, ==, temporary);
}

static guint
find_stack (MsTrace *trace, guint64 peak)
{
  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    if (ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP)->peak_bytes == peak)
      return i;
  g_assert_not_reached ();
}

static void
check_interpreted (MsTrace *trace)
{
  g_autoptr (GArray) frames = NULL;
  const MsFrame *frame;

  /* 100, 116, 100, 200, 1200, 1100, 100: the second free of info 0 takes its later block. */
  check_figures (trace, 4, 1200, 100, 1);
  g_assert_cmpstr (ms_trace_get_imported_from (trace), ==, "heaptrack 1.4.0");
  g_assert_cmpstr (ms_trace_get_program (trace), ==, "prog");
  g_assert_cmpstr (ms_trace_get_arguments (trace)[2], ==, "y");
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 1);
  g_assert_cmpstr (ms_thread_get_name (ms_trace_get_thread (trace, 0)), ==, "all threads");
  g_assert_cmpint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_time_ns, ==, 10000000);
  g_assert_cmpint (ms_trace_get_duration_ns (trace), ==, 21000000);
  g_assert_nonnull (find_diagnostic (trace, "records no threads"));

  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, 2);
  frames = ms_name_resolver_resolve_stack (NULL, trace, find_stack (trace, 200));
  g_assert_cmpuint (frames->len, ==, 3);
  frame = &g_array_index (frames, MsFrame, 0);
  g_assert_cmpstr (frame->function, ==, "inlined");
  g_assert_cmpstr (frame->file, ==, "/s/p.cc ");
  g_assert_cmpuint (frame->line, ==, 0x10);
  g_assert_cmpstr (frame->module, ==, "prog");
  g_assert_true (frame->inlined);
  frame = &g_array_index (frames, MsFrame, 1);
  g_assert_cmpstr (frame->function, ==, "work");
  g_assert_false (frame->inlined);
  frame = &g_array_index (frames, MsFrame, 2);
  g_assert_cmpstr (frame->function, ==, "main");
  g_assert_cmpuint (frame->line, ==, 12);
  g_assert_cmpuint (frame->address, ==, 0x4011);
}

static void
test_interpreted (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self, INTERPRETED);

  check_interpreted (trace);
  g_assert_null (find_diagnostic (trace, "no sense"));
  g_assert_cmpstr (ms_trace_get_folder (trace), ==, self->path);
}

/* The same bytes through a compressor. */
static void
test_gzip (Fixture *self, gconstpointer data)
{
  g_autoptr (GZlibCompressor) compressor =
      g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr (GInputStream) plain =
      g_memory_input_stream_new_from_data (INTERPRETED, strlen (INTERPRETED), NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, G_CONVERTER (compressor));
  g_autoptr (MsTrace) trace = NULL, cut = NULL;
  char bytes[4096];
  gsize n_bytes = 0;

  g_assert_true (g_input_stream_read_all (packed, bytes, sizeof bytes, &n_bytes, NULL, NULL));
  write_bytes (self, bytes, n_bytes);
  trace = load (self, NULL);
  check_interpreted (trace);

  write_bytes (self, bytes, n_bytes - 30);
  cut = load (self, NULL);
  g_assert_cmpint (find_diagnostic (cut, "ends in the middle")->level, ==, MS_DIAGNOSTIC_DAMAGE);
}

/* zstd's own program makes what heaptrack makes with it. */
static void
test_zstd (Fixture *self, gconstpointer data)
{
  g_autofree char *packed = g_strconcat (self->path, ".packed", NULL);
  const char *arguments[] = { "zstd", "-q", "-o", packed, self->path, NULL };
  g_autoptr (MsTrace) trace = NULL, cut = NULL, damaged = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  write_bytes (self, INTERPRETED, strlen (INTERPRETED));
  if (!g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                     NULL, NULL)
      || !g_file_get_contents (packed, &bytes, &n_bytes, NULL))
    {
      g_test_skip ("there is no program zstd");
      return;
    }
#ifdef MS_HAVE_ZSTD
  write_bytes (self, bytes, n_bytes);
  trace = load (self, NULL);
  check_interpreted (trace);
  /* Two frames, the second one cut: all of the first is there. */
  bytes = g_realloc (bytes, 2 * n_bytes);
  memcpy (bytes + n_bytes, bytes, n_bytes);
  write_bytes (self, bytes, 2 * n_bytes - 9);
  cut = load (self, NULL);
  g_assert_cmpint (find_diagnostic (cut, "ends in the middle")->level, ==, MS_DIAGNOSTIC_DAMAGE);
  g_assert_cmpuint (ms_trace_get_totals (cut, MS_DOMAIN_HEAP)->allocations, >=, 4);
  memset (bytes + n_bytes, 'x', 8);
  write_bytes (self, bytes, 2 * n_bytes);
  damaged = load (self, NULL);
  g_assert_nonnull (find_diagnostic (damaged, "damaged after line"));
#else
  {
    g_autoptr (GError) error = NULL;

    write_bytes (self, bytes, n_bytes);
    g_assert_null (ms_trace_load (self->path, NULL, NULL, NULL, &error));
    g_assert_nonnull (strstr (error->message, "zstd -d"));
  }
#endif
}

/* Texts without their length. */
static void
test_format_2 (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self, "v 10100 2\nX a\ns /x/liba.so.1\ns f (int, char)\n"
                                          "i 100 1 2\nt 1 0\na 8 1\n+ 0\nc 1\n");
  g_autoptr (GArray) frames = ms_name_resolver_resolve_stack (NULL, trace, 0);

  check_figures (trace, 1, 8, 8, 0);
  g_assert_cmpstr (g_array_index (frames, MsFrame, 0).function, ==, "f (int, char)");
  g_assert_cmpstr (g_array_index (frames, MsFrame, 0).module, ==, "liba.so.1");
}

/* The first one: pointers, but names all the same. */
static void
test_format_0 (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self, "v 10000\nX a\ns m\ns f\ni 100 1 2\nt 1 0\n+ 8 1 5000\n"
                                          "+ 9 1 6000\n- 5000\nc 1\n");
  g_autoptr (GArray) frames = ms_name_resolver_resolve_stack (NULL, trace, 0);

  check_figures (trace, 2, 17, 9, 0);
  g_assert_cmpstr (g_array_index (frames, MsFrame, 0).function, ==, "f");
}

static void
test_raw (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self, RAW);
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  const MsModule *module;
  guint64 address;

  check_figures (trace, 3, 1100, 1000, 1);
  g_assert_cmpuint (totals->unmatched_frees, ==, 1);
  module = ms_trace_find_module (trace, find_stack (trace, 100), 0, &address);
  g_assert_cmpstr (module->path, ==, "/lib/a.so");
  g_assert_cmpuint (address, ==, 0x81);
  module = ms_trace_find_module (trace, find_stack (trace, 100), 1, &address);
  g_assert_cmpstr (module->path, ==, "/opt/prog/prog");
  /* Another library lies there now. */
  module = ms_trace_find_module (trace, find_stack (trace, 1000), 0, &address);
  g_assert_cmpstr (module->path, ==, "/lib/b.so");
  g_assert_nonnull (find_diagnostic (trace, "raw"));
}

/* Of a program that ran already, unknown frees are of what it had. */
static void
test_attached (Fixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace =
      load (self, "v 10400 3\nx 1 a\nX a\nA\nm 1 -\nt 10 0\n- 5000\n+ 8 1 5000\n+ 4 1 5000\nc 1\n");

  check_figures (trace, 2, 12, 12, 0);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->prior_frees, ==, 1);
  g_assert_nonnull (find_diagnostic (trace, "handed out again"));
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  assert_error (self, "hello\n", MS_ERROR_NOT_A_TRACE, "neither a trace folder nor");
  assert_error (self, "", MS_ERROR_NOT_A_TRACE, "neither a trace folder nor");
  assert_error (self, "v is no version\n", MS_ERROR_NOT_A_TRACE, "neither a trace folder nor");
  assert_error (self, "v 20000 9\n+ 1\n", MS_ERROR_VERSION, "newer heaptrack");
}

/* Every line is checked, and what is good is shown. */
static void
test_nonsense (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) text =
      g_string_new ("v 10400 3\nX a\ns 1 m\nt 1 7\nt 2 1\nt 1 2\nt ffffffff 0\n"
                    "i ffffffffffffffff 1 9 9 9\ni\na 8 2\na 8 99\na\n"
                    "+ 0\n+ 1\n+ 99\n- 99\n- 0\n- 0\n+ fffffffffffffffff\n"
                    "- \nq\nc zz\nc ffffffffffffffff\na ffffffffffffffff 1\n");
  g_autoptr (MsTrace) trace = NULL;

  g_string_append (text, "s 30000 ");
  for (guint i = 0; i < 300000; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\n+ 0\nc 5\n+ 0"); /* no end of the last line */
  trace = load (self, text->str);
  check_figures (trace, 3, 16, 16, 0);
  g_assert_nonnull (find_diagnostic (trace, "make no sense"));
  g_assert_nonnull (find_diagnostic (trace, "longer than"));
  g_assert_nonnull (find_diagnostic (trace, "ends in the middle"));
}

/* Each prefix is either a trace or refused in words. */
static void
test_every_cut (Fixture *self, gconstpointer data)
{
  const char *const texts[] = { INTERPRETED, RAW };

  g_setenv ("MEMSCOPE_CACHE_MB", "0", TRUE); /* a thousand files that nobody asks for again */
  for (guint t = 0; t < G_N_ELEMENTS (texts); t++)
    for (gsize n = 0; n <= strlen (texts[t]); n++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (MsTrace) trace = NULL;

        write_bytes (self, texts[t], n);
        trace = ms_trace_load (self->path, NULL, NULL, NULL, &error);
        g_assert_true ((trace == NULL) == (error != NULL));
        if (trace != NULL && n > 0 && texts[t][n - 1] != '\n')
          g_assert_nonnull (find_diagnostic (trace, "ends in the middle"));
      }
  g_unsetenv ("MEMSCOPE_CACHE_MB");
}

/* Deeper than we keep stacks: the innermost frames, and that there were more. */
static void
test_deep (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("v 10400 3\nX a\ns 1 m\n");
  g_autoptr (MsTrace) trace = NULL;
  guint depth = 0;
  gboolean truncated = FALSE;

  for (guint i = 1; i <= 5000; i++)
    g_string_append_printf (text, "i %x 1\nt %x %x\n", i * 16, i, i - 1);
  g_string_append (text, "a 8 1388\n+ 0\n");
  trace = load (self, text->str);
  g_assert_cmpuint (ms_trace_get_stack_frames (trace, 0, &depth, &truncated)[0], ==, 80001);
  g_assert_cmpuint (depth, ==, 256);
  g_assert_true (truncated);
}

static void
test_recording (Fixture *self, gconstpointer data)
{
  g_autoptr (MsRecording) recording = NULL;
  g_autoptr (GError) error = NULL;
  const MsProcess *process;

  write_bytes (self, INTERPRETED, strlen (INTERPRETED));
  recording = ms_recording_open (self->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ms_recording_get_n_processes (recording), ==, 1);
  process = ms_recording_get_process (recording, 0);
  g_assert_cmpstr (process->folder, ==, self->path);
  g_assert_cmpstr (process->program, ==, "prog");
  g_assert_cmpuint (process->peak_bytes, ==, 1200);
  g_assert_cmpuint (process->allocations, ==, 4);
}

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Another content is another entry; with no room for any, none stays; none is left half made. */
static void
test_cache (Fixture *self, gconstpointer data)
{
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "memscope", "imported", NULL);
  g_autofree char *abandoned = g_build_filename (cache, "0123.new-ABCDEF", NULL);
  guint n_before = count_entries (cache);

  g_object_unref (load (self, INTERPRETED));
  g_assert_cmpuint (count_entries (cache), ==, n_before + 1);
  g_object_unref (load (self, NULL));
  g_assert_cmpuint (count_entries (cache), ==, n_before + 1);
  assert_error (self, "v 20000 9\n", MS_ERROR_VERSION, "newer");
  g_assert_cmpuint (count_entries (cache), ==, n_before + 1);

  g_assert_cmpint (g_mkdir (abandoned, 0700), ==, 0);
  g_setenv ("MEMSCOPE_CACHE_MB", "0", TRUE);
  g_object_unref (load (self, RAW));
  g_unsetenv ("MEMSCOPE_CACHE_MB");
  g_assert_cmpuint (count_entries (cache), ==, 1);
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  write_bytes (self, RAW, strlen (RAW));
  g_cancellable_cancel (cancellable);
  g_assert_null (ms_trace_load (self->path, cancellable, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*run) (Fixture *self, gconstpointer data);
  } tests[] = {
    { "interpreted", test_interpreted },
    { "gzip", test_gzip },
    { "zstd", test_zstd },
    { "format-2", test_format_2 },
    { "format-0", test_format_0 },
    { "raw", test_raw },
    { "attached", test_attached },
    { "refused", test_refused },
    { "nonsense", test_nonsense },
    { "every-cut", test_every_cut },
    { "deep", test_deep },
    { "recording", test_recording },
    { "cache", test_cache },
    { "cancel", test_cancel },
  };
  g_autofree char *cache = test_folder_new ();
  int status;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/heaptrack-import/%s", tests[i].name);

      g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
    }
  status = g_test_run ();
  test_folder_remove (cache);
  return status;
}
