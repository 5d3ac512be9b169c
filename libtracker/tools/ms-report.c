/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-report.h"

#include "ms-interrupt.h"

typedef struct {
  guint number;
  guint64 figure, allocated_bytes;
} Row;

MsReport *
ms_report_new (MsView *view, MsSymbolizer *symbolizer)
{
  MsReport *self = g_new0 (MsReport, 1);

  self->view = g_object_ref (view);
  self->trace = ms_view_get_trace (view);
  self->domain = ms_trace_get_main_domain (self->trace);
  self->symbolizer = g_object_ref (symbolizer);
  self->resolver = MS_NAME_RESOLVER (symbolizer);
  self->top = G_MAXUINT;
  self->cancellable = ms_interrupt_get_cancellable ();
  return self;
}

void
ms_report_free (MsReport *self)
{
  g_clear_pointer (&self->callers, g_array_unref);
  g_clear_pointer (&self->callees, g_array_unref);
  g_clear_pointer (&self->leaks, ms_leak_report_free);
  g_clear_pointer (&self->all_leaks, ms_leak_report_free);
  g_clear_pointer (&self->scores, g_array_unref);
  g_clear_pointer (&self->resources, ms_resource_join_free);
  g_clear_pointer (&self->of_life, ms_resource_join_free);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_clear_object (&self->symbolizer);
  g_clear_object (&self->view);
  g_free (self->part);
  g_free (self);
}

gboolean
ms_report_has_threads (MsReport *self)
{
  for (guint i = 0; i < ms_trace_get_n_threads (self->trace); i++)
    if (ms_thread_is_tracked (ms_trace_get_thread (self->trace, i)))
      return TRUE;
  return FALSE;
}

MsFrameNames *
ms_report_get_names (MsReport *self)
{
  if (self->names == NULL)
    self->names = ms_frame_names_new (self->trace, self->resolver, self->cancellable, NULL);
  return self->names;
}

const MsLeakReport *
ms_report_get_leaks (MsReport *self)
{
  const MsLeakOptions *options = self->leak_options;

  if (self->leaks == NULL)
    self->leaks =
        ms_leak_report_new (self->view, self->domain,
                            options != NULL ? options->suppressions : NULL, self->resolver,
                            options != NULL ? &options->settings : NULL, self->cancellable, NULL);
  return self->leaks;
}

const MsLeakReport *
ms_report_get_all_leaks (MsReport *self)
{
  MsAnalysisSettings settings;

  ms_analysis_settings_init (&settings);
  settings.leak_tail_percent = 0;
  if (self->leak_options != NULL && self->leak_options->no_defaults)
    settings.leak_spares_libraries = 0;
  if (self->all_leaks == NULL)
    self->all_leaks = ms_leak_report_new (self->view, self->domain, NULL, self->resolver, &settings,
                                          self->cancellable, NULL);
  return self->all_leaks;
}

const MsResourceJoin *
ms_report_get_resources (MsReport *self)
{
  if (self->resources == NULL)
    self->resources = ms_resource_join_new (self->view);
  return self->resources;
}

const MsResourceJoin *
ms_report_get_life (MsReport *self)
{
  g_autoptr (MsView) whole = NULL;

  if (!ms_view_is_filtered (self->view))
    return ms_report_get_resources (self);
  if (self->of_life == NULL)
    {
      whole = ms_view_new (self->trace, NULL, NULL, NULL); /* which costs nothing and cannot fail */
      self->of_life = ms_resource_join_new (whole);
    }
  return self->of_life;
}

MsRole
ms_report_get_role (MsReport *self, guint index)
{
  return ms_role_of_thread (self->trace, ms_trace_get_thread (self->trace, index),
                            &ms_report_get_life (self)->threads[index], NULL);
}

MsAlert
ms_report_get_alert (MsReport *self, guint index)
{
  return ms_alert_of_thread (self->trace, ms_trace_get_thread (self->trace, index),
                             &ms_report_get_life (self)->threads[index], NULL);
}

const GArray *
ms_report_get_all_scores (MsReport *self)
{
  if (self->scores == NULL)
    self->scores = ms_thread_scores_new (self->view, self->domain,
                                         ms_report_get_resources (self)->threads, NULL);
  return self->scores;
}

const MsThreadScores *
ms_report_get_scores (MsReport *self, guint index)
{
  return &g_array_index (ms_report_get_all_scores (self), MsThreadScores, index);
}

