/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sources by their keys, and what their samples amount to so far. */
#include <string.h>

#include "ms-diagnostic.h"
#include "ms-resource-private.h"
#include "trk-checksum.h"
#include "trk-resource-fields.h"

G_STATIC_ASSERT (MS_RESOURCE_FIELDS == TRK_RESOURCE_MAX_FIELDS);

/* --- sources ------------------------------------------------------------------------------------ */

static gboolean
is_named (guint kind)
{
  return kind == TRK_RESOURCE_DISK || kind == TRK_RESOURCE_INTERFACE
         || kind == TRK_RESOURCE_TEMPERATURE || kind == TRK_RESOURCE_GPU_ENGINE
         || kind == TRK_RESOURCE_GPU_MEMORY;
}

static guint
hash_source (gconstpointer data)
{
  const MsResourceEntry *source = data;
  guint64 words[4] = { source->public.kind, source->public.id, source->public.start,
                       source->key_name ? g_bytes_hash (source->key_name) : 0 };

  return (guint) trk_checksum (words, sizeof words);
}

static gboolean
equal_sources (gconstpointer a, gconstpointer b)
{
  const MsResourceEntry *x = a, *y = b;

  return x->public.kind == y->public.kind && x->public.id == y->public.id
         && x->public.start == y->public.start
         && (x->key_name == y->key_name
             || (x->key_name && y->key_name && g_bytes_equal (x->key_name, y->key_name)));
}

GHashTable *
ms_resource_keys_new (void)
{
  return g_hash_table_new (hash_source, equal_sources);
}

static void
clear_name (gpointer data)
{
  g_ref_string_release (((MsResourceName *) data)->name);
}

static GArray *
names_new (void)
{
  GArray *names = g_array_new (FALSE, FALSE, sizeof (MsResourceName));

  g_array_set_clear_func (names, clear_name);
  return names;
}

static GArray *
copy_names (const GArray *names)
{
  GArray *copy = names_new ();

  g_array_append_vals (copy, names->data, names->len);
  for (guint i = 0; i < copy->len; i++)
    g_ref_string_acquire (g_array_index (copy, MsResourceName, i).name);
  return copy;
}

void
ms_resource_entry_free (MsResourceEntry *self)
{
  g_clear_pointer (&self->names, g_array_unref);
  g_clear_pointer (&self->key_name, g_bytes_unref);
  g_ref_string_release ((char *) self->public.name);
  g_free (self->figures);
  g_free (self);
}

MsResourceEntry *
ms_resource_entry_copy (const MsResourceEntry *self)
{
  MsResourceEntry *copy = g_memdup2 (self, sizeof *self);

  if (copy->key_name != NULL)
    g_bytes_ref (copy->key_name);
  copy->public.name = g_ref_string_acquire ((char *) self->public.name);
  if (copy->names != NULL)
    copy->names = copy_names (self->names);
  copy->figures = g_memdup2 (self->figures, self->n_figures * sizeof *self->figures);
  return copy;
}

static void
set_name (MsResourceEntry *source, const TrkResourceKey *key)
{
  gsize n_bytes = key->kind == TRK_RESOURCE_SOCKET ? 0 : key->n_name;
  g_autofree char *text = NULL;

  if (source->public.name && strlen (source->public.name) == n_bytes
      && memcmp (source->public.name, key->name, n_bytes) == 0)
    return;
  text = ms_text_from_bytes (key->name, n_bytes);
  if (source->public.name)
    g_ref_string_release ((char *) source->public.name);
  source->public.name = g_ref_string_new (text);
}

