/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report-threads.h"

#include <math.h>

#include "ms-estimate-text.h"
#include "ms-json-figures.h"
#include "ms-left-words.h"
#include "ms-report-lines.h"
#include "ms-resources-json.h"
#include "ms-roles.h"
#include "ms-table.h"
#include "ms-terminal-text.h"

/* What a screen or two can hold; the JSON form has all of them. */
#define MAX_ROWS 40U

/* Bytes allocated a second of the thread's life in the view; negative: it has none. */
static double
allocation_rate (MsReport *report, guint index)
{
  const MsTotals *totals = ms_view_get_thread_totals (report->view, index, report->domain);
  gint64 life_ns = ms_report_thread_life_ns (report, index);

  return life_ns > 0 ? (double) totals->allocated_bytes * 1e9 / (double) life_ns : -1;
}

/* --- for a person ---------------------------------------------------------------------------- */

static MsStyle
style_of_alert (MsAlert alert)
{
  return alert == MS_ALERT_HIGH     ? MS_STYLE_RED
         : alert == MS_ALERT_MEDIUM ? MS_STYLE_YELLOW
                                    : MS_STYLE_PLAIN;
}

static char *
dup_role (MsReport *report, guint index)
{
  MsRole role = ms_report_get_role (report, index);

  return g_strdelimit (g_strdup (ms_role_to_string (role)), "_", ' ');
}

static char *
dup_rate (MsReport *report, guint index)
{
  double rate = allocation_rate (report, index);
  g_autofree char *bytes = ms_format_bytes ((guint64) MAX (rate, 0));

  return rate < 0 ? g_strdup ("–") : g_strconcat (bytes, "/s", NULL);
}

static char *
dup_score (MsReport *report, guint index)
{
  MsMeasured score = ms_report_get_scores (report, index)->score;

  return score.known ? g_strdup_printf ("%.0f", score.value) : g_strdup ("–");
}

typedef enum {
  CELL_ID,
  CELL_TID,
  CELL_NAME,
  CELL_ROLE,
  CELL_ALERT,
  CELL_PEAK, /* from here on, what only recorded threads have */
  CELL_ALLOCATED,
  CELL_ALLOCATIONS,
  CELL_RATE,
  CELL_FREES,
  CELL_TEMPORARY,
  CELL_LIVE,
  CELL_SCORE,
  CELL_CPU, /* from here on, what all threads have */
  CELL_CPU_PERCENT,
  CELL_CPU_PEAK,
  CELL_IO,
  CELL_IO_BYTES,
  CELL_WAIT,
} Cell;

/* What was measured beside the heap. */
static char *
dup_resource (MsReport *report, guint index, Cell cell)
{
  const MsThreadResources *own = &ms_report_get_resources (report)->threads[index];
  MsMeasured value = cell == CELL_CPU           ? own->cpu_ns
                     : cell == CELL_CPU_PERCENT ? own->cpu_percent
                     : cell == CELL_CPU_PEAK    ? own->cpu_percent_peak
                     : cell == CELL_IO          ? own->io_operations
                     : cell == CELL_IO_BYTES    ? own->read_bytes
                                                : own->run_queue_wait_ns;

  if (cell == CELL_IO_BYTES && value.known && own->written_bytes.known)
    value.value += own->written_bytes.value;
  if (!value.known)
    return g_strdup ("–");
  switch (cell)
    {
    case CELL_CPU:
    case CELL_WAIT:
      return ms_format_duration ((gint64) value.value);
    case CELL_IO:
      return ms_format_count ((guint64) (value.value + 0.5));
    case CELL_IO_BYTES:
      return ms_format_bytes ((guint64) (value.value + 0.5));
    default:
      return g_strdup_printf ("%.1f %%", value.value);
    }
}

static char *
dup_figure (MsReport *report, guint index, Cell cell)
{
  const MsTotals *totals = ms_view_get_thread_totals (report->view, index, report->domain);
  const MsStandardErrors *errors = &totals->standard_errors;

  if ((cell == CELL_PEAK || cell == CELL_LIVE) && ms_trace_why_no_live (report->trace) != NULL)
    return g_strdup ("–");
  switch (cell)
    {
    case CELL_PEAK:
      return ms_estimate_text_bytes (ms_report_thread_figure (report, index, report->domain,
                                                              MS_FIGURE_PEAK_BYTES),
                                     errors->peak_bytes);
    case CELL_ALLOCATED:
      return ms_estimate_text_bytes (totals->allocated_bytes, errors->allocated_bytes);
    case CELL_ALLOCATIONS:
      return ms_estimate_text_count (totals->allocations, errors->allocations);
    case CELL_RATE:
      return dup_rate (report, index);
    case CELL_FREES:
      return ms_estimate_text_count (totals->deallocations, errors->deallocations);
    case CELL_TEMPORARY:
      return ms_estimate_text_count (totals->temporary_allocations, errors->temporary_allocations);
    case CELL_LIVE:
    default:
      return ms_estimate_text_bytes (totals->live_bytes, errors->live_bytes);
    }
}

