/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-scatter-labels.h"

#define GAP_PX 5.0

static gboolean
overlap (const MsRect *a, const MsRect *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

static gboolean
contains (const MsRect *outer, const MsRect *inner)
{
  return inner->x >= outer->x && inner->y >= outer->y
         && inner->x + inner->width <= outer->x + outer->width
         && inner->y + inner->height <= outer->y + outer->height;
}

/* The line of least squares. */
static gboolean
crosses_line (const MsScatterLayout *layout, const MsRect *rect)
{
  const MsPoint *from = &layout->line[0], *to = &layout->line[1];
  double left = MAX (rect->x, from->x), right = MIN (rect->x + rect->width, to->x);

  if (!layout->has_line || left > right || to->x <= from->x)
    return FALSE;

  double slope = (to->y - from->y) / (to->x - from->x);
  double y_left = from->y + slope * (left - from->x), y_right = from->y + slope * (right - from->x);

  return MIN (y_left, y_right) <= rect->y + rect->height && MAX (y_left, y_right) >= rect->y;
}

static gboolean
is_free (const MsScatterLayout *layout, const MsRect *rect, guint self, const MsRect *rects)
{
  double reach = layout->radius_px + 1;

  if (!contains (&layout->plot, rect) || crosses_line (layout, rect))
    return FALSE;
  for (guint i = 0; i < layout->n_places; i++)
    {
      MsRect point = { layout->places[i].x - reach, layout->places[i].y - reach, 2 * reach,
                       2 * reach };

      if (overlap (rect, &point) || (i < self && rects[i].width > 0 && overlap (rect, &rects[i])))
        return FALSE;
    }
  return TRUE;
}

void
ms_scatter_labels_layout (const MsScatterLayout *layout,
                          const double *widths_px,
                          double line_px,
                          MsRect *rects)
{
  double away = layout->radius_px + GAP_PX;

  for (guint i = 0; i < layout->n_places; i++)
    {
      double x = layout->places[i].x, y = layout->places[i].y, width = widths_px[i];
      const MsPoint tries[] = {
        { x + away, y - line_px / 2 },
        { x - away - width, y - line_px / 2 },
        { x - width / 2, y - away - line_px },
        { x - width / 2, y + away },
      };

      rects[i] = (MsRect) { 0 };
      for (guint k = 0; width > 0 && k < G_N_ELEMENTS (tries); k++)
        {
          MsRect rect = { tries[k].x, tries[k].y, width, line_px };

          if (!is_free (layout, &rect, i, rects))
            continue;
          rects[i] = rect;
          break;
        }
    }
}
