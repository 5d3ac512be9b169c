/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The plain fixture, in milliseconds; sizes in bytes, main never frees "kept":
 *
 *   main    id 0   0 … 100   500 at 10, freed at 60; 1 000 at 20 (kept)
 *   reader  id 1   5 …  95   ten of 2 000 000 at 30 … 39, all freed by writer at 70 … 79
 *   writer  id 2   6 …       300 at 50, freed at once; the frees of reader's blocks
 *
 * and maps: main 8 000 000 anonymous bytes at 61 and 1 000 000 of a file at 62, unmaps the first half of
 * the former at 63; reader's stack of 65 536 from 6 to 94: 9 065 536 mapped at once, 5 000 000 left.
 *
 * so: peak 20 001 800 at 50 ms; reader 20 000 000; never freed 1 000 in 1 block; 1 temporary.
 */
#include "export-fixtures.h"

#include <string.h>

#include "resource-builder.h"
#include "trace-builder.h"

#define MS(n) ((guint64) (n) *1000000)
#define CODE 0x400000
#define MAPPED G_GUINT64_CONSTANT (0x7f0000000000)
#define LONG_NAME 10000
#define CROWD 2000
#define MANY_NAME 600 /* times thousands of frames */

/* --- names --- */

struct _ExportNames {
  GObject parent;
  GPtrArray *functions;
  GPtrArray *files;
};

static void
export_names_resolve (MsNameResolver *resolver,
                      const MsModule *module,
                      guint64 address,
                      gboolean is_exact,
                      GArray *frames)
{
  ExportNames *self = EXPORT_NAMES (resolver);
  guint i = (guint) (address / 16);
  const char *slash = strrchr (module->path, '/');
  MsFrame frame = {
    .function = g_ptr_array_index (self->functions, i % self->functions->len),
    .file = g_ptr_array_index (self->files, i % self->files->len),
    .line = i + 1,
    .module = slash ? slash + 1 : module->path,
    .address = address,
  };

  g_array_append_val (frames, frame);
}

static void
export_names_init_interface (MsNameResolverInterface *interface)
{
  interface->resolve = export_names_resolve;
}

G_DEFINE_TYPE_WITH_CODE (ExportNames,
                         export_names,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (MS_TYPE_NAME_RESOLVER, export_names_init_interface))

static void
export_names_finalize (GObject *object)
{
  ExportNames *self = EXPORT_NAMES (object);

  g_ptr_array_unref (self->functions);
  g_ptr_array_unref (self->files);
  G_OBJECT_CLASS (export_names_parent_class)->finalize (object);
}

static void
export_names_class_init (ExportNamesClass *class)
{
  G_OBJECT_CLASS (class)->finalize = export_names_finalize;
}

static void
export_names_init (ExportNames *self)
{
  self->functions = g_ptr_array_new_with_free_func (g_free);
  self->files = g_ptr_array_new_with_free_func (g_free);
}

static void
add_names (ExportNames *self, const char *function, const char *file)
{
  g_ptr_array_add (self->functions, g_strdup (function));
  g_ptr_array_add (self->files, g_strdup (file));
}

static char *
long_name (const char *start, gsize n_bytes)
{
  GString *name = g_string_new (start);

  while (name->len < n_bytes)
    g_string_append (name, "<T>&");
  return g_string_free (name, FALSE);
}

/* --- shapes --- */

static guint32
add_stack (TraceBuilder *builder, guint thread, guint first, guint depth)
{
  guint64 frames[64];

  for (guint i = 0; i < depth; i++)
    frames[i] = CODE + 16 * (first + i) + 4;
  return trace_builder_add_stack (builder, thread, frames, depth);
}

