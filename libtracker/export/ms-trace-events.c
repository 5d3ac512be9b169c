/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-events.h"

#include "ms-json-figures.h"
#include "ms-json-writer.h"

#define FIRST_MADE_UP_TID 10000000

typedef struct {
  MsJsonWriter *writer;
  MsExportView *view;
  GHashTable *tids; /* those that are taken */
  guint64 high[MS_TRACE_EVENTS_BINS], allocated[MS_TRACE_EVENTS_BINS];
} Writer;

static void
begin_event (Writer *self, const char *phase, const char *name)
{
  ms_json_writer_begin_object (self->writer);
  ms_json_writer_add_string (self->writer, "ph", phase);
  ms_json_writer_add_string (self->writer, "name", name);
  ms_json_writer_add_int (self->writer, "pid", ms_trace_get_pid (self->view->trace));
}

static void
add_microseconds (Writer *self, const char *key, gint64 ns)
{
  ms_json_writer_add_double (self->writer, key, (double) ns / 1000);
}

static void
write_name (Writer *self, const char *what, gint64 tid, const char *name)
{
  begin_event (self, "M", what);
  if (tid >= 0)
    ms_json_writer_add_int (self->writer, "tid", tid);
  ms_json_writer_key (self->writer, "args");
  ms_json_writer_begin_object (self->writer);
  ms_json_writer_add_string (self->writer, "name", name);
  ms_json_writer_end_object (self->writer);
  ms_json_writer_end_object (self->writer);
}

static gint64
viewer_tid (Writer *self, const MsExportThread *entry)
{
  gint tid = ms_thread_get_tid (entry->thread);

  if (tid > 0 && g_hash_table_add (self->tids, GINT_TO_POINTER (tid)))
    return tid;
  return (gint64) FIRST_MADE_UP_TID + entry->id;
}

static void
write_life (Writer *self, const MsExportThread *entry, gint64 tid)
{
  const MsTotals *totals = entry->totals;
  gint64 start_ns = ms_thread_get_start_ns (entry->thread);

  begin_event (self, "X", ms_thread_get_name (entry->thread));
  ms_json_writer_add_int (self->writer, "tid", tid);
  ms_json_writer_add_string (self->writer, "cat", "thread");
  /* Of a part, what it sees of the thread's life. */
  add_microseconds (self, "ts", MAX (start_ns, ms_view_get_start_ns (self->view->view)));
  add_microseconds (self, "dur", entry->life_ns);
  ms_json_writer_key (self->writer, "args");
  ms_json_writer_begin_object (self->writer);
  ms_json_writer_add_uint (self->writer, "thread_id", entry->id);
  ms_json_writer_add_boolean (self->writer, "tracked", ms_thread_is_tracked (entry->thread));
  if (ms_thread_is_tracked (entry->thread))
    {
      ms_json_writer_add_uint (self->writer, "allocations", totals->allocations);
      ms_json_writer_add_uint (self->writer, "allocated_bytes", totals->allocated_bytes);
      ms_json_writer_add_uint (self->writer, "deallocations", totals->deallocations);
      ms_json_writer_add_uint (self->writer, "temporary_allocations",
                               totals->temporary_allocations);
      ms_json_writer_add_uint (self->writer, "live_bytes", totals->live_bytes);
    }
  if (entry->cpu_ns >= 0)
    ms_json_writer_add_int (self->writer, "cpu_time_ns", entry->cpu_ns);
  ms_json_writer_end_object (self->writer);
  ms_json_writer_end_object (self->writer);
}

static void
write_count (Writer *self, const char *name, gint64 time_ns, double value)
{
  begin_event (self, "C", name);
  add_microseconds (self, "ts", time_ns);
  ms_json_writer_key (self->writer, "args");
  ms_json_writer_begin_object (self->writer);
  ms_json_writer_add_double (self->writer, "value", value);
  ms_json_writer_end_object (self->writer);
  ms_json_writer_end_object (self->writer);
}

