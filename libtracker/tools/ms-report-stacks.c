/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ties are broken by allocated bytes and then by number, so that a report is the same every time. */
#include "ms-report-stacks.h"

typedef struct {
  guint number;
  guint64 peak_bytes, allocated_bytes;
} Row;

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *x = a;
  const Row *y = b;

  if (x->peak_bytes != y->peak_bytes)
    return x->peak_bytes > y->peak_bytes ? -1 : 1;
  if (x->allocated_bytes != y->allocated_bytes)
    return x->allocated_bytes > y->allocated_bytes ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static GArray *
numbers_in_order (GArray *rows, guint most)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_sort (rows, compare_rows);
  for (guint i = 0; i < MIN (rows->len, most); i++)
    g_array_append_val (numbers, g_array_index (rows, Row, i).number);
  return numbers;
}

GArray *
ms_report_stacks (MsTrace *trace, MsDomain domain, guint top)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      const MsTotals *totals = ms_trace_get_stack_totals (trace, i, domain);
      Row row = { i, totals->peak_bytes, totals->allocated_bytes };

      if (totals->allocations > 0)
        g_array_append_val (rows, row);
    }
  return numbers_in_order (rows, top);
}

GArray *
ms_report_threads (MsTrace *trace, MsDomain domain)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      const MsTotals *totals = ms_thread_get_totals (ms_trace_get_thread (trace, i), domain);
      Row row = { i, totals->peak_bytes, totals->allocated_bytes };

      g_array_append_val (rows, row);
    }
  return numbers_in_order (rows, G_MAXUINT);
}
