/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <string.h>

#include "ms-mark-writer.h"
#include "ms-thread-rule.h"
#include "ms-tracker-object-private.h"
#include "ms-tracker-properties.h"

#define VERSION "1.0"
#define MAX_CHANGES 16U
#define NO_DESCRIPTORS "no more files can be opened just now"
#define NOTICE_US (2 * G_USEC_PER_SEC)
#define LOOK_EVERY_MS 5
#define PAGE_LOOK_US (G_USEC_PER_SEC / 2)
#define THREADS_LAST_US 100000

static void
fail (GDBusMethodInvocation *invocation, const char *name, const char *text)
{
  g_autofree char *full = g_strconcat (MS_TRACKER_ERROR, name, NULL);

  g_dbus_method_invocation_return_dbus_error (invocation, full, text);
}

void
ms_tracker_object_fail (GDBusMethodInvocation *invocation, const GError *error)
{
  const char *name = "Failed";

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    name = "InvalidArgument";
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    name = "Ended";
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    name = "TooMany";
  fail (invocation, name, error->message);
}

/* --- properties ----------------------------------------------------------------------------------- */

static gboolean
read_control (MsTrackerObject *self, MsControl *control)
{
  return ms_control_read_at (self->dir_fd, control, NULL);
}

static const char *
get_state (MsTrackerObject *self)
{
  MsControl control;

  if (self->has_ended)
    return MS_TRACKER_STATE_ENDED;
  return ms_tracker_state_name (!read_control (self, &control) || control.is_on);
}

static GVariant *
get_configuration (MsTrackerObject *self)
{
  GVariantDict dict;
  MsControl control;

  g_variant_dict_init (&dict, NULL);
  if (read_control (self, &control))
    {
      g_variant_dict_insert (&dict, "threads", "s", control.rule);
      g_variant_dict_insert (&dict, "sampling-rate", "d", control.sampling_rate);
      g_variant_dict_insert (&dict, "sample-interval-bytes", "t", control.sample_interval_bytes);
      g_variant_dict_insert (&dict, "pending", "b", control.is_pending);
    }
  if (self->stack_depth > 0)
    g_variant_dict_insert (&dict, "stack-depth", "u", self->stack_depth);
  g_variant_dict_insert (&dict, "ring-bytes", "t", self->ring_bytes);
  return g_variant_dict_end (&dict);
}

/* Looking at thousands of threads takes some milliseconds: not more often than they are sampled. */
static GVariant *
get_threads (MsTrackerObject *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->threads == NULL || now_us - self->threads_us > THREADS_LAST_US)
    {
      g_clear_pointer (&self->threads, g_variant_unref);
      self->threads = g_variant_ref_sink (ms_tracker_files_list_threads (&self->files, self->pid));
      self->threads_us = now_us;
    }
  return self->threads;
}

/* NULL: there is none of that name. */
static GVariant *
get_property (MsTrackerObject *self, const char *name)
{
  static const char *const no_words[] = { NULL };

  if (strcmp (name, "Version") == 0)
    return g_variant_new_string (VERSION);
  if (strcmp (name, "Pid") == 0)
    return g_variant_new_uint32 ((guint32) self->pid);
  if (strcmp (name, "Command") == 0)
    return g_variant_new_strv (self->command != NULL ? (const char *const *) self->command
                                                     : no_words,
                               -1);
  if (strcmp (name, "State") == 0)
    return g_variant_new_string (get_state (self));
  if (strcmp (name, "StartTime") == 0)
    return g_variant_new_int64 (self->start_wall_us);
  if (strcmp (name, "TraceDirectory") == 0)
    return g_variant_new_bytestring (self->folder);
  if (strcmp (name, "Configuration") == 0)
    return get_configuration (self);
  if (strcmp (name, "Threads") == 0)
    return get_threads (self);
  return NULL;
}

static GVariant *
get_all (MsTrackerObject *self)
{
  static const char *const names[] = { "Version",       "Pid",       "Command",
                                       "State",         "StartTime", "TraceDirectory",
                                       "Configuration", "Threads" };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_variant_builder_add (&builder, "{sv}", names[i], get_property (self, names[i]));
  return g_variant_builder_end (&builder);
}

