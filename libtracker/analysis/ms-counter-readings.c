/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-counter-readings.h"

gboolean
ms_counter_readings_take (MsCounterReadings *self,
                          const MsResourceSample *sample,
                          guint field,
                          MsCounterStep *step)
{
  guint32 bit = 1U << field;
  gboolean is_step;

  g_return_val_if_fail (field < MS_RESOURCE_FIELDS, FALSE);
  if (!(sample->present & bit))
    return FALSE;
  is_step = (self->seen & bit) && !(sample->broken & bit) && sample->time_ns > self->last_ns[field];
  *step = (MsCounterStep) { self->last_ns[field], sample->time_ns, self->last[field],
                            sample->values[field] };
  self->seen |= bit;
  self->last_ns[field] = sample->time_ns;
  self->last[field] = sample->values[field];
  return is_step;
}

double
ms_counter_step_share (const MsCounterStep *self, gint64 from_ns, gint64 to_ns)
{
  gint64 first_ns = MAX (self->from_ns, from_ns), last_ns = MIN (self->to_ns, to_ns);

  if (last_ns <= first_ns)
    return 0;
  return (double) (last_ns - first_ns) / (double) (self->to_ns - self->from_ns);
}
