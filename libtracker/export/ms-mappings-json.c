/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-mappings-json.h"

#include "ms-json-figures.h"
#include "ms-mapping-names.h"
#include "ms-rankings.h"
#include "ms-short-text.h"
#include "ms-frame-names.h"

#define MAX_STACKS 20
#define MAX_SHORT_FRAMES 16U

void
ms_mappings_json_add_kinds (MsJsonWriter *writer, MsTrace *trace)
{
  ms_json_writer_key (writer, "kinds");
  ms_json_writer_begin_object (writer);
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    {
      const MsMappingTotals *totals = ms_trace_get_mapping_totals (trace, k);

      ms_json_writer_key (writer, ms_mapping_kind_to_key (k));
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "mappings", totals->mappings);
      ms_json_writer_add_uint (writer, "total_mapped_bytes", totals->mapped_bytes);
      ms_json_writer_add_uint (writer, "live_mappings", totals->live_mappings);
      ms_json_writer_add_uint (writer, "live_bytes", totals->live_bytes);
      ms_json_writer_add_uint (writer, "peak_bytes", totals->peak_bytes);
      ms_json_writer_add_uint (writer, "bytes_at_process_peak", totals->bytes_at_process_peak);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_object (writer);
}

static void
add_short_frames (MsJsonWriter *writer, MsExportView *view, guint stack, guint most_chars)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (view->names, stack, &depth, NULL);

  ms_json_writer_key (writer, "frames");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (depth, MAX_SHORT_FRAMES); i++)
    {
      const MsFrame *frame = ms_frame_names_get_frame (view->names, frames[i]);
      const char *label = ms_frame_names_get_label (view->names, frames[i]);
      g_autofree char *base = frame->file ? g_path_get_basename (frame->file) : NULL;
      g_autofree char *text = base && frame->line > 0
                                  ? g_strdup_printf ("%s  %s:%u", label, base, frame->line)
                                  : g_strdup (label);
      g_autofree char *shown = ms_short_text_new (text, most_chars);

      ms_json_writer_string (writer, shown);
    }
  ms_json_writer_end_array (writer);
}

/* @most_chars 0: frames in full. */
static void
add_stack (MsJsonWriter *writer, MsExportView *view, guint stack, guint most_chars)
{
  const MsTotals *totals = ms_trace_get_stack_totals (view->trace, stack, MS_DOMAIN_MAPPING);
  guint kinds = ms_trace_get_stack_mapping_kinds (view->trace, stack);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "mappings", totals->allocations);
  ms_json_writer_add_uint (writer, "total_mapped_bytes", totals->allocated_bytes);
  ms_json_writer_add_uint (writer, "live_bytes", totals->live_bytes);
  ms_json_writer_add_uint (writer, "peak_bytes", totals->peak_bytes);
  ms_json_writer_key (writer, "kinds");
  ms_json_writer_begin_array (writer);
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    if (kinds & 1U << k)
      ms_json_writer_string (writer, ms_mapping_kind_to_key (k));
  ms_json_writer_end_array (writer);
  if (most_chars > 0)
    add_short_frames (writer, view, stack, most_chars);
  else
    ms_json_add_frames (writer, "frames", view, stack);
  ms_json_writer_end_object (writer);
}

static void
add (MsJsonWriter *writer, MsExportView *view, guint most_chars)
{
  const MsTotals *totals = ms_trace_get_totals (view->trace, MS_DOMAIN_MAPPING);
  g_autofree guint *stacks = NULL;
  guint n_stacks;

  /* By kind they are known of the whole trace only. */
  if (!ms_trace_has_mappings (view->trace) || ms_view_is_filtered (view->view))
    {
      ms_json_writer_add_null (writer, "mappings");
      return;
    }
  stacks = ms_rank_stacks (view->trace, MS_DOMAIN_MAPPING, MS_FIGURE_PEAK_BYTES, 0, &n_stacks);
  ms_json_writer_key (writer, "mappings");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "mappings", totals->allocations);
  ms_json_writer_add_uint (writer, "mapped_bytes", totals->live_bytes);
  ms_json_writer_add_uint (writer, "mapped_peak_bytes", totals->peak_bytes);
  ms_json_writer_add_time (writer, "peak_time_ns", totals->peak_time_ns);
  ms_mappings_json_add_kinds (writer, view->trace);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_stacks, MAX_STACKS); i++)
    add_stack (writer, view, stacks[i], most_chars);
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "other_stacks", n_stacks - MIN (n_stacks, MAX_STACKS));
  ms_json_writer_end_object (writer);
}

void
ms_mappings_json_add (MsJsonWriter *writer, MsExportView *view)
{
  add (writer, view, 0);
}

void
ms_mappings_json_add_short (MsJsonWriter *writer, MsExportView *view, guint most_chars)
{
  add (writer, view, most_chars);
}
