/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trim-private.h"

#include <string.h>

#include "ms-file-names.h"

void
ms_trim_tables_init (MsTrimTables *self, MsTrace *trace, MsTraceWriter *writer, gboolean redact)
{
  self->trace = trace;
  self->writer = writer;
  self->redact = redact;
  self->used_stacks = g_malloc0 (trace->stack_table.stacks->len + 1);
}

void
ms_trim_tables_clear (MsTrimTables *self)
{
  g_clear_pointer (&self->used_stacks, g_free);
}

guint32
ms_trim_tables_use_stack (MsTrimTables *self, guint32 id)
{
  guint32 number = ms_stack_table_number_of (&self->trace->stack_table, id);

  self->used_stacks[number] = TRUE;
  return number;
}

/* --- names that the trace brings along ------------------------------------------------------------- */

typedef struct {
  MsFileNamesWriter *names;
  GHashTable *texts;     /* char * → number */
  GHashTable *addresses; /* of guint64 *: written */
  gboolean redact;
  guint n_files;
} NameCopier;

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

/* A source file under a name that tells nothing.  Its own text says which number it has. */
static guint32
number_of_file (NameCopier *self, const char *file)
{
  g_autofree char *key = NULL;
  g_autofree char *alias = NULL;
  guint32 number;

  if (!self->redact || file == NULL)
    return number_of_text (self, file);
  key = g_strconcat ("\n", file, NULL);
  number = GPOINTER_TO_UINT (g_hash_table_lookup (self->texts, key));
  if (number != 0)
    return number;
  alias = g_strdup_printf ("file-%u", ++self->n_files);
  number = g_hash_table_size (self->texts) + 1;
  g_hash_table_insert (self->texts, g_steal_pointer (&key), GUINT_TO_POINTER (number));
  ms_file_names_writer_put_text (self->names, alias, strlen (alias));
  return number;
}

static void
copy_names (NameCopier *self, const MsModule *module, guint64 address)
{
  g_autoptr (GArray) frames = NULL;
  MsNamedFrame named[MS_NAMES_MAX_FRAMES];
  guint n;

  if (module->names == NULL || g_hash_table_contains (self->addresses, &address))
    return;
  frames = g_array_new (FALSE, TRUE, sizeof (MsFrame));
  if (!ms_file_names_resolve (module->names, address, frames))
    return;
  n = MIN (frames->len, MS_NAMES_MAX_FRAMES);
  for (guint i = 0; i < n; i++)
    {
      const MsFrame *frame = &g_array_index (frames, MsFrame, i);

      named[i] = (MsNamedFrame) { number_of_text (self, frame->function),
                                  number_of_file (self, frame->file), frame->line };
    }
  ms_file_names_writer_put_address (
      self->names, address,
      number_of_text (self, self->redact ? NULL : g_array_index (frames, MsFrame, 0).module), named,
      n);
  g_hash_table_add (self->addresses, g_memdup2 (&address, sizeof address));
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
put_module (MsTrimTables *self, guint index, GHashTable *aliases)
{
  const MsModule *module = g_ptr_array_index (self->trace->module_table.modules, index);
  guint8 build_id[TRK_BUILD_ID_MAX_BYTES];
  g_autofree char *alias = NULL;
  const char *path = module->path;
  TrkModuleRecord record = {
    .generation = g_array_index (self->trace->module_table.generations, guint32, index),
    .start = module->start,
    .end = module->end,
    .bias = module->bias,
    .build_id = build_id,
    .n_build_id = hex_to_bytes (module->build_id, build_id),
  };

  if (self->redact)
    {
      guint number = GPOINTER_TO_UINT (g_hash_table_lookup (aliases, path));

      if (number == 0)
        {
          number = g_hash_table_size (aliases) + 1;
          g_hash_table_insert (aliases, (gpointer) path, GUINT_TO_POINTER (number));
        }
      path = alias = g_strdup_printf ("module-%u", number);
    }
  record.path = path;
  record.n_path = (guint32) MIN (strlen (path), TRK_MODULE_PATH_MAX_BYTES);
  ms_trace_writer_put_module (self->writer, &record);
}

static void
put_modules (MsTrimTables *self, GHashTable *used)
{
  g_autoptr (GHashTable) aliases = g_hash_table_new (g_str_hash, g_str_equal);
  const GPtrArray *modules = self->trace->module_table.modules;

  for (guint i = 0; i < modules->len; i++)
    if (g_hash_table_contains (used, g_ptr_array_index (modules, i)))
      put_module (self, i, aliases);
}

/* --- end ------------------------------------------------------------------------------------------- */

void
ms_trim_tables_end (MsTrimTables *self)
{
  MsStackTable *table = &self->trace->stack_table;
  g_autoptr (GHashTable) modules = g_hash_table_new (NULL, NULL);
  NameCopier names = { .redact = self->redact };

  if (self->trace->module_table.names != NULL)
    names.names = ms_file_names_writer_new (self->writer);
  names.texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  names.addresses = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
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
          if (names.names != NULL)
            copy_names (&names, module, frames[i]);
        }
    }
  g_clear_pointer (&names.names, ms_file_names_writer_free);
  g_hash_table_unref (names.texts);
  g_hash_table_unref (names.addresses);
  put_modules (self, modules);
}
