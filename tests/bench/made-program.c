/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "made-program.h"

#define NO_SLOT G_MAXUINT32
#define N_CLASSES 128
#define N_RECENT_STACKS 32
#define MAX_TURN 50
#define MAX_TRIES 8
#define MAX_REALLOC_BYTES (1 << 20)

typedef struct {
  guint64 address, size;
  guint32 thread;    /* that allocated the block */
  guint32 next_free; /* of the same class and list */
  guint16 size_class;
} Slot;

typedef enum { NOT_YET, STARTED, RUNNING, ENDED } Life;

typedef struct {
  Life life;
  guint64 start_event, exit_event;
  guint32 *window;
  guint n_window;
  guint32 temporary;  /* to be freed by the next operation, or NO_SLOT */
  guint32 last_alloc; /* what the latest operation allocated, or NO_SLOT */
  guint64 next_address;
  guint32 free_lists[N_CLASSES];
  guint32 recent_stacks[N_RECENT_STACKS];
} Thread;

struct _MadeProgram {
  MadeShape shape;
  MadeRandom random;
  MadeStacks *stacks;
  Thread *threads;
  guint32 runnable[MADE_MAX_THREADS];
  guint n_runnable, n_started;
  Slot *slots;
  guint32 n_slots_allocated;
  guint32 turn_thread;
  guint n_turn_left;
  guint64 now_ns, n_windowed;
  gboolean draining;
  MadeTruth truth;
};

MadeProgram *
made_program_new (const MadeShape *shape)
{
  MadeProgram *self = g_new0 (MadeProgram, 1);

  g_assert (shape->n_threads > 0 && shape->n_threads <= MADE_MAX_THREADS && shape->n_live > 0
            && shape->step_ns > 0 && shape->n_stacks > 0);
  self->shape = *shape;
  self->random.state = shape->seed;
  self->stacks = made_stacks_new (shape->n_stacks, &self->random);
  self->threads = g_new0 (Thread, shape->n_threads);
  self->truth.threads = g_new0 (MadeTotals, shape->n_threads);
  self->truth.size_bins = g_new0 (guint64, (gsize) shape->n_threads * MADE_SIZE_BINS);
  self->n_slots_allocated = 1024;
  self->slots = g_new (Slot, self->n_slots_allocated);
  for (guint i = 0; i < shape->n_threads; i++)
    {
      Thread *thread = &self->threads[i];

      /* All in the first twentieth; every fourth ends in the last half. */
      thread->start_event = shape->n_events * i / (20 * shape->n_threads);
      thread->exit_event = i % 4 == 3 ? shape->n_events * (8 + i % 7) / 16 : G_MAXUINT64;
      thread->window = g_new (guint32, 2 * shape->n_live + 1);
      thread->temporary = thread->last_alloc = NO_SLOT;
      /* The main thread's heap, and an arena of its own for each other. */
      thread->next_address = i == 0 ? 0x555556000010 : 0x7f0000000030 + ((guint64) i << 30);
      for (guint c = 0; c < N_CLASSES; c++)
        thread->free_lists[c] = NO_SLOT;
      for (guint s = 0; s < N_RECENT_STACKS; s++)
        thread->recent_stacks[s] = made_stacks_draw (self->stacks, &self->random);
    }
  return self;
}

void
made_program_free (MadeProgram *self)
{
  for (guint i = 0; i < self->shape.n_threads; i++)
    g_free (self->threads[i].window);
  g_free (self->threads);
  g_free (self->truth.threads);
  g_free (self->truth.size_bins);
  g_free (self->slots);
  made_stacks_free (self->stacks);
  g_free (self);
}

const MadeTruth *
made_program_get_truth (const MadeProgram *self)
{
  return &self->truth;
}

const MadeStacks *
made_program_get_stacks (const MadeProgram *self)
{
  return self->stacks;
}

/* --- the allocator ------------------------------------------------------------------------------- */

/* What a block of @size takes, and the list that it goes to: as the C library's up to a kilobyte, in
 * quarters of powers of two above. */
