/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "program-model.h"

#include <string.h>

#define NOBODY G_MAXUINT

typedef struct {
  guint owner; /* block that is live at each address, or NOBODY */
} Address;

typedef struct {
  gint64 skew_ns;
  guint64 last_ticks;
  guint last_block;    /* if its latest operation allocated it */
  guint realloc_stack; /* of a realloc under way … */
  gboolean reallocating;
  guint64 realloc_begin, realloc_old;
  guint domain;
} Player;

typedef struct {
  ProgramModel *model;
  TraceBuilder *builder;
  GRand *random;
  Address *addresses[MS_N_DOMAINS];
  Player players[16];
  guint64 now_ns;
} Play;

static guint
pick (Play *self, guint n)
{
  return (guint) g_rand_int_range (self->random, 0, (gint32) n);
}

static guint64
address_of (guint slot)
{
  return 0x7f0000001000 + (guint64) slot * 48;
}

/* What @thread's clock shows. */
static guint64
stamp (Play *self, guint thread)
{
  Player *player = &self->players[thread];
  guint64 ns = (guint64) ((gint64) self->now_ns + player->skew_ns);

  if (self->model->shape.tick_ns)
    ns -= ns % self->model->shape.tick_ns;
  player->last_ticks = MAX (player->last_ticks, ns);
  return player->last_ticks;
}

static guint
add_moment (Play *self)
{
  g_array_append_val (self->model->times_ns, self->now_ns);
  return self->model->times_ns->len - 1;
}

static void
free_block (Play *self, guint thread, guint domain, guint slot)
{
  guint number = self->addresses[domain][slot].owner;
  ModelBlock *block = &g_array_index (self->model->blocks, ModelBlock, number);

  block->died = add_moment (self);
  block->freed_by = thread;
  block->temporary = self->players[thread].last_block == number;
  trace_builder_set_domain (self->builder, thread, (TrkDomain) domain);
  self->addresses[domain][slot].owner = NOBODY;
  self->players[thread].last_block = NOBODY;
}

static void
new_block (Play *self,
           guint thread,
           guint domain,
           guint slot,
           guint64 size,
           guint stack,
           gboolean by_realloc)
{
  ModelBlock block = { .thread = thread,
                       .stack = stack,
                       .domain = domain,
                       .size = size,
                       .born = add_moment (self),
                       .died = G_MAXUINT,
                       .by_realloc = by_realloc };

  self->addresses[domain][slot].owner = self->model->blocks->len;
  self->players[thread].last_block = self->model->blocks->len;
  g_array_append_val (self->model->blocks, block);
}

/* A random slot that is free, or (@wanted) has a block that @thread may free; NOBODY if none. */
static guint
find_slot (Play *self, guint thread, guint domain, gboolean wanted)
{
  guint n = self->model->shape.n_addresses, first = pick (self, n);

  for (guint i = 0; i < n; i++)
    {
      guint slot = (first + i) % n, owner = self->addresses[domain][slot].owner;

      if (!wanted && owner == NOBODY)
        return slot;
      if (wanted && owner != NOBODY
          && (self->model->shape.cross_frees
              || g_array_index (self->model->blocks, ModelBlock, owner).thread == thread))
        return slot;
    }
  return NOBODY;
}

static guint64
random_size (Play *self)
{
  return pick (self, 10) == 0 ? (guint64) pick (self, 1 << 20) : (guint64) pick (self, 300);
}

static void
play_alloc (Play *self, guint thread, guint domain)
{
  guint slot = find_slot (self, thread, domain, FALSE),
        stack = pick (self, self->model->shape.n_stacks);
  guint64 size = random_size (self);

  if (slot == NOBODY)
    return;
  new_block (self, thread, domain, slot, size, stack, FALSE);
  trace_builder_alloc (self->builder, thread, stamp (self, thread), address_of (slot), size,
                       self->model->stack_ids[stack]);
}

