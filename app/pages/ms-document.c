/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-document.h"
#include "ms-display-name.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Enough for two bins a pixel on a wide screen. */
#define STRIP_N_BINS 4096

struct _MsDocument {
  GObject parent_instance;

  MsRecording *recording;
  guint process;
  MsTrace *trace;
  MsAnalysisSettings settings;

  MsResourceJoin *resources;
  GPtrArray *rows;
  guint n_tracked;
  char *title;
  MsStripData strip;
  guint64 *strip_max, *strip_min;
};

G_DEFINE_FINAL_TYPE (MsDocument, ms_document, G_TYPE_OBJECT)

static void
ms_document_finalize (GObject *object)
{
  MsDocument *self = MS_DOCUMENT (object);

  g_clear_object (&self->recording);
  g_clear_object (&self->trace);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->resources, ms_resource_join_free);
  g_free (self->title);
  g_free (self->strip_max);
  g_free (self->strip_min);
  G_OBJECT_CLASS (ms_document_parent_class)->finalize (object);
}

static void
ms_document_class_init (MsDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_document_finalize;
}

static void
ms_document_init (MsDocument *self)
{
}

static void
fill_strip (MsDocument *self, MsDomain domain)
{
  const MsTotals *totals = ms_trace_get_totals (self->trace, domain);

  self->strip_max = g_new0 (guint64, STRIP_N_BINS);
  self->strip_min = g_new0 (guint64, STRIP_N_BINS);
  ms_trace_get_live_series (self->trace, NULL, domain, STRIP_N_BINS, self->strip_max,
                            self->strip_min);
  self->strip = (MsStripData) {
    .duration_ns = ms_trace_get_duration_ns (self->trace),
    .max = self->strip_max,
    .min = self->strip_min,
    .n_bins = STRIP_N_BINS,
    .peak_bytes = totals->peak_bytes,
    .peak_standard_error = totals->standard_errors.peak_bytes,
    .peak_time_ns = totals->peak_time_ns,
  };
}

MsDocument *
ms_document_new (MsRecording *recording,
                 guint process,
                 MsTrace *trace,
                 const MsAnalysisSettings *settings)
{
  /* Of everything: cannot fail. */
  g_autoptr (MsView) view = ms_view_new (trace, NULL, NULL, NULL);
  MsDocument *self = g_object_new (MS_TYPE_DOCUMENT, NULL);
  MsDomain domain = ms_trace_get_main_domain (trace);

  self->recording = g_object_ref (recording);
  self->process = process;
  self->trace = g_object_ref (trace);
  if (settings != NULL)
    self->settings = *settings;
  else
    ms_analysis_settings_init (&self->settings);
  self->title = ms_display_name (ms_trace_get_program (trace));
  self->resources = ms_resource_join_new (view);
  self->rows = ms_thread_rows_new (view, self->resources, self->resources, settings, NULL);
  for (guint i = 0; i < self->rows->len; i++)
    if (ms_thread_row_is_tracked (g_ptr_array_index (self->rows, i)))
      self->n_tracked++;
  fill_strip (self, domain);
  return self;
}

MsRecording *
ms_document_get_recording (MsDocument *self)
{
  return self->recording;
}

guint
ms_document_get_process (MsDocument *self)
{
  return self->process;
}

MsTrace *
ms_document_get_trace (MsDocument *self)
{
  return self->trace;
}

const MsAnalysisSettings *
ms_document_get_settings (MsDocument *self)
{
  return &self->settings;
}

gboolean
ms_document_has_settings (MsDocument *self, const MsAnalysisSettings *settings)
{
  const double *ours = (const double *) (gconstpointer) &self->settings;
  const double *others = (const double *) (gconstpointer) settings;

  /* Every threshold is a number of its own. */
  for (guint i = 0; i < sizeof self->settings / sizeof *ours; i++)
    if (ours[i] < others[i] || ours[i] > others[i])
      return FALSE;
  return TRUE;
}

const MsResourceJoin *
ms_document_get_resources (MsDocument *self)
{
  return self->resources;
}

GPtrArray *
ms_document_get_rows (MsDocument *self)
{
  return self->rows;
}

guint64
ms_document_get_n_threads (MsDocument *self)
{
  return self->rows->len + ms_trace_get_n_forgotten_threads (self->trace);
}

MsThreadRow *
ms_document_find_row (MsDocument *self, guint id)
{
  return ms_thread_rows_find (self->rows, id);
}

MsThreadRow *
ms_document_find_row_by_words (MsDocument *self, const char *words)
{
  GPtrArray *rows = self->rows;
  guint64 number;

  for (guint i = 0; i < rows->len; i++)
    if (g_strcmp0 (ms_thread_row_get_name (g_ptr_array_index (rows, i)), words) == 0)
      return g_ptr_array_index (rows, i);
  if (!g_ascii_string_to_unsigned (words, 10, 0, G_MAXINT, &number, NULL))
    return NULL;
  for (guint i = 0; i < rows->len; i++)
    if (number > 0 && (guint64) ms_thread_row_get_tid (g_ptr_array_index (rows, i)) == number)
      return g_ptr_array_index (rows, i);
  return ms_document_find_row (self, (guint) number);
}

gint64
ms_document_get_peak_time_ns (MsDocument *self, MsThreadRow *row)
{
  const MsTotals *totals = row != NULL ? ms_thread_row_get_totals (row) : NULL;

  if (totals == NULL)
    return self->strip.peak_bytes > 0 ? self->strip.peak_time_ns : MS_TIME_NONE;
  return totals->peak_bytes > 0 ? totals->peak_time_ns : MS_TIME_NONE;
}

