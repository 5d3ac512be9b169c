/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-records.h"

#include <sys/socket.h>
#include <string.h>

#include "trk-resource-fields.h"

G_STATIC_ASSERT ((int) TRK_RESOURCE_PRESSURE_MEMORY == (int) TRK_PRESSURE_MEMORY);
G_STATIC_ASSERT ((int) TRK_RESOURCE_PRESSURE_IO == (int) TRK_PRESSURE_IO);

/* One sample on its way into the file. */
typedef struct {
  guint64 values[TRK_RESOURCE_MAX_FIELDS];
  guint8 reasons[TRK_RESOURCE_MAX_FIELDS];
} Fields;

static void
set (Fields *self, guint field, TrkReason reason, guint64 value)
{
  if (reason == TRK_REASON_NONE && value == TRK_UNKNOWN)
    reason = TRK_REASON_NOT_HERE;
  self->reasons[field] = (guint8) reason;
  self->values[field] = value;
}

/* @name NULL: none. */
static void
add (MsResourceWriter *writer,
     TrkResourceKind kind,
     guint64 id,
     guint64 start,
     const char *name,
     gint64 time_ns,
     const Fields *fields,
     guint32 n_fields)
{
  TrkResourceKey key = { .kind = kind, .id = id, .start = start, .name = name ? name : "" };

  key.n_name = (guint32) strlen (key.name);
  ms_resource_writer_add (writer, &key, time_ns, fields->values, fields->reasons, n_fields);
}

/* Why nothing of a kind can be had: said of a source of it that has neither id nor name. */
static void
add_missing (MsResourceWriter *writer,
             TrkResourceKind kind,
             TrkReason reason,
             gint64 time_ns,
             guint32 n_fields)
{
  Fields fields;

  if (reason == TRK_REASON_NONE)
    return;
  for (guint32 i = 0; i < n_fields; i++)
    set (&fields, i, reason, TRK_UNKNOWN);
  add (writer, kind, 0, 0, NULL, time_ns, &fields, n_fields);
}

static void
add_processor (MsResourceWriter *writer,
               guint64 id,
               const TrkProcessors *processors,
               const TrkProcessorTimes *times)
{
  Fields fields;

  set (&fields, TRK_PROCESSOR_USER_NS, processors->reason, times->user_ns);
  set (&fields, TRK_PROCESSOR_NICE_NS, processors->reason, times->nice_ns);
  set (&fields, TRK_PROCESSOR_SYSTEM_NS, processors->reason, times->system_ns);
  set (&fields, TRK_PROCESSOR_IDLE_NS, processors->reason, times->idle_ns);
  set (&fields, TRK_PROCESSOR_IO_WAIT_NS, processors->reason, times->io_wait_ns);
  set (&fields, TRK_PROCESSOR_IRQ_NS, processors->reason, times->irq_ns);
  set (&fields, TRK_PROCESSOR_SOFT_IRQ_NS, processors->reason, times->soft_irq_ns);
  set (&fields, TRK_PROCESSOR_STOLEN_NS, processors->reason, times->stolen_ns);
  add (writer, TRK_RESOURCE_PROCESSOR, id, 0, NULL, processors->time_ns, &fields,
       TRK_PROCESSOR_N_FIELDS);
}

void
ms_resource_add_processors (MsResourceWriter *writer, const TrkProcessors *processors)
{
  add_processor (writer, 0, processors, &processors->total);
  for (guint32 i = 0; i < processors->n_processors; i++)
    add_processor (writer, (guint64) processors->processors[i].number + 1, processors,
                   &processors->processors[i]);
}

