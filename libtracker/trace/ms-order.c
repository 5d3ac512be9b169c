/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-order.h"

#include <string.h>

#include "ms-matcher.h"

/* How far ahead in the streams it is looked for what else happens at an address. */
#define LOOK_AHEAD_NS (2 * G_GINT64_CONSTANT (1000000))
#define LOOK_AHEAD_EVENTS 4096
/* By how much stamps are wrong at most.  Measured between cores: less than 0.1 µs. */
#define ERROR_NS 10000
/* After so many vain searches, or events looked at in vain, more are not worth their time: events
 * were lost, not reordered. */
#define MAX_VAIN_SEARCHES 20000
#define MAX_VAIN_EVENTS ((guint64) 1 << 28)
/* After so many events looked at in all, useful or not, and some more for each event of the trace, no
 * search begins either: a file with that much disorder is made to be slow. */
#define MAX_LOOKED_AT ((guint64) 1 << 26)
#define MAX_LOOKED_AT_PER_EVENT 64
/* Frees that wait for their allocations: a file with more is made to be slow. */
#define MAX_WAITING 4096

void
ms_order_init (MsMatcher *self)
{
  double ns_per_tick = self->clock->ns_per_tick;

  self->look_ahead_ticks = (guint64) CLAMP (LOOK_AHEAD_NS / ns_per_tick, 1, 0x1p62);
  self->error_ticks = (guint64) CLAMP (ERROR_NS / ns_per_tick, 1, 0x1p62);
  self->early.frees = g_array_new (FALSE, FALSE, sizeof (MsEarlyFree));
  self->early.until_ticks = G_MAXUINT64;
}

void
ms_order_clear (MsMatcher *self)
{
  g_array_unref (self->early.frees);
}

static guint64
add_ticks (guint64 ticks, guint64 n)
{
  return ticks + MIN (n, G_MAXUINT64 - ticks);
}

static gboolean
is_free (guint kind)
{
  return kind == MS_EVENT_FREE || kind == MS_EVENT_FOREIGN_FREE || kind == MS_EVENT_REALLOC_FREE;
}

/* --- what comes next at an address ---------------------------------------------------------------- */

typedef struct {
  MsThreadLife *thread; /* NULL: nothing within the window */
  guint ahead;          /* place in the thread's stream */
  guint64 ticks;
  guint kind;
} Found;

static gboolean
is_worth_it (const MsMatcher *self)
{
  return self->n_unrepaired < MAX_VAIN_SEARCHES && self->n_vain_events < MAX_VAIN_EVENTS
         && self->n_looked_at < MAX_LOOKED_AT + MAX_LOOKED_AT_PER_EVENT * self->n_events;
}

/* The first event of @thread at @address, from the one @ahead on. */
static Found
find_in_stream (MsMatcher *self, MsThreadLife *thread, guint ahead, guint64 address, guint domain)
{
  guint64 limit = add_ticks (self->now, self->look_ahead_ticks);
  MsEventStream *stream = &thread->stream;
  Found found = { NULL };

  self->n_looked_at++;
  if (!stream->begun && stream->first_ticks > limit)
    return found;
  for (guint end = ahead + LOOK_AHEAD_EVENTS; ahead < end; ahead++)
    {
      const MsStreamEvent *event = ms_event_stream_peek (stream, ahead);

      if (event == NULL || event->ticks > limit)
        break;
      self->n_looked_at++;
      if (event->address == address && event->domain == domain && event->kind < MS_EVENT_NOTE)
        return (Found) { thread, ahead, event->ticks, event->kind };
    }
  return found;
}

/* The first event at @address in any stream, other than the one in hand and @except.  Of several that
 * have the same stamp, a free if @rather_free. */
