/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "made-trace.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "trk-checksum.h"
#include "trk-event-encoder.h"
#include "trk-event-widths.h"
#include "trk-frequency-codec.h"
#include "trk-module-codec.h"
#include "trk-stack-codec.h"

#define SLACK_BYTES 8
#define EVENT_PAYLOAD_BYTES (TRK_EVENT_WINDOW_BYTES - TRK_BLOCK_HEADER_BYTES - SLACK_BYTES)
#define FREQUENCY_PAYLOAD_BYTES (1 << 18)
#define START_NS G_GUINT64_CONSTANT (5000000000000)
#define FIRST_TICKS G_GUINT64_CONSTANT (1000000)
#define TICK_SHIFT 1
#define PID 4242

typedef struct {
  guint64 allocations, bytes;
} StackCounts;

typedef struct {
  guint32 epoch, number; /* of the block in which it has that local number */
} LocalStack;

typedef struct {
  guint8 window[TRK_EVENT_WINDOW_BYTES];
  guint8 stack_window[TRK_STACK_WINDOW_BYTES];
  gboolean open;
  TrkEventEncoder encoder;
  TrkEventWidths widths;
  guint32 block_number, stack_block_number, n_stacks;
  guint8 *stack_cursor;
  guint64 previous_frames[MADE_MAX_DEPTH];
  guint previous_depth;
  LocalStack *locals;  /* by stack */
  StackCounts *counts; /* by stack */
  guint64 frees;
  GArray *checksums; /* of its event blocks */
} Writer;

/* Who used an address last, as which of its numbers. */
typedef struct {
  guint64 sequence;
  guint32 thread;
} LastUse;

struct _MadeTrace {
  char *folder;
  MadeShape shape;
  const MadeProgram *program;
  Writer *writers;
  guint32 *stack_ids; /* by stack; 0: not met yet */
  guint32 n_stack_ids;
  LastUse *last_uses; /* by slot */
  guint32 n_last_uses;
  guint8 trace_id[16];
  guint64 now_ns, n_event_bytes;
};

MadeTrace *
made_trace_new (const char *folder, const MadeShape *shape, const MadeProgram *program)
{
  MadeTrace *self = g_new0 (MadeTrace, 1);
  MadeRandom random = { shape->seed };

  self->folder = g_strdup (folder);
  self->shape = *shape;
  self->program = program;
  self->writers = g_new0 (Writer, shape->n_threads);
  self->stack_ids = g_new0 (guint32, shape->n_stacks);
  for (guint i = 0; i < 16; i++)
    self->trace_id[i] = (guint8) made_random_next (&random);
  for (guint i = 0; i < shape->n_threads; i++)
    {
      Writer *writer = &self->writers[i];

      writer->widths = trk_event_widths_default ();
      writer->locals = g_new0 (LocalStack, shape->n_stacks);
      writer->counts = g_new0 (StackCounts, shape->n_stacks);
      writer->checksums = g_array_new (FALSE, FALSE, sizeof (guint64));
    }
  return self;
}

void
made_trace_free (MadeTrace *self)
{
  for (guint i = 0; i < self->shape.n_threads; i++)
    {
      g_free (self->writers[i].locals);
      g_free (self->writers[i].counts);
      g_array_unref (self->writers[i].checksums);
    }
  g_free (self->writers);
  g_free (self->stack_ids);
  g_free (self->last_uses);
  g_free (self->folder);
  g_free (self);
}

/* --- files --------------------------------------------------------------------------------------- */

/* A counter of 2.5 GHz, halved: four nanoseconds are five ticks. */
static guint64
to_ticks (guint64 ns)
{
  return FIRST_TICKS + ns + ns / 4;
}

/* A moment that falls on a tick: blocks of a small trace are too short for the clock's rounding. */
static guint64
pair_ns (const MadeTrace *self)
{
  return self->now_ns & ~(guint64) 3;
}

static gint32
tid_of (guint32 thread)
{
  return PID + (gint32) thread;
}

static void
write_all (const char *path, int fd, const void *bytes, gsize n_bytes)
{
  const guint8 *p = bytes;

  while (n_bytes > 0)
    {
      gssize n = write (fd, p, n_bytes);

      if (n < 0)
        g_error ("Cannot write %s: %s", path, g_strerror (errno));
      p += n;
      n_bytes -= (gsize) n;
    }
}

