/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The common records of a block, many at a time and as short as they can be told: what a loader reads a
 * hundred million of.  Works on a TrkEventDecoder and leaves it between two records, so that
 * whatever is not common is decoded by trk_event_decoder_next() from the same place.
 */
#pragma once

#include <stddef.h>
#include "trk-event-decoder.h"

/* An allocation or a free of a block whose address is known. */
typedef struct {
  uint64_t ticks;
  uint64_t address; /* never 0 */
  uint64_t size;    /* of an allocation */
  uint32_t stack;   /* likewise: what the caller's table has for it */
  uint8_t kind;     /* TRK_BRIEF_* */
  uint8_t domain;
  uint8_t call; /* TRK_CALL_PLAIN */
  uint8_t unused;
} TrkBriefEvent;

enum { TRK_BRIEF_ALLOC, TRK_BRIEF_FREE };

/*
 * Decodes records until @max events are in @events or the next record is not a common one: then the other
 * function is to be asked, once.  @stacks translates the block's stack numbers, for as many as
 * were met so far (self->n_local_stacks).  Time does not fall, and is not before @floor_ticks: an event
 * that would be earlier gets the time of the one before.  Returns the number of events; 0 is no error.
 */
size_t trk_event_decoder_run (TrkEventDecoder *self,
                              const uint32_t *stacks,
                              uint64_t floor_ticks,
                              TrkBriefEvent *events,
                              size_t max);

/* Reads the STACK records that come next, by which the block numbers the stacks that it meets. */
void trk_event_decoder_run_stacks (TrkEventDecoder *self);
