/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resources-json.h"

#include <math.h>

#include "ms-resource-series.h"
#include "ms-verdicts-json.h"

/* Devices of one kind whose series are written; of a machine with 256 processors some megabytes. */
#define MOST_DEVICES 64

void
ms_resources_json_add_thread (MsJsonWriter *writer, const MsThreadResources *t)
{
  const MsJsonMeasured entries[] = {
    { "cpu_percent", t->cpu_percent },
    { "cpu_percent_peak", t->cpu_percent_peak },
    { "io_operations", t->io_operations },
    { "io_read_bytes", t->read_bytes },
    { "io_write_bytes", t->written_bytes },
    { "run_queue_wait_ns", t->run_queue_wait_ns },
    { "voluntary_switches", t->voluntary_switches },
    { "involuntary_switches", t->involuntary_switches },
    { "minor_faults", t->minor_faults },
    { "major_faults", t->major_faults },
    { "socket_sent_bytes", t->socket_sent_bytes },
    { "socket_received_bytes", t->socket_received_bytes },
    { "known_until_ns", t->known_until_ns },
  };

  ms_json_add_measured (writer, entries, G_N_ELEMENTS (entries));
}

/* --- process and machine -------------------------------------------------------------------------- */

static void
add_process (MsJsonWriter *writer, const MsProcessResources *p)
{
  const MsJsonMeasured entries[] = {
    { "cpu_ns", p->cpu_ns },
    { "cpu_percent", p->cpu_percent },
    { "cpu_percent_peak", p->cpu_percent_peak },
    { "available_cores", p->available_cores },
    { "run_queue_wait_ns", p->run_queue_wait_ns },
    { "voluntary_switches", p->voluntary_switches },
    { "involuntary_switches", p->involuntary_switches },
    { "minor_faults", p->minor_faults },
    { "major_faults", p->major_faults },
    { "io_operations", p->io_operations },
    { "io_read_bytes", p->read_bytes },
    { "io_write_bytes", p->written_bytes },
    { "disk_read_bytes", p->disk_read_bytes },
    { "disk_written_bytes", p->disk_written_bytes },
    { "threads", p->threads },
    { "resident_bytes", p->resident_bytes },
    { "resident_anonymous_bytes", p->resident_anonymous_bytes },
    { "resident_file_bytes", p->resident_file_bytes },
    { "resident_shared_bytes", p->resident_shared_bytes },
    { "swapped_bytes", p->swapped_bytes },
    { "socket_sent_bytes", p->socket_sent_bytes },
    { "socket_received_bytes", p->socket_received_bytes },
    { "connections", p->connections },
    { "tcp_sent_bytes", p->tcp_sent_bytes },
    { "tcp_received_bytes", p->tcp_received_bytes },
    { "tcp_retransmits", p->tcp_retransmits },
    { "container_memory_bytes", p->memory_used_bytes },
    { "container_memory_limit_bytes", p->memory_limit_bytes },
    { "container_out_of_memory_kills", p->out_of_memory_kills },
    { "container_throttled_percent", p->throttled_percent },
    { "gpu_busy_percent", p->gpu_busy_percent },
    { "gpu_memory_bytes", p->gpu_memory_bytes },
  };

  ms_json_writer_key (writer, "process");
  ms_json_writer_begin_object (writer);
  ms_json_add_measured (writer, entries, G_N_ELEMENTS (entries));
  ms_json_writer_end_object (writer);
}

static double
number_of (MsMeasured value)
{
  return value.known ? value.value : NAN;
}

