/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-json-figures.h"

#include "ms-redaction.h"

/* Of a ring nobody knows what was live. */
static gboolean
is_unknown (MsTrace *trace, const char *key)
{
  return ms_trace_why_no_live (trace) != NULL && ms_totals_name_is_of_live (key);
}

void
ms_json_add_figure (MsJsonWriter *writer, MsTrace *trace, const char *key, guint64 value)
{
  if (value == MS_EXPORT_UNKNOWN || is_unknown (trace, key))
    ms_json_writer_add_null (writer, key);
  else
    ms_json_writer_add_uint (writer, key, value);
}

void
ms_json_add_estimate (MsJsonWriter *writer,
                      MsTrace *trace,
                      const char *key,
                      guint64 value,
                      double standard_error)
{
  g_autofree char *error_key = NULL;

  ms_json_add_figure (writer, trace, key, value);
  if (!ms_trace_is_sampled (trace))
    return;
  error_key = g_strconcat (key, "_standard_error", NULL);
  ms_json_writer_add_double (writer, error_key, standard_error);
}

void
ms_json_add_totals (MsJsonWriter *writer,
                    MsTrace *trace,
                    const MsTotals *totals,
                    gboolean is_recorded)
{
  const MsStandardErrors *errors = &totals->standard_errors;
  const struct {
    const char *key;
    guint64 value;
    double error;
  } estimates[] = {
    { "allocations", totals->allocations, errors->allocations },
    { "reallocations", totals->reallocations, errors->reallocations },
    { "allocated_bytes", totals->allocated_bytes, errors->allocated_bytes },
    { "freed_bytes_of_own", totals->freed_bytes_of_own, errors->freed_bytes_of_own },
    { "live_bytes", totals->live_bytes, errors->live_bytes },
    { "live_blocks", totals->live_blocks, errors->live_blocks },
    { "peak_bytes", totals->peak_bytes, errors->peak_bytes },
    { "bytes_at_process_peak", totals->bytes_at_process_peak, errors->bytes_at_process_peak },
    { "leaked_allocations", totals->leaked_allocations, errors->live_blocks },
    { "leaked_bytes", totals->leaked_bytes, errors->live_bytes },
    { "temporary_allocations", totals->temporary_allocations, errors->temporary_allocations },
  };

  /* A thread that is not tracked frees what others allocated, and that is seen. */
  ms_json_add_estimate (writer, trace, "deallocations", totals->deallocations,
                        errors->deallocations);
  for (gsize i = 0; i < G_N_ELEMENTS (estimates); i++)
    ms_json_add_estimate (writer, trace, estimates[i].key,
                          is_recorded ? estimates[i].value : MS_EXPORT_UNKNOWN, estimates[i].error);
  ms_json_writer_add_uint (writer, "foreign_frees", totals->foreign_frees);
  ms_json_writer_add_uint (writer, "inherited_frees", totals->inherited_frees);
  ms_json_writer_add_uint (writer, "prior_frees", totals->prior_frees);
  ms_json_writer_add_uint (writer, "unmatched_frees", totals->unmatched_frees);
  ms_json_writer_add_time (writer, "peak_time_ns", totals->peak_time_ns);
}

void
ms_json_add_domain (MsJsonWriter *writer, MsExportView *view, MsDomain domain)
{
  MsTotals totals = *ms_view_get_totals (view->view, domain);
  const MsPeak *peak = NULL;

  if (ms_view_is_filtered (view->view))
    peak = ms_view_find_peak (view->view, domain, NULL, NULL);
  if (peak != NULL)
    ms_export_view_set_peak (&totals, peak);
  ms_json_add_totals (writer, view->trace, &totals,
                      view->n_tracked > 0 || domain == MS_DOMAIN_MAPPING);
}

const char *
ms_domain_to_string (MsDomain domain)
{
  switch (domain)
    {
    case MS_DOMAIN_HEAP:
      return "heap";
    case MS_DOMAIN_DECLARED:
      return "declared";
    case MS_DOMAIN_MAPPING:
      return "mapping";
    case MS_N_DOMAINS:
      break;
    }
  g_return_val_if_reached ("heap");
}

static const char *
state_to_string (MsState state)
{
  switch (state)
    {
    case MS_STATE_RUNNING:
      return "running";
    case MS_STATE_EXITED:
      return "exited";
    case MS_STATE_KILLED:
      return "killed";
    case MS_STATE_UNKNOWN:
      return "unknown";
    }
  g_return_val_if_reached ("killed");
}

void
ms_json_add_ring (MsJsonWriter *writer, MsTrace *trace)
{
  ms_json_writer_key (writer, "ring");
  if (ms_trace_why_no_live (trace) == NULL) /* nor is one that nothing was written over in */
    {
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "bytes_per_thread", ms_trace_get_ring_bytes (trace));
  ms_json_writer_add_int (writer, "kept_from_ns", ms_trace_get_kept_from_ns (trace));
  ms_json_writer_add_string (writer, "live_reason", ms_trace_why_no_live (trace));
  ms_json_writer_end_object (writer);
}

