/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tracker-client-private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-agent-program.h"
#include "trk-format.h"

#define TICK_MS 100
#define LOOK_EVERY_TICKS 5
#define REJOIN_EVERY_TICKS 20
/* So long an agent may take to close the folder before we say that it is as it will stay: one that is there, and has
 * a full pool and a slow disk, gives up before we do; where none is seen there may be none. */
#define CLOSING_US (5 * G_USEC_PER_SEC)
#define AGENT_CLOSING_US (65 * G_USEC_PER_SEC)
/* Agents that are killed as soon as they begin are started more and more seldom. */
#define FIRST_PAUSE_US (5 * G_USEC_PER_SEC)
#define MAX_PAUSES_DOUBLED 6U

G_DEFINE_FINAL_TYPE (MsTrackerClient, ms_tracker_client, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_PID,
  PROP_PROGRAM,
  PROP_COMMAND,
  PROP_FOLDER,
  PROP_IS_ON_BUS,
  PROP_IS_RECORDING,
  PROP_IS_PENDING,
  PROP_IS_SUSPENDED,
  PROP_THREAD_RULE,
  PROP_SAMPLING_RATE,
  PROP_SAMPLE_INTERVAL_BYTES,
  PROP_HAS_ENDED,
  PROP_EXIT_STATUS,
  N_PROPS
};

