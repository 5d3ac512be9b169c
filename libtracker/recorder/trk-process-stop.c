/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a recording that the explicit API began, while the program goes on:
 *
 *   phase = STARTING ─▶ the gate changes ─▶ a barrier in every thread ─▶ wait for those inside
 *   ─▶ the pool says STOPPED ─▶ the agent closes the folder, and says CLOSED ─▶ the tables are emptied
 *
 * A declaration stores "inside" and then reads the gate, with no barrier between: that would cost more than
 * all the rest of it.  So the barrier is here, for all threads at once (membarrier).  After it a thread has
 * either seen the new gate, or is seen inside.  What is done once a thread counts itself in n_inside.
 *
 * The memory that threads' windows lay in is never used again, and never unmapped: a thread that a jump took
 * out of a declaration may come back to it.
 */
#include "trk-process.h"

#include <errno.h>
#include <time.h>

#include "trk-control.h"
#include "trk-gate.h"
#include "trk-modules.h"
#include "trk-pool.h"
#include "trk-stacks.h"
#include "trk-system-call.h"
#include "trk-system.h"
#include "trk-thread.h"

#define LONGEST_WAIT_NS UINT64_C (1000000000)
#define LONGEST_CLOSING_NS UINT64_C (10000000000)
#define PAUSE_NS 1000000

/* <linux/membarrier.h> */
#define BARRIER_GLOBAL 1
#define BARRIER_PRIVATE 8
#define BARRIER_REGISTER_PRIVATE 16

bool
trk_process_enter (void)
{
  atomic_fetch_add (&trk_process.n_inside, 1);
  if (atomic_load (&trk_process.phase) == TRK_STATE_RECORDING)
    return true;
  trk_process_leave ();
  return false;
}

void
trk_process_leave (void)
{
  uint32_t n = atomic_load (&trk_process.n_inside);

  /* 0 already: in a forked child, of what its parent began. */
  while (n > 0 && !atomic_compare_exchange_weak (&trk_process.n_inside, &n, n - 1))
    ;
}

static void
pause_a_moment (void)
{
  struct timespec moment = { .tv_nsec = PAUSE_NS };

  (void) KERNEL (SYS_nanosleep, &moment, NULL);
}

static void
pass_barrier (void)
{
  if ((KERNEL (SYS_membarrier, BARRIER_REGISTER_PRIVATE, 0, 0) == 0
       && KERNEL (SYS_membarrier, BARRIER_PRIVATE, 0, 0) == 0)
      || KERNEL (SYS_membarrier, BARRIER_GLOBAL, 0, 0) == 0)
    return;
  pause_a_moment (); /* no store stays in a processor for that long */
}

static bool
wait_for_threads (void)
{
  uint64_t since = trk_system_get_monotonic_ns ();

  while (atomic_load (&trk_process.n_inside) > 0 || trk_pool_has_thread_inside ())
    {
      if (trk_system_get_monotonic_ns () - since > LONGEST_WAIT_NS)
        return false;
      pause_a_moment ();
    }
  return true;
}

/* One that was killed has left its pid in the header; but its lock on the file is gone.  No file: it has closed
 * the folder. */
static bool
has_agent (void)
{
  char path[TRK_PATH_BYTES];
  bool is_locked;
  int fd;

  trk_process_get_file (TRK_POOL_FILE_NAME, path);
  fd = trk_system_open_read (path);
  if (fd < 0)
    return false;
  is_locked = trk_system_is_locked (fd);
  trk_system_close (fd);
  return is_locked;
}

static void
wait_for_agent (TrkPoolHeader *header)
{
  uint64_t since = trk_system_get_monotonic_ns ();

  while (__atomic_load_n (&header->agent, __ATOMIC_ACQUIRE) != 0
         && __atomic_load_n (&header->state, __ATOMIC_ACQUIRE) != TRK_PROCESS_CLOSED && has_agent ()
         && trk_system_get_monotonic_ns () - since < LONGEST_CLOSING_NS)
    pause_a_moment ();
}

bool
trk_process_stop (void)
{
  TrkPoolHeader *header = trk_pool_get_header ();

  atomic_store (&trk_process.phase, TRK_STATE_STARTING);
  trk_process_open_gate ();
  pass_barrier ();
  if (!wait_for_threads ())
    {
      trk_process_set_reason ("a thread is still in the middle of", "a declaration");
      trk_process_set_end (TRK_PROCESS_STOPPED, 0);
      atomic_store (&trk_process.phase, TRK_STATE_OFF);
      return false;
    }
  trk_process_set_end (TRK_PROCESS_STOPPED, 0);
  wait_for_agent (header);
  trk_pool_orphan ();
  trk_stacks_reset ();
  trk_modules_reset ();
  trk_control_reset ();
  trk_thread_restart_ids ();
  atomic_fetch_add (&trk_process.session, 1);
  atomic_store (&trk_process.phase, TRK_STATE_UNSTARTED);
  return true;
}
