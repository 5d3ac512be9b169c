/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-feed.h"
#include "ms-request.h"

#define LEAST_PAUSE_MS 300
/* Who records a program closes its folder after its end, soon; without it what is there has to do. */
#define CLOSING_PATIENCE_US (3 * G_USEC_PER_SEC)
/* A pause is this many times as long as the step before it, so that following leaves most of a core free. */
#define PAUSE_PER_STEP 2

struct _MsFeed {
  GObject parent_instance;

  MsDocument *document; /* the last */
  MsFollower *follower; /* NULL: a worker has it, or nothing is followed */
  MsAnalysisSettings settings;
  MsFeedState state;
  char *problem; /* of the last reading; NULL: it had none, or is not done */

  GCancellable *cancellable; /* while a worker reads */
  gboolean reads_history;    /* that worker does */
  gint *permille;            /* shared with it */
  gboolean wants_history, is_shown;
  gboolean is_stopped; /* nothing comes by itself */
  guint source;        /* the pause before the next */
  gint64 last_step_us, ended_us;
};

G_DEFINE_FINAL_TYPE (MsFeed, ms_feed, G_TYPE_OBJECT)

static guint document_signal, changed_signal;

static void go_on (MsFeed *self);

/* --- on a worker ---------------------------------------------------------------------------------------- */

typedef struct {
  MsDocument *before;
  MsFollower *follower; /* NULL: reads all, with the history */
  MsAnalysisSettings settings;
  gint *permille;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->before);
  g_clear_object (&job->follower);
  g_atomic_rc_box_release (job->permille);
  g_free (job);
}

static void
progress_cb (double fraction, gpointer user_data)
{
  g_atomic_int_set ((gint *) user_data, (gint) (CLAMP (fraction, 0, 1) * 1000));
}

/* Once it has ended the list has totals, and processes that came meanwhile. */
static MsRecording *
renew_recording (MsDocument *before, MsTrace *trace, guint *process, GCancellable *cancellable)
{
  MsRecording *old = ms_document_get_recording (before);
  const char *folder = ms_trace_get_folder (trace);
  g_autoptr (MsRecording) recording = NULL;

  *process = ms_document_get_process (before);
  if (ms_trace_get_state (trace) == MS_STATE_RUNNING
      || ms_trace_get_state (ms_document_get_trace (before)) != MS_STATE_RUNNING)
    return g_object_ref (old);
  recording = ms_recording_open (ms_recording_get_path (old), cancellable, NULL);
  for (guint i = 0; recording != NULL && i < ms_recording_get_n_processes (recording); i++)
    if (g_str_equal (ms_recording_get_process (recording, i)->folder, folder))
      {
        *process = i;
        return g_steal_pointer (&recording);
      }
  return g_object_ref (old);
}

static MsDocument *
make_document (Job *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsRecording) recording = NULL;
  const char *folder = ms_trace_get_folder (ms_document_get_trace (job->before));
  guint process;

  if (job->follower != NULL)
    trace = ms_follower_read (job->follower, cancellable, progress_cb, job->permille, error);
  else
    trace = ms_trace_load_full (folder, MS_LOAD_HISTORY, cancellable, progress_cb, job->permille,
                                error);
  if (trace == NULL)
    return NULL;
  recording = renew_recording (job->before, trace, &process, cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return ms_document_new (recording, process, trace, &job->settings);
}

static void
feed_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  MsDocument *document = make_document (task_data, cancellable, &error);

  if (document != NULL)
    g_task_return_pointer (task, document, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* --- one after the other -------------------------------------------------------------------------------- */

static void
set_state (MsFeed *self, MsFeedState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
has_history (MsFeed *self)
{
  return ms_trace_has_history (ms_document_get_trace (self->document));
}

static gboolean
is_running (MsFeed *self)
{
  return ms_trace_get_state (ms_document_get_trace (self->document)) == MS_STATE_RUNNING;
}

static gboolean
is_closed (MsFeed *self)
{
  return ms_trace_is_closed (ms_document_get_trace (self->document));
}

static void
document_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsFeed) self = ms_request_ticket_redeem (user_data);
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (MsDocument) document = g_task_propagate_pointer (G_TASK (result), &error);

  if (self == NULL)
    return;
  if (job->follower != NULL && self->follower == NULL)
    self->follower = g_steal_pointer (&job->follower);
  /* Something else is wanted by now, or nothing. */
  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  self->last_step_us = g_get_monotonic_time () - self->last_step_us;
  if (document == NULL)
    {
      self->problem = g_strdup (error->message);
      set_state (self, MS_FEED_DONE);
      return;
    }
  g_set_object (&self->document, document);
  if (!is_running (self) && self->ended_us == 0)
    self->ended_us = g_get_monotonic_time ();
  self->is_shown = FALSE;
  g_signal_emit (self, document_signal, 0, document);
}

static void
read_next (MsFeed *self, gboolean with_history)
{
  Job *job = g_new0 (Job, 1);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->problem, g_free);
  job->before = g_object_ref (self->document);
  job->follower = with_history ? NULL : g_steal_pointer (&self->follower);
  job->settings = self->settings;
  g_atomic_int_set (self->permille, 0);
  job->permille = g_atomic_rc_box_acquire (self->permille);
  self->reads_history = with_history;
  self->last_step_us = g_get_monotonic_time ();
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task =
      g_task_new (NULL, self->cancellable, document_made_cb, ms_request_ticket_new (self));
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, feed_worker);
}

static gboolean
pause_over_cb (gpointer user_data)
{
  MsFeed *self = user_data;

  self->source = 0;
  read_next (self, self->wants_history || self->follower == NULL);
  return G_SOURCE_REMOVE;
}

