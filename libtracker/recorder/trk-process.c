/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-process.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trk-agent.h"
#include "trk-clock.h"
#include "trk-control.h"
#include "trk-debug.h"
#include "trk-descriptors.h"
#include "trk-error-text.h"
#include "trk-gate.h"
#include "trk-manifest.h"
#include "trk-modules.h"
#include "trk-pool.h"
#include "trk-stacks.h"
#include "trk-stream.h"
#include "trk-system.h"
#include "trk-text.h"
#include "trk-thread.h"
#include "unwind/trk-loaded-object.h"
#include "unwind/trk-unwind.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define LIVE_RATE 10U /* samples a second */

TrkProcess trk_process;

/* A page of its own, so that it can be wiped; behind it the control page. */
uint32_t trk_gate[2 * TRK_GATE_PAGE_WORDS] __attribute__ ((aligned (4096)));

void
trk_process_get_file (const char *name, char path[TRK_PATH_BYTES])
{
  TrkText text;

  trk_text_begin (&text, path, TRK_PATH_BYTES);
  trk_text_add (&text, trk_process.folder);
  trk_text_add (&text, "/");
  trk_text_add (&text, name);
}

void
trk_process_debug (const char *message)
{
  char line[TRK_PATH_BYTES + 256];
  TrkText text;

  if (!trk_process.config.debug)
    return;
  trk_text_begin (&text, line, sizeof line);
  trk_text_add (&text, "memscope: ");
  trk_text_add_number (&text, (uint64_t) trk_process.pid);
  trk_text_add (&text, ": ");
  trk_text_add (&text, message);
  trk_text_add (&text, "\n");
  (void) trk_system_write_all (2, line, text.length);
}

static void
set_error (const char *what, const char *path, int error)
{
  TrkText text;

  trk_text_begin (&text, trk_process.error_reason, sizeof trk_process.error_reason);
  trk_text_add (&text, what);
  trk_text_add (&text, " ");
  trk_text_add (&text, path);
  if (error < 0)
    {
      trk_text_add (&text, ": ");
      trk_text_add (&text, trk_error_text (-error));
    }
}

/* The gate's page becomes one that the kernel zeroes in a child.  Where it cannot (before Linux 4.14) a
 * forked child would go on in its parent's files, so there nothing is recorded. */
static bool
map_gate (void)
{
  return trk_system_map_anonymous_at (trk_gate, TRK_GATE_PAGE_WORDS * sizeof trk_gate[0])
         && madvise (trk_gate, TRK_GATE_PAGE_WORDS * sizeof trk_gate[0], MADV_WIPEONFORK) == 0;
}

/* False, with the reason, where nothing can be recorded. */
static bool
prepare_gate (void)
{
  if (!map_gate ())
    set_error ("needs Linux 4.14 or later for", "MADV_WIPEONFORK", 0);
  else if (!trk_clock_is_allowed ())
    set_error ("no clock may be read after", "prctl (PR_SET_TSC)", 0);
  else
    return true;
  return false;
}

void
trk_process_open_gate (void)
{
  static _Atomic uint32_t last = TRK_GATE_FIRST;

  __atomic_store_n (&trk_gate[0], atomic_fetch_add (&last, 1), __ATOMIC_RELEASE);
}

void
trk_process_change_gate (void)
{
  if (trk_gate_get () != 0 && atomic_load (&trk_process.phase) == TRK_STATE_RECORDING)
    trk_process_open_gate ();
}

void
trk_process_set_reason (const char *what, const char *why)
{
  set_error (what, why, 0);
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash ? slash + 1 : path;
}

/* The absolute form of @given, without slashes at its end.  0 or a negative errno. */
static __attribute__ ((noinline)) int
resolve_path (const char *given, char path[TRK_PATH_BYTES])
{
  TrkText text;

  trk_text_begin (&text, path, TRK_PATH_BYTES);
  if (*given != '/')
    {
      char working[TRK_PATH_BYTES];
      long n = syscall (SYS_getcwd, working, sizeof working);

      if (n <= 0 || *working != '/')
        return -ENOENT;
      trk_text_add (&text, working);
      trk_text_add (&text, "/");
    }
  trk_text_add (&text, given);
  while (text.length > 1 && path[text.length - 1] == '/')
    path[--text.length] = '\0';
  return text.overflow ? -ENAMETOOLONG : 0;
}

