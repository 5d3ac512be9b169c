/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trim-events.h"

#include <string.h>

#include "ms-estimate.h"
#include "ms-mappings.h"
#include "trk-mapping-encoder.h"

#define BLOCK_BYTES TRK_EVENT_WINDOW_BYTES

static gboolean
is_chosen (const MsTrimFacts *facts, guint id)
{
  for (guint i = 0; i < facts->n_threads; i++)
    if (facts->threads[i] == id)
      return TRUE;
  return facts->threads == NULL;
}

void
ms_trim_events_init (MsTrimEvents *self)
{
  self->n_threads = self->matcher->n_threads;
  self->threads = g_new0 (MsTrimThread, self->n_threads);
  for (guint i = 0; i < self->n_threads; i++)
    {
      MsTrimThread *thread = &self->threads[i];
      guint id = self->matcher->threads[i].id;

      thread->thread = ms_trace_find_thread (self->trace, id);
      thread->is_chosen = is_chosen (&self->facts, id) && thread->thread != NULL;
      thread->rate = self->matcher->options.sampling_rate;
      thread->interval_bytes = self->matcher->options.sample_interval_bytes;
    }
  self->sites = g_array_new (FALSE, TRUE, sizeof (MsTrimSite));
  self->blocks = g_array_new (FALSE, TRUE, sizeof (MsTrimBlock));
  ms_block_slots_init (&self->slots);
  ms_trim_tables_init (&self->tables, self->trace, self->writer, self->resolver,
                       self->facts.redact);
}

void
ms_trim_events_clear (MsTrimEvents *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    g_clear_pointer (&self->threads[i].stream, ms_stream_writer_free);
  g_clear_pointer (&self->threads, g_free);
  g_clear_pointer (&self->sites, g_array_unref);
  g_clear_pointer (&self->blocks, g_array_unref);
  ms_block_slots_clear (&self->slots);
  ms_trim_tables_clear (&self->tables);
}

/* --- threads --------------------------------------------------------------------------------------- */

static guint64
to_ticks (const MsTrimEvents *self, gint64 ns)
{
  return (guint64) (self->facts.start_ns + ns);
}

static void
write_start (MsTrimEvents *self, MsTrimThread *thread)
{
  gint64 ns = ms_thread_get_start_ns (thread->thread);
  guint64 ticks = to_ticks (self, ns);
  guint parent = 0;
  gboolean has_parent = ms_thread_get_parent (thread->thread, &parent);

  trk_event_put_thread_start (ms_stream_writer_prepare (thread->stream, ticks, 0), ticks, parent,
                              has_parent, ms_thread_get_start_routine (thread->thread));
  if (!thread->is_chosen || !ms_thread_is_tracked (thread->thread))
    trk_event_put_tracking (ms_stream_writer_prepare (thread->stream, ticks, 0), ticks, FALSE);
  thread->started = TRUE;
}

/* What @thread said of itself until @ns, so that its records stay in order of time. */
static void
write_life (MsTrimEvents *self, MsTrimThread *thread, gint64 ns)
{
  const MsNameSpan *names;
  guint n_names;
  gint64 end_ns;

  if (thread->thread == NULL)
    return; /* the loader knows nothing of it */
  end_ns = ms_thread_get_end_ns (thread->thread);
  if (!thread->started)
    write_start (self, thread);
  names = ms_thread_get_names (thread->thread, &n_names);
  for (; thread->n_names_written < n_names && names[thread->n_names_written].start_ns <= ns;
       thread->n_names_written++)
    {
      const MsNameSpan *span = &names[thread->n_names_written];
      guint64 ticks = to_ticks (self, span->start_ns);

      trk_event_put_thread_name (ms_stream_writer_prepare (thread->stream, ticks, 0), ticks,
                                 span->name, strlen (span->name));
    }
  if (!thread->ended && end_ns != MS_TIME_NONE && end_ns < ns)
    {
      guint64 ticks = to_ticks (self, end_ns);
      gint64 cpu_ns = ms_thread_get_cpu_ns (thread->thread);
      TrkExitFigures figures;

      memcpy (&figures, &thread->thread->exit_figures, sizeof figures);
      trk_event_put_thread_exit (ms_stream_writer_prepare (thread->stream, ticks, 0), ticks,
                                 cpu_ns >= 0 ? (guint64) cpu_ns : TRK_UNKNOWN_CPU_NS, &figures);
      thread->ended = TRUE;
    }
}

