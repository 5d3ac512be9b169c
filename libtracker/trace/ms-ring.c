/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-ring.h"

#include <string.h>

#include "ms-diagnostic.h"

/* --- what is there -------------------------------------------------------------------------------- */

static gboolean
tells_of_end (const MsBlock *block)
{
  return (block->header.flags & TRK_BLOCK_FLAG_LAST) != 0;
}

gboolean
ms_ring_is_whole (const MsTrace *trace, MsBlockIndex *index)
{
  const MsBlock *blocks = (const MsBlock *) (gpointer) index->blocks->data;
  guint first, end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  guint64 n_ended = 0;

  /* A part that was cut out of one has blocks of its own. */
  if (trace->manifest.is_part)
    return FALSE;
  for (guint i = first; i < end; i++)
    {
      gboolean is_first =
          i == first || blocks[i].header.thread_id != blocks[i - 1].header.thread_id;
      gboolean is_last =
          i + 1 == end || blocks[i].header.thread_id != blocks[i + 1].header.thread_id;

      if (is_first && blocks[i].header.block_number != 0)
        return FALSE;
      n_ended += is_last && tells_of_end (&blocks[i]);
    }
  return n_ended >= trace->manifest.ended.n_threads;
}

/* --- what is not known ---------------------------------------------------------------------------- */

gboolean
ms_totals_name_is_of_live (const char *name)
{
  static const char *const names[] = {
    "live_bytes",           "live_blocks",          "live_bytes_at_start",
    "live_blocks_at_start", "peak_bytes",           "bytes_at_process_peak",
    "leaked_allocations",   "leaked_bytes",         "leaked_blocks",
    "freed_bytes_of_own",   "requested_peak_bytes", "young_bytes",
    "young_allocations",    "suppressed_bytes",     "suppressed_allocations",
    "library_bytes",        "library_allocations",  "accused_bytes",
    "accused_allocations",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

void
ms_ring_hide_live (MsTotals *totals)
{
  MsStandardErrors *errors = &totals->standard_errors;

  totals->live_bytes = totals->live_blocks = totals->live_bytes_at_start = 0;
  totals->live_blocks_at_start = totals->leaked_bytes = totals->leaked_allocations = 0;
  totals->peak_bytes = totals->bytes_at_process_peak = totals->freed_bytes_of_own = 0;
  totals->peak_time_ns = MS_TIME_NONE;
  errors->live_bytes = errors->live_blocks = errors->leaked_bytes = errors->leaked_blocks = 0;
  errors->peak_bytes = errors->bytes_at_process_peak = errors->freed_bytes_of_own = 0;
}

/* --- figures -------------------------------------------------------------------------------------- */

static void
add (TrkCounts *self, const TrkCounts *more)
{
  self->allocations += more->allocations;
  self->allocated_bytes += more->allocated_bytes;
  self->deallocations += more->deallocations;
}

static guint64
rest (guint64 all, guint64 part)
{
  return all - MIN (all, part);
}

/* What threads that ended did and that none of those which are there has done. */
static void
add_forgotten (MsTrace *trace, guint domain, const TrkCounts *seen)
{
  const TrkCounts *all = &trace->manifest.ended.counts[domain];
  TrkCounts forgotten = { rest (all->allocations, seen->allocations),
                          rest (all->allocated_bytes, seen->allocated_bytes),
                          rest (all->deallocations, seen->deallocations) };
  MsTotals *totals = trace->domains[domain] != NULL ? &trace->domains[domain]->totals : NULL;

  if (totals == NULL)
    return;
  totals->allocations += forgotten.allocations;
  totals->allocated_bytes += forgotten.allocated_bytes;
  totals->deallocations += forgotten.deallocations;
  add (&trace->gone[domain], &forgotten);
}

/* Threads are forgotten in the order in which they ended: all that were did so before the first that is there. */
static gint64
find_kept_from (const MsTrace *trace)
{
  gint64 kept_from_ns = 0, first_end_ns = G_MAXINT64;

  for (guint i = 0; i < trace->threads->len; i++)
    {
      const MsThread *thread = g_ptr_array_index (trace->threads, i);

      if (thread->is_partly)
        kept_from_ns = MAX (kept_from_ns, thread->kept_from_ns);
      if (thread->end_ns != MS_TIME_NONE)
        first_end_ns = MIN (first_end_ns, thread->end_ns);
    }
  if (trace->n_forgotten_threads > 0 && first_end_ns != G_MAXINT64)
    kept_from_ns = MAX (kept_from_ns, first_end_ns);
  return MIN (kept_from_ns, trace->duration_ns);
}

/* Who returns from main says that it ends, too, but its windows stay its own. */
static gboolean
is_told_of (const MsThreadLife *life)
{
  const MsEventReader *reader = &life->stream.reader;

  return reader->end_block > reader->first_block
         && tells_of_end (&g_array_index (reader->index->blocks, MsBlock, reader->end_block - 1));
}

void
ms_ring_fill (MsTrace *trace, const MsMatcher *matcher, const MsAccounting *accounting)
{
  TrkCounts seen[TRK_N_COUNTED_DOMAINS] = { { 0, 0, 0 } };
  guint64 n_ended = 0;

  for (guint i = 0; i < matcher->n_threads; i++)
    {
      gboolean has_ended = is_told_of (&matcher->threads[i]);

      n_ended += has_ended;
      for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
        {
          const MsTally *tally = accounting->threads[i].tallies[d];

          if (tally == NULL)
            continue;
          add (&trace->gone[d], &tally->gone);
          if (has_ended)
            add (&seen[d], &(TrkCounts) { tally->allocations, tally->allocated_bytes,
                                          tally->gone.deallocations + tally->deallocations
                                              + tally->prior_frees });
        }
    }
  trace->n_forgotten_threads = rest (trace->manifest.ended.n_threads, n_ended);
  for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    add_forgotten (trace, d, &seen[d]);
  trace->kept_from_ns = find_kept_from (trace);
}

void
ms_ring_report (MsTrace *trace)
{
  guint64 n_gone = 0;

  for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    n_gone += trace->gone[d].allocations + trace->gone[d].deallocations;
  if (!trace->is_cut_ring)
    {
      ms_diagnostics_add (
          trace->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
          "The last %.3f MB of events of each thread were to be kept, and none were "
          "more: nothing is gone.",
          (double) trace->manifest.ring_bytes / 1e6);
      return;
    }
  ms_diagnostics_add (
      trace->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
      "Only the last events of each thread were kept (%.3f MB a thread): %" G_GUINT64_FORMAT
      " of %" G_GUINT64_FORMAT " events are there, and all of them from %.3f s on.  Allocations, "
      "deallocations and allocated bytes were counted from the beginning.",
      (double) trace->manifest.ring_bytes / 1e6, trace->n_events, trace->n_events + n_gone,
      (double) trace->kept_from_ns / 1e9);
  if (trace->n_forgotten_threads > 0)
    ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                        "Of %" G_GUINT64_FORMAT
                        " threads that ended nothing is left but their sums, in the process's.",
                        trace->n_forgotten_threads);
}

/* --- the trace -------------------------------------------------------------------------------------- */

guint64
ms_trace_get_ring_bytes (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->manifest.ring_bytes;
}

gint64
ms_trace_get_kept_from_ns (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->kept_from_ns;
}

const char *
ms_trace_why_no_live (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->is_cut_ring ? "not available in ring mode" : NULL;
}
