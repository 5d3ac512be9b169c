/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trace-builder-private.h"

#include <string.h>

#include "trk-checksum.h"
#include "trk-event-widths.h"
#include "trk-module-codec.h"
#include "trk-stack-codec.h"

#define SLACK_BYTES 8

static void
thread_free (gpointer data)
{
  BuilderThread *thread = data;

  g_hash_table_unref (thread->sequences);
  g_free (thread);
}

TraceBuilder *
trace_builder_new (const char *folder)
{
  TraceBuilder *self = g_new0 (TraceBuilder, 1);

  self->folder = g_strdup (folder);
  self->threads = g_ptr_array_new_with_free_func (thread_free);
  self->files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_byte_array_unref);
  self->lost = g_array_new (FALSE, FALSE, sizeof (LostBlock));
  self->modules = g_byte_array_new ();
  for (guint i = 0; i < 16; i++)
    self->trace_id[i] = (guint8) (0xa0 + i);
  self->block_bytes = TRK_EVENT_WINDOW_BYTES - TRK_BLOCK_HEADER_BYTES - SLACK_BYTES;
  self->next_stack_id = 1;
  return self;
}

void
trace_builder_free (TraceBuilder *self)
{
  g_free (self->folder);
  g_free (self->configuration);
  g_ptr_array_unref (self->threads);
  g_hash_table_unref (self->files);
  g_array_unref (self->lost);
  g_byte_array_unref (self->modules);
  g_free (self);
}

void
trace_builder_set_block_bytes (TraceBuilder *self, guint payload_bytes)
{
  g_assert_cmpuint (payload_bytes, >, TRK_EVENT_MAX_BYTES);
  self->block_bytes = MIN (payload_bytes, self->block_bytes);
}

void
trace_builder_set_pooled (TraceBuilder *self, gboolean pooled)
{
  self->pooled = pooled;
}

void
trace_builder_set_tsc (TraceBuilder *self, double ticks_per_ns)
{
  self->ticks_per_ns = ticks_per_ns;
}

void
trace_builder_set_configuration (TraceBuilder *self, const char *json)
{
  g_free (self->configuration);
  self->configuration = g_strdup (json);
}

void
trace_builder_set_ring (TraceBuilder *self, guint64 ring_bytes)
{
  g_free (self->configuration);
  self->configuration = g_strdup_printf ("\"ring_bytes\":%" G_GUINT64_FORMAT, ring_bytes);
  self->n_forgotten_threads = 1;
}

void
trace_builder_set_forked (TraceBuilder *self, gboolean forked)
{
  self->forked = forked;
}

void
trace_builder_set_began_late (TraceBuilder *self, gboolean began_late)
{
  self->began_late = began_late;
}

void
trace_builder_set_random_widths (TraceBuilder *self, GRand *random)
{
  self->random_widths = random;
}

void
trace_builder_lose_block (TraceBuilder *self, guint thread, guint number)
{
  LostBlock lost = { thread, number };

  g_array_append_val (self->lost, lost);
}

/* --- time ---------------------------------------------------------------------------------------- */

/* The trace's clock at @ns since its start. */
guint64
trace_builder_to_clock (const TraceBuilder *self, guint64 ns)
{
  if (self->ticks_per_ns == 0)
    return (guint64) TRACE_BUILDER_START_NS + ns;
  return 1000000 + (guint64) ((double) ns * self->ticks_per_ns);
}

static void
read_pair (TraceBuilder *self, guint64 *ticks, guint64 *ns)
{
  *ticks = trace_builder_to_clock (self, self->last_ticks);
  *ns = (guint64) TRACE_BUILDER_START_NS + self->last_ticks;
}

/* --- files --------------------------------------------------------------------------------------- */

TrkFileHeader
trace_builder_make_header (const TraceBuilder *self, TrkFileKind kind)
{
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = (uint16_t) kind };

  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, self->trace_id, sizeof header.trace_id);
  return header;
}

