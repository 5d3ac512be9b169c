/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-source.h"
#include "ms-display-name.h"
#include "ms-language.h"
#include "ms-resource-series.h"
#include "ms-view.h"

#include <glib/gi18n-lib.h>

/* In a stretch too short a rate is that of single calls: eight times as long as those of levels. */
#define RATE_STRETCH 8
/* More rows than this could not be told apart. */
#define MOST_CORES 256

typedef struct {
  const MsTimelineQuery *query;
  MsTrace *trace;
  MsTimelineData *data;
} Source;

/* --- what was recorded --- */

/* FALSE if no thread was tracked, as by --resources-only: zeros would be taken for measurements. */
static gboolean
is_recorded (Source *self, MsLane *lane)
{
  if (ms_document_get_n_tracked (self->query->document) > 0
      || ms_trace_has_domain (self->trace, ms_trace_get_main_domain (self->trace)))
    return TRUE;
  lane->absence = g_strdup (_ ("no thread was tracked"));
  return FALSE;
}

static void
add_live (Source *self, MsView *view, MsDomain domain)
{
  const MsTimelineQuery *query = self->query;
  MsLane *lane = ms_timeline_data_add_lane (self->data, "live", _ ("Live memory"), MS_LANE_CURVES,
                                            MS_UNIT_BYTES, MS_ROLE_MEMORY_INTENSIVE);
  MsCurve *curve;
  g_autofree guint64 *max = g_new (guint64, query->n_bins);
  g_autofree guint64 *min = g_new (guint64, query->n_bins);

  if (!is_recorded (self, lane))
    return;
  if (ms_trace_why_no_live (self->trace) != NULL)
    {
      lane->note = g_strdup (lane->title);
      lane->absence = g_strdup (_ ("not available in ring mode"));
      return;
    }
  curve = &ms_lane_add_series (lane, NULL)->curve;
  lane->is_tall = TRUE;
  ms_curve_init (curve, query->from_ns, query->to_ns, query->n_bins, TRUE);
  ms_view_get_live_series (view, NULL, domain, query->n_bins, max, min);
  for (guint i = 0; i < query->n_bins; i++)
    {
      curve->max[i] = (double) max[i];
      curve->min[i] = (double) min[i];
    }
}

static void
add_rate (Source *self, MsView *view, MsDomain domain)
{
  const MsTimelineQuery *query = self->query;
  MsLane *lane =
      ms_timeline_data_add_lane (self->data, "rate", _ ("Allocation rate"), MS_LANE_CURVES,
                                 MS_UNIT_BYTE_RATE, MS_ROLE_MEMORY_INTENSIVE);
  MsCurve *curve;
  guint n_bins = MAX (query->n_bins / RATE_STRETCH, 1);
  g_autofree guint64 *bytes = g_new (guint64, n_bins);
  double bin_s = (double) (query->to_ns - query->from_ns) / 1e9 / n_bins;

  if (!is_recorded (self, lane))
    return;
  curve = &ms_lane_add_series (lane, NULL)->curve;
  ms_curve_init (curve, query->from_ns, query->to_ns, n_bins, FALSE);
  ms_view_get_allocated_series (view, NULL, domain, n_bins, bytes);
  /* Of a ring nothing is known of what was before, which is not nothing. */
  for (guint i = 0; i < n_bins; i++)
    if (query->from_ns + (gint64) (bin_s * 1e9 * (i + 1)) > ms_trace_get_kept_from_ns (self->trace))
      curve->max[i] = (double) bytes[i] / bin_s;
}

/* --- what was sampled --- */

/* Adds a curve of @lane, or FALSE and why there is none. */
static gboolean
add_sampled (Source *self,
             MsLane *lane,
             const char *name,
             MsResourceSeries series,
             guint which,
             const char **reason)
{
  const MsTimelineQuery *query = self->query;
  MsCurve curve;

  ms_curve_init (&curve, query->from_ns, query->to_ns, query->n_bins, FALSE);
  gboolean known = ms_resource_series_get (self->trace, series, which, query->from_ns, query->to_ns,
                                           query->n_bins, curve.max, reason);
  if (known)
    ms_lane_add_series (lane, name)->curve = curve;
  else
    ms_curve_clear (&curve);
  return known;
}

static MsLane *
add_sampled_lane (Source *self,
                  const char *id,
                  const char *title,
                  MsUnit unit,
                  MsRole hue,
                  MsResourceSeries series,
                  guint which,
                  const char *name)
{
  MsLane *lane = ms_timeline_data_add_lane (self->data, id, title, MS_LANE_CURVES, unit, hue);
  const char *reason = NULL;

  if (!add_sampled (self, lane, name, series, which, &reason))
    lane->absence =
        g_strdup (reason != NULL ? ms_language_reason (reason) : _ ("nothing was sampled"));
  return lane;
}

