/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-debug-places.h"

#define SYSTEM_FOLDER "/usr/lib/debug"
/* Fedora keeps links from build-ids to the objects themselves there. */
#define OBJECT_FOLDER "/usr/lib"
#define SANDBOX_FILE "/.flatpak-info"
#define HOST_ROOT "/run/host"

struct _MsDebugPlaces {
  GPtrArray *folders; /* of char *, NULL at the end */
  char *fetched;
};

/* Where debuginfod's client keeps files unless it is told otherwise; its first versions' place, if it is
 * there, goes before the present one. */
static char *
dup_client_folder (void)
{
  g_autofree char *old = g_build_filename (g_get_home_dir (), ".debuginfod_client_cache", NULL);

  if (g_file_test (old, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&old);
  return g_build_filename (g_get_user_cache_dir (), "debuginfod_client", NULL);
}

MsDebugPlaces *
ms_debug_places_new (const char *const *folders)
{
  MsDebugPlaces *self = g_new0 (MsDebugPlaces, 1);
  const char *fetched = g_getenv ("DEBUGINFOD_CACHE_PATH");

  self->folders = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
    if (g_path_is_absolute (folders[i]))
      g_ptr_array_add (self->folders, g_strdup (folders[i]));
  g_autofree char *of_host = ms_debug_places_dup_host_path (SYSTEM_FOLDER);
  if (of_host != NULL)
    g_ptr_array_add (self->folders, g_steal_pointer (&of_host));
  g_ptr_array_add (self->folders, g_strdup (SYSTEM_FOLDER));
  g_ptr_array_add (self->folders, NULL);
  self->fetched = fetched != NULL && fetched[0] == '/' ? g_strdup (fetched) : dup_client_folder ();
  return self;
}

void
ms_debug_places_free (MsDebugPlaces *self)
{
  g_ptr_array_unref (self->folders);
  g_free (self->fetched);
  g_free (self);
}

const char *const *
ms_debug_places_get_folders (const MsDebugPlaces *self)
{
  return (const char *const *) self->folders->pdata;
}

gboolean
ms_debug_places_is_sandbox (void)
{
  return g_file_test (SANDBOX_FILE, G_FILE_TEST_EXISTS);
}

char *
ms_debug_places_dup_host_path (const char *path)
{
  if (!ms_debug_places_is_sandbox () || !g_file_test (HOST_ROOT "/usr/lib", G_FILE_TEST_IS_DIR))
    return NULL;
  return g_build_filename (HOST_ROOT, path, NULL);
}

gboolean
ms_debug_places_is_build_id (const char *text)
{
  gsize n = 0;

  for (; text[n] != '\0'; n++)
    if (!g_ascii_isxdigit (text[n]))
      return FALSE;
  return n >= 4 && n <= 128;
}

static char *
build_id_path (const char *folder, const char *build_id, const char *suffix)
{
  return g_strdup_printf ("%s/.build-id/%.2s/%s%s", folder, build_id, build_id + 2, suffix);
}

GPtrArray *
ms_debug_places_by_build_id (const MsDebugPlaces *self, const char *build_id, gboolean or_object)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const char *const *folders = ms_debug_places_get_folders (self);

  if (!ms_debug_places_is_build_id (build_id))
    return paths;
  if (or_object)
    {
      g_autofree char *of_host = ms_debug_places_dup_host_path (OBJECT_FOLDER);

      if (of_host != NULL)
        g_ptr_array_add (paths, build_id_path (of_host, build_id, ""));
      g_ptr_array_add (paths, build_id_path (OBJECT_FOLDER, build_id, ""));
    }
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_ptr_array_add (paths, build_id_path (folders[i], build_id, ".debug"));
      if (or_object)
        g_ptr_array_add (paths, build_id_path (folders[i], build_id, ""));
    }
  g_ptr_array_add (paths, g_build_filename (self->fetched, build_id, "debuginfo", NULL));
  if (or_object)
    g_ptr_array_add (paths, g_build_filename (self->fetched, build_id, "executable", NULL));
  return paths;
}