/* Whoever closes the folder may still be at it. */
static gboolean
may_change (MsFeed *self)
{
  return !is_closed (self) && self->ended_us > 0
         && g_get_monotonic_time () - self->ended_us < CLOSING_PATIENCE_US;
}

static void
go_on (MsFeed *self)
{
  if (self->state == MS_FEED_DONE || self->cancellable != NULL || self->source != 0
      || !self->is_shown)
    return;
  if (self->is_stopped)
    {
      set_state (self, MS_FEED_DONE);
      return;
    }
  if (self->state == MS_FEED_PAUSED)
    {
      if (!has_history (self))
        read_next (self, TRUE);
      return;
    }
  if (is_running (self) || may_change (self))
    {
      guint pause_ms = (guint) (self->last_step_us / 1000 * PAUSE_PER_STEP);

      set_state (self, MS_FEED_FOLLOWING);
      self->source = g_timeout_add (MAX (pause_ms, LEAST_PAUSE_MS), pause_over_cb, self);
      return;
    }
  if (has_history (self) && (self->ended_us == 0 || self->reads_history))
    {
      g_clear_object (&self->follower);
      set_state (self, MS_FEED_DONE);
      return;
    }
  set_state (self, MS_FEED_READING);
  read_next (self, TRUE);
}

static void
stop_reading (MsFeed *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  ms_request_cancel (&self->cancellable);
}

/* --- the object ----------------------------------------------------------------------------------------- */

static void
ms_feed_dispose (GObject *object)
{
  MsFeed *self = MS_FEED (object);

  stop_reading (self);
  g_clear_object (&self->follower);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (ms_feed_parent_class)->dispose (object);
}

static void
ms_feed_finalize (GObject *object)
{
  MsFeed *self = MS_FEED (object);

  g_free (self->problem);
  g_atomic_rc_box_release (self->permille);
  G_OBJECT_CLASS (ms_feed_parent_class)->finalize (object);
}

static void
ms_feed_class_init (MsFeedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ms_feed_dispose;
  object_class->finalize = ms_feed_finalize;
  document_signal = g_signal_new ("document", MS_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, MS_TYPE_DOCUMENT);
  changed_signal = g_signal_new ("changed", MS_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
ms_feed_init (MsFeed *self)
{
  self->permille = g_atomic_rc_box_new0 (gint);
}

MsFeed *
ms_feed_new (MsDocument *document, MsFollower *follower)
{
  MsFeed *self = g_object_new (MS_TYPE_FEED, NULL);

  self->document = g_object_ref (document);
  self->settings = *ms_document_get_settings (document);
  if (follower != NULL)
    self->follower = g_object_ref (follower);
  self->is_shown = TRUE;
  if (is_running (self))
    self->state = MS_FEED_FOLLOWING;
  else if (follower != NULL)
    {
      self->state = MS_FEED_FOLLOWING;
      self->ended_us = g_get_monotonic_time ();
    }
  else
    self->state = has_history (self) ? MS_FEED_DONE : MS_FEED_READING;
  go_on (self);
  return self;
}

MsFeedState
ms_feed_get_state (MsFeed *self)
{
  g_return_val_if_fail (MS_IS_FEED (self), MS_FEED_DONE);

  return self->state;
}

MsDocument *
ms_feed_get_document (MsFeed *self)
{
  g_return_val_if_fail (MS_IS_FEED (self), NULL);

  return self->document;
}

double
ms_feed_get_progress (MsFeed *self)
{
  g_return_val_if_fail (MS_IS_FEED (self), 0);

  return g_atomic_int_get (self->permille) / 1000.0;
}

gboolean
ms_feed_can_read_history (MsFeed *self)
{
  g_return_val_if_fail (MS_IS_FEED (self), FALSE);

  return self->state != MS_FEED_DONE || (self->is_stopped && !has_history (self));
}

const char *
ms_feed_get_problem (MsFeed *self)
{
  g_return_val_if_fail (MS_IS_FEED (self), NULL);

  return self->problem;
}

void
ms_feed_go_on (MsFeed *self)
{
  g_return_if_fail (MS_IS_FEED (self));

  self->is_shown = TRUE;
  go_on (self);
}

/* A part is waited for: at once. */
void
ms_feed_set_wants_history (MsFeed *self, gboolean wants)
{
  g_return_if_fail (MS_IS_FEED (self));

  if (self->wants_history == wants)
    return;
  self->wants_history = wants;
  if (wants && self->source != 0)
    read_next (self, TRUE);
  else if (wants && self->is_stopped && self->cancellable == NULL && !has_history (self))
    {
      set_state (self, MS_FEED_READING);
      read_next (self, TRUE);
    }
}

void
ms_feed_set_paused (MsFeed *self, gboolean paused)
{
  g_return_if_fail (MS_IS_FEED (self));

  if (self->state != (paused ? MS_FEED_FOLLOWING : MS_FEED_PAUSED))
    return;
  g_clear_handle_id (&self->source, g_source_remove);
  set_state (self, paused ? MS_FEED_PAUSED : MS_FEED_FOLLOWING);
  go_on (self);
}

void
ms_feed_set_settings (MsFeed *self, const MsAnalysisSettings *settings)
{
  g_return_if_fail (MS_IS_FEED (self));

  self->settings = *settings;
}

void
ms_feed_stop (MsFeed *self)
{
  g_return_if_fail (MS_IS_FEED (self));

  stop_reading (self);
  g_clear_object (&self->follower);
  self->is_stopped = TRUE;
  set_state (self, MS_FEED_DONE);
}