void
ms_json_add_state (MsJsonWriter *writer, MsState state)
{
  ms_json_writer_add_string (writer, "state", state_to_string (state));
}

void
ms_json_add_ids (MsJsonWriter *writer, const char *key, const guint *ids, guint n)
{
  ms_json_writer_key (writer, key);
  if (ids == NULL)
    {
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n; i++)
    ms_json_writer_uint (writer, ids[i]);
  ms_json_writer_end_array (writer);
}

void
ms_json_add_trimmed (MsJsonWriter *writer, MsTrace *trace)
{
  gint64 from_ns, to_ns;

  ms_json_writer_key (writer, "trimmed");
  if (!ms_trace_is_part (trace, &from_ns, &to_ns))
    {
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_int (writer, "from_ns", from_ns);
  ms_json_writer_add_int (writer, "to_ns", to_ns);
  ms_json_writer_end_object (writer);
}

/* What was asked for, where that is not everything. */
static void
add_part (MsJsonWriter *writer, MsExportView *view)
{
  MsFilter *filter = ms_view_get_filter (view->view);
  guint n = 0;
  const guint *ids;

  ms_json_writer_add_boolean (writer, "redacted", view->redact);
  ms_json_writer_key (writer, "part");
  if (!ms_view_is_filtered (view->view))
    {
      ms_json_writer_null (writer);
      return;
    }
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "text", view->part);
  ms_json_writer_add_int (writer, "from_ns", ms_view_get_start_ns (view->view));
  ms_json_writer_add_int (writer, "to_ns", ms_view_get_end_ns (view->view));
  ids = ms_filter_get_threads (filter, &n);
  ms_json_add_ids (writer, "threads", ids, n);
  ms_json_writer_key (writer, "stacks");
  if (ms_filter_get_stacks (filter, &n) != NULL)
    ms_json_writer_uint (writer, n);
  else
    ms_json_writer_null (writer);
  ms_json_writer_end_object (writer);
}

void
ms_json_add_trace (MsJsonWriter *writer, const char *key, MsExportView *view)
{
  MsTrace *trace = view->trace;
  const char *const *arguments = (const char *const *) view->arguments;
  gint exit_status = ms_trace_get_exit_status (trace);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_string (writer, "program", view->program);
  ms_json_writer_key (writer, "arguments");
  ms_json_writer_begin_array (writer);
  for (gsize i = 0; arguments && arguments[i]; i++)
    ms_json_writer_string (writer, arguments[i]);
  ms_json_writer_end_array (writer);
  ms_json_writer_add_int (writer, "pid", ms_trace_get_pid (trace));
  ms_json_writer_add_int (writer, "parent_pid", ms_trace_get_parent_pid (trace));
  ms_json_add_state (writer, ms_trace_get_state (trace));
  ms_json_writer_add_boolean (writer, "ends_early", ms_trace_ends_early (trace));
  ms_json_writer_add_boolean (writer, "replaced_by_exec", ms_trace_was_replaced (trace));
  ms_json_add_trimmed (writer, trace);
  ms_json_add_ring (writer, trace);
  add_part (writer, view);
  ms_json_writer_key (writer, "exit_status");
  if (exit_status < 0)
    ms_json_writer_null (writer);
  else
    ms_json_writer_int (writer, exit_status);
  ms_json_writer_add_int (writer, "start_wall_us", ms_trace_get_start_wall_us (trace));
  ms_json_writer_add_int (writer, "duration_ns", view->duration_ns);
  ms_json_writer_add_string (writer, "domain", ms_domain_to_string (view->domain));
  ms_json_writer_add_uint (writer, "events", ms_trace_get_n_events (trace));
  ms_json_add_losses (writer, trace);
  ms_json_writer_add_boolean (writer, "sampled", ms_trace_is_sampled (trace));
  ms_json_writer_add_uint (writer, "stack_depth", ms_trace_get_stack_depth (trace));
  ms_json_writer_add_uint (writer, "truncated_stacks", ms_trace_get_truncated_stacks (trace));
  ms_json_writer_end_object (writer);
}

void
ms_json_add_frame (MsJsonWriter *writer, const MsFrame *frame)
{
  MsJsonStyle style = ms_json_writer_get_style (writer);

  ms_json_writer_begin_object (writer);
  ms_json_writer_set_style (writer, MS_JSON_COMPACT);
  ms_json_writer_add_string (writer, "function", frame->function);
  ms_json_writer_add_string (writer, "file", frame->file);
  if (frame->line > 0)
    ms_json_writer_add_uint (writer, "line", frame->line);
  else
    ms_json_writer_add_null (writer, "line");
  ms_json_writer_add_string (writer, "module", frame->module);
  ms_json_writer_end_object (writer);
  ms_json_writer_set_style (writer, style);
}

