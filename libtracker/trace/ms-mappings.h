/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Address space over time: which mapping each mapped byte belongs to.
 *
 *   MAP, the new part of REMAP     a mapping, of one thread, stack and kind; whatever is still known to
 *                                  lie there has ended unseen
 *   UNMAP, the old part of REMAP,  take bytes from the mappings they meet; a mapping ends with its
 *   the place of a fixed MAP       last byte
 *
 * So allocations of the domain are mappings made, deallocations are mappings that ended, by whom the
 * last byte was unmapped, and bytes are exact through any cutting.  Rare next to the heap's events:
 * they come as notes.  Made with the first of them, so that a trace of the heap alone pays nothing.
 */
#pragma once

#include "ms-interval-map.h"
#include "ms-accounting.h"

G_BEGIN_DECLS

/* TrkEvent.u.mapping.kind of the new part of a remap: the kind of the old part, met just before. */
#define MS_MAPPING_OF_REMAP G_MAXUINT32

typedef struct {
  MsFigure figure;
  guint64 mappings, mapped_bytes, live_mappings;
} MsMappingTally;

struct _MsMappings {
  MsIntervalMap intervals; /* to numbers of mappings */
  GArray *mappings;        /* of Mapping, used again */
  guint32 first_unused;
  guint8 *stack_kinds; /* by number in the stack table: a bit for each MsMappingKind */
  MsMappingTally kinds[MS_N_MAPPING_KINDS];
};

void ms_mappings_free (MsMappings *self);
/* The stack table grew. */
void ms_mappings_renew (MsMappings *self, guint n_stacks_before, guint n_stacks);

/* A note of one of the three kinds, or of the begin of one (see ms-event-stream.c).  A new part has the site
 * of @event. */
void ms_mappings_take (MsAccounting *accounting, const MsMatched *event, const TrkEvent *note);

G_END_DECLS
