/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-session-bus.h"

#define NAME_PREFIX MS_TRACKER_NAMESPACE ".p"

char *
ms_session_bus_dup_address (void)
{
  const char *given = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = NULL;
  g_autofree char *escaped = NULL;

  if (given != NULL && *given != '\0')
    return g_dbus_is_supported_address (given, NULL) ? g_strdup (given) : NULL;
  if (runtime == NULL || !g_path_is_absolute (runtime))
    return NULL;
  path = g_build_filename (runtime, "bus", NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  escaped = g_dbus_address_escape_value (path);
  return g_strconcat ("unix:path=", escaped, NULL);
}

char *
ms_tracker_name_of_pid (guint pid)
{
  return g_strdup_printf (NAME_PREFIX "%u", pid);
}

guint
ms_tracker_pid_of_name (const char *name)
{
  guint64 pid;

  if (!g_str_has_prefix (name, NAME_PREFIX)
      || !g_ascii_string_to_unsigned (name + strlen (NAME_PREFIX), 10, 1, G_MAXINT32, &pid, NULL))
    return 0;
  return (guint) pid;
}
