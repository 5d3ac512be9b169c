/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is unknown is null; the writer escapes what a traced program named. */
#include "ms-report-json.h"

#include "ms-json-figures.h"
#include "ms-mappings-json.h"
#include "ms-report-stacks.h"
#include "ms-roles.h"

static const char *
state_name (MsState state)
{
  switch (state)
    {
    case MS_STATE_RUNNING:
      return "running";
    case MS_STATE_EXITED:
      return "exited";
    case MS_STATE_KILLED:
    default:
      return "killed";
    }
}

static void
write_life (MsJsonWriter *writer, MsTrace *trace)
{
  gint exit_status = ms_trace_get_exit_status (trace);

  ms_json_writer_add_string (writer, "state", state_name (ms_trace_get_state (trace)));
  if (exit_status >= 0)
    ms_json_writer_add_int (writer, "exit_status", exit_status);
  else
    ms_json_writer_add_null (writer, "exit_status");
  ms_json_writer_add_int (writer, "duration_ns", ms_trace_get_duration_ns (trace));
  ms_json_writer_add_boolean (writer, "sampled", ms_trace_is_sampled (trace));
}

static void
write_totals (MsJsonWriter *writer, MsTrace *trace, const MsTotals *totals)
{
  const MsStandardErrors *errors = &totals->standard_errors;

  ms_json_add_estimate (writer, trace, "allocations", totals->allocations, errors->allocations);
  ms_json_add_estimate (writer, trace, "deallocations", totals->deallocations,
                        errors->deallocations);
  ms_json_add_estimate (writer, trace, "reallocations", totals->reallocations,
                        errors->reallocations);
  ms_json_add_estimate (writer, trace, "allocated_bytes", totals->allocated_bytes,
                        errors->allocated_bytes);
  ms_json_add_estimate (writer, trace, "peak_bytes", totals->peak_bytes, errors->peak_bytes);
  ms_json_writer_add_time (writer, "peak_time_ns", totals->peak_time_ns);
  ms_json_add_estimate (writer, trace, "leaked_allocations", totals->leaked_allocations,
                        errors->live_blocks);
  ms_json_add_estimate (writer, trace, "leaked_bytes", totals->leaked_bytes, errors->live_bytes);
  ms_json_add_estimate (writer, trace, "temporary_allocations", totals->temporary_allocations,
                        errors->temporary_allocations);
  ms_json_add_losses (writer, trace);
  ms_json_writer_add_uint (writer, "foreign_frees", totals->foreign_frees);
  ms_json_writer_add_uint (writer, "inherited_frees", totals->inherited_frees);
  ms_json_writer_add_uint (writer, "prior_frees", totals->prior_frees);
  ms_json_writer_add_uint (writer, "unmatched_frees", totals->unmatched_frees);
}

static void
write_thread_figures (MsJsonWriter *writer, MsTrace *trace, const MsTotals *totals)
{
  const MsStandardErrors *errors = &totals->standard_errors;

  ms_json_add_estimate (writer, trace, "allocations", totals->allocations, errors->allocations);
  ms_json_add_estimate (writer, trace, "deallocations", totals->deallocations,
                        errors->deallocations);
  ms_json_add_estimate (writer, trace, "allocated_bytes", totals->allocated_bytes,
                        errors->allocated_bytes);
  ms_json_add_estimate (writer, trace, "freed_bytes_of_own", totals->freed_bytes_of_own,
                        errors->freed_bytes_of_own);
  ms_json_add_estimate (writer, trace, "peak_bytes", totals->peak_bytes, errors->peak_bytes);
  ms_json_add_estimate (writer, trace, "live_bytes", totals->live_bytes, errors->live_bytes);
  ms_json_add_estimate (writer, trace, "temporary_allocations", totals->temporary_allocations,
                        errors->temporary_allocations);
}

static void
write_thread (MsJsonWriter *writer, MsTrace *trace, MsThread *thread, MsDomain domain)
{
  const MsTotals *totals = ms_thread_get_totals (thread, domain);
  guint n_names = 0;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "id", ms_thread_get_id (thread));
  if (ms_thread_get_tid (thread) > 0)
    ms_json_writer_add_int (writer, "tid", ms_thread_get_tid (thread));
  else
    ms_json_writer_add_null (writer, "tid");
  ms_json_writer_add_string (writer, "name", ms_thread_get_name (thread));
  ms_json_writer_key (writer, "names");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_names; i++)
    ms_json_writer_string (writer, names[i].name);
  ms_json_writer_end_array (writer);
  ms_json_writer_add_boolean (writer, "tracked", ms_thread_is_tracked (thread));
  write_thread_figures (writer, trace, totals);
  ms_json_writer_add_string (writer, "role",
                             ms_role_to_string (ms_role_of_thread (trace, thread, NULL, NULL)));
  ms_json_writer_add_string (writer, "alert",
                             ms_alert_to_string (ms_alert_of_thread (trace, thread, NULL, NULL)));
  ms_json_writer_end_object (writer);
}

