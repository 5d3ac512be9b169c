/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The peak of chosen blocks of a sampled trace: what ms-sampled-curve.h does for the whole, once more.
 *
 *   first walk    from the trace's start: both halves choose a moment of the range, and the other one reads
 *                 the curve there                                                       ─▶  peak, error
 *   second walk   up to the later of the two: what each thread and stack had then       ─▶  shares of it
 *
 * In order and on one thread, as sums of broken numbers depend on it.
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <math.h>

typedef struct {
  MsSampledCurve curve;
  guint64 chosen[2];             /* halves' moments: before these events */
  guint64 live, highest, moment; /* of the plain estimate */
  double highest_variance;
} Walk;

/* An event of a chosen block. */
typedef struct {
  guint64 number;
  guint32 site;
  gboolean is_alloc;
  MsSampledBlock block;
} Change;

typedef void (*ChangeFunc) (const Change *change, gpointer data);

/* In order, up to event @end. */
static gboolean
walk_events (const MsView *self,
             const guint8 *marks,
             guint64 end,
             ChangeFunc function,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  guint32 n_sites = ms_history_get_n_sites (self->history);
  guint n = ms_history_count_pieces (self->history, 0, end);
  MsStretch stretch;

  for (guint k = 0; k < n; k++)
    {
      const MsHistoryColumns *columns = &stretch.columns;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      ms_history_get_stretch (self->history, 0, end, k, &stretch);
      for (guint32 i = stretch.from; i < stretch.to; i++)
        {
          Change change = { columns->first_event + i,
                            ms_view_site_of (columns, i, n_sites),
                            (columns->sizes[i] & MS_HISTORY_FREE) == 0,
                            { .halves = MS_HALVES_BOTH } };

          if (!marks[change.site])
            continue;
          change.block = ms_sampled_block (ms_history_bytes (self->history, columns, i),
                                           ms_history_weight (columns, i),
                                           columns->halves ? columns->halves[i] : MS_HALVES_BOTH);
          function (&change, data);
        }
    }
  return TRUE;
}

/* --- the moments ----------------------------------------------------------------------------------- */

typedef struct {
  const MsView *view;
  gboolean in_range;
  Walk walk;
} Choosing;

/* What is live before event @event. */
static void
note_moment (Walk *self, guint64 event)
{
  for (guint k = 0; k < 2; k++)
    if (ms_sampled_curve_note (&self->curve, k))
      self->chosen[k] = event;
  if (self->live <= self->highest)
    return;
  self->highest = self->live;
  self->highest_variance = self->curve.live_variance;
  self->moment = event;
}

static void
enter_range (Choosing *self)
{
  if (!self->in_range)
    note_moment (&self->walk, self->view->first);
  self->in_range = TRUE;
}

static void
choose (const Change *change, gpointer data)
{
  Choosing *self = data;
  Walk *walk = &self->walk;

  if (change->number >= self->view->first)
    enter_range (self);
  walk->live += change->is_alloc ? change->block.bytes : 0 - change->block.bytes;
  ms_sampled_curve_change (&walk->curve, &change->block, change->is_alloc, walk->live);
  if (self->in_range)
    note_moment (walk, change->number + 1);
}

/* --- what was live then ---------------------------------------------------------------------------- */

typedef struct {
  guint64 readings[2]; /* of the plain estimate both, if the halves did not choose */
  double variances[2];
} Part;

typedef struct {
  const MsView *view;
  guint64 until[2];
  gboolean is_split;
  Part *threads, *stacks;
} Spreading;

static void
add_to_part (Part *self, guint k, const Change *change, guint64 bytes)
{
  double variance = change->is_alloc ? change->block.variance : -change->block.variance;

  self->readings[k] += change->is_alloc ? bytes : 0 - bytes;
  self->variances[k] += variance;
}

static void
spread (const Change *change, gpointer data)
{
  Spreading *self = data;
  const MsHistorySite *site = &ms_history_get_sites (self->view->history)[change->site];

  for (guint k = 0; k < 2; k++)
    {
      guint64 bytes =
          self->is_split ? ms_sampled_block_reading (&change->block, k) : change->block.bytes;

      if (change->number >= self->until[k])
        continue;
      add_to_part (&self->threads[site->thread], k, change, bytes);
      add_to_part (&self->stacks[site->stack], k, change, bytes);
    }
}

/* Such that the parts add up to the whole. */
static void
join_parts (const Part *parts, guint n, guint64 *bytes, double *errors)
{
  guint carry = 0;

  for (guint i = 0; i < n; i++)
    {
      const double variances[2] = { MAX (0, parts[i].variances[0]),
                                    MAX (0, parts[i].variances[1]) };

      bytes[i] = ms_sampled_mean (parts[i].readings, &carry);
      if (parts[i].readings[0] > 0 || parts[i].readings[1] > 0)
        errors[i] = ms_sampled_mean_error (parts[i].readings, variances);
    }
}

static gboolean
find_shares (const MsView *self,
             const guint8 *marks,
             const Walk *walk,
             MsViewPeakParts *parts,
             GCancellable *cancellable,
             GError **error)
{
  guint n_threads = self->trace->threads->len, n_stacks = self->trace->n_stacks;
  g_autofree Part *threads = g_new0 (Part, n_threads + 1);
  g_autofree Part *stacks = g_new0 (Part, n_stacks + 1);
  gboolean is_split = ms_sampled_curve_is_split (&walk->curve);
  Spreading spreading = { self,
                          { is_split ? walk->chosen[0] : walk->moment,
                            is_split ? walk->chosen[1] : walk->moment },
                          is_split,
                          threads,
                          stacks };

  if (!walk_events (self, marks, MAX (spreading.until[0], spreading.until[1]), spread, &spreading,
                    cancellable, error))
    return FALSE;
  join_parts (threads, n_threads, parts->threads, parts->thread_errors);
  join_parts (stacks, n_stacks, parts->stacks, parts->stack_errors);
  return TRUE;
}

/* --- all --------------------------------------------------------------------------------------------- */

gboolean
ms_view_find_sampled_peak (const MsView *self,
                           MsDomain domain,
                           MsPeak *peak,
                           MsViewPeakParts *parts,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, NULL);
  Choosing choosing = { .view = self };
  const Walk *walk = &choosing.walk;
  const MsHalf *halves = walk->curve.halves;
  guint carry = 0;

  if (!walk_events (self, marks, self->end, choose, &choosing, cancellable, error))
    return FALSE;
  enter_range (&choosing);
  if (walk->highest == 0)
    return TRUE;
  peak->bytes = walk->highest;
  peak->standard_error = sqrt (walk->highest_variance);
  if (ms_sampled_curve_is_split (&walk->curve))
    {
      const guint64 readings[2] = { halves[0].read, halves[1].read };
      const double variances[2] = { halves[0].read_variance, halves[1].read_variance };

      peak->bytes = ms_sampled_mean (readings, &carry);
      peak->standard_error = ms_sampled_mean_error (readings, variances);
    }
  peak->time_ns = walk->moment == self->first
                      ? self->start_ns
                      : ms_history_get_time (self->history, walk->moment - 1);
  return find_shares (self, marks, walk, parts, cancellable, error);
}
