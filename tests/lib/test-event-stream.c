/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events of a thread in order, whoever looks how far ahead meanwhile; and what that holds in memory. */
#include <fcntl.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-event-stream.h"
#include "trace-builder.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-stream/in-order", test_in_order);
  g_test_add_func ("/event-stream/looking-ahead", test_looking_ahead);
  return g_test_run ();
}
