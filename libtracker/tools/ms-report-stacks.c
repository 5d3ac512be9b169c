/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-stacks.h"

#include "ms-estimate-text.h"
#include "ms-json-figures.h"
#include "ms-left-words.h"
#include "ms-report-lines.h"
#include "ms-terminal-text.h"

/* --- for a person ---------------------------------------------------------------------------- */

static void
append_stack (GString *out, MsReport *report, guint stack, guint rank)
{
  const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, report->domain);
  const MsStandardErrors *errors = &totals->standard_errors;
  gboolean is_part = ms_view_is_filtered (report->view);
  g_autofree char *peak =
      ms_estimate_text_bytes (ms_report_stack_figure (report, stack, report->domain,
                                                      MS_FIGURE_PEAK_BYTES),
                              errors->peak_bytes);
  g_autofree char *allocated =
      ms_estimate_text_bytes (totals->allocated_bytes, errors->allocated_bytes);
  g_autofree char *leaked = ms_estimate_text_bytes (totals->leaked_bytes, errors->leaked_bytes);
  MsLeftKind kind = ms_left_get_kind (report->view);
  g_autofree char *left = g_strconcat (ms_left_get_word (kind), " ", leaked, NULL);
  g_autofree char *allocations = ms_estimate_text_count (totals->allocations, errors->allocations);
  gboolean has_live = ms_trace_why_no_live (report->trace) == NULL;
  g_autofree char *title = has_live
                               ? g_strdup_printf ("%s %s", peak, is_part ? "at the peak" : "peak")
                               : g_strdup_printf ("%s allocated", allocated);
  g_autofree char *comment =
      g_strdup_printf ("%s%s in %s allocation%s%s%s", has_live ? ", " : "",
                       has_live ? allocated : "", allocations, ms_plural (totals->allocations),
                       totals->leaked_bytes > 0 ? ", " : "", totals->leaked_bytes > 0 ? left : "");

  ms_report_stack (out, report, rank, title, comment, stack);
}

void
ms_report_stacks_append (GString *out, MsReport *report)
{
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, report->domain, MS_FIGURE_PEAK_BYTES, TRUE, report->top);

  if (stacks->len == 0 && !report->is_full)
    return;
  ms_report_heading (out, report->terminal,
                     ms_trace_why_no_live (report->trace) != NULL
                         ? "Stacks that allocated most in what is kept"
                     : ms_view_is_filtered (report->view) ? "Stacks with the most at the peak"
                                                          : "Stacks with the highest peak");
  if (stacks->len == 0 && report->top > 0)
    ms_report_remark (out, report->terminal, "nothing was allocated");
  for (guint i = 0; i < stacks->len; i++)
    append_stack (out, report, g_array_index (stacks, guint, i), i + 1);
}

void
ms_report_temporary_append (GString *out, MsReport *report)
{
  const MsTotals *all = ms_view_get_totals (report->view, report->domain);
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, report->domain, MS_FIGURE_TEMPORARY_ALLOCATIONS, FALSE,
                              report->top);
  g_autofree char *n = ms_estimate_text_count (all->temporary_allocations,
                                               all->standard_errors.temporary_allocations);
  g_autofree char *share = ms_format_share (all->temporary_allocations, all->allocations);
  g_autofree char *remark =
      g_strdup_printf ("%s, %s of all: freed by their thread before it did anything else with "
                       "memory",
                       n, share);

  ms_report_heading (out, report->terminal, "Temporary allocations");
  ms_report_remark (out, report->terminal, remark);
  for (guint i = 0; i < stacks->len; i++)
    {
      guint stack = g_array_index (stacks, guint, i);
      const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, report->domain);
      const MsStandardErrors *errors = &totals->standard_errors;
      g_autofree char *temporary =
          ms_estimate_text_count (totals->temporary_allocations, errors->temporary_allocations);
      g_autofree char *allocations =
          ms_estimate_text_count (totals->allocations, errors->allocations);
      g_autofree char *bytes =
          ms_estimate_text_bytes (totals->allocated_bytes, errors->allocated_bytes);
      g_autofree char *part = ms_format_share (totals->temporary_allocations, totals->allocations);
      g_autofree char *title = g_strdup_printf ("%s temporary", temporary);
      g_autofree char *comment = g_strdup_printf (" of %s allocation%s (%s), %s", allocations,
                                                  ms_plural (totals->allocations), part, bytes);

      ms_report_stack (out, report, i + 1, title, comment, stack);
    }
}

