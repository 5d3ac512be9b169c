/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks of a made-up program: return addresses in the modules of a plausible desktop program,
 * five to thirty frames deep, grown from each other as the paths of one call tree are.
 *
 *   stack 7   main → run → parse → … → xmalloc
 *   stack 8   main → run → parse → … another leaf
 *
 * Which one an allocation is made at is as skewed as in real programs: stack n is drawn in proportion to
 * 1 / (n + 1).
 */
#pragma once

#include <glib.h>
#include "made-random.h"

typedef struct {
  const char *path;
  guint64 start, end;
} MadeModule;

typedef struct {
  guint64 *frames; /* of all stacks, innermost first */
  guint32 *begin;  /* n + 1: where each stack's are */
  guint32 n;
  guint32 *sizes;     /* the size that is usual at each stack, and … */
  guint8 *one_size;   /* … whether it is the only one */
  guint32 *alias;     /* Walker's tables for a draw in constant time */
  guint32 *threshold; /* of 2^32 */
} MadeStacks;

#define MADE_MAX_DEPTH 30

MadeStacks *made_stacks_new (guint n, MadeRandom *random);
void made_stacks_free (MadeStacks *self);

const MadeModule *made_stacks_get_modules (guint *n);

static inline const guint64 *
made_stacks_get_frames (const MadeStacks *self, guint32 stack, guint *depth)
{
  *depth = self->begin[stack + 1] - self->begin[stack];
  return self->frames + self->begin[stack];
}

static inline guint32
made_stacks_draw (const MadeStacks *self, MadeRandom *random)
{
  guint64 bits = made_random_next (random);
  guint32 column = (guint32) (((bits >> 32) * self->n) >> 32);

  return (guint32) bits < self->threshold[column] ? column : self->alias[column];
}