static void
add_processor (Source *self)
{
  const MsTimelineQuery *query = self->query;

  add_sampled_lane (self, "cpu", _ ("Processor"), MS_UNIT_PERCENT, MS_ROLE_CPU_INTENSIVE,
                    query->has_thread ? MS_RESOURCE_SERIES_THREAD_CPU : MS_RESOURCE_SERIES_CPU,
                    query->has_thread ? query->thread : 0, NULL);
}

static void
add_cores (Source *self)
{
  MsLane *lane = ms_timeline_data_add_lane (self->data, "cores", _ ("Cores"), MS_LANE_HEAT,
                                            MS_UNIT_PERCENT, MS_ROLE_CPU_INTENSIVE);
  g_autoptr (GArray) cores = ms_resource_series_list (self->trace, MS_RESOURCE_SERIES_PROCESSOR);
  const char *reason = NULL;

  for (guint i = 0; i < MIN (cores->len, MOST_CORES); i++)
    {
      const MsResourceSeriesSource *core = &g_array_index (cores, MsResourceSeriesSource, i);

      add_sampled (self, lane, core->name, MS_RESOURCE_SERIES_PROCESSOR, core->which, &reason);
    }
  if (lane->series->len > 0)
    return;
  if (reason == NULL)
    {
      double value;

      ms_resource_series_get (self->trace, MS_RESOURCE_SERIES_PROCESSORS, 0, self->query->from_ns,
                              self->query->to_ns, 1, &value, &reason);
    }
  lane->absence =
      g_strdup (reason != NULL ? ms_language_reason (reason) : _ ("nothing was sampled"));
}

/* The heap beside it shows what the rest of it is: code, stacks, what the allocator keeps. */
static void
add_resident (Source *self)
{
  MsLane *lane =
      add_sampled_lane (self, "resident", _ ("Resident memory"), MS_UNIT_BYTES,
                        MS_ROLE_MEMORY_INTENSIVE, MS_RESOURCE_SERIES_RESIDENT, 0, _ ("RSS"));
  const MsLane *live = ms_timeline_data_find_lane (self->data, "live");
  const MsTimelineQuery *query = self->query;

  if (lane->absence != NULL || live->absence != NULL || query->filter != NULL)
    return;

  const MsCurve *from = &g_array_index (live->series, MsLaneSeries, 0).curve;
  MsLaneSeries *heap = ms_lane_add_series (lane, _ ("live"));
  heap->is_line = TRUE;
  ms_curve_init (&heap->curve, query->from_ns, query->to_ns, query->n_bins, FALSE);
  memcpy (heap->curve.max, from->max, query->n_bins * sizeof *from->max);
}

static void
add_io (Source *self)
{
  const MsTimelineQuery *query = self->query;

  add_sampled_lane (self, "io", _ ("I/O calls"), MS_UNIT_RATE, MS_ROLE_IO_INTENSIVE,
                    query->has_thread ? MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS
                                      : MS_RESOURCE_SERIES_IO_OPERATIONS,
                    query->has_thread ? query->thread : 0, NULL);
}

static void
add_network (Source *self)
{
  const char *reason;
  MsLane *lane =
      add_sampled_lane (self, "network", _ ("Network"), MS_UNIT_BYTE_RATE, MS_ROLE_IO_INTENSIVE,
                        MS_RESOURCE_SERIES_SOCKET_RECEIVED, 0, _ ("in"));

  if (lane->absence != NULL)
    return;
  add_sampled (self, lane, _ ("out"), MS_RESOURCE_SERIES_SOCKET_SENT, 0, &reason);
  if (lane->series->len > 1)
    g_array_index (lane->series, MsLaneSeries, 1).is_line = TRUE;
}

static void
add_gpu (Source *self)
{
  static const MsResourceSeries KINDS[] = { MS_RESOURCE_SERIES_GPU, MS_RESOURCE_SERIES_GPU_ENGINE };
  MsLane *lane = ms_timeline_data_add_lane (self->data, "gpu", _ ("GPU"), MS_LANE_CURVES,
                                            MS_UNIT_PERCENT, MS_ROLE_LIGHTWEIGHT);
  const char *reason = NULL;
  double value;

  for (guint kind = 0; kind < G_N_ELEMENTS (KINDS) && lane->series->len == 0; kind++)
    {
      g_autoptr (GArray) sources = ms_resource_series_list (self->trace, KINDS[kind]);

      for (guint i = 0; i < MIN (sources->len, 2); i++)
        {
          const MsResourceSeriesSource *one = &g_array_index (sources, MsResourceSeriesSource, i);

          add_sampled (self, lane, sources->len > 1 ? one->name : NULL, KINDS[kind], one->which,
                       &reason);
        }
    }
  lane->is_scale_fixed = TRUE;
  if (lane->series->len > 0)
    return;
  if (reason == NULL)
    ms_resource_series_get (self->trace, MS_RESOURCE_SERIES_GPU, 0, self->query->from_ns,
                            self->query->to_ns, 1, &value, &reason);
  lane->absence =
      g_strdup (reason != NULL ? ms_language_reason (reason) : _ ("nothing was sampled"));
}

/* --- all of it --- */

