/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks of a trace with names.  The resolver is asked once for each distinct place in the
 * code; what it says is kept once and numbered, so that everything that walks stacks (trees, filters,
 * comparisons, exports) compares numbers and not texts:
 *
 *   frame      a line of a function, and whether it was inlined there: what a stack is made of
 *   function   a name and its module, wherever in it the call stands: what a tree's nodes are
 *
 * Inlined frames are expanded.  Where a name is unknown, each address is a function of its own.
 * Every text is valid UTF-8, whatever the program's files held, but otherwise as hostile as they are.
 */
#pragma once

#include "ms-name-resolver.h"

G_BEGIN_DECLS

/* Immutable; any thread may read it. */
typedef struct _MsFrameNames MsFrameNames;

#define MS_TYPE_FRAME_NAMES (ms_frame_names_get_type ())
MS_API GType ms_frame_names_get_type (void);

typedef struct {
  /* What a person calls it: the name, else "module+0x12f0", else "0x7f12f0". */
  const char *label;
  const char *module; /* base name of the object; NULL: code that belongs to no file */
  gboolean is_named;  /* the label is a name */
} MsFunction;

/* @resolver NULL: addresses only.  Blocks while names are looked up: call it on a worker.  NULL with
 * G_IO_ERROR_CANCELLED. (transfer full) */
MS_API MsFrameNames *ms_frame_names_new (MsTrace *trace,
                                         MsNameResolver *resolver,
                                         GCancellable *cancellable,
                                         GError **error);
/* The same without what tells whose machine it was: of files the last part of the path, of modules module-1, …,
 * but for the libraries of C and C++ themselves. (transfer full) */
MS_API MsFrameNames *ms_frame_names_new_redacted (MsTrace *trace,
                                                  MsNameResolver *resolver,
                                                  GCancellable *cancellable,
                                                  GError **error);
MS_API MsFrameNames *ms_frame_names_ref (MsFrameNames *self);
MS_API void ms_frame_names_unref (MsFrameNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsFrameNames, ms_frame_names_unref)

MS_API guint ms_frame_names_get_n_frames (MsFrameNames *self);
/* A frame with a name has address 0: two calls from one line are one frame. (transfer none) */
MS_API const MsFrame *ms_frame_names_get_frame (MsFrameNames *self, guint frame);
MS_API guint ms_frame_names_get_function_of (MsFrameNames *self, guint frame);
/* The label of its function. (transfer none) */
MS_API const char *ms_frame_names_get_label (MsFrameNames *self, guint frame);

/* Numbered from 0 in the order in which stacks, innermost frames first, reach them. */
MS_API guint ms_frame_names_get_n_functions (MsFrameNames *self);
/* (transfer none) */
MS_API const MsFunction *ms_frame_names_get_function (MsFrameNames *self, guint function);

/* As many as the trace has. */
MS_API guint ms_frame_names_get_n_stacks (MsFrameNames *self);
/* Frames of the trace's stack @stack, innermost first.  @truncated: (out) (nullable): there were more.
 * (transfer none) (array length=depth) */
MS_API const guint *ms_frame_names_get_stack (MsFrameNames *self,
                                              guint stack,
                                              guint *depth,
                                              gboolean *truncated);

/* The frame of @stack that a person would look at: the innermost one that is not an allocator's or a
 * container's own (operator new, std::…, sqlite3Malloc, gc_alloc) and has a name, else the innermost.  FALSE: the stack has
 * no frames. */
MS_API gboolean ms_frame_names_find_site (MsFrameNames *self, guint stack, guint *frame);

/* Whether that passes @frame over, whoever resolved it: it has no name, or allocates for whoever calls it. */
MS_API gboolean ms_frame_is_machinery (const MsFrame *frame);

G_END_DECLS
