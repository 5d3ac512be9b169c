/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The records of address space; apart from the others because they name whole addresses. */
#include "trace-builder-private.h"

#include "trk-mapping-encoder.h"

static TrkMappingMade
make (TraceBuilder *self,
      guint64 begin_ticks,
      guint64 end_ticks,
      guint32 kind,
      guint32 flags,
      guint64 address,
      guint64 n_bytes)
{
  self->last_ticks = MAX (self->last_ticks, end_ticks);
  return (TrkMappingMade) { trace_builder_to_clock (self, begin_ticks),
                            trace_builder_to_clock (self, end_ticks),
                            kind,
                            flags,
                            address,
                            n_bytes };
}

void
trace_builder_map (TraceBuilder *self,
                   guint thread,
                   guint64 begin_ticks,
                   guint64 end_ticks,
                   TrkMappingKind kind,
                   guint32 flags,
                   guint64 address,
                   guint64 n_bytes,
                   guint32 stack)
{
  TrkEventEncoder *encoder = trace_builder_prepare (self, thread, begin_ticks);
  TrkMappingMade made = make (self, begin_ticks, end_ticks, kind, flags, address, n_bytes);

  trk_event_put_map (encoder, &made, trace_builder_local_stack (self, thread, stack));
}

void
trace_builder_unmap (TraceBuilder *self,
                     guint thread,
                     guint64 ticks,
                     guint64 address,
                     guint64 n_bytes)
{
  trk_event_put_unmap (trace_builder_prepare (self, thread, ticks),
                       trace_builder_to_clock (self, ticks), address, n_bytes);
}

void
trace_builder_remap (TraceBuilder *self,
                     guint thread,
                     guint64 begin_ticks,
                     guint64 end_ticks,
                     guint32 flags,
                     guint64 old_address,
                     guint64 old_n_bytes,
                     guint64 address,
                     guint64 n_bytes,
                     guint32 stack)
{
  TrkEventEncoder *encoder = trace_builder_prepare (self, thread, begin_ticks);
  TrkMappingMade made = make (self, begin_ticks, end_ticks, 0, flags, address, n_bytes);

  trk_event_put_remap (encoder, &made, old_address, old_n_bytes,
                       trace_builder_local_stack (self, thread, stack));
}
