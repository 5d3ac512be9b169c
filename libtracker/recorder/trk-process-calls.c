/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The part of trk-process.h that is about system calls which a filter forbids to all threads. */
#include "trk-process.h"

#include "trk-gate.h"
#include "trk-system.h"

/* Of a thread that a jump took out of its calls nobody hears any more. */
#define LONGEST_WAIT_NS UINT64_C (1000000000)

void
trk_process_forbid_calls (void)
{
  uint64_t since = trk_system_get_monotonic_ns_slowly ();

  atomic_store (&trk_process.calls_forbidden, true);
  trk_process_change_gate ();
  /* Not for ourselves, if a handler does this inside a hook. */
  while (trk_thread_gate.place == TRK_HOOK_OUTSIDE && atomic_load (&trk_process.n_calling) > 0
         && trk_system_get_monotonic_ns_slowly () - since < LONGEST_WAIT_NS)
    trk_system_yield ();
}

bool
trk_process_begin_calls (void)
{
  /* In this order: either we are waited for, or we see that it is too late. */
  atomic_fetch_add (&trk_process.n_calling, 1);
  if (TRK_LIKELY (!atomic_load (&trk_process.calls_forbidden)))
    return true;
  trk_process_end_calls ();
  return false;
}

void
trk_process_end_calls (void)
{
  uint32_t n = atomic_load (&trk_process.n_calling);

  /* 0 already: in a forked child, of what its parent began. */
  while (n > 0 && !atomic_compare_exchange_weak (&trk_process.n_calling, &n, n - 1))
    ;
}
