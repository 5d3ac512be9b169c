/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ms_trace_load(): manifest → blocks → state → clock → stacks and modules → matching → figures.
 */
#include "ms-trace-loader.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "ms-block-clock.h"
#include "ms-completeness.h"
#include "ms-diagnostic.h"
#include "ms-file-names.h"
#include "ms-folder-reader.h"
#include "ms-frequency.h"
#include "ms-history-writer.h"
#include "ms-import.h"
#include "ms-losses.h"
#include "ms-marks.h"
#include "ms-pipeline.h"
#include "ms-process-state.h"
#include "ms-ring.h"
#include "ms-sampled-threads.h"
#include "ms-summary.h"

/* Of what was allocated, more than which the kept blocks of a sampled trace may not miss unsaid. */
#define MAX_SHARE_MISSED 0.25

void
ms_trace_loader_clear (MsTraceLoader *self)
{
  ms_trace_loader_clear_matching (self);
  if (self->has_clock)
    ms_clock_clear (&self->clock);
  g_clear_pointer (&self->history, ms_history_unref);
  g_clear_pointer (&self->index, ms_block_index_free);
  g_clear_pointer (&self->said, g_ptr_array_unref);
  g_clear_pointer (&self->resources, ms_resource_file_free);
  if (self->is_followed)
    ms_stack_table_clear (&self->stacks);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
}

void
ms_trace_loader_report_progress (MsTraceLoader *self, double fraction)
{
  if (self->progress)
    self->progress (self->fraction_done + (1 - self->fraction_done) * fraction, self->user_data);
}

/* --- folder ------------------------------------------------------------------------------------- */

/* Converting a file of another program takes about as long as reading the folder that comes of it. */
static void
import_progress (double fraction, gpointer user_data)
{
  MsTraceLoader *self = user_data;

  self->fraction_done = 0;
  ms_trace_loader_report_progress (self, fraction / 2);
  self->fraction_done = 0.5;
}

gboolean
ms_trace_loader_open (MsTraceLoader *self, const char *folder, GError **error)
{
  int code;

  if (ms_import_is_file (folder))
    {
      self->dir_fd = ms_import_open (folder, self->cancellable, import_progress, self, error);
      return self->dir_fd >= 0;
    }
  self->dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->dir_fd >= 0)
    return TRUE;
  code = errno;
  g_set_error (error, MS_ERROR,
               code == ENOENT || code == ENOTDIR ? MS_ERROR_NOT_A_TRACE : MS_ERROR_UNREADABLE,
               "%s: %s", folder, code == ENOTDIR ? "not a folder" : g_strerror (code));
  return FALSE;
}

/* @before: the index of an earlier reading, or NULL. */
static gboolean
read_folder (MsTraceLoader *self, const MsBlockIndex *before, GError **error)
{
  MsTrace *trace = self->trace;
  gboolean has_manifest = faccessat (self->dir_fd, TRK_MANIFEST_FILE_NAME, F_OK, 0) == 0;

  if (has_manifest && !ms_manifest_read (&trace->manifest, self->dir_fd, trace->diagnostics, error))
    return FALSE;
  self->index = ms_block_index_new (self->dir_fd, trace->diagnostics);
  if (trace->manifest.has_trace_id)
    ms_block_index_set_trace_id (self->index, trace->manifest.trace_id);
  if (!ms_block_index_scan_again (self->index, before, self->cancellable, error))
    return FALSE;
  /* The folder may have been closed meanwhile: its pool went, and the manifest has the end now. */
  if (trace->manifest.present && trace->manifest.state == MS_STATE_RUNNING
      && !self->index->has_pool)
    {
      ms_manifest_clear (&trace->manifest);
      if (!ms_manifest_read (&trace->manifest, self->dir_fd, trace->diagnostics, error))
        return FALSE;
    }
  for (guint i = 0; trace->manifest.notes != NULL && i < trace->manifest.notes->len; i++)
    {
      const MsDiagnostic *note = g_ptr_array_index (trace->manifest.notes, i);

      ms_diagnostics_add (trace->diagnostics, note->level, NULL, 0, "%s", note->message);
    }
  if (trace->manifest.n_left_out > 0)
    ms_diagnostics_add (
        trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
        "%u of its files are missing here, and with them threads: from a sandbox no "
        "more can be held open at once.  Opened as a folder it has them all.",
        trace->manifest.n_left_out);
  trace->pool_is_gone = self->index->pool_is_gone && !trace->manifest.closed;
  if (trace->pool_is_gone)
    ms_diagnostics_add (
        trace->diagnostics, MS_DIAGNOSTIC_DAMAGE, TRK_POOL_FILE_NAME, 0,
        "What this links to is missing: whatever was not yet in the other files "
        "is lost.  A copy of a recording that still runs needs cp -L or tar -h, and "
        "a restart of the machine loses it too.");
  if (!has_manifest && self->index->files->len == 0 && trace->diagnostics->len == 0)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_NOT_A_TRACE,
                   "%s: not a trace folder: it has neither %s nor memscope_*.bin files",
                   trace->folder, TRK_MANIFEST_FILE_NAME);
      return FALSE;
    }
  if (!has_manifest)
    {
      MsManifest none = { .exit_status = -1, .sampling_rate = 1, .all_threads = TRUE };

      trace->manifest = none;
      ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_WARNING, TRK_MANIFEST_FILE_NAME, 0,
                          "The manifest is missing: program, times and state are unknown.");
    }
  return TRUE;
}

