/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-application.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, MS_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  g_autoptr (MsApplication) application = ms_application_new ();
  int status = g_application_run (G_APPLICATION (application), argc, argv);

  return status != 0 ? status : ms_application_get_exit_status (application);
}
