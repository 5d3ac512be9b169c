/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine's part of a join: processors, disks, interfaces, GPUs, the container, connections. */
#pragma once

#include "ms-resource-figures.h"
#include "ms-resource-join.h"

G_BEGIN_DECLS

/* Of kind processor, disk, interface or GPU. (transfer full) (element-type MsDeviceUse) */
GArray *ms_resource_devices_new (MsResources *resources, MsResourceTally *tally, guint kind);

/* Cores, connections, container and GPU of the process. */
void ms_resource_devices_fill_process (MsResources *resources,
                                       MsResourceTally *tally,
                                       MsProcessResources *into);
/* From the join's devices, and what the machine has one of. */
void ms_resource_devices_fill_system (MsResources *resources,
                                      MsResourceTally *tally,
                                      MsResourceJoin *join);

G_END_DECLS