void
ms_resource_add_load (MsResourceWriter *writer,
                      const TrkLoad *load,
                      const TrkProcessors *processors)
{
  Fields fields;

  for (guint i = 0; i < 3; i++)
    set (&fields, TRK_LOAD_1_MIN_HUNDREDTHS + i, load->reason, load->hundredths[i]);
  set (&fields, TRK_LOAD_RUNNING_TASKS, load->reason, load->running_tasks);
  set (&fields, TRK_LOAD_TASKS, load->reason, load->tasks);
  set (&fields, TRK_LOAD_CONTEXT_SWITCHES, processors->reason, processors->context_switches);
  set (&fields, TRK_LOAD_FORKS, processors->reason, processors->forks);
  set (&fields, TRK_LOAD_BLOCKED_TASKS, processors->reason, processors->blocked_tasks);
  add (writer, TRK_RESOURCE_LOAD, 0, 0, NULL, load->time_ns, &fields, TRK_LOAD_N_FIELDS);
}

void
ms_resource_add_memory (MsResourceWriter *writer, const TrkMachineMemory *memory)
{
  Fields fields;

  set (&fields, TRK_MEMORY_TOTAL_BYTES, memory->reason, memory->total_bytes);
  set (&fields, TRK_MEMORY_FREE_BYTES, memory->reason, memory->free_bytes);
  set (&fields, TRK_MEMORY_AVAILABLE_BYTES, memory->reason, memory->available_bytes);
  set (&fields, TRK_MEMORY_CACHED_BYTES, memory->reason, memory->cached_bytes);
  set (&fields, TRK_MEMORY_DIRTY_BYTES, memory->reason, memory->dirty_bytes);
  set (&fields, TRK_MEMORY_SWAP_TOTAL_BYTES, memory->reason, memory->swap_total_bytes);
  set (&fields, TRK_MEMORY_SWAP_FREE_BYTES, memory->reason, memory->swap_free_bytes);
  add (writer, TRK_RESOURCE_MEMORY, 0, 0, NULL, memory->time_ns, &fields, TRK_MEMORY_N_FIELDS);
}

void
ms_resource_add_pressure (MsResourceWriter *writer, guint id, const TrkPressure *pressure)
{
  Fields fields;

  set (&fields, TRK_PRESSURE_SOME_NS, pressure->reason, pressure->some_ns);
  set (&fields, TRK_PRESSURE_FULL_NS, pressure->reason, pressure->full_ns);
  set (&fields, TRK_PRESSURE_SOME_10S_HUNDREDTHS, pressure->reason, pressure->some_10s_hundredths);
  set (&fields, TRK_PRESSURE_FULL_10S_HUNDREDTHS, pressure->reason, pressure->full_10s_hundredths);
  add (writer, TRK_RESOURCE_PRESSURE, id, 0, NULL, pressure->time_ns, &fields,
       TRK_PRESSURE_N_FIELDS);
}

void
ms_resource_add_disks (MsResourceWriter *writer, const TrkDisks *disks)
{
  if (disks->n_disks == 0)
    add_missing (writer, TRK_RESOURCE_DISK, disks->reason, disks->time_ns, TRK_DISK_N_FIELDS);
  for (guint32 i = 0; i < disks->n_disks; i++)
    {
      const TrkDisk *disk = &disks->disks[i];
      Fields fields;

      set (&fields, TRK_DISK_READS, TRK_REASON_NONE, disk->reads);
      set (&fields, TRK_DISK_READ_BYTES, TRK_REASON_NONE, disk->read_bytes);
      set (&fields, TRK_DISK_WRITES, TRK_REASON_NONE, disk->writes);
      set (&fields, TRK_DISK_WRITTEN_BYTES, TRK_REASON_NONE, disk->written_bytes);
      set (&fields, TRK_DISK_BUSY_NS, TRK_REASON_NONE, disk->busy_ns);
      set (&fields, TRK_DISK_IN_FLIGHT, TRK_REASON_NONE, disk->requests_in_flight);
      set (&fields, TRK_DISK_IS_PHYSICAL, TRK_REASON_NONE, disk->is_physical);
      add (writer, TRK_RESOURCE_DISK, 0, 0, disk->name, disks->time_ns, &fields, TRK_DISK_N_FIELDS);
    }
}