GByteArray *
trace_builder_get_file (TraceBuilder *self, const char *name, TrkFileKind kind)
{
  GByteArray *file = g_hash_table_lookup (self->files, name);
  TrkFileHeader header;

  if (file == NULL)
    {
      file = g_byte_array_new ();
      header = trace_builder_make_header (self, kind);
      g_byte_array_append (file, (const guint8 *) &header, sizeof header);
      g_hash_table_insert (self->files, g_strdup (name), file);
    }
  return file;
}

GByteArray *
trace_builder_get_event_file (TraceBuilder *self, guint thread)
{
  g_autofree char *name =
      self->pooled ? g_strdup (TRK_POOLED_EVENTS_FILE_NAME)
                   : g_strdup_printf ("memscope_thread_%u-%u.bin", thread, 1000 + thread);

  return trace_builder_get_file (self, name, TRK_FILE_EVENTS);
}

void
trace_builder_begin_block (TraceBuilder *self,
                           guint8 *window,
                           TrkBlockType type,
                           guint32 thread,
                           guint32 number)
{
  TrkBlockHeader *block = (TrkBlockHeader *) window;

  memset (block, 0, sizeof *block);
  block->magic = TRK_BLOCK_MAGIC;
  block->header_size = sizeof *block;
  block->type = (uint8_t) type;
  block->clock = self->ticks_per_ns ? TRK_CLOCK_TSC : TRK_CLOCK_MONOTONIC;
  block->thread_id = thread;
  block->tid = thread == TRK_THREAD_ID_PROCESS ? 0 : (int32_t) (1000 + thread);
  block->block_number = number;
  read_pair (self, &block->open_pair_ticks, &block->open_pair_ns);
}

void
trace_builder_seal_block (TraceBuilder *self,
                          guint8 *window,
                          guint32 n_bytes,
                          guint64 last_ticks,
                          guint32 n_records)
{
  TrkBlockHeader *block = (TrkBlockHeader *) window;

  read_pair (self, &block->seal_pair_ticks, &block->seal_pair_ns);
  block->last_ticks = last_ticks;
  block->payload_bytes = n_bytes;
  block->n_records = n_records;
  block->checksum = 0;
  block->checksum = trk_block_checksum (block, block + 1, n_bytes);
}

void
trace_builder_append_block (GByteArray *file, const guint8 *window)
{
  const TrkBlockHeader *block = (const TrkBlockHeader *) window;

  g_byte_array_append (file, window, (guint) sizeof *block + block->payload_bytes);
}

/* --- threads ------------------------------------------------------------------------------------- */

BuilderThread *
trace_builder_get_thread (TraceBuilder *self, guint thread)
{
  while (self->threads->len <= thread)
    {
      BuilderThread *fresh = g_new0 (BuilderThread, 1);

      fresh->widths = trk_event_widths_default ();
      fresh->sequences = g_hash_table_new (g_direct_hash, g_direct_equal);
      g_ptr_array_add (self->threads, fresh);
    }
  return g_ptr_array_index (self->threads, thread);
}

static guint8
random_width (GRand *random, gint32 most)
{
  return (guint8) g_rand_int_range (random, 0, most + 1);
}

static TrkEventWidths
next_widths (TraceBuilder *self, BuilderThread *t, guint32 n_bytes)
{
  GRand *r = self->random_widths;

  if (r == NULL)
    return trk_event_widths_choose ((TrkBlockHeader *) t->window,
                                    t->window + TRK_BLOCK_HEADER_BYTES, n_bytes);
  return (TrkEventWidths) {
    .alloc_time = random_width (r, 12),
    .alloc_size = random_width (r, 12),
    .alloc_stack = random_width (r, 8),
    .alloc_distance = random_width (r, 17),
    .alloc_delta = random_width (r, 20),
    .free_time = random_width (r, 19),
    .free_distance = random_width (r, 31),
    .free_near = random_width (r, 12),
    .free_far = random_width (r, 31),
    .region_bits = random_width (r, TRK_MAX_REGION_BITS),
  };
}