const MsPeak *
ms_report_get_peak (MsReport *self, MsDomain domain)
{
  return ms_view_find_peak (self->view, domain, self->cancellable, NULL);
}

static gboolean
is_of_peak (MsReport *self, MsFigureKind kind)
{
  return kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK
         || (kind == MS_FIGURE_PEAK_BYTES && ms_view_is_filtered (self->view));
}

guint64
ms_report_stack_figure (MsReport *self, guint stack, MsDomain domain, MsFigureKind kind)
{
  const MsPeak *peak;

  if (!is_of_peak (self, kind))
    return ms_totals_get (ms_view_get_stack_totals (self->view, stack, domain), kind);
  peak = ms_report_get_peak (self, domain);
  return peak != NULL ? peak->stack_bytes[stack] : 0;
}

guint64
ms_report_thread_figure (MsReport *self, guint index, MsDomain domain, MsFigureKind kind)
{
  const MsPeak *peak;

  if (!is_of_peak (self, kind))
    return ms_totals_get (ms_view_get_thread_totals (self->view, index, domain), kind);
  peak = ms_report_get_peak (self, domain);
  return peak != NULL ? peak->thread_bytes[index] : 0;
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *x = a;
  const Row *y = b;

  if (x->figure != y->figure)
    return x->figure > y->figure ? -1 : 1;
  if (x->allocated_bytes != y->allocated_bytes)
    return x->allocated_bytes > y->allocated_bytes ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static GArray *
numbers_in_order (GArray *rows, guint most)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_sort (rows, compare_rows);
  for (guint i = 0; i < MIN (rows->len, most); i++)
    g_array_append_val (numbers, g_array_index (rows, Row, i).number);
  return numbers;
}

GArray *
ms_report_order_stacks (MsReport *self,
                        MsDomain domain,
                        MsFigureKind kind,
                        gboolean all,
                        guint most)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint i = 0; i < ms_trace_get_n_stacks (self->trace); i++)
    {
      const MsTotals *totals = ms_view_get_stack_totals (self->view, i, domain);
      Row row = { i, ms_report_stack_figure (self, i, domain, kind), totals->allocated_bytes };

      if (row.figure > 0 || (all && (totals->allocations > 0 || totals->live_blocks > 0)))
        g_array_append_val (rows, row);
    }
  return numbers_in_order (rows, most);
}

/* By its name or id, as one may ask for a thread that never allocated. */
static gboolean
is_asked_for (MsReport *self, guint index)
{
  MsFilter *filter = ms_view_get_filter (self->view);
  guint n;

  return filter != NULL && ms_filter_get_threads (filter, &n) != NULL
         && ms_filter_has_thread (filter,
                                  ms_thread_get_id (ms_trace_get_thread (self->trace, index)));
}

/* Whether the thread has anything to do with the part of the recording that is looked at. */
static gboolean
is_in_view (MsReport *self, guint index, MsDomain domain)
{
  const MsTotals *totals = ms_view_get_thread_totals (self->view, index, domain);

  return !ms_view_is_filtered (self->view) || totals->allocations > 0 || totals->live_blocks > 0
         || totals->deallocations > 0 || is_asked_for (self, index);
}

GArray *
ms_report_order_threads (MsReport *self, MsDomain domain, MsFigureKind kind, gboolean all)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint i = 0; i < ms_trace_get_n_threads (self->trace); i++)
    {
      const MsTotals *totals = ms_view_get_thread_totals (self->view, i, domain);
      Row row = { i, ms_report_thread_figure (self, i, domain, kind), totals->allocated_bytes };

      if (row.figure > 0 || (all && is_in_view (self, i, domain)))
        g_array_append_val (rows, row);
    }
  return numbers_in_order (rows, G_MAXUINT);
}

gint64
ms_report_thread_life_ns (MsReport *self, guint index)
{
  MsThread *thread = ms_trace_get_thread (self->trace, index);
  gint64 end_ns = ms_thread_get_end_ns (thread);
  gint64 from_ns = MAX (ms_thread_get_start_ns (thread), ms_view_get_start_ns (self->view));
  gint64 to_ns = ms_view_get_end_ns (self->view);

  if (end_ns != MS_TIME_NONE)
    to_ns = MIN (to_ns, end_ns);
  return MAX (to_ns - from_ns, 0);
}
