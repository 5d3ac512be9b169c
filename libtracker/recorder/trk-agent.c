/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-agent.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "trk-error-text.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-spawn.h"
#include "trk-system-call.h"
#include "trk-system.h"
#include "trk-text.h"

#define NAME "memscope-agent"
#define LONGEST_WAIT_NS UINT64_C (1000000000)
#define PAUSE_NS 1000000

bool
trk_agent_is_installed (void)
{
  char path[TRK_PATH_BYTES];

  return trk_spawn_find (NAME, path);
}

static bool
start (const char *option, const char *folder, uint32_t rate)
{
  char path[TRK_PATH_BYTES], number[16];
  TrkSpawn agent = { .path = path,
                     .arguments = { NAME, option, folder, "--resources-rate", number },
                     .error_fd = -1 };
  TrkText text;
  int error;

  if (!trk_spawn_find (NAME, path))
    return false;
  trk_text_begin (&text, number, sizeof number);
  trk_text_add_number (&text, rate);
  error = trk_spawn_detached (&agent);
  if (error < 0)
    trk_process_set_reason (path, trk_error_text (-error));
  return error == 0;
}

/* See tools/ms-agent-lock.h. */
static bool
has_recording_agent (void)
{
  char path[TRK_PATH_BYTES];
  bool is_locked;
  TrkText text;
  int fd;

  trk_text_begin (&text, path, sizeof path);
  trk_text_add (&text, trk_process.recording);
  trk_text_add (&text, "/" TRK_CONTROL_FILE_NAME);
  fd = trk_system_open_read (path);
  if (fd < 0)
    return false;
  is_locked = trk_system_is_locked (fd);
  trk_system_close (fd);
  return is_locked;
}

bool
trk_agent_start_for_recording (uint32_t rate)
{
  return has_recording_agent () || start ("--recording", trk_process.recording, rate);
}

bool
trk_agent_start_for_trace (uint32_t rate)
{
  const TrkPoolHeader *header = trk_pool_get_header ();
  uint64_t since = trk_system_get_monotonic_ns ();
  struct timespec moment = { .tv_nsec = PAUSE_NS };

  if (!start ("--trace", trk_process.folder, rate))
    return false;
  while (header && __atomic_load_n (&header->agent, __ATOMIC_RELAXED) == 0
         && trk_system_get_monotonic_ns () - since < LONGEST_WAIT_NS)
    (void) KERNEL (SYS_nanosleep, &moment, NULL);
  return true;
}
