/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-application.h"
#include "ms-translations.h"

int
main (int argc, char **argv)
{
  ms_translations_init ();

  g_autoptr (MsApplication) application = ms_application_new ();
  int status = g_application_run (G_APPLICATION (application), argc, argv);

  return status != 0 ? status : ms_application_get_exit_status (application);
}
