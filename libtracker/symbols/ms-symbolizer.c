/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   objects   (build-id, path) → Object        made when first asked for
 *   Object    address → slice of `frames`      every answer is kept
 *   strings   interned, so that a function's name is stored once and compares by pointer
 *
 * Two locks.  The symbolizer's guards these tables and is held for the length of a look into them.  An
 * object's own guards its files, as libdw is not safe for two threads in one file, and may be held for
 * long: it is taken first, and never while the symbolizer's is held.  So an answer that is known
 * never waits for one that is not.
 */
#include "ms-symbolizer-private.h"

#include <string.h>

#include "ms-cache-folder.h"

/* More do not help: the slowest object decides, and there are rarely more than some large ones. */
#define MAX_WORKERS 4U

static void name_resolver_init (MsNameResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MsSymbolizer,
                               ms_symbolizer,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MS_TYPE_NAME_RESOLVER, name_resolver_init))

/* --- tables, with the symbolizer's lock ------------------------------------------------------- */

/* Names come from object files that anybody may have written. */
const char *
ms_symbolizer_intern (MsSymbolizer *self, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL || text[0] == '\0')
    return NULL;
  if (!g_utf8_validate (text, -1, NULL))
    valid = g_utf8_make_valid (text, -1);
  return g_string_chunk_insert_const (self->strings, valid != NULL ? valid : text);
}

static const char *
intern_base_name (MsSymbolizer *self, const char *path)
{
  const char *slash = strrchr (path, '/');

  return ms_symbolizer_intern (self, slash != NULL && slash[1] != '\0' ? slash + 1 : path);
}

static guint
slice_hash (gconstpointer slice)
{
  return g_int64_hash (&((const MsSymbolSlice *) slice)->address);
}

static gboolean
slice_equal (gconstpointer a, gconstpointer b)
{
  return ((const MsSymbolSlice *) a)->address == ((const MsSymbolSlice *) b)->address;
}

static void
object_free (MsSymbolObject *object)
{
  ms_symbol_source_free (object->source);
  g_hash_table_unref (object->slices);
  g_mutex_clear (&object->lock);
  g_free (object->path);
  g_free (object->build_id);
  g_free (object);
}

static MsSymbolObject *
get_object (MsSymbolizer *self, const MsModule *module)
{
  g_autofree char *key =
      g_strconcat (module->build_id != NULL ? module->build_id : "", ":", module->path, NULL);
  MsSymbolObject *object = g_hash_table_lookup (self->objects, key);

  if (object == NULL)
    {
      object = g_new0 (MsSymbolObject, 1);
      g_mutex_init (&object->lock);
      object->path = g_strdup (module->path);
      object->build_id = g_strdup (module->build_id);
      object->name = intern_base_name (self, module->path);
      object->slices = g_hash_table_new_full (slice_hash, slice_equal, g_free, NULL);
      object->source =
          ms_symbol_source_new (module->path, module->build_id, self->places, self->cache_folder);
      g_ptr_array_add (self->in_order, object);
      g_hash_table_insert (self->objects, g_steal_pointer (&key), object);
    }
  return object;
}

static const MsSymbolSlice *
find_slice (MsSymbolObject *object, guint64 address)
{
  return g_hash_table_lookup (object->slices, &(MsSymbolSlice) { .address = address });
}

static void
add_slice (MsSymbolizer *self, MsSymbolObject *object, guint64 address, GArray *found)
{
  MsSymbolSlice *slice = g_new0 (MsSymbolSlice, 1);

  slice->address = address;
  slice->first = self->frames->len;
  slice->n = found->len;
  for (guint i = 0; i < found->len; i++)
    {
      const MsSourceFrame *from = &g_array_index (found, MsSourceFrame, i);
      MsFrame frame = { .function = ms_symbolizer_intern (self, from->function),
                        .file = ms_symbolizer_intern (self, from->file),
                        .line = from->line,
                        .module = object->name,
                        .inlined = from->inlined };

      g_array_append_val (self->frames, frame);
    }
  g_hash_table_add (object->slices, slice);
}

static void
append_slice (MsSymbolizer *self, const MsSymbolSlice *slice, guint64 address, GArray *frames)
{
  for (guint i = 0; i < slice->n; i++)
    {
      MsFrame frame = g_array_index (self->frames, MsFrame, slice->first + i);

      frame.address = address;
      g_array_append_val (frames, frame);
    }
}

/* --- one address ----------------------------------------------------------------------------- */

/* A return address is the instruction after the call, maybe another line or function. */
static guint64
to_looked_up (guint64 address, gboolean is_exact)
{
  return is_exact ? address : address - 1;
}

