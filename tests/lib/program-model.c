/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "program-model.h"

#include <string.h>

#define NOBODY G_MAXUINT
#define MAX_LOST_BLOCK 100

typedef struct {
  guint owner; /* block that is live at each address, or NOBODY */
} Address;

/* A block that ends: in the trace if its record will be. */
typedef struct {
  guint number, moment, domain;
  gboolean temporary;
} Death;

typedef struct {
  gint64 skew_ns;
  guint64 last_ticks;
  guint last_block;      /* if its latest operation allocated it */
  gboolean reallocating; /* a realloc is under way … */
  guint64 realloc_begin, realloc_old;
  Death realloc_death;
  guint domain;
} Player;

typedef struct {
  ProgramModel *model;
  TraceBuilder *builder;
  GRand *random;
  Address *addresses[MS_N_DOMAINS];
  Player players[MODEL_MAX_THREADS];
  guint next_slot; /* unique addresses: over all domains */
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

static gboolean
is_tracked (const Play *self, guint thread)
{
  return !self->model->shape.odd_untracked || thread % 2 == 0;
}

static ModelBlock *
get_block (Play *self, guint number)
{
  return &g_array_index (self->model->blocks, ModelBlock, number);
}

static Death
end_block (Play *self, guint thread, guint domain, guint slot)
{
  guint number = self->addresses[domain][slot].owner;
  Death death = { .number = number,
                  .moment = add_moment (self),
                  .domain = domain,
                  .temporary = self->players[thread].last_block == number };

  self->addresses[domain][slot].owner = NOBODY;
  self->players[thread].last_block = NOBODY;
  return death;
}

/* The free's record has been put.  What a trace with lost blocks cannot know of it, we do not either. */
static void
note_death (Play *self, guint thread, const Death *death)
{
  ModelBlock *block = get_block (self, death->number);

  if (trace_builder_is_losing (self->builder, thread))
    return;
  if (block->unseen)
    {
      self->model->unknown_frees[death->domain][thread]++;
      self->model->foreign_frees[death->domain][thread] += !is_tracked (self, thread);
      return;
    }
  block->died = death->moment;
  block->freed_by = thread;
  block->temporary = death->temporary;
}

static ModelBlock *
new_block (Play *self, guint thread, guint domain, guint slot, guint64 size, guint stack)
{
  ModelBlock block = { .thread = thread,
                       .stack = stack,
                       .domain = domain,
                       .size = size,
                       .born = add_moment (self),
                       .died = G_MAXUINT,
                       .grown_from = NOBODY,
                       .unseen = !is_tracked (self, thread) };

  self->addresses[domain][slot].owner = self->model->blocks->len;
  self->players[thread].last_block = self->model->blocks->len;
  g_array_append_val (self->model->blocks, block);
  return get_block (self, self->model->blocks->len - 1);
}

/* The record of a new block has been put. */
static void
note_birth (Play *self, guint thread, ModelBlock *block)
{
  block->unseen = trace_builder_is_losing (self->builder, thread);
}

static void
note_event (Play *self, guint thread)
{
  self->model->n_events += !trace_builder_is_losing (self->builder, thread);
}

/* A random slot that is free, or (@wanted) has a block that @thread may free; NOBODY if none. */
static guint
find_slot (Play *self, guint thread, guint domain, gboolean wanted)
{
  guint n = self->model->shape.n_addresses, first = pick (self, n);

  if (self->model->shape.unique_addresses && !wanted)
    return self->next_slot < n ? self->next_slot++ : NOBODY;
  for (guint i = 0; i < n; i++)
    {
      guint slot = (first + i) % n, owner = self->addresses[domain][slot].owner;

      if (!wanted && owner == NOBODY)
        return slot;
      if (wanted && owner != NOBODY
          && (self->model->shape.cross_frees || get_block (self, owner)->thread == thread))
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
  ModelBlock *block;

  if (slot == NOBODY)
    return;
  block = new_block (self, thread, domain, slot, size, stack);
  if (!is_tracked (self, thread))
    return;
  trace_builder_alloc (self->builder, thread, stamp (self, thread), address_of (slot), size,
                       self->model->stack_ids[stack]);
  note_birth (self, thread, block);
  note_event (self, thread);
}

/* By a thread that is not recorded: all are that may be of a block which is.  Some others are, too. */
static void
put_foreign_free (Play *self, guint thread, guint slot, const Death *death)
{
  if (!is_tracked (self, get_block (self, death->number)->thread) && pick (self, 2) == 0)
    return;
  trace_builder_foreign_free (self->builder, thread, stamp (self, thread), address_of (slot));
  note_death (self, thread, death);
  note_event (self, thread);
}

static void
play_free (Play *self, guint thread, guint domain)
{
  guint slot = find_slot (self, thread, domain, TRUE);
  Death death;

  if (slot == NOBODY)
    return;
  death = end_block (self, thread, domain, slot);
  trace_builder_set_domain (self->builder, thread, (TrkDomain) domain);
  if (!is_tracked (self, thread))
    {
      put_foreign_free (self, thread, slot, &death);
      return;
    }
  trace_builder_free_block (self->builder, thread, stamp (self, thread), address_of (slot));
  note_death (self, thread, &death);
  note_event (self, thread);
}

static void
play_unknown_free (Play *self, guint thread, guint domain)
{
  guint64 nowhere = 0x10000000 + 16 * (guint64) pick (self, 1000);

  add_moment (self);
  self->players[thread].last_block = NOBODY;
  if (!is_tracked (self, thread))
    return;
  trace_builder_free_block (self->builder, thread, stamp (self, thread), nowhere);
  self->model->unknown_frees[domain][thread] += !trace_builder_is_losing (self->builder, thread);
  note_event (self, thread);
}

/* The old block ends now; others go on before the new one begins. */
static void
begin_realloc (Play *self, guint thread, guint domain)
{
  guint slot = find_slot (self, thread, domain, TRUE);
  Player *player = &self->players[thread];

  if (slot == NOBODY)
    return;
  player->realloc_death = end_block (self, thread, domain, slot);
  player->reallocating = TRUE;
  player->realloc_begin = stamp (self, thread);
  player->realloc_old = address_of (slot);
  player->domain = domain;
  if (!is_tracked (self, thread))
    put_foreign_free (self, thread, slot, &player->realloc_death);
}

/* One record, of both blocks. */
static void
put_realloc (Play *self, guint thread, ModelBlock *block, guint slot)
{
  Player *player = &self->players[thread];
  guint old = player->realloc_death.number;

  trace_builder_set_domain (self->builder, thread, (TrkDomain) player->domain);
  trace_builder_realloc (self->builder, thread, player->realloc_begin, stamp (self, thread),
                         player->realloc_old, address_of (slot), block->size,
                         self->model->stack_ids[block->stack]);
  note_death (self, thread, &player->realloc_death);
  note_birth (self, thread, block);
  note_event (self, thread);
  block->by_realloc = TRUE;
  block->grown_from = get_block (self, old)->unseen ? NOBODY : old;
}

static void
end_realloc (Play *self, guint thread)
{
  Player *player = &self->players[thread];
  guint slot = find_slot (self, thread, player->domain, FALSE);
  guint stack = pick (self, self->model->shape.n_stacks);
  guint64 size = random_size (self);
  ModelBlock *block;

  if (slot == NOBODY)
    return; /* still under way */
  block = new_block (self, thread, player->domain, slot, size, stack);
  player->reallocating = FALSE;
  if (is_tracked (self, thread))
    put_realloc (self, thread, block, slot);
}

/* The thread's latest operation was one that nobody knows. */
static void
play_drop (Play *self, guint thread)
{
  guint64 n = 1 + pick (self, 5);

  self->players[thread].last_block = NOBODY;
  trace_builder_dropped (self->builder, thread, n);
  if (!trace_builder_is_losing (self->builder, thread))
    self->model->n_dropped += n;
}

static void
play_name (Play *self, guint thread)
{
  static const char *const names[] = { "worker", "idle", "reader \xff" };

  trace_builder_name (self->builder, thread, stamp (self, thread), names[pick (self, 3)], -1);
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
  if (pick (self, 100) < self->model->shape.dropped_percent && self->model->n_events > 0)
    play_drop (self, thread);
  if (pick (self, 50) == 0)
    play_name (self, thread);
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

static void
lose_blocks (Play *self)
{
  for (guint i = 0; i < self->model->shape.n_threads && self->model->shape.lost_percent > 0; i++)
    for (guint n = 0; n < MAX_LOST_BLOCK; n++)
      if (pick (self, 100) < self->model->shape.lost_percent)
        trace_builder_lose_block (self->builder, i, n);
}

ProgramModel *
program_model_random (TraceBuilder *builder, const ProgramShape *shape, GRand *random)
{
  ProgramModel *model = g_new0 (ProgramModel, 1);
  Play self = { .model = model, .builder = builder, .random = random, .now_ns = 1000000 };

  model->shape = *shape;
  if (shape->odd_untracked)
    trace_builder_set_configuration (builder, "\"threads\":\"even\"");
  trace_builder_set_forked (builder, shape->forked);
  trace_builder_set_began_late (builder, shape->began_late);
  lose_blocks (&self);
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