void
ms_resource_add_interfaces (MsResourceWriter *writer, const TrkInterfaces *interfaces)
{
  if (interfaces->n_interfaces == 0)
    add_missing (writer, TRK_RESOURCE_INTERFACE, interfaces->reason, interfaces->time_ns,
                 TRK_INTERFACE_N_FIELDS);
  for (guint32 i = 0; i < interfaces->n_interfaces; i++)
    {
      const TrkInterface *interface = &interfaces->interfaces[i];
      Fields fields;

      set (&fields, TRK_INTERFACE_RECEIVED_BYTES, TRK_REASON_NONE, interface->received_bytes);
      set (&fields, TRK_INTERFACE_RECEIVED_PACKETS, TRK_REASON_NONE, interface->received_packets);
      set (&fields, TRK_INTERFACE_RECEIVE_ERRORS, TRK_REASON_NONE, interface->receive_errors);
      set (&fields, TRK_INTERFACE_RECEIVE_DROPS, TRK_REASON_NONE, interface->receive_drops);
      set (&fields, TRK_INTERFACE_SENT_BYTES, TRK_REASON_NONE, interface->sent_bytes);
      set (&fields, TRK_INTERFACE_SENT_PACKETS, TRK_REASON_NONE, interface->sent_packets);
      set (&fields, TRK_INTERFACE_SEND_ERRORS, TRK_REASON_NONE, interface->send_errors);
      set (&fields, TRK_INTERFACE_SEND_DROPS, TRK_REASON_NONE, interface->send_drops);
      set (&fields, TRK_INTERFACE_IS_LOOPBACK, TRK_REASON_NONE, interface->is_loopback);
      add (writer, TRK_RESOURCE_INTERFACE, 0, 0, interface->name, interfaces->time_ns, &fields,
           TRK_INTERFACE_N_FIELDS);
    }
}

void
ms_resource_add_sensors (MsResourceWriter *writer, const TrkSensors *sensors)
{
  Fields fields;

  add_missing (writer, TRK_RESOURCE_TEMPERATURE, sensors->temperature_reason, sensors->time_ns,
               TRK_TEMPERATURE_N_FIELDS);
  add_missing (writer, TRK_RESOURCE_FREQUENCY, sensors->frequency_reason, sensors->time_ns,
               TRK_FREQUENCY_N_FIELDS);
  for (guint32 i = 0; i < sensors->n_temperatures; i++)
    {
      const TrkTemperature *temperature = &sensors->temperatures[i];

      set (&fields, TRK_TEMPERATURE_MILLIDEGREES, temperature->reason,
           (guint64) temperature->millidegrees);
      add (writer, TRK_RESOURCE_TEMPERATURE, 0, 0, temperature->name, sensors->time_ns, &fields,
           TRK_TEMPERATURE_N_FIELDS);
    }
  for (guint32 i = 0; i < sensors->n_frequencies; i++)
    {
      set (&fields, TRK_FREQUENCY_HERTZ, sensors->frequencies[i].reason,
           sensors->frequencies[i].hertz);
      add (writer, TRK_RESOURCE_FREQUENCY, sensors->frequencies[i].processor, 0, NULL,
           sensors->time_ns, &fields, TRK_FREQUENCY_N_FIELDS);
    }
}

static void
set_io (Fields *fields, guint first, TrkReason reason, const TrkTaskIo *io)
{
  const guint64 values[] = { io->read_calls,    io->write_calls,     io->read_bytes,
                             io->written_bytes, io->disk_read_bytes, io->disk_written_bytes };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    set (fields, first + i, reason, values[i]);
}

