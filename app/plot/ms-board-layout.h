/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The board of cards: tracked threads in equal columns, and below a heading the untracked ones in
 * the same columns but compact.  Cards are numbered through both sections, tracked first.
 */
#pragma once

#include "ms-series-line.h"

G_BEGIN_DECLS

typedef struct {
  guint n_tracked, n_untracked;
  double width_px;
  double least_card_width_px;
  double card_height_px, compact_height_px;
  double heading_height_px;
  double gap_px;
} MsBoardSizes;

typedef struct {
  MsBoardSizes sizes;
  guint n_columns;
  double heading_y_px; /* where the heading of the untracked lies; below 0: there is none */
  double height_px;
} MsBoardLayout;

void ms_board_layout (MsBoardLayout *self, const MsBoardSizes *sizes);

void ms_board_layout_get_card (const MsBoardLayout *self, guint card, MsRect *rect);

/* Enlarges a card's rectangle around its middle, but keeps it within @overhang_px of the board's sides:
 * it moves inwards, and one as wide as a narrow board grows less. */
void ms_board_layout_lift (const MsBoardLayout *self,
                           MsRect *rect,
                           double scale,
                           double overhang_px);

/* Cards that touch the stretch from @top_px to @bottom_px: from *first, before *end. */
void ms_board_layout_get_visible (const MsBoardLayout *self,
                                  double top_px,
                                  double bottom_px,
                                  guint *first,
                                  guint *end);

G_END_DECLS
