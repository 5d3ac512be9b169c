/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_recording.json lists the processes; the folders beside it are the truth.  A folder that
 * the list lacks (the list is old, damaged or missing) is found by looking, and each process's own
 * manifest or trace overrules what the list says about how it ended.
 */
#include "ms-recording.h"

#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-given-path.h"
#include "ms-import.h"
#include "ms-manifest.h"
#include "ms-recording-process.h"
#include "trk-format.h"

#define MAX_RECORDING_BYTES ((gsize) 64 << 20)
#define MAX_NAMED 3U /* of what lies in a folder that is none */

struct _MsRecording {
  GObject parent_instance;

  char *path;
  GPtrArray *processes; /* of MsProcess * */
  GPtrArray *diagnostics;
  gboolean has_foreign; /* a trace of another format version */
  /* Of all running processes one is kept, as it has all of their events' figures in memory. */
  MsFollower *follower;      /* NULL: none */
  const MsProcess *followed; /* whom it follows */
};

G_DEFINE_FINAL_TYPE (MsRecording, ms_recording, G_TYPE_OBJECT)

static void
ms_recording_finalize (GObject *object)
{
  MsRecording *self = MS_RECORDING (object);

  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->processes, g_ptr_array_unref);
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  g_clear_object (&self->follower);

  G_OBJECT_CLASS (ms_recording_parent_class)->finalize (object);
}

static void
ms_recording_class_init (MsRecordingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_recording_finalize;
}

static void
ms_recording_init (MsRecording *self)
{
  self->processes = g_ptr_array_new_with_free_func (ms_process_free);
  self->diagnostics = ms_diagnostics_new ();
}

static gboolean
is_trace_folder (const char *path)
{
  g_autofree char *manifest = g_build_filename (path, TRK_MANIFEST_FILE_NAME, NULL);
  g_autofree char *pool = g_build_filename (path, TRK_POOL_FILE_NAME, NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (manifest, G_FILE_TEST_EXISTS) || g_file_test (pool, G_FILE_TEST_EXISTS))
    return TRUE;
  dir = g_dir_open (path, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_prefix (name, "memscope_") && g_str_has_suffix (name, ".bin")
        && strcmp (name, TRK_CONTROL_FILE_NAME) != 0)
      return TRUE;
  return FALSE;
}

/* --- one process --------------------------------------------------------------------------------- */

/* Whoever shows it will follow it: its events are not to be read a second time for that. */
static MsTrace *
follow (MsRecording *self, const MsProcess *process, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsFollower) follower = ms_follower_new (process->folder, error);
  MsTrace *trace =
      follower != NULL ? ms_follower_read (follower, cancellable, NULL, NULL, error) : NULL;
  const MsTotals *totals =
      trace != NULL ? ms_trace_get_totals (trace, ms_trace_get_main_domain (trace)) : NULL;

  if (totals != NULL && (self->followed == NULL || totals->peak_bytes > self->followed->peak_bytes))
    {
      g_set_object (&self->follower, follower);
      self->followed = process;
    }
  return trace;
}

/* FALSE: cancelled, or (@must_load) the folder cannot be opened as a trace. */
static gboolean
complete_process (MsRecording *self,
                  MsProcess *process,
                  gboolean must_load,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gboolean is_running;

  if (!ms_process_read_manifest (process, &is_running, cancellable)
      || (must_load && process->not_followed != NULL))
    {
      trace = is_running ? follow (self, process, cancellable, &local_error)
                         : ms_trace_load (process->folder, cancellable, NULL, NULL, &local_error);
      if (trace != NULL)
        ms_process_fill_from_trace (process, trace);
    }
  if (local_error != NULL)
    {
      if (must_load || g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      self->has_foreign |= g_error_matches (local_error, MS_ERROR, MS_ERROR_VERSION);
      ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_WARNING, NULL, 0, "%s",
                          local_error->message);
    }
  ms_process_fill_names (process);
  return TRUE;
}