static gboolean
is_lost (TraceBuilder *self, guint thread, guint number)
{
  for (guint i = 0; i < self->lost->len; i++)
    {
      const LostBlock *lost = &g_array_index (self->lost, LostBlock, i);

      if (lost->thread == thread && lost->number == number)
        return TRUE;
    }
  return FALSE;
}

gboolean
trace_builder_is_losing (TraceBuilder *self, guint thread)
{
  return is_lost (self, thread, trace_builder_get_thread (self, thread)->block_number);
}

guint32
trace_builder_open_payload_bytes (const BuilderThread *t)
{
  return trk_event_encoder_get_bytes (&t->encoder);
}

void
trace_builder_seal_events (TraceBuilder *self, BuilderThread *t)
{
  trace_builder_seal_block (self, t->window, trace_builder_open_payload_bytes (t),
                            t->encoder.last_ticks, trk_event_encoder_get_count (&t->encoder));
}

void
trace_builder_flush_events (TraceBuilder *self, guint thread)
{
  BuilderThread *t = trace_builder_get_thread (self, thread);

  if (!t->open)
    return;
  trace_builder_seal_events (self, t);
  if (!is_lost (self, thread, t->block_number))
    trace_builder_append_block (trace_builder_get_event_file (self, thread), t->window);
  t->widths = next_widths (self, t, trace_builder_open_payload_bytes (t));
  t->block_number++;
  t->open = FALSE;
}

/* The encoder for an event at @ns, with room for it. */
TrkEventEncoder *
trace_builder_prepare (TraceBuilder *self, guint thread, guint64 ns)
{
  BuilderThread *t = trace_builder_get_thread (self, thread);
  TrkBlockHeader *block = (TrkBlockHeader *) t->window;

  self->last_ticks = MAX (self->last_ticks, ns);
  if (t->open && !trk_event_encoder_has_room (&t->encoder))
    trace_builder_flush_events (self, thread);
  if (!t->open)
    {
      trace_builder_begin_block (self, t->window, TRK_BLOCK_EVENTS, thread, t->block_number);
      block->first_ticks = trace_builder_to_clock (self, ns);
      block->first_sequence = t->encoder.sequence;
      block->widths = t->widths;
      trk_event_encoder_begin (&t->encoder, t->window + TRK_BLOCK_HEADER_BYTES, self->block_bytes,
                               trace_builder_to_clock (self, ns), t->widths);
      t->open = t->used = TRUE;
    }
  return &t->encoder;
}

/* --- stacks and modules -------------------------------------------------------------------------- */

void
trace_builder_flush_stacks (TraceBuilder *self, guint thread)
{
  BuilderThread *t = trace_builder_get_thread (self, thread);

  if (t->n_stacks == 0)
    return;
  trace_builder_seal_block (self, t->stack_window,
                            (guint32) (t->stack_cursor - t->stack_window - TRK_BLOCK_HEADER_BYTES),
                            0, t->n_stacks);
  trace_builder_append_block (trace_builder_get_file (self, TRK_STACKS_FILE_NAME, TRK_FILE_STACKS),
                              t->stack_window);
  t->stack_block_number++;
  t->n_stacks = 0;
}

void
trace_builder_put_stack (TraceBuilder *self,
                         guint thread,
                         guint32 id,
                         guint32 generation,
                         const guint64 *frames,
                         guint depth,
                         gboolean truncated)
{
  BuilderThread *t = trace_builder_get_thread (self, thread);

  if (t->n_stacks
      && t->stack_window + sizeof t->stack_window - t->stack_cursor
             < (gssize) TRK_STACK_RECORD_MAX_BYTES (depth))
    trace_builder_flush_stacks (self, thread);
  if (t->n_stacks == 0)
    {
      trace_builder_begin_block (self, t->stack_window, TRK_BLOCK_STACKS, thread,
                                 t->stack_block_number);
      t->stack_cursor = t->stack_window + TRK_BLOCK_HEADER_BYTES;
      t->previous_depth = 0;
    }
  t->stack_cursor = trk_stack_encode (t->stack_cursor, t->previous_frames, t->previous_depth, id,
                                      generation, frames, depth, truncated);
  memcpy (t->previous_frames, frames, depth * sizeof *frames);
  t->previous_depth = depth;
  t->n_stacks++;
}

