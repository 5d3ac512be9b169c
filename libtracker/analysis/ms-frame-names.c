/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   text        every string once: equal pointers are equal texts
 *   functions   MsFunction, by (label, module)
 *   frames      Frame, by everything in it
 *   indices     the stacks end to end, frames' numbers;  starts[s] … starts[s + 1] is stack s
 *
 * While it is built there are also the places already asked for.  One address may be in different
 * objects at different times, so places of one address are a chain that begins in a map by address:
 *
 *   by_address  return address → first place ─next─▶ place of another module at that address
 *   place       its frames: known[first] … known[first + n − 1]
 */
#include "ms-frame-names.h"

#include <string.h>

#include "ms-key-map.h"
#include "ms-short-name.h"

typedef struct {
  MsFrame shown;
  guint function;
} Frame;

struct _MsFrameNames {
  gatomicrefcount n_refs;
  GStringChunk *text;
  GArray *functions;
  GArray *frames;
  GArray *indices;   /* of guint */
  GArray *starts;    /* of guint */
  GArray *truncated; /* of guint8, a stack */
};

typedef struct {
  const MsModule *module;
  guint first, n;
  guint32 next;
} Place;

typedef struct {
  MsFrameNames *names;
  MsNameResolver *resolver;
  GHashTable *functions_known; /* MsFunction → number + 1 */
  GHashTable *frames_known;    /* Frame → number + 1 */
  MsKeyMap by_address;
  GArray *places;
  GArray *known;       /* of guint: frames */
  GArray *answer;      /* of MsFrame: the resolver's */
  GHashTable *aliases; /* module's name → its alias; NULL: names are what they are */
} Builder;

G_DEFINE_BOXED_TYPE (MsFrameNames, ms_frame_names, ms_frame_names_ref, ms_frame_names_unref)

/* --- interning ------------------------------------------------------------------------------- */

static guint
function_hash (gconstpointer key)
{
  const MsFunction *function = key;

  return g_direct_hash (function->label) ^ (g_direct_hash (function->module) * 31);
}

static gboolean
function_equal (gconstpointer a, gconstpointer b)
{
  const MsFunction *x = a, *y = b;

  return x->label == y->label && x->module == y->module;
}

static guint
frame_hash (gconstpointer key)
{
  const Frame *frame = key;

  return (frame->function * 2654435761u) ^ (g_direct_hash (frame->shown.file) * 31)
         ^ (frame->shown.line * 40503u) ^ (guint) frame->shown.inlined;
}

/* Function and address need no look: an address that counts is in the function's label. */
static gboolean
frame_equal (gconstpointer a, gconstpointer b)
{
  const Frame *x = a, *y = b;

  return x->function == y->function && x->shown.file == y->shown.file
         && x->shown.line == y->shown.line && x->shown.inlined == y->shown.inlined;
}

static const char *
intern (MsFrameNames *self, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return NULL;
  if (g_utf8_validate (text, -1, NULL))
    return g_string_chunk_insert_const (self->text, text);
  valid = g_utf8_make_valid (text, -1);
  return g_string_chunk_insert_const (self->text, valid);
}

static const char *
intern_label (MsFrameNames *self, const MsFrame *frame)
{
  g_autofree char *label = NULL;

  if (frame->function != NULL)
    return frame->function;
  if (frame->module != NULL)
    label = g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", frame->module, frame->address);
  else
    label = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", frame->address);
  return intern (self, label);
}

static guint
add_function (Builder *builder, const MsFrame *frame)
{
  MsFrameNames *self = builder->names;
  MsFunction function = { .label = intern_label (self, frame),
                          .module = frame->module,
                          .is_named = frame->function != NULL };
  gpointer known = g_hash_table_lookup (builder->functions_known, &function);

  if (known != NULL)
    return GPOINTER_TO_UINT (known) - 1;
  g_array_append_val (self->functions, function);
  g_hash_table_insert (builder->functions_known, g_memdup2 (&function, sizeof function),
                       GUINT_TO_POINTER (self->functions->len));
  return self->functions->len - 1;
}

/* Libraries that every program has: they tell nothing of whose machine it was. */
static gboolean
is_everywhere (const char *module)
{
  static const char *const names[] = { "libc.so.6",  "libm.so.6",     "libpthread.so.0",
                                       "libdl.so.2", "libgcc_s.so.1", "ld-linux-x86-64.so.2" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (module, names[i]) == 0)
      return TRUE;
  return g_str_has_prefix (module, "libstdc++.so.6");
}

