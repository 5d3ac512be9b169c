/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-recording-process.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ms-diagnostic.h"
#include "ms-import.h"
#include "ms-manifest.h"
#include "ms-process-state.h"

void
ms_process_free (gpointer data)
{
  MsProcess *process = data;

  g_free (process->folder);
  g_free (process->program);
  g_free (process->executable);
  g_free (process->command);
  g_free (process->not_followed);
  g_free (process);
}

char *
ms_command_to_text (const char *const *arguments)
{
  GString *text = g_string_new (NULL);
  guint n = arguments ? g_strv_length ((char **) arguments) : 0;

  /* A program that set its title wrote over the others. */
  while (n > 1 && *arguments[n - 1] == '\0')
    n--;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *word = ms_text_from_bytes (arguments[i], strlen (arguments[i]));
      gboolean plain = *word != '\0' && strpbrk (word, " \t\n\"'\\$`*?[]{}()<>|&;#~") == NULL;
      g_autofree char *quoted = plain ? NULL : g_shell_quote (word);

      g_string_append_printf (text, "%s%s", i ? " " : "", quoted ? quoted : word);
    }
  return g_string_free (text, FALSE);
}

static void
fill_from_manifest (MsProcess *process, const MsManifest *manifest)
{
  g_autofree char *program =
      ms_program_name (manifest->arguments ? manifest->arguments[0] : NULL, manifest->executable);

  process->pid = manifest->pid;
  process->parent_pid = manifest->parent_pid;
  process->start_wall_us = manifest->start_wall_us;
  if (program != NULL)
    {
      g_free (process->program);
      process->program = g_steal_pointer (&program);
    }
  g_free (process->executable);
  process->executable = ms_program_name (NULL, manifest->executable);
  if (manifest->arguments && manifest->arguments[0])
    {
      g_free (process->command);
      process->command = ms_command_to_text ((const char *const *) manifest->arguments);
    }
  if (process->not_followed == NULL)
    process->not_followed = g_strdup (manifest->not_followed);
  if (manifest->closed && manifest->has_totals)
    {
      process->state = manifest->state;
      process->exit_status = manifest->exit_status;
      process->has_totals = TRUE;
      process->peak_bytes = manifest->peak_bytes;
      process->peak_standard_error = manifest->peak_standard_error;
      process->has_peak = manifest->has_peak;
      process->allocations = manifest->allocations;
      process->mapped_peak_bytes = manifest->mapped_peak_bytes;
      process->was_replaced = manifest->was_replaced && manifest->state == MS_STATE_EXITED;
      process->is_cut = manifest->ends_early && !manifest->was_replaced;
      if (manifest->start_ns > 0 && manifest->end_ns > manifest->start_ns)
        process->duration_ns = manifest->end_ns - manifest->start_ns;
    }
}

gboolean
ms_process_read_manifest (MsProcess *process, gboolean *is_running, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) diagnostics = ms_diagnostics_new ();
  int dir_fd = ms_import_is_file (process->folder)
                   ? ms_import_open (process->folder, cancellable, NULL, NULL, NULL)
                   : open (process->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  MsManifest manifest;

  *is_running = FALSE;
  if (dir_fd < 0)
    return FALSE;
  if (ms_manifest_read (&manifest, dir_fd, diagnostics, NULL) && manifest.present)
    {
      fill_from_manifest (process, &manifest);
      *is_running = manifest.state == MS_STATE_RUNNING
                    && (manifest.is_watched || ms_process_look (&manifest) == MS_STATE_RUNNING);
    }
  ms_manifest_clear (&manifest);
  close (dir_fd);
  return process->has_totals || process->not_followed != NULL;
}

void
ms_process_fill_from_trace (MsProcess *process, MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, ms_trace_get_main_domain (trace));

  process->pid = ms_trace_get_pid (trace);
  process->parent_pid = ms_trace_get_parent_pid (trace);
  process->state = ms_trace_get_state (trace);
  process->exit_status = ms_trace_get_exit_status (trace);
  process->start_wall_us = ms_trace_get_start_wall_us (trace);
  process->duration_ns = ms_trace_get_duration_ns (trace);
  process->has_totals = TRUE;
  process->peak_bytes = totals->peak_bytes;
  process->peak_standard_error = totals->standard_errors.peak_bytes;
  process->has_peak = ms_trace_why_no_live (trace) == NULL;
  process->allocations = totals->allocations;
  process->mapped_peak_bytes = ms_trace_get_totals (trace, MS_DOMAIN_MAPPING)->peak_bytes;
  process->was_replaced = ms_trace_was_replaced (trace);
  process->is_cut = ms_trace_ends_early (trace) && !ms_trace_was_replaced (trace)
                    && !ms_state_may_go_on (process->state);
  if (process->program == NULL)
    process->program = g_strdup (ms_trace_get_program (trace));
}

void
ms_process_fill_names (MsProcess *process)
{
  if (process->program == NULL)
    process->program = g_path_get_basename (process->folder);
  if (process->command == NULL)
    process->command = g_strdup (process->program);
}