/* Makes @address known.  No lock is held. */
static void
find (MsSymbolizer *self, MsSymbolObject *object, guint64 address)
{
  g_autoptr (GArray) found = ms_source_frame_array_new ();
  gboolean is_known;

  g_mutex_lock (&object->lock);
  g_mutex_lock (&self->lock);
  is_known = find_slice (object, address) != NULL; /* another thread was quicker */
  g_mutex_unlock (&self->lock);
  if (!is_known)
    {
      g_autofree char *reason = NULL;

      ms_symbol_source_resolve (object->source, address, found);
      reason = ms_symbol_source_dup_reason (object->source);
      g_mutex_lock (&self->lock);
      add_slice (self, object, address, found);
      if (g_strcmp0 (object->reason, reason) != 0)
        object->reason = ms_symbolizer_intern (self, reason);
      g_mutex_unlock (&self->lock);
    }
  g_mutex_unlock (&object->lock);
}

static gboolean
ms_symbolizer_lookup (MsNameResolver *resolver,
                      const MsModule *module,
                      guint64 address,
                      gboolean is_exact,
                      GArray *frames)
{
  MsSymbolizer *self = MS_SYMBOLIZER (resolver);
  const MsSymbolSlice *slice;

  if (module == NULL)
    {
      MsFrame frame = { .address = address };

      g_array_append_val (frames, frame);
      return TRUE;
    }
  g_mutex_lock (&self->lock);
  slice = find_slice (get_object (self, module), to_looked_up (address, is_exact));
  if (slice != NULL)
    append_slice (self, slice, address, frames);
  g_mutex_unlock (&self->lock);
  return slice != NULL;
}

static void
ms_symbolizer_resolve (MsNameResolver *resolver,
                       const MsModule *module,
                       guint64 address,
                       gboolean is_exact,
                       GArray *frames)
{
  MsSymbolizer *self = MS_SYMBOLIZER (resolver);

  /* In a loop: fetched debug files may make an answer unknown again in between. */
  while (!ms_symbolizer_lookup (resolver, module, address, is_exact, frames))
    {
      MsSymbolObject *object;

      g_mutex_lock (&self->lock);
      object = get_object (self, module);
      g_mutex_unlock (&self->lock);
      find (self, object, to_looked_up (address, is_exact));
    }
}

/* --- many addresses -------------------------------------------------------------------------- */

typedef struct {
  MsSymbolObject *object;
  guint64 address;
} Wanted;

/* Wanted [first, end): one object's. */
typedef struct {
  guint first, end;
} Share;

typedef struct {
  MsSymbolizer *self;
  GCancellable *cancellable;
  GArray *wanted; /* of Wanted, by object and address */
  GArray *shares; /* of Share, the largest first */
  gint next;      /* share that nobody works at, atomic */
} Batch;

static int
compare_wanted (gconstpointer a, gconstpointer b)
{
  const Wanted *x = a;
  const Wanted *y = b;

  if (x->object != y->object)
    return (guintptr) x->object < (guintptr) y->object ? -1 : 1;
  return (x->address > y->address) - (x->address < y->address);
}

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  const Share *x = a;
  const Share *y = b;
  guint size_x = x->end - x->first;
  guint size_y = y->end - y->first;

  return (size_y > size_x) - (size_y < size_x);
}

/* What is not known yet, each address once. */
static void
collect_wanted (Batch *batch, const MsNameQuery *queries, guint n_queries)
{
  MsSymbolizer *self = batch->self;
  guint n = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n_queries; i++)
    if (queries[i].module != NULL)
      {
        Wanted wanted = { get_object (self, queries[i].module),
                          to_looked_up (queries[i].address, queries[i].is_exact) };

        if (find_slice (wanted.object, wanted.address) == NULL)
          g_array_append_val (batch->wanted, wanted);
      }
  g_mutex_unlock (&self->lock);
  /* By address, so that what libdw reads for one unit is used while it is there. */
  g_array_sort (batch->wanted, compare_wanted);
  for (guint i = 0; i < batch->wanted->len; i++)
    {
      const Wanted *wanted = &g_array_index (batch->wanted, Wanted, i);

      if (n == 0 || compare_wanted (wanted, &g_array_index (batch->wanted, Wanted, n - 1)) != 0)
        g_array_index (batch->wanted, Wanted, n++) = *wanted;
    }
  g_array_set_size (batch->wanted, n);
}

static void
deal (Batch *batch)
{
  Share share = { 0, 0 };

  for (guint i = 1; i <= batch->wanted->len; i++)
    if (i == batch->wanted->len
        || g_array_index (batch->wanted, Wanted, i).object
               != g_array_index (batch->wanted, Wanted, share.first).object)
      {
        share.end = i;
        g_array_append_val (batch->shares, share);
        share.first = i;
      }
  g_array_sort (batch->shares, compare_shares);
}

static gpointer
work (gpointer data)
{
  Batch *batch = data;
  guint at;

  while ((at = (guint) g_atomic_int_add (&batch->next, 1)) < batch->shares->len)
    {
      const Share *share = &g_array_index (batch->shares, Share, at);
      MsSymbolObject *object = g_array_index (batch->wanted, Wanted, share->first).object;

      for (guint i = share->first; i < share->end; i++)
        if (!g_cancellable_is_cancelled (batch->cancellable))
          find (batch->self, object, g_array_index (batch->wanted, Wanted, i).address);
      g_mutex_lock (&object->lock);
      ms_symbol_source_save (object->source);
      g_mutex_unlock (&object->lock);
    }
  return NULL;
}

