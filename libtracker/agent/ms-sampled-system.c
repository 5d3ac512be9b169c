/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-sampled-system.h"

#include "ms-sampled-process.h"

struct _MsSampledSystem {
  TrkReader reader;
  TrkProcessorFiles processor_files;
  TrkKeptFile memory_file, pressure_files[TRK_N_PRESSURES], interface_file;
  TrkDiskFiles disk_files;
  TrkProcessors processors;
  TrkLoad load;
  TrkMachineMemory memory;
  TrkPressure pressures[TRK_N_PRESSURES];
  gboolean has_pressures; /* in this round */
  gint64 pressures_due_ns;
  TrkDisks disks;
  TrkInterfaces interfaces;
};

MsSampledSystem *
ms_sampled_system_new (void)
{
  MsSampledSystem *self = g_new0 (MsSampledSystem, 1);

  trk_reader_init (&self->reader, NULL);
  return self;
}

void
ms_sampled_system_free (MsSampledSystem *self)
{
  trk_processor_files_close (&self->processor_files);
  trk_kept_file_close (&self->memory_file);
  for (guint i = 0; i < TRK_N_PRESSURES; i++)
    trk_kept_file_close (&self->pressure_files[i]);
  trk_kept_file_close (&self->interface_file);
  trk_kept_file_close (&self->disk_files.diskstats);
  trk_reader_clear (&self->reader);
  g_free (self);
}

TrkReader *
ms_sampled_system_get_reader (MsSampledSystem *self)
{
  return &self->reader;
}

void
ms_sampled_system_read (MsSampledSystem *self)
{
  static const char *const paths[TRK_N_PRESSURES] = { "proc/pressure/cpu", "proc/pressure/memory",
                                                      "proc/pressure/io" };

  trk_processors_read (&self->reader, &self->processor_files, &self->processors);
  trk_load_read (&self->reader, &self->processor_files, &self->load);
  trk_machine_memory_read (&self->reader, &self->memory_file, &self->memory);
  self->has_pressures = trk_reader_now_ns () >= self->pressures_due_ns;
  if (self->has_pressures)
    self->pressures_due_ns = trk_reader_now_ns () + MS_PRESSURES_INTERVAL_NS;
  for (guint i = 0; i < TRK_N_PRESSURES && self->has_pressures; i++)
    trk_pressure_read (&self->reader, &self->pressure_files[i], -1, paths[i], &self->pressures[i]);
  trk_disks_read (&self->reader, &self->disk_files, &self->disks);
  trk_interfaces_read (&self->reader, &self->interface_file, 0, &self->interfaces);
}

void
ms_sampled_system_add (MsSampledSystem *self, MsResourceWriter *writer)
{
  ms_resource_add_processors (writer, &self->processors);
  ms_resource_add_load (writer, &self->load, &self->processors);
  ms_resource_add_memory (writer, &self->memory);
  for (guint i = 0; i < TRK_N_PRESSURES && self->has_pressures; i++)
    ms_resource_add_pressure (writer, i, &self->pressures[i]);
  ms_resource_add_disks (writer, &self->disks);
  ms_resource_add_interfaces (writer, &self->interfaces);
}

/* --- devices ---------------------------------------------------------------------------------- */

struct _MsSampledDevices {
  TrkReader reader;
  TrkSensors sensors;
  TrkDrmCards cards;
  TrkNvml *nvml; /* NULL: see the reason in nvml_figures */
  TrkNvmlFigures nvml_figures;
  /* Of the process that was read last. */
  TrkOpenFiles open_files;
  TrkSocketDiag diag;
  TrkSockets sockets;
  TrkDrmProcess drm;
};

MsSampledDevices *
ms_sampled_devices_new (void)
{
  MsSampledDevices *self = g_new0 (MsSampledDevices, 1);

  trk_reader_init (&self->reader, NULL);
  trk_sensors_open (&self->reader, &self->sensors);
  self->nvml_figures.reason = trk_nvml_open (NULL, &self->nvml);
  return self;
}

void
ms_sampled_devices_free (MsSampledDevices *self)
{
  if (self->nvml)
    trk_nvml_close (self->nvml);
  trk_socket_diag_close (&self->diag);
  trk_sensors_close (&self->sensors);
  trk_reader_clear (&self->reader);
  g_free (self);
}

void
ms_sampled_devices_read (MsSampledDevices *self)
{
  trk_sensors_read (&self->reader, &self->sensors);
  trk_drm_cards_read (&self->reader, &self->cards);
}

void
ms_sampled_devices_read_process (MsSampledDevices *self, gint32 pid)
{
  trk_open_files_read (&self->reader, pid, &self->open_files);
  trk_sockets_read (&self->reader, &self->diag, pid, &self->open_files, &self->sockets);
  trk_drm_process_read (&self->reader, pid, &self->open_files, &self->drm);
  if (self->nvml)
    trk_nvml_read (self->nvml, pid, &self->nvml_figures);
  else
    self->nvml_figures.time_ns = trk_reader_now_ns ();
}

void
ms_sampled_devices_add (MsSampledDevices *self, MsResourceWriter *writer)
{
  ms_resource_add_sensors (writer, &self->sensors);
  ms_resource_add_sockets (writer, &self->sockets);
  ms_resource_add_drm_cards (writer, &self->cards);
  ms_resource_add_drm_process (writer, &self->drm);
  ms_resource_add_nvml (writer, &self->nvml_figures);
}