/* A program that came to its end, of which everything is there: it did nothing that is recorded, and its zeros
 * are figures.  One that was killed may have done much. */
static gboolean
is_whole_without_events (const MsTrace *trace)
{
  return trace->state == MS_STATE_EXITED && trace->manifest.present && trace->manifest.closed
         && trace->manifest.not_followed == NULL && trace->manifest.dropped_events == 0;
}

/* No event block at all: says whether that is damage, just nothing yet, or all there was. */
static gboolean
check_not_empty (MsTraceLoader *self, GError **error)
{
  const GPtrArray *diagnostics = self->trace->diagnostics;
  guint first;

  if (ms_block_index_find_type (self->index, TRK_BLOCK_EVENTS, &first) > first)
    return TRUE;
  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (diagnostic->level == MS_DIAGNOSTIC_DAMAGE
          && (self->index->n_file_bytes > 0 || self->trace->pool_is_gone
              || g_strcmp0 (diagnostic->file, TRK_MANIFEST_FILE_NAME) == 0))
        {
          g_set_error (error, MS_ERROR, MS_ERROR_DAMAGED, "%s: no event could be read: %s%s%s",
                       self->trace->folder, diagnostic->file ? diagnostic->file : "",
                       diagnostic->file ? ": " : "", diagnostic->message);
          return FALSE;
        }
      if (g_strcmp0 (diagnostic->file, TRK_MANIFEST_FILE_NAME) != 0
          && strstr (diagnostic->message, "Cannot be read") != NULL)
        {
          g_set_error (error, MS_ERROR, MS_ERROR_UNREADABLE, "%s: %s: %s", self->trace->folder,
                       diagnostic->file, diagnostic->message);
          return FALSE;
        }
    }
  if (self->index->has_pool && self->index->pool.dropped_events > 0)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_EMPTY,
                   "%s: nothing was recorded: all %" G_GUINT64_FORMAT " events were lost (%s)",
                   self->trace->folder, self->index->pool.dropped_events,
                   self->index->pool.last_errno > 0 ? g_strerror (self->index->pool.last_errno)
                                                    : "no room for them could be had");
      return FALSE;
    }
  if (ms_completeness_lost_allocations (&self->trace->manifest) > 0)
    {
      g_set_error (
          error, MS_ERROR, MS_ERROR_DAMAGED,
          "%s: its files of events (memscope_thread_*.bin) are missing or cut; %" G_GUINT64_FORMAT
          " allocations were recorded",
          self->trace->folder, ms_completeness_lost_allocations (&self->trace->manifest));
      return FALSE;
    }
  if (is_whole_without_events (self->trace))
    return TRUE;
  g_set_error (error, MS_ERROR, MS_ERROR_EMPTY, "%s: nothing was recorded%s", self->trace->folder,
               ms_state_may_go_on (self->trace->state) ? " yet" : "");
  return FALSE;
}

/* --- who ---------------------------------------------------------------------------------------- */

void
ms_trace_describe_process (MsTrace *self, const MsBlockIndex *index)
{
  MsManifest *manifest = &self->manifest;
  g_autoptr (GStrvBuilder) arguments = g_strv_builder_new ();
  const char *name = manifest->executable;

  self->pid = manifest->pid ? manifest->pid : index->has_pool ? index->pool.pid : 0;
  if (index->has_pool && (index->pool.flags & TRK_POOL_FLAG_FORKED))
    manifest->forked = TRUE;
  self->state = ms_process_state (manifest, index, &self->exit_status);
  if (index->has_pool
      && (index->pool.state == TRK_PROCESS_STOPPED || index->pool.state == TRK_PROCESS_CLOSED))
    manifest->ends_early = TRUE;
  if (index->has_pool && index->pool.state == TRK_PROCESS_EXECED)
    manifest->was_replaced = TRUE;
  for (guint i = 0; manifest->arguments && manifest->arguments[i]; i++)
    {
      g_autofree char *text =
          ms_text_from_bytes (manifest->arguments[i], strlen (manifest->arguments[i]));
      g_strv_builder_add (arguments, text);
    }
  self->arguments = g_strv_builder_end (arguments);
  if (name == NULL || *name == '\0')
    name = self->arguments[0];
  self->executable = name ? ms_text_from_bytes (name, strlen (name)) : g_strdup ("");
  self->program = ms_program_name (self->arguments[0], manifest->executable);
  if (self->program == NULL)
    self->program = g_strdup ("unknown");
}

