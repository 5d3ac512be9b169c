/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A made-up program, and the plain truth about it.
 *
 * program_model_random() plays a program whose threads allocate, reallocate and free each other's
 * blocks at addresses that are used again and again, tells it to a trace builder, and keeps every
 * block.  The figures are then found the slow, obvious way: for each moment, add up the blocks that
 * were live.
 */
#pragma once

#include "ms-types.h"
#include "trace-builder.h"

typedef struct {
  guint n_threads, n_stacks, n_steps, n_addresses;
  gboolean cross_frees;   /* threads free each other's blocks */
  gboolean unknown_frees; /* … and blocks that never were */
  gboolean declared;      /* in two domains */
  guint64 tick_ns;        /* the clock's grain; 0: every step has a time of its own */
  gint64 skew_ns;         /* clocks of threads differ by up to this */
} ProgramShape;

#define ALL G_MAXUINT

typedef struct {
  guint thread, stack, domain;
  guint64 size;
  guint born, died; /* moments; died G_MAXUINT: never */
  guint freed_by;
  gboolean temporary, by_realloc;
} ModelBlock;

typedef struct {
  ProgramShape shape;
  GArray *blocks;                          /* of ModelBlock */
  GArray *times_ns;                        /* of guint64: when each moment was */
  guint64 unknown_frees[MS_N_DOMAINS][16]; /* by thread */
  guint32 stack_ids[16];
} ProgramModel;

ProgramModel *program_model_random (TraceBuilder *builder,
                                    const ProgramShape *shape,
                                    GRand *random);
void program_model_free (ProgramModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProgramModel, program_model_free)

/* The figures of @thread (or ALL) and @stack (or ALL). */
MsTotals program_model_totals (const ProgramModel *self, guint domain, guint thread, guint stack);

/* Highest live bytes within each of @n_bins bins of a trace of @duration_ns. */
void program_model_series (const ProgramModel *self,
                           guint domain,
                           guint thread,
                           gint64 duration_ns,
                           guint n_bins,
                           guint64 *max,
                           guint64 *min);
