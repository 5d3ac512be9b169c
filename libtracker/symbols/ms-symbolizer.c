/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   objects   (path, build-id) → Object        opened when first asked for, failures too
 *   Object    address → slice of `frames`      every answer is kept
 *   strings   interned, so that a function's name is stored once and compares by pointer
 *
 * One lock around everything: libdw is not safe for two threads in one file, and answers come from
 * the cache after the first time.
 */
#include "ms-symbolizer.h"

#include <string.h>

#include "ms-debug-info.h"
#include "ms-demangle.h"
#include "ms-object-file.h"
#include "ms-symbol-table.h"

typedef struct {
  char *path;
  char *build_id;     /* or NULL */
  const char *name;   /* base name, valid UTF-8; interned */
  MsObjectFile *file; /* NULL: could not be had */
  MsSymbolTable *symbols;
  MsDebugInfo *debug; /* NULL: no DWARF */
  char *reason;       /* what is missing, or NULL */
  GHashTable *slices; /* address with exactness → Slice */
} Object;

/* Frames [first, first + n) of the symbolizer's `frames`. */
typedef struct {
  guint64 address; /* the one looked up: return address − 1 or exact */
  guint first, n;
} Slice;

struct _MsSymbolizer {
  GObject parent;
  GMutex lock;
  GHashTable *objects; /* key → Object */
  GPtrArray *in_order; /* of Object, as first met */
  GArray *frames;      /* of MsFrame */
  GStringChunk *strings;
};

static void name_resolver_init (MsNameResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MsSymbolizer,
                               ms_symbolizer,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MS_TYPE_NAME_RESOLVER, name_resolver_init))

/* --- strings --------------------------------------------------------------------------------- */

/* Names come from object files that anybody may have written. */
static const char *
intern (MsSymbolizer *self, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL || text[0] == '\0')
    return NULL;
  if (!g_utf8_validate (text, -1, NULL))
    valid = g_utf8_make_valid (text, -1);
  return g_string_chunk_insert_const (self->strings, valid != NULL ? valid : text);
}

/* @name stands in where the linkage name is none that people would write. */
static const char *
intern_function (MsSymbolizer *self, const char *linkage_name, const char *name)
{
  g_autofree char *demangled = linkage_name != NULL ? ms_demangle (linkage_name) : NULL;

  if (demangled != NULL)
    return intern (self, demangled);
  return intern (self, name != NULL ? name : linkage_name);
}

/* "/usr/bin/../lib/x.h" as "/usr/lib/x.h": one file, one name, whichever unit includes it. */
static const char *
intern_file (MsSymbolizer *self, const char *file, const char *directory)
{
  g_autofree char *path = NULL;

  if (file == NULL || file[0] == '\0')
    return NULL;
  if (file[0] != '/' && (directory == NULL || directory[0] != '/'))
    return intern (self, file);
  path = g_canonicalize_filename (file, file[0] == '/' ? NULL : directory);
  return intern (self, path);
}

static const char *
intern_base_name (MsSymbolizer *self, const char *path)
{
  const char *slash = strrchr (path, '/');

  return intern (self, slash != NULL && slash[1] != '\0' ? slash + 1 : path);
}

/* --- objects --------------------------------------------------------------------------------- */

static void
object_free (Object *object)
{
  /* Names in these belong to the file: it goes last. */
  g_clear_pointer (&object->debug, ms_debug_info_free);
  g_clear_pointer (&object->symbols, ms_symbol_table_free);
  g_clear_pointer (&object->file, ms_object_file_free);
  g_clear_pointer (&object->slices, g_hash_table_unref);
  g_free (object->path);
  g_free (object->build_id);
  g_free (object->reason);
  g_free (object);
}

static guint
slice_hash (gconstpointer slice)
{
  return g_int64_hash (&((const Slice *) slice)->address);
}

static gboolean
slice_equal (gconstpointer a, gconstpointer b)
{
  return ((const Slice *) a)->address == ((const Slice *) b)->address;
}

static void
object_open (Object *object)
{
  Dwfl_Module *module;

  object->file = ms_object_file_open (object->path, object->build_id, &object->reason);
  if (object->file == NULL)
    return;
  module = ms_object_file_get_module (object->file);
  /* DWARF first: with it libdwfl also finds the symbol table of the separate debug file. */
  object->debug = ms_debug_info_new (module);
  object->symbols = ms_symbol_table_new (module);
  if (object->debug != NULL)
    return;
  object->reason = g_strdup (ms_symbol_table_is_complete (object->symbols)
                                 ? "no line information: names come from its symbol table"
                                 : "no symbol table and no line information: only the functions "
                                   "that it exports have names");
}

