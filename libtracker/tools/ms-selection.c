/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The loader's messages say what is wrong and where; what to do about it is added here. */
#include "ms-selection.h"

#include <string.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-interrupt.h"
#include "ms-progress-line.h"
#include "trk-format.h"

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* In how many folders of @folder a file @wanted lies; @first gets the path of the first by name. */
static guint
count_folders (const char *folder, const char *wanted, char **first)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!has_file (path, wanted))
        continue;
      n++;
      if (*first != NULL && strcmp (*first, path) < 0)
        continue;
      g_free (*first);
      *first = g_steal_pointer (&path);
    }
  return n;
}

/* (transfer full) */
static char *
advice (const char *folder, const GError *error)
{
  g_autofree char *first = NULL;
  guint n;

  if (!g_error_matches (error, MS_ERROR, MS_ERROR_NOT_A_TRACE)
      || !g_file_test (folder, G_FILE_TEST_IS_DIR))
    return g_strdup ("");
  n = count_folders (folder, TRK_RECORDING_FILE_NAME, &first);
  if (n > 0)
    return g_strdup_printf ("; it holds %u recording%s: name one, such as %s", n, n == 1 ? "" : "s",
                            first);
  if (count_folders (folder, TRK_MANIFEST_FILE_NAME, &first) > 0)
    return g_strdup_printf ("; name one, such as %s", first);
  return g_strdup ("; record a program with: memscope record -o DIR -- PROGRAM");
}

/* One line: where, what is wrong, what to do. */
static void
complain_about (const char *folder, const GError *error)
{
  g_autofree char *what_to_do = advice (folder, error);
  gboolean says_where = strstr (error->message, folder) != NULL;

  ms_complain ("%s%s%s%s", says_where ? "" : folder, says_where ? "" : ": ", error->message,
               what_to_do);
}

static gboolean
choose (MsSelection *self, const char *folder, const char *process, int *status)
{
  g_autoptr (GError) error = NULL;
  guint n = ms_recording_get_n_processes (self->recording);
  guint index;

  if (n == 0)
    {
      ms_complain ("\"%s\" holds no process: nothing was recorded in it", folder);
      return FALSE;
    }
  if (process != NULL && g_str_equal (process, "all"))
    {
      self->is_all = TRUE;
      for (guint i = 0; i < n; i++)
        g_array_append_val (self->indices, i);
      return TRUE;
    }
  index = ms_recording_get_main_process (self->recording);
  if (process != NULL && !ms_recording_find_process (self->recording, process, &index, &error))
    {
      ms_complain ("%s; `memscope info %s` lists the processes", error->message, folder);
      *status = MS_EXIT_USAGE;
      return FALSE;
    }
  g_array_append_val (self->indices, index);
  return TRUE;
}

/* What is wrong with the list of processes; what is wrong with a trace, its report says. */
static void
complain_about_list (MsRecording *recording)
{
  const char *folder = ms_recording_get_path (recording);
  guint n_processes = ms_recording_get_n_processes (recording);
  GPtrArray *diagnostics = ms_recording_get_diagnostics (recording);
  const MsDiagnostic *first = NULL;
  guint n_folders = 0;

  if (n_processes > 1 && !has_file (folder, TRK_RECORDING_FILE_NAME)
      && !has_file (folder, TRK_CONTROL_FILE_NAME))
    ms_complain ("%s has no list of processes; the %u trace folders in it are taken for one "
                 "recording",
                 folder, n_processes);
  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (diagnostic->file != NULL && diagnostic->level != MS_DIAGNOSTIC_DAMAGE)
        continue; /* no list: who preloads by hand has none */
      if (diagnostic->file != NULL)
        ms_complain ("%s: %s", diagnostic->file, diagnostic->message);
      else if (n_folders++ == 0)
        first = diagnostic;
    }
  if (n_folders > 1)
    ms_complain ("%u processes have no trace to show: %s", n_folders, first->message);
  else if (n_folders == 1)
    ms_complain ("%s", first->message);
}

MsSelection *
ms_selection_open (const char *folder, const char *process, int *status)
{
  g_autoptr (MsSelection) self = g_new0 (MsSelection, 1);
  g_autoptr (GError) error = NULL;

  *status = MS_EXIT_FAILURE;
  self->indices = g_array_new (FALSE, FALSE, sizeof (guint));
  self->recording = ms_recording_open (folder, NULL, &error);
  if (self->recording == NULL)
    {
      complain_about (folder, error);
      return NULL;
    }
  complain_about_list (self->recording);
  return choose (self, folder, process, status) ? g_steal_pointer (&self) : NULL;
}

void
ms_selection_free (MsSelection *self)
{
  g_clear_object (&self->recording);
  g_array_unref (self->indices);
  g_free (self);
}

const MsProcess *
ms_selection_get_process (MsSelection *self, guint nth)
{
  return ms_recording_get_process (self->recording, g_array_index (self->indices, guint, nth));
}

MsTrace *
ms_selection_load_full (MsSelection *self, guint nth, MsLoadFlags flags)
{
  const MsProcess *process = ms_selection_get_process (self, nth);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = process->folder != NULL ? g_path_get_basename (process->folder) : NULL;
  g_autofree char *what = g_strconcat ("reading ", name, NULL);
  MsProgressLine progress;
  MsTrace *trace;

  if (process->not_followed != NULL)
    {
      ms_complain ("process %d (%s) has no trace: %s", process->pid, process->program,
                   process->not_followed);
      return NULL;
    }
  ms_progress_line_begin (&progress, what);
  trace = ms_trace_load_full (process->folder, flags, ms_interrupt_get_cancellable (),
                              ms_progress_line_update_cb, &progress, &error);
  ms_progress_line_end (&progress);
  if (trace == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    complain_about (process->folder, error);
  return trace;
}

MsTrace *
ms_selection_load (MsSelection *self, guint nth)
{
  return ms_selection_load_full (self, nth, MS_LOAD_FIGURES);
}
