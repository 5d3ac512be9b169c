/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   kept        names from an earlier run (MsNameCache); while it knows every address, no file is opened
 *   file        MsObjectFile → MsDebugInfo (DWARF), MsSymbolTable (names of its symbol tables)
 *   found       what this run resolved and the cache does not have, for saving
 *
 * Names from DWARF do not change while the build-id is the same, so they hold for ever.  Others hold
 * while the places at which something better could appear look as they did (ms-file-witness.h).
 *
 * libdw keeps what it has read of a unit until the object is closed.  So that a recording of a huge
 * program does not make the reader huge, the object is closed once much was read, and opened again if
 * more is asked; whoever asks for addresses in order meets each unit once.
 */
#include "ms-symbol-source.h"

#include "ms-debug-info.h"
#include "ms-demangle.h"
#include "ms-file-witness.h"
#include "ms-name-cache.h"
#include "ms-object-file.h"
#include "ms-symbol-table.h"

#define MAX_READ_BYTES (G_GUINT64_CONSTANT (64) << 20)
#define MAX_CACHE_FOLDER_BYTES (G_GUINT64_CONSTANT (256) << 20)

struct _MsSymbolSource {
  char *path, *build_id;
  const MsDebugPlaces *places;
  char *cache_folder; /* NULL: nothing is kept */

  gboolean is_cache_asked;
  MsNameCache *kept;
  GArray *found_addresses; /* of Found */
  GArray *found_frames;    /* of MsSourceFrame */

  gboolean is_open; /* tried: file may be NULL */
  MsObjectFile *file;
  MsDebugInfo *debug; /* NULL: no DWARF */
  MsSymbolTable *symbols;
  GArray *witnesses;
  char *reason;
  guint n_missing_units;
  guint64 max_read_bytes;
  guint n_opened;
};

typedef struct {
  guint64 address;
  guint first, n;
} Found;

static void
source_frame_clear (gpointer data)
{
  MsSourceFrame *frame = data;

  g_clear_pointer (&frame->function, g_free);
  g_clear_pointer (&frame->file, g_free);
}

GArray *
ms_source_frame_array_new (void)
{
  GArray *frames = g_array_new (FALSE, TRUE, sizeof (MsSourceFrame));

  g_array_set_clear_func (frames, source_frame_clear);
  return frames;
}

MsSymbolSource *
ms_symbol_source_new (const char *path,
                      const char *build_id,
                      const MsDebugPlaces *places,
                      const char *cache_folder)
{
  MsSymbolSource *self = g_new0 (MsSymbolSource, 1);

  self->path = g_strdup (path);
  self->build_id = g_strdup (build_id);
  self->places = places;
  /* Without a build-id nothing says that it is the same object. */
  if (build_id != NULL && ms_debug_places_is_build_id (build_id))
    self->cache_folder = g_strdup (cache_folder);
  self->witnesses = ms_file_witness_array_new ();
  self->found_addresses = g_array_new (FALSE, FALSE, sizeof (Found));
  self->found_frames = ms_source_frame_array_new ();
  self->max_read_bytes = MAX_READ_BYTES;
  return self;
}

/* Gives back what reading took. */
static void
close_file (MsSymbolSource *self)
{
  /* Names in these belong to the file: it goes last. */
  g_clear_pointer (&self->debug, ms_debug_info_free);
  g_clear_pointer (&self->symbols, ms_symbol_table_free);
  g_clear_pointer (&self->file, ms_object_file_free);
  self->is_open = FALSE;
}

void
ms_symbol_source_close (MsSymbolSource *self)
{
  close_file (self);
  g_clear_pointer (&self->kept, ms_name_cache_free);
  g_clear_pointer (&self->reason, g_free);
  self->is_cache_asked = FALSE;
  self->n_missing_units = 0;
  g_array_set_size (self->witnesses, 0);
  g_array_set_size (self->found_addresses, 0);
  g_array_set_size (self->found_frames, 0);
}

void
ms_symbol_source_free (MsSymbolSource *self)
{
  ms_symbol_source_close (self);
  g_array_unref (self->witnesses);
  g_array_unref (self->found_addresses);
  g_array_unref (self->found_frames);
  g_free (self->cache_folder);
  g_free (self->path);
  g_free (self->build_id);
  g_free (self);
}

