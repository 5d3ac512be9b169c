/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-block-clock.h"

#include <time.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "ms-diagnostic.h"
#include "ms-process-state.h"

static void
add_pair (GArray *pairs, guint64 ticks, guint64 ns)
{
  MsClockPair pair = { ticks, (gint64) MIN (ns, (guint64) G_MAXINT64) };

  if (ticks != 0 && ns != 0)
    g_array_append_val (pairs, pair);
}

gint64
ms_monotonic_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

#ifdef __x86_64__
/* The same counter, if the machine has not been started anew: gives the slope of a trace that ended
 * before its second pair, and the present of one that goes on. */
static void
add_present_pair (GArray *pairs, guint tick_shift)
{
  guint64 ticks = __rdtsc () >> tick_shift;

  add_pair (pairs, ticks, (guint64) ms_monotonic_now_ns ());
}
#endif

/* Leaves out blocks of another clock than the first: a process has one. */
static guint
drop_other_clocks (MsBlockIndex *self, guint first, guint end)
{
  GArray *all = self->blocks;
  MsBlock *blocks = (MsBlock *) (gpointer) all->data;
  guint n_kept = first;

  for (guint i = first; i < end; i++)
    {
      /* The first one is kept, and stays where it is. */
      if (blocks[i].header.clock == blocks[first].header.clock
          && blocks[i].header.tick_shift == blocks[first].header.tick_shift)
        {
          MsBlock kept = blocks[i];

          blocks[i] = blocks[n_kept];
          blocks[n_kept++] = kept;
          continue;
        }
      ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                          ms_block_index_file_of (self, &blocks[i]), blocks[i].offset,
                          "A block of another clock was left out.");
    }
  if (n_kept < end)
    g_array_remove_range (all, n_kept, end - n_kept);
  return n_kept;
}

void
ms_block_clock_init (MsClock *clock, MsBlockIndex *index, const MsManifest *manifest, MsState state)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (MsClockPair));
  const MsBlock *blocks = (const MsBlock *) (gpointer) index->blocks->data;
  guint first, end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  /* Without any event there is no time to convert: samples and manifest have ns. */
  gboolean has_events = end > first;
  guint8 tick_shift = has_events ? blocks[first].header.tick_shift : 0;
  gboolean identity = !has_events || blocks[first].header.clock == TRK_CLOCK_MONOTONIC;

  end = drop_other_clocks (index, first, end);
  if (manifest->has_clock_pair)
    add_pair (pairs, manifest->clock_ticks, (guint64) manifest->clock_ns);
  for (guint i = first; i < end; i++)
    {
      const TrkBlockHeader *header = &blocks[i].header;

      add_pair (pairs, header->open_pair_ticks, header->open_pair_ns);
      add_pair (pairs, header->seal_pair_ticks, header->seal_pair_ns);
    }
  ms_clock_init (clock, identity, manifest->start_ns, pairs);
#ifdef __x86_64__
  if (!identity && (clock->guessed || state == MS_STATE_RUNNING) && tick_shift < 64
      && pairs->len > 0 && ms_boot_is_current (manifest->boot_id))
    {
      ms_clock_clear (clock);
      add_present_pair (pairs, tick_shift);
      ms_clock_init (clock, identity, manifest->start_ns, pairs);
    }
#else
  (void) tick_shift;
  (void) state;
#endif
}