/* What is missing for the same reason takes one line together. */
static void
merge_absent_lanes (MsTimelineData *data)
{
  for (guint i = 0; i < data->lanes->len; i++)
    {
      MsLane *lane = g_ptr_array_index (data->lanes, i);

      for (guint j = i + 1; lane->absence != NULL && j < data->lanes->len;)
        {
          const MsLane *other = g_ptr_array_index (data->lanes, j);

          if (g_strcmp0 (lane->absence, other->absence) != 0)
            {
              j++;
              continue;
            }
          g_autofree char *before = lane->note != NULL ? lane->note : g_strdup (lane->title);
          lane->note = g_strdup_printf ("%s%s%s", before, ms_language_get_comma (), other->title);
          g_ptr_array_remove_index (data->lanes, j);
        }
      if (lane->note != NULL)
        {
          g_free (lane->title);
          lane->title = g_strdup (_ ("Not available"));
        }
    }
}

/* In the words that a control of the window has for it. (transfer full) */
static char *
describe_mark (const MsMark *mark)
{
  switch (mark->kind)
    {
    case MS_MARK_SNAPSHOT:
      return g_strdup_printf (_ ("Snapshot: %s"), mark->name);
    case MS_MARK_STARTED:
      return g_strdup (_ ("Recording started"));
    case MS_MARK_STOPPED:
      return g_strdup (_ ("Recording stopped"));
    case MS_MARK_THREAD_RULE:
      return g_strdup_printf (_ ("Threads: %s"), mark->name);
    case MS_MARK_SAMPLING:
      return g_strdup_printf (_ ("Sampling: %s"), mark->name);
    case MS_MARK_PLAIN:
    default:
      return g_strdup (mark->name);
    }
}

static void
add_marks (Source *self)
{
  guint n_marks;
  const MsMark *marks = ms_trace_get_marks (self->trace, &n_marks);

  for (guint i = 0; i < n_marks; i++)
    {
      g_autofree char *text = describe_mark (&marks[i]);
      g_autofree char *shown = ms_display_name (text);

      ms_timeline_data_add_instant (self->data, marks[i].time_ns, shown);
    }
}

/* The peak is the view's own: that of a thread if one is focused. */
static void
find_peak (Source *self, MsView *view, MsDomain domain, GCancellable *cancellable)
{
  const MsPeak *peak = ms_view_find_peak (view, domain, cancellable, NULL);

  if (peak == NULL || peak->bytes == 0)
    return;
  self->data->peak_bytes = peak->bytes;
  self->data->peak_standard_error = peak->standard_error;
  self->data->peak_time_ns = peak->time_ns;
}

MsTimelineData *
ms_timeline_source_load (const MsTimelineQuery *query, GCancellable *cancellable, GError **error)
{
  Source self = { .query = query, .trace = ms_document_get_trace (query->document) };
  MsDomain domain = ms_trace_get_main_domain (self.trace);
  gint64 duration_ns = MAX (ms_trace_get_duration_ns (self.trace), 1);
  gboolean is_whole = query->from_ns <= 0 && query->to_ns >= duration_ns;
  g_autoptr (MsFilter) filter =
      is_whole ? (query->filter != NULL ? ms_filter_ref (query->filter) : NULL)
               : ms_filter_with_range (query->filter, query->from_ns, query->to_ns);
  g_autoptr (MsView) view = ms_view_new (self.trace, filter, cancellable, error);

  if (view == NULL)
    return NULL;
  self.data = ms_timeline_data_new (duration_ns);
  add_live (&self, view, domain);
  add_rate (&self, view, domain);
  add_processor (&self);
  add_cores (&self);
  add_resident (&self);
  add_io (&self);
  add_network (&self);
  add_gpu (&self);
  merge_absent_lanes (self.data);
  add_marks (&self);
  if (is_whole && !g_cancellable_is_cancelled (cancellable))
    find_peak (&self, view, domain, cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_pointer (&self.data, ms_timeline_data_unref);
  return self.data;
}

void
ms_timeline_source_add_lives (MsTimelineData *data, MsDocument *document)
{
  GPtrArray *rows = ms_document_get_rows (document);

  for (guint i = 0; i < rows->len; i++)
    {
      MsThreadRow *row = g_ptr_array_index (rows, i);
      MsThread *thread = ms_thread_row_get_thread (row);
      const MsCardData *card = ms_card_item_get_data (ms_thread_row_get_card (row));
      MsLife *life = ms_timeline_data_add_life (data, card->id, card->name);

      life->tracked = card->tracked;
      life->role = card->role;
      life->start_ns = ms_thread_get_start_ns (thread);
      life->end_ns = ms_thread_get_end_ns (thread);
      if (life->end_ns == MS_TIME_NONE)
        life->end_ns = data->duration_ns;
      life->peak_bytes = card->peak_bytes;
      if (card->live == NULL)
        continue;
      ms_curve_init (&life->live, 0, data->duration_ns, card->n_live, FALSE);
      for (guint bin = 0; bin < card->n_live; bin++)
        life->live.max[bin] = (double) card->live[bin];
    }
}
