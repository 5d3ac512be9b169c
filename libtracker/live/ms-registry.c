/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-registry.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-process-identity.h"

#define NAME "memscope"

void
ms_registry_entry_free (MsRegistryEntry *self)
{
  g_free (self->folder);
  g_free (self);
}

/* --- the folder ----------------------------------------------------------------------------------- */

static gboolean
is_folder (const char *path)
{
  struct stat status;

  return stat (path, &status) == 0 && S_ISDIR (status.st_mode) && status.st_uid == geteuid ();
}

static char *
choose_path (void)
{
  const char *given = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *usual = g_strdup_printf ("/run/user/%u", (guint) geteuid ());

  if (given != NULL && g_path_is_absolute (given) && is_folder (given))
    return g_build_filename (given, NAME, NULL);
  if (is_folder (usual))
    return g_build_filename (usual, NAME, NULL);
  return g_strdup_printf ("/tmp/" NAME "-%u", (guint) geteuid ());
}

static gboolean
set_system_error (GError **error, const char *path, const char *what, int number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (number), "%s: %s: %s", shown, what,
               g_strerror (number));
  return FALSE;
}

/* In /tmp anybody may have been there before us. */
static gboolean
check_folder (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  struct stat status;

  if (lstat (path, &status) != 0)
    return set_system_error (error, path, "cannot be looked at", errno);
  if (S_ISDIR (status.st_mode) && status.st_uid == geteuid () && (status.st_mode & 022) == 0)
    return TRUE;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
      "%s: is not a folder of this user's that nobody else may write to: remove it, or have "
      "XDG_RUNTIME_DIR name a folder of your own",
      shown);
  return FALSE;
}

char *
ms_registry_get_folder (gboolean make, GError **error)
{
  g_autofree char *path = choose_path ();

  if (make && mkdir (path, 0700) != 0 && errno != EEXIST)
    {
      set_system_error (error, path, "cannot be made", errno);
      return NULL;
    }
  if (!make && !g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  return check_folder (path, error) ? g_steal_pointer (&path) : NULL;
}

/* --- links ---------------------------------------------------------------------------------------- */

typedef struct {
  guint64 pid_namespace;
  char boot_id[TRK_BOOT_ID_BYTES];
} Here;

static void
find_here (Here *here)
{
  here->pid_namespace = trk_pid_namespace_read (0);
  (void) trk_boot_id_read (here->boot_id);
}

/* Where there is no /proc, or it is another namespace's (unshare --pid alone), nobody can be told to be alive, and so
 * nobody to be gone. */
static gboolean
can_judge (const Here *here)
{
  g_autofree char *self = g_file_read_link ("/proc/self", NULL);

  return here->pid_namespace != 0 && here->boot_id[0] != '\0' && self != NULL
         && g_ascii_strtoll (self, NULL, 10) == getpid ();
}

static char *
link_path (const char *folder, gint pid, guint64 start_ticks)
{
  g_autofree char *name = NULL;
  Here here;

  find_here (&here);
  name = g_strdup_printf ("p%d-%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "-%s", pid, start_ticks,
                          here.pid_namespace, here.boot_id);
  return g_build_filename (folder, name, NULL);
}

gboolean
ms_registry_add (gint pid, guint64 start_ticks, const char *folder, GError **error)
{
  g_autofree char *registry = NULL;
  g_autofree char *path = NULL;
  g_autofree char *made = NULL;

  g_return_val_if_fail (g_path_is_absolute (folder), FALSE);
  registry = ms_registry_get_folder (TRUE, error);
  if (registry == NULL)
    return FALSE;
  path = link_path (registry, pid, start_ticks);
  /* Beside its place first, as a link cannot be made over another; under a name that neither another thread nor a
   * process of another pid namespace has. */
  made = g_strdup_printf ("%s/.new-%d-%08x", registry, (gint) getpid (), g_random_int ());
  if (symlink (folder, made) != 0 || g_rename (made, path) != 0)
    {
      set_system_error (error, path, "cannot be made", errno);
      g_unlink (made);
      return FALSE;
    }
  return TRUE;
}

void
ms_registry_remove (gint pid, guint64 start_ticks)
{
  g_autofree char *registry = ms_registry_get_folder (FALSE, NULL);
  g_autofree char *path = registry != NULL ? link_path (registry, pid, start_ticks) : NULL;

  if (path != NULL)
    g_unlink (path);
}

/* "123-…" is 123, and what follows. */
static gboolean
parse_number (const char **at, guint64 most, guint64 *number)
{
  char *end;

  if (!g_ascii_isdigit (**at))
    return FALSE;
  errno = 0;
  *number = g_ascii_strtoull (*at, &end, 10);
  if (errno != 0 || *number > most || *end != '-')
    return FALSE;
  *at = end + 1;
  return TRUE;
}

typedef struct {
  guint64 pid, start_ticks, pid_namespace;
  const char *boot_id;
} Name;

/* "p123-456-789-xyz". */
static gboolean
parse_name (const char *text, Name *name)
{
  const char *at = text + 1;

  if (text[0] != 'p' || !parse_number (&at, G_MAXINT, &name->pid)
      || !parse_number (&at, G_MAXUINT64, &name->start_ticks)
      || !parse_number (&at, G_MAXUINT64, &name->pid_namespace))
    return FALSE;
  name->boot_id = at;
  return name->pid > 0 && name->start_ticks > 0;
}

/* NULL: no link of ours, or of a process that has ended, and then it is removed. */
static MsRegistryEntry *
read_entry (const char *registry, const Here *here, const char *text)
{
  g_autoptr (MsRegistryEntry) entry = g_new0 (MsRegistryEntry, 1);
  g_autofree char *path = g_build_filename (registry, text, NULL);
  Name name;

  /* A container may have a boot id of its own (systemd-nspawn), but never our namespace. */
  if (!parse_name (text, &name) || name.pid_namespace != here->pid_namespace)
    return NULL;
  if (strcmp (name.boot_id, here->boot_id) != 0
      || !trk_process_is_alive ((gint32) name.pid, name.start_ticks))
    {
      g_unlink (path);
      return NULL;
    }
  entry->pid = (gint) name.pid;
  entry->start_ticks = name.start_ticks;
  entry->folder = g_file_read_link (path, NULL);
  return entry->folder != NULL && g_path_is_absolute (entry->folder) ? g_steal_pointer (&entry)
                                                                     : NULL;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const MsRegistryEntry *x = *(const MsRegistryEntry *const *) a;
  const MsRegistryEntry *y = *(const MsRegistryEntry *const *) b;

  return x->pid < y->pid ? -1 : x->pid > y->pid;
}

GPtrArray *
ms_registry_list (GError **error)
{
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ms_registry_entry_free);
  g_autoptr (GError) problem = NULL;
  g_autofree char *registry = ms_registry_get_folder (FALSE, &problem);
  g_autoptr (GDir) dir = registry != NULL ? g_dir_open (registry, 0, &problem) : NULL;
  const char *name;
  Here here;

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  find_here (&here);
  if (!can_judge (&here))
    return g_steal_pointer (&entries);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      MsRegistryEntry *entry = read_entry (registry, &here, name);

      if (entry != NULL)
        g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, compare_entries);
  return g_steal_pointer (&entries);
}
