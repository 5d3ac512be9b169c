/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was sampled beside the heap, for reports, files and the page.  A figure that was not measured is null,
 * and "reasons" beside it says why, by the figure's name.
 */
#pragma once

#include "ms-json-writer.h"
#include "ms-resource-join.h"

G_BEGIN_DECLS

/* Of a thread, into the object that is open: "cpu_percent", "io_operations", … and "reasons". */
void ms_resources_json_add_thread (MsJsonWriter *writer, const MsThreadResources *resources);

/* An object, the value that is due: "process", and "system" with its devices. */
void ms_resources_json_write (MsJsonWriter *writer, const MsResourceJoin *join);

/* A member @key: series over the view's range in @n_bins equal stretches, of the process, the machine and its
 * devices, and of the @n_threads threads with these ids. */
void ms_resources_json_add_timeline (MsJsonWriter *writer,
                                     const char *key,
                                     MsView *view,
                                     const MsResourceJoin *join,
                                     const guint *threads,
                                     guint n_threads,
                                     guint n_bins);

G_END_DECLS
