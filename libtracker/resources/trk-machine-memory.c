/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-machine-memory.h"

void
trk_machine_memory_parse (TrkTextSpan text, TrkMachineMemory *memory)
{
  const TrkTextKey keys[] = {
    { "MemTotal:", 1024, &memory->total_bytes },
    { "MemFree:", 1024, &memory->free_bytes },
    { "MemAvailable:", 1024, &memory->available_bytes },
    { "Cached:", 1024, &memory->cached_bytes },
    { "SwapTotal:", 1024, &memory->swap_total_bytes },
    { "SwapFree:", 1024, &memory->swap_free_bytes },
    { "Dirty:", 1024, &memory->dirty_bytes },
  };

  trk_text_keys (text, keys, sizeof keys / sizeof keys[0]);
  memory->reason = memory->total_bytes == TRK_UNKNOWN ? TRK_REASON_MALFORMED : TRK_REASON_NONE;
}

void
trk_machine_memory_read (TrkReader *reader, TrkKeptFile *file, TrkMachineMemory *memory)
{
  TrkTextSpan text;

  memory->reason = trk_reader_read_short (reader, file, -1, "proc/meminfo", &text);
  memory->time_ns = trk_reader_now_ns ();
  if (memory->reason == TRK_REASON_NONE)
    trk_machine_memory_parse (text, memory);
}