static void
add_cell (MsTable *table, MsReport *report, guint index, Cell cell)
{
  MsThread *thread = ms_trace_get_thread (report->trace, index);
  MsAlert alert = ms_report_get_alert (report, index);
  gboolean is_tracked = ms_thread_is_tracked (thread);
  MsStyle style = is_tracked ? MS_STYLE_PLAIN : MS_STYLE_DIM;

  if (cell == CELL_ID)
    ms_table_add (table, style, g_strdup_printf ("%u", ms_thread_get_id (thread)));
  else if (cell == CELL_TID)
    ms_table_add (table, style, g_strdup_printf ("%d", ms_thread_get_tid (thread)));
  else if (cell == CELL_NAME)
    ms_table_add (table, style, g_strdup (ms_thread_get_name (thread)));
  else if (cell >= CELL_CPU)
    ms_table_add (table, style, dup_resource (report, index, cell));
  else if (cell == CELL_ROLE)
    ms_table_add (table, style, is_tracked ? dup_role (report, index) : g_strdup ("not recorded"));
  else if (!is_tracked)
    ms_table_add (table, style, g_strdup ("–"));
  else if (cell == CELL_SCORE)
    ms_table_add (table, style, dup_score (report, index));
  else if (cell == CELL_ALERT)
    ms_table_add (table, style_of_alert (alert), g_strdup (ms_alert_to_string (alert)));
  else
    ms_table_add (table, style, dup_figure (report, index, cell));
}

static void
append_rows (GString *out,
             MsReport *report,
             GArray *order,
             const MsColumn *columns,
             const Cell *cells,
             guint n_cells)
{
  g_autoptr (MsTable) table = ms_table_new (columns, n_cells);

  for (guint i = 0; i < order->len; i++)
    for (guint k = 0; k < n_cells; k++)
      add_cell (table, report, g_array_index (order, guint, i), cells[k]);
  ms_table_print (table, report->terminal, out);
}

/* See ms_report_stack_figure(). */
static const char *
peak_title (MsReport *report)
{
  return ms_view_is_filtered (report->view) ? "AT PEAK" : "PEAK";
}

/* As a part of the overview: fewer columns, role and alert at the end. */
static void
append_overview (GString *out, MsReport *report, GArray *order)
{
  const MsColumn columns[] = {
    { "ID", TRUE, FALSE, 0 },        { "TID", TRUE, FALSE, 7 },
    { "NAME", FALSE, TRUE, 0 },      { peak_title (report), TRUE, FALSE, 0 },
    { "ALLOCATED", TRUE, FALSE, 3 }, { "ALLOCATIONS", TRUE, FALSE, 1 },
    { "FREES", TRUE, FALSE, 4 },     { "TEMPORARY", TRUE, FALSE, 6 },
    { "LIVE", TRUE, FALSE, 5 },      { "ROLE", FALSE, FALSE, 2 },
    { "ALERT", FALSE, FALSE, 2 },
  };
  static const Cell cells[G_N_ELEMENTS (columns)] = {
    CELL_ID,    CELL_TID,       CELL_NAME, CELL_PEAK, CELL_ALLOCATED, CELL_ALLOCATIONS,
    CELL_FREES, CELL_TEMPORARY, CELL_LIVE, CELL_ROLE, CELL_ALERT,
  };

  append_rows (out, report, order, columns, cells, G_N_ELEMENTS (cells));
}