static void
ms_symbolizer_prepare (MsNameResolver *resolver,
                       const MsNameQuery *queries,
                       guint n_queries,
                       GCancellable *cancellable)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (Wanted));
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (Share));
  Batch batch = { MS_SYMBOLIZER (resolver), cancellable, wanted, shares, 0 };
  GThread *helpers[MAX_WORKERS];
  guint n_helpers = 0;
  guint n_workers;

  collect_wanted (&batch, queries, n_queries);
  deal (&batch);
  n_workers = MIN (MIN (MAX_WORKERS, g_get_num_processors ()), shares->len);
  for (guint i = 1; i < n_workers; i++)
    {
      GThread *helper = g_thread_try_new ("memscope-names", work, &batch, NULL);

      if (helper != NULL)
        helpers[n_helpers++] = helper;
    }
  work (&batch);
  for (guint i = 0; i < n_helpers; i++)
    g_thread_join (helpers[i]);
}

/* --- object of GObject ----------------------------------------------------------------------- */

/* (transfer full) (element-type MsSymbolObject): objects are never dropped. */
static GPtrArray *
copy_objects (MsSymbolizer *self)
{
  GPtrArray *objects = g_ptr_array_new ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->in_order->len; i++)
    g_ptr_array_add (objects, g_ptr_array_index (self->in_order, i));
  g_mutex_unlock (&self->lock);
  return objects;
}

void
ms_symbolizer_save (MsSymbolizer *self)
{
  g_autoptr (GPtrArray) objects = NULL;

  g_return_if_fail (MS_IS_SYMBOLIZER (self));
  objects = copy_objects (self);
  for (guint i = 0; i < objects->len; i++)
    {
      MsSymbolObject *object = g_ptr_array_index (objects, i);

      g_mutex_lock (&object->lock);
      ms_symbol_source_save (object->source);
      g_mutex_unlock (&object->lock);
    }
}

static void
ms_symbolizer_finalize (GObject *object)
{
  MsSymbolizer *self = MS_SYMBOLIZER (object);

  ms_symbolizer_save (self);
  g_hash_table_unref (self->objects);
  g_ptr_array_unref (self->in_order);
  g_array_unref (self->frames);
  g_string_chunk_free (self->strings);
  g_clear_pointer (&self->places, ms_debug_places_free);
  g_free (self->cache_folder);
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
  self->may_fetch = TRUE;
}

static void
name_resolver_init (MsNameResolverInterface *iface)
{
  iface->resolve = ms_symbolizer_resolve;
  iface->lookup = ms_symbolizer_lookup;
  iface->prepare = ms_symbolizer_prepare;
}

MsSymbolizer *
ms_symbolizer_new_with_folders (const char *const *debug_folders, const char *cache_folder)
{
  MsSymbolizer *self = g_object_new (MS_TYPE_SYMBOLIZER, NULL);

  self->places = ms_debug_places_new (debug_folders);
  self->cache_folder = g_strdup (cache_folder);
  return self;
}

MsSymbolizer *
ms_symbolizer_new_for_user (void)
{
  const char *debug_path = g_getenv ("MEMSCOPE_DEBUG_PATH");
  g_auto (GStrv) folders = debug_path != NULL ? g_strsplit (debug_path, ":", -1) : NULL;
  g_autoptr (MsCacheFolder) cache =
      g_getenv ("MEMSCOPE_NO_CACHE") == NULL ? ms_cache_folder_new_for_user (NULL) : NULL;
  g_autofree char *names =
      cache != NULL ? g_build_filename (ms_cache_folder_get_path (cache), "names", NULL) : NULL;

  return ms_symbolizer_new_with_folders ((const char *const *) folders, names);
}

MsSymbolizer *
ms_symbolizer_new (void)
{
  return ms_symbolizer_new_with_folders (NULL, NULL);
}

GArray *
ms_symbolizer_get_missing (MsSymbolizer *self)
{
  GArray *missing = g_array_new (FALSE, FALSE, sizeof (MsMissingSymbols));

  g_return_val_if_fail (MS_IS_SYMBOLIZER (self), missing);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->in_order->len; i++)
    {
      const MsSymbolObject *object = g_ptr_array_index (self->in_order, i);
      MsMissingSymbols entry = { object->path, object->build_id, object->reason };

      if (object->reason == NULL)
        continue;
      if (object->fetched != NULL)
        {
          g_autofree char *both = g_strdup_printf ("%s; %s", object->reason, object->fetched);

          entry.reason = ms_symbolizer_intern (self, both);
        }
      g_array_append_val (missing, entry);
    }
  g_mutex_unlock (&self->lock);
  return missing;
}
