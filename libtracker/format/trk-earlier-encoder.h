/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes what trk-earlier.h is about; called where the recorder opens a block of a ring. */
#pragma once

#include "trk-earlier.h"
#include "trk-event-encoder.h"

/* First thing in a block whose predecessors may be overwritten. */
static inline void
trk_event_put_earlier (TrkEventEncoder *self, const TrkEarlier *earlier)
{
  uint8_t fields[TRK_EARLIER_MAX_BYTES];

  static_assert (sizeof fields + 8 <= TRK_EVENT_MAX_BYTES, "one event");
  trk_put_extensible (self, TRK_OP_EARLIER, fields,
                      (size_t) (trk_earlier_put (earlier, fields) - fields));
}
