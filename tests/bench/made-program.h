/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A made-up program of any length, told event by event in the order in which it all happened, and the
 * truth about it.  The same seed makes the same program.
 *
 *   MadeProgram *program = made_program_new (&shape);
 *   while (made_program_next (program, &event))
 *     …;
 *   made_program_get_truth (program)
 *
 * Threads run in turns of 1 to 50 events.  Each has a window of live blocks that it fills, allocates
 * from and frees to; some frees take a block out of another thread's window, some blocks are freed by the next
 * operation, few are kept for ever.  Freed addresses are used again as an allocator does it.
 * Needs memory for the live blocks, not for the events.
 */
#pragma once

#include <glib.h>
#include "made-stacks.h"

typedef struct {
  guint64 n_events; /* allocations, frees and reallocations */
  guint n_threads, n_stacks;
  guint n_live;            /* blocks that each thread keeps live */
  guint step_ns;           /* between two events, on average */
  guint foreign_percent;   /* frees of another thread's blocks */
  guint realloc_percent;   /* of the events */
  guint temporary_percent; /* allocations freed by the next operation */
  guint kept_per_million;  /* allocations never freed */
  guint64 seed;
} MadeShape;

#define MADE_MAX_THREADS 1024

typedef enum {
  MADE_ALLOC,
  MADE_FREE,
  MADE_REALLOC,
  MADE_START, /* of a thread; its parent is thread 0 */
  MADE_NAME,
  MADE_EXIT
} MadeKind;

typedef struct {
  MadeKind kind;
  guint32 thread;
  guint64 ns, end_ns;     /* since the start; REALLOC: begin and end of the call */
  guint32 stack;          /* ALLOC, REALLOC */
  guint32 slot, old_slot; /* of the address, and REALLOC's old one: 0, 1, 2… */
  guint64 address, old_address;
  guint64 size;
  char name[16]; /* NAME */
} MadeEvent;

typedef struct {
  guint64 allocations, deallocations, reallocations; /* as MsTotals counts them */
  guint64 allocated_bytes;
  guint64 live_bytes, live_blocks;
  guint64 peak_bytes;
  guint64 peak_ns;
  guint64 temporary_allocations;
} MadeTotals;

typedef struct {
  MadeTotals process;
  MadeTotals *threads;
  guint64 *size_bins; /* of each thread, MADE_SIZE_BINS of them: allocations by size */
  guint64 n_events, foreign_frees, duration_ns;
  guint32 n_slots;
} MadeTruth;

#define MADE_SIZE_BINS 65

typedef struct _MadeProgram MadeProgram;

MadeProgram *made_program_new (const MadeShape *shape);
void made_program_free (MadeProgram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MadeProgram, made_program_free)

/* FALSE when the program has ended. */
gboolean made_program_next (MadeProgram *self, MadeEvent *event);

/* So far. */
const MadeTruth *made_program_get_truth (const MadeProgram *self);
const MadeStacks *made_program_get_stacks (const MadeProgram *self);