/* --- the list ------------------------------------------------------------------------------------ */

static MsState
state_from_text (const char *text)
{
  return g_strcmp0 (text, "exited") == 0    ? MS_STATE_EXITED
         : g_strcmp0 (text, "running") == 0 ? MS_STATE_RUNNING
                                            : MS_STATE_KILLED;
}

static char *
dup_text (const char *text)
{
  return text ? ms_text_from_bytes (text, strlen (text)) : NULL;
}

/* A folder named in the list must lie directly in the recording: the list may be anybody's. */
static gboolean
is_plain_name (const char *name)
{
  return name && *name && strchr (name, '/') == NULL && strcmp (name, ".") != 0
         && strcmp (name, "..") != 0;
}

static MsProcess *
process_from_list (MsRecording *self, JsonObject *entry)
{
  const char *folder = ms_json_get_string (entry, "folder");
  const char *not_followed = ms_json_get_string (entry, "not_followed");
  JsonObject *totals = ms_json_get_object (entry, "totals");
  MsProcess *process;

  if (!is_plain_name (folder) && not_followed == NULL)
    return NULL;
  process = g_new0 (MsProcess, 1);
  if (is_plain_name (folder))
    process->folder = g_build_filename (self->path, folder, NULL);
  process->pid = (gint) ms_json_get_int (entry, "pid", 0);
  process->parent_pid = (gint) ms_json_get_int (entry, "parent_pid", 0);
  process->program = dup_text (ms_json_get_string (entry, "program"));
  process->state = state_from_text (ms_json_get_string (entry, "state"));
  process->exit_status = (gint) ms_json_get_int (entry, "exit_status", -1);
  process->duration_ns = ms_json_get_int (entry, "duration_ns", 0);
  process->not_followed = dup_text (not_followed);
  if (totals != NULL)
    {
      process->peak_bytes = (guint64) ms_json_get_int (totals, "peak_bytes", 0);
      process->peak_standard_error = MAX (0, ms_json_get_double (totals, "peak_standard_error", 0));
      process->has_peak = json_object_has_member (totals, "peak_bytes");
      process->allocations = (guint64) ms_json_get_int (totals, "allocations", 0);
      process->mapped_peak_bytes =
          (guint64) MAX (0, ms_json_get_int (totals, "mapped_peak_bytes", 0));
    }
  return process;
}

/* FALSE: MS_ERROR_VERSION.  A list that cannot be read is a diagnostic. */
static gboolean
read_list (MsRecording *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  JsonNode *member;
  JsonArray *entries = NULL;
  gsize n_bytes = 0;
  int dir_fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gint64 version;

  if (dir_fd >= 0)
    {
      text = ms_folder_read_text (dir_fd, TRK_RECORDING_FILE_NAME, MAX_RECORDING_BYTES, &n_bytes,
                                  &local_error);
      close (dir_fd);
    }
  if (text != NULL)
    node = ms_json_parse (text, n_bytes, &local_error);
  if (node == NULL)
    {
      ms_diagnostics_add (
          self->diagnostics, text != NULL ? MS_DIAGNOSTIC_DAMAGE : MS_DIAGNOSTIC_WARNING,
          TRK_RECORDING_FILE_NAME, 0,
          "The list of processes cannot be read (%s); its folders were searched instead.",
          local_error ? local_error->message : "no permission");
      return TRUE;
    }
  version = ms_json_get_int (json_node_get_object (node), "version", TRK_VERSION_MAJOR);
  if (version != TRK_VERSION_MAJOR)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_VERSION,
                   "%s: written in format %" G_GINT64_FORMAT
                   ", this program reads format %d; use the "
                   "Memscope that wrote it",
                   TRK_RECORDING_FILE_NAME, version, TRK_VERSION_MAJOR);
      return FALSE;
    }
  member = json_object_get_member (json_node_get_object (node), "processes");
  if (member && JSON_NODE_HOLDS_ARRAY (member))
    entries = json_node_get_array (member);
  else
    ms_diagnostics_add (self->diagnostics, MS_DIAGNOSTIC_DAMAGE, TRK_RECORDING_FILE_NAME, 0,
                        "It has no list of processes; its folders were searched instead.");
  for (guint i = 0; entries && i < json_array_get_length (entries); i++)
    {
      JsonNode *entry = json_array_get_element (entries, i);
      MsProcess *process = JSON_NODE_HOLDS_OBJECT (entry)
                               ? process_from_list (self, json_node_get_object (entry))
                               : NULL;

      if (process != NULL)
        g_ptr_array_add (self->processes, process);
    }
  return TRUE;
}