void
ms_symbol_source_set_limit (MsSymbolSource *self, guint64 max_read_bytes)
{
  self->max_read_bytes = max_read_bytes;
}

guint
ms_symbol_source_get_n_opened (MsSymbolSource *self)
{
  return self->n_opened;
}

/* --- files ----------------------------------------------------------------------------------- */

static void
open_file (MsSymbolSource *self)
{
  g_autofree char *reason = NULL;
  const char *shared;
  Dwfl_Module *module;

  self->is_open = TRUE;
  self->n_opened++;
  self->file =
      ms_object_file_open (self->path, self->build_id, self->places, self->witnesses, &reason);
  if (self->file != NULL)
    {
      module = ms_object_file_get_module (self->file);
      /* DWARF first: with it libdwfl also finds the symbol table of the separate debug file. */
      self->debug = ms_debug_info_new (module);
      self->symbols = ms_symbol_table_new (module);
      shared = ms_object_file_get_missing_shared (self->file);
      if (self->debug != NULL && shared != NULL)
        reason = g_strdup_printf ("its debug file needs another one that is not here, %s", shared);
      else if (self->debug == NULL)
        reason = g_strdup (ms_symbol_table_is_complete (self->symbols)
                               ? "no line information: names come from its symbol table"
                               : "no symbol table and no line information: only the functions "
                                 "that it exports have names");
    }
  g_free (self->reason);
  self->reason = g_steal_pointer (&reason);
}

/* The names of an earlier run, if they are as good as what a file here could tell now. */
static void
ask_cache (MsSymbolSource *self)
{
  g_autoptr (MsNameCache) kept = NULL;

  self->is_cache_asked = TRUE;
  if (self->cache_folder == NULL)
    return;
  kept = ms_name_cache_load (self->cache_folder, self->build_id, self->path);
  if (kept == NULL)
    return;
  if (!ms_name_cache_is_complete (kept) && !ms_name_cache_holds (kept))
    {
      open_file (self);
      /* The object is gone: what was known of it is still true. */
      if (self->file != NULL)
        return;
    }
  g_free (self->reason);
  self->reason = g_strdup (ms_name_cache_get_reason (kept));
  self->kept = g_steal_pointer (&kept);
}

static void
notice_missing_units (MsSymbolSource *self)
{
  guint n = self->debug != NULL ? ms_debug_info_get_missing_units (self->debug) : 0;

  if (n <= self->n_missing_units)
    return;
  self->n_missing_units = n;
  g_free (self->reason);
  self->reason = g_strdup_printf ("its debug information is in .dwo files that are not here "
                                  "(gcc -gsplit-dwarf), %u of them so far",
                                  n);
}

/* --- one address ----------------------------------------------------------------------------- */

/* @name stands in where the linkage name is none that people would write. */
static char *
dup_function (const char *linkage_name, const char *name)
{
  char *demangled = linkage_name != NULL ? ms_demangle (linkage_name) : NULL;

  if (demangled != NULL)
    return demangled;
  return g_strdup (name != NULL ? name : linkage_name);
}

/* "/usr/bin/../lib/x.h" as "/usr/lib/x.h": one file, one name, whichever unit includes it. */
static char *
dup_file (const char *file, const char *directory)
{
  if (file == NULL || file[0] == '\0')
    return NULL;
  if (file[0] != '/' && (directory == NULL || directory[0] != '/'))
    return g_strdup (file);
  return g_canonicalize_filename (file, file[0] == '/' ? NULL : directory);
}

static void
read_file (MsSymbolSource *self, guint64 address, GArray *frames)
{
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (MsDebugFrame));

  g_array_set_clear_func (found, ms_debug_frame_clear);
  if (self->debug != NULL)
    ms_debug_info_resolve (self->debug, address, found);
  if (found->len == 0)
    g_array_set_size (found, 1);
  for (guint i = 0; i < found->len; i++)
    {
      const MsDebugFrame *from = &g_array_index (found, MsDebugFrame, i);
      MsSourceFrame frame = { .line = from->line, .inlined = from->inlined };

      frame.function = dup_function (from->linkage_name, from->name);
      if (frame.function == NULL && !from->inlined && self->symbols != NULL)
        frame.function = dup_function (ms_symbol_table_find (self->symbols, address), NULL);
      frame.file = dup_file (from->file, from->directory);
      g_array_append_val (frames, frame);
    }
  notice_missing_units (self);
}

