/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-running-programs.h"

#include "ms-registry.h"
#include "ms-running-program-private.h"
#include "ms-session-bus.h"

#define LOOK_EVERY_MS 1000
#define ANSWER_MS 2000
/* A bus that has not answered by then is none. */
#define READY_MS 3000
/* Half of a frame. */
#define MOST_US 8000
/* As many names as somebody may make us ask. */
#define MAX_PROGRAMS 1000U

struct _MsRunningPrograms {
  GObject parent_instance;
  GPtrArray *programs; /* of MsRunningProgram, by pid */
  GDBusConnection *bus;
  GCancellable *cancellable;
  guint tick_id, names_id, ready_id;
  char *problem; /* of the registry; NULL: it could be read, or there is none */
  gulong closed_id;
  gboolean is_connecting, is_ready;
  gboolean has_names; /* the bus has told all of them */
  guint n_asked;      /* of whose properties there is no answer yet */
  guint n_looked;     /* entries of the registry, in all */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MsRunningPrograms,
                               ms_running_programs,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_0, PROP_IS_READY };

/* --- the list ------------------------------------------------------------------------------------- */

static GType
get_item_type (GListModel *model)
{
  return MS_TYPE_RUNNING_PROGRAM;
}

static guint
get_n_items (GListModel *model)
{
  return MS_RUNNING_PROGRAMS (model)->programs->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  MsRunningPrograms *self = MS_RUNNING_PROGRAMS (model);

  return position < self->programs->len ? g_object_ref (self->programs->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Place of @pid, or where it would be. */
static guint
find_place (MsRunningPrograms *self, guint pid)
{
  guint place = 0;

  while (place < self->programs->len
         && ms_running_program_get_pid (self->programs->pdata[place]) < pid)
    place++;
  return place;
}

MsRunningProgram *
ms_running_programs_find (MsRunningPrograms *self, guint pid)
{
  guint place = find_place (self, pid);

  if (place == self->programs->len
      || ms_running_program_get_pid (self->programs->pdata[place]) != pid)
    return NULL;
  return self->programs->pdata[place];
}

static void
insert (MsRunningPrograms *self, MsRunningProgram *program)
{
  guint place = find_place (self, ms_running_program_get_pid (program));

  g_ptr_array_insert (self->programs, (gint) place, g_object_ref (program));
  g_list_model_items_changed (G_LIST_MODEL (self), place, 0, 1);
}

static void
remove_at (MsRunningPrograms *self, guint place)
{
  g_ptr_array_remove_index (self->programs, place);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 1, 0);
}

static void
set_ready (MsRunningPrograms *self)
{
  g_clear_handle_id (&self->ready_id, g_source_remove);
  if (self->is_ready)
    return;
  self->is_ready = TRUE;
  g_object_notify (G_OBJECT (self), "is-ready");
}

static void
set_ready_if_answered (MsRunningPrograms *self)
{
  if (self->has_names && self->n_asked == 0)
    set_ready (self);
}

static gboolean
late_cb (gpointer user_data)
{
  MsRunningPrograms *self = user_data;

  self->ready_id = 0;
  set_ready (self);
  return G_SOURCE_REMOVE;
}

/* --- the registry --------------------------------------------------------------------------------- */

static gboolean
is_in (GPtrArray *entries, MsRunningProgram *program)
{
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const MsRegistryEntry *entry = g_ptr_array_index (entries, i);

      if ((guint) entry->pid == ms_running_program_get_pid (program)
          && entry->start_ticks == ms_running_program_get_start_ticks (program))
        return TRUE;
    }
  return FALSE;
}

/* What was in the registry and is no more has ended, or has an agent that is about to say so. */
static void
drop_ended (MsRunningPrograms *self, GPtrArray *entries)
{
  for (guint i = self->programs->len; i > 0; i--)
    {
      MsRunningProgram *program = self->programs->pdata[i - 1];

      if (ms_running_program_get_start_ticks (program) != 0
              ? !is_in (entries, program)
              : ms_running_program_get_bus_name (program) == NULL)
        remove_at (self, i - 1);
    }
}

static void
take_entry (MsRunningPrograms *self, const MsRegistryEntry *entry)
{
  g_autoptr (MsTrackerProperties) properties =
      ms_tracker_properties_read (entry->pid, entry->start_ticks, entry->folder);
  MsLiveFiguresReader reader = { .pid = entry->pid, .start_ticks = entry->start_ticks };
  g_autoptr (MsRunningProgram) made = NULL;
  MsRunningProgram *program = ms_running_programs_find (self, (guint) entry->pid);
  MsLiveFigures figures;

  if (properties == NULL || !ms_live_figures_read (&reader, -1, &figures))
    return;
  if (program == NULL)
    {
      if (self->programs->len >= MAX_PROGRAMS)
        return;
      program = made = ms_running_program_new ((guint) entry->pid);
    }
  ms_running_program_set_start_ticks (program, entry->start_ticks);
  ms_running_program_take (program, properties);
  ms_running_program_set_figures (program, &figures);
  if (made != NULL)
    insert (self, made);
}