static MsProcess *
add_folder (MsRecording *self, const char *folder)
{
  MsProcess *process = g_new0 (MsProcess, 1);

  process->folder = g_strdup (folder);
  process->state = MS_STATE_KILLED;
  process->exit_status = -1;
  g_ptr_array_add (self->processes, process);
  return process;
}

static void
add_unlisted_folders (MsRecording *self)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;

  for (guint i = 0; i < self->processes->len; i++)
    {
      MsProcess *process = g_ptr_array_index (self->processes, i);

      if (process->folder != NULL)
        g_hash_table_add (listed, process->folder);
    }
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *folder = g_build_filename (self->path, name, NULL);

      if (!g_hash_table_contains (listed, folder) && g_file_test (folder, G_FILE_TEST_IS_DIR)
          && is_trace_folder (folder))
        add_folder (self, folder);
    }
}

/* "<n>-<program>.<pid>": the order in which they started; unnumbered ones last. */
static guint64
process_number (const MsProcess *process)
{
  g_autofree char *name = process->folder ? g_path_get_basename (process->folder) : NULL;

  return name && g_ascii_isdigit (*name) ? g_ascii_strtoull (name, NULL, 10) : G_MAXUINT64;
}

static int
compare_processes (gconstpointer a, gconstpointer b)
{
  const MsProcess *x = *(MsProcess *const *) a, *y = *(MsProcess *const *) b;
  guint64 m = process_number (x), n = process_number (y);

  if (m != n)
    return m < n ? -1 : 1;
  return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int
compare_folders (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(MsProcess *const *) a)->folder, (*(MsProcess *const *) b)->folder);
}

/* --- folders of nobody's list ------------------------------------------------------------------- */

/* Those that processes of one recording made: "<n>-<program>.<pid>", each with a number of its own. */
static gboolean
are_of_one (GPtrArray *processes)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < processes->len; i++)
    {
      const MsProcess *process = g_ptr_array_index (processes, i);
      g_autofree char *name = g_path_get_basename (process->folder);
      guint64 number = process_number (process);

      if (!g_regex_match_simple ("^[0-9]+-.*\\.[0-9]+$", name, G_REGEX_DOTALL | G_REGEX_RAW, 0)
          || number > G_MAXUINT || !g_hash_table_add (numbers, GUINT_TO_POINTER ((guint) number)))
        return FALSE;
    }
  return TRUE;
}

