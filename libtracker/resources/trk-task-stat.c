/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-task-stat.h"

#include <string.h>
#include <unistd.h>

static bool
parse_name (TrkTextSpan *text, TrkTaskStat *stat)
{
  const char *close_parenthesis = memrchr (text->at, ')', (size_t) (text->end - text->at));
  uint64_t number;

  if (!close_parenthesis || !trk_text_number (text, &number) || number > INT32_MAX
      || !trk_text_skip (text, " (") || text->at > close_parenthesis)
    return false;
  stat->tid = (int32_t) number;
  trk_text_copy ((TrkTextSpan) { text->at, close_parenthesis }, stat->name, sizeof stat->name);
  text->at = close_parenthesis + 1;
  return trk_text_skip (text, " ");
}

static bool
parse_ticks (TrkTextSpan *text, uint64_t *ns)
{
  long hertz = sysconf (_SC_CLK_TCK);
  uint64_t scale = 1000000000ULL / (uint64_t) (hertz > 0 ? hertz : 100), ticks;

  if (!trk_text_number (text, &ticks) || ticks > (TRK_UNKNOWN - 1) / scale)
    return false;
  *ns = ticks * scale;
  return true;
}

TrkReason
trk_task_stat_parse (TrkTextSpan text, TrkTaskStat *stat)
{
  TrkTextSpan state;
  uint64_t ignored;

  if (!parse_name (&text, stat) || !trk_text_word (&text, &state)
      || !trk_text_skip_words (&text, 6)               /* parent … flags */
      || !trk_text_number (&text, &stat->minor_faults) /* field 10 */
      || !trk_text_number (&text, &ignored)            /* of children */
      || !trk_text_number (&text, &stat->major_faults) /* 12 */
      || !trk_text_number (&text, &ignored)            /* of children */
      || !parse_ticks (&text, &stat->user_ns)          /* 14 */
      || !parse_ticks (&text, &stat->system_ns)        /* 15 */
      || !trk_text_skip_words (&text, 4)               /* of children; priority, nice */
      || !trk_text_number (&text, &stat->n_threads)    /* 20 */
      || !trk_text_skip_words (&text, 1)               /* itrealvalue */
      || !trk_text_number (&text, &stat->start_ticks)) /* 22 */
    return TRK_REASON_MALFORMED;
  stat->state = *state.at;
  if (!trk_text_skip_words (&text, 16) || !trk_text_number (&text, &stat->processor)) /* 39 */
    stat->processor = TRK_UNKNOWN;
  return TRK_REASON_NONE;
}

TrkReason
trk_task_schedule_parse (TrkTextSpan text, TrkTaskSchedule *schedule)
{
  if (!trk_text_number (&text, &schedule->cpu_ns)
      || !trk_text_number (&text, &schedule->run_queue_wait_ns)
      || !trk_text_number (&text, &schedule->n_runs))
    return TRK_REASON_MALFORMED;
  return schedule->cpu_ns == 0 && schedule->run_queue_wait_ns == 0 && schedule->n_runs == 0
             ? TRK_REASON_NOT_HERE
             : TRK_REASON_NONE;
}

TrkReason
trk_task_io_parse (TrkTextSpan text, TrkTaskIo *io)
{
  const TrkTextKey keys[] = {
    { "rchar:", 1, &io->read_bytes },           { "wchar:", 1, &io->written_bytes },
    { "syscr:", 1, &io->read_calls },           { "syscw:", 1, &io->write_calls },
    { "read_bytes:", 1, &io->disk_read_bytes }, { "write_bytes:", 1, &io->disk_written_bytes },
  };

  return trk_text_keys (text, keys, sizeof keys / sizeof keys[0]) == sizeof keys / sizeof keys[0]
             ? TRK_REASON_NONE
             : TRK_REASON_MALFORMED;
}
