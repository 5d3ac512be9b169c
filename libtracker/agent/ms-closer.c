/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-closer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-json-file.h"
#include "ms-late-note.h"
#include "ms-manifest.h"
#include "ms-pool-drain.h"
#include "ms-pool-folder.h"
#include "trk-format.h"
#include "trk-process-identity.h"

typedef struct {
  const char *folder;
  int dir_fd;           /* locked */
  JsonObject *manifest; /* an empty one where there was none */
  gboolean has_pool;
  TrkPoolHeader pool;
  MsTraceSummary *unnoted; /* noted now */
} Closing;

static void
closing_clear (Closing *self)
{
  g_clear_pointer (&self->manifest, json_object_unref);
  g_clear_pointer (&self->unnoted, ms_trace_summary_free);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Closing, closing_clear)

static gboolean
closing_open (Closing *self, const char *folder, gboolean is_certain, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  self->folder = folder;
  self->dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (self->dir_fd < 0 || flock (self->dir_fd, LOCK_EX) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot open %s: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  self->has_pool =
      ms_folder_read_at (self->dir_fd, TRK_POOL_FILE_NAME, 0, &self->pool, sizeof self->pool);
  self->manifest = ms_json_file_load (self->dir_fd, TRK_MANIFEST_FILE_NAME, &local_error);
  if (!self->manifest && !self->has_pool
      && !(is_certain && faccessat (self->dir_fd, TRK_STACKS_FILE_NAME, F_OK, 0) == 0))
    {
      if (is_certain)
        g_propagate_error (error, g_steal_pointer (&local_error));
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s is perhaps just being made", folder);
      return FALSE;
    }
  if (!self->manifest) /* killed before it wrote one, or damaged: say what else is known */
    {
      const char *dot = strrchr (folder, '.');

      self->manifest = json_object_new ();
      json_object_set_string_member (self->manifest, "format", "memscope-trace");
      json_object_set_int_member (self->manifest, "version", TRK_VERSION_MAJOR);
      json_object_set_int_member (self->manifest, "pid",
                                  self->has_pool || !dot ? self->pool.pid
                                                         : g_ascii_strtoll (dot + 1, NULL, 10));
    }
  return TRUE;
}

/* --- whether it ended, and how ---------------------------------------------------------------- */

/* Whether process @pid has this folder's pool in its memory.  By its inode: the path may look another from
 * where the process is. */
static gboolean
has_mapped_pool (Closing *self, gint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/maps", pid);
  g_autofree char *maps = NULL;
  g_autofree char *inode = NULL;
  struct stat status;

  if (fstatat (self->dir_fd, TRK_POOL_FILE_NAME, &status, 0) != 0
      || !g_file_get_contents (path, &maps, NULL, NULL))
    return FALSE;
  inode = g_strdup_printf (" %" G_GUINT64_FORMAT " ", (guint64) status.st_ino);
  for (char *line = strstr (maps, inode); line; line = strstr (line + 1, inode))
    if (g_strstr_len (line, (gssize) strcspn (line, "\n"), TRK_POOL_FILE_NAME))
      return TRUE;
  return FALSE;
}

/* Closing a folder under a living process would lose what it still writes. */
static gboolean
may_still_run (Closing *self)
{
  guint64 ticks = (guint64) ms_json_get_int (self->manifest, "process_start_ticks", 0);
  gint pid = (gint) ms_json_get_int (self->manifest, "pid", 0);
  guint64 pid_namespace = (guint64) ms_json_get_int (self->manifest, "pid_namespace", 0);
  const char *boot_id = ms_json_get_string (self->manifest, "boot_id");
  char this_boot[TRK_BOOT_ID_BYTES];

  /* The program that replaced this one lives on under the same pid; unless the exec is not done yet, and
   * may fail. */
  if (self->has_pool && self->pool.state == TRK_PROCESS_EXECED)
    return has_mapped_pool (self, pid);
  if (self->has_pool && self->pool.state == TRK_PROCESS_STOPPED)
    return FALSE;
  if (boot_id && trk_boot_id_read (this_boot) == 0 && g_strcmp0 (boot_id, this_boot) != 0)
    return FALSE;
  if (pid_namespace == 0 || pid_namespace == trk_pid_namespace_read (0))
    return trk_process_is_alive (pid, ticks);
  /* Its pid means somebody else here; it has said itself that it ended, or we do not know. */
  return !self->has_pool || self->pool.state != TRK_PROCESS_EXITED;
}

static void
set_end_time (Closing *self, const MsProcessEnd *end)
{
  gint64 end_ns = self->has_pool ? (gint64) self->pool.end_ns : 0;

  if (end_ns == 0)
    end_ns = end->end_ns;
  if (end_ns > 0)
    json_object_set_int_member (self->manifest, "end_ns", end_ns);
}

/* Who is not followed was started by somebody who could note the wall clock only. */
static void
set_start_time (Closing *self, const MsProcessEnd *end)
{
  gint64 start_wall_us = ms_json_get_int (self->manifest, "start_wall_us", 0);
  gint64 since_end_ns = g_get_monotonic_time () * 1000 - end->end_ns;
  gint64 end_wall_us = g_get_real_time () - since_end_ns / 1000;

  if (json_object_has_member (self->manifest, "start_ns") || start_wall_us <= 0 || end->end_ns <= 0
      || end_wall_us < start_wall_us)
    return;
  json_object_set_int_member (self->manifest, "start_ns",
                              end->end_ns - (end_wall_us - start_wall_us) * 1000);
}

static void
set_state (Closing *self, const MsProcessEnd *end)
{
  JsonObject *manifest = self->manifest;
  gboolean execed = self->has_pool && self->pool.state == TRK_PROCESS_EXECED;
  gboolean stopped = self->has_pool && self->pool.state == TRK_PROCESS_STOPPED;

  /* A status that the kernel gave is worth more than what the process said of itself: it may have
   * been killed between saying and doing. */
  if (end->has_wait_status && WIFSIGNALED (end->wait_status))
    {
      json_object_set_string_member (manifest, "state", "killed");
      json_object_set_int_member (manifest, "term_signal", WTERMSIG (end->wait_status));
    }
  else if (end->has_wait_status)
    {
      json_object_set_string_member (manifest, "state", "exited");
      json_object_set_int_member (manifest, "exit_status", WEXITSTATUS (end->wait_status));
    }
  else if (self->has_pool && self->pool.state == TRK_PROCESS_EXITED)
    {
      json_object_set_string_member (manifest, "state", "exited");
      json_object_set_int_member (manifest, "exit_status", self->pool.exit_status & 0xff);
    }
  else
    {
      json_object_set_string_member (manifest, "state", execed || stopped ? "exited" : "killed");
    }
  if (execed)
    json_object_set_boolean_member (manifest, "replaced_by_exec", TRUE);
  if (stopped)
    json_object_set_boolean_member (manifest, "stopped_before_end", TRUE);
}

/* PROGRAM of a folder's name, <number>-PROGRAM.<pid>, as the recorder gave it, or "unknown". */
static char *
program_from_folder (const char *folder)
{
  const char *begin = folder + strspn (folder, "0123456789");
  const char *end = strrchr (folder, '.');

  if (begin == folder || *begin != '-' || !end || end <= begin + 1)
    return g_strdup ("unknown");
  return ms_text_from_bytes (begin + 1, (gsize) (end - begin - 1));
}

/* From the manifest alone: a folder that recorded nothing, or cannot be loaded. */
static MsTraceSummary *
summarize_manifest (const char *folder, JsonObject *manifest)
{
  MsTraceSummary *self = g_new0 (MsTraceSummary, 1);
  g_auto (GStrv) arguments = ms_json_dup_strings (manifest, "arguments");
  const char *state = ms_json_get_string (manifest, "state");
  gint64 start_ns = ms_json_get_int (manifest, "start_ns", 0);
  gint64 end_ns = ms_json_get_int (manifest, "end_ns", 0);
  gint64 term_signal = ms_json_get_int (manifest, "term_signal", 0);

  self->folder = g_path_get_basename (folder);
  self->pid = (gint) ms_json_get_int (manifest, "pid", 0);
  self->parent_pid = (gint) ms_json_get_int (manifest, "parent_pid", 0);
  self->program = ms_program_name (arguments[0], ms_json_get_string (manifest, "executable"));
  if (!self->program)
    self->program = program_from_folder (self->folder);
  self->state = g_strcmp0 (state, "exited") == 0   ? MS_STATE_EXITED
                : g_strcmp0 (state, "killed") == 0 ? MS_STATE_KILLED
                                                   : MS_STATE_RUNNING;
  self->exit_status = term_signal > 0 ? 128 + (gint) term_signal
                                      : (gint) ms_json_get_int (manifest, "exit_status", -1);
  self->duration_ns = end_ns > start_ns && start_ns > 0 ? end_ns - start_ns : 0;
  self->not_followed = g_strdup (ms_json_get_string (manifest, "not_followed"));
  self->top_thread_id = -1;
  return self;
}

static void
note_unnoted (Closing *self)
{
  g_autofree char *folder = NULL;
  g_autoptr (JsonObject) note =
      self->has_pool ? ms_late_note_write (self->folder, &self->pool, self->manifest, &folder)
                     : NULL;

  if (note)
    self->unnoted = summarize_manifest (folder, note);
}

static gboolean
close_files (Closing *self, const MsProcessEnd *end, GError **error)
{
  gboolean was_closed = ms_json_get_boolean (self->manifest, "closed", FALSE);
  TrkEndedThreads ended;
  guint n_blocks;

  if (was_closed && !self->has_pool)
    return TRUE;
  if (!was_closed && !end->is_certain && may_still_run (self))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: its process still runs", self->folder);
      return FALSE;
    }
  if (!ms_pool_drain (self->dir_fd, &n_blocks, &ended, error))
    return FALSE;
  self->pool.ended = ended;
  if (!was_closed)
    {
      set_state (self, end);
      set_start_time (self, end);
      set_end_time (self, end);
      if (self->has_pool)
        ms_pool_describe (&self->pool, self->manifest);
      json_object_set_boolean_member (self->manifest, "closed", TRUE);
      if (!ms_json_file_save (self->dir_fd, TRK_MANIFEST_FILE_NAME, self->manifest, error))
        return FALSE;
      note_unnoted (self);
    }
  ms_pool_folder_remove_pool (self->dir_fd);
  unlinkat (self->dir_fd, TRK_CONTROL_FILE_NAME, 0);         /* nobody is there to listen */
  unlinkat (self->dir_fd, TRK_MANIFEST_FILE_NAME ".new", 0); /* killed before it was renamed */
  return TRUE;
}