/* Where the list was lost the folders are as good.  But people keep recordings beside each other, too. */
static gboolean
check_unlisted (MsRecording *self, GError **error)
{
  g_autofree char *control = g_build_filename (self->path, TRK_CONTROL_FILE_NAME, NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = self->processes->len;

  if (n < 2 || g_file_test (control, G_FILE_TEST_EXISTS) || are_of_one (self->processes))
    return TRUE;
  g_ptr_array_sort (self->processes, compare_folders);
  for (guint i = 0; i < MIN (n, MAX_NAMED); i++)
    {
      const MsProcess *process = g_ptr_array_index (self->processes, i);
      g_autofree char *name = g_path_get_basename (process->folder);
      g_autofree char *text = ms_text_from_bytes (name, strlen (name));

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", text);
    }
  g_set_error (error, MS_ERROR, MS_ERROR_NOT_A_TRACE,
               "%s: not a recording, but a folder with %u traces of different ones: %s%s",
               self->path, n, names->str, n > MAX_NAMED ? "…" : "");
  return FALSE;
}

static gboolean
open_list (MsRecording *self, GCancellable *cancellable, GError **error)
{
  if (!read_list (self, error))
    return FALSE;
  add_unlisted_folders (self);
  g_ptr_array_sort (self->processes, compare_processes);
  for (guint i = 0; i < self->processes->len; i++)
    {
      MsProcess *process = g_ptr_array_index (self->processes, i);

      if (process->folder == NULL || !g_file_test (process->folder, G_FILE_TEST_IS_DIR))
        {
          if (process->program == NULL)
            process->program = g_strdup ("unknown");
          if (process->command == NULL)
            process->command = g_strdup (process->program);
          if (process->not_followed == NULL)
            process->not_followed = g_strdup ("its folder is missing");
        }
      else if (!complete_process (self, process, FALSE, cancellable, error))
        {
          return FALSE;
        }
    }
  return TRUE;
}

/* (nullable) (transfer none): why the last one that cannot be shown cannot. */
static const char *
get_reason (MsRecording *self)
{
  if (self->diagnostics->len > 0)
    return ((MsDiagnostic *) g_ptr_array_index (self->diagnostics, self->diagnostics->len - 1))
        ->message;
  return self->processes->len > 0
             ? ((MsProcess *) g_ptr_array_index (self->processes, self->processes->len - 1))
                   ->not_followed
             : NULL;
}

/* --- public -------------------------------------------------------------------------------------- */

static gboolean
has_any_trace (MsRecording *self)
{
  for (guint i = 0; i < self->processes->len; i++)
    if (((MsProcess *) g_ptr_array_index (self->processes, i))->has_totals)
      return TRUE;
  return FALSE;
}

MsRecording *
ms_recording_new_for_trace (MsTrace *trace)
{
  MsRecording *self = g_object_new (MS_TYPE_RECORDING, NULL);
  MsProcess *process = add_folder (self, ms_trace_get_folder (trace));
  gboolean is_running;

  self->path = g_strdup (process->folder);
  ms_process_read_manifest (process, &is_running, NULL);
  ms_process_fill_from_trace (process, trace);
  ms_process_fill_names (process);
  return self;
}

MsRecording *
ms_recording_open (const char *given_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsRecording) self = g_object_new (MS_TYPE_RECORDING, NULL);
  g_autofree char *path = ms_given_path_dup_folder (given_path);
  g_autofree char *list = g_build_filename (path, TRK_RECORDING_FILE_NAME, NULL);

  self->path = g_strdup (path);
  while (strlen (self->path) > 1 && g_str_has_suffix (self->path, "/"))
    self->path[strlen (self->path) - 1] = '\0';
  if (!g_file_test (list, G_FILE_TEST_EXISTS)
      && (is_trace_folder (path) || ms_import_is_file (path)))
    {
      return complete_process (self, add_folder (self, self->path), TRUE, cancellable, error)
                 ? g_steal_pointer (&self)
                 : NULL;
    }
  if (!g_file_test (list, G_FILE_TEST_EXISTS))
    {
      add_unlisted_folders (self);
      if (!check_unlisted (self, error))
        return NULL;
    }
  if (self->processes->len == 0 && !g_file_test (list, G_FILE_TEST_EXISTS))
    {
      /* Says why: not there, no folder, no permission, not ours. */
      g_autoptr (MsTrace) trace = ms_trace_load (path, cancellable, NULL, NULL, error);

      if (trace != NULL)
        g_set_error (error, MS_ERROR, MS_ERROR_EMPTY, "%s changed while it was being opened", path);
      return NULL;
    }
  if (!open_list (self, cancellable, error))
    return NULL;
  if (!has_any_trace (self))
    {
      const char *reason = get_reason (self);
      int code = self->has_foreign            ? MS_ERROR_VERSION
                 : self->diagnostics->len > 0 ? MS_ERROR_DAMAGED
                                              : MS_ERROR_EMPTY;

      g_set_error (error, MS_ERROR, code, "%s: no process of this recording can be shown%s%s", path,
                   reason ? ": " : "", reason ? reason : "; it recorded nothing");
      return NULL;
    }
  return g_steal_pointer (&self);
}