/* Opened for each block, as the recorder does it: a thousand threads need no thousand descriptors. */
static void
append (MadeTrace *self, const char *name, TrkFileKind kind, const void *bytes, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = (guint16) kind };

  if (fd < 0)
    g_error ("Cannot open %s: %s", path, g_strerror (errno));
  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, self->trace_id, sizeof header.trace_id);
  if (lseek (fd, 0, SEEK_END) == 0)
    write_all (path, fd, &header, sizeof header);
  write_all (path, fd, bytes, n_bytes);
  close (fd);
}

static void
append_for_thread (MadeTrace *self,
                   guint32 thread,
                   TrkFileKind kind,
                   const void *bytes,
                   gsize n_bytes)
{
  g_autofree char *name = g_strdup_printf ("memscope_thread_%u-%d.%s", thread, tid_of (thread),
                                           kind == TRK_FILE_EVENTS ? "bin" : "freq");

  append (self, name, kind, bytes, n_bytes);
}

static TrkBlockHeader *
begin_block (MadeTrace *self, guint8 *window, TrkBlockType type, guint32 thread, guint32 number)
{
  TrkBlockHeader *block = (TrkBlockHeader *) window;

  *block = (TrkBlockHeader) { .magic = TRK_BLOCK_MAGIC,
                              .header_size = sizeof *block,
                              .type = (guint8) type,
                              .clock = TRK_CLOCK_TSC,
                              .tick_shift = TICK_SHIFT,
                              .thread_id = thread,
                              .tid = thread == TRK_THREAD_ID_PROCESS ? 0 : tid_of (thread),
                              .block_number = number,
                              .open_pair_ticks = to_ticks (pair_ns (self)),
                              .open_pair_ns = START_NS + pair_ns (self) };
  return block;
}

static gsize
seal_block (MadeTrace *self, guint8 *window, const guint8 *end, guint64 last_ticks, guint n_records)
{
  TrkBlockHeader *block = (TrkBlockHeader *) window;

  block->seal_pair_ticks = to_ticks (pair_ns (self));
  block->seal_pair_ns = START_NS + pair_ns (self);
  block->payload_bytes = (guint32) (end - window) - TRK_BLOCK_HEADER_BYTES;
  block->last_ticks = last_ticks;
  block->n_records = n_records;
  block->checksum = trk_block_checksum (block, block + 1, block->payload_bytes);
  return (gsize) (end - window);
}

/* --- call stacks --------------------------------------------------------------------------------- */

static void
flush_stacks (MadeTrace *self, guint32 thread)
{
  Writer *writer = &self->writers[thread];
  gsize n_bytes;

  if (writer->n_stacks == 0)
    return;
  n_bytes = seal_block (self, writer->stack_window, writer->stack_cursor, 0, writer->n_stacks);
  append (self, TRK_STACKS_FILE_NAME, TRK_FILE_STACKS, writer->stack_window, n_bytes);
  writer->stack_block_number++;
  writer->n_stacks = 0;
}

static guint32
meet_stack (MadeTrace *self, guint32 thread, guint32 stack)
{
  Writer *writer = &self->writers[thread];
  guint depth;
  const guint64 *frames =
      made_stacks_get_frames (made_program_get_stacks (self->program), stack, &depth);

  if (writer->n_stacks > 0
      && writer->stack_window + sizeof writer->stack_window - writer->stack_cursor
             < (gssize) TRK_STACK_RECORD_MAX_BYTES (depth))
    flush_stacks (self, thread);
  if (writer->n_stacks == 0)
    {
      begin_block (self, writer->stack_window, TRK_BLOCK_STACKS, thread,
                   writer->stack_block_number);
      writer->stack_cursor = writer->stack_window + TRK_BLOCK_HEADER_BYTES;
      writer->previous_depth = 0;
    }
  self->stack_ids[stack] = ++self->n_stack_ids;
  writer->stack_cursor =
      trk_stack_encode (writer->stack_cursor, writer->previous_frames, writer->previous_depth,
                        self->stack_ids[stack], 0, frames, depth, FALSE);
  memcpy (writer->previous_frames, frames, depth * sizeof *frames);
  writer->previous_depth = depth;
  writer->n_stacks++;
  return self->stack_ids[stack];
}

