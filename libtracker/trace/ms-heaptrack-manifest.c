/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a person has to know about an import stands in the manifest, for whenever the folder is opened. */
#include "ms-heaptrack-converter.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "ms-diagnostic.h"

static void add_note (JsonBuilder *builder, const char *level, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
add_note (JsonBuilder *builder, const char *level, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "level");
  json_builder_add_string_value (builder, level);
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, text);
  json_builder_end_object (builder);
}

static void
add_notes (const MsHeaptrackConverter *self, JsonBuilder *builder)
{
  const MsHeaptrackLines *lines = self->lines;

  add_note (builder, "info",
            "Imported from heaptrack, which records no threads: all are shown as one.  Times are "
            "those of its time stamps, about 10 ms apart, and a realloc is a free and an "
            "allocation.");
  if (self->is_raw)
    add_note (builder, "info",
              "The file is raw: functions and lines are those of the programs and libraries that "
              "are now on this machine.");
  if (lines->error != NULL)
    add_note (builder, "damage",
              "The file is damaged after line %" G_GUINT64_FORMAT " (%s); what stands before is "
              "shown.",
              lines->n_lines, lines->error->message);
  else if (lines->is_cut)
    add_note (builder, "damage",
              "The file ends in the middle, after line %" G_GUINT64_FORMAT
              ": it was cut, or heaptrack was killed.  What stands before is shown.",
              lines->n_lines);
  if (self->n_bad_lines > 0)
    add_note (builder, "damage",
              "%" G_GUINT64_FORMAT " line%s of the file make%s no sense and %s left out; the first "
              "is line %" G_GUINT64_FORMAT ".",
              self->n_bad_lines, self->n_bad_lines == 1 ? "" : "s",
              self->n_bad_lines == 1 ? "s" : "", self->n_bad_lines == 1 ? "was" : "were",
              self->first_bad_line);
  if (lines->n_too_long > 0)
    add_note (builder, "warning", "%" G_GUINT64_FORMAT " line%s longer than %u bytes %s cut.",
              lines->n_too_long, lines->n_too_long == 1 ? "" : "s", MS_HEAPTRACK_MAX_LINE_BYTES,
              lines->n_too_long == 1 ? "was" : "were");
  if (self->n_replaced > 0)
    add_note (builder, "warning",
              "%" G_GUINT64_FORMAT " address%s %s handed out again without a free in the file: as "
              "in heaptrack, what was there counts as never freed.",
              self->n_replaced, self->n_replaced == 1 ? "" : "es",
              self->n_replaced == 1 ? "was" : "were");
  if (self->n_suppressions > 0)
    add_note (builder, "info",
              "The file brings %" G_GUINT64_FORMAT " suppression%s of leaks, which %s not applied.",
              self->n_suppressions, self->n_suppressions == 1 ? "" : "s",
              self->n_suppressions == 1 ? "is" : "are");
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) MIN (value, (guint64) G_MAXINT64));
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

/* heaptrack wrote the words with a space between them, whatever was in them. */
static void
add_command (JsonBuilder *builder, const char *command)
{
  g_autofree char *text = ms_text_from_bytes (command, strlen (command));
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  add_string (builder, "executable", words[0] != NULL ? words[0] : "");
  json_builder_set_member_name (builder, "arguments");
  json_builder_begin_array (builder);
  for (guint i = 0; words[i] != NULL; i++)
    json_builder_add_string_value (builder, words[i]);
  json_builder_end_array (builder);
}

static void
add_clock_and_totals (const MsHeaptrackConverter *self, JsonBuilder *builder)
{
  add_int (builder, "start_ns", MS_HEAPTRACK_START_NS);
  add_int (builder, "end_ns", self->now_ns + MS_HEAPTRACK_NS_PER_MS);
  json_builder_set_member_name (builder, "clock");
  json_builder_begin_object (builder);
  add_string (builder, "kind", "monotonic");
  add_int (builder, "tick_shift", 0);
  add_int (builder, "ticks", MS_HEAPTRACK_START_NS);
  add_int (builder, "ns", MS_HEAPTRACK_START_NS);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "totals");
  json_builder_begin_object (builder);
  add_string (builder, "domain", "heap");
  add_int (builder, "peak_bytes", self->totals.peak_bytes);
  add_int (builder, "allocations", self->totals.allocations);
  add_int (builder, "deallocations", self->totals.allocations - self->n_live);
  add_int (builder, "leaked_bytes", self->totals.live_bytes);
  add_int (builder, "n_threads", 1);
  json_builder_end_object (builder);
}

char *
ms_heaptrack_make_manifest (const MsHeaptrackConverter *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *version =
      g_strdup_printf ("%u.%u.%u", (guint) (self->version >> 16 & 0xff),
                       (guint) (self->version >> 8 & 0xff), (guint) (self->version & 0xff));

  json_builder_begin_object (builder);
  add_string (builder, "format", "memscope-trace");
  add_int (builder, "version", 1);
  add_string (builder, "trace_id", ms_trace_writer_get_trace_id (self->writer));
  add_command (builder, self->command != NULL ? self->command : "");
  add_clock_and_totals (self, builder);
  json_builder_set_member_name (builder, "configuration");
  json_builder_begin_object (builder);
  add_string (builder, "threads", "all");
  add_boolean (builder, "mappings", FALSE);
  json_builder_end_object (builder);
  add_boolean (builder, "began_late", self->was_attached);
  add_string (builder, "state", "exited");
  add_boolean (builder, "closed", TRUE);
  json_builder_set_member_name (builder, "imported");
  json_builder_begin_object (builder);
  add_string (builder, "from", "heaptrack");
  add_string (builder, "version", version);
  add_int (builder, "file_format", self->format);
  add_boolean (builder, "raw", self->is_raw);
  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  add_notes (self, builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}