/* Its stream, up to date for an event at @ns. */
static MsStreamWriter *
stream_at (MsTrimEvents *self, guint32 index, gint64 ns)
{
  MsTrimThread *thread = &self->threads[index];
  const MsThreadLife *life = &self->matcher->threads[index];

  if (thread->stream == NULL)
    thread->stream = ms_stream_writer_new (self->writer, life->id, life->tid, BLOCK_BYTES);
  write_life (self, thread, ns);
  return thread->stream;
}

/* A later operation between two that would otherwise be neighbours. */
static void
write_nothing (MsTrimThread *thread, guint64 ticks)
{
  trk_event_put_dropped (ms_stream_writer_prepare (thread->stream, ticks, 0), 0,
                         TRK_DROP_REENTERED);
  thread->last_alloc = 0;
}

/* Within a nanosecond the order of threads is that of their numbers; where it was another one, time
 * goes on by one. */
static gint64
order_time (MsTrimEvents *self, guint32 thread, gint64 ns)
{
  ns = MAX (ns, self->last_ns);
  if (ns == self->last_ns && thread < self->last_thread && ns + 1 < self->facts.to_ns)
    ns++;
  self->last_ns = ns;
  self->last_thread = thread;
  return ns;
}

/* By a thread that is not recorded, or of a block that is not. */
static void
write_foreign_free (MsStreamWriter *stream, guint domain, guint64 ticks, guint64 address)
{
  TrkEventEncoder *encoder = ms_stream_writer_prepare (stream, ticks, 0);

  trk_event_set_domain (encoder, domain);
  trk_event_put_foreign_free (encoder, ticks, address);
}

/* --- blocks ---------------------------------------------------------------------------------------- */

/* Frees of blocks that are in no trace: nobody has their addresses. */
static void
write_unmatched (MsTrimEvents *self, guint32 index, gint64 ns)
{
  MsTrimThread *thread = &self->threads[index];
  MsStreamWriter *stream;
  guint64 ticks = to_ticks (self, ns);

  if (!thread->has_unmatched)
    return;
  stream = stream_at (self, index, ns);
  thread->has_unmatched = FALSE;
  thread->last_alloc = 0;
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    for (; thread->n_unmatched[d][FALSE] + thread->n_unmatched[d][TRUE] > 0;)
      {
        guint64 address = G_GUINT64_CONSTANT (1) << 63 | ++self->n_unmatched << 4;
        gboolean is_foreign = thread->n_unmatched[d][TRUE] > 0;

        thread->n_unmatched[d][is_foreign]--;
        ms_stream_writer_set_domain (stream, d);
        if (is_foreign)
          write_foreign_free (stream, d, ticks, address);
        else
          ms_stream_writer_free_block (stream, ticks, address);
      }
}

/* The free of a realloc whose allocation did not come. */
static void
give_up_realloc (MsTrimEvents *self, guint32 index)
{
  MsTrimThread *thread = &self->threads[index];

  if (!thread->realloc.is_waiting)
    return;
  thread->realloc.is_waiting = FALSE;
  ms_stream_writer_set_domain (thread->stream, thread->realloc.domain);
  ms_stream_writer_free_block (thread->stream, to_ticks (self, thread->realloc.ns),
                               thread->realloc.address);
}

static gboolean
is_sampled (const MsTrimThread *thread)
{
  return thread->rate < 1 || thread->interval_bytes > 0;
}

/* A reader weighs by the latest SAMPLING record: says so where another one would give another weight. */
static void
write_sampling (MsTrimEvents *self, guint32 index, guint64 ticks, const MsTrimBlock *block)
{
  MsTrimThread *thread = &self->threads[index];
  const MsThreadLife *life = &self->matcher->threads[index];

  if (block->domain == TRK_DOMAIN_MAPPING
      || (float) (1 / ms_keep_probability (thread->rate, thread->interval_bytes, block->size))
             == block->weight)
    return;
  thread->rate = life->rate;
  thread->interval_bytes = life->interval_bytes;
  trk_event_put_sampling (ms_stream_writer_prepare (thread->stream, ticks, 0),
                          (guint64) (life->rate * 0x1p32), life->interval_bytes);
}