/* Goes on where the look before was out of time: of hundreds, or of pages that somebody writes without end, some are
 * read later, and whoever draws windows on this thread does not wait.  @most_us 0: all of them. */
static void
look_at_registry (MsRunningPrograms *self, gint64 most_us)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = ms_registry_list (&error);
  guint n = entries != NULL ? entries->len : 0;
  gint64 since_us = g_get_monotonic_time ();

  g_free (self->problem);
  self->problem = error != NULL ? g_strdup (error->message) : NULL;
  drop_ended (self, entries);
  for (guint i = 0; i < n; i++)
    {
      take_entry (self, g_ptr_array_index (entries, self->n_looked++ % n));
      if (most_us > 0 && g_get_monotonic_time () - since_us >= most_us)
        return;
    }
}

/* --- the bus -------------------------------------------------------------------------------------- */

/* What is asked does not keep the list: a cancelled answer touches nothing. */
typedef struct {
  MsRunningPrograms *list;
  guint pid;
} Question;

/* The registry has another program of this number: of this pid namespace, and the bus is shared with others. */
static gboolean
is_of_another (MsRunningPrograms *self, const MsTrackerProperties *properties)
{
  MsRunningProgram *program = ms_running_programs_find (self, properties->pid);

  return program != NULL && ms_running_program_get_start_ticks (program) != 0
         && ms_tracker_folders_differ (ms_running_program_get_folder (program), properties->folder);
}

static void
take_answer (MsRunningPrograms *self, const char *name, const MsTrackerProperties *properties)
{
  g_autoptr (MsRunningProgram) made = NULL;
  MsRunningProgram *program;

  /* An exec'd program has a new folder, which is in the registry first. */
  if (is_of_another (self, properties))
    look_at_registry (self, MOST_US);
  if (is_of_another (self, properties))
    return;
  program = ms_running_programs_find (self, properties->pid);
  if (program == NULL)
    {
      if (self->programs->len >= MAX_PROGRAMS)
        return;
      program = made = ms_running_program_new (properties->pid);
    }
  ms_running_program_set_bus_name (program, name);
  ms_running_program_take (program, properties);
  if (made != NULL)
    insert (self, made);
}

static void
properties_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  MsRunningPrograms *self = question->list;
  g_autoptr (MsTrackerProperties) properties = NULL;
  g_autofree char *name = ms_tracker_name_of_pid (question->pid);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->n_asked--;
  if (reply == NULL || self->bus != G_DBUS_CONNECTION (source))
    {
      set_ready_if_answered (self);
      return;
    }
  properties = ms_tracker_properties_new (reply, NULL);
  if (properties != NULL && properties->pid == question->pid)
    take_answer (self, name, properties);
  set_ready_if_answered (self);
}

static void
ask_name (MsRunningPrograms *self, const char *name)
{
  guint pid = ms_tracker_pid_of_name (name);
  Question *question;

  if (pid == 0 || self->n_asked >= MAX_PROGRAMS)
    return;
  question = g_new0 (Question, 1);
  question->list = self;
  question->pid = pid;
  self->n_asked++;
  g_dbus_connection_call (self->bus, name, MS_TRACKER_PATH, "org.freedesktop.DBus.Properties",
                          "GetAll", g_variant_new ("(s)", MS_TRACKER_INTERFACE),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_MS,
                          self->cancellable, properties_cb, question);
}

static void
name_left (MsRunningPrograms *self, guint pid)
{
  MsRunningProgram *program = ms_running_programs_find (self, pid);

  if (program == NULL)
    return;
  ms_running_program_set_bus_name (program, NULL);
  if (ms_running_program_get_start_ticks (program) == 0)
    remove_at (self, find_place (self, pid));
}

static void
name_changed_cb (GDBusConnection *bus,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *signal,
                 GVariant *parameters,
                 gpointer user_data)
{
  MsRunningPrograms *self = user_data;
  const char *name, *new_owner;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", &name, NULL, &new_owner);
  if (*new_owner != '\0')
    ask_name (self, name);
  else
    name_left (self, ms_tracker_pid_of_name (name));
}

