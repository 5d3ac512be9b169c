/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-running-program-private.h"

struct _MsRunningProgram {
  GObject parent_instance;
  guint pid, n_threads;
  char *program, *command, *state, *folder, *bus_name;
  guint64 resident_bytes, start_ticks;
  gint64 start_wall_us;
  gboolean is_suspended;
};

enum {
  PROP_0,
  PROP_PID,
  PROP_PROGRAM,
  PROP_COMMAND,
  PROP_STATE,
  PROP_FOLDER,
  PROP_BUS_NAME,
  PROP_N_THREADS,
  PROP_RESIDENT_BYTES,
  PROP_START_TIME,
  PROP_IS_SUSPENDED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (MsRunningProgram, ms_running_program, G_TYPE_OBJECT)

static void
ms_running_program_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MsRunningProgram *self = MS_RUNNING_PROGRAM (object);

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
    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_BUS_NAME:
      g_value_set_string (value, self->bus_name);
      break;
    case PROP_N_THREADS:
      g_value_set_uint (value, self->n_threads);
      break;
    case PROP_RESIDENT_BYTES:
      g_value_set_uint64 (value, self->resident_bytes);
      break;
    case PROP_START_TIME:
      g_value_set_int64 (value, self->start_wall_us);
      break;
    case PROP_IS_SUSPENDED:
      g_value_set_boolean (value, self->is_suspended);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ms_running_program_finalize (GObject *object)
{
  MsRunningProgram *self = MS_RUNNING_PROGRAM (object);

  g_free (self->program);
  g_free (self->command);
  g_free (self->state);
  g_free (self->folder);
  g_free (self->bus_name);
  G_OBJECT_CLASS (ms_running_program_parent_class)->finalize (object);
}

static void
ms_running_program_class_init (MsRunningProgramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ms_running_program_get_property;
  object_class->finalize = ms_running_program_finalize;
  properties[PROP_PID] = g_param_spec_uint ("pid", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PROGRAM] = g_param_spec_string ("program", NULL, NULL, NULL, flags);
  properties[PROP_COMMAND] = g_param_spec_string ("command", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  properties[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, flags);
  properties[PROP_BUS_NAME] = g_param_spec_string ("bus-name", NULL, NULL, NULL, flags);
  properties[PROP_N_THREADS] = g_param_spec_uint ("n-threads", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_RESIDENT_BYTES] =
      g_param_spec_uint64 ("resident-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_START_TIME] =
      g_param_spec_int64 ("start-time", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_IS_SUSPENDED] = g_param_spec_boolean ("is-suspended", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ms_running_program_init (MsRunningProgram *self)
{
  self->program = g_strdup ("");
  self->command = g_strdup ("");
  self->state = g_strdup ("");
}

MsRunningProgram *
ms_running_program_new (guint pid)
{
  MsRunningProgram *self = g_object_new (MS_TYPE_RUNNING_PROGRAM, NULL);

  self->pid = pid;
  return self;
}

static void
set_text (MsRunningProgram *self, char **field, const char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_n_threads (MsRunningProgram *self, guint n_threads)
{
  if (self->n_threads == n_threads)
    return;
  self->n_threads = n_threads;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_THREADS]);
}

void
ms_running_program_take (MsRunningProgram *self, const MsTrackerProperties *from)
{
  set_text (self, &self->program, from->program, PROP_PROGRAM);
  set_text (self, &self->command, from->command, PROP_COMMAND);
  set_text (self, &self->state, from->state, PROP_STATE);
  if (from->folder != NULL)
    set_text (self, &self->folder, from->folder, PROP_FOLDER);
  if (from->n_threads > 0)
    set_n_threads (self, from->n_threads);
  /* Which is reckoned from a clock that is set now and then. */
  if (ABS (self->start_wall_us - from->start_wall_us) > G_USEC_PER_SEC)
    {
      self->start_wall_us = from->start_wall_us;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_START_TIME]);
    }
}

void
ms_running_program_set_figures (MsRunningProgram *self, const MsLiveFigures *figures)
{
  if (!figures->has_process)
    return;
  set_n_threads (self, figures->n_threads);
  if (self->is_suspended != figures->is_suspended)
    {
      self->is_suspended = figures->is_suspended;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_SUSPENDED]);
    }
  if (self->resident_bytes == figures->resident_bytes)
    return;
  self->resident_bytes = figures->resident_bytes;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RESIDENT_BYTES]);
}

void
ms_running_program_set_bus_name (MsRunningProgram *self, const char *name)
{
  set_text (self, &self->bus_name, name, PROP_BUS_NAME);
}

void
ms_running_program_set_start_ticks (MsRunningProgram *self, guint64 start_ticks)
{
  self->start_ticks = start_ticks;
}

guint64
ms_running_program_get_start_ticks (MsRunningProgram *self)
{
  return self->start_ticks;
}

guint
ms_running_program_get_pid (MsRunningProgram *self)
{
  return self->pid;
}

const char *
ms_running_program_get_program (MsRunningProgram *self)
{
  return self->program;
}

const char *
ms_running_program_get_command (MsRunningProgram *self)
{
  return self->command;
}

const char *
ms_running_program_get_state (MsRunningProgram *self)
{
  return self->state;
}

const char *
ms_running_program_get_folder (MsRunningProgram *self)
{
  return self->folder;
}

const char *
ms_running_program_get_bus_name (MsRunningProgram *self)
{
  return self->bus_name;
}

guint
ms_running_program_get_n_threads (MsRunningProgram *self)
{
  return self->n_threads;
}

guint64
ms_running_program_get_resident_bytes (MsRunningProgram *self)
{
  return self->resident_bytes;
}

gint64
ms_running_program_get_start_time (MsRunningProgram *self)
{
  return self->start_wall_us;
}

gboolean
ms_running_program_is_suspended (MsRunningProgram *self)
{
  return self->is_suspended;
}