static void
read_executable (void)
{
  ssize_t n = syscall (SYS_readlinkat, AT_FDCWD, "/proc/self/exe", trk_process.executable,
                       sizeof trk_process.executable - 1);
  const char *given;
  char start[SELFMAG + 1];

  if (n > 0)
    trk_process.executable[n] = '\0';
  if (*trk_process.executable)
    return; /* without /proc a forked child still has its parent's */
  /* As exec was given it, if that is no script. */
  given = (const char *) (uintptr_t) getauxval (AT_EXECFN);
  if (!given || resolve_path (given, trk_process.executable) < 0
      || trk_system_read_file (trk_process.executable, start, sizeof start) != SELFMAG
      || memcmp (start, ELFMAG, SELFMAG) != 0)
    *trk_process.executable = '\0';
}

/* A text that goes on behind the recording's path in @folder. */
static TrkText
begin_in_recording (char folder[TRK_PATH_BYTES])
{
  TrkText text;

  trk_text_begin (&text, folder, TRK_PATH_BYTES);
  trk_text_add (&text, trk_process.recording);
  return text;
}

/* The next number of the recording, from its control page; any process of the tree may be first. */
static uint32_t
take_process_number (char path[TRK_PATH_BYTES])
{
  TrkText text = begin_in_recording (path);
  uint32_t number = 0, *page;
  int fd;

  trk_text_add (&text, "/" TRK_CONTROL_FILE_NAME);
  fd = trk_system_open_shared (path);
  if (fd < 0)
    return 0;
  if (trk_system_allocate (fd, 0, 4096) == 0 && (page = trk_system_map_file (fd, 0, 4096, NULL)))
    {
      number = __atomic_fetch_add (&page[16], 1, __ATOMIC_RELAXED);
      trk_system_unmap (page, 4096);
    }
  trk_system_close (fd);
  return number;
}

/* <recording>/<n>-<program>.<pid>, into @folder.  False: it is too long. */
static bool
name_process_folder (char folder[TRK_PATH_BYTES], const char *program, int32_t pid, uint32_t number)
{
  TrkText text = begin_in_recording (folder);

  trk_text_add (&text, "/");
  trk_text_add_number (&text, number);
  trk_text_add (&text, "-");
  for (const char *p = program; *p && p < program + 64; p++)
    trk_text_add_bytes (&text, (unsigned char) *p <= ' ' || *p == '/' || *p == 0x7f ? "_" : p, 1);
  trk_text_add (&text, ".");
  trk_text_add_number (&text, (uint64_t) pid);
  return !text.overflow;
}

/* Makes the process's folder, or returns a negative errno.  Needs little stack: forks and execs happen in
 * threads that have not much of it. */
static int
make_process_folder (char folder[TRK_PATH_BYTES],
                     const char *program,
                     int32_t pid,
                     uint32_t *number)
{
  int error = -EEXIST;

  *number = take_process_number (folder);
  for (unsigned attempt = 0; error == -EEXIST && attempt < 1000; attempt++, ++*number)
    {
      if (!name_process_folder (folder, program, pid, *number))
        return -ENAMETOOLONG;
      error = trk_system_make_folder (folder);
      if (error == 0)
        return 0;
    }
  return error;
}

/* This process's own. */
static int
make_own_folder (uint32_t *number)
{
  const char *name = program_invocation_short_name;

  read_executable ();
  while (name && *name == '-') /* a login shell */
    name++;
  if (!name || !*name)
    name = *trk_process.executable ? base_name (trk_process.executable) : "unknown";
  return make_process_folder (trk_process.folder, name, trk_process.pid, number);
}

bool
trk_process_make_child_folder (const char *executable,
                               int32_t pid,
                               char folder[TRK_PATH_BYTES],
                               uint32_t *number)
{
  return make_process_folder (folder, base_name (executable), pid, number) == 0;
}

void
trk_process_name_child_folder (const char *executable,
                               int32_t pid,
                               char folder[TRK_PATH_BYTES],
                               uint32_t number)
{
  (void) name_process_folder (folder, base_name (executable), pid, number);
}

/* The files that every thread may append to exist before any thread does. */
static int
create_files (void)
{
  static const struct {
    const char *name;
    TrkFileKind kind;
  } files[] = {
    { TRK_STACKS_FILE_NAME, TRK_FILE_STACKS },
    { TRK_MODULES_FILE_NAME, TRK_FILE_MODULES },
    { TRK_POOLED_EVENTS_FILE_NAME, TRK_FILE_EVENTS },
  };
  static char path[TRK_PATH_BYTES]; /* one thread starts a process */
  int error;

  for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++)
    {
      trk_process_get_file (files[i].name, path);
      if ((error = trk_stream_create_file (path, files[i].kind)) < 0)
        {
          set_error ("cannot create", path, error);
          return error;
        }
    }
  trk_process_get_file (TRK_POOL_FILE_NAME, path);
  if ((error = trk_pool_create (path)) < 0)
    set_error ("cannot create", path, error);
  return error;
}

