/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-left-words.h"

MsLeftKind
ms_left_get_kind (MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);

  if (ms_view_get_end_ns (view) >= ms_trace_get_duration_ns (trace)
      && ms_trace_was_replaced (trace))
    return MS_LEFT_REPLACED;
  if (ms_view_get_end_ns (view) < ms_trace_get_duration_ns (trace)
      || (ms_trace_ends_early (trace) && ms_trace_get_state (trace) != MS_STATE_RUNNING
          && ms_trace_get_state (trace) != MS_STATE_UNKNOWN))
    return MS_LEFT_IN_PART;
  switch (ms_trace_get_state (trace))
    {
    case MS_STATE_RUNNING:
      return MS_LEFT_RUNNING;
    case MS_STATE_KILLED:
      return MS_LEFT_KILLED;
    case MS_STATE_UNKNOWN:
      return MS_LEFT_UNKNOWN;
    case MS_STATE_EXITED:
    default:
      return MS_LEFT_LEAKED;
    }
}

const char *
ms_left_get_word (MsLeftKind kind)
{
  return kind == MS_LEFT_LEAKED ? "leaked" : kind == MS_LEFT_IN_PART ? "left" : "in use";
}

const char *
ms_left_get_reason (MsLeftKind kind)
{
  switch (kind)
    {
    case MS_LEFT_KILLED:
      return "the process did not exit by itself: what was never freed was in use when it was "
             "killed";
    case MS_LEFT_RUNNING:
      return "the process still runs: what was not freed so far is in use";
    case MS_LEFT_UNKNOWN:
      return "whether the process still runs cannot be seen from here: what was not freed so far "
             "may be in use";
    case MS_LEFT_IN_PART:
      return "the range ends before the process does: what is left may be freed later";
    case MS_LEFT_REPLACED:
      return "another program took the process's place by exec: what was not freed was in use then";
    case MS_LEFT_LEAKED:
    default:
      return NULL;
    }
}
