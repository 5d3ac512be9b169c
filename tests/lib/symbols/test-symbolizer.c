/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Real return addresses of one library in four states: with debug information, with a symbol table,
 * stripped, and stripped with its debug information in a file beside it.  The library tells the
 * line of each of its calls, so that nothing is compared with a guess.
 *
 * Arguments: the three builds; OBJCOPY in the environment makes the fourth.
 */
#include "ms-symbolizer.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "victim-symbols.h"

typedef struct {
  char *path;
  char *build_id;
  guint64 bias;
  const VictimCalls *calls;
} Library;

static Library debug, nodebug, stripped, split;

/* --- what the library tells ------------------------------------------------------------------ */

typedef struct {
  guint64 address;
  int line;
} Call;

static Call calls[4];
static guint n_calls;
static jmp_buf way_back;

__attribute__ ((noinline)) static void
note_call (int line)
{
  calls[n_calls++] = (Call) { (guint64) (gsize) __builtin_return_address (0), line };
}

__attribute__ ((noinline)) static void
note_call_and_leave (int line)
{
  calls[n_calls++] = (Call) { (guint64) (gsize) __builtin_return_address (0), line };
  longjmp (way_back, 1);
}

/* --- the library's own notes ----------------------------------------------------------------- */

static int
find_build_id (struct dl_phdr_info *info, size_t size, void *data)
{
  Library *library = data;

  if (g_strcmp0 (info->dlpi_name, library->path) != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    {
      const guint8 *p = (const guint8 *) (gsize) (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
      const guint8 *end = p + info->dlpi_phdr[i].p_memsz;

      while (info->dlpi_phdr[i].p_type == PT_NOTE && p + sizeof (ElfW (Nhdr)) < end)
        {
          const ElfW (Nhdr) *note = (const void *) p;
          const guint8 *bytes = p + sizeof *note + (note->n_namesz + 3U) / 4 * 4;
          GString *text;

          p = bytes + (note->n_descsz + 3U) / 4 * 4;
          if (note->n_type != NT_GNU_BUILD_ID || memcmp (note + 1, "GNU", 4) != 0)
            continue;
          text = g_string_new (NULL);
          for (guint b = 0; b < note->n_descsz; b++)
            g_string_append_printf (text, "%02x", bytes[b]);
          library->build_id = g_string_free (text, FALSE);
          return 1;
        }
    }
  return 0;
}

static void
library_load (Library *self, const char *path)
{
  g_autofree char *full_path = g_canonicalize_filename (path, NULL);
  void *handle = dlopen (full_path, RTLD_NOW | RTLD_LOCAL);
  struct link_map *map = NULL;

  if (handle == NULL)
    g_error ("%s", dlerror ());
  g_assert_cmpint (dlinfo (handle, RTLD_DI_LINKMAP, &map), ==, 0);
  self->path = g_strdup (map->l_name);
  self->bias = map->l_addr;
  self->calls = dlsym (handle, "victim_calls");
  g_assert_nonnull (self->calls);
  dl_iterate_phdr (find_build_id, self);
  g_assert_nonnull (self->build_id);
}

/* --- asking ---------------------------------------------------------------------------------- */

static GArray *
resolve (MsSymbolizer *symbolizer, const Library *library, guint64 address, gboolean is_exact)
{
  MsModule module = { .path = library->path, .build_id = library->build_id };
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));

  module.bias = library->bias;
  ms_name_resolver_resolve (MS_NAME_RESOLVER (symbolizer), &module, address - library->bias,
                            is_exact, frames);
  g_assert_cmpuint (frames->len, >=, 1);
  return frames;
}

static void
assert_frame (GArray *frames, guint i, const char *function, int line, gboolean is_inlined)
{
  const MsFrame *frame;

  g_assert_cmpuint (i, <, frames->len);
  frame = &g_array_index (frames, MsFrame, i);
  g_assert_cmpstr (frame->function, ==, function);
  g_assert_cmpint (frame->inlined, ==, is_inlined);
  g_assert_cmpuint (frame->line, ==, (guint) line);
  if (line > 0)
    g_assert_true (g_path_is_absolute (frame->file)
                   && g_str_has_suffix (frame->file, "/symbols/victim-symbols.c"));
  else
    g_assert_null (frame->file);
}

/* The one frame at the only call that @function makes. */
static void
assert_single (MsSymbolizer *symbolizer,
               const Library *library,
               void (*function) (VictimCall call),
               const char *name,
               gboolean has_line)
{
  g_autoptr (GArray) frames = NULL;

  n_calls = 0;
  if (setjmp (way_back) == 0)
    function (function == library->calls->never_returns ? note_call_and_leave : note_call);
  g_assert_cmpuint (n_calls, ==, 1);
  frames = resolve (symbolizer, library, calls[0].address, FALSE);
  g_assert_cmpuint (frames->len, ==, 1);
  assert_frame (frames, 0, name, has_line ? calls[0].line : 0, FALSE);
}

