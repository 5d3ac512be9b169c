/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ways in which a process can leave its folder. */
#include "trace-builder-private.h"

#include <string.h>

static void
put_lane (TraceBuilder *self, GByteArray *pool, guint thread, TraceBuilderEnd end)
{
  BuilderThread *t = trace_builder_get_thread (self, thread);
  guint8 *bytes;
  TrkLane *lane;
  GByteArray *file = trace_builder_get_event_file (self, thread);

  g_byte_array_set_size (pool, pool->len + TRK_LANE_BYTES);
  bytes = pool->data + pool->len - TRK_LANE_BYTES;
  memset (bytes, 0, TRK_LANE_BYTES);
  lane = (TrkLane *) bytes;
  lane->state = 1;
  lane->thread_id = thread;
  lane->tid = (int32_t) (1000 + thread);
  if (t->n_stacks)
    {
      lane->stacks.committed = (guint32) (t->stack_cursor - t->stack_window);
      memcpy (bytes + TRK_LANE_HEADER_BYTES, t->stack_window, lane->stacks.committed);
    }
  if (!t->open)
    return;
  lane->events[0].committed = t->encoder.n_bits + TRK_BLOCK_HEADER_BYTES * 8;
  if (end == TRACE_BUILDER_SEALED || end == TRACE_BUILDER_TWICE || end == TRACE_BUILDER_CUT)
    trace_builder_seal_events (self, t);
  memcpy (bytes + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES, t->window, sizeof t->window);
  if (end == TRACE_BUILDER_TWICE)
    trace_builder_append_block (file, t->window);
  else if (end == TRACE_BUILDER_CUT)
    g_byte_array_append (file, t->window, trk_committed_bytes (lane->events[0].committed) / 2);
}

static void
put_pool (TraceBuilder *self, TraceBuilderEnd end)
{
  GByteArray *pool = g_byte_array_new ();
  TrkPoolHeader header = {
    .file = trace_builder_make_header (self, TRK_FILE_POOL),
    .pool_header_bytes = TRK_POOL_HEADER_BYTES,
    .lane_bytes = TRK_LANE_BYTES,
    .lane_header_bytes = TRK_LANE_HEADER_BYTES,
    .stack_window_bytes = TRK_STACK_WINDOW_BYTES,
    .event_window_bytes = TRK_EVENT_WINDOW_BYTES,
    .n_event_windows = TRK_EVENT_WINDOWS,
    .n_lanes = self->threads->len,
    .n_threads = self->threads->len,
    .state = end == TRACE_BUILDER_EXITED ? TRK_PROCESS_EXITED : TRK_PROCESS_RUNNING,
    .exit_status = end == TRACE_BUILDER_EXITED ? 3 : 0,
    .pid = 999999,
    .flags = self->forked ? TRK_POOL_FLAG_FORKED : 0,
  };

  g_byte_array_set_size (pool, TRK_POOL_HEADER_BYTES);
  memset (pool->data, 0, TRK_POOL_HEADER_BYTES);
  memcpy (pool->data, &header, sizeof header);
  g_hash_table_insert (self->files, g_strdup (TRK_POOL_FILE_NAME), pool);
  for (guint i = 0; i < self->threads->len; i++)
    put_lane (self, pool, i, end);
}

static void
put_modules (TraceBuilder *self)
{
  g_autofree guint8 *block = NULL;

  if (self->n_modules == 0)
    return;
  block = g_malloc0 (sizeof (TrkBlockHeader) + self->modules->len);
  trace_builder_begin_block (self, block, TRK_BLOCK_MODULES, TRK_THREAD_ID_PROCESS, 0);
  memcpy (block + sizeof (TrkBlockHeader), self->modules->data, self->modules->len);
  trace_builder_seal_block (self, block, self->modules->len, 0, self->n_modules);
  trace_builder_append_block (trace_builder_get_file (self, TRK_MODULES_FILE_NAME,
                                                      TRK_FILE_MODULES),
                              block);
}

static void
put_manifest (TraceBuilder *self, TraceBuilderEnd end)
{
  g_autofree char *path = g_build_filename (self->folder, TRK_MANIFEST_FILE_NAME, NULL);
  g_autoptr (GString) text =
      g_string_new ("{\"format\":\"memscope-trace\",\"version\":1,\"trace_id\":\"");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 16; i++)
    g_string_append_printf (text, "%02x", self->trace_id[i]);
  g_string_append_printf (
      text,
      "\",\"pid\":999999,\"parent_pid\":1,\"process_start_ticks\":1,\"boot_id\":\"none\","
      "\"pid_namespace\":1,\"executable\":\"/usr/bin/victim\",\"arguments\":[\"victim\",\"-x\"],"
      "\"start_wall_us\":1700000000000000,\"start_ns\":%" G_GINT64_FORMAT ","
      "\"clock\":{\"kind\":\"%s\",\"tick_shift\":0,\"ticks\":%" G_GUINT64_FORMAT
      ",\"ns\":%" G_GINT64_FORMAT
      "},\"configuration\":{%s},\"forked\":%s,\"began_late\":%s,\"state\":\"%s\"",
      TRACE_BUILDER_START_NS, self->ticks_per_ns ? "tsc" : "monotonic",
      trace_builder_to_clock (self, 0), TRACE_BUILDER_START_NS,
      self->configuration ? self->configuration : "\"threads\":\"all\"",
      self->forked ? "true" : "false", self->began_late ? "true" : "false",
      end == TRACE_BUILDER_CLOSED ? "exited" : "running");
  if (end == TRACE_BUILDER_CLOSED)
    g_string_append_printf (text, ",\"exit_status\":0,\"closed\":true,\"end_ns\":%" G_GINT64_FORMAT,
                            TRACE_BUILDER_START_NS + (gint64) self->last_ticks);
  if (self->n_forgotten_threads > 0)
    g_string_append_printf (text, ",\"ended_threads\":{\"threads\":%u}", self->n_forgotten_threads);
  g_string_append_c (text, '}');
  g_file_set_contents_full (path, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_NONE, 0644,
                            &error);
  g_assert_no_error (error);
}

void
trace_builder_finish (TraceBuilder *self, TraceBuilderEnd end)
{
  GHashTableIter iter;
  gpointer name, bytes;

  if (end != TRACE_BUILDER_CLOSED)
    put_pool (self, end);
  for (guint i = 0; i < self->threads->len && end == TRACE_BUILDER_CLOSED; i++)
    {
      trace_builder_flush_stacks (self, i);
      trace_builder_flush_events (self, i);
    }
  put_modules (self);
  put_manifest (self, end);
  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_autoptr (GError) error = NULL;

      g_file_set_contents_full (path, (const char *) ((GByteArray *) bytes)->data,
                                ((GByteArray *) bytes)->len, G_FILE_SET_CONTENTS_NONE, 0644,
                                &error);
      g_assert_no_error (error);
    }
}
