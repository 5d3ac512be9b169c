/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-matcher.h"

#include <string.h>

#define CHECK_INTERVAL_EVENTS 65536
#define PREFETCH_SLOT 16
#define PREFETCH_BLOCK 6

static void
name_span_clear (gpointer data)
{
  g_free (((MsNameSpan *) data)->name);
}

static void
init_threads (MsMatcher *self, const MsEventSource *source)
{
  const MsBlock *blocks = (const MsBlock *) (gpointer) self->index->blocks->data;
  guint first, end = ms_block_index_find_type (self->index, TRK_BLOCK_EVENTS, &first);

  for (guint i = first; i < end; i++)
    self->n_threads += i == first || blocks[i].header.thread_id != blocks[i - 1].header.thread_id;
  self->threads = g_new0 (MsThreadLife, self->n_threads);
  self->heap = g_new (MsHeapEntry, self->n_threads + 1);

  for (guint i = first, n = 0; i < end; n++)
    {
      MsThreadLife *thread = &self->threads[n];
      guint next = i + 1;

      while (next < end && blocks[next].header.thread_id == blocks[i].header.thread_id)
        next++;
      ms_event_stream_init (&thread->stream, self->index, n, i, next, source);
      thread->id = blocks[i].header.thread_id;
      thread->tid = blocks[i].header.tid;
      thread->start_ticks = blocks[i].header.first_ticks;
      thread->names = g_array_new (FALSE, FALSE, sizeof (MsNameSpan));
      g_array_set_clear_func (thread->names, name_span_clear);
      thread->cpu_ns = -1;
      thread->rate = self->options.sampling_rate;
      thread->interval_bytes = self->options.sample_interval_bytes;
      thread->sampled = self->sampled;
      thread->rest_bytes = 0.5;
      i = next;
    }
}

void
ms_matcher_init (MsMatcher *self,
                 MsBlockIndex *index,
                 MsClock *clock,
                 const MsMatcherOptions *options,
                 const MsEventSource *source,
                 const MsMatchedSink *sink)
{
  memset (self, 0, sizeof *self);
  self->options = *options;
  self->index = index;
  self->clock = clock;
  self->sink = sink;
  self->out = sink->take (sink->data, NULL, TRUE);
  self->sampled = options->sampling_rate < 1 || options->sample_interval_bytes > 0;
  self->sampled_flag = self->sampled ? MS_MATCHED_SAMPLED : 0;
  self->said_rate = options->sampling_rate;
  self->said_interval_bytes = options->sample_interval_bytes;
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_table_init (&self->live[d]);
  self->site_threads = g_array_new (FALSE, FALSE, sizeof (guint32));
  ms_order_init (self);
  init_threads (self, source);
}

