/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-processors.h"

#include <string.h>
#include <unistd.h>

#define N_TIMES 8

/* 100 on every Linux that there is, but it may be asked. */
static uint64_t
tick_ns (void)
{
  long hertz = sysconf (_SC_CLK_TCK);

  return 1000000000ULL / (uint64_t) (hertz > 0 ? hertz : 100);
}

static uint64_t *
time_of (TrkProcessorTimes *times, unsigned i)
{
  uint64_t *const all[N_TIMES] = { &times->user_ns,     &times->nice_ns,    &times->system_ns,
                                   &times->idle_ns,     &times->io_wait_ns, &times->irq_ns,
                                   &times->soft_irq_ns, &times->stolen_ns };

  return all[i];
}

/* Behind "cpu" or "cpu7".  The first four are as old as Linux; a kernel may lack the later ones. */
static bool
parse_times (TrkTextSpan *line, uint64_t ns, TrkProcessorTimes *times)
{
  for (unsigned i = 0; i < N_TIMES; i++)
    {
      uint64_t ticks;

      if (!trk_text_number (line, &ticks))
        {
          if (i < 4)
            return false;
          *time_of (times, i) = TRK_UNKNOWN;
        }
      else if (ticks > (TRK_UNKNOWN - 1) / ns)
        return false;
      else
        *time_of (times, i) = ticks * ns;
    }
  return true;
}

void
trk_processors_parse (TrkTextSpan text, TrkProcessors *processors)
{
  const TrkTextKey keys[] = { { "ctxt ", 1, &processors->context_switches },
                              { "processes ", 1, &processors->forks },
                              { "procs_blocked ", 1, &processors->blocked_tasks } };
  uint64_t ns = tick_ns (), number;
  bool has_total = false;
  TrkTextSpan line;

  processors->n_processors = processors->n_left_out = 0;
  processors->reason = TRK_REASON_NONE;
  while (text.end - text.at >= 3 && memcmp (text.at, "cpu", 3) == 0 && trk_text_line (&text, &line))
    {
      TrkProcessorTimes times = { 0 };

      line.at += 3;
      if (*line.at == ' ')
        {
          has_total = parse_times (&line, ns, &processors->total);
          continue;
        }
      if (!trk_text_number (&line, &number) || number > UINT32_MAX
          || !parse_times (&line, ns, &times))
        {
          processors->reason = TRK_REASON_MALFORMED;
          return;
        }
      times.number = (uint32_t) number;
      if (processors->n_processors < TRK_MAX_PROCESSORS)
        processors->processors[processors->n_processors++] = times;
      else
        processors->n_left_out++;
    }
  if (!has_total || processors->n_processors == 0)
    processors->reason = TRK_REASON_MALFORMED;
  trk_text_keys (text, keys, sizeof keys / sizeof keys[0]);
}

void
trk_load_parse (TrkTextSpan text, TrkLoad *load)
{
  bool is_good = true;

  for (unsigned i = 0; i < 3; i++)
    is_good = is_good && trk_text_hundredths (&text, &load->hundredths[i]);
  is_good = is_good && trk_text_number (&text, &load->running_tasks) && trk_text_skip (&text, "/")
            && trk_text_number (&text, &load->tasks);
  load->reason = is_good ? TRK_REASON_NONE : TRK_REASON_MALFORMED;
}

void
trk_processors_read (TrkReader *reader, TrkProcessorFiles *files, TrkProcessors *processors)
{
  TrkTextSpan text;

  processors->n_processors = processors->n_left_out = 0;
  processors->reason = trk_reader_read_kept (reader, &files->stat, -1, "proc/stat", &text);
  processors->time_ns = trk_reader_now_ns ();
  if (processors->reason == TRK_REASON_NONE)
    trk_processors_parse (text, processors);
}

void
trk_load_read (TrkReader *reader, TrkProcessorFiles *files, TrkLoad *load)
{
  TrkTextSpan text;

  load->reason = trk_reader_read_short (reader, &files->load, -1, "proc/loadavg", &text);
  load->time_ns = trk_reader_now_ns ();
  if (load->reason == TRK_REASON_NONE)
    trk_load_parse (text, load);
}

void
trk_processor_files_close (TrkProcessorFiles *files)
{
  trk_kept_file_close (&files->stat);
  trk_kept_file_close (&files->load);
}

TrkReason
trk_processor_busy (const TrkProcessorTimes *before,
                    const TrkProcessorTimes *after,
                    double *percent)
{
  TrkProcessorTimes from = *before, to = *after;
  uint64_t all = 0, idle = 0;

  for (unsigned i = 0; i < N_TIMES; i++)
    {
      uint64_t a = *time_of (&from, i), b = *time_of (&to, i);

      if (a == TRK_UNKNOWN || b == TRK_UNKNOWN)
        continue;
      if (b < a)
        return TRK_REASON_BACKWARDS;
      all += b - a;
      if (time_of (&to, i) == &to.idle_ns || time_of (&to, i) == &to.io_wait_ns)
        idle += b - a;
    }
  if (all == 0)
    return TRK_REASON_NOT_YET;
  *percent = 100.0 * (double) (all - idle) / (double) all;
  return TRK_REASON_NONE;
}

const TrkProcessorTimes *
trk_processors_find (const TrkProcessors *processors, uint32_t number)
{
  /* Nearly always where it stands by its number. */
  if (number < processors->n_processors && processors->processors[number].number == number)
    return &processors->processors[number];
  for (uint32_t i = 0; i < processors->n_processors; i++)
    if (processors->processors[i].number == number)
      return &processors->processors[i];
  return NULL;
}
