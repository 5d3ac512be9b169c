/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pressure stall information: how long tasks waited for a resource, of the machine (/proc/pressure) or of
 * one cgroup (cpu.pressure, memory.pressure, io.pressure).
 *
 *   some avg10=0.86 avg60=5.00 avg300=4.21 total=308315401      at least one task waited
 *   full avg10=0.20 avg60=1.32 avg300=1.13 total=112516417      all of them did
 *
 * total is a counter in µs; a share of time is its difference by the time between two readings.
 */
#pragma once

#include "trk-reader.h"

typedef enum {
  TRK_PRESSURE_CPU,
  TRK_PRESSURE_MEMORY,
  TRK_PRESSURE_IO,
  TRK_N_PRESSURES
} TrkPressureOf;

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint64_t some_ns, full_ns;                         /* counters */
  uint64_t some_10s_hundredths, full_10s_hundredths; /* percent × 100 over the last 10 s */
} TrkPressure;

/* Kernels before 5.13 have no "full" for the processor: TRK_UNKNOWN. */
void trk_pressure_parse (TrkTextSpan text, TrkPressure *pressure);

void trk_pressure_read (TrkReader *reader,
                        TrkKeptFile *file,
                        int folder_fd,
                        const char *path,
                        TrkPressure *pressure);