static void
answer_properties (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *arguments = g_dbus_method_invocation_get_parameters (invocation);
  const char *name;
  GVariant *value;

  if (strcmp (method, "GetAll") == 0)
    {
      g_dbus_method_invocation_return_value (invocation,
                                             g_variant_new ("(@a{sv})", get_all (self)));
      return;
    }
  value = NULL;
  if (strcmp (method, "Get") == 0)
    {
      g_variant_get (arguments, "(&s&s)", NULL, &name);
      value = get_property (self, name);
    }
  if (value != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(v)", value));
  else
    g_dbus_method_invocation_return_dbus_error (invocation,
                                                "org.freedesktop.DBus.Error.UnknownProperty",
                                                "there is no such property");
}

void
ms_tracker_object_tell_changed (MsTrackerObject *self)
{
  GVariantDict dict;

  ms_control_peek_at (self->dir_fd, &self->told);
  if (self->bus == NULL)
    return;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "State", "s", get_state (self));
  g_variant_dict_insert_value (&dict, "Configuration", get_configuration (self));
  g_dbus_connection_emit_signal (self->bus, NULL, "/org/memscope/Tracker1",
                                 "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                 g_variant_new ("(s@a{sv}@as)", "org.memscope.Tracker1",
                                                g_variant_dict_end (&dict),
                                                g_variant_new_strv (NULL, 0)),
                                 NULL);
}

/* Whoever has no bus writes the page as we do. */
void
ms_tracker_object_look_at_page (MsTrackerObject *self)
{
  gint64 now_us = g_get_monotonic_time ();
  MsControl now;

  if (now_us < self->page_look_us || !ms_control_peek_at (self->dir_fd, &now))
    return;
  self->page_look_us = now_us + PAGE_LOOK_US;
  if (!ms_control_is_same (&now, &self->told))
    ms_tracker_object_tell_changed (self);
}

/* --- changes -------------------------------------------------------------------------------------- */

/* What the process was told.  Its caller waits for two seconds at most; we wait on, to say when it is so. */
typedef struct {
  GDBusMethodInvocation *invocation; /* NULL: answered */
  guint32 generation;
  MsControl before, wanted;
  MsControl in_force; /* as long as nothing of what was said is noticed */
  gint64 until_us;
} Change;

static void
answer_noticed (Change *change, gboolean is_noticed)
{
  if (change->invocation != NULL)
    g_dbus_method_invocation_return_value (change->invocation, g_variant_new ("(b)", is_noticed));
  change->invocation = NULL;
}

/* It is in force now, for all that was said after it. */
static void
mark_change (MsTrackerObject *self, const Change *change)
{
  ms_control_mark_change_at (self->dir_fd, &change->in_force, &change->wanted);
  for (guint i = self->changes->len; i > 0 && self->changes->pdata[i - 1] != change; i--)
    ((Change *) self->changes->pdata[i - 1])->in_force = change->wanted;
}

