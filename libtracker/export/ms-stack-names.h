/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks of a trace with names, each distinct frame kept once: a stack is an array of
 * indices into the frames.  Exports walk the stacks several times; the resolver is asked once.
 */
#pragma once

#include "ms-name-resolver.h"

G_BEGIN_DECLS

typedef struct _MsStackNames MsStackNames;

/* @resolver NULL: addresses only.  Cancelling leaves the stacks not yet reached without frames; the
 * caller checks @cancellable. (transfer full) */
MsStackNames *ms_stack_names_new (MsTrace *trace,
                                  MsNameResolver *resolver,
                                  GCancellable *cancellable);
void ms_stack_names_free (MsStackNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsStackNames, ms_stack_names_free)

guint ms_stack_names_get_n_frames (MsStackNames *self);
/* (transfer none) */
const MsFrame *ms_stack_names_get_frame (MsStackNames *self, guint frame);
/* What a person calls this frame: its function, else "module+0x12f0", else "0x7f12f0". (transfer none) */
const char *ms_stack_names_get_label (MsStackNames *self, guint frame);
/* Indices of frames, innermost first, inlined ones expanded. (transfer none) (array length=depth) */
const guint *ms_stack_names_get_stack (MsStackNames *self,
                                       guint stack,
                                       guint *depth,
                                       gboolean *truncated);

G_END_DECLS