/* Its number in the block that is open. */
static guint32
local_stack (MadeTrace *self, guint32 thread, guint32 stack)
{
  Writer *writer = &self->writers[thread];
  LocalStack *local = &writer->locals[stack];
  guint32 id = self->stack_ids[stack];

  if (local->epoch == writer->block_number + 1)
    return local->number;
  if (id == 0)
    id = meet_stack (self, thread, stack);
  local->epoch = writer->block_number + 1;
  return local->number = trk_event_put_stack (&writer->encoder, id);
}

static void
put_modules (MadeTrace *self)
{
  guint8 window[TRK_BLOCK_HEADER_BYTES + 4 * TRK_MODULE_RECORD_MAX_BYTES], *cursor;
  guint n;
  const MadeModule *modules = made_stacks_get_modules (&n);

  begin_block (self, window, TRK_BLOCK_MODULES, TRK_THREAD_ID_PROCESS, 0);
  cursor = window + TRK_BLOCK_HEADER_BYTES;
  for (guint i = 0; i < n; i++)
    {
      guint8 build_id[20] = { (guint8) i, 0x11, 0x22 };
      TrkModuleRecord record = { .start = modules[i].start,
                                 .end = modules[i].end,
                                 .bias = modules[i].start,
                                 .build_id = build_id,
                                 .n_build_id = sizeof build_id,
                                 .path = modules[i].path,
                                 .n_path = (guint32) strlen (modules[i].path) };

      cursor = trk_module_encode (cursor, &record);
    }
  append (self, TRK_MODULES_FILE_NAME, TRK_FILE_MODULES, window,
          seal_block (self, window, cursor, 0, n));
}

/* --- events -------------------------------------------------------------------------------------- */

static void
flush_events (MadeTrace *self, guint32 thread, gboolean is_last)
{
  Writer *writer = &self->writers[thread];
  TrkBlockHeader *block = (TrkBlockHeader *) writer->window;
  guint32 n_payload = trk_event_encoder_get_bytes (&writer->encoder);
  gsize n_bytes;

  if (!writer->open)
    return;
  block->flags = is_last ? TRK_BLOCK_FLAG_LAST : 0;
  n_bytes = seal_block (self, writer->window, writer->window + TRK_BLOCK_HEADER_BYTES + n_payload,
                        writer->encoder.last_ticks, trk_event_encoder_get_count (&writer->encoder));
  append_for_thread (self, thread, TRK_FILE_EVENTS, writer->window, n_bytes);
  g_array_append_val (writer->checksums, block->checksum);
  writer->widths =
      trk_event_widths_choose (block, writer->window + TRK_BLOCK_HEADER_BYTES, n_payload);
  writer->block_number++;
  writer->open = FALSE;
  self->n_event_bytes += n_bytes;
}

/* The encoder of the thread's open block, with room for an event. */
static TrkEventEncoder *
prepare (MadeTrace *self, guint32 thread, guint64 ns)
{
  Writer *writer = &self->writers[thread];
  TrkBlockHeader *block;

  if (writer->open && trk_event_encoder_has_room (&writer->encoder))
    return &writer->encoder;
  flush_events (self, thread, FALSE);
  block = begin_block (self, writer->window, TRK_BLOCK_EVENTS, thread, writer->block_number);
  block->first_ticks = to_ticks (ns);
  block->first_sequence = writer->encoder.sequence;
  block->widths = writer->widths;
  trk_event_encoder_begin (&writer->encoder, (guint8 *) (block + 1), EVENT_PAYLOAD_BYTES,
                           block->first_ticks, writer->widths);
  writer->open = TRUE;
  return &writer->encoder;
}

static LastUse *
last_use_of (MadeTrace *self, guint32 slot)
{
  guint32 n = self->n_last_uses;

  if (G_UNLIKELY (slot >= n))
    {
      self->n_last_uses = MAX (1024, 2 * slot);
      self->last_uses = g_renew (LastUse, self->last_uses, self->n_last_uses);
      for (; n < self->n_last_uses; n++)
        self->last_uses[n].thread = G_MAXUINT32;
    }
  return &self->last_uses[slot];
}

/* How many addresses ago this one was the thread's, or 0. */
static guint32
distance_of (const LastUse *use, guint32 thread, guint64 sequence)
{
  if (use->thread != thread || sequence - use->sequence > TRK_MAX_DISTANCE)
    return 0;
  return (guint32) (sequence - use->sequence);
}

