/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-card-layout.h"

#define SPARK_HEIGHT_PX 42.0
#define ROW_GAP_PX 8.0
#define ITEM_GAP_PX 8.0
#define PILL_PADDING_PX 9.0
#define LEAST_FIGURE_GAP_PX 5.0

double
ms_card_height_px (const MsCardMetrics *metrics, gboolean compact)
{
  double who = MS_CARD_PADDING_PX + metrics->name_line_px;

  if (compact)
    return who + 2 + metrics->small_line_px + MS_CARD_PADDING_PX;
  return who + 2 + metrics->figure_line_px + ROW_GAP_PX + SPARK_HEIGHT_PX + ROW_GAP_PX
         + metrics->small_line_px + MS_CARD_PADDING_PX;
}

/* The line of who: name takes what the right end leaves. */
static void
layout_who (MsCardLayout *self, const MsCardMetrics *metrics, const MsCardData *data)
{
  double y = MS_CARD_PADDING_PX, line = metrics->name_line_px;
  double right = self->width_px - MS_CARD_PADDING_PX;
  double glyph = MAX (MIN (line * 0.8, 16), line * 0.65);

  self->glyph = (MsRect) { MS_CARD_PADDING_PX, y + (line - glyph) / 2, glyph, glyph };
  self->tid = (MsRect) { right - metrics->tid_px, y + (line - metrics->small_line_px) / 2,
                         metrics->tid_px, metrics->small_line_px };
  right = self->tid.x - ITEM_GAP_PX;
  if (data->alert != MS_ALERT_NORMAL || data->never_freed_bytes > 0)
    {
      self->alert_mark = (MsRect) { right - glyph, self->glyph.y, glyph, glyph };
      right = self->alert_mark.x - ITEM_GAP_PX;
    }

  double name_x = self->glyph.x + glyph + ITEM_GAP_PX;
  self->name = (MsRect) { name_x, y, MAX (right - name_x, 0), line };
}

/* The first to go where there is little room: the figure that says why a thread has its role is the last. */
static const MsCardFigure *
get_leaving_order (MsRole role)
{
  static const MsCardFigure usual[] = { MS_CARD_IO, MS_CARD_CPU, MS_CARD_RATE };
  static const MsCardFigure of_cpu[] = { MS_CARD_IO, MS_CARD_RATE, MS_CARD_CPU };
  static const MsCardFigure of_io[] = { MS_CARD_RATE, MS_CARD_CPU, MS_CARD_IO };

  return role == MS_ROLE_IO_INTENSIVE ? of_io : role == MS_ROLE_CPU_INTENSIVE ? of_cpu : usual;
}

/* Figures stand apart evenly.  Where they do not fit, those not measured go first. */
static void
layout_figures (MsCardLayout *self, const MsCardMetrics *metrics, MsRole role, double y)
{
  const MsCardFigure *leaving = get_leaving_order (role);
  double room = self->width_px - 2 * MS_CARD_PADDING_PX;
  gboolean shown[MS_CARD_N_FIGURES] = { TRUE, TRUE, TRUE, TRUE };
  guint n_shown = MS_CARD_N_FIGURES;
  double total = 0;

  for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
    total += metrics->figure_px[i];
  for (guint pass = 0; pass < 2; pass++)
    for (guint k = 0;
         k < MS_CARD_N_FIGURES - 1 && total + LEAST_FIGURE_GAP_PX * (n_shown - 1) > room; k++)
      if (shown[leaving[k]] && (pass == 1 || !metrics->figure_measured[leaving[k]]))
        {
          shown[leaving[k]] = FALSE;
          total -= metrics->figure_px[leaving[k]];
          n_shown--;
        }

  double gap = n_shown > 1 ? (room - total) / (n_shown - 1) : 0;
  double x = MS_CARD_PADDING_PX;
  for (guint i = 0; i < MS_CARD_N_FIGURES; i++)
    {
      if (!shown[i])
        continue;
      self->figures[i] =
          (MsRect) { x, y, MIN (metrics->figure_px[i], room), metrics->small_line_px };
      x += metrics->figure_px[i] + gap;
    }
}

void
ms_card_layout (MsCardLayout *self,
                const MsCardMetrics *metrics,
                const MsCardData *data,
                double width_px)
{
  *self = (MsCardLayout) { .width_px = width_px, .compact = !data->tracked };
  self->height_px = ms_card_height_px (metrics, self->compact);
  layout_who (self, metrics, data);

  double inner = width_px - 2 * MS_CARD_PADDING_PX;
  double y = MS_CARD_PADDING_PX + metrics->name_line_px + 2;

  if (self->compact)
    {
      self->note = (MsRect) { MS_CARD_PADDING_PX, y, inner, metrics->small_line_px };
      return;
    }

  double pill_width = metrics->role_word_px + 2 * PILL_PADDING_PX;
  double pill_height = metrics->small_line_px + 4;
  self->pill =
      (MsRect) { width_px - MS_CARD_PADDING_PX - pill_width,
                 y + (metrics->figure_line_px - pill_height) / 2, pill_width, pill_height };
  self->peak =
      (MsRect) { MS_CARD_PADDING_PX, y, MAX (self->pill.x - ITEM_GAP_PX - MS_CARD_PADDING_PX, 0),
                 metrics->figure_line_px };
  y += metrics->figure_line_px + ROW_GAP_PX;
  self->spark = (MsRect) { MS_CARD_PADDING_PX, y, MAX (inner, 0), SPARK_HEIGHT_PX };
  y += SPARK_HEIGHT_PX + ROW_GAP_PX;
  layout_figures (self, metrics, data->role, y);
}
