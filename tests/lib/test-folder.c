/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test-folder.h"

#include <glib/gstdio.h>

char *
test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("memscope-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
test_folder_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        test_folder_remove (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}
