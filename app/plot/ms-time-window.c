/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-time-window.h"

#include <math.h>

void
ms_time_window_init (MsTimeWindow *self, gint64 duration_ns)
{
  *self = (MsTimeWindow) { .duration_ns = MAX (duration_ns, 1), .end_ns = MAX (duration_ns, 1) };
}

gboolean
ms_time_window_is_whole (const MsTimeWindow *self)
{
  return self->start_ns == 0 && self->end_ns == self->duration_ns;
}

void
ms_time_window_set (MsTimeWindow *self, gint64 start_ns, gint64 end_ns)
{
  gint64 least = MIN (MS_TIME_WINDOW_LEAST_NS, self->duration_ns);
  gint64 length = CLAMP (end_ns - start_ns, least, self->duration_ns);

  self->start_ns = CLAMP (start_ns, 0, self->duration_ns - length);
  self->end_ns = self->start_ns + length;
}

void
ms_time_window_zoom (MsTimeWindow *self, gint64 at_ns, double factor)
{
  double length = (double) (self->end_ns - self->start_ns);
  double share = (double) (at_ns - self->start_ns) / length;
  gint64 least = MIN (MS_TIME_WINDOW_LEAST_NS, self->duration_ns);
  gint64 wanted = (gint64) CLAMP (length * factor, (double) least, (double) self->duration_ns);
  gint64 start = at_ns - (gint64) round (share * (double) wanted);

  ms_time_window_set (self, start, start + wanted);
}

void
ms_time_window_pan (MsTimeWindow *self, gint64 by_ns)
{
  ms_time_window_set (self, self->start_ns + by_ns, self->end_ns + by_ns);
}

void
ms_time_window_reveal (MsTimeWindow *self, gint64 time_ns)
{
  if (time_ns < self->start_ns)
    ms_time_window_pan (self, time_ns - self->start_ns);
  else if (time_ns > self->end_ns)
    ms_time_window_pan (self, time_ns - self->end_ns);
}

double
ms_time_window_get_x (const MsTimeWindow *self, const MsRect *rect, gint64 time_ns)
{
  /* MS_TIME_NONE has a place too, far to the left: a difference of integers would overflow. */
  return rect->x
         + ((double) time_ns - (double) self->start_ns)
               / ((double) self->end_ns - (double) self->start_ns) * rect->width;
}

gint64
ms_time_window_get_time (const MsTimeWindow *self, const MsRect *rect, double x_px)
{
  double share = rect->width > 0 ? (x_px - rect->x) / rect->width : 0;

  return self->start_ns
         + (gint64) round (CLAMP (share, 0, 1) * (double) (self->end_ns - self->start_ns));
}