guint32
trace_builder_add_stack (TraceBuilder *self, guint thread, const guint64 *frames, guint depth)
{
  trace_builder_put_stack (self, thread, self->next_stack_id, 0, frames, depth, FALSE);
  return self->next_stack_id++;
}

void
trace_builder_add_module (TraceBuilder *self,
                          guint32 generation,
                          guint64 start,
                          guint64 end,
                          guint64 bias,
                          const char *path,
                          const guint8 *build_id,
                          guint n_build_id)
{
  guint8 bytes[TRK_MODULE_RECORD_MAX_BYTES];
  TrkModuleRecord record = { .generation = generation,
                             .start = start,
                             .end = end,
                             .bias = bias,
                             .build_id = build_id,
                             .n_build_id = n_build_id,
                             .path = path,
                             .n_path = (uint32_t) strlen (path) };

  g_byte_array_append (self->modules, bytes, (guint) (trk_module_encode (bytes, &record) - bytes));
  self->n_modules++;
}

/* The local number of stack @id in the open block, which may be defined here. */
guint32
trace_builder_local_stack (TraceBuilder *self, guint thread, guint32 id)
{
  BuilderThread *t = trace_builder_get_thread (self, thread);

  for (guint32 i = t->encoder.n_local_stacks; i > 0; i--)
    if (t->local_ids[i - 1] == id)
      return i - 1;
  t->local_ids[t->encoder.n_local_stacks] = id;
  return trk_event_put_stack (&t->encoder, id);
}

/* --- events -------------------------------------------------------------------------------------- */

void
trace_builder_set_domain (TraceBuilder *self, guint thread, TrkDomain domain)
{
  trace_builder_get_thread (self, thread)->domain = domain;
}

/* How many allocations ago @address was this thread's, or 0. */
static guint32
find_distance (BuilderThread *t, guint64 address)
{
  gpointer number;

  if (!g_hash_table_lookup_extended (t->sequences, GSIZE_TO_POINTER (address), NULL, &number)
      || t->encoder.sequence - GPOINTER_TO_SIZE (number) > TRK_MAX_DISTANCE)
    return 0;
  return (guint32) (t->encoder.sequence - GPOINTER_TO_SIZE (number));
}

static void
remember (BuilderThread *t, guint64 address, guint64 sequence)
{
  g_hash_table_insert (t->sequences, GSIZE_TO_POINTER (address), GSIZE_TO_POINTER (sequence));
}

void
trace_builder_alloc (TraceBuilder *self,
                     guint thread,
                     guint64 ticks,
                     guint64 address,
                     guint64 size,
                     guint32 stack)
{
  TrkEventEncoder *encoder = trace_builder_prepare (self, thread, ticks);
  BuilderThread *t = trace_builder_get_thread (self, thread);
  guint32 distance = find_distance (t, address),
          local = trace_builder_local_stack (self, thread, stack);

  trk_event_set_domain (encoder, t->domain);
  remember (t, address, encoder->sequence);
  if (distance != 0)
    trk_event_put_alloc_reuse (encoder, trace_builder_to_clock (self, ticks), size, local,
                               distance);
  else
    trk_event_put_alloc (encoder, trace_builder_to_clock (self, ticks), address, size, local);
}

void
trace_builder_free_block (TraceBuilder *self, guint thread, guint64 ticks, guint64 address)
{
  TrkEventEncoder *encoder = trace_builder_prepare (self, thread, ticks);
  BuilderThread *t = trace_builder_get_thread (self, thread);
  guint32 distance = find_distance (t, address);

  trk_event_set_domain (encoder, t->domain);
  if (distance != 0)
    trk_event_put_free_distance (encoder, trace_builder_to_clock (self, ticks), distance);
  else
    {
      remember (t, address, encoder->sequence);
      trk_event_put_free (encoder, trace_builder_to_clock (self, ticks), address);
    }
}