static void
append_full (GString *out, MsReport *report, GArray *order)
{
  const MsColumn columns[] = {
    { "ID", TRUE, FALSE, 0 },
    { "NAME", FALSE, TRUE, 0 },
    { "ROLE", FALSE, FALSE, 3 },
    { "ALERT", FALSE, FALSE, 4 },
    { peak_title (report), TRUE, FALSE, 0 },
    { "ALLOCATIONS", TRUE, FALSE, 1 },
    { "RATE", TRUE, FALSE, 5 },
    { ms_left_get_kind (report->view) == MS_LEFT_LEAKED ? "LEAKED" : "LIVE", TRUE, FALSE, 2 },
    { "CPU", TRUE, FALSE, 3 },
    { "I/O CALLS", TRUE, FALSE, 6 },
    { "I/O", TRUE, FALSE, 7 },
    { "SCORE", TRUE, FALSE, 8 },
    { "CPU TIME", TRUE, FALSE, 9 },
    { "CPU PEAK", TRUE, FALSE, 10 },
    { "CPU WAIT", TRUE, FALSE, 11 },
    { "ALLOCATED", TRUE, FALSE, 12 },
    { "FREES", TRUE, FALSE, 13 },
    { "TEMPORARY", TRUE, FALSE, 14 },
    { "TID", TRUE, FALSE, 15 },
  };
  static const Cell cells[G_N_ELEMENTS (columns)] = {
    CELL_ID,          CELL_NAME,  CELL_ROLE,      CELL_ALERT,       CELL_PEAK,
    CELL_ALLOCATIONS, CELL_RATE,  CELL_LIVE,      CELL_CPU_PERCENT, CELL_IO,
    CELL_IO_BYTES,    CELL_SCORE, CELL_CPU,       CELL_CPU_PEAK,    CELL_WAIT,
    CELL_ALLOCATED,   CELL_FREES, CELL_TEMPORARY, CELL_TID,
  };

  append_rows (out, report, order, columns, cells, G_N_ELEMENTS (cells));
}

/* No thread's allocations were recorded: what else is known of them. */
static void
append_resources (GString *out, MsReport *report, GArray *order)
{
  static const MsColumn columns[] = {
    { "ID", TRUE, FALSE, 0 },       { "TID", TRUE, FALSE, 6 },       { "NAME", FALSE, TRUE, 0 },
    { "CPU", TRUE, FALSE, 0 },      { "CPU TIME", TRUE, FALSE, 1 },  { "CPU PEAK", TRUE, FALSE, 4 },
    { "CPU WAIT", TRUE, FALSE, 5 }, { "I/O CALLS", TRUE, FALSE, 2 }, { "I/O", TRUE, FALSE, 3 },
  };
  static const Cell cells[G_N_ELEMENTS (columns)] = {
    CELL_ID,       CELL_TID,  CELL_NAME, CELL_CPU_PERCENT, CELL_CPU,
    CELL_CPU_PEAK, CELL_WAIT, CELL_IO,   CELL_IO_BYTES,
  };

  append_rows (out, report, order, columns, cells, G_N_ELEMENTS (cells));
}

void
ms_report_threads_append (GString *out, MsReport *report)
{
  g_autoptr (GArray) order =
      ms_report_order_threads (report, report->domain, MS_FIGURE_PEAK_BYTES, TRUE);
  guint n = order->len;
  g_autofree char *heading = g_strdup_printf ("Threads (%u)", n);

  g_array_set_size (order, MIN (n, report->is_full ? report->top : MAX_ROWS));
  ms_report_heading (out, report->terminal, heading);
  if (!ms_report_has_threads (report))
    append_resources (out, report, order);
  else if (report->is_full)
    append_full (out, report, order);
  else
    append_overview (out, report, order);
  ms_report_more (out, report->terminal, n - order->len, "thread");
}

/* --- for a program --------------------------------------------------------------------------- */

/* Null where the thread was not recorded: zeros would be taken for measurements. */
static void
add_figure (MsJsonWriter *writer,
            MsReport *report,
            gboolean is_recorded,
            const char *key,
            guint64 value,
            double error)
{
  if (is_recorded)
    ms_json_add_estimate (writer, report->trace, key, value, error);
  else
    ms_json_writer_add_null (writer, key);
}

static void
write_figures (MsJsonWriter *writer, MsReport *report, guint index, MsDomain domain)
{
  gboolean is_recorded = ms_thread_is_tracked (ms_trace_get_thread (report->trace, index));
  const MsTotals *totals = ms_view_get_thread_totals (report->view, index, domain);
  const MsStandardErrors *errors = &totals->standard_errors;

  add_figure (writer, report, is_recorded, "allocations", totals->allocations, errors->allocations);
  /* It frees what others allocated, and that is seen. */
  ms_json_add_estimate (writer, report->trace, "deallocations", totals->deallocations,
                        errors->deallocations);
  add_figure (writer, report, is_recorded, "allocated_bytes", totals->allocated_bytes,
              errors->allocated_bytes);
  add_figure (writer, report, is_recorded, "freed_bytes_of_own", totals->freed_bytes_of_own,
              errors->freed_bytes_of_own);
  add_figure (writer, report, is_recorded && !ms_view_is_filtered (report->view), "peak_bytes",
              totals->peak_bytes, errors->peak_bytes);
  add_figure (writer, report, is_recorded, "live_bytes", totals->live_bytes, errors->live_bytes);
  add_figure (writer, report, is_recorded, "temporary_allocations", totals->temporary_allocations,
              errors->temporary_allocations);
}

