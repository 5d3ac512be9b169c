/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-process-figures.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROLLUP_INTERVAL_NS 1000000000LL

void
trk_process_collector_init (TrkProcessCollector *self,
                            TrkReader *reader,
                            int32_t pid,
                            uint64_t start_ticks)
{
  *self = (TrkProcessCollector) { .reader = reader,
                                  .pid = pid,
                                  .start_ticks = start_ticks,
                                  .rollup_interval_ns = ROLLUP_INTERVAL_NS };
}

void
trk_process_collector_clear (TrkProcessCollector *self)
{
  trk_kept_file_close (&self->stat);
  trk_kept_file_close (&self->status);
  trk_kept_file_close (&self->io);
  trk_kept_file_close (&self->rollup);
}

static TrkReason
read_file (TrkProcessCollector *self, TrkKeptFile *file, const char *leaf, TrkTextSpan *text)
{
  char path[TRK_READER_PATH_BYTES];

  snprintf (path, sizeof path, "proc/%d/%s", self->pid, leaf);
  return trk_reader_read_short (self->reader, file, -1, path, text);
}

/* 0 where it cannot be read. */
static uint64_t
read_cpu_clock (TrkProcessCollector *self)
{
  struct timespec time;
  clockid_t clock;

  if (!self->reader->is_machine || clock_getcpuclockid (self->pid, &clock) != 0
      || clock_gettime (clock, &time) != 0)
    return 0;
  return (uint64_t) time.tv_sec * 1000000000ULL + (uint64_t) time.tv_nsec;
}

static TrkReason
read_stat (TrkProcessCollector *self, TrkProcessFigures *figures)
{
  /* Before stat: its kept descriptor then says that the pid was still this process's. */
  uint64_t clock_ns = read_cpu_clock (self);
  TrkTextSpan text;
  TrkReason reason;

  figures->time_ns = trk_reader_now_ns ();
  reason = read_file (self, &self->stat, "stat", &text);
  if (reason == TRK_REASON_NOT_HERE)
    return TRK_REASON_ENDED;
  if (reason == TRK_REASON_NONE)
    reason = trk_task_stat_parse (text, &figures->stat);
  if (reason != TRK_REASON_NONE)
    return reason;
  if (self->start_ticks != 0 && figures->stat.start_ticks != self->start_ticks)
    return TRK_REASON_ENDED; /* the number is another's now */
  self->start_ticks = figures->stat.start_ticks;
  /* A main thread that left the others behind is a zombie among the living. */
  if ((figures->stat.state == 'Z' || figures->stat.state == 'X') && figures->stat.n_threads <= 1)
    return TRK_REASON_ENDED;
  figures->cpu_is_coarse = clock_ns == 0;
  figures->cpu_ns = clock_ns == 0 ? figures->stat.user_ns + figures->stat.system_ns : clock_ns;
  return TRK_REASON_NONE;
}

static TrkReason
read_memory (TrkProcessCollector *self, TrkProcessFigures *figures)
{
  const TrkTextKey keys[] = {
    { "VmSize:", 1024, &figures->virtual_bytes }, { "VmHWM:", 1024, &figures->resident_peak_bytes },
    { "VmRSS:", 1024, &figures->resident_bytes }, { "RssAnon:", 1024, &figures->anon_bytes },
    { "RssFile:", 1024, &figures->file_bytes },   { "RssShmem:", 1024, &figures->shmem_bytes },
    { "VmSwap:", 1024, &figures->swapped_bytes },
  };
  TrkTextSpan text;
  TrkReason reason = read_file (self, &self->status, "status", &text);

  if (reason != TRK_REASON_NONE)
    return reason;
  trk_text_keys (text, keys, sizeof keys / sizeof keys[0]);
  /* A kernel thread, or a process whose main thread has ended, has no memory of its own to show. */
  return figures->resident_bytes == TRK_UNKNOWN ? TRK_REASON_NOT_HERE : TRK_REASON_NONE;
}

static TrkReason
read_io (TrkProcessCollector *self, TrkProcessFigures *figures)
{
  TrkTextSpan text;
  TrkReason reason = read_file (self, &self->io, "io", &text);

  return reason == TRK_REASON_NONE ? trk_task_io_parse (text, &figures->io) : reason;
}

static TrkReason
read_rollup (TrkProcessCollector *self, TrkProcessFigures *figures)
{
  uint64_t private_clean, private_dirty;
  const TrkTextKey keys[] = {
    { "Rss:", 1024, &figures->rollup_resident_bytes },
    { "Pss:", 1024, &figures->proportional_bytes },
    { "Pss_Anon:", 1024, &figures->proportional_anon_bytes },
    { "Pss_File:", 1024, &figures->proportional_file_bytes },
    { "Pss_Shmem:", 1024, &figures->proportional_shmem_bytes },
    { "Private_Clean:", 1024, &private_clean },
    { "Private_Dirty:", 1024, &private_dirty },
  };
  TrkTextSpan text;
  TrkReason reason;

  if (figures->time_ns < self->rollup_due_ns)
    return TRK_REASON_NOT_DUE;
  self->rollup_due_ns = figures->time_ns + self->rollup_interval_ns;
  reason = read_file (self, &self->rollup, "smaps_rollup", &text);
  figures->rollup_time_ns = trk_reader_now_ns ();
  if (reason != TRK_REASON_NONE)
    return reason;
  trk_text_keys (text, keys, sizeof keys / sizeof keys[0]);
  figures->private_bytes = private_clean == TRK_UNKNOWN || private_dirty == TRK_UNKNOWN
                                   || private_clean > TRK_UNKNOWN - 1 - private_dirty
                               ? TRK_UNKNOWN
                               : private_clean + private_dirty;
  return figures->rollup_resident_bytes == TRK_UNKNOWN ? TRK_REASON_MALFORMED : TRK_REASON_NONE;
}

void
trk_process_collector_read (TrkProcessCollector *self, TrkProcessFigures *figures)
{
  memset (figures, 0, sizeof *figures);
  figures->reason = read_stat (self, figures);
  if (figures->reason == TRK_REASON_ENDED)
    {
      figures->memory_reason = figures->io_reason = figures->rollup_reason = TRK_REASON_ENDED;
      trk_process_collector_clear (self);
      return;
    }
  figures->memory_reason = read_memory (self, figures);
  figures->io_reason = read_io (self, figures);
  figures->rollup_reason = read_rollup (self, figures);
}