void
ms_matcher_clear (MsMatcher *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    {
      ms_event_stream_close (&self->threads[i].stream);
      g_array_unref (self->threads[i].names);
      for (guint d = 0; d < MS_N_DOMAINS; d++)
        g_free (self->threads[i].sites[d]);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_table_clear (&self->live[d]);
  g_array_unref (self->site_threads);
  ms_order_clear (self);
  g_free (self->threads);
  g_free (self->heap);
}

/* --- heap of streams, earliest first ----------------------------------------------------------- */

static inline gboolean
entry_is_before (MsHeapEntry a, MsHeapEntry b)
{
  return a.ticks < b.ticks || (a.ticks == b.ticks && a.thread < b.thread);
}

static void
heap_sink (MsMatcher *self, guint i)
{
  MsHeapEntry entry = self->heap[i];

  for (;;)
    {
      guint child = 2 * i + 1;

      if (child >= self->n_heap)
        break;
      if (child + 1 < self->n_heap && entry_is_before (self->heap[child + 1], self->heap[child]))
        child++;
      if (!entry_is_before (self->heap[child], entry))
        break;
      self->heap[i] = self->heap[child];
      i = child;
    }
  self->heap[i] = entry;
}

/* When the entry after the first one is due. */
static MsHeapEntry
heap_second (const MsMatcher *self)
{
  MsHeapEntry never = { G_MAXUINT64, G_MAXUINT32 };

  if (self->n_heap < 2)
    return never;
  if (self->n_heap == 2 || entry_is_before (self->heap[1], self->heap[2]))
    return self->heap[1];
  return self->heap[2];
}

/* --- events -------------------------------------------------------------------------------------- */

static void
apply_free (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  MsFreeOrder order = event->call == TRK_CALL_TEMPORARY ? MS_FREE_TEMPORARY : MS_FREE_NEXT;

  thread->reallocating = event->kind == MS_EVENT_REALLOC_FREE;
  if (!ms_matcher_free (self, thread, event->address, event->domain, order))
    ms_order_wait (self, thread->stream.reader.thread_index, event->address, event->domain,
                   event->kind);
  if (event->kind != MS_EVENT_FOREIGN_FREE)
    thread->recorded = TRUE;
  thread->last_alloc = 0;
}

static void
apply_alloc (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  guint32 number = thread->stream.reader.thread_index;
  guint64 address = event->address;
  guint domain = event->domain;

  if (G_UNLIKELY (ms_live_table_find (&self->live[domain], address) != NULL))
    ms_order_make_room (self, number, address, domain);
  ms_matcher_alloc (self, thread, event);
  thread->recorded = TRUE;
  thread->last_alloc = address;
  thread->last_domain = (guint8) domain;
  self->n_events++;
  if (G_UNLIKELY (self->early.until_ticks != G_MAXUINT64))
    ms_order_apply_early (self, number, address, domain);
}

static void
apply_event (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  switch (event->kind)
    {
    case MS_EVENT_ALLOC:
    case MS_EVENT_REALLOC_ALLOC:
      apply_alloc (self, thread, event);
      break;
    case MS_EVENT_FREE:
    case MS_EVENT_FOREIGN_FREE:
      self->n_events++;
      apply_free (self, thread, event);
      break;
    case MS_EVENT_REALLOC_FREE:
      apply_free (self, thread, event);
      break;
    case MS_EVENT_NOTE:
      ms_matcher_note (self, thread, ms_event_stream_get_note (&thread->stream, event));
      break;
    default:
      thread->last_alloc = 0;
      break;
    }
}

/* --- the loop ------------------------------------------------------------------------------------ */

/* What the events a few ahead will look at: the live tables are larger than the caches, and a miss is paid
 * meanwhile.  First the slot, and when that is there the block that it names.  The caller prefetches, as
 * gcc takes a function that only does that for one without effect. */
static inline const MsLiveSlot *
slot_ahead (const MsMatcher *self, const MsEventStream *stream, guint ahead)
{
  const MsEventBatch *batch = stream->current;
  const MsStreamEvent *event = &batch->events[stream->at + ahead];
  const MsLiveTable *live;

  if (stream->at + ahead >= batch->n || event->kind >= MS_EVENT_NOTE)
    return NULL;
  live = &self->live[event->domain];
  return &live->slots[ms_live_table_home (live, ms_live_table_hash (event->address))];
}

static inline const MsLiveBlock *
block_ahead (const MsMatcher *self, const MsEventStream *stream)
{
  const MsStreamEvent *event = &stream->current->events[stream->at + PREFETCH_BLOCK];
  const MsLiveSlot *slot = slot_ahead (self, stream, PREFETCH_BLOCK);

  if (slot == NULL || event->kind == MS_EVENT_ALLOC || slot->address == 0)
    return NULL;
  /* Most blocks lie in their home slot or in the next, if there is one. */
  if (slot->address != event->address && (guintptr) (slot + 1) % 64 != 0)
    slot++;
  return ms_live_table_block (&self->live[event->domain], slot);
}

/* Applies @thread's events until another thread's is due.  Returns FALSE at the end of the stream, or
 * of what is wanted of it. */
static gboolean
run_thread (MsMatcher *self, MsThreadLife *thread, MsHeapEntry limit, guint *n_left)
{
  MsEventStream *stream = &thread->stream;
  MsStreamEvent *event;

  while ((event = ms_event_stream_peek (stream, 0)))
    {
      MsHeapEntry due = { event->ticks, stream->reader.thread_index };

      if (!entry_is_before (due, limit) || *n_left == 0)
        {
          self->heap[0].ticks = event->ticks;
          return TRUE;
        }
      if (G_UNLIKELY (event->ticks > self->options.last_ticks))
        return FALSE;
      if (G_UNLIKELY (event->ticks > self->early.until_ticks))
        ms_order_give_up (self, event->ticks);
      self->now = event->ticks;
      __builtin_prefetch (slot_ahead (self, stream, PREFETCH_SLOT), 1);
      __builtin_prefetch (block_ahead (self, stream), 1);
      apply_event (self, thread, event);
      ms_event_stream_advance (stream);
      --*n_left;
    }
  return FALSE;
}

static void
heap_fill (MsMatcher *self)
{
  self->n_heap = self->n_threads;
  for (guint i = 0; i < self->n_threads; i++)
    {
      self->heap[i].ticks = self->threads[i].stream.first_ticks;
      self->heap[i].thread = i;
    }
  for (guint i = self->n_heap / 2; i > 0; i--)
    heap_sink (self, i - 1);
}

gboolean
ms_matcher_run (MsMatcher *self,
                GCancellable *cancellable,
                MsMatcherProgress progress,
                gpointer user_data,
                GError **error)
{
  guint64 n_bytes_done = 0;

  heap_fill (self);
  while (self->n_heap > 0)
    {
      guint n_left = CHECK_INTERVAL_EVENTS;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      while (self->n_heap > 0 && n_left > 0)
        {
          MsThreadLife *thread = &self->threads[self->heap[0].thread];

          if (!run_thread (self, thread, heap_second (self), &n_left))
            {
              n_bytes_done += thread->stream.n_bytes_read;
              /* What is left of it when not all is wanted may be in the hands of a reader. */
              if (thread->stream.ended)
                ms_event_stream_close (&thread->stream);
              self->heap[0] = self->heap[--self->n_heap];
            }
          heap_sink (self, 0);
        }
      if (progress)
        {
          guint64 n_bytes = n_bytes_done;

          for (guint i = 0; i < self->n_heap; i++)
            n_bytes += self->threads[self->heap[i].thread].stream.n_bytes_read;
          progress (n_bytes, user_data);
        }
    }
  ms_order_give_up_all (self);
  self->out = self->sink->take (self->sink->data, self->out, FALSE);
  return TRUE;
}
