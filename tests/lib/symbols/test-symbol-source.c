/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every place in which the symbols of an object may lie, and what is said when they do not: copies of
 * one library, taken apart by objcopy, dwz and xz in a folder of the test's own.
 *
 * Arguments: the library with debug information, the same without a build-id, with split DWARF (and
 * its .dwo file), with a symbol table only.
 */
#include "ms-symbol-source.h"

#include <glib/gstdio.h>
#include <string.h>

#include "victim-library.h"

static VictimLibrary debug, no_build_id, split_dwarf, nodebug;
static const char *dwo_path;

typedef struct {
  char *folder;
  char *object; /* <folder>/bin/libvictim.so */
  char *debug_root, *cache;
  MsDebugPlaces *places;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const char *roots[2] = { NULL, NULL };

  self->folder = g_dir_make_tmp ("memscope-symbols-XXXXXX", NULL);
  self->object = g_build_filename (self->folder, "bin", "libvictim.so", NULL);
  self->debug_root = g_build_filename (self->folder, "debug", NULL);
  self->cache = g_build_filename (self->folder, "cache", NULL);
  victim_run_script (self->folder, "mkdir bin debug");
  roots[0] = self->debug_root;
  self->places = ms_debug_places_new (roots);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  victim_run_script ("/", g_strdup_printf ("rm -rf '%s'", self->folder));
  ms_debug_places_free (self->places);
  g_free (self->folder);
  g_free (self->object);
  g_free (self->debug_root);
  g_free (self->cache);
}

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("no %s here", name);
  return path != NULL;
}

/* @script sees the library as $1, its build-id as $2/$3 and the folder for that as $4. */
static void
prepare (Fixture *self, const VictimLibrary *library, const char *script)
{
  const char *id = library->build_id != NULL ? library->build_id : "0000";
  g_autofree char *whole = g_strdup_printf ("set -- '%s' %.2s %s 'debug/.build-id/%.2s'; %s",
                                            library->path, id, id + 2, id, script);

  victim_run_script (self->folder, whole);
}

/* What @source says about the inlined call of @library: the lines of debug information, or NULL for
 * no function and no line. */
static void
assert_names (MsSymbolSource *source, const VictimLibrary *library, gboolean has_lines)
{
  g_autoptr (GArray) calls = victim_library_call (library->calls->exported);
  g_autoptr (GArray) frames = ms_source_frame_array_new ();
  const VictimNote *note = &g_array_index (calls, VictimNote, 1);
  const MsSourceFrame *first;

  ms_symbol_source_resolve (source, note->address - library->bias - 1, frames);
  first = &g_array_index (frames, MsSourceFrame, 0);
  if (!has_lines)
    {
      g_assert_cmpuint (frames->len, ==, 1);
      g_assert_null (first->file);
      return;
    }
  g_assert_cmpuint (frames->len, ==, 3);
  g_assert_cmpstr (first->function, ==, "inlined_inner");
  g_assert_cmpuint (first->line, ==, (guint) note->line);
  g_assert_true (g_str_has_suffix (first->file, "/victim-symbols.c"));
  g_assert_cmpstr (g_array_index (frames, MsSourceFrame, 1).function, ==, "inlined_middle");
  g_assert_cmpuint (g_array_index (frames, MsSourceFrame, 1).line, ==, VICTIM_INNER_LINE);
  g_assert_true (
      g_str_has_suffix (g_array_index (frames, MsSourceFrame, 1).file, "/victim-symbols.c"));
  g_assert_cmpstr (g_array_index (frames, MsSourceFrame, 2).function, ==, "victim_exported");
  g_assert_cmpuint (g_array_index (frames, MsSourceFrame, 2).line, ==, VICTIM_MIDDLE_LINE);
}