static void
add_devices (MsJsonWriter *writer, const char *key, const GArray *devices)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < devices->len; i++)
    {
      const MsDeviceUse *use = &g_array_index (devices, MsDeviceUse, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "number", use->number);
      ms_json_writer_add_string (writer, "name", use->name);
      ms_json_writer_add_double (writer, "busy_percent", number_of (use->busy_percent));
      ms_json_writer_add_double (writer, "read_bytes_per_second",
                                 number_of (use->read_bytes_per_second));
      ms_json_writer_add_double (writer, "written_bytes_per_second",
                                 number_of (use->written_bytes_per_second));
      ms_json_writer_add_double (writer, "memory_used_bytes", number_of (use->memory_used_bytes));
      ms_json_writer_add_double (writer, "memory_total_bytes", number_of (use->memory_total_bytes));
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
add_system (MsJsonWriter *writer, const MsResourceJoin *join)
{
  const MsSystemResources *s = &join->system;
  const MsJsonMeasured entries[] = {
    { "processors", s->processors },
    { "cpu_percent", s->cpu_percent },
    { "load_1_min", s->load_1_min },
    { "load_5_min", s->load_5_min },
    { "load_15_min", s->load_15_min },
    { "cpu_pressure_percent", s->cpu_pressure_percent },
    { "memory_pressure_percent", s->memory_pressure_percent },
    { "io_pressure_percent", s->io_pressure_percent },
    { "disk_busy_percent", s->disk_busy_percent },
    { "disk_read_bytes_per_second", s->disk_read_bytes_per_second },
    { "disk_written_bytes_per_second", s->disk_written_bytes_per_second },
    { "network_received_bytes_per_second", s->network_received_bytes_per_second },
    { "network_sent_bytes_per_second", s->network_sent_bytes_per_second },
    { "memory_total_bytes", s->memory_total_bytes },
    { "memory_available_bytes", s->memory_available_bytes },
    { "gpu_busy_percent", s->gpu_busy_percent },
    { "gpu_memory_used_bytes", s->gpu_memory_used_bytes },
    { "gpu_memory_total_bytes", s->gpu_memory_total_bytes },
  };

  ms_json_writer_key (writer, "system");
  ms_json_writer_begin_object (writer);
  ms_json_add_measured (writer, entries, G_N_ELEMENTS (entries));
  add_devices (writer, "each_processor", join->processors);
  add_devices (writer, "each_disk", join->disks);
  add_devices (writer, "each_interface", join->interfaces);
  add_devices (writer, "each_gpu", join->gpus);
  ms_json_writer_end_object (writer);
}

void
ms_resources_json_write (MsJsonWriter *writer, const MsResourceJoin *join)
{
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", join->has_samples);
  add_process (writer, &join->process);
  add_system (writer, join);
  ms_json_writer_end_object (writer);
}

/* --- over time ------------------------------------------------------------------------------------ */

typedef struct {
  MsJsonWriter *writer;
  const MsResourceJoin *join;
  gint64 start_ns, end_ns;
  guint n_bins;
  double *values;
} Timeline;

static gboolean
get_series (const Timeline *self, MsResourceSeries series, guint which)
{
  return ms_resource_series_get (self->join->trace, series, which, self->start_ns, self->end_ns,
                                 self->n_bins, self->values, NULL);
}

/* Four digits, as more were not measured. */
static double
rounded (double value)
{
  double unit;

  if (!(fabs (value) > 0) || !isfinite (value))
    return value;
  unit = pow (10, floor (log10 (fabs (value))) - 3);
  return unit >= 1 ? floor (value / unit + 0.5) * unit : floor (value * 1e4 + 0.5) / 1e4;
}

static void
add_values (const Timeline *self, const char *key)
{
  ms_json_writer_key (self->writer, key);
  ms_json_writer_begin_array (self->writer);
  for (guint i = 0; i < self->n_bins; i++)
    ms_json_writer_double (self->writer, rounded (self->values[i]));
  ms_json_writer_end_array (self->writer);
}

/* What there is only one of. */
static void
add_single_series (const Timeline *self)
{
  for (guint series = 0; series < MS_N_RESOURCE_SERIES; series++)
    {
      if ((series >= MS_RESOURCE_SERIES_THREAD_CPU
           && series <= MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS)
          || series == MS_RESOURCE_SERIES_PROCESSOR
          || (series >= MS_RESOURCE_SERIES_DISK_READ && series <= MS_RESOURCE_SERIES_GPU_ENGINE)
          || !get_series (self, series, 0))
        continue;
      add_values (self, ms_resource_series_to_string (series));
    }
}

static void
add_device_series (const Timeline *self,
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

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "number", use->number);
      ms_json_writer_add_string (writer, "name", use->name);
      for (guint k = 0; k < n_series; k++)
        if (get_series (self, series[k], use->source))
          add_values (self, ms_resource_series_to_string (series[k]));
      ms_json_writer_end_object (writer);
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

  add_device_series (self, "each_processor", self->join->processors, of_processor,
                     G_N_ELEMENTS (of_processor));
  add_device_series (self, "each_disk", self->join->disks, of_disk, G_N_ELEMENTS (of_disk));
  add_device_series (self, "each_interface", self->join->interfaces, of_interface,
                     G_N_ELEMENTS (of_interface));
  add_device_series (self, "each_gpu", self->join->gpus, of_gpu, G_N_ELEMENTS (of_gpu));
}

static void
add_thread_series (const Timeline *self, const guint *threads, guint n_threads)
{
  static const MsResourceSeries series[] = { MS_RESOURCE_SERIES_THREAD_CPU,
                                             MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS };
  MsJsonWriter *writer = self->writer;

  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_threads; i++)
    {
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "thread_id", threads[i]);
      for (guint k = 0; k < G_N_ELEMENTS (series); k++)
        if (get_series (self, series[k], threads[i]))
          add_values (self, ms_resource_series_to_string (series[k]));
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
add_units (MsJsonWriter *writer)
{
  ms_json_writer_key (writer, "units");
  ms_json_writer_begin_object (writer);
  for (guint series = 0; series < MS_N_RESOURCE_SERIES; series++)
    ms_json_writer_add_string (writer, ms_resource_series_to_string (series),
                               ms_resource_series_get_unit (series));
  ms_json_writer_end_object (writer);
}

void
ms_resources_json_add_timeline (MsJsonWriter *writer,
                                const char *key,
                                MsView *view,
                                const MsResourceJoin *join,
                                const guint *threads,
                                guint n_threads,
                                guint n_bins)
{
  g_autofree double *values = g_new (double, n_bins);
  gint64 start_ns = ms_view_get_start_ns (view);
  gint64 end_ns = MAX (start_ns + 1, ms_view_get_end_ns (view));
  Timeline timeline = { writer, join, start_ns, end_ns, n_bins, values };

  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", join->has_samples);
  if (!join->has_samples)
    ms_json_writer_add_string (writer, "reason", join->process.resident_bytes.reason);
  else
    {
      ms_json_writer_add_uint (writer, "bins", n_bins);
      ms_json_writer_add_double (writer, "bin_ns", (double) (end_ns - start_ns) / n_bins);
      add_units (writer);
      add_single_series (&timeline);
      add_all_devices (&timeline);
      add_thread_series (&timeline, threads, n_threads);
    }
  ms_json_writer_end_object (writer);
}
