/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows by start; each also knows the greatest end of the rows up to it, so that a search backwards
 * through overlapping ranges stops as soon as nothing before can reach the address.
 */
#include "ms-range-table.h"

typedef struct {
  guint64 start, end;
  guint64 reach; /* greatest end of this row and those before */
  guint64 value;
} Row;

struct _MsRangeTable {
  GArray *rows;
};

MsRangeTable *
ms_range_table_new (void)
{
  MsRangeTable *self = g_new0 (MsRangeTable, 1);

  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  return self;
}

void
ms_range_table_free (MsRangeTable *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

void
ms_range_table_add (MsRangeTable *self, guint64 start, guint64 end, guint64 value)
{
  Row row = { .start = start, .end = end, .value = value };

  g_array_append_val (self->rows, row);
}

/* Of ranges with one start the shorter comes later: it is the inner one. */
static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *x = a;
  const Row *y = b;

  if (x->start != y->start)
    return x->start < y->start ? -1 : 1;
  if (x->end != y->end)
    return x->end > y->end ? -1 : 1;
  return 0;
}

void
ms_range_table_seal (MsRangeTable *self)
{
  guint64 reach = 0;

  g_array_sort (self->rows, compare_rows);
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);

      reach = MAX (reach, row->end);
      row->reach = reach;
    }
}

gboolean
ms_range_table_find (MsRangeTable *self, guint64 address, guint64 *value)
{
  guint low = 0;
  guint high = self->rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->rows, Row, middle).start <= address)
        low = middle + 1;
      else
        high = middle;
    }
  for (guint i = low; i > 0; i--)
    {
      const Row *row = &g_array_index (self->rows, Row, i - 1);

      if (row->reach <= address)
        break;
      if (address < row->end)
        {
          *value = row->value;
          return TRUE;
        }
    }
  return FALSE;
}