/* @reason NULL: everything is there, with lines; else what it must say, and there are none. */
static void
assert_source (Fixture *self, const VictimLibrary *library, const char *reason)
{
  g_autoptr (MsSymbolSource) source =
      ms_symbol_source_new (self->object, library->build_id, self->places, NULL);
  g_autofree char *said = NULL;

  assert_names (source, library, reason == NULL);
  said = ms_symbol_source_dup_reason (source);
  if (reason == NULL)
    g_assert_cmpstr (said, ==, NULL);
  else if (said == NULL || strstr (said, reason) == NULL)
    g_error ("\"%s\" does not say \"%s\"", said, reason);
}

/* --- by build-id ----------------------------------------------------------------------------- */

#define STRIP "objcopy --strip-all \"$1\" bin/libvictim.so; "
#define KEEP(path) "objcopy --only-keep-debug \"$1\" " path "; "

static void
test_build_id (Fixture *self, gconstpointer data)
{
  if (!has_program ("objcopy"))
    return;
  prepare (self, &debug, STRIP);
  assert_source (self, &debug, "no symbol table");
  prepare (self, &debug, "mkdir -p \"$4\"; " KEEP ("\"$4/$3.debug\""));
  assert_source (self, &debug, NULL);
  /* The object is gone, its debug file is not. */
  prepare (self, &debug, "rm bin/libvictim.so");
  assert_source (self, &debug, NULL);
}

static void
test_wrong_build_id (Fixture *self, gconstpointer data)
{
  if (!has_program ("objcopy"))
    return;
  /* In the right place, of another build. */
  prepare (self, &debug, STRIP "mkdir -p \"$4\"; cp \"$1\" other");
  prepare (self, &nodebug, "cp \"$1\" other");
  prepare (self, &debug, "cp other \"$4/$3.debug\"");
  assert_source (self, &debug, "no symbol table");
  /* The object was built anew since. */
  prepare (self, &debug, "cp other bin/libvictim.so");
  assert_source (self, &debug, "another build");
}

/* --- by .gnu_debuglink ----------------------------------------------------------------------- */

#define LINK(path) "objcopy --strip-all --add-gnu-debuglink=" path " \"$1\" bin/libvictim.so; "

static void
assert_link (Fixture *self, const VictimLibrary *library)
{
  /* The three places, one after the other. */
  prepare (self, library, KEEP ("libvictim.debug") LINK ("libvictim.debug"));
  assert_source (self, library, "no symbol table");
  prepare (self, library, "cp libvictim.debug bin/libvictim.debug");
  assert_source (self, library, NULL);
  prepare (self, library, "mkdir bin/.debug; mv bin/libvictim.debug bin/.debug/");
  assert_source (self, library, NULL);
  prepare (self, library,
           "mkdir -p \"debug/$PWD/bin\"; mv bin/.debug/libvictim.debug \"debug/$PWD/bin/\"");
  assert_source (self, library, NULL);
}

static void
test_link_build_id (Fixture *self, gconstpointer data)
{
  if (has_program ("objcopy"))
    assert_link (self, &debug);
}

static void
test_link_crc (Fixture *self, gconstpointer data)
{
  if (!has_program ("objcopy"))
    return;
  g_assert_null (no_build_id.build_id);
  assert_link (self, &no_build_id);
  /* A byte more, which no reader of ELF would notice: another checksum. */
  prepare (self, &no_build_id, "printf x >>\"debug/$PWD/bin/libvictim.debug\"");
  assert_source (self, &no_build_id, "no symbol table");
}

/* --- parts in other files -------------------------------------------------------------------- */

