/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

/* NULL: all. */
static guint8 *
mark_threads (const MsView *self)
{
  guint n, n_threads = self->trace->threads->len;
  const guint *ids = self->filter ? ms_filter_get_threads (self->filter, &n) : NULL;
  guint8 *marks;

  if (ids == NULL)
    return NULL;
  marks = g_new0 (guint8, n_threads + 1);
  /* Both are in order of id. */
  for (guint i = 0, k = 0; i < n_threads && k < n;)
    {
      guint id = ms_thread_get_id (g_ptr_array_index (self->trace->threads, i));

      marks[i] |= id == ids[k];
      if (id <= ids[k])
        i++;
      else
        k++;
    }
  return marks;
}

static guint8 *
mark_stacks (const MsView *self)
{
  guint n;
  const guint *stacks = self->filter ? ms_filter_get_stacks (self->filter, &n) : NULL;
  guint8 *marks;

  if (stacks == NULL)
    return NULL;
  marks = g_new0 (guint8, self->trace->n_stacks + 1);
  for (guint i = 0; i < n; i++)
    if (stacks[i] < self->trace->n_stacks)
      marks[stacks[i]] = 1;
  return marks;
}

static void
choose_sites (MsView *self)
{
  g_autofree guint8 *threads = mark_threads (self), *stacks = mark_stacks (self);
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n = ms_history_get_n_sites (self->history);

  self->chosen = g_new0 (guint8, n + 1);
  for (guint32 i = 0; i < n; i++)
    if ((threads == NULL || threads[sites[i].thread]) && (stacks == NULL || stacks[sites[i].stack]))
      self->chosen[i] = (guint8) (1 + sites[i].domain);
}

guint8 *
ms_view_mark_sites (const MsView *self, MsDomain domain, MsThread *thread)
{
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n = ms_history_get_n_sites (self->history);
  guint8 *marks = g_new0 (guint8, n + 1);
  guint index = thread ? ms_view_index_of_thread (self, thread) : 0;

  for (guint32 i = 0; i < n; i++)
    marks[i] = self->chosen[i] == 1 + domain && (thread == NULL || sites[i].thread == index);
  return marks;
}

guint
ms_view_index_of_id (const MsView *self, guint id)
{
  guint low = 0, high = self->trace->threads->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ms_thread_get_id (g_ptr_array_index (self->trace->threads, middle)) < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

guint
ms_view_index_of_thread (const MsView *self, MsThread *thread)
{
  guint index = ms_view_index_of_id (self, ms_thread_get_id (thread));

  /* One of another trace is nobody here. */
  return index < self->trace->threads->len
                 && g_ptr_array_index (self->trace->threads, index) == thread
             ? index
             : G_MAXUINT;
}

gboolean
ms_view_choose (MsView *self, GCancellable *cancellable, GError **error)
{
  if (self->trace->history == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "%s: a part of the trace cannot be looked at: it was read without its history",
                   self->trace->folder);
      return FALSE;
    }
  self->history = ms_history_ref (self->trace->history);
  self->first = self->start_ns > 0 ? ms_history_find_time (self->history, self->start_ns) : 0;
  self->end = self->to_end ? ms_history_get_n_events (self->history)
                           : ms_history_find_time (self->history, self->end_ns);
  self->end = MAX (self->end, self->first);
  self->first_block = ms_history_count_blocks (self->history, self->first);
  choose_sites (self);
  if (!ms_view_sum_sites (self, cancellable, error))
    return FALSE;
  ms_view_fill_totals (self);
  return TRUE;
}
