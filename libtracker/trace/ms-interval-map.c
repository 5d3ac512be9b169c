/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-interval-map.h"

/* Its own key: what shortens a range moves its start only as far as its end, so the order holds. */
typedef struct {
  guint64 start, end;
  guint32 value;
} Range;

static gint
compare_ranges (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Range *x = a, *y = b;

  return x->start < y->start ? -1 : x->start > y->start;
}

void
ms_interval_map_init (MsIntervalMap *self)
{
  self->ranges = g_tree_new_full (compare_ranges, NULL, NULL, g_free);
}

void
ms_interval_map_clear (MsIntervalMap *self)
{
  g_clear_pointer (&self->ranges, g_tree_unref);
}

void
ms_interval_map_insert (MsIntervalMap *self, guint64 start, guint64 end, guint32 value)
{
  Range *range = g_new (Range, 1);

  *range = (Range) { start, end, value };
  g_tree_insert (self->ranges, range, range);
}

/* The first range that ends after @address. */
static Range *
find_ending_after (const MsIntervalMap *self, guint64 address)
{
  Range key = { .start = address };
  GTreeNode *next = g_tree_upper_bound (self->ranges, &key);
  GTreeNode *before = next ? g_tree_node_previous (next) : g_tree_node_last (self->ranges);
  Range *range = before ? g_tree_node_value (before) : NULL;

  if (range && range->end > address)
    return range;
  return next ? g_tree_node_value (next) : NULL;
}

gboolean
ms_interval_map_find (const MsIntervalMap *self, guint64 address, guint32 *value)
{
  const Range *range = find_ending_after (self, address);

  if (range == NULL || range->start > address)
    return FALSE;
  *value = range->value;
  return TRUE;
}

guint64
ms_interval_map_remove (MsIntervalMap *self,
                        guint64 start,
                        guint64 end,
                        MsIntervalFunc removed,
                        gpointer user_data)
{
  guint64 n_removed = 0;
  Range *range;

  while (start < end && (range = find_ending_after (self, start)) && range->start < end)
    {
      guint64 first = MAX (start, range->start), last = MIN (end, range->end);
      guint64 range_end = range->end;
      guint32 value = range->value;

      if (first > range->start)
        {
          range->end = first;
          if (last < range_end)
            ms_interval_map_insert (self, last, range_end, value);
        }
      else if (last < range_end)
        range->start = last;
      else
        g_tree_remove (self->ranges, range);
      n_removed += last - first;
      removed (last - first, value, user_data);
      start = last;
    }
  return n_removed;
}
