/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From the options to the files.  All appear complete, or none does.
 */
#include "ms-export.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "ms-collapsed.h"
#include "ms-comprehensive-json.h"
#include "ms-dashboard-words.h"
#include "ms-dashboard.h"
#include "ms-events-jsonl.h"
#include "ms-export-view.h"
#include "ms-json-writer.h"
#include "ms-massif.h"
#include "ms-pprof.h"
#include "ms-rankings-json.h"
#include "ms-redaction.h"
#include "ms-short-text.h"
#include "ms-speedscope.h"
#include "ms-tables-csv.h"
#include "ms-trace-events.h"

void
ms_export_options_init (MsExportOptions *self)
{
  *self = (MsExportOptions) { .struct_size = sizeof *self, .files = MS_EXPORT_DEFAULT };
}

/* Letters, digits and a few marks of the program's name; anything else becomes '_'. */
static char *
default_prefix (MsTrace *trace, gboolean redact)
{
  g_autofree char *prefix =
      g_strndup (redact ? MS_REDACTED_PROGRAM : ms_trace_get_program (trace), 80);

  g_strcanon (prefix, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.+", '_');
  if (*prefix == '.' || *prefix == '-')
    *prefix = '_';
  return *prefix ? g_steal_pointer (&prefix) : g_strdup ("trace");
}

static char *
check_prefix (MsTrace *trace, const char *prefix, gboolean redact, GError **error)
{
  if (!prefix)
    return default_prefix (trace, redact);
  if (*prefix == '\0' || strchr (prefix, G_DIR_SEPARATOR) || strlen (prefix) > 200)
    {
      g_autofree char *shown = ms_short_text_new (prefix, 80);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "“%s” cannot begin a file name: a prefix is 1 to 200 bytes without “/”", shown);
      return NULL;
    }
  return g_strdup (prefix);
}

static gboolean
write_rankings (GOutputStream *stream,
                MsExportView *view,
                GCancellable *cancellable,
                GError **error)
{
  MsJsonWriter *writer = ms_json_writer_new (stream, MS_JSON_PRETTY);

  ms_rankings_write (writer, view);
  return ms_json_writer_close (writer, cancellable, error);
}

static gboolean
write_comprehensive (GOutputStream *stream,
                     MsExportView *view,
                     GCancellable *cancellable,
                     GError **error)
{
  MsJsonWriter *writer = ms_json_writer_new (stream, MS_JSON_PRETTY);

  ms_comprehensive_write (writer, view, cancellable);
  return ms_json_writer_close (writer, cancellable, error);
}

static gboolean
write_dashboard (GOutputStream *stream,
                 MsExportView *view,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GBytes) page = ms_dashboard_new (view);

  return g_output_stream_write_all (stream, g_bytes_get_data (page, NULL), g_bytes_get_size (page),
                                    NULL, cancellable, error);
}

#define WRITE_COLLAPSED(name, figure) \
  static gboolean write_collapsed_##name (GOutputStream *stream, MsExportView *view, \
                                          GCancellable *cancellable, GError **error) \
  { \
    return ms_collapsed_write (stream, view, figure, cancellable, error); \
  }

WRITE_COLLAPSED (peak, MS_FIGURE_BYTES_AT_PROCESS_PEAK)
WRITE_COLLAPSED (allocated, MS_FIGURE_ALLOCATED_BYTES)
WRITE_COLLAPSED (allocations, MS_FIGURE_ALLOCATIONS)
WRITE_COLLAPSED (leaked, MS_FIGURE_LEAKED_BYTES)
WRITE_COLLAPSED (temporary, MS_FIGURE_TEMPORARY_ALLOCATIONS)

typedef gboolean (*WriteFunc) (GOutputStream *stream,
                               MsExportView *view,
                               GCancellable *cancellable,
                               GError **error);

static const struct {
  MsExportFiles file;
  const char *suffix;
  WriteFunc write;
} outputs[] = {
  { MS_EXPORT_COMPREHENSIVE, "_comprehensive.json", write_comprehensive },
  { MS_EXPORT_RANKINGS, "_resource_rankings.json", write_rankings },
  { MS_EXPORT_DASHBOARD, "_dashboard.html", write_dashboard },
  { MS_EXPORT_CSV, "_threads.csv", ms_threads_csv_write },
  { MS_EXPORT_CSV, "_stacks.csv", ms_stacks_csv_write },
  { MS_EXPORT_CSV, "_functions.csv", ms_functions_csv_write },
  { MS_EXPORT_CSV, "_interactions.csv", ms_interactions_csv_write },
  { MS_EXPORT_CSV, "_histograms.csv", ms_histograms_csv_write },
  { MS_EXPORT_CSV, "_timeline.csv", ms_timeline_csv_write },
  { MS_EXPORT_COLLAPSED, "_peak.collapsed", write_collapsed_peak },
  { MS_EXPORT_COLLAPSED, "_allocated.collapsed", write_collapsed_allocated },
  { MS_EXPORT_COLLAPSED, "_allocations.collapsed", write_collapsed_allocations },
  { MS_EXPORT_COLLAPSED, "_leaked.collapsed", write_collapsed_leaked },
  { MS_EXPORT_COLLAPSED, "_temporary.collapsed", write_collapsed_temporary },
  { MS_EXPORT_SPEEDSCOPE, ".speedscope.json", ms_speedscope_write },
  { MS_EXPORT_PPROF, ".pb.gz", ms_pprof_write },
  { MS_EXPORT_PERFETTO, "_perfetto.json", ms_trace_events_write },
  { MS_EXPORT_MASSIF, "_massif.out", ms_massif_write },
  { MS_EXPORT_EVENTS, "_events.jsonl", ms_events_jsonl_write },
};