/* As ms_trace_trim() calls them. */
static const char *
alias_of (Builder *builder, const char *module)
{
  const char *alias = module != NULL ? g_hash_table_lookup (builder->aliases, module) : NULL;
  g_autofree char *made = NULL;

  if (alias != NULL || module == NULL)
    return alias;
  if (is_everywhere (module) || g_str_has_prefix (module, MS_REDACTED_MODULE))
    return module;
  made = g_strdup_printf (MS_REDACTED_MODULE "%u", g_hash_table_size (builder->aliases) + 1);
  alias = intern (builder->names, made);
  g_hash_table_insert (builder->aliases, g_strdup (module), (gpointer) alias);
  return alias;
}

static void
redact_frame (Builder *builder, MsFrame *frame)
{
  const char *slash = frame->file != NULL ? strrchr (frame->file, '/') : NULL;

  if (slash != NULL)
    frame->file = slash + 1;
  frame->module = alias_of (builder, frame->module);
}

static guint
add_frame (Builder *builder, const MsFrame *shown)
{
  MsFrameNames *self = builder->names;
  Frame frame = { .shown = { .function = intern (self, shown->function),
                             .file = intern (self, shown->file),
                             .line = shown->line,
                             .module = intern (self, shown->module),
                             .address = shown->function != NULL ? 0 : shown->address,
                             .inlined = shown->inlined != FALSE } };
  gpointer known;

  frame.function = add_function (builder, &frame.shown);
  known = g_hash_table_lookup (builder->frames_known, &frame);
  if (known != NULL)
    return GPOINTER_TO_UINT (known) - 1;
  g_array_append_val (self->frames, frame);
  g_hash_table_insert (builder->frames_known, g_memdup2 (&frame, sizeof frame),
                       GUINT_TO_POINTER (self->frames->len));
  return self->frames->len - 1;
}

/* --- building -------------------------------------------------------------------------------- */

static const Place *
find_place (Builder *builder, guint64 address, const MsModule *module)
{
  guint32 at = ms_key_map_get (&builder->by_address, address);

  for (; at != MS_KEY_MAP_NONE; at = g_array_index (builder->places, Place, at).next)
    if (g_array_index (builder->places, Place, at).module == module)
      return &g_array_index (builder->places, Place, at);
  return NULL;
}

/* Asks the resolver.  @local: the address in the module's own numbering. */
static const Place *
add_place (Builder *builder, guint64 address, const MsModule *module, guint64 local)
{
  Place place = { .module = module, .first = builder->known->len, .next = MS_KEY_MAP_NONE };
  MsKeyMapSlot *slot = ms_key_map_slot (&builder->by_address, address);

  g_array_set_size (builder->answer, 0);
  ms_name_resolver_resolve (builder->resolver, module, local, FALSE, builder->answer);
  for (guint i = 0; i < builder->answer->len; i++)
    {
      MsFrame *answer = &g_array_index (builder->answer, MsFrame, i);
      guint frame;

      if (builder->aliases != NULL)
        redact_frame (builder, answer);
      frame = add_frame (builder, answer);

      g_array_append_val (builder->known, frame);
    }
  place.n = builder->answer->len;
  if (slot->value != MS_KEY_MAP_NONE)
    {
      place.next = slot->value;
      slot->value = builder->places->len;
    }
  else
    ms_key_map_insert (&builder->by_address, address, builder->places->len);
  g_array_append_val (builder->places, place);
  return &g_array_index (builder->places, Place, builder->places->len - 1);
}

static void
add_stack (Builder *builder, MsTrace *trace, guint stack)
{
  MsFrameNames *self = builder->names;
  gboolean is_truncated = FALSE;
  guint depth = 0;
  const guint64 *addresses = ms_trace_get_stack_frames (trace, stack, &depth, &is_truncated);
  guint8 truncated = is_truncated != FALSE;

  g_array_append_val (self->starts, self->indices->len);
  for (guint i = 0; i < depth; i++)
    {
      guint64 local = 0;
      const MsModule *module = ms_trace_find_module (trace, stack, i, &local);
      const Place *place = find_place (builder, addresses[i], module);

      if (place == NULL)
        place = add_place (builder, addresses[i], module, local);
      g_array_append_vals (self->indices, &g_array_index (builder->known, guint, place->first),
                           place->n);
    }
  g_array_append_val (self->truncated, truncated);
}

