/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-load-problem.h"
#include "ms-trace.h"

#include <glib/gi18n-lib.h>

typedef struct {
  int code; /* of MS_ERROR */
  const char *icon;
  const char *title;
  const char *advice;
} Problem;

static const Problem PROBLEMS[] = {
  { MS_ERROR_NOT_A_TRACE, "folder-symbolic", N_ ("Not a Trace Folder"),
    N_ ("Choose the folder that “memscope record -o FOLDER” wrote. It holds "
        "memscope_recording.json or memscope_trace.json.") },
  { MS_ERROR_EMPTY, "folder-symbolic", N_ ("Nothing Recorded Yet"),
    N_ ("The folder is a trace, but no thread has written anything. Open it again when the "
        "program has run, or record with “--threads all”.") },
  { MS_ERROR_UNREADABLE, "changes-prevent-symbolic", N_ ("Folder Cannot Be Read"),
    N_ ("Check who owns the folder and its files, and that the disk is there.") },
  { MS_ERROR_VERSION, "software-update-available-symbolic", N_ ("Made by a Newer Version"),
    N_ ("This trace needs a newer Memscope than this one. Update Memscope, or record again.") },
  { MS_ERROR_DAMAGED, "dialog-error-symbolic", N_ ("Trace Is Damaged"),
    N_ ("Nothing in this folder could be read. “memscope info FOLDER” lists the state of each "
        "file.") },
};

static const Problem NOT_FOUND = {
  -1, "folder-symbolic", N_ ("Folder Not Found"),
  N_ ("It may have been moved or deleted, or its disk is not there.")
};

static const Problem OTHER = { -1, "dialog-error-symbolic", N_ ("Cannot Open Trace"),
                               N_ ("Try another folder.") };

void
ms_load_problem_show (AdwStatusPage *page, const char *path, const GError *error)
{
  const Problem *problem = &OTHER;
  g_autofree char *message = g_utf8_make_valid (error->message, -1);

  for (guint i = 0; i < G_N_ELEMENTS (PROBLEMS); i++)
    if (error->domain == MS_ERROR && error->code == PROBLEMS[i].code)
      problem = &PROBLEMS[i];
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    problem = &NOT_FOUND;

  g_autofree char *description = g_markup_printf_escaped ("%s\n\n%s", message, _ (problem->advice));
  adw_status_page_set_icon_name (page, problem->icon);
  adw_status_page_set_title (page, _ (problem->title));
  adw_status_page_set_description (page, description);
}

void
ms_load_problem_show_absence (AdwStatusPage *page, const char *text)
{
  g_autofree char *description = g_markup_printf_escaped (
      "%s\n\n%s", text,
      _ ("Only programs that were started with “memscope record”, or that record themselves, can "
         "be watched. “memscope list” names them."));

  adw_status_page_set_icon_name (page, "system-run-symbolic");
  adw_status_page_set_title (page, _ ("No Such Recorded Program"));
  adw_status_page_set_description (page, description);
}
