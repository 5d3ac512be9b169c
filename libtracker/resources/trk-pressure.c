/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-pressure.h"

static bool
parse_line (TrkTextSpan line, uint64_t *percent_hundredths, uint64_t *total_ns)
{
  uint64_t microseconds;

  if (!trk_text_skip (&line, " avg10=") || !trk_text_hundredths (&line, percent_hundredths)
      || !trk_text_skip_words (&line, 2))
    return false;
  trk_text_skip_blanks (&line);
  if (!trk_text_skip (&line, "total=") || !trk_text_number (&line, &microseconds)
      || microseconds > (TRK_UNKNOWN - 1) / 1000)
    return false;
  *total_ns = microseconds * 1000;
  return true;
}

void
trk_pressure_parse (TrkTextSpan text, TrkPressure *pressure)
{
  TrkTextSpan line;

  pressure->reason = TRK_REASON_MALFORMED;
  pressure->full_ns = pressure->full_10s_hundredths = TRK_UNKNOWN;
  while (trk_text_line (&text, &line))
    if (trk_text_skip (&line, "some"))
      {
        if (parse_line (line, &pressure->some_10s_hundredths, &pressure->some_ns))
          pressure->reason = TRK_REASON_NONE;
      }
    else if (trk_text_skip (&line, "full"))
      parse_line (line, &pressure->full_10s_hundredths, &pressure->full_ns);
}

void
trk_pressure_read (TrkReader *reader,
                   TrkKeptFile *file,
                   int folder_fd,
                   const char *path,
                   TrkPressure *pressure)
{
  TrkTextSpan text;

  pressure->reason = trk_reader_read_short (reader, file, folder_fd, path, &text);
  pressure->time_ns = trk_reader_now_ns ();
  if (pressure->reason == TRK_REASON_NONE)
    trk_pressure_parse (text, pressure);
}
