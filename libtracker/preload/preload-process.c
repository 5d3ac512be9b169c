/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The beginning of a process, and its end by _exit or quick_exit, which run no handler of ours. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-hooks.h"

#define HOOK __attribute__ ((visibility ("default")))

HOOK void
_exit (int status)
{
  trk_hook_process_exit (status);
  for (;;)
    syscall (SYS_exit_group, status);
}

HOOK void
_Exit (int status)
{
  _exit (status);
}

/* Its handlers are at_quick_exit's, and none of them gets the status. */
HOOK void
quick_exit (int status)
{
  void (*real) (int) = (void (*) (int)) (uintptr_t) preload_next ("quick_exit");

  trk_hook_process_exit (status);
  real (status);
  _exit (status);
}

/* --- start ----------------------------------------------------------------------------------- */

/* At the latest here the recording begins; usually a library's constructor has allocated before. */
__attribute__ ((constructor)) static void
start (void)
{
  preload_resolve ();
  preload_resolve_threads ();
  preload_resolve_syscall ();
  preload_resolve_descriptors ();
  preload_resolve_exec ();
  preload_resolve_mappings ();
  preload_resolve_sockets ();
  trk_hook_constructed ((const void *) (uintptr_t) start);
}