static void
play_free (Play *self, guint thread, guint domain)
{
  guint slot = find_slot (self, thread, domain, TRUE);

  if (slot == NOBODY)
    return;
  free_block (self, thread, domain, slot);
  trace_builder_free_block (self->builder, thread, stamp (self, thread), address_of (slot));
}

static void
play_unknown_free (Play *self, guint thread, guint domain)
{
  guint64 nowhere = 0x10000000 + 16 * (guint64) pick (self, 1000);

  add_moment (self);
  self->players[thread].last_block = NOBODY;
  self->model->unknown_frees[domain][thread]++;
  trace_builder_free_block (self->builder, thread, stamp (self, thread), nowhere);
}

/* The old block ends now; others go on before the new one begins. */
static void
begin_realloc (Play *self, guint thread, guint domain)
{
  guint slot = find_slot (self, thread, domain, TRUE);
  Player *player = &self->players[thread];

  if (slot == NOBODY)
    return;
  free_block (self, thread, domain, slot);
  player->reallocating = TRUE;
  player->realloc_begin = stamp (self, thread);
  player->realloc_old = address_of (slot);
  player->domain = domain;
}

static void
end_realloc (Play *self, guint thread)
{
  Player *player = &self->players[thread];
  guint slot = find_slot (self, thread, player->domain, FALSE);
  guint stack = pick (self, self->model->shape.n_stacks);
  guint64 size = random_size (self);

  if (slot == NOBODY)
    return; /* still under way */
  new_block (self, thread, player->domain, slot, size, stack, TRUE);
  player->reallocating = FALSE;
  trace_builder_set_domain (self->builder, thread, (TrkDomain) player->domain);
  trace_builder_realloc (self->builder, thread, player->realloc_begin, stamp (self, thread),
                         player->realloc_old, address_of (slot), size,
                         self->model->stack_ids[stack]);
}

static void
play_step (Play *self)
{
  guint thread = pick (self, self->model->shape.n_threads);
  guint domain = self->model->shape.declared ? pick (self, 2) : 0, what = pick (self, 100);

  /* Less than two steps of skew: a free may seem to come after the next allocation, but never after
   * the next free. */
  self->now_ns += 1 + (guint64) self->model->shape.skew_ns / 2 + pick (self, 400);
  if (self->players[thread].reallocating)
    {
      end_realloc (self, thread);
      return;
    }
  trace_builder_set_domain (self->builder, thread, (TrkDomain) domain);
  if (what < 50)
    play_alloc (self, thread, domain);
  else if (what < 88)
    play_free (self, thread, domain);
  else if (what < 96 || !self->model->shape.unknown_frees)
    begin_realloc (self, thread, domain);
  else
    play_unknown_free (self, thread, domain);
}

/* Nobody stops inside a realloc: the call has not returned, so that it would not be in the trace. */
static void
end_play (Play *self)
{
  guint n_open = 1;

  while (n_open > 0)
    {
      n_open = 0;
      for (guint i = 0; i < self->model->shape.n_threads; i++)
        {
          self->now_ns += 1 + (guint64) self->model->shape.skew_ns / 2;
          if (self->players[i].reallocating)
            end_realloc (self, i);
          else
            play_free (self, i, self->model->shape.declared ? pick (self, 2) : 0);
          n_open += self->players[i].reallocating;
        }
    }
}

ProgramModel *
program_model_random (TraceBuilder *builder, const ProgramShape *shape, GRand *random)
{
  ProgramModel *model = g_new0 (ProgramModel, 1);
  Play self = { .model = model, .builder = builder, .random = random, .now_ns = 1000000 };

  model->shape = *shape;
  model->blocks = g_array_new (FALSE, FALSE, sizeof (ModelBlock));
  model->times_ns = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; i < shape->n_stacks; i++)
    {
      guint64 frames[3] = { 0x400000 + i, 0x500000, 0x600000 };

      model->stack_ids[i] = trace_builder_add_stack (builder, i % shape->n_threads, frames, 3);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      self.addresses[d] = g_new (Address, shape->n_addresses);
      memset (self.addresses[d], 0xff, shape->n_addresses * sizeof (Address));
    }
  for (guint i = 0; i < shape->n_threads; i++)
    {
      self.players[i].last_block = NOBODY;
      if (shape->skew_ns)
        self.players[i].skew_ns = g_rand_int_range (random, 0, (gint32) shape->skew_ns);
    }
  for (guint i = 0; i < shape->n_steps; i++)
    play_step (&self);
  end_play (&self);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    g_free (self.addresses[d]);
  return model;
}

