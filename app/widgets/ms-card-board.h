/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The board: thread cards in columns, tracked above untracked, and focus mode among them.
 *
 * It lives in a scrolled window whose vertical adjustment it is told of.  Only the cards that can be
 * seen are drawn, and only those within some screens of it exist, so that twenty thousand threads
 * cost no more than a few hundred.
 *
 * Focus mode: the focused card grows to 115 % and lifts, the others fade to 30 %.  "focus-progress"
 * (0 to 1) runs with it, for a page that dims what else it shows.
 *
 * Signal "card-activated" (guint id): a card was clicked, by whatever means.
 */
#pragma once

#include <adwaita.h>
#include "ms-card-item.h"

G_BEGIN_DECLS

#define MS_TYPE_CARD_BOARD (ms_card_board_get_type ())
G_DECLARE_FINAL_TYPE (MsCardBoard, ms_card_board, MS, CARD_BOARD, GtkWidget)

/* The share of its opacity that a card keeps while another is focused. */
#define MS_CARD_BOARD_FADED 0.3

GtkWidget *ms_card_board_new (void);

/* @items: (element-type MsCardItem): in the order to show, tracked ones first.  NULL: none. */
void ms_card_board_set_items (MsCardBoard *self, GPtrArray *items);
void ms_card_board_set_adjustment (MsCardBoard *self, GtkAdjustment *vertical);

/* Focuses the card of thread @id, or none with ms_card_board_clear_focused(). */
void ms_card_board_set_focused (MsCardBoard *self, guint id);
void ms_card_board_clear_focused (MsCardBoard *self);
double ms_card_board_get_focus_progress (MsCardBoard *self);
/* What moves them, for who wants to see it slower, or done. (transfer none) */
AdwAnimation *ms_card_board_get_animation (MsCardBoard *self);
/* FALSE: of the cards that are seen some come with the next frames. */
gboolean ms_card_board_is_drawn (MsCardBoard *self);

/* The card of thread @id, made if need be; NULL if it is not on the board. (transfer none) */
GtkWidget *ms_card_board_get_card (MsCardBoard *self, guint id);
GtkWidget *ms_card_board_get_first_card (MsCardBoard *self);
/* Where the card of thread @id lies on the board; FALSE if it is not there. */
gboolean ms_card_board_get_card_rect (MsCardBoard *self, guint id, MsRect *rect);

G_END_DECLS