static guint
classify (guint64 size, guint64 *chunk)
{
  guint power;

  *chunk = MAX (32, (size + 23) & ~(guint64) 15);
  if (*chunk <= 1040)
    return (guint) (*chunk / 16);
  power = 61 - (guint) __builtin_clzll (*chunk - 1); /* of a quarter */
  *chunk = (*chunk + ((guint64) 1 << power) - 1) >> power << power;
  return 66 + (power - 8) * 4 + (guint) ((*chunk - 1) >> power) % 4;
}

static guint32
take_slot (MadeProgram *self, guint32 thread, guint64 size)
{
  guint64 chunk;
  guint size_class = classify (size, &chunk);
  Thread *t = &self->threads[thread];
  guint32 slot = t->free_lists[size_class];

  if (slot != NO_SLOT)
    {
      t->free_lists[size_class] = self->slots[slot].next_free;
    }
  else
    {
      if (self->truth.n_slots == self->n_slots_allocated)
        self->slots = g_renew (Slot, self->slots, self->n_slots_allocated *= 2);
      slot = self->truth.n_slots++;
      self->slots[slot].address = t->next_address;
      self->slots[slot].size_class = (guint16) size_class;
      t->next_address += chunk;
    }
  self->slots[slot].thread = thread;
  self->slots[slot].size = size;
  return slot;
}

/* To the list of who frees it, as caches of threads do it. */
static void
give_slot (MadeProgram *self, guint32 thread, guint32 slot)
{
  guint32 *list = &self->threads[thread].free_lists[self->slots[slot].size_class];

  self->slots[slot].next_free = *list;
  *list = slot;
}

/* --- the truth ----------------------------------------------------------------------------------- */

static void
count_peak (MadeTotals *totals, guint64 ns)
{
  if (totals->live_bytes <= totals->peak_bytes)
    return;
  totals->peak_bytes = totals->live_bytes;
  totals->peak_ns = ns;
}

static void
count_alloc (MadeProgram *self, guint32 thread, guint64 size, gboolean is_realloc, guint64 ns)
{
  MadeTotals *both[2] = { &self->truth.process, &self->truth.threads[thread] };
  guint bin = size == 0 ? 0 : 64 - (guint) __builtin_clzll (size);

  for (guint i = 0; i < 2; i++)
    {
      both[i]->allocations++;
      both[i]->reallocations += (guint64) is_realloc;
      both[i]->allocated_bytes += size;
      both[i]->live_bytes += size;
      both[i]->live_blocks++;
      count_peak (both[i], ns);
    }
  self->truth.size_bins[(gsize) thread * MADE_SIZE_BINS + bin]++;
}

static void
count_free (MadeProgram *self, guint32 thread, guint32 slot)
{
  guint32 owner = self->slots[slot].thread;
  MadeTotals *process = &self->truth.process, *owns = &self->truth.threads[owner];
  gboolean temporary = slot == self->threads[thread].last_alloc && owner == thread;

  process->deallocations++;
  self->truth.threads[thread].deallocations++;
  process->live_bytes -= self->slots[slot].size;
  process->live_blocks--;
  owns->live_bytes -= self->slots[slot].size;
  owns->live_blocks--;
  process->temporary_allocations += (guint64) temporary;
  owns->temporary_allocations += (guint64) temporary;
  self->truth.foreign_frees += owner != thread;
}

/* --- what happens -------------------------------------------------------------------------------- */

static guint64
advance (MadeProgram *self)
{
  guint64 bits = made_random_next (&self->random);

  self->now_ns += 1 + (bits & 0xffff) * (2 * self->shape.step_ns - 1) / 0x10000;
  if (bits >> 52 == 0)
    self->now_ns += (bits >> 16) % 20000; /* nobody has anything to do */
  return self->now_ns;
}

/* A program that parses does not serve: most allocations are at a few stacks, which change slowly. */
static guint32
draw_stack (MadeProgram *self, Thread *t)
{
  guint64 bits = made_random_next (&self->random);
  guint32 *stack = &t->recent_stacks[bits % N_RECENT_STACKS];

  if (bits >> 59 == 0)
    *stack = made_stacks_draw (self->stacks, &self->random);
  return *stack;
}

static guint64
draw_size (MadeProgram *self, guint32 stack)
{
  guint64 size = self->stacks->sizes[stack];

  if (self->stacks->one_size[stack])
    return size;
  return size * (8 + made_random_below (&self->random, 16)) / 16;
}