/* --- totals ----------------------------------------------------------------------------------- */

static void
look_at_threads (MsTraceSummary *self, MsTrace *trace)
{
  self->top_thread_id = -1;
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);
      const MsTotals *totals = ms_thread_get_totals (thread, self->domain);
      guint64 peak = totals->peak_bytes;

      self->n_tracked_threads += ms_thread_is_tracked (thread) ? 1 : 0;
      self->n_threads_with_events += ms_thread_has_events (thread) ? 1 : 0;
      if (peak <= self->top_thread_peak_bytes)
        continue;
      self->top_thread_peak_bytes = peak;
      self->top_thread_peak_standard_error = totals->standard_errors.peak_bytes;
      self->top_thread_id = (gint) ms_thread_get_id (thread);
      g_free (self->top_thread_name);
      self->top_thread_name = g_strdup (ms_thread_get_name (thread));
    }
}

static MsTraceSummary *
summarize (const char *folder, MsTrace *trace)
{
  MsTraceSummary *self = g_new0 (MsTraceSummary, 1);

  self->folder = g_path_get_basename (folder);
  self->pid = ms_trace_get_pid (trace);
  self->parent_pid = ms_trace_get_parent_pid (trace);
  self->program = g_strdup (ms_trace_get_program (trace));
  self->state = ms_trace_get_state (trace);
  self->exit_status = ms_trace_get_exit_status (trace);
  self->duration_ns = ms_trace_get_duration_ns (trace);
  self->has_totals = TRUE;
  self->thread_rule = g_strdup (ms_trace_get_thread_rule (trace));
  self->domain = ms_trace_get_main_domain (trace);
  self->totals = *ms_trace_get_totals (trace, self->domain);
  self->has_mappings = ms_trace_has_mappings (trace);
  self->mapped_bytes = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING)->live_bytes;
  self->mapped_peak_bytes = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING)->peak_bytes;
  self->n_threads = ms_trace_get_n_threads (trace);
  self->n_events = ms_trace_get_n_events (trace);
  self->dropped_events = ms_trace_get_dropped_events (trace);
  self->is_sampled = ms_trace_is_sampled (trace);
  self->was_replaced = ms_trace_was_replaced (trace);
  self->ends_early = ms_trace_ends_early (trace);
  self->is_ring = ms_trace_why_no_live (trace) != NULL;
  look_at_threads (self, trace);
  return self;
}

