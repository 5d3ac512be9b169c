/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What one event does to the live tables, and what is said of it. */
#include "ms-matcher.h"

#include <math.h>
#include <string.h>

#include "ms-estimate.h"
#include "ms-sampled-curve.h"

MsMatched *
ms_matcher_flush (MsMatcher *self)
{
  self->out = self->sink->take (self->sink->data, self->out, TRUE);
  return &self->out->events[self->out->n++];
}

/* --- sites ----------------------------------------------------------------------------------------- */

/* A number for a site of @place: one that is free, or the next. */
static guint32
number_site (MsMatcher *self, guint32 place)
{
  guint32 site = self->site_threads->len;

  if (G_LIKELY (self->free_sites->len == 0))
    {
      g_array_append_val (self->site_threads, place);
      return site;
    }
  site = g_array_index (self->free_sites, guint32, self->free_sites->len - 1);
  g_array_set_size (self->free_sites, self->free_sites->len - 1);
  g_array_index (self->site_threads, guint32, site) = place;
  return site;
}

static G_NO_INLINE guint32
begin_site (MsMatcher *self, MsThreadLife *thread, guint domain, guint32 stack)
{
  guint32 place = thread->stream.reader.thread_index, site = number_site (self, place);
  guint32 *n = &thread->n_sites[domain];
  MsMatched *said = ms_matcher_emit (self);

  if (stack >= *n)
    {
      guint32 more = MAX (stack + 1, *n * 2);

      thread->sites[domain] = g_renew (guint32, thread->sites[domain], more);
      memset (thread->sites[domain] + *n, 0xff, (more - *n) * sizeof *thread->sites[domain]);
      *n = more;
    }
  thread->sites[domain][stack] = site;
  *said = (MsMatched) { .ticks = self->now,
                        .kind = MS_MATCHED_SITE,
                        .site = site,
                        .thread = place,
                        .domain = (guint8) domain,
                        .number = ms_event_stream_get_stack_id (&thread->stream, stack) };
  return site;
}

guint32
ms_matcher_site (MsMatcher *self, MsThreadLife *thread, guint domain, guint32 stack)
{
  if (G_LIKELY (stack < thread->n_sites[domain] && thread->sites[domain][stack] != MS_NO_SITE))
    return thread->sites[domain][stack];
  return begin_site (self, thread, domain, stack);
}

static inline guint
sampled_flag (const MsMatcher *self)
{
  return self->sampled ? MS_MATCHED_SAMPLED : 0;
}

/* --- allocations ------------------------------------------------------------------------------------ */

/* The weight of an allocation that was kept, and its half.  Rounding its bytes leaves a rest for the
 * thread's next one, or small blocks at a high rate would all be off by the same. */
static G_NO_INLINE void
weigh (MsThreadLife *thread, const MsStreamEvent *event, MsLiveBlock *block)
{
  double weight = 1 / ms_keep_probability (thread->rate, thread->interval_bytes, event->size);
  double bytes = MIN ((double) event->size * weight, 0x1p62) + thread->rest_bytes;

  block->weight = (float) weight;
  block->bytes = (guint64) bytes;
  thread->rest_bytes = bytes - (double) block->bytes;
  block->halves = ms_halves_of (thread->id, thread->n_weighed++, block->weight) & 3;
}

void
ms_matcher_alloc (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  MsLiveTable *live = &self->live[event->domain];
  guint32 hash = ms_live_table_hash (event->address);
  guint32 site = ms_matcher_site (self, thread, event->domain, event->stack);
  MsLiveSlot *slot = ms_live_table_slot (live, event->address, hash);
  MsLiveBlock *block;
  MsMatched *said;

  if (G_UNLIKELY (slot->address != 0))
    {
      ms_order_make_room (self, thread->stream.reader.thread_index, event->address, event->domain);
      slot = ms_live_table_slot (live, event->address, hash);
    }
  block = ms_live_table_insert (live, slot, event->address, hash);
  said = ms_matcher_emit (self);
  *block = (MsLiveBlock) { .bytes = event->size,
                           .birth_ticks = self->now,
                           .site = site,
                           .weight = 1,
                           .number = self->n_blocks++ };
  block->moved = event->kind == MS_EVENT_REALLOC_ALLOC;
  if (G_UNLIKELY (thread->sampled) && event->domain != MS_DOMAIN_MAPPING)
    weigh (thread, event, block);
  said->ticks = self->now;
  said->bytes = block->bytes;
  said->size = event->size;
  said->site = site;
  said->halves = block->halves;
  said->thread = thread->stream.reader.thread_index;
  said->number = block->number;
  said->weight = block->weight;
  said->kind = MS_MATCHED_ALLOC;
  said->domain = event->domain;
  said->flags = (guint8) ((block->moved ? MS_MATCHED_REALLOC : 0U) | sampled_flag (self));
}

