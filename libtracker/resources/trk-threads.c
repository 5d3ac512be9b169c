/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-folder-list.h"

#define DEFAULT_THREADS 16384
#define MAX_DESCRIPTORS 12288
#define SPARED_DESCRIPTORS 256 /* for everything else that the process does */

enum { SCHEDULE, STAT, IO, N_KEPT };

/* What is read of a thread that runs on and on: io, nothing, io, stat. */
#define TURNS 4U
#define IS_STAT_TURN(turn) ((turn) == 3)
#define IS_IO_TURN(turn) ((turn) % 2 == 0)

typedef struct {
  TrkKeptFile files[N_KEPT];
  TrkTaskSchedule schedule;
  int64_t status_due_ns, name_due_ns;
  bool has_schedule, was_off;  /* at the last sample; off: on no processor and waiting for none */
  bool is_stat_old, is_io_old; /* it has run since they were read */
  uint8_t turn;                /* of TURNS */
  uint64_t n_runs_at_status;
} Thread;

struct _TrkThreads {
  TrkReader *reader;
  int32_t pid;
  TrkThreadsLimits limits;
  int task_fd; /* the folder /proc/<pid>/task; −1: not opened */
  uint32_t n_threads, n_left_out, n_descriptors;
  TrkThreadFigures *figures; /* of limits.max_threads, as are the threads */
  Thread *threads;
  uint32_t *slots; /* hash of tids: index + 1 into the two arrays, or 0 */
  uint32_t slot_mask;
  TrkFolderList list;
};

TrkThreadsLimits
trk_threads_default_limits (void)
{
  TrkThreadsLimits limits = { DEFAULT_THREADS, 0, 1000000000LL };
  struct rlimit files;

  if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > SPARED_DESCRIPTORS)
    limits.max_descriptors = files.rlim_cur - SPARED_DESCRIPTORS < MAX_DESCRIPTORS
                                 ? (uint32_t) (files.rlim_cur - SPARED_DESCRIPTORS)
                                 : MAX_DESCRIPTORS;
  return limits;
}

TrkThreads *
trk_threads_new (TrkReader *reader, int32_t pid, TrkThreadsLimits limits)
{
  TrkThreads *self = calloc (1, sizeof *self);
  uint32_t n_slots = 16;

  if (!self)
    return NULL;
  while (n_slots < 2 * limits.max_threads)
    n_slots *= 2;
  self->reader = reader;
  self->pid = pid;
  self->limits = limits;
  self->task_fd = -1;
  self->slot_mask = n_slots - 1;
  self->figures = calloc (limits.max_threads, sizeof *self->figures);
  self->threads = calloc (limits.max_threads, sizeof *self->threads);
  self->slots = calloc (n_slots, sizeof *self->slots);
  if (!self->figures || !self->threads || !self->slots)
    {
      trk_threads_free (self);
      return NULL;
    }
  return self;
}

static void
close_files (TrkThreads *self, Thread *thread)
{
  for (unsigned i = 0; i < N_KEPT; i++)
    if (trk_kept_file_is_open (&thread->files[i]))
      {
        trk_kept_file_close (&thread->files[i]);
        self->n_descriptors--;
      }
}

void
trk_threads_free (TrkThreads *self)
{
  if (!self)
    return;
  for (uint32_t i = 0; i < self->n_threads; i++)
    close_files (self, &self->threads[i]);
  if (self->task_fd >= 0)
    close (self->task_fd);
  free (self->figures);
  free (self->threads);
  free (self->slots);
  free (self);
}

/* --- which threads there are ------------------------------------------------------------------ */

static uint32_t *
find_slot (TrkThreads *self, int32_t tid)
{
  uint32_t at = (uint32_t) tid * 2654435761U & self->slot_mask;

  while (self->slots[at] && self->figures[self->slots[at] - 1].tid != tid)
    at = (at + 1) & self->slot_mask;
  return &self->slots[at];
}