static void
write_alloc (MsTrimEvents *self, guint32 slot, gint64 ns, gboolean is_realloc)
{
  const MsTrimBlock *block = &g_array_index (self->blocks, MsTrimBlock, slot);
  MsTrimThread *thread = &self->threads[block->thread];
  MsStreamWriter *stream = stream_at (self, block->thread, ns);
  guint64 ticks = to_ticks (self, ns), address = ms_block_slots_address (slot);
  guint32 stack = ms_trim_tables_use_stack (&self->tables, block->stack);

  if (!thread->realloc.is_waiting)
    write_unmatched (self, block->thread, ns);
  write_sampling (self, block->thread, ticks, block);
  ms_stream_writer_set_domain (stream, block->domain);
  thread->last_alloc = (guint64) block->number + 1;
  if (is_realloc && thread->realloc.is_waiting && thread->realloc.domain == block->domain)
    {
      thread->realloc.is_waiting = FALSE;
      ms_stream_writer_realloc (stream, to_ticks (self, thread->realloc.ns), ticks,
                                thread->realloc.address, address, block->size, stack);
      return;
    }
  give_up_realloc (self, block->thread);
  ms_stream_writer_set_domain (stream, block->domain);
  if (is_realloc)
    trk_event_put_sampled_call (ms_stream_writer_prepare (stream, ticks, 64), TRK_CALL_REALLOC);
  ms_stream_writer_alloc (stream, ticks, address, block->size, stack);
}

static int
compare_births (gconstpointer a, gconstpointer b, gpointer data)
{
  const MsTrimBlock *blocks = data;
  guint32 x = blocks[*(const guint32 *) a].number, y = blocks[*(const guint32 *) b].number;

  return x < y ? -1 : x > y;
}

/* What was live when the stretch began, in order of birth. */
static void
begin_stretch (MsTrimEvents *self)
{
  g_autoptr (GArray) live = g_array_new (FALSE, FALSE, sizeof (guint32));
  MsTrimBlock *blocks = (MsTrimBlock *) (gpointer) self->blocks->data;

  self->begun = TRUE;
  ms_block_slots_list (&self->slots, live);
  g_array_sort_with_data (live, compare_births, blocks);
  for (guint i = 0; i < live->len; i++)
    {
      guint32 slot = g_array_index (live, guint32, i);

      self->facts.n_prior_blocks++;
      self->facts.n_prior_bytes += blocks[slot].size;
      write_alloc (self, slot, self->facts.from_ns - 1, FALSE);
    }
  self->last_ns = MAX (self->last_ns, self->facts.from_ns - 1);
}

static void
take_alloc (MsTrimEvents *self, const MsMatched *event, gint64 ns)
{
  const MsTrimSite *site = &g_array_index (self->sites, MsTrimSite, event->site);
  gboolean ignored;
  guint32 slot;

  if (!self->threads[event->thread].is_chosen)
    return;
  slot = ms_block_slots_put (&self->slots, event->number, event->size, &ignored);
  if (slot >= self->blocks->len)
    g_array_set_size (self->blocks, slot + 1);
  g_array_index (self->blocks, MsTrimBlock, slot) =
      (MsTrimBlock) { event->thread, event->number, event->size,
                      site->stack,   event->weight, event->domain };
  if (self->begun)
    write_alloc (self, slot, order_time (self, event->thread, ns),
                 (event->flags & MS_MATCHED_REALLOC) != 0);
}

/* A free of a chosen block, in the stretch. */
static void
write_free (MsTrimEvents *self, const MsMatched *event, guint32 slot, gint64 ns)
{
  MsTrimThread *thread = &self->threads[event->thread];
  MsStreamWriter *stream = stream_at (self, event->thread, ns);
  guint64 ticks = to_ticks (self, ns), address = ms_block_slots_address (slot);
  gboolean is_temporary = (event->flags & MS_MATCHED_TEMPORARY) != 0;

  ms_stream_writer_set_domain (stream, event->domain);
  if (!thread->is_chosen)
    {
      write_foreign_free (stream, event->domain, ticks, address);
      return;
    }
  if (is_temporary && is_sampled (thread))
    trk_event_put_sampled_call (ms_stream_writer_prepare (stream, ticks, 64), TRK_CALL_TEMPORARY);
  else if (!is_temporary && thread->last_alloc == (guint64) event->number + 1)
    write_nothing (thread, ticks);
  thread->last_alloc = 0;
  if ((event->flags & MS_MATCHED_REALLOC) != 0 && !is_sampled (thread))
    thread->realloc = (MsTrimRealloc) { ns, address, TRUE, event->domain };
  else
    ms_stream_writer_free_block (stream, ticks, address);
}

