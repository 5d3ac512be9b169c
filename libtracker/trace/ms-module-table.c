/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-module-table.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "trk-module-codec.h"

typedef struct {
  MsModule module;
  guint32 generation;
  guint order; /* as found */
} LoadedModule;

static void
module_free (gpointer data)
{
  MsModule *module = data;

  g_free ((char *) module->path);
  g_free ((char *) module->build_id);
  g_free ((char *) module->title);
  g_free (module);
}

void
ms_module_table_init (MsModuleTable *self)
{
  self->modules = g_ptr_array_new_with_free_func (module_free);
  self->generations = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->highest_ends = g_array_new (FALSE, FALSE, sizeof (guint64));
}

void
ms_module_table_clear (MsModuleTable *self)
{
  g_clear_pointer (&self->modules, g_ptr_array_unref);
  g_clear_pointer (&self->generations, g_array_unref);
  g_clear_pointer (&self->highest_ends, g_array_unref);
  g_clear_pointer (&self->names, ms_file_names_free);
}

static char *
build_id_to_text (const guint8 *bytes, guint n_bytes)
{
  GString *text;

  if (n_bytes == 0)
    return NULL;
  text = g_string_sized_new (2 * n_bytes);
  for (guint i = 0; i < n_bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

static void
load_block (GArray *loaded, MsBlockIndex *index, const MsBlock *block, GByteArray *buffer)
{
  const guint8 *p = ms_block_index_read (index, block, buffer);
  const guint8 *begin = p, *end = p ? p + block->payload_bytes : NULL;

  while (p != NULL && p < end)
    {
      TrkModuleRecord record;
      LoadedModule module = { .order = loaded->len };
      const guint8 *next = trk_module_decode (p, end, &record);

      if (next == NULL)
        {
          ms_diagnostics_add (index->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                              ms_block_index_file_of (index, block),
                              block->offset + (guint64) (p - begin),
                              "An unreadable module; the rest of the block was left out.");
          return;
        }
      p = next;
      module.generation = record.generation;
      /* Not text: a path is bytes, and is opened as such.  It ends at a NUL all the same. */
      module.module.path = g_strndup (record.path, record.n_path);
      module.module.build_id = build_id_to_text (record.build_id, record.n_build_id);
      module.module.start = record.start;
      module.module.end = record.end;
      module.module.bias = record.bias;
      g_array_append_val (loaded, module);
    }
}

static int
compare_modules (gconstpointer a, gconstpointer b)
{
  const LoadedModule *x = a, *y = b;

  if (x->module.start != y->module.start)
    return x->module.start < y->module.start ? -1 : 1;
  if (x->generation != y->generation)
    return x->generation < y->generation ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

void
ms_module_table_load (MsModuleTable *self, MsBlockIndex *index)
{
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  g_autoptr (GArray) loaded = g_array_new (FALSE, FALSE, sizeof (LoadedModule));
  guint first, end = ms_block_index_find_type (index, TRK_BLOCK_MODULES, &first);
  guint64 highest_end = 0;

  for (guint i = first; i < end; i++)
    load_block (loaded, index, &g_array_index (index->blocks, MsBlock, i), buffer);
  g_array_sort (loaded, compare_modules);
  for (guint i = 0; i < loaded->len; i++)
    {
      const LoadedModule *module = &g_array_index (loaded, LoadedModule, i);

      highest_end = MAX (highest_end, module->module.end);
      g_ptr_array_add (self->modules, g_memdup2 (&module->module, sizeof module->module));
      g_array_append_val (self->generations, module->generation);
      g_array_append_val (self->highest_ends, highest_end);
    }
}

void
ms_module_table_set_names (MsModuleTable *self, MsFileNames *names)
{
  self->names = names;
  for (guint i = 0; i < self->modules->len; i++)
    ((MsModule *) g_ptr_array_index (self->modules, i))->names = names;
}

const MsModule *
ms_module_table_find (const MsModuleTable *self, guint32 generation, guint64 address)
{
  const MsModule *best = NULL;
  guint32 best_generation = 0;
  guint low = 0, high = self->modules->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const MsModule *module = g_ptr_array_index (self->modules, middle);

      if (module->start <= address)
        low = middle + 1;
      else
        high = middle;
    }
  /* Mappings of other generations may overlap: go back until none can reach this far. */
  for (; low > 0 && g_array_index (self->highest_ends, guint64, low - 1) > address; low--)
    {
      const MsModule *module = g_ptr_array_index (self->modules, low - 1);
      guint32 g = g_array_index (self->generations, guint32, low - 1);

      if (address < module->end && g <= generation && (best == NULL || g > best_generation))
        {
          best = module;
          best_generation = g;
        }
    }
  return best;
}

void
ms_module_table_set_title (MsModuleTable *self, const MsManifest *manifest)
{
  const char *executable = manifest->executable;
  g_autofree char *title = manifest->arguments != NULL && manifest->arguments[0] != NULL
                               ? ms_program_name (manifest->arguments[0], NULL)
                               : NULL;

  if (title == NULL || executable == NULL)
    return;
  for (guint i = 0; i < self->modules->len; i++)
    {
      MsModule *module = g_ptr_array_index (self->modules, i);
      g_autofree char *name = g_path_get_basename (module->path);

      if (module->title == NULL && g_str_equal (module->path, executable)
          && !g_str_equal (name, title))
        module->title = g_strdup (title);
    }
}

void
ms_module_table_drop_own_frames (const MsModuleTable *self, MsStackTable *stacks)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (MsAddressRange));

  for (guint i = 0; i < self->modules->len; i++)
    {
      const MsModule *module = g_ptr_array_index (self->modules, i);
      const char *slash = strrchr (module->path, '/');
      MsAddressRange range = { module->start, module->end };

      if (g_str_has_prefix (slash != NULL ? slash + 1 : module->path, "libmemscope-preload.so"))
        g_array_append_val (ranges, range);
    }
  ms_stack_table_drop_frames (stacks, (const MsAddressRange *) (gpointer) ranges->data,
                              ranges->len);
}