static void
add_thread (void *data, int32_t tid)
{
  TrkThreads *self = data;
  uint32_t *slot = find_slot (self, tid), i = self->n_threads;

  if (*slot)
    return;
  if (i == self->limits.max_threads)
    {
      self->n_left_out++;
      return;
    }
  self->n_threads++;
  self->figures[i] = (TrkThreadFigures) { .tid = tid, .reason = TRK_REASON_NOT_YET };
  self->threads[i] =
      (Thread) { .turn = (uint8_t) ((uint32_t) tid % TURNS) }; /* each tick has as many of each */
  *slot = i + 1;
}

/* Those whose end the last sample told; or, @unseen, those that came and went between the list and their
 * first reading. */
static void
remove_ended (TrkThreads *self, bool unseen)
{
  bool was_any = false;

  for (uint32_t i = 0; i < self->n_threads;)
    if (self->figures[i].reason == TRK_REASON_ENDED
        && (!unseen || self->figures[i].start_ticks == 0))
      {
        was_any = true;
        self->n_threads--;
        self->figures[i] = self->figures[self->n_threads];
        self->threads[i] = self->threads[self->n_threads];
      }
    else
      i++;
  if (!was_any)
    return;
  memset (self->slots, 0, (self->slot_mask + 1) * sizeof *self->slots);
  for (uint32_t i = 0; i < self->n_threads; i++)
    *find_slot (self, self->figures[i].tid) = i + 1;
}

/* The folder has two links and one for each thread, which fstat tells at a hundredth of the list's cost
 * for a thousand threads.  One that ended while another began leaves the number alone, but its end was
 * seen and is not among ours any more.  Where a file system counts no links the list is read. */
static bool
is_list_current (const TrkThreads *self)
{
  struct stat status;

  return self->n_threads > 0 && fstat (self->task_fd, &status) == 0
         && status.st_nlink == self->n_threads + 2;
}

static TrkReason
list_threads (TrkThreads *self)
{
  char path[TRK_READER_PATH_BYTES];
  TrkReason reason;

  self->n_left_out = 0;
  if (self->task_fd < 0)
    {
      snprintf (path, sizeof path, "proc/%d/task", self->pid);
      self->task_fd = trk_reader_open_folder (self->reader, -1, path);
      if (self->task_fd < 0)
        {
          reason = trk_reason_from_errno (-self->task_fd);
          self->task_fd = -1;
          return reason == TRK_REASON_NOT_HERE ? TRK_REASON_ENDED : reason;
        }
    }
  if (is_list_current (self))
    return TRK_REASON_NONE;
  reason = trk_folder_list_numbers (self->task_fd, &self->list, add_thread, self);
  return reason == TRK_REASON_NOT_HERE ? TRK_REASON_ENDED : reason;
}

/* --- one of them -------------------------------------------------------------------------------- */

static TrkReason
read_once (TrkThreads *self, const char *path, TrkTextSpan *text)
{
  TrkKeptFile file = { 0 };
  TrkReason reason = trk_reader_read_short (self->reader, &file, self->task_fd, path, text);

  trk_kept_file_close (&file);
  return reason;
}

static TrkReason
read_file (TrkThreads *self, uint32_t i, unsigned which, TrkTextSpan *text)
{
  static const char *const names[] = { "schedstat", "stat", "io" };
  TrkKeptFile *file = &self->threads[i].files[which];
  bool was_open = trk_kept_file_is_open (file);
  char path[32];
  TrkReason reason;

  if (!was_open)
    snprintf (path, sizeof path, "%d/%s", self->figures[i].tid, names[which]);
  if (!was_open && self->n_descriptors >= self->limits.max_descriptors)
    return read_once (self, path, text);
  reason = trk_reader_read_short (self->reader, file, self->task_fd, was_open ? "" : path, text);
  self->n_descriptors += (uint32_t) trk_kept_file_is_open (file) - (uint32_t) was_open;
  /* The limit of the process itself may be nearer than ours. */
  if (reason == TRK_REASON_NO_DESCRIPTOR)
    self->limits.max_descriptors = self->n_descriptors;
  return reason;
}