static void
take_free (MsTrimEvents *self, const MsMatched *event, gint64 ns)
{
  guint64 n_bytes;
  guint32 slot = ms_block_slots_take (&self->slots, event->number, &n_bytes);

  if (slot != MS_NO_SLOT && self->begun)
    write_free (self, event, slot, order_time (self, event->thread, ns));
}

/* The matcher says late that a free is of no block, when it has waited for one.  So it is written where it
 * cannot come between an allocation and its free. */
static void
take_unmatched (MsTrimEvents *self, const MsMatched *event)
{
  MsTrimThread *thread = &self->threads[event->thread];
  gboolean is_foreign = event->detail == MS_UNMATCHED_FOREIGN
                        || event->detail == MS_UNMATCHED_UNKEPT
                        || event->detail == MS_UNMATCHED_UNSURE;

  if (!self->begun || !thread->is_chosen)
    return;
  self->facts.has_prior_frees |= event->detail == MS_UNMATCHED_PRIOR;
  thread->n_unmatched[event->domain][is_foreign]++;
  thread->has_unmatched = TRUE;
}

/* --- mappings and sampling ------------------------------------------------------------------------- */

/* Where @event, of a mapping with bytes, was made.  The thread's own table of stacks may be gone by now. */
static guint32
local_stack (MsTrimEvents *self, const MsMatched *event, const TrkEvent *note)
{
  guint32 id = note->size > 0 ? g_array_index (self->sites, MsTrimSite, event->site).stack : 0;

  return ms_stream_writer_local_stack (self->threads[event->thread].stream,
                                       ms_trim_tables_use_stack (&self->tables, id));
}

static void
write_unmap (MsTrimEvents *self, guint32 index, gint64 ns, guint64 address, guint64 n_bytes)
{
  guint64 ticks = to_ticks (self, ns);

  if (n_bytes > 0)
    trk_event_put_unmap (ms_stream_writer_prepare (stream_at (self, index, ns), ticks, 0), ticks,
                         address, n_bytes);
}

/* The new part of a remap, which comes after the old one. */
static void
write_remap (MsTrimEvents *self, const MsMatched *event, const TrkEvent *note, gint64 ns)
{
  MsTrimThread *thread = &self->threads[event->thread];
  const TrkEvent *begin = &thread->remap;
  TrkMappingMade made = {
    .begin_ticks = to_ticks (self, thread->remap_ns),
    .end_ticks = to_ticks (self, ns),
    .flags = begin->u.mapping.flags,
    .address = begin->address,
    .n_bytes = begin->size,
  };
  TrkEventEncoder *encoder;

  if (!thread->has_remap)
    return;
  thread->has_remap = FALSE;
  encoder = ms_stream_writer_prepare (stream_at (self, event->thread, thread->remap_ns),
                                      made.begin_ticks, 0);
  trk_event_put_remap (encoder, &made, begin->old_address, begin->u.mapping.old_size,
                       local_stack (self, event, note));
}

/* One whose new part did not come before the stretch ended. */
static void
give_up_remap (MsTrimEvents *self, guint32 index)
{
  MsTrimThread *thread = &self->threads[index];

  if (thread->has_remap && !(thread->remap.u.mapping.flags & TRK_MAPPING_KEEPS_OLD))
    write_unmap (self, index, thread->remap_ns, thread->remap.old_address,
                 thread->remap.u.mapping.old_size);
  thread->has_remap = FALSE;
}

/* A call that replaces comes as the end of what was there and then what is there now. */
static void
take_map (MsTrimEvents *self, const MsMatched *event, const TrkEvent *note, gint64 ns)
{
  gboolean replaces = (note->u.mapping.flags & TRK_MAPPING_REPLACES) != 0;
  gint64 begin_ns = replaces ? self->threads[event->thread].replaces_ns : ns;
  TrkMappingMade made = {
    to_ticks (self, begin_ns), to_ticks (self, ns), note->u.mapping.kind,
    note->u.mapping.flags,     note->address,       note->size,
  };
  TrkEventEncoder *encoder;

  if (note->u.mapping.kind == MS_MAPPING_OF_REMAP)
    {
      write_remap (self, event, note, ns);
      return;
    }
  encoder =
      ms_stream_writer_prepare (stream_at (self, event->thread, begin_ns), made.begin_ticks, 0);
  trk_event_put_map (encoder, &made, local_stack (self, event, note));
}

