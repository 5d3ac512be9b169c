/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-history-run.h"

/* More share one memory bus. */
#define MAX_WORKERS 8U

static gint n_workers_wanted;

typedef struct {
  guint n_pieces;
  gint next_piece, next_worker; /* atomic */
  MsHistoryWork work;
  gpointer data;
  GCancellable *cancellable;
} Run;

guint
ms_history_get_n_workers (void)
{
  gint wanted = g_atomic_int_get (&n_workers_wanted);

  return wanted > 0 ? (guint) wanted : CLAMP (g_get_num_processors (), 1, MAX_WORKERS);
}

void
ms_history_set_n_workers (guint n)
{
  g_atomic_int_set (&n_workers_wanted, (gint) MIN (n, MAX_WORKERS));
}

static gpointer
run_worker (gpointer data)
{
  Run *self = data;
  guint worker = (guint) g_atomic_int_add (&self->next_worker, 1), piece;

  while ((piece = (guint) g_atomic_int_add (&self->next_piece, 1)) < self->n_pieces
         && !g_cancellable_is_cancelled (self->cancellable))
    self->work (piece, worker, self->data);
  return NULL;
}

gboolean
ms_history_run (guint n_pieces,
                MsHistoryWork work,
                gpointer data,
                GCancellable *cancellable,
                GError **error)
{
  Run self = { n_pieces, 0, 0, work, data, cancellable };
  guint n_threads = MIN (ms_history_get_n_workers (), n_pieces);
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();

  for (guint i = 1; i < n_threads; i++)
    {
      GThread *thread = g_thread_try_new ("history", run_worker, &self, NULL);

      if (thread != NULL)
        g_ptr_array_add (threads, thread);
    }
  run_worker (&self);
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (g_ptr_array_index (threads, i));
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

guint
ms_history_count_pieces (const MsHistory *self, guint64 first, guint64 end)
{
  if (first >= end)
    return 0;
  return ms_history_find_segment (self, end - 1) - ms_history_find_segment (self, first) + 1;
}

void
ms_history_get_stretch (const MsHistory *self,
                        guint64 first,
                        guint64 end,
                        guint piece,
                        MsStretch *stretch)
{
  guint64 begin;

  ms_history_get_columns (self, ms_history_find_segment (self, first) + piece, &stretch->columns);
  begin = stretch->columns.first_event;
  stretch->from = first > begin ? (guint32) (first - begin) : 0;
  stretch->to = (guint32) MIN (end - begin, stretch->columns.n_events);
}

guint32
ms_stretch_count_frees_before (const MsStretch *self)
{
  guint32 n = 0;

  for (guint32 i = 0; i < self->from; i++)
    n += self->columns.sizes[i] >> 31;
  return n;
}

gboolean
ms_stretch_list_frees (const MsStretch *self,
                       const guint8 *marks,
                       guint32 n_sites,
                       guint32 *at,
                       guint32 *free,
                       MsMarkedFree list[MS_STRETCH_BLOCK + 1],
                       guint *n)
{
  const guint32 *sizes = self->columns.sizes, *sites = self->columns.sites;
  guint32 i = *at, k = *free, end = MIN (i + MS_STRETCH_BLOCK, self->to), n_listed = 0;

  if (i >= end)
    return FALSE;
  for (; i < end; i++)
    {
      guint32 is_free = sizes[i] >> 31;

      ms_stretch_look_ahead (sizes, i);
      ms_stretch_look_ahead (sites, i);
      list[n_listed] = (MsMarkedFree) { i, k };
      n_listed += is_free & marks[MIN (sites[i], n_sites)];
      k += is_free;
    }
  /* A damaged segment may have more of them than it says. */
  while (n_listed > 0 && list[n_listed - 1].free >= self->columns.n_frees)
    n_listed--;
  *at = i;
  *free = k;
  *n = n_listed;
  return TRUE;
}