static char *
dup_missing_reason (MsSymbolizer *symbolizer)
{
  g_autoptr (GArray) missing = ms_symbolizer_get_missing (symbolizer);

  if (missing->len == 0)
    return NULL;
  g_assert_cmpuint (missing->len, ==, 1);
  return g_strdup (g_array_index (missing, MsMissingSymbols, 0).reason);
}

static void
assert_full_information (const Library *library)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autofree char *reason = NULL;
  g_autoptr (GArray) first = NULL;
  g_autoptr (GArray) second = NULL;

  n_calls = 0;
  library->calls->exported (note_call);
  g_assert_cmpuint (n_calls, ==, 2);
  first = resolve (symbolizer, library, calls[0].address, FALSE);
  g_assert_cmpuint (first->len, ==, 1);
  assert_frame (first, 0, "victim_exported", calls[0].line, FALSE);
  second = resolve (symbolizer, library, calls[1].address, FALSE);
  g_assert_cmpuint (second->len, ==, 3);
  assert_frame (second, 0, "inlined_inner", calls[1].line, TRUE);
  assert_frame (second, 1, "inlined_middle", VICTIM_INNER_LINE, TRUE);
  assert_frame (second, 2, "victim_exported", VICTIM_MIDDLE_LINE, FALSE);

  assert_single (symbolizer, library, library->calls->hidden, "hidden_function", TRUE);
  assert_single (symbolizer, library, library->calls->never_returns, "victim_never_returns", TRUE);
  assert_single (symbolizer, library, library->calls->rust, "shop::till::open", TRUE);
  reason = dup_missing_reason (symbolizer);
  g_assert_cmpstr (reason, ==, NULL);
}

static void
test_debug (void)
{
  assert_full_information (&debug);
}

static void
test_split (void)
{
  if (split.path == NULL)
    {
      g_test_skip ("no objcopy here");
      return;
    }
  assert_full_information (&split);
}

static void
test_symbol_table (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autofree char *reason = NULL;
  const VictimCalls *victim = nodebug.calls;

  assert_single (symbolizer, &nodebug, victim->hidden, "hidden_function", FALSE);
  assert_single (symbolizer, &nodebug, victim->never_returns, "victim_never_returns", FALSE);
  assert_single (symbolizer, &nodebug, victim->rust, "shop::till::open", FALSE);
  assert_single (symbolizer, &nodebug, victim->odd, "odd_\357\277\275_name", FALSE);
  reason = dup_missing_reason (symbolizer);
  g_assert_nonnull (strstr (reason, "no line information"));
  g_assert_null (strstr (reason, "no symbol table"));
}

static void
test_stripped (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autofree char *reason = NULL;

  assert_single (symbolizer, &stripped, stripped.calls->rust, "shop::till::open", FALSE);
  /* Not the exported function before it. */
  assert_single (symbolizer, &stripped, stripped.calls->hidden, NULL, FALSE);
  reason = dup_missing_reason (symbolizer);
  g_assert_nonnull (strstr (reason, "no symbol table"));
}

static void
test_cxx (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();

  if (dlopen ("libstdc++.so.6", RTLD_LAZY) == NULL)
    {
      g_test_skip ("no C++ runtime here");
      return;
    }
  assert_single (symbolizer, &debug, debug.calls->cxx, "outer::Klass::run(int)", TRUE);
}

/* The function's first byte is exact; one before it, another function or none. */
static void
test_exact (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  guint64 start = (guint64) (gsize) debug.calls->exported;
  g_autoptr (GArray) exact = resolve (symbolizer, &debug, start, TRUE);
  g_autoptr (GArray) as_return = resolve (symbolizer, &debug, start, FALSE);

  g_assert_cmpstr (g_array_index (exact, MsFrame, exact->len - 1).function, ==, "victim_exported");
  g_assert_cmpstr (g_array_index (as_return, MsFrame, as_return->len - 1).function, !=,
                   "victim_exported");
}

static void
test_cached (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autoptr (GArray) first = NULL;
  g_autoptr (GArray) second = NULL;

  n_calls = 0;
  debug.calls->exported (note_call);
  first = resolve (symbolizer, &debug, calls[1].address, FALSE);
  second = resolve (symbolizer, &debug, calls[1].address, FALSE);
  g_assert_cmpuint (first->len, ==, second->len);
  g_assert_cmpmem (first->data, first->len * sizeof (MsFrame), second->data,
                   second->len * sizeof (MsFrame));
}