static void
build_plain (TraceBuilder *b, ExportNames *names)
{
  guint32 main_stack = add_stack (b, 0, 0, 3), reader_stack = add_stack (b, 1, 1, 2);

  add_names (names, "make_table", "/src/table.c");
  add_names (names, "read_all", "/src/read.c");
  add_names (names, "main", "/src/main.c");
  trace_builder_add_module (b, 0, CODE, CODE + 0x10000, CODE, "/usr/bin/plain", NULL, 0);

  trace_builder_name (b, 0, MS (0), "main", -1);
  trace_builder_start (b, 1, MS (5), 0);
  trace_builder_name (b, 1, MS (5), "reader", -1);
  trace_builder_map (b, 1, MS (6), MS (6), TRK_MAPPING_THREAD_STACK, TRK_MAPPING_READABLE,
                     MAPPED - 65536, 65536, main_stack);
  trace_builder_start (b, 2, MS (6), 0);
  trace_builder_name (b, 2, MS (6), "writer", -1);
  trace_builder_alloc (b, 0, MS (10), 0x2000, 500, main_stack);
  trace_builder_alloc (b, 0, MS (20), 0x1000, 1000, main_stack);
  for (guint i = 0; i < 10; i++)
    trace_builder_alloc (b, 1, MS (30 + i), 0x1000000 + i * 0x400000, 2000000, reader_stack);
  trace_builder_alloc (b, 2, MS (50), 0x3000, 300, reader_stack);
  trace_builder_free_block (b, 2, MS (51), 0x3000);
  trace_builder_free_block (b, 0, MS (60), 0x2000);
  trace_builder_map (b, 0, MS (61), MS (61), TRK_MAPPING_ANONYMOUS, TRK_MAPPING_READABLE, MAPPED,
                     8000000, main_stack);
  trace_builder_map (b, 0, MS (62), MS (62), TRK_MAPPING_FILE, TRK_MAPPING_READABLE,
                     MAPPED + 8000000, 1000000, main_stack);
  trace_builder_unmap (b, 0, MS (63), MAPPED, 4000000);
  for (guint i = 0; i < 10; i++)
    trace_builder_free_block (b, 2, MS (70 + i), 0x1000000 + i * 0x400000);
  trace_builder_unmap (b, 1, MS (94), MAPPED - 65536, 65536);
  trace_builder_exit (b, 1, MS (95), MS (45));
  trace_builder_exit (b, 0, MS (100), MS (10));
}

/* The plain fixture with samples every 5 ms: main computes 1 ms in each; a disk and a network interface whose
 * names are markup; reader is not allowed to be read. */
static void
write_samples (const char *folder)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (folder, 5000000);

  for (guint tick = 1; tick <= 20; tick++)
    {
      gint64 time_ns = (gint64) MS (5 * tick);

      resource_builder_set (b, TRK_PROCESSOR_USER_NS, MS (2 * tick));
      resource_builder_set (b, TRK_PROCESSOR_IDLE_NS, MS (3 * tick));
      resource_builder_sample (b, TRK_RESOURCE_PROCESSOR, 1, "", time_ns);
      resource_builder_set (b, TRK_PROCESS_CPU_NS, MS (2 * tick));
      resource_builder_set (b, TRK_PROCESS_RESIDENT_BYTES, 30000000 + tick);
      resource_builder_set (b, TRK_PROCESS_READ_CALLS, tick);
      resource_builder_set (b, TRK_PROCESS_WRITE_CALLS, 0);
      resource_builder_sample (b, TRK_RESOURCE_PROCESS, 1, "plain", time_ns);
      resource_builder_set (b, TRK_THREAD_CPU_NS, MS (tick));
      resource_builder_set (b, TRK_THREAD_READ_CALLS, tick);
      resource_builder_set (b, TRK_THREAD_WRITE_CALLS, 0);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1000, "main", time_ns);
      resource_builder_set_absent (b, TRK_THREAD_CPU_NS, 3);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1001, "reader", time_ns);
      resource_builder_set (b, TRK_DISK_BUSY_NS, MS (tick));
      resource_builder_sample (b, TRK_RESOURCE_DISK, 0, "</script><script>pwned=1</script>",
                               time_ns);
      resource_builder_set (b, TRK_INTERFACE_SENT_BYTES, 1000 * tick);
      resource_builder_sample (b, TRK_RESOURCE_INTERFACE, 0, "eth<b>", time_ns);
      resource_builder_set (b, TRK_GPU_BUSY_PERCENT, 50);
      resource_builder_sample (b, TRK_RESOURCE_GPU, 0, "\"GPU\" & co", time_ns);
    }
}

