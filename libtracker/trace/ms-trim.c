/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ms-block-clock.h"
#include "ms-diagnostic.h"
#include "ms-import.h"
#include "ms-manifest.h"
#include "ms-trim-events.h"

typedef struct {
  MsTrimEvents events;
  int dir_fd;
  MsBlockIndex *index;
  MsClock clock;
  gboolean has_clock, has_matcher, has_events;
  MsMatcher matcher;
  MsMatchedSink sink;
  MsMatchedBatch *batch;
  GPtrArray *diagnostics;
  MsProgressFunc progress;
  gpointer user_data;
} Trimmer;

static void
trimmer_clear (Trimmer *self)
{
  if (self->has_events)
    ms_trim_events_clear (&self->events);
  if (self->has_matcher)
    ms_matcher_clear (&self->matcher);
  if (self->has_clock)
    ms_clock_clear (&self->clock);
  g_clear_pointer (&self->index, ms_block_index_free);
  g_clear_pointer (&self->events.writer, ms_trace_writer_free);
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  if (self->batch != NULL)
    g_clear_pointer (&self->batch->notes, g_array_unref);
  g_free (self->batch);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trimmer, trimmer_clear)

/* --- the old trace --------------------------------------------------------------------------------- */

static gboolean
open_folder (Trimmer *self, MsTrace *trace, GCancellable *cancellable, GError **error)
{
  const char *path = ms_trace_get_folder (trace);
  int code;

  if (ms_import_is_file (path))
    {
      self->dir_fd = ms_import_open (path, cancellable, NULL, NULL, error);
      return self->dir_fd >= 0;
    }
  self->dir_fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  code = errno;
  if (self->dir_fd < 0)
    g_set_error (error, MS_ERROR, MS_ERROR_UNREADABLE, "%s: %s", path, g_strerror (code));
  return self->dir_fd >= 0;
}

static gboolean
read_index (Trimmer *self, MsTrace *trace, GCancellable *cancellable, GError **error)
{
  guint first;

  self->diagnostics = ms_diagnostics_new ();
  self->index = ms_block_index_new (self->dir_fd, self->diagnostics);
  if (trace->manifest.has_trace_id)
    ms_block_index_set_trace_id (self->index, trace->manifest.trace_id);
  if (!ms_block_index_scan (self->index, cancellable, error))
    return FALSE;
  if (ms_block_index_find_type (self->index, TRK_BLOCK_EVENTS, &first) > first)
    return TRUE;
  g_set_error (error, MS_ERROR, MS_ERROR_EMPTY, "%s: it has no events to keep",
               ms_trace_get_folder (trace));
  return FALSE;
}

/* --- matching -------------------------------------------------------------------------------------- */

/* One event at a time: where it is taken, the matcher has not gone far beyond it, and what it knows of the
 * thread is still what it knew then. */
static MsMatchedBatch *
take_batch (gpointer data, MsMatchedBatch *batch, gboolean more)
{
  Trimmer *self = data;

  if (batch != NULL && batch->n == MS_MATCHED_PER_BATCH)
    {
      const MsMatched *event = &batch->events[MS_MATCHED_PER_BATCH - 1];
      TrkEvent *notes = batch->notes != NULL ? (TrkEvent *) (gpointer) batch->notes->data : NULL;

      ms_trim_events_take (&self->events, event,
                           event->kind == MS_MATCHED_NOTE ? &notes[event->number] : NULL);
      if (batch->notes != NULL)
        g_array_set_size (batch->notes, 0);
    }
  self->batch->n = MS_MATCHED_PER_BATCH - 1;
  return self->batch;
}

static void
report_progress (guint64 n_bytes, gpointer user_data)
{
  Trimmer *self = user_data;

  if (self->progress != NULL)
    self->progress (MIN (1, (double) n_bytes / (double) MAX (self->index->n_file_bytes, 1)),
                    self->user_data);
}