const char *
ms_recording_get_path (MsRecording *self)
{
  g_return_val_if_fail (MS_IS_RECORDING (self), NULL);
  return self->path;
}

guint
ms_recording_get_n_processes (MsRecording *self)
{
  g_return_val_if_fail (MS_IS_RECORDING (self), 0);
  return self->processes->len;
}

const MsProcess *
ms_recording_get_process (MsRecording *self, guint index)
{
  g_return_val_if_fail (MS_IS_RECORDING (self) && index < self->processes->len, NULL);
  return g_ptr_array_index (self->processes, index);
}

guint
ms_recording_get_main_process (MsRecording *self)
{
  guint best = 0;
  gint64 best_peak = -1, best_duration_ns = -1;

  g_return_val_if_fail (MS_IS_RECORDING (self), 0);
  for (guint i = 0; i < self->processes->len; i++)
    {
      const MsProcess *process = g_ptr_array_index (self->processes, i);
      gint64 peak = (gint64) MIN (process->peak_bytes, (guint64) G_MAXINT64);

      if (process->has_totals
          && (peak > best_peak || (peak == best_peak && process->duration_ns > best_duration_ns)))
        {
          best = i;
          best_peak = peak;
          best_duration_ns = process->duration_ns;
        }
    }
  return best;
}

MsFollower *
ms_recording_steal_follower (MsRecording *self, guint index)
{
  g_return_val_if_fail (MS_IS_RECORDING (self) && index < self->processes->len, NULL);

  if (self->follower == NULL || g_ptr_array_index (self->processes, index) != self->followed)
    return NULL;
  return g_steal_pointer (&self->follower);
}

gboolean
ms_recording_find_process (MsRecording *self, const char *pid_or_name, guint *index, GError **error)
{
  const MsProcess *best = NULL; /* of that pid */
  guint n_found = 0;

  g_return_val_if_fail (MS_IS_RECORDING (self) && pid_or_name != NULL, FALSE);
  for (guint i = 0; i < self->processes->len; i++)
    {
      const MsProcess *process = g_ptr_array_index (self->processes, i);
      g_autofree char *folder =
          process->folder != NULL ? g_path_get_basename (process->folder) : NULL;
      char pid[16];

      g_snprintf (pid, sizeof pid, "%d", process->pid);
      if (g_strcmp0 (folder, pid_or_name) == 0)
        {
          *index = i;
          return TRUE;
        }
      /* A pid may have run several programs, one after the other. */
      if (strcmp (pid, pid_or_name) == 0
          && (best == NULL || process->peak_bytes > best->peak_bytes))
        {
          *index = i;
          best = process;
        }
      else if (best == NULL
               && (strcmp (process->program, pid_or_name) == 0
                   || g_strcmp0 (process->executable, pid_or_name) == 0))
        {
          *index = i;
          n_found++;
        }
    }
  if (best != NULL)
    return TRUE;
  if (n_found == 1)
    return TRUE;
  if (n_found == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: the recording has no process “%s”",
                 self->path, pid_or_name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "%s: %u processes are called “%s”; name one by its pid or folder", self->path,
                 n_found, pid_or_name);
  return FALSE;
}

GPtrArray *
ms_recording_get_diagnostics (MsRecording *self)
{
  g_return_val_if_fail (MS_IS_RECORDING (self), NULL);
  return self->diagnostics;
}
