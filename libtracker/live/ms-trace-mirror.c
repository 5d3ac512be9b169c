/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-manifest.h"

/* As many threads with files of their own as somebody may make us hold open. */
#define MAX_FILES 8192U
#define MAX_LEFT_OUT 65536U /* names */
/* For all else that this process opens. */
#define SPARE_DESCRIPTORS 256U

struct _MsTraceMirror {
  char *folder;
  GHashTable *files;    /* name → descriptor + 1 */
  GHashTable *left_out; /* names */
  guint most_files;
};

gboolean
ms_trace_mirror_name_is_valid (const char *name)
{
  return g_str_has_prefix (name, "memscope_") && strcmp (name, MS_WATCHED_FILE_NAME) != 0
         && strcmp (name, MS_LEFT_OUT_FILE_NAME) != 0 && strlen (name) <= 200
         && strchr (name, '/') == NULL;
}

/* The usual soft limit is less than a program's threads may be; it is low for those who call select(), which GLib does
 * not.  Returns how many files may be held. */
static guint
raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return MAX_FILES;
  if (limit.rlim_cur < limit.rlim_max && limit.rlim_cur < MAX_FILES + SPARE_DESCRIPTORS)
    {
      limit.rlim_cur = MIN (limit.rlim_max, MAX_FILES + SPARE_DESCRIPTORS);
      if (setrlimit (RLIMIT_NOFILE, &limit) != 0 && getrlimit (RLIMIT_NOFILE, &limit) != 0)
        return MAX_FILES;
    }
  return limit.rlim_cur > SPARE_DESCRIPTORS
             ? (guint) MIN (limit.rlim_cur - SPARE_DESCRIPTORS, (rlim_t) MAX_FILES)
             : 1;
}

MsTraceMirror *
ms_trace_mirror_new (GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "memscope-XXXXXX", NULL);
  g_autofree char *watched = NULL;
  MsTraceMirror *self;
  int fd;

  if (g_mkdtemp (folder) == NULL)
    {
      g_free (folder);
      folder = g_dir_make_tmp ("memscope-XXXXXX", error);
      if (folder == NULL)
        return NULL;
    }
  self = g_new0 (MsTraceMirror, 1);
  self->folder = g_steal_pointer (&folder);
  self->most_files = raise_limit ();
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->left_out = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  watched = g_build_filename (self->folder, MS_WATCHED_FILE_NAME, NULL);
  fd = g_open (watched, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0)
    close (fd);
  return self;
}

void
ms_trace_mirror_set_ended (MsTraceMirror *self, const char *state, gint exit_status)
{
  g_autofree char *watched = g_build_filename (self->folder, MS_WATCHED_FILE_NAME, NULL);
  g_autofree char *said = state != NULL ? g_strdup_printf ("%s %d\n", state, exit_status) : NULL;

  if (said == NULL || !g_file_set_contents (watched, said, -1, NULL))
    g_unlink (watched);
}

static void
remove_note (MsTraceMirror *self)
{
  g_autofree char *note = g_build_filename (self->folder, MS_LEFT_OUT_FILE_NAME, NULL);

  g_unlink (note);
}

void
ms_trace_mirror_free (MsTraceMirror *self)
{
  GHashTableIter iter;
  gpointer name, number;

  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &name, &number))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
      close (GPOINTER_TO_INT (number) - 1);
    }
  ms_trace_mirror_set_ended (self, NULL, -1);
  remove_note (self);
  g_rmdir (self->folder);
  g_hash_table_unref (self->files);
  g_hash_table_unref (self->left_out);
  g_free (self->folder);
  g_free (self);
}

const char *
ms_trace_mirror_get_folder (MsTraceMirror *self)
{
  return self->folder;
}

static gboolean
is_file_for_reading (int fd)
{
  struct stat status;

  return fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
         && (fcntl (fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
}

/* Who reads the folder says it (ms_manifest_read()). */
static void
leave_out (MsTraceMirror *self, const char *name)
{
  g_autofree char *note = g_build_filename (self->folder, MS_LEFT_OUT_FILE_NAME, NULL);
  g_autofree char *text = NULL;

  if (g_hash_table_size (self->left_out) >= MAX_LEFT_OUT
      || !g_hash_table_add (self->left_out, g_strdup (name)))
    return;
  text = g_strdup_printf ("%u\n", g_hash_table_size (self->left_out));
  g_file_set_contents (note, text, -1, NULL);
}

static gboolean
is_full (MsTraceMirror *self, const char *name)
{
  return g_hash_table_size (self->files) >= self->most_files
         && !g_hash_table_contains (self->files, name);
}

/* Takes @fd. */
static gboolean
add_file (MsTraceMirror *self, const char *name, int fd)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *made = g_strconcat (self->folder, "/.new", NULL);
  g_autofree char *target = g_strdup_printf ("/proc/self/fd/%d", fd);
  gint before = GPOINTER_TO_INT (g_hash_table_lookup (self->files, name)) - 1;

  if (!ms_trace_mirror_name_is_valid (name) || !is_file_for_reading (fd) || is_full (self, name)
      || symlink (target, made) != 0 || g_rename (made, path) != 0)
    {
      g_unlink (made);
      close (fd);
      return FALSE;
    }
  g_hash_table_insert (self->files, g_strdup (name), GINT_TO_POINTER (fd + 1));
  if (before >= 0)
    close (before);
  return TRUE;
}

guint
ms_trace_mirror_add (MsTraceMirror *self, GVariant *files, GUnixFDList *descriptors)
{
  GVariantIter iter;
  const char *name;
  gint32 handle;
  guint n_added = 0;

  g_variant_iter_init (&iter, files);
  while (g_variant_iter_next (&iter, "(&sh)", &name, &handle))
    {
      int fd =
          descriptors != NULL && handle >= 0 && handle < g_unix_fd_list_get_length (descriptors)
              ? g_unix_fd_list_get (descriptors, handle, NULL)
              : -1;

      if (fd >= 0 && ms_trace_mirror_name_is_valid (name) && is_full (self, name))
        leave_out (self, name);
      if (fd >= 0 && add_file (self, name, fd))
        n_added++;
    }
  return n_added;
}