/* --- what was found out ---------------------------------------------------------------------------- */

/* What a thread skipped is counted, with its bytes.  Where the kept blocks do not stand for about as many, a few
 * large ones were missed, or weigh too much: an error that a figure without them does not show. */
static void
check_kept (MsTrace *trace)
{
  const MsTraceDomain *domain = trace->domains[MS_DOMAIN_HEAP];
  double kept_bytes = 0, kept_allocations = 0;

  for (guint i = 0; domain != NULL && i < trace->n_stacks; i++)
    {
      kept_bytes += (double) domain->stack_totals[i].allocated_bytes;
      kept_allocations += (double) domain->stack_totals[i].allocations;
    }
  if (kept_allocations < 0.5 * (double) (domain != NULL ? domain->totals.allocations : 0))
    return; /* of most no stack is known */
  if (kept_allocations == 0
      || fabs (kept_bytes / (double) domain->totals.allocated_bytes - 1) < MAX_SHARE_MISSED)
    return;
  ms_diagnostics_add (
      trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
      "The allocations that were kept stand for %.1f MB, and %.1f MB were allocated: "
      "a few large blocks were left out or weigh too much, and peaks may be far off. "
      "record --sample-interval keeps every large block.",
      kept_bytes / 1e6, (double) domain->totals.allocated_bytes / 1e6);
}

static void
report_figures (MsTraceLoader *self)
{
  MsTrace *trace = self->trace;
  const MsMatcher *matcher = &self->matcher;

  if (matcher->n_forgotten > 0)
    ms_diagnostics_add (
        trace->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
        "Of %" G_GUINT64_FORMAT " threads that ended only the sums are kept while the program is "
        "watched, in its own figures "
        "and those of its call stacks.  Opened when it has ended, the trace has each of them.",
        matcher->n_forgotten);
  if (trace->manifest.ring_bytes > 0)
    ms_ring_report (trace);
  else if (matcher->n_unrepaired > 0)
    ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0,
                        "%" G_GUINT64_FORMAT
                        " free%s not in the trace: what was allocated was taken as freed when "
                        "its address was handed out again.",
                        matcher->n_unrepaired, matcher->n_unrepaired == 1 ? " is" : "s are");
  if (matcher->n_repaired > 0)
    ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                        "The order of %" G_GUINT64_FORMAT
                        " event%s of different threads was repaired.",
                        matcher->n_repaired, matcher->n_repaired == 1 ? "" : "s");
  if (matcher->sampled)
    ms_diagnostics_add (trace->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                        "The recording was sampled: figures with ± are estimates, each with its "
                        "standard error.");
  if (matcher->sampled)
    check_kept (trace);
  ms_losses_collect (trace, matcher, self->index);
}

MsTrace *
ms_trace_load (const char *folder,
               GCancellable *cancellable,
               MsProgressFunc progress,
               gpointer user_data,
               GError **error)
{
  return ms_trace_load_full (folder, MS_LOAD_FIGURES, cancellable, progress, user_data, error);
}

/* What the events of a followed folder told, this time and before. */
static void
report_said (MsTraceLoader *self)
{
  for (guint i = 0; self->said != NULL && i < self->said->len; i++)
    {
      const MsDiagnostic *d = g_ptr_array_index (self->said, i);

      ms_diagnostics_add (self->trace->diagnostics, d->level, d->file, d->offset, "%s", d->message);
    }
}

static void
load_tables (MsTraceLoader *self)
{
  MsTrace *trace = self->trace;

  if (self->is_followed)
    {
      ms_stack_table_load (&self->stacks, self->index);
      ms_stack_table_copy (&trace->stack_table, &self->stacks);
    }
  else
    {
      ms_stack_table_load (&trace->stack_table, self->index);
    }
  ms_module_table_load (&trace->module_table, self->index);
  ms_module_table_set_names (&trace->module_table,
                             ms_file_names_load (self->dir_fd, trace->diagnostics));
  ms_module_table_set_title (&trace->module_table, &trace->manifest);
  ms_module_table_drop_own_frames (&trace->module_table, &trace->stack_table);
}