/* --- for a program --------------------------------------------------------------------------- */

void
ms_report_frames_write (MsJsonWriter *writer, MsReport *report, guint stack)
{
  g_autoptr (GArray) frames =
      ms_name_resolver_resolve_stack (report->resolver, report->trace, stack);

  ms_json_writer_key (writer, "frames");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < frames->len; i++)
    ms_json_add_frame (writer, &g_array_index (frames, MsFrame, i));
  ms_json_writer_end_array (writer);
}

/* Of a part of a recording, the peaks of single stacks are not known. */
static void
write_peak (MsJsonWriter *writer, MsReport *report, guint stack, MsDomain domain)
{
  const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, domain);

  if (ms_view_is_filtered (report->view))
    ms_json_writer_add_null (writer, "peak_bytes");
  else
    ms_json_add_estimate (writer, report->trace, "peak_bytes", totals->peak_bytes,
                          totals->standard_errors.peak_bytes);
}

static void
write_stack (MsJsonWriter *writer, MsReport *report, guint stack, MsDomain domain)
{
  const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, domain);
  const MsStandardErrors *errors = &totals->standard_errors;
  MsTrace *trace = report->trace;

  ms_json_writer_begin_object (writer);
  ms_json_add_estimate (writer, trace, "allocations", totals->allocations, errors->allocations);
  ms_json_add_estimate (writer, trace, "allocated_bytes", totals->allocated_bytes,
                        errors->allocated_bytes);
  write_peak (writer, report, stack, domain);
  ms_json_add_estimate (writer, trace, "leaked_bytes", totals->leaked_bytes, errors->leaked_bytes);
  if (report->is_full)
    {
      ms_json_add_figure (writer, report->trace, "bytes_at_process_peak",
                          ms_report_stack_figure (report, stack, domain,
                                                  MS_FIGURE_BYTES_AT_PROCESS_PEAK));
      ms_json_add_estimate (writer, trace, "leaked_allocations", totals->leaked_allocations,
                            errors->leaked_blocks);
      ms_json_add_estimate (writer, trace, "deallocations", totals->deallocations,
                            errors->deallocations);
      ms_json_add_estimate (writer, trace, "temporary_allocations", totals->temporary_allocations,
                            errors->temporary_allocations);
    }
  ms_report_frames_write (writer, report, stack);
  ms_json_writer_end_object (writer);
}

void
ms_report_stacks_write (MsJsonWriter *writer, MsReport *report, MsDomain domain)
{
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, domain, MS_FIGURE_PEAK_BYTES, TRUE, report->top);

  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < stacks->len; i++)
    write_stack (writer, report, g_array_index (stacks, guint, i), domain);
  ms_json_writer_end_array (writer);
}

void
ms_report_temporary_write (MsJsonWriter *writer, MsReport *report)
{
  g_autoptr (GArray) stacks =
      ms_report_order_stacks (report, report->domain, MS_FIGURE_TEMPORARY_ALLOCATIONS, FALSE,
                              report->top);

  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < stacks->len; i++)
    {
      guint stack = g_array_index (stacks, guint, i);
      const MsTotals *totals = ms_view_get_stack_totals (report->view, stack, report->domain);
      const MsStandardErrors *errors = &totals->standard_errors;

      ms_json_writer_begin_object (writer);
      ms_json_add_estimate (writer, report->trace, "temporary_allocations",
                            totals->temporary_allocations, errors->temporary_allocations);
      ms_json_add_estimate (writer, report->trace, "allocations", totals->allocations,
                            errors->allocations);
      ms_json_add_estimate (writer, report->trace, "allocated_bytes", totals->allocated_bytes,
                            errors->allocated_bytes);
      ms_report_frames_write (writer, report, stack);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}