/* A viewer draws a counter as steps: what does not change need not be said again. */
static void
write_track (Writer *self, const char *name, const guint64 *values, double factor)
{
  gint64 start_ns = ms_view_get_start_ns (self->view->view);
  gint64 end_ns = ms_view_get_end_ns (self->view->view);
  double step_ns = (double) (end_ns - start_ns) / MS_TRACE_EVENTS_BINS;

  for (guint i = 0; i < MS_TRACE_EVENTS_BINS; i++)
    if (i == 0 || values[i] != values[i - 1])
      write_count (self, name, start_ns + (gint64) (i * step_ns), (double) values[i] * factor);
  write_count (self, name, end_ns, (double) values[MS_TRACE_EVENTS_BINS - 1] * factor);
}

/* @thread NULL: the process. */
static void
write_counters (Writer *self, MsThread *thread, const char *of)
{
  MsView *view = self->view->view;
  double step_ns =
      (double) (ms_view_get_end_ns (view) - ms_view_get_start_ns (view)) / MS_TRACE_EVENTS_BINS;
  g_autofree char *live = g_strdup_printf ("live bytes%s", of);
  g_autofree char *rate = g_strdup_printf ("allocated bytes/s%s", of);

  if (step_ns <= 0)
    return;
  ms_view_get_live_series (view, thread, self->view->domain, MS_TRACE_EVENTS_BINS, self->high,
                           NULL);
  write_track (self, live, self->high, 1);
  ms_view_get_allocated_series (view, thread, self->view->domain, MS_TRACE_EVENTS_BINS,
                                self->allocated);
  write_track (self, rate, self->allocated, 1e9 / step_ns);
}

static void
write_threads (Writer *self, GCancellable *cancellable)
{
  for (guint i = 0; i < self->view->threads->len; i++)
    {
      const MsExportThread *entry = &g_array_index (self->view->threads, MsExportThread, i);
      gint64 tid = viewer_tid (self, entry);
      g_autofree char *of = NULL;

      if (g_cancellable_is_cancelled (cancellable))
        return;
      write_name (self, "thread_name", tid, ms_thread_get_name (entry->thread));
      write_life (self, entry, tid);
      if (i >= MS_TRACE_EVENTS_THREADS || !ms_thread_is_tracked (entry->thread))
        continue;
      of = g_strdup_printf (", %s (%u)", ms_thread_get_name (entry->thread), entry->id);
      write_counters (self, entry->thread, of);
    }
}

/* Across all threads of the process. */
static void
write_marks (Writer *self)
{
  guint n_marks;
  const MsMark *marks = ms_trace_get_marks (self->view->trace, &n_marks);

  for (guint i = 0; i < n_marks; i++)
    {
      const char *kind = ms_mark_kind_to_string (marks[i].kind);

      if (!ms_mark_is_in_view (&marks[i], self->view->view))
        continue;
      begin_event (self, "i", *marks[i].name != '\0' ? marks[i].name : kind);
      ms_json_writer_add_string (self->writer, "cat", kind);
      ms_json_writer_add_string (self->writer, "s", "p");
      add_microseconds (self, "ts", marks[i].time_ns);
      ms_json_writer_end_object (self->writer);
    }
}

gboolean
ms_trace_events_write (GOutputStream *stream,
                       MsExportView *view,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree Writer *self = g_new0 (Writer, 1);

  self->writer = ms_json_writer_new (stream, MS_JSON_COMPACT);
  self->view = view;
  self->tids = g_hash_table_new (NULL, NULL);
  ms_json_writer_begin_object (self->writer);
  ms_json_writer_add_string (self->writer, "displayTimeUnit", "ms");
  ms_json_writer_key (self->writer, "traceEvents");
  ms_json_writer_begin_array (self->writer);
  write_name (self, "process_name", -1, view->program);
  write_counters (self, NULL, "");
  write_marks (self);
  write_threads (self, cancellable);
  ms_json_writer_end_array (self->writer);
  ms_json_writer_end_object (self->writer);
  g_hash_table_unref (self->tids);
  return ms_json_writer_close (self->writer, cancellable, error);
}
