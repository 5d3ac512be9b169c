/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Translations are found in the first of
 *
 *   $MEMSCOPE_LOCALE_DIR           the build's own, which ./dev and the tests name
 *   ../share/locale                from where the program lies: an installed tree may be moved
 *   what meson was told            where the program was moved without the tree
 *
 * main() calls this before GTK starts, as options and their help are translated too.
 */
#include "ms-translations.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

char *
ms_translations_dup_folder (void)
{
  const char *wanted = g_getenv ("MEMSCOPE_LOCALE_DIR");
  if (wanted != NULL && *wanted != '\0')
    return g_strdup (wanted);

  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  if (program != NULL)
    {
      g_autofree char *bin = g_path_get_dirname (program);
      g_autofree char *beside = g_canonicalize_filename (MS_LOCALE_FROM_BIN, bin);

      if (g_file_test (beside, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&beside);
    }
  return g_strdup (MS_LOCALE_DIR);
}

void
ms_translations_init (void)
{
  g_autofree char *folder = ms_translations_dup_folder ();

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
