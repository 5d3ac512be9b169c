/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * With MEMSCOPE_DEBUG=1, or `memscope record --debug`: what each collector found and what is missing, one line
 * on standard error for each source, when it is sampled first and when that changes.
 *
 *   memscope: 0-prog.4711: thread 4713 "worker-1": 18 figures
 *   memscope: 0-prog.4711: pressure 0: none of 4 figures: 0 1 2 3 not offered by this system
 *
 * Figures have their numbers in docs/FORMAT.md, "Resources".  For one thread at a time.
 */
#pragma once

#include <glib.h>

#include "trk-resource-codec.h"

G_BEGIN_DECLS

typedef struct _MsResourceDebug MsResourceDebug;

/* NULL unless it is wanted.  @label: what is sampled. (transfer full) (nullable) */
MsResourceDebug *ms_resource_debug_new (const char *label);
void ms_resource_debug_free (MsResourceDebug *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceDebug, ms_resource_debug_free)

/* @reasons: as ms_resource_writer_add() has them. */
void ms_resource_debug_note (MsResourceDebug *self,
                             const TrkResourceKey *key,
                             const guint8 *reasons,
                             guint32 n_fields);

/* One more line. */
void ms_resource_debug_say (const MsResourceDebug *self, const char *message);

G_END_DECLS