void
trace_builder_foreign_free (TraceBuilder *self, guint thread, guint64 ticks, guint64 address)
{
  TrkEventEncoder *encoder = trace_builder_prepare (self, thread, ticks);

  trk_event_set_domain (encoder, trace_builder_get_thread (self, thread)->domain);
  trk_event_put_foreign_free (encoder, trace_builder_to_clock (self, ticks), address);
}

void
trace_builder_realloc (TraceBuilder *self,
                       guint thread,
                       guint64 begin_ticks,
                       guint64 end_ticks,
                       guint64 old_address,
                       guint64 new_address,
                       guint64 size,
                       guint32 stack)
{
  TrkEventEncoder *encoder = trace_builder_prepare (self, thread, begin_ticks);
  BuilderThread *t = trace_builder_get_thread (self, thread);
  guint32 local = trace_builder_local_stack (self, thread, stack);

  self->last_ticks = MAX (self->last_ticks, end_ticks);
  trk_event_set_domain (encoder, t->domain);
  remember (t, new_address, encoder->sequence);
  trk_event_put_realloc (encoder, trace_builder_to_clock (self, begin_ticks),
                         trace_builder_to_clock (self, end_ticks), old_address, new_address, size,
                         local);
}

void
trace_builder_start (TraceBuilder *self, guint thread, guint64 ticks, gint parent)
{
  trk_event_put_thread_start (trace_builder_prepare (self, thread, ticks),
                              trace_builder_to_clock (self, ticks), (uint32_t) MAX (parent, 0),
                              parent >= 0, 0x401000 + thread);
}

void
trace_builder_name (TraceBuilder *self,
                    guint thread,
                    guint64 ticks,
                    const char *name,
                    gssize n_bytes)
{
  trk_event_put_thread_name (trace_builder_prepare (self, thread, ticks),
                             trace_builder_to_clock (self, ticks), name,
                             n_bytes < 0 ? strlen (name) : (gsize) n_bytes);
}

void
trace_builder_exit (TraceBuilder *self, guint thread, guint64 ticks, guint64 cpu_ns)
{
  TrkExitFigures nothing = { 0 };

  trace_builder_exit_with (self, thread, ticks, cpu_ns, &nothing);
}

void
trace_builder_exit_with (TraceBuilder *self,
                         guint thread,
                         guint64 ticks,
                         guint64 cpu_ns,
                         const TrkExitFigures *figures)
{
  trk_event_put_thread_exit (trace_builder_prepare (self, thread, ticks),
                             trace_builder_to_clock (self, ticks), cpu_ns, figures);
}

void
trace_builder_tracking (TraceBuilder *self, guint thread, guint64 ticks, gboolean on)
{
  trk_event_put_tracking (trace_builder_prepare (self, thread, ticks),
                          trace_builder_to_clock (self, ticks), on);
}

void
trace_builder_sampled_call (TraceBuilder *self, guint thread, TrkSampledCall call)
{
  trk_event_put_sampled_call (trace_builder_prepare (self, thread, self->last_ticks), call);
}

void
trace_builder_sampling (TraceBuilder *self, guint thread, double rate, guint64 interval_bytes)
{
  trk_event_put_sampling (trace_builder_prepare (self, thread, self->last_ticks),
                          (uint64_t) (rate * 0x1p32), interval_bytes);
}

void
trace_builder_skipped (TraceBuilder *self,
                       guint thread,
                       guint64 allocations,
                       guint64 bytes,
                       guint64 frees)
{
  trk_event_put_skipped (trace_builder_prepare (self, thread, self->last_ticks), allocations, bytes,
                         frees);
}

void
trace_builder_dropped (TraceBuilder *self, guint thread, guint64 n_events)
{
  trk_event_put_dropped (trace_builder_prepare (self, thread, self->last_ticks), n_events,
                         TRK_DROP_NO_SPACE);
}
