/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   marks               [{time_ns, kind, name}]
 *   resource_timeline   {available, reason?, series {name: coded}, processors [[number, busy]],
 *                        disks [[name, busy, read, written]], interfaces [[name, received, sent]],
 *                        gpus [[name, busy, memory]], engines [[name, busy]], threads [[id, cpu, io operations a second]]}
 *   samples             {stretches, of [[id, cpu, bytes a second, io operations]]}; id −1 is the process
 *   pattern_limits      CPU percent and bytes a second that count as full, ratio, percent of full that is idle
 *   thread_points       [id, cpu %, bytes a second, io operations, pattern]
 *
 * Series are coded as ms-coded-series.h says; one that was not sampled is null.  The stretches of `samples` are
 * as long as samples are apart, or there are MOST_STRETCHES of them.
 */
#include "ms-dashboard-timeline.h"

#include <math.h>

#include "ms-coded-series.h"
#include "ms-correlation.h"
#include "ms-json-figures.h"
#include "ms-resource-series.h"
#include "ms-sample-points.h"

#define MOST_STRETCHES 256
#define MOST_DEVICES 64

typedef struct {
  MsJsonWriter *writer;
  MsExportView *view;
  guint n_bins;
  double *values;
} Timeline;

static gboolean
get_series (const Timeline *self, MsResourceSeries series, guint which)
{
  gint64 start_ns = ms_view_get_start_ns (self->view->view);
  gint64 end_ns = ms_view_get_end_ns (self->view->view);

  return ms_resource_series_get (self->view->trace, series, which, start_ns,
                                 MAX (start_ns + 1, end_ns), self->n_bins, self->values, NULL);
}

static void
write_series (const Timeline *self, MsResourceSeries series, guint which)
{
  if (get_series (self, series, which))
    ms_coded_series_write (self->writer, self->values, self->n_bins);
  else
    ms_json_writer_null (self->writer);
}

static void
add_single_series (const Timeline *self)
{
  static const MsResourceSeries drawn[] = {
    MS_RESOURCE_SERIES_CPU,
    MS_RESOURCE_SERIES_RESIDENT,
    MS_RESOURCE_SERIES_READ,
    MS_RESOURCE_SERIES_WRITTEN,
    MS_RESOURCE_SERIES_IO_OPERATIONS,
    MS_RESOURCE_SERIES_SOCKET_SENT,
    MS_RESOURCE_SERIES_SOCKET_RECEIVED,
    MS_RESOURCE_SERIES_PROCESSORS,
    MS_RESOURCE_SERIES_MEMORY_AVAILABLE,
  };

  ms_json_writer_key (self->writer, "series");
  ms_json_writer_begin_object (self->writer);
  for (gsize i = 0; i < G_N_ELEMENTS (drawn); i++)
    if (get_series (self, drawn[i], 0))
      {
        ms_json_writer_key (self->writer, ms_resource_series_to_string (drawn[i]));
        ms_coded_series_write (self->writer, self->values, self->n_bins);
      }
  ms_json_writer_end_object (self->writer);
}

static void
add_devices (const Timeline *self,
             const char *key,
             const GArray *devices,
             const MsResourceSeries *series,
             guint n_series)
{
  MsJsonWriter *writer = self->writer;

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (devices->len, MOST_DEVICES); i++)
    {
      const MsDeviceUse *use = &g_array_index (devices, MsDeviceUse, i);

      ms_json_writer_begin_array (writer);
      if (use->name != NULL && *use->name != '\0')
        ms_json_writer_string (writer, use->name);
      else
        ms_json_writer_uint (writer, use->number);
      for (guint k = 0; k < n_series; k++)
        write_series (self, series[k], use->source);
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
add_all_devices (const Timeline *self)
{
  static const MsResourceSeries of_processor[] = { MS_RESOURCE_SERIES_PROCESSOR };
  static const MsResourceSeries of_disk[] = { MS_RESOURCE_SERIES_DISK_BUSY,
                                              MS_RESOURCE_SERIES_DISK_READ,
                                              MS_RESOURCE_SERIES_DISK_WRITTEN };
  static const MsResourceSeries of_interface[] = { MS_RESOURCE_SERIES_NETWORK_RECEIVED,
                                                   MS_RESOURCE_SERIES_NETWORK_SENT };
  static const MsResourceSeries of_gpu[] = { MS_RESOURCE_SERIES_GPU,
                                             MS_RESOURCE_SERIES_GPU_MEMORY };
  const MsResourceJoin *join = self->view->resources;

  add_devices (self, "processors", join->processors, of_processor, G_N_ELEMENTS (of_processor));
  add_devices (self, "disks", join->disks, of_disk, G_N_ELEMENTS (of_disk));
  add_devices (self, "interfaces", join->interfaces, of_interface, G_N_ELEMENTS (of_interface));
  add_devices (self, "gpus", join->gpus, of_gpu, G_N_ELEMENTS (of_gpu));
}

/* What the process itself kept busy of a GPU, engine by engine. */
static void
add_engines (const Timeline *self)
{
  g_autoptr (GArray) sources =
      ms_resource_series_list (self->view->trace, MS_RESOURCE_SERIES_GPU_ENGINE);

  ms_json_writer_key (self->writer, "engines");
  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < MIN (sources->len, MOST_DEVICES); i++)
    {
      const MsResourceSeriesSource *source = &g_array_index (sources, MsResourceSeriesSource, i);

      ms_json_writer_begin_array (self->writer);
      ms_json_writer_string (self->writer, source->name);
      write_series (self, MS_RESOURCE_SERIES_GPU_ENGINE, source->which);
      ms_json_writer_end_array (self->writer);
    }
  ms_json_writer_end_array (self->writer);
}

