/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The old manifest, with what is no longer true of it changed and, if wanted, what tells whose it was. */
#include <json-glib/json-glib.h>

#include "ms-trim-private.h"

#include "ms-folder-reader.h"

#define MAX_MANIFEST_BYTES ((gsize) 16 << 20)

static JsonObject *
read_manifest (int dir_fd)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  gsize n_bytes = 0;

  text = ms_folder_read_text (dir_fd, TRK_MANIFEST_FILE_NAME, MAX_MANIFEST_BYTES, &n_bytes, NULL);
  if (text != NULL)
    node = ms_json_parse (text, n_bytes, NULL);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node)
                                                       : json_object_new ();
}

static void
remove_members (JsonObject *object, const char *const *names)
{
  for (guint i = 0; object != NULL && names[i] != NULL; i++)
    if (json_object_has_member (object, names[i]))
      json_object_remove_member (object, names[i]);
}

/* How many there were stays. */
static void
redact (JsonObject *root, gsize n_arguments)
{
  static const char *const of_process[] = { "working_directory", "boot_id", "pid_namespace", NULL };
  static const char *const of_machine[] = { "host_name", "kernel", NULL };
  JsonArray *arguments = json_array_new ();

  remove_members (root, of_process);
  remove_members (ms_json_get_object (root, "machine"), of_machine);
  json_object_set_string_member (root, "executable", "program");
  for (gsize i = 0; i < n_arguments; i++)
    {
      g_autofree char *word =
          i == 0 ? g_strdup ("program") : g_strdup_printf ("argument-%" G_GSIZE_FORMAT, i);

      json_array_add_string_element (arguments, word);
    }
  json_object_set_array_member (root, "arguments", arguments);
}

static void
add_note (JsonArray *notes, const char *level, const char *text)
{
  JsonObject *note = json_object_new ();

  json_object_set_string_member (note, "level", level);
  json_object_set_string_member (note, "text", text);
  json_array_add_object_element (notes, note);
}

static void
add_notes (JsonArray *notes, MsTrace *trace, const MsTrimFacts *facts)
{
  g_autofree char *what =
      g_strdup_printf ("A part of a longer recording, from %.3f s to %.3f s%s: %" G_GUINT64_FORMAT
                       " block%s (%" G_GUINT64_FORMAT
                       " bytes) that lived at its beginning %s in it as allocated right before.",
                       (double) facts->from_ns / 1e9, (double) facts->to_ns / 1e9,
                       facts->threads != NULL ? ", of some threads" : "", facts->n_prior_blocks,
                       facts->n_prior_blocks == 1 ? "" : "s", facts->n_prior_bytes,
                       facts->n_prior_blocks == 1 ? "is" : "are");

  add_note (notes, "info", what);
  if (facts->redact)
    add_note (
        notes, "info",
        "Paths, arguments and names of the machine were replaced, and samples of resources left "
        "out; build-ids are what they were.");
  if (ms_trace_get_dropped_events (trace) > 0)
    {
      g_autofree char *dropped = g_strdup_printf (
          "%" G_GUINT64_FORMAT
          " events of the whole recording could not be recorded, in this part or elsewhere.",
          ms_trace_get_dropped_events (trace));

      add_note (notes, "warning", dropped);
    }
}

static JsonObject *
make_trimmed (MsTrace *trace, const MsTrimFacts *facts)
{
  JsonObject *trimmed = json_object_new ();
  JsonArray *notes = json_array_new ();

  json_object_set_int_member (trimmed, "from_ns", facts->from_ns);
  json_object_set_int_member (trimmed, "to_ns", facts->to_ns);
  json_object_set_boolean_member (trimmed, "ends_early", facts->ends_early);
  if (facts->threads != NULL)
    {
      JsonArray *threads = json_array_new ();

      for (guint i = 0; i < facts->n_threads; i++)
        json_array_add_int_element (threads, facts->threads[i]);
      json_object_set_array_member (trimmed, "threads", threads);
    }
  json_object_set_int_member (trimmed, "prior_blocks", (gint64) facts->n_prior_blocks);
  json_object_set_int_member (trimmed, "prior_bytes", (gint64) facts->n_prior_bytes);
  json_object_set_boolean_member (trimmed, "redacted", facts->redact);
  add_notes (notes, trace, facts);
  json_object_set_array_member (trimmed, "notes", notes);
  return trimmed;
}

static void
set_clock (JsonObject *root, gint64 start_ns)
{
  JsonObject *clock = json_object_new ();

  json_object_set_string_member (clock, "kind", "monotonic");
  json_object_set_int_member (clock, "tick_shift", 0);
  json_object_set_int_member (clock, "ticks", start_ns);
  json_object_set_int_member (clock, "ns", start_ns);
  json_object_set_object_member (root, "clock", clock);
  json_object_set_int_member (root, "start_ns", start_ns);
}

char *
ms_trim_make_manifest (MsTrace *trace,
                       int dir_fd,
                       const MsTraceWriter *writer,
                       const MsTrimFacts *facts)
{
  /* Of the whole recording. */
  static const char *const outdated[] = { "totals",           "dropped_events", "failed_writes",
                                          "last_write_error", "ended_threads",  NULL };
  static const char *const of_a_ring[] = { "ring_bytes", NULL };
  static const char *const of_the_end[] = { "exit_status", "term_signal", NULL };
  g_autoptr (JsonObject) root = read_manifest (dir_fd);
  g_autoptr (JsonNode) node = NULL;

  json_object_set_string_member (root, "format", "memscope-trace");
  json_object_set_int_member (root, "version", 1);
  json_object_set_string_member (root, "trace_id", ms_trace_writer_get_trace_id (writer));
  remove_members (root, outdated);
  if (facts->ends_early)
    remove_members (root, of_the_end);
  if (ms_trace_why_no_live (trace) == NULL) /* it is all there: any part is as exact as another's */
    remove_members (ms_json_get_object (root, "configuration"), of_a_ring);
  set_clock (root, facts->start_ns);
  json_object_set_int_member (root, "end_ns", facts->start_ns + facts->to_ns);
  json_object_set_boolean_member (root, "closed", TRUE);
  json_object_set_string_member (root, "state",
                                 ms_trace_get_state (trace) == MS_STATE_KILLED ? "killed"
                                                                               : "exited");
  json_object_set_boolean_member (root, "forked", trace->manifest.forked);
  if (facts->has_prior_frees)
    json_object_set_boolean_member (root, "began_late", TRUE);
  if (facts->redact)
    redact (root, g_strv_length ((char **) ms_trace_get_arguments (trace)));
  json_object_set_object_member (root, "trimmed", make_trimmed (trace, facts));
  node = json_node_init_object (json_node_alloc (), root);
  return json_to_string (node, FALSE);
}
