/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-rankings.h"

typedef struct {
  guint64 figure, allocated_bytes;
  guint number;
} Ranked;

static const struct {
  const char *name;
  gsize offset;
} figures[MS_N_FIGURES] = {
  { "peak_bytes", G_STRUCT_OFFSET (MsTotals, peak_bytes) },
  { "bytes_at_process_peak", G_STRUCT_OFFSET (MsTotals, bytes_at_process_peak) },
  { "live_bytes", G_STRUCT_OFFSET (MsTotals, live_bytes) },
  { "leaked_bytes", G_STRUCT_OFFSET (MsTotals, leaked_bytes) },
  { "leaked_allocations", G_STRUCT_OFFSET (MsTotals, leaked_allocations) },
  { "allocated_bytes", G_STRUCT_OFFSET (MsTotals, allocated_bytes) },
  { "allocations", G_STRUCT_OFFSET (MsTotals, allocations) },
  { "deallocations", G_STRUCT_OFFSET (MsTotals, deallocations) },
  { "temporary_allocations", G_STRUCT_OFFSET (MsTotals, temporary_allocations) },
};

guint64
ms_totals_get (const MsTotals *totals, MsFigureKind kind)
{
  g_return_val_if_fail (kind < MS_N_FIGURES, 0);
  return G_STRUCT_MEMBER (guint64, totals, figures[kind].offset);
}

const char *
ms_figure_kind_to_string (MsFigureKind kind)
{
  g_return_val_if_fail (kind < MS_N_FIGURES, NULL);
  return figures[kind].name;
}

static int
compare_ranked (gconstpointer a, gconstpointer b)
{
  const Ranked *x = a, *y = b;

  if (x->figure != y->figure)
    return x->figure > y->figure ? -1 : 1;
  if (x->allocated_bytes != y->allocated_bytes)
    return x->allocated_bytes > y->allocated_bytes ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static void
append (GArray *ranked, const MsTotals *totals, MsFigureKind kind, guint number)
{
  Ranked entry = { ms_totals_get (totals, kind), totals->allocated_bytes, number };

  g_array_append_val (ranked, entry);
}

static guint *
take_numbers (GArray *ranked, guint most, guint *n_numbers)
{
  guint *numbers;

  g_array_sort (ranked, compare_ranked);
  *n_numbers = most ? MIN (most, ranked->len) : ranked->len;
  numbers = g_new (guint, *n_numbers + 1);
  for (guint i = 0; i < *n_numbers; i++)
    numbers[i] = g_array_index (ranked, Ranked, i).number;
  return numbers;
}

guint *
ms_rank_threads (MsTrace *trace,
                 MsDomain domain,
                 MsFigureKind kind,
                 gboolean tracked_only,
                 guint *n_threads)
{
  g_autoptr (GArray) ranked = g_array_new (FALSE, FALSE, sizeof (Ranked));

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);

      if (!tracked_only || ms_thread_is_tracked (thread))
        append (ranked, ms_thread_get_totals (thread, domain), kind, i);
    }
  return take_numbers (ranked, 0, n_threads);
}

guint *
ms_rank_stacks (MsTrace *trace, MsDomain domain, MsFigureKind kind, guint most, guint *n_stacks)
{
  g_autoptr (GArray) ranked = g_array_new (FALSE, FALSE, sizeof (Ranked));

  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      const MsTotals *totals = ms_trace_get_stack_totals (trace, i, domain);

      if (ms_totals_get (totals, kind) > 0)
        append (ranked, totals, kind, i);
    }
  return take_numbers (ranked, most, n_stacks);
}
