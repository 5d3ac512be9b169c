/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-matcher.h"

#include <string.h>

#define CHECK_INTERVAL_EVENTS 65536
#define PREFETCH_SLOT 32
#define PREFETCH_BLOCK 8

static void
name_change_clear (gpointer data)
{
  g_free (((MsNameChange *) data)->name);
}

static void
begin_thread (MsMatcher *self, guint place, guint first, guint end)
{
  const TrkBlockHeader *header = &g_array_index (self->index->blocks, MsBlock, first).header;
  MsThreadLife *thread = &self->threads[place];

  memset (thread, 0, sizeof *thread);
  ms_event_stream_init (&thread->stream, self->index, place, first, end, self->source);
  thread->id = header->thread_id;
  thread->tid = header->tid;
  thread->start_ticks = header->first_ticks;
  thread->names = g_array_new (FALSE, FALSE, sizeof (MsNameChange));
  g_array_set_clear_func (thread->names, name_change_clear);
  thread->cpu_ns = -1;
  thread->rate = self->options.sampling_rate;
  thread->interval_bytes = self->options.sample_interval_bytes;
  thread->sampled = self->sampled;
  thread->rest_bytes = 0.5;
  ms_key_map_insert (&self->thread_numbers, header->thread_id, place);
}

/* --- places ---------------------------------------------------------------------------------------- */

static gboolean
is_forgotten (const MsMatcher *self, guint32 id)
{
  return id / 8 < self->forgotten_ids->len
         && (self->forgotten_ids->data[id / 8] >> (id % 8) & 1U) != 0;
}

static guint32
take_place (MsMatcher *self)
{
  guint32 place;

  if (self->free_places->len == 0)
    return self->n_threads++;
  place = g_array_index (self->free_places, guint32, self->free_places->len - 1);
  g_array_set_size (self->free_places, self->free_places->len - 1);
  return place;
}

static void
make_vacant (MsThreadLife *thread, guint32 place)
{
  memset (thread, 0, sizeof *thread);
  thread->is_vacant = TRUE;
  thread->id = MS_FORGOTTEN_ID;
  thread->cpu_ns = -1;
  thread->stream.reader.thread_index = place;
  thread->stream.ended = TRUE;
}

static void
close_thread (MsThreadLife *thread)
{
  ms_event_stream_close (&thread->stream);
  g_clear_pointer (&thread->names, g_array_unref);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    g_clear_pointer (&thread->sites[d], g_free);
}

guint32
ms_matcher_begin_forgetting (MsMatcher *self)
{
  if (self->forgotten == MS_NO_PLACE)
    {
      self->forgotten = self->n_threads++;
      self->threads = g_renew (MsThreadLife, self->threads, self->n_threads + 1);
      make_vacant (&self->threads[self->forgotten], self->forgotten);
    }
  return self->forgotten;
}

static guint64
count_bytes (const MsMatcher *self, guint first, guint end)
{
  guint64 n_bytes = 0;

  for (guint i = first; i < end; i++)
    n_bytes += g_array_index (self->index->blocks, MsBlock, i).payload_bytes;
  return n_bytes;
}

static void
forget_thread (MsMatcher *self, guint32 place)
{
  MsThreadLife *thread = &self->threads[place];
  const MsEventReader *reader = &thread->stream.reader;

  while (thread->id / 8 >= self->forgotten_ids->len)
    g_byte_array_append (self->forgotten_ids, (const guint8[64]) { 0 }, 64);
  self->forgotten_ids->data[thread->id / 8] |= (guint8) (1U << (thread->id % 8));
  self->n_forgotten++;
  self->n_forgotten_bytes += count_bytes (self, reader->first_block, reader->end_block);
  ms_event_stream_report (&thread->stream, self->diagnostics);
  close_thread (thread);
  make_vacant (thread, place);
  g_array_append_val (self->free_places, place);
}

void
ms_matcher_forget (MsMatcher *self, const guint8 *chosen)
{
  for (guint32 place = 0; place < self->n_threads; place++)
    if (chosen[place])
      forget_thread (self, place);
  ms_key_map_clear (&self->thread_numbers);
  ms_key_map_init (&self->thread_numbers);
  for (guint32 place = 0; place < self->n_threads; place++)
    if (!self->threads[place].is_vacant)
      ms_key_map_insert (&self->thread_numbers, self->threads[place].id, place);
}

/* The end of the blocks of the thread of block @i. */
static guint
end_of_thread (const MsMatcher *self, guint i, guint end)
{
  const MsBlock *blocks = (const MsBlock *) (gpointer) self->index->blocks->data;
  guint next = i + 1;

  while (next < end && blocks[next].header.thread_id == blocks[i].header.thread_id)
    next++;
  return next;
}

static guint32
id_of (const MsMatcher *self, guint block)
{
  return g_array_index (self->index->blocks, MsBlock, block).header.thread_id;
}

static guint
count_new (const MsMatcher *self, guint first, guint end)
{
  guint n = 0;

  for (guint i = first; i < end; i = end_of_thread (self, i, end))
    n += ms_key_map_get (&self->thread_numbers, id_of (self, i)) == MS_KEY_MAP_NONE
         && !is_forgotten (self, id_of (self, i));
  return n;
}

