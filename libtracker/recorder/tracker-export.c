/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_export_comprehensive_analysis(): runs `memscope export`, so that this program needs none of its
 * libraries.  What that says on its standard error lies in a file in memory meanwhile: a pipe could be full
 * while we wait, and another thread's child could keep it open.
 */
#include <memscope/tracker.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "trk-error-text.h"
#include "trk-process.h"
#include "trk-spawn.h"
#include "trk-system-call.h"
#include "trk-system.h"
#include "trk-text.h"

#define USAGE_STATUS 2
#define CLOSE_ON_EXEC 1U /* MFD_CLOEXEC */

int
memscope_export_config_init (MemscopeExportConfig *config)
{
  if (!config)
    return MEMSCOPE_ERROR_ARGUMENT;
  *config =
      (MemscopeExportConfig) { .struct_size = sizeof *config, .formats = MEMSCOPE_EXPORT_ALL };
  return MEMSCOPE_OK;
}

static const char *
get_formats (const MemscopeExportConfig *config)
{
  switch (config->formats)
    {
    case MEMSCOPE_EXPORT_JSON:
      return "json";
    case MEMSCOPE_EXPORT_DASHBOARD:
      return "html";
    default:
      return NULL;
    }
}

static bool
check (const char *output_dir, const char *prefix, const MemscopeExportConfig *config)
{
  const char *wrong = NULL;

  if (!output_dir || !*output_dir)
    wrong = "no folder was given";
  else if (prefix && (!*prefix || strchr (prefix, '/')))
    wrong = "the prefix is the beginning of a file's name";
  else if (config && config->struct_size < sizeof *config)
    wrong = "the configuration has no struct_size: memscope_export_config_init() fills it";
  else if (config && (config->formats == 0 || config->formats > MEMSCOPE_EXPORT_ALL))
    wrong = "there are no such formats";
  if (wrong)
    trk_process_set_reason ("the export:", wrong);
  return !wrong;
}

static void
add_option (TrkSpawn *spawn, unsigned *n, const char *name, const char *value)
{
  if (!value)
    return;
  spawn->arguments[(*n)++] = name;
  spawn->arguments[(*n)++] = value;
}

static void
fill_arguments (TrkSpawn *spawn,
                const char *output_dir,
                const char *prefix,
                const MemscopeExportConfig *config)
{
  bool is_guest = trk_process.config.preload && *trk_process.folder;
  unsigned n = 0;

  spawn->arguments[n++] = "memscope";
  spawn->arguments[n++] = "export";
  add_option (spawn, &n, "--output", output_dir);
  add_option (spawn, &n, "--prefix", prefix);
  if (config)
    {
      add_option (spawn, &n, "--format", get_formats (config));
      add_option (spawn, &n, "--thread", config->thread);
      add_option (spawn, &n, "--range", config->range);
      if (config->redact)
        spawn->arguments[n++] = "--redact";
    }
  spawn->arguments[n++] = "--";
  spawn->arguments[n++] = is_guest ? trk_process.folder : output_dir;
}

/* The first line of what it said, without the program's name before it. */
static void
set_reason_from (int fd, int wait_status)
{
  static const char name[] = "memscope: ";
  char text[1024], *line = text;
  long n = KERNEL (SYS_pread64, fd, text, sizeof text - 1, 0L);

  text[n > 0 ? n : 0] = '\0';
  text[strcspn (text, "\n")] = '\0';
  if (strncmp (line, name, sizeof name - 1) == 0)
    line += sizeof name - 1;
  if (*line)
    trk_process_set_reason ("memscope export:", line);
  else if (WIFSIGNALED (wait_status))
    trk_process_set_reason ("memscope export:", "it was killed");
  else
    trk_process_set_reason ("memscope export:", "it failed and said nothing");
}

static int
run (TrkSpawn *spawn)
{
  int status = 0, error;

  spawn->error_fd = (int) KERNEL (SYS_memfd_create, "memscope-export", CLOSE_ON_EXEC);
  if (spawn->error_fd < 0)
    {
      trk_process_set_reason ("memscope export:", trk_error_text (-spawn->error_fd));
      return MEMSCOPE_ERROR_PROGRAM;
    }
  error = trk_spawn_and_wait (spawn, &status);
  if (error < 0)
    trk_process_set_reason (spawn->path, trk_error_text (-error));
  else if (status != 0)
    set_reason_from (spawn->error_fd, status);
  trk_system_close_plainly (spawn->error_fd);
  return error < 0 ? MEMSCOPE_ERROR_PROGRAM : status != 0 ? MEMSCOPE_ERROR_EXPORT : MEMSCOPE_OK;
}

int
memscope_export_comprehensive_analysis (const char *output_dir,
                                        const char *prefix,
                                        const MemscopeExportConfig *config)
{
  int saved_errno = errno, result;
  char path[TRK_PATH_BYTES];
  TrkSpawn spawn = { .path = path };

  if (!check (output_dir, prefix, config))
    return MEMSCOPE_ERROR_ARGUMENT;
  if (!trk_spawn_find ("memscope", path))
    return MEMSCOPE_ERROR_PROGRAM;
  fill_arguments (&spawn, output_dir, prefix, config);
  result = run (&spawn);
  errno = saved_errno;
  return result;
}