/* --- frees ------------------------------------------------------------------------------------------ */

/* The next event kept is not the thread's next operation where others were not kept: there the recorder
 * said so. */
static inline gboolean
is_temporary (const MsThreadLife *thread, guint64 address, guint domain, MsFreeOrder order)
{
  if (G_UNLIKELY (thread->sampled))
    return order == MS_FREE_TEMPORARY;
  return order < MS_FREE_LATE && thread->last_alloc == address && thread->last_domain == domain;
}

static inline guint8
flags_of_free (const MsMatcher *self,
               const MsThreadLife *thread,
               const MsLiveBlock *block,
               MsFreeOrder order)
{
  return (guint8) ((block->moved ? MS_MATCHED_MOVED : 0U)
                   | (thread->reallocating && order < MS_FREE_LATE ? MS_MATCHED_REALLOC : 0U)
                   | (order == MS_FREE_UNSEEN ? MS_MATCHED_UNSEEN : 0U) | sampled_flag (self));
}

gboolean
ms_matcher_free (MsMatcher *self,
                 MsThreadLife *thread,
                 guint64 address,
                 guint domain,
                 MsFreeOrder order)
{
  MsLiveTable *live = &self->live[domain];
  MsLiveSlot *slot = ms_live_table_find (live, address);
  const MsLiveBlock *block;
  MsMatched *said;

  if (slot == NULL)
    return FALSE;
  block = ms_live_table_block (live, slot);
  said = ms_matcher_emit (self);
  said->ticks = self->now;
  said->bytes = block->bytes;
  said->birth_ticks = block->birth_ticks;
  said->site = block->site;
  said->halves = block->halves;
  said->thread = thread->stream.reader.thread_index;
  said->number = block->number;
  said->weight = block->weight;
  said->kind = MS_MATCHED_FREE;
  said->domain = (guint8) domain;
  said->flags =
      flags_of_free (self, thread, block, order)
      | (is_temporary (thread, address, domain, order)
                 && g_array_index (self->site_threads, guint32, block->site) == said->thread
             ? MS_MATCHED_TEMPORARY
             : 0);
  ms_live_table_remove (live, slot);
  return TRUE;
}

/* Whose blocks are freed besides those that are recorded. */
static gboolean
has_others (const MsMatcher *self, const MsThreadLife *thread)
{
  const MsMatcherOptions *options = &self->options;

  return options->forked || options->some_untracked || options->began_late || options->was_off
         || thread->paused;
}

/* Of others, whether or not sampling makes it hard to say. */
static MsUnmatchedReason
reason_of_others (const MsMatcher *self)
{
  if (self->options.forked)
    return MS_UNMATCHED_INHERITED;
  return self->options.some_untracked ? MS_UNMATCHED_FOREIGN : MS_UNMATCHED_PRIOR;
}

MsUnmatchedReason
ms_matcher_reason_of_skipped (const MsMatcher *self, const MsThreadLife *thread)
{
  if (self->options.is_ring || !has_others (self, thread))
    return MS_UNMATCHED_UNKEPT;
  return reason_of_others (self);
}

MsUnmatchedReason
ms_matcher_reason (const MsMatcher *self, const MsThreadLife *thread, gboolean foreign)
{
  /* Of a block that was not kept, or of one from before sampling began: the recorder could not tell. */
  if (foreign && thread->sampled && thread->tracking)
    return self->options.is_ring || !has_others (self, thread) ? MS_UNMATCHED_UNKEPT
                                                               : MS_UNMATCHED_UNSURE;
  if (self->options.is_ring && !foreign)
    return MS_UNMATCHED_PRIOR;
  if (self->options.forked)
    return MS_UNMATCHED_INHERITED;
  if (foreign || self->options.some_untracked)
    return MS_UNMATCHED_FOREIGN;
  if (self->options.began_late || self->options.was_off || thread->paused)
    return MS_UNMATCHED_PRIOR;
  return MS_UNMATCHED_UNKNOWN;
}

void
ms_matcher_unmatched (MsMatcher *self, MsThreadLife *thread, guint domain, gboolean foreign)
{
  *ms_matcher_emit (self) = (MsMatched) { .ticks = self->now,
                                          .kind = MS_MATCHED_UNMATCHED,
                                          .thread = thread->stream.reader.thread_index,
                                          .domain = (guint8) domain,
                                          .number = reason_of_others (self),
                                          .detail = ms_matcher_reason (self, thread, foreign) };
}