static void
builder_init (Builder *self, MsFrameNames *names, MsNameResolver *resolver, gboolean redact)
{
  self->aliases = redact ? g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) : NULL;
  self->names = names;
  self->resolver = resolver;
  self->functions_known = g_hash_table_new_full (function_hash, function_equal, g_free, NULL);
  self->frames_known = g_hash_table_new_full (frame_hash, frame_equal, g_free, NULL);
  ms_key_map_init (&self->by_address);
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
  /* Not empty: a place without frames still has an address in it. */
  self->known = g_array_sized_new (FALSE, FALSE, sizeof (guint), 64);
  self->answer = g_array_new (FALSE, FALSE, sizeof (MsFrame));
}

static void
builder_clear (Builder *self)
{
  g_hash_table_unref (self->functions_known);
  g_hash_table_unref (self->frames_known);
  ms_key_map_clear (&self->by_address);
  g_array_unref (self->places);
  g_array_unref (self->known);
  g_array_unref (self->answer);
  g_clear_pointer (&self->aliases, g_hash_table_unref);
}

/* FALSE: cancelled. */
static gboolean
prepare (MsNameResolver *resolver, MsTrace *trace, GCancellable *cancellable, GError **error)
{
  guint n_stacks = ms_trace_get_n_stacks (trace);
  g_autofree guint *stacks = g_new (guint, n_stacks + 1);

  for (guint s = 0; s < n_stacks; s++)
    stacks[s] = s;
  return ms_name_resolver_prepare_stacks (resolver, trace, stacks, n_stacks, cancellable, error);
}

static MsFrameNames *
new_names (MsTrace *trace,
           MsNameResolver *resolver,
           gboolean redact,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (MsFrameNames) self = g_new0 (MsFrameNames, 1);
  guint n_stacks = ms_trace_get_n_stacks (trace);
  gboolean is_cancelled = resolver != NULL && !prepare (resolver, trace, cancellable, error);
  Builder builder;

  g_atomic_ref_count_init (&self->n_refs);
  self->text = g_string_chunk_new (16 * 1024);
  self->functions = g_array_new (FALSE, FALSE, sizeof (MsFunction));
  self->frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  self->indices = g_array_sized_new (FALSE, FALSE, sizeof (guint), 64);
  self->starts = g_array_sized_new (FALSE, FALSE, sizeof (guint), n_stacks + 1);
  self->truncated = g_array_sized_new (FALSE, FALSE, sizeof (guint8), MAX (n_stacks, 1));

  builder_init (&builder, self, resolver, redact);
  for (guint s = 0; s < n_stacks && !is_cancelled; s++)
    {
      add_stack (&builder, trace, s);
      is_cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  g_array_append_val (self->starts, self->indices->len);
  builder_clear (&builder);
  return is_cancelled ? NULL : g_steal_pointer (&self);
}

MsFrameNames *
ms_frame_names_new (MsTrace *trace,
                    MsNameResolver *resolver,
                    GCancellable *cancellable,
                    GError **error)
{
  return new_names (trace, resolver, FALSE, cancellable, error);
}

MsFrameNames *
ms_frame_names_new_redacted (MsTrace *trace,
                             MsNameResolver *resolver,
                             GCancellable *cancellable,
                             GError **error)
{
  return new_names (trace, resolver, TRUE, cancellable, error);
}

MsFrameNames *
ms_frame_names_ref (MsFrameNames *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ms_frame_names_unref (MsFrameNames *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_string_chunk_free (self->text);
  g_array_unref (self->functions);
  g_array_unref (self->frames);
  g_array_unref (self->indices);
  g_array_unref (self->starts);
  g_array_unref (self->truncated);
  g_free (self);
}

/* --- what is in it --------------------------------------------------------------------------- */

guint
ms_frame_names_get_n_frames (MsFrameNames *self)
{
  return self->frames->len;
}

const MsFrame *
ms_frame_names_get_frame (MsFrameNames *self, guint frame)
{
  g_return_val_if_fail (frame < self->frames->len, NULL);
  return &g_array_index (self->frames, Frame, frame).shown;
}

guint
ms_frame_names_get_function_of (MsFrameNames *self, guint frame)
{
  g_return_val_if_fail (frame < self->frames->len, 0);
  return g_array_index (self->frames, Frame, frame).function;
}

const char *
ms_frame_names_get_label (MsFrameNames *self, guint frame)
{
  return ms_frame_names_get_function (self, ms_frame_names_get_function_of (self, frame))->label;
}

guint
ms_frame_names_get_n_functions (MsFrameNames *self)
{
  return self->functions->len;
}

const MsFunction *
ms_frame_names_get_function (MsFrameNames *self, guint function)
{
  g_return_val_if_fail (function < self->functions->len, NULL);
  return &g_array_index (self->functions, MsFunction, function);
}

guint
ms_frame_names_get_n_stacks (MsFrameNames *self)
{
  return self->truncated->len;
}

const guint *
ms_frame_names_get_stack (MsFrameNames *self, guint stack, guint *depth, gboolean *truncated)
{
  guint start;

  g_return_val_if_fail (stack < self->truncated->len, NULL);
  start = g_array_index (self->starts, guint, stack);
  *depth = g_array_index (self->starts, guint, stack + 1) - start;
  if (truncated != NULL)
    *truncated = g_array_index (self->truncated, guint8, stack);
  return &g_array_index (self->indices, guint, start);
}

static gboolean
is_one_of (const char *function, const char *const *names, guint n)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (function, names[i]))
      return TRUE;
  return FALSE;
}