static void
test_shared (Fixture *self, gconstpointer data)
{
  if (!has_program ("objcopy") || !has_program ("dwz"))
    return;
  /* Two files with one content: dwz moves all of it into the third. */
  prepare (self, &debug,
           STRIP "mkdir -p \"$4\" debug/.dwz; " KEEP ("\"$4/$3.debug\"")
               KEEP ("other.debug") "dwz -m debug/.dwz/shared -M ../../.dwz/shared \"$4/$3.debug\" "
                                    "other.debug");
  assert_source (self, &debug, NULL);
  prepare (self, &debug, "rm debug/.dwz/shared");
  {
    g_autoptr (MsSymbolSource) source =
        ms_symbol_source_new (self->object, debug.build_id, self->places, NULL);
    g_autoptr (GArray) frames = ms_source_frame_array_new ();
    g_autofree char *said = NULL;

    ms_symbol_source_resolve (source, 0x1000, frames);
    said = ms_symbol_source_dup_reason (source);
    g_assert_nonnull (said);
    g_assert_nonnull (strstr (said, "../../.dwz/shared"));
  }
}

static void
test_mini_symbol_table (Fixture *self, gconstpointer data)
{
  g_autoptr (MsSymbolSource) source = NULL;
  g_autoptr (GArray) calls = victim_library_call (nodebug.calls->hidden);
  g_autoptr (GArray) frames = ms_source_frame_array_new ();

  if (!has_program ("objcopy") || !has_program ("xz"))
    return;
  prepare (self, &nodebug,
           "objcopy -S --remove-section .gdb_index --remove-section .comment "
           "--keep-symbol=hidden_function \"$1\" mini; xz mini; "
           "objcopy --strip-all --add-section .gnu_debugdata=mini.xz \"$1\" bin/libvictim.so");
  source = ms_symbol_source_new (self->object, nodebug.build_id, self->places, NULL);
  ms_symbol_source_resolve (source, g_array_index (calls, VictimNote, 0).address - nodebug.bias - 1,
                            frames);
  g_assert_cmpstr (g_array_index (frames, MsSourceFrame, 0).function, ==, "hidden_function");
}

static void
test_split_dwarf (Fixture *self, gconstpointer data)
{
  g_autofree char *away = g_strconcat (dwo_path, ".away", NULL);
  g_autoptr (MsSymbolSource) source = NULL;
  g_autofree char *reason = NULL;
  g_autoptr (GArray) calls = victim_library_call (split_dwarf.calls->exported);
  g_autoptr (GArray) frames = ms_source_frame_array_new ();

  prepare (self, &split_dwarf, "cp \"$1\" bin/libvictim.so");
  assert_source (self, &split_dwarf, NULL);
  g_assert_cmpint (g_rename (dwo_path, away), ==, 0);
  source = ms_symbol_source_new (self->object, split_dwarf.build_id, self->places, NULL);
  ms_symbol_source_resolve (source,
                            g_array_index (calls, VictimNote, 0).address - split_dwarf.bias - 1,
                            frames);
  g_assert_cmpint (g_rename (away, dwo_path), ==, 0);
  reason = ms_symbol_source_dup_reason (source);
  g_assert_nonnull (reason);
  g_assert_nonnull (strstr (reason, ".dwo files"));
  /* The symbol table and the line table are in the object itself. */
  g_assert_cmpstr (g_array_index (frames, MsSourceFrame, 0).function, ==, "victim_exported");
  g_assert_cmpuint (g_array_index (frames, MsSourceFrame, 0).line, ==,
                    (guint) g_array_index (calls, VictimNote, 0).line);
}

/* --- memory ---------------------------------------------------------------------------------- */

static void
test_limit (Fixture *self, gconstpointer data)
{
  g_autoptr (MsSymbolSource) bounded =
      ms_symbol_source_new (debug.path, debug.build_id, self->places, NULL);
  g_autoptr (MsSymbolSource) free_of_it =
      ms_symbol_source_new (debug.path, debug.build_id, self->places, NULL);

  ms_symbol_source_set_limit (bounded, 0);
  for (guint i = 0; i < 5; i++)
    {
      assert_names (bounded, &debug, TRUE);
      assert_names (free_of_it, &debug, TRUE);
    }
  g_assert_cmpuint (ms_symbol_source_get_n_opened (bounded), ==, 5);
  g_assert_cmpuint (ms_symbol_source_get_n_opened (free_of_it), ==, 1);
}