guint32
ms_resources_take_source (MsResources *self,
                          GHashTable *keys,
                          const TrkResourceKey *key,
                          guint block)
{
  g_autoptr (GBytes) key_name = is_named (key->kind) ? g_bytes_new (key->name, key->n_name) : NULL;
  MsResourceEntry probe = { .public = { .kind = key->kind, .id = key->id, .start = key->start },
                            .key_name = key_name };
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (keys, &probe));
  MsResourceEntry *source = number > 0 ? g_ptr_array_index (self->sources, number - 1) : NULL;

  if (!source)
    {
      if (self->sources->len == MS_RESOURCE_MAX_SOURCES)
        return MS_RESOURCE_NOT_KEPT;
      source = g_memdup2 (&probe, sizeof probe);
      source->key_name = g_steal_pointer (&key_name);
      source->public.thread_id = -1;
      source->public.first_ns = source->public.last_ns = MS_TIME_NONE;
      source->first_block = block;
      g_ptr_array_add (self->sources, source);
      number = self->sources->len;
      g_hash_table_insert (keys, source, GUINT_TO_POINTER (number));
    }
  set_name (source, key);
  source->last_block = block;
  return number - 1;
}

/* --- samples ------------------------------------------------------------------------------------ */

static void
add_reading (MsResourceFigure *figure, gint64 time_ns, guint64 value, gboolean is_broken)
{
  if (figure->n_samples++ == 0)
    {
      figure->first = figure->least = figure->greatest = value;
      figure->first_ns = time_ns;
      figure->peak_per_second = -1;
    }
  else if (!is_broken && value >= figure->last)
    {
      gint64 duration_ns = time_ns - figure->last_ns;
      double per_second = (double) (value - figure->last) * 1e9 / (double) duration_ns;

      figure->growth += value - figure->last;
      figure->growth_ns += duration_ns;
      figure->peak_per_second = MAX (figure->peak_per_second, per_second);
    }
  figure->least = MIN (figure->least, value);
  figure->greatest = MAX (figure->greatest, value);
  figure->last = value;
  figure->last_ns = time_ns;
}

void
ms_resource_entry_add_name (MsResourceEntry *self, gint64 time_ns, char *name)
{
  MsResourceName *last = NULL, added = { time_ns, time_ns, name };

  if (self->names == NULL)
    self->names = names_new ();
  if (self->names->len > 0)
    last = &g_array_index (self->names, MsResourceName, self->names->len - 1);
  if (last != NULL && time_ns <= last->last_ns)
    return;
  if (last != NULL && (last->name == name || g_str_equal (last->name, name)))
    {
      last->last_ns = time_ns;
      return;
    }
  if (self->names->len == MS_RESOURCE_MAX_NAMES)
    g_array_set_size (self->names, self->names->len - 1);
  g_ref_string_acquire (added.name);
  g_array_append_val (self->names, added);
}

/* One that is not later than the one before is left out, as time only goes on. */
void
ms_resource_entry_add_sample (MsResourceEntry *self,
                              gint64 time_ns,
                              const TrkResourceRecord *record)
{
  MsResourceSource *public = &self->public;
  guint n_fields;

  if (record->fields == 0 || (public->n_samples > 0 && time_ns <= public->last_ns))
    return;
  n_fields = 32 - (guint) __builtin_clz (record->fields);
  if (n_fields > self->n_figures)
    {
      self->figures = g_renew (MsResourceFigure, self->figures, n_fields);
      memset (self->figures + self->n_figures, 0,
              (n_fields - self->n_figures) * sizeof *self->figures);
      self->n_figures = n_fields;
    }
  public->first_ns = public->n_samples++ == 0 ? time_ns : public->first_ns;
  public->last_ns = time_ns;
  public->measured |= record->fields;
  for (guint32 left = record->fields; left; left &= left - 1)
    {
      guint field = (guint) __builtin_ctz (left);

      add_reading (&self->figures[field], time_ns, record->values[field],
                   self->broken >> field & 1);
    }
  self->broken &= ~record->fields;
}

void
ms_resource_entry_add_absence (MsResourceEntry *self, const TrkResourceRecord *record)
{
  self->broken |= record->fields;
  for (guint32 left = record->fields; left; left &= left - 1)
    self->public.reasons[__builtin_ctz (left)] = (guint8) MIN (record->reason, 255);
}