void
ms_json_add_losses (MsJsonWriter *writer, MsTrace *trace)
{
  guint n_losses = 0;
  const MsLoss *losses = ms_trace_get_losses (trace, &n_losses);

  ms_json_writer_add_uint (writer, "dropped_events", ms_trace_get_dropped_events (trace));
  ms_json_writer_key (writer, "dropped_reasons");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_losses; i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "reason", losses[i].reason);
      ms_json_writer_add_uint (writer, "events", losses[i].n_events);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_json_add_diagnostics (MsJsonWriter *writer, const char *key, MsTrace *trace, gboolean redact)
{
  static const char *const levels[] = { "info", "warning", "damage" };
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *d = g_ptr_array_index (diagnostics, i);
      g_autofree char *redacted = redact ? ms_redaction_dup_sentence (trace, d->message) : NULL;

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "level", levels[d->level]);
      ms_json_writer_add_string (writer, "file", d->file);
      if (d->file != NULL)
        ms_json_writer_add_uint (writer, "offset", d->offset);
      else
        ms_json_writer_add_null (writer, "offset");
      ms_json_writer_add_string (writer, "message", redacted != NULL ? redacted : d->message);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_json_add_names (MsJsonWriter *writer, const char *key, MsThread *thread)
{
  guint n_names;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_names; i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_int (writer, "start_ns", names[i].start_ns);
      ms_json_writer_add_string (writer, "name", names[i].name);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

void
ms_json_add_frames (MsJsonWriter *writer, const char *key, MsExportView *view, guint stack)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (view->names, stack, &depth, NULL);

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < depth; i++)
    {
      const MsFrame *frame = ms_frame_names_get_frame (view->names, frames[i]);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "function", frame->function);
      ms_json_writer_add_string (writer, "file", frame->file);
      ms_json_writer_key (writer, "line");
      if (frame->line > 0)
        ms_json_writer_uint (writer, frame->line);
      else
        ms_json_writer_null (writer);
      ms_json_writer_add_string (writer, "module", frame->module);
      if (!frame->function)
        ms_json_writer_add_uint (writer, "address", frame->address);
      if (frame->inlined)
        ms_json_writer_add_boolean (writer, "inlined", TRUE);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
add_index (MsJsonWriter *writer, const char *key, gint value)
{
  ms_json_writer_key (writer, key);
  if (value < 0)
    ms_json_writer_null (writer);
  else
    ms_json_writer_int (writer, value);
}

void
ms_json_add_findings (MsJsonWriter *writer,
                      const char *key,
                      GPtrArray *findings,
                      const MsLanguage *language)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < findings->len; i++)
    {
      const MsFinding *finding = g_ptr_array_index (findings, i);
      g_autofree char *text = ms_sentence_write (finding->sentence, language);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_string (writer, "kind", "memory");
      ms_json_writer_add_string (writer, "code", finding->code);
      add_index (writer, "thread_id", finding->thread_id);
      add_index (writer, "stack", finding->stack);
      ms_json_writer_key (writer, "figures");
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, finding->part_name, finding->part);
      ms_json_writer_add_uint (writer, finding->whole_name, finding->whole);
      ms_json_writer_end_object (writer);
      ms_json_writer_add_string (writer, "text", text);
      ms_json_writer_add_string (writer, "recommendation", finding->recommendation);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

char *
ms_end_time_to_string (MsExportView *view)
{
  gint64 start_us = ms_trace_get_start_wall_us (view->trace);
  g_autoptr (GDateTime) second = NULL;
  g_autoptr (GDateTime) end = NULL;

  if (start_us <= 0)
    return NULL;
  second = g_date_time_new_from_unix_utc (start_us / G_USEC_PER_SEC);
  if (!second)
    return NULL;
  end = g_date_time_add (second, start_us % G_USEC_PER_SEC + view->duration_ns / 1000);
  return end ? g_date_time_format_iso8601 (end) : NULL;
}

gboolean
ms_mark_is_in_view (const MsMark *mark, MsView *view)
{
  return !ms_view_is_filtered (view)
         || (mark->time_ns >= ms_view_get_start_ns (view)
             && mark->time_ns <= ms_view_get_end_ns (view));
}

void
ms_json_add_marks (MsJsonWriter *writer, MsView *view)
{
  guint n_marks;
  const MsMark *marks = ms_trace_get_marks (ms_view_get_trace (view), &n_marks);

  ms_json_writer_key (writer, "marks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_marks; i++)
    {
      if (!ms_mark_is_in_view (&marks[i], view))
        continue;
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_int (writer, "time_ns", marks[i].time_ns);
      ms_json_writer_add_string (writer, "kind", ms_mark_kind_to_string (marks[i].kind));
      ms_json_writer_add_string (writer, "name", marks[i].name);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}
