/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a curve of live bytes has beside its bytes in a sampled trace: errors, and an honest peak.
 *
 * The highest point of a noisy curve is too high, because it is where the noise was highest.  So the
 * blocks that were kept are dealt out to two halves that know nothing of each other, and neither reads
 * the height of a moment that it chose itself (sample splitting, also called cross-fitting):
 *
 *   half 0   chooses the moment when its own estimate is highest  ─▶  the curve is read there as half 1
 *   half 1   chooses likewise                                     ─▶  tells, and the other way round
 *
 * The peak is the mean of the two readings.  With p the probability with which a block was kept and
 * s = √(1 − p), a kept block is in both halves with probability (1 − s) / (1 + s), else in one of them,
 * each as likely.  Then each half is a sample of all blocks with probability a = 1 − s, independent of the
 * other: (1 − a)² = 1 − p.  Of bytes b = Z / p, where half k chooses, a block
 *
 *   in both halves  counts b (1 + s) for the choice, b       for the reading
 *   in half k only         b (1 + s)                 b (1 − s)
 *   in the other only      0                         b (1 + s)
 *
 * b (1 + s) is Z / a.  Whatever half k holds, the reading's expectation is the truth: of a block that is
 * not in it a Z / a = Z, of one that is a b + s b (1 − s) = Z.  Where both halves choose the same moment
 * the mean of the readings is the plain estimate.
 *
 * A reading has at most twice the plain estimate's variance and the mean of two about the same, which is
 * taken as the mean of the plain variances of both moments; the square of half the readings' distance
 * is added, since halves that disagree do not know when the peak was.
 */
#pragma once

#include "ms-estimate.h"

G_BEGIN_DECLS

/* In which half a block is; 0: both, as are all that were kept with certainty. */
enum { MS_HALVES_BOTH, MS_HALVES_FIRST, MS_HALVES_SECOND };

typedef struct {
  guint64 choice, reading; /* bytes now, as above */
  guint64 highest;         /* choice; 0: it never held a block */
  guint64 read;            /* reading at the last moment when the choice was highest… */
  double read_variance;
  guint64 at_process_peak; /* …and at that of the process's number @epoch */
  double at_process_peak_variance;
  guint64 epoch;
} MsHalf;

typedef struct {
  double live_variance, peak_variance, at_process_peak_variance; /* of the plain estimate */
  guint64 first_epoch; /* of the process: the plain epoch when sampling began */
  MsHalf halves[2];
} MsSampledCurve;

/* What one block adds. */
typedef struct {
  guint64 bytes, rest; /* b, b s */
  double variance;
  guint halves;
} MsSampledBlock;

/* @number: of the block among those that thread @thread_id kept.  Neither size nor time comes in. */
static inline guint
ms_halves_of (guint32 thread_id, guint64 number, double weight)
{
  guint64 hash = ((guint64) thread_id << 40) + number + 1;
  double s = sqrt (MAX (0, 1 - 1 / weight)), draw;

  hash *= G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  hash = (hash ^ hash >> 30) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  hash = (hash ^ hash >> 27) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  hash ^= hash >> 31;
  draw = (double) (hash >> 12) * 0x1p-52;
  if (draw < (1 - s) / (1 + s))
    return MS_HALVES_BOTH;
  return hash & 1 ? MS_HALVES_FIRST : MS_HALVES_SECOND;
}

static inline MsSampledBlock
ms_sampled_block (guint64 bytes, double weight, guint halves)
{
  double s = sqrt (MAX (0, 1 - 1 / weight));

  return (MsSampledBlock) { bytes, MIN (bytes, (guint64) ((double) bytes * s + 0.5)),
                            ms_variance_of (weight, (double) bytes).bytes, halves };
}

/* Before a change: keeps what was read at the moments that the process's halves chose. */
static inline void
ms_sampled_curve_save (MsSampledCurve *self, const MsSampledCurve *process)
{
  for (guint k = 0; k < 2; k++)
    if (self->halves[k].epoch != process->halves[k].epoch)
      {
        self->halves[k].at_process_peak = self->halves[k].reading;
        self->halves[k].at_process_peak_variance = self->live_variance;
        self->halves[k].epoch = process->halves[k].epoch;
      }
}

/* What a block adds to what is read where half @k chooses. */
static inline guint64
ms_sampled_block_reading (const MsSampledBlock *block, guint k)
{
  if (block->halves == MS_HALVES_FIRST + k)
    return block->bytes - block->rest;
  return block->halves == MS_HALVES_FIRST + (k ^ 1) ? block->bytes + block->rest : block->bytes;
}

/* Takes @block from the curve, or adds it; @live_bytes are those after it. */
static inline void
ms_sampled_curve_change (MsSampledCurve *self,
                         const MsSampledBlock *block,
                         gboolean add,
                         guint64 live_bytes)
{
  double variance = self->live_variance + (add ? block->variance : -block->variance);

  self->live_variance = live_bytes > 0 ? MAX (0, variance) : 0;
  for (guint k = 0; k < 2; k++)
    {
      gboolean in = block->halves != MS_HALVES_FIRST + (k ^ 1);
      guint64 choice = in ? block->bytes + block->rest : 0;
      guint64 reading = ms_sampled_block_reading (block, k);

      self->halves[k].choice += add ? choice : 0 - choice;
      self->halves[k].reading += add ? reading : 0 - reading;
    }
}

/* After a change.  TRUE: half @k chooses this moment. */
static inline gboolean
ms_sampled_curve_note (MsSampledCurve *self, guint k)
{
  MsHalf *half = &self->halves[k];

  if (half->choice < half->highest || half->choice == 0)
    return FALSE;
  half->highest = half->choice;
  half->read = half->reading;
  half->read_variance = self->live_variance;
  return TRUE;
}

/* FALSE: one half never held a block, so that nothing can be read where it is highest. */
static inline gboolean
ms_sampled_curve_is_split (const MsSampledCurve *self)
{
  return self->halves[0].highest > 0 && self->halves[1].highest > 0;
}

/* The mean of two readings.  What halving leaves goes to *@carry and into the next, so that means of
 * parts add up to the mean of the whole. */
static inline guint64
ms_sampled_mean (const guint64 readings[2], guint *carry)
{
  guint odd = (guint) (readings[0] & 1) + (guint) (readings[1] & 1) + *carry;

  *carry = odd & 1;
  return readings[0] / 2 + readings[1] / 2 + odd / 2;
}

static inline double
ms_sampled_mean_error (const guint64 readings[2], const double variances[2])
{
  double apart = ((double) readings[0] - (double) readings[1]) / 2;

  return sqrt ((variances[0] + variances[1]) / 2 + apart * apart);
}

G_END_DECLS