/* Everything that is the same for the preload and the explicit API, once folder and config are set. */
static int
begin_recording (uint32_t process_number)
{
  const char *rule_error;
  int error;

  trk_system_random (trk_process.trace_id, sizeof trk_process.trace_id);
  trk_process.start_ns = trk_system_get_monotonic_ns ();
  trk_process.seed = trk_process.config.has_seed ? trk_process.config.seed + process_number
                                                 : *(uint64_t *) (void *) trk_process.trace_id;
  if ((rule_error = trk_control_begin ()))
    {
      set_error ("MEMSCOPE_THREADS:", rule_error, 0);
      return -EINVAL;
    }
  if ((error = create_files ()) < 0)
    return error;
  if ((error = trk_manifest_write (process_number)) < 0)
    {
      set_error ("cannot write the manifest in", trk_process.folder, error);
      return error;
    }

  if (trk_process.config.preload)
    trk_control_create_page ();
  return 0;
}

static void
exit_handler (int status, void *data)
{
  trk_process_set_end (TRK_PROCESS_EXITED, status);
}

/* A process that ends by exit.  The windows, ours and those of threads that are in the middle of an
 * event, stay in the pool, where readers find them: libraries' destructors may still come. */
__attribute__ ((destructor)) static void
finish_process (void)
{
  TrkThreadGate *gate = &trk_thread_gate;

  if (trk_gate_get () == 0 || !trk_thread_is_live (gate) || trk_process.pid != trk_system_get_pid ()
      || !trk_process_enter ())
    return;
  trk_thread_note_exit (gate);
  trk_process_leave ();
}

bool
trk_process_forked_in_hook (void)
{
  if (atomic_load (&trk_process.phase) != TRK_STATE_RECORDING
      || trk_process.pid == trk_system_get_pid ())
    return false;
  if (trk_process.pid != 0)
    trk_pool_orphan ();
  trk_process.pid = 0;
  return true;
}

/* Where fork runs handlers, at once; after _Fork and clone the child's next hook does it. */
static void
forked_child_handler (void)
{
  atomic_store (&trk_process.n_calling, 0);
  atomic_store (&trk_process.n_inside, 0);
  if (trk_thread_gate.place != TRK_HOOK_OUTSIDE)
    (void) trk_process_forked_in_hook ();
}

/* What one process needs once, before or after any fork. */
static void
init_once (void)
{
  static const TrkLoadedObjectFiles files = { trk_system_open_read, trk_system_close };
  static bool done;

  if (done)
    return;
  done = true;
  trk_clock_init ();
  trk_thread_init_key ();
  trk_loaded_object_set_files (&files);
  trk_unwind_init ();
  on_exit (exit_handler, NULL);
  pthread_atfork (NULL, NULL, forked_child_handler);
}

/* True for the one thread that is to start the recording.  The pid stands before the phase, so that a
 * child forked meanwhile can tell that nobody is at it any more. */
static bool
begin_starting (void)
{
  uint32_t unstarted = TRK_STATE_UNSTARTED;

  if (atomic_load (&trk_process.phase) != unstarted)
    return false;
  trk_process.pid = trk_system_get_pid ();
  return atomic_compare_exchange_strong (&trk_process.phase, &unstarted, TRK_STATE_STARTING);
}

bool
trk_process_lost_its_starter (void)
{
  uint32_t starting = TRK_STATE_STARTING;

  return trk_process.pid != trk_system_get_pid ()
         && atomic_compare_exchange_strong (&trk_process.phase, &starting, TRK_STATE_UNSTARTED);
}

void
trk_process_start_preload (void)
{
  const char *recording = getenv ("MEMSCOPE_OUTPUT");
  uint32_t number = 0;
  int error = -ENOENT;

  if (!begin_starting ())
    return;
  trk_config_from_environment (&trk_process.config);
  if (!prepare_gate ())
    {
      error = -EPERM;
    }
  else if (recording && *recording == '/' && strlen (recording) < TRK_PATH_BYTES)
    {
      init_once ();
      memcpy (trk_process.recording, recording, strlen (recording) + 1);
      error = make_own_folder (&number);
      if (error < 0)
        set_error ("cannot create a folder in", recording, error);
      else
        error = begin_recording (number);
      trk_process.is_first = error == 0 && number == 0;
    }
  else
    {
      set_error ("MEMSCOPE_OUTPUT must name a folder, from the root:",
                 recording ? recording : "(unset)", 0);
    }

  if (error < 0)
    {
      trk_process_debug (trk_process.error_reason);
      atomic_store (&trk_process.phase, TRK_STATE_OFF);
    }
  else
    {
      trk_debug_start ();
      atomic_store (&trk_process.phase, TRK_STATE_RECORDING);
      if (trk_process.config.live && !trk_agent_start_for_recording (LIVE_RATE))
        trk_process_debug (trk_process.error_reason);
    }
  trk_process_open_gate ();
}

