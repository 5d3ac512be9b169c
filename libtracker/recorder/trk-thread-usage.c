/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-thread-usage.h"

#include <sys/resource.h>

#include "trk-process.h"
#include "trk-system.h"
#include "trk-task-stat.h"

/* As often as is sampled from outside. */
#define TICK_NS UINT64_C (100000000)
#define FILE_BYTES 512

#define ALL_FIGURES ((1U << TRK_N_EXIT_FIGURES) - 1)

static void
read_switches (TrkExitFigures *figures)
{
  struct rusage usage;

  if (atomic_load (&trk_process.usage_forbidden) || trk_system_get_thread_usage (&usage) != 0)
    return;
  trk_exit_figures_set (figures, TRK_EXIT_MINOR_FAULTS, (uint64_t) usage.ru_minflt);
  trk_exit_figures_set (figures, TRK_EXIT_MAJOR_FAULTS, (uint64_t) usage.ru_majflt);
  trk_exit_figures_set (figures, TRK_EXIT_VOLUNTARY_SWITCHES, (uint64_t) usage.ru_nvcsw);
  trk_exit_figures_set (figures, TRK_EXIT_INVOLUNTARY_SWITCHES, (uint64_t) usage.ru_nivcsw);
}

static bool
read_file (const char *path, char text[FILE_BYTES], TrkTextSpan *span)
{
  int64_t n_bytes = trk_system_read_file (path, text, FILE_BYTES);

  if (n_bytes <= 0)
    return false;
  *span = (TrkTextSpan) { text, text + n_bytes };
  return true;
}

static void
read_schedule (TrkExitFigures *figures)
{
  TrkTaskSchedule schedule;
  char text[FILE_BYTES];
  TrkTextSpan span;

  if (!read_file ("/proc/thread-self/schedstat", text, &span)
      || trk_task_schedule_parse (span, &schedule) != TRK_REASON_NONE)
    return;
  trk_exit_figures_set (figures, TRK_EXIT_RUN_QUEUE_WAIT_NS, schedule.run_queue_wait_ns);
  trk_exit_figures_set (figures, TRK_EXIT_RUNS, schedule.n_runs);
}

/* What was ours has been counted when it was done; what the file says of this very read it does not. */
static void
read_io (TrkExitFigures *figures)
{
  char text[FILE_BYTES];
  TrkTextSpan span;
  TrkOwnIo own;
  TrkTaskIo io;

  if (!read_file ("/proc/thread-self/io", text, &span)
      || trk_task_io_parse (span, &io) != TRK_REASON_NONE)
    return;
  own = trk_system_get_own_io ();
  own.read_calls -= own.last_read_calls;
  own.read_bytes -= own.last_read_bytes;
  trk_exit_figures_set (figures, TRK_EXIT_READ_CALLS, io.read_calls - own.read_calls);
  trk_exit_figures_set (figures, TRK_EXIT_WRITE_CALLS, io.write_calls - own.write_calls);
  trk_exit_figures_set (figures, TRK_EXIT_READ_BYTES, io.read_bytes - own.read_bytes);
  trk_exit_figures_set (figures, TRK_EXIT_WRITTEN_BYTES, io.written_bytes - own.written_bytes);
  trk_exit_figures_set (figures, TRK_EXIT_DISK_READ_BYTES, io.disk_read_bytes);
  trk_exit_figures_set (figures, TRK_EXIT_DISK_WRITTEN_BYTES, io.disk_written_bytes);
}

static void
read_all (const TrkThread *thread, bool with_files, TrkExitFigures *figures)
{
  *figures = (TrkExitFigures) { 0 };
  read_switches (figures);
  if (with_files)
    {
      read_schedule (figures);
      read_io (figures);
    }
  if (trk_process.config.sockets)
    {
      trk_exit_figures_set (figures, TRK_EXIT_SOCKET_RECEIVED_BYTES,
                            thread->lane->socket_received_bytes);
      trk_exit_figures_set (figures, TRK_EXIT_SOCKET_SENT_BYTES, thread->lane->socket_sent_bytes);
    }
}

void
trk_thread_usage_begin (TrkThread *thread, bool is_new)
{
  thread->met_ns = trk_system_get_monotonic_ns ();
  if (is_new)
    thread->usage_before = (TrkExitFigures) { .known = ALL_FIGURES };
  else
    read_all (thread, true, &thread->usage_before);
}

void
trk_thread_usage_read (const TrkThread *thread, TrkExitFigures *figures)
{
  const TrkExitFigures *before = &thread->usage_before;

  read_all (thread, trk_system_get_monotonic_ns () - thread->met_ns >= TICK_NS, figures);
  figures->known &= before->known;
  for (unsigned i = 0; i < TRK_N_EXIT_FIGURES; i++)
    figures->values[i] -=
        figures->values[i] > before->values[i] ? before->values[i] : figures->values[i];
}
