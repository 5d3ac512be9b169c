/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exports of a trace for people and programs that do not have Memscope:
 *
 *   <prefix>_comprehensive.json       everything that was measured, by thread and by stack
 *   <prefix>_resource_rankings.json   the threads in order of each resource
 *   <prefix>_dashboard.html           one page that needs no network
 *
 * All three are the same analysis of one MsTrace; docs/DASHBOARD.md defines the figures and
 * data/schema has a JSON Schema of each JSON file.  Figures that were not measured are null beside
 * the reason.  Same trace in, same bytes out: nothing here reads a clock.
 */
#pragma once

#include <gio/gio.h>
#include "ms-name-resolver.h"
#include "ms-roles.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef enum {
  MS_EXPORT_COMPREHENSIVE = 1 << 0,
  MS_EXPORT_RANKINGS = 1 << 1,
  MS_EXPORT_DASHBOARD = 1 << 2,
  MS_EXPORT_ALL = MS_EXPORT_COMPREHENSIVE | MS_EXPORT_RANKINGS | MS_EXPORT_DASHBOARD
} MsExportFiles;

/* Set it up with ms_export_options_init() and change what you need; all pointers are borrowed. */
typedef struct {
  gsize struct_size;
  const char *output_folder; /* NULL: the current folder; made if it does not exist */
  const char *prefix;        /* no '/'; NULL: the program's name, made safe for a file name */
  MsExportFiles files;       /* MS_EXPORT_ALL */
  MsNameResolver *resolver;  /* names for the stacks; NULL: addresses with their modules */
  const MsAnalysisSettings *settings; /* NULL: the defaults */
} MsExportOptions;

MS_API void ms_export_options_init (MsExportOptions *self);

/* Writes the files.  Each appears complete or not at all: it is written beside its place, synced and
 * renamed.  Blocks: call it on a worker.  @options NULL: the defaults.  @written, if not NULL, gets the
 * paths in the order above, also of those that were finished before an error; free with
 * g_ptr_array_unref().  FALSE with G_IO_ERROR, its message naming the file: G_IO_ERROR_INVALID_ARGUMENT for a
 * prefix that is no file name, G_IO_ERROR_CANCELLED, or what the system said.
 * (element-type filename) (transfer container) */
MS_API gboolean ms_export_trace (MsTrace *trace,
                                 const MsExportOptions *options,
                                 GCancellable *cancellable,
                                 GPtrArray **written,
                                 GError **error);

G_END_DECLS
