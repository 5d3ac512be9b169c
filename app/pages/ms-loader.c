/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-loader.h"

#include <glib/gi18n-lib.h>

#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-first-summary.h"

/* How often a folder is looked at that has no event yet. */
#define WAITING_US (G_USEC_PER_SEC / 10)

struct _MsLoader {
  GObject parent_instance;

  char *path;
  MsRecording *recording; /* NULL until it is open */
  guint process;
  MsAnalysisSettings settings;
  gboolean waits;
  MsFollower *follower;
  gint permille; /* written by the worker, read by whoever shows it */
  GMutex mutex;
  char *first_figures; /* under the mutex; NULL until they are known */
};

G_DEFINE_FINAL_TYPE (MsLoader, ms_loader, G_TYPE_OBJECT)

static void
ms_loader_finalize (GObject *object)
{
  MsLoader *self = MS_LOADER (object);

  g_free (self->path);
  g_free (self->first_figures);
  g_mutex_clear (&self->mutex);
  g_clear_object (&self->recording);
  g_clear_object (&self->follower);
  G_OBJECT_CLASS (ms_loader_parent_class)->finalize (object);
}

static void
ms_loader_class_init (MsLoaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_loader_finalize;
}

static void
ms_loader_init (MsLoader *self)
{
  g_mutex_init (&self->mutex);
  ms_analysis_settings_init (&self->settings);
}

MsLoader *
ms_loader_new (const char *path)
{
  MsLoader *self = g_object_new (MS_TYPE_LOADER, NULL);

  self->path = g_strdup (path);
  return self;
}

MsLoader *
ms_loader_new_for_process (MsRecording *recording, guint process)
{
  MsLoader *self = ms_loader_new (ms_recording_get_path (recording));

  self->recording = g_object_ref (recording);
  self->process = process;
  return self;
}

void
ms_loader_set_settings (MsLoader *self, const MsAnalysisSettings *settings)
{
  g_return_if_fail (MS_IS_LOADER (self));

  self->settings = *settings;
}

void
ms_loader_set_waits (MsLoader *self, gboolean waits)
{
  g_return_if_fail (MS_IS_LOADER (self));

  self->waits = waits;
}

const char *
ms_loader_get_path (MsLoader *self)
{
  g_return_val_if_fail (MS_IS_LOADER (self), NULL);

  return self->path;
}

static void
progress_cb (double fraction, gpointer user_data)
{
  MsLoader *self = user_data;

  g_atomic_int_set (&self->permille, (gint) (CLAMP (fraction, 0, 1) * 1000));
}

/* --- first figures --- */

static char *
describe (const MsFirstSummary *first)
{
  g_autofree char *program = ms_display_name (first->program);
  g_autoptr (GString) text = g_string_new (program);
  g_autofree char *threads = ms_figure_count (first->n_threads);
  g_autofree char *events = ms_figure_count (first->n_events);
  g_autofree char *allocations = ms_figure_count (first->allocations);
  g_autofree char *bytes = ms_figure_bytes (first->allocated_bytes);
  g_autofree char *peak = ms_figure_bytes (first->peak_bytes);

  g_string_append (text, " · ");
  g_string_append_printf (text, ngettext ("%s thread", "%s threads", first->n_threads), threads);
  g_string_append (text, " · ");
  g_string_append_printf (text, ngettext ("%s event", "%s events", first->n_events), events);
  if (first->has_allocations)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text,
                              ngettext ("%s allocation", "%s allocations", first->allocations),
                              allocations);
    }
  if (first->has_bytes)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, _ ("%s allocated"), bytes);
    }
  g_string_append (text, " · ");
  if (first->has_peak)
    g_string_append_printf (text, _ ("peak: %s"), peak);
  else
    g_string_append (text, _ ("peak: computing…"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

typedef struct {
  MsLoader *loader;
  char *path;
  GCancellable *cancellable;
} FirstLook;

/* Beside the load, which it must not hold up where there is a summary. */
static gpointer
first_look_thread (gpointer data)
{
  FirstLook *look = data;
  g_autoptr (MsFirstSummary) first = ms_first_summary_load (look->path, look->cancellable, NULL);

  if (first != NULL)
    {
      g_mutex_lock (&look->loader->mutex);
      look->loader->first_figures = describe (first);
      g_mutex_unlock (&look->loader->mutex);
    }
  return NULL;
}

char *
ms_loader_dup_description (MsLoader *self)
{
  g_autofree char *path = NULL, *figures = NULL;

  g_return_val_if_fail (MS_IS_LOADER (self), NULL);

  g_mutex_lock (&self->mutex);
  figures = g_strdup (self->first_figures);
  g_mutex_unlock (&self->mutex);
  path = g_filename_display_name (self->path);
  if (figures == NULL)
    return g_markup_escape_text (path, -1);
  return g_markup_printf_escaped ("%s\n%s", path, figures);
}

/* --- loading --- */

/* Takes @follower, which may have read what was there a moment ago; NULL: nobody has. */
static MsTrace *
follow (MsLoader *self,
        MsFollower *follower,
        const char *folder,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (MsTrace) trace = NULL;

  self->follower = follower != NULL ? follower : ms_follower_new (folder, error);
  if (self->follower != NULL)
    trace = ms_follower_read (self->follower, cancellable, progress_cb, self, error);
  return g_steal_pointer (&trace);
}

/* Of a trace folder: its events are read once, and not before for a list of processes. */
static MsTrace *
follow_first (MsLoader *self, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) problem = NULL;
      MsTrace *trace;

      g_clear_object (&self->follower);
      trace = follow (self, NULL, self->path, cancellable, &problem);
      if (trace != NULL)
        return trace;
      if (!g_error_matches (problem, MS_ERROR, MS_ERROR_EMPTY)
          || g_cancellable_is_cancelled (cancellable))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      g_usleep (WAITING_US);
    }
}