static void
write_frame (MsJsonWriter *writer, const MsFrame *frame)
{
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "function", frame->function);
  ms_json_writer_add_string (writer, "file", frame->file);
  if (frame->line > 0)
    ms_json_writer_add_uint (writer, "line", frame->line);
  else
    ms_json_writer_add_null (writer, "line");
  ms_json_writer_add_string (writer, "module", frame->module);
  ms_json_writer_end_object (writer);
}

static void
write_stack (MsJsonWriter *writer,
             MsTrace *trace,
             MsNameResolver *resolver,
             guint stack,
             MsDomain domain)
{
  const MsTotals *totals = ms_trace_get_stack_totals (trace, stack, domain);
  const MsStandardErrors *errors = &totals->standard_errors;
  g_autoptr (GArray) frames = ms_name_resolver_resolve_stack (resolver, trace, stack);

  ms_json_writer_begin_object (writer);
  ms_json_add_estimate (writer, trace, "allocations", totals->allocations, errors->allocations);
  ms_json_add_estimate (writer, trace, "allocated_bytes", totals->allocated_bytes,
                        errors->allocated_bytes);
  ms_json_add_estimate (writer, trace, "peak_bytes", totals->peak_bytes, errors->peak_bytes);
  ms_json_add_estimate (writer, trace, "leaked_bytes", totals->leaked_bytes, errors->live_bytes);
  ms_json_writer_key (writer, "frames");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < frames->len; i++)
    write_frame (writer, &g_array_index (frames, MsFrame, i));
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

static void
write_diagnostics (MsJsonWriter *writer, GPtrArray *diagnostics)
{
  static const char *const levels[] = { "info", "warning", "damage" };

  ms_json_writer_key (writer, "diagnostics");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "level", levels[diagnostic->level]);
      ms_json_writer_add_string (writer, "file", diagnostic->file);
      if (diagnostic->file != NULL)
        ms_json_writer_add_uint (writer, "offset", diagnostic->offset);
      else
        ms_json_writer_add_null (writer, "offset");
      ms_json_writer_add_string (writer, "message", diagnostic->message);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

/* The members that every domain has. */
static void
write_domain (MsJsonWriter *writer,
              MsTrace *trace,
              MsNameResolver *resolver,
              MsDomain domain,
              guint top)
{
  g_autoptr (GArray) stacks = ms_report_stacks (trace, domain, top);

  write_life (writer, trace);
  write_totals (writer, trace, ms_trace_get_totals (trace, domain));
  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    write_thread (writer, trace, ms_trace_get_thread (trace, i), domain);
  ms_json_writer_end_array (writer);
  ms_json_writer_key (writer, "stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < stacks->len; i++)
    write_stack (writer, trace, resolver, g_array_index (stacks, guint, i), domain);
  ms_json_writer_end_array (writer);
  write_diagnostics (writer, ms_trace_get_diagnostics (trace));
}

/* Address space, in bytes; null where it was not recorded. */
static void
write_mapped (MsJsonWriter *writer, MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING);

  if (ms_trace_has_mappings (trace))
    {
      ms_json_writer_add_uint (writer, "mapped_bytes", totals->live_bytes);
      ms_json_writer_add_uint (writer, "mapped_peak_bytes", totals->peak_bytes);
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

void
ms_report_json_write (MsJsonWriter *writer,
                      MsTrace *trace,
                      MsNameResolver *resolver,
                      const MsProcess *process,
                      guint top)
{
  static const char *const names[MS_N_DOMAINS] = { "heap", "declared", "mapping" };
  MsDomain main_domain = ms_trace_get_main_domain (trace);

  ms_json_writer_begin_object (writer);
  if (process != NULL)
    write_process (writer, process);
  write_domain (writer, trace, resolver, main_domain, top);
  write_mapped (writer, trace);
  for (guint domain = 0; domain < MS_N_DOMAINS; domain++)
    if (domain != main_domain && ms_trace_has_domain (trace, domain))
      {
        ms_json_writer_key (writer, names[domain]);
        ms_json_writer_begin_object (writer);
        write_domain (writer, trace, resolver, domain, top);
        if (domain == MS_DOMAIN_MAPPING)
          ms_mappings_json_add_kinds (writer, trace);
        ms_json_writer_end_object (writer);
      }
  ms_json_writer_end_object (writer);
}

void
ms_report_json_write_absent (MsJsonWriter *writer, const MsProcess *process)
{
  ms_json_writer_begin_object (writer);
  write_process (writer, process);
  ms_json_writer_end_object (writer);
}
