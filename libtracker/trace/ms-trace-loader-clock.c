/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* When things happened, and how long it lasted: from the pairs of clocks in all blocks. */
#include "ms-trace-loader.h"

#include "ms-block-clock.h"
#include "ms-diagnostic.h"

/* Clocks are compared with this much to spare. */
#define CLOCK_MARGIN_NS 1000000

static guint64
find_last_ticks (MsBlockIndex *index)
{
  const MsBlock *blocks = (const MsBlock *) (gpointer) index->blocks->data;
  guint first, end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  guint64 last_ticks = 0;

  for (guint i = first; i < end; i++)
    {
      guint64 block_end = blocks[i].header.last_ticks;

      if (block_end == 0)
        block_end = ms_event_reader_scan_last_ticks (index, &blocks[i]);
      last_ticks = MAX (last_ticks, block_end);
    }
  return last_ticks;
}

void
ms_trace_loader_read_clock (MsTraceLoader *self)
{
  MsTrace *trace = self->trace;

  if (self->has_clock)
    ms_clock_clear (&self->clock);
  ms_block_clock_init (&self->clock, self->index, &trace->manifest, trace->state);
  self->has_clock = TRUE;
  if (!self->clock.identity && self->clock.guessed)
    ms_diagnostics_add (
        trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
        "The processor's clock could not be calibrated: times are in its own units.");
  if (self->clock.jumped)
    ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
                        "The clock jumped during the recording (suspended or moved to another "
                        "machine?): times are approximate.");
  trace->duration_ns = MAX (0, ms_clock_to_ns (&self->clock, find_last_ticks (self->index)));
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