/* gc_alloc, xrealloc, sqlite3MallocZero, zmalloc_usable; not reallocate_table nor malloc_config. */
static gboolean
is_called_alloc (const char *function)
{
  static const char *const ends[] = {
    "alloc",          "malloc0",    "malloczero",  "mallocraw",     "malloc_n",
    "malloc0_n",      "malloc_num", "calloc_num",  "malloc_usable", "calloc_usable",
    "realloc_usable", "realloc_n",  "realloc_num",
  };
  gsize n_bytes = strlen (function);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      gsize n = strlen (ends[i]);

      if (n_bytes >= n && g_ascii_strncasecmp (function + n_bytes - n, ends[i], n) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Functions that allocate for whoever calls them: those of languages and libraries, and what is called so; and
 * what starts programs and threads, which all stacks have. */
static gboolean
is_machinery (const char *function)
{
  static const char *const beginnings[] = {
    "operator new",
    "std::",
    "__gnu_cxx::",
    "alloc::",
    "core::",
    "<alloc::",
    "<std::",
    "<core::",
    "__rust_",
    "__rdl_",
    "__rg_",
    "g_malloc",
    "g_slice_",
    "g_realloc",
    "g_try_malloc",
    "PyMem_",
    "_PyMem_",
    "_PyObject_GC_New",
    "PyType_GenericAlloc",
  };
  static const char *const names[] = {
    "_start",
    "__libc_start_main",
    "__libc_start_main_impl",
    "__libc_start_call_main",
    "call_init",
    "_dl_init",
    "_dl_start_user",
    "start_thread",
    "clone",
    "clone3",
    "__clone3",
    "strdup",
    "__strdup",
    "strndup",
    "xstrdup",
    "g_strdup",
    "g_strndup",
    "g_memdup",
    "g_memdup2",
    "asprintf",
    "vasprintf",
    "getdelim",
    "getline",
  };
  /* Without a return type: neither std:: in "std::string read<int>(int)" nor Foo in "Foo* std::copy<Foo>(Foo*)"
   * says whose function it is. */
  g_autofree char *name = strchr (function, ' ') != NULL ? ms_short_name_new (function) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (g_str_has_prefix (name != NULL ? name : function, beginnings[i]))
      return TRUE;
  return is_called_alloc (name != NULL ? name : function)
         || is_one_of (function, names, G_N_ELEMENTS (names));
}

/* fopen() and getaddrinfo() allocate for who called them, as malloc() does. */
static gboolean
is_of_runtime (const char *module)
{
  return module != NULL
         && (strcmp (module, "libc.so.6") == 0 || g_str_has_prefix (module, "ld-linux")
             || g_str_has_prefix (module, "libstdc++.so."));
}

gboolean
ms_frame_is_machinery (const MsFrame *frame)
{
  return frame->function == NULL || is_of_runtime (frame->module) || is_machinery (frame->function);
}

gboolean
ms_frame_names_find_site (MsFrameNames *self, guint stack, guint *frame)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (self, stack, &depth, NULL);

  if (depth == 0)
    return FALSE;
  *frame = frames[0];
  for (guint i = 0; i < depth; i++)
    {
      if (ms_frame_is_machinery (ms_frame_names_get_frame (self, frames[i])))
        continue;
      *frame = frames[i];
      return TRUE;
    }
  return TRUE;
}