/* --- what cannot be had ---------------------------------------------------------------------- */

static void
assert_missing (const char *path, const char *build_id, const char *expected)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  Library library = { .path = (char *) path, .build_id = (char *) build_id };
  g_autoptr (GArray) frames = resolve (symbolizer, &library, 0x1234, FALSE);
  g_autofree char *base_name = g_path_get_basename (path);
  g_autofree char *reason = dup_missing_reason (symbolizer);
  const MsFrame *frame = &g_array_index (frames, MsFrame, 0);

  g_assert_cmpuint (frames->len, ==, 1);
  g_assert_null (frame->function);
  g_assert_null (frame->file);
  g_assert_cmpstr (frame->module, ==, base_name);
  g_assert_cmphex (frame->address, ==, 0x1234);
  g_assert_nonnull (reason);
  if (strstr (reason, expected) == NULL)
    g_error ("%s: \"%s\" does not say \"%s\"", path, reason, expected);
}

static void
test_missing (void)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-symbols-XXXXXX", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *text = g_build_filename (folder, "text", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_true (g_file_set_contents (text, "\177ELF, or so it says", -1, NULL));
  assert_missing ("/nowhere/libgone.so", "abcdef0123", "not on this machine");
  assert_missing (debug.path, "abcdef0123", "another build");
  assert_missing ("/dev/zero", NULL, "not a regular file");
  assert_missing (fifo, NULL, "not a regular file");
  assert_missing (folder, NULL, "not a regular file");
  assert_missing (text, NULL, "");
  assert_missing ("linux-vdso.so.1", NULL, "kernel");
  assert_missing ("lib/relative.so", "../../../etc", "not a path from the root");
  remove (fifo);
  remove (text);
  remove (folder);
}

static void
test_no_module (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));

  ms_name_resolver_resolve (MS_NAME_RESOLVER (symbolizer), NULL, 0x4567, FALSE, frames);
  g_assert_cmpuint (frames->len, ==, 1);
  g_assert_null (g_array_index (frames, MsFrame, 0).module);
  g_assert_cmphex (g_array_index (frames, MsFrame, 0).address, ==, 0x4567);
}

/* --- threads --------------------------------------------------------------------------------- */

static gpointer
resolve_many (gpointer symbolizer)
{
  for (guint64 i = 0; i < 2000; i++)
    {
      g_autoptr (GArray) frames = resolve (symbolizer, &debug, calls[i % 2].address + i / 8, FALSE);

      if (i == 0)
        assert_frame (frames, 0, "victim_exported", calls[0].line, FALSE);
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  GThread *threads[4];

  n_calls = 0;
  debug.calls->exported (note_call);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("resolver", resolve_many, symbolizer);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_finalize_object (g_steal_pointer (&symbolizer));
}

/* A copy of @original without its debug information, which goes into a file beside it. */
static void
split_debug_information (const char *original, const char *folder)
{
  g_autofree char *script = g_strdup_printf (
      "\"$OBJCOPY\" --only-keep-debug '%s' libsplit.debug && "
      "\"$OBJCOPY\" --strip-all --add-gnu-debuglink=libsplit.debug '%s' libsplit.so",
      original, original);
  char *arguments[] = { (char[]) { "sh" }, (char[]) { "-c" }, script, NULL };
  g_autofree char *path = g_build_filename (folder, "libsplit.so", NULL);
  int status = -1;

  g_assert_true (g_spawn_sync (folder, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                               &status, NULL));
  g_assert_cmpint (status, ==, 0);
  library_load (&split, path);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-symbols-XXXXXX", NULL);
  const char *const leftovers[] = { "libsplit.so", "libsplit.debug" };
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 4);
  library_load (&debug, argv[1]);
  library_load (&nodebug, argv[2]);
  library_load (&stripped, argv[3]);
  if (g_getenv ("OBJCOPY") != NULL)
    split_debug_information (debug.path, folder);
  g_test_add_func ("/symbolizer/debug", test_debug);
  g_test_add_func ("/symbolizer/split", test_split);
  g_test_add_func ("/symbolizer/symbol-table", test_symbol_table);
  g_test_add_func ("/symbolizer/stripped", test_stripped);
  g_test_add_func ("/symbolizer/cxx", test_cxx);
  g_test_add_func ("/symbolizer/exact", test_exact);
  g_test_add_func ("/symbolizer/cached", test_cached);
  g_test_add_func ("/symbolizer/missing", test_missing);
  g_test_add_func ("/symbolizer/no-module", test_no_module);
  g_test_add_func ("/symbolizer/threads", test_threads);
  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (leftovers); i++)
    {
      g_autofree char *path = g_build_filename (folder, leftovers[i], NULL);

      remove (path);
    }
  remove (folder);
  return status;
}