/* TRUE: nothing more will come of it. */
static gboolean
look_at_change (MsTrackerObject *self, Change *change)
{
  g_autoptr (GError) error = NULL;

  if (ms_control_get_answer_at (self->dir_fd, change->generation, &error))
    {
      mark_change (self, change);
      answer_noticed (change, TRUE);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    {
      ms_control_restore_at (self->dir_fd, change->generation, &change->before);
      if (change->invocation != NULL)
        ms_tracker_object_fail (change->invocation, error);
    }
  else
    {
      if (change->invocation != NULL && g_get_monotonic_time () >= change->until_us)
        {
          answer_noticed (change, FALSE);
          ms_tracker_object_tell_changed (self);
        }
      return FALSE;
    }
  ms_tracker_object_tell_changed (self);
  return TRUE;
}

/* Whoever waits for nobody waits for the last of them: what was said before it comes to nothing. */
static gboolean
is_superseded (MsTrackerObject *self, guint place)
{
  const Change *change = self->changes->pdata[place];

  return change->invocation == NULL && place + 1 < self->changes->len;
}

/* TRUE: somebody waits. */
static gboolean
look_at_changes (MsTrackerObject *self)
{
  gboolean is_awaited = FALSE;

  for (guint i = 0; i < self->changes->len;)
    {
      Change *change = self->changes->pdata[i];

      if (is_superseded (self, i) || look_at_change (self, change))
        {
          g_ptr_array_remove_index (self->changes, i);
          g_free (change);
          continue;
        }
      is_awaited |= change->invocation != NULL;
      i++;
    }
  return is_awaited;
}

void
ms_tracker_object_look_at_changes (MsTrackerObject *self)
{
  if (self->changes->len > 0)
    look_at_changes (self);
}

static gboolean
changes_cb (gpointer user_data)
{
  MsTrackerObject *self = user_data;

  if (look_at_changes (self))
    return G_SOURCE_CONTINUE;
  self->changes_id = 0;
  return G_SOURCE_REMOVE;
}

static GSource *
attach_look (MsTrackerObject *self)
{
  GSource *source = g_timeout_source_new (LOOK_EVERY_MS);

  g_source_set_callback (source, changes_cb, self, NULL);
  self->changes_id = g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

void
ms_tracker_object_drop_changes (MsTrackerObject *self)
{
  GSource *source = self->changes_id != 0
                        ? g_main_context_find_source_by_id (g_main_context_get_thread_default (),
                                                            self->changes_id)
                        : NULL;

  if (source != NULL)
    g_source_destroy (source);
  self->changes_id = 0;
  for (guint i = 0; i < self->changes->len; i++)
    {
      Change *change = self->changes->pdata[i];

      if (change->invocation != NULL)
        fail (change->invocation, "Ended", "the process has ended");
      g_free (change);
    }
  g_ptr_array_set_size (self->changes, 0);
}

/* FALSE: it was answered, as it cannot be. */
static gboolean
take_wish (GDBusMethodInvocation *invocation, MsControl *control)
{
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *arguments = g_dbus_method_invocation_get_parameters (invocation);
  g_autoptr (GError) error = NULL;
  const char *rule;

  if (strcmp (method, "Start") == 0 || strcmp (method, "Stop") == 0)
    control->is_on = strcmp (method, "Start") == 0;
  else if (strcmp (method, "SetThreadRule") == 0)
    {
      g_variant_get (arguments, "(&s)", &rule);
      /* The process would say no more than that it refuses it, and one that sleeps not even that. */
      if (!ms_thread_rule_check (rule, &error))
        {
          ms_tracker_object_fail (invocation, error);
          return FALSE;
        }
      g_strlcpy (control->rule, rule, sizeof control->rule);
    }
  else
    {
      g_variant_get (arguments, "(dt)", &control->sampling_rate, &control->sample_interval_bytes);
      if (!(control->sampling_rate > 0 && control->sampling_rate <= 1)
          || (control->sampling_rate < 1 && control->sample_interval_bytes != 0))
        {
          fail (invocation, "InvalidArgument",
                "a rate is above 0 and at most 1, and there is no interval beside one below 1");
          return FALSE;
        }
    }
  return TRUE;
}

static void
answer_change (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GError) error = NULL;
  MsControl before, control;
  Change *change;
  guint32 generation;

  if (self->changes->len >= MAX_CHANGES)
    {
      fail (invocation, "TooMany", "the process has not noticed what was wanted before");
      return;
    }
  if (!ms_control_read_at (self->dir_fd, &before, &error))
    {
      ms_tracker_object_fail (invocation, error);
      return;
    }
  control = before;
  if (!take_wish (invocation, &control))
    return;
  if (!ms_control_write_at (self->dir_fd, &control, &generation, &error))
    {
      ms_tracker_object_fail (invocation, error);
      return;
    }
  change = g_new0 (Change, 1);
  change->invocation = invocation;
  change->generation = generation;
  change->before = before;
  change->wanted = control;
  change->in_force = self->changes->len > 0
                         ? ((Change *) self->changes->pdata[self->changes->len - 1])->in_force
                         : before;
  change->until_us = g_get_monotonic_time () + NOTICE_US;
  g_ptr_array_add (self->changes, change);
  if (self->changes_id == 0)
    g_source_unref (attach_look (self));
}

/* --- marks and files ------------------------------------------------------------------------------ */

static void
answer_mark (MsTrackerObject *self, GDBusMethodInvocation *invocation, gboolean is_snapshot)
{
  g_autoptr (GError) error = NULL;
  const char *name;
  gint64 time_ns;

  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(&s)", &name);
  if (is_snapshot && self->ring_bytes > 0 && *self->is_saving)
    fail (invocation, "TooMany", "another snapshot is being saved");
  else if (!ms_mark_write_at (self->dir_fd, is_snapshot ? TRK_MARK_SNAPSHOT : TRK_MARK_PLAIN, name,
                              &time_ns, &error))
    ms_tracker_object_fail (invocation, error);
  else if (is_snapshot && self->ring_bytes > 0)
    ms_tracker_object_save (self, invocation, name, time_ns);
  else if (is_snapshot)
    g_dbus_method_invocation_return_value (invocation,
                                           g_variant_new ("(x@ay)", time_ns,
                                                          g_variant_new_bytestring ("")));
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(x)", time_ns));
}

static void
answer_trace (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  MsTrackerFiles now;
  g_autoptr (GPtrArray) found = NULL;
  GVariant *files;
  guint n_first;

  self->asked_us = g_get_monotonic_time ();
  /* All of them, whatever was told before. */
  ms_tracker_files_init (&now, self->dir_fd);
  found = ms_tracker_files_look (&now);
  ms_tracker_files_clear (&now);
  n_first = MIN (found->len, MS_TRACKER_FILES_AT_ONCE);
  for (guint i = 0; i < n_first; i++)
    g_ptr_array_add (names, g_ptr_array_index (found, i));
  g_ptr_array_add (names, NULL);
  files = ms_tracker_files_open (&self->files, (const char *const *) names->pdata, descriptors);
  if (files == NULL)
    {
      fail (invocation, "TooMany", NO_DESCRIPTORS);
      return;
    }
  g_dbus_method_invocation_return_value_with_unix_fd_list (
      invocation,
      g_variant_new ("(@a(sh)@as)", files,
                     g_variant_new_strv ((const char *const *) found->pdata + n_first,
                                         (gssize) (found->len - n_first))),
      descriptors);
}

static void
answer_files (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autofree const char **names = NULL;
  GVariant *files;

  self->asked_us = g_get_monotonic_time ();
  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(^a&s)", &names);
  if (g_strv_length ((GStrv) names) > MS_TRACKER_FILES_AT_ONCE)
    {
      fail (invocation, "InvalidArgument", "at most 16 names at once");
      return;
    }
  files = ms_tracker_files_open (&self->files, names, descriptors);
  if (files == NULL)
    fail (invocation, "TooMany", NO_DESCRIPTORS);
  else
    g_dbus_method_invocation_return_value_with_unix_fd_list (invocation,
                                                             g_variant_new ("(@a(sh))", files),
                                                             descriptors);
}

/* --- calls ---------------------------------------------------------------------------------------- */

void
ms_tracker_object_answer (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  const char *interface = g_dbus_method_invocation_get_interface_name (invocation);
  const char *method = g_dbus_method_invocation_get_method_name (invocation);

  if (strcmp (interface, "org.freedesktop.DBus.Properties") == 0)
    answer_properties (self, invocation);
  else if (strcmp (method, "OpenTrace") == 0)
    answer_trace (self, invocation);
  else if (strcmp (method, "OpenFiles") == 0)
    answer_files (self, invocation);
  else if (strcmp (method, "Subscribe") == 0)
    ms_tracker_object_subscribe (self, invocation);
  else if (strcmp (method, "Unsubscribe") == 0)
    ms_tracker_object_unsubscribe (self, invocation);
  else if (self->has_ended)
    fail (invocation, "Ended", "the process has ended");
  else if (strcmp (method, "Mark") == 0 || strcmp (method, "Snapshot") == 0)
    answer_mark (self, invocation, strcmp (method, "Snapshot") == 0);
  else
    answer_change (self, invocation);
}