/* What --threads adds to the thread's object in the overview. */
static void
write_more (MsJsonWriter *writer, MsReport *report, guint index, MsDomain domain)
{
  MsThread *thread = ms_trace_get_thread (report->trace, index);
  gboolean is_recorded = ms_thread_is_tracked (thread);
  const MsTotals *totals = ms_view_get_thread_totals (report->view, index, domain);
  MsMeasured cpu_ns = ms_report_get_resources (report)->threads[index].cpu_ns;
  double rate = allocation_rate (report, index);
  static const MsPerformance performances[] = {
    MS_PERFORMANCE_SCORE,
    MS_PERFORMANCE_MEMORY_EFFICIENCY,
    MS_PERFORMANCE_MEMORY_RETURNED,
    MS_PERFORMANCE_CPU_EFFICIENCY,
  };

  if (is_recorded)
    ms_json_add_figure (writer, report->trace, "bytes_at_process_peak",
                        ms_report_thread_figure (report, index, domain,
                                                 MS_FIGURE_BYTES_AT_PROCESS_PEAK));
  else
    ms_json_writer_add_null (writer, "bytes_at_process_peak");
  add_figure (writer, report, is_recorded, "reallocations", totals->reallocations,
              totals->standard_errors.reallocations);
  add_figure (writer, report, is_recorded, "live_blocks", totals->live_blocks,
              totals->standard_errors.live_blocks);
  ms_json_writer_add_double (writer, "allocated_bytes_per_second",
                             is_recorded && rate >= 0 ? rate : NAN);
  ms_json_writer_add_time (writer, "start_ns", ms_thread_get_start_ns (thread));
  ms_json_writer_add_time (writer, "end_ns", ms_thread_get_end_ns (thread));
  ms_json_writer_add_time (writer, "cpu_ns", cpu_ns.known ? (gint64) cpu_ns.value : MS_TIME_NONE);
  for (guint i = 0; i < G_N_ELEMENTS (performances); i++)
    {
      MsMeasured value =
          ms_thread_scores_get (ms_report_get_scores (report, index), performances[i]);

      ms_json_writer_add_double (writer, ms_performance_to_string (performances[i]),
                                 value.known ? value.value : NAN);
    }
}

static void
write_names (MsJsonWriter *writer, MsThread *thread)
{
  guint n_names = 0;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  ms_json_writer_key (writer, "names");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_names; i++)
    ms_json_writer_string (writer, names[i].name);
  ms_json_writer_end_array (writer);
}

static void
write_thread (MsJsonWriter *writer, MsReport *report, guint index, MsDomain domain)
{
  MsThread *thread = ms_trace_get_thread (report->trace, index);
  gboolean is_tracked = ms_thread_is_tracked (thread);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "id", ms_thread_get_id (thread));
  if (ms_thread_get_tid (thread) > 0)
    ms_json_writer_add_int (writer, "tid", ms_thread_get_tid (thread));
  else
    ms_json_writer_add_null (writer, "tid");
  ms_json_writer_add_string (writer, "name", ms_thread_get_name (thread));
  write_names (writer, thread);
  ms_json_writer_add_boolean (writer, "tracked", is_tracked);
  write_figures (writer, report, index, domain);
  ms_json_writer_add_string (writer, "role",
                             is_tracked ? ms_role_to_string (ms_report_get_role (report, index))
                                        : NULL);
  ms_json_writer_add_string (writer, "alert",
                             is_tracked ? ms_alert_to_string (ms_report_get_alert (report, index))
                                        : NULL);
  if (domain == report->domain)
    ms_resources_json_add_thread (writer, &ms_report_get_resources (report)->threads[index]);
  if (report->is_full)
    write_more (writer, report, index, domain);
  ms_json_writer_end_object (writer);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

/* In order of id, unless only those with the highest peaks are wanted. */
void
ms_report_threads_write (MsJsonWriter *writer, MsReport *report, MsDomain domain)
{
  g_autoptr (GArray) order = ms_report_order_threads (report, domain, MS_FIGURE_PEAK_BYTES, TRUE);

  if (report->is_full && report->top < order->len)
    g_array_set_size (order, report->top);
  else
    g_array_sort (order, compare_numbers);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < order->len; i++)
    write_thread (writer, report, g_array_index (order, guint, i), domain);
  ms_json_writer_end_array (writer);
}
