/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trim-private.h"

#include <string.h>

#include "ms-file-names.h"

void
ms_trim_tables_init (MsTrimTables *self,
                     MsTrace *trace,
                     MsTraceWriter *writer,
                     MsNameResolver *resolver,
                     gboolean redact)
{
  self->trace = trace;
  self->writer = writer;
  self->resolver = resolver;
  self->redact = redact;
  self->aliases = g_hash_table_new (g_str_hash, g_str_equal);
  self->used_stacks = g_malloc0 (trace->stack_table.stacks->len + 1);
}

void
ms_trim_tables_clear (MsTrimTables *self)
{
  g_clear_pointer (&self->used_stacks, g_free);
  g_clear_pointer (&self->aliases, g_hash_table_unref);
}

guint32
ms_trim_tables_use_stack (MsTrimTables *self, guint32 id)
{
  guint32 number = ms_stack_table_number_of (&self->trace->stack_table, id);

  self->used_stacks[number] = TRUE;
  return number;
}

/* The name of a library that every program has, without its folder; NULL: @path is another's.  It tells
 * nothing of whose machine it was, and a reader knows by it what the C library did for itself. */
static const char *
name_of_runtime (const char *path)
{
  static const char *const names[] = { "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2",
                                       "libgcc_s.so.1" };
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return names[i];
  if (g_str_equal (name, "ld-linux-x86-64.so.2"))
    return "ld-linux-x86-64.so.2";
  return g_str_has_prefix (name, "libstdc++.so.6") ? "libstdc++.so.6" : NULL;
}

/* What @module is called in the new trace.  (transfer full) */
static char *
name_of_module (MsTrimTables *self, const MsModule *module)
{
  guint number;

  if (!self->redact)
    return g_strdup (module->path);
  if (name_of_runtime (module->path) != NULL)
    return g_strdup (name_of_runtime (module->path));
  number = GPOINTER_TO_UINT (g_hash_table_lookup (self->aliases, module->path));
  if (number == 0)
    {
      number = g_hash_table_size (self->aliases) + 1;
      g_hash_table_insert (self->aliases, (gpointer) module->path, GUINT_TO_POINTER (number));
    }
  return g_strdup_printf (MS_REDACTED_MODULE "%u", number);
}

/* --- names: nobody can look them up where the objects are not ---------------------------------------- */

typedef struct {
  MsTrimTables *tables;
  MsFileNamesWriter *names; /* NULL: there are none to be had */
  GHashTable *texts;        /* char * → number */
  GHashTable *addresses;    /* of guint64 * → MsModule *, NULL: of several */
  GArray *queries;          /* of MsNameQuery */
} NameCopier;

static void
name_copier_init (NameCopier *self, MsTrimTables *tables)
{
  *self = (NameCopier) { .tables = tables };
  if (tables->trace->module_table.names != NULL || tables->resolver != NULL)
    self->names = ms_file_names_writer_new (tables->writer);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->addresses = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->queries = g_array_new (FALSE, FALSE, sizeof (MsNameQuery));
}

static void
name_copier_clear (NameCopier *self)
{
  g_clear_pointer (&self->names, ms_file_names_writer_free);
  g_hash_table_unref (self->texts);
  g_hash_table_unref (self->addresses);
  g_array_unref (self->queries);
}

/* Names go by address: where one module came after another at the same one, neither's are written. */
static void
note_address (NameCopier *self, const MsModule *module, guint64 address)
{
  MsNameQuery query = { module, address - module->bias, FALSE };
  const MsModule *other;
  gpointer found;

  if (!g_hash_table_lookup_extended (self->addresses, &address, NULL, &found))
    {
      g_hash_table_insert (self->addresses, g_memdup2 (&address, sizeof address),
                           (gpointer) module);
      if (!ms_module_has_names_at (module, address))
        g_array_append_val (self->queries, query);
      return;
    }
  other = found;
  if (other != NULL && other != module
      && (other->bias != module->bias || g_strcmp0 (other->path, module->path) != 0))
    g_hash_table_insert (self->addresses, g_memdup2 (&address, sizeof address), NULL);
}

static guint32
number_of_text (NameCopier *self, const char *text)
{
  guint32 number;

  if (text == NULL)
    return 0;
  number = GPOINTER_TO_UINT (g_hash_table_lookup (self->texts, text));
  if (number == 0)
    {
      number = g_hash_table_size (self->texts) + 1;
      g_hash_table_insert (self->texts, g_strdup (text), GUINT_TO_POINTER (number));
      ms_file_names_writer_put_text (self->names, text, strlen (text));
    }
  return number;
}

