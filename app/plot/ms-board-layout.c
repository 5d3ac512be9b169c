/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-board-layout.h"

#include <math.h>

static guint
n_rows (guint n_cards, guint n_columns)
{
  return (n_cards + n_columns - 1) / n_columns;
}

static double
section_height (guint rows, double card_height_px, double gap_px)
{
  return rows > 0 ? rows * card_height_px + (rows - 1) * gap_px : 0;
}

void
ms_board_layout (MsBoardLayout *self, const MsBoardSizes *sizes)
{
  *self = (MsBoardLayout) { .sizes = *sizes, .heading_y_px = -1 };

  double per_card = MAX (sizes->least_card_width_px, 1) + sizes->gap_px;
  double fit = floor ((sizes->width_px + sizes->gap_px) / per_card);
  self->n_columns = (guint) CLAMP (fit, 1, 64);
  self->height_px = section_height (n_rows (sizes->n_tracked, self->n_columns),
                                    sizes->card_height_px, sizes->gap_px);
  if (sizes->n_untracked == 0)
    return;

  self->heading_y_px = self->height_px > 0 ? self->height_px + sizes->gap_px : 0;
  self->height_px = self->heading_y_px + sizes->heading_height_px
                    + section_height (n_rows (sizes->n_untracked, self->n_columns),
                                      sizes->compact_height_px, sizes->gap_px);
}

/* Where a section's cards begin and how tall they are. */
static void
get_section (const MsBoardLayout *self, gboolean untracked, double *y, double *height)
{
  *y = untracked ? self->heading_y_px + self->sizes.heading_height_px : 0;
  *height = untracked ? self->sizes.compact_height_px : self->sizes.card_height_px;
}

/* Whole pixels.  Columns of a width that does not divide differ by one, so that the last ends where the board does. */
static double
get_column_x (const MsBoardLayout *self, guint column)
{
  return floor (column * (self->sizes.width_px + self->sizes.gap_px) / self->n_columns);
}

void
ms_board_layout_get_card (const MsBoardLayout *self, guint card, MsRect *rect)
{
  gboolean untracked = card >= self->sizes.n_tracked;
  guint place = untracked ? card - self->sizes.n_tracked : card;
  guint column = place % self->n_columns;
  double y, height;

  get_section (self, untracked, &y, &height);
  rect->x = get_column_x (self, column);
  rect->y = y + (place / self->n_columns) * (height + self->sizes.gap_px);
  rect->width = MAX (get_column_x (self, column + 1) - self->sizes.gap_px - rect->x, 1);
  rect->height = height;
}

void
ms_board_layout_lift (const MsBoardLayout *self, MsRect *rect, double scale, double overhang_px)
{
  double most = (self->sizes.width_px + 2 * overhang_px) / rect->width;
  double factor = MIN (scale, MAX (most, 1));

  rect->x -= rect->width * (factor - 1) / 2;
  rect->y -= rect->height * (factor - 1) / 2;
  rect->width *= factor;
  rect->height *= factor;
  rect->x = MIN (rect->x, self->sizes.width_px + overhang_px - rect->width);
  rect->x = MAX (rect->x, -overhang_px);
}

void
ms_board_layout_get_visible (const MsBoardLayout *self,
                             double top_px,
                             double bottom_px,
                             guint *first,
                             guint *end)
{
  guint n_before = 0;

  *first = G_MAXUINT;
  *end = 0;
  for (guint section = 0; section < 2; section++)
    {
      guint n_cards = section == 0 ? self->sizes.n_tracked : self->sizes.n_untracked;
      double y, height;

      get_section (self, section == 1, &y, &height);
      double pitch = height + self->sizes.gap_px;
      double n = n_rows (n_cards, self->n_columns);
      double first_row = floor ((top_px - y + self->sizes.gap_px) / pitch);
      double end_row = ceil ((bottom_px - y) / pitch);
      first_row = CLAMP (first_row, 0, n);
      end_row = CLAMP (end_row, first_row, n);
      if (end_row > first_row)
        {
          guint from = (guint) first_row * self->n_columns;
          guint to = MIN ((guint) end_row * self->n_columns, n_cards);

          *first = MIN (*first, n_before + from);
          *end = MAX (*end, n_before + to);
        }
      n_before += n_cards;
    }
  if (*end == 0)
    *first = 0;
}
