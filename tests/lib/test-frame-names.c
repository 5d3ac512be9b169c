/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of names: each place asked once, frames and functions numbered once, hostile texts. */
#include "ms-frame-names.h"

#include <string.h>

#include "name-table.h"
#include "trace-fixture.h"

static guint64 next_address;

static void
add (TraceFixture *self, NameTable *table, const char *words)
{
  guint32 stack = name_table_add_stack (table, self->builder, 0, words);

  next_address += 64;
  trace_builder_alloc (self->builder, 0, next_address, 0x100000 + next_address, 10, stack);
}

static MsTrace *
finish (TraceFixture *self, NameTable *table)
{
  name_table_add_module (table, self->builder);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  return trace_fixture_load (self);
}

/* "alloc<slow<main", innermost first, of the stack that has @n frames. */
static char *
labels_of (MsFrameNames *names, guint stack)
{
  GString *text = g_string_new (NULL);
  guint depth;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "<" : "",
                            ms_frame_names_get_label (names, frames[i]));
  return g_string_free (text, FALSE);
}

static void
test_interning (TraceFixture *self, gconstpointer data)
{
  g_autoptr (NameTable) table = name_table_new ("/usr/bin/victim", 0x400000);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsFrameNames) names = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL, *second = NULL;
  const MsFrame *inner, *outer;
  const guint *frames;
  guint depth;

  add (self, table, "main > run@run.c:1 > fast@fast.h:5^slow@slow.c:7");
  add (self, table, "main > run@run.c:2 > ?16");
  trace = finish (self, table);
  names = ms_frame_names_new (trace, MS_NAME_RESOLVER (table), NULL, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (ms_frame_names_get_n_stacks (names), ==, 2);
  first = labels_of (names, 0);
  second = labels_of (names, 1);
  g_assert_cmpstr (first, ==, "fast<slow<run<main");
  g_assert_cmpstr (second, ==, "victim+0x800010<run<main");
  /* run stands in it twice as a frame and once as a function. */
  g_assert_cmpuint (ms_frame_names_get_n_frames (names), ==, 6);
  g_assert_cmpuint (ms_frame_names_get_n_functions (names), ==, 5);

  frames = ms_frame_names_get_stack (names, 0, &depth, NULL);
  inner = ms_frame_names_get_frame (names, frames[0]);
  outer = ms_frame_names_get_frame (names, frames[1]);
  g_assert_true (inner->inlined);
  g_assert_false (outer->inlined);
  g_assert_cmpstr (inner->file, ==, "fast.h");
  g_assert_cmpuint (outer->line, ==, 7);
  g_assert_cmpstr (outer->module, ==, "victim");
  g_assert_true (outer->module == inner->module);

  frames = ms_frame_names_get_stack (names, 1, &depth, NULL);
  g_assert_false (
      ms_frame_names_get_function (names, ms_frame_names_get_function_of (names, frames[0]))
          ->is_named);
}

static void
test_without_resolver (TraceFixture *self, gconstpointer data)
{
  g_autoptr (NameTable) table = name_table_new ("/usr/bin/victim", 0x400000);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsFrameNames) names = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *labels = NULL;
  const guint64 outside[] = { 0x7f0000001234 };
  guint32 stack;

  add (self, table, "main > run");
  stack = trace_builder_add_stack (self->builder, 0, outside, 1);
  trace_builder_alloc (self->builder, 0, 1000000, 0x900000, 1, stack);
  trace_builder_alloc (self->builder, 0, 1000001, 0xa00000, 1, 0);
  trace = finish (self, table);
  names = ms_frame_names_new (trace, NULL, NULL, NULL);
  for (guint s = 0; s < ms_trace_get_n_stacks (trace); s++)
    {
      g_autofree char *one = labels_of (names, s);
      g_autofree char *joined = g_strconcat (labels != NULL ? labels : "", one, ";", NULL);

      g_free (labels);
      labels = g_steal_pointer (&joined);
    }
  g_assert_nonnull (strstr (labels, "victim+0x20<victim+0x10;"));
  g_assert_nonnull (strstr (labels, "0x7f0000001234;"));
  g_clear_pointer (&names, ms_frame_names_unref);

  g_cancellable_cancel (cancellable);
  names = ms_frame_names_new (trace, NULL, cancellable, &error);
  g_assert_null (names);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What a trace's files call things is not text until it is made so. */