static Found
find_next (MsMatcher *self,
           guint64 address,
           guint domain,
           const Found *except,
           gboolean rather_free)
{
  Found best = { NULL };

  for (guint i = 0; i < self->n_heap; i++)
    {
      MsThreadLife *thread = &self->threads[self->heap[i].thread];
      guint ahead = i == 0; /* the event in hand is the first one's */
      Found found;

      if (except && except->thread == thread)
        ahead = except->ahead + 1;
      found = find_in_stream (self, thread, ahead, address, domain);
      if (found.thread
          && (best.thread == NULL || found.ticks < best.ticks
              || (found.ticks == best.ticks && is_free (found.kind) == rather_free)))
        best = found;
    }
  return best;
}

/* The first free of @address by another thread than @thread, if nothing else of that thread at the
 * address comes before. */
static Found
find_free_of_others (MsMatcher *self, guint32 thread, guint64 address, guint domain)
{
  Found best = { NULL };

  for (guint i = 0; i < self->n_heap; i++)
    {
      Found found;

      if (self->heap[i].thread == thread)
        continue;
      found = find_in_stream (self, &self->threads[self->heap[i].thread], 0, address, domain);
      if (found.thread && is_free (found.kind) && (best.thread == NULL || found.ticks < best.ticks))
        best = found;
    }
  return best;
}

/* --- frees that come too early -------------------------------------------------------------------- */

static guint
hash (guint64 address)
{
  return (guint) ((address >> 4) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)
                  >> (64 - MS_EARLY_FREE_BITS));
}

static void
update_until (MsMatcher *self)
{
  MsEarlyFrees *early = &self->early;

  if (early->first == early->frees->len)
    {
      g_array_set_size (early->frees, 0);
      early->first = 0;
      early->until_ticks = G_MAXUINT64;
      return;
    }
  early->until_ticks =
      add_ticks (g_array_index (early->frees, MsEarlyFree, early->first).ticks, self->error_ticks);
}

/* The memory of a free that is done with goes when it is the first. */
static MsEarlyFree
take_out (MsMatcher *self, MsEarlyFree *free)
{
  MsEarlyFree taken = *free;

  self->early.counts[hash (taken.address)]--;
  free->address = 0;
  return taken;
}

static void
give_up (MsMatcher *self, MsEarlyFree *free)
{
  MsEarlyFree taken = take_out (self, free);

  ms_matcher_unmatched (self, &self->threads[taken.thread], taken.domain,
                        taken.kind == MS_EVENT_FOREIGN_FREE);
}

static void
give_up_first (MsMatcher *self)
{
  MsEarlyFree *free = &g_array_index (self->early.frees, MsEarlyFree, self->early.first++);

  if (free->address != 0)
    give_up (self, free);
}

void
ms_order_wait (MsMatcher *self, guint32 thread, guint64 address, guint domain, guint kind)
{
  MsEarlyFrees *early = &self->early;
  MsEarlyFree free = { self->now, address, thread, (guint8) domain, (guint8) kind };

  if (early->first == MAX_WAITING)
    {
      g_array_remove_range (early->frees, 0, early->first);
      early->first = 0;
    }
  if (early->frees->len - early->first == MAX_WAITING)
    give_up_first (self);
  g_array_append_val (early->frees, free);
  early->counts[hash (address)]++;
  update_until (self);
}

void
ms_order_give_up_all (MsMatcher *self)
{
  while (self->early.first < self->early.frees->len)
    give_up_first (self);
  update_until (self);
}

void
ms_order_give_up (MsMatcher *self, guint64 now_ticks)
{
  while (self->early.until_ticks < now_ticks)
    {
      give_up_first (self);
      update_until (self);
    }
}

/* The free of @address that waits the longest, or NULL. */
static MsEarlyFree *
find_waiting (MsMatcher *self, guint64 address, guint domain)
{
  MsEarlyFrees *early = &self->early;

  if (early->counts[hash (address)] == 0 || !is_worth_it (self))
    return NULL;
  for (guint i = early->first; i < early->frees->len; i++)
    {
      MsEarlyFree *free = &g_array_index (early->frees, MsEarlyFree, i);

      self->n_looked_at++;
      if (free->address == address && free->domain == domain)
        return free;
    }
  return NULL;
}

