/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-heaptrack-tables.h"

#include <string.h>

void
ms_heaptrack_tables_init (MsHeaptrackTables *self, MsTraceWriter *writer)
{
  const MsHeaptrackAddress no_address = { 0 };
  const MsHeaptrackStack no_stack = { 0 };

  memset (self, 0, sizeof *self);
  self->writer = writer;
  self->texts = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->texts, NULL);
  self->addresses = g_array_new (FALSE, TRUE, sizeof no_address);
  g_array_append_val (self->addresses, no_address);
  self->stacks = g_array_new (FALSE, TRUE, sizeof no_stack);
  g_array_append_val (self->stacks, no_stack);
  self->modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->old_modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
ms_heaptrack_tables_clear (MsHeaptrackTables *self)
{
  g_clear_pointer (&self->names, ms_file_names_writer_free);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_clear_pointer (&self->addresses, g_array_unref);
  g_clear_pointer (&self->stacks, g_array_unref);
  g_clear_pointer (&self->modules, g_hash_table_unref);
  g_clear_pointer (&self->old_modules, g_hash_table_unref);
  g_clear_pointer (&self->executable, g_free);
}

gsize
ms_heaptrack_tables_get_bytes (const MsHeaptrackTables *self)
{
  return self->n_text_bytes + self->texts->len * (sizeof (char *) + 16)
         + self->addresses->len * sizeof (MsHeaptrackAddress)
         + self->stacks->len * sizeof (MsHeaptrackStack);
}

gboolean
ms_heaptrack_get_text (const char **p,
                       gboolean is_sized,
                       gboolean is_rest,
                       const char **text,
                       gsize *n_bytes)
{
  guint64 length = G_MAXUINT64;
  const char *space;

  if (is_sized && !ms_heaptrack_get_number (p, &length))
    return FALSE;
  if (**p == ' ')
    ++*p;
  *text = *p;
  *n_bytes = strlen (*p);
  space = is_sized || is_rest ? NULL : strchr (*p, ' ');
  if (space != NULL)
    *n_bytes = (gsize) (space - *p);
  *n_bytes = (gsize) MIN (*n_bytes, length);
  *p += *n_bytes;
  return TRUE;
}

/* --- texts and addresses --------------------------------------------------------------------------- */

void
ms_heaptrack_tables_add_text (MsHeaptrackTables *self, const char *bytes, gsize n_bytes)
{
  if (self->names == NULL)
    self->names = ms_file_names_writer_new (self->writer);
  n_bytes = MIN (n_bytes, MS_NAMES_MAX_TEXT_BYTES);
  ms_file_names_writer_put_text (self->names, bytes, n_bytes);
  /* Kept for the modules' paths, which are no longer than that. */
  n_bytes = MIN (n_bytes, TRK_MODULE_PATH_MAX_BYTES);
  g_ptr_array_add (self->texts, g_strndup (bytes, n_bytes));
  self->n_text_bytes += n_bytes;
}

static guint32
check_text (const MsHeaptrackTables *self, guint64 number)
{
  return number < self->texts->len ? (guint32) number : 0;
}

gboolean
ms_heaptrack_tables_add_address (MsHeaptrackTables *self, const char *p)
{
  MsNamedFrame frames[MS_NAMES_MAX_FRAMES];
  MsHeaptrackAddress address = { 0 };
  guint64 value, module = 0, function, file, line;
  guint n_frames = 0;

  if (self->names == NULL)
    self->names = ms_file_names_writer_new (self->writer);
  if (ms_heaptrack_get_number (&p, &value))
    {
      address.frame = value == G_MAXUINT64 ? value : value + 1;
      ms_heaptrack_get_number (&p, &module);
      address.module = check_text (self, module);
    }
  while (n_frames < MS_NAMES_MAX_FRAMES && ms_heaptrack_get_number (&p, &function))
    {
      if (!ms_heaptrack_get_number (&p, &file))
        file = 0;
      if (!ms_heaptrack_get_number (&p, &line))
        line = 0;
      frames[n_frames++] = (MsNamedFrame) { check_text (self, function), check_text (self, file),
                                            (guint32) MIN (line, G_MAXUINT32) };
    }
  g_array_append_val (self->addresses, address);
  if (address.frame == 0)
    return FALSE;
  ms_file_names_writer_put_address (self->names, address.frame, address.module, frames, n_frames);
  return TRUE;
}

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  const MsHeaptrackAddress *x = a, *y = b;

  return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static void
put_module (MsHeaptrackTables *self, const char *path, guint64 start, guint64 end, guint64 bias)
{
  TrkModuleRecord record = { .generation = self->generation,
                             .start = start,
                             .end = end,
                             .bias = bias,
                             .path = path,
                             .n_path = (guint32) MIN (strlen (path), TRK_MODULE_PATH_MAX_BYTES) };

  if (end > start)
    ms_trace_writer_put_module (self->writer, &record);
}