/* Those that are new, and where the blocks of the others are now.  Returns how many bytes are of forgotten ones. */
static guint64
take_threads (MsMatcher *self)
{
  guint first, end = ms_block_index_find_type (self->index, TRK_BLOCK_EVENTS, &first);
  guint n_most = self->n_threads + count_new (self, first, end);
  g_autofree gboolean *is_there = g_new0 (gboolean, n_most + 1);
  guint64 n_forgotten_bytes = 0;

  self->threads = g_renew (MsThreadLife, self->threads, n_most + 1);
  self->heap = g_renew (MsHeapEntry, self->heap, n_most + 1);
  for (guint i = first, next; i < end; i = next)
    {
      guint32 place = ms_key_map_get (&self->thread_numbers, id_of (self, i));

      next = end_of_thread (self, i, end);
      if (is_forgotten (self, id_of (self, i)))
        {
          n_forgotten_bytes += count_bytes (self, i, next);
          continue;
        }
      if (place != MS_KEY_MAP_NONE)
        ms_event_stream_renew (&self->threads[place].stream, self->index, i, next);
      else
        begin_thread (self, place = take_place (self), i, next);
      is_there[place] = TRUE;
    }
  for (guint place = 0; place < self->n_threads; place++)
    if (!is_there[place] && !self->threads[place].is_vacant)
      ms_event_stream_renew (&self->threads[place].stream, self->index, 0, 0);
  return n_forgotten_bytes;
}

void
ms_matcher_init (MsMatcher *self,
                 MsBlockIndex *index,
                 MsClock *clock,
                 GPtrArray *diagnostics,
                 const MsMatcherOptions *options,
                 const MsEventSource *source,
                 const MsMatchedSink *sink)
{
  memset (self, 0, sizeof *self);
  self->options = *options;
  self->index = index;
  self->clock = clock;
  self->diagnostics = diagnostics;
  self->source = source;
  self->sink = sink;
  self->out = sink->take (sink->data, NULL, TRUE);
  self->sampled = options->sampling_rate < 1 || options->sample_interval_bytes > 0;
  self->said_rate = options->sampling_rate;
  self->said_interval_bytes = options->sample_interval_bytes;
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_table_init (&self->live[d]);
  self->site_threads = g_array_new (FALSE, FALSE, sizeof (guint32));
  ms_key_map_init (&self->thread_numbers);
  self->free_places = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->free_sites = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->forgotten = MS_NO_PLACE;
  self->forgotten_ids = g_byte_array_new ();
  ms_order_init (self);
  take_threads (self);
}

gboolean
ms_matcher_renew (MsMatcher *self, MsBlockIndex *index, const MsMatcherOptions *options)
{
  MsMatcherOptions before = self->options;

  self->options = *options;
  self->options.some_untracked |= before.some_untracked;
  self->options.was_off |= before.was_off;
  self->index = index;
  return take_threads (self) == self->n_forgotten_bytes;
}

void
ms_matcher_report (MsMatcher *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    ms_event_stream_report (&self->threads[i].stream, self->diagnostics);
}

void
ms_matcher_clear (MsMatcher *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    close_thread (&self->threads[i]);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_table_clear (&self->live[d]);
  g_array_unref (self->site_threads);
  g_array_unref (self->free_places);
  g_array_unref (self->free_sites);
  g_byte_array_unref (self->forgotten_ids);
  ms_key_map_clear (&self->thread_numbers);
  ms_order_clear (self);
  g_free (self->threads);
  g_free (self->heap);
}

/* --- heap of streams, earliest first ----------------------------------------------------------- */

static inline gboolean
entry_is_before (MsHeapEntry a, MsHeapEntry b)
{
  return a.ticks < b.ticks || (a.ticks == b.ticks && a.id < b.id);
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
  MsHeapEntry never = { G_MAXUINT64, G_MAXUINT32, 0 };

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
 * meanwhile.  First the slot, and when that is there the block that it names; for any event, since asking
 * which need it costs more than fetching in vain.  The caller prefetches, as gcc takes a function that
 * only does that for one without effect. */
static inline const MsLiveSlot *
slot_ahead (const MsMatcher *self, const MsEventStream *stream, guint ahead)
{
  const MsEventBatch *batch = stream->current;
  const MsStreamEvent *event = &batch->events[MIN (stream->at + ahead, batch->n - 1)];
  const MsLiveTable *live = &self->live[event->domain];

  return &live->slots[ms_live_table_home (live, ms_live_table_hash (event->address))];
}

/* Most blocks lie in their home slot or in the next. */
static inline const MsLiveBlock *
block_ahead (const MsMatcher *self, const MsEventStream *stream)
{
  const MsEventBatch *batch = stream->current;
  const MsStreamEvent *event = &batch->events[MIN (stream->at + PREFETCH_BLOCK, batch->n - 1)];
  const MsLiveTable *live = &self->live[event->domain];
  guint64 home = ms_live_table_home (live, ms_live_table_hash (event->address));

  home += live->slots[home].address != event->address;
  return &live->blocks[live->slots[home & ms_live_table_mask (live)].block];
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
      MsHeapEntry due = { event->ticks, thread->id, stream->reader.thread_index };

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
      __builtin_prefetch (event + MS_EVENTS_AHEAD);
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
  self->n_heap = 0;
  for (guint i = 0; i < self->n_threads; i++)
    {
      const MsThreadLife *thread = &self->threads[i];

      if (!thread->is_vacant)
        self->heap[self->n_heap++] =
            (MsHeapEntry) { ms_event_stream_get_floor_ticks (&thread->stream), thread->id, i };
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
              if (thread->stream.ended && !self->options.is_followed)
                {
                  ms_event_stream_report (&thread->stream, self->diagnostics);
                  ms_event_stream_close (&thread->stream);
                }
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
  /* Of a followed folder, too, if its process has ended: nothing comes that could be waited for. */
  if (!self->options.is_followed || self->options.last_ticks == G_MAXUINT64)
    ms_order_give_up_all (self);
  self->out = self->sink->take (self->sink->data, self->out, FALSE);
  return TRUE;
}
