/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The model has the cells off the diagonal; what a thread freed of its own is what was freed of its
 * blocks, less that. */
#include "ms-free-matrix.h"

typedef struct {
  guint id;
  guint64 bytes; /* that others freed of its own, and it of others */
} Trader;

typedef struct {
  MsFreeMatrix *matrix;
  const MsInteraction *pairs;
  guint n_pairs;
  GHashTable *places; /* id of a thread with a line of its own: the line, plus 1 */
} Filling;

static int
compare_traders (gconstpointer a, gconstpointer b)
{
  const Trader *x = a, *y = b;

  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* (element-type Trader), most traffic first. */
static GArray *
rank_traders (const MsInteraction *pairs, guint n_pairs)
{
  GArray *traders = g_array_new (FALSE, FALSE, sizeof (Trader));
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 2 * n_pairs; i++)
    {
      const MsInteraction *pair = &pairs[i / 2];
      guint id = i % 2 == 0 ? pair->alloc_thread : pair->free_thread;
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, GUINT_TO_POINTER (id)));
      Trader trader = { .id = id };

      if (place == 0)
        {
          g_array_append_val (traders, trader);
          place = traders->len;
          g_hash_table_insert (places, GUINT_TO_POINTER (id), GUINT_TO_POINTER (place));
        }
      g_array_index (traders, Trader, place - 1).bytes += pair->bytes;
    }
  g_array_sort (traders, compare_traders);
  return traders;
}

/* The line of thread @id, or that of all others. */
static guint
line_of (const Filling *self, guint id)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, GUINT_TO_POINTER (id)));

  return place > 0 ? place - 1 : self->matrix->n_lines;
}

static guint64 *
cell (const Filling *self, guint row, guint column)
{
  return &self->matrix->cells[(gsize) row * (self->matrix->n_lines + 1) + column];
}

/* Off the diagonal, and in @freed what others freed of each thread's blocks, by id. */
static void
fill_pairs (const Filling *self, GHashTable *freed)
{
  for (guint i = 0; i < self->n_pairs; i++)
    {
      const MsInteraction *pair = &self->pairs[i];
      gpointer key = GUINT_TO_POINTER (pair->alloc_thread);
      guint64 *sum = g_hash_table_lookup (freed, key);

      *cell (self, line_of (self, pair->alloc_thread), line_of (self, pair->free_thread)) +=
          pair->bytes;
      if (sum == NULL)
        g_hash_table_insert (freed, key, sum = g_new0 (guint64, 1));
      *sum += pair->bytes;
    }
}

static void
fill_diagonal (const Filling *self, MsView *view, MsDomain domain, GHashTable *freed)
{
  MsTrace *trace = ms_view_get_trace (view);

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      guint id = ms_thread_get_id (ms_trace_get_thread (trace, i));
      guint64 all = ms_view_get_thread_totals (view, i, domain)->freed_bytes_of_own;
      const guint64 *by_others = g_hash_table_lookup (freed, GUINT_TO_POINTER (id));
      guint line = line_of (self, id);

      *cell (self, line, line) += all - (by_others != NULL ? MIN (all, *by_others) : 0);
    }
}

MsFreeMatrix *
ms_free_matrix_new (MsView *view, MsDomain domain, guint most_lines)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) freed = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (GArray) traders = NULL;
  Filling filling = { .places = places };

  filling.pairs = ms_view_get_interactions (view, domain, &filling.n_pairs);
  if (filling.n_pairs == 0)
    return NULL;
  traders = rank_traders (filling.pairs, filling.n_pairs);

  MsFreeMatrix *self = filling.matrix = g_new0 (MsFreeMatrix, 1);
  self->n_lines = MIN (traders->len, most_lines);
  self->n_others = ms_trace_get_n_threads (ms_view_get_trace (view)) - self->n_lines;
  self->ids = g_new (guint, self->n_lines + 1);
  self->cells = g_new0 (guint64, (gsize) (self->n_lines + 1) * (self->n_lines + 1));
  for (guint i = 0; i < self->n_lines; i++)
    {
      self->ids[i] = g_array_index (traders, Trader, i).id;
      g_hash_table_insert (places, GUINT_TO_POINTER (self->ids[i]), GUINT_TO_POINTER (i + 1));
    }
  fill_pairs (&filling, freed);
  fill_diagonal (&filling, view, domain, freed);
  return self;
}

void
ms_free_matrix_free (MsFreeMatrix *self)
{
  g_free (self->ids);
  g_free (self->cells);
  g_free (self);
}
