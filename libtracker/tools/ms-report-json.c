/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is unknown is null; the writer escapes what a traced program named.  Everything goes straight to
 * the stream, so that a report may be larger than memory. */
#include "ms-report-json.h"

#include "ms-json-figures.h"
#include "ms-mappings-json.h"
#include "ms-report-resources.h"
#include "ms-report-sections.h"
#include "ms-report-stacks.h"
#include "ms-report-threads.h"
#include "ms-report-tree.h"

static void
write_life (MsJsonWriter *writer, MsTrace *trace)
{
  gint exit_status = ms_trace_get_exit_status (trace);

  ms_json_add_state (writer, ms_trace_get_state (trace));
  if (exit_status >= 0)
    ms_json_writer_add_int (writer, "exit_status", exit_status);
  else
    ms_json_writer_add_null (writer, "exit_status");
  ms_json_writer_add_boolean (writer, "ends_early", ms_trace_ends_early (trace));
  ms_json_writer_add_boolean (writer, "replaced_by_exec", ms_trace_was_replaced (trace));
  ms_json_add_trimmed (writer, trace);
  ms_json_add_ring (writer, trace);
  ms_json_writer_add_int (writer, "duration_ns", ms_trace_get_duration_ns (trace));
  ms_json_writer_add_boolean (writer, "sampled", ms_trace_is_sampled (trace));
}

/* Null where no thread was recorded, which mappings do without: zeros would be taken for measurements. */
static void
add_figure (MsJsonWriter *writer,
            MsReport *report,
            MsDomain domain,
            const char *key,
            guint64 value,
            double error)
{
  if (domain == MS_DOMAIN_MAPPING || ms_report_has_threads (report))
    ms_json_add_estimate (writer, report->trace, key, value, error);
  else
    ms_json_writer_add_null (writer, key);
}

static void
write_peak (MsJsonWriter *writer, MsReport *report, MsDomain domain)
{
  const MsPeak *peak = ms_report_get_peak (report, domain);

  if (ms_trace_why_no_live (report->trace) != NULL)
    {
      ms_json_writer_add_null (writer, "peak_bytes");
      ms_json_writer_add_null (writer, "peak_time_ns");
    }
  if (peak == NULL)
    return; /* cancelled: nothing of this will be seen */
  add_figure (writer, report, domain, "peak_bytes", peak->bytes, peak->standard_error);
  ms_json_writer_add_time (writer, "peak_time_ns", peak->time_ns);
}

/* Of blocks that no view knows. */
static void
write_other_frees (MsJsonWriter *writer, MsReport *report, const MsTotals *totals)
{
  const struct {
    const char *key;
    guint64 n;
  } frees[] = {
    { "foreign_frees", totals->foreign_frees },
    { "inherited_frees", totals->inherited_frees },
    { "prior_frees", totals->prior_frees },
    { "unmatched_frees", totals->unmatched_frees },
  };

  for (guint i = 0; i < G_N_ELEMENTS (frees); i++)
    if (ms_view_is_filtered (report->view))
      ms_json_writer_add_null (writer, frees[i].key);
    else
      ms_json_writer_add_uint (writer, frees[i].key, frees[i].n);
}

static void
write_totals (MsJsonWriter *writer, MsReport *report, MsDomain domain)
{
  MsTrace *trace = report->trace;
  const MsTotals *totals = ms_view_get_totals (report->view, domain);
  const MsStandardErrors *errors = &totals->standard_errors;

  add_figure (writer, report, domain, "allocations", totals->allocations, errors->allocations);
  add_figure (writer, report, domain, "deallocations", totals->deallocations,
              errors->deallocations);
  add_figure (writer, report, domain, "reallocations", totals->reallocations,
              errors->reallocations);
  add_figure (writer, report, domain, "allocated_bytes", totals->allocated_bytes,
              errors->allocated_bytes);
  write_peak (writer, report, domain);
  add_figure (writer, report, domain, "leaked_allocations", totals->leaked_allocations,
              errors->leaked_blocks);
  add_figure (writer, report, domain, "leaked_bytes", totals->leaked_bytes, errors->leaked_bytes);
  add_figure (writer, report, domain, "temporary_allocations", totals->temporary_allocations,
              errors->temporary_allocations);
  ms_json_add_losses (writer, trace);
  write_other_frees (writer, report, totals);
}

