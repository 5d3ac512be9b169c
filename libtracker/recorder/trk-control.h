/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is wanted of this process now: which threads, with what sampling; and the page through which others
 * change it while the program runs (TrkControlPage in trk-format.h).
 *
 *   somebody writes the page ─▶ generation differs from the one seen ─▶ a thread passes by, reads, checks
 *   ─▶ the choice in force is another ─▶ the gate changes ─▶ every thread decides anew at its next hook
 *
 * Who looks: every thread at each allocation (one compare of two words that hardly ever change; three
 * instructions of a recorded one's hundreds), any thread that goes the long way into a hook, and a tracked one when a
 * block is full.  The page is shared with others and believed in nothing: it is copied, then checked.
 *
 * Changing takes a lock that only those who change take, and only if it is free; matching takes none.  The
 * choices lie in a ring: one in use is written over after fifteen more changes at the earliest, and even
 * then is a rule of some kind.
 */
#pragma once

#include <stdatomic.h>

#include "trk-config.h"
#include "trk-gate.h"
#include "trk-rule.h"
#include "unwind/trk-hidden.h"

typedef struct {
  TrkRule rule;
  bool is_on;
  char text[TRK_RULE_BYTES];
} TrkChoice;

typedef struct {
  _Atomic (const TrkChoice *) choice; /* in force; NULL before the start */
  _Atomic uint32_t number;            /* of changes, that is of the choice in force */
  _Atomic uint32_t told;              /* the change that a thread's stream has a record of */
  bool ever_tracked; /* some thread may have been: its blocks may be freed by all */
  bool is_sampling;  /* kept blocks are remembered, from the start or since a change */
  bool was_exact;    /* there may be blocks from before that */
} TrkControl;

extern TRK_HIDDEN TrkControl trk_control;

/* From the configuration, before the first thread decides.  Returns NULL, or what is wrong with the rule.
 * In a forked child: its parent's choice goes on. */
const char *trk_control_begin (void);

/* The recording was ended: the next one begins with its own configuration. */
void trk_control_reset (void);

/* Makes the page in the trace folder; without one nothing can be changed from outside. */
void trk_control_create_page (void);

/* In a forked child: the page is the parent's. */
void trk_control_drop_page (void);

/* The page may say something new. */
__attribute__ ((noinline, cold)) void trk_control_look (void);

/* Returns NULL, or what is wrong with the rule. */
const char *trk_control_set_rule (const char *text);

/* Whether a thread is to be recorded by the choice in force. */
bool trk_control_tracks (uint32_t id, int32_t tid, const char *name, uint64_t start_routine);
bool trk_control_tracks_all (void);