/* What a thread that was not chosen did to the mappings of others. */
static void
take_foreign_mapping (MsTrimEvents *self, guint32 index, const TrkEvent *note, gint64 ns)
{
  guint flags = note->u.mapping.flags;

  if (note->kind == TRK_EVENT_UNMAP)
    write_unmap (self, index, ns, note->address, note->size);
  else if (note->kind == TRK_EVENT_REMAP && !(flags & TRK_MAPPING_KEEPS_OLD))
    write_unmap (self, index, ns, note->old_address, note->u.mapping.old_size);
  else if (note->kind == TRK_EVENT_MAP)
    write_unmap (self, index, ns, note->address, note->size);
}

static void
take_note (MsTrimEvents *self, const MsMatched *event, const TrkEvent *note, gint64 ns)
{
  MsTrimThread *thread = &self->threads[event->thread];

  if (note->kind == TRK_EVENT_SKIPPED)
    {
      if (!self->begun || !thread->is_chosen)
        return;
      TrkEventEncoder *encoder =
          ms_stream_writer_prepare (stream_at (self, event->thread, ns), to_ticks (self, ns), 0);

      trk_event_set_domain (encoder, note->domain);
      trk_mapping_put_time (encoder, to_ticks (self, ns));
      trk_event_put_skipped (encoder, note->u.skipped.allocations, note->u.skipped.bytes,
                             note->u.skipped.frees);
      thread->last_alloc = 0;
    }
  else if (!thread->is_chosen)
    take_foreign_mapping (self, event->thread, note, ns);
  else if (note->kind == TRK_EVENT_REMAP)
    {
      give_up_remap (self, event->thread);
      thread->remap = *note;
      thread->remap_ns = ns;
      thread->has_remap = TRUE;
    }
  else if (note->kind == TRK_EVENT_MAP)
    take_map (self, event, note, ns);
  else if (note->u.mapping.flags & TRK_MAPPING_REPLACES)
    thread->replaces_ns = ns;
  else
    write_unmap (self, event->thread, ns, note->address, note->size);
}

/* --- all -------------------------------------------------------------------------------------------- */

static void
take_site (MsTrimEvents *self, const MsMatched *event)
{
  if (event->site >= self->sites->len)
    g_array_set_size (self->sites, event->site + 1);
  g_array_index (self->sites, MsTrimSite, event->site) =
      (MsTrimSite) { event->thread, event->number };
}

void
ms_trim_events_take (MsTrimEvents *self, const MsMatched *event, const TrkEvent *note)
{
  gint64 ns = ms_clock_to_ns (self->clock, event->ticks);

  if (ns >= self->facts.to_ns)
    return;
  if (!self->begun && ns >= self->facts.from_ns)
    begin_stretch (self);
  if (event->kind != MS_MATCHED_ALLOC && event->kind != MS_MATCHED_SITE)
    give_up_realloc (self, event->thread);
  switch (event->kind)
    {
    case MS_MATCHED_SITE:
      take_site (self, event);
      break;
    case MS_MATCHED_ALLOC:
      take_alloc (self, event, ns);
      break;
    case MS_MATCHED_FREE:
      take_free (self, event, ns);
      break;
    case MS_MATCHED_UNMATCHED:
      take_unmatched (self, event);
      break;
    default:
      take_note (self, event, note, ns);
      break;
    }
}

/* Of the threads that were chosen, also those that did nothing in the stretch but lived in it. */
static gboolean
lived_in_stretch (const MsTrimEvents *self, const MsTrimThread *thread)
{
  gint64 end_ns = thread->is_chosen ? ms_thread_get_end_ns (thread->thread) : MS_TIME_NONE;

  return thread->is_chosen && ms_thread_get_start_ns (thread->thread) < self->facts.to_ns
         && (end_ns == MS_TIME_NONE || end_ns >= self->facts.from_ns);
}

void
ms_trim_events_end (MsTrimEvents *self)
{
  if (!self->begun)
    begin_stretch (self);
  for (guint i = 0; i < self->n_threads; i++)
    {
      MsTrimThread *thread = &self->threads[i];

      give_up_realloc (self, i);
      give_up_remap (self, i);
      write_unmatched (self, i, self->facts.to_ns - 1);
      if (thread->stream != NULL || lived_in_stretch (self, thread))
        stream_at (self, i, self->facts.to_ns);
      g_clear_pointer (&thread->stream, ms_stream_writer_free);
    }
  ms_trim_tables_end (&self->tables);
}
