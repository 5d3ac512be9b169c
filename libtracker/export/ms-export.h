/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exports of a trace for people and programs that do not have Memscope:
 *
 *   <prefix>_comprehensive.json       everything that was measured, by thread and by stack
 *   <prefix>_resource_rankings.json   the threads in order of each resource
 *   <prefix>_dashboard.html           one page that needs no network
 *
 * and, asked for, files for other tools: CSV tables (ms-tables-csv.h), collapsed stacks (ms-collapsed.h), a
 * profile for speedscope and one for pprof, a timeline for Perfetto (ms-trace-events.h), massif's format.
 *
 * All are the same analysis of one MsTrace; docs/DASHBOARD.md defines the figures, docs/EXPORTS.md the files, and
 * data/schema has a JSON Schema of each JSON file.  Figures that were not measured are null beside
 * the reason.  Same trace and options in, same bytes out: nothing here reads a clock, and the environment only
 * where no language is asked for.
 */
#pragma once

#include <gio/gio.h>
#include "ms-filter.h"
#include "ms-name-resolver.h"
#include "ms-roles.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef enum {
  MS_EXPORT_COMPREHENSIVE = 1 << 0,
  MS_EXPORT_RANKINGS = 1 << 1,
  MS_EXPORT_DASHBOARD = 1 << 2,
  MS_EXPORT_CSV = 1 << 3,        /* <prefix>_threads.csv, _stacks.csv, … */
  MS_EXPORT_COLLAPSED = 1 << 4,  /* <prefix>_peak.collapsed, _allocated.collapsed, … */
  MS_EXPORT_SPEEDSCOPE = 1 << 5, /* <prefix>.speedscope.json */
  MS_EXPORT_PPROF = 1 << 6,      /* <prefix>.pb.gz */
  MS_EXPORT_PERFETTO = 1 << 7,   /* <prefix>_perfetto.json */
  MS_EXPORT_MASSIF = 1 << 8,     /* <prefix>_massif.out */
  MS_EXPORT_EVENTS = 1 << 9,     /* <prefix>_events.jsonl; the trace needs its history */
  MS_EXPORT_JSON = MS_EXPORT_COMPREHENSIVE | MS_EXPORT_RANKINGS,
  MS_EXPORT_DEFAULT = MS_EXPORT_JSON | MS_EXPORT_DASHBOARD
} MsExportFiles;

/* The bits that people call "json", "html", "csv", "collapsed", "speedscope", "pprof", "perfetto" or "massif";
 * 0 if @name is none of them. */
MS_API MsExportFiles ms_export_files_from_name (const char *name);
/* "csv, collapsed, …": all of them. */
MS_API const char *ms_export_files_get_names (void);

/* The languages of the page, "en" first. (transfer full) */
MS_API GStrv ms_export_dup_languages (void);

/* Set it up with ms_export_options_init() and change what you need; all pointers are borrowed. */
typedef struct {
  gsize struct_size;
  const char *output_folder; /* NULL: the current folder; made if it does not exist */
  const char *prefix;        /* no '/'; NULL: the program's name, made safe for a file name */
  MsExportFiles files;       /* MS_EXPORT_DEFAULT */
  MsNameResolver *resolver;  /* names for the stacks; NULL: addresses with their modules */
  const MsAnalysisSettings *settings; /* NULL: the defaults */
  MsFilter *filter; /* only this part, for which the trace needs its history; NULL: everything */
  const char *part; /* what people call it, for headings; NULL: no name */
  gboolean
      redact; /* without paths, arguments and names of the machine, as ms_trace_trim() does it */
  const char *language; /* of the page: "de", "zh_CN"; NULL: the environment's; else English */
} MsExportOptions;

MS_API void ms_export_options_init (MsExportOptions *self);

/* Writes the files.  All appear complete, or none does: each is written beside its place and synced, then all
 * are renamed.  Blocks: call it on a worker.  @options NULL: the defaults.  @written, if not NULL, gets the
 * paths in the order of the bits; free with g_ptr_array_unref().  FALSE with G_IO_ERROR, its message naming the file: G_IO_ERROR_INVALID_ARGUMENT for a
 * prefix that is no file name, G_IO_ERROR_CANCELLED, or what the system said.
 * (element-type filename) (transfer container) */
MS_API gboolean ms_export_trace (MsTrace *trace,
                                 const MsExportOptions *options,
                                 GCancellable *cancellable,
                                 GPtrArray **written,
                                 GError **error);

G_END_DECLS