static gboolean
run (Trimmer *self, MsTrace *trace, GCancellable *cancellable, GError **error)
{
  const MsManifest *manifest = &trace->manifest;
  MsMatcherOptions options = {
    .forked = manifest->forked,
    .some_untracked = !manifest->all_threads && !manifest->no_threads,
    .was_off = manifest->no_threads,
    .began_late = manifest->began_late,
    .sampling_rate = manifest->sampling_rate,
    .sample_interval_bytes = manifest->sample_interval_bytes,
    .last_ticks = G_MAXUINT64,
  };

  self->batch = g_new0 (MsMatchedBatch, 1);
  self->sink = (MsMatchedSink) { take_batch, self };
  ms_matcher_init (&self->matcher, self->index, &self->clock, self->index->diagnostics, &options,
                   NULL, &self->sink);
  self->has_matcher = TRUE;
  self->events.trace = trace;
  self->events.matcher = &self->matcher;
  self->events.clock = &self->clock;
  self->events.facts.start_ns = self->clock.start_ns;
  ms_trim_events_init (&self->events);
  self->has_events = TRUE;
  if (!ms_matcher_run (&self->matcher, cancellable, report_progress, self, error))
    return FALSE;
  ms_trim_events_end (&self->events);
  return ms_trace_writer_check (self->events.writer, error);
}

static gboolean
set_facts (MsTrimFacts *facts, MsTrace *trace, const MsTrimOptions *options, GError **error)
{
  gint64 duration_ns = ms_trace_get_duration_ns (trace), from_ns = MS_TIME_NONE,
         to_ns = MS_TIME_NONE;

  if (options->filter != NULL)
    {
      ms_filter_get_range (options->filter, &from_ns, &to_ns);
      facts->threads = ms_filter_get_threads (options->filter, &facts->n_threads);
    }
  facts->redact = options->redact;
  facts->from_ns = from_ns == MS_TIME_NONE ? 0 : MAX (from_ns, 0);
  /* An event at the very end is in it. */
  facts->to_ns = to_ns == MS_TIME_NONE ? duration_ns + 1 : MIN (to_ns, duration_ns + 1);
  facts->ends_early =
      (ms_trace_ends_early (trace) && !ms_trace_was_replaced (trace)) || facts->to_ns < duration_ns;
  if (ms_trace_get_state (trace) == MS_STATE_RUNNING)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s still runs: trim it when it has ended",
                 ms_trace_get_program (trace));
  else if (facts->from_ns >= facts->to_ns)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         "the range has nothing of the recording in it");
  else
    return TRUE;
  return FALSE;
}

gboolean
ms_trace_trim (MsTrace *trace,
               const MsTrimOptions *options,
               const char *out,
               MsTrimResult *result,
               GCancellable *cancellable,
               MsProgressFunc progress,
               gpointer user_data,
               GError **error)
{
  g_auto (Trimmer) self = { .dir_fd = -1, .progress = progress, .user_data = user_data };
  MsTrimFacts *facts = &self.events.facts;
  g_autofree char *manifest = NULL;

  g_return_val_if_fail (MS_IS_TRACE (trace), FALSE);
  if (!set_facts (facts, trace, options, error))
    return FALSE;
  if (!options->replace && g_file_test (out, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s: there is something already", out);
      return FALSE;
    }
  if (!open_folder (&self, trace, cancellable, error)
      || !read_index (&self, trace, cancellable, error))
    return FALSE;
  ms_block_clock_init (&self.clock, self.index, &trace->manifest, trace->state);
  self.has_clock = TRUE;
  self.events.resolver = options->names;
  self.events.writer = ms_trace_writer_new (out, 0, error);
  if (self.events.writer == NULL || !run (&self, trace, cancellable, error))
    return FALSE;
  if (!options->redact)
    ms_trim_copy_resources (self.dir_fd, self.events.writer, facts);
  ms_trim_copy_marks (trace, self.events.writer, facts);
  manifest = ms_trim_make_manifest (trace, self.dir_fd, self.events.writer, facts);
  if (!ms_trace_writer_finish (self.events.writer, manifest, options->replace, error))
    return FALSE;
  if (result != NULL)
    *result = (MsTrimResult) { facts->n_prior_blocks, facts->n_prior_bytes,
                               ms_trace_writer_get_n_bytes (self.events.writer) };
  return TRUE;
}
