/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-time-axis-paint.h"
#include "ms-series-line.h"
#include "ms-text.h"

#include <math.h>

#define TICK_PX 4

void
ms_time_axis_paint (cairo_t *cr,
                    PangoContext *context,
                    const MsTimeAxis *axis,
                    double left_px,
                    double right_px,
                    double y_px,
                    double label_y_px,
                    const MsPalette *palette)
{
  cairo_set_line_width (cr, 1);
  ms_color_set_source (cr, palette->line);
  ms_line_stroke (cr, left_px, y_px, right_px, y_px);
  for (guint i = 0; i < axis->n_ticks; i++)
    {
      const MsTick *tick = &axis->ticks[i];
      double x = round (tick->x_px) + 0.5;
      double width = ms_text_measure_px (context, tick->label, MS_TEXT_SMALL);

      ms_color_set_source (cr, palette->line);
      ms_line_stroke (cr, x, y_px, x, y_px + TICK_PX);
      ms_text_paint (cr, context, tick->label, MS_TEXT_SMALL, palette->dim_text,
                     CLAMP (x - width / 2, left_px, MAX (right_px - width, left_px)), label_y_px,
                     -1);
    }
}
