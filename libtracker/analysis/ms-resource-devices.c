/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-devices.h"

#include <glib/gi18n.h>

#include "ms-resource-reason.h"
#include "trk-resource-fields.h"

#define BIT(field) (1U << TRK_##field)
#define BUSY \
  (BIT (PROCESSOR_USER_NS) | BIT (PROCESSOR_NICE_NS) | BIT (PROCESSOR_SYSTEM_NS) \
   | BIT (PROCESSOR_IRQ_NS) | BIT (PROCESSOR_SOFT_IRQ_NS) | BIT (PROCESSOR_STOLEN_NS))
#define IDLE (BIT (PROCESSOR_IDLE_NS) | BIT (PROCESSOR_IO_WAIT_NS))

#define ANY G_MAXUINT64
#define NOT_OF_THIS NC_ ("not measured", "there is no such figure of this device")

/* --- one device ----------------------------------------------------------------------------------- */

static void
fill_gpu (const MsFigureSource *from, MsDeviceUse *into)
{
  gboolean is_card = from->kind == TRK_RESOURCE_GPU_CARD;

  into->busy_percent =
      ms_figure_source_level (from, is_card ? TRK_GPU_CARD_BUSY_PERCENT : TRK_GPU_BUSY_PERCENT,
                              MS_LEVEL_MEAN);
  into->memory_used_bytes =
      ms_figure_source_level (from,
                              is_card ? TRK_GPU_CARD_MEMORY_USED_BYTES : TRK_GPU_MEMORY_USED_BYTES,
                              MS_LEVEL_GREATEST);
  into->memory_total_bytes = ms_figure_source_level (from,
                                                     is_card ? TRK_GPU_CARD_MEMORY_TOTAL_BYTES
                                                             : TRK_GPU_MEMORY_TOTAL_BYTES,
                                                     MS_LEVEL_GREATEST);
}

static void
fill_device (const MsFigureSource *from, MsDeviceUse *into)
{
  if (from->kind == TRK_RESOURCE_PROCESSOR)
    into->busy_percent = ms_figure_source_percent (from, BUSY, IDLE);
  else if (from->kind == TRK_RESOURCE_DISK)
    {
      into->busy_percent = ms_figure_source_share (from, TRK_DISK_BUSY_NS);
      into->read_bytes_per_second = ms_figure_source_rate (from, TRK_DISK_READ_BYTES);
      into->written_bytes_per_second = ms_figure_source_rate (from, TRK_DISK_WRITTEN_BYTES);
    }
  else if (from->kind == TRK_RESOURCE_INTERFACE)
    {
      into->read_bytes_per_second = ms_figure_source_rate (from, TRK_INTERFACE_RECEIVED_BYTES);
      into->written_bytes_per_second = ms_figure_source_rate (from, TRK_INTERFACE_SENT_BYTES);
    }
  else
    fill_gpu (from, into);
}

/* What a disk or interface says of itself: 0 where it says nothing. */
static gboolean
has_mark (const MsFigureSource *from, guint field)
{
  const MsResourceFigure *figure = ms_resources_get_figure (from->resources, from->source, field);

  return figure != NULL && figure->last != 0;
}

static gboolean
is_device (const MsFigureSource *from, const MsResourceSource *source, guint kind)
{
  gboolean is_kind =
      source->kind == kind || (kind == TRK_RESOURCE_GPU && source->kind == TRK_RESOURCE_GPU_CARD);

  if (!is_kind || source->n_samples == 0)
    return FALSE;
  if (kind == TRK_RESOURCE_PROCESSOR)
    return source->id > 0;
  return kind != TRK_RESOURCE_INTERFACE || !has_mark (from, TRK_INTERFACE_IS_LOOPBACK);
}

