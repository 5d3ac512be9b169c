/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-time-axis.h"
#include "ms-figures.h"

#define SECOND G_GINT64_CONSTANT (1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* 1, 2, 5 × 10ⁿ below a minute; what clocks are divided into above. */
static const gint64 LONG_STEPS[] = {
  10 * SECOND, 20 * SECOND, 30 * SECOND,   MINUTE,         2 * MINUTE,      5 * MINUTE, 10 * MINUTE,
  20 * MINUTE, 30 * MINUTE, HOUR,          2 * HOUR,       4 * HOUR,        6 * HOUR,   12 * HOUR,
  24 * HOUR,   48 * HOUR,   7 * 24 * HOUR, 28 * 24 * HOUR, 336 * 24 * HOUR,
};

static gint64
choose_step (double least_ns)
{
  static const int MULTIPLES[] = { 1, 2, 5 };

  for (gint64 unit = 1; unit < 10 * SECOND; unit *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (MULTIPLES); i++)
      if (unit * MULTIPLES[i] >= least_ns)
        return unit * MULTIPLES[i];

  for (guint i = 0; i < G_N_ELEMENTS (LONG_STEPS); i++)
    if (LONG_STEPS[i] >= least_ns)
      return LONG_STEPS[i];

  gint64 step = LONG_STEPS[G_N_ELEMENTS (LONG_STEPS) - 1];
  while (step < least_ns && step < G_MAXINT64 / 4)
    step *= 2;
  return step;
}

/* Every label of one axis has the same unit and the same number of decimals. */
static void
format_label (char *label, gsize size, gint64 time_ns, gint64 step_ns, gint64 end_ns)
{
  if (end_ns >= HOUR && step_ns >= MINUTE)
    g_snprintf (label, (gulong) size, "%d:%02d h", (int) (time_ns / HOUR),
                (int) (time_ns / MINUTE % 60));
  else if (end_ns >= 2 * MINUTE && step_ns >= SECOND)
    g_snprintf (label, (gulong) size, "%d:%02d min", (int) (time_ns / MINUTE),
                (int) (time_ns / SECOND % 60));
  else
    {
      static const struct {
        gint64 unit_ns;
        const char *name;
      } UNITS[] = { { SECOND, "s" }, { 1000000, "ms" }, { 1000, "µs" }, { 1, "ns" } };
      guint unit = 0;
      int n_decimals = 0;

      while (unit + 1 < G_N_ELEMENTS (UNITS) && end_ns < UNITS[unit].unit_ns)
        unit++;
      for (gint64 part = UNITS[unit].unit_ns; part > step_ns && n_decimals < 9; part /= 10)
        n_decimals++;
      g_snprintf (label, (gulong) size, "%.*f" MS_THIN_SPACE "%s", n_decimals,
                  (double) time_ns / (double) UNITS[unit].unit_ns, UNITS[unit].name);
    }
}

void
ms_time_axis_layout (MsTimeAxis *self,
                     gint64 start_ns,
                     gint64 end_ns,
                     double x_px,
                     double width_px,
                     double min_gap_px)
{
  *self = (MsTimeAxis) { 0 };
  if (end_ns <= start_ns || width_px < 1)
    return;

  double ns_per_px = (double) (end_ns - start_ns) / width_px;
  double gap_px = MAX (min_gap_px, width_px / (MS_TIME_AXIS_MAX_TICKS - 2));

  self->step_ns = choose_step (MAX (ns_per_px * gap_px, 1));
  gint64 first = start_ns / self->step_ns * self->step_ns;
  if (first < start_ns)
    first += self->step_ns;
  for (gint64 t = first; t <= end_ns && self->n_ticks < MS_TIME_AXIS_MAX_TICKS; t += self->step_ns)
    {
      MsTick *tick = &self->ticks[self->n_ticks++];

      tick->time_ns = t;
      tick->x_px = x_px + (double) (t - start_ns) / ns_per_px;
      format_label (tick->label, sizeof tick->label, t, self->step_ns, end_ns);
    }
}

char *
ms_time_axis_format (gint64 time_ns, gint64 step_ns, gint64 end_ns)
{
  char label[24];

  format_label (label, sizeof label, time_ns, MAX (step_ns, 1), end_ns);
  return g_strdup (label);
}