static void
add_alloc (MadeTrace *self, TrkEventEncoder *encoder, const MadeEvent *event)
{
  guint32 local = local_stack (self, event->thread, event->stack), distance;
  LastUse *use = last_use_of (self, event->slot);
  StackCounts *counts = &self->writers[event->thread].counts[event->stack];

  counts->allocations++;
  counts->bytes += event->size;
  if (event->kind == MADE_REALLOC)
    {
      *use = (LastUse) { encoder->sequence, event->thread };
      self->writers[event->thread].frees++;
      trk_event_put_realloc (encoder, to_ticks (event->ns), to_ticks (event->end_ns),
                             event->old_address, event->address, event->size, local);
      return;
    }
  distance = distance_of (use, event->thread, encoder->sequence);
  *use = (LastUse) { encoder->sequence, event->thread };
  if (distance > 0)
    trk_event_put_alloc_reuse (encoder, to_ticks (event->ns), event->size, local, distance);
  else
    trk_event_put_alloc (encoder, to_ticks (event->ns), event->address, event->size, local);
}

static void
add_free (MadeTrace *self, TrkEventEncoder *encoder, const MadeEvent *event)
{
  LastUse *use = last_use_of (self, event->slot);
  guint32 distance = distance_of (use, event->thread, encoder->sequence);

  self->writers[event->thread].frees++;
  if (distance > 0)
    {
      trk_event_put_free_distance (encoder, to_ticks (event->ns), distance);
      return;
    }
  *use = (LastUse) { encoder->sequence, event->thread };
  trk_event_put_free (encoder, to_ticks (event->ns), event->address);
}

