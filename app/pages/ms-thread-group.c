/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-group.h"

#include <math.h>

static const MsCardData *
get_data (GPtrArray *rows, guint i)
{
  return ms_card_item_get_data (ms_thread_row_get_card (g_ptr_array_index (rows, i)));
}

static void
add_alert (MsCardData *sum, const MsCardData *one)
{
  if (one->alert <= sum->alert)
    return;
  sum->alert = one->alert;
  sum->alert_bytes = one->alert_bytes;
}

static void
add_figures (MsCardData *sum, const MsCardData *one)
{
  sum->has_ended = sum->has_ended && one->has_ended;
  sum->peak_bytes += one->peak_bytes;
  sum->peak_standard_error = hypot (sum->peak_standard_error, one->peak_standard_error);
  sum->allocations += one->allocations;
  sum->allocations_standard_error =
      hypot (sum->allocations_standard_error, one->allocations_standard_error);
  sum->never_freed_bytes += one->never_freed_bytes;
  sum->allocated_bytes_per_second += one->allocated_bytes_per_second;
  sum->cpu_percent =
      sum->cpu_percent < 0 || one->cpu_percent < 0 ? -1 : sum->cpu_percent + one->cpu_percent;
  sum->io_operations = sum->io_operations < 0 || one->io_operations < 0
                           ? -1
                           : sum->io_operations + one->io_operations;
}

static guint64
add_live (GPtrArray *rows, guint64 *live, guint n_live)
{
  guint64 highest = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const MsCardData *one = get_data (rows, i);

      for (guint at = 0; at < MIN (n_live, one->n_live); at++)
        live[at] += one->live[at];
    }
  for (guint at = 0; at < n_live; at++)
    highest = MAX (highest, live[at]);
  return highest;
}

static guint
find_tracked (GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    if (get_data (rows, i)->tracked)
      return i;
  return 0;
}

MsCardItem *
ms_thread_group_new_card (GPtrArray *rows)
{
  guint first = find_tracked (rows);
  MsCardData sum = *get_data (rows, first);
  g_autofree guint64 *live = g_new0 (guint64, sum.n_live + 1);

  for (guint i = 0; i < rows->len; i++)
    if (i != first && get_data (rows, i)->tracked)
      {
        add_figures (&sum, get_data (rows, i));
        add_alert (&sum, get_data (rows, i));
      }
  sum.n_same = rows->len;
  if (rows->len > 1)
    {
      guint64 highest = add_live (rows, live, sum.n_live);

      sum.tid = 0;
      sum.cpu = NULL;
      sum.n_cpu = 0;
      sum.peak_bytes = MIN (sum.peak_bytes, highest);
      sum.live = sum.n_live > 0 ? live : NULL;
    }
  return ms_card_item_new (&sum);
}
