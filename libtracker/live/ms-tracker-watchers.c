/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Those who said Subscribe to a process on the bus.
 *
 *   hears    is sent every Sample, ThreadsChanged and FilesAdded
 *   deaf     has not answered a Ping for three seconds: is sent nothing, until it does
 *
 * A bus keeps what a connection does not read, a gigabyte of it where it is configured as usual, and does not tell
 * us: a watcher that is suspended would make it grow as long as that lasts.  What D-Bus libraries answer by themselves
 * is asked for once a second, and not again before there is an answer, so that what waits for one who is deaf is thirty
 * samples.  When it hears again it is told the names of all files, as some may have come.
 */
#include "ms-tracker-object-private.h"

#define MAX_WATCHERS 16U
#define PING_EVERY_US (1 * G_USEC_PER_SEC)
#define DEAF_AFTER_US (3 * G_USEC_PER_SEC)

typedef struct {
  guint watch;       /* on its name */
  gboolean is_asked; /* there is no answer yet */
  gint64 asked_us;   /* the last time */
  gboolean has_missed_files;
} MsWatcher;

GHashTable *
ms_tracker_object_new_watchers (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/* --- coming and going ----------------------------------------------------------------------------- */

static void
left_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  MsTrackerObject *self = user_data;
  const MsWatcher *watcher = g_hash_table_lookup (self->subscribers, name);
  guint watch = watcher != NULL ? watcher->watch : 0;

  g_hash_table_remove (self->subscribers, name);
  if (watch != 0)
    g_bus_unwatch_name (watch);
}

void
ms_tracker_object_subscribe (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  MsWatcher *watcher;

  if (!g_hash_table_contains (self->subscribers, sender))
    {
      if (g_hash_table_size (self->subscribers) >= MAX_WATCHERS)
        {
          g_dbus_method_invocation_return_dbus_error (invocation, MS_TRACKER_ERROR "TooMany",
                                                      "as many watch this program as may");
          return;
        }
      watcher = g_new0 (MsWatcher, 1);
      watcher->asked_us = g_get_monotonic_time ();
      watcher->watch =
          g_bus_watch_name_on_connection (self->bus, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                          left_cb, self, NULL);
      g_hash_table_insert (self->subscribers, g_strdup (sender), watcher);
      /* The rate of the first sample is one since now. */
      if (g_hash_table_size (self->subscribers) == 1)
        self->figures.last_ns = 0;
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

void
ms_tracker_object_unsubscribe (MsTrackerObject *self, GDBusMethodInvocation *invocation)
{
  left_cb (self->bus, g_dbus_method_invocation_get_sender (invocation), self);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

void
ms_tracker_object_forget_callers (MsTrackerObject *self)
{
  GHashTableIter iter;
  gpointer watcher;

  g_hash_table_iter_init (&iter, self->subscribers);
  while (g_hash_table_iter_next (&iter, NULL, &watcher))
    g_bus_unwatch_name (((MsWatcher *) watcher)->watch);
  g_hash_table_remove_all (self->subscribers);
  g_hash_table_remove_all (self->callers);
}

/* --- who reads ------------------------------------------------------------------------------------ */

typedef struct {
  MsTrackerObject *object; /* not when it was cancelled */
  char *name;
} Ping;

static void
send_names (MsTrackerObject *self, const char *to, const char *const *names, guint n_names)
{
  for (guint from = 0; from < n_names; from += MS_TRACKER_NAMES_AT_ONCE)
    ms_tracker_object_send (self, to, "FilesAdded",
                            g_variant_new ("(@as)",
                                           g_variant_new_strv (names + from,
                                                               MIN (n_names - from,
                                                                    MS_TRACKER_NAMES_AT_ONCE))));
}

/* Whatever it answers, it reads. */
static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ping *ping = user_data;
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean is_cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  MsTrackerObject *self = ping->object;
  MsWatcher *watcher = is_cancelled ? NULL : g_hash_table_lookup (self->subscribers, ping->name);

  if (watcher != NULL)
    watcher->is_asked = FALSE;
  if (watcher != NULL && watcher->has_missed_files)
    {
      guint n_names;
      g_autofree gpointer *names = g_hash_table_get_keys_as_array (self->files.files, &n_names);

      watcher->has_missed_files = FALSE;
      send_names (self, ping->name, (const char *const *) names, n_names);
    }
  g_free (ping->name);
  g_free (ping);
}

static void
ask (MsTrackerObject *self, const char *name)
{
  Ping *ping = g_new0 (Ping, 1);

  ping->object = self;
  ping->name = g_strdup (name);
  g_dbus_connection_call (self->bus, name, "/", "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, self->cancellable, answered_cb,
                          ping);
}

gboolean
ms_tracker_object_look_at_watchers (MsTrackerObject *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_asked = FALSE;
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->subscribers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      MsWatcher *watcher = value;

      if (watcher->is_asked || now_us - watcher->asked_us < PING_EVERY_US)
        continue;
      watcher->is_asked = is_asked = TRUE;
      watcher->asked_us = now_us;
      ask (self, name);
    }
  return is_asked;
}

static gboolean
hears (const MsWatcher *watcher, gint64 now_us)
{
  return !watcher->is_asked || now_us - watcher->asked_us < DEAF_AFTER_US;
}

gboolean
ms_tracker_object_is_heard (MsTrackerObject *self)
{
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer watcher;

  g_hash_table_iter_init (&iter, self->subscribers);
  while (g_hash_table_iter_next (&iter, NULL, &watcher))
    if (hears (watcher, now_us))
      return TRUE;
  return FALSE;
}

/* --- what they are sent --------------------------------------------------------------------------- */

void
ms_tracker_object_send_to_watchers (MsTrackerObject *self, const char *name, GVariant *arguments)
{
  g_autoptr (GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer to, watcher;

  g_hash_table_iter_init (&iter, self->subscribers);
  while (g_hash_table_iter_next (&iter, &to, &watcher))
    if (hears (watcher, now_us))
      ms_tracker_object_send (self, to, name, owned);
}

gboolean
ms_tracker_object_send_new_files (MsTrackerObject *self)
{
  g_autoptr (GPtrArray) added = ms_tracker_files_look (&self->files);
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer to, value;

  if (added->len == 0)
    return FALSE;
  g_hash_table_iter_init (&iter, self->subscribers);
  while (g_hash_table_iter_next (&iter, &to, &value))
    {
      MsWatcher *watcher = value;

      if (hears (watcher, now_us))
        send_names (self, to, (const char *const *) added->pdata, added->len);
      else
        watcher->has_missed_files = TRUE;
    }
  return TRUE;
}
