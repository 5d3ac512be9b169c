/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ring victim under the recorder, for its tests: its output's folder, and what its threads have counted so far.
 */
#pragma once

#include <sys/types.h>

#include "ms-trace.h"
#include "ring-pattern.h"

#define RING_BYTES (64U << 10) /* four windows */

typedef struct {
  char *top, *output;
  RingCounts *counts;
} Fixture;

void ring_set_up (Fixture *self, gconstpointer data);
void ring_tear_down (Fixture *self, gconstpointer data);

/* The victim's case @name, when each slot's threads have made @n_calls. */
pid_t ring_start (const Fixture *self, const char *name, guint64 n_calls);

/* Of the victim's trace. (transfer full) */
char *ring_find_folder (const Fixture *self);
/* Of all files in it. */
guint64 ring_count_bytes (const char *folder);

/* (transfer full) */
MsTrace *ring_load_any (const char *folder);
/* One that is cut. (transfer full) */
MsTrace *ring_load (const char *folder);
void ring_assert_not_damaged (MsTrace *trace);