void
ms_resource_add_process (MsResourceWriter *writer,
                         gint32 pid,
                         guint64 start_ticks,
                         const TrkProcessFigures *process)
{
  const guint64 memory[] = { process->resident_bytes, process->resident_peak_bytes,
                             process->virtual_bytes,  process->anon_bytes,
                             process->file_bytes,     process->shmem_bytes,
                             process->swapped_bytes };
  const guint64 rollup[] = { process->rollup_resident_bytes,   process->proportional_bytes,
                             process->private_bytes,           process->proportional_anon_bytes,
                             process->proportional_file_bytes, process->proportional_shmem_bytes };
  Fields fields;

  set (&fields, TRK_PROCESS_CPU_NS, process->reason, process->cpu_ns);
  set (&fields, TRK_PROCESS_USER_NS, process->reason, process->stat.user_ns);
  set (&fields, TRK_PROCESS_SYSTEM_NS, process->reason, process->stat.system_ns);
  set (&fields, TRK_PROCESS_CPU_IS_COARSE, process->reason, process->cpu_is_coarse);
  set (&fields, TRK_PROCESS_MINOR_FAULTS, process->reason, process->stat.minor_faults);
  set (&fields, TRK_PROCESS_MAJOR_FAULTS, process->reason, process->stat.major_faults);
  set (&fields, TRK_PROCESS_THREADS, process->reason, process->stat.n_threads);
  for (guint i = 0; i < G_N_ELEMENTS (memory); i++)
    set (&fields, TRK_PROCESS_RESIDENT_BYTES + i, process->memory_reason, memory[i]);
  set_io (&fields, TRK_PROCESS_READ_CALLS, process->io_reason, &process->io);
  for (guint i = 0; i < G_N_ELEMENTS (rollup); i++)
    set (&fields, TRK_PROCESS_EXACT_RESIDENT_BYTES + i, process->rollup_reason, rollup[i]);
  add (writer, TRK_RESOURCE_PROCESS, (guint64) pid, start_ticks, process->stat.name,
       process->time_ns, &fields, TRK_PROCESS_N_FIELDS);
}

void
ms_resource_add_cgroup (MsResourceWriter *writer, const char *path, const TrkCgroupFigures *cgroup)
{
  const guint64 memory[] = { cgroup->memory_bytes,
                             cgroup->memory_peak_bytes,
                             cgroup->memory_limit_bytes,
                             cgroup->n_high,
                             cgroup->n_max,
                             cgroup->n_oom,
                             cgroup->n_oom_kill };
  Fields fields;

  for (guint i = 0; i < G_N_ELEMENTS (memory); i++)
    set (&fields, TRK_CGROUP_MEMORY_BYTES + i, cgroup->memory_reason, memory[i]);
  set (&fields, TRK_CGROUP_CPU_NS, cgroup->cpu_reason, cgroup->cpu_ns);
  set (&fields, TRK_CGROUP_PERIODS, cgroup->cpu_reason, cgroup->n_periods);
  set (&fields, TRK_CGROUP_THROTTLED_PERIODS, cgroup->cpu_reason, cgroup->n_throttled);
  set (&fields, TRK_CGROUP_THROTTLED_NS, cgroup->cpu_reason, cgroup->throttled_ns);
  add (writer, TRK_RESOURCE_CGROUP, 0, 0, path, cgroup->time_ns, &fields, TRK_CGROUP_N_FIELDS);
  for (guint i = 0; i < TRK_N_PRESSURES; i++)
    {
      TrkPressure pressure = cgroup->pressures[i];

      if (pressure.reason == TRK_REASON_NOT_DUE)
        continue;
      pressure.time_ns = cgroup->time_ns;
      ms_resource_add_pressure (writer, TRK_RESOURCE_PRESSURE_OF_CGROUP + i, &pressure);
    }
}

static void
set_sockets (Fields *fields, TrkReason reason, const MsLaneCounters *counters, gint32 tid)
{
  guint64 received, sent;

  if (counters == NULL || !ms_lane_counters_find (counters, tid, &received, &sent))
    received = sent = TRK_UNKNOWN;
  set (fields, TRK_THREAD_SOCKET_RECEIVED_BYTES, reason, received);
  set (fields, TRK_THREAD_SOCKET_SENT_BYTES, reason, sent);
}