static Object *
get_object (MsSymbolizer *self, const MsModule *module)
{
  g_autofree char *key =
      g_strconcat (module->build_id != NULL ? module->build_id : "", ":", module->path, NULL);
  Object *object = g_hash_table_lookup (self->objects, key);

  if (object == NULL)
    {
      object = g_new0 (Object, 1);
      object->path = g_strdup (module->path);
      object->build_id = g_strdup (module->build_id);
      object->name = intern_base_name (self, module->path);
      object->slices = g_hash_table_new_full (slice_hash, slice_equal, g_free, NULL);
      object_open (object);
      g_ptr_array_add (self->in_order, object);
      g_hash_table_insert (self->objects, g_steal_pointer (&key), object);
    }
  return object;
}

/* --- resolving ------------------------------------------------------------------------------- */

/* Appends to self->frames what @object knows about @address. */
static void
look_up (MsSymbolizer *self, Object *object, guint64 address)
{
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (MsDebugFrame));

  g_array_set_clear_func (found, ms_debug_frame_clear);
  if (object->debug != NULL)
    ms_debug_info_resolve (object->debug, address, found);
  if (found->len == 0)
    g_array_set_size (found, 1);
  for (guint i = 0; i < found->len; i++)
    {
      const MsDebugFrame *from = &g_array_index (found, MsDebugFrame, i);
      MsFrame frame = { .module = object->name, .address = address, .inlined = from->inlined };

      frame.function = intern_function (self, from->linkage_name, from->name);
      if (frame.function == NULL && !from->inlined && object->symbols != NULL)
        frame.function =
            intern_function (self, ms_symbol_table_find (object->symbols, address), NULL);
      frame.file = intern_file (self, from->file, from->directory);
      frame.line = from->line;
      g_array_append_val (self->frames, frame);
    }
}

static const Slice *
get_slice (MsSymbolizer *self, Object *object, guint64 address)
{
  Slice *slice = g_hash_table_lookup (object->slices, &(Slice) { .address = address });

  if (slice == NULL)
    {
      slice = g_new0 (Slice, 1);
      slice->address = address;
      slice->first = self->frames->len;
      look_up (self, object, address);
      slice->n = self->frames->len - slice->first;
      g_hash_table_add (object->slices, slice);
    }
  return slice;
}

static void
ms_symbolizer_resolve (MsNameResolver *resolver,
                       const MsModule *module,
                       guint64 address,
                       gboolean is_exact,
                       GArray *frames)
{
  MsSymbolizer *self = MS_SYMBOLIZER (resolver);
  const Slice *slice;

  if (module == NULL)
    {
      MsFrame frame = { .address = address };

      g_array_append_val (frames, frame);
      return;
    }
  g_mutex_lock (&self->lock);
  /* A return address is the instruction after the call, maybe another line or function. */
  slice = get_slice (self, get_object (self, module), is_exact ? address : address - 1);
  for (guint i = 0; i < slice->n; i++)
    {
      MsFrame frame = g_array_index (self->frames, MsFrame, slice->first + i);

      frame.address = address;
      g_array_append_val (frames, frame);
    }
  g_mutex_unlock (&self->lock);
}

/* --- object of GObject ----------------------------------------------------------------------- */

static void
ms_symbolizer_finalize (GObject *object)
{
  MsSymbolizer *self = MS_SYMBOLIZER (object);

  g_hash_table_unref (self->objects);
  g_ptr_array_unref (self->in_order);
  g_array_unref (self->frames);
  g_string_chunk_free (self->strings);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (ms_symbolizer_parent_class)->finalize (object);
}

static void
ms_symbolizer_class_init (MsSymbolizerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_symbolizer_finalize;
}

static void
ms_symbolizer_init (MsSymbolizer *self)
{
  g_mutex_init (&self->lock);
  self->objects =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) object_free);
  self->in_order = g_ptr_array_new ();
  self->frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));
  self->strings = g_string_chunk_new (65536);
}

static void
name_resolver_init (MsNameResolverInterface *iface)
{
  iface->resolve = ms_symbolizer_resolve;
}

MsSymbolizer *
ms_symbolizer_new (void)
{
  return g_object_new (MS_TYPE_SYMBOLIZER, NULL);
}

GArray *
ms_symbolizer_get_missing (MsSymbolizer *self)
{
  GArray *missing = g_array_new (FALSE, FALSE, sizeof (MsMissingSymbols));

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->in_order->len; i++)
    {
      const Object *object = g_ptr_array_index (self->in_order, i);
      MsMissingSymbols entry = { object->path, object->build_id, object->reason };

      if (object->reason != NULL)
        g_array_append_val (missing, entry);
    }
  g_mutex_unlock (&self->lock);
  return missing;
}
