/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-change.h"

#include <math.h>

#define Z_95 1.96

gint64
ms_change_get_difference (const MsChange *self)
{
  guint64 size =
      self->after > self->before ? self->after - self->before : self->before - self->after;
  gint64 signed_size = (gint64) MIN (size, G_MAXINT64);

  return self->after >= self->before ? signed_size : -signed_size;
}

gboolean
ms_change_get_percent (const MsChange *self, double *percent)
{
  if (self->before == 0)
    return FALSE;
  *percent = 100 * ((double) self->after - (double) self->before) / (double) self->before;
  return TRUE;
}

gboolean
ms_change_is_significant (const MsChange *self)
{
  if (self->before == self->after || isnan (self->standard_error))
    return FALSE;
  return fabs ((double) ms_change_get_difference (self)) > Z_95 * self->standard_error;
}

gint
ms_change_compare (const MsChange *a, const MsChange *b)
{
  guint64 x = a->after > a->before ? a->after - a->before : a->before - a->after;
  guint64 y = b->after > b->before ? b->after - b->before : b->before - b->after;

  return x > y ? -1 : x < y;
}

double
ms_totals_get_standard_error (const MsTotals *totals, MsFigureKind kind)
{
  const MsStandardErrors *errors = &totals->standard_errors;

  switch (kind)
    {
    case MS_FIGURE_PEAK_BYTES:
      return errors->peak_bytes;
    case MS_FIGURE_BYTES_AT_PROCESS_PEAK:
      return errors->bytes_at_process_peak;
    case MS_FIGURE_LIVE_BYTES:
      return errors->live_bytes;
    case MS_FIGURE_LEAKED_BYTES:
      return errors->leaked_bytes;
    case MS_FIGURE_LEAKED_ALLOCATIONS:
      return errors->leaked_blocks;
    case MS_FIGURE_ALLOCATED_BYTES:
      return errors->allocated_bytes;
    case MS_FIGURE_ALLOCATIONS:
      return errors->allocations;
    case MS_FIGURE_DEALLOCATIONS:
      return errors->deallocations;
    case MS_FIGURE_TEMPORARY_ALLOCATIONS:
      return errors->temporary_allocations;
    case MS_N_FIGURES:
      break;
    }
  g_return_val_if_reached (0);
}
