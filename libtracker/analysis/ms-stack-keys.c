/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   texts   "main", "main\037main.c:5", "\037libz.so+0x120", "\037libz.so": what a frame is known by → key
 *   stacks  keys of a stack, its length first → number
 */
#include "ms-stack-keys.h"

#include <string.h>

/* Stands between the parts of a text; a function's name that has it is still that function's. */
#define SEPARATOR "\037"

struct _MsStackKeys {
  MsStackMatch match;
  GHashTable *same_builds; /* set of base names; NULL: all */
  GHashTable *texts;
  GHashTable *stacks;
};

/* --- modules --------------------------------------------------------------------------------- */

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* Base name → build-id; "" where there are several or none. (transfer full) */
static GHashTable *
list_builds (MsTrace *trace)
{
  GHashTable *builds = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < ms_trace_get_n_modules (trace); i++)
    {
      const MsModule *module = ms_trace_get_module (trace, i);
      const char *build = module->build_id != NULL ? module->build_id : "";
      const char *other = g_hash_table_lookup (builds, base_name (module->path));

      if (other != NULL && !g_str_equal (other, build))
        build = "";
      g_hash_table_insert (builds, (gpointer) base_name (module->path), (gpointer) build);
    }
  return builds;
}

/* Names are made text as MsFrameNames makes them. (transfer full) */
static GHashTable *
find_same_builds (MsTrace *before, MsTrace *after)
{
  GHashTable *same = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) builds_before = list_builds (before);
  g_autoptr (GHashTable) builds_after = list_builds (after);
  GHashTableIter iter;
  gpointer name, build;

  g_hash_table_iter_init (&iter, builds_before);
  while (g_hash_table_iter_next (&iter, &name, &build))
    {
      const char *other = g_hash_table_lookup (builds_after, name);

      if (other != NULL && *other != '\0' && g_str_equal (other, build))
        g_hash_table_add (same, g_utf8_make_valid (name, -1));
    }
  return same;
}

static gboolean
is_same_build (MsStackKeys *self, const char *module)
{
  return self->same_builds == NULL || g_hash_table_contains (self->same_builds, module);
}

/* --- stacks ---------------------------------------------------------------------------------- */

/* FNV-1a over whole numbers. */
static guint
stack_hash (gconstpointer stack)
{
  const guint *keys = stack;
  guint hash = 2166136261u;

  for (guint i = 0; i <= keys[0]; i++)
    hash = (hash ^ keys[i]) * 16777619u;
  return hash ^ hash >> 15;
}

static gboolean
stack_equal (gconstpointer a, gconstpointer b)
{
  const guint *x = a, *y = b;

  return x[0] == y[0] && memcmp (x + 1, y + 1, x[0] * sizeof (guint)) == 0;
}

guint
ms_stack_keys_intern (MsStackKeys *self, const guint *keys, guint n_keys)
{
  g_autofree guint *stack = g_new (guint, (gsize) n_keys + 1);
  gpointer known;
  guint number;

  stack[0] = n_keys;
  if (n_keys > 0)
    memcpy (stack + 1, keys, n_keys * sizeof (guint));
  known = g_hash_table_lookup (self->stacks, stack);
  if (known != NULL)
    return GPOINTER_TO_UINT (known) - 1;
  number = g_hash_table_size (self->stacks);
  g_hash_table_insert (self->stacks, g_steal_pointer (&stack), GUINT_TO_POINTER (number + 1));
  return number;
}

/* --- frames ---------------------------------------------------------------------------------- */

MsStackKeys *
ms_stack_keys_new (MsTrace *before, MsTrace *after, MsStackMatch match)
{
  MsStackKeys *self = g_new0 (MsStackKeys, 1);

  self->match = match;
  if (before != after)
    self->same_builds = find_same_builds (before, after);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->stacks = g_hash_table_new_full (stack_hash, stack_equal, g_free, NULL);
  return self;
}

void
ms_stack_keys_free (MsStackKeys *self)
{
  g_clear_pointer (&self->same_builds, g_hash_table_unref);
  g_hash_table_unref (self->texts);
  g_hash_table_unref (self->stacks);
  g_free (self);
}

/* (transfer full) */
static char *
text_of (MsStackKeys *self, MsFrameNames *names, guint frame)
{
  const MsFrame *shown = ms_frame_names_get_frame (names, frame);

  if (shown->function != NULL && self->match == MS_MATCH_BY_LINES && shown->file != NULL)
    return g_strdup_printf ("%s" SEPARATOR "%s:%u", shown->function, base_name (shown->file),
                            shown->line);
  if (shown->function != NULL)
    return g_strdup (shown->function);
  if (shown->module == NULL)
    return g_strdup (SEPARATOR);
  if (is_same_build (self, shown->module))
    return g_strconcat (SEPARATOR, ms_frame_names_get_label (names, frame), NULL);
  return g_strconcat (SEPARATOR, shown->module, NULL);
}

guint *
ms_stack_keys_of_frames (MsStackKeys *self, MsFrameNames *names)
{
  guint n = ms_frame_names_get_n_frames (names);
  guint *keys = g_new (guint, (gsize) n + 1);

  for (guint f = 0; f < n; f++)
    {
      char *text = text_of (self, names, f);
      gpointer known = g_hash_table_lookup (self->texts, text);

      if (known == NULL)
        {
          known = GUINT_TO_POINTER (g_hash_table_size (self->texts) + 1);
          g_hash_table_insert (self->texts, text, known);
        }
      else
        g_free (text);
      keys[f] = GPOINTER_TO_UINT (known);
    }
  return keys;
}