guint
ms_document_get_n_tracked (MsDocument *self)
{
  return self->n_tracked;
}

const MsStripData *
ms_document_get_strip (MsDocument *self)
{
  return &self->strip;
}

const char *
ms_document_get_title (MsDocument *self)
{
  return self->title;
}

char *
ms_describe_process_end (MsState state, gint exit_status)
{
  switch (state)
    {
    case MS_STATE_RUNNING:
      return g_strdup (_ ("still running"));
    case MS_STATE_UNKNOWN:
      /* Translators: of a process outside of the sandbox that the application is in. */
      return g_strdup (_ ("no end recorded; may still run"));
    case MS_STATE_KILLED:
      if (exit_status > 128)
        return g_strdup_printf (_ ("killed by signal %d (%s)"), exit_status - 128,
                                strsignal (exit_status - 128));
      return g_strdup (_ ("killed"));
    case MS_STATE_EXITED:
    default:
      if (exit_status < 0)
        return g_strdup (_ ("finished"));
      return g_strdup_printf (_ ("finished, exit %d"), exit_status);
    }
}

char *
ms_describe_recording_end (MsState state, gint exit_status, gboolean is_cut, gint64 duration_ns)
{
  g_autofree char *duration = ms_figure_duration (duration_ns);

  if (is_cut)
    /* Translators: of a recording: a length of time; the process went on after it. */
    return g_strdup_printf (_ ("recorded until %s; it went on"), duration);
  return ms_describe_process_end (state, exit_status);
}

/* Whether a call stack can be trusted to the outermost frame. */
static char *
describe_stacks (MsTrace *trace)
{
  guint64 n_truncated = ms_trace_get_truncated_stacks (trace);

  if (ms_trace_get_n_stacks (trace) == 0)
    return g_strdup (_ ("no call stacks"));
  if (n_truncated == 0)
    return g_strdup (_ ("stacks complete"));

  g_autofree char *count = ms_figure_count (n_truncated);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s stack truncated", "%s stacks truncated",
                                       (gulong) n_truncated),
                          count);
}

static gboolean
is_cut (MsTrace *trace)
{
  MsState state = ms_trace_get_state (trace);

  return ms_trace_ends_early (trace) && state != MS_STATE_RUNNING && state != MS_STATE_UNKNOWN;
}

char *
ms_document_describe (MsDocument *self)
{
  MsTrace *trace = self->trace;
  g_autofree char *duration = ms_figure_duration (ms_trace_get_duration_ns (trace));
  g_autofree char *end =
      ms_trace_get_state (trace) == MS_STATE_RUNNING
          /* Translators: a program that is recorded just now, and for how long. */
          ? g_strdup_printf (_ ("running for %s"), duration)
          : ms_trace_was_replaced (trace)
                /* Translators: a process ended this trace by exec. */
                ? g_strdup (_ ("became another program"))
                : ms_describe_recording_end (ms_trace_get_state (trace),
                                             ms_trace_get_exit_status (trace), is_cut (trace),
                                             ms_trace_get_duration_ns (trace));
  g_autofree char *count = ms_figure_count (ms_trace_get_n_events (trace));
  g_autofree char *events =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s event", "%s events",
                                    (gulong) MIN (ms_trace_get_n_events (trace), G_MAXLONG)),
                       count);
  g_autofree char *stacks = describe_stacks (trace);
  GString *text = g_string_new (NULL);

  /* What all figures hang on comes first: a narrow window cuts the end off. */
  if (ms_trace_is_sampled (trace))
    g_string_append_printf (text, "%s · ", _ ("sampled: figures are estimates"));
  g_string_append_printf (text, "%s · %s · %s", end, events, stacks);
  if (ms_trace_get_main_domain (trace) == MS_DOMAIN_DECLARED)
    g_string_append_printf (text, " · %s", _ ("declared memory only"));
  if (ms_trace_get_dropped_events (trace) > 0)
    {
      g_autofree char *dropped = ms_figure_count (ms_trace_get_dropped_events (trace));

      g_string_append_printf (text, " · ");
      g_string_append_printf (text, _ ("%s dropped"), dropped);
    }
  return g_string_free (text, FALSE);
}

static guint
diagnostic_hash (gconstpointer data)
{
  const MsDiagnostic *note = data;
  guint hash = g_int64_hash (&note->offset);

  if (note->message != NULL)
    hash = hash * 33 + g_str_hash (note->message);
  return note->file != NULL ? hash * 33 + g_str_hash (note->file) : hash;
}

static gboolean
diagnostic_equal (gconstpointer a, gconstpointer b)
{
  const MsDiagnostic *note = a, *other = b;

  return g_strcmp0 (note->message, other->message) == 0 && g_strcmp0 (note->file, other->file) == 0
         && note->offset == other->offset;
}

static void
add_new_diagnostics (GPtrArray *all, GHashTable *known, GPtrArray *more)
{
  for (guint i = 0; more != NULL && i < more->len; i++)
    if (g_hash_table_add (known, g_ptr_array_index (more, i)))
      g_ptr_array_add (all, g_ptr_array_index (more, i));
}

GPtrArray *
ms_document_get_diagnostics (MsDocument *self)
{
  GPtrArray *all = g_ptr_array_new ();
  g_autoptr (GHashTable) known = g_hash_table_new (diagnostic_hash, diagnostic_equal);

  add_new_diagnostics (all, known, ms_trace_get_diagnostics (self->trace));
  add_new_diagnostics (all, known, ms_recording_get_diagnostics (self->recording));
  return all;
}