static bool
is_gone (TrkReason reason)
{
  return reason == TRK_REASON_ENDED;
}

/* Whether it ran since the last sample, or may have. */
static TrkReason
read_schedule (TrkThreads *self, uint32_t i, bool *has_run)
{
  Thread *thread = &self->threads[i];
  TrkTaskSchedule schedule;
  TrkTextSpan text;
  TrkReason reason = read_file (self, i, SCHEDULE, &text);

  *has_run = true;
  if (reason == TRK_REASON_NONE)
    reason = trk_task_schedule_parse (text, &schedule);
  if (reason == TRK_REASON_NONE)
    {
      *has_run = !(thread->has_schedule && thread->was_off
                   && memcmp (&schedule, &thread->schedule, sizeof schedule) == 0);
      thread->schedule = schedule;
    }
  thread->has_schedule = reason == TRK_REASON_NONE;
  return reason;
}

static TrkReason
read_stat (TrkThreads *self, uint32_t i)
{
  TrkThreadFigures *figures = &self->figures[i];
  TrkTaskStat stat;
  TrkTextSpan text;
  TrkReason reason = read_file (self, i, STAT, &text);

  if (reason == TRK_REASON_NOT_HERE)
    return TRK_REASON_ENDED; /* no folder of this number in this process any more */
  if (reason == TRK_REASON_NONE)
    reason = trk_task_stat_parse (text, &stat);
  if (reason != TRK_REASON_NONE)
    return reason;
  if (figures->start_ticks != 0 && stat.start_ticks != figures->start_ticks)
    return TRK_REASON_ENDED; /* another has the number */
  figures->is_new = figures->start_ticks == 0;
  figures->start_ticks = stat.start_ticks;
  self->threads[i].is_stat_old = false;
  memcpy (figures->name, stat.name, sizeof figures->name);
  self->threads[i].name_due_ns = figures->time_ns + self->limits.status_interval_ns;
  figures->state = stat.state;
  figures->processor = stat.processor;
  figures->minor_faults = stat.minor_faults;
  figures->major_faults = stat.major_faults;
  figures->cpu_ns = stat.user_ns + stat.system_ns;
  self->threads[i].was_off = stat.state != 'R';
  return TRK_REASON_NONE;
}

static void
read_io (TrkThreads *self, uint32_t i)
{
  TrkThreadFigures *figures = &self->figures[i];
  TrkTextSpan text;

  self->threads[i].is_io_old = false;
  figures->io_reason = read_file (self, i, IO, &text);
  if (figures->io_reason == TRK_REASON_NONE)
    figures->io_reason = trk_task_io_parse (text, &figures->io);
}

/* The first turn is at once, the second within a second, at a moment that differs from thread to thread. */
static void
read_switches (TrkThreads *self, uint32_t i)
{
  TrkThreadFigures *figures = &self->figures[i];
  Thread *thread = &self->threads[i];
  const TrkTextKey keys[] = {
    { "voluntary_ctxt_switches:", 1, &figures->voluntary_switches },
    { "nonvoluntary_ctxt_switches:", 1, &figures->involuntary_switches },
  };
  int64_t interval_ns = self->limits.status_interval_ns;
  TrkTextSpan text;
  char path[32];

  if (figures->time_ns < thread->status_due_ns)
    {
      figures->switches_reason = TRK_REASON_NOT_DUE;
      return;
    }
  if (thread->status_due_ns == 0)
    interval_ns =
        (int64_t) (((uint64_t) figures->tid * 2654435761U >> 16) % 1000 + 1) * (interval_ns / 1000);
  thread->status_due_ns = figures->time_ns + interval_ns;
  snprintf (path, sizeof path, "%d/status", figures->tid);
  figures->switches_reason = read_once (self, path, &text);
  if (figures->switches_reason == TRK_REASON_NONE
      && trk_text_keys (text, keys, sizeof keys / sizeof keys[0]) < 2)
    figures->switches_reason = TRK_REASON_MALFORMED;
}

