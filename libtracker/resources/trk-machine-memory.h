/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine's memory, from /proc/meminfo.  In a container it is the host's. */
#pragma once

#include "trk-reader.h"

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint64_t total_bytes, free_bytes, available_bytes;
  uint64_t cached_bytes, dirty_bytes;
  uint64_t swap_total_bytes, swap_free_bytes;
} TrkMachineMemory;

/* Without a MemTotal it is malformed; each other line may be missing. */
void trk_machine_memory_parse (TrkTextSpan text, TrkMachineMemory *memory);
void trk_machine_memory_read (TrkReader *reader, TrkKeptFile *file, TrkMachineMemory *memory);
