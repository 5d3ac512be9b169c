/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which source is which thread of the trace: tids are used again. */
#include "ms-resource-file.h"
#include "ms-resource-private.h"
#include "ms-thread.h"
#include "trk-resource-fields.h"

/* A thread's start event may come after its first sample, and its last sample after its end event. */
#define JOIN_SLACK_NS G_GINT64_CONSTANT (1000000000)

/* How long both lived, in ns; negative: how far apart they are. */
static gint64
overlap_ns (const MsResourceSource *source, MsThread *thread)
{
  gint64 start_ns = ms_thread_get_start_ns (thread), end_ns = ms_thread_get_end_ns (thread);

  if (end_ns == MS_TIME_NONE)
    end_ns = MS_RESOURCE_MOST_TIME_NS;
  return MIN (source->last_ns, end_ns) - MAX (source->first_ns, start_ns);
}

/* By tid, of MsThread. (transfer full) */
static GHashTable *
sort_by_tid (GPtrArray *threads)
{
  GHashTable *by_tid = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < threads->len; i++)
    {
      MsThread *thread = g_ptr_array_index (threads, i);
      gpointer tid = GINT_TO_POINTER (ms_thread_get_tid (thread));
      GPtrArray *same = g_hash_table_lookup (by_tid, tid);

      if (!same)
        {
          same = g_ptr_array_new ();
          g_hash_table_insert (by_tid, tid, same);
        }
      g_ptr_array_add (same, thread);
    }
  return by_tid;
}

/* Of two sources that would be the same thread, the one that was sampled longer in its life is: the other
 * one was a thread of the same number that the trace has not. */
static void
join (MsResources *self, guint number, MsThread *thread, gint64 both_ns)
{
  gpointer id = GUINT_TO_POINTER (ms_thread_get_id (thread));
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->threads, id));

  if (before > 0)
    {
      MsResourceEntry *rival = g_ptr_array_index (self->sources, before - 1);

      if (overlap_ns (&rival->public, thread) >= both_ns)
        return;
      rival->public.thread_id = -1;
    }
  ((MsResourceEntry *) g_ptr_array_index (self->sources, number))->public.thread_id =
      (gint) ms_thread_get_id (thread);
  g_hash_table_insert (self->threads, id, GUINT_TO_POINTER (number + 1));
}

void
ms_resources_join_threads (MsResources *self, GPtrArray *threads)
{
  g_autoptr (GHashTable) by_tid = sort_by_tid (threads);

  for (guint i = 0; i < self->sources->len; i++)
    {
      const MsResourceSource *source =
          &((MsResourceEntry *) g_ptr_array_index (self->sources, i))->public;
      gint64 best_ns = -JOIN_SLACK_NS - 1;
      MsThread *best = NULL;
      GPtrArray *same;

      if (source->kind != TRK_RESOURCE_THREAD || source->n_samples == 0 || source->id == 0
          || source->id > G_MAXINT)
        continue;
      same = g_hash_table_lookup (by_tid, GINT_TO_POINTER ((gint) source->id));
      for (guint j = 0; same && j < same->len; j++)
        {
          MsThread *thread = g_ptr_array_index (same, j);
          gint64 both_ns = overlap_ns (source, thread);

          if (both_ns <= best_ns)
            continue;
          best_ns = both_ns;
          best = thread;
        }
      if (best)
        join (self, i, best, best_ns);
    }
}