/* Partitions and stacked devices count what the disks below them count as well. */
static void
keep_physical (GArray *disks, MsResources *resources, MsResourceTally *tally)
{
  guint n_kept = 0;

  for (guint i = 0; i < disks->len; i++)
    {
      MsDeviceUse disk = g_array_index (disks, MsDeviceUse, i);
      MsFigureSource from = { resources, tally, TRK_RESOURCE_DISK, disk.source };

      if (has_mark (&from, TRK_DISK_IS_PHYSICAL))
        g_array_index (disks, MsDeviceUse, n_kept++) = disk;
    }
  if (n_kept > 0)
    g_array_set_size (disks, n_kept);
}

GArray *
ms_resource_devices_new (MsResources *resources, MsResourceTally *tally, guint kind)
{
  GArray *devices = g_array_new (FALSE, TRUE, sizeof (MsDeviceUse));

  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);
      MsFigureSource from = { resources, tally, source->kind, i };
      MsMeasured none = ms_not_measured (NOT_OF_THIS);
      MsDeviceUse use = { i, (guint) source->id, source->name, none, none, none, none, none };

      if (!is_device (&from, source, kind))
        continue;
      if (kind == TRK_RESOURCE_PROCESSOR)
        use.number--;
      fill_device (&from, &use);
      g_array_append_val (devices, use);
    }
  if (kind == TRK_RESOURCE_DISK)
    keep_physical (devices, resources, tally);
  return devices;
}

/* --- the process ---------------------------------------------------------------------------------- */

static void
fill_connections (MsResources *resources, MsResourceTally *tally, MsProcessResources *into)
{
  const char *reason =
      ms_resource_reason_of_kind (resources, TRK_RESOURCE_SOCKET, TRK_SOCKET_SENT_BYTES);
  gboolean is_known = resources != NULL && reason == ms_resource_reason_explain (0);

  into->connections = into->tcp_sent_bytes = into->tcp_received_bytes = into->tcp_retransmits =
      is_known ? ms_measured (0) : ms_not_measured (reason);
  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      MsFigureSource from = { resources, tally, TRK_RESOURCE_SOCKET, i };

      if (ms_resources_get_source (resources, i)->kind != TRK_RESOURCE_SOCKET
          || ms_resource_tally_get (tally, i, TRK_SOCKET_SENT_BYTES) == NULL)
        continue;
      into->connections = ms_measured (into->connections.value + 1);
      into->tcp_sent_bytes =
          ms_measured_sum (into->tcp_sent_bytes,
                           ms_figure_source_growth (&from, TRK_SOCKET_SENT_BYTES));
      into->tcp_received_bytes =
          ms_measured_sum (into->tcp_received_bytes,
                           ms_figure_source_growth (&from, TRK_SOCKET_RECEIVED_BYTES));
      into->tcp_retransmits =
          ms_measured_sum (into->tcp_retransmits,
                           ms_figure_source_growth (&from, TRK_SOCKET_RETRANSMITS));
    }
}

static void
fill_container (MsResources *resources, MsResourceTally *tally, MsProcessResources *into)
{
  MsFigureSource group = ms_figure_source_find (resources, tally, TRK_RESOURCE_CGROUP, ANY);
  MsMeasured throttled = ms_figure_source_growth (&group, TRK_CGROUP_THROTTLED_PERIODS);

  into->memory_limit_bytes =
      ms_figure_source_level (&group, TRK_CGROUP_MEMORY_LIMIT_BYTES, MS_LEVEL_LEAST);
  into->memory_used_bytes =
      ms_figure_source_level (&group, TRK_CGROUP_MEMORY_BYTES, MS_LEVEL_GREATEST);
  into->out_of_memory_kills = ms_figure_source_growth (&group, TRK_CGROUP_OOM_KILLS);
  into->throttled_percent =
      ms_measured_ratio (throttled, ms_figure_source_growth (&group, TRK_CGROUP_PERIODS),
                         NC_ ("not measured", "its container has no processor quota"));
  into->throttled_percent.value *= 100;
}