static void
names_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree const char **names = NULL;
  MsRunningPrograms *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || reply == NULL
      || self->bus != G_DBUS_CONNECTION (source))
    return;
  g_variant_get (reply, "(^a&s)", &names);
  for (guint i = 0; names[i] != NULL; i++)
    ask_name (self, names[i]);
  self->has_names = TRUE;
  set_ready_if_answered (self);
}

static void
forget_bus (MsRunningPrograms *self)
{
  if (self->bus == NULL)
    return;
  g_dbus_connection_signal_unsubscribe (self->bus, self->names_id);
  g_clear_signal_handler (&self->closed_id, self->bus);
  g_clear_object (&self->bus);
}

/* It comes back, or does not; meanwhile what the registry has stays. */
static void
closed_cb (GDBusConnection *bus, gboolean remote_peer_vanished, GError *error, gpointer user_data)
{
  MsRunningPrograms *self = user_data;

  forget_bus (self);
  for (guint i = self->programs->len; i > 0; i--)
    name_left (self, ms_running_program_get_pid (self->programs->pdata[i - 1]));
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_finish (result, &error);
  MsRunningPrograms *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->is_connecting = FALSE;
  self->bus = bus;
  if (self->bus == NULL)
    {
      set_ready (self);
      return;
    }
  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  self->closed_id = g_signal_connect (self->bus, "closed", G_CALLBACK (closed_cb), self);
  self->names_id =
      g_dbus_connection_signal_subscribe (self->bus, "org.freedesktop.DBus", "org.freedesktop.DBus",
                                          "NameOwnerChanged", "/org/freedesktop/DBus",
                                          MS_TRACKER_NAMESPACE,
                                          G_DBUS_SIGNAL_FLAGS_MATCH_ARG0_NAMESPACE, name_changed_cb,
                                          self, NULL);
  g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "ListNames", NULL, G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, self->cancellable, names_cb, self);
}

static void
connect_bus (MsRunningPrograms *self)
{
  g_autofree char *address = ms_session_bus_dup_address ();

  if (self->bus != NULL || self->is_connecting)
    return;
  if (address == NULL)
    {
      set_ready (self);
      return;
    }
  self->is_connecting = TRUE;
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, connected_cb, self);
}

/* --- life ----------------------------------------------------------------------------------------- */

static gboolean
tick_cb (gpointer user_data)
{
  MsRunningPrograms *self = user_data;

  look_at_registry (self, MOST_US);
  connect_bus (self);
  /* Of those that only the bus knows, nothing changes by itself. */
  for (guint i = 0; self->bus != NULL && i < self->programs->len; i++)
    if (ms_running_program_get_start_ticks (self->programs->pdata[i]) == 0)
      ask_name (self, ms_running_program_get_bus_name (self->programs->pdata[i]));
  return G_SOURCE_CONTINUE;
}

static void
ms_running_programs_dispose (GObject *object)
{
  MsRunningPrograms *self = MS_RUNNING_PROGRAMS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->ready_id, g_source_remove);
  forget_bus (self);
  G_OBJECT_CLASS (ms_running_programs_parent_class)->dispose (object);
}

static void
ms_running_programs_finalize (GObject *object)
{
  MsRunningPrograms *self = MS_RUNNING_PROGRAMS (object);

  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->programs);
  g_free (self->problem);
  G_OBJECT_CLASS (ms_running_programs_parent_class)->finalize (object);
}

static void
ms_running_programs_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IS_READY)
    g_value_set_boolean (value, MS_RUNNING_PROGRAMS (object)->is_ready);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ms_running_programs_class_init (MsRunningProgramsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ms_running_programs_get_property;
  object_class->dispose = ms_running_programs_dispose;
  object_class->finalize = ms_running_programs_finalize;
  g_object_class_install_property (object_class, PROP_IS_READY,
                                   g_param_spec_boolean ("is-ready", NULL, NULL, FALSE,
                                                         G_PARAM_READABLE
                                                             | G_PARAM_STATIC_STRINGS));
}

static void
ms_running_programs_init (MsRunningPrograms *self)
{
  self->programs = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
}

MsRunningPrograms *
ms_running_programs_new (void)
{
  MsRunningPrograms *self = g_object_new (MS_TYPE_RUNNING_PROGRAMS, NULL);

  look_at_registry (self, 0);
  self->ready_id = g_timeout_add (READY_MS, late_cb, self);
  connect_bus (self);
  self->tick_id = g_timeout_add (LOOK_EVERY_MS, tick_cb, self);
  return self;
}

gboolean
ms_running_programs_is_ready (MsRunningPrograms *self)
{
  return self->is_ready;
}

const char *
ms_running_programs_get_problem (MsRunningPrograms *self)
{
  return self->problem;
}