void
made_trace_add (MadeTrace *self, const MadeEvent *event)
{
  TrkEventEncoder *encoder = prepare (self, event->thread, event->ns);
  guint64 ticks = to_ticks (event->ns);

  self->now_ns = event->kind == MADE_REALLOC ? event->end_ns : event->ns;
  switch (event->kind)
    {
    case MADE_ALLOC:
    case MADE_REALLOC:
      add_alloc (self, encoder, event);
      break;
    case MADE_FREE:
      add_free (self, encoder, event);
      break;
    case MADE_START:
      trk_event_put_thread_start (encoder, ticks, 0, event->thread > 0,
                                  0x555555555000 + event->thread);
      break;
    case MADE_NAME:
      trk_event_put_thread_name (encoder, ticks, event->name, strlen (event->name));
      break;
    case MADE_EXIT:
      trk_event_put_thread_exit (encoder, ticks, event->ns / self->shape.n_threads,
                                 &(TrkExitFigures) { 0 });
      flush_events (self, event->thread, TRUE);
      flush_stacks (self, event->thread);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* --- the end ------------------------------------------------------------------------------------- */

typedef struct {
  MadeTrace *trace;
  guint32 thread, block_number, n_records;
  guint64 digest;
  guint8 *window, *cursor;
} FrequencyBlock;

static void
begin_frequency_block (FrequencyBlock *self)
{
  begin_block (self->trace, self->window, TRK_BLOCK_FREQUENCY, self->thread, self->block_number++);
  self->cursor =
      trk_frequency_encode_header (self->window + TRK_BLOCK_HEADER_BYTES,
                                   self->trace->writers[self->thread].checksums->len, self->digest);
  self->n_records = 0;
}

static void
end_frequency_block (FrequencyBlock *self)
{
  append_for_thread (self->trace, self->thread, TRK_FILE_FREQUENCY, self->window,
                     seal_block (self->trace, self->window, self->cursor, 0, self->n_records));
}

static void
put_frequency_record (FrequencyBlock *self, const TrkFrequencyRecord *record)
{
  const guint8 *end = self->window + TRK_BLOCK_HEADER_BYTES + FREQUENCY_PAYLOAD_BYTES;

  if (self->cursor + TRK_FREQUENCY_RECORD_MAX_BYTES > end)
    {
      TrkFrequencyRecord again = { .kind = TRK_FREQUENCY_DOMAIN };

      end_frequency_block (self);
      begin_frequency_block (self);
      self->cursor = trk_frequency_encode (self->cursor, &again);
      self->n_records++;
    }
  self->cursor = trk_frequency_encode (self->cursor, record);
  self->n_records++;
}

static void
put_frequencies (MadeTrace *self, guint32 thread)
{
  const Writer *writer = &self->writers[thread];
  const MadeTruth *truth = made_program_get_truth (self->program);
  g_autofree guint8 *window = g_malloc (TRK_BLOCK_HEADER_BYTES + FREQUENCY_PAYLOAD_BYTES);
  FrequencyBlock block = { .trace = self,
                           .thread = thread,
                           .window = window,
                           .digest = trk_checksum (writer->checksums->data,
                                                   writer->checksums->len * sizeof (guint64)) };
  TrkFrequencyRecord domain = { .kind = TRK_FREQUENCY_DOMAIN,
                                .allocations = truth->threads[thread].allocations,
                                .frees = writer->frees,
                                .bytes = truth->threads[thread].allocated_bytes };

  memcpy (domain.size_bins, truth->size_bins + (gsize) thread * MADE_SIZE_BINS,
          sizeof domain.size_bins);
  begin_frequency_block (&block);
  put_frequency_record (&block, &domain);
  for (guint s = 0; s < self->shape.n_stacks; s++)
    {
      TrkFrequencyRecord stack = { .kind = TRK_FREQUENCY_STACK,
                                   .stack = self->stack_ids[s],
                                   .allocations = writer->counts[s].allocations,
                                   .bytes = writer->counts[s].bytes };

      if (stack.allocations > 0)
        put_frequency_record (&block, &stack);
    }
  end_frequency_block (&block);
}

static void
put_manifest (MadeTrace *self, gboolean frequency)
{
  const MadeTotals *totals = &made_program_get_truth (self->program)->process;
  g_autofree char *path = g_build_filename (self->folder, TRK_MANIFEST_FILE_NAME, NULL);
  g_autoptr (GString) text =
      g_string_new ("{\"format\":\"memscope-trace\",\"version\":1,\"trace_id\":\"");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 16; i++)
    g_string_append_printf (text, "%02x", self->trace_id[i]);
  g_string_append_printf (
      text,
      "\",\"pid\":%d,\"parent_pid\":1,\"process_number\":0,\"process_start_ticks\":1,"
      "\"boot_id\":\"none\",\"pid_namespace\":1,\"executable\":\"/usr/bin/made-up\","
      "\"arguments\":[\"made-up\",\"--seed\",\"%" G_GUINT64_FORMAT
      "\"],\"working_directory\":\"/\","
      "\"start_wall_us\":1700000000000000,\"start_ns\":%" G_GUINT64_FORMAT
      ",\"clock\":{\"kind\":\"tsc\",\"tick_shift\":%d,\"ticks\":%" G_GUINT64_FORMAT
      ",\"ns\":%" G_GUINT64_FORMAT "},",
      PID, self->shape.seed, START_NS, TICK_SHIFT, to_ticks (0), START_NS);
  g_string_append_printf (
      text,
      "\"configuration\":{\"threads\":\"all\",\"allocation_sampling_rate\":1,"
      "\"sample_interval_bytes\":0,\"stack_depth\":32,\"frequency\":%s,\"free_stacks\":false,"
      "\"mappings\":false,\"api\":\"preload\"},"
      "\"machine\":{\"host_name\":\"made-up\",\"kernel\":\"6.1.0\",\"cpus\":2,\"page_bytes\":4096},"
      "\"forked\":false,\"state\":\"exited\",\"exit_status\":0,\"closed\":true,"
      "\"end_ns\":%" G_GUINT64_FORMAT ",",
      frequency ? "true" : "false", START_NS + self->now_ns);
  g_string_append_printf (text,
                          "\"totals\":{\"domain\":\"heap\",\"peak_bytes\":%" G_GUINT64_FORMAT
                          ",\"allocations\":%" G_GUINT64_FORMAT
                          ",\"deallocations\":%" G_GUINT64_FORMAT
                          ",\"leaked_bytes\":%" G_GUINT64_FORMAT ",\"n_threads\":%u}}\n",
                          totals->peak_bytes, totals->allocations, totals->deallocations,
                          totals->live_bytes, self->shape.n_threads);
  if (!g_file_set_contents (path, text->str, (gssize) text->len, &error))
    g_error ("%s", error->message);
}

guint64
made_trace_finish (MadeTrace *self, gboolean frequency)
{
  for (guint32 i = 0; i < self->shape.n_threads; i++)
    {
      flush_events (self, i, FALSE);
      flush_stacks (self, i);
      if (frequency && self->writers[i].checksums->len > 0)
        put_frequencies (self, i);
    }
  put_modules (self);
  put_manifest (self, frequency);
  return self->n_event_bytes;
}
