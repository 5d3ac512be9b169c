/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The n-th distinct word lies at bias + 16 × (n + 1). */
#include "name-table.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_EACH 16U
#define UNNAMED 0x800000U

struct _NameTable {
  GObject parent;
  char *path;
  guint64 start;
  GPtrArray *words;
  GHashTable *known; /* word → number + 1 */
  GStringChunk *text;
};

static void
append_frame (NameTable *self, GArray *frames, const char *word, guint64 address, gboolean inlined)
{
  const char *slash = strrchr (self->path, '/');
  const char *at = strrchr (word, '@');
  const char *colon = at != NULL ? strrchr (at, ':') : NULL;
  MsFrame frame = { .module = slash != NULL ? slash + 1 : self->path,
                    .address = address,
                    .inlined = inlined };

  frame.function =
      at == NULL ? word : g_string_chunk_insert_len (self->text, word, (gssize) (at - word));
  if (at != NULL)
    frame.file = colon != NULL
                     ? g_string_chunk_insert_len (self->text, at + 1, (gssize) (colon - at - 1))
                     : at + 1;
  if (colon != NULL)
    frame.line = (guint) atoi (colon + 1);
  g_array_append_val (frames, frame);
}

static void
name_table_resolve (MsNameResolver *resolver,
                    const MsModule *module,
                    guint64 address,
                    gboolean is_exact,
                    GArray *frames)
{
  NameTable *self = NAME_TABLE (resolver);
  guint64 number = address / BYTES_EACH - 1;
  g_auto (GStrv) parts = NULL;

  if (address >= UNNAMED || number >= self->words->len)
    {
      MsFrame frame = { .address = address, .module = strrchr (self->path, '/') + 1 };

      g_array_append_val (frames, frame);
      return;
    }
  parts = g_strsplit (g_ptr_array_index (self->words, number), "^", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    append_frame (self, frames, g_string_chunk_insert (self->text, parts[i]), address,
                  parts[i + 1] != NULL);
}

static void
name_table_init_interface (MsNameResolverInterface *interface)
{
  interface->resolve = name_table_resolve;
}

G_DEFINE_TYPE_WITH_CODE (NameTable,
                         name_table,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (MS_TYPE_NAME_RESOLVER, name_table_init_interface))

static void
name_table_finalize (GObject *object)
{
  NameTable *self = NAME_TABLE (object);

  g_free (self->path);
  g_ptr_array_unref (self->words);
  g_hash_table_unref (self->known);
  g_string_chunk_free (self->text);
  G_OBJECT_CLASS (name_table_parent_class)->finalize (object);
}

static void
name_table_class_init (NameTableClass *class)
{
  G_OBJECT_CLASS (class)->finalize = name_table_finalize;
}

static void
name_table_init (NameTable *self)
{
  self->words = g_ptr_array_new_with_free_func (g_free);
  self->known = g_hash_table_new (g_str_hash, g_str_equal);
  self->text = g_string_chunk_new (4096);
}

NameTable *
name_table_new (const char *path, guint64 start)
{
  NameTable *self = g_object_new (NAME_TYPE_TABLE, NULL);

  self->path = g_strdup (path);
  self->start = start;
  return self;
}

void
name_table_add_module (NameTable *self, TraceBuilder *builder)
{
  trace_builder_add_module (builder, 0, self->start, self->start + 2 * UNNAMED, self->start,
                            self->path, NULL, 0);
}

static guint64
address_of (NameTable *self, const char *word)
{
  gpointer number = g_hash_table_lookup (self->known, word);

  if (word[0] == '?')
    return self->start + UNNAMED + (guint64) atoi (word + 1);
  if (number == NULL)
    {
      char *own = g_strdup (word);

      g_ptr_array_add (self->words, own);
      number = GUINT_TO_POINTER (self->words->len);
      g_hash_table_insert (self->known, own, number);
    }
  return self->start + (guint64) BYTES_EACH * GPOINTER_TO_UINT (number);
}

guint32
name_table_add_stack (NameTable *self, TraceBuilder *builder, guint thread, const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, " > ", -1);
  guint n = g_strv_length (parts);
  g_autofree guint64 *frames = g_new (guint64, n + 1);

  for (guint i = 0; i < n; i++)
    frames[n - 1 - i] = address_of (self, parts[i]);
  return trace_builder_add_stack (builder, thread, frames, n);
}