/* What is old by now; of a thread that runs on, what has its turn.  What is not old stands as it was read. */
static void
read_stat_and_io (TrkThreads *self, uint32_t i)
{
  TrkThreadFigures *figures = &self->figures[i];
  Thread *thread = &self->threads[i];
  bool in_turns = self->limits.takes_turns && thread->is_stat_old && thread->is_io_old
                  && thread->has_schedule && figures->start_ticks != 0
                  && figures->reason == TRK_REASON_NONE;

  if (in_turns)
    thread->turn = (thread->turn + 1) % TURNS;
  if (in_turns && !IS_STAT_TURN (thread->turn))
    {
      figures->stat_reason = TRK_REASON_NOT_DUE;
      thread->was_off = false; /* nobody looked */
    }
  else if (thread->is_stat_old)
    {
      figures->reason = figures->stat_reason = read_stat (self, i);
    }
  else
    {
      figures->stat_reason = TRK_REASON_NONE;
    }
  if (figures->reason != TRK_REASON_NONE)
    return;
  if (in_turns && !IS_IO_TURN (thread->turn))
    figures->io_reason = TRK_REASON_NOT_DUE;
  else if (thread->is_io_old)
    read_io (self, i);
}

/* FALSE: it has ended. */
static bool
read_thread (TrkThreads *self, uint32_t i)
{
  TrkThreadFigures *figures = &self->figures[i];
  Thread *thread = &self->threads[i];
  bool has_run;
  TrkReason schedule_reason;

  figures->time_ns = trk_reader_now_ns ();
  figures->is_new = false;
  schedule_reason = read_schedule (self, i, &has_run);
  if (is_gone (schedule_reason))
    return false;
  if (has_run)
    thread->is_stat_old = thread->is_io_old = true;
  /* Another thread may name one that rests. */
  else if (figures->time_ns >= thread->name_due_ns)
    thread->is_stat_old = true;
  read_stat_and_io (self, i);
  if (is_gone (figures->reason) || is_gone (figures->io_reason))
    return false;
  /* Those of a thread that did not run stand, had they their turn since it ran last. */
  if (has_run || thread->n_runs_at_status != thread->schedule.n_runs)
    read_switches (self, i);
  else
    figures->switches_reason = TRK_REASON_NOT_DUE;
  if (is_gone (figures->switches_reason))
    return false;
  if (figures->switches_reason == TRK_REASON_NONE)
    thread->n_runs_at_status = thread->schedule.n_runs;
  figures->cpu_is_coarse = !thread->has_schedule;
  figures->run_queue_wait_ns = figures->n_runs = TRK_UNKNOWN;
  if (thread->has_schedule)
    {
      figures->cpu_ns = thread->schedule.cpu_ns;
      figures->run_queue_wait_ns = thread->schedule.run_queue_wait_ns;
      figures->n_runs = thread->schedule.n_runs;
    }
  return true;
}

TrkReason
trk_threads_read (TrkThreads *self)
{
  TrkReason reason;

  remove_ended (self, false);
  reason = list_threads (self);
  for (uint32_t i = 0; i < self->n_threads; i++)
    if (is_gone (reason) || !read_thread (self, i))
      {
        self->figures[i].reason = TRK_REASON_ENDED;
        close_files (self, &self->threads[i]);
      }
  remove_ended (self, true);
  return reason;
}

const TrkThreadFigures *
trk_threads_get (const TrkThreads *self, uint32_t *n_threads)
{
  *n_threads = self->n_threads;
  return self->figures;
}

uint32_t
trk_threads_n_left_out (const TrkThreads *self)
{
  return self->n_left_out;
}

uint32_t
trk_threads_n_descriptors (const TrkThreads *self)
{
  return self->n_descriptors;
}