static gboolean
tell_alloc (MadeProgram *self, guint32 thread, MadeEvent *event)
{
  Thread *t = &self->threads[thread];
  MadeRandom *random = &self->random;

  event->kind = MADE_ALLOC;
  event->ns = advance (self);
  event->stack = draw_stack (self, t);
  event->size = draw_size (self, event->stack);
  event->slot = take_slot (self, thread, event->size);
  event->address = self->slots[event->slot].address;
  count_alloc (self, thread, event->size, FALSE, event->ns);
  t->last_alloc = event->slot;
  if (self->draining || made_random_chance (random, self->shape.kept_per_million, 1000000))
    return TRUE;
  self->n_windowed++;
  if (t->n_window == 2 * self->shape.n_live
      || made_random_chance (random, self->shape.temporary_percent, 100))
    t->temporary = event->slot;
  else
    t->window[t->n_window++] = event->slot;
  return TRUE;
}

/* The block is in no window any more. */
static gboolean
tell_free (MadeProgram *self, guint32 thread, guint32 slot, MadeEvent *event)
{
  event->kind = MADE_FREE;
  event->ns = advance (self);
  event->slot = slot;
  event->address = self->slots[slot].address;
  count_free (self, thread, slot);
  self->n_windowed--;
  give_slot (self, thread, slot);
  self->threads[thread].last_alloc = NO_SLOT;
  return TRUE;
}

/* Takes a block out of the window: most often one of the youngest. */
static guint32
draw_block (MadeProgram *self, Thread *t)
{
  guint64 bits = made_random_next (&self->random);
  guint back = bits & 3 ? (guint) (bits >> 32) % MIN (t->n_window, 32)
                        : (guint) (((bits >> 32) * t->n_window) >> 32);
  guint32 *place = &t->window[t->n_window - 1 - back], slot = *place;

  *place = t->window[--t->n_window];
  return slot;
}

static gboolean
tell_realloc (MadeProgram *self, guint32 thread, MadeEvent *event)
{
  Thread *t = &self->threads[thread];
  guint32 old = draw_block (self, t);
  guint64 old_size = self->slots[old].size;

  event->kind = MADE_REALLOC;
  event->ns = advance (self);
  event->end_ns = self->now_ns += 20 + made_random_below (&self->random, 100);
  event->stack = draw_stack (self, t);
  event->size = MIN (old_size + old_size / 2 + 8, MAX_REALLOC_BYTES);
  event->old_slot = old;
  event->old_address = self->slots[old].address;
  count_free (self, thread, old);
  give_slot (self, thread, old); /* a larger one of the same class stays where it is */
  event->slot = take_slot (self, thread, event->size);
  event->address = self->slots[event->slot].address;
  count_alloc (self, thread, event->size, TRUE, event->end_ns);
  t->window[t->n_window++] = event->slot;
  t->last_alloc = event->slot;
  return TRUE;
}

/* Whose block @thread frees: NULL if there is none to be had. */
static Thread *
choose_victim (MadeProgram *self, guint32 thread)
{
  guint n_tries =
      made_random_chance (&self->random, self->shape.foreign_percent, 100) ? MAX_TRIES : 0;

  for (guint i = 0; i < n_tries; i++)
    {
      guint32 other = made_random_below (&self->random, self->n_started);

      if (other != thread && self->threads[other].n_window > 0)
        return &self->threads[other];
    }
  return self->threads[thread].n_window > 0 ? &self->threads[thread] : NULL;
}

static gboolean
tell_operation (MadeProgram *self, guint32 thread, MadeEvent *event)
{
  Thread *t = &self->threads[thread], *victim;
  guint32 slot = t->temporary;
  guint n_live = self->shape.n_live, n_missing = n_live - MIN (t->n_window, n_live);
  guint64 bits = made_random_next (&self->random);

  self->truth.n_events++;
  if (slot != NO_SLOT)
    {
      t->temporary = NO_SLOT;
      return tell_free (self, thread, slot, event);
    }
  if (t->n_window > 0 && (bits >> 32) % 100 < self->shape.realloc_percent)
    return tell_realloc (self, thread, event);
  /* Three of four while the window is empty, one of two when it is full. */
  if ((bits & 0xffff) < 0x8000 + (guint64) n_missing * 0x4000 / n_live)
    return tell_alloc (self, thread, event);
  victim = choose_victim (self, thread);
  if (victim == NULL)
    return tell_alloc (self, thread, event);
  return tell_free (self, thread, draw_block (self, victim), event);
}