/* Regions of memory are apart, engines of a GPU work side by side. */
static void
fill_gpu_of_process (MsResources *resources, MsResourceTally *tally, MsProcessResources *into)
{
  MsMeasured busy = ms_not_measured (
      ms_resource_reason_of_kind (resources, TRK_RESOURCE_GPU_ENGINE, TRK_GPU_ENGINE_NS));
  MsMeasured memory = ms_not_measured (
      ms_resource_reason_of_kind (resources, TRK_RESOURCE_GPU, TRK_GPU_PROCESS_MEMORY_BYTES));

  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      MsFigureSource from = { resources, tally, ms_resources_get_source (resources, i)->kind, i };

      if (from.kind == TRK_RESOURCE_GPU_ENGINE)
        busy = ms_measured_greater (busy, ms_figure_source_share (&from, TRK_GPU_ENGINE_NS));
      else if (from.kind == TRK_RESOURCE_GPU_MEMORY)
        memory = ms_measured_sum (memory, ms_figure_source_level (&from, TRK_GPU_REGION_BYTES,
                                                                  MS_LEVEL_GREATEST));
      else if (from.kind == TRK_RESOURCE_GPU)
        memory =
            ms_measured_sum (memory, ms_figure_source_level (&from, TRK_GPU_PROCESS_MEMORY_BYTES,
                                                             MS_LEVEL_GREATEST));
    }
  into->gpu_busy_percent = busy;
  into->gpu_memory_bytes = memory;
}

void
ms_resource_devices_fill_process (MsResources *resources,
                                  MsResourceTally *tally,
                                  MsProcessResources *into)
{
  MsFigureSource processor = ms_figure_source_find (resources, tally, TRK_RESOURCE_PROCESSOR, 1);
  guint n_processors = 0;

  for (guint i = 0; resources != NULL && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);

      n_processors +=
          source->kind == TRK_RESOURCE_PROCESSOR && source->id > 0 && source->n_samples > 0;
    }
  into->available_cores = n_processors > 0
                              ? ms_measured (n_processors)
                              : ms_figure_source_growth (&processor, TRK_PROCESSOR_USER_NS);
  fill_connections (resources, tally, into);
  fill_container (resources, tally, into);
  fill_gpu_of_process (resources, tally, into);
}

/* --- the machine ---------------------------------------------------------------------------------- */

/* Of the process's cgroup if that has its own, else of the machine. */
static MsMeasured
get_pressure (MsResources *resources, MsResourceTally *tally, guint id)
{
  MsFigureSource own = ms_figure_source_find (resources, tally, TRK_RESOURCE_PRESSURE,
                                              TRK_RESOURCE_PRESSURE_OF_CGROUP + id);
  MsFigureSource all = ms_figure_source_find (resources, tally, TRK_RESOURCE_PRESSURE, id);
  MsMeasured value = ms_figure_source_share (&own, TRK_PRESSURE_SOME_NS);

  return value.known ? value : ms_figure_source_share (&all, TRK_PRESSURE_SOME_NS);
}

static MsMeasured
get_load (const MsFigureSource *load, guint field)
{
  MsMeasured value = ms_figure_source_level (load, field, MS_LEVEL_GREATEST);

  value.value /= 100;
  return value;
}