bool
trk_process_is_folder (const char *folder)
{
  char path[TRK_PATH_BYTES];

  return resolve_path (folder, path) == 0 && strcmp (path, trk_process.folder) == 0;
}

/* Makes the caller's folder if need be. */
static int
set_explicit_folder (const char *folder)
{
  char manifest[TRK_PATH_BYTES];
  int error = resolve_path (folder, trk_process.folder), fd;

  if (error == 0)
    error = trk_system_make_folder (trk_process.folder);
  if (error < 0 && error != -EEXIST)
    {
      set_error ("cannot create", folder, error);
      return MEMSCOPE_ERROR_OUTPUT;
    }
  trk_process_get_file (TRK_MANIFEST_FILE_NAME, manifest);
  if ((fd = trk_system_open_read (manifest)) >= 0)
    {
      trk_system_close (fd);
      set_error ("this folder holds a trace already, choose another:", trk_process.folder, 0);
      return MEMSCOPE_ERROR_OUTPUT;
    }
  return MEMSCOPE_OK;
}

int
trk_process_start_explicit (const char *folder, const MemscopeSamplingConfig *sampling)
{
  int result;

  if (!begin_starting ())
    return MEMSCOPE_ERROR_ALREADY;
  result = trk_config_from_sampling (&trk_process.config, sampling);
  if (result == MEMSCOPE_OK && !prepare_gate ())
    result = MEMSCOPE_ERROR_UNSUPPORTED;
  if (result == MEMSCOPE_OK)
    {
      init_once ();
      read_executable ();
      result = set_explicit_folder (folder);
    }
  if (result == MEMSCOPE_OK && begin_recording (0) < 0)
    result = MEMSCOPE_ERROR_OUTPUT;

  if (result != MEMSCOPE_OK)
    {
      /* The caller may mend it and try again. */
      atomic_store (&trk_process.phase, TRK_STATE_UNSTARTED);
      return result;
    }
  trk_debug_start ();
  atomic_store (&trk_process.phase, TRK_STATE_RECORDING);
  trk_process_open_gate ();
  return MEMSCOPE_OK;
}

void
trk_process_after_fork (void)
{
  uint32_t number = 0;
  bool inside;
  int error;

  trk_control_drop_page ();
  if (atomic_load (&trk_process.phase) == TRK_STATE_OFF)
    {
      trk_process_open_gate ();
      return;
    }
  if (trk_process_lost_its_starter ())
    {
      trk_process_start_preload ();
      return;
    }
  inside = trk_process.pid == 0; /* trk_process_forked_in_hook() */
  atomic_store (&trk_process.n_calling, 0);
  atomic_store (&trk_process.n_inside, 0);
  atomic_store (&trk_process.phase, TRK_STATE_STARTING);
  trk_process.pid = trk_system_get_pid ();
  trk_process.forked = true;
  trk_descriptors_reset (inside);
  trk_stacks_reset ();
  trk_modules_reset ();
  trk_thread_after_fork (&trk_thread_gate);
  error =
      trk_process.config.preload && trk_clock_is_allowed () ? make_own_folder (&number) : -EPERM;
  /* It has become another user, as su does.  Its parent's pool can still be told. */
  if (error == -EACCES)
    trk_process_set_unnoted (
        trk_process.pid, trk_process.executable,
        "it cannot write the recording's folder; nor is what it starts followed");
  trk_pool_detach ();

  if (!trk_process.config.preload)
    {
      /* The program chose a folder for itself; a child that wants one initialises again. */
      atomic_store (&trk_process.phase, TRK_STATE_UNSTARTED);
      return;
    }
  if (error < 0 || begin_recording (number) < 0)
    {
      trk_process_debug ("a forked child that is not recorded");
      atomic_store (&trk_process.phase, TRK_STATE_OFF);
    }
  else
    {
      trk_debug_start ();
      atomic_store (&trk_process.phase, TRK_STATE_RECORDING);
    }
  trk_process_open_gate ();
}