static void
apply_waiting (MsMatcher *self, MsEarlyFree *free)
{
  MsEarlyFree taken = take_out (self, free);

  ms_matcher_free (self, &self->threads[taken.thread], taken.address, taken.domain, MS_FREE_LATE);
  self->n_repaired++;
}

/* Nothing follows at the address.  A free of an unknown block is no surprise in some recordings; and a
 * thread's own next block often comes to lie where the one lay that it freed, or moved: its own events
 * are in order, whatever their stamps. */
static gboolean
is_early_alone (const MsMatcher *self, const MsEarlyFree *free, guint32 thread)
{
  const MsMatcherOptions *options = &self->options;

  if (options->forked || options->began_late || options->some_untracked || options->was_off
      || self->sampled || free->kind == MS_EVENT_FOREIGN_FREE)
    return FALSE;
  return free->thread != thread;
}

void
ms_order_apply_early (MsMatcher *self, guint32 thread, guint64 address, guint domain)
{
  MsEarlyFree *free = find_waiting (self, address, domain);
  guint64 n_looked_at_before = self->n_looked_at;
  Found next;

  if (free == NULL || !is_worth_it (self))
    return;
  next = find_next (self, address, domain, NULL, FALSE);
  if (next.thread ? !is_free (next.kind) : is_early_alone (self, free, thread))
    {
      apply_waiting (self, free);
      return;
    }
  self->n_vain_events += self->n_looked_at - n_looked_at_before;
  if (next.thread)
    give_up (self, free); /* this block has a free of its own */
}

/* --- frees that come too late --------------------------------------------------------------------- */

/* Frees and allocations alternate: a free that is followed by an allocation is that of the block which
 * is being allocated now, and the one before was lost. */
static gboolean
is_late (MsMatcher *self, const Found *free, guint64 address, guint domain)
{
  Found next = find_next (self, address, domain, free, TRUE);

  if (next.thread)
    return is_free (next.kind);
  return free->ticks - self->now <= self->error_ticks;
}

void
ms_order_make_room (MsMatcher *self, guint32 thread, guint64 address, guint domain)
{
  MsEarlyFree *waiting = find_waiting (self, address, domain);
  guint64 n_looked_at_before = self->n_looked_at;
  const MsLiveTable *live = &self->live[domain];
  const MsLiveBlock *lost;
  Found free;

  if (waiting)
    {
      apply_waiting (self, waiting);
      return;
    }
  if (is_worth_it (self))
    {
      free = find_free_of_others (self, thread, address, domain);
      if (free.thread && is_late (self, &free, address, domain))
        {
          MsStreamEvent *event = ms_event_stream_peek (&free.thread->stream, free.ahead);

          free.thread->reallocating = free.kind == MS_EVENT_REALLOC_FREE;
          ms_matcher_free (self, free.thread, address, domain,
                           free.ahead > 0                      ? MS_FREE_LATE
                           : event->call == TRK_CALL_TEMPORARY ? MS_FREE_TEMPORARY
                                                               : MS_FREE_NEXT);
          self->n_events += event->kind != MS_EVENT_REALLOC_FREE; /* its turn comes with nothing */
          event->kind = MS_EVENT_APPLIED;
          self->n_repaired++;
          return;
        }
    }

  /* Nobody's free: the block is gone all the same, as its memory was handed out again. */
  lost = ms_live_table_block (live, ms_live_table_find (live, address));
  ms_matcher_free (self, &self->threads[g_array_index (self->site_threads, guint32, lost->site)],
                   address, domain, MS_FREE_UNSEEN);
  self->n_unrepaired++;
  self->n_vain_events += self->n_looked_at - n_looked_at_before;
}
