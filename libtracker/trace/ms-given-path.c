/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-given-path.h"

#include "trk-format.h"

char *
ms_given_path_dup_folder (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  if ((g_str_equal (name, TRK_RECORDING_FILE_NAME) || g_str_equal (name, TRK_MANIFEST_FILE_NAME))
      && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_path_get_dirname (path);
  return g_strdup (path);
}
