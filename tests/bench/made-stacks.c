/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "made-stacks.h"

#include <string.h>

#define FUNCTION_BYTES 256
#define MIN_DEPTH 5
#define N_OFTEN 100

static const MadeModule modules[] = {
  { "/usr/bin/made-up", 0x555555554000, 0x555555a54000 },
  { "/usr/lib/x86_64-linux-gnu/libmade-core.so.1", 0x7ffff6000000, 0x7ffff6200000 },
  { "/usr/lib/x86_64-linux-gnu/libmade-parser.so.1", 0x7ffff6400000, 0x7ffff6480000 },
  { "/usr/lib/x86_64-linux-gnu/libmade-network.so.2", 0x7ffff6600000, 0x7ffff6700000 },
  { "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", 0x7ffff6800000, 0x7ffff6960000 },
  { "/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0", 0x7ffff6a00000, 0x7ffff6b40000 },
  { "/usr/lib/x86_64-linux-gnu/libxml2.so.2", 0x7ffff6c00000, 0x7ffff6dc0000 },
  { "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", 0x7ffff7000000, 0x7ffff7240000 },
  { "/usr/lib/x86_64-linux-gnu/libc.so.6", 0x7ffff7c00000, 0x7ffff7de0000 },
};

const MadeModule *
made_stacks_get_modules (guint *n)
{
  *n = G_N_ELEMENTS (modules);
  return modules;
}

/* A return address: one of a few in a function that, half the time, is in the module of its caller. */
static guint64
make_frame (MadeRandom *random, guint *module)
{
  guint64 n_functions, function;

  if (made_random_chance (random, 1, 2))
    *module = made_random_below (random, G_N_ELEMENTS (modules));
  n_functions = (modules[*module].end - modules[*module].start) / FUNCTION_BYTES;
  function = made_random_below (random, (guint32) n_functions);
  return modules[*module].start + function * FUNCTION_BYTES + 5
         + (guint64) made_random_below (random, 8) * 27;
}

/* The outer part of an older stack, and frames of its own. */
static guint
make_stack (const MadeStacks *self, guint stack, guint64 *frames, MadeRandom *random)
{
  guint depth = MIN_DEPTH + made_random_below (random, MADE_MAX_DEPTH - MIN_DEPTH + 1);
  guint n_shared = 1, module = 0, older_depth;
  const guint64 *older = NULL;

  if (stack > 0)
    {
      older = made_stacks_get_frames (self, made_random_below (random, stack), &older_depth);
      n_shared = 1 + made_random_below (random, MIN (depth, older_depth) - 1);
      memcpy (frames + depth - n_shared, older + older_depth - n_shared, n_shared * sizeof *frames);
    }
  else
    {
      frames[depth - 1] = modules[0].start + 0x1005;
    }
  for (guint i = depth - n_shared; i > 0; i--)
    frames[i - 1] = make_frame (random, &module);
  return depth;
}

/* Most blocks are small, and those that are made most often all are. */
static guint32
make_size (guint stack, MadeRandom *random)
{
  guint what = made_random_below (random, stack < N_OFTEN ? 60 : 100);

  if (what < 60)
    return 8 + made_random_below (random, 120);
  if (what < 88)
    return 128 + made_random_below (random, 900);
  if (what < 98)
    return 1024 + made_random_below (random, 15 * 1024);
  return 16 * 1024 + made_random_below (random, 240 * 1024);
}

/* Walker's alias method (Vose 1991): each column holds its own number up to the threshold and one other
 * above it, so that all are of one height. */
static void
make_draw_tables (MadeStacks *self)
{
  g_autofree double *weights = g_new (double, self->n);
  g_autofree guint32 *small = g_new (guint32, self->n);
  g_autofree guint32 *large = g_new (guint32, self->n);
  guint n_small = 0, n_large = 0;
  double sum = 0;

  for (guint i = 0; i < self->n; i++)
    sum += 1.0 / (i + 1);
  for (guint i = 0; i < self->n; i++)
    {
      weights[i] = self->n / ((i + 1) * sum);
      if (weights[i] < 1)
        small[n_small++] = i;
      else
        large[n_large++] = i;
    }
  while (n_small > 0 && n_large > 0)
    {
      guint32 low = small[--n_small], high = large[n_large - 1];

      self->threshold[low] = (guint32) (weights[low] * 0xffffffff);
      self->alias[low] = high;
      weights[high] -= 1 - weights[low];
      if (weights[high] < 1)
        small[n_small++] = large[--n_large];
    }
  while (n_large > 0)
    self->threshold[large[--n_large]] = G_MAXUINT32;
  while (n_small > 0)
    self->threshold[small[--n_small]] = G_MAXUINT32;
}

MadeStacks *
made_stacks_new (guint n, MadeRandom *random)
{
  MadeStacks *self = g_new0 (MadeStacks, 1);

  self->n = n;
  self->frames = g_new (guint64, (gsize) n * MADE_MAX_DEPTH);
  self->begin = g_new0 (guint32, n + 1);
  self->sizes = g_new (guint32, n);
  self->one_size = g_new (guint8, n);
  self->alias = g_new0 (guint32, n);
  self->threshold = g_new0 (guint32, n);
  for (guint i = 0; i < n; i++)
    {
      self->begin[i + 1] =
          self->begin[i] + make_stack (self, i, self->frames + self->begin[i], random);
      self->sizes[i] = make_size (i, random);
      self->one_size[i] = (guint8) made_random_chance (random, 1, 2);
    }
  make_draw_tables (self);
  return self;
}

void
made_stacks_free (MadeStacks *self)
{
  g_free (self->frames);
  g_free (self->begin);
  g_free (self->sizes);
  g_free (self->one_size);
  g_free (self->alias);
  g_free (self->threshold);
  g_free (self);
}