/* --- threads ------------------------------------------------------------------------------------- */

static gboolean
tell_start (MadeProgram *self, guint32 thread, MadeEvent *event)
{
  self->threads[thread].life = STARTED;
  self->runnable[self->n_runnable++] = thread;
  self->n_started++;
  self->turn_thread = thread;
  self->n_turn_left = MAX_TURN;
  event->kind = MADE_START;
  event->ns = advance (self);
  return TRUE;
}

static gboolean
tell_name (MadeProgram *self, guint32 thread, MadeEvent *event)
{
  static const char *const kinds[] = { "made-up", "worker", "parser", "network", "cache" };

  self->threads[thread].life = RUNNING;
  self->threads[thread].last_alloc = NO_SLOT;
  event->kind = MADE_NAME;
  event->ns = advance (self);
  g_snprintf (event->name, sizeof event->name, "%s-%u",
              kinds[thread == 0 ? 0 : 1 + thread % (G_N_ELEMENTS (kinds) - 1)], thread);
  return TRUE;
}

static gboolean
tell_exit (MadeProgram *self, guint32 thread, MadeEvent *event)
{
  Thread *t = &self->threads[thread];

  t->life = ENDED;
  if (t->temporary != NO_SLOT)
    t->window[t->n_window++] = t->temporary;
  t->temporary = NO_SLOT;
  for (guint i = 0; i < self->n_runnable; i++)
    if (self->runnable[i] == thread)
      self->runnable[i] = self->runnable[--self->n_runnable];
  self->n_turn_left = 0;
  event->kind = MADE_EXIT;
  event->ns = advance (self);
  return TRUE;
}

/* Threads with a lower number get more turns. */
static void
next_turn (MadeProgram *self)
{
  guint a = made_random_below (&self->random, self->n_runnable);
  guint b = made_random_below (&self->random, self->n_runnable);

  self->turn_thread = self->runnable[MIN (a, b)];
  self->n_turn_left = 1 + made_random_below (&self->random, MAX_TURN);
}

/* The other threads end, the main thread frees what is left, and the program is over. */
static gboolean
drain (MadeProgram *self, MadeEvent *event)
{
  guint n = self->shape.n_threads;

  event->thread = 0;
  for (guint i = 1; i < n; i++)
    if (self->threads[i].life == RUNNING || self->threads[i].life == STARTED)
      {
        event->thread = i;
        return tell_exit (self, i, event);
      }
  if (self->threads[0].temporary != NO_SLOT)
    {
      self->threads[0].window[self->threads[0].n_window++] = self->threads[0].temporary;
      self->threads[0].temporary = NO_SLOT;
    }
  if (self->truth.n_events == self->shape.n_events)
    return self->threads[0].life != ENDED && tell_exit (self, 0, event);
  self->truth.n_events++;
  for (guint i = 0; i < n && self->shape.n_events - self->truth.n_events < self->n_windowed; i++)
    if (self->threads[i].n_window > 0)
      return tell_free (self, 0, draw_block (self, &self->threads[i]), event);
  return tell_alloc (self, 0, event);
}

gboolean
made_program_next (MadeProgram *self, MadeEvent *event)
{
  guint64 n_left = self->shape.n_events - self->truth.n_events;
  Thread *thread;

  self->truth.duration_ns = self->now_ns;
  self->draining = self->draining || n_left <= self->n_windowed + 1;
  if (self->n_started < self->shape.n_threads && !self->draining
      && self->truth.n_events >= self->threads[self->n_started].start_event)
    {
      event->thread = self->n_started;
      return tell_start (self, event->thread, event);
    }
  if (self->draining)
    return drain (self, event);
  if (self->n_turn_left == 0)
    next_turn (self);
  self->n_turn_left--;
  thread = &self->threads[self->turn_thread];
  event->thread = self->turn_thread;
  if (thread->life == STARTED)
    return tell_name (self, event->thread, event);
  if (self->truth.n_events >= thread->exit_event && thread->temporary == NO_SLOT)
    return tell_exit (self, event->thread, event);
  return tell_operation (self, event->thread, event);
}
