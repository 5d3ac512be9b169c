/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * NVIDIA's GPUs, through the driver's own library, which is loaded if it is there: libnvidia-ml.so.1.
 * Its header is not needed to build; the few functions and structures used are declared in
 * trk-gpu-nvml.c, in the versions that every driver since 2021 has, older ones as stand-ins.
 *
 * A driver may refuse single figures (a GPU that is divided into instances has no utilization, a
 * container no processes): each has its own reason.  Calls take up to some milliseconds, the first, in
 * trk_nvml_open(), up to seconds: once a second, and not on a thread with a deadline.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-reason.h"

#define TRK_MAX_NVML_DEVICES 16U

typedef struct {
  TrkReason reason; /* ENDED: the GPU fell off the bus */
  char name[96];
  TrkReason memory_reason;
  uint64_t memory_total_bytes, memory_used_bytes;
  TrkReason utilization_reason;
  uint64_t busy_percent;        /* of the last sample period of the driver, 1/6 s to 1 s */
  uint64_t memory_busy_percent; /* in which memory was read or written */
  TrkReason temperature_reason;
  int64_t millidegrees;
  TrkReason process_reason;      /* whether the driver lists processes */
  uint64_t process_memory_bytes; /* of the process asked for: 0 if it does not use this GPU */
} TrkNvmlDevice;

typedef struct {
  TrkReason reason; /* NOT_HERE: no library or no driver */
  int64_t time_ns;
  uint32_t n_devices, n_left_out;
  TrkNvmlDevice devices[TRK_MAX_NVML_DEVICES];
} TrkNvmlFigures;

typedef struct _TrkNvml TrkNvml;

/* @library NULL: libnvidia-ml.so.1 as the loader finds it.  *@nvml is NULL where the reason is not NONE. */
TrkReason trk_nvml_open (const char *library, TrkNvml **nvml);

/* @pid: as the driver numbers it, in the machine's first pid namespace. */
void trk_nvml_read (TrkNvml *nvml, int32_t pid, TrkNvmlFigures *figures);
void trk_nvml_close (TrkNvml *nvml);