static void
build_hostile (TraceBuilder *b, ExportNames *names)
{
  static const char *const thread_names[] = {
    "</script><script>pwned=1</script>",
    "\"'><img src=x onerror=pwned=1>",
    "\342\200\256gpj.exe", /* right-to-left override */
    "bad \xff\xfe\xc0\xaf",
    "\x1b[2J\x01\x7f",
    "&lt;b&gt; & co",
    "שלום",
  };
  g_autofree char *function = long_name ("std::", LONG_NAME),
                  *file = long_name ("/src/", LONG_NAME);
  guint n = G_N_ELEMENTS (thread_names);

  add_names (names, "</script><script>pwned=1</script>",
             "/src/</script><script>pwned=1</script>.c");
  add_names (names, function, file);
  add_names (names, "operator<< \"' & \xe2\x80\xa8", "C:\\<!--.c");
  add_names (names, "bad \xff\xfe", "\x1b[31m.c");
  trace_builder_add_module (b, 0, CODE, CODE + 0x10000, CODE,
                            "/tmp/<script>pwned=1</script>\xff\xfe.so", NULL, 0);

  for (guint i = 0; i < n; i++)
    {
      guint32 stack = add_stack (b, i, i, 4);

      if (i > 0)
        trace_builder_start (b, i, MS (i), 0);
      trace_builder_name (b, i, MS (i), thread_names[i], -1);
      trace_builder_alloc (b, i, MS (100 + i), 0x10000 + i * 0x100, 20 + i, stack);
    }
  trace_builder_start (b, n, MS (90), 0);
  trace_builder_name (b, n, MS (90), function, LONG_NAME);
  trace_builder_alloc (b, n, MS (200), 0x90000, 5, add_stack (b, n, 1, 2));
  for (guint i = 0; i < 3; i++)
    trace_builder_map (b, n, MS (201 + i), MS (201 + i), TRK_MAPPING_ANONYMOUS, 0,
                       MAPPED + i * 0x10000, 0x1000, add_stack (b, n, i, 2));
  for (guint i = 0; i < 3; i++) /* a block that grows again and again */
    trace_builder_realloc (b, n, MS (210 + i), MS (210 + i), 0x90000, 0x90000, 10U << i,
                           add_stack (b, n, 0, 2));
}

static void
build_many (TraceBuilder *b, ExportNames *names)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *start = g_strdup_printf ("function_%u_", i);
      g_autofree char *function = long_name (start, MANY_NAME),
                      *file = long_name ("/src/", MANY_NAME);

      add_names (names, function, file);
    }
  trace_builder_add_module (b, 0, CODE, CODE + 0x100000, CODE, "/usr/bin/many", NULL, 0);
  trace_builder_set_pooled (b, TRUE);
  for (guint t = 0; t < 300; t++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", t);

      if (t > 0)
        trace_builder_start (b, t, MS (t), 0);
      trace_builder_name (b, t, MS (t), name, -1);
      for (guint i = 0; i < 4; i++)
        trace_builder_alloc (b, t, MS (1000 + t + i * 400), 0x100000 + (t * 4 + i) * 0x10000,
                             1000 + t * 37 + i, add_stack (b, t, t * 7 + i * 13, 6));
      for (guint i = 0; i < 3; i++)
        trace_builder_free_block (b, t, MS (4000 + t + i * 400), 0x100000 + (t * 4 + i) * 0x10000);
      if (t > 0)
        trace_builder_exit (b, t, MS (6000 + t), MS (10 + t % 50));
    }
}

static void
build_untracked (TraceBuilder *b, ExportNames *names)
{
  add_names (names, "main", "main.c");
  trace_builder_name (b, 0, MS (0), "main", -1);
  trace_builder_tracking (b, 0, MS (1), FALSE);
  trace_builder_start (b, 1, MS (2), 0);
  trace_builder_name (b, 1, MS (2), "idle", -1);
  trace_builder_tracking (b, 1, MS (3), FALSE);
}

/* Two thousand threads with long names, each with blocks, ten call stacks among them: what the page is for at most. */
static void
build_crowd (TraceBuilder *b, ExportNames *names)
{
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *function =
          g_strdup_printf ("storage::Engine<std::string, %u>::compact_level (unsigned long)", i);
      g_autofree char *file = g_strdup_printf ("/src/storage/engine-%u.cc", i);

      add_names (names, function, file);
    }
  trace_builder_add_module (b, 0, CODE, CODE + 0x100000, CODE, "/usr/bin/crowd", NULL, 0);
  trace_builder_set_pooled (b, TRUE);
  for (guint t = 0; t < CROWD; t++)
    {
      g_autofree char *name = g_strdup_printf ("pool-%u/worker", t);

      if (t > 0)
        trace_builder_start (b, t, MS (t), 0);
      trace_builder_name (b, t, MS (t), name, -1);
      for (guint i = 0; i < 4; i++)
        trace_builder_alloc (b, t, MS (3000 + t + i * 900), 0x100000 + (t * 4 + i) * 0x10000,
                             1000 + t * 37 % 5000 + i, add_stack (b, t, t % 200 + i * 13, 12));
      for (guint i = 0; i < 3; i++)
        trace_builder_free_block (b, t, MS (8000 + t + i * 400), 0x100000 + (t * 4 + i) * 0x10000);
      if (t > 0)
        trace_builder_exit (b, t, MS (12000 + t), MS (10 + t % 50));
    }
}

