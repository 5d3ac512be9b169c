/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From the collectors' plain structures (resources/) to the numbered fields of memscope_resources.bin
 * (format/trk-resource-fields.h): the one place that knows both, as neither room may know the other.
 *
 * A figure goes into the file if it was measured; else its reason does, once.  So does the reason why a
 * whole kind is missing, of a source without id and name; an nvml that could not be opened has its reason
 * and no device.
 */
#pragma once

#include "ms-lane-counters.h"
#include "ms-resource-writer.h"
#include "trk-cgroup.h"
#include "trk-disks.h"
#include "trk-gpu-drm.h"
#include "trk-gpu-nvml.h"
#include "trk-interfaces.h"
#include "trk-machine-memory.h"
#include "trk-process-figures.h"
#include "trk-processors.h"
#include "trk-sensors.h"
#include "trk-sockets.h"
#include "trk-threads.h"

G_BEGIN_DECLS

void ms_resource_add_processors (MsResourceWriter *writer, const TrkProcessors *processors);
void ms_resource_add_load (MsResourceWriter *writer,
                           const TrkLoad *load,
                           const TrkProcessors *processors);
void ms_resource_add_memory (MsResourceWriter *writer, const TrkMachineMemory *memory);

/* @id: TrkResourcePressureId. */
void ms_resource_add_pressure (MsResourceWriter *writer, guint id, const TrkPressure *pressure);
void ms_resource_add_disks (MsResourceWriter *writer, const TrkDisks *disks);
void ms_resource_add_interfaces (MsResourceWriter *writer, const TrkInterfaces *interfaces);
void ms_resource_add_sensors (MsResourceWriter *writer, const TrkSensors *sensors);

void ms_resource_add_process (MsResourceWriter *writer,
                              gint32 pid,
                              guint64 start_ticks,
                              const TrkProcessFigures *process);
void ms_resource_add_cgroup (MsResourceWriter *writer,
                             const char *path,
                             const TrkCgroupFigures *cgroup);
void ms_resource_add_threads (MsResourceWriter *writer,
                              const TrkThreadFigures *threads,
                              guint32 n_threads,
                              const MsLaneCounters *counters);
void ms_resource_add_sockets (MsResourceWriter *writer, const TrkSockets *sockets);
void ms_resource_add_nvml (MsResourceWriter *writer, const TrkNvmlFigures *nvml);
void ms_resource_add_drm_process (MsResourceWriter *writer, const TrkDrmProcess *process);
void ms_resource_add_drm_cards (MsResourceWriter *writer, const TrkDrmCards *cards);

G_END_DECLS
