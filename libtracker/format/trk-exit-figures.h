/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a thread read of itself at its end, behind the processor time in its THREAD_EXIT record:
 *
 *   v known    mask: bit n, figure n was measured
 *   v value    of each of those, bit 0 first
 *
 * All are counters, from when the recorder met the thread.  A figure that a newer writer adds has a higher
 * bit and so stands last, where a reader that does not know it stops.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trk-varint.h"

typedef enum {
  TRK_EXIT_MINOR_FAULTS,
  TRK_EXIT_MAJOR_FAULTS,
  TRK_EXIT_VOLUNTARY_SWITCHES,
  TRK_EXIT_INVOLUNTARY_SWITCHES,
  TRK_EXIT_RUN_QUEUE_WAIT_NS,
  TRK_EXIT_RUNS,
  TRK_EXIT_READ_CALLS,
  TRK_EXIT_WRITE_CALLS,
  TRK_EXIT_READ_BYTES,
  TRK_EXIT_WRITTEN_BYTES,
  TRK_EXIT_DISK_READ_BYTES,
  TRK_EXIT_DISK_WRITTEN_BYTES,
  TRK_EXIT_SOCKET_RECEIVED_BYTES,
  TRK_EXIT_SOCKET_SENT_BYTES,
  TRK_N_EXIT_FIGURES
} TrkExitFigure;

typedef struct {
  uint32_t known; /* bit n: figure n */
  uint64_t values[TRK_N_EXIT_FIGURES];
} TrkExitFigures;

/* In THREAD_EXIT: the clock could not be read. */
#define TRK_UNKNOWN_CPU_NS UINT64_MAX

#define TRK_EXIT_FIGURES_MAX_BYTES (5 + TRK_N_EXIT_FIGURES * TRK_VARINT_MAX_BYTES)

static inline bool
trk_exit_figures_has (const TrkExitFigures *self, TrkExitFigure figure)
{
  return self->known >> figure & 1;
}

static inline void
trk_exit_figures_set (TrkExitFigures *self, TrkExitFigure figure, uint64_t value)
{
  self->known |= 1U << figure;
  self->values[figure] = value;
}

static inline uint8_t *
trk_exit_figures_put (const TrkExitFigures *self, uint8_t *p)
{
  p = trk_varint_put (p, self->known);
  for (unsigned i = 0; i < TRK_N_EXIT_FIGURES; i++)
    if (trk_exit_figures_has (self, i))
      p = trk_varint_put (p, self->values[i]);
  return p;
}

/* Without any bytes: of an older writer, nothing is known.  False: damaged, and likewise. */
static inline bool
trk_exit_figures_get (TrkExitFigures *self, const void *bytes, size_t n_bytes)
{
  const uint8_t *p = bytes, *end = p + n_bytes;
  uint64_t known = 0;

  *self = (TrkExitFigures) { 0 };
  if (p == end)
    return true;
  if (!(p = trk_varint_get (p, end, &known)))
    return false;
  for (unsigned i = 0; i < TRK_N_EXIT_FIGURES; i++)
    if ((known >> i & 1) && !(p = trk_varint_get (p, end, &self->values[i])))
      return false;
  self->known = (uint32_t) (known & ((1U << TRK_N_EXIT_FIGURES) - 1));
  return true;
}
