/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-matcher.h"

#include <string.h>

/* How far ahead in another thread's stream a free may lie that should have come before. */
#define LOOK_AHEAD_NS (2 * G_GINT64_CONSTANT (1000000))
#define LOOK_AHEAD_EVENTS 4096
/* After so many vain searches, or events looked at in vain, more are not worth their time: events
 * were lost, not reordered. */
#define MAX_VAIN_SEARCHES 20000
#define MAX_VAIN_EVENTS ((guint64) 1 << 28)
/* Frees of one tick that wait for their allocations: a file with more is made to be slow. */
#define MAX_DEFERRED 4096
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
  double look_ahead = LOOK_AHEAD_NS / clock->ns_per_tick;

  memset (self, 0, sizeof *self);
  self->options = *options;
  self->index = index;
  self->clock = clock;
  self->stacks = stacks;
  self->sampled = options->sampling_rate < 1 || options->sample_interval_bytes > 0;
  self->look_ahead_ticks = (guint64) CLAMP (look_ahead, 1, 0x1p62);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_table_init (&self->live[d]);
  self->tallies = g_ptr_array_new_with_free_func (tally_free);
  self->sites = g_ptr_array_new_with_free_func (g_free);
  self->pairings = g_array_new (FALSE, FALSE, sizeof (MsPairing));
  self->deferred = g_array_new (FALSE, FALSE, sizeof (MsDeferredFree));
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
      g_free (self->stack_figures[d]);
    }
  g_ptr_array_unref (self->tallies);
  g_ptr_array_unref (self->sites);
  g_array_unref (self->pairings);
  g_array_unref (self->deferred);
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

/* --- order -------------------------------------------------------------------------------------- */

static gboolean
is_free (guint kind)
{
  return kind == MS_EVENT_FREE || kind == MS_EVENT_FOREIGN_FREE || kind == MS_EVENT_REALLOC_FREE;
}

/* The first event of @stream that concerns @address within the window, if it is a free. */
static MsStreamEvent *
find_free_in_stream (MsMatcher *self,
                     MsEventStream *stream,
                     guint64 address,
                     guint domain,
                     guint *ahead,
                     guint64 *n_looked_at)
{
  guint64 limit = self->now + MIN (self->look_ahead_ticks, G_MAXUINT64 - self->now);

  if (!stream->open && stream->first_ticks > limit)
    return NULL;
  for (guint i = 0; i < LOOK_AHEAD_EVENTS; i++)
    {
      MsStreamEvent *event = ms_event_stream_peek (stream, i);

      if (event == NULL || event->ticks > limit)
        return NULL;
      ++*n_looked_at;
      if (event->address != address || event->domain != domain || event->kind >= MS_EVENT_NOTE)
        continue;
      *ahead = i;
      return is_free (event->kind) ? event : NULL;
    }
  return NULL;
}

/* A free of this tick that came before the allocation that it frees. */
static gboolean
apply_deferred (MsMatcher *self, guint64 address, guint domain)
{
  for (guint i = 0; i < self->deferred->len; i++)
    {
      MsDeferredFree free = g_array_index (self->deferred, MsDeferredFree, i);

      if (free.address != address || free.domain != domain)
        continue;
      g_array_remove_index (self->deferred, i);
      return ms_account_free (self, &self->threads[free.thread], address, domain, FALSE);
    }
  return FALSE;
}

/* @address is live and allocated again by @thread: frees it first.  Whoever freed it did so within
 * the clocks' disagreement, or the free was lost. */
static void
repair_order (MsMatcher *self, const MsThreadLife *thread, guint64 address, guint domain)
{
  MsStreamEvent *best = NULL;
  MsThreadLife *freeing = NULL;
  guint best_ahead = 0;
  guint64 n_looked_at = 0;
  MsLiveBlock *lost;
  gboolean is_worth_it =
      self->n_unrepaired < MAX_VAIN_SEARCHES && self->n_vain_events < MAX_VAIN_EVENTS;

  if (apply_deferred (self, address, domain))
    {
      self->n_repaired++;
      return;
    }
  for (guint i = 0; i < self->n_heap && is_worth_it; i++)
    {
      MsThreadLife *other = &self->threads[self->heap[i].thread];
      MsStreamEvent *event;
      guint ahead = 0;

      if (other == thread)
        continue;
      event = find_free_in_stream (self, &other->stream, address, domain, &ahead, &n_looked_at);
      if (event && (best == NULL || event->ticks < best->ticks))
        {
          best = event;
          best_ahead = ahead;
          freeing = other;
        }
    }
  if (best != NULL)
    {
      ms_account_free (self, freeing, address, domain, best_ahead == 0);
      best->kind = MS_EVENT_APPLIED;
      self->n_repaired++;
      return;
    }

  /* Nobody's free: the block is gone all the same, as its memory was handed out again. */
  lost = ms_live_table_find (&self->live[domain], address);
  ms_account_free (self, &self->threads[ms_matcher_site (self, lost->site)->tally->thread], address,
                   domain, FALSE);
  self->n_unrepaired++;
  self->n_vain_events += n_looked_at;
}

static void
retry_deferred (MsMatcher *self)
{
  for (guint i = 0; i < self->deferred->len; i++)
    {
      MsDeferredFree *free = &g_array_index (self->deferred, MsDeferredFree, i);
      MsThreadLife *thread = &self->threads[free->thread];

      if (!ms_account_free (self, thread, free->address, free->domain, FALSE))
        ms_account_unmatched (self, thread, free->domain, free->kind == MS_EVENT_FOREIGN_FREE);
    }
  g_array_set_size (self->deferred, 0);
}

static void
apply_free (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  if (!ms_account_free (self, thread, event->address, event->domain, TRUE))
    {
      MsDeferredFree deferred = { .ticks = event->ticks,
                                  .address = event->address,
                                  .thread = thread->stream.thread_index,
                                  .domain = event->domain,
                                  .kind = event->kind };
      if (self->deferred->len == MAX_DEFERRED)
        retry_deferred (self);
      g_array_append_val (self->deferred, deferred);
    }
  if (event->kind != MS_EVENT_FOREIGN_FREE)
    thread->recorded = TRUE;
  thread->last_alloc = 0;
}

static void
apply_event (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  switch (event->kind)
    {
    case MS_EVENT_ALLOC:
    case MS_EVENT_REALLOC_ALLOC:
      if (G_UNLIKELY (ms_live_table_find (&self->live[event->domain], event->address) != NULL))
        repair_order (self, thread, event->address, event->domain);
      ms_account_alloc (self, thread, event);
      thread->recorded = TRUE;
      thread->last_alloc = event->address;
      thread->last_domain = event->domain;
      self->n_events++;
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
      ms_account_note (self, thread,
                       &g_array_index (thread->stream.notes, MsStreamNote, event->address));
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
      if (G_UNLIKELY (self->deferred->len) && event->ticks > self->now)
        retry_deferred (self);
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
  retry_deferred (self);
  return TRUE;
}
