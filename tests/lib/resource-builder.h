/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes memscope_resources.bin for a trace folder of trace-builder.h, sample by sample:
 *
 *   resource_builder_set (b, TRK_THREAD_CPU_NS, 50000000);
 *   resource_builder_sample (b, TRK_RESOURCE_THREAD, tid, "worker", 100000000);
 *
 * A sample has the fields that were set since the one before; times are the trace's.
 */
#pragma once

#include <glib.h>

#include "trk-resource-fields.h"

typedef struct _ResourceBuilder ResourceBuilder;

ResourceBuilder *resource_builder_new (const char *folder, gint64 interval_ns);
/* Writes out what is left. */
void resource_builder_free (ResourceBuilder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ResourceBuilder, resource_builder_free)

void resource_builder_set (ResourceBuilder *self, guint field, guint64 value);
/* In the next sample the field is not to be had, for a reason by its number in the file. */
void resource_builder_set_absent (ResourceBuilder *self, guint field, guint8 reason);
/* When the sources of later samples began; one of the same number that began at another time is another. */
void resource_builder_set_start (ResourceBuilder *self, guint64 start);
void resource_builder_sample (ResourceBuilder *self,
                              TrkResourceKind kind,
                              guint64 id,
                              const char *name,
                              gint64 time_ns);
/* What comes next stands in another block. */
void resource_builder_end_block (ResourceBuilder *self);