void
ms_heaptrack_tables_end (MsHeaptrackTables *self)
{
  const MsHeaptrackAddress *addresses;
  guint first = 0, n = self->addresses->len;

  g_clear_pointer (&self->names, ms_file_names_writer_free);
  g_array_sort (self->addresses, compare_addresses);
  addresses = (const MsHeaptrackAddress *) (gpointer) self->addresses->data;
  for (guint i = 1; i <= n; i++)
    {
      if (i < n && addresses[i].module == addresses[first].module)
        continue;
      /* One less: a return address may be that of the code behind its module. */
      if (addresses[first].module != 0 && addresses[first].frame != 0)
        put_module (self, g_ptr_array_index (self->texts, addresses[first].module),
                    addresses[first].frame - 1, MIN (addresses[i - 1].frame, G_MAXUINT64 - 1) + 1,
                    0);
      first = i;
    }
}

/* --- modules of a raw file ------------------------------------------------------------------------- */

void
ms_heaptrack_tables_set_executable (MsHeaptrackTables *self, const char *p, gboolean is_sized)
{
  const char *text;
  gsize n_bytes;

  if (!ms_heaptrack_get_text (&p, is_sized, TRUE, &text, &n_bytes))
    return;
  g_free (self->executable);
  self->executable = g_strndup (text, n_bytes);
}

static void
forget_modules (MsHeaptrackTables *self)
{
  GHashTable *empty = self->old_modules;

  g_hash_table_remove_all (empty);
  self->old_modules = self->modules;
  self->modules = empty;
  if (g_hash_table_size (self->old_modules) > 0 && self->generation < G_MAXINT32)
    self->generation++;
}

gboolean
ms_heaptrack_tables_add_module (MsHeaptrackTables *self, const char *p, gboolean is_sized)
{
  guint64 address, offset, n_bytes, start = G_MAXUINT64, end = 0;
  g_autofree char *path = NULL, *key = NULL;
  const char *text;
  gsize n_text;

  if (!ms_heaptrack_get_text (&p, is_sized, FALSE, &text, &n_text))
    return FALSE;
  path = g_strndup (text, MIN (n_text, TRK_MODULE_PATH_MAX_BYTES));
  if (strcmp (path, "-") == 0)
    {
      forget_modules (self);
      return TRUE;
    }
  if (strcmp (path, "x") == 0 && self->executable != NULL)
    {
      g_free (path);
      path = g_strdup (self->executable);
    }
  if (!ms_heaptrack_get_number (&p, &address))
    return FALSE;
  while (ms_heaptrack_get_number (&p, &offset) && ms_heaptrack_get_number (&p, &n_bytes))
    {
      start = MIN (start, offset);
      end = MAX (end, offset + n_bytes);
    }
  if (end <= start || address + end < address + start)
    return FALSE;
  /* One that was mapped before and still is needs not be said again. */
  key = g_strdup_printf ("%s %" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x", path,
                         address + start, address + end);
  if (!g_hash_table_contains (self->old_modules, key))
    put_module (self, path, address + start, address + end, address);
  self->n_text_bytes += strlen (key) + 64;
  g_hash_table_add (self->modules, g_steal_pointer (&key));
  return TRUE;
}

/* --- stacks ---------------------------------------------------------------------------------------- */

gboolean
ms_heaptrack_tables_add_stack (MsHeaptrackTables *self, const char *p, gboolean is_raw)
{
  MsHeaptrackStack stack = { .generation = self->generation };
  guint64 value = 0, parent = 0;
  gboolean is_good = ms_heaptrack_get_number (&p, &value) && ms_heaptrack_get_number (&p, &parent);

  if (is_good && is_raw)
    stack.frame = value == G_MAXUINT64 ? value : value + 1;
  else if (is_good && value < self->addresses->len)
    stack.frame = g_array_index (self->addresses, MsHeaptrackAddress, value).frame;
  is_good = is_good && (is_raw || value < self->addresses->len) && parent < self->stacks->len;
  stack.parent = is_good ? (guint32) parent : 0;
  g_array_append_val (self->stacks, stack);
  return is_good;
}

guint32
ms_heaptrack_tables_use_stack (MsHeaptrackTables *self, guint64 number)
{
  MsHeaptrackStack *stacks = (MsHeaptrackStack *) (gpointer) self->stacks->data;
  guint64 frames[TRK_MAX_STACK_DEPTH];
  guint depth = 0;
  guint32 i;

  if (number == 0 || number >= self->stacks->len)
    return 0;
  if (stacks[number].is_written)
    return (guint32) number;
  for (i = (guint32) number; i != 0 && depth < TRK_MAX_STACK_DEPTH; i = stacks[i].parent)
    frames[depth++] = stacks[i].frame;
  ms_trace_writer_put_stack (self->writer, (guint32) number, stacks[number].generation, frames,
                             depth, i != 0);
  stacks[number].is_written = TRUE;
  return (guint32) number;
}
