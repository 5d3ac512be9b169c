/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-clock.h"

#include <string.h>
#include <sys/prctl.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

TrkClockSource trk_clock = { TRK_CLOCK_MONOTONIC, 0 };

/* Invariant across cores, frequencies and sleep states, with rdtscp, and trusted by the kernel. */
static bool
tsc_is_usable (void)
{
#if defined(__x86_64__)
  unsigned a, b, c, d;
  char source[32];

  if (!__get_cpuid (0x80000007, &a, &b, &c, &d) || !(d & 1U << 8))
    return false;
  if (!__get_cpuid (0x80000001, &a, &b, &c, &d) || !(d & 1U << 27))
    return false;
  if (trk_system_read_file ("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                            source, sizeof source)
      < 0)
    return false;
  return strncmp (source, "tsc\n", 4) == 0;
#else
  return false;
#endif
}

bool
trk_clock_is_allowed (void)
{
  int mode = PR_TSC_ENABLE;

  (void) trk_system_get_tsc_mode (&mode);
  return mode == PR_TSC_ENABLE;
}

void
trk_clock_init (void)
{
  if (!tsc_is_usable ())
    return;
  trk_clock.kind = TRK_CLOCK_TSC;
  trk_clock.tick_shift = TRK_TICK_SHIFT;
}

/* A thread may be preempted between the two readings, or the hypervisor may take the processor: the
 * narrowest of a few brackets is taken, and one as narrow as usual ends the search. */
#define PAIR_TRIES 5
#define PAIR_NARROW_TICKS 512

void
trk_clock_get_pair (uint64_t *ticks, uint64_t *ns)
{
  uint64_t narrowest = UINT64_MAX;

  if (trk_clock.kind == TRK_CLOCK_MONOTONIC)
    {
      *ticks = *ns = trk_system_get_monotonic_ns ();
      return;
    }
  for (unsigned i = 0; i < PAIR_TRIES && narrowest > PAIR_NARROW_TICKS; i++)
    {
      uint64_t before = trk_clock_now_ordered ();
      uint64_t between = trk_system_get_monotonic_ns ();
      uint64_t width = trk_clock_now_ordered () - before;

      if (width < narrowest)
        {
          narrowest = width;
          *ticks = before + width / 2;
          *ns = between;
        }
    }
}
