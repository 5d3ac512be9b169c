/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-child.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trk-manifest.h"
#include "trk-process.h"
#include "trk-system.h"
#include "trk-target.h"
#include "trk-text.h"

static bool
is_recorded (void)
{
  return trk_process.config.preload && atomic_load (&trk_process.phase) == TRK_STATE_RECORDING;
}

/* The loader would complain on the program's standard error about a library that is not there: after
 * chroot, or in a sandbox.  A name that it looks up by itself is not judged. */
static bool
is_library_there (const char *preload)
{
  size_t n_bytes = strcspn (preload, ": ");
  char path[TRK_PATH_BYTES];

  if (*preload != '/' || n_bytes >= sizeof path || memchr (preload, '$', n_bytes))
    return true;
  memcpy (path, preload, n_bytes);
  path[n_bytes] = '\0';
  return trk_system_may_read (path);
}

const char *
trk_hook_child_refusal (int folder_fd, const char *path, const char *preload)
{
  TrkTarget target;

  if (trk_thread_gate.gave_up == TRK_GAVE_UP_CALLS || trk_process.calls_forbidden)
    return NULL;
  target = trk_target_examine (folder_fd, path);
  /* Also where nothing is recorded: what would do harm must go. */
  if (trk_target_is_refused (target))
    return trk_target_explain (target);
  if (!preload)
    return target == TRK_TARGET_FOLLOWED ? "it was started without the preload in its environment"
                                         : NULL;
  if (!is_library_there (preload))
    return "the recorder's library cannot be read where it runs";
  if (is_recorded () && !trk_system_may_write_folder (trk_process.recording))
    return "the recording's folder cannot be written where it runs";
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

static void
compose_note (TrkText *text, int32_t pid, uint32_t number, const char *path, const char *reason)
{
  struct timespec wall;

  clock_gettime (CLOCK_REALTIME, &wall);
  trk_text_add (text, "{\n  \"format\": \"memscope-trace\",\n  \"version\": 1");
  add_number (text, "pid", (uint64_t) (pid ? pid : trk_system_get_pid ()));
  add_number (text, "parent_pid", (uint64_t) (pid ? trk_system_get_pid () : getppid ()));
  add_number (text, "process_number", number);
  if (strlen (path) < TRK_UNNOTED_PATH_BYTES)
    add_string (text, "executable", path);
  add_number (text, "start_wall_us",
              (uint64_t) wall.tv_sec * 1000000U + (uint64_t) wall.tv_nsec / 1000U);
  add_string (text, "not_followed", reason);
  trk_text_add (text, "\n}\n");
}

/* Not on the stack, which may be a thread's small one. */
typedef struct {
  char folder[TRK_PATH_BYTES], path[TRK_PATH_BYTES], new_path[TRK_PATH_BYTES];
  char manifest[6 * TRK_UNNOTED_PATH_BYTES + 1024]; /* six for each byte of the path, at worst */
} Scratch;

static void
name_manifest (char path[TRK_PATH_BYTES], const char *folder, const char *suffix)
{
  TrkText text;

  trk_text_begin (&text, path, TRK_PATH_BYTES);
  trk_text_add (&text, folder);
  trk_text_add (&text, "/" TRK_MANIFEST_FILE_NAME);
  trk_text_add (&text, suffix);
}

static uint32_t
note_in_folder (Scratch *scratch, int32_t pid, const char *path, const char *reason)
{
  uint32_t number;
  TrkText text;

  if (!trk_process_make_child_folder (path, pid ? pid : trk_system_get_pid (), scratch->folder,
                                      &number))
    return TRK_NO_NOTE;
  trk_text_begin (&text, scratch->manifest, sizeof scratch->manifest);
  compose_note (&text, pid, number, path, reason);
  name_manifest (scratch->path, scratch->folder, "");
  name_manifest (scratch->new_path, scratch->folder, ".new");
  if (trk_manifest_replace (&text, scratch->new_path, scratch->path) == 0)
    return number;
  trk_system_remove_folder (scratch->folder);
  return TRK_NO_NOTE;
}

uint32_t
trk_hook_child_note (int32_t pid, const char *path, const char *reason)
{
  Scratch *scratch;
  uint32_t number;

  if (!is_recorded ())
    return TRK_NO_NOTE;
  scratch = trk_system_map_anonymous (sizeof *scratch);
  number = scratch ? note_in_folder (scratch, pid, path, reason) : TRK_NO_NOTE;
  if (scratch)
    trk_system_unmap (scratch, sizeof *scratch);
  if (number == TRK_NO_NOTE)
    trk_process_set_unnoted (pid, path, reason);
  return number;
}

void
trk_hook_child_withdraw (uint32_t note, const char *path)
{
  Scratch *scratch;

  if (!is_recorded ())
    return;
  if (note == TRK_NO_NOTE)
    {
      trk_process_set_unnoted (0, "", "");
      return;
    }
  if (!(scratch = trk_system_map_anonymous (sizeof *scratch)))
    return;
  trk_process_name_child_folder (path, trk_system_get_pid (), scratch->folder, note);
  name_manifest (scratch->path, scratch->folder, "");
  trk_system_unlink (scratch->path);
  trk_system_remove_folder (scratch->folder);
  trk_system_unmap (scratch, sizeof *scratch);
}
