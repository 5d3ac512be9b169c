/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tables-csv.h"

#include "ms-csv.h"
#include "ms-function-totals.h"
#include "ms-text-writer.h"

/* A file of rows; each is made in @row and ended with end_row(). */
typedef struct {
  MsTextWriter *writer;
  GString *row;
} Table;

static void
end_row (Table *self)
{
  g_string_append (self->row, "\r\n");
  ms_text_writer_add_length (self->writer, self->row->str, self->row->len);
  g_string_truncate (self->row, 0);
}

static Table
table_begin (GOutputStream *stream, const char *headings)
{
  Table self = { ms_text_writer_new (stream), g_string_new (headings) };

  end_row (&self);
  return self;
}

static gboolean
table_end (Table *self, GCancellable *cancellable, GError **error)
{
  g_string_free (self->row, TRUE);
  return ms_text_writer_close (self->writer, cancellable, error);
}

static void
add_comma (Table *self)
{
  if (self->row->len > 0)
    g_string_append_c (self->row, ',');
}

static void
add_text (Table *self, const char *text)
{
  add_comma (self);
  ms_csv_append_text (self->row, text);
}

static void
add_uint (Table *self, guint64 value)
{
  add_comma (self);
  g_string_append_printf (self->row, "%" G_GUINT64_FORMAT, value);
}

static void
add_empty (Table *self)
{
  g_string_append_c (self->row, ',');
}

/* Empty for a time that is not known, or a figure below 0 that means the same. */
static void
add_known (Table *self, gint64 value)
{
  if (value >= 0)
    add_uint (self, (guint64) value);
  else
    add_empty (self);
}

static const MsFigureKind figures[] = {
  MS_FIGURE_PEAK_BYTES,   MS_FIGURE_BYTES_AT_PROCESS_PEAK, MS_FIGURE_LIVE_BYTES,
  MS_FIGURE_LEAKED_BYTES, MS_FIGURE_LEAKED_ALLOCATIONS,    MS_FIGURE_ALLOCATED_BYTES,
  MS_FIGURE_ALLOCATIONS,  MS_FIGURE_DEALLOCATIONS,         MS_FIGURE_TEMPORARY_ALLOCATIONS,
};
#define FIGURES \
  "peak_bytes,bytes_at_process_peak,live_bytes,leaked_bytes,leaked_allocations,allocated_bytes," \
  "allocations," \
  "deallocations,temporary_allocations"

static void
add_totals (Table *self, const MsTotals *totals)
{
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (ms_totals_get (totals, figures[i]) == MS_EXPORT_UNKNOWN)
      add_empty (self);
    else
      add_uint (self, ms_totals_get (totals, figures[i]));
}

#define RESOURCES \
  "cpu_percent,run_queue_wait_ns,voluntary_switches,involuntary_switches,io_operations,read_" \
  "bytes," \
  "written_bytes,socket_sent_bytes,socket_received_bytes"

/* Empty where it was not measured; of shares three digits behind the point. */
static void
add_resources (Table *self, const MsThreadResources *r)
{
  const MsMeasured counts[] = { r->run_queue_wait_ns,    r->voluntary_switches,
                                r->involuntary_switches, r->io_operations,
                                r->read_bytes,           r->written_bytes,
                                r->socket_sent_bytes,    r->socket_received_bytes };
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  add_comma (self);
  if (r->cpu_percent.known)
    g_string_append (self->row, g_ascii_formatd (text, sizeof text, "%.3f", r->cpu_percent.value));
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    add_known (self, counts[i].known ? (gint64) (counts[i].value + 0.5) : -1);
}

gboolean
ms_threads_csv_write (GOutputStream *stream,
                      MsExportView *view,
                      GCancellable *cancellable,
                      GError **error)
{
  Table table = table_begin (stream, "thread_id,tid,name,tracked,role,alert,start_ns,end_ns,"
                                     "cpu_time_ns," RESOURCES "," FIGURES);

  for (guint i = 0; i < view->threads->len; i++)
    {
      const MsExportThread *entry = &g_array_index (view->threads, MsExportThread, i);
      gboolean is_tracked = ms_thread_is_tracked (entry->thread);

      add_uint (&table, entry->id);
      add_known (&table,
                 ms_thread_get_tid (entry->thread) > 0 ? ms_thread_get_tid (entry->thread) : -1);
      add_text (&table, ms_thread_get_name (entry->thread));
      add_text (&table, is_tracked ? "yes" : "no");
      add_text (&table, is_tracked ? ms_role_to_string (entry->role) : "");
      add_text (&table, is_tracked ? ms_alert_to_string (entry->alert) : "");
      add_known (&table, ms_thread_get_start_ns (entry->thread));
      add_known (&table, ms_thread_get_end_ns (entry->thread));
      add_known (&table, entry->cpu_ns);
      add_resources (&table, entry->resources);
      for (guint f = 0; f < G_N_ELEMENTS (figures) && !is_tracked; f++)
        add_empty (&table);
      if (is_tracked)
        add_totals (&table, entry->totals);
      end_row (&table);
    }
  return table_end (&table, cancellable, error);
}

