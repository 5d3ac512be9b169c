/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-mappings.h"

#include <string.h>

#define CHECK_INTERVAL_EVENTS 65536
#define PREFETCH_EVENTS 8

static void
name_span_clear (gpointer data)
{
  g_free (((MsNameSpan *) data)->name);
}

static void
tally_free (gpointer data)
{
  MsTally *tally = data;

  ms_live_series_clear (&tally->series);
  g_free (tally->figure.sampled);
  g_free (tally);
}

static void
init_threads (MsMatcher *self)
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
      ms_event_stream_init (&thread->stream, self->index, n, i, next);
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
                 MsStackTable *stacks,
                 const MsMatcherOptions *options)
{
  memset (self, 0, sizeof *self);
  self->options = *options;
  self->index = index;
  self->clock = clock;
  self->stacks = stacks;
  self->sampled = options->sampling_rate < 1 || options->sample_interval_bytes > 0;
  self->said_rate = options->sampling_rate;
  self->said_interval_bytes = options->sample_interval_bytes;
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_table_init (&self->live[d]);
  self->tallies = g_ptr_array_new_with_free_func (tally_free);
  self->sites = g_ptr_array_new_with_free_func (g_free);
  self->pairings = g_array_new (FALSE, FALSE, sizeof (MsPairing));
  ms_order_init (self);
  ms_growth_init (self->growth);
  ms_key_map_init (&self->site_numbers);
  ms_key_map_init (&self->pairing_numbers);
  init_threads (self);
}

void
ms_matcher_clear (MsMatcher *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    {
      ms_event_stream_close (&self->threads[i].stream);
      g_array_unref (self->threads[i].names);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      ms_live_table_clear (&self->live[d]);
      ms_live_series_clear (&self->process_series[d]);
      g_free (self->process[d].sampled);
      for (guint i = 0; self->stack_figures[d] != NULL && i < self->stacks->stacks->len; i++)
        g_free (self->stack_figures[d][i].sampled);
      g_free (self->stack_figures[d]);
    }
  g_ptr_array_unref (self->tallies);
  g_ptr_array_unref (self->sites);
  g_array_unref (self->pairings);
  ms_order_clear (self);
  for (guint i = 0; i < self->n_threads; i++)
    for (guint d = 0; d < MS_N_DOMAINS; d++)
      g_free (self->threads[i].reallocs[d].block);
  ms_growth_clear (self->growth);
  g_clear_pointer (&self->mappings, ms_mappings_free);
  ms_key_map_clear (&self->site_numbers);
  ms_key_map_clear (&self->pairing_numbers);
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

/* --- time --------------------------------------------------------------------------------------- */

/* Moves to the bin of the event in hand; its boundary is asked of the clock once a bin. */
static void
advance_bin (MsMatcher *self)
{
  gint64 ns = ms_clock_to_ns (self->clock, self->now);
  gint64 duration = MAX (self->options.duration_ns, 1);
  guint n_bins = self->options.n_bins;
  guint64 bin = (guint64) ((__int128_t) MIN (ns, duration) * n_bins / duration);

  self->bin = (guint32) MAX (self->bin, MIN (bin, n_bins - 1));
  if (self->bin == n_bins - 1)
    self->next_bin_ticks = G_MAXUINT64;
  else
    self->next_bin_ticks =
        ms_clock_to_ticks (self->clock,
                           (gint64) (((__int128_t) (self->bin + 1) * duration + n_bins - 1)
                                     / n_bins));
}

/* --- events -------------------------------------------------------------------------------------- */

static void
apply_free (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  MsFreeOrder order = event->call == TRK_CALL_TEMPORARY ? MS_FREE_TEMPORARY : MS_FREE_NEXT;

  thread->reallocating = event->kind == MS_EVENT_REALLOC_FREE;
  if (!ms_account_free (self, thread, event->address, event->domain, order))
    ms_order_wait (self, thread->stream.thread_index, event->address, event->domain, event->kind);
  if (event->kind != MS_EVENT_FOREIGN_FREE)
    thread->recorded = TRUE;
  thread->last_alloc = 0;
}

static void
apply_alloc (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  guint32 number = thread->stream.thread_index;
  guint64 address = event->address;
  guint domain = event->domain;
  MsStreamEvent copy;

  if (G_UNLIKELY (ms_live_table_find (&self->live[domain], address) != NULL))
    {
      copy = *event; /* what looks ahead moves the queue */
      event = &copy;
      ms_order_make_room (self, number, address, domain);
    }
  ms_account_alloc (self, thread, event);
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
      ms_account_note (self, thread, ms_event_stream_get_note (&thread->stream, event));
      break;
    default:
      thread->last_alloc = 0;
      break;
    }
}

/* --- the loop ------------------------------------------------------------------------------------ */

/* Where the event a few ahead will look: a live table is larger than the caches, and its miss is paid
 * meanwhile.  The caller prefetches, as gcc takes a function that only does that for one without
 * effect. */
static inline const MsLiveBlock *
slot_ahead (const MsMatcher *self, const MsEventStream *stream)
{
  const MsStreamEvent *event = &stream->queue[stream->head + PREFETCH_EVENTS];
  const MsLiveTable *live;

  if (stream->head + PREFETCH_EVENTS >= stream->n_queued || event->kind >= MS_EVENT_NOTE)
    return NULL;
  live = &self->live[event->domain];
  return &live->slots[ms_live_table_home (live, event->address)];
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
      MsHeapEntry due = { event->ticks, stream->thread_index };

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
      if (G_UNLIKELY (self->now >= self->next_bin_ticks))
        advance_bin (self);
      __builtin_prefetch (slot_ahead (self, stream), 1);
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
  ms_account_finish (self);
  return TRUE;
}
