/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Samples the machine and the processes of a recording, some times a second, into each trace folder:
 *
 *   "resources"   every tick      processors, load, memory, pressure, disks, interfaces: once for all
 *                                 each process: itself, its cgroup, its threads
 *   "devices"     every second    what may block or is dear: open files, connections, sensors, GPUs
 *         ╰──▶ <trace folder>/memscope_resources.bin, one for each process
 *
 * Two threads, apart from the one that drains windows (ms-window-agent.h), which must not wait for /proc.
 * A tick that comes too late is left out: samples carry their true times.
 *
 * A process gets its file at the first tick that finds it; one that lives shorter than a tick costs a list
 * entry.  At most MS_MAX_SAMPLED_PROCESSES are sampled at a time, and with no more than half of the
 * descriptors that we may open; others wait until one of those ends.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_DEFAULT_RESOURCES_RATE 10
#define MS_MAX_RESOURCES_RATE 100
#define MS_MAX_SAMPLED_PROCESSES 64

typedef struct _MsResourceSampler MsResourceSampler;

/* For the trace folders in @recording; @rate: ticks a second, from 1 to MS_MAX_RESOURCES_RATE.  It rests
 * until ms_resource_sampler_start().  An error if this process may not open enough files for it. (transfer
 * full) */
MsResourceSampler *ms_resource_sampler_new (const char *recording, guint rate, GError **error);
void ms_resource_sampler_free (MsResourceSampler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceSampler, ms_resource_sampler_free)

/* Starts its threads; and ends them, with all that was sampled written.  Between a stop and a start we may
 * fork, and go on in the child. */
void ms_resource_sampler_start (MsResourceSampler *self);
void ms_resource_sampler_stop (MsResourceSampler *self);

/* @folder, a base name, belongs to this process, which runs. @start_ticks 0: nobody knows which process
 * that is, and it is left alone. */
void ms_resource_sampler_add (MsResourceSampler *self,
                              const char *folder,
                              gint32 pid,
                              guint64 start_ticks);

/* Its process has ended: the file is written to its end, and nothing in the folder touched any more. */
void ms_resource_sampler_remove (MsResourceSampler *self, const char *folder);

G_END_DECLS