/* Where there is no summary every event has to be read anyway, and the history comes with it. */
static MsTrace *
load_trace (MsLoader *self, GCancellable *cancellable, GError **error)
{
  const MsProcess *process = ms_recording_get_process (self->recording, self->process);
  g_autoptr (GError) problem = NULL;
  MsTrace *trace = NULL;

  if (process->state == MS_STATE_RUNNING)
    return follow (self, ms_recording_steal_follower (self->recording, self->process),
                   process->folder, cancellable, error);
  trace = ms_trace_load_full (process->folder, MS_LOAD_HISTORY | MS_LOAD_ONLY_SUMMARY, cancellable,
                              progress_cb, self, &problem);
  if (trace != NULL)
    return trace;
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return ms_trace_load_full (process->folder, MS_LOAD_HISTORY, cancellable, progress_cb, self,
                               error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

static MsDocument *
load (MsLoader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsTrace) trace = NULL;

  if (self->recording == NULL && self->waits)
    {
      trace = follow_first (self, cancellable, error);
      if (trace == NULL)
        return NULL;
      self->recording = ms_recording_new_for_trace (trace);
    }
  else if (self->recording == NULL)
    {
      self->recording = ms_recording_open (self->path, cancellable, error);
      if (self->recording == NULL)
        return NULL;
      self->process = ms_recording_get_main_process (self->recording);
    }
  if (trace == NULL)
    trace = load_trace (self, cancellable, error);
  if (trace == NULL)
    return NULL;

  MsDocument *document = ms_document_new (self->recording, self->process, trace, &self->settings);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_object (&document);
  return document;
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  MsLoader *self = source;
  g_autoptr (GCancellable) enough = g_cancellable_new ();
  g_autofree char *path = g_strdup (
      self->recording != NULL ? ms_recording_get_process (self->recording, self->process)->folder
                              : self->path);
  FirstLook look = { self, path, enough };
  GThread *thread = path ? g_thread_try_new ("first-look", first_look_thread, &look, NULL) : NULL;
  GError *error = NULL;
  MsDocument *document = load (self, cancellable, &error);

  g_cancellable_cancel (enough);
  if (thread != NULL)
    g_thread_join (thread);

  if (document != NULL)
    g_task_return_pointer (task, document, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ms_loader_load_async (MsLoader *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (MS_IS_LOADER (self));

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ms_loader_load_async);
  g_task_run_in_thread (task, load_worker);
}

MsDocument *
ms_loader_load_finish (MsLoader *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

MsFollower *
ms_loader_steal_follower (MsLoader *self)
{
  g_return_val_if_fail (MS_IS_LOADER (self), NULL);

  return g_steal_pointer (&self->follower);
}

double
ms_loader_get_progress (MsLoader *self)
{
  g_return_val_if_fail (MS_IS_LOADER (self), 0);

  return g_atomic_int_get (&self->permille) / 1000.0;
}
