/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A made-up program, and what of it a trace can know.
 *
 * program_model_random() plays a program whose threads allocate, reallocate and free each other's
 * blocks at addresses that are used again and again, tells it to a trace builder, and keeps every
 * block.  Some threads may not be recorded, some blocks of events lost.  reference-model.h has the figures.
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
  /* What of it is not in the trace: */
  gboolean odd_untracked;    /* only threads of an even number are recorded */
  gboolean unique_addresses; /* no address is used again: no repair is called for */
  guint lost_percent;        /* of the blocks of events; wants unique_addresses */
  guint dropped_percent;     /* of the steps: a record that an event was dropped */
  gboolean forked, began_late;
} ProgramShape;

#define ALL G_MAXUINT
#define MODEL_MAX_THREADS 16
#define MODEL_MAX_STACKS 16

/* A block whose allocation is in the trace. */
typedef struct {
  guint thread, stack, domain;
  guint64 size;
  guint born, died; /* moments; died G_MAXUINT: not in the trace */
  guint freed_by;
  guint grown_from; /* number of the block that its realloc ended, or G_MAXUINT */
  gboolean temporary, by_realloc;
  gboolean unseen; /* not in the trace after all: counts nowhere */
} ModelBlock;

typedef struct {
  ProgramShape shape;
  GArray *blocks;   /* of ModelBlock */
  GArray *times_ns; /* of guint64: when each moment was */
  /* Frees in the trace of blocks that are not, by thread; and those of them that an untracked one made. */
  guint64 unknown_frees[MS_N_DOMAINS][MODEL_MAX_THREADS];
  guint64 foreign_frees[MS_N_DOMAINS][MODEL_MAX_THREADS];
  guint64 n_dropped, n_events;
  guint32 stack_ids[MODEL_MAX_STACKS];
} ProgramModel;

/* @shape decides what @builder's manifest says, too. */
ProgramModel *program_model_random (TraceBuilder *builder,
                                    const ProgramShape *shape,
                                    GRand *random);
void program_model_free (ProgramModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProgramModel, program_model_free)
