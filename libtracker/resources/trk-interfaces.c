/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-interfaces.h"

#include <stdio.h>
#include <string.h>

/* "  eth0: 1 2 3 …": the colon that counts is the last, as an alias's name has one ("eth0:1"). */
static bool
parse_interface (TrkTextSpan line, TrkInterface *interface)
{
  const char *colon = memrchr (line.at, ':', (size_t) (line.end - line.at));
  uint64_t *const counters[] = { &interface->received_bytes,
                                 &interface->received_packets,
                                 &interface->receive_errors,
                                 &interface->receive_drops,
                                 NULL,
                                 NULL,
                                 NULL,
                                 NULL,
                                 &interface->sent_bytes,
                                 &interface->sent_packets,
                                 &interface->send_errors,
                                 &interface->send_drops };
  uint64_t ignored;

  if (!colon)
    return false;
  trk_text_skip_blanks (&line);
  trk_text_copy ((TrkTextSpan) { line.at, colon }, interface->name, sizeof interface->name);
  line.at = colon + 1;
  for (unsigned i = 0; i < sizeof counters / sizeof counters[0]; i++)
    if (!trk_text_number (&line, counters[i] ? counters[i] : &ignored))
      return false;
  interface->is_loopback = strcmp (interface->name, "lo") == 0;
  return true;
}

void
trk_interfaces_parse (TrkTextSpan text, TrkInterfaces *interfaces)
{
  TrkTextSpan line;

  interfaces->n_interfaces = interfaces->n_left_out = 0;
  interfaces->reason = TRK_REASON_NONE;
  /* Two lines of headings. */
  if (!trk_text_line (&text, &line) || !trk_text_line (&text, &line))
    {
      interfaces->reason = TRK_REASON_MALFORMED;
      return;
    }
  while (trk_text_line (&text, &line))
    {
      TrkInterface interface = { 0 };

      if (!parse_interface (line, &interface))
        interfaces->reason = TRK_REASON_MALFORMED;
      else if (interfaces->n_interfaces < TRK_MAX_INTERFACES)
        interfaces->interfaces[interfaces->n_interfaces++] = interface;
      else
        interfaces->n_left_out++;
    }
  if (text.at != text.end)
    interfaces->reason = TRK_REASON_MALFORMED; /* cut within a line */
}

void
trk_interfaces_read (TrkReader *reader, TrkKeptFile *file, int32_t pid, TrkInterfaces *interfaces)
{
  char path[TRK_READER_PATH_BYTES] = "proc/self/net/dev";
  TrkTextSpan text;

  if (pid > 0)
    snprintf (path, sizeof path, "proc/%d/net/dev", pid);
  interfaces->n_interfaces = interfaces->n_left_out = 0;
  interfaces->reason = trk_reader_read_kept (reader, file, -1, path, &text);
  interfaces->time_ns = trk_reader_now_ns ();
  if (interfaces->reason == TRK_REASON_NONE)
    trk_interfaces_parse (text, interfaces);
}