/* What the figures are of, where that is not the whole recording. */
static void
write_part (MsJsonWriter *writer, MsReport *report)
{
  const MsTotals *totals = ms_view_get_totals (report->view, report->domain);
  guint n_threads = 0;
  const guint *threads = ms_filter_get_threads (ms_view_get_filter (report->view), &n_threads);

  ms_json_add_figure (writer, report->trace, "live_bytes_at_start", totals->live_bytes_at_start);
  ms_json_add_estimate (writer, report->trace, "live_bytes", totals->live_bytes,
                        totals->standard_errors.live_bytes);
  ms_json_writer_key (writer, "filter");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "description", report->part);
  ms_json_writer_add_int (writer, "from_ns", ms_view_get_start_ns (report->view));
  ms_json_writer_add_int (writer, "to_ns", ms_view_get_end_ns (report->view));
  ms_json_add_ids (writer, "threads", threads, n_threads);
  ms_json_writer_end_object (writer);
}

/* The members that every domain has. */
static void
write_domain (MsJsonWriter *writer, MsReport *report, MsDomain domain)
{
  write_life (writer, report->trace);
  write_totals (writer, report, domain);
  if (domain == report->domain && ms_view_is_filtered (report->view))
    write_part (writer, report);
  if (!report->is_full || domain != report->domain)
    {
      ms_json_writer_key (writer, "threads");
      ms_report_threads_write (writer, report, domain);
      ms_json_writer_key (writer, "stacks");
      ms_report_stacks_write (writer, report, domain);
    }
  if (domain == report->domain)
    ms_json_add_marks (writer, report->view);
  ms_json_add_diagnostics (writer, "diagnostics", report->trace, FALSE);
}

void
ms_report_json_domain (MsJsonWriter *writer, MsReport *report, MsDomain domain)
{
  ms_json_writer_begin_object (writer);
  write_domain (writer, report, domain);
  if (domain == MS_DOMAIN_MAPPING)
    ms_mappings_json_add_kinds (writer, report->trace);
  ms_json_writer_end_object (writer);
}

/* Address space, in bytes; null where it was not recorded. */
static void
write_mapped (MsJsonWriter *writer, MsReport *report)
{
  const MsTotals *totals = ms_view_get_totals (report->view, MS_DOMAIN_MAPPING);
  const MsPeak *peak = ms_report_get_peak (report, MS_DOMAIN_MAPPING);

  if (ms_trace_has_mappings (report->trace) && peak != NULL)
    {
      ms_json_writer_add_uint (writer, "mapped_bytes", totals->live_bytes);
      ms_json_writer_add_uint (writer, "mapped_peak_bytes", peak->bytes);
    }
  else
    {
      ms_json_writer_add_null (writer, "mapped_bytes");
      ms_json_writer_add_null (writer, "mapped_peak_bytes");
    }
}

static void
write_process (MsJsonWriter *writer, const MsProcess *process)
{
  g_autofree char *folder =
      process->folder != NULL ? g_filename_display_name (process->folder) : NULL;

  ms_json_writer_add_int (writer, "pid", process->pid);
  ms_json_writer_add_int (writer, "parent_pid", process->parent_pid);
  ms_json_writer_add_string (writer, "program", process->program);
  ms_json_writer_add_string (writer, "command", process->command);
  ms_json_writer_add_string (writer, "folder", folder);
  ms_json_writer_add_string (writer, "not_followed", process->not_followed);
}

/* Everything that there is. */
static void
write_other_domains (MsJsonWriter *writer, MsReport *report)
{
  for (guint domain = 0; domain < MS_N_DOMAINS; domain++)
    if (domain != report->domain && ms_trace_has_domain (report->trace, domain))
      {
        ms_json_writer_key (writer, ms_domain_to_string (domain));
        ms_report_json_domain (writer, report, domain);
      }
}

void
ms_report_json_write (MsJsonWriter *writer,
                      MsReport *report,
                      const MsProcess *process,
                      guint sections)
{
  ms_json_writer_begin_object (writer);
  if (process != NULL)
    write_process (writer, process);
  write_domain (writer, report, report->domain);
  write_mapped (writer, report);
  if (!report->is_full)
    {
      ms_json_writer_key (writer, "resources");
      ms_report_resources_write (writer, report);
      write_other_domains (writer, report);
    }
  for (guint i = 0; i < MS_N_REPORT_SECTIONS; i++)
    if ((sections & 1U << i) != 0)
      {
        ms_json_writer_key (writer, ms_report_sections[i].key);
        ms_report_sections[i].write (writer, report);
      }
  ms_report_butterflies_write (writer, report);
  ms_json_writer_end_object (writer);
}

void
ms_report_json_write_absent (MsJsonWriter *writer, const MsProcess *process)
{
  ms_json_writer_begin_object (writer);
  write_process (writer, process);
  ms_json_writer_end_object (writer);
}