static void
add_thread (MsResourceWriter *writer,
            const TrkThreadFigures *thread,
            const MsLaneCounters *counters)
{
  TrkReason reason = thread->reason, stat_reason;
  Fields fields;

  set (&fields, TRK_THREAD_CPU_NS, reason, thread->cpu_ns);
  set (&fields, TRK_THREAD_RUN_QUEUE_WAIT_NS, reason, thread->run_queue_wait_ns);
  set (&fields, TRK_THREAD_RUNS, reason, thread->n_runs);
  set (&fields, TRK_THREAD_CPU_IS_COARSE, reason, thread->cpu_is_coarse);
  stat_reason = reason != TRK_REASON_NONE ? reason : thread->stat_reason;
  set (&fields, TRK_THREAD_STATE, stat_reason, (guchar) thread->state);
  set (&fields, TRK_THREAD_PROCESSOR, stat_reason, thread->processor);
  set (&fields, TRK_THREAD_MINOR_FAULTS, stat_reason, thread->minor_faults);
  set (&fields, TRK_THREAD_MAJOR_FAULTS, stat_reason, thread->major_faults);
  set_sockets (&fields, reason, counters, thread->tid);
  set_io (&fields, TRK_THREAD_READ_CALLS, reason != TRK_REASON_NONE ? reason : thread->io_reason,
          &thread->io);
  if (reason == TRK_REASON_NONE)
    reason = thread->switches_reason;
  set (&fields, TRK_THREAD_VOLUNTARY_SWITCHES, reason, thread->voluntary_switches);
  set (&fields, TRK_THREAD_INVOLUNTARY_SWITCHES, reason, thread->involuntary_switches);
  add (writer, TRK_RESOURCE_THREAD, (guint64) thread->tid, thread->start_ticks, thread->name,
       thread->time_ns, &fields, TRK_THREAD_N_FIELDS);
}

void
ms_resource_add_threads (MsResourceWriter *writer,
                         const TrkThreadFigures *threads,
                         guint32 n_threads,
                         const MsLaneCounters *counters)
{
  for (guint32 i = 0; i < n_threads; i++)
    add_thread (writer, &threads[i], counters);
}

void
ms_resource_add_sockets (MsResourceWriter *writer, const TrkSockets *sockets)
{
  add_missing (writer, TRK_RESOURCE_SOCKET, sockets->reason, sockets->time_ns, TRK_SOCKET_N_FIELDS);
  for (guint32 i = 0; i < sockets->n_sockets; i++)
    {
      const TrkSocket *socket = &sockets->sockets[i];
      guint32 n_address = socket->family == AF_INET ? 4 : 16;
      char addresses[32];
      TrkResourceKey key = { .kind = TRK_RESOURCE_SOCKET,
                             .id = socket->inode,
                             .name = addresses,
                             .n_name = 2 * n_address };
      Fields fields;

      memcpy (addresses, socket->local_address, n_address);
      memcpy (addresses + n_address, socket->remote_address, n_address);
      set (&fields, TRK_SOCKET_SENT_BYTES, TRK_REASON_NONE, socket->sent_bytes);
      set (&fields, TRK_SOCKET_RECEIVED_BYTES, TRK_REASON_NONE, socket->received_bytes);
      set (&fields, TRK_SOCKET_RETRANSMITS, TRK_REASON_NONE, socket->retransmits);
      set (&fields, TRK_SOCKET_ROUND_TRIP_NS, TRK_REASON_NONE, socket->round_trip_ns);
      set (&fields, TRK_SOCKET_ROUND_TRIP_DEVIATION_NS, TRK_REASON_NONE,
           socket->round_trip_deviation_ns);
      set (&fields, TRK_SOCKET_RECEIVE_QUEUE_BYTES, TRK_REASON_NONE, socket->receive_queue_bytes);
      set (&fields, TRK_SOCKET_SEND_QUEUE_BYTES, TRK_REASON_NONE, socket->send_queue_bytes);
      set (&fields, TRK_SOCKET_STATE, TRK_REASON_NONE, socket->state);
      set (&fields, TRK_SOCKET_LOCAL_PORT, TRK_REASON_NONE, socket->local_port);
      set (&fields, TRK_SOCKET_REMOTE_PORT, TRK_REASON_NONE, socket->remote_port);
      ms_resource_writer_add (writer, &key, sockets->time_ns, fields.values, fields.reasons,
                              TRK_SOCKET_N_FIELDS);
    }
}