enum { SAMPLE, THREADS_CHANGED, FILES_CHANGED, ENDED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* --- what it knows -------------------------------------------------------------------------------- */

static void
notify (MsTrackerClient *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
take_text (MsTrackerClient *self, char **field, const char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  notify (self, property);
}

void
ms_tracker_client_take (MsTrackerClient *self, const MsTrackerProperties *from)
{
  gboolean has_ended = g_strcmp0 (from->state, MS_TRACKER_STATE_ENDED) == 0;
  gboolean is_recording =
      has_ended ? self->is_recording : g_strcmp0 (from->state, ms_tracker_state_name (TRUE)) == 0;

  take_text (self, &self->program, from->program, PROP_PROGRAM);
  take_text (self, &self->command, from->command, PROP_COMMAND);
  take_text (self, &self->rule, from->rule, PROP_THREAD_RULE);
  if (self->is_recording != is_recording)
    {
      self->is_recording = is_recording;
      notify (self, PROP_IS_RECORDING);
    }
  if (self->is_pending != from->is_pending)
    {
      self->is_pending = from->is_pending;
      notify (self, PROP_IS_PENDING);
    }
  if (self->sampling_rate < from->sampling_rate || self->sampling_rate > from->sampling_rate)
    {
      self->sampling_rate = from->sampling_rate;
      notify (self, PROP_SAMPLING_RATE);
    }
  if (self->sample_interval_bytes != from->sample_interval_bytes)
    {
      self->sample_interval_bytes = from->sample_interval_bytes;
      notify (self, PROP_SAMPLE_INTERVAL_BYTES);
    }
}

void
ms_tracker_client_set_on_bus (MsTrackerClient *self, gboolean is_on_bus)
{
  if (self->is_on_bus == is_on_bus)
    return;
  self->is_on_bus = is_on_bus;
  self->figures.last_ns = 0;
  notify (self, PROP_IS_ON_BUS);
}

void
ms_tracker_client_emit_sample (MsTrackerClient *self, const MsLiveFigures *figures)
{
  if (figures->has_process && self->is_suspended != figures->is_suspended)
    {
      self->is_suspended = figures->is_suspended;
      notify (self, PROP_IS_SUSPENDED);
    }
  g_signal_emit (self, signals[SAMPLE], 0, figures);
}

void
ms_tracker_client_emit_changed (MsTrackerClient *self, gboolean files)
{
  g_signal_emit (self, signals[files ? FILES_CHANGED : THREADS_CHANGED], 0);
}

/* --- the end -------------------------------------------------------------------------------------- */

/* Whoever closes it removes the pool last. */
static gboolean
is_closed (MsTrackerClient *self)
{
  struct stat status;

  return self->dir_fd >= 0
         && fstatat (self->dir_fd, TRK_POOL_FILE_NAME, &status, AT_SYMLINK_NOFOLLOW) != 0;
}

static void
end (MsTrackerClient *self)
{
  g_clear_handle_id (&self->tick_id, g_source_remove);
  ms_tracker_client_set_on_bus (self, FALSE);
  if (self->mirror != NULL)
    ms_trace_mirror_set_ended (self->mirror, self->end_state, self->exit_status);
  self->has_ended = TRUE;
  notify (self, PROP_EXIT_STATUS);
  notify (self, PROP_HAS_ENDED);
  g_signal_emit (self, signals[ENDED], 0);
}

void
ms_tracker_client_begin_ending (MsTrackerClient *self, gint exit_status)
{
  if (self->has_ended)
    return;
  if (exit_status >= 0)
    self->exit_status = exit_status;
  if (!self->is_ending)
    self->ending_since_us = g_get_monotonic_time ();
  self->is_ending = TRUE;
}

static void
watch_ending (MsTrackerClient *self)
{
  gint64 longest_us = self->is_on_bus ? AGENT_CLOSING_US : CLOSING_US;

  if (is_closed (self) || (self->mirror != NULL && !self->is_on_bus)
      || g_get_monotonic_time () - self->ending_since_us > longest_us)
    end (self);
}

/* --- an agent that is gone ------------------------------------------------------------------------ */

void
ms_tracker_client_ensure_agent (MsTrackerClient *self)
{
  gint64 now_us = g_get_monotonic_time ();
  MsAgentFound found;

  if (!self->is_own_folder || self->start_ticks == 0 || now_us < self->next_agent_us)
    return;
  found = ms_agent_program_ensure (self->folder, (gint) self->pid, self->start_ticks);
  if (found == MS_AGENT_STARTED)
    self->next_agent_us =
        now_us + (FIRST_PAUSE_US << MIN (self->n_agents_started++, MAX_PAUSES_DOUBLED));
  else if (found == MS_AGENT_IS_THERE)
    self->n_agents_started = 0;
}

/* --- without an agent ----------------------------------------------------------------------------- */

void
ms_tracker_client_look (MsTrackerClient *self)
{
  g_autoptr (MsTrackerProperties) now =
      self->start_ticks != 0 && self->is_own_folder
          ? ms_tracker_properties_read ((gint) self->pid, self->start_ticks, self->folder)
          : NULL;

  if (now != NULL && now->rule[0] != '\0')
    ms_tracker_client_take (self, now);
}

static void
sample (MsTrackerClient *self)
{
  guint32 n_threads = self->figures.n_threads;
  MsLiveFigures figures;

  if (!ms_live_figures_read (&self->figures, self->dir_fd, &figures))
    {
      ms_tracker_client_begin_ending (self, -1);
      return;
    }
  ms_tracker_client_emit_sample (self, &figures);
  if (figures.has_process && figures.n_threads != n_threads)
    ms_tracker_client_emit_changed (self, FALSE);
}

static gboolean
tick_cb (gpointer user_data)
{
  g_autoptr (MsTrackerClient) self = g_object_ref (user_data);

  self->n_ticks++;
  if (self->is_ending)
    watch_ending (self);
  else if (!self->is_subscribed && self->start_ticks != 0)
    {
      sample (self);
      if (!self->is_on_bus && self->n_ticks % LOOK_EVERY_TICKS == 0)
        ms_tracker_client_look (self);
    }
  else if (!self->is_on_bus && self->is_own_folder && is_closed (self))
    ms_tracker_client_begin_ending (self, -1); /* all that can be seen from here of its end */
  ms_tracker_client_ask_files (self);
  if (!self->has_ended && self->n_ticks % REJOIN_EVERY_TICKS == 0)
    {
      ms_tracker_client_rejoin_bus (self);
      ms_tracker_client_ensure_agent (self);
    }
  return self->tick_id != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
ms_tracker_client_start_ticks (MsTrackerClient *self)
{
  self->figures.pid = (gint) self->pid;
  self->figures.start_ticks = self->start_ticks;
  self->tick_id = g_timeout_add (TICK_MS, tick_cb, self);
}

/* --- the object ----------------------------------------------------------------------------------- */

static void
ms_tracker_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MsTrackerClient *self = MS_TRACKER_CLIENT (object);

  switch (id)
    {
    case PROP_PID:
      g_value_set_uint (value, self->pid);
      break;
    case PROP_PROGRAM:
      g_value_set_string (value, self->program);
      break;
    case PROP_COMMAND:
      g_value_set_string (value, self->command);
      break;
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_IS_ON_BUS:
      g_value_set_boolean (value, self->is_on_bus);
      break;
    case PROP_IS_RECORDING:
      g_value_set_boolean (value, self->is_recording);
      break;
    case PROP_IS_PENDING:
      g_value_set_boolean (value, self->is_pending);
      break;
    case PROP_IS_SUSPENDED:
      g_value_set_boolean (value, self->is_suspended);
      break;
    case PROP_THREAD_RULE:
      g_value_set_string (value, self->rule);
      break;
    case PROP_SAMPLING_RATE:
      g_value_set_double (value, self->sampling_rate);
      break;
    case PROP_SAMPLE_INTERVAL_BYTES:
      g_value_set_uint64 (value, self->sample_interval_bytes);
      break;
    case PROP_HAS_ENDED:
      g_value_set_boolean (value, self->has_ended);
      break;
    case PROP_EXIT_STATUS:
      g_value_set_int (value, self->exit_status);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_tracker_client_dispose (GObject *object)
{
  MsTrackerClient *self = MS_TRACKER_CLIENT (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->late_id, g_source_remove);
  ms_tracker_client_leave_bus (self);
  G_OBJECT_CLASS (ms_tracker_client_parent_class)->dispose (object);
}

static void
ms_tracker_client_finalize (GObject *object)
{
  MsTrackerClient *self = MS_TRACKER_CLIENT (object);

  g_clear_pointer (&self->mirror, ms_trace_mirror_free);
  g_ptr_array_unref (self->wanted);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
  g_object_unref (self->cancellable);
  g_free (self->program);
  g_free (self->command);
  g_free (self->rule);
  g_free (self->folder);
  G_OBJECT_CLASS (ms_tracker_client_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  properties[PROP_PID] = g_param_spec_uint ("pid", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PROGRAM] = g_param_spec_string ("program", NULL, NULL, NULL, flags);
  properties[PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, flags);
  properties[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, flags);
  properties[PROP_IS_ON_BUS] = g_param_spec_boolean ("is-on-bus", NULL, NULL, FALSE, flags);
  properties[PROP_IS_RECORDING] = g_param_spec_boolean ("is-recording", NULL, NULL, FALSE, flags);
  properties[PROP_IS_PENDING] = g_param_spec_boolean ("is-pending", NULL, NULL, FALSE, flags);
  properties[PROP_IS_SUSPENDED] = g_param_spec_boolean ("is-suspended", NULL, NULL, FALSE, flags);
  properties[PROP_THREAD_RULE] = g_param_spec_string ("thread-rule", NULL, NULL, NULL, flags);
  properties[PROP_SAMPLING_RATE] =
      g_param_spec_double ("sampling-rate", NULL, NULL, 0, 1, 1, flags);
  properties[PROP_SAMPLE_INTERVAL_BYTES] =
      g_param_spec_uint64 ("sample-interval-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_HAS_ENDED] = g_param_spec_boolean ("has-ended", NULL, NULL, FALSE, flags);
  properties[PROP_EXIT_STATUS] =
      g_param_spec_int ("exit-status", NULL, NULL, -1, G_MAXINT, -1, flags);
  g_object_class_install_properties (klass, N_PROPS, properties);
}

static void
ms_tracker_client_class_init (MsTrackerClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GType type = MS_TYPE_TRACKER_CLIENT;

  object_class->get_property = ms_tracker_client_get_property;
  object_class->dispose = ms_tracker_client_dispose;
  object_class->finalize = ms_tracker_client_finalize;
  install_properties (object_class);
  signals[SAMPLE] = g_signal_new ("sample", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[THREADS_CHANGED] = g_signal_new ("threads-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
  signals[FILES_CHANGED] =
      g_signal_new ("files-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] =
      g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ms_tracker_client_init (MsTrackerClient *self)
{
  self->program = g_strdup ("");
  self->command = g_strdup ("");
  self->rule = g_strdup ("");
  self->cancellable = g_cancellable_new ();
  self->wanted = g_ptr_array_new_with_free_func (g_free);
  self->dir_fd = -1;
  self->exit_status = -1;
  self->sampling_rate = 1;
}

guint
ms_tracker_client_get_pid (MsTrackerClient *self)
{
  return self->pid;
}

const char *
ms_tracker_client_get_program (MsTrackerClient *self)
{
  return self->program;
}

const char *
ms_tracker_client_get_command (MsTrackerClient *self)
{
  return self->command;
}

const char *
ms_tracker_client_get_folder (MsTrackerClient *self)
{
  return self->folder;
}

gboolean
ms_tracker_client_is_mirrored (MsTrackerClient *self)
{
  return self->mirror != NULL;
}

gboolean
ms_tracker_client_is_on_bus (MsTrackerClient *self)
{
  return self->is_on_bus;
}

gboolean
ms_tracker_client_is_recording (MsTrackerClient *self)
{
  return self->is_recording;
}

gboolean
ms_tracker_client_is_pending (MsTrackerClient *self)
{
  return self->is_pending;
}

gboolean
ms_tracker_client_is_suspended (MsTrackerClient *self)
{
  return self->is_suspended;
}

const char *
ms_tracker_client_get_thread_rule (MsTrackerClient *self)
{
  return self->rule;
}

double
ms_tracker_client_get_sampling_rate (MsTrackerClient *self)
{
  return self->sampling_rate;
}

guint64
ms_tracker_client_get_sample_interval_bytes (MsTrackerClient *self)
{
  return self->sample_interval_bytes;
}

gboolean
ms_tracker_client_has_ended (MsTrackerClient *self)
{
  return self->has_ended;
}

gint
ms_tracker_client_get_exit_status (MsTrackerClient *self)
{
  return self->exit_status;
}