static void
append_copy (GArray *frames, const char *function, const char *file, guint line, gboolean inlined)
{
  MsSourceFrame frame = { g_strdup (function), g_strdup (file), line, inlined };

  g_array_append_val (frames, frame);
}

static gboolean
find_kept (MsSymbolSource *self, guint64 address, GArray *frames)
{
  g_autoptr (GArray) cached = g_array_new (FALSE, FALSE, sizeof (MsCachedFrame));

  if (self->kept == NULL || !ms_name_cache_find (self->kept, address, cached))
    return FALSE;
  for (guint i = 0; i < cached->len; i++)
    {
      const MsCachedFrame *from = &g_array_index (cached, MsCachedFrame, i);

      append_copy (frames, from->function, from->file, from->line, from->inlined);
    }
  return TRUE;
}

static void
note_found (MsSymbolSource *self, guint64 address, GArray *frames, guint first)
{
  Found found = { address, self->found_frames->len, frames->len - first };

  if (self->cache_folder == NULL || self->file == NULL)
    return;
  for (guint i = first; i < frames->len; i++)
    {
      const MsSourceFrame *from = &g_array_index (frames, MsSourceFrame, i);

      append_copy (self->found_frames, from->function, from->file, from->line, from->inlined);
    }
  g_array_append_val (self->found_addresses, found);
}

void
ms_symbol_source_resolve (MsSymbolSource *self, guint64 address, GArray *frames)
{
  guint first = frames->len;

  if (!self->is_cache_asked)
    ask_cache (self);
  if (find_kept (self, address, frames))
    return;
  if (!self->is_open)
    open_file (self);
  read_file (self, address, frames);
  note_found (self, address, frames, first);
  if (self->debug != NULL && ms_debug_info_get_read_bytes (self->debug) > self->max_read_bytes)
    close_file (self);
}

char *
ms_symbol_source_dup_reason (MsSymbolSource *self)
{
  return g_strdup (self->reason);
}

/* --- keeping --------------------------------------------------------------------------------- */

static void
add_cached (MsNameCacheWriter *writer, MsNameCache *cache)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsCachedFrame));

  for (guint i = 0; i < ms_name_cache_get_n_addresses (cache); i++)
    {
      guint64 address = ms_name_cache_get_address (cache, i);

      g_array_set_size (frames, 0);
      if (ms_name_cache_find (cache, address, frames))
        ms_name_cache_writer_add (writer, address, (MsCachedFrame *) (gpointer) frames->data,
                                  frames->len);
    }
}

static void
add_found (MsSymbolSource *self, MsNameCacheWriter *writer)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsCachedFrame));

  for (guint i = 0; i < self->found_addresses->len; i++)
    {
      const Found *found = &g_array_index (self->found_addresses, Found, i);

      g_array_set_size (frames, 0);
      for (guint f = found->first; f < found->first + found->n; f++)
        {
          const MsSourceFrame *from = &g_array_index (self->found_frames, MsSourceFrame, f);
          MsCachedFrame frame = { from->function, from->file, from->line, from->inlined };

          g_array_append_val (frames, frame);
        }
      ms_name_cache_writer_add (writer, found->address, (MsCachedFrame *) (gpointer) frames->data,
                                frames->len);
    }
}

void
ms_symbol_source_save (MsSymbolSource *self)
{
  g_autoptr (MsNameCacheWriter) writer = NULL;
  g_autoptr (MsNameCache) others = NULL;

  /* A .dwo file that appears later is at no place that was witnessed. */
  if (self->found_addresses->len == 0 || self->n_missing_units > 0)
    return;
  writer = ms_name_cache_writer_new (self->build_id, self->path, self->reason, self->witnesses);
  add_found (self, writer);
  /* Also what another process has written since, if it knew the same files. */
  others = ms_name_cache_load (self->cache_folder, self->build_id, self->path);
  if (others != NULL && g_strcmp0 (ms_name_cache_get_reason (others), self->reason) == 0
      && (self->reason == NULL || ms_name_cache_holds (others)))
    add_cached (writer, others);
  if (ms_name_cache_writer_save (writer, self->cache_folder))
    ms_name_cache_prune (self->cache_folder, MAX_CACHE_FOLDER_BYTES);
  /* What is kept now would be written again otherwise. */
  g_array_set_size (self->found_addresses, 0);
  g_array_set_size (self->found_frames, 0);
}
