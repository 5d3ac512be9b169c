/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The part of trk-process.h that goes into the pool's header: how this process ends, and what it could not
 * note otherwise. */
#include "trk-process.h"

#include <string.h>

#include "trk-gate.h"
#include "trk-pool.h"
#include "trk-system.h"

void
trk_process_set_end (TrkProcessState state, int status)
{
  TrkPoolHeader *header = trk_pool_get_header ();

  /* Who may not ask for its pid says nothing.  A vfork child shares our memory and is not us. */
  if (!header || trk_thread_gate.gave_up == TRK_GAVE_UP_CALLS || trk_process.calls_forbidden
      || trk_process.pid != trk_system_get_pid () || trk_gate_get () == 0)
    return;
  header->exit_status = status;
  header->end_ns = state == TRK_PROCESS_RUNNING ? 0 : trk_system_get_monotonic_ns_slowly ();
  __atomic_store_n (&header->state, state, __ATOMIC_RELEASE);
}

void
trk_process_set_unnoted (int32_t pid, const char *executable, const char *reason)
{
  TrkPoolHeader *header = trk_pool_get_header ();
  int32_t own_pid = trk_system_get_pid ();

  /* A child between fork and exec still has its parent's pool mapped: the parent tells. */
  if (!header)
    return;
  header->unnoted_pid = pid || own_pid == trk_process.pid ? pid : own_pid;
  strncpy (header->unnoted_path, executable, sizeof header->unnoted_path - 1);
  strncpy (header->unnoted_reason, reason, sizeof header->unnoted_reason - 1);
}
