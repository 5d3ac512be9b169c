/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-hold.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "trk-format.h"
#include "trk-process.h"
#include "trk-system-call.h"
#include "trk-text.h"

#define PAUSE_NS 10000000

/* Read anew each time, not mapped: whoever cuts the file off must not end the program. */
static bool
is_held (const char *path)
{
  uint32_t hold = 0;
  int fd = trk_system_open_read (path);

  if (fd < 0)
    return false;
  if (KERNEL (SYS_pread64, fd, &hold, sizeof hold, (long) offsetof (TrkControlPage, hold))
      != sizeof hold)
    hold = 0;
  trk_system_close (fd);
  return hold != 0;
}

void
trk_hold (void)
{
  uint64_t since = trk_system_get_monotonic_ns ();
  struct timespec pause = { .tv_nsec = PAUSE_NS };
  char path[TRK_PATH_BYTES];
  TrkText text;

  if (!trk_process.is_first || trk_process.pid != trk_system_get_pid ())
    return;
  trk_process.is_first = false;
  trk_text_begin (&text, path, sizeof path);
  trk_text_add (&text, trk_process.recording);
  trk_text_add (&text, "/" TRK_CONTROL_FILE_NAME);
  while (!text.overflow && is_held (path)
         && trk_system_get_monotonic_ns () - since < TRK_LONGEST_HOLD_NS)
    (void) KERNEL (SYS_nanosleep, &pause, NULL);
}
