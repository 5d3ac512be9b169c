/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* When things happened, and how long it lasted: from the pairs of clocks in all blocks. */
#include "ms-trace-loader.h"

#include <time.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "ms-diagnostic.h"
#include "ms-process-state.h"

/* Clocks are compared with this much to spare. */
#define CLOCK_MARGIN_NS 1000000

static void
add_pair (GArray *pairs, guint64 ticks, guint64 ns)
{
  MsClockPair pair = { ticks, (gint64) MIN (ns, (guint64) G_MAXINT64) };

  if (ticks != 0 && ns != 0)
    g_array_append_val (pairs, pair);
}

gint64
ms_trace_loader_now_ns (void)
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

  add_pair (pairs, ticks, (guint64) ms_trace_loader_now_ns ());
}
#endif

/* Leaves out blocks of another clock than the first: a process has one. */
static guint
drop_other_clocks (MsTraceLoader *self, guint first, guint end)
{
  GArray *all = self->index->blocks;
  MsBlock *blocks = (MsBlock *) (gpointer) all->data;
  TrkBlockHeader clock = blocks[first].header;
  guint n_kept = first;

  for (guint i = first; i < end; i++)
    {
      if (blocks[i].header.clock == clock.clock && blocks[i].header.tick_shift == clock.tick_shift)
        {
          MsBlock kept = blocks[i];

          blocks[i] = blocks[n_kept];
          blocks[n_kept++] = kept;
          continue;
        }
      ms_diagnostics_add (self->trace->diagnostics, MS_DIAGNOSTIC_DAMAGE,
                          ms_block_index_file_of (self->index, &blocks[i]), blocks[i].offset,
                          "A block of another clock was left out.");
    }
  if (n_kept < end)
    g_array_remove_range (all, n_kept, end - n_kept);
  return n_kept;
}

void
ms_trace_loader_read_clock (MsTraceLoader *self)
{
  MsTrace *trace = self->trace;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (MsClockPair));
  MsBlock *blocks = (MsBlock *) (gpointer) self->index->blocks->data;
  guint first, end = ms_block_index_find_type (self->index, TRK_BLOCK_EVENTS, &first);
  guint8 clock = blocks[first].header.clock, tick_shift = blocks[first].header.tick_shift;
  guint64 last_ticks = 0;
  gboolean identity = clock == TRK_CLOCK_MONOTONIC;

  end = drop_other_clocks (self, first, end);
  if (trace->manifest.has_clock_pair)
    add_pair (pairs, trace->manifest.clock_ticks, (guint64) trace->manifest.clock_ns);
  for (guint i = first; i < end; i++)
    {
      const TrkBlockHeader *header = &blocks[i].header;
      guint64 block_end = header->last_ticks
                              ? header->last_ticks
                              : ms_event_reader_scan_last_ticks (self->index, &blocks[i]);

      add_pair (pairs, header->open_pair_ticks, header->open_pair_ns);
      add_pair (pairs, header->seal_pair_ticks, header->seal_pair_ns);
      last_ticks = MAX (last_ticks, block_end);
    }
  if (self->has_clock)
    ms_clock_clear (&self->clock);
  ms_clock_init (&self->clock, identity, trace->manifest.start_ns, pairs);
#ifdef __x86_64__
  if (!identity && (self->clock.guessed || trace->state == MS_STATE_RUNNING) && tick_shift < 64
      && pairs->len > 0 && ms_boot_is_current (trace->manifest.boot_id))
    {
      ms_clock_clear (&self->clock);
      add_present_pair (pairs, tick_shift);
      ms_clock_init (&self->clock, identity, trace->manifest.start_ns, pairs);
    }
#endif
  self->has_clock = TRUE;
  if (!identity && self->clock.guessed)
    ms_diagnostics_add (
        trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
        "The processor's clock could not be calibrated: times are in its own units.");
  if (self->clock.jumped)
    ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
                        "The clock jumped during the recording (suspended or moved to another "
                        "machine?): times are approximate.");
  trace->duration_ns = ms_clock_to_ns (&self->clock, last_ticks);
}

/* Threads go on while we read one after the other: a block that one allocates after we read it may be
 * freed by another before we read that.  Up to the moment when we began, all of them are whole. */
static gint64
get_last_ns (const MsTraceLoader *self)
{
  return MAX (0, self->begin_ns - CLOCK_MARGIN_NS - self->clock.start_ns);
}

/* The process may have lived on after its last event. */
void
ms_trace_loader_extend_duration (MsTraceLoader *self)
{
  MsTrace *trace = self->trace;
  gint64 end_ns = trace->manifest.end_ns;

  if (end_ns == 0 && self->index->has_pool && self->index->pool.end_ns < G_MAXINT64 / 4)
    end_ns = (gint64) self->index->pool.end_ns;
  if (end_ns == 0 && trace->state == MS_STATE_RUNNING)
    {
      trace->duration_ns = get_last_ns (self);
      return;
    }
  if (end_ns > self->clock.start_ns)
    trace->duration_ns = MAX (trace->duration_ns, end_ns - self->clock.start_ns);
}

guint64
ms_trace_loader_get_last_ticks (const MsTraceLoader *self)
{
  return self->trace->state == MS_STATE_RUNNING && (self->clock.identity || !self->clock.guessed)
             ? ms_clock_to_ticks (&self->clock, get_last_ns (self))
             : G_MAXUINT64;
}