/* --- between runs ---------------------------------------------------------------------------- */

/* A run of its own; @n_opened: how often it must open files. */
static void
assert_run (Fixture *self, const VictimLibrary *library, gboolean has_lines, guint n_opened)
{
  g_autoptr (MsSymbolSource) source =
      ms_symbol_source_new (self->object, library->build_id, self->places, self->cache);

  assert_names (source, library, has_lines);
  ms_symbol_source_save (source);
  g_assert_cmpuint (ms_symbol_source_get_n_opened (source), ==, n_opened);
}

static void
test_kept (Fixture *self, gconstpointer data)
{
  prepare (self, &debug, "cp \"$1\" bin/libvictim.so");
  assert_run (self, &debug, TRUE, 1);
  assert_run (self, &debug, TRUE, 0);
  /* Names from DWARF stay true when the object is built anew or removed. */
  prepare (self, &nodebug, "cp \"$1\" bin/libvictim.so");
  assert_run (self, &debug, TRUE, 0);
  prepare (self, &debug, "rm bin/libvictim.so");
  assert_run (self, &debug, TRUE, 0);
  prepare (self, &debug, "rm -r cache");
  assert_run (self, &debug, FALSE, 1);
}

static void
test_kept_until_better (Fixture *self, gconstpointer data)
{
  if (!has_program ("objcopy"))
    return;
  prepare (self, &debug, STRIP);
  assert_run (self, &debug, FALSE, 1);
  assert_run (self, &debug, FALSE, 0);
  prepare (self, &debug, "mkdir -p \"$4\"; " KEEP ("\"$4/$3.debug\""));
  assert_run (self, &debug, TRUE, 1);
  assert_run (self, &debug, TRUE, 0);
}

/* What was not kept is found, and then both are. */
static void
test_kept_more (Fixture *self, gconstpointer data)
{
  g_autoptr (GArray) calls = victim_library_call (debug.calls->hidden);
  guint64 address = g_array_index (calls, VictimNote, 0).address - debug.bias - 1;

  prepare (self, &debug, "cp \"$1\" bin/libvictim.so");
  assert_run (self, &debug, TRUE, 1);
  for (guint run = 0; run < 2; run++)
    {
      g_autoptr (MsSymbolSource) source =
          ms_symbol_source_new (self->object, debug.build_id, self->places, self->cache);
      g_autoptr (GArray) frames = ms_source_frame_array_new ();

      ms_symbol_source_resolve (source, address, frames);
      g_assert_cmpstr (g_array_index (frames, MsSourceFrame, 0).function, ==, "hidden_function");
      ms_symbol_source_save (source);
      g_assert_cmpuint (ms_symbol_source_get_n_opened (source), ==, run == 0 ? 1 : 0);
    }
  assert_run (self, &debug, TRUE, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 6);
  victim_library_load (&debug, argv[1]);
  victim_library_load (&no_build_id, argv[2]);
  victim_library_load (&split_dwarf, argv[3]);
  dwo_path = argv[4];
  victim_library_load (&nodebug, argv[5]);
#define ADD(path, function) \
  g_test_add ("/symbol-source/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("build-id", test_build_id);
  ADD ("wrong-build-id", test_wrong_build_id);
  ADD ("link-build-id", test_link_build_id);
  ADD ("link-crc", test_link_crc);
  ADD ("shared", test_shared);
  ADD ("mini-symbol-table", test_mini_symbol_table);
  ADD ("split-dwarf", test_split_dwarf);
  ADD ("limit", test_limit);
  ADD ("kept", test_kept);
  ADD ("kept-until-better", test_kept_until_better);
  ADD ("kept-more", test_kept_more);
#undef ADD
  status = g_test_run ();
  victim_library_clear (&debug);
  victim_library_clear (&no_build_id);
  victim_library_clear (&split_dwarf);
  victim_library_clear (&nodebug);
  return status;
}