static void
add_threads (const Timeline *self, guint n_detailed)
{
  ms_json_writer_key (self->writer, "threads");
  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < n_detailed; i++)
    {
      guint id = g_array_index (self->view->threads, MsExportThread, i).id;

      ms_json_writer_begin_array (self->writer);
      ms_json_writer_uint (self->writer, id);
      write_series (self, MS_RESOURCE_SERIES_THREAD_CPU, id);
      write_series (self, MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS, id);
      ms_json_writer_end_array (self->writer);
    }
  ms_json_writer_end_array (self->writer);
}

/* --- points --------------------------------------------------------------------------------------- */

/* Columns with a gap where a stretch has no point. */
static void
write_samples_of (MsJsonWriter *writer, MsExportView *view, MsThread *thread, guint n_stretches)
{
  gint64 start_ns = ms_view_get_start_ns (view->view);
  double length_ns = (double) MAX (1, ms_view_get_end_ns (view->view) - start_ns) / n_stretches;
  g_autoptr (GArray) points =
      ms_sample_points_new (view->view, thread, view->domain, view->settings, MOST_STRETCHES, NULL);
  double columns[3][MOST_STRETCHES];

  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    for (guint i = 0; i < n_stretches; i++)
      columns[c][i] = NAN;
  for (guint i = 0; i < points->len; i++)
    {
      const MsSamplePoint *point = &g_array_index (points, MsSamplePoint, i);
      double at = floor ((double) (point->time_ns - start_ns) / length_ns);
      guint stretch = (guint) CLAMP (at, 0, n_stretches - 1);

      columns[0][stretch] = point->cpu_percent;
      columns[1][stretch] = point->bytes_per_second;
      if (point->io_operations.known)
        columns[2][stretch] = point->io_operations.value;
    }
  ms_json_writer_begin_array (writer);
  ms_json_writer_int (writer, thread != NULL ? (gint64) ms_thread_get_id (thread) : -1);
  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    ms_coded_series_write (writer, columns[c], n_stretches);
  ms_json_writer_end_array (writer);
}

static void
add_samples (MsJsonWriter *writer, MsExportView *view, guint n_detailed)
{
  guint n_stretches = ms_sample_points_count_stretches (view->view, MOST_STRETCHES);

  ms_json_writer_key (writer, "samples");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "stretches", n_stretches);
  ms_json_writer_key (writer, "of");
  ms_json_writer_begin_array (writer);
  if (n_stretches > 0)
    write_samples_of (writer, view, NULL, n_stretches);
  for (guint i = 0; i < n_detailed && n_stretches > 0; i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);

      if (ms_thread_is_tracked (t->thread))
        write_samples_of (writer, view, t->thread, n_stretches);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

/* The tracked threads whose processor share is known, heaviest first. */
static void
add_thread_points (MsJsonWriter *writer, MsExportView *view, guint most)
{
  guint n = 0;

  ms_json_writer_key (writer, "thread_points");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < view->threads->len && n < most; i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);
      MsMeasured cpu = t->resources->cpu_percent, io = t->resources->io_operations;
      double rate = t->allocated_bytes_per_second;

      if (!ms_thread_is_tracked (t->thread) || !cpu.known)
        continue;
      n++;
      ms_json_writer_begin_array (writer);
      ms_json_writer_uint (writer, t->id);
      ms_json_writer_double (writer, floor (cpu.value * 100 + 0.5) / 100);
      ms_json_writer_double (writer, floor (rate + 0.5));
      ms_json_writer_double (writer, io.known ? io.value : NAN);
      ms_json_writer_string (writer, ms_pattern_to_string (
                                         ms_pattern_get (cpu.value, rate, view->settings)));
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
add_pattern_limits (MsJsonWriter *writer, const MsAnalysisSettings *settings)
{
  MsAnalysisSettings own;

  ms_analysis_settings_init (&own);
  if (settings == NULL)
    settings = &own;
  ms_json_writer_key (writer, "pattern_limits");
  ms_json_writer_begin_array (writer);
  ms_json_writer_double (writer, settings->pattern_cpu_percent);
  ms_json_writer_double (writer, settings->pattern_bytes_per_second);
  ms_json_writer_double (writer, settings->pattern_ratio);
  ms_json_writer_double (writer, settings->pattern_floor_percent);
  ms_json_writer_end_array (writer);
}

void
ms_dashboard_timeline_write (MsJsonWriter *writer,
                             MsExportView *view,
                             guint n_bins,
                             guint n_detailed,
                             guint most_points)
{
  const MsResourceJoin *join = view->resources;
  g_autofree double *values = g_new (double, n_bins);
  Timeline timeline = { writer, view, n_bins, values };

  ms_json_add_marks (writer, view->view);
  ms_json_writer_key (writer, "resource_timeline");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", join->has_samples);
  if (!join->has_samples)
    ms_json_writer_add_string (writer, "reason", join->process.resident_bytes.reason);
  else
    {
      add_single_series (&timeline);
      add_all_devices (&timeline);
      add_engines (&timeline);
      add_threads (&timeline, n_detailed);
    }
  ms_json_writer_end_object (writer);
  add_samples (writer, view, n_detailed);
  add_pattern_limits (writer, view->settings);
  add_thread_points (writer, view, most_points);
}