/* "decode_batch (queue.c:118) < serve (server.c:40)", innermost first. */
static char *
frames_text_new (MsFrameNames *names, guint stack)
{
  GString *text = g_string_new (NULL);
  guint depth;
  gboolean truncated;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, &truncated);

  for (guint i = 0; i < depth; i++)
    {
      const MsFrame *frame = ms_frame_names_get_frame (names, frames[i]);

      g_string_append (text, i > 0 ? " < " : "");
      g_string_append (text, ms_frame_names_get_label (names, frames[i]));
      if (frame->file != NULL && frame->line > 0)
        g_string_append_printf (text, " (%s:%u)", frame->file, frame->line);
    }
  if (truncated)
    g_string_append (text, " < …");
  return g_string_free (text, FALSE);
}

static void
add_site (Table *self, MsFrameNames *names, guint stack)
{
  guint site;
  const MsFrame *frame = NULL;

  if (!ms_frame_names_find_site (names, stack, &site))
    {
      add_empty (self);
      add_empty (self);
      add_empty (self);
      return;
    }
  frame = ms_frame_names_get_frame (names, site);
  add_text (self, ms_frame_names_get_label (names, site));
  add_text (self, frame->file != NULL ? frame->file : "");
  add_known (self, frame->line > 0 ? (gint64) frame->line : -1);
}

gboolean
ms_stacks_csv_write (GOutputStream *stream,
                     MsExportView *view,
                     GCancellable *cancellable,
                     GError **error)
{
  Table table = table_begin (stream, "stack,function,file,line," FIGURES ",frames");

  for (guint i = 0; i < view->stacks->len; i++)
    {
      const MsExportStack *entry = &g_array_index (view->stacks, MsExportStack, i);
      g_autofree char *frames = frames_text_new (view->names, entry->stack);
      const MsTotals *totals = entry->totals;

      if (totals->allocations == 0 && totals->live_bytes == 0 && totals->deallocations == 0)
        continue;
      add_uint (&table, entry->stack);
      add_site (&table, view->names, entry->stack);
      add_totals (&table, totals);
      add_text (&table, frames);
      end_row (&table);
    }
  return table_end (&table, cancellable, error);
}

/* Self and total of each function, by its number. */
static MsFunctionTotals *
function_totals_new (MsExportView *view,
                     MsFigureKind figure,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree guint64 *values =
      ms_stack_values_new (view->view, view->domain, figure, cancellable, error);
  g_autoptr (GArray) listed = NULL;
  MsFunctionTotals *totals;

  if (values == NULL)
    return NULL;
  listed = ms_function_totals_new (view->names, values, MS_FUNCTIONS_BY_TOTAL, 0);
  totals = g_new0 (MsFunctionTotals, ms_frame_names_get_n_functions (view->names) + 1);
  for (guint i = 0; i < listed->len; i++)
    {
      const MsFunctionTotals *entry = &g_array_index (listed, MsFunctionTotals, i);

      totals[entry->function] = *entry;
    }
  return totals;
}

gboolean
ms_functions_csv_write (GOutputStream *stream,
                        MsExportView *view,
                        GCancellable *cancellable,
                        GError **error)
{
  static const MsFigureKind kinds[] = { MS_FIGURE_BYTES_AT_PROCESS_PEAK, MS_FIGURE_ALLOCATED_BYTES,
                                        MS_FIGURE_ALLOCATIONS, MS_FIGURE_LEAKED_BYTES,
                                        MS_FIGURE_TEMPORARY_ALLOCATIONS };
  MsFunctionTotals *totals[G_N_ELEMENTS (kinds)] = { NULL };
  gboolean is_good = TRUE;
  Table table;

  for (guint k = 0; k < G_N_ELEMENTS (kinds) && is_good; k++)
    is_good = (totals[k] = function_totals_new (view, kinds[k], cancellable, error)) != NULL;
  if (is_good)
    {
      table = table_begin (stream, "function,module,self_bytes_at_process_peak,"
                                   "total_bytes_at_process_peak,self_allocated_bytes,"
                                   "total_allocated_bytes,self_allocations,total_allocations,"
                                   "self_leaked_bytes,total_leaked_bytes,"
                                   "self_temporary_allocations,total_temporary_allocations");
      for (guint f = 0; f < ms_frame_names_get_n_functions (view->names); f++)
        {
          const MsFunction *function = ms_frame_names_get_function (view->names, f);

          add_text (&table, function->label);
          add_text (&table, function->module != NULL ? function->module : "");
          for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
            {
              add_uint (&table, totals[k][f].self);
              add_uint (&table, totals[k][f].total);
            }
          end_row (&table);
        }
      is_good = table_end (&table, cancellable, error);
    }
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    g_free (totals[k]);
  return is_good;
}

