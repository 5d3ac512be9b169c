/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What ms-resource-sampler.c reads of the machine: once a tick whatever is cheap (MsSampledSystem), and once
 * a second, on another thread, whatever may block (MsSampledDevices).  Read once, added to the file of each
 * process.
 */
#pragma once

#include "ms-resource-records.h"

G_BEGIN_DECLS

/* Processors, load, memory, pressure, disks, network interfaces. */
typedef struct _MsSampledSystem MsSampledSystem;

MsSampledSystem *ms_sampled_system_new (void);
void ms_sampled_system_free (MsSampledSystem *self);
/* Of the same thread. (transfer none) */
TrkReader *ms_sampled_system_get_reader (MsSampledSystem *self);
void ms_sampled_system_read (MsSampledSystem *self);
void ms_sampled_system_add (MsSampledSystem *self, MsResourceWriter *writer);

/* Sensors and GPUs; and of one process at a time its connections and its GPUs. */
typedef struct _MsSampledDevices MsSampledDevices;

/* May take seconds. */
MsSampledDevices *ms_sampled_devices_new (void);
void ms_sampled_devices_free (MsSampledDevices *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSampledDevices, ms_sampled_devices_free)
void ms_sampled_devices_read (MsSampledDevices *self);
void ms_sampled_devices_read_process (MsSampledDevices *self, gint32 pid);
void ms_sampled_devices_add (MsSampledDevices *self, MsResourceWriter *writer);

G_END_DECLS