static void
test_hostile (TraceFixture *self, gconstpointer data)
{
  g_autoptr (NameTable) table = name_table_new ("/usr/bin/vic\xfftim", 0x400000);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsFrameNames) names = NULL;
  g_autofree char *labels = NULL;
  const guint *frames;
  guint depth;

  add (self, table,
       "\xc3\x28"
       "main > </script>\x1b[31m@a\xff.c:3");
  trace = finish (self, table);
  names = ms_frame_names_new (trace, MS_NAME_RESOLVER (table), NULL, NULL);
  for (guint f = 0; f < ms_frame_names_get_n_frames (names); f++)
    {
      const MsFrame *frame = ms_frame_names_get_frame (names, f);

      g_assert_true (g_utf8_validate (ms_frame_names_get_label (names, f), -1, NULL));
      g_assert_true (g_utf8_validate (frame->module, -1, NULL));
      g_assert_true (frame->file == NULL || g_utf8_validate (frame->file, -1, NULL));
    }
  labels = labels_of (names, 0);
  g_assert_cmpstr (labels, ==, "</script>\x1b[31m<\xef\xbf\xbd(main");
  frames = ms_frame_names_get_stack (names, 0, &depth, NULL);
  g_assert_cmpstr (ms_frame_names_get_frame (names, frames[0])->file, ==, "a\xef\xbf\xbd.c");
}

static void
test_sites (TraceFixture *self, gconstpointer data)
{
  static const char *const cases[][2] = {
    { "main > decode > g_malloc", "decode" },
    { "main > decode > std::vector<int>::push_back(int&&) > operator new(unsigned long)",
      "decode" },
    { "main > decode > Row* std::__relocate_a<Row*>(Row*) > "
      "__gnu_cxx::new_allocator<Row>::allocate(int)",
      "decode" },
    { "main > std::string read<int>(int) > operator new(unsigned long)",
      "std::string read<int>(int)" },
    { "main > decode > alloc::raw_vec::RawVec<T,A>::reserve > __rust_alloc", "decode" },
    { "main > decode > ?16", "decode" },
    { "main > decode > sqlite3Malloc > ?16", "decode" },
    { "_start > __libc_start_main_impl > main > decode > sqlite3MallocZero", "decode" },
    { "clone3 > start_thread > worker > createString > zmalloc_usable", "createString" },
    { "main > reallocate_table > xrealloc", "reallocate_table" },
    { "main > malloc_config > malloc", "malloc_config" },
    { "operator new(unsigned long) > ?16", "victim+0x800010" },
    { "main", "main" },
  };
  g_autoptr (NameTable) table = name_table_new ("/usr/bin/victim", 0x400000);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsFrameNames) names = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    add (self, table, cases[i][0]);
  trace = finish (self, table);
  names = ms_frame_names_new (trace, MS_NAME_RESOLVER (table), NULL, NULL);
  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint frame;

      g_assert_true (ms_frame_names_find_site (names, i, &frame));
      g_assert_cmpstr (ms_frame_names_get_label (names, frame), ==, cases[i][1]);
    }
}

/* redis-server is a link to redis-check-rdb: frames are said to be in what was started. */
static void
test_started_as (TraceFixture *self, gconstpointer data)
{
  g_autoptr (NameTable) table = name_table_new ("/usr/bin/victim", 0x400000);
  g_autofree char *manifest = NULL;
  g_autoptr (GString) edited = NULL;
  gsize n_bytes;

  add (self, table, "main > run@run.c:1 > ?16");
  name_table_add_module (table, self->builder);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace_fixture_read_file (self, "memscope_trace.json", &manifest, &n_bytes);
  edited = g_string_new_len (manifest, (gssize) n_bytes);
  g_assert_cmpuint (g_string_replace (edited, "[\"victim\"", "[\"/opt/started-as\"", 1), ==, 1);
  trace_fixture_write_file (self, "memscope_trace.json", edited->str, (gssize) edited->len);
  for (guint round = 0; round < 2; round++) /* from the events, and from a summary */
    {
      g_autoptr (MsTrace) trace = trace_fixture_load (self);
      g_autoptr (MsFrameNames) names =
          ms_frame_names_new (trace, MS_NAME_RESOLVER (table), NULL, NULL);

      for (guint i = 0; i < ms_frame_names_get_n_frames (names); i++)
        g_assert_cmpstr (ms_frame_names_get_frame (names, i)->module, ==, "started-as");
      g_assert_cmpuint (ms_frame_names_get_n_frames (names), ==, 3);
    }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (TraceFixture *self, gconstpointer data);
  } tests[] = {
    { "/frame-names/interning", test_interning },
    { "/frame-names/without-resolver", test_without_resolver },
    { "/frame-names/hostile", test_hostile },
    { "/frame-names/sites", test_sites },
    { "/frame-names/started-as", test_started_as },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, TraceFixture, NULL, trace_fixture_set_up, tests[i].test,
                trace_fixture_tear_down);
  return g_test_run ();
}