static const char *
domain_to_text (MsDomain domain)
{
  return domain == MS_DOMAIN_DECLARED ? "declared" : domain == MS_DOMAIN_HEAP ? "heap" : "mapping";
}

JsonObject *
ms_trace_summary_build_totals (const MsTraceSummary *self)
{
  JsonObject *totals = json_object_new ();
  const MsTotals *figures = &self->totals;

  json_object_set_string_member (totals, "domain", domain_to_text (self->domain));
  if (!self->is_ring)
    json_object_set_int_member (totals, "peak_bytes", (gint64) figures->peak_bytes);
  if (!self->is_ring && figures->standard_errors.peak_bytes > 0)
    json_object_set_double_member (totals, "peak_standard_error",
                                   figures->standard_errors.peak_bytes);
  json_object_set_int_member (totals, "allocations", (gint64) figures->allocations);
  json_object_set_int_member (totals, "deallocations", (gint64) figures->deallocations);
  if (!self->is_ring)
    json_object_set_int_member (totals, "leaked_bytes", (gint64) figures->leaked_bytes);
  json_object_set_int_member (totals, "n_threads", self->n_threads_with_events);
  if (self->has_mappings)
    {
      json_object_set_int_member (totals, "mapped_bytes", (gint64) self->mapped_bytes);
      json_object_set_int_member (totals, "mapped_peak_bytes", (gint64) self->mapped_peak_bytes);
    }
  return totals;
}