void
program_model_free (ProgramModel *self)
{
  g_array_unref (self->blocks);
  g_array_unref (self->times_ns);
  g_free (self);
}

/* --- the truth ----------------------------------------------------------------------------------- */

static guint64
live_at (const ProgramModel *self, guint moment, guint domain, guint thread, guint stack)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const ModelBlock *b = &g_array_index (self->blocks, ModelBlock, i);

      if (b->domain == domain && (thread == ALL || b->thread == thread)
          && (stack == ALL || b->stack == stack) && b->born <= moment && moment < b->died)
        sum += b->size;
    }
  return sum;
}

static guint64
peak_of (const ProgramModel *self, guint domain, guint thread, guint stack, guint *moment)
{
  guint64 peak = 0;

  *moment = 0;
  for (guint i = 0; i < self->times_ns->len; i++)
    if (live_at (self, i, domain, thread, stack) > peak)
      {
        peak = live_at (self, i, domain, thread, stack);
        *moment = i;
      }
  return peak;
}

static void
add_block (MsTotals *totals, const ModelBlock *b, guint thread, guint stack)
{
  if ((thread == ALL || b->thread == thread) && (stack == ALL || b->stack == stack))
    {
      totals->allocations++;
      totals->allocated_bytes += b->size;
      totals->reallocations += b->by_realloc;
      totals->temporary_allocations += b->temporary;
      if (b->died == G_MAXUINT)
        {
          totals->leaked_allocations++;
          totals->leaked_bytes += b->size;
        }
      else
        {
          totals->freed_bytes_of_own += b->size;
        }
    }
  if (b->died != G_MAXUINT && (thread == ALL || b->freed_by == thread)
      && (stack == ALL || b->stack == stack))
    totals->deallocations++;
}

MsTotals
program_model_totals (const ProgramModel *self, guint domain, guint thread, guint stack)
{
  MsTotals totals = { .peak_time_ns = MS_TIME_NONE };
  guint moment, process_moment;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const ModelBlock *b = &g_array_index (self->blocks, ModelBlock, i);

      if (b->domain == domain)
        add_block (&totals, b, thread, stack);
    }
  for (guint i = 0; i < self->shape.n_threads && stack == ALL; i++)
    if (thread == ALL || thread == i)
      totals.unmatched_frees += self->unknown_frees[domain][i];
  totals.live_blocks = totals.leaked_allocations;
  totals.live_bytes = totals.leaked_bytes;
  totals.peak_bytes = peak_of (self, domain, thread, stack, &moment);
  if (totals.peak_bytes > 0)
    totals.peak_time_ns = (gint64) g_array_index (self->times_ns, guint64, moment);
  if (peak_of (self, domain, ALL, ALL, &process_moment) > 0)
    totals.bytes_at_process_peak = live_at (self, process_moment, domain, thread, stack);
  return totals;
}

void
program_model_series (const ProgramModel *self,
                      guint domain,
                      guint thread,
                      gint64 duration_ns,
                      guint n_bins,
                      guint64 *max,
                      guint64 *min)
{
  guint64 live = 0;
  guint moment = 0;

  for (guint bin = 0; bin < n_bins; bin++)
    {
      max[bin] = min[bin] = live;
      for (; moment < self->times_ns->len; moment++)
        {
          guint64 t = g_array_index (self->times_ns, guint64, moment);

          if (MIN (t * n_bins / (guint64) duration_ns, n_bins - 1) > bin)
            break;
          live = live_at (self, moment, domain, thread, ALL);
          max[bin] = MAX (max[bin], live);
          min[bin] = MIN (min[bin], live);
        }
    }
}
