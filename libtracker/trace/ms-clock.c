/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-clock.h"

#include <string.h>

#define MIN_KNOT_DISTANCE_NS (20 * G_GINT64_CONSTANT (1000000))
#define MIN_SLOPE_DISTANCE_NS (G_GINT64_CONSTANT (200000))
#define MAX_NS (G_MAXINT64 / 4)
#define JUMP 0.01 /* of the mean slope */

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const MsClockPair *x = a, *y = b;

  return x->ticks < y->ticks ? -1 : x->ticks > y->ticks;
}

static const MsClockPair *
knot (const MsClock *self, guint i)
{
  return &g_array_index (self->knots, MsClockPair, i);
}

static double
slope_between (const MsClockPair *a, const MsClockPair *b)
{
  return (double) (b->ns - a->ns) / (double) (b->ticks - a->ticks);
}

/* Every 20 ms at most, and the last one in place of the one before it. */
static void
choose_knots (MsClock *self, const GArray *pairs)
{
  const MsClockPair *all = (const MsClockPair *) (gpointer) pairs->data;

  for (guint i = 0; i < pairs->len; i++)
    {
      const MsClockPair *last = self->knots->len ? knot (self, self->knots->len - 1) : NULL;

      if (all[i].ns <= 0 || all[i].ns > MAX_NS)
        continue;
      if (last && (all[i].ticks <= last->ticks || all[i].ns <= last->ns))
        continue;
      if (last && i + 1 < pairs->len && all[i].ns - last->ns < MIN_KNOT_DISTANCE_NS)
        continue;
      if (last && self->knots->len > 1 && all[i].ns - last->ns < MIN_KNOT_DISTANCE_NS)
        g_array_set_size (self->knots, self->knots->len - 1);
      g_array_append_vals (self->knots, &all[i], 1);
    }
}

static void
measure_slope (MsClock *self)
{
  const MsClockPair *first, *last;

  self->ns_per_tick = 1;
  self->guessed = TRUE;
  if (self->knots->len < 2)
    return;
  first = knot (self, 0);
  last = knot (self, self->knots->len - 1);
  if (last->ns - first->ns < MIN_SLOPE_DISTANCE_NS)
    {
      g_array_set_size (self->knots, 1);
      return;
    }
  self->ns_per_tick = slope_between (first, last);
  if (self->ns_per_tick < 1e-3 || self->ns_per_tick > 1e4)
    {
      self->ns_per_tick = 1;
      g_array_set_size (self->knots, 1);
      return;
    }
  self->guessed = FALSE;
  for (guint i = 1; i < self->knots->len; i++)
    {
      double slope = slope_between (knot (self, i - 1), knot (self, i));

      if (ABS (slope - self->ns_per_tick) > JUMP * self->ns_per_tick)
        self->jumped = TRUE;
    }
}

void
ms_clock_init (MsClock *self, gboolean identity, gint64 start_ns, GArray *pairs)
{
  memset (self, 0, sizeof *self);
  self->identity = identity;
  self->ns_per_tick = 1;
  self->knots = g_array_new (FALSE, FALSE, sizeof (MsClockPair));
  g_array_sort (pairs, compare_pairs);
  if (!identity)
    {
      choose_knots (self, pairs);
      measure_slope (self);
    }
  self->start_ns = CLAMP (start_ns, 0, MAX_NS);
  if (self->start_ns == 0 && pairs->len > 0)
    self->start_ns = CLAMP (g_array_index (pairs, MsClockPair, 0).ns, 0, MAX_NS);
}

void
ms_clock_clear (MsClock *self)
{
  g_clear_pointer (&self->knots, g_array_unref);
}

/* Index of the last knot at or before @ticks, or 0. */
static guint
find_knot (const MsClock *self, guint64 ticks)
{
  guint low = 0, high = self->knots->len;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (knot (self, middle)->ticks <= ticks)
        low = middle;
      else
        high = middle;
    }
  return low;
}

static gint64
clamp_ns (double ns)
{
  return ns >= (double) MAX_NS ? MAX_NS : ns <= 0 ? 0 : (gint64) ns;
}

static gint64
to_ns_without_knots (const MsClock *self, guint64 ticks)
{
  if (self->identity)
    return (gint64) MIN (ticks > (guint64) self->start_ns ? ticks - (guint64) self->start_ns : 0,
                         (guint64) MAX_NS);
  return (gint64) MIN (ticks, (guint64) MAX_NS);
}

/* From the @i-th knot on. */
static gint64
to_ns_from_knot (const MsClock *self, guint i, guint64 ticks)
{
  const MsClockPair *base = knot (self, i);
  double slope = self->ns_per_tick;

  if (ticks < base->ticks)
    return clamp_ns ((double) (base->ns - self->start_ns) - (double) (base->ticks - ticks) * slope);
  if (i + 1 < self->knots->len)
    slope = slope_between (base, knot (self, i + 1));
  return clamp_ns ((double) (base->ns - self->start_ns) + (double) (ticks - base->ticks) * slope);
}

static gboolean
has_knots (const MsClock *self)
{
  return !self->identity && self->knots->len > 0;
}

gint64
ms_clock_to_ns (const MsClock *self, guint64 ticks)
{
  return has_knots (self) ? to_ns_from_knot (self, find_knot (self, ticks), ticks)
                          : to_ns_without_knots (self, ticks);
}

gint64
ms_clock_to_ns_near (const MsClock *self, guint *near, guint64 ticks)
{
  if (!has_knots (self))
    return to_ns_without_knots (self, ticks);
  while (*near + 1 < self->knots->len && knot (self, *near + 1)->ticks <= ticks)
    ++*near;
  return to_ns_from_knot (self, *near, ticks);
}

guint64
ms_clock_to_ticks (const MsClock *self, gint64 ns)
{
  guint64 low = 0, high = G_MAXUINT64;

  if (self->identity)
    return (guint64) (self->start_ns + ns);
  /* Called once a bin, so a search over the rising function will do. */
  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (ms_clock_to_ns (self, middle) < ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