/* A program that allocates nothing. */
static void
build_empty (TraceBuilder *b, ExportNames *names)
{
  add_names (names, "main", "main.c");
  trace_builder_name (b, 0, MS (0), "main", -1);
  trace_builder_exit (b, 0, MS (100), MS (1));
}

/* One that ended before it had a thread's first block. */
static void
build_threadless (TraceBuilder *b, ExportNames *names)
{
}

/* Each block that was kept stands for four: two stacks, one block that stays, one that was temporary. */
static void
build_sampled (TraceBuilder *b, ExportNames *names)
{
  add_names (names, "main", "main.c");
  trace_builder_name (b, 0, MS (0), "main", -1);
  trace_builder_sampling (b, 0, 0.25, 0);
  trace_builder_alloc (b, 0, MS (10), 0x5000, 1000, add_stack (b, 0, 1, 6));
  trace_builder_sampled_call (b, 0, TRK_CALL_REALLOC);
  trace_builder_alloc (b, 0, MS (20), 0x9000, 600, add_stack (b, 0, 2, 6));
  trace_builder_sampled_call (b, 0, TRK_CALL_TEMPORARY);
  trace_builder_free_block (b, 0, MS (30), 0x9000);
  trace_builder_skipped (b, 0, 7, 5000, 4);
}

/* A flight recorder of which no more is gone than a thread that had done nothing: what was live is not told. */
static void
build_ring (TraceBuilder *b, ExportNames *names)
{
  trace_builder_set_ring (b, 65536);
  build_plain (b, names);
}

/* The builder's manifest, with arguments that mean harm. */
static void
spoil_manifest (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) pieces = NULL;
  g_autofree char *spoilt = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  pieces = g_strsplit (text, "\"victim\"", -1);
  spoilt =
      g_strjoinv ("\"</script><script>pwned=1</script>\",\"\\u202e\\u0007\",\"bad \\ufffd\\ufffd\"",
                  pieces);
  g_file_set_contents (path, spoilt, -1, &error);
  g_assert_no_error (error);
}

static const struct {
  const char *name;
  void (*build) (TraceBuilder *builder, ExportNames *names);
} fixtures[] = {
  { "plain", build_plain },           { "hostile", build_hostile }, { "many", build_many },
  { "untracked", build_untracked },   { "sampled", build_sampled }, { "ring", build_ring },
  { "measured", build_plain },        { "crowd", build_crowd },     { "empty", build_empty },
  { "threadless", build_threadless },
};

MsTrace *
export_fixture_load (const char *name, MsNameResolver **resolver)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      g_autofree char *folder = NULL;
      g_autoptr (TraceBuilder) builder = NULL;
      g_autoptr (ExportNames) names = NULL;
      g_autoptr (GError) error = NULL;
      gboolean has_history;
      MsTrace *trace;

      if (strcmp (fixtures[i].name, name) != 0)
        continue;
      folder = test_folder_new ();
      builder = trace_builder_new (folder);
      names = g_object_new (EXPORT_TYPE_NAMES, NULL);
      fixtures[i].build (builder, names);
      trace_builder_finish (builder, TRACE_BUILDER_CLOSED);
      if (strcmp (name, "hostile") == 0)
        spoil_manifest (folder);
      if (strcmp (name, "measured") == 0)
        write_samples (folder);
      /* Two with their history, as memscope export loads them: ages of blocks, and parts. */
      has_history = strcmp (name, "plain") == 0 || strcmp (name, "measured") == 0;
      trace = ms_trace_load_full (folder, has_history ? MS_LOAD_HISTORY : MS_LOAD_FIGURES, NULL,
                                  NULL, NULL, &error);
      g_assert_no_error (error);
      test_folder_remove (folder);
      *resolver = MS_NAME_RESOLVER (g_steal_pointer (&names));
      return trace;
    }
  return NULL;
}