/* Folders say whose machine it was, the file's own name says what to look at. */
static guint32
number_of_file (NameCopier *self, const char *file)
{
  const char *slash = self->tables->redact && file != NULL ? strrchr (file, '/') : NULL;

  return number_of_text (self, slash != NULL ? slash + 1 : file);
}

static guint32
number_of_module (NameCopier *self, const MsModule *module, const MsFrame *frame)
{
  g_autofree char *alias =
      self->tables->redact ? name_of_module (self->tables, module) : g_strdup (frame->module);

  return number_of_text (self, alias);
}

/* Where there is nothing but the address, a later reader may find more. */
static void
copy_names (NameCopier *self, const MsModule *module, guint64 address)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  MsNamedFrame named[MS_NAMES_MAX_FRAMES];
  gboolean has_names = ms_module_has_names_at (module, address);
  guint32 name;
  guint n;

  ms_name_resolver_resolve (self->tables->resolver, module, address - module->bias, FALSE, frames);
  n = MIN (frames->len, MS_NAMES_MAX_FRAMES);
  for (guint i = 0; i < n; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);

      has_names |= frame->function != NULL;
      named[i] = (MsNamedFrame) { number_of_text (self, frame->function),
                                  number_of_file (self, frame->file), frame->line };
    }
  if (!has_names)
    return;
  name = number_of_module (self, module, &g_array_index (frames, MsFrame, 0));
  ms_file_names_writer_put_address (self->names, address, name, named, n);
}

static void
copy_all_names (NameCopier *self)
{
  MsNameResolver *resolver = self->tables->resolver;
  GHashTableIter iter;
  gpointer address, module;

  if (self->names == NULL)
    return;
  if (resolver != NULL)
    ms_name_resolver_prepare (resolver, (const MsNameQuery *) (gconstpointer) self->queries->data,
                              self->queries->len, NULL);
  g_hash_table_iter_init (&iter, self->addresses);
  while (g_hash_table_iter_next (&iter, &address, &module))
    if (module != NULL)
      copy_names (self, module, *(const guint64 *) address);
}

/* --- modules --------------------------------------------------------------------------------------- */

static guint
hex_to_bytes (const char *text, guint8 bytes[TRK_BUILD_ID_MAX_BYTES])
{
  guint n = 0;

  for (; text != NULL && text[0] != '\0' && text[1] != '\0' && n < TRK_BUILD_ID_MAX_BYTES;
       text += 2)
    bytes[n++] = (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
  return n;
}

static void
put_module (MsTrimTables *self, guint index)
{
  const MsModule *module = g_ptr_array_index (self->trace->module_table.modules, index);
  guint8 build_id[TRK_BUILD_ID_MAX_BYTES];
  g_autofree char *path = name_of_module (self, module);
  TrkModuleRecord record = {
    .generation = g_array_index (self->trace->module_table.generations, guint32, index),
    .start = module->start,
    .end = module->end,
    .bias = module->bias,
    .build_id = build_id,
    .n_build_id = hex_to_bytes (module->build_id, build_id),
  };

  record.path = path;
  record.n_path = (guint32) MIN (strlen (path), TRK_MODULE_PATH_MAX_BYTES);
  ms_trace_writer_put_module (self->writer, &record);
}

static void
put_modules (MsTrimTables *self, GHashTable *used)
{
  const GPtrArray *modules = self->trace->module_table.modules;

  for (guint i = 0; i < modules->len; i++)
    if (g_hash_table_contains (used, g_ptr_array_index (modules, i)))
      put_module (self, i);
}

/* --- end ------------------------------------------------------------------------------------------- */

void
ms_trim_tables_end (MsTrimTables *self)
{
  MsStackTable *table = &self->trace->stack_table;
  g_autoptr (GHashTable) modules = g_hash_table_new (NULL, NULL);
  NameCopier names;

  name_copier_init (&names, self);
  for (guint32 number = 1; number < table->stacks->len; number++)
    {
      const MsStack *stack = &g_array_index (table->stacks, MsStack, number);
      const guint64 *frames =
          &((const guint64 *) (gpointer) table->frames->data)[stack->first_frame];

      if (!self->used_stacks[number])
        continue;
      ms_trace_writer_put_stack (self->writer, number, stack->generation, frames, stack->depth,
                                 stack->truncated);
      for (guint i = 0; i < stack->depth; i++)
        {
          const MsModule *module =
              ms_module_table_find (&self->trace->module_table, stack->generation, frames[i] - 1);

          if (module == NULL)
            continue;
          g_hash_table_add (modules, (gpointer) module);
          note_address (&names, module, frames[i]);
        }
    }
  copy_all_names (&names);
  name_copier_clear (&names);
  put_modules (self, modules);
}
