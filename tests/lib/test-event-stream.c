/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events of a thread in order, whoever looks how far ahead meanwhile; and what that holds in memory. */
#include <fcntl.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-event-stream.h"
#include "trace-builder-private.h"

#define N_EVENTS 60000
#define NAME_EVERY 50
#define AHEAD 2000

static void
build (const char *folder)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  guint32 stack = trace_builder_add_stack (b, 0, (guint64[]) { 0x1000 }, 1);

  for (guint i = 0; i < N_EVENTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      if (i % NAME_EVERY == 0)
        trace_builder_name (b, 0, 1000 + i, name, -1);
      else
        trace_builder_alloc (b, 0, 1000 + i, 0x5000 + 16 * i, 8, stack);
    }
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

static void
check_event (const MsEventStream *stream, const MsStreamEvent *event, guint i)
{
  g_autofree char *name = g_strdup_printf ("%u", i);

  g_assert_nonnull (event);
  g_assert_cmpuint (event->ticks, ==, (guint64) TRACE_BUILDER_START_NS + 1000 + i);
  if (i % NAME_EVERY == 0)
    {
      g_assert_cmpint (event->kind, ==, MS_EVENT_NOTE);
      g_assert_cmpstr (ms_event_stream_get_note (stream, event)->name, ==, name);
      return;
    }
  g_assert_cmpint (event->kind, ==, MS_EVENT_ALLOC);
  g_assert_cmphex (event->address, ==, 0x5000 + 16 * i);
}

static guint
count_taken (const MsEventStream *stream)
{
  guint n = 0;

  for (const MsEventBatch *batch = stream->current; batch != NULL; batch = batch->next)
    n += batch->n;
  return n;
}

/* @look_every: how often somebody looks @ahead. */
static void
walk (guint look_every, guint ahead)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  g_autoptr (MsBlockIndex) index = NULL;
  MsEventStream stream;
  guint first, end;
  int dir_fd;

  build (folder);
  dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  index = ms_block_index_new (dir_fd, diagnostics);
  g_assert_true (ms_block_index_scan (index, NULL, NULL));
  end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  ms_event_stream_init (&stream, index, 0, first, end, NULL);
  for (guint i = 0; i < N_EVENTS; i++)
    {
      if (i % look_every == 0 && i + ahead < N_EVENTS)
        check_event (&stream, ms_event_stream_peek (&stream, ahead), i + ahead);
      check_event (&stream, ms_event_stream_peek (&stream, 0), i);
      ms_event_stream_advance (&stream);
      g_assert_cmpuint (count_taken (&stream), <=, 8 * AHEAD);
    }
  g_assert_null (ms_event_stream_peek (&stream, 0));
  ms_event_stream_close (&stream);
  close (dir_fd);
  test_folder_remove (folder);
}

static void
test_in_order (void)
{
  walk (N_EVENTS, 1);
}

/* Something is always left in the queue, which must not grow for that. */
static void
test_looking_ahead (void)
{
  walk (1, AHEAD);
  walk (AHEAD / 2 + 1, AHEAD);
}

/* A window as it was read at three moments: after an event, when the next one's stack was there but not the
 * event, and at last. */
static MsBlockIndex *
index_of_step (const char *folder, int dir_fd, guint step, guint32 *stack, GPtrArray *diagnostics)
{
  g_autoptr (TraceBuilder) b = trace_builder_new (folder);
  MsBlockIndex *index = ms_block_index_new (dir_fd, diagnostics);

  trace_builder_alloc (b, 0, 1000, 0x5000, 8,
                       trace_builder_add_stack (b, 0, (guint64[]) { 0x1000 }, 1));
  *stack = trace_builder_add_stack (b, 0, (guint64[]) { 0x2000 }, 1);
  if (step >= 1)
    {
      trace_builder_prepare (b, 0, 2000);
      trace_builder_local_stack (b, 0, *stack);
    }
  if (step >= 2)
    trace_builder_alloc (b, 0, 2000, 0x6000, 8, *stack);
  trace_builder_finish (b, TRACE_BUILDER_KILLED);
  g_assert_true (ms_block_index_scan (index, NULL, NULL));
  return index;
}

static void
test_stack_before_its_event (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  MsBlockIndex *steps[3];
  const MsStreamEvent *event;
  guint32 stack;
  MsEventStream stream;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      guint first, end;

      steps[i] = index_of_step (folder, dir_fd, i, &stack, diagnostics);
      end = ms_block_index_find_type (steps[i], TRK_BLOCK_EVENTS, &first);
      if (i == 0)
        ms_event_stream_init (&stream, steps[i], 0, first, end, NULL);
      else
        ms_event_stream_renew (&stream, steps[i], first, end);
      event = ms_event_stream_peek (&stream, 0);
      if (i == 1)
        {
          g_assert_null (event);
          continue;
        }
      g_assert_nonnull (event);
      g_assert_cmphex (event->address, ==, i == 0 ? 0x5000 : 0x6000);
      g_assert_cmpuint (event->stack, <, stream.stack_ids->len);
      ms_event_stream_advance (&stream);
      g_assert_null (ms_event_stream_peek (&stream, 0));
    }
  g_assert_cmpuint (ms_event_stream_get_stack_id (&stream, 1), ==, stack);
  ms_event_stream_close (&stream);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    ms_block_index_free (steps[i]);
  close (dir_fd);
  test_folder_remove (folder);
}

/* What is read of a stream that has nothing left must not come to another one's batch. */
static void
test_empty_batch_is_empty (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  MsEventBatch *batch = ms_event_batch_new (2);
  guint32 stack;
  g_autoptr (MsBlockIndex) index = index_of_step (folder, dir_fd, 1, &stack, diagnostics);
  guint first, end = ms_block_index_find_type (index, TRK_BLOCK_EVENTS, &first);
  MsEventReader reader = { .index = index,
                           .first_block = first,
                           .next_block = first,
                           .end_block = end };

  g_assert_true (ms_event_reader_read (&reader, batch));
  ms_event_batch_reset (batch);
  g_assert_false (ms_event_reader_read (&reader, batch));
  g_assert_null (batch->stack_ids);
  ms_event_reader_close (&reader);
  ms_event_batch_free (batch);
  close (dir_fd);
  test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-stream/in-order", test_in_order);
  g_test_add_func ("/event-stream/looking-ahead", test_looking_ahead);
  g_test_add_func ("/event-stream/stack-before-its-event", test_stack_before_its_event);
  g_test_add_func ("/event-stream/empty-batch-is-empty", test_empty_batch_is_empty);
  return g_test_run ();
}
