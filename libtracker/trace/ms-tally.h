/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The counters that the matcher keeps while events go by.
 *
 *   MsFigure   one curve of live bytes with its peak: of the process, a thread or a stack
 *   MsTally    everything about one thread in one domain
 *   MsSite     one stack of one tally: what a live block points to
 *
 * "Live when the process was at its peak" is kept without copying all curves at each new peak:
 * peaks are numbered (epochs), and a curve saves its value at the first change after one.  Of a sampled
 * trace peak_bytes is only the plain estimate's highest point; ms-sampled-curve.h has the peak.
 */
#pragma once

#include "ms-estimate.h"
#include "ms-live-series.h"
#include "ms-sampled-curve.h"
#include "ms-thread.h"
#include "trk-format.h"

G_BEGIN_DECLS

typedef struct {
  guint64 live_bytes;
  guint64 peak_bytes;
  guint64 peak_ticks;      /* when it was reached first */
  guint64 at_process_peak; /* live at the process's peak number @epoch */
  guint64 epoch;
  MsSampledCurve *sampled; /* NULL: all of the above is exact */
} MsFigure;

/* For a curve other than the process's: must come before the process's own change. */
static inline void
ms_figure_change (MsFigure *self, guint64 live_bytes, guint64 epoch)
{
  if (self->epoch != epoch)
    {
      self->at_process_peak = self->live_bytes;
      if (G_UNLIKELY (self->sampled != NULL))
        self->sampled->at_process_peak_variance = self->sampled->live_variance;
      self->epoch = epoch;
    }
  self->live_bytes = live_bytes;
}

static inline gboolean
ms_figure_note_peak (MsFigure *self, guint64 ticks)
{
  if (self->live_bytes <= self->peak_bytes)
    return FALSE;
  self->peak_bytes = self->live_bytes;
  self->peak_ticks = ticks;
  if (G_UNLIKELY (self->sampled != NULL))
    self->sampled->peak_variance = self->sampled->live_variance;
  return TRUE;
}

/* What a curve that has not changed since sampling began was at the moment that half @k of the process
 * chose: one before that, or any since. */
static inline guint64
ms_figure_before_sampling (const MsFigure *self, const MsFigure *process, guint k)
{
  const MsSampledCurve *curve = process->sampled;

  if (curve->halves[k].epoch == 0 && self->epoch == curve->first_epoch)
    return self->at_process_peak;
  return self->live_bytes;
}

/* Before the first change under sampling: all that went before is certain, so that both halves know it.
 * The process's curve is the first to begin. */
static inline void
ms_figure_begin_sampling (MsFigure *self, const MsFigure *process)
{
  MsSampledCurve *curve;

  if (G_LIKELY (self->sampled != NULL))
    return;
  curve = self->sampled = g_new0 (MsSampledCurve, 1);
  curve->first_epoch = self->epoch;
  for (guint k = 0; k < 2; k++)
    {
      MsHalf *half = &curve->halves[k];

      half->choice = half->reading = self->live_bytes;
      half->highest = half->read = self->peak_bytes;
      half->at_process_peak = ms_figure_before_sampling (self, process, k);
      half->epoch = process->sampled->halves[k].epoch;
    }
}

/* What the blocks that sampling kept stand for in each bin, beside what was counted exactly before. */
typedef struct {
  double size_blocks[MS_SIZE_BINS], size_variances[MS_SIZE_BINS];
  double lifetime_blocks[MS_LIFETIME_BINS], lifetime_variances[MS_LIFETIME_BINS];
} MsSampledBins;

typedef struct {
  MsFigure figure;
  MsLiveSeries series;
  guint32 thread;
  guint8 domain;
  /* As counted by the thread itself, exact even when sampled… */
  guint64 allocations, allocated_bytes, deallocations;
  /* …up to its last record of what was skipped.  What the events kept since then stand for beside
   * themselves: the thread was killed, or ended, before it could say how much it had skipped. */
  double unsaid_allocations, unsaid_bytes, unsaid_deallocations;
  MsVariance unsaid_allocated, unsaid_freed;
  /* Of blocks that were not kept, or of others' (@unsure_reason, an MsUnmatchedReason): how many are which is what the
   * kept ones stand for.  What is unsaid of deallocations then goes on. */
  guint64 unsure_frees;
  guint8 unsure_reason;
  double reallocations; /* with weights, as what follows */
  guint64 frees_made;   /* matched or not */
  guint64 freed_bytes_of_own;
  double temporary_allocations;
  double live_blocks; /* own ones */
  double reallocations_variance, temporary_variance;
  MsVariance freed_of_own, live; /* estimates' */
  guint64 foreign_frees, inherited_frees, prior_frees, unmatched_frees;
  TrkCounts gone; /* of a ring: counted by its thread, and not there any more */
  guint64 size_bins[MS_SIZE_BINS], lifetime_bins[MS_LIFETIME_BINS];
  MsSampledBins *sampled_bins; /* NULL: all of these are exact */
} MsTally;

/* One cache line: a program has tens of thousands, and each event changes one. */
typedef struct {
  MsTally *tally;
  guint32 stack;           /* number in the stack table */
  guint32 stack_id;        /* in the file */
  double allocations;      /* with weights */
  guint64 allocated_bytes; /* with weights */
  guint64 live_bytes;
  double live_blocks;
  double reallocations;
  double temporary_allocations;
} MsSite;

/* What a site of a sampled trace has beside: the estimates' variances. */
typedef struct {
  MsVariance allocated, live;
  double reallocations, temporary_allocations;
} MsSiteVariance;

/* Blocks of one thread freed by another, or itself. */
typedef struct {
  MsTally *owner;
  guint32 thread; /* that freed */
  double frees;   /* with weights */
  guint64 bytes;
  MsVariance variance;
} MsPairing;

G_END_DECLS