static const struct {
  const char *name;
  MsExportFiles files;
} formats[] = {
  { "html", MS_EXPORT_DASHBOARD },
  { "json", MS_EXPORT_JSON },
  { "csv", MS_EXPORT_CSV },
  { "collapsed", MS_EXPORT_COLLAPSED },
  { "speedscope", MS_EXPORT_SPEEDSCOPE },
  { "pprof", MS_EXPORT_PPROF },
  { "perfetto", MS_EXPORT_PERFETTO },
  { "massif", MS_EXPORT_MASSIF },
};

MsExportFiles
ms_export_files_from_name (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (formats[i].name, name) == 0)
      return formats[i].files;
  return 0;
}

const char *
ms_export_files_get_names (void)
{
  return "html, json, csv, collapsed, speedscope, pprof, perfetto, massif";
}

GStrv
ms_export_dup_languages (void)
{
  return ms_dashboard_words_dup_languages ();
}

static gboolean
set_system_error (GError **error, const char *path, const char *what)
{
  int saved = errno;
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (saved), "%s: cannot %s: %s", shown,
               what, g_strerror (saved));
  return FALSE;
}

/* A file that is complete beside its place, and its place. */
typedef struct {
  char *temporary; /* NULL: it is in its place */
  char *path;
} Written;

static void
written_clear (Written *self)
{
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
}

/* Writes beside @path and syncs.  Not g_file_replace(), which writes a new file in place, so
 * that a full disk leaves half of one. */
static gboolean
write_file (const char *path,
            WriteFunc write,
            MsExportView *view,
            GArray *files,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GOutputStream) stream = NULL;
  int fd;
  gboolean ok;

  /* Which would be found when others are in their place. */
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      errno = EISDIR;
      return set_system_error (error, path, "create it");
    }
  fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0)
    return set_system_error (error, path, "create it");
  stream = g_unix_output_stream_new (fd, TRUE);
  ok = write (stream, view, cancellable, error)
       && !g_cancellable_set_error_if_cancelled (cancellable, error);
  if (!ok)
    g_prefix_error (error, "%s: ", shown);
  else if (fsync (fd) != 0 && errno != EINVAL && errno != EROFS)
    ok = set_system_error (error, path, "write it to the disk");
  if (!g_output_stream_close (stream, NULL, ok ? error : NULL) && ok)
    ok = FALSE;
  if (ok)
    {
      Written file = { g_steal_pointer (&temporary), g_strdup (path) };

      g_array_append_val (files, file);
    }
  else
    g_unlink (temporary);
  return ok;
}

/* All of them, now that none can fail for want of room. */
static gboolean
put_in_place (GArray *files, GPtrArray *paths, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      Written *file = &g_array_index (files, Written, i);

      if (g_rename (file->temporary, file->path) != 0)
        return set_system_error (error, file->path, "put it in its place");
      g_clear_pointer (&file->temporary, g_free);
      g_ptr_array_add (paths, g_strdup (file->path));
    }
  return TRUE;
}

static gboolean
make_folder (const char *folder, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autofree char *shown = g_filename_display_name (folder);
  g_autoptr (GError) problem = NULL;

  if (g_file_make_directory_with_parents (file, NULL, &problem)
      || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_EXISTS))
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s: ", shown);
  return FALSE;
}

gboolean
ms_export_trace (MsTrace *trace,
                 const MsExportOptions *options,
                 GCancellable *cancellable,
                 GPtrArray **written,
                 GError **error)
{
  MsExportOptions own;
  g_autofree char *prefix = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (Written));
  g_autoptr (MsExportView) view = NULL;
  const char *folder;
  gboolean ok;

  /* A caller built against an older header has a shorter struct: the rest stays the default. */
  ms_export_options_init (&own);
  if (options)
    memcpy (&own, options, MIN (options->struct_size, sizeof own));
  folder = own.output_folder ? own.output_folder : ".";
  g_array_set_clear_func (files, (GDestroyNotify) written_clear);
  prefix = check_prefix (trace, own.prefix, own.redact, error);
  ok = prefix && make_folder (folder, error);
  if (ok)
    view = ms_export_view_new (trace, &own, cancellable, error);
  ok = view != NULL;

  for (gsize i = 0; ok && i < G_N_ELEMENTS (outputs); i++)
    {
      g_autofree char *name = g_strconcat (prefix, outputs[i].suffix, NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!(own.files & outputs[i].file))
        continue;
      ok = write_file (path, outputs[i].write, view, files, cancellable, error);
    }
  ok = ok && put_in_place (files, paths, error);
  if (written)
    *written = g_steal_pointer (&paths);
  return ok;
}
