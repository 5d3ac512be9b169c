/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "resource-tree.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

ResourceTree *
resource_tree_new (void)
{
  ResourceTree *self = g_new0 (ResourceTree, 1);
  g_autoptr (GError) error = NULL;

  self->path = g_dir_make_tmp ("memscope-resources-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_cmpint (trk_reader_init (&self->reader, self->path), ==, TRK_REASON_NONE);
  return self;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && (dir = g_dir_open (path, 0, NULL)))
    while ((name = g_dir_read_name (dir)))
      {
        g_autofree char *child = g_build_filename (path, name, NULL);

        remove_tree (child);
      }
  g_remove (path);
}

void
resource_tree_free (ResourceTree *self)
{
  trk_reader_clear (&self->reader);
  remove_tree (self->path);
  g_free (self->path);
  g_free (self);
}

static char *
make_path (ResourceTree *self, const char *name)
{
  char *path = g_build_filename (self->path, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  return path;
}

void
resource_tree_write (ResourceTree *self, const char *name, const char *text, gssize n_bytes)
{
  g_autofree char *path = make_path (self, name);
  gsize length = n_bytes < 0 ? strlen (text) : (gsize) n_bytes;
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, length), ==, length);
  close (fd);
}

void
resource_tree_link (ResourceTree *self, const char *name, const char *target)
{
  g_autofree char *path = make_path (self, name);

  g_remove (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

void
resource_tree_remove (ResourceTree *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);

  remove_tree (path);
}

TrkTextSpan
text_span (const char *text)
{
  return (TrkTextSpan) { text, text + strlen (text) };
}
