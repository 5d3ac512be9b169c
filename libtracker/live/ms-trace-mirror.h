/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A trace folder that is made of descriptors: where the true one cannot be reached by its path (a sandbox), the
 * agent hands its files over the bus, and this makes a folder from which they can be read like any other:
 *
 *   <runtime folder>/memscope-AbC123/memscope_pool.bin  ─▶  /proc/self/fd/17
 *
 * Beside them stands, while the process lives, memscope_watched, and where there are more files than descriptors can
 * be held, memscope_left_out, which says how many are not there: a reader makes a diagnostic of it.
 *
 * Only this process can read it.  Descriptors are looked at before they are believed: regular files, for
 * reading, under names of a trace's files.  The folder and the descriptors go with the object.
 */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

typedef struct _MsTraceMirror MsTraceMirror;

/* (transfer full) */
MsTraceMirror *ms_trace_mirror_new (GError **error);
void ms_trace_mirror_free (MsTraceMirror *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTraceMirror, ms_trace_mirror_free)

const char *ms_trace_mirror_get_folder (MsTraceMirror *self);

/* @files: a(sh), as OpenTrace and OpenFiles give it.  How many were added or took the place of others. */
guint ms_trace_mirror_add (MsTraceMirror *self, GVariant *files, GUnixFDList *descriptors);

/* The process has ended.  Until then the folder says that it lives (MS_WATCHED_FILE_NAME): who reads it cannot see
 * the process's pid.  @state: "exited" or "killed", with @exit_status, as its agent said; it counts where the folder was not
 * closed, which says more.  NULL: nobody said it. */
void ms_trace_mirror_set_ended (MsTraceMirror *self, const char *state, gint exit_status);

/* "memscope_…", without a slash, of at most 200 bytes. */
gboolean ms_trace_mirror_name_is_valid (const char *name);

G_END_DECLS
