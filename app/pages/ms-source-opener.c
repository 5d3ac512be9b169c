/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-source-opener.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#define N_PROBED_BYTES 4096
/* Nobody writes more; what is larger is something else. */
#define LARGEST_SOURCE_BYTES (64 * 1024 * 1024)

/* Source has no NUL in it. */
static gboolean
is_text (const char *path)
{
  char bytes[N_PROBED_BYTES];
  FILE *file = fopen (path, "re");
  gsize n;

  if (file == NULL)
    return FALSE;
  n = fread (bytes, 1, sizeof bytes, file);
  fclose (file);
  return memchr (bytes, '\0', n) == NULL;
}

/* NULL: @file leads out of @folder, or is not there. */
static char *
find_below (const char *file, const char *folder)
{
  g_autofree char *top = g_canonicalize_filename (folder, "/");
  g_autofree char *path = g_canonicalize_filename (file, top);
  gsize length = strlen (top);

  if (!g_str_has_prefix (path, top) || path[length] != G_DIR_SEPARATOR
      || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return NULL;
  return g_steal_pointer (&path);
}

static char *
find_relative (const char *file, const char *executable, const char *const *folders)
{
  g_autofree char *folder = executable != NULL ? g_path_get_dirname (executable) : NULL;
  char *path = NULL;

  for (guint i = 0; folders != NULL && folders[i] != NULL && path == NULL; i++)
    path = find_below (file, folders[i]);
  while (path == NULL && folder != NULL && g_path_is_absolute (folder) && strlen (folder) > 1)
    {
      g_autofree char *inner = g_steal_pointer (&folder);

      path = find_below (file, inner);
      folder = g_path_get_dirname (inner);
    }
  return path;
}

char *
ms_source_find (const char *file,
                const char *executable,
                const char *const *folders,
                GError **error)
{
  g_autofree char *name = file != NULL ? g_filename_display_name (file) : NULL;
  g_autofree char *path = NULL;
  struct stat state;

  if (file == NULL || *file == '\0')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("The source of this function is not known: its program has no debug "
                      "information here"));
      return NULL;
    }
  path = g_path_is_absolute (file) ? g_strdup (file) : find_relative (file, executable, folders);
  if (path == NULL || stat (path, &state) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("%s is not on this machine"), name);
      return NULL;
    }
  if (!S_ISREG (state.st_mode) || state.st_size > LARGEST_SOURCE_BYTES || !is_text (path))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%s is no readable text"), name);
      return NULL;
    }
  return g_steal_pointer (&path);
}

/* @text with every @what replaced by @with. */
static char *
replace (const char *text, const char *what, const char *with)
{
  g_auto (GStrv) parts = g_strsplit (text, what, -1);

  return g_strjoinv (with, parts);
}

char **
ms_source_dup_command (const char *command, const char *file, guint line, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%u", MAX (line, 1));
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = NULL;
  gboolean has_file = strstr (command, "{file}") != NULL;

  if (!g_shell_parse_argv (command, NULL, &parts, error))
    {
      g_prefix_error (error, _ ("The editor command cannot be read: "));
      return NULL;
    }
  for (guint i = 0; parts[i] != NULL; i++)
    {
      /* The line first: a file may be called "{line}". */
      g_autofree char *with_line = replace (parts[i], "{line}", number);

      g_ptr_array_add (words, replace (with_line, "{file}", file));
    }
  if (!has_file)
    g_ptr_array_add (words, g_strdup (file));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

/* By what opens plain text, not by what the file's own type asks for: a .desktop file is started. */
static gboolean
open_with_desktop (GtkWidget *widget, const char *file, GError **error)
{
  g_autoptr (GAppInfo) editor = g_app_info_get_default_for_type ("text/plain", FALSE);
  g_autoptr (GdkAppLaunchContext) context =
      gdk_display_get_app_launch_context (gtk_widget_get_display (widget));
  g_autoptr (GFile) source = g_file_new_for_path (file);
  g_autoptr (GList) files = g_list_prepend (NULL, source);

  if (editor == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("No program for text is set up; give an editor command in Preferences"));
      return FALSE;
    }
  return g_app_info_launch (editor, files, G_APP_LAUNCH_CONTEXT (context), error);
}

gboolean
ms_source_open (GtkWidget *widget,
                const char *command,
                const char *file,
                guint line,
                GError **error)
{
  g_auto (GStrv) words = NULL;

  if (command == NULL || *command == '\0')
    return open_with_desktop (widget, file, error);
  words = ms_source_dup_command (command, file, line, error);
  return words != NULL
         && g_spawn_async (NULL, words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, error);
}