/* Over all of them. */
static void
fill_from_devices (MsResources *resources, MsResourceJoin *join, MsSystemResources *into)
{
  into->disk_busy_percent = into->disk_read_bytes_per_second = into->disk_written_bytes_per_second =
      ms_not_measured (ms_resource_reason_of_kind (resources, TRK_RESOURCE_DISK, TRK_DISK_BUSY_NS));
  into->network_received_bytes_per_second = into->network_sent_bytes_per_second = ms_not_measured (
      ms_resource_reason_of_kind (resources, TRK_RESOURCE_INTERFACE, TRK_INTERFACE_RECEIVED_BYTES));
  for (guint i = 0; i < join->disks->len; i++)
    {
      const MsDeviceUse *disk = &g_array_index (join->disks, MsDeviceUse, i);

      into->disk_busy_percent = ms_measured_greater (into->disk_busy_percent, disk->busy_percent);
      into->disk_read_bytes_per_second =
          ms_measured_sum (into->disk_read_bytes_per_second, disk->read_bytes_per_second);
      into->disk_written_bytes_per_second =
          ms_measured_sum (into->disk_written_bytes_per_second, disk->written_bytes_per_second);
    }
  for (guint i = 0; i < join->interfaces->len; i++)
    {
      const MsDeviceUse *use = &g_array_index (join->interfaces, MsDeviceUse, i);

      into->network_received_bytes_per_second =
          ms_measured_sum (into->network_received_bytes_per_second, use->read_bytes_per_second);
      into->network_sent_bytes_per_second =
          ms_measured_sum (into->network_sent_bytes_per_second, use->written_bytes_per_second);
    }
}

static void
fill_gpus (MsResources *resources, MsResourceJoin *join, MsSystemResources *into)
{
  double fullest = -1;

  into->gpu_busy_percent = into->gpu_memory_used_bytes = into->gpu_memory_total_bytes =
      ms_not_measured (
          ms_resource_reason_of_kind (resources, TRK_RESOURCE_GPU, TRK_GPU_BUSY_PERCENT));
  for (guint i = 0; i < join->gpus->len; i++)
    {
      const MsDeviceUse *gpu = &g_array_index (join->gpus, MsDeviceUse, i);
      MsMeasured full = ms_measured_ratio (gpu->memory_used_bytes, gpu->memory_total_bytes, "");

      into->gpu_busy_percent = ms_measured_greater (into->gpu_busy_percent, gpu->busy_percent);
      if (!full.known || full.value <= fullest)
        continue;
      fullest = full.value;
      into->gpu_memory_used_bytes = gpu->memory_used_bytes;
      into->gpu_memory_total_bytes = gpu->memory_total_bytes;
    }
}

void
ms_resource_devices_fill_system (MsResources *resources,
                                 MsResourceTally *tally,
                                 MsResourceJoin *join)
{
  MsSystemResources *into = &join->system;
  MsFigureSource processors = ms_figure_source_find (resources, tally, TRK_RESOURCE_PROCESSOR, 0);
  MsFigureSource memory = ms_figure_source_find (resources, tally, TRK_RESOURCE_MEMORY, ANY);
  MsFigureSource load = ms_figure_source_find (resources, tally, TRK_RESOURCE_LOAD, ANY);

  into->processors = join->process.available_cores;
  into->cpu_percent = ms_figure_source_percent (&processors, BUSY, IDLE);
  into->load_1_min = get_load (&load, TRK_LOAD_1_MIN_HUNDREDTHS);
  into->load_5_min = get_load (&load, TRK_LOAD_5_MIN_HUNDREDTHS);
  into->load_15_min = get_load (&load, TRK_LOAD_15_MIN_HUNDREDTHS);
  into->cpu_pressure_percent = get_pressure (resources, tally, TRK_RESOURCE_PRESSURE_CPU);
  into->memory_pressure_percent = get_pressure (resources, tally, TRK_RESOURCE_PRESSURE_MEMORY);
  into->io_pressure_percent = get_pressure (resources, tally, TRK_RESOURCE_PRESSURE_IO);
  into->memory_total_bytes =
      ms_figure_source_level (&memory, TRK_MEMORY_TOTAL_BYTES, MS_LEVEL_GREATEST);
  into->memory_available_bytes =
      ms_figure_source_level (&memory, TRK_MEMORY_AVAILABLE_BYTES, MS_LEVEL_LEAST);
  fill_from_devices (resources, join, into);
  fill_gpus (resources, join, into);
}
