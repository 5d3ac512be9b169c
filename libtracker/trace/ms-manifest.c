/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-manifest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-trace.h"
#include "trk-format.h"

#define MAX_MANIFEST_BYTES ((gsize) 16 << 20) /* arguments may be long */
#define MAX_LEFT_OUT_BYTES 64U
#define MAX_WATCHED_BYTES 32

static gboolean
parse_trace_id (const char *text, guint8 id[16])
{
  if (text == NULL || strlen (text) != 32)
    return FALSE;
  for (guint i = 0; i < 16; i++)
    {
      gint high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      id[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

static void
read_clock (MsManifest *self, JsonObject *root)
{
  JsonObject *clock = ms_json_get_object (root, "clock");

  if (clock == NULL)
    return;
  self->clock_is_tsc = g_strcmp0 (ms_json_get_string (clock, "kind"), "tsc") == 0;
  self->clock_ticks = (guint64) ms_json_get_int (clock, "ticks", 0);
  self->clock_ns = ms_json_get_int (clock, "ns", 0);
  self->has_clock_pair = self->clock_ticks != 0 && self->clock_ns > 0;
}

static void
read_configuration (MsManifest *self, JsonObject *root)
{
  JsonObject *configuration = ms_json_get_object (root, "configuration");
  const char *threads = ms_json_get_string (configuration, "threads");

  self->thread_rule = g_strdup (threads);
  self->all_threads = threads == NULL || strcmp (threads, "all") == 0;
  self->no_threads = threads != NULL && strcmp (threads, "none") == 0;
  self->mappings = ms_json_get_boolean (configuration, "mappings", FALSE);
  self->explicit_api = g_strcmp0 (ms_json_get_string (configuration, "api"), "explicit") == 0;
  self->sampling_rate = ms_json_get_double (configuration, "allocation_sampling_rate", 1);
  self->sample_interval_bytes =
      (guint64) MAX (0, ms_json_get_int (configuration, "sample_interval_bytes", 0));
  self->ring_bytes = (guint64) MAX (0, ms_json_get_int (configuration, "ring_bytes", 0));
  self->stack_depth =
      (guint) CLAMP (ms_json_get_int (configuration, "stack_depth", 0), 0, TRK_MAX_STACK_DEPTH);
}

/* "ended_threads" of a ring: the file that counted them is gone. */
static void
read_ended (MsManifest *self, JsonObject *root)
{
  static const char *const domains[] = { "heap", "declared" };
  JsonObject *ended = ms_json_get_object (root, "ended_threads");

  if (ended == NULL)
    return;
  self->ended.n_threads = (guint64) MAX (0, ms_json_get_int (ended, "threads", 0));
  for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      JsonObject *counts = ms_json_get_object (ended, domains[d]);

      if (counts != NULL)
        self->ended.counts[d] = (TrkCounts) {
          (guint64) MAX (0, ms_json_get_int (counts, "allocations", 0)),
          (guint64) MAX (0, ms_json_get_int (counts, "allocated_bytes", 0)),
          (guint64) MAX (0, ms_json_get_int (counts, "deallocations", 0)),
        };
    }
}

static void
read_end (MsManifest *self, JsonObject *root)
{
  const char *state = ms_json_get_string (root, "state");
  JsonObject *totals = ms_json_get_object (root, "totals");
  const char *last_error = ms_json_get_string (root, "last_write_error");
  gint64 signal_number = ms_json_get_int (root, "term_signal", 0);

  self->state = g_strcmp0 (state, "exited") == 0   ? MS_STATE_EXITED
                : g_strcmp0 (state, "killed") == 0 ? MS_STATE_KILLED
                                                   : MS_STATE_RUNNING;
  self->closed = ms_json_get_boolean (root, "closed", FALSE) || self->state != MS_STATE_RUNNING;
  if (self->state == MS_STATE_KILLED && signal_number > 0 && signal_number < 128)
    self->exit_status = 128 + (gint) signal_number;
  else if (self->state == MS_STATE_EXITED)
    self->exit_status = (gint) ms_json_get_int (root, "exit_status", -1);
  self->end_ns = ms_json_get_int (root, "end_ns", 0);
  self->dropped_events = (guint64) MAX (0, ms_json_get_int (root, "dropped_events", 0));
  self->failed_writes = (guint64) MAX (0, ms_json_get_int (root, "failed_writes", 0));
  self->last_write_error =
      last_error != NULL ? ms_text_from_bytes (last_error, strlen (last_error)) : NULL;
  if (totals != NULL)
    {
      self->has_totals = TRUE;
      self->has_peak = json_object_has_member (totals, "peak_bytes");
      self->peak_bytes = (guint64) ms_json_get_int (totals, "peak_bytes", 0);
      self->peak_standard_error = MAX (0, ms_json_get_double (totals, "peak_standard_error", 0));
      self->allocations = (guint64) ms_json_get_int (totals, "allocations", 0);
      self->mapped_peak_bytes = (guint64) MAX (0, ms_json_get_int (totals, "mapped_peak_bytes", 0));
      self->n_threads = (guint64) MAX (0, ms_json_get_int (totals, "n_threads", 0));
    }
}

static void
read_note (JsonArray *array, guint i, JsonNode *node, gpointer user_data)
{
  GPtrArray *notes = user_data;
  JsonObject *note = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *level = note != NULL ? ms_json_get_string (note, "level") : NULL;
  const char *text = note != NULL ? ms_json_get_string (note, "text") : NULL;
  g_autofree char *valid = text != NULL ? ms_text_from_bytes (text, strlen (text)) : NULL;

  if (valid != NULL)
    ms_diagnostics_add (notes,
                        g_strcmp0 (level, "info") == 0     ? MS_DIAGNOSTIC_INFO
                        : g_strcmp0 (level, "damage") == 0 ? MS_DIAGNOSTIC_DAMAGE
                                                           : MS_DIAGNOSTIC_WARNING,
                        NULL, 0, "%s", valid);
}

static void
read_notes (MsManifest *self, JsonObject *from)
{
  JsonNode *notes = json_object_get_member (from, "notes");

  if (self->notes == NULL)
    self->notes = ms_diagnostics_new ();
  if (notes != NULL && JSON_NODE_HOLDS_ARRAY (notes))
    json_array_foreach_element (json_node_get_array (notes), read_note, self->notes);
}

static void
read_trim (MsManifest *self, JsonObject *root)
{
  JsonObject *trimmed = ms_json_get_object (root, "trimmed");

  self->ends_early = ms_json_get_boolean (root, "stopped_before_end", FALSE);
  self->was_replaced = ms_json_get_boolean (root, "replaced_by_exec", FALSE);
  if (trimmed == NULL)
    return;
  read_notes (self, trimmed);
  self->ends_early = ms_json_get_boolean (trimmed, "ends_early", FALSE);
  if (self->ends_early)
    self->was_replaced = FALSE; /* after this part */
  self->is_part = TRUE;
  self->part_from_ns = MAX (ms_json_get_int (trimmed, "from_ns", 0), 0);
  self->part_to_ns = MAX (ms_json_get_int (trimmed, "to_ns", 0), self->part_from_ns);
}

static void
read_import (MsManifest *self, JsonObject *root)
{
  JsonObject *imported = ms_json_get_object (root, "imported");
  const char *from = imported != NULL ? ms_json_get_string (imported, "from") : NULL;
  const char *version = imported != NULL ? ms_json_get_string (imported, "version") : NULL;
  g_autofree char *name = NULL;

  if (from == NULL)
    return;
  name =
      g_strdup_printf ("%s%s%s", from, version != NULL ? " " : "", version != NULL ? version : "");
  self->imported_from = ms_text_from_bytes (name, strlen (name));
  read_notes (self, imported);
}

static void
read_members (MsManifest *self, JsonObject *root)
{
  const char *executable = ms_json_get_string (root, "executable");
  const char *boot_id = ms_json_get_string (root, "boot_id");
  const char *not_followed = ms_json_get_string (root, "not_followed");

  self->present = TRUE;
  self->has_trace_id = parse_trace_id (ms_json_get_string (root, "trace_id"), self->trace_id);
  self->pid = (gint) ms_json_get_int (root, "pid", 0);
  self->parent_pid = (gint) ms_json_get_int (root, "parent_pid", 0);
  self->process_start_ticks = (guint64) ms_json_get_int (root, "process_start_ticks", 0);
  self->pid_namespace = (guint64) ms_json_get_int (root, "pid_namespace", 0);
  self->boot_id = g_strdup (boot_id);
  self->executable = g_strdup (executable);
  self->not_followed =
      not_followed ? ms_text_from_bytes (not_followed, strlen (not_followed)) : NULL;
  g_strfreev (self->arguments);
  self->arguments = ms_json_dup_strings (root, "arguments");
  self->start_wall_us = MAX (ms_json_get_int (root, "start_wall_us", 0), 0);
  self->start_ns = ms_json_get_int (root, "start_ns", 0);
  self->forked = ms_json_get_boolean (root, "forked", FALSE);
  self->began_late = ms_json_get_boolean (root, "began_late", FALSE);
  read_clock (self, root);
  read_configuration (self, root);
  read_end (self, root);
  read_ended (self, root);
  read_import (self, root);
  read_trim (self, root);
}

/* Of a folder of links alone: see live/ms-trace-mirror.h. */
static guint
read_left_out (int dir_fd)
{
  gsize n_bytes;
  g_autofree char *text =
      ms_folder_read_text (dir_fd, MS_LEFT_OUT_FILE_NAME, MAX_LEFT_OUT_BYTES, &n_bytes, NULL);

  return text != NULL ? (guint) MIN (g_ascii_strtoull (text, NULL, 10), G_MAXUINT) : 0;
}

static void
read_watched (MsManifest *self, int dir_fd)
{
  gsize n_bytes;
  g_autofree char *text =
      ms_folder_read_text (dir_fd, MS_WATCHED_FILE_NAME, MAX_WATCHED_BYTES, &n_bytes, NULL);
  int status;

  self->is_watched = text != NULL;
  self->watched_state = MS_STATE_RUNNING;
  self->watched_exit_status = -1;
  if (text == NULL)
    return;
  if (sscanf (text, "exited %d", &status) == 1)
    self->watched_state = MS_STATE_EXITED;
  else if (sscanf (text, "killed %d", &status) == 1)
    self->watched_state = MS_STATE_KILLED;
  else
    return;
  self->watched_exit_status = CLAMP (status, -1, 255);
}

gboolean
ms_manifest_read (MsManifest *self, int dir_fd, GPtrArray *diagnostics, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  JsonObject *root;
  gsize n_bytes = 0;
  gint64 version;

  memset (self, 0, sizeof *self);
  self->exit_status = -1;
  self->sampling_rate = 1;
  self->all_threads = TRUE;
  self->state = MS_STATE_RUNNING;
  self->arguments = g_new0 (char *, 1);

  text = ms_folder_read_text (dir_fd, TRK_MANIFEST_FILE_NAME, MAX_MANIFEST_BYTES, &n_bytes,
                              &local_error);
  if (text != NULL)
    node = ms_json_parse (text, n_bytes, &local_error);
  if (node == NULL)
    {
      ms_diagnostics_add (diagnostics, MS_DIAGNOSTIC_DAMAGE, TRK_MANIFEST_FILE_NAME, 0,
                          "The manifest cannot be read (%s): program, times and state are unknown.",
                          local_error->message);
      return TRUE;
    }

  root = json_node_get_object (node);
  version = ms_json_get_int (root, "version", TRK_VERSION_MAJOR);
  if (version != TRK_VERSION_MAJOR)
    {
      g_set_error (error, MS_ERROR, MS_ERROR_VERSION,
                   "%s: written in format %" G_GINT64_FORMAT
                   ", this program reads format %d; use the "
                   "Memscope that wrote it",
                   TRK_MANIFEST_FILE_NAME, version, TRK_VERSION_MAJOR);
      return FALSE;
    }
  read_members (self, root);
  read_watched (self, dir_fd);
  self->n_left_out = read_left_out (dir_fd);
  return TRUE;
}

char *
ms_program_name (const char *first_argument, const char *executable)
{
  const char *name = first_argument && *first_argument ? first_argument : executable;
  g_autofree char *text = NULL;

  if (name == first_argument && name && name[0] == '-' && name[1] != '\0')
    name++; /* a login shell */
  if (name == NULL || *name == '\0')
    return NULL;
  text = ms_text_from_bytes (name, strlen (name));
  return g_path_get_basename (text);
}

void
ms_manifest_clear (MsManifest *self)
{
  g_clear_pointer (&self->boot_id, g_free);
  g_clear_pointer (&self->executable, g_free);
  g_clear_pointer (&self->not_followed, g_free);
  g_clear_pointer (&self->last_write_error, g_free);
  g_clear_pointer (&self->thread_rule, g_free);
  g_clear_pointer (&self->arguments, g_strfreev);
  g_clear_pointer (&self->imported_from, g_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
}
