/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-sampled-threads.h"

#include "ms-process-state.h"
#include "ms-resource-file.h"
#include "ms-resource-private.h"
#include "trk-resource-fields.h"

#define FIRST_ID 1000000000U
#define IDS_A_TURN 10000000U
#define MOST_TURNS 100U
/* PID_MAX_LIMIT of the kernel: any larger number is none. */
#define MOST_TID 4194304U
/* As the file says it (docs/FORMAT.md, "Resources"). */
#define REASON_ENDED 4

/* While a process runs, samples may be ahead of a thread's first event, which makes it one of the others. */
#define PATIENCE_NS G_GINT64_CONSTANT (1000000000)
/* No sampler is slower. */
#define MOST_INTERVAL_NS G_GINT64_CONSTANT (1000000000)

/* --- which ---------------------------------------------------------------------------------------- */

static gboolean
is_thread (const MsResourceSource *source)
{
  return source->kind == TRK_RESOURCE_THREAD && source->n_samples > 0 && source->id > 0
         && source->id <= MOST_TID;
}

/* The samples say when it was there no more; that it was not sampled may have other reasons. */
static gboolean
has_ended (const MsResourceEntry *entry)
{
  return (entry->broken & 1U << TRK_THREAD_CPU_NS)
         && entry->public.reasons[TRK_THREAD_CPU_NS] == REASON_ENDED;
}

static gint64
get_last_sample_ns (const MsResources *resources)
{
  gint64 last_ns = 0;

  for (guint i = 0; i < resources->sources->len; i++)
    {
      const MsResourceEntry *entry = g_ptr_array_index (resources->sources, i);

      if (entry->public.n_samples > 0)
        last_ns = MAX (last_ns, entry->public.last_ns);
    }
  return last_ns;
}

/* Samples may be of more than the trace: a part has them in whole blocks, and the program that another one replaced
 * was sampled for a moment longer.  Ended threads that were forgotten for their number stay so. */
static gboolean
is_wanted (const MsTrace *trace, const MsResourceEntry *entry, gint64 last_ns)
{
  const MsResourceSource *source = &entry->public;

  if (!is_thread (source) || source->thread_id >= 0)
    return FALSE;
  if (source->last_ns < 0 || source->first_ns > trace->duration_ns)
    return FALSE;
  if (trace->n_forgotten_threads > 0 && has_ended (entry))
    return FALSE;
  return !ms_state_may_go_on (trace->state) || source->first_ns <= last_ns - PATIENCE_NS;
}

/* --- what of its memory is known ------------------------------------------------------------------ */

static gboolean
has_marked_changes (const MsTrace *trace)
{
  for (guint i = 0; trace->marks != NULL && i < trace->marks->len; i++)
    {
      MsMarkKind kind = g_array_index (trace->marks, MsMark, i).kind;

      if (kind == MS_MARK_STARTED || kind == MS_MARK_STOPPED || kind == MS_MARK_THREAD_RULE)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_damaged (const MsTrace *trace)
{
  for (guint i = 0; i < trace->diagnostics->len; i++)
    if (((const MsDiagnostic *) g_ptr_array_index (trace->diagnostics, i))->level
        == MS_DIAGNOSTIC_DAMAGE)
      return TRUE;
  return FALSE;
}

/* A thread would have an event if it had allocated anything: that it has none says that it did not. */
static gboolean
would_be_seen (const MsTrace *trace)
{
  const MsManifest *manifest = &trace->manifest;

  return manifest->present && manifest->all_threads && !manifest->no_threads
         && !manifest->explicit_api && !manifest->began_late && !manifest->is_part
         && manifest->n_left_out == 0 && !trace->is_cut_ring && !trace->pool_is_gone
         && trace->dropped_events == 0 && trace->n_forgotten_threads == 0
         && !has_marked_changes (trace) && !is_damaged (trace);
}

/* --- making them ---------------------------------------------------------------------------------- */

/* FALSE: the number was given out so often that there is no id left. */
static gboolean
take_id (GHashTable *turns, guint64 tid, guint *id)
{
  gpointer key = GUINT_TO_POINTER ((guint) tid);
  guint turn = GPOINTER_TO_UINT (g_hash_table_lookup (turns, key));

  g_hash_table_insert (turns, key, GUINT_TO_POINTER (turn + 1));
  *id = FIRST_ID + turn * IDS_A_TURN + (guint) tid;
  return turn < MOST_TURNS;
}

/* It began since the sample before its first, if not before the trace. */
static MsThread *
make_thread (const MsResources *resources, const MsResourceEntry *entry, guint id)
{
  MsThread *thread = g_object_new (MS_TYPE_THREAD, NULL);
  gint64 first_ns = entry->public.first_ns - MIN (resources->interval_ns, MOST_INTERVAL_NS);

  thread->is_sampled_only = TRUE;
  thread->id = id;
  thread->tid = (gint) entry->public.id;
  thread->name = g_strdup_printf ("thread %u", id);
  thread->names = g_array_new (FALSE, FALSE, sizeof (MsNameSpan));
  thread->start_ns = thread->kept_from_ns = MAX (first_ns, 0);
  if (has_ended (entry))
    thread->end_ns = entry->public.last_ns;
  return thread;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const MsThread *x = *(MsThread *const *) a, *y = *(MsThread *const *) b;

  return x->id < y->id ? -1 : x->id > y->id;
}

/* No process gives out so many, but a file may say so. */
static gboolean
has_room_for_ids (const MsTrace *trace)
{
  guint n = trace->threads->len;

  return n == 0 || ((const MsThread *) g_ptr_array_index (trace->threads, n - 1))->id < FIRST_ID;
}

static void
add_threads (MsTrace *trace)
{
  MsResources *resources = trace->resources;
  g_autoptr (GHashTable) turns = g_hash_table_new (NULL, NULL);
  gint64 last_ns = get_last_sample_ns (resources);
  gboolean tracked = would_be_seen (trace);

  if (!has_room_for_ids (trace))
    return;
  for (guint i = 0; i < resources->sources->len; i++)
    {
      MsResourceEntry *entry = g_ptr_array_index (resources->sources, i);
      MsThread *thread;
      guint id;

      if (!is_thread (&entry->public) || !take_id (turns, entry->public.id, &id)
          || !is_wanted (trace, entry, last_ns))
        continue;
      thread = make_thread (resources, entry, id);
      thread->tracked = tracked;
      g_ptr_array_add (trace->threads, thread);
      entry->public.thread_id = (gint) id;
      g_hash_table_insert (resources->threads, GUINT_TO_POINTER (id), GUINT_TO_POINTER (i + 1));
    }
  g_ptr_array_sort (trace->threads, compare_ids);
}

void
ms_sampled_threads_join (MsTrace *trace)
{
  ms_resources_join_threads (trace->resources, trace->threads);
  add_threads (trace);
  ms_resources_name_threads (trace->resources, trace->threads,
                             trace->manifest.was_replaced ? trace->manifest.pid : 0);
}

guint
ms_sampled_threads_count_others (const MsTrace *trace)
{
  guint n = trace->threads->len;

  while (n > 0 && ((const MsThread *) g_ptr_array_index (trace->threads, n - 1))->is_sampled_only)
    n--;
  return n;
}
