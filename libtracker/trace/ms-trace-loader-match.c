/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From streams to sums: matcher, accounting and what goes between them, once or again and again. */
#include "ms-trace-loader.h"

#include "ms-folder-digest.h"
#include "ms-forgotten.h"
#include "ms-history-writer.h"
#include "ms-process-state.h"
#include "ms-summary.h"

/* Stored bins of a series; fewer where so many threads would need them all. */
#define BINS 4096
#define BINS_OF_MANY_THREADS 512
#define MANY_THREADS 512

/* An event is some 3.5 bytes in the folder and 13 in a history. */
#define HISTORY_BYTES_A_BYTE 4

void
ms_trace_loader_clear_matching (MsTraceLoader *self)
{
  if (!self->has_matcher)
    return;
  ms_pipeline_stop (self->pipeline);
  ms_matcher_clear (&self->matcher);
  ms_pipeline_free (self->pipeline);
  ms_accounting_clear (&self->accounting);
  self->has_matcher = FALSE;
}

static void
matcher_progress (guint64 n_bytes, gpointer user_data)
{
  MsTraceLoader *self = user_data;
  double whole = (double) MAX (self->index->n_file_bytes, 1);

  ms_trace_loader_report_progress (self, 0.1 + 0.9 * MIN ((double) n_bytes / whole, 1));
}

/* One that is in the cache, or a writer for it. */
static void
prepare_history (MsTraceLoader *self, guint n_threads)
{
  MsTrace *trace = self->trace;
  gboolean has_digest =
      !ms_state_may_go_on (trace->state) && !(self->flags & MS_LOAD_WITHOUT_CACHE)
      && !ms_summary_is_switched_off ()
      && ms_folder_digest_compute (&self->digest, self->dir_fd, self->cancellable, NULL);

  if (has_digest)
    self->history = ms_history_open_cached (&self->digest, NULL);
  if (self->history == NULL)
    self->accounting.history =
        ms_history_writer_new (has_digest ? &self->digest : NULL,
                               self->index->n_file_bytes * HISTORY_BYTES_A_BYTE,
                               n_threads > G_MAXUINT16);
}

void
ms_trace_loader_check_history (MsTraceLoader *self)
{
  MsFolderDigest digest;

  if (self->accounting.history != NULL
      && (!ms_folder_digest_compute (&digest, self->dir_fd, NULL, NULL)
          || !ms_folder_digest_equal (&digest, &self->digest)))
    ms_history_writer_forget_name (self->accounting.history);
}

static MsMatcherOptions
get_options (const MsTraceLoader *self)
{
  const MsManifest *manifest = &self->trace->manifest;

  return (MsMatcherOptions) {
    .forked = manifest->forked,
    .some_untracked = !manifest->all_threads && !manifest->no_threads,
    .was_off = manifest->no_threads,
    .began_late = manifest->began_late,
    .is_ring = self->trace->is_cut_ring,
    .sampling_rate = manifest->sampling_rate,
    .sample_interval_bytes = manifest->sample_interval_bytes,
    .last_ticks = ms_trace_loader_get_last_ticks (self),
    .is_followed = self->is_followed,
  };
}

static guint
count_threads (const MsTraceLoader *self)
{
  guint first, end = ms_block_index_find_type (self->index, TRK_BLOCK_EVENTS, &first);
  const MsBlock *blocks = (const MsBlock *) (gpointer) self->index->blocks->data;
  guint n_threads = 0;

  /* Not those with a first block, which may be lost: a history's columns must have room for all. */
  for (guint i = first; i < end; i++)
    n_threads += i == first || blocks[i].header.thread_id != blocks[i - 1].header.thread_id;
  return n_threads;
}

static void
begin_matching (MsTraceLoader *self, const MsMatcherOptions *options)
{
  MsTrace *trace = self->trace;
  guint n_threads = count_threads (self);

  ms_accounting_init (&self->accounting, &self->clock,
                      self->is_followed ? &self->stacks : &trace->stack_table, n_threads,
                      n_threads > MANY_THREADS ? BINS_OF_MANY_THREADS : BINS, trace->duration_ns);
  self->accounting.is_followed = self->is_followed;
  self->accounting.is_ring = options->is_ring;
  if (self->flags & MS_LOAD_HISTORY)
    prepare_history (self, n_threads);
  self->pipeline =
      ms_pipeline_new (&self->accounting, n_threads,
                       self->flags & MS_LOAD_ON_ONE_THREAD ? 0 : ms_pipeline_default_workers ());
  ms_matcher_init (&self->matcher, self->index, &self->clock,
                   self->is_followed ? self->said : trace->diagnostics, options,
                   ms_pipeline_get_source (self->pipeline), ms_pipeline_get_sink (self->pipeline));
  self->has_matcher = TRUE;
}

void
ms_trace_loader_begin_anew (MsTraceLoader *self)
{
  ms_trace_loader_clear_matching (self);
  g_ptr_array_set_size (self->said, 0);
}

gboolean
ms_trace_loader_match (MsTraceLoader *self, GError **error)
{
  MsMatcherOptions options = get_options (self);
  gboolean done;

  if (!self->has_matcher)
    {
      begin_matching (self, &options);
    }
  else if (ms_matcher_renew (&self->matcher, self->index, &options))
    {
      ms_accounting_renew (&self->accounting, self->matcher.n_threads, self->trace->duration_ns);
    }
  else
    {
      ms_trace_loader_begin_anew (self);
      begin_matching (self, &options);
    }
  done = ms_matcher_run (&self->matcher, self->cancellable, matcher_progress, self, error);
  ms_pipeline_rest (self->pipeline);
  ms_matcher_report (&self->matcher);
  if (self->is_followed && !options.is_ring && done)
    ms_forget_threads (&self->matcher, &self->accounting);
  return done;
}
