/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-stack-map.h"

#include <string.h>

/* Return addresses and whether there were more: what makes two stacks one. */
typedef struct {
  const guint64 *frames;
  guint depth;
  gboolean truncated;
} Key;

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;
  guint64 hash = key->depth;

  for (guint i = 0; i < key->depth; i++)
    hash = (hash ^ key->frames[i]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return (guint) (hash >> 32);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *x = a, *y = b;

  return x->depth == y->depth && x->truncated == y->truncated
         && (x->depth == 0 || memcmp (x->frames, y->frames, x->depth * sizeof *x->frames) == 0);
}

static Key
get_key (MsTrace *trace, guint stack)
{
  Key key = { .depth = 0 };

  key.frames = ms_trace_get_stack_frames (trace, stack, &key.depth, &key.truncated);
  return key;
}

guint *
ms_stack_map_new (MsTrace *from, MsTrace *to)
{
  guint n_from = ms_trace_get_n_stacks (from), n_to = ms_trace_get_n_stacks (to);
  g_autofree Key *keys = g_new (Key, n_to + 1);
  g_autoptr (GHashTable) places = g_hash_table_new (key_hash, key_equal);
  guint *map = g_new (guint, n_from + 1);

  for (guint i = n_to; i-- > 0;)
    {
      keys[i] = get_key (to, i);
      g_hash_table_replace (places, &keys[i], GUINT_TO_POINTER (i));
    }
  for (guint i = 0; i < n_from; i++)
    {
      Key key = get_key (from, i);
      gpointer place;

      map[i] = g_hash_table_lookup_extended (places, &key, NULL, &place) ? GPOINTER_TO_UINT (place)
                                                                         : G_MAXUINT;
    }
  return map;
}