gboolean
ms_interactions_csv_write (GOutputStream *stream,
                           MsExportView *view,
                           GCancellable *cancellable,
                           GError **error)
{
  Table table = table_begin (stream, "alloc_thread_id,alloc_thread,free_thread_id,free_thread,"
                                     "frees,bytes");
  guint n;
  const MsInteraction *interactions = ms_view_get_interactions (view->view, view->domain, &n);

  for (guint i = 0; i < n; i++)
    {
      MsThread *from = ms_trace_find_thread (view->trace, interactions[i].alloc_thread);
      MsThread *to = ms_trace_find_thread (view->trace, interactions[i].free_thread);

      add_uint (&table, interactions[i].alloc_thread);
      add_text (&table, from != NULL ? ms_thread_get_name (from) : "");
      add_uint (&table, interactions[i].free_thread);
      add_text (&table, to != NULL ? ms_thread_get_name (to) : "");
      add_uint (&table, interactions[i].frees);
      add_uint (&table, interactions[i].bytes);
      end_row (&table);
    }
  return table_end (&table, cancellable, error);
}

/* Bin 0 holds 0 (bytes) or less than 1 (ns); bin b from 2^(b-1) on. */
static void
add_bins (Table *self, const char *what, const guint64 *bins, guint n_bins)
{
  for (guint b = 0; bins != NULL && b < n_bins; b++)
    if (bins[b] > 0)
      {
        add_text (self, what);
        add_uint (self, b == 0 ? 0 : G_GUINT64_CONSTANT (1) << (b - 1));
        add_uint (self, b == 0 ? 0
                               : (G_GUINT64_CONSTANT (1) << (b - 1)) - 1
                                     + (G_GUINT64_CONSTANT (1) << (b - 1)));
        add_uint (self, bins[b]);
        end_row (self);
      }
}

gboolean
ms_histograms_csv_write (GOutputStream *stream,
                         MsExportView *view,
                         GCancellable *cancellable,
                         GError **error)
{
  Table table = table_begin (stream, "histogram,from,to,blocks");

  add_bins (&table, "size_bytes", ms_view_get_size_histogram (view->view, NULL, view->domain),
            MS_SIZE_BINS);
  add_bins (&table, "lifetime_ns", ms_view_get_lifetime_histogram (view->view, NULL, view->domain),
            MS_LIFETIME_BINS);
  return table_end (&table, cancellable, error);
}

gboolean
ms_timeline_csv_write (GOutputStream *stream,
                       MsExportView *view,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree guint64 *high = g_new0 (guint64, MS_TIMELINE_ROWS);
  g_autofree guint64 *low = g_new0 (guint64, MS_TIMELINE_ROWS);
  g_autofree guint64 *allocated = g_new0 (guint64, MS_TIMELINE_ROWS);
  gint64 start_ns = ms_view_get_start_ns (view->view);
  gint64 length_ns = ms_view_get_end_ns (view->view) - start_ns;
  double step_ns = (double) length_ns / MS_TIMELINE_ROWS;
  Table table =
      table_begin (stream, "from_ns,to_ns,highest_live_bytes,lowest_live_bytes,allocated_bytes");

  ms_view_get_live_series (view->view, NULL, view->domain, MS_TIMELINE_ROWS, high, low);
  ms_view_get_allocated_series (view->view, NULL, view->domain, MS_TIMELINE_ROWS, allocated);
  for (guint i = 0; i < MS_TIMELINE_ROWS && length_ns > 0; i++)
    {
      add_known (&table, start_ns + (gint64) (i * step_ns));
      add_known (&table, start_ns + (gint64) ((i + 1) * step_ns));
      add_uint (&table, high[i]);
      add_uint (&table, low[i]);
      add_uint (&table, allocated[i]);
      end_row (&table);
    }
  return table_end (&table, cancellable, error);
}