void
ms_resource_add_nvml (MsResourceWriter *writer, const TrkNvmlFigures *nvml)
{
  add_missing (writer, TRK_RESOURCE_GPU, nvml->reason, nvml->time_ns, TRK_GPU_N_FIELDS);
  for (guint32 i = 0; i < nvml->n_devices; i++)
    {
      const TrkNvmlDevice *device = &nvml->devices[i];
      Fields fields;

      set (&fields, TRK_GPU_MEMORY_TOTAL_BYTES, device->memory_reason, device->memory_total_bytes);
      set (&fields, TRK_GPU_MEMORY_USED_BYTES, device->memory_reason, device->memory_used_bytes);
      set (&fields, TRK_GPU_BUSY_PERCENT, device->utilization_reason, device->busy_percent);
      set (&fields, TRK_GPU_MEMORY_BUSY_PERCENT, device->utilization_reason,
           device->memory_busy_percent);
      set (&fields, TRK_GPU_MILLIDEGREES, device->temperature_reason,
           (guint64) device->millidegrees);
      set (&fields, TRK_GPU_PROCESS_MEMORY_BYTES, device->process_reason,
           device->process_memory_bytes);
      add (writer, TRK_RESOURCE_GPU, i, 0, device->name, nvml->time_ns, &fields, TRK_GPU_N_FIELDS);
    }
}

static void
add_drm_figures (MsResourceWriter *writer,
                 TrkResourceKind kind,
                 const TrkDrmUse *use,
                 const TrkDrmFigure *figures,
                 guint32 n_figures,
                 gint64 time_ns)
{
  for (guint32 i = 0; i < n_figures; i++)
    {
      char name[sizeof use->address + sizeof figures->name];
      Fields fields;

      g_snprintf (name, sizeof name, "%s %s", use->address, figures[i].name);
      set (&fields, 0, TRK_REASON_NONE, figures[i].value);
      add (writer, kind, 0, 0, name, time_ns, &fields, 1);
    }
}

void
ms_resource_add_drm_process (MsResourceWriter *writer, const TrkDrmProcess *process)
{
  add_missing (writer, TRK_RESOURCE_GPU_ENGINE, process->reason, process->time_ns,
               TRK_GPU_ENGINE_N_FIELDS);
  add_missing (writer, TRK_RESOURCE_GPU_MEMORY, process->reason, process->time_ns,
               TRK_GPU_REGION_N_FIELDS);
  for (guint32 i = 0; i < process->n_uses; i++)
    {
      const TrkDrmUse *use = &process->uses[i];

      add_drm_figures (writer, TRK_RESOURCE_GPU_ENGINE, use, use->engines_ns, use->n_engines,
                       process->time_ns);
      add_drm_figures (writer, TRK_RESOURCE_GPU_MEMORY, use, use->regions_bytes, use->n_regions,
                       process->time_ns);
    }
}

void
ms_resource_add_drm_cards (MsResourceWriter *writer, const TrkDrmCards *cards)
{
  add_missing (writer, TRK_RESOURCE_GPU_CARD, cards->reason, cards->time_ns, TRK_GPU_CARD_N_FIELDS);
  for (guint32 i = 0; i < cards->n_cards; i++)
    {
      const TrkDrmCard *card = &cards->cards[i];
      Fields fields;

      set (&fields, TRK_GPU_CARD_BUSY_PERCENT, card->busy_reason, card->busy_percent);
      set (&fields, TRK_GPU_CARD_MEMORY_USED_BYTES, card->memory_reason, card->memory_used_bytes);
      set (&fields, TRK_GPU_CARD_MEMORY_TOTAL_BYTES, card->memory_reason, card->memory_total_bytes);
      add (writer, TRK_RESOURCE_GPU_CARD, card->card, 0, NULL, cards->time_ns, &fields,
           TRK_GPU_CARD_N_FIELDS);
    }
}