/* Left out on request, and no loss if it fails: readers make them again from the events. */
static void
write_frequency_files (Closing *self, MsTrace *trace)
{
  JsonObject *configuration = ms_json_get_object (self->manifest, "configuration");
  g_autoptr (GError) error = NULL;

  if (ms_json_get_boolean (configuration, "frequency", TRUE)
      && !ms_trace_write_frequency_files (trace, &error))
    g_debug ("%s: %s", self->folder, error->message);
}

/* A process that ended before its first event, or could keep none: it stays in the list of processes, and
 * the manifest says why it has no trace. */
static void
note_absence (Closing *self, MsTraceSummary *summary)
{
  g_autoptr (GError) error = NULL;

  summary->dropped_events =
      (guint64) MAX (0, ms_json_get_int (self->manifest, "dropped_events", 0));
  if (summary->not_followed)
    return;
  if (summary->dropped_events > 0)
    {
      const char *reason = ms_json_get_string (self->manifest, "last_write_error");

      summary->not_followed = g_strdup_printf ("all its %" G_GUINT64_FORMAT " events were lost: %s",
                                               summary->dropped_events,
                                               reason ? reason : "no room for them could be had");
    }
  else if (summary->state == MS_STATE_KILLED)
    {
      summary->not_followed = g_strdup ("it was killed before anything was recorded");
    }
  else
    {
      return;
    }
  json_object_set_string_member (self->manifest, "not_followed", summary->not_followed);
  if (!ms_json_file_save (self->dir_fd, TRK_MANIFEST_FILE_NAME, self->manifest, &error))
    g_debug ("%s: %s", self->folder, error->message);
}

MsTraceSummary *
ms_closer_close (const char *folder, const MsProcessEnd *end, GError **error)
{
  g_auto (Closing) closing = { .dir_fd = -1 };
  g_autoptr (MsTraceSummary) summary = NULL;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean has_totals;

  if (!closing_open (&closing, folder, end->is_certain, error)
      || !close_files (&closing, end, error))
    return NULL;

  /* Without totals the folder is not yet as it will stay: what a load kept now would be stale at once. */
  has_totals = ms_json_get_object (closing.manifest, "totals") != NULL;
  trace = ms_trace_load_full (folder, has_totals ? MS_LOAD_FIGURES : MS_LOAD_WITHOUT_CACHE, NULL,
                              NULL, NULL, &local_error);
  if (!trace)
    {
      g_debug ("%s: %s", folder, local_error->message);
      summary = summarize_manifest (folder, closing.manifest);
      if (g_error_matches (local_error, MS_ERROR, MS_ERROR_EMPTY))
        note_absence (&closing, summary);
      else if (!summary->not_followed)
        summary->load_error = g_strdup (local_error->message);
      summary->unnoted = g_steal_pointer (&closing.unnoted);
      return g_steal_pointer (&summary);
    }
  summary = summarize (folder, trace);
  summary->unnoted = g_steal_pointer (&closing.unnoted);
  if (!has_totals)
    {
      write_frequency_files (&closing, trace);
      json_object_set_object_member (closing.manifest, "totals",
                                     ms_trace_summary_build_totals (summary));
      /* Readers count them again. */
      if (!ms_json_file_save (closing.dir_fd, TRK_MANIFEST_FILE_NAME, closing.manifest,
                              &local_error))
        g_debug ("%s: %s", folder, local_error->message);
      ms_trace_write_summary (trace);
    }
  return g_steal_pointer (&summary);
}

gboolean
ms_closer_close_files (const char *folder, const MsProcessEnd *end, GError **error)
{
  g_auto (Closing) closing = { .dir_fd = -1 };

  return closing_open (&closing, folder, end->is_certain, error)
         && close_files (&closing, end, error);
}

MsTraceSummary *
ms_closer_peek (const char *folder, GError **error)
{
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, error);

  return trace ? summarize (folder, trace) : NULL;
}

void
ms_trace_summary_free (MsTraceSummary *self)
{
  g_clear_pointer (&self->unnoted, ms_trace_summary_free);
  g_free (self->folder);
  g_free (self->program);
  g_free (self->not_followed);
  g_free (self->load_error);
  g_free (self->thread_rule);
  g_free (self->top_thread_name);
  g_free (self);
}
