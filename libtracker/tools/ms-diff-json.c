/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   { "format": "memscope-diff", "version": 1, "domain": "heap", "by": "peak_bytes",
 *     "before": {…}, "after": {…}, "sentences": […],
 *     "totals": { "peak_bytes": { "before", "after", "difference", "percent", "standard_error",
 *                                 "significant" }, … },
 *     "threads": [ { "name", "n_before", "n_after", "changes": {…} }, … ],
 *     "sites":   [ likewise ],
 *     "stacks":  [ { "n_before", "n_after", "changes": {…}, "frames": […] }, … ] }
 *
 * Lists are ordered by the difference of "by"; rows in which it did not change are left out.  What is not
 * known is null.
 */
#include "ms-diff-json.h"

#include <math.h>

#include "ms-json-figures.h"

static void
write_change (MsJsonWriter *writer, const char *key, const MsChange *change)
{
  double percent;

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "before", change->before);
  ms_json_writer_add_uint (writer, "after", change->after);
  ms_json_writer_add_int (writer, "difference", ms_change_get_difference (change));
  if (ms_change_get_percent (change, &percent))
    ms_json_writer_add_double (writer, "percent", percent);
  else
    ms_json_writer_add_null (writer, "percent");
  ms_json_writer_add_double (writer, "standard_error", change->standard_error);
  if (isnan (change->standard_error))
    ms_json_writer_add_null (writer, "significant");
  else
    ms_json_writer_add_boolean (writer, "significant", ms_change_is_significant (change));
  ms_json_writer_end_object (writer);
}

static void
write_changes (MsJsonWriter *writer, const char *key, const MsDiff *diff, const MsComparedRow *row)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  for (MsFigureKind kind = 0; kind < MS_N_FIGURES; kind++)
    if ((kind == MS_FIGURE_PEAK_BYTES && !row->has_own_peak)
        || ms_diff_why_unknown (diff, kind) != NULL)
      ms_json_writer_add_null (writer, ms_figure_kind_to_string (kind));
    else
      write_change (writer, ms_figure_kind_to_string (kind), &row->changes[kind]);
  ms_json_writer_end_object (writer);
}

static void
write_frames (MsJsonWriter *writer, const MsComparedRow *row)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);

  ms_json_writer_key (writer, "frames");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < depth; i++)
    ms_json_add_frame (writer, ms_frame_names_get_frame (row->names, frames[i]));
  ms_json_writer_end_array (writer);
}

static void
write_rows (MsJsonWriter *writer, const char *key, const MsDiff *diff, MsComparedKind what)
{
  guint n_rows;
  g_autofree guint *rows =
      ms_comparison_rank (diff->comparison, what, ms_diff_get_part_figure (diff), 0, &n_rows);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_rows, diff->top); i++)
    {
      const MsComparedRow *row = ms_comparison_get_row (diff->comparison, what, rows[i]);

      ms_json_writer_begin_object (writer);
      if (what != MS_COMPARED_STACKS)
        ms_json_writer_add_string (writer, "name", row->name);
      ms_json_writer_add_uint (writer, "n_before", row->n_before);
      ms_json_writer_add_uint (writer, "n_after", row->n_after);
      write_changes (writer, "changes", diff, row);
      if (what == MS_COMPARED_STACKS)
        write_frames (writer, row);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
write_side (MsJsonWriter *writer, const char *key, const MsDiffSide *side)
{
  const char *const *arguments = ms_trace_get_arguments (side->trace);
  gint exit_status = ms_trace_get_exit_status (side->trace);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "folder", side->folder);
  ms_json_writer_add_string (writer, "program", ms_trace_get_program (side->trace));
  ms_json_writer_key (writer, "arguments");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; arguments[i] != NULL; i++)
    ms_json_writer_string (writer, arguments[i]);
  ms_json_writer_end_array (writer);
  ms_json_writer_add_int (writer, "pid", ms_trace_get_pid (side->trace));
  ms_json_add_state (writer, ms_trace_get_state (side->trace));
  if (exit_status >= 0)
    ms_json_writer_add_int (writer, "exit_status", exit_status);
  else
    ms_json_writer_add_null (writer, "exit_status");
  ms_json_writer_add_int (writer, "from_ns", ms_view_get_start_ns (side->view));
  ms_json_writer_add_int (writer, "to_ns", ms_view_get_end_ns (side->view));
  ms_json_writer_add_string (writer, "part", side->part);
  ms_json_writer_add_string (writer, "not_leaked", ms_diff_side_get_left_reason (side));
  ms_json_writer_add_boolean (writer, "sampled", ms_trace_is_sampled (side->trace));
  ms_json_writer_add_uint (writer, "dropped_events", ms_trace_get_dropped_events (side->trace));
  ms_json_writer_end_object (writer);
}

static char *
quote (const char *name)
{
  return g_strdup (name);
}

void
ms_diff_json_write (MsJsonWriter *writer, const MsDiff *diff)
{
  static const char *const domains[MS_N_DOMAINS] = { "heap", "declared", "mapping" };
  g_autoptr (GPtrArray) sentences = ms_diff_sentences (diff, quote);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "format", "memscope-diff");
  ms_json_writer_add_uint (writer, "version", 1);
  ms_json_writer_add_string (writer, "domain",
                             domains[ms_comparison_get_domain (diff->comparison)]);
  ms_json_writer_add_string (writer, "by", ms_figure_kind_to_string (diff->by));
  write_side (writer, "before", &diff->sides[0]);
  write_side (writer, "after", &diff->sides[1]);
  ms_json_writer_key (writer, "sentences");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < sentences->len; i++)
    ms_json_writer_string (writer, g_ptr_array_index (sentences, i));
  ms_json_writer_end_array (writer);
  write_changes (writer, "totals", diff, ms_comparison_get_totals (diff->comparison));
  write_rows (writer, "threads", diff, MS_COMPARED_THREADS);
  write_rows (writer, "sites", diff, MS_COMPARED_SITES);
  write_rows (writer, "stacks", diff, MS_COMPARED_STACKS);
  ms_json_writer_end_object (writer);
}
