/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-child.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trk-process.h"
#include "trk-system.h"
#include "trk-target.h"
#include "trk-text.h"

static bool
is_recorded (void)
{
  return trk_process.config.preload && atomic_load (&trk_process.phase) == TRK_STATE_RECORDING;
}

const char *
trk_hook_child_refusal (const char *path, bool has_preload)
{
  TrkTarget target;

  if (!is_recorded ())
    return NULL;
  target = trk_target_examine (path);
  if (trk_target_is_refused (target))
    return trk_target_explain (target);
  if (target == TRK_TARGET_FOLLOWED && !has_preload)
    return "it was started without the preload in its environment";
  return NULL;
}

static void
add_string (TrkText *text, const char *name, const char *value)
{
  trk_text_add (text, ",\n  ");
  trk_text_add_json (text, name);
  trk_text_add (text, ": ");
  trk_text_add_json (text, value);
}

static void
add_number (TrkText *text, const char *name, uint64_t number)
{
  trk_text_add (text, ",\n  ");
  trk_text_add_json (text, name);
  trk_text_add (text, ": ");
  trk_text_add_number (text, number);
}

void
trk_hook_child_note (int32_t pid, const char *path, const char *reason)
{
  char folder[TRK_PATH_BYTES], manifest[1024];
  uint32_t number;
  struct timespec wall;
  TrkText text;
  int fd;

  if (!trk_process_make_child_folder (path, pid ? pid : trk_system_get_pid (), folder, &number))
    return;
  clock_gettime (CLOCK_REALTIME, &wall);
  trk_text_begin (&text, manifest, sizeof manifest);
  trk_text_add (&text, "{\n  \"format\": \"memscope-trace\",\n  \"version\": 1");
  add_number (&text, "pid", (uint64_t) (pid ? pid : trk_system_get_pid ()));
  add_number (&text, "parent_pid", (uint64_t) (pid ? trk_system_get_pid () : getppid ()));
  add_number (&text, "process_number", number);
  if (strlen (path) < 512)
    add_string (&text, "executable", path);
  add_number (&text, "start_wall_us",
              (uint64_t) wall.tv_sec * 1000000U + (uint64_t) wall.tv_nsec / 1000U);
  add_string (&text, "not_followed", reason);
  trk_text_add (&text, "\n}\n");

  trk_text_begin (&text, folder + strlen (folder), sizeof folder - strlen (folder));
  trk_text_add (&text, "/" TRK_MANIFEST_FILE_NAME);
  if ((fd = trk_system_create (folder)) < 0)
    return;
  (void) trk_system_write_all (fd, manifest, strlen (manifest));
  trk_system_close (fd);
}