/* Resources and marks are no part of a summary: their files may grow after it was written. */
static void
load_sampled (MsTraceLoader *self, MsTrace *trace, gint64 start_ns)
{
  trace->marks = ms_marks_read (self->dir_fd, trace->trace_id, start_ns, trace->diagnostics);
  if (self->resources == NULL)
    self->resources = ms_resource_file_new ();
  trace->resources = ms_resource_file_read (self->resources, self->dir_fd, trace->trace_id,
                                            start_ns, trace->diagnostics);
  if (trace->resources != NULL)
    ms_sampled_threads_join (trace);
}

/* What was counted while all of it was there cannot go on when the first of it is gone. */
static void
read_ring (MsTraceLoader *self)
{
  MsTrace *trace = self->trace;

  if (self->index->has_pool)
    trace->manifest.ended = self->index->pool.ended;
  ms_block_index_cut_rings (self->index);
  trace->is_cut_ring = !ms_ring_is_whole (trace, self->index);
  if (!self->has_matcher || self->accounting.is_ring == trace->is_cut_ring)
    return;
  ms_trace_loader_begin_anew (self);
}

gboolean
ms_trace_loader_read (MsTraceLoader *self, GError **error)
{
  MsTrace *trace = self->trace;
  /* The streams of a followed folder go from the one to the other. */
  g_autoptr (MsBlockIndex) before = g_steal_pointer (&self->index);

  self->begin_ns = ms_monotonic_now_ns ();
  if (!read_folder (self, before != NULL && !before->is_ring ? before : NULL, error))
    return FALSE;
  memcpy (trace->trace_id, self->index->trace_id, sizeof trace->trace_id);
  ms_trace_describe_process (trace, self->index);
  if (trace->manifest.ring_bytes > 0)
    read_ring (self);
  ms_block_index_report (self->index, ms_state_may_go_on (trace->state));
  if (!check_not_empty (self, error))
    return FALSE;

  ms_trace_loader_report_progress (self, 0.1);
  ms_trace_loader_read_clock (self);
  ms_trace_loader_extend_duration (self);
  load_tables (self);
  if (!ms_trace_loader_match (self, error))
    return FALSE;
  ms_trace_loader_check_history (self);
  ms_trace_build (trace, &self->matcher, &self->accounting);
  ms_trace_adopt_history (trace, g_steal_pointer (&self->history));
  report_said (self);
  report_figures (self);
  ms_completeness_check (trace, &self->accounting);
  ms_frequency_check (trace, self->dir_fd);
  load_sampled (self, trace, self->clock.start_ns);
  return TRUE;
}

/* One that the folder or the cache has, and that fits it. */
static MsTrace *
load_summary (MsTraceLoader *self, MsSummaryInputs *inputs)
{
  g_autoptr (GPtrArray) said_before = ms_diagnostics_new ();
  g_autoptr (MsTrace) trace =
      ms_summary_load (self->trace->folder, self->dir_fd,
                       self->flags & ~(guint) (MS_LOAD_HISTORY | MS_LOAD_ONLY_SUMMARY), inputs,
                       self->cancellable);

  if (trace == NULL
      || ((self->flags & MS_LOAD_HISTORY)
          && !ms_trace_adopt_history (trace, ms_history_open_cached (&inputs->digest, NULL))
          && !(self->flags & MS_LOAD_ONLY_SUMMARY)))
    return NULL;
  ms_module_table_set_names (&trace->module_table, ms_file_names_load (self->dir_fd, said_before));
  ms_module_table_set_title (&trace->module_table, &trace->manifest);
  load_sampled (self, trace, trace->manifest.start_ns);
  return g_steal_pointer (&trace);
}

MsTrace *
ms_trace_load_full (const char *folder,
                    MsLoadFlags flags,
                    GCancellable *cancellable,
                    MsProgressFunc progress,
                    gpointer user_data,
                    GError **error)
{
  g_auto (MsTraceLoader) self = { .flags = flags,
                                  .dir_fd = -1,
                                  .cancellable = cancellable,
                                  .progress = progress,
                                  .user_data = user_data };
  g_autoptr (MsTrace) trace = NULL;
  MsSummaryInputs inputs;
  MsTrace *summarized;

  g_return_val_if_fail (folder != NULL, NULL);
  trace = self.trace = ms_trace_new (folder);
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !ms_trace_loader_open (&self, folder, error))
    return NULL;
  summarized = load_summary (&self, &inputs);
  if (summarized == NULL && (flags & MS_LOAD_ONLY_SUMMARY))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: has no summary", folder);
      return NULL;
    }
  if (summarized == NULL)
    {
      if (!ms_trace_loader_read (&self, error))
        return NULL;
      ms_summary_keep (trace, self.dir_fd, &inputs);
    }
  ms_trace_loader_report_progress (&self, 1);
  return summarized != NULL ? summarized : g_steal_pointer (&trace);
}
